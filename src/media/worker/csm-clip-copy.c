/* csm-clip-copy.c: packets of a track as they are, in a container of their own
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-allowed.h"
#include "media/worker/csm-clip.h"
#include "media/worker/csm-plane-hash.h"
#include "media/worker/csm-reader-private.h"

#include <libavutil/avstring.h>
#include <string.h>

/* Key frames that are tried, the nearest first. */
#define MAX_KEYS 4
/* A seek that lands further off than this is lost. */
#define MAX_DROPPED 64
/* How far sound may lie behind its picture in the file, in packets. */
#define MAX_SOUND_LAG 1000
#define MAX_PIXELS (16384LL * 8192)

/* What becomes of a packet. */
typedef enum {
  PACKET_SHOWN,
  PACKET_HIDDEN,  /* goes along, before time 0 */
  PACKET_LEADING, /* of frames that refer to what is not in the clip */
} PacketFate;

typedef struct
{
  PacketFate fate;
  int64_t pts, dts, duration; /* ticks of the clock */
} Planned;

typedef struct
{
  CsmClipJob *job;
  CsmReader *reader;

  /* The source */
  CsmInput *input;
  AVStream *video, *sound; /* @sound: NULL when there is none */
  bool sequential;         /* it cannot be seeked: read from its first packet */

  /* The choice */
  CsmClipContainer container;
  int64_t key, end;  /* packets, inclusive */
  int64_t from, to;  /* frames, inclusive */
  bool drop_leading; /* else they are hidden */
  bool cannot_hide;  /* something that must be hidden cannot be */
  Planned *planned;  /* of packets @key to @end */
  CsmClipClock clock;
  int64_t sound_end; /* ticks of the sound */
  bool with_sound;
  int64_t n_sound;    /* packets of it that were in the span */
  int64_t last_sound; /* pts of the last one */

  /* A pass */
  CsmClipMuxer *muxer;
  AVCodecContext *codec;
  AVFrame *frame;
  int width, height; /* of the first frame */
  int64_t expected;  /* the next frame that has to come out */
  bool wrong;        /* another one came out */
} Copy;

typedef enum {
  WALK_DONE,
  WALK_LOST, /* the packets are not those of the index */
  WALK_FAILED,
} Walk;

/* Takes packet @ordinal, or with -1 one of the sound. */
typedef gboolean (*TakePacket) (Copy *self, AVPacket *packet, int64_t ordinal, GError **error);

static void
copy_clear (Copy *self)
{
  csm_input_free (self->input);
  csm_clip_muxer_free (self->muxer);
  avcodec_free_context (&self->codec);
  av_frame_free (&self->frame);
  g_free (self->planned);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copy, copy_clear)

/* ---- reading the source ---- */

static AVStream *
find_sound (AVFormatContext *format)
{
  for (unsigned i = 0; i < format->nb_streams; i++)
    if (format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
      return format->streams[i];
  return NULL;
}

static gboolean
open_source (Copy *self, GError **error)
{
  CsmService *service = self->job->service;

  csm_input_free (self->input);
  self->input = csm_input_open (service->source, csm_service_poll_cb, service, error);
  if (self->input == NULL)
    return FALSE;
  self->video = csm_input_get_video (self->input, csm_frame_index_get_track (self->job->index));
  self->sound = find_sound (csm_input_get_format (self->input));
  if (self->video == NULL)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
                           "The track of the index is not in the file.");
      return FALSE;
    }
  return TRUE;
}

/* Where packet @next or the first after a seek is, against the index. */
static Walk
identify (Copy *self, const AVPacket *packet, int64_t *next, int *n_dropped)
{
  CsmFrameIndex *index = self->job->index;

  if (*next < 0)
    {
      *next = csm_decoder_find_packet (packet, index);
      if (*next > self->key || (*next < 0 && ++*n_dropped > MAX_DROPPED))
        return WALK_LOST;
      return WALK_DONE;
    }
  if (*next >= csm_frame_index_get_n_packets (index) ||
      !csm_decoder_is_packet (packet, csm_frame_index_get_packet (index, *next)))
    return WALK_LOST;
  return WALK_DONE;
}

static bool
sound_is_over (Copy *self, const AVPacket *packet)
{
  int64_t time = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;

  return time != AV_NOPTS_VALUE && time >= self->sound_end;
}

static Walk
walk_video (Copy *self,
            AVPacket *packet,
            int64_t *next,
            int *n_dropped,
            TakePacket take,
            GError **error)
{
  if (identify (self, packet, next, n_dropped) != WALK_DONE)
    return WALK_LOST;
  if (*next < 0)
    return WALK_DONE;
  if (*next >= self->key && *next <= self->end && !take (self, packet, *next, error))
    return WALK_FAILED;
  ++*next;
  return WALK_DONE;
}

/* Every packet from @key to @end, and what sound lies among and shortly behind them. */
static Walk
walk_packets (Copy *self, AVPacket *packet, int64_t next, TakePacket take, GError **error)
{
  CsmService *service = self->job->service;
  bool sound = self->with_sound;
  int n_dropped = 0, n_after = 0;

  while (next <= self->end || (sound && n_after < MAX_SOUND_LAG))
    {
      Walk result = WALK_DONE;

      if (av_read_frame (csm_input_get_format (self->input), packet) < 0)
        {
          if (csm_input_take_error (self->input, error))
            return WALK_FAILED;
          return next > self->end ? WALK_DONE : WALK_LOST;
        }
      n_after += next > self->end;
      if (packet->stream_index == self->video->index && next <= self->end)
        result = walk_video (self, packet, &next, &n_dropped, take, error);
      else if (self->sound != NULL && packet->stream_index == self->sound->index && sound)
        {
          sound = !sound_is_over (self, packet);
          if (!take (self, packet, -1, error))
            result = WALK_FAILED;
        }
      av_packet_unref (packet);
      if (result != WALK_DONE)
        return result;
      if (csm_service_poll_cb (service))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
          return WALK_FAILED;
        }
    }
  return WALK_DONE;
}

static Walk
walk (Copy *self, TakePacket take, GError **error)
{
  AVPacket *packet = av_packet_alloc ();
  const CsmIndexPacket *key = csm_frame_index_get_packet (self->job->index, self->key);
  Walk result = WALK_LOST;

  if (self->sequential && !open_source (self, error))
    result = WALK_FAILED;
  else
    {
      csm_input_select (self->input, self->video);
      if (self->with_sound)
        self->sound->discard = AVDISCARD_DEFAULT;
      if (self->sequential || csm_decoder_seek_input (self->input, self->video, key))
        result = walk_packets (self, packet, self->sequential ? 0 : -1, take, error);
    }
  av_packet_free (&packet);
  return result;
}

/* ---- choosing packets ---- */

static int64_t
find_last_packet (Copy *self, int64_t from, int64_t to)
{
  int64_t last = self->key;

  for (int64_t n = from; n <= to; n++)
    last = MAX (last, csm_reader_packet_near (self->reader, n));
  return last;
}

/* The last frame that packets up to @end show. */
static int64_t
find_last_frame (Copy *self, int64_t end)
{
  int64_t last = self->job->last;

  for (int64_t p = self->key; p <= end; p++)
    for (int64_t n = self->reader->frame_of_packet[p]; n >= 0; n = self->reader->same_packet[n])
      last = MAX (last, n);
  return last;
}

/* What is needed for the last frame may be shown after it, and has others between: all of them
 * are taken, so that the clip has no gap. */
static void
choose_end (Copy *self)
{
  int64_t end;

  self->to = self->job->last;
  self->end = find_last_packet (self, self->from, self->to);
  do
    {
      end = self->end;
      self->to = find_last_frame (self, end);
      self->end = MAX (end, find_last_packet (self, self->from, self->to));
  } while (self->end != end);
}

static void
choose_start (Copy *self)
{
  int64_t shown = self->reader->frame_of_packet[self->key];

  self->from = self->job->first;
  if (shown >= 0)
    self->from = MIN (shown, self->from);
  else
    while (self->from > 0 && csm_reader_packet_near (self->reader, self->from - 1) > self->key)
      self->from--;
}

static PacketFate
find_fate (Copy *self, int64_t packet)
{
  const CsmIndexPacket *known = csm_frame_index_get_packet (self->job->index, packet);
  int64_t shown = self->reader->frame_of_packet[packet];

  if (shown >= 0 && shown < self->from)
    return self->drop_leading ? PACKET_LEADING : PACKET_HIDDEN;
  return (known->flags & CSM_INDEX_PACKET_DISCARD) != 0 ? PACKET_HIDDEN : PACKET_SHOWN;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return x < y ? -1 : x > y;
}

/* Decoding times that rise and never lie behind the times of showing: the n-th packet goes in
 * when the n-th frame is shown, less the longest delay. */
static void
plan_decoding_times (Copy *self)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t n = self->end - self->key + 1, delay = 0;
  guint place = 0;

  for (int64_t i = 0; i < n; i++)
    if (self->planned[i].fate != PACKET_LEADING)
      g_array_append_val (times, self->planned[i].pts);
  g_array_sort (times, compare_times);
  for (int64_t i = 0; i < n; i++)
    if (self->planned[i].fate != PACKET_LEADING)
      {
        self->planned[i].dts = g_array_index (times, int64_t, place++);
        delay = MAX (delay, self->planned[i].dts - self->planned[i].pts);
      }
  for (int64_t i = 0; i < n; i++)
    self->planned[i].dts -= delay;
}

static void
plan (Copy *self)
{
  CsmFrameIndex *index = self->job->index;
  int64_t before = -1;

  choose_start (self);
  choose_end (self);
  self->clock = csm_clip_clock_new (index, self->from, self->to, self->video);
  self->cannot_hide = false;
  g_free (self->planned);
  self->planned = g_new0 (Planned, self->end - self->key + 1);
  for (int64_t p = self->key; p <= self->end; p++)
    {
      const CsmIndexPacket *known = csm_frame_index_get_packet (index, p);
      Planned *planned = &self->planned[p - self->key];
      int64_t shown = self->reader->frame_of_packet[p];

      planned->fate = find_fate (self, p);
      planned->duration = MAX (known->duration, 0);
      if (shown >= 0)
        {
          planned->pts = csm_clip_clock_get (&self->clock, index, shown);
          planned->duration = csm_clip_clock_get_duration (&self->clock, index, shown);
        }
      else if (self->clock.timed && known->pts != CSM_NO_PTS)
        planned->pts = known->pts - self->clock.start;
      else
        planned->pts = before + 1; /* shows nothing of its own */
      before = planned->pts;
      /* MP4 hides what comes before time 0, and nothing else. */
      self->cannot_hide |= planned->fate == PACKET_HIDDEN &&
                           (planned->pts >= 0 || self->container != CSM_CLIP_CONTAINER_MP4);
    }
  plan_decoding_times (self);
}

static void
plan_sound (Copy *self)
{
  int64_t end = csm_clip_clock_get (&self->clock, self->job->index, self->to) +
                csm_clip_clock_get_duration (&self->clock, self->job->index, self->to);

  self->with_sound = self->sound != NULL && self->clock.timed &&
                     csm_clip_can_hold (self->container, self->sound->codecpar->codec_id);
  if (self->with_sound)
    self->sound_end =
        av_rescale_q (self->clock.start + end, self->clock.timebase, self->sound->time_base);
}

/* When @packet of the sound is heard in the clip, in its own ticks. false: not in the clip. */
static bool
place_sound (Copy *self, const AVPacket *packet, int64_t *ret_pts)
{
  int64_t start =
      av_rescale_q (self->clock.start, self->clock.timebase, self->sound->time_base);

  if (packet->pts == AV_NOPTS_VALUE || packet->pts < start || packet->pts >= self->sound_end)
    return false;
  *ret_pts = packet->pts - start;
  if (self->n_sound > 0 && *ret_pts <= self->last_sound)
    return false;
  self->last_sound = *ret_pts;
  self->n_sound++;
  return true;
}

/* ---- decoding it once ---- */

static gboolean
open_codec (Copy *self, GError **error)
{
  const AVCodecParameters *parameters = self->video->codecpar;
  const AVCodec *decoder = avcodec_find_decoder (parameters->codec_id);
  int rc = AVERROR_DECODER_NOT_FOUND;

  avcodec_free_context (&self->codec);
  if (decoder != NULL && csm_allowed_is_codec (parameters->codec_id))
    {
      self->codec = avcodec_alloc_context3 (decoder);
      rc = self->codec != NULL ? avcodec_parameters_to_context (self->codec, parameters)
                               : AVERROR (ENOMEM);
    }
  if (rc >= 0)
    {
      self->codec->pkt_timebase = self->video->time_base;
      self->codec->thread_count = 1;
      self->codec->max_pixels = MAX_PIXELS;
      rc = avcodec_open2 (self->codec, decoder, NULL);
    }
  return rc >= 0 ? TRUE : csm_media_fail_av (error, rc, "open the decoder");
}

static bool
is_frame (Copy *self, const AVFrame *frame, int64_t ordinal)
{
  const CsmFrameEntry *entry;
  uint64_t hash[2];

  if (ordinal > self->to)
    return false;
  entry = csm_frame_index_get (self->job->index, ordinal);
  if (!csm_frame_index_is_exact (self->job->index))
    return entry->packet == frame->pts;
  return csm_plane_hash (frame, hash) && entry->hash[0] == hash[0] && entry->hash[1] == hash[1];
}

static bool
is_hidden (Copy *self, const AVFrame *frame)
{
  return frame->pts >= self->key && frame->pts <= self->end &&
         self->planned[frame->pts - self->key].fate == PACKET_HIDDEN;
}

static void
take_frames (Copy *self)
{
  while (!self->wrong && avcodec_receive_frame (self->codec, self->frame) >= 0)
    {
      if (!is_hidden (self, self->frame))
        {
          if (self->expected == self->from)
            {
              self->width = self->frame->width;
              self->height = self->frame->height;
            }
          self->wrong = !is_frame (self, self->frame, self->expected++);
        }
      av_frame_unref (self->frame);
    }
}

static gboolean
decode_cb (Copy *self, AVPacket *packet, int64_t ordinal, GError **error)
{
  int64_t pts;

  if (ordinal < 0)
    {
      (void) place_sound (self, packet, &pts); /* counts it */
      return TRUE;
    }
  if (self->wrong || self->planned[ordinal - self->key].fate == PACKET_LEADING)
    return TRUE;
  self->job->service->job_done++;
  packet->pts = packet->dts = ordinal;
  /* A packet that is refused shows as a frame that is missing. */
  if (packet->size > 0 && avcodec_send_packet (self->codec, packet) >= 0)
    take_frames (self);
  return TRUE;
}

/* Whether the planned packets alone show the planned frames. */
static Walk
try_plan (Copy *self, GError **error)
{
  Walk result;

  if (!open_codec (self, error))
    return WALK_FAILED;
  self->expected = self->from;
  self->wrong = false;
  self->n_sound = 0;
  self->job->service->job_total =
      self->job->service->job_done + 3 * (self->end - self->key + 1);
  result = walk (self, decode_cb, error);
  if (result != WALK_DONE)
    return result;
  if (avcodec_send_packet (self->codec, NULL) >= 0)
    take_frames (self);
  self->wrong |= self->expected != self->to + 1;
  avcodec_free_context (&self->codec);
  return WALK_DONE;
}

/* Once more from the first packet when a seek leads astray. */
static gboolean
check_plan (Copy *self, bool *ret_good, GError **error)
{
  Walk result;

  plan (self);
  plan_sound (self);
  *ret_good = false;
  if (self->cannot_hide)
    return TRUE;
  result = try_plan (self, error);
  if (result == WALK_LOST && !self->sequential)
    {
      self->sequential = true;
      result = try_plan (self, error);
    }
  if (result == WALK_LOST)
    g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
                         "The packets are not those that the index was made of.");
  *ret_good = result == WALK_DONE && !self->wrong;
  return result == WALK_DONE;
}

/* Containers without an index call every packet a key; the decoder knows better. */
static bool
can_begin_at (Copy *self, int64_t packet)
{
  CsmFrameIndex *index = self->job->index;
  const CsmIndexPacket *known = csm_frame_index_get_packet (index, packet);
  int64_t shown = self->reader->frame_of_packet[packet];

  if ((known->flags & CSM_INDEX_PACKET_KEY) == 0)
    return false;
  if (shown < 0)
    return known->pts <= csm_frame_index_get (index, self->job->first)->pts;
  return shown <= self->job->first && (packet == 0 || !csm_frame_index_is_exact (index) ||
                                       csm_frame_index_get (index, shown)->key);
}

/* By the index alone, whatever this worker was asked before: -1 when there is none. */
static int64_t
find_key (Copy *self, int64_t limit)
{
  while (limit >= 0 && !can_begin_at (self, limit))
    limit--;
  return limit;
}

/* From the nearest key frame on, without the frames that refer to what was before it, then
 * with them; then from the key frame before. */
static gboolean
choose_packets (Copy *self, GError **error)
{
  int64_t limit = csm_reader_packet_near (self->reader, self->job->first);

  for (int tries = 0; tries < MAX_KEYS; tries++)
    {
      self->key = find_key (self, limit);
      if (self->key < 0)
        break;
      for (int leading = 0; leading < 2; leading++)
        {
          bool good;

          self->drop_leading = leading == 0;
          if (!check_plan (self, &good, error))
            return FALSE;
          if (good)
            return TRUE;
        }
      limit = self->key - 1;
    }
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                       "No run of packets shows these frames by itself: re-encode the clip.");
  return FALSE;
}

/* ---- writing it ---- */

/* A change of the coding's setup would get lost. */
static gboolean
check_setup (Copy *self, const AVPacket *packet, GError **error)
{
  const AVCodecParameters *parameters = self->video->codecpar;
  size_t size = 0;
  const uint8_t *setup = av_packet_get_side_data (packet, AV_PKT_DATA_NEW_EXTRADATA, &size);

  if (setup == NULL || ((int) size == parameters->extradata_size &&
                        memcmp (setup, parameters->extradata, size) == 0))
    return TRUE;
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                       "The coding's setup changes within the clip: re-encode it.");
  return FALSE;
}

static gboolean
mux_cb (Copy *self, AVPacket *packet, int64_t ordinal, GError **error)
{
  const Planned *planned;

  if (ordinal < 0)
    {
      int64_t pts;

      if (!place_sound (self, packet, &pts))
        return TRUE;
      packet->pts = packet->dts = pts;
      return csm_clip_muxer_write (self->muxer, 1, packet, self->sound->time_base, error);
    }
  planned = &self->planned[ordinal - self->key];
  if (planned->fate == PACKET_LEADING)
    return TRUE;
  if (!check_setup (self, packet, error))
    return FALSE;
  self->job->service->job_done++;
  packet->pts = planned->pts;
  packet->dts = planned->dts;
  packet->duration = planned->duration;
  packet->flags &= AV_PKT_FLAG_KEY;
  return csm_clip_muxer_write (self->muxer, 0, packet, self->clock.timebase, error);
}

static gboolean
begin_muxer (Copy *self, CsmClipFile *file, CsmClipPass pass, GError **error)
{
  AVStream *stream;

  csm_clip_muxer_free (self->muxer);
  self->muxer = csm_clip_muxer_new (file, self->container, pass, error);
  if (self->muxer == NULL)
    return FALSE;
  stream = csm_clip_muxer_add (self->muxer, self->video->codecpar, self->clock.timebase, error);
  if (stream == NULL)
    return FALSE;
  stream->avg_frame_rate = self->video->avg_frame_rate;
  if (self->video->sample_aspect_ratio.num > 0)
    stream->sample_aspect_ratio = self->video->sample_aspect_ratio;
  if (!csm_av_stream_copy_matrix (stream, self->video))
    return csm_media_fail_av (error, AVERROR (ENOMEM), "begin the clip");
  if (self->with_sound && csm_clip_muxer_add (self->muxer, self->sound->codecpar,
                                              self->sound->time_base, error) == NULL)
    return FALSE;
  return csm_clip_muxer_begin (self->muxer, 0, error);
}

static gboolean
mux (Copy *self, CsmClipFile *file, CsmClipPass pass, GError **error)
{
  Walk result;

  self->n_sound = 0;
  if (!begin_muxer (self, file, pass, error))
    return FALSE;
  result = walk (self, mux_cb, error);
  if (result == WALK_LOST)
    g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
                         "The packets are not those that the index was made of.");
  return result == WALK_DONE && csm_clip_muxer_end (self->muxer, error);
}

/* Without the sound when it cannot be muxed. */
static gboolean
lay_out (Copy *self, CsmClipFile *file, GError **error)
{
  g_autoptr (GError) reason = NULL;

  self->with_sound = self->with_sound && self->n_sound > 0;
  if (mux (self, file, CSM_CLIP_PASS_LAYOUT, &reason))
    return TRUE;
  if (!self->with_sound || !g_error_matches (reason, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  self->with_sound = false;
  return mux (self, file, CSM_CLIP_PASS_LAYOUT, error);
}

static gboolean
write_clip (Copy *self, GError **error)
{
  CsmClipJob *job = self->job;
  g_autoptr (CsmClipFile) file = csm_clip_file_new (job->max_size, job->write, job->data);
  CsmClipMessage message;

  if (!lay_out (self, file, error))
    return FALSE;
  message = (CsmClipMessage){ .from = self->from,
                              .to = self->to,
                              .container = self->container,
                              .width = self->width,
                              .height = self->height,
                              .clip_width = self->width,
                              .clip_height = self->height,
                              .sound = self->with_sound,
                              .timed = self->clock.timed };
  return job->begin (&message, job->data, error) &&
         mux (self, file, CSM_CLIP_PASS_WRITE, error);
}

static gboolean
cut_into (Copy *self, CsmClipContainer container, GError **error)
{
  enum AVCodecID codec = self->video->codecpar->codec_id;

  self->container = container;
  if (!csm_clip_can_hold (container, codec))
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "No clip can hold video in the coding \"%s\" as it is: re-encode it.",
                   avcodec_get_name (codec));
      return FALSE;
    }
  return choose_packets (self, error) && write_clip (self, error);
}

gboolean
csm_clip_copy (CsmClipJob *job, GError **error)
{
  g_auto (Copy) self = { .job = job,
                         .reader = job->service->reader,
                         .frame = av_frame_alloc () };
  const char *format;

  if (!open_source (&self, error))
    return FALSE;
  format = csm_input_get_format (self.input)->iformat->name;
  return cut_into (
      &self,
      av_match_name ("mp4", format) != 0 &&
              csm_clip_can_hold (CSM_CLIP_CONTAINER_MP4, self.video->codecpar->codec_id)
          ? CSM_CLIP_CONTAINER_MP4
          : CSM_CLIP_CONTAINER_MATROSKA,
      error);
}
