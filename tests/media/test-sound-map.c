/* test-sound-map.c: a map of sound is stored, read again, and never trusted
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-error.h"
#include "media/csm-sound-map.h"

#include <string.h>

#define RATE 8000
#define N_SAMPLES 40000

/* Three blocks: the second follows the first, the third comes two seconds late. */
static CsmSoundMap *
make_map (void)
{
  GArray *blocks = g_array_new (FALSE, FALSE, sizeof (CsmSoundBlock));
  GArray *peaks = g_array_new (FALSE, FALSE, sizeof (int16_t));
  CsmSoundBlock block[3] = {
    { .first = 0, .pts = 1000, .packet = { 48, 1000, 1000, 700 }, .hash = 7 },
    { .first = 16000, .pts = CSM_NO_PTS, .packet = { -1, CSM_NO_PTS, 3000, 700 }, .hash = 8 },
    { .first = 32000, .pts = 7000, .packet = { 9000, 7000, 7000, 0 }, .hash = UINT64_MAX },
  };

  g_array_append_vals (blocks, block, 3);
  for (int i = 0; i < (N_SAMPLES + 511) / 512; i++)
    {
      int16_t pair[2] = { (int16_t) -i, (int16_t) (2 * i) };

      g_array_append_vals (peaks, pair, 2);
    }
  return csm_sound_map_new (0, RATE, 1, (CsmTimebase){ 1, 1000 }, N_SAMPLES, blocks, peaks);
}

static void
what_is_stored_is_read (void)
{
  g_autoptr (CsmSoundMap) map = make_map ();
  g_autoptr (GBytes) bytes = csm_sound_map_serialize (map);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSoundMap) again = csm_sound_map_parse (bytes, &error);
  g_autoptr (GBytes) twice = NULL;

  g_assert_no_error (error);
  twice = csm_sound_map_serialize (again);
  g_assert_true (g_bytes_equal (bytes, twice));
  g_assert_cmpint (csm_sound_map_get_rate (again), ==, RATE);
  g_assert_cmpint (csm_sound_map_get_n_blocks (again), ==, 3);
  g_assert_cmpint (csm_sound_map_get_block_size (again, 2), ==, 8000);
  g_assert_cmpint (csm_sound_map_get_block (again, 1)->packet.pos, ==, -1);
}

static void
times_follow_gaps (void)
{
  g_autoptr (CsmSoundMap) map = make_map ();

  g_assert_cmpint (csm_sound_map_sample_to_us (map, 0), ==, 1000000);
  g_assert_cmpint (csm_sound_map_sample_to_us (map, 24000), ==, 4000000);
  g_assert_cmpint (csm_sound_map_sample_to_us (map, 32000), ==, 7000000);
  g_assert_cmpint (csm_sound_map_us_to_sample (map, 4000000), ==, 24000);
  g_assert_cmpint (csm_sound_map_us_to_sample (map, 6000000), ==, 32000);
  g_assert_cmpint (csm_sound_map_us_to_sample (map, 7500000), ==, 36000);
  g_assert_cmpint (csm_sound_map_us_to_sample (map, 0), ==, 0);
  g_assert_cmpint (csm_sound_map_us_to_sample (map, 90000000), ==, N_SAMPLES);
}

static void
peaks_cover_what_was_asked_for (void)
{
  g_autoptr (CsmSoundMap) map = make_map ();
  int low, high;

  g_assert_true (csm_sound_map_get_peak (map, 512, 512 * 4, &low, &high));
  g_assert_cmpint (low, ==, -3);
  g_assert_cmpint (high, ==, 6);
  g_assert_false (csm_sound_map_get_peak (map, N_SAMPLES + 512, N_SAMPLES + 600, &low, &high));
  g_assert_false (csm_sound_map_get_peak (map, 0, 0, &low, &high));
}

static void
shorter_or_longer_is_refused (void)
{
  g_autoptr (CsmSoundMap) map = make_map ();
  g_autoptr (GBytes) bytes = csm_sound_map_serialize (map);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *longer = g_malloc0 (size + 1);

  for (gsize n = 0; n < size; n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (data, n);
      g_autoptr (GError) error = NULL;

      g_assert_null (csm_sound_map_parse (cut, &error));
      g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED);
    }
  memcpy (longer, data, size);
  {
    g_autoptr (GBytes) more = g_bytes_new (longer, size + 1);

    g_assert_null (csm_sound_map_parse (more, NULL));
  }
}

/* Whatever a flipped byte makes of it, asking is safe. */
static void
every_flipped_byte_is_survived (void)
{
  g_autoptr (CsmSoundMap) map = make_map ();
  g_autoptr (GBytes) bytes = csm_sound_map_serialize (map);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  for (gsize i = 0; i < size * 2; i++)
    {
      g_autofree char *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) flipped = NULL;
      g_autoptr (CsmSoundMap) odd = NULL;
      int low, high;

      copy[i / 2] ^= i % 2 == 0 ? 0xff : 0x01;
      flipped = g_bytes_new (copy, size);
      odd = csm_sound_map_parse (flipped, NULL);
      if (odd == NULL)
        continue;
      (void) csm_sound_map_sample_to_us (odd, N_SAMPLES);
      (void) csm_sound_map_us_to_sample (odd, G_MAXINT64 / 8);
      (void) csm_sound_map_us_to_sample (odd, 4000000);
      (void) csm_sound_map_get_peak (odd, 0, N_SAMPLES, &low, &high);
      g_assert_cmpint (csm_sound_map_find_block (odd, 20000), <,
                       csm_sound_map_get_n_blocks (odd));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/media/sound-map/stored", what_is_stored_is_read);
  g_test_add_func ("/casement/media/sound-map/times", times_follow_gaps);
  g_test_add_func ("/casement/media/sound-map/peaks", peaks_cover_what_was_asked_for);
  g_test_add_func ("/casement/media/sound-map/length", shorter_or_longer_is_refused);
  g_test_add_func ("/casement/media/sound-map/flipped", every_flipped_byte_is_survived);
  return g_test_run ();
}
