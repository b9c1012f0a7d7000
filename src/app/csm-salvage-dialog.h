/* csm-salvage-dialog.h: a new case from what still verifies in a damaged one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_SALVAGE_DIALOG (csm_salvage_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmSalvageDialog, csm_salvage_dialog, CSM, SALVAGE_DIALOG, AdwWindow)

/* For the damaged case at @path; @session has no case open. */
void csm_salvage_dialog_present (GtkWindow *parent, CsmSession *session, const char *path);
