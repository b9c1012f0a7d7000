/* csm-convert.c: from a decoded frame to pixels for a screen or a still
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-convert.h"

#include "media/csm-protocol.h"
#include "media/worker/csm-colour.h"

#include <libavutil/intreadwrite.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <string.h>

#define ALIGN 64
#define ACCURATE_FLAGS \
  (SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP)
/* Never SWS_FAST_BILINEAR, which generates code. */
#define FAST_FLAGS SWS_BICUBIC
#define FAST_SCALED_FLAGS SWS_BILINEAR

/* All that a scaler was made for; compared as bytes. */
typedef struct
{
  int from_width, from_height, from_format;
  int to_width, to_height, to_format;
  int flags, matrix, full_range, to_full_range;
} Purpose;

struct _CsmConverter
{
  struct SwsContext *scaler;
  Purpose purpose; /* of @scaler */
};

CsmConverter *
csm_converter_new (void)
{
  return g_new0 (CsmConverter, 1);
}

void
csm_converter_free (CsmConverter *self)
{
  if (self == NULL)
    return;
  sws_freeContext (self->scaler);
  g_free (self);
}

void
csm_image_clear (CsmImage *self)
{
  if (!self->borrowed)
    av_freep (&self->pixels);
  self->pixels = NULL;
}

/* ---- scaling ---- */

static gboolean
prepare_range (CsmConverter *self,
               const AVFrame *frame,
               int width,
               int height,
               enum AVPixelFormat format,
               int flags,
               bool to_full,
               GError **error)
{
  bool full = csm_colour_is_grey (frame) || csm_colour_is_full_range (frame);
  const int *table = sws_getCoefficients ((int) csm_colour_get_matrix (frame));
  const Purpose purpose = { frame->width,  frame->height,
                            frame->format, width,
                            height,        format,
                            flags,         (int) csm_colour_get_matrix (frame),
                            full,          to_full };

  if (self->scaler != NULL && memcmp (&purpose, &self->purpose, sizeof purpose) == 0)
    return TRUE;
  self->scaler = sws_getCachedContext (self->scaler, frame->width, frame->height, frame->format,
                                       width, height, format, flags, NULL, NULL, NULL);
  if (self->scaler == NULL)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "Pictures in the format \"%s\" cannot be shown.",
                   av_get_pix_fmt_name (frame->format));
      return FALSE;
    }
  /* Fails for formats without a matrix, which need none. */
  (void) sws_setColorspaceDetails (self->scaler, table, full, table, to_full, 0, 1 << 16,
                                   1 << 16);
  self->purpose = purpose;
  return TRUE;
}

static gboolean
prepare (CsmConverter *self,
         const AVFrame *frame,
         int width,
         int height,
         enum AVPixelFormat format,
         int flags,
         GError **error)
{
  return prepare_range (self, frame, width, height, format, flags, true, error);
}

static gboolean
scale (CsmConverter *self,
       const AVFrame *frame,
       uint8_t *const planes[4],
       const int strides[4],
       GError **error)
{
  int rc = sws_scale (self->scaler, (const uint8_t *const *) frame->data, frame->linesize, 0,
                      frame->height, planes, strides);

  return rc >= 0 ? TRUE : csm_media_fail_av (error, rc, "convert the picture");
}

/* In @room (nullable) if it fits. */
static gboolean
image_alloc (CsmImage *self,
             int width,
             int height,
             uint8_t *room,
             size_t room_size,
             GError **error)
{
  int stride = (width * 4 + ALIGN - 1) / ALIGN * ALIGN;
  size_t size = (size_t) stride * (size_t) height + ALIGN;

  self->borrowed = room != NULL && size <= room_size;
  self->pixels = self->borrowed ? room : av_malloc (size);
  if (self->pixels == NULL)
    return csm_media_fail_av (error, AVERROR (ENOMEM), "convert the picture");
  self->width = width;
  self->height = height;
  self->stride = stride;
  return TRUE;
}

/* libswscale minds the range of grey on some of its paths only: it is told that all grey is
 * full, and what is not is expanded here. @shift: bits above 8. */
static int
expand (int code, int shift)
{
  int black = 16 << shift, white = 235 << shift, max = (256 << shift) - 1;

  return CLAMP (
      (int) (((int64_t) (code - black) * max + (white - black) / 2) / (white - black)), 0, max);
}

static bool
is_limited_grey (const AVFrame *frame)
{
  return csm_colour_is_grey (frame) && !csm_colour_is_full_range (frame);
}

static uint32_t *
row_of (const CsmImage *self, int y)
{
  return (uint32_t *) (void *) (self->pixels + (ptrdiff_t) y * self->stride);
}

static void
expand_grey (CsmImage *self)
{
  uint8_t full[256];

  for (int code = 0; code < 256; code++)
    full[code] = (uint8_t) expand (code, 0);
  for (int y = 0; y < self->height; y++)
    for (int x = 0; x < self->width; x++)
      {
        uint8_t *p = (uint8_t *) (row_of (self, y) + x);

        for (int c = 0; c < 3; c++)
          p[c] = full[p[c]];
      }
}

/* The first component of 16-bit big-endian grey, with alpha behind it or not. */
static void
expand_grey_16 (AVFrame *frame)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);

  for (int y = 0; y < frame->height; y++)
    for (int x = 0; x < frame->width; x++)
      for (int c = 0; c < MAX (format->nb_components / 2 * 2 - 1, 1); c++)
        {
          uint8_t *p = frame->data[0] + (ptrdiff_t) y * frame->linesize[0] +
                       (ptrdiff_t) x * format->comp[0].step + c * 2;

          AV_WB16 (p, (uint16_t) expand (AV_RB16 (p), 8));
        }
}

/* Clockwise. */
static gboolean
rotate (CsmImage *self, int degrees, GError **error)
{
  g_auto (CsmImage) turned = { 0 };
  bool swap = degrees == 90 || degrees == 270;
  CsmImage old;
  int w = self->width, h = self->height;

  if (degrees == 0)
    return TRUE;
  if (!image_alloc (&turned, swap ? h : w, swap ? w : h, NULL, 0, error))
    return FALSE;
  for (int y = 0; y < turned.height; y++)
    {
      uint32_t *to = row_of (&turned, y);

      for (int x = 0; x < turned.width; x++)
        to[x] = degrees == 90    ? row_of (self, h - 1 - x)[y]
                : degrees == 180 ? row_of (self, h - 1 - y)[w - 1 - x]
                                 : row_of (self, x)[w - 1 - y];
    }
  old = *self;
  *self = turned;
  turned = old;
  return TRUE;
}

static uint8_t
times (uint8_t value, uint8_t alpha)
{
  return (uint8_t) ((value * alpha + 127) / 255);
}

static void
premultiply_alpha (CsmImage *self)
{
  for (int y = 0; y < self->height; y++)
    for (int x = 0; x < self->width; x++)
      {
        uint8_t *p = (uint8_t *) (row_of (self, y) + x);

        for (int c = 0; c < 3; c++)
          p[c] = times (p[c], p[3]);
      }
}

/* Size before rotation: sample aspect applied by enlarging, then fitted. */
static void
choose_size (const AVFrame *frame, const CsmConvertOptions *options, int *ret_w, int *ret_h)
{
  bool swap = options->rotation == 90 || options->rotation == 270;
  int max_w = swap ? options->max_height : options->max_width;
  int max_h = swap ? options->max_width : options->max_height;
  double w = frame->width, h = frame->height, shrink = 1;
  AVRational sar = options->sample_aspect;

  if (sar.num > 0 && sar.den > 0 && sar.num != sar.den)
    {
      if (sar.num > sar.den)
        w = w * sar.num / sar.den;
      else
        h = h * sar.den / sar.num;
    }
  max_w = max_w > 0 ? max_w : CSM_PROTOCOL_MAX_SIDE;
  max_h = max_h > 0 ? max_h : CSM_PROTOCOL_MAX_SIDE;
  shrink = MIN (shrink, max_w / w);
  shrink = MIN (shrink, max_h / h);
  *ret_w = CLAMP ((int) (w * shrink + 0.5), 1, max_w);
  *ret_h = CLAMP ((int) (h * shrink + 0.5), 1, max_h);
}

static int
choose_flags (const AVFrame *frame, bool accurate, int width, int height)
{
  if (accurate)
    return ACCURATE_FLAGS;
  return width == frame->width && height == frame->height ? FAST_FLAGS : FAST_SCALED_FLAGS;
}

gboolean
csm_converter_convert (CsmConverter *self,
                       const AVFrame *frame,
                       const CsmConvertOptions *options,
                       bool premultiply,
                       CsmImage *ret_image,
                       GError **error)
{
  g_auto (CsmImage) image = { 0 };
  int width, height;

  choose_size (frame, options, &width, &height);
  if (!prepare (self, frame, width, height, AV_PIX_FMT_BGRA,
                choose_flags (frame, options->accurate, width, height), error) ||
      !image_alloc (&image, width, height, options->rotation == 0 ? options->room : NULL,
                    options->room_size, error) ||
      !scale (self, frame, (uint8_t *[4]){ image.pixels }, (int[4]){ image.stride }, error))
    return FALSE;
  if (is_limited_grey (frame))
    expand_grey (&image);
  if (premultiply && csm_colour_has_alpha (frame))
    premultiply_alpha (&image);
  if (!rotate (&image, options->rotation, error))
    return FALSE;
  *ret_image = image;
  image.pixels = NULL;
  return TRUE;
}

static AVFrame *
convert_unscaled (CsmConverter *self,
                  const AVFrame *frame,
                  enum AVPixelFormat format,
                  bool to_full,
                  GError **error)
{
  g_autoptr (AVFrame) converted = av_frame_alloc ();
  int rc;

  if (!prepare_range (self, frame, frame->width, frame->height, format, ACCURATE_FLAGS, to_full,
                      error))
    return NULL;
  converted->width = frame->width;
  converted->height = frame->height;
  converted->format = format;
  rc = av_frame_get_buffer (converted, ALIGN);
  if (rc < 0)
    {
      (void) csm_media_fail_av (error, rc, "convert the picture"); /* NULL says it */
      return NULL;
    }
  if (!scale (self, frame, converted->data, converted->linesize, error))
    return NULL;
  return g_steal_pointer (&converted);
}

AVFrame *
csm_converter_convert_to (CsmConverter *self,
                          const AVFrame *frame,
                          enum AVPixelFormat format,
                          GError **error)
{
  AVFrame *converted = convert_unscaled (self, frame, format, true, error);

  if (converted != NULL && is_limited_grey (frame))
    expand_grey_16 (converted);
  return converted;
}

AVFrame *
csm_converter_convert_video (CsmConverter *self,
                             const AVFrame *frame,
                             enum AVPixelFormat format,
                             GError **error)
{
  return convert_unscaled (self, frame, format, false, error);
}
