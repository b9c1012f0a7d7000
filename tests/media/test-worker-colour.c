/* test-worker-colour.c: matrices, ranges and tone-mapping against the ffmpeg program's zscale
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-clip.h"
#include "csm-still.h"

#include <string.h>

/* Flat colours: what lies between two differs by how chroma is interpolated, which is not what
 * is looked at here. */
#define BARS "-f lavfi -i smptebars=s=%s:d=0.08,format=%s -c:v ffv1 %s"

typedef struct
{
  const char *name;
  const char *size;
  const char *format;
  const char *tags;
  const char *truth;  /* zscale's options */
  const char *colour; /* what is said of it */
} Path;

static const Path paths[] = {
  { "bt601-limited", "224x160", "yuv444p", "-colorspace smpte170m -color_range tv",
    "min=170m:rin=limited", "matrix smpte170m (stated), range limited (stated)" },
  { "bt601-full", "224x160", "yuv444p", "-colorspace bt470bg -color_range pc",
    "min=470bg:rin=full", "matrix bt470bg (stated), range full (stated)" },
  { "bt709-limited", "224x160", "yuv444p", "-colorspace bt709 -color_range tv",
    "min=709:rin=limited", "matrix bt709 (stated), range limited (stated)" },
  { "bt709-full", "224x160", "yuv422p", "-colorspace bt709 -color_range pc", "min=709:rin=full",
    "matrix bt709 (stated), range full (stated)" },
  { "bt2020-limited-10", "224x160", "yuv420p10le", "-colorspace bt2020nc -color_range tv",
    "min=2020_ncl:rin=limited", "matrix bt2020nc (stated), range limited (stated)" },
  { "bt2020-full-12", "224x160", "yuv444p12le", "-colorspace bt2020nc -color_range pc",
    "min=2020_ncl:rin=full", "matrix bt2020nc (stated), range full (stated)" },
  { "untagged-small", "224x160", "yuv444p", "", "min=170m:rin=limited",
    "matrix smpte170m (assumed), range limited (assumed)" },
  { "untagged-large", "1280x720", "yuv444p", "", "min=709:rin=limited",
    "matrix bt709 (assumed), range limited (assumed)" },
};

static CsmPicture *
read_picture (CsmStillFixture *self, bool as_decoded)
{
  CsmPictureOptions options = { .accurate = true, .as_decoded = as_decoded };
  g_autoptr (GError) error = NULL;
  CsmPicture *picture = csm_worker_read_picture (self->worker, 0, &options, 0, NULL, &error);

  g_assert_no_error (error);
  return picture;
}

#define EDGE 6 /* pixels: as far as a colour reaches into the next */

static bool
is_flat (const uint8_t *truth, int x, int y, const CsmPicture *picture)
{
  ptrdiff_t row = (ptrdiff_t) picture->width * 3;
  const uint8_t *here = truth + y * row + x * 3;

  return x >= EDGE && y >= EDGE && x < picture->width - EDGE && y < picture->height - EDGE &&
         memcmp (here, here - EDGE * 3, 3) == 0 && memcmp (here, here + EDGE * 3, 3) == 0 &&
         memcmp (here, here - EDGE * row, 3) == 0 && memcmp (here, here + EDGE * row, 3) == 0;
}

/* Pixels that differ by more than @levels in a channel; of those within bars when @flat. */
static int64_t
count_others (const CsmPicture *picture, GBytes *rgb, int levels, bool flat)
{
  const uint8_t *shown = g_bytes_get_data (picture->pixels, NULL);
  const uint8_t *truth = g_bytes_get_data (rgb, NULL);
  int64_t n = 0, n_looked_at = 0, n_pixels = (int64_t) picture->width * picture->height;

  g_assert_cmpuint (g_bytes_get_size (rgb), ==, (size_t) n_pixels * 3);
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++)
      {
        const uint8_t *p = shown + (ptrdiff_t) y * picture->stride + (ptrdiff_t) x * 4;
        const uint8_t *t = truth + ((ptrdiff_t) y * picture->width + x) * 3;

        if (flat && !is_flat (truth, x, y, picture))
          continue;
        n_looked_at++;
        n += ABS (p[2] - t[0]) > levels || ABS (p[1] - t[1]) > levels ||
             ABS (p[0] - t[2]) > levels;
      }
  g_assert_cmpint (n_looked_at, >, n_pixels / 3);
  return n;
}

static void
is_what_zscale_gives (gconstpointer data)
{
  const Path *path = data;
  g_autofree char *arguments = g_strdup_printf (BARS, path->size, path->format, path->tags);
  g_autofree char *name = g_strdup_printf ("%s.mkv", path->name);
  g_autofree char *clip = csm_clip_make (name, arguments);
  g_autofree char *filters = g_strdup_printf (
      "trim=end_frame=1,zscale=%s:tin=709:pin=709:m=gbr:r=full:t=709:p=709:f=spline36:d=none,"
      "format=gbrp,scale,format=rgb24",
      path->truth);
  g_autoptr (GBytes) rgb = csm_still_filter (clip, filters);
  g_autoptr (CsmPicture) picture = NULL;
  CsmStillFixture self;

  csm_still_open (&self, clip);
  picture = read_picture (&self, true);
  g_assert_cmpint (count_others (picture, rgb, 2, true), ==, 0);
  g_assert_nonnull (strstr (picture->colour, path->colour));
  g_assert_false (picture->tone_mapped);
  csm_still_close (&self);
}

/* ---- HDR ---- */

static const Path hdr_paths[] = {
  { "pq", "224x160", "yuv420p10le",
    "-colorspace bt2020nc -color_range tv -color_primaries bt2020 -color_trc smpte2084",
    "tin=smpte2084:min=2020_ncl:pin=2020:rin=limited", "transfer smpte2084 (HDR, tone-mapped" },
  { "hlg", "224x160", "yuv422p10le",
    "-colorspace bt2020nc -color_range tv -color_primaries bt2020 -color_trc arib-std-b67",
    "tin=arib-std-b67:min=2020_ncl:pin=2020:rin=limited",
    "transfer arib-std-b67 (HDR, tone-mapped" },
};

static void
hdr_is_tone_mapped (gconstpointer data)
{
  const Path *path = data;
  g_autofree char *arguments = g_strdup_printf (BARS, path->size, path->format, path->tags);
  g_autofree char *name = g_strdup_printf ("%s.mkv", path->name);
  g_autofree char *clip = csm_clip_make (name, arguments);
  g_autofree char *filters = g_strdup_printf (
      "trim=end_frame=1,zscale=%s:t=linear:npl=100,format=gbrpf32le,zscale=p=709,"
      "tonemap=tonemap=hable:desat=0,zscale=t=709:m=gbr:r=full,format=gbrp,scale,format=rgb24",
      path->truth);
  g_autoptr (GBytes) rgb = csm_still_filter (clip, filters);
  g_autoptr (CsmPicture) picture = NULL;
  CsmStillFixture self;

  csm_still_open (&self, clip);
  picture = read_picture (&self, false);
  g_assert_true (picture->tone_mapped);
  g_assert_false (picture->hdr_as_coded);
  g_assert_nonnull (strstr (picture->colour, path->colour));
  g_assert_cmpint (count_others (picture, rgb, 2, true), ==, 0);
  csm_still_close (&self);
}

/* More than 8 bits are rounded to be shown. */
static void
as_decoded_is_the_still (gconstpointer data)
{
  const Path *path = data;
  g_autofree char *arguments = g_strdup_printf (BARS, path->size, path->format, path->tags);
  g_autofree char *name = g_strdup_printf ("%s.mkv", path->name);
  g_autofree char *clip = csm_clip_make (name, arguments);
  g_autoptr (CsmPicture) picture = NULL;
  g_autoptr (GBytes) png = NULL, rgb = NULL;
  g_autoptr (GError) error = NULL;
  CsmStillFixture self;

  csm_still_open (&self, clip);
  picture = read_picture (&self, true);
  g_assert_false (picture->tone_mapped);
  g_assert_cmpint (picture->hdr_as_coded, ==, strstr (path->tags, "color_trc") != NULL);
  png = csm_worker_read_png (self.worker, 0, NULL, &error);
  g_assert_no_error (error);
  rgb = csm_still_to_rgb (png);
  g_assert_cmpint (
      count_others (picture, rgb, strstr (path->format, "1") != NULL ? 1 : 0, false), ==, 0);
  csm_still_close (&self);
}

static void
hdr_is_fitted_first (void)
{
  g_autofree char *arguments =
      g_strdup_printf (BARS, "640x360", hdr_paths[0].format, hdr_paths[0].tags);
  g_autofree char *clip = csm_clip_make ("fitted.mkv", arguments);
  CsmPictureOptions options = { .accurate = true, .max_width = 101, .max_height = 101 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture = NULL;
  CsmStillFixture self;

  csm_still_open (&self, clip);
  picture = csm_worker_read_picture (self.worker, 0, &options, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (picture->tone_mapped);
  g_assert_cmpint (picture->width, >, 96);
  g_assert_cmpint (picture->width, <=, 101);
  g_assert_cmpint (ABS (picture->height * 16 - picture->width * 9), <=, 32);
  g_assert_cmpint (picture->frame_width, ==, 640);
  csm_still_close (&self);
}

/* ---- what else is said ---- */

static void
flags_are_told (void)
{
  g_autofree char *alpha = csm_clip_make (
      "alpha.png", "-f lavfi -i color=white@0.5:s=16x16,format=rgba -frames:v 1");
  g_autofree char *fields =
      csm_clip_make ("fields.mpg", "-f lavfi -i testsrc2=s=192x112:r=50:d=0.2 -vf interlace "
                                   "-flags +ilme+ildct -c:v mpeg2video");
  CsmStillFixture self;
  g_autoptr (CsmPicture) a = NULL, b = NULL;

  csm_still_open (&self, alpha);
  a = read_picture (&self, false);
  g_assert_true (a->has_alpha && !a->is_interlaced);
  csm_still_close (&self);
  csm_still_open (&self, fields);
  b = read_picture (&self, false);
  g_assert_true (!b->has_alpha && b->is_interlaced);
  csm_still_close (&self);
}

static void
an_unknown_matrix_is_said (void)
{
  g_autofree char *clip = csm_clip_make (
      "ycgco.mkv", "-f lavfi -i smptebars=s=160x96:d=0.1,format=yuv444p -c:v libx264 "
                   "-colorspace ycgco");
  g_autoptr (CsmPicture) picture = NULL;
  CsmStillFixture self;

  csm_still_open (&self, clip);
  picture = read_picture (&self, true);
  g_assert_nonnull (
      strstr (picture->colour, "matrix smpte170m (ycgco is stated and not known"));
  csm_still_close (&self);
}

/* Grey that says nothing is full range, as the ffmpeg program has it. */
static void
grey_is_full (void)
{
  g_autofree char *clip =
      csm_clip_make ("grey.avi", "-f lavfi -i gradients=s=160x96:d=0.04,format=gray -c:v ffv1");
  g_autoptr (GBytes) rgb = csm_still_filter (clip, "trim=end_frame=1,scale,format=rgb24");
  g_autoptr (CsmPicture) picture = NULL;
  CsmStillFixture self;

  csm_still_open (&self, clip);
  picture = read_picture (&self, true);
  g_assert_cmpint (count_others (picture, rgb, 1, false), ==, 0);
  csm_still_close (&self);
}

/* A range that grey does state; more than 8 bits are rounded before. */
static void
limited_grey_is_expanded (gconstpointer format)
{
  g_autofree char *arguments = g_strdup_printf (
      "-f lavfi -i color=c=gray:s=160x96:d=0.04,format=gray,geq=lum=X+16,format=%s "
      "-c:v ffv1 "
      "-color_range tv",
      (const char *) format);
  g_autofree char *clip = csm_clip_make ("limited.mkv", arguments);
  g_autoptr (GBytes) rgb = csm_still_filter (
      clip, "trim=end_frame=1,zscale=rin=limited:r=full:d=none,format=gray,scale,format=rgb24");
  g_autoptr (CsmPicture) picture = NULL;
  g_autoptr (GBytes) png = NULL, still = NULL;
  g_autoptr (GError) error = NULL;
  CsmStillFixture self;

  csm_still_open (&self, clip);
  picture = read_picture (&self, true);
  g_assert_cmpint (count_others (picture, rgb, 2, false), ==, 0);
  png = csm_worker_read_png (self.worker, 0, NULL, &error);
  g_assert_no_error (error);
  still = csm_still_to_rgb (png);
  g_assert_cmpint (count_others (picture, still, 2, false), ==, 0);
  csm_still_close (&self);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  csm_clip_begin ();
#define FACT(what, run) g_test_add_func ("/casement/media/worker-colour/" what, run)
#define FOR_ALL(table, what, run)                                                    \
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)                                  \
    {                                                                                \
      g_autofree char *path =                                                        \
          g_strdup_printf ("/casement/media/worker-colour/%s-" what, table[i].name); \
                                                                                     \
      g_test_add_data_func (path, &table[i], run);                                   \
    }
  FOR_ALL (paths, "is-what-zscale-gives", is_what_zscale_gives)
  FOR_ALL (paths, "as-decoded-is-the-still", as_decoded_is_the_still)
  FOR_ALL (hdr_paths, "is-tone-mapped", hdr_is_tone_mapped)
  FOR_ALL (hdr_paths, "as-decoded-is-the-still", as_decoded_is_the_still)
  FACT ("hdr-is-fitted-first", hdr_is_fitted_first);
  FACT ("flags-are-told", flags_are_told);
  FACT ("an-unknown-matrix-is-said", an_unknown_matrix_is_said);
  FACT ("grey-is-full", grey_is_full);
  g_test_add_data_func ("/casement/media/worker-colour/limited-grey-is-expanded", "gray",
                        limited_grey_is_expanded);
  g_test_add_data_func ("/casement/media/worker-colour/limited-grey-is-expanded-10", "gray10",
                        limited_grey_is_expanded);
  status = g_test_run ();
  csm_clip_end ();
  return status;
}
