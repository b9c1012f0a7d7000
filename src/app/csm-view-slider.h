/* csm-view-slider.h: one number of a view, and the way back to none
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

/* Properties: "title", "lower", "upper", "percent" (how the value is said), "value" (int; 0 is
 * neutral, or "lower" above it; notify when the reviewer moves it, not when it is set). */
#define CSM_TYPE_VIEW_SLIDER (csm_view_slider_get_type ())
G_DECLARE_FINAL_TYPE (CsmViewSlider, csm_view_slider, CSM, VIEW_SLIDER, AdwBin)

int csm_view_slider_get_value (CsmViewSlider *self);
void csm_view_slider_set_value (CsmViewSlider *self, int value);
void csm_view_slider_focus (CsmViewSlider *self);
