/* csm-hand-over-dialog.h: a bundle out of its encrypted hand-over file. No case needed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_HAND_OVER_DIALOG (csm_hand_over_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmHandOverDialog, csm_hand_over_dialog, CSM, HAND_OVER_DIALOG, AdwWindow)

/* @session may be open or closed; it goes with the first change of that. */
void csm_hand_over_dialog_present (GtkWindow *parent, CsmSession *session);
