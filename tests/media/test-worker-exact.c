/* test-worker-exact.c: frame N is line N of FFmpeg's framemd5, on clips made here
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"
#include "csm-exact.h"

#include <glib/gstdio.h>
#include <string.h>

#define N_SHUFFLED 24

/* A clip: what comes before its name on ffmpeg's command line. */
typedef struct
{
  const char *name; /* with the container's ending */
  const char *arguments;
} Clip;

#define SOURCE "-f lavfi -i testsrc2=s=192x108:r=25:d=4 "

static const Clip clips[] = {
  { "b-frames.mp4", SOURCE "-c:v libx264 -preset veryfast -g 24 -bf 3" },
  { "open-gop.ts",
    SOURCE "-c:v libx264 -preset veryfast -bf 3 -x264-params open-gop=1:keyint=20:bframes=3" },
  { "variable-rate.mp4", SOURCE
    "-vf select='lt(mod(n\\,7)\\,4)' -fps_mode vfr -c:v libx264 -preset veryfast -g 15" },
  { "interlaced.mpg", SOURCE "-c:v mpeg2video -flags +ilme+ildct -g 12 -bf 2 -b:v 2M" },
  { "hevc.mkv", SOURCE "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=24" },
  { "ten-bit.mkv", SOURCE "-c:v libx264 -preset veryfast -pix_fmt yuv420p10le -g 20" },
  { "no-pts.avi", SOURCE "-c:v mpeg4 -bf 2 -g 20 -q:v 5" },
  { "alpha.webm", SOURCE "-c:v libvpx-vp9 -cpu-used 8 -pix_fmt yuva420p -g 25 -b:v 500k" },
  { "hidden.webm", SOURCE "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 12 -g 40 -b:v 300k" },
  { "palette.gif", "-f lavfi -i testsrc2=s=96x54:r=10:d=2" },
  { "odd.mkv", "-f lavfi -i testsrc2=s=101x67:r=25:d=1 -c:v ffv1 -pix_fmt yuv444p12le" },
  { "grey.png", "-f lavfi -i testsrc2=s=65x33 -frames:v 1 -pix_fmt gray" },
  { "motion.mjpeg", "-f lavfi -i testsrc2=s=96x54:r=10:d=2 -c:v mjpeg" },
};

static void
assert_exact (const char *path, bool times)
{
  g_autoptr (GArray) truth = csm_exact_get_truth (path);

  g_assert_cmpint (truth->len, >, 0);
  csm_exact_assert (path, truth, times, N_SHUFFLED, 20200809);
  (void) g_unlink (path); /* only room */
}

static void
every_frame_is_ffmpegs (gconstpointer data)
{
  const Clip *clip = data;
  g_autofree char *path = csm_clip_make (clip->name, clip->arguments);

  assert_exact (path, true);
}

static char *
make_base_clip (void)
{
  return csm_clip_make ("base.mp4", SOURCE "-c:v libx264 -preset veryfast -g 24 -bf 3");
}

/* Starts between two keys: the container hides the frames before by an edit list. */
static void
a_cut_with_an_edit_list_is_ffmpegs (void)
{
  g_autofree char *base = make_base_clip ();
  g_autofree char *arguments = g_strdup_printf ("-ss 1.3 -i %s -c copy", base);
  g_autofree char *path = csm_clip_make ("edit-list.mp4", arguments);

  assert_exact (path, true);
}

/* Changes @path's bytes: cuts at @keep (a part of a thousand), then changes the bits of @mask
 * in every
 * @stride-th. */
static void
damage (const char *path, size_t keep, size_t stride, char mask)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  size = size * keep / 1000;
  for (size_t i = stride; stride > 0 && i < size; i += stride)
    bytes[i] ^= mask;
  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
a_truncated_file_is_ffmpegs (void)
{
  g_autofree char *path =
      csm_clip_make ("truncated.mkv", SOURCE "-c:v libx264 -preset veryfast -g 24 -bf 3");

  damage (path, 600, 0, 0);
  assert_exact (path, true);
}

static void
a_stream_that_starts_amid_a_group_is_ffmpegs (void)
{
  g_autofree char *whole =
      csm_clip_make ("whole.ts", SOURCE "-c:v libx264 -preset veryfast -g 30 -bf 2");
  g_autofree char *path = csm_clip_get_path ("amid.ts");
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size, skip;

  g_file_get_contents (whole, &bytes, &size, &error);
  g_assert_no_error (error);
  skip = size / 5 / 188 * 188;
  g_file_set_contents (path, bytes + skip, (gssize) (size - skip), &error);
  g_assert_no_error (error);
  assert_exact (path, true);
}

/* What a damaged file looks like depends on the number of threads: this is where it shows. */
static void
a_damaged_file_is_ffmpegs (void)
{
  g_autofree char *path =
      csm_clip_make ("damaged.ts", SOURCE "-c:v libx264 -preset veryfast -g 24 -bf 2 -b:v 1M");

  damage (path, 1000, 9973, 0x55);
  assert_exact (path, true);
}

/* Pictures whose missing parts nothing conceals: they show what their memory held before. */
static void
damaged_fields_are_ffmpegs (void)
{
  g_autofree char *path = csm_clip_make (
      "damaged.mpg", SOURCE "-c:v mpeg2video -flags +ilme+ildct -top 1 -g 12 -bf 2");

  damage (path, 1000, 1999, '\x80');
  assert_exact (path, false);
}

static void
a_change_of_size_is_ffmpegs (void)
{
  g_autofree char *one = csm_clip_make (
      "one.ts", "-f lavfi -i testsrc2=s=192x108:d=1 -c:v libx264 -preset veryfast");
  g_autofree char *other = csm_clip_make (
      "other.ts", "-f lavfi -i testsrc2=s=160x90:d=1 -c:v libx264 -preset veryfast");
  g_autofree char *path = csm_clip_get_path ("both.ts");
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (GByteArray) both = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gsize n_first, n_second;

  g_assert_true (g_file_get_contents (one, &first, &n_first, NULL));
  g_assert_true (g_file_get_contents (other, &second, &n_second, NULL));
  g_byte_array_append (both, (uint8_t *) first, (guint) n_first);
  g_byte_array_append (both, (uint8_t *) second, (guint) n_second);
  g_file_set_contents (path, (char *) both->data, both->len, &error);
  g_assert_no_error (error);
  assert_exact (path, false); /* the second half starts its clock again */
}

static void
two_verifications_say_the_same (void)
{
  g_autofree char *path = make_base_clip ();
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, NULL);
  GBytes *said[2];

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmFrameIndex) index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);

      g_assert_no_error (error);
      said[i] = csm_frame_index_serialize (index);
    }
  g_assert_true (g_bytes_equal (said[0], said[1]));
  g_bytes_unref (said[0]);
  g_bytes_unref (said[1]);
}

/* Of a clip without risks: what the packets promise is what the decoder gives. */
static void
a_scan_without_risks_names_the_same_frames (void)
{
  g_autofree char *path = make_base_clip ();
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, NULL);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (GArray) truth = csm_exact_get_truth (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_scan (worker, 0, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (csm_frame_index_get_risks (index), ==, 0);
  g_assert_cmpint (csm_frame_index_get_n_frames (index), ==, truth->len);
  csm_worker_set_index (worker, index, &error);
  g_assert_no_error (error);
  for (int i = (int) truth->len - 1; i >= 0; i -= 7)
    {
      g_autofree char *md5 = NULL;
      CsmFrameDigest digest;

      csm_worker_read_digest (worker, i, &digest, NULL, &error);
      g_assert_no_error (error);
      md5 = csm_hex_encode (digest.md5, sizeof digest.md5);
      g_assert_cmpstr (md5, ==, g_array_index (truth, CsmTruth, i).md5);
    }
}

static char *
read_shown (CsmWorker *worker, int64_t ordinal, int direction)
{
  const CsmPictureOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture =
      csm_worker_read_picture (worker, ordinal, &options, direction, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (picture->ordinal, ==, ordinal);
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, picture->pixels);
}

/* Hints make the worker decode ahead in between: what it finds then is shown now. */
static void
back_and_forth_shows_the_same (void)
{
  g_autofree char *path =
      csm_clip_make ("both-ways.ts", SOURCE
                     "-c:v libx264 -preset veryfast -bf 3 -x264-params open-gop=1:keyint=20");
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, NULL);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  int64_t n;

  g_assert_no_error (error);
  csm_worker_set_index (worker, index, &error);
  g_assert_no_error (error);
  n = csm_frame_index_get_n_frames (index);
  for (int64_t i = 0; i < n; i++)
    g_ptr_array_add (shown, read_shown (worker, i, 1));
  csm_worker_set_index (worker, index, &error); /* forgets what was decoded */
  g_assert_no_error (error);
  for (int64_t i = n - 1; i >= 0; i--)
    {
      g_autofree char *again = read_shown (worker, i, -1);

      g_assert_cmpstr (again, ==, g_ptr_array_index (shown, i));
      if (i % 10 == 0)
        g_usleep (20 * 1000); /* room for decoding ahead; nothing depends on it */
    }
}

static char *
read_md5 (CsmWorker *worker, int64_t ordinal)
{
  g_autoptr (GError) error = NULL;
  CsmFrameDigest digest;

  csm_worker_read_digest (worker, ordinal, &digest, NULL, &error);
  g_assert_no_error (error);
  return csm_hex_encode (digest.md5, sizeof digest.md5);
}

static CsmWorker *
new_scanned (CsmMediaSource *source, CsmFrameIndex *index)
{
  CsmWorker *worker = csm_worker_new (source, false);
  g_autoptr (GError) error = NULL;

  csm_worker_set_index (worker, index, &error);
  g_assert_no_error (error);
  return worker;
}

/* Damage that nothing but decoding finds, before an exact index is there: each frame is
 * FFmpeg's forward, backward and alone. */
static void
damaged_pictures_do_not_depend_on_the_way (void)
{
  g_autofree char *path =
      csm_clip_make ("hurt.mp4", SOURCE "-c:v libx264 -preset veryfast -g 24 -bf 2 -b:v 1M");
  g_autofree char *bytes = NULL;
  g_autoptr (CsmMediaSource) source = NULL;
  g_autoptr (CsmWorker) forward = NULL, backward = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (GArray) truth = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  for (size_t i = size / 5; i < size / 2; i += 2503)
    bytes[i] ^= 0x55;
  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
  source = csm_media_source_new_for_path (path, NULL);
  forward = csm_worker_new (source, false);
  index = csm_worker_scan (forward, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (csm_frame_index_get_risks (index), ==, 0);
  csm_worker_set_index (forward, index, &error);
  g_assert_no_error (error);
  truth = csm_exact_get_truth (path);
  g_assert_cmpint (csm_frame_index_get_n_frames (index), ==, truth->len);
  for (int64_t i = 0; i < truth->len; i++)
    {
      g_autofree char *md5 = read_md5 (forward, i);

      g_assert_cmpstr (md5, ==, g_array_index (truth, CsmTruth, i).md5);
    }

  backward = new_scanned (source, index);
  for (int64_t i = truth->len - 1; i >= 0; i--)
    {
      g_autofree char *back = read_md5 (backward, i);

      g_assert_cmpstr (back, ==, g_array_index (truth, CsmTruth, i).md5);
      if (i % 9 == 0)
        {
          g_autoptr (CsmWorker) worker = new_scanned (source, index);
          g_autofree char *alone = read_md5 (worker, i);

          g_assert_cmpstr (alone, ==, g_array_index (truth, CsmTruth, i).md5);
        }
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
  for (size_t i = 0; i < G_N_ELEMENTS (clips); i++)
    {
      g_autofree char *name =
          g_strdup_printf ("/casement/media/worker-exact/%s-is-ffmpegs", clips[i].name);

      g_test_add_data_func (name, &clips[i], every_frame_is_ffmpegs);
    }
#define FACT(what, run) g_test_add_func ("/casement/media/worker-exact/" what, run)
  FACT ("edit-list-is-ffmpegs", a_cut_with_an_edit_list_is_ffmpegs);
  FACT ("truncated-is-ffmpegs", a_truncated_file_is_ffmpegs);
  FACT ("amid-a-group-is-ffmpegs", a_stream_that_starts_amid_a_group_is_ffmpegs);
  FACT ("damaged-is-ffmpegs", a_damaged_file_is_ffmpegs);
  FACT ("damaged-fields-are-ffmpegs", damaged_fields_are_ffmpegs);
  FACT ("change-of-size-is-ffmpegs", a_change_of_size_is_ffmpegs);
  FACT ("damaged-pictures-do-not-depend-on-the-way", damaged_pictures_do_not_depend_on_the_way);
  FACT ("two-verifications-say-the-same", two_verifications_say_the_same);
  FACT ("scan-names-the-same-frames", a_scan_without_risks_names_the_same_frames);
  FACT ("back-and-forth-shows-the-same", back_and_forth_shows_the_same);
  status = g_test_run ();
  csm_clip_end ();
  return status;
}
