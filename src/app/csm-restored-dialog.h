/* csm-restored-dialog.h: asks whether to go on with a restored or half-copied case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_RESTORED_DIALOG (csm_restored_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmRestoredDialog,
                      csm_restored_dialog,
                      CSM,
                      RESTORED_DIALOG,
                      AdwMessageDialog)

/* The session is open to look only. Going on closes the case and opens it again. */
void csm_restored_dialog_present (GtkWindow *parent, CsmSession *session);
