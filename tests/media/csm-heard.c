/* csm-heard.c: compares the worker's samples with the ffmpeg program's
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-heard.h"

#include <string.h>

GBytes *
csm_heard_get_truth (const char *path, int track, int channels)
{
  g_autofree char *map = g_strdup_printf ("0:a:%d", track);
  g_autofree char *count = g_strdup_printf ("%d", channels);
  const char *command[] = { "ffmpeg", "-nostdin", "-loglevel", "quiet", "-i",    path, "-map",
                            map,      "-ac",      count,       "-f",    "s16le", "-",  NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *output = NULL;

  process = g_subprocess_newv (command, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  return output;
}

static void
assert_block (CsmWorker *worker, const CsmSoundMap *map, int64_t n, const uint8_t *truth)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = csm_worker_read_sound (worker, map, n, true, NULL, &error);
  int stride = csm_sound_map_get_channels (map) * 2;
  const CsmSoundBlock *block = csm_sound_map_get_block (map, n);
  size_t size;
  const uint8_t *data;

  if (bytes == NULL)
    g_error ("block %" G_GINT64_FORMAT ": %s", n, error->message);
  data = g_bytes_get_data (bytes, &size);
  g_assert_cmpint ((int64_t) size, ==, csm_sound_map_get_block_size (map, n) * stride);
  if (memcmp (data, truth + block->first * stride, size) != 0)
    g_error ("block %" G_GINT64_FORMAT " at sample %" G_GINT64_FORMAT " is not ffmpeg's", n,
             block->first);
}

/* What is read for playing has its place and its length; only noise may be other noise. */
static void
assert_quick_block (CsmWorker *worker, const CsmSoundMap *map, int64_t n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = csm_worker_read_sound (worker, map, n, false, NULL, &error);

  if (bytes == NULL)
    g_error ("block %" G_GINT64_FORMAT " quickly: %s", n, error->message);
  g_assert_cmpint ((int64_t) g_bytes_get_size (bytes), ==,
                   csm_sound_map_get_block_size (map, n) * csm_sound_map_get_channels (map) *
                       2);
}

static void
assert_peaks (const CsmSoundMap *map, const int16_t *truth)
{
  int channels = csm_sound_map_get_channels (map);
  int64_t n_samples = csm_sound_map_get_n_samples (map);

  for (int64_t from = 0; from < n_samples; from += CSM_SOUND_PEAK_SAMPLES)
    {
      int64_t to = MIN (from + CSM_SOUND_PEAK_SAMPLES, n_samples);
      int low = INT16_MAX, high = INT16_MIN, told_low, told_high;

      for (int64_t i = from * channels; i < to * channels; i++)
        {
          low = MIN (low, truth[i]);
          high = MAX (high, truth[i]);
        }
      g_assert_true (csm_sound_map_get_peak (map, from, to, &told_low, &told_high));
      if (told_low != low || told_high != high)
        g_error ("peak at sample %" G_GINT64_FORMAT ": %d to %d against %d to %d", from,
                 told_low, told_high, low, high);
    }
}

static CsmWorker *
start_worker (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, &error);

  g_assert_no_error (error);
  return csm_worker_new (source, false);
}

void
csm_heard_assert (const char *path, int track, int n_shuffled, guint32 seed)
{
  g_autoptr (CsmWorker) worker = start_worker (path);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSoundMap) map = csm_worker_map_sound (worker, track, NULL, NULL, NULL, &error);
  g_autoptr (GBytes) truth =
      csm_heard_get_truth (path, track, map != NULL ? csm_sound_map_get_channels (map) : 1);
  size_t size;
  const uint8_t *data = g_bytes_get_data (truth, &size);

  if (size == 0)
    {
      g_assert_null (map);
      /* What says nothing to ffmpeg says nothing to a worker that lives. */
      if (!g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED) &&
          !g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED))
        g_error ("no sound: %s", error->message);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpint (csm_sound_map_get_n_samples (map) * csm_sound_map_get_channels (map) * 2, ==,
                   (int64_t) size);
  for (int64_t n = 0; n < csm_sound_map_get_n_blocks (map); n++)
    assert_block (worker, map, n, data);
  for (int i = 0; i < n_shuffled; i++)
    {
      gint32 n = g_rand_int_range (random, 0, (gint32) csm_sound_map_get_n_blocks (map));

      if (i % 3 == 0)
        {
          csm_worker_free (g_steal_pointer (&worker));
          worker = start_worker (path);
        }
      if (i % 3 == 1)
        assert_quick_block (worker, map, n);
      assert_block (worker, map, n, data);
    }
  assert_peaks (map, (const int16_t *) data);
}
