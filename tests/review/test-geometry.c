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

/* A part of a frame of 640 x 480, turned by 90: its left edge is up. */
static void
test_part_of_a_frame (void)
{
  const CsmRect part = { 100, 40, 200, 80 };
  double x = 150, y = 100;

  csm_geometry_to_picture (&part, 0, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 0.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (y, 0.75, 1e-9);
  csm_geometry_to_frame (&part, 0, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 150, 1e-9);
  g_assert_cmpfloat_with_epsilon (y, 100, 1e-9);
  csm_geometry_to_picture (&part, 90, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 0.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (y, 0.25, 1e-9);
}

static void
test_part_leads_back (void)
{
  const CsmRect part = { 31, 7, 55, 201 };

  for (int rotation = 0; rotation < 360; rotation += 90)
    for (int x = 0; x < 120; x += 17)
      for (int y = 0; y < 240; y += 29)
        {
          double u = x, v = y;

          csm_geometry_to_picture (&part, rotation, &u, &v);
          csm_geometry_to_frame (&part, rotation, &u, &v);
          g_assert_cmpfloat_with_epsilon (u, x, 1e-9);
          g_assert_cmpfloat_with_epsilon (v, y, 1e-9);
        }
}

static void
test_intersection (void)
{
  const CsmRect frame = { 0, 0, 100, 50 };
  CsmRect both = { 90, 40, 20, 20 };

  g_assert_true (csm_geometry_intersect (&both, &frame, &both));
  g_assert_cmpint (both.x, ==, 90);
  g_assert_cmpint (both.y, ==, 40);
  g_assert_cmpint (both.width, ==, 10);
  g_assert_cmpint (both.height, ==, 10);
  g_assert_false (csm_geometry_intersect (&(CsmRect){ 100, 0, 5, 5 }, &frame, &both));
  g_assert_false (csm_geometry_intersect (&(CsmRect){ 0, 50, 5, 5 }, &frame, &both));
}

static void
test_ruler_is_round (void)
{
  static const struct
  {
    int64_t span_ms;
    int max_labels;
    int64_t step_ms;
  } picked[] = {
    { 12012, 5, 5000 },        { 30000, 7, 5000 },
    { 1000, 5, 500 },          { 0, 5, 10 },
    { 900, 0, 1000 },          { 5400000, 6, 1800000 },
    { 86400000, 5, 21600000 }, { 999999999999, 5, INT64_C (345600000000) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (picked); i++)
    {
      int64_t step = csm_geometry_pick_ruler_step (picked[i].span_ms, picked[i].max_labels);

      g_assert_cmpint (picked[i].span_ms / step, <, MAX (picked[i].max_labels, 1));
      if (picked[i].span_ms < 999999999999)
        g_assert_cmpint (step, ==, picked[i].step_ms);
    }
}

static void
test_ruler_says_what_differs (void)
{
  static const struct
  {
    int64_t ms, step_ms;
    const char *text;
  } said[] = {
    { 5000, 5000, "0:05" },
    { 2500, 500, "0:02.5" },
    { 1230, 10, "0:01.23" },
    { 65000, 1000, "1:05" },
    { 3750000, 30000, "1:02:30" },
    { -500, 500, "-0:00.5" },
    { 360000000, 3600000, "100:00:00" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (said); i++)
    {
      g_autofree char *text = csm_geometry_format_ruler (said[i].ms, said[i].step_ms);

      g_assert_cmpstr (text, ==, said[i].text);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/review/geometry/turns-clockwise", test_turns_clockwise);
  g_test_add_func ("/casement/review/geometry/turns-back", test_turns_back);
  g_test_add_func ("/casement/review/geometry/part-of-a-frame", test_part_of_a_frame);
  g_test_add_func ("/casement/review/geometry/part-leads-back", test_part_leads_back);
  g_test_add_func ("/casement/review/geometry/intersection", test_intersection);
  g_test_add_func ("/casement/review/geometry/ruler-is-round", test_ruler_is_round);
  g_test_add_func ("/casement/review/geometry/ruler-says-what-differs",
                   test_ruler_says_what_differs);
  return g_test_run ();
}
