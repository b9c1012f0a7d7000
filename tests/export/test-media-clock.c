/* test-media-clock.c: the time that a player shows
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-media-clock.h"

#include "dossier-fixture.h"

static const CsmTimebase ticks = { 1, 90000 };

static void
assert_time (const CsmDossierExhibit *exhibit, int64_t pts, int per_second, int64_t expected)
{
  int64_t time = -1;

  g_assert_true (csm_media_clock_get (exhibit, pts, ticks, per_second, &time));
  g_assert_cmpint (time, ==, expected);
}

static void
assert_span (const CsmDossierExhibit *exhibit,
             const CsmDossierMark *mark,
             int per_second,
             int64_t expected_start,
             int64_t expected_end)
{
  int64_t start = -1;
  int64_t end = -1;

  g_assert_true (csm_media_clock_get_span (exhibit, mark->mark, per_second, &start, &end));
  g_assert_cmpint (start, ==, expected_start);
  g_assert_cmpint (end, ==, expected_end);
}

static void
test_counts_from_the_earliest_start (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);

  CsmTimebase timebase;

  g_assert_cmpint (csm_media_clock_get_start (exhibit, &timebase), ==, 126000);
  g_assert_cmpint (timebase.den, ==, 90000);
  assert_time (exhibit, 126000, CSM_CLOCK_MS, 0);
  assert_time (exhibit, 129600, CSM_CLOCK_MS, 40);
  /* A cover is no beginning. */
  exhibit->info->streams[1].kind = 'v';
  exhibit->info->streams[1].attached_picture = true;
  assert_time (exhibit, 129600, CSM_CLOCK_MS, 0);
  exhibit->info->streams[0].start_pts = CSM_NO_PTS;
  assert_time (exhibit, 138600, CSM_CLOCK_MS, 100);
  g_clear_pointer (&exhibit->info, csm_media_info_unref);
  assert_time (exhibit, 138600, CSM_CLOCK_MS, 100);
  dossier_fixture_free (dossier);
}

static void
test_starts_may_lie_below_zero (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);

  exhibit->info->streams[1].start_pts = -312;
  exhibit->info->streams[1].timebase = (CsmTimebase){ 1, 48000 };
  /* 6.5 ms earlier than 0. */
  assert_time (exhibit, 0, CSM_CLOCK_MS, 7);
  assert_time (exhibit, 0, CSM_CLOCK_US, 6500);
  assert_time (exhibit, -90, CSM_CLOCK_US, 5500);
  assert_time (exhibit, -90000, CSM_CLOCK_US, 0);
  dossier_fixture_free (dossier);
}

static void
test_rounds_up (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  const CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);

  assert_time (exhibit, 126001, CSM_CLOCK_MS, 1);
  assert_time (exhibit, 126001, CSM_CLOCK_US, 12);
  assert_time (exhibit, 126090, CSM_CLOCK_MS, 1);
  assert_time (exhibit, 126091, CSM_CLOCK_MS, 2);
  dossier_fixture_free (dossier);
}

static void
test_takes_any_ticks (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  const CsmTimebase slow = { INT32_MAX, 1 };
  const CsmTimebase fast = { 1, INT32_MAX };
  int64_t time;

  exhibit->info->streams[1].start_pts = INT64_MIN + 1;
  exhibit->info->streams[1].timebase = fast;
  g_assert_true (csm_media_clock_get (exhibit, INT64_MAX, slow, CSM_CLOCK_US, &time));
  g_assert_cmpint (time, ==, INT64_C (1) << 60);
  g_assert_true (csm_media_clock_get (exhibit, INT64_MIN + 1, slow, CSM_CLOCK_US, &time));
  g_assert_cmpint (time, ==, 0);
  g_assert_true (csm_media_clock_get (exhibit, INT64_MIN + 2, fast, CSM_CLOCK_US, &time));
  g_assert_cmpint (time, ==, 1);
  g_assert_false (csm_media_clock_get (exhibit, 1, (CsmTimebase){ 1, 0 }, 1000, &time));
  g_assert_false (csm_media_clock_get (exhibit, CSM_NO_PTS, ticks, CSM_CLOCK_US, &time));
  dossier_fixture_free (dossier);
}

static void
test_spans_end_where_the_next_frame_begins (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  CsmDossierMark *mark = dossier_fixture_add_mark (dossier, exhibit, 0, 0, 1, NULL, NULL);

  assert_span (exhibit, mark, CSM_CLOCK_MS, 40, 174);
  assert_span (exhibit, mark, CSM_CLOCK_US, 40000, 173334);
  /* The last frame lasts 3000 ticks. */
  mark = dossier_fixture_add_mark (dossier, exhibit, 0, 5, 5, NULL, NULL);
  assert_span (exhibit, mark, CSM_CLOCK_US, 306667, 340000);
  /* Not known of another track, nor by an index that the mark was not made by. */
  mark->mark->track = 1;
  assert_span (exhibit, mark, CSM_CLOCK_US, 306667, 307667);
  mark->mark->track = 0;
  mark->mark->to_pts++;
  assert_span (exhibit, mark, CSM_CLOCK_MS, 307, 308);
  dossier_fixture_free (dossier);
}

static void
test_spans_are_never_empty (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  /* A third of a millisecond. */
  CsmDossierMark *mark = dossier_fixture_add_mark (dossier, exhibit, 0, 3, 3, NULL, NULL);

  assert_span (exhibit, mark, CSM_CLOCK_MS, 207, 208);
  assert_span (exhibit, mark, CSM_CLOCK_US, 206667, 207000);
  /* Time stamps that go back. */
  mark->mark->from_pts = 153600;
  assert_span (exhibit, mark, CSM_CLOCK_MS, 307, 308);
  dossier_fixture_free (dossier);
}

static void
test_samples_end_with_their_last (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  const CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 2);

  assert_span (exhibit, g_ptr_array_index (exhibit->marks, 0), CSM_CLOCK_MS, 500, 1000);
  dossier_fixture_free (dossier);
}

static void
test_pictures_have_no_time (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  const CsmDossierExhibit *picture = dossier_fixture_get_exhibit (dossier, 3);
  const CsmDossierExhibit *untimed = dossier_fixture_get_exhibit (dossier, 4);
  CsmDossierExhibit *unread = dossier_fixture_get_exhibit (dossier, 5);
  g_autoptr (GArray) none = csm_media_clock_list_cues (picture);
  g_autoptr (GArray) neither = csm_media_clock_list_cues (untimed);
  int64_t time;

  g_assert_false (csm_media_clock_has_time (picture));
  g_assert_false (csm_media_clock_get (picture, 0, ticks, CSM_CLOCK_MS, &time));
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_true (csm_media_clock_has_time (untimed));
  g_assert_cmpuint (neither->len, ==, 0);
  unread->timebase = (CsmTimebase){ 0, 0 };
  g_assert_false (csm_media_clock_has_time (unread));
  dossier_fixture_free (dossier);
}

static void
test_cues_are_in_the_order_of_time (void)
{
  CsmDossier *dossier = dossier_fixture_new ();
  CsmDossierExhibit *exhibit = dossier_fixture_get_exhibit (dossier, 1);
  g_autoptr (GArray) cues = NULL;

  dossier_fixture_clear_marks (dossier);
  dossier_fixture_add_mark (dossier, exhibit, 0, 2, 4, NULL, "third");
  dossier_fixture_add_mark (dossier, exhibit, 0, 2, 2, NULL, "first of two of one time");
  dossier_fixture_add_mark (dossier, exhibit, 0, 2, 2, NULL, "second of two of one time");
  dossier_fixture_add_mark (dossier, exhibit, 0, 0, 5, NULL, "first");
  cues = csm_media_clock_list_cues (exhibit);
  g_assert_cmpuint (cues->len, ==, 4);
  for (unsigned i = 0; i < cues->len; i++)
    {
      static const int expected[] = { 3, 1, 2, 0 };

      g_assert_true (g_array_index (cues, CsmCue, i).mark ==
                     g_ptr_array_index (exhibit->marks, expected[i]));
    }
  dossier_fixture_free (dossier);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/casement/export/media-clock/" name, test)
  ADD ("counts-from-the-earliest-start", test_counts_from_the_earliest_start);
  ADD ("starts-may-lie-below-zero", test_starts_may_lie_below_zero);
  ADD ("rounds-up", test_rounds_up);
  ADD ("takes-any-ticks", test_takes_any_ticks);
  ADD ("spans-end-where-the-next-frame-begins", test_spans_end_where_the_next_frame_begins);
  ADD ("spans-are-never-empty", test_spans_are_never_empty);
  ADD ("samples-end-with-their-last", test_samples_end_with_their_last);
  ADD ("pictures-have-no-time", test_pictures_have_no_time);
  ADD ("cues-are-in-the-order-of-time", test_cues_are_in_the_order_of_time);
  return g_test_run ();
}
