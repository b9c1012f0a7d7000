/* test-sound-output.c: what is written is what a real sound server plays, sample for sample
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-sound-server.h"
#include "media/csm-sound-output.h"

#include <glib/gstdio.h>
#include <string.h>

#define RATE 48000
#define LEAD (RATE / 2)
#define N_SAMPLES (RATE * 2)

static void
changed_cb (CsmSoundOutput *output, gpointer data)
{
  ++*(int *) data;
}

/* Silence, since a recorder can miss what the server puts into its buffer at the very start;
 * then no two places are alike. */
static GBytes *
make_samples (void)
{
  gint16 *samples = g_new (gint16, N_SAMPLES * 2);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  memset (samples, 0, LEAD * 4);
  for (int i = LEAD * 2; i < N_SAMPLES * 2; i++)
    samples[i] = (gint16) (g_rand_int_range (random, 1, 30000) * (i % 3 == 0 ? -1 : 1));
  return g_bytes_new_take (samples, N_SAMPLES * 4);
}

static void
wait_for_state (CsmSoundOutput *output, CsmSoundState state)
{
  while (csm_sound_output_get_state (output) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
assert_recorded (GBytes *samples)
{
  g_autoptr (GBytes) recording = NULL;
  gint64 start = -1;
  const guint8 *recorded;

  do
    {
      g_usleep (20000);
      g_clear_pointer (&recording, g_bytes_unref);
      recording = csm_sound_server_read ();
      start = csm_sound_server_find_sound (recording, 0);
  } while (start < 0 || (gint64) g_bytes_get_size (recording) / 4 < start + N_SAMPLES - LEAD);
  recorded = g_bytes_get_data (recording, NULL);
  g_assert_cmpmem (recorded + start * 4, (N_SAMPLES - LEAD) * 4,
                   (const guint8 *) g_bytes_get_data (samples, NULL) + LEAD * 4,
                   (N_SAMPLES - LEAD) * 4);
}

static void
what_is_written_is_played (void)
{
  int n_changes = 0;
  g_autoptr (CsmSoundOutput) output = NULL;
  g_autoptr (GBytes) samples = make_samples ();

  csm_sound_server_start ();
  output = csm_sound_output_new (changed_cb, &n_changes);
  wait_for_state (output, CSM_SOUND_READY);
  csm_sound_output_start (output, RATE, 2, 1);
  g_assert_cmpint (csm_sound_output_get_heard (output), ==, -1);
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) part =
          g_bytes_new_from_bytes (samples, (gsize) (i * N_SAMPLES / 3 * 4), N_SAMPLES / 3 * 4);

      csm_sound_output_write (output, part);
    }
  assert_recorded (samples);
  /* All of it was heard, and the count does not run on into silence. */
  while (csm_sound_output_get_heard (output) < N_SAMPLES - RATE / 10)
    g_usleep (5000);
  g_assert_cmpint (csm_sound_output_get_waiting (output), ==, 0);
  g_assert_cmpint (csm_sound_output_get_heard (output), <=, N_SAMPLES + RATE / 10);
  g_assert_cmpint (n_changes, >=, 1);
  g_clear_pointer (&output, csm_sound_output_free);
  csm_sound_server_stop ();
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* Looks at the count and at the recording again and again: as a rule they are together. */
static void
what_is_counted_is_what_is_heard (void)
{
  int n_changes = 0;
  g_autoptr (CsmSoundOutput) output = NULL;
  g_autoptr (GBytes) samples = make_samples ();
  g_autoptr (GBytes) recording = NULL;
  g_autoptr (GArray) ahead = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 start, heard, middle;

  csm_sound_server_start ();
  output = csm_sound_output_new (changed_cb, &n_changes);
  csm_sound_output_start (output, RATE, 2, 1);
  csm_sound_output_write (output, samples);
  do
    {
      gint64 difference = csm_sound_server_count ();

      heard = csm_sound_output_get_heard (output);
      difference -= heard;
      if (heard > LEAD)
        g_array_append_val (ahead, difference);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (2000);
  } while (heard < LEAD + RATE);
  recording = csm_sound_server_read ();
  start = csm_sound_server_find_sound (recording, 0) - LEAD;
  g_array_sort (ahead, compare);
  middle = g_array_index (ahead, gint64, ahead->len / 2) - start;
  g_test_message ("recorded against counted: %" G_GINT64_FORMAT " samples", middle);
  /* Two pictures of 25 a second. */
  g_assert_cmpint (ABS (middle), <=, 2 * RATE / 25);
  g_clear_pointer (&output, csm_sound_output_free);
  csm_sound_server_stop ();
}

static void
half_volume_is_less (void)
{
  int n_changes = 0;
  g_autoptr (CsmSoundOutput) output = NULL;
  g_autoptr (GBytes) samples = make_samples ();
  const gint16 *written = g_bytes_get_data (samples, NULL);
  g_autoptr (GBytes) recording = NULL;
  gint64 start;

  csm_sound_server_start ();
  output = csm_sound_output_new (changed_cb, &n_changes);
  csm_sound_output_set_volume (output, 0.5);
  csm_sound_output_start (output, RATE, 2, 1);
  csm_sound_output_write (output, samples);
  while (csm_sound_output_get_heard (output) < RATE)
    g_main_context_iteration (NULL, FALSE);
  recording = csm_sound_server_read ();
  start = csm_sound_server_find_sound (recording, 0);
  {
    const gint16 *heard = g_bytes_get_data (recording, NULL);

    for (int i = 0; i < 1000; i++)
      g_assert_cmpint (ABS (heard[start * 2 + i]), <=, ABS (written[LEAD * 2 + i]) / 4 + 2);
  }
  g_clear_pointer (&output, csm_sound_output_free);
  csm_sound_server_stop ();
}

static void
assert_fails (const char *reason)
{
  int n_changes = 0;
  g_autoptr (CsmSoundOutput) output = csm_sound_output_new (changed_cb, &n_changes);
  g_autoptr (GBytes) samples = make_samples ();
  g_autofree char *told = NULL;

  wait_for_state (output, CSM_SOUND_FAILED);
  told = csm_sound_output_dup_reason (output);
  g_assert_nonnull (strstr (told, reason));
  csm_sound_output_start (output, RATE, 2, 1);
  csm_sound_output_write (output, samples);
  g_assert_cmpint (csm_sound_output_get_heard (output), ==, -1);
  g_assert_cmpint (csm_sound_output_get_waiting (output), ==, 0);
  csm_sound_output_stop (output);
  while (n_changes == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
without_a_server_it_says_so (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("casement-quiet-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "native", NULL);

  g_setenv ("PULSE_SERVER", path, TRUE);
  assert_fails ("refused");
  g_unsetenv ("PULSE_SERVER");
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
other_computers_are_refused (void)
{
  static const char *const names[] = { "tcp:127.0.0.1:4713", "tcp6:[::1]", "somewhere.example",
                                       "unix:/nowhere tcp:127.0.0.1", "{abc}tcp:127.0.0.1" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_setenv ("PULSE_SERVER", names[i], TRUE);
      assert_fails ("PULSE_SERVER");
    }
  g_unsetenv ("PULSE_SERVER");
}

int
main (int argc, char **argv)
{
  csm_sound_output_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/media/sound-output/sample-for-sample", what_is_written_is_played);
  g_test_add_func ("/casement/media/sound-output/clock", what_is_counted_is_what_is_heard);
  g_test_add_func ("/casement/media/sound-output/volume", half_volume_is_less);
  g_test_add_func ("/casement/media/sound-output/no-server", without_a_server_it_says_so);
  g_test_add_func ("/casement/media/sound-output/other-computers", other_computers_are_refused);
  return g_test_run ();
}
