/* csm-code-dialog.h: a new code for the codebook
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_CODE_DIALOG (csm_code_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmCodeDialog, csm_code_dialog, CSM, CODE_DIALOG, AdwWindow)

void csm_code_dialog_present (GtkWindow *parent, CsmSession *session);
