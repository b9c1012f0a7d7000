/* csm-check-dialog.h: does a bundle hold? And what holds can be taken into the open case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_CHECK_DIALOG (csm_check_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmCheckDialog, csm_check_dialog, CSM, CHECK_DIALOG, AdwWindow)

/* @session may be open or closed; it goes with the first change of that. */
void csm_check_dialog_present (GtkWindow *parent, CsmSession *session);
/* The same, and what holds then comes into the open case of @session. */
void csm_check_dialog_present_take_in (GtkWindow *parent, CsmSession *session);
