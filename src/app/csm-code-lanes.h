/* csm-code-lanes.h: which group and colour a code has on the screen
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <gdk/gdk.h>

/* CsmCodeLanes: follows the codebook. A code's lane is its topmost parent; marks without a code
 * have one of their own. Colours never carry meaning alone: names stand beside them.
 *
 * Signals
 *   "changed" ()  the codebook is another one */
#define CSM_TYPE_CODE_LANES (csm_code_lanes_get_type ())
G_DECLARE_FINAL_TYPE (CsmCodeLanes, csm_code_lanes, CSM, CODE_LANES, GObject)

CsmCodeLanes *csm_code_lanes_new (CsmSession *session);
/* From 0; @code may be NULL or unknown: -1. */
int csm_code_lanes_get_lane (CsmCodeLanes *self, const char *code);
/* Borrowed: the group's label, "No code" for lane -1. */
const char *csm_code_lanes_get_label (CsmCodeLanes *self, int lane);
void csm_code_lanes_get_color (CsmCodeLanes *self, const char *code, GdkRGBA *ret_color);
void csm_code_lanes_get_lane_color (CsmCodeLanes *self, int lane, GdkRGBA *ret_color);
