/* test-worker-clip.c: clips hold the frames that they say, as FFmpeg sees them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"
#include "csm-exact.h"
#include "csm-still.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* A film: what comes before its name on ffmpeg's command line, and marks in it. */
typedef struct
{
  const char *name; /* with the container's ending */
  const char *arguments;
  int spans[3][2];
  bool sound;       /* is there, and goes along */
  const char *back; /* nullable: filters that bring FFV1's format back to the decoder's */
} Film;

#define SOURCE "-f lavfi -i testsrc2=s=192x108:r=25:d=4 "
#define TONE "-f lavfi -i sine=d=4 "

static const Film films[] = {
  { "b-frames.mp4",
    SOURCE "-c:v libx264 -preset veryfast -g 24 -bf 3",
    { { 30, 37 }, { 0, 0 }, { 95, 99 } },
    false,
    NULL },
  { "sound.mp4",
    SOURCE TONE "-c:v libx264 -preset veryfast -g 24 -bf 3 -c:a aac",
    { { 30, 60 }, { 0, 20 }, { 70, 99 } },
    true,
    NULL },
  { "quicktime.mov",
    SOURCE TONE "-c:v libx264 -preset veryfast -g 24 -c:a pcm_s16le",
    { { 30, 60 }, { 50, 50 }, { 98, 99 } },
    false,
    NULL },
  { "open-gop.ts",
    SOURCE TONE "-c:v libx264 -preset veryfast -x264-params "
                "open-gop=1:keyint=20:bframes=3:b-pyramid=normal -c:a aac",
    { { 30, 37 }, { 20, 20 }, { 61, 90 } },
    true,
    NULL },
  { "open-gop.mp4",
    SOURCE "-c:v libx264 -preset veryfast -x264-params open-gop=1:keyint=20:bframes=3",
    { { 30, 37 }, { 41, 44 }, { 3, 90 } },
    false,
    NULL },
  { "variable-rate.mp4",
    SOURCE "-vf select='lt(mod(n\\,7)\\,4)' -fps_mode vfr -c:v libx264 -preset veryfast -g 15",
    { { 17, 22 }, { 0, 3 }, { 40, 55 } },
    false,
    NULL },
  { "vp9.webm",
    SOURCE TONE "-c:v libvpx-vp9 -cpu-used 8 -g 25 -b:v 500k -c:a libopus",
    { { 30, 37 }, { 25, 25 }, { 60, 99 } },
    true,
    NULL },
  { "alpha.webm",
    SOURCE "-c:v libvpx-vp9 -cpu-used 8 -pix_fmt yuva420p -g 25 -b:v 500k",
    { { 30, 37 }, { 0, 5 }, { 99, 99 } },
    false,
    NULL },
  { "hidden.webm",
    SOURCE "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 12 -g 40 -b:v 300k",
    { { 30, 37 }, { 45, 50 }, { 90, 99 } },
    false,
    NULL },
  { "motion.avi",
    SOURCE TONE "-c:v mjpeg -q:v 3 -c:a pcm_s16le",
    { { 30, 37 }, { 0, 0 }, { 99, 99 } },
    true,
    NULL },
  { "no-pts.avi",
    SOURCE "-c:v mpeg4 -bf 2 -g 20 -q:v 5",
    { { 30, 37 }, { 19, 22 }, { 97, 99 } },
    false,
    NULL },
  { "hevc.mkv",
    SOURCE "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=24",
    { { 30, 37 }, { 24, 24 }, { 90, 99 } },
    false,
    NULL },
  { "hevc.mp4",
    SOURCE "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=24:open-gop=1",
    { { 30, 37 }, { 24, 24 }, { 90, 99 } },
    false,
    NULL },
  { "ten-bit.mkv",
    SOURCE "-c:v libx264 -preset veryfast -pix_fmt yuv420p10le -g 20",
    { { 30, 37 }, { 0, 1 }, { 98, 99 } },
    false,
    NULL },
  { "interlaced.mpg",
    SOURCE TONE "-c:v mpeg2video -flags +ilme+ildct -g 12 -bf 2 -b:v 2M -c:a mp2",
    { { 30, 37 }, { 12, 13 }, { 90, 95 } },
    true,
    NULL },
  { "odd.mkv",
    "-f lavfi -i testsrc2=s=101x67:r=25:d=1 -c:v ffv1 -pix_fmt yuv420p",
    { { 3, 5 }, { 0, 0 }, { 24, 24 } },
    false,
    NULL },
  { "rgb.mkv",
    "-f lavfi -i testsrc2=s=101x67:r=25:d=1 -c:v libx264rgb -g 10",
    { { 3, 5 }, { 0, 0 }, { 24, 24 } },
    false,
    ",format=gbrp" },
};

static gboolean
append_cb (const void *bytes, size_t size, gpointer data, GError **error)
{
  g_byte_array_append (data, bytes, (guint) size);
  return TRUE;
}

/* (transfer full): the path of the clip, NULL with @error set. */
static char *
cut (CsmStillFixture *f,
     CsmClipKind kind,
     int first,
     int last,
     CsmClip *ret_clip,
     GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const CsmClipSink sink = { .write = append_cb, .data = bytes };
  g_autofree char *name = NULL;
  char *path;

  if (!csm_worker_cut_clip (f->worker, kind, first, last, 0, &sink, ret_clip, NULL, NULL, NULL,
                            error))
    return NULL;
  g_assert_cmpint (ret_clip->size, ==, bytes->len);
  name = g_strdup_printf ("clip-%d-%d-%d%s", kind, first, last, ret_clip->ending);
  path = csm_clip_get_path (name);
  g_assert_true (g_file_set_contents (path, (char *) bytes->data, bytes->len, NULL));
  return path;
}

/* (transfer full): what a program prints. */
static char *run (const char *format, ...) G_GNUC_PRINTF (1, 2);

static char *
run (const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  char *output = NULL;
  va_list arguments;
  int status = 0;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_spawn_command_line_sync (line, &output, NULL, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("%s: ended with %d", line, status);
  return g_strstrip (output);
}

/* Frames of @path, as framemd5 has them, are frames @from to @to of @truth. */
static void
assert_frames (const GArray *found, const GArray *truth, int64_t from, int64_t to)
{
  if (found->len != to - from + 1)
    g_error ("%u frames, not %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, found->len, from, to);
  for (int64_t n = from; n <= to; n++)
    if (!g_str_equal (g_array_index (found, CsmTruth, n - from).md5,
                      g_array_index (truth, CsmTruth, n).md5))
      g_error ("frame %" G_GINT64_FORMAT " is another one", n);
}

static bool
has_sound (const char *path)
{
  g_autofree char *kinds =
      run ("ffprobe -v error -show_entries stream=codec_type -of csv=p=0 %s", path);

  return strstr (kinds, "audio") != NULL;
}

/* ---- copied ---- */

static void
assert_copied (CsmStillFixture *f, const GArray *truth, const Film *film, int first, int last)
{
  g_autoptr (GError) error = NULL;
  CsmClip clip;
  g_autofree char *path = cut (f, CSM_CLIP_COPIED, first, last, &clip, &error);
  g_autoptr (GArray) found = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (clip.from, <=, first);
  g_assert_cmpint (clip.to, >=, last);
  found = csm_exact_get_truth (path);
  assert_frames (found, truth, clip.from, clip.to);
  g_assert_cmpint (clip.has_sound, ==, has_sound (path));
  if (film->sound && last > first)
    g_assert_true (clip.has_sound);
  (void) g_unlink (path); /* only room */
}

/* ---- FFV1 ---- */

/* (transfer full): framemd5 of the picture of @clip alone. */
static GArray *
get_picture_truth (const char *path, const CsmClip *clip, const Film *film)
{
  g_autofree char *text =
      run ("ffmpeg -nostdin -v error -threads 1 -i %s -map 0:v:0 -vf "
           "crop=%d:%d:0:0:exact=1%s -fps_mode passthrough -f framemd5 -",
           path, clip->width, clip->height, film->back != NULL ? film->back : "");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GArray *found = g_array_new (FALSE, TRUE, sizeof (CsmTruth));

  for (char **line = lines; *line != NULL; line++)
    {
      const char *comma = strrchr (*line, ',');
      CsmTruth frame = { 0 };

      if (**line == '#' || comma == NULL)
        continue;
      g_strlcpy (frame.md5, g_strstrip ((char *) comma + 1), sizeof frame.md5);
      g_array_append_val (found, frame);
    }
  return found;
}

static void
assert_lossless (CsmStillFixture *f, const GArray *truth, const Film *film, int first, int last)
{
  g_autoptr (GError) error = NULL;
  CsmClip clip;
  g_autofree char *path = cut (f, CSM_CLIP_FFV1, first, last, &clip, &error);
  g_autoptr (GArray) found = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (clip.from, ==, first);
  g_assert_cmpint (clip.to, ==, last);
  g_assert_cmpint (clip.clip_height, >, clip.height);
  found = get_picture_truth (path, &clip, film);
  assert_frames (found, truth, first, last);
  (void) g_unlink (path); /* only room */
}

/* ---- H.264 ---- */

static void
assert_small (CsmStillFixture *f, int first, int last)
{
  g_autoptr (GError) error = NULL;
  CsmClip clip;
  g_autofree char *path = cut (f, CSM_CLIP_H264, first, last, &clip, &error);
  g_autofree char *told = NULL, *expected = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (clip.from, ==, first);
  g_assert_cmpint (clip.to, ==, last);
  told = run ("ffprobe -v error -count_frames -show_entries "
              "stream=codec_name,profile,width,height,nb_read_frames -of csv=p=0 %s",
              path);
  expected = g_strdup_printf ("h264,High,%d,%d,%d", clip.clip_width, clip.clip_height,
                              last - first + 1);
  g_assert_cmpstr (told, ==, expected);
  (void) g_unlink (path); /* only room */
}

/* ---- all of them ---- */

static void
clips_hold_what_they_say (gconstpointer data)
{
  const Film *film = data;
  g_autofree char *path = csm_clip_make (film->name, film->arguments);
  g_autoptr (GArray) truth = csm_exact_get_truth (path);
  CsmStillFixture f;

  csm_still_open (&f, path);
  for (size_t i = 0; i < G_N_ELEMENTS (film->spans); i++)
    {
      int first = film->spans[i][0], last = film->spans[i][1];

      assert_copied (&f, truth, film, first, last);
      assert_lossless (&f, truth, film, first, last);
      if (i == 0)
        assert_small (&f, first, last);
    }
  csm_still_close (&f);
  (void) g_unlink (path); /* only room */
}

#define TALKATIVE                                                                       \
  SOURCE TONE                                                                           \
      "-c:v libx264 -preset veryfast -g 24 -bf 2 -c:a aac -metadata title=Secret "      \
      "-metadata location=+52.5200+013.4050/ -metadata:s:v:0 handler_name=Secretphone " \
      "-metadata:s:a:0 language=bel -timecode 01:02:03:04"

static const CsmClipKind kinds[] = { CSM_CLIP_COPIED, CSM_CLIP_FFV1, CSM_CLIP_H264 };

static gboolean
cut_bytes (CsmStillFixture *f,
           CsmClipKind kind,
           int64_t max_size,
           GByteArray *bytes,
           GCancellable *cancellable,
           GError **error)
{
  const CsmClipSink sink = { .write = append_cb, .data = bytes };
  CsmClip clip;

  return csm_worker_cut_clip (f->worker, kind, 30, 40, max_size, &sink, &clip, NULL, NULL,
                              cancellable, error);
}

/* (transfer full): clip @kind of frames 30 to 40. */
static GByteArray *
cut_again (const char *path, CsmClipKind kind)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  CsmStillFixture f;

  csm_still_open (&f, path);
  cut_bytes (&f, kind, 0, bytes, NULL, &error);
  g_assert_no_error (error);
  csm_still_close (&f);
  return bytes;
}

static void
the_same_input_gives_the_same_bytes (void)
{
  g_autofree char *path = csm_clip_make ("same.mp4", TALKATIVE);

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GByteArray) one = cut_again (path, kinds[i]);
      g_autoptr (GByteArray) other = cut_again (path, kinds[i]);

      g_assert_cmpmem (one->data, one->len, other->data, other->len);
    }
}

static void
nothing_of_the_sources_metadata_goes_along (void)
{
  g_autofree char *path = csm_clip_make ("talkative.mp4", TALKATIVE);
  CsmStillFixture f;

  csm_still_open (&f, path);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;
      CsmClip clip;
      g_autofree char *cutting = cut (&f, kinds[i], 30, 40, &clip, &error);
      g_autofree char *tags = NULL;

      g_assert_no_error (error);
      tags = run ("ffprobe -v error -show_format -show_streams %s", cutting);
      g_assert_nonnull (strstr (tags, "h264") != NULL ? tags : strstr (tags, "ffv1"));
      for (const char *const *word =
               (const char *const[]){ "Secret", "52.5", "bel", "01:02:03", "TAG:creation_time",
                                      "Lavc", "TAG:title", NULL };
           *word != NULL; word++)
        if (strstr (tags, *word) != NULL)
          g_error ("%s is in the clip: %s", *word, tags);
    }
  csm_still_close (&f);
}

/* (transfer full): presentation times of @path's pictures in milliseconds, rounded. */
static GArray *
get_times (const char *path)
{
  g_autofree char *text = run ("ffprobe -v error -select_streams v:0 -show_entries "
                               "frame=best_effort_timestamp_time -of csv=p=0 %s",
                               path);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GArray *times = g_array_new (FALSE, FALSE, sizeof (int));

  for (char **line = lines; *line != NULL; line++)
    {
      int ms = (int) (g_ascii_strtod (*line, NULL) * 1000 + 0.5);

      if (g_ascii_isdigit (**line)) /* not a line of side data */
        g_array_append_val (times, ms);
    }
  return times;
}

/* Of a film whose frames do not last the same: as in the source, counted from the first. */
static void
frames_keep_their_times (void)
{
  g_autofree char *path = csm_clip_make (
      "times.mp4", SOURCE "-vf select='lt(mod(n\\,7)\\,4)' -fps_mode vfr -c:v libx264 "
                          "-preset veryfast -g 15");
  g_autoptr (GArray) truth = get_times (path);
  CsmStillFixture f;

  csm_still_open (&f, path);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;
      CsmClip clip;
      g_autofree char *cutting = cut (&f, kinds[i], 17, 29, &clip, &error);
      g_autoptr (GArray) times = NULL;

      g_assert_no_error (error);
      g_assert_true (clip.is_timed);
      times = get_times (cutting);
      g_assert_cmpint (times->len, ==, clip.to - clip.from + 1);
      for (guint n = 0; n < times->len; n++)
        g_assert_cmpint (
            ABS (g_array_index (times, int, n) - (g_array_index (truth, int, clip.from + n) -
                                                  g_array_index (truth, int, clip.from))),
            <=, 1);
    }
  csm_still_close (&f);
}

static void
a_clip_that_is_too_long_is_refused (void)
{
  g_autofree char *path = csm_clip_make ("long.mp4", TALKATIVE);
  CsmStillFixture f;

  csm_still_open (&f, path);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (cut_bytes (&f, kinds[i], 3000, bytes, NULL, &error));
      g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED);
      g_assert_cmpuint (bytes->len, <=, 3000);
    }
  csm_still_close (&f);
}

static gboolean
full_cb (const void *bytes, size_t size, gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
  return FALSE;
}

/* And no failure of the worker, which goes on with the next. */
static void
a_sink_that_fails_ends_the_clip (void)
{
  const CsmClipSink sink = { .write = full_cb };
  g_autofree char *path = csm_clip_make ("full.mp4", TALKATIVE);
  CsmStillFixture f;
  int pid;

  csm_still_open (&f, path);
  pid = csm_worker_get_pid (f.worker);
  for (size_t i = 0; i < 2 * G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;
      CsmClip clip;

      g_assert_false (csm_worker_cut_clip (f.worker, kinds[i / 2], 30, 40, 0, &sink, &clip,
                                           NULL, NULL, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
    }
  g_assert_cmpint (csm_worker_get_pid (f.worker), ==, pid);
  csm_still_close (&f);
}

static void
cancel_cb (int64_t done, int64_t total, gpointer cancellable)
{
  g_assert_cmpint (total, >, 0);
  g_cancellable_cancel (cancellable);
}

/* In the middle, where it first says how far it is. */
static void
a_clip_can_be_cancelled (void)
{
  g_autofree char *path = csm_clip_make (
      "cancel.mp4",
      "-f lavfi -i testsrc2=s=1280x720:r=25:d=4 -c:v libx264 -preset ultrafast -g 50");
  CsmStillFixture f;
  int pid;

  csm_still_open (&f, path);
  pid = csm_worker_get_pid (f.worker);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      const CsmClipSink sink = { .write = append_cb, .data = bytes };
      g_autoptr (GError) error = NULL;
      CsmClip clip;

      g_assert_false (csm_worker_cut_clip (f.worker, kinds[i], 0, 99, 0, &sink, &clip,
                                           cancel_cb, cancellable, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_assert_cmpint (csm_worker_get_pid (f.worker), ==, pid);
  csm_still_close (&f);
}

static void
what_no_clip_can_hold_is_refused (void)
{
  g_autofree char *path =
      csm_clip_make ("palette.gif", "-f lavfi -i testsrc2=s=96x54:r=10:d=2");
  g_autoptr (GArray) truth = csm_exact_get_truth (path);
  g_autoptr (GError) error = NULL;
  static const Film film;
  CsmStillFixture f;
  CsmClip clip;

  csm_still_open (&f, path);
  g_assert_null (cut (&f, CSM_CLIP_COPIED, 3, 5, &clip, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED);
  assert_lossless (&f, truth, &film, 3, 5);
  assert_small (&f, 3, 5);
  csm_still_close (&f);
}

/* The marks' frames, or an error; never other frames. */
static void
a_damaged_film_gives_its_frames_or_none (void)
{
  g_autofree char *path =
      csm_clip_make ("damaged.ts", SOURCE "-c:v libx264 -preset veryfast -g 24 -bf 2 -b:v 1M");
  g_autofree char *bytes = NULL;
  g_autoptr (GArray) truth = NULL;
  CsmStillFixture f;
  gsize size;
  int n_cut = 0;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  for (gsize i = 9973; i < size; i += 9973)
    bytes[i] ^= 0x55;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  truth = csm_exact_get_truth (path);
  csm_still_open (&f, path);
  for (int first = 0; first + 5 < (int) truth->len; first += 9)
    for (size_t i = 0; i < 2; i++)
      {
        g_autoptr (GError) error = NULL;
        CsmClip clip;
        g_autofree char *cutting = cut (&f, kinds[i], first, first + 5, &clip, &error);
        g_autoptr (GArray) found = NULL;
        static const Film film;

        if (cutting == NULL)
          {
            g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED);
            continue;
          }
        n_cut++;
        found = kinds[i] == CSM_CLIP_COPIED ? csm_exact_get_truth (cutting)
                                            : get_picture_truth (cutting, &clip, &film);
        assert_frames (found, truth, clip.from, clip.to);
      }
  g_assert_cmpint (n_cut, >, 0);
  csm_still_close (&f);
}

/* ---- footage from everywhere ---- */

/* Of the collection beside the sources, if there is one; all of it with CSM_CORPUS_ALL set. */
static const char *const corpus[] = {
  "ax__bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4",
  "ax__iibbibb_editlist_videoonly.mp4",
  "ax__sample_edit_list.mp4",
  "ax__sample_rotate_and_reflect.mp4",
  "der__cars_cut_editlist.mp4",
  "der__cars_rot90.mp4",
  "der__vtest_hevc_opengop.mp4",
  "der__vtest_opengop.mkv",
  "der__vtest_vfr.mp4",
  "tc__h264_10bits.mp4",
};

/* Unless an edit list hides a frame that those before it need. */
static void
assert_tail_copied (CsmStillFixture *f, const GArray *truth, int first, int last)
{
  static const Film film;
  g_autoptr (GError) error = NULL;
  CsmClip clip;
  g_autofree char *path = cut (f, CSM_CLIP_COPIED, first, last, &clip, &error);

  if (g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED))
    g_test_message ("%s", error->message);
  else
    assert_copied (f, truth, &film, first, last);
}

static void
footage_is_cut_exactly (gconstpointer data)
{
  static const Film film;
  g_autoptr (GArray) truth = csm_exact_get_truth (data);
  int n = (int) truth->len;
  CsmStillFixture f;

  csm_still_open (&f, data);
  assert_copied (&f, truth, &film, n / 3, MIN (n / 3 + 5, n - 1));
  assert_tail_copied (&f, truth, MAX (n - 3, 0), n - 1);
  assert_lossless (&f, truth, &film, n / 3, MIN (n / 3 + 2, n - 1));
  assert_small (&f, n / 3, MIN (n / 3 + 2, n - 1));
  csm_still_close (&f);
}

static void
add_footage (const char *folder, const char *file)
{
  g_autofree char *name = g_strdup_printf ("/casement/media/worker-clip/footage/%s", file);
  g_autofree char *path = g_build_filename (folder, file, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_test_add_data_func_full (name, g_steal_pointer (&path), footage_is_cut_exactly, g_free);
}

static void
add_corpus (void)
{
  const char *named = g_getenv ("CSM_CORPUS");
  g_autofree char *folder =
      named != NULL
          ? g_strdup (named)
          : g_canonicalize_filename ("../shared/corpus", g_getenv ("CSM_SOURCE_ROOT"));
  g_autoptr (GDir) dir =
      g_getenv ("CSM_CORPUS_ALL") != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *file;

  if (dir != NULL)
    while ((file = g_dir_read_name (dir)) != NULL)
      add_footage (folder, file);
  else
    for (size_t i = 0; i < G_N_ELEMENTS (corpus); i++)
      add_footage (folder, corpus[i]);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
  for (size_t i = 0; i < G_N_ELEMENTS (films); i++)
    {
      g_autofree char *name =
          g_strdup_printf ("/casement/media/worker-clip/film/%s", films[i].name);

      g_test_add_data_func (name, &films[i], clips_hold_what_they_say);
    }
  g_test_add_func ("/casement/media/worker-clip/the-same-input-gives-the-same-bytes",
                   the_same_input_gives_the_same_bytes);
  g_test_add_func ("/casement/media/worker-clip/nothing-of-the-sources-metadata-goes-along",
                   nothing_of_the_sources_metadata_goes_along);
  g_test_add_func ("/casement/media/worker-clip/frames-keep-their-times",
                   frames_keep_their_times);
  g_test_add_func ("/casement/media/worker-clip/a-clip-that-is-too-long-is-refused",
                   a_clip_that_is_too_long_is_refused);
  g_test_add_func ("/casement/media/worker-clip/a-sink-that-fails-ends-the-clip",
                   a_sink_that_fails_ends_the_clip);
  g_test_add_func ("/casement/media/worker-clip/a-clip-can-be-cancelled",
                   a_clip_can_be_cancelled);
  g_test_add_func ("/casement/media/worker-clip/what-no-clip-can-hold-is-refused",
                   what_no_clip_can_hold_is_refused);
  g_test_add_func ("/casement/media/worker-clip/a-damaged-film-gives-its-frames-or-none",
                   a_damaged_film_gives_its_frames_or_none);
  add_corpus ();
  result = g_test_run ();
  csm_clip_end ();
  return result;
}
