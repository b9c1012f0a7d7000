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

static void
copied_clips_show_what_they_say (gconstpointer data)
{
  const Film *film = data;
  g_autofree char *path = csm_clip_make (film->name, film->arguments);
  g_autoptr (GArray) truth = csm_exact_get_truth (path);
  CsmStillFixture f;

  csm_still_open (&f, path);
  for (size_t i = 0; i < G_N_ELEMENTS (film->spans); i++)
    assert_copied (&f, truth, film, film->spans[i][0], film->spans[i][1]);
  csm_still_close (&f);
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

static void
lossless_clips_have_the_decoded_planes (gconstpointer data)
{
  const Film *film = data;
  g_autofree char *path = csm_clip_make (film->name, film->arguments);
  g_autoptr (GArray) truth = csm_exact_get_truth (path);
  CsmStillFixture f;

  csm_still_open (&f, path);
  for (size_t i = 0; i < G_N_ELEMENTS (film->spans); i++)
    assert_lossless (&f, truth, film, film->spans[i][0], film->spans[i][1]);
  csm_still_close (&f);
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

static void
small_clips_have_exactly_the_frames (gconstpointer data)
{
  const Film *film = data;
  g_autofree char *path = csm_clip_make (film->name, film->arguments);
  CsmStillFixture f;

  csm_still_open (&f, path);
  for (size_t i = 0; i < G_N_ELEMENTS (film->spans); i++)
    assert_small (&f, film->spans[i][0], film->spans[i][1]);
  csm_still_close (&f);
  (void) g_unlink (path); /* only room */
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
      g_autofree char *copied =
          g_strdup_printf ("/casement/media/worker-clip/copied/%s", films[i].name);
      g_autofree char *lossless =
          g_strdup_printf ("/casement/media/worker-clip/lossless/%s", films[i].name);
      g_autofree char *small =
          g_strdup_printf ("/casement/media/worker-clip/small/%s", films[i].name);

      g_test_add_data_func (copied, &films[i], copied_clips_show_what_they_say);
      g_test_add_data_func (lossless, &films[i], lossless_clips_have_the_decoded_planes);
      g_test_add_data_func (small, &films[i], small_clips_have_exactly_the_frames);
    }
  add_corpus ();
  result = g_test_run ();
  csm_clip_end ();
  return result;
}
