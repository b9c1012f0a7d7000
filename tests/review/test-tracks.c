/* test-tracks.c: several video tracks of one exhibit, as a dash cam's front and rear camera
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-export.h"
#include "casefile/csm-case-tracks.h"
#include "media/csm-frame-index.h"
#include "review-fixture.h"
#include "review/csm-media-words.h"
#include "review/csm-session-private.h"

#include <glib/gstdio.h>
#include <string.h>

static void
set_up_two (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;
  g_autofree char *path = NULL;

  fixture_set_up (self, data);
  fixture_open (self);
  path = fixture_make_two_tracks (self);
  job = fixture_import (self, (const char *[]){ path, fixture_clip ("a.mp4"), NULL });
  fixture_wait_checked (self);
  fixture_select (self, 0);
}

/* Chooses @track and waits for its exact index and a picture of it. */
static void
choose (Fixture *self, int track)
{
  csm_session_set_track (self->session, track);
  fixture_wait_for (self, csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  fixture_wait_picture (self);
}

/* (transfer full): what ffmpeg says the pixels of frame @number of v:@track are, SHA-256. */
static char *
ask_ffmpeg (Fixture *self, int track, int64_t number)
{
  g_autofree char *path = fixture_path (self, "dash.mkv");
  g_autofree char *map = g_strdup_printf ("0:v:%d", track);
  const char *const arguments[] = { "ffmpeg",    "-v",          "error", "-bitexact",
                                    "-i",        path,          "-map",  map,
                                    "-fps_mode", "passthrough", "-f",    "framehash",
                                    "-hash",     "SHA256",      "-",     NULL };
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                               &output, NULL, NULL, NULL));
  lines = g_strsplit (output, "\n", 0);
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && **line != '#' && number-- == 0)
      return g_strdup (g_strstrip (strrchr (*line, ',') + 1));
  g_assert_not_reached ();
}

static void
test_each_track_has_its_frames (Fixture *self, gconstpointer data)
{
  const CsmPicture *picture;

  g_assert_cmpint (csm_session_get_track (self->session), ==, 0);
  g_assert_cmpint (csm_session_get_n_frames (self->session), ==, 75);
  choose (self, 1);
  g_assert_cmpint (csm_session_get_track (self->session), ==, 1);
  g_assert_cmpint (csm_session_get_n_frames (self->session), ==, 30);
  g_assert_cmpint (csm_frame_index_get_track (csm_session_get_index (self->session)), ==, 1);
  picture = csm_session_get_picture (self->session);
  g_assert_cmpint (picture->width, ==, 160);
  fixture_wait_for (self, csm_session_get_strip_size (self->session) == 30);
  choose (self, 0);
  g_assert_cmpint (csm_session_get_n_frames (self->session), ==, 75);
  g_assert_cmpuint (self->problems->len, ==, 0);
}

/* What happens at one time is looked at from the front and from the rear. */
static void
test_the_time_stays (Fixture *self, gconstpointer data)
{
  csm_session_seek (self->session, 55); /* 2.2 s */
  fixture_wait_picture (self);
  choose (self, 1);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 22);
  choose (self, 0);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 55);
}

static CsmCase *
open_aside (Fixture *self)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GError) error = NULL;
  CsmCase *acase;

  csm_session_close (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_CLOSED);
  acase = csm_case_open (self->case_path, passphrase, true, &error);
  g_assert_no_error (error);
  return acase;
}

static void
assert_commits (Fixture *self, CsmCase *acase, const CsmId *id, int track, int64_t frame)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMark) mark = csm_case_get_mark (acase, id, &error);
  g_autoptr (GArray) commits = csm_case_list_frame_commits (acase, id, &error);
  g_autofree char *expected = ask_ffmpeg (self, track, frame);
  char hex[CSM_DIGEST_HEX_SIZE];

  g_assert_no_error (error);
  g_assert_cmpint (mark->track, ==, track);
  g_assert_true (mark->committed);
  g_assert_cmpuint (commits->len, ==, 1);
  csm_digest_to_hex (&g_array_index (commits, CsmFrameCommit, 0).sha256, hex);
  g_assert_cmpstr (hex, ==, expected);
}

static void
test_marks_commit_to_frames_of_their_track (Fixture *self, gconstpointer data)
{
  CsmId front = fixture_mark (self, 20, 20, NULL, "front"), rear;
  g_autoptr (GBytes) index = NULL;
  g_autoptr (GError) error = NULL;
  CsmCase *acase;
  CsmId exhibit = fixture_exhibit (self, 0)->id;

  choose (self, 1);
  rear = fixture_mark (self, 20, 20, NULL, "rear");
  acase = open_aside (self);
  assert_commits (self, acase, &front, 0, 20);
  assert_commits (self, acase, &rear, 1, 20);
  index = csm_case_get_track_index (acase, &exhibit, 1, &error);
  g_assert_no_error (error);
  g_assert_nonnull (index);
  csm_case_close (acase);
}

/* Marked in haste, before every frame of the track was decoded once. */
static void
test_marks_on_a_provisional_track_are_committed_later (Fixture *self, gconstpointer data)
{
  CsmId id;
  CsmCase *acase;

  csm_session_set_track (self->session, 1);
  fixture_wait_for (self, csm_session_get_n_frames (self->session) == 30);
  fixture_wait_picture (self);
  id = fixture_mark (self, 11, 11, NULL, "at once");
  fixture_wait_for (self, csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  fixture_wait_for (self, fixture_exhibit_mark (self, 0)->committed);
  acase = open_aside (self);
  assert_commits (self, acase, &id, 1, 11);
  csm_case_close (acase);
}

/* A mark of a track that is not in view waits for it: frame 11 of another one is no picture of
 * it. */
static void
test_a_mark_waits_for_its_track (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) mark = NULL;
  CsmCase *acase;

  csm_session_seek (self->session, 11);
  fixture_wait_picture (self);
  mark = csm_session_draft_mark (self->session);
  mark->track = 1;
  fixture_save_mark (self, mark);
  fixture_mark (self, 12, 12, NULL, "front"); /* what waits was looked through since */
  fixture_wait_for (self, fixture_exhibit_mark (self, 1)->committed);
  g_assert_false (fixture_exhibit_mark (self, 0)->committed);
  choose (self, 1);
  fixture_wait_for (self, fixture_exhibit_mark (self, 0)->committed);
  acase = open_aside (self);
  assert_commits (self, acase, &mark->id, 1, 11);
  csm_case_close (acase);
}

static void
test_going_to_a_mark_goes_to_its_track (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) mark = NULL;

  choose (self, 1);
  fixture_mark (self, 25, 27, NULL, "rear");
  mark = csm_mark_copy (fixture_exhibit_mark (self, 0));
  csm_session_select_mark (self->session, &mark->id);
  choose (self, 0);
  g_assert_null (csm_session_get_selected_mark (self->session));
  /* It stays listed, and is on another track than the playhead. */
  g_assert_cmpuint (g_list_model_get_n_items (csm_session_get_exhibit_marks (self->session)),
                    ==, 1);
  g_assert_false (csm_session_is_on_track (self->session, mark));
  csm_session_seek (self->session, 3);
  csm_session_step_mark (self->session, 1);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 3);
  csm_session_show_mark (self->session, mark);
  fixture_wait_for (self, csm_session_get_n_frames (self->session) == 30);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_track (self->session), ==, 1);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 25);
  g_assert_true (csm_session_is_on_track (self->session, mark));
  /* From another exhibit too. */
  fixture_select (self, 1);
  g_assert_cmpint (csm_session_get_track (self->session), ==, 0);
  csm_session_show_mark (self->session, mark);
  fixture_wait_for (self, csm_session_get_n_frames (self->session) == 30);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 25);
}

static void
test_a_hit_goes_to_its_track (Fixture *self, gconstpointer data)
{
  GListModel *results = csm_session_get_results (self->session);
  g_autoptr (CsmSearchItem) item = NULL;

  choose (self, 1);
  fixture_mark (self, 8, 8, NULL, "numberplate");
  choose (self, 0); /* what is remembered is not what was found */
  fixture_select (self, 1);
  csm_session_search (self->session, "numberplate");
  fixture_wait_for (self, g_list_model_get_n_items (results) == 1);
  item = g_list_model_get_item (results, 0);
  csm_session_show_hit (self->session, csm_search_item_get_record (item));
  fixture_wait_for (self, csm_session_get_n_frames (self->session) == 30);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 8);
}

static void
test_an_exhibit_comes_back_with_its_track (Fixture *self, gconstpointer data)
{
  g_autoptr (GVariant) place = NULL;

  choose (self, 1);
  csm_session_seek (self->session, 9);
  fixture_wait_picture (self);
  fixture_select (self, 1);
  fixture_select (self, 0);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_track (self->session), ==, 1);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 9);
  fixture_lock (self);
  place = csm_session_dup_place (self->session);
  g_object_unref (self->session);
  self->session = csm_session_new ();
  csm_session_go_to_place (self->session, place);
  fixture_open (self);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_track (self->session), ==, 1);
  g_assert_cmpint (csm_session_get_n_frames (self->session), ==, 30);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 9);
}

static char *
find_entry (Fixture *self, const char *prefix)
{
  GListModel *ledger = csm_session_get_ledger (self->session);

  for (unsigned i = 0; i < g_list_model_get_n_items (ledger); i++)
    {
      g_autoptr (CsmLedgerItem) item = g_list_model_get_item (ledger, i);
      g_autofree char *summary = NULL;

      g_object_get (item, "summary", &summary, NULL);
      if (summary != NULL && g_str_has_prefix (summary, prefix))
        return g_steal_pointer (&summary);
    }
  return NULL;
}

static void
test_what_was_displayed_names_its_track (Fixture *self, gconstpointer data)
{
  g_autofree char *rear = NULL;

  csm_session_seek (self->session, 40);
  fixture_wait_picture (self);
  csm_session_displayed (self->session);
  choose (self, 1);
  csm_session_seek (self->session, 12);
  fixture_wait_picture (self);
  csm_session_displayed (self->session);
  csm_session_select (self->session, NULL);
  fixture_wait_for (self,
                    (rear = find_entry (self, "Displayed of E-0001: of its track")) != NULL);
  g_assert_cmpstr (rear, ==, "Displayed of E-0001: of its track v:1: frame 12 paused");
  {
    g_autofree char *front = find_entry (self, "Displayed of E-0001: frame");

    g_assert_cmpstr (front, ==, "Displayed of E-0001: frame 40 paused");
  }
}

static void
test_a_still_is_of_the_track_in_view (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "still.png");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  g_autofree char *said = NULL;
  size_t size;

  choose (self, 1);
  csm_session_seek (self->session, 5);
  fixture_wait_picture (self);
  csm_session_save_still_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  g_assert_true (csm_session_save_still_finish (self->session, result, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  /* The width in the PNG's header. */
  g_assert_cmpmem (bytes + 16, 4, "\0\0\0\xa0", 4);
  fixture_wait_for (self, (said = find_entry (self, "Saved frame 5 of ")) != NULL);
  g_assert_cmpstr (said, ==, "Saved frame 5 of E-0001 v:1 as a still");
}

static void
test_tracks_have_words (Fixture *self, gconstpointer data)
{
  CsmMediaInfo *info = csm_session_get_media_info (self->session);
  g_autofree char *front = csm_media_words_dup_track (info, 0);
  g_autofree char *rear = csm_media_words_dup_track (info, 1);

  g_assert_cmpint (csm_media_info_count_tracks (info), ==, 2);
  g_assert_cmpstr (front, ==, "Track v:0: H.264, 320 × 180");
  g_assert_cmpstr (rear, ==, "Track v:1: MPEG-4, 160 × 120, rear");
  g_assert_null (csm_media_words_dup_track (info, 2));
  /* One that is not there is not chosen. */
  csm_session_set_track (self->session, 2);
  g_assert_cmpint (csm_session_get_track (self->session), ==, 0);
}

#define add(name, test)                                                         \
  g_test_add ("/casement/review/tracks/" name, Fixture, NULL, set_up_two, test, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("each-track-has-its-frames", test_each_track_has_its_frames);
  add ("the-time-stays", test_the_time_stays);
  add ("marks-commit-to-frames-of-their-track", test_marks_commit_to_frames_of_their_track);
  add ("marks-on-a-provisional-track-are-committed-later",
       test_marks_on_a_provisional_track_are_committed_later);
  add ("a-mark-waits-for-its-track", test_a_mark_waits_for_its_track);
  add ("going-to-a-mark-goes-to-its-track", test_going_to_a_mark_goes_to_its_track);
  add ("a-hit-goes-to-its-track", test_a_hit_goes_to_its_track);
  add ("an-exhibit-comes-back-with-its-track", test_an_exhibit_comes_back_with_its_track);
  add ("what-was-displayed-names-its-track", test_what_was_displayed_names_its_track);
  add ("a-still-is-of-the-track-in-view", test_a_still_is_of_the_track_in_view);
  add ("tracks-have-words", test_tracks_have_words);
  return fixture_run ();
}
