/* csm-keys-dialog.h: who holds a key of the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_KEYS_DIALOG (csm_keys_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmKeysDialog, csm_keys_dialog, CSM, KEYS_DIALOG, AdwWindow)

void csm_keys_dialog_present (GtkWindow *parent, CsmSession *session);
