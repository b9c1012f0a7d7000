/* csm-png.c: PNG files made of decoded frames
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-png.h"

#include "media/worker/csm-colour.h"

#include <libavutil/crc.h>
#include <libavutil/pixdesc.h>
#include <string.h>

/* Signature (8), then IHDR: length (4), type (4), data (13), CRC (4). */
#define AFTER_IHDR 33

static void
append_be32 (GByteArray *bytes, uint32_t value)
{
  uint32_t be = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const uint8_t *) &be, sizeof be);
}

/* tEXt: keyword, NUL, Latin-1 text; the CRC covers type and data (PNG specification, 11.3.4).
 */
static void
append_text (GByteArray *bytes, const char *keyword, const char *text)
{
  const AVCRC *table = av_crc_get_table (AV_CRC_32_IEEE_LE);
  size_t size = strlen (keyword) + 1 + strlen (text);
  guint start;
  uint32_t crc;

  append_be32 (bytes, (uint32_t) size);
  start = bytes->len;
  g_byte_array_append (bytes, (const uint8_t *) "tEXt", 4);
  g_byte_array_append (bytes, (const uint8_t *) keyword, (guint) strlen (keyword) + 1);
  g_byte_array_append (bytes, (const uint8_t *) text, (guint) strlen (text));
  crc = av_crc (table, UINT32_MAX, bytes->data + start, size + 4) ^ UINT32_MAX;
  append_be32 (bytes, crc);
}

static AVPacket *
encode (const AVFrame *frame, GError **error)
{
  const AVCodec *encoder = avcodec_find_encoder (AV_CODEC_ID_PNG);
  AVCodecContext *codec = avcodec_alloc_context3 (encoder);
  AVPacket *packet = av_packet_alloc ();
  int rc = AVERROR (ENOMEM);

  if (codec != NULL && packet != NULL)
    {
      codec->width = frame->width;
      codec->height = frame->height;
      codec->pix_fmt = frame->format;
      codec->time_base = (AVRational){ 1, 1 };
      codec->thread_count = 1;
      rc = avcodec_open2 (codec, encoder, NULL);
    }
  if (rc >= 0)
    rc = avcodec_send_frame (codec, frame);
  if (rc >= 0)
    rc = avcodec_send_frame (codec, NULL);
  if (rc >= 0)
    rc = avcodec_receive_packet (codec, packet);
  avcodec_free_context (&codec);
  if (rc < 0)
    {
      av_packet_free (&packet);
      (void) csm_media_fail_av (error, rc, "make a PNG"); /* NULL says it */
    }
  return packet;
}

static GBytes *
encode_with_text (const AVFrame *frame, GByteArray *text, GError **error)
{
  AVPacket *packet = encode (frame, error);
  GByteArray *png;

  if (packet == NULL)
    return NULL;
  png = g_byte_array_sized_new ((guint) packet->size + text->len);
  g_byte_array_append (png, packet->data, AFTER_IHDR);
  g_byte_array_append (png, text->data, text->len);
  g_byte_array_append (png, packet->data + AFTER_IHDR, (guint) (packet->size - AFTER_IHDR));
  av_packet_free (&packet);
  return g_byte_array_free_to_bytes (png);
}

/* Without the straight line through BGRA an 8-bit still would not be the picture on screen. */
static AVFrame *
repack (const CsmImage *image, enum AVPixelFormat format, GError **error)
{
  g_autoptr (AVFrame) frame = av_frame_alloc ();
  int n = format == AV_PIX_FMT_GRAY8 ? 1 : format == AV_PIX_FMT_RGB24 ? 3 : 4;
  int rc;

  frame->width = image->width;
  frame->height = image->height;
  frame->format = format;
  rc = av_frame_get_buffer (frame, 0);
  if (rc < 0)
    {
      (void) csm_media_fail_av (error, rc, "make a PNG"); /* NULL says it */
      return NULL;
    }
  for (int y = 0; y < image->height; y++)
    {
      const uint8_t *from = image->pixels + (ptrdiff_t) y * image->stride;
      uint8_t *to = frame->data[0] + (ptrdiff_t) y * frame->linesize[0];

      for (int x = 0; x < image->width; x++, from += 4, to += n)
        {
          to[0] = from[2];
          if (n > 1)
            {
              to[1] = from[1];
              to[2] = from[0];
            }
          if (n > 3)
            to[3] = from[3];
        }
    }
  return g_steal_pointer (&frame);
}

static bool
is_grey (const AVPixFmtDescriptor *format)
{
  return format->nb_components == 1 &&
         (format->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM)) == 0;
}

static AVFrame *
convert_8_bit (CsmConverter *converter, const AVFrame *frame, GError **error)
{
  const CsmConvertOptions options = { .accurate = true };
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);
  g_auto (CsmImage) image = { 0 };

  if (!csm_converter_convert (converter, frame, &options, false, &image, error))
    return NULL;
  return repack (&image,
                 is_grey (format)               ? AV_PIX_FMT_GRAY8
                 : csm_colour_has_alpha (frame) ? AV_PIX_FMT_RGBA
                                                : AV_PIX_FMT_RGB24,
                 error);
}

static AVFrame *
convert_16_bit (CsmConverter *converter, const AVFrame *frame, GError **error)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);

  return csm_converter_convert_to (converter, frame,
                                   is_grey (format)               ? AV_PIX_FMT_GRAY16BE
                                   : csm_colour_has_alpha (frame) ? AV_PIX_FMT_RGBA64BE
                                                                  : AV_PIX_FMT_RGB48BE,
                                   error);
}

GBytes *
csm_png_encode_still (CsmConverter *converter, const AVFrame *frame, GError **error)
{
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get (frame->format);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  g_autoptr (AVFrame) pixels = NULL;
  g_autofree char *path = NULL;
  g_autofree char *shape = NULL;

  pixels = format->comp[0].depth > 8 ? convert_16_bit (converter, frame, error)
                                     : convert_8_bit (converter, frame, error);
  if (pixels == NULL)
    return NULL;
  path = csm_colour_describe (frame, CSM_COLOUR_ACCURATE);
  shape = g_strdup_printf ("frame as decoded, %dx%d %s, unrotated, unscaled", frame->width,
                           frame->height, format->name);
  append_text (text, "Software", "Casement " CSM_VERSION);
  append_text (text, "Source", shape);
  append_text (text, "Conversion", path);
  append_text (text, "Decoder", csm_av_get_library ());
  return encode_with_text (pixels, text, error);
}

GBytes *
csm_png_encode_view (CsmConverter *converter,
                     const AVFrame *picture,
                     const AVFrame *frame,
                     const CsmView *view,
                     const char *filters,
                     GError **error)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  g_autoptr (AVFrame) pixels = convert_8_bit (converter, picture, error);
  g_autofree char *words = csm_view_format (view);
  g_autofree char *path = csm_colour_describe (
      frame, csm_colour_can_tone_map (frame) ? CSM_COLOUR_TONE_MAPPED : CSM_COLOUR_ACCURATE);
  g_autofree char *shape = NULL;
  g_autofree char *library = NULL;

  if (pixels == NULL)
    return NULL;
  shape = g_strdup_printf ("view of a frame, not the picture as decoded, which is %dx%d %s",
                           frame->width, frame->height, av_get_pix_fmt_name (frame->format));
  library = g_strdup_printf ("%s %s", csm_av_get_library (), csm_av_get_filter_library ());
  append_text (text, "Software", "Casement " CSM_VERSION);
  append_text (text, "Source", shape);
  append_text (text, "View", words);
  append_text (text, "Filters", filters);
  append_text (text, "Conversion", path);
  append_text (text, "Decoder", library);
  return encode_with_text (pixels, text, error);
}
