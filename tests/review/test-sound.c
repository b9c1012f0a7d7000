/* test-sound.c: sound with the pictures, on a real sound server, and sound alone
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-sound-server.h"
#include "media/csm-sound-output.h"
#include "review-fixture.h"

#include <string.h>

#define RATE 48000
#define FRAME (RATE / 25)
/* Samples that sound begins after, so that a recorder is there by then. */
#define QUIET (RATE / 2)
#define N_SAMPLES (RATE * 4)

/* 100 frames and four seconds of samples, of which the first half is silent and no other. */
static char *
make_clip (Fixture *self, const char *name, bool picture)
{
  char *path = fixture_path (self, name);
  g_autofree char *raw = fixture_path (self, "samples");
  g_autofree gint16 *samples = g_new0 (gint16, N_SAMPLES * 2);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  int status;

  for (int i = QUIET * 2; i < N_SAMPLES * 2; i++)
    samples[i] = (gint16) g_rand_int_range (random, 1, 20000);
  g_file_set_contents (raw, (const char *) samples, N_SAMPLES * 4, &error);
  g_assert_no_error (error);
  line = g_strdup_printf ("ffmpeg -v error -y %s -f s16le -ar %d -ac 2 -i %s %s -bitexact %s",
                          picture ? "-f lavfi -i testsrc2=size=160x120:rate=25:duration=4" : "",
                          RATE, raw,
                          picture ? "-c:v libx264 -g 10 -pix_fmt yuv420p -c:a flac" : "", path);
  g_spawn_command_line_sync (line, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return path;
}

static void
open_clip (Fixture *self, const char *name, bool picture)
{
  g_autofree char *path = make_clip (self, name, picture);
  g_autoptr (CsmJob) job = NULL;
  CsmId id;

  fixture_open (self);
  job = fixture_import (self, (const char *const[]){ path, NULL });
  fixture_wait_checked (self);
  id = fixture_exhibit (self, 0)->id;
  csm_session_select (self->session, &id);
  fixture_wait_for (self, csm_session_get_ordinal (self->session) == 0);
  if (picture)
    fixture_wait_picture (self);
}

/* What the window shows, and how much was recorded then. */
typedef struct
{
  gint64 ordinal, recorded;
} Seen;

static void
picture_changed_cb (CsmSession *session, GArray *seen)
{
  const CsmPicture *picture = csm_session_get_picture (session);
  Seen now = { picture != NULL ? picture->ordinal : -1, csm_sound_server_count () };

  if (picture != NULL && csm_session_get_playing (session))
    g_array_append_val (seen, now);
}

static void
play_to_end (Fixture *self)
{
  csm_session_set_playing (self->session, true);
  fixture_wait_for (self, !csm_session_get_playing (self->session));
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* How far the pictures shown were ahead of the samples recorded, as a rule: in samples. @start:
 * where the clip's first sample is in the recording. */
static gint64
get_lead (const GArray *seen, gint64 start)
{
  g_autoptr (GArray) leads = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < seen->len; i++)
    {
      const Seen *one = &g_array_index (seen, Seen, i);
      gint64 lead = one->ordinal * FRAME - (one->recorded - start);

      if (one->ordinal >= 20)
        g_array_append_val (leads, lead);
    }
  g_assert_cmpuint (leads->len, >, 5);
  g_array_sort (leads, compare);
  return g_array_index (leads, gint64, leads->len / 2);
}

/* Where the clip's first sample is in the recording; what comes after its silence is compared
 * sample for sample. A server that was late, on a busy computer, puts silence in between, which
 * is none of the clip's. */
static gint64
find_clip (void)
{
  g_autoptr (GBytes) recording = csm_sound_server_read ();
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  gint64 sound = csm_sound_server_find_sound (recording, 0);
  const gint16 *heard = g_bytes_get_data (recording, NULL);
  gint64 n_recorded, n_compared = 0;

  g_assert_cmpint (sound, >=, QUIET);
  n_recorded = (gint64) g_bytes_get_size (recording) / 4;
  for (gint64 i = sound; i < n_recorded && n_compared < RATE * 2; i++)
    {
      if (heard[i * 2] == 0)
        continue;
      for (int channel = 0; channel < 2; channel++)
        if (heard[i * 2 + channel] != (gint16) g_rand_int_range (random, 1, 20000))
          g_error ("sample %" G_GINT64_FORMAT " is not the clip's", n_compared);
      n_compared++;
    }
  g_assert_cmpint (n_compared, ==, RATE * 2);
  return sound - QUIET;
}

static void
test_sound_starts_muted (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) recording = NULL;

  csm_sound_server_start ();
  open_clip (self, "a.mkv", true);
  g_assert_true (csm_session_get_muted (self->session));
  g_assert_nonnull (csm_session_get_sound (self->session));
  play_to_end (self);
  recording = csm_sound_server_read ();
  g_assert_cmpint (csm_sound_server_find_sound (recording, 0), ==, -1);
  csm_sound_server_stop ();
}

static void
test_sound_goes_with_the_pictures (Fixture *self, gconstpointer data)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (Seen));
  gint64 lead;

  csm_sound_server_start ();
  open_clip (self, "a.mkv", true);
  csm_session_set_muted (self->session, false);
  g_signal_connect (self->session, "picture-changed", G_CALLBACK (picture_changed_cb), seen);
  play_to_end (self);
  g_signal_handlers_disconnect_by_func (self->session, picture_changed_cb, seen);
  lead = get_lead (seen, find_clip ());
  g_test_message ("pictures before sound: %" G_GINT64_FORMAT " samples", lead);
  g_assert_cmpint (ABS (lead), <=, 3 * FRAME);
  csm_sound_server_stop ();
}

static void
test_offset_moves_the_sound (Fixture *self, gconstpointer data)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (Seen));
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  gint64 lead;
  CsmId id;

  csm_sound_server_start ();
  open_clip (self, "a.mkv", true);
  acquisition->sound_offset_ms = 400;
  id = fixture_exhibit (self, 0)->id;
  csm_session_set_acquisition (self->session, &id, acquisition);
  fixture_wait_for (self, fixture_exhibit (self, 0)->acquisition->sound_offset_ms == 400);
  csm_session_set_muted (self->session, false);
  g_signal_connect (self->session, "picture-changed", G_CALLBACK (picture_changed_cb), seen);
  play_to_end (self);
  g_signal_handlers_disconnect_by_func (self->session, picture_changed_cb, seen);
  lead = get_lead (seen, find_clip ());
  g_test_message ("pictures before sound: %" G_GINT64_FORMAT " samples", lead);
  g_assert_cmpint (ABS (lead - RATE * 4 / 10), <=, 3 * FRAME);
  csm_sound_server_stop ();
}

static void
test_sound_begins_where_the_playhead_is (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) recording = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  const gint16 *heard;
  gint16 wanted[64];
  gint64 sound;

  csm_sound_server_start ();
  open_clip (self, "a.mkv", true);
  csm_session_set_muted (self->session, false);
  csm_session_seek (self->session, 60);
  play_to_end (self);
  for (int i = 0; i < (60 * FRAME - QUIET) * 2 + RATE * 2; i++)
    (void) g_rand_int_range (random, 1, 20000);
  for (int i = 0; i < 64; i++)
    wanted[i] = (gint16) g_rand_int_range (random, 1, 20000);
  recording = csm_sound_server_read ();
  sound = csm_sound_server_find_sound (recording, 0);
  g_assert_cmpint (sound, >=, 0);
  heard = g_bytes_get_data (recording, NULL);
  /* A second after its first sample, give or take what the recorder missed of that. */
  for (gint64 i = sound + RATE / 2; i <= sound + RATE; i++)
    if (memcmp (heard + i * 2, wanted, sizeof wanted) == 0)
      {
        csm_sound_server_stop ();
        return;
      }
  g_error ("what sounded is not what is at frame 60");
}

/* From the first sample recorded to the last: in samples. */
static gint64
get_length (void)
{
  g_autoptr (GBytes) recording = csm_sound_server_read ();
  gint64 first = csm_sound_server_find_sound (recording, 0);
  gint64 last = (gint64) g_bytes_get_size (recording) / 4 - 1;
  const gint32 *samples = g_bytes_get_data (recording, NULL);

  while (last > first && samples[last] == 0)
    last--;
  return first < 0 ? 0 : last - first + 1;
}

static void
test_twice_as_fast_takes_half_as_long (Fixture *self, gconstpointer data)
{
  csm_sound_server_start ();
  open_clip (self, "a.mkv", true);
  csm_session_set_muted (self->session, false);
  csm_session_set_rate (self->session, 2);
  play_to_end (self);
  g_assert_cmpint (ABS (get_length () - (N_SAMPLES - QUIET) / 2), <=, RATE / 4);
  csm_sound_server_stop ();
}

static void
test_faster_or_backward_is_silent (Fixture *self, gconstpointer data)
{
  csm_sound_server_start ();
  open_clip (self, "a.mkv", true);
  csm_session_set_muted (self->session, false);
  csm_session_set_rate (self->session, 4);
  play_to_end (self);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 99);
  csm_session_set_rate (self->session, -1);
  csm_session_seek (self->session, 20);
  play_to_end (self);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 0);
  g_assert_cmpint (get_length (), ==, 0);
  csm_sound_server_stop ();
}

static void
test_without_a_server_pictures_play (Fixture *self, gconstpointer data)
{
  g_autofree char *nowhere = fixture_path (self, "nowhere");

  g_setenv ("PULSE_SERVER", nowhere, TRUE);
  open_clip (self, "a.mkv", true);
  csm_session_set_muted (self->session, false);
  play_to_end (self);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 99);
  g_assert_true (fixture_has_text (self->notices, "sound is not played"));
  g_assert_cmpuint (self->problems->len, ==, 0);
  g_unsetenv ("PULSE_SERVER");
}

static void
test_sound_alone_has_samples (Fixture *self, gconstpointer data)
{
  CsmSession *session = self->session;
  g_autoptr (GError) error = NULL;
  const CsmMark *mark;
  CsmTimebase timebase;

  open_clip (self, "a.wav", false);
  g_assert_true (csm_session_is_sound_alone (session));
  g_assert_cmpint (csm_session_get_n_frames (session), ==, N_SAMPLES);
  g_assert_cmpint (fixture_exhibit (self, 0)->duration_ms, ==, 4000);
  g_assert_true (csm_session_go_to (session, "00:00:01.500", &error));
  g_assert_no_error (error);
  g_assert_cmpint (csm_session_get_ordinal (session) / 48, ==, 1500);
  g_assert_true (csm_session_go_to (session, "96000", &error));
  g_assert_cmpint (csm_session_get_pts (session, 96000, &timebase), ==, 96000);
  g_assert_cmpint (timebase.den, ==, RATE);
  g_assert_false (csm_session_go_to (session, "192000", &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME);
  csm_session_step (session, 1);
  g_assert_cmpint (csm_session_get_ordinal (session), ==, 96000 + RATE / 25);

  fixture_mark (self, 24000, 71999, "baton", "shouting");
  mark = fixture_exhibit_mark (self, 0);
  g_assert_cmpint (mark->track, ==, CSM_SOUND_TRACK (0));
  g_assert_cmpint (mark->from, ==, 24000);
  g_assert_cmpint (mark->to_pts, ==, 71999);
  g_assert_cmpint (mark->timebase.den, ==, RATE);
}

static void
test_sound_alone_plays (Fixture *self, gconstpointer data)
{
  csm_sound_server_start ();
  open_clip (self, "a.wav", false);
  csm_session_set_muted (self->session, false);
  play_to_end (self);
  (void) find_clip ();
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, N_SAMPLES - 1);
  csm_sound_server_stop ();
}

/* As of an exhibit that came in before there were maps. */
static void
test_missing_map_is_made (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GBytes) nonsense = g_bytes_new ("none", 4);
  g_autoptr (GError) error = NULL;
  CsmCase *acase;
  CsmId id;

  open_clip (self, "a.mkv", true);
  id = fixture_exhibit (self, 0)->id;
  fixture_lock (self);
  acase = csm_case_open (self->case_path, passphrase, false, &error);
  g_assert_no_error (error);
  g_assert_true (csm_case_set_sound (acase, &id, 0, 1, nonsense, &error));
  csm_case_close (acase);
  fixture_open (self);
  csm_session_select (self->session, &id);
  fixture_wait_for (self, csm_session_get_sound (self->session) != NULL);
  g_assert_cmpint (csm_sound_map_get_n_samples (csm_session_get_sound (self->session)), ==,
                   N_SAMPLES);
}

#define add(path, test)                                                            \
  g_test_add ("/casement/review/sound/" path, Fixture, NULL, fixture_set_up, test, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  csm_sound_output_init ();
  g_test_init (&argc, &argv, NULL);
  add ("starts-muted", test_sound_starts_muted);
  add ("with-the-pictures", test_sound_goes_with_the_pictures);
  add ("offset", test_offset_moves_the_sound);
  add ("begins-at-the-playhead", test_sound_begins_where_the_playhead_is);
  add ("twice-as-fast", test_twice_as_fast_takes_half_as_long);
  add ("faster-or-backward", test_faster_or_backward_is_silent);
  add ("without-a-server", test_without_a_server_pictures_play);
  add ("alone-has-samples", test_sound_alone_has_samples);
  add ("alone-plays", test_sound_alone_plays);
  add ("missing-map", test_missing_map_is_made);
  return fixture_run ();
}
