/* test-geometry.c: points go to the picture shown and back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-geometry.h"

#include <glib.h>

/* A point near the frame's top left corner, and where it is after turning clockwise. */
static const struct
{
  int rotation;
  double x, y;
} turned[] = {
  { 0, 0.1, 0.2 },
  { 90, 0.8, 0.1 },
  { 180, 0.9, 0.8 },
  { 270, 0.2, 0.9 },
};

static void
test_turns_clockwise (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (turned); i++)
    {
      double x = 0.1;
      double y = 0.2;

      csm_geometry_turn (turned[i].rotation, &x, &y);
      g_assert_cmpfloat_with_epsilon (x, turned[i].x, 1e-9);
      g_assert_cmpfloat_with_epsilon (y, turned[i].y, 1e-9);
    }
}

static void
test_turns_back (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (turned); i++)
    {
      double x = turned[i].x;
      double y = turned[i].y;

      csm_geometry_turn_back (turned[i].rotation, &x, &y);
      g_assert_cmpfloat_with_epsilon (x, 0.1, 1e-9);
      g_assert_cmpfloat_with_epsilon (y, 0.2, 1e-9);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/review/geometry/turns-clockwise", test_turns_clockwise);
  g_test_add_func ("/casement/review/geometry/turns-back", test_turns_back);
  return g_test_run ();
}
