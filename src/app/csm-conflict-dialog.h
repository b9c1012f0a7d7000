/* csm-conflict-dialog.h: the versions of one thing side by side, and which one counts
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-conflict-item.h"
#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_CONFLICT_DIALOG (csm_conflict_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmConflictDialog, csm_conflict_dialog, CSM, CONFLICT_DIALOG, AdwWindow)

void csm_conflict_dialog_present (GtkWindow *parent,
                                  CsmSession *session,
                                  CsmConflictItem *item);
