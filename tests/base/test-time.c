/* test-time.c: clock times and media times are exact, at any size
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-time.h"

static const CsmTimebase ms_base = { 1, 1000 };

static void
assert_time (CsmTime time, const char *expected)
{
  g_autofree char *text = csm_time_format (time);
  CsmTime again = -1;

  g_assert_cmpstr (text, ==, expected);
  g_assert_true (csm_time_parse (text, &again));
  g_assert_cmpint (again, ==, time);
}

static void
test_format (void)
{
  assert_time (0, "1970-01-01T00:00:00.000Z");
  assert_time (-1, "1969-12-31T23:59:59.999Z");
  assert_time (INT64_C (1772701622004), "2026-03-05T09:07:02.004Z");
  assert_time (INT64_C (951782400000), "2000-02-29T00:00:00.000Z");
  assert_time (INT64_C (-62167219200000), "0000-01-01T00:00:00.000Z");
  assert_time (INT64_C (253402300799999), "9999-12-31T23:59:59.999Z");
}

/* GLib's calendar is another author's. */
static void
test_every_day (void)
{
  for (int64_t day = -719162; day < 2932897; day += 13)
    {
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (day * 86400);
      g_autofree char *expected =
          g_strdup_printf ("%04d-%02d-%02dT00:00:00.000Z", g_date_time_get_year (date),
                           g_date_time_get_month (date), g_date_time_get_day_of_month (date));
      g_autofree char *text = csm_time_format (day * 86400000);
      CsmTime again;

      g_assert_cmpstr (text, ==, expected);
      g_assert_true (csm_time_parse (text, &again) && again == day * 86400000);
    }
}

static void
test_out_of_calendar (void)
{
  g_autofree char *low = csm_time_format (INT64_MIN);
  g_autofree char *high = csm_time_format (INT64_MAX);

  g_assert_cmpstr (low, ==, "0000-01-01T00:00:00.000Z");
  g_assert_cmpstr (high, ==, "9999-12-31T23:59:59.999Z");
}

static void
test_parse_refuses (void)
{
  static const char *const wrong[] = {
    NULL,
    "",
    "2026-03-05T09:07:02Z",
    "2026-03-05T09:07:02.04Z",
    "2026-03-05T09:07:02.0040Z",
    "2026-03-05T09:07:02.004",
    "2026-03-05T09:07:02.004z",
    "2026-03-05t09:07:02.004Z",
    "2026-03-05 09:07:02.004Z",
    "2026-03-05T09:07:02,004Z",
    "2026-03-05T09:07:02.004Z ",
    "2026-13-05T09:07:02.004Z",
    "2026-00-05T09:07:02.004Z",
    "2026-03-00T09:07:02.004Z",
    "2026-03-32T09:07:02.004Z",
    "2026-02-29T09:07:02.004Z",
    "1900-02-29T09:07:02.004Z",
    "2026-04-31T09:07:02.004Z",
    "2026-03-05T24:00:00.000Z",
    "2026-03-05T09:60:02.004Z",
    "2016-12-31T23:59:60.000Z",
    "9999-12-31T23:59:60.000Z",
    "+026-03-05T09:07:02.004Z",
    "2026-03-05T09:07:02+00:00",
  };
  CsmTime time = 99;

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (csm_time_parse (wrong[i], &time));
  g_assert_cmpint (time, ==, 99);
}

static void
test_now (void)
{
  const int64_t before = g_get_real_time () / 1000;
  const CsmTime now = csm_time_now ();

  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, g_get_real_time () / 1000);
}

static void
test_ticks (void)
{
  const CsmTimebase tb90k = { 1, 90000 }, ntsc = { 1001, 30000 };

  g_assert_cmpint (csm_ticks_to_ms (3702000, tb90k), ==, 41133);
  g_assert_cmpint (csm_ticks_to_ms (0, tb90k), ==, 0);
  g_assert_cmpint (csm_ticks_to_ms (89, tb90k), ==, 0);
  g_assert_cmpint (csm_ticks_to_ms (90, tb90k), ==, 1);
  g_assert_cmpint (csm_ticks_to_ms (-1, tb90k), ==, -1);
  g_assert_cmpint (csm_ticks_to_ms (-90, tb90k), ==, -1);
  g_assert_cmpint (csm_ticks_to_ms (-91, tb90k), ==, -2);
  g_assert_cmpint (csm_ticks_to_ms (1, ntsc), ==, 33);
  g_assert_cmpint (csm_ticks_to_ms (30000, ntsc), ==, 1001000);
}

static void
test_ticks_extremes (void)
{
  const CsmTimebase longest = { INT32_MAX, 1 }, shortest = { 1, INT32_MAX };
  const CsmTimebase none = { 1, 0 }, turned = { 1, -1000 };
  const CsmTimebase lowest = { INT32_MIN, INT32_MIN };

  g_assert_cmpint (csm_ticks_to_ms (INT64_MAX, longest), ==, INT64_MAX);
  g_assert_cmpint (csm_ticks_to_ms (INT64_MIN + 1, longest), ==, -INT64_MAX);
  g_assert_cmpint (csm_ticks_to_ms (INT64_MAX, shortest), ==, INT64_C (4294967298000));
  g_assert_cmpint (csm_ticks_to_ms (5, none), ==, 0);
  g_assert_cmpint (csm_ticks_to_ms (5, turned), ==, -5);
  g_assert_cmpint (csm_ticks_to_ms (5, lowest), ==, 5000);
  g_assert_cmpint (csm_ticks_to_ms (CSM_NO_PTS, shortest), ==, CSM_NO_PTS);
}

static void
assert_ticks (int64_t ms, const char *expected)
{
  g_autofree char *text = csm_ticks_format (ms, ms_base);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_ticks_format (void)
{
  assert_ticks (0, "00:00:00.000");
  assert_ticks (3723456, "01:02:03.456");
  assert_ticks (-1, "-00:00:00.001");
  assert_ticks (-3723456, "-01:02:03.456");
  assert_ticks (INT64_C (360000000), "100:00:00.000");
  assert_ticks (CSM_NO_PTS, "-");
  assert_ticks (INT64_MAX, "2562047788015:12:55.807");
  assert_ticks (-INT64_MAX, "-2562047788015:12:55.807");
}

static void
test_clock (void)
{
  static const struct
  {
    const char *text;
    int64_t ms;
  } right[] = {
    { "41.133", 41133 },         { "1:02.5", 62500 },
    { "01:02:03.456", 3723456 }, { "0.0", 0 },
    { "90.25", 90250 },          { "90:00", 5400000 },
    { "1:02:03", 3723000 },      { "-0:01", -1000 },
    { "-41.133", -41133 },       { "100:00:00.000", INT64_C (360000000) },
  };
  static const char *const wrong[] = {
    NULL,    "",     "41",      "-",       "-41",        ".5",      "41.",          "41.1333",
    "1:2",   "1:60", "1:02:60", "1:60:00", "1:02:03:04", "1:02.5s", " 1:02",        "1:02 ",
    "+1:02", "1:-2", "1::02",   "a",       "1,5",        "1:02.",   "9999999999.0", "--1.0",
  };
  int64_t ms;

  for (gsize i = 0; i < G_N_ELEMENTS (right); i++)
    {
      g_assert_true (csm_clock_parse (right[i].text, &ms));
      g_assert_cmpint (ms, ==, right[i].ms);
    }
  ms = 99;
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (csm_clock_parse (wrong[i], &ms));
  g_assert_cmpint (ms, ==, 99);
}

static void
test_clock_reads_what_ticks_shows (void)
{
  for (int64_t ms = -4000000; ms < 4000000; ms += 997)
    {
      g_autofree char *text = csm_ticks_format (ms, ms_base);
      int64_t again;

      g_assert_true (csm_clock_parse (text, &again));
      g_assert_cmpint (again, ==, ms);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/time/format-and-back", test_format);
  g_test_add_func ("/casement/base/time/same-calendar-as-glib", test_every_day);
  g_test_add_func ("/casement/base/time/out-of-calendar", test_out_of_calendar);
  g_test_add_func ("/casement/base/time/parse-refuses", test_parse_refuses);
  g_test_add_func ("/casement/base/time/now", test_now);
  g_test_add_func ("/casement/base/time/ticks-round-down", test_ticks);
  g_test_add_func ("/casement/base/time/ticks-extremes", test_ticks_extremes);
  g_test_add_func ("/casement/base/time/ticks-format", test_ticks_format);
  g_test_add_func ("/casement/base/time/clock", test_clock);
  g_test_add_func ("/casement/base/time/clock-reads-ticks", test_clock_reads_what_ticks_shows);
  return g_test_run ();
}
