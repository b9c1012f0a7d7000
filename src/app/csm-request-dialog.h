/* csm-request-dialog.h: a key for a colleague who sent a join request
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_REQUEST_DIALOG (csm_request_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmRequestDialog, csm_request_dialog, CSM, REQUEST_DIALOG, AdwWindow)

/* Signals  "added" (): somebody holds a key now. */
CsmRequestDialog *csm_request_dialog_new (GtkWindow *parent, CsmSession *session);
