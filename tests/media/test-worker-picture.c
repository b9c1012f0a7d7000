/* test-worker-picture.c: pixels on screen, in stills and in thumbnails
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "csm-clip.h"
#include "csm-still.h"

#include <string.h>

#define TEST_SOURCE "-f lavfi -i testsrc2=s=192x108:r=25:d=1 "

static CsmPicture *
read_picture (CsmStillFixture *self, const CsmPictureOptions *options)
{
  g_autoptr (GError) error = NULL;
  CsmPicture *picture = csm_worker_read_picture (self->worker, 0, options, 0, NULL, &error);

  g_assert_no_error (error);
  return picture;
}

static const uint8_t *
pixel (const CsmPicture *picture, int x, int y)
{
  const uint8_t *pixels = g_bytes_get_data (picture->pixels, NULL);

  return pixels + (size_t) y * (size_t) picture->stride + (size_t) x * 4;
}

static GBytes *
read_still (CsmStillFixture *self)
{
  g_autoptr (GError) error = NULL;
  GBytes *png = csm_worker_read_png (self->worker, 0, NULL, &error);

  g_assert_no_error (error);
  return png;
}

static void
the_picture_is_the_still (gconstpointer arguments)
{
  static int n;
  g_autofree char *name = g_strdup_printf ("same-%d.mkv", n++);
  g_autofree char *path = csm_clip_make (name, arguments);
  CsmPictureOptions options = { .accurate = true, .as_decoded = true };
  g_autoptr (CsmPicture) picture = NULL;
  g_autoptr (GBytes) png = NULL, rgb = NULL;
  const uint8_t *still;
  CsmStillFixture self;

  csm_still_open (&self, path);
  picture = read_picture (&self, &options);
  png = read_still (&self);
  rgb = csm_still_to_rgb (png);
  g_assert_cmpuint (g_bytes_get_size (rgb), ==,
                    (size_t) picture->width * (size_t) picture->height * 3);
  still = g_bytes_get_data (rgb, NULL);
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++, still += 3)
      {
        const uint8_t *shown = pixel (picture, x, y);

        if (shown[2] != still[0] || shown[1] != still[1] || shown[0] != still[2])
          g_error ("pixel %d,%d differs", x, y);
      }
  csm_still_close (&self);
}

/* What the ffmpeg program makes of it, converted by another path, so not to the bit. */
static void
assert_looks_like (const CsmPicture *picture, const uint8_t *rgb)
{
  int64_t difference = 0;

  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++, rgb += 3)
      for (int c = 0; c < 3; c++)
        difference += ABS (pixel (picture, x, y)[2 - c] - rgb[c]);
  g_assert_cmpint (difference / (picture->width * picture->height * 3), <, 8);
}

static void
rotation_is_applied (gconstpointer tag)
{
  g_autofree char *base = csm_clip_make ("base.mp4", TEST_SOURCE "-c:v libx264");
  g_autofree char *arguments =
      g_strdup_printf ("-i %s -c copy -metadata:s:v rotate=%s", base, (const char *) tag);
  g_autofree char *path = csm_clip_make ("turned.mp4", arguments);
  g_autofree char *turning =
      g_strdup_printf ("-i %s -frames:v 1 -f rawvideo -pix_fmt rgb24", path);
  g_autofree char *turned = csm_clip_make ("turned.rgb", turning);
  CsmPictureOptions options = { .accurate = true };
  g_autoptr (CsmPicture) picture = NULL;
  g_autofree char *rgb = NULL;
  gsize size;
  CsmStillFixture self;

  csm_still_open (&self, path);
  picture = read_picture (&self, &options);
  g_assert_cmpint (picture->width, ==, g_str_equal (tag, "180") ? 192 : 108);
  g_assert_cmpint (picture->frame_width, ==, 192);
  g_assert_cmpint (picture->frame_height, ==, 108);
  g_assert_cmpint (picture->rotation, !=, 0);
  g_assert_true (g_file_get_contents (turned, &rgb, &size, NULL));
  g_assert_cmpuint (size, ==, (size_t) picture->width * (size_t) picture->height * 3);
  assert_looks_like (picture, (const uint8_t *) rgb);
  csm_still_close (&self);
}

/* As cameras write it: a segment APP1 with one field, behind the first two bytes. */
static void
put_orientation (const char *path, char orientation)
{
  const char segment[] = { '\xff', '\xe1', 0, 34, 'E',         'x', 'i', 'f', 0,  0, 'I', 'I',
                           '*',    0,      8, 0,  0,           0,   1,   0,   18, 1, 3,   0,
                           1,      0,      0, 0,  orientation, 0,   0,   0,   0,  0, 0,   0 };
  g_autofree char *jpeg = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gsize size;

  g_assert_true (g_file_get_contents (path, &jpeg, &size, NULL));
  g_byte_array_append (bytes, (const uint8_t *) jpeg, 2);
  g_byte_array_append (bytes, (const uint8_t *) segment, sizeof segment);
  g_byte_array_append (bytes, (const uint8_t *) jpeg + 2, (guint) size - 2);
  g_assert_true (
      g_file_set_contents (path, (const char *) bytes->data, (gssize) bytes->len, NULL));
}

static void
orientation_is_honoured (gconstpointer orientation)
{
  const char *text = orientation;
  g_autofree char *path =
      csm_clip_make ("photo.jpg", "-f lavfi -i testsrc2=s=192x108 -frames:v 1 -q:v 2");
  g_autofree char *turning = NULL, *turned = NULL, *rgb = NULL;
  CsmPictureOptions options = { .accurate = true };
  g_autoptr (CsmPicture) picture = NULL;
  gsize size;
  CsmStillFixture self;

  put_orientation (path, (char) (*text - '0'));
  turning = g_strdup_printf ("-i %s -frames:v 1 -f rawvideo -pix_fmt rgb24", path);
  turned = csm_clip_make ("turned.rgb", turning);
  csm_still_open (&self, path);
  picture = read_picture (&self, &options);
  g_assert_cmpint (picture->width, ==, *text == '3' ? 192 : 108);
  g_assert_cmpint (picture->frame_width, ==, 192);
  g_assert_true (g_file_get_contents (turned, &rgb, &size, NULL));
  g_assert_cmpuint (size, ==, (size_t) picture->width * (size_t) picture->height * 3);
  assert_looks_like (picture, (const uint8_t *) rgb);
  csm_still_close (&self);
}

static void
assert_size (CsmStillFixture *self, CsmPictureOptions options, int width, int height)
{
  g_autoptr (CsmPicture) picture = read_picture (self, &options);

  g_assert_cmpint (picture->width, ==, width);
  g_assert_cmpint (picture->height, ==, height);
  g_assert_cmpint (picture->frame_width, ==, 192);
  g_assert_cmpint (picture->frame_height, ==, 108);
}

static void
aspect_and_limits_are_kept (void)
{
  g_autofree char *path = csm_clip_make ("wide.mkv", TEST_SOURCE "-vf setsar=2 -c:v libx264");
  CsmStillFixture self;

  csm_still_open (&self, path);
  assert_size (&self, (CsmPictureOptions){ 0 }, 384, 108);
  assert_size (&self, (CsmPictureOptions){ .as_decoded = true }, 192, 108);
  assert_size (&self, (CsmPictureOptions){ .max_width = 96, .max_height = 500 }, 96, 27);
  assert_size (&self, (CsmPictureOptions){ .max_width = 500, .max_height = 54 }, 192, 54);
  assert_size (&self, (CsmPictureOptions){ .max_width = 5000, .max_height = 5000 }, 384, 108);
  csm_still_close (&self);
}

static void
alpha_is_premultiplied (void)
{
  g_autofree char *path =
      csm_clip_make ("half.png", "-f lavfi -i color=white@0.5:s=16x16,format=rgba -frames:v 1");
  CsmPictureOptions options = { .accurate = true };
  g_autoptr (CsmPicture) picture = NULL;
  const uint8_t *p;
  CsmStillFixture self;

  csm_still_open (&self, path);
  picture = read_picture (&self, &options);
  p = pixel (picture, 8, 8);
  g_assert_cmpint (p[3], >, 100);
  g_assert_cmpint (p[3], <, 150);
  g_assert_cmpint (p[0], <=, p[3]);
  g_assert_cmpint (p[0], >, 100);
  csm_still_close (&self);
}

/* IHDR: bit depth and colour type lie at 24 and 25. */
static void
assert_still (const char *name, const char *arguments, int depth, int colour, const char *text)
{
  g_autofree char *path = csm_clip_make (name, arguments);
  g_autoptr (GBytes) png = NULL;
  const uint8_t *bytes;
  size_t size;
  CsmStillFixture self;

  csm_still_open (&self, path);
  png = read_still (&self);
  bytes = g_bytes_get_data (png, &size);
  g_assert_cmpint (bytes[24], ==, depth);
  g_assert_cmpint (bytes[25], ==, colour);
  g_assert_nonnull (memmem (bytes, size, text, strlen (text)));
  csm_still_close (&self);
}

static void
stills_say_how_they_were_made (void)
{
  assert_still ("small.mkv", TEST_SOURCE "-c:v libx264", 8, 2,
                "matrix smpte170m (assumed), range limited");
  assert_still ("large.mkv", "-f lavfi -i testsrc2=s=1280x720:d=0.1 -c:v libx264", 8, 2,
                "matrix bt709 (assumed), range limited");
  assert_still ("stated.mkv", TEST_SOURCE "-c:v libx264 -colorspace bt709", 8, 2,
                "matrix bt709 (stated), range limited");
  assert_still ("ten.mkv", TEST_SOURCE "-c:v libx264 -pix_fmt yuv420p10le", 16, 2,
                "192x108 yuv420p10le, unrotated, unscaled");
  assert_still ("grey.mkv", TEST_SOURCE "-c:v ffv1 -pix_fmt gray", 8, 0, "192x108 gray");
  assert_still ("alpha.mkv", TEST_SOURCE "-c:v ffv1 -pix_fmt bgra", 8, 6, "no matrix (RGB)");
}

static void
thumbnails_are_upright_and_small (void)
{
  g_autofree char *base = csm_clip_make ("base.mp4", TEST_SOURCE "-c:v libx264");
  g_autofree char *arguments = g_strdup_printf ("-i %s -c copy -metadata:s:v rotate=90", base);
  g_autofree char *path = csm_clip_make ("turned.mp4", arguments);
  g_autoptr (GBytes) thumbnail = NULL;
  g_autoptr (GError) error = NULL;
  int width = 0, height = 0;
  CsmStillFixture self;

  csm_still_open (&self, path);
  thumbnail = csm_worker_read_thumbnail (self.worker, 3, 54, 54, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (csm_small_picture_check (thumbnail, &width, &height));
  g_assert_cmpint (width, ==, 30);
  g_assert_cmpint (height, ==, 54);
  csm_still_close (&self);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
#define FACT(what, run) g_test_add_func ("/casement/media/worker-picture/" what, run)
#define SAME(what, arguments)                                                              \
  g_test_add_data_func ("/casement/media/worker-picture/" what "-is-the-still", arguments, \
                        the_picture_is_the_still)
#define TURN(what, degrees)                                                            \
  g_test_add_data_func ("/casement/media/worker-picture/rotation-" what "-is-applied", \
                        #degrees, rotation_is_applied)
  SAME ("420", TEST_SOURCE "-c:v libx264 -pix_fmt yuv420p");
  SAME ("444", TEST_SOURCE "-c:v ffv1 -pix_fmt yuv444p");
  SAME ("full-range", TEST_SOURCE "-c:v mjpeg -pix_fmt yuvj422p");
  SAME ("odd-size", "-f lavfi -i testsrc2=s=101x67:d=0.2 -c:v ffv1 -pix_fmt yuv420p");
  SAME ("rgb", TEST_SOURCE "-c:v ffv1 -pix_fmt bgr0");
  SAME ("grey", TEST_SOURCE "-c:v ffv1 -pix_fmt gray");
  /* More than the transfer memory holds at once. */
  SAME ("in-bands", "-f lavfi -i testsrc2=s=4800x3600:d=0.04 -c:v mjpeg");
  TURN ("90", 90);
  TURN ("180", 180);
  TURN ("270", 270);
#define ORIENTATION(n)                                                                     \
  g_test_add_data_func ("/casement/media/worker-picture/orientation-" n "-is-honoured", n, \
                        orientation_is_honoured)
  ORIENTATION ("3");
  ORIENTATION ("6");
  ORIENTATION ("8");
#undef ORIENTATION
  FACT ("aspect-and-limits-are-kept", aspect_and_limits_are_kept);
  FACT ("alpha-is-premultiplied", alpha_is_premultiplied);
  FACT ("stills-say-how-they-were-made", stills_say_how_they_were_made);
  FACT ("thumbnails-are-upright-and-small", thumbnails_are_upright_and_small);
  status = g_test_run ();
  csm_clip_end ();
  return status;
}
