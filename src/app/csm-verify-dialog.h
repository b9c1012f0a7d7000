/* csm-verify-dialog.h: replays the ledger, checks every byte, and says what holds
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_VERIFY_DIALOG (csm_verify_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmVerifyDialog, csm_verify_dialog, CSM, VERIFY_DIALOG, AdwWindow)

/* Starts at once, media included. */
void csm_verify_dialog_present (GtkWindow *parent, CsmSession *session);
