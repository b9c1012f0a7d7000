/* csm-passphrase-dialog.h: changes the passphrase of the reviewer who is signed in
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_PASSPHRASE_DIALOG (csm_passphrase_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmPassphraseDialog,
                      csm_passphrase_dialog,
                      CSM,
                      PASSPHRASE_DIALOG,
                      AdwWindow)

void csm_passphrase_dialog_present (GtkWindow *parent, CsmSession *session);
