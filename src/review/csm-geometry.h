/* csm-geometry.h: where a frame's points are in the picture that is shown of it, and a ruler's
 * ticks SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-time.h"

#include <stdint.h>

/* Points in the unit square: (0, 0) is the top left corner, (1, 1) the bottom right one.
 * @rotation is CsmPicture's: degrees clockwise, 0, 90, 180 or 270.
 * Threads  any. */

/* From the frame as decoded to the picture shown, in place. */
void csm_geometry_turn (int rotation, double *x, double *y);
/* From the picture shown back to the frame. */
void csm_geometry_turn_back (int rotation, double *x, double *y);

/* The same between pixels of the frame and the picture that shows @part of it, in place. */
void csm_geometry_to_picture (const CsmRect *part, int rotation, double *x, double *y);
void csm_geometry_to_frame (const CsmRect *part, int rotation, double *x, double *y);
/* What both have; false without a pixel. @ret_both may be one of them. */
bool csm_geometry_intersect (const CsmRect *a, const CsmRect *b, CsmRect *ret_both);

/* Milliseconds from one label of a ruler to the next: round, and no more than @max_labels of
 * them within @span_ms. */
int64_t csm_geometry_pick_ruler_step (int64_t span_ms, int max_labels);
/* (transfer full): what stands at @ms when labels are @step_ms apart: "0:05", "1:02:30", and
 * with as many decimals as @step_ms needs, "0:02.5". */
char *csm_geometry_format_ruler (int64_t ms, int64_t step_ms);
