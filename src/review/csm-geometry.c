/* csm-geometry.c: where a frame's points are in the picture that is shown of it, and a ruler's
 * ticks SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-geometry.h"

#include <glib.h>

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

void
csm_geometry_to_picture (const CsmRect *part, int rotation, double *x, double *y)
{
  *x = (*x - part->x) / part->width;
  *y = (*y - part->y) / part->height;
  csm_geometry_turn (rotation, x, y);
}

void
csm_geometry_to_frame (const CsmRect *part, int rotation, double *x, double *y)
{
  csm_geometry_turn_back (rotation, x, y);
  *x = part->x + *x * part->width;
  *y = part->y + *y * part->height;
}

bool
csm_geometry_intersect (const CsmRect *a, const CsmRect *b, CsmRect *ret_both)
{
  int left = MAX (a->x, b->x);
  int top = MAX (a->y, b->y);
  int right = MIN (a->x + a->width, b->x + b->width);
  int bottom = MIN (a->y + a->height, b->y + b->height);

  if (right <= left || bottom <= top)
    return false;
  *ret_both = (CsmRect){ left, top, right - left, bottom - top };
  return true;
}

int64_t
csm_geometry_pick_ruler_step (int64_t span_ms, int max_labels)
{
  static const int64_t steps[] = {
    10,    20,    50,    100,    200,    500,    1000,   2000,    5000,    10000,
    15000, 30000, 60000, 120000, 300000, 600000, 900000, 1800000, 3600000, 7200000,
  };
  int64_t step;

  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    if (span_ms / steps[i] < MAX (max_labels, 1))
      return steps[i];
  /* Beyond a day or so: whole hours, and as many as are needed. */
  step = 6 * INT64_C (3600000);
  while (span_ms / step >= MAX (max_labels, 1))
    step *= 2;
  return step;
}

char *
csm_geometry_format_ruler (int64_t ms, int64_t step_ms)
{
  int decimals = step_ms % 1000 == 0 ? 0 : step_ms % 100 == 0 ? 1 : 2;
  const char *sign = ms < 0 ? "-" : "";
  int64_t all = ABS (ms);
  int64_t seconds = all / 1000;
  GString *text = g_string_new (sign);

  if (seconds >= 3600)
    g_string_append_printf (text, "%" G_GINT64_FORMAT ":%02d:", seconds / 3600,
                            (int) (seconds / 60 % 60));
  else
    g_string_append_printf (text, "%d:", (int) (seconds / 60));
  g_string_append_printf (text, "%02d", (int) (seconds % 60));
  if (decimals == 1)
    g_string_append_printf (text, ".%d", (int) (all % 1000 / 100));
  else if (decimals == 2)
    g_string_append_printf (text, ".%02d", (int) (all % 1000 / 10));
  return g_string_free (text, FALSE);
}
