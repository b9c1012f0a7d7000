/* csm-passes.c: reading a whole track: its packets, or every frame
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-passes.h"

#include "media/csm-frame-index-builder.h"
#include "media/worker/csm-decoder.h"
#include "media/worker/csm-plane-hash.h"
#include "media/worker/csm-shot.h"

#include <libavutil/pixdesc.h>

#define CLEAN_THREADS 2

static int64_t
ticks (int64_t timestamp)
{
  return timestamp == AV_NOPTS_VALUE ? CSM_NO_PTS : timestamp;
}

/* VP8 packs pictures that are never shown into packets of their own; bit 4 of the first byte
 * says so (RFC 6386, 9.1). An empty packet repeats the last picture, which FFmpeg does not. */
static bool
shows_nothing (const AVPacket *packet, enum AVCodecID codec)
{
  return packet->size == 0 || (codec == AV_CODEC_ID_VP8 && (packet->data[0] & 0x10) == 0);
}

static CsmIndexPacket
describe (const AVPacket *packet, enum AVCodecID codec)
{
  CsmIndexPacket self = { .pos = packet->pos,
                          .pts = ticks (packet->pts),
                          .dts = ticks (packet->dts),
                          .duration = MAX (packet->duration, 0),
                          .size = packet->size };

  if ((packet->flags & AV_PKT_FLAG_KEY) != 0)
    self.flags |= CSM_INDEX_PACKET_KEY;
  if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0)
    self.flags |= CSM_INDEX_PACKET_CORRUPT;
  if ((packet->flags & AV_PKT_FLAG_DISCARD) != 0)
    self.flags |= CSM_INDEX_PACKET_DISCARD;
  if (shows_nothing (packet, codec))
    self.flags |= CSM_INDEX_PACKET_HIDDEN;
  return self;
}

static gboolean
fail_full (GError **error)
{
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                       "The track has more packets or frames than an index can hold.");
  return FALSE;
}

static gboolean
fail_cancelled (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  return FALSE;
}

static CsmTimebase
timebase_of (const AVStream *stream)
{
  return (CsmTimebase){ stream->time_base.num, stream->time_base.den };
}

static gboolean
scan_packets (CsmInput *input,
              AVStream *stream,
              CsmFrameIndexBuilder *builder,
              CsmPassProgress progress,
              gpointer data,
              GError **error)
{
  AVPacket *packet = av_packet_alloc ();
  gboolean ok = TRUE;

  while (ok && av_read_frame (csm_input_get_format (input), packet) >= 0)
    {
      if (packet->stream_index == stream->index)
        {
          CsmIndexPacket known = describe (packet, stream->codecpar->codec_id);

          ok = csm_frame_index_builder_add_packet (builder, &known) || fail_full (error);
        }
      av_packet_unref (packet);
      if (ok && progress (csm_input_get_position (input), csm_input_get_size (input), data))
        ok = fail_cancelled (error);
    }
  av_packet_free (&packet);
  return ok && !csm_input_take_error (input, error);
}

CsmFrameIndex *
csm_pass_scan (CsmInput *input,
               int track,
               CsmPassProgress progress,
               gpointer data,
               GError **error)
{
  g_autoptr (CsmFrameIndexBuilder) builder = NULL;
  AVStream *stream = csm_input_get_video (input, track);

  if (stream == NULL)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "The file has no video track v:%d.", track);
      return NULL;
    }
  csm_input_select (input, stream);
  builder = csm_frame_index_builder_new (track, timebase_of (stream), csm_av_get_library ());
  if (!scan_packets (input, stream, builder, progress, data, error))
    return NULL;
  return csm_frame_index_builder_finish (g_steal_pointer (&builder), false);
}

/* FFmpeg's guess of the right timestamp (best_effort_timestamp): pts as long as they rise
 * more often than dts do. */
typedef struct
{
  int64_t n_faulty_pts, n_faulty_dts;
  int64_t last_pts, last_dts;
} PtsGuess;

static int64_t
guess_pts (PtsGuess *self, int64_t pts, int64_t dts)
{
  if (dts != CSM_NO_PTS)
    {
      self->n_faulty_dts += dts <= self->last_dts;
      self->last_dts = dts;
    }
  else if (pts != CSM_NO_PTS)
    self->last_dts = pts;

  if (pts != CSM_NO_PTS)
    {
      self->n_faulty_pts += pts <= self->last_pts;
      self->last_pts = pts;
    }
  else if (dts != CSM_NO_PTS)
    self->last_pts = dts;

  if (pts != CSM_NO_PTS && (self->n_faulty_pts <= self->n_faulty_dts || dts == CSM_NO_PTS))
    return pts;
  return dts;
}

typedef struct
{
  CsmFrameIndexBuilder *builder;
  GArray *packets; /* CsmIndexPacket */
  enum AVCodecID codec;
  PtsGuess guess;
  CsmShot shot;
  bool full;
} Verify;

static void
packet_seen_cb (const AVPacket *packet, gpointer data)
{
  Verify *self = data;
  CsmIndexPacket known = describe (packet, self->codec);

  g_array_append_val (self->packets, known);
  if (!csm_frame_index_builder_add_packet (self->builder, &known))
    self->full = true;
}

static const CsmIndexPacket *
packet_at (Verify *self, int64_t ordinal)
{
  if (ordinal < 0 || ordinal >= (int64_t) self->packets->len)
    return NULL;
  return &g_array_index (self->packets, CsmIndexPacket, ordinal);
}

static void
add_shape (Verify *self, const AVFrame *frame)
{
  const char *pixels = av_get_pix_fmt_name (frame->format);
  CsmFrameShape shape = { .width = frame->width,
                          .height = frame->height,
                          .interlaced = csm_av_frame_is_interlaced (frame) };

  g_strlcpy (shape.pixel_format, pixels != NULL ? pixels : "", sizeof shape.pixel_format);
  csm_frame_index_builder_add_shape (self->builder, &shape);
}

static bool
add_frame (Verify *self, const AVFrame *frame)
{
  const CsmIndexPacket *shown = packet_at (self, frame->pts);
  const CsmIndexPacket *timed = packet_at (self, frame->pkt_dts);
  CsmFrameEntry entry = { .packet = shown != NULL ? frame->pts : -1,
                          .duration = csm_av_frame_get_duration (frame),
                          .key = csm_av_frame_is_key (frame),
                          .damaged = csm_av_frame_is_damaged (frame) };

  entry.pts = guess_pts (&self->guess, shown != NULL ? shown->pts : CSM_NO_PTS,
                         timed != NULL ? timed->dts : CSM_NO_PTS);
  if (!csm_plane_hash (frame, entry.hash))
    return false;
  entry.cut = csm_shot_next (&self->shot, frame);
  if (!csm_frame_index_builder_add_frame (self->builder, &entry))
    return false;
  add_shape (self, frame);
  return true;
}

/* With several threads: gives up, without @error, as soon as anything went wrong. */
static gboolean
decode_all (Verify *self,
            CsmDecoder *decoder,
            CsmPassProgress progress,
            gpointer data,
            GError **error)
{
  CsmInput *input = csm_decoder_get_input (decoder);
  g_autoptr (AVFrame) frame = av_frame_alloc ();

  for (;;)
    {
      CsmDecoded got = csm_decoder_step (decoder, frame, error);

      if (got == CSM_DECODED_ERROR)
        return FALSE;
      if (csm_decoder_get_threads (decoder) > 1 && csm_decoder_has_errors (decoder))
        return FALSE;
      if (got == CSM_DECODED_END)
        return TRUE;
      if (got == CSM_DECODED_FRAME)
        {
          if (!add_frame (self, frame))
            self->full = true;
          av_frame_unref (frame);
        }
      if (self->full)
        return fail_full (error);
      if (progress (csm_input_get_position (input), csm_input_get_size (input), data))
        return fail_cancelled (error);
    }
}

typedef struct
{
  CsmPassProgress progress;
  gpointer data;
} Opening;

static bool
opening_cb (gpointer data)
{
  Opening *self = data;

  return self->progress (0, 0, self->data);
}

static CsmFrameIndex *
verify_with (CsmByteSource *source,
             int track,
             int threads,
             CsmPassProgress progress,
             gpointer data,
             GError **error)
{
  Opening opening = { progress, data };
  g_autoptr (CsmInput) input = csm_input_open (source, opening_cb, &opening, error);
  g_autoptr (CsmDecoder) decoder = NULL;
  Verify self = { .guess = { .last_pts = INT64_MIN, .last_dts = INT64_MIN } };
  CsmFrameIndex *index = NULL;
  const AVStream *stream;

  if (input == NULL)
    return NULL;
  csm_input_shield (input);
  decoder = csm_decoder_new (g_steal_pointer (&input), track, threads, NULL, error);
  if (decoder == NULL)
    return NULL;
  stream = csm_decoder_get_stream (decoder);
  self.codec = stream->codecpar->codec_id;
  self.packets = g_array_new (FALSE, FALSE, sizeof (CsmIndexPacket));
  self.builder =
      csm_frame_index_builder_new (track, timebase_of (stream), csm_av_get_library ());
  csm_decoder_set_packet_seen (decoder, packet_seen_cb, &self);

  if (decode_all (&self, decoder, progress, data, error))
    index = csm_frame_index_builder_finish (g_steal_pointer (&self.builder), true);
  csm_frame_index_builder_free (self.builder);
  g_array_unref (self.packets);
  return index;
}

CsmFrameIndex *
csm_pass_verify (CsmByteSource *source,
                 int track,
                 CsmPassProgress progress,
                 gpointer data,
                 GError **error)
{
  g_autoptr (GError) reason = NULL;
  CsmFrameIndex *index = verify_with (source, track, CLEAN_THREADS, progress, data, &reason);

  if (index != NULL)
    return index;
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  return verify_with (source, track, 1, progress, data, error);
}
