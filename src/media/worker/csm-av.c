/* csm-av.c: what FFmpeg 5.1 and 7.1 say differently, and its errors as ours
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-av.h"

#include <libavfilter/avfilter.h>
#include <libavutil/display.h>
#include <math.h> /* isfinite, a macro */

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

int
csm_av_stream_get_rotation (const AVStream *stream)
{
  const int32_t *matrix = get_display_matrix (stream);
  double degrees;
  int quarters;

  if (matrix == NULL)
    return 0;
  degrees = -av_display_rotation_get (matrix); /* FFmpeg counts against the clock */
  if (!isfinite (degrees))
    return 0;
  quarters = (int) (degrees / 90.0 + (degrees < 0 ? -0.5 : 0.5)) % 4;
  return (quarters + 4) % 4 * 90;
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
