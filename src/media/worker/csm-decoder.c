/* csm-decoder.c: packets in, frames out, each frame knowing its packet
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-decoder.h"

#include "media/worker/csm-allowed.h"

#include <libavutil/log.h>
#include <stdatomic.h>
#include <string.h>

#define MAX_PIXELS (16384LL * 8192)
/* A decoder that goes on failing while it is drained is broken. */
#define MAX_DRAIN_ERRORS 1000
#define MAX_AGAIN 1000

struct _CsmDecoder
{
  CsmInput *input;
  CsmFramePool *pool; /* nullable */
  AVStream *stream;
  AVCodecContext *codec;
  AVPacket *packet;
  AVFrame *last_out;
  CsmPacketSeen seen;
  gpointer seen_data;
  CsmPacketUnwanted unwanted;
  gpointer unwanted_data;
  int64_t n_frames; /* given out */

  /* Where we are */
  int64_t next; /* ordinal of the next packet, -1 after a seek */
  bool receiving;
  bool draining;
  bool ended;
  int n_drain_errors;

  /* After a seek */
  const CsmFrameIndex *index;
  int64_t from;    /* packets before this one are dropped */
  int64_t dropped; /* while looking for a packet that is known */

  /* What went wrong */
  unsigned n_errors;
  unsigned log_start;
};

static atomic_uint n_logged_errors;

static void
log_cb (void *context, int level, const char *format, va_list arguments)
{
  if (level <= AV_LOG_ERROR)
    atomic_fetch_add (&n_logged_errors, 1);
}

void
csm_decoder_init_log (void)
{
  av_log_set_callback (log_cb);
}

/* FFmpeg's decoders that give the same pictures with two threads on undamaged streams. Others
 * do not always: 5.1's Theora depends on who still holds earlier frames. VP8 gives other ones
 * on damaged streams, and never says that they are damaged. */
static bool
may_use_threads (enum AVCodecID codec)
{
  switch (codec)
    {
    case AV_CODEC_ID_AV1:
    case AV_CODEC_ID_DNXHD:
    case AV_CODEC_ID_FFV1:
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_MJPEG:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_PRORES:
    case AV_CODEC_ID_VP9:
      return true;
    default:
      return false;
    }
}

/* FFmpeg's decoders that leave out pictures nobody refers to and change no other by it. */
static bool
may_leave_out (enum AVCodecID codec)
{
  return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC ||
         codec == AV_CODEC_ID_MPEG1VIDEO || codec == AV_CODEC_ID_MPEG2VIDEO;
}

static int
limit_threads (enum AVCodecID codec, int threads)
{
  return may_use_threads (codec) ? threads : 1;
}

static gboolean
open_codec (CsmDecoder *self, int threads, GError **error)
{
  const AVCodecParameters *parameters = self->stream->codecpar;
  const AVCodec *decoder = avcodec_find_decoder (parameters->codec_id);
  int rc;

  if (parameters->codec_id == AV_CODEC_ID_NONE)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "The video is in a coding that is not known here.");
      return FALSE;
    }
  if (decoder == NULL || !csm_allowed_is_codec (parameters->codec_id))
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "Video in the coding \"%s\" is not read here.",
                   avcodec_get_name (parameters->codec_id));
      return FALSE;
    }
  self->codec = avcodec_alloc_context3 (decoder);
  if (self->codec == NULL)
    return csm_media_fail_av (error, AVERROR (ENOMEM), "open the decoder");
  rc = avcodec_parameters_to_context (self->codec, parameters);
  self->codec->pkt_timebase = self->stream->time_base;
  self->codec->thread_count = limit_threads (parameters->codec_id, threads);
  self->codec->max_pixels = MAX_PIXELS;
  if (self->pool != NULL && self->codec->thread_count > 1)
    csm_frame_pool_serve (self->pool, self->codec);
  if (rc >= 0)
    rc = avcodec_open2 (self->codec, decoder, NULL);
  return rc >= 0 ? TRUE : csm_media_fail_av (error, rc, "open the decoder");
}

CsmDecoder *
csm_decoder_new (CsmInput *input, int track, int threads, CsmFramePool *pool, GError **error)
{
  g_autoptr (CsmDecoder) self = g_new0 (CsmDecoder, 1);

  self->input = input;
  self->pool = pool;
  self->log_start = atomic_load (&n_logged_errors);
  self->stream = csm_input_get_video (input, track);
  if (self->stream == NULL)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "The file has no video track v:%d.", track);
      return NULL;
    }
  csm_input_select (input, self->stream);
  self->packet = av_packet_alloc ();
  self->last_out = av_frame_alloc ();
  if (self->packet == NULL || self->last_out == NULL)
    {
      (void) csm_media_fail_av (error, AVERROR (ENOMEM), "open the decoder"); /* NULL says it */
      return NULL;
    }
  if (!open_codec (self, threads, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
csm_decoder_free (CsmDecoder *self)
{
  if (self == NULL)
    return;
  avcodec_free_context (&self->codec);
  av_packet_free (&self->packet);
  av_frame_free (&self->last_out);
  csm_input_free (self->input);
  g_free (self);
}

void
csm_decoder_set_packet_seen (CsmDecoder *self, CsmPacketSeen seen, gpointer data)
{
  self->seen = seen;
  self->seen_data = data;
}

void
csm_decoder_set_unwanted (CsmDecoder *self, CsmPacketUnwanted unwanted, gpointer data)
{
  self->unwanted = unwanted;
  self->unwanted_data = data;
}

bool
csm_decoder_is_packet (const AVPacket *packet, const CsmIndexPacket *known)
{
  if (packet->size != known->size || packet->pos != known->pos)
    return false;
  /* A position names a packet; without one, the times have to. */
  return packet->pos >= 0 || (packet->pts == known->pts && packet->dts == known->dts);
}

int64_t
csm_decoder_find_packet (const AVPacket *packet, const CsmFrameIndex *index)
{
  int64_t n = csm_frame_index_get_n_packets (index);
  int64_t found = -1;

  for (int64_t i = 0; i < n; i++)
    {
      const CsmIndexPacket *known = csm_frame_index_get_packet (index, i);

      if (!csm_decoder_is_packet (packet, known))
        continue;
      if (found >= 0)
        return -1; /* two that look alike: wait for one that does not */
      found = i;
    }
  return found;
}

/* false: this packet is not to be decoded. */
static bool
identify (CsmDecoder *self, bool *ret_lost)
{
  int64_t n;

  if (self->index == NULL)
    return true;
  n = csm_frame_index_get_n_packets (self->index);
  if (self->next < 0)
    {
      self->next = csm_decoder_find_packet (self->packet, self->index);
      if (self->next < 0 || self->next > self->from)
        {
          /* A seek may land in the middle of a packet, never behind the one asked for. */
          *ret_lost = self->next > self->from || ++self->dropped > 64;
          self->next = -1;
          return false;
        }
    }
  else if (self->next >= n ||
           !csm_decoder_is_packet (self->packet,
                                   csm_frame_index_get_packet (self->index, self->next)))
    {
      *ret_lost = true;
      return false;
    }
  if (self->next < self->from)
    {
      self->next++;
      return false;
    }
  return true;
}

static void
start_draining (CsmDecoder *self)
{
  self->draining = true;
  self->receiving = true;
  if (avcodec_send_packet (self->codec, NULL) < 0)
    self->n_errors++;
}

static bool
is_unwanted (CsmDecoder *self, int64_t packet)
{
  return self->unwanted != NULL && may_leave_out (self->codec->codec_id) &&
         self->unwanted (packet, self->unwanted_data);
}

/* The ffmpeg program's way: a packet that is refused is gone, and nothing is taken out for it.
 */
static void
decode_packet (CsmDecoder *self)
{
  int64_t ordinal = self->next++;

  if (self->packet->size == 0)
    return;
  if ((self->packet->flags & AV_PKT_FLAG_CORRUPT) != 0)
    self->n_errors++;
  self->packet->pts = ordinal;
  self->packet->dts = ordinal;
  self->codec->skip_frame = is_unwanted (self, ordinal) ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
  if (avcodec_send_packet (self->codec, self->packet) < 0)
    self->n_errors++;
  else
    self->receiving = true;
}

static CsmDecoded
feed (CsmDecoder *self, GError **error)
{
  bool lost = false;
  int again = 0;
  int rc;

  do
    rc = av_read_frame (csm_input_get_format (self->input), self->packet);
  while (rc == AVERROR (EAGAIN) && ++again < MAX_AGAIN);

  if (rc < 0)
    {
      if (csm_input_take_error (self->input, error))
        return CSM_DECODED_ERROR;
      if (self->index != NULL && self->next < 0)
        return CSM_DECODED_LOST;
      start_draining (self);
      return CSM_DECODED_MORE;
    }
  if (self->packet->stream_index == self->stream->index)
    {
      if (self->seen != NULL)
        self->seen (self->packet, self->seen_data);
      if (identify (self, &lost))
        decode_packet (self);
    }
  av_packet_unref (self->packet);
  return lost ? CSM_DECODED_LOST : CSM_DECODED_MORE;
}

/* The ffmpeg program holds the frame that it wrote last until it writes the next one. Which
 * memory the decoder takes for a picture depends on that, and what a damaged picture shows may
 * be what that memory held before. */
static void
keep_last_out (CsmDecoder *self, const AVFrame *frame)
{
  av_frame_unref (self->last_out);
  (void) av_frame_ref (self->last_out, frame); /* without memory the next step fails */
}

CsmDecoded
csm_decoder_step (CsmDecoder *self, AVFrame *ret_frame, GError **error)
{
  int rc;

  if (self->ended)
    return CSM_DECODED_END;
  if (!self->receiving)
    return feed (self, error);

  rc = avcodec_receive_frame (self->codec, ret_frame);
  if (rc == 0)
    {
      if (csm_av_frame_is_damaged (ret_frame))
        self->n_errors++;
      keep_last_out (self, ret_frame);
      self->n_frames++;
      return CSM_DECODED_FRAME;
    }
  if (rc == AVERROR_EOF || (self->draining && ++self->n_drain_errors > MAX_DRAIN_ERRORS))
    {
      self->ended = true;
      return CSM_DECODED_END;
    }
  if (rc != AVERROR (EAGAIN))
    self->n_errors++;
  self->receiving = self->draining;
  return CSM_DECODED_MORE;
}

static bool
seeks_by_byte (CsmInput *input)
{
  const char *name = csm_input_get_format (input)->iformat->name;

  return g_str_equal (name, "mpegts") || g_str_equal (name, "mpeg");
}

static bool
start_again (CsmDecoder *self, int threads)
{
  if (self->codec != NULL &&
      self->codec->thread_count == limit_threads (self->codec->codec_id, threads))
    {
      avcodec_flush_buffers (self->codec);
      return true;
    }
  avcodec_free_context (&self->codec);
  if (open_codec (self, threads, NULL)) /* it opened before: out of memory now */
    return true;
  avcodec_free_context (&self->codec);
  self->ended = true;
  return false;
}

bool
csm_decoder_seek_input (CsmInput *input, const AVStream *stream, const CsmIndexPacket *packet)
{
  AVFormatContext *format = csm_input_get_format (input);
  int64_t time = packet->pts != CSM_NO_PTS ? packet->pts : packet->dts;

  if (seeks_by_byte (input) && packet->pos >= 0)
    return avformat_seek_file (format, -1, INT64_MIN, packet->pos, packet->pos,
                               AVSEEK_FLAG_BYTE) >= 0;
  return time != CSM_NO_PTS &&
         av_seek_frame (format, stream->index, time, AVSEEK_FLAG_BACKWARD) >= 0;
}

bool
csm_decoder_seek (CsmDecoder *self, const CsmFrameIndex *index, int64_t packet, int threads)
{
  if (!csm_decoder_seek_input (self->input, self->stream,
                               csm_frame_index_get_packet (index, packet)) ||
      !start_again (self, threads))
    return false;
  self->receiving = self->draining = self->ended = false;
  self->n_drain_errors = 0;
  self->index = index;
  self->from = packet;
  self->next = -1;
  self->dropped = 0;
  csm_decoder_forget_errors (self);
  return true;
}

void
csm_decoder_drain (CsmDecoder *self)
{
  if (!self->draining)
    start_draining (self);
}

int64_t
csm_decoder_get_n_frames (const CsmDecoder *self)
{
  return self->n_frames;
}

int64_t
csm_decoder_get_next_packet (const CsmDecoder *self)
{
  return self->next;
}

bool
csm_decoder_has_errors (const CsmDecoder *self)
{
  return self->n_errors > 0 || atomic_load (&n_logged_errors) != self->log_start;
}

void
csm_decoder_forget_errors (CsmDecoder *self)
{
  self->n_errors = 0;
  self->log_start = atomic_load (&n_logged_errors);
}

int
csm_decoder_get_threads (const CsmDecoder *self)
{
  return self->codec != NULL ? self->codec->thread_count : 1;
}

const AVStream *
csm_decoder_get_stream (const CsmDecoder *self)
{
  return self->stream;
}

CsmInput *
csm_decoder_get_input (CsmDecoder *self)
{
  return self->input;
}

CsmInput *
csm_decoder_free_to_input (CsmDecoder *self)
{
  CsmInput *input = g_steal_pointer (&self->input);

  csm_decoder_free (self);
  return input;
}
