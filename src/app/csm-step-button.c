/* csm-step-button.c: a button that is pressed as often as one presses it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-step-button.h"

struct _CsmStepButton
{
  GtkButton parent_instance;
};

G_DEFINE_FINAL_TYPE (CsmStepButton, csm_step_button, GTK_TYPE_BUTTON)

static void
csm_step_button_activate (GtkButton *button)
{
  g_signal_emit_by_name (button, "clicked");
}

static void
csm_step_button_class_init (CsmStepButtonClass *klass)
{
  GTK_BUTTON_CLASS (klass)->activate = csm_step_button_activate;
}

static void
csm_step_button_init (CsmStepButton *self)
{
}
