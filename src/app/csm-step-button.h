/* csm-step-button.h: a button that is pressed as often as one presses it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

/* GTK holds a button down for 250 ms when a key or assistive technology presses it, and drops
 * what comes meanwhile: twenty-five presses would not be twenty-five frames. */
#define CSM_TYPE_STEP_BUTTON (csm_step_button_get_type ())
G_DECLARE_FINAL_TYPE (CsmStepButton, csm_step_button, CSM, STEP_BUTTON, GtkButton)
