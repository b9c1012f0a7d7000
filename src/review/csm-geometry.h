/* csm-geometry.h: where a frame's points are in the picture that is shown of it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Points in the unit square: (0, 0) is the top left corner, (1, 1) the bottom right one.
 * @rotation is CsmPicture's: degrees clockwise, 0, 90, 180 or 270.
 * Threads  any. */

/* From the frame as decoded to the picture shown, in place. */
void csm_geometry_turn (int rotation, double *x, double *y);
/* From the picture shown back to the frame. */
void csm_geometry_turn_back (int rotation, double *x, double *y);
