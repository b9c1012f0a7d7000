/* csm-merge-dialog.h: takes another copy of the case in, and says what came
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_MERGE_DIALOG (csm_merge_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmMergeDialog, csm_merge_dialog, CSM, MERGE_DIALOG, AdwWindow)

void csm_merge_dialog_present (GtkWindow *parent, CsmSession *session);
