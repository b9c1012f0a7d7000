/* test-worker-sound.c: sample N is sample N of ffmpeg's s16le, in any order of access
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"
#include "csm-heard.h"

#define N_SHUFFLED 12
#define SEED 20260305

/* Sweeps, noise and silence, so that blocks differ and transients are there. */
#define SOUND                                                                      \
  "-f lavfi -i "                                                                   \
  "'aevalsrc=0.4*sin(2*PI*t*(200+90*t))+0.2*(random(0)-0.5)*lt(mod(t\\,2)\\,0.7)|" \
  "0.3*sin(2*PI*t*440)*lt(mod(t\\,1)\\,0.5):s=%d:d=9' "

static const struct
{
  const char *name;
  int rate;
  const char *arguments;
} clips[] = {
  { "aac.m4a", 44100, "-c:a aac -b:a 96k" },
  { "aac.ts", 48000, "-c:a aac" },
  { "aac.mkv", 48000, "-c:a aac" },
  { "adts.aac", 44100, "-c:a aac" },
  { "mp3.mp3", 44100, "-c:a libmp3lame -b:a 64k" },
  { "mp3.avi", 44100, "-c:a libmp3lame" },
  { "mp2.mpg", 48000, "-c:a mp2 -f mpeg" },
  { "ac3.ts", 48000, "-c:a ac3" },
  { "opus.webm", 48000, "-c:a libopus" },
  { "opus.ogg", 48000, "-c:a libopus" },
  { "vorbis.ogg", 44100, "-c:a libvorbis" },
  { "flac.flac", 44100, "-c:a flac" },
  { "alac.m4a", 44100, "-c:a alac" },
  { "pcm.wav", 44100, "-c:a pcm_s16le" },
  { "pcm24.mov", 48000, "-c:a pcm_s24be" },
  { "float.wav", 96000, "-c:a pcm_f32le" },
  { "mono.wav", 8000, "-ac 1 -c:a pcm_mulaw" },
  { "surround.mka", 48000, "-ac 6 -c:a ac3" },
  { "surround.flac", 48000, "-ac 6 -c:a flac" },
  { "adpcm.wav", 22050, "-c:a adpcm_ima_wav" },
  { "wma.wma", 44100, "-c:a wmav2" },
};

static void
every_sample_is_ffmpegs (gconstpointer data)
{
  const char *name = clips[GPOINTER_TO_SIZE (data)].name;
  g_autofree char *sound = g_strdup_printf (SOUND, clips[GPOINTER_TO_SIZE (data)].rate);
  g_autofree char *arguments =
      g_strconcat (sound, clips[GPOINTER_TO_SIZE (data)].arguments, NULL);
  g_autofree char *path = csm_clip_make (name, arguments);

  csm_heard_assert (path, 0, N_SHUFFLED, SEED);
}

/* The edit list leaves out what lies before the cut, in the middle of a packet. */
static void
cut_sound_begins_where_ffmpegs_does (void)
{
  g_autofree char *sound = g_strdup_printf (SOUND, 48000);
  g_autofree char *arguments = g_strconcat (sound, "-c:a aac", NULL);
  g_autofree char *whole = csm_clip_make ("whole.mp4", arguments);
  g_autofree char *cut = g_strdup_printf ("-ss 2.345 -i %s -c copy", whole);
  g_autofree char *path = csm_clip_make ("cut.mp4", cut);

  csm_heard_assert (path, 0, N_SHUFFLED, SEED);
}

static void
second_track_is_the_second (void)
{
  g_autofree char *path =
      csm_clip_make ("two.mkv", "-f lavfi -i sine=f=300:d=3 -f lavfi -i sine=f=900:d=3 "
                                "-map 0 -map 1 -c:a flac");

  csm_heard_assert (path, 0, 3, SEED);
  csm_heard_assert (path, 1, 3, SEED);
}

static void
bytes_lost_on_the_way_leave_the_rest_in_place (void)
{
  g_autofree char *sound = g_strdup_printf (SOUND, 48000);
  g_autofree char *arguments = g_strconcat (sound, "-c:a aac -f mpegts", NULL);
  g_autofree char *path = csm_clip_make ("damaged.ts", arguments);
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize size;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  for (gsize i = size / 3; i < size; i += size / 7)
    bytes[i] ^= 0x5a;
  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
  csm_heard_assert (path, 0, N_SHUFFLED, SEED);
}

static CsmSoundMap *
map_path (const char *path, GError **error)
{
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, NULL);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);

  return csm_worker_map_sound (worker, 0, NULL, NULL, NULL, error);
}

static void
times_are_the_containers (void)
{
  g_autofree char *sound = g_strdup_printf (SOUND, 48000);
  g_autofree char *arguments = g_strconcat (sound, "-c:a flac -output_ts_offset 5", NULL);
  g_autofree char *path = csm_clip_make ("later.mkv", arguments);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSoundMap) map = map_path (path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (csm_sound_map_sample_to_us (map, 0), ==, 5 * G_USEC_PER_SEC);
  g_assert_cmpint (csm_sound_map_sample_to_us (map, 48000 * 3) / 1000, ==, 8000);
  g_assert_cmpint (csm_sound_map_us_to_sample (map, 0), ==, 0);
  g_assert_cmpint (ABS (csm_sound_map_us_to_sample (map, 8 * G_USEC_PER_SEC) - 48000 * 3), <=,
                   48);
  g_assert_cmpint (csm_sound_map_us_to_sample (map, 99 * G_USEC_PER_SEC), ==,
                   csm_sound_map_get_n_samples (map));
}

static void
file_without_sound_has_no_map (void)
{
  g_autofree char *path =
      csm_clip_make ("silent.mp4", "-f lavfi -i testsrc2=s=64x48:d=1 -c:v libx264");
  g_autoptr (GError) error = NULL;

  g_assert_null (map_path (path, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED);
}

static void
map_of_another_file_is_found_out (void)
{
  g_autofree char *one = csm_clip_make ("one.wav", "-f lavfi -i sine=f=300:d=4");
  g_autofree char *other = csm_clip_make ("other.wav", "-f lavfi -i sine=f=301:d=4");
  g_autoptr (CsmSoundMap) map = map_path (one, NULL);
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (other, NULL);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_worker_read_sound (worker, map, 2, true, NULL, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED);
}

int
main (int argc, char **argv)
{
  int rc;

  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
  for (gsize i = 0; i < G_N_ELEMENTS (clips); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/casement/media/worker-sound/%s", clips[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), every_sample_is_ffmpegs);
    }
  g_test_add_func ("/casement/media/worker-sound/cut", cut_sound_begins_where_ffmpegs_does);
  g_test_add_func ("/casement/media/worker-sound/second-track", second_track_is_the_second);
  g_test_add_func ("/casement/media/worker-sound/damaged",
                   bytes_lost_on_the_way_leave_the_rest_in_place);
  g_test_add_func ("/casement/media/worker-sound/times", times_are_the_containers);
  g_test_add_func ("/casement/media/worker-sound/no-sound", file_without_sound_has_no_map);
  g_test_add_func ("/casement/media/worker-sound/other-file", map_of_another_file_is_found_out);
  rc = g_test_run ();
  csm_clip_end ();
  return rc;
}
