/* csm-key-dialog.h: a key for a colleague who types a passphrase here
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_KEY_DIALOG (csm_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmKeyDialog, csm_key_dialog, CSM, KEY_DIALOG, AdwWindow)

/* Signals  "added" (): somebody holds a key now. */
CsmKeyDialog *csm_key_dialog_new (GtkWindow *parent, CsmSession *session);
