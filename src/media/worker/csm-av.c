/* csm-av.c: what FFmpeg 5.1 and 7.1 say differently, and its errors as ours
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-av.h"

#include <libavfilter/avfilter.h>
#include <libavutil/display.h>
#include <math.h> /* isfinite, a macro */
#include <string.h>

void
csm_av_frame_free (AVFrame *frame)
{
  av_frame_free (&frame);
}

static CsmMediaError
code_for (int rc)
{
  switch (rc)
    {
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
    case AVERROR_STREAM_NOT_FOUND:
      return CSM_MEDIA_ERROR_UNSUPPORTED;
    case AVERROR (EIO):
      return CSM_MEDIA_ERROR_IO;
    case AVERROR (ENOMEM):
      return CSM_MEDIA_ERROR_REFUSED;
    default:
      return CSM_MEDIA_ERROR_DAMAGED;
    }
}

gboolean
csm_media_fail_av (GError **error, int rc, const char *what)
{
  char words[AV_ERROR_MAX_STRING_SIZE] = "";

  (void) av_strerror (rc, words, sizeof words); /* writes a generic text when it fails */
  g_set_error (error, CSM_MEDIA_ERROR, code_for (rc), "%s: %s", what, words);
  return FALSE;
}

bool
csm_av_frame_is_key (const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_MAJOR >= 58
  return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame->key_frame != 0;
#endif
}

bool
csm_av_frame_is_damaged (const AVFrame *frame)
{
  return frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

bool
csm_av_frame_is_interlaced (const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_MAJOR >= 58
  return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame->interlaced_frame != 0;
#endif
}

int64_t
csm_av_frame_get_duration (const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_MAJOR >= 58
  return MAX (frame->duration, 0);
#else
  return MAX (frame->pkt_duration, 0);
#endif
}

static const int32_t *
get_display_matrix (const AVStream *stream)
{
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  const AVPacketSideData *side =
      av_packet_side_data_get (stream->codecpar->coded_side_data,
                               stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);

  return side != NULL && side->size >= 9 * sizeof (int32_t) ? (const int32_t *) side->data
                                                            : NULL;
#else
  size_t size = 0;
  const uint8_t *data = av_stream_get_side_data (stream, AV_PKT_DATA_DISPLAYMATRIX, &size);

  return data != NULL && size >= 9 * sizeof (int32_t) ? (const int32_t *) data : NULL;
#endif
}

bool
csm_av_stream_copy_matrix (AVStream *to, const AVStream *from)
{
  const int32_t *matrix = get_display_matrix (from);
  const size_t size = 9 * sizeof (int32_t);
  uint8_t *copy = NULL;

  if (matrix == NULL)
    return true;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  AVPacketSideData *side = av_packet_side_data_new (&to->codecpar->coded_side_data,
                                                    &to->codecpar->nb_coded_side_data,
                                                    AV_PKT_DATA_DISPLAYMATRIX, size, 0);

  copy = side != NULL ? side->data : NULL;
#else
  copy = av_stream_new_side_data (to, AV_PKT_DATA_DISPLAYMATRIX, size);
#endif
  if (copy != NULL)
    memcpy (copy, matrix, size);
  return copy != NULL;
}

const enum AVPixelFormat *
csm_av_encoder_get_formats (const AVCodec *encoder)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
  const void *formats = NULL;

  return avcodec_get_supported_config (NULL, encoder, AV_CODEC_CONFIG_PIX_FORMAT, 0, &formats,
                                       NULL) >= 0
             ? formats
             : NULL;
#else
  return encoder->pix_fmts;
#endif
}

/* The determinant of the upper left: 2 x 2 numbers of 32 bits with 16 behind the point. */
static bool
mirrors (const int32_t *matrix)
{
  return (double) matrix[0] * matrix[4] < (double) matrix[1] * matrix[3];
}

/* Of a matrix that mirrors: of what is left without the mirror, which turns left and right. */
static int
rotation_of (const int32_t *matrix)
{
  int32_t turn[9];
  double degrees;
  int quarters;

  memcpy (turn, matrix, sizeof turn);
  if (mirrors (matrix))
    {
      turn[0] = (int32_t) - (uint32_t) turn[0];
      turn[1] = (int32_t) - (uint32_t) turn[1];
    }
  degrees = -av_display_rotation_get (turn); /* FFmpeg counts against the clock */
  if (!isfinite (degrees))
    return 0;
  quarters = (int) (degrees / 90.0 + (degrees < 0 ? -0.5 : 0.5)) % 4;
  return (quarters + 4) % 4 * 90;
}

int
csm_av_stream_get_rotation (const AVStream *stream)
{
  const int32_t *matrix = get_display_matrix (stream);

  return matrix != NULL ? rotation_of (matrix) : 0;
}

bool
csm_av_stream_is_mirrored (const AVStream *stream)
{
  const int32_t *matrix = get_display_matrix (stream);

  return matrix != NULL && mirrors (matrix);
}

/* FFmpeg makes a display matrix of a JPEG's orientation; a WebP's or TIFF's it leaves a word.
 */
static int
rotation_by_exif (const AVFrame *frame)
{
  const AVDictionaryEntry *tag = av_dict_get (frame->metadata, "Orientation", NULL, 0);

  switch (tag != NULL ? g_ascii_strtoll (tag->value, NULL, 10) : 1)
    {
    case 3:
    case 4:
      return 180;
    case 6:
    case 7:
      return 90;
    case 5:
    case 8:
      return 270;
    default:
      return 0;
    }
}

int
csm_av_frame_get_rotation (const AVFrame *frame, const AVStream *stream)
{
  const AVFrameSideData *side = av_frame_get_side_data (frame, AV_FRAME_DATA_DISPLAYMATRIX);

  if (side != NULL && side->size >= 9 * sizeof (int32_t))
    return rotation_of ((const int32_t *) side->data);
  if (av_dict_get (frame->metadata, "Orientation", NULL, 0) != NULL)
    return rotation_by_exif (frame);
  return csm_av_stream_get_rotation (stream);
}

void
csm_av_parameters_describe_layout (const AVCodecParameters *parameters,
                                   char *ret_text,
                                   size_t size)
{
  if (av_channel_layout_describe (&parameters->ch_layout, ret_text, size) < 0)
    ret_text[0] = '\0'; /* none that has a name */
}

int
csm_av_parameters_get_channels (const AVCodecParameters *parameters)
{
  return MAX (parameters->ch_layout.nb_channels, 0);
}

const char *
csm_av_get_library (void)
{
  static char text[128];
  unsigned c = avcodec_version (), f = avformat_version ();

  g_snprintf (text, sizeof text, "libavcodec %u.%u.%u libavformat %u.%u.%u", c >> 16,
              (c >> 8) & 255, c & 255, f >> 16, (f >> 8) & 255, f & 255);
  return text;
}

const char *
csm_av_get_filter_library (void)
{
  static char text[64];
  unsigned v = avfilter_version ();

  g_snprintf (text, sizeof text, "libavfilter %u.%u.%u", v >> 16, (v >> 8) & 255, v & 255);
  return text;
}

char *
csm_av_dup_filter_source (const AVFrame *frame)
{
#if LIBAVFILTER_VERSION_MAJOR >= 10
  return g_strdup_printf ("video_size=%dx%d:pix_fmt=%d:time_base=1/25:pixel_aspect=1/1:"
                          "colorspace=%d:range=%d",
                          frame->width, frame->height, frame->format, frame->colorspace,
                          frame->color_range);
#else
  return g_strdup_printf ("video_size=%dx%d:pix_fmt=%d:time_base=1/25:pixel_aspect=1/1",
                          frame->width, frame->height, frame->format);
#endif
}

AVFrame *
csm_av_frame_copy (const AVFrame *frame)
{
  g_autoptr (AVFrame) copy = av_frame_alloc ();

  if (copy == NULL)
    return NULL;
  copy->format = frame->format;
  copy->width = frame->width;
  copy->height = frame->height;
  if (av_frame_get_buffer (copy, 0) < 0 || av_frame_copy (copy, frame) < 0 ||
      av_frame_copy_props (copy, frame) < 0)
    return NULL;
  return g_steal_pointer (&copy);
}
