/* test-worker-view.c: views against the ffmpeg program, in any order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"
#include "csm-still.h"

#include <string.h>

#define PROGRESSIVE \
  "-f lavfi -i testsrc2=s=192x108:r=25:d=2 -vf noise=alls=20:allf=t:all_seed=7 "
#define INTERLACED                                                            \
  "-f lavfi -i testsrc2=s=192x112:r=50:d=2 -vf interlace -flags +ilme+ildct " \
  "-c:v mpeg2video -b:v 4M -pix_fmt yuv420p "

typedef struct
{
  const char *name;
  const char *arguments;
  const char *views[16];
} Clip;

static const Clip clips[] = {
  { "420.mkv",
    PROGRESSIVE "-c:v libx264 -pix_fmt yuv420p",
    { "brightness=0.1,contrast=1.3,gamma=1.5", "sharpen=1.5", "grey", "channel=r", "channel=g",
      "channel=b", "channel=y", "channel=u", "channel=v", "crop=11:13:64:33,zoom=3,rotate=90",
      "rotate=180", "rotate=270", "denoise=6", "stabilise", "field=top,zoom=2" } },
  { "fields.mpg",
    INTERLACED,
    { "deinterlace", "field=top", "field=bottom",
      "deinterlace,denoise=4,stabilise,brightness=-0.2" } },
  { "ten.mkv",
    PROGRESSIVE "-c:v libx264 -pix_fmt yuv422p10le -colorspace bt709 -color_range pc",
    { "brightness=0.1", "denoise=3,channel=v", "deinterlace" } },
  { "rgb.mkv", PROGRESSIVE "-c:v ffv1 -pix_fmt bgra", { "gamma=2", "channel=b", "denoise=2" } },
  { "grey.mkv",
    PROGRESSIVE "-c:v ffv1 -pix_fmt gray",
    { "contrast=2", "channel=y", "sharpen=1" } },
  { "full.mkv",
    PROGRESSIVE "-c:v mjpeg -pix_fmt yuvj420p",
    { "brightness=0.1", "deinterlace" } },
  { "odd.mkv",
    "-f lavfi -i testsrc2=s=120x80:d=0.4 "
    "-vf format=yuv444p,crop=101:67:0:0,format=yuv420p -c:v ffv1",
    { "channel=u", "field=bottom", "denoise=3", "crop=100:66:1:1" } },
  { "hdr.mkv",
    PROGRESSIVE "-c:v ffv1 -pix_fmt yuv420p10le -color_trc smpte2084 -colorspace bt2020nc "
                "-color_primaries bt2020 -color_range tv",
    { "brightness=0.1", "deinterlace" } },
};

static GBytes *
read_view (CsmStillFixture *self, int64_t ordinal, const char *words, char **ret_filters)
{
  CsmView view;
  g_autoptr (GError) error = NULL;
  GBytes *png;

  csm_view_parse (words, &view, &error);
  g_assert_no_error (error);
  png = csm_worker_read_view_png (self->worker, ordinal, &view, ret_filters, NULL, &error);
  g_assert_no_error (error);
  return png;
}

static void
assert_is_what_ffmpeg_makes (CsmStillFixture *self,
                             const char *path,
                             int64_t ordinal,
                             const char *words)
{
  g_autofree char *filters = NULL;
  g_autoptr (GBytes) png = read_view (self, ordinal, words, &filters);
  g_autoptr (GBytes) ours = csm_still_to_rgb (png);
  g_autoptr (GBytes) theirs = csm_still_filter (path, filters);
  g_autofree char *stated = g_strdup_printf ("Filters%c%s", '|', filters);
  size_t size;
  const char *bytes = g_bytes_get_data (png, &size);

  if (!g_bytes_equal (ours, theirs))
    g_error ("frame %d, %s: %s is not what was made", (int) ordinal, words, filters);
  *strchr (stated, '|') = '\0';
  g_assert_nonnull (memmem (bytes, size, stated, strlen ("Filters") + 1 + strlen (filters)));
  g_assert_nonnull (memmem (bytes, size, "not the picture as decoded", 26));
}

static void
views_are_what_ffmpeg_makes (gconstpointer data)
{
  const Clip *clip = data;
  g_autofree char *path = csm_clip_make (clip->name, clip->arguments);
  CsmStillFixture self;

  csm_still_open (&self, path);
  for (int i = 0; clip->views[i] != NULL; i++)
    {
      assert_is_what_ffmpeg_makes (&self, path, 9, clip->views[i]);
      assert_is_what_ffmpeg_makes (&self, path, 0, clip->views[i]);
    }
  csm_still_close (&self);
}

/* ---- any order ---- */

#define N_FRAMES 50

static GBytes *
read_shown (CsmStillFixture *self, int64_t ordinal, const CsmView *view)
{
  CsmPictureOptions options = { .accurate = true, .view = *view };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture =
      csm_worker_read_picture (self->worker, ordinal, &options, 1, NULL, &error);

  g_assert_no_error (error);
  return g_bytes_ref (picture->pixels);
}

static void
any_order_gives_the_same (gconstpointer words)
{
  g_autofree char *path = csm_clip_make ("fields.mpg", INTERLACED);
  g_autoptr (GPtrArray) forward =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  CsmStillFixture self;
  CsmView view;

  csm_view_parse (words, &view, &error);
  g_assert_no_error (error);
  csm_still_open (&self, path);
  for (int64_t n = 0; n < N_FRAMES; n++)
    g_ptr_array_add (forward, read_shown (&self, n, &view));
  for (int i = 0; i < N_FRAMES; i++)
    {
      /* Back from the end, then all over. */
      int n = i < 12 ? N_FRAMES - 1 - i : i * 17 % N_FRAMES;
      g_autoptr (GBytes) again = read_shown (&self, n, &view);

      if (!g_bytes_equal (again, forward->pdata[n]))
        g_error ("%s: frame %d differs", (const char *) words, n);
    }
  csm_still_close (&self);

  /* And by a worker that has seen nothing else. */
  csm_still_open (&self, path);
  {
    g_autoptr (GBytes) alone = read_shown (&self, 37, &view);

    g_assert_true (g_bytes_equal (alone, forward->pdata[37]));
  }
  csm_still_close (&self);
}

/* Frames 0 to 19 of 160 x 96, then as many of 192 x 112. */
static char *
make_change_of_size (void)
{
  g_autofree char *small = csm_clip_make (
      "small.ts", "-f lavfi -i testsrc2=s=160x96:d=0.8 -c:v libx264 -bf 0 -g 10");
  g_autofree char *large = csm_clip_make (
      "large.ts", "-f lavfi -i testsrc2=s=192x112:d=0.8 -c:v libx264 -bf 0 -g 10");
  g_autofree char *arguments = g_strdup_printf ("-i \"concat:%s|%s\" -c copy", small, large);

  return csm_clip_make ("sizes.ts", arguments);
}

static void
a_change_of_size_ends_the_window (void)
{
  g_autofree char *path = make_change_of_size ();
  const CsmView view = { .deinterlace = 1, .denoise = 3 };
  g_autoptr (GPtrArray) forward =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  CsmStillFixture self;

  csm_still_open (&self, path);
  for (int64_t n = 17; n < 24; n++)
    g_ptr_array_add (forward, read_shown (&self, n, &view));
  for (int64_t n = 23; n >= 17; n--)
    {
      g_autoptr (GBytes) again = read_shown (&self, n, &view);

      if (!g_bytes_equal (again, forward->pdata[n - 17]))
        g_error ("frame %d differs", (int) n);
    }
  csm_still_close (&self);
}

static CsmPicture *
read_picture (CsmStillFixture *self, int64_t ordinal, const char *words, bool as_decoded)
{
  CsmPictureOptions options = { .accurate = true, .as_decoded = as_decoded };
  g_autoptr (GError) error = NULL;
  CsmPicture *picture;

  g_assert_true (csm_view_parse (words, &options.view, NULL));
  picture = csm_worker_read_picture (self->worker, ordinal, &options, 0, NULL, &error);
  g_assert_no_error (error);
  return picture;
}

static void
assert_part (const CsmPicture *picture, CsmViewFit fit, CsmRect part, int zoom)
{
  g_assert_cmpint (picture->view_fit, ==, fit);
  g_assert_cmpmem (&picture->part, sizeof part, &part, sizeof part);
  g_assert_cmpint (picture->zoom, ==, zoom);
}

/* Inside the large frames alone. */
static void
what_does_not_fit_is_left_out_of_the_picture (void)
{
  static const char *const views[] = { "crop=150:10:40:90",
                                       "brightness=0.3,rotate=90,zoom=2,"
                                       "crop=150:10:40:90",
                                       "denoise=4,crop=150:10:40:90" };
  g_autofree char *path = make_change_of_size ();
  CsmStillFixture self;

  csm_still_open (&self, path);
  for (size_t i = 0; i < G_N_ELEMENTS (views); i++)
    {
      int zoom = strstr (views[i], "zoom=2") != NULL ? 2 : 1;
      CsmPicture *plain = read_picture (&self, 19, "", true);
      CsmPicture *before = read_picture (&self, 19, views[i], true);
      CsmPicture *after = read_picture (&self, 22, views[i], true);

      assert_part (before, CSM_VIEW_CROP_OUTSIDE, (CsmRect){ 0, 0, 160, 96 }, 1);
      g_assert_true (g_bytes_equal (before->pixels, plain->pixels));
      g_assert_cmpint (before->rotation, ==, 0);
      assert_part (after, CSM_VIEW_FITS, (CsmRect){ 150, 10, 40, 90 }, zoom);
      g_assert_cmpint (MIN (after->width, after->height), ==, 40 * zoom);
      csm_picture_free (plain);
      csm_picture_free (before);
      csm_picture_free (after);
    }
  csm_still_close (&self);
}

static void
what_is_too_large_is_left_out_of_the_picture (void)
{
  g_autofree char *path =
      csm_clip_make ("wide.mkv", "-f lavfi -i testsrc2=s=8200x16:d=0.1 -c:v ffv1");
  CsmStillFixture self;
  CsmPicture *picture;

  csm_still_open (&self, path);
  picture = read_picture (&self, 0, "zoom=8", true);
  assert_part (picture, CSM_VIEW_TOO_LARGE, (CsmRect){ 0, 0, 8200, 16 }, 1);
  g_assert_cmpint (picture->width, ==, 8200);
  csm_picture_free (picture);
  picture = read_picture (&self, 0, "crop=8000:0:200:16,zoom=8", true);
  assert_part (picture, CSM_VIEW_FITS, (CsmRect){ 8000, 0, 200, 16 }, 8);
  g_assert_cmpint (picture->width, ==, 1600);
  csm_picture_free (picture);
  csm_still_close (&self);
}

/* A phone's film on its side, with pixels that are not square: a part of it is turned and
 * stretched like the whole. */
static void
a_crop_is_turned_and_stretched (void)
{
  g_autofree char *flat = csm_clip_make (
      "flat.mp4", "-f lavfi -i testsrc2=s=192x108:d=0.4,setsar=3/2 -c:v libx264");
  g_autofree char *arguments =
      g_strdup_printf ("-i %s -c copy -metadata:s:v:0 rotate=90", flat);
  g_autofree char *path = csm_clip_make ("turned.mp4", arguments);
  CsmStillFixture self;
  CsmPicture *picture;

  csm_still_open (&self, path);
  picture = read_picture (&self, 3, "crop=20:30:60:40", false);
  assert_part (picture, CSM_VIEW_FITS, (CsmRect){ 20, 30, 60, 40 }, 1);
  g_assert_cmpint (picture->rotation % 180, ==, 90);
  g_assert_cmpint (picture->width, ==, 40);
  g_assert_cmpint (picture->height, ==, 90);
  csm_picture_free (picture);
  csm_still_close (&self);
}

/* ---- beside the plain picture ---- */

static void
a_view_leaves_the_still (void)
{
  g_autofree char *path = csm_clip_make ("plain.mkv", PROGRESSIVE "-c:v libx264");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) before = NULL, view = NULL, after = NULL;
  g_autofree char *filters = NULL;
  CsmStillFixture self;

  csm_still_open (&self, path);
  before = csm_worker_read_png (self.worker, 20, NULL, &error);
  g_assert_no_error (error);
  view = read_view (&self, 20, "denoise=9,stabilise,brightness=0.3", &filters);
  after = csm_worker_read_png (self.worker, 20, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_false (g_bytes_equal (before, view));
  csm_still_close (&self);
}

static void
the_screen_shows_the_view_still (void)
{
  g_autofree char *path = csm_clip_make ("plain.mkv", PROGRESSIVE "-c:v libx264");
  CsmPictureOptions options = { .accurate = true,
                                .as_decoded = true,
                                .view = { .brightness = 20, .denoise = 4, .field = 2 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture = NULL;
  g_autoptr (GBytes) png = NULL, rgb = NULL;
  g_autofree char *filters = NULL;
  const uint8_t *still, *shown;
  CsmStillFixture self;

  csm_still_open (&self, path);
  picture = csm_worker_read_picture (self.worker, 20, &options, 0, NULL, &error);
  g_assert_no_error (error);
  png = csm_worker_read_view_png (self.worker, 20, &options.view, &filters, NULL, &error);
  g_assert_no_error (error);
  rgb = csm_still_to_rgb (png);
  still = g_bytes_get_data (rgb, NULL);
  shown = g_bytes_get_data (picture->pixels, NULL);
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++, still += 3)
      {
        const uint8_t *p = shown + y * picture->stride + x * 4;

        g_assert_true (p[2] == still[0] && p[1] == still[1] && p[0] == still[2]);
      }
  csm_still_close (&self);
}

static void
what_does_not_fit_is_refused (void)
{
  static const char *const wrong[] = { "crop=100:0:100:10", "crop=0:100:10:10",
                                       "crop=193:0:1:1" };
  g_autofree char *path = csm_clip_make ("plain.mkv", PROGRESSIVE "-c:v libx264");
  CsmStillFixture self;

  csm_still_open (&self, path);
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      CsmView view;
      g_autoptr (GError) error = NULL;
      g_autofree char *filters = NULL;

      g_assert_true (csm_view_parse (wrong[i], &view, NULL));
      g_assert_null (csm_worker_read_view_png (self.worker, 0, &view, &filters, NULL, &error));
      g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED);
    }
  csm_still_close (&self);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
  for (size_t i = 0; i < G_N_ELEMENTS (clips); i++)
    {
      g_autofree char *path = g_strdup_printf (
          "/casement/media/worker-view/%s-is-what-ffmpeg-makes", clips[i].name);

      g_test_add_data_func (path, &clips[i], views_are_what_ffmpeg_makes);
    }
#define FACT(what, run) g_test_add_func ("/casement/media/worker-view/" what, run)
#define ORDER(words)                                                                          \
  g_test_add_data_func ("/casement/media/worker-view/any-order-gives-the-same/" words, words, \
                        any_order_gives_the_same)
  ORDER ("deinterlace");
  ORDER ("denoise=6");
  ORDER ("stabilise");
  ORDER ("deinterlace,denoise=4,stabilise");
  ORDER ("brightness=0.2");
  FACT ("a-change-of-size-ends-the-window", a_change_of_size_ends_the_window);
  FACT ("what-does-not-fit-is-left-out-of-the-picture",
        what_does_not_fit_is_left_out_of_the_picture);
  FACT ("what-is-too-large-is-left-out-of-the-picture",
        what_is_too_large_is_left_out_of_the_picture);
  FACT ("a-crop-is-turned-and-stretched", a_crop_is_turned_and_stretched);
  FACT ("a-view-leaves-the-still", a_view_leaves_the_still);
  FACT ("the-screen-shows-the-view-still", the_screen_shows_the_view_still);
  FACT ("what-does-not-fit-is-refused", what_does_not_fit_is_refused);
  status = g_test_run ();
  csm_clip_end ();
  return status;
}
