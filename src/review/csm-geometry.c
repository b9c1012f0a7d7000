/* csm-geometry.c: where a frame's points are in the picture that is shown of it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-geometry.h"

void
csm_geometry_turn (int rotation, double *x, double *y)
{
  double frame_x = *x;
  double frame_y = *y;

  switch (rotation)
    {
    case 90:
      *x = 1 - frame_y;
      *y = frame_x;
      break;
    case 180:
      *x = 1 - frame_x;
      *y = 1 - frame_y;
      break;
    case 270:
      *x = frame_y;
      *y = 1 - frame_x;
      break;
    default:
      break;
    }
}

void
csm_geometry_turn_back (int rotation, double *x, double *y)
{
  csm_geometry_turn (rotation == 0 ? 0 : 360 - rotation, x, y);
}
