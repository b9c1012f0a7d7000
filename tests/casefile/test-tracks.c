/* test-tracks.c: what is kept of video tracks after the first
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-keys.h"
#include "casefile/csm-case-merge.h"
#include "casefile/csm-case-tracks.h"

#include <string.h>

static void
keep (CsmCase *acase,
      const CsmExhibit *exhibit,
      int track,
      CsmIndexState state,
      const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) index = g_bytes_new (text, strlen (text));
  const CsmKeptTrack kept = { .track = track,
                              .state = state,
                              .status = (char *) "exact",
                              .n_frames = 40,
                              .index = index,
                              .library = (char *) "Lavc" };

  g_assert_true (csm_case_set_track (acase, &exhibit->id, &kept, &error));
  g_assert_no_error (error);
}

static char *
get_index (CsmCase *acase, const CsmExhibit *exhibit, int track)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = csm_case_get_track_index (acase, &exhibit->id, track, &error);

  g_assert_no_error (error);
  return bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes))
                       : NULL;
}

static int64_t
count_entries (CsmCase *acase)
{
  return csm_case_count_entries (acase, NULL);
}

static void
test_each_track_has_its_index (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mkv", 1000, 1);
  g_autoptr (GBytes) first = g_bytes_new_static ("first", 5);
  g_autoptr (CsmKeptTrack) track = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *zero = NULL, *one = NULL, *two = NULL, *three = NULL;
  int64_t before;

  g_assert_true (
      csm_case_set_index (self->acase, &exhibit->id, first, true, "Lavc", 5, &error));
  keep (self->acase, exhibit, 1, CSM_INDEX_EXACT, "second");
  before = count_entries (self->acase);
  keep (self->acase, exhibit, 2, CSM_INDEX_PROVISIONAL, "third");
  keep (self->acase, exhibit, 1, CSM_INDEX_EXACT, "second");
  g_assert_cmpint (count_entries (self->acase), ==, before); /* bound already, and not bound */
  case_fixture_reopen (self);
  zero = get_index (self->acase, exhibit, 0);
  one = get_index (self->acase, exhibit, 1);
  two = get_index (self->acase, exhibit, 2);
  three = get_index (self->acase, exhibit, 3);
  g_assert_cmpstr (zero, ==, "first");
  g_assert_cmpstr (one, ==, "second");
  g_assert_cmpstr (two, ==, "third");
  g_assert_null (three);
  track = csm_case_get_track (self->acase, &exhibit->id, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (track->state, ==, CSM_INDEX_EXACT);
  g_assert_cmpint (track->n_frames, ==, 40);
  case_fixture_assert_holds (self);
}

/* Who cannot sign keeps what another FFmpeg says of a track that is bound, and binds none. */
static void
test_a_reader_keeps_what_needs_no_entry (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mkv", 1000, 1);
  g_autoptr (CsmSecret) passphrase = csm_secret_new_from ("only looks", 10);
  g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);
  g_autoptr (CsmKeptTrack) track = NULL;
  g_autoptr (CsmKeptTrack) again = NULL;
  g_autoptr (GError) error = NULL;
  CsmKeptTrack unbound;
  int64_t before;

  keep (self->acase, exhibit, 1, CSM_INDEX_EXACT, "one");
  g_assert_true (csm_case_add_key (self->acase, "Clara", passphrase, true, NULL, &error));
  case_fixture_close (self);
  self->acase = csm_case_open (self->path, passphrase, false, &error);
  g_assert_no_error (error);
  g_assert_null (csm_case_get_self (self->acase));
  before = count_entries (self->acase);

  track = csm_case_get_track (self->acase, &exhibit->id, 1, &error);
  g_assert_no_error (error);
  g_free (track->status);
  track->status = g_strdup ("exact; the same under Lavc 60");
  g_assert_true (csm_case_set_track (self->acase, &exhibit->id, track, &error));
  g_assert_no_error (error);
  unbound = *track;
  unbound.index = other;
  g_assert_false (csm_case_set_track (self->acase, &exhibit->id, &unbound, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_clear_error (&error);

  again = csm_case_get_track (self->acase, &exhibit->id, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->status, ==, "exact; the same under Lavc 60");
  g_assert_true (g_bytes_equal (again->index, track->index));
  g_assert_cmpint (count_entries (self->acase), ==, before);
  case_fixture_assert_holds (self);
}

static void
test_an_index_that_no_entry_names_is_found (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mkv", 1000, 1);
  g_autoptr (GError) error = NULL;

  keep (self->acase, exhibit, 1, CSM_INDEX_EXACT, "one");
  keep (self->acase, exhibit, 2, CSM_INDEX_EXACT, "two");
  case_fixture_assert_holds (self);
  /* Bytes that are bound, but to another track, are no better. */
  case_fixture_tamper (self, "UPDATE kept_track SET bytes = CAST ('two' AS BLOB)"
                             " WHERE track = 1");
  g_assert_null (csm_case_get_track (self->acase, &exhibit->id, 1, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
  case_fixture_assert_broken (self, "frame index of the track v:1");
}

static void
test_marks_are_held_against_their_track (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mkv", 1000, 1);
  const CsmMediaFacts facts = { CSM_INDEX_EXACT, "exact", "mkv", "h264", 16, 16, 10, 1000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMark) saved = NULL;
  CsmMark mark;

  g_assert_true (csm_case_set_media_facts (self->acase, &exhibit->id, &facts, &error));
  keep (self->acase, exhibit, 1, CSM_INDEX_EXACT, "one"); /* 40 frames */
  mark = case_fixture_new_mark (exhibit, 20, 39);
  mark.track = 1;
  g_assert_true (csm_case_set_mark (self->acase, &mark, NULL, 0, &saved, &error));
  g_assert_no_error (error);
  g_assert_cmpint (saved->track, ==, 1);
  mark.to = 40;
  g_assert_false (csm_case_set_mark (self->acase, &mark, NULL, 0, NULL, &error));
  g_assert_nonnull (strstr (error->message, "frame 40 is outside of E-0001 v:1"));
  case_fixture_assert_holds (self);
}

static void
test_rows_without_exhibit_are_found (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mkv", 1000, 1);

  keep (self->acase, exhibit, 1, CSM_INDEX_EXACT, "one");
  case_fixture_tamper (self, "UPDATE kept_track SET exhibit = x'0b'");
  case_fixture_assert_broken (self, "something is kept for the exhibit 0b,");
}

static void
test_a_merge_brings_tracks (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mkv", 1000, 1);
  CaseFixture other = { 0 };
  g_autoptr (CsmExhibit) theirs = NULL;
  g_autoptr (CsmMergeReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *one = NULL, *two = NULL, *of_theirs = NULL;

  case_fixture_close (self);
  case_fixture_set_up_copy (&other, self);
  case_fixture_open (self, false);
  keep (self->acase, exhibit, 1, CSM_INDEX_EXACT, "ours");
  keep (other.acase, exhibit, 1, CSM_INDEX_EXACT, "theirs");
  keep (other.acase, exhibit, 2, CSM_INDEX_EXACT, "third");
  theirs = case_fixture_import (&other, "b.mkv", 1000, 2);
  keep (other.acase, theirs, 1, CSM_INDEX_EXACT, "second of theirs");
  csm_case_merge (self->acase, other.acase, NULL, NULL, &report, NULL, &error);
  g_assert_no_error (error);
  one = get_index (self->acase, exhibit, 1);
  two = get_index (self->acase, exhibit, 2);
  of_theirs = get_index (self->acase, theirs, 1);
  g_assert_cmpstr (one, ==, "ours");
  g_assert_cmpstr (two, ==, "third");
  g_assert_cmpstr (of_theirs, ==, "second of theirs");
  case_fixture_assert_holds (self);
  case_fixture_tear_down (&other, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/tracks/each-track-has-its-index",
                    test_each_track_has_its_index);
  case_fixture_add ("/casement/casefile/tracks/a-reader-keeps-what-needs-no-entry",
                    test_a_reader_keeps_what_needs_no_entry);
  case_fixture_add ("/casement/casefile/tracks/an-index-that-no-entry-names-is-found",
                    test_an_index_that_no_entry_names_is_found);
  case_fixture_add ("/casement/casefile/tracks/marks-are-held-against-their-track",
                    test_marks_are_held_against_their_track);
  case_fixture_add ("/casement/casefile/tracks/rows-without-exhibit-are-found",
                    test_rows_without_exhibit_are_found);
  case_fixture_add ("/casement/casefile/tracks/a-merge-brings-tracks",
                    test_a_merge_brings_tracks);
  return g_test_run ();
}
