/* csm-sound-decoder.c: one sound track: packets, and the samples that come out for each
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-allowed.h"
#include "media/worker/csm-sound-decoder.h"

#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>

#define MAX_AGAIN 1000
#define MAX_DRAIN_ERRORS 1000
/* Samples of one frame; a second of the fastest sound that there is stays below. */
#define MAX_FRAME_SAMPLES (1 << 24)

struct _CsmSoundDecoder
{
  CsmInput *input;
  AVStream *stream;
  AVCodecContext *codec;
  AVPacket *packet;
  AVFrame *frame;

  /* Set by the first frame, as the ffmpeg program sets its output. */
  int rate;
  AVChannelLayout layout;

  /* What the converter takes in. */
  SwrContext *converter;
  int in_rate, in_format;
  AVChannelLayout in_layout;
};

static AVStream *
find_sound (AVFormatContext *format, int track)
{
  for (unsigned i = 0; i < format->nb_streams; i++)
    if (format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && track-- == 0)
      return format->streams[i];
  return NULL;
}

static gboolean
open_codec (CsmSoundDecoder *self, GError **error)
{
  const AVCodecParameters *parameters = self->stream->codecpar;
  const AVCodec *decoder = avcodec_find_decoder (parameters->codec_id);
  int rc;

  if (parameters->codec_id == AV_CODEC_ID_NONE || decoder == NULL ||
      !csm_allowed_is_codec (parameters->codec_id))
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "Sound in the coding \"%s\" is not read here.",
                   avcodec_get_name (parameters->codec_id));
      return FALSE;
    }
  self->codec = avcodec_alloc_context3 (decoder);
  self->packet = av_packet_alloc ();
  self->frame = av_frame_alloc ();
  if (self->codec == NULL || self->packet == NULL || self->frame == NULL)
    return csm_media_fail_av (error, AVERROR (ENOMEM), "open the decoder");
  rc = avcodec_parameters_to_context (self->codec, parameters);
  self->codec->pkt_timebase = self->stream->time_base;
  self->codec->thread_count = 1;
  if (rc >= 0)
    rc = avcodec_open2 (self->codec, decoder, NULL);
  return rc >= 0 ? TRUE : csm_media_fail_av (error, rc, "open the decoder");
}

CsmSoundDecoder *
csm_sound_decoder_new (CsmInput *input, int track, GError **error)
{
  g_autoptr (CsmSoundDecoder) self = g_new0 (CsmSoundDecoder, 1);

  self->input = input;
  self->stream = find_sound (csm_input_get_format (input), track);
  if (self->stream == NULL)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "The file has no sound track a:%d.", track);
      return NULL;
    }
  csm_input_select (input, self->stream);
  if (!open_codec (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
csm_sound_decoder_free (CsmSoundDecoder *self)
{
  if (self == NULL)
    return;
  avcodec_free_context (&self->codec);
  av_packet_free (&self->packet);
  av_frame_free (&self->frame);
  swr_free (&self->converter);
  av_channel_layout_uninit (&self->layout);
  av_channel_layout_uninit (&self->in_layout);
  csm_input_free (self->input);
  g_free (self);
}

/* ---- packets ---- */

CsmSoundNext
csm_sound_decoder_next (CsmSoundDecoder *self, CsmSoundPacket *ret_packet, GError **error)
{
  AVFormatContext *format = csm_input_get_format (self->input);
  int again = 0;

  for (;;)
    {
      int rc;

      av_packet_unref (self->packet);
      rc = av_read_frame (format, self->packet);
      if (rc == AVERROR (EAGAIN) && ++again < MAX_AGAIN)
        continue;
      if (rc < 0)
        return csm_input_take_error (self->input, error) ? CSM_SOUND_ERROR : CSM_SOUND_END;
      if (self->packet->stream_index != self->stream->index)
        continue;
      *ret_packet = (CsmSoundPacket){ .pos = MAX (self->packet->pos, -1),
                                      .pts = self->packet->pts,
                                      .dts = self->packet->dts,
                                      .size = self->packet->size };
      return CSM_SOUND_PACKET;
    }
}

/* ---- samples ---- */

static bool
grow (CsmSoundDecoder *self, GByteArray *out, const uint8_t **in, int n_in, GError **error)
{
  int stride = self->layout.nb_channels * (int) sizeof (int16_t);
  int room = swr_get_out_samples (self->converter, n_in);
  guint before = out->len;
  uint8_t *to;
  int n;

  if (room <= 0)
    return true;
  if (room > MAX_FRAME_SAMPLES || (int64_t) before + (int64_t) room * stride > G_MAXINT / 2)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                           "One packet holds more sound than is taken at once.");
      return false;
    }
  g_byte_array_set_size (out, before + (guint) (room * stride));
  to = out->data + before;
  n = swr_convert (self->converter, &to, room, in, n_in);
  g_byte_array_set_size (out, before + (guint) (MAX (n, 0) * stride));
  return n >= 0 || csm_media_fail_av (error, n, "convert the sound");
}

static bool
fits_converter (const CsmSoundDecoder *self, const AVFrame *frame)
{
  return self->converter != NULL && frame->sample_rate == self->in_rate &&
         frame->format == self->in_format &&
         av_channel_layout_compare (&frame->ch_layout, &self->in_layout) == 0;
}

/* A stream may change its form midway. The ffmpeg program goes on in the form that it began
 * with, and so do we. */
static bool
make_converter (CsmSoundDecoder *self, const AVFrame *frame, GByteArray *out, GError **error)
{
  AVChannelLayout in = { 0 };
  int rc;

  if (self->converter != NULL && !grow (self, out, NULL, 0, error))
    return false;
  swr_free (&self->converter);
  rc = av_channel_layout_copy (&self->in_layout, &frame->ch_layout);
  if (rc >= 0 && frame->ch_layout.order != AV_CHANNEL_ORDER_UNSPEC)
    rc = av_channel_layout_copy (&in, &frame->ch_layout);
  else
    av_channel_layout_default (&in, frame->ch_layout.nb_channels);
  if (rc >= 0 && self->rate == 0)
    {
      self->rate = frame->sample_rate;
      av_channel_layout_default (&self->layout, in.nb_channels == 1 ? 1 : 2);
    }
  self->in_rate = frame->sample_rate;
  self->in_format = frame->format;
  if (rc >= 0)
    rc = swr_alloc_set_opts2 (&self->converter, &self->layout, AV_SAMPLE_FMT_S16, self->rate,
                              &in, frame->format, frame->sample_rate, 0, NULL);
  if (rc >= 0)
    rc = swr_init (self->converter);
  av_channel_layout_uninit (&in);
  return rc >= 0 || csm_media_fail_av (error, rc, "convert the sound");
}

static bool
take_frame (CsmSoundDecoder *self, GByteArray *out, int64_t *io_pts, GError **error)
{
  AVFrame *frame = self->frame;

  if (frame->nb_samples < 1 || frame->sample_rate < 1 || frame->ch_layout.nb_channels < 1)
    return true;
  if (!fits_converter (self, frame) && !make_converter (self, frame, out, error))
    return false;
  if (*io_pts == CSM_NO_PTS)
    *io_pts = frame->best_effort_timestamp == AV_NOPTS_VALUE ? CSM_NO_PTS
                                                             : frame->best_effort_timestamp;
  return grow (self, out, (const uint8_t **) frame->extended_data, frame->nb_samples, error);
}

/* What is wrong in a packet costs that packet alone. */
static bool
receive_all (CsmSoundDecoder *self,
             GByteArray *out,
             int64_t *io_pts,
             bool drain,
             GError **error)
{
  int n_errors = 0;

  for (;;)
    {
      int rc = avcodec_receive_frame (self->codec, self->frame);
      bool ok;

      if (rc == AVERROR_EOF || rc == AVERROR (EAGAIN))
        return true;
      if (rc < 0 && (!drain || ++n_errors > MAX_DRAIN_ERRORS))
        return true;
      if (rc < 0)
        continue;
      ok = take_frame (self, out, io_pts, error);
      av_frame_unref (self->frame);
      if (!ok)
        return false;
    }
}

bool
csm_sound_decoder_decode (CsmSoundDecoder *self,
                          GByteArray *out,
                          int64_t *io_pts,
                          GError **error)
{
  bool ok = true;

  if (self->packet->size > 0 && avcodec_send_packet (self->codec, self->packet) >= 0)
    ok = receive_all (self, out, io_pts, false, error);
  av_packet_unref (self->packet);
  return ok;
}

bool
csm_sound_decoder_drain (CsmSoundDecoder *self,
                         GByteArray *out,
                         int64_t *io_pts,
                         GError **error)
{
  (void) avcodec_send_packet (self->codec, NULL); /* refused when it is drained already */
  return receive_all (self, out, io_pts, true, error) &&
         (self->converter == NULL || grow (self, out, NULL, 0, error));
}

bool
csm_sound_decoder_seek (CsmSoundDecoder *self, const CsmSoundPacket *packet)
{
  AVFormatContext *format = csm_input_get_format (self->input);
  const char *name = format->iformat->name;
  int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
  int rc;

  if ((g_str_equal (name, "mpegts") || g_str_equal (name, "mpeg")) && packet->pos >= 0)
    rc = avformat_seek_file (format, -1, INT64_MIN, packet->pos, packet->pos, AVSEEK_FLAG_BYTE);
  else if (time != AV_NOPTS_VALUE)
    rc = av_seek_frame (format, self->stream->index, time, AVSEEK_FLAG_BACKWARD);
  else
    return false;
  if (rc < 0)
    return false;
  avcodec_flush_buffers (self->codec);
  swr_free (&self->converter); /* what it held back belongs to another place */
  return true;
}

int
csm_sound_decoder_get_rate (const CsmSoundDecoder *self)
{
  return self->rate;
}

int
csm_sound_decoder_get_channels (const CsmSoundDecoder *self)
{
  return self->layout.nb_channels;
}

CsmTimebase
csm_sound_decoder_get_timebase (const CsmSoundDecoder *self)
{
  return (CsmTimebase){ self->stream->time_base.num, self->stream->time_base.den };
}

CsmInput *
csm_sound_decoder_get_input (CsmSoundDecoder *self)
{
  return self->input;
}
