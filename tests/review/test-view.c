/* test-view.c: seeking, stepping and playing the exhibit in view
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "review/csm-media-words.h"
#include "review/csm-session-private.h"
#include "review/csm-view-words.h"

#include <signal.h>
#include <string.h>

static void
set_up_view (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_set_up (self, data);
  fixture_open (self);
  job = fixture_import (self, (const char *[]){ fixture_clip (data), NULL });
}

static int64_t
ordinal (Fixture *self)
{
  return csm_session_get_ordinal (self->session);
}

static void
step (Fixture *self, int times, int64_t delta)
{
  for (int i = 0; i < times; i++)
    {
      int64_t before = ordinal (self);

      csm_session_step (self->session, delta);
      g_assert_cmpint (ordinal (self), ==, before + delta);
      fixture_wait_picture (self);
    }
}

static void
test_steps_are_exact (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  g_assert_cmpint (ordinal (self), ==, 0);
  g_assert_cmpint (csm_session_get_n_frames (self->session), ==, 75);
  step (self, 25, 1);
  g_assert_cmpint (ordinal (self), ==, 25);
  step (self, 10, -1);
  g_assert_cmpint (ordinal (self), ==, 15);
  g_assert_cmpint (csm_session_get_picture (self->session)->ordinal, ==, 15);
}

static void
test_ends_hold (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  csm_session_step (self->session, -10);
  g_assert_cmpint (ordinal (self), ==, 0);
  csm_session_seek (self->session, G_MAXINT64);
  g_assert_cmpint (ordinal (self), ==, 74);
  csm_session_step (self->session, 1);
  g_assert_cmpint (ordinal (self), ==, 74);
  fixture_wait_picture (self);
}

static void
test_newest_seek_wins (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  for (int i = 0; i < 60; i++)
    csm_session_seek (self->session, (i * 37) % 75);
  csm_session_seek (self->session, 33);
  g_assert_cmpint (ordinal (self), ==, 33);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_picture (self->session)->ordinal, ==, 33);
  g_assert_cmpuint (self->problems->len, ==, 0);
}

static void
test_go_to_reads_frames_and_times (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *text;
    int64_t ordinal;
  } cases[] = { { "12", 12 },           { " 0 ", 0 },     { "1.0s", 25 },
                { "00:00:01.000", 25 }, { "1.039s", 25 }, { "1.04", 26 },
                { "0:02", 50 },         { "2.96", 74 },   { "74", 74 } };
  static const char *const refused[] = { "75", "1:00", "x", "", "-1", "99999999999999999999" };

  fixture_select (self, 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (csm_session_go_to (self->session, cases[i].text, &error));
      g_assert_no_error (error);
      g_assert_cmpint (ordinal (self), ==, cases[i].ordinal);
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (csm_session_go_to (self->session, refused[i], &error));
      g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME);
      g_assert_cmpint (ordinal (self), ==, 74);
    }
}

static void
test_time_shown_leads_back_to_its_frame (Fixture *self, gconstpointer data)
{
  CsmFrameIndex *index;

  fixture_select (self, 0);
  index = csm_session_get_index (self->session);
  for (int64_t i = 0; i < 75; i++)
    {
      g_autofree char *time = csm_ticks_format (csm_frame_index_get (index, i)->pts,
                                                csm_frame_index_get_timebase (index));

      g_assert_true (csm_session_go_to (self->session, time, NULL));
      g_assert_cmpint (ordinal (self), ==, i);
    }
}

static void
test_position_is_kept_for_each_exhibit (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job =
      fixture_import (self, (const char *[]){ fixture_clip ("b.mp4"), NULL });

  fixture_select (self, 0);
  csm_session_seek (self->session, 40);
  fixture_wait_picture (self);
  fixture_select (self, 1);
  g_assert_cmpint (ordinal (self), ==, 0);
  fixture_select (self, 0);
  g_assert_cmpint (ordinal (self), ==, 40);
}

static void
test_in_and_out_keep_their_order (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  csm_session_set_in (self->session, 10);
  csm_session_set_out (self->session, 20);
  csm_session_set_in (self->session, 30);
  g_assert_cmpint (csm_session_get_in (self->session), ==, 30);
  g_assert_cmpint (csm_session_get_out (self->session), ==, -1);
  csm_session_set_out (self->session, 25);
  g_assert_cmpint (csm_session_get_in (self->session), ==, -1);
  csm_session_set_out (self->session, 1000);
  g_assert_cmpint (csm_session_get_out (self->session), ==, 74);
}

static void
test_view_size_is_asked_for (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  g_assert_cmpint (csm_session_get_picture (self->session)->width, ==, 160);
  csm_session_set_view (self->session, 80, 80, false);
  fixture_wait_for (self, csm_session_get_picture (self->session)->width == 80);
  g_assert_cmpint (csm_session_get_picture (self->session)->height, ==, 60);
}

/* --- a part of the picture --- */

static const CsmPicture *
look (Fixture *self, const char *words, int64_t ordinal)
{
  CsmView view;

  g_assert_true (csm_view_parse (words, &view, NULL));
  csm_session_seek (self->session, ordinal);
  csm_session_change_view (self->session, &view);
  fixture_wait_for (self, csm_session_get_picture (self->session) != NULL &&
                              csm_session_get_picture (self->session)->ordinal == ordinal &&
                              !csm_session_get_picture (self->session)->preview);
  return csm_session_get_picture (self->session);
}

static char *
dup_badge (Fixture *self)
{
  return csm_view_words_dup_badge (csm_session_get_view (self->session),
                                   csm_session_get_view_on (self->session),
                                   csm_session_get_picture (self->session));
}

static void
test_crop_is_of_its_exhibit (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job =
      fixture_import (self, (const char *[]){ fixture_clip ("b.mp4"), NULL });
  g_autofree char *badge = NULL;

  fixture_select (self, 0);
  (void) look (self, "crop=20:30:80:60,zoom=2", 5); /* may be of before the view */
  fixture_wait_for (self, csm_session_get_picture (self->session)->part.width == 80);
  g_assert_cmpint (csm_session_get_picture (self->session)->part.x, ==, 20);
  g_assert_cmpint (csm_session_get_picture (self->session)->part.y, ==, 30);
  g_assert_cmpint (csm_session_get_picture (self->session)->width, ==, 160);
  g_assert_cmpint (csm_session_get_picture (self->session)->height, ==, 120);
  g_assert_cmpint (csm_session_get_picture (self->session)->frame_width, ==, 160);
  g_assert_true (csm_session_shows_view (self->session));
  badge = dup_badge (self);
  g_assert_cmpstr (badge, ==,
                   "View: cropped to 80 × 60 at 20, 30, enlarged 2 times — not the picture as "
                   "decoded");
  fixture_select (self, 1);
  g_assert_cmpint (csm_session_get_picture (self->session)->part.width, ==, 192);
  g_assert_false (csm_session_shows_view (self->session));
}

static void
test_crop_that_does_not_fit_is_left_out (Fixture *self, gconstpointer data)
{
  g_autofree char *badge = NULL;

  fixture_wait_checked (self);
  fixture_select (self, 0);
  (void) look (self, "crop=150:100:40:40", 15);
  fixture_wait_for (self, csm_session_get_picture (self->session)->part.width == 40);
  g_assert_true (csm_session_shows_view (self->session));
  csm_session_seek (self->session, 4);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_picture (self->session)->part.width, ==, 160);
  g_assert_false (csm_session_shows_view (self->session));
  badge = dup_badge (self);
  g_assert_cmpstr (
      badge, ==,
      "View left out: the crop does not lie inside this frame, which has 160 × 120 "
      "pixels");
  csm_session_seek (self->session, 16);
  fixture_wait_picture (self);
  g_assert_true (csm_session_shows_view (self->session));
  g_assert_cmpuint (self->problems->len, ==, 0);
}

static void
save_still (Fixture *self, const char *path)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  csm_session_save_still_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_save_still_finish (self->session, result, &error);
  g_assert_no_error (error);
}

static char *
load (const char *path, size_t *ret_size)
{
  char *bytes;

  g_assert_true (g_file_get_contents (path, &bytes, ret_size, NULL));
  return bytes;
}

static void
test_still_of_a_crop_lies_beside_the_frame (Fixture *self, gconstpointer data)
{
  g_autofree char *plain = fixture_path (self, "plain.png");
  g_autofree char *still = fixture_path (self, "a.png");
  g_autofree char *beside = fixture_path (self, "a-view.png");
  g_autofree char *other = fixture_path (self, "b.png");
  g_autofree char *none = fixture_path (self, "b-view.png");
  g_autofree char *before = NULL, *after = NULL, *view = NULL;
  size_t before_size, after_size, view_size;

  fixture_wait_checked (self);
  fixture_select (self, 0);
  (void) look (self, "", 15);
  save_still (self, plain);
  (void) look (self, "crop=150:100:40:40,zoom=3", 15);
  fixture_wait_for (self, csm_session_get_picture (self->session)->part.width == 40);
  save_still (self, still);
  before = load (plain, &before_size);
  after = load (still, &after_size);
  view = load (beside, &view_size);
  g_assert_cmpmem (before, before_size, after, after_size);
  g_assert_nonnull (memmem (view, view_size, "crop=w=40:h=40:x=150:y=100:exact=1", 34));
  g_assert_nonnull (memmem (view, view_size, "scale=w=120:h=120:flags=neighbor", 32));
  /* Width and height in the head of a PNG. */
  g_assert_cmpmem (view + 16, 8, "\0\0\0\x78\0\0\0\x78", 8);
  csm_session_seek (self->session, 4);
  fixture_wait_picture (self);
  save_still (self, other);
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
}

static void
test_what_is_odd_is_said (Fixture *self, gconstpointer data)
{
  g_autofree char *odd = NULL;
  CsmMediaInfo *info;

  g_assert_null (csm_session_get_media_info (self->session));
  fixture_select (self, 0);
  info = csm_session_get_media_info (self->session);
  g_assert_nonnull (info);
  g_assert_cmpint (csm_media_info_get_stream (info, 'v', 0)->width, ==, 160);
  odd = csm_media_words_dup_odd (info, csm_session_get_index (self->session), 0);
  g_assert_cmpstr (odd, ==, "Frames without a time stamp: 75, the first is 0.");
  csm_session_select (self->session, NULL);
  g_assert_null (csm_session_get_media_info (self->session));
}

/* --- playing --- */

typedef struct
{
  Fixture *fixture;
  int n;
  int64_t last;
  bool backwards; /* went against the direction */
  bool differs;   /* the readout named another frame */
} Shown;

static void
picture_changed_cb (CsmSession *session, Shown *shown)
{
  const CsmPicture *picture = csm_session_get_picture (session);

  if (picture == NULL)
    return;
  shown->n++;
  if (csm_session_get_playing (session) && picture->ordinal < shown->last)
    shown->backwards = true;
  shown->last = picture->ordinal;
}

static void
ordinal_changed_cb (CsmSession *session, GParamSpec *pspec, Shown *shown)
{
  const CsmPicture *picture = csm_session_get_picture (session);

  if (csm_session_get_playing (session) && picture != NULL &&
      picture->ordinal != csm_session_get_ordinal (session))
    shown->differs = true;
}

static void
test_playing_names_the_frame_shown (Fixture *self, gconstpointer data)
{
  Shown shown = { self, 0, -1, false, false };

  fixture_select (self, 0);
  csm_session_set_rate (self->session, 2);
  csm_session_set_playing (self->session, true);
  g_assert_true (csm_session_get_playing (self->session));
  g_signal_connect (self->session, "picture-changed", G_CALLBACK (picture_changed_cb), &shown);
  g_signal_connect (self->session, "notify::ordinal", G_CALLBACK (ordinal_changed_cb), &shown);
  fixture_wait_for (self, !csm_session_get_playing (self->session));
  /* It stops by itself, on the last frame. */
  g_assert_cmpint (ordinal (self), ==, 74);
  g_assert_cmpint (shown.n, >, 2);
  g_assert_false (shown.backwards);
  g_assert_false (shown.differs);
  fixture_wait_picture (self);
  g_signal_handlers_disconnect_by_data (self->session, &shown);
}

static void
test_playing_backwards_ends_at_the_first (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  csm_session_seek (self->session, 20);
  fixture_wait_picture (self);
  csm_session_set_rate (self->session, -4);
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, !csm_session_get_playing (self->session));
  g_assert_cmpint (ordinal (self), ==, 0);
}

static void
test_pause_stays_on_the_frame_shown (Fixture *self, gconstpointer data)
{
  int64_t at;

  fixture_select (self, 0);
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, ordinal (self) >= 3);
  csm_session_set_playing (self->session, false);
  at = ordinal (self);
  fixture_wait_picture (self);
  for (int i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (ordinal (self), ==, at);
  g_assert_cmpint (csm_session_get_picture (self->session)->ordinal, ==, at);
}

typedef struct
{
  int64_t first, last; /* where pictures may be */
  int64_t previous;
  int n_rounds;
  int64_t n_shown, n_left_out;
  bool outside;
} Loop;

static void
loop_picture_cb (CsmSession *session, Loop *loop)
{
  const CsmPicture *picture = csm_session_get_picture (session);

  if (picture == NULL || !csm_session_get_playing (session))
    return;
  if (picture->ordinal < loop->first || picture->ordinal > loop->last || picture->preview)
    loop->outside = true;
  if (loop->previous >= 0 && picture->ordinal < loop->previous)
    {
      loop->n_rounds++;
      loop->n_left_out += loop->last - loop->previous;
      loop->n_left_out += picture->ordinal - loop->first;
    }
  else if (loop->previous >= 0)
    loop->n_left_out += picture->ordinal - loop->previous - 1;
  loop->n_shown++;
  loop->previous = picture->ordinal;
}

/* Round and round between in and out; what is not shown is counted, to the frame. */
static void
test_loop_stays_between_in_and_out (Fixture *self, gconstpointer data)
{
  Loop loop = { .first = 10, .last = 29, .previous = -1 };

  fixture_select (self, 0);
  csm_session_set_in (self->session, loop.first);
  csm_session_set_out (self->session, loop.last);
  csm_session_set_loop (self->session, true);
  csm_session_set_rate (self->session, 4);
  g_signal_connect (self->session, "picture-changed", G_CALLBACK (loop_picture_cb), &loop);
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, loop.n_rounds >= 3);
  g_assert_false (loop.outside);
  g_assert_cmpint (csm_session_get_n_dropped (self->session), ==, loop.n_left_out);
  /* Four times 25 is more than is shown in a second. */
  g_assert_cmpint (loop.n_left_out, >, 0);
  csm_session_set_playing (self->session, false);
  g_signal_handlers_disconnect_by_data (self->session, &loop);
  fixture_wait_picture (self);
}

static void
test_loop_goes_round_backwards (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  csm_session_set_in (self->session, 5);
  csm_session_set_out (self->session, 12);
  csm_session_set_loop (self->session, true);
  csm_session_set_rate (self->session, -1);
  csm_session_seek (self->session, 7);
  fixture_wait_picture (self);
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, ordinal (self) == 5);
  fixture_wait_for (self, ordinal (self) > 7);
  g_assert_cmpint (ordinal (self), <=, 12);
  g_assert_true (csm_session_get_playing (self->session));
  /* Without the loop it goes on to the start of the track. */
  csm_session_set_loop (self->session, false);
  fixture_wait_for (self, !csm_session_get_playing (self->session));
  g_assert_cmpint (ordinal (self), ==, 0);
}

static void
test_dropped_frames_are_counted_anew (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  csm_session_set_rate (self->session, 4);
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, !csm_session_get_playing (self->session));
  g_assert_cmpint (csm_session_get_n_dropped (self->session), >, 0);
  g_assert_cmpint (csm_session_get_n_dropped (self->session), <, 74);
  csm_session_set_rate (self->session, 0.1);
  csm_session_set_playing (self->session, true);
  g_assert_cmpint (csm_session_get_n_dropped (self->session), ==, 0);
  csm_session_set_playing (self->session, false);
  fixture_wait_picture (self);
}

typedef struct
{
  int n_previews;
  bool misnamed;
} Scrubbed;

static void
scrub_picture_cb (CsmSession *session, Scrubbed *scrubbed)
{
  const CsmPicture *picture = csm_session_get_picture (session);

  if (picture == NULL)
    return;
  scrubbed->n_previews += picture->preview;
  /* The playhead is where it was dragged to: another frame than that says so. */
  if (!picture->preview && picture->ordinal != csm_session_get_ordinal (session))
    scrubbed->misnamed = true;
}

static void
test_scrubbing_previews_then_shows (Fixture *self, gconstpointer data)
{
  Scrubbed scrubbed = { 0 };

  fixture_select (self, 0);
  g_signal_connect (self->session, "picture-changed", G_CALLBACK (scrub_picture_cb), &scrubbed);
  csm_session_scrub (self->session, 70);
  g_assert_cmpint (ordinal (self), ==, 70);
  fixture_wait_for (self, scrubbed.n_previews == 1);
  g_assert_cmpint (csm_session_get_picture (self->session)->ordinal, <, 70);
  fixture_wait_picture (self);
  g_assert_false (csm_session_get_picture (self->session)->preview);
  for (int i = 0; i < 40; i++)
    csm_session_scrub (self->session, (i * 29) % 75);
  csm_session_scrub (self->session, 33);
  fixture_wait_picture (self);
  g_assert_false (csm_session_get_picture (self->session)->preview);
  g_assert_false (scrubbed.misnamed);
  g_assert_cmpuint (self->problems->len, ==, 0);
  g_signal_handlers_disconnect_by_data (self->session, &scrubbed);
}

static void
test_killed_worker_is_replaced_while_playing (Fixture *self, gconstpointer data)
{
  int64_t at;
  int pid;

  fixture_select (self, 0);
  /* Slow enough that a busy machine does not reach the end, where nothing is read any more. */
  csm_session_set_rate (self->session, 0.1);
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, ordinal (self) >= 1);
  pid = csm_session_get_worker_pid (self->session);
  g_assert_cmpint (pid, >, 0);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  /* The picture that was on its way may still arrive, and on a busy machine it is any number of
   * frames ahead. */
  fixture_wait_for (self,
                    fixture_has_text (self->problems, "E-0001 stopped and was started again"));
  at = ordinal (self);
  fixture_wait_for (self, ordinal (self) > at);
  g_assert_true (csm_session_get_playing (self->session));
  g_assert_cmpint (csm_session_get_worker_pid (self->session), !=, pid);
  csm_session_set_playing (self->session, false);
  fixture_wait_picture (self);
}

static void
test_killed_worker_is_replaced_while_paused (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  csm_session_seek (self->session, 30);
  fixture_wait_picture (self);
  g_assert_cmpint (kill (csm_session_get_worker_pid (self->session), SIGKILL), ==, 0);
  csm_session_step (self->session, 1);
  fixture_wait_picture (self);
  g_assert_cmpint (ordinal (self), ==, 31);
}

static void
kill_worker (Fixture *self)
{
  g_assert_cmpint (kill (csm_session_get_worker_pid (self->session), SIGKILL), ==, 0);
}

static void
count_cb (CsmSession *session, GParamSpec *pspec, int *count)
{
  (*count)++;
}

static void
test_killed_worker_gets_the_exact_index_again (Fixture *self, gconstpointer data)
{
  int n_indexes = 0;

  fixture_wait_checked (self);
  fixture_select (self, 0);
  g_signal_connect (self->session, "notify::index", G_CALLBACK (count_cb), &n_indexes);
  kill_worker (self);
  csm_session_use_index (self->session, csm_session_get_index (self->session));
  fixture_wait_for (self, n_indexes == 1);
  g_assert_true (fixture_has_text (self->problems, "E-0001 stopped and was started again"));
  g_assert_cmpuint (self->problems->len, ==, 1);
  fixture_wait_picture (self);
  g_signal_handlers_disconnect_by_data (self->session, &n_indexes);
}

static void
test_killed_worker_still_gives_a_still (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "still.png");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_select (self, 0);
  kill_worker (self);
  csm_session_save_still_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_save_still_finish (self->session, result, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_has_text (self->problems, "E-0001 stopped and was started again"));
}

static void
test_killed_worker_costs_no_mark_its_frames (Fixture *self, gconstpointer data)
{
  fixture_wait_checked (self);
  fixture_select (self, 0);
  kill_worker (self);
  (void) fixture_mark (self, 3, 5, NULL, "Seen.");
  g_assert_true (fixture_has_text (self->problems, "E-0001 stopped and was started again"));
  fixture_wait_for (self, fixture_exhibit_mark (self, 0)->committed);
}

static void
test_risky_file_gives_numbers_after_its_check (Fixture *self, gconstpointer data)
{
  const CsmId id = fixture_exhibit (self, 0)->id;

  csm_session_select (self->session, &id);
  fixture_wait_for (self, fixture_has_text (self->notices, "needs a full check") ||
                              csm_session_get_n_frames (self->session) > 0);
  g_assert_true (csm_session_get_n_frames (self->session) == 0 ||
                 csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_index_state (self->session), ==, CSM_INDEX_EXACT);
  g_assert_cmpint (csm_session_get_n_frames (self->session), ==, 75);
}

static void
test_index_becomes_exact_under_the_eye (Fixture *self, gconstpointer data)
{
  fixture_select (self, 0);
  csm_session_seek (self->session, 22);
  fixture_wait_for (self, csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  g_assert_true (csm_frame_index_is_exact (csm_session_get_index (self->session)));
  g_assert_cmpint (ordinal (self), ==, 22);
  fixture_wait_picture (self);
}

/* A linked clip that needs its full check, and that nobody checks by himself. */
static char *
add_risky (Fixture *self)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  const CsmIntakeOptions options = { .link = true };
  const CsmMediaFacts failed = { .state = CSM_INDEX_FAILED, .n_frames = -1 };
  char *path = fixture_path (self, "risky.h264");
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (CsmMediaSource) source = NULL;
  g_autoptr (CsmWorker) worker = NULL;
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  CsmCase *acase;
  size_t size;

  g_assert_true (g_file_get_contents (fixture_clip ("raw.h264"), &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  acase = csm_case_open (self->case_path, passphrase, false, &error);
  g_assert_no_error (error);
  csm_intake_add_file (acase, path, &options, NULL, NULL, NULL, &exhibit, NULL, &error);
  g_assert_no_error (error);
  source = csm_intake_open_media (acase, &exhibit->id, &error);
  worker = csm_worker_new (source, false);
  csm_intake_look (acase, &exhibit->id, worker, NULL, &error);
  csm_case_set_media_facts (acase, &exhibit->id, &failed, &error);
  g_assert_no_error (error);
  csm_case_close (acase);
  return path;
}

/* The view has read the file, and its check comes next: it meets another one. */
static void
spoil_cb (CsmSession *session, const char *notice, const char *path)
{
  g_autofree char *bytes = NULL;
  size_t size;
  FILE *file;

  if (strstr (notice, "needs a full check") == NULL)
    return;
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  file = fopen (path, "r+b"); /* in place: of the same size */
  g_assert_nonnull (file);
  memset (bytes, 'x', size);
  g_assert_cmpint (fwrite (bytes, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
test_risky_file_that_fails_says_so (Fixture *self, gconstpointer data)
{
  g_autofree char *path = add_risky (self);
  CsmId id;

  g_signal_connect (self->session, "notice", G_CALLBACK (spoil_cb), path);
  fixture_open (self);
  id = fixture_exhibit (self, 0)->id;
  csm_session_select (self->session, &id);
  fixture_wait_for (self, fixture_has_text (self->problems, "The full check of E-0001 failed"));
  g_assert_cmpint (csm_session_get_index_state (self->session), ==, CSM_INDEX_FAILED);
  g_assert_cmpint (fixture_exhibit (self, 0)->index_state, ==, CSM_INDEX_FAILED);
  g_signal_handlers_disconnect_by_data (self->session, path);
}

#define ADD(name, clip, function)                                                  \
  g_test_add ("/casement/review/view/" name, Fixture, clip, set_up_view, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("steps-are-exact", "a.mp4", test_steps_are_exact);
  ADD ("ends-hold", "a.mp4", test_ends_hold);
  ADD ("newest-seek-wins", "a.mp4", test_newest_seek_wins);
  ADD ("go-to-reads-frames-and-times", "a.mp4", test_go_to_reads_frames_and_times);
  ADD ("time-shown-leads-back-to-its-frame", "a.mp4", test_time_shown_leads_back_to_its_frame);
  ADD ("position-is-kept-for-each-exhibit", "a.mp4", test_position_is_kept_for_each_exhibit);
  ADD ("in-and-out-keep-their-order", "a.mp4", test_in_and_out_keep_their_order);
  ADD ("view-size-is-asked-for", "a.mp4", test_view_size_is_asked_for);
  ADD ("crop-is-of-its-exhibit", "a.mp4", test_crop_is_of_its_exhibit);
  ADD ("crop-that-does-not-fit-is-left-out", "sizes.ts",
       test_crop_that_does_not_fit_is_left_out);
  ADD ("still-of-a-crop-lies-beside-the-frame", "sizes.ts",
       test_still_of_a_crop_lies_beside_the_frame);
  ADD ("playing-names-the-frame-shown", "a.mp4", test_playing_names_the_frame_shown);
  ADD ("playing-backwards-ends-at-the-first", "a.mp4",
       test_playing_backwards_ends_at_the_first);
  ADD ("pause-stays-on-the-frame-shown", "a.mp4", test_pause_stays_on_the_frame_shown);
  ADD ("loop-stays-between-in-and-out", "a.mp4", test_loop_stays_between_in_and_out);
  ADD ("loop-goes-round-backwards", "a.mp4", test_loop_goes_round_backwards);
  ADD ("dropped-frames-are-counted-anew", "a.mp4", test_dropped_frames_are_counted_anew);
  ADD ("scrubbing-previews-then-shows", "a.mp4", test_scrubbing_previews_then_shows);
  ADD ("killed-worker-is-replaced-while-playing", "a.mp4",
       test_killed_worker_is_replaced_while_playing);
  ADD ("killed-worker-is-replaced-while-paused", "a.mp4",
       test_killed_worker_is_replaced_while_paused);
  ADD ("killed-worker-gets-the-exact-index-again", "a.mp4",
       test_killed_worker_gets_the_exact_index_again);
  ADD ("killed-worker-still-gives-a-still", "a.mp4", test_killed_worker_still_gives_a_still);
  ADD ("killed-worker-costs-no-mark-its-frames", "a.mp4",
       test_killed_worker_costs_no_mark_its_frames);
  ADD ("risky-file-gives-numbers-after-its-check", "raw.h264",
       test_risky_file_gives_numbers_after_its_check);
  ADD ("what-is-odd-is-said", "raw.h264", test_what_is_odd_is_said);
  ADD ("index-becomes-exact-under-the-eye", "a.mp4", test_index_becomes_exact_under_the_eye);
  g_test_add ("/casement/review/view/risky-file-that-fails-says-so", Fixture, NULL,
              fixture_set_up, test_risky_file_that_fails_says_so, fixture_tear_down);
  return fixture_run ();
}
