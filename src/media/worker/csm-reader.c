/* csm-reader.c: any frame of a track, exactly
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-reader.h"

#include "media/csm-frame-index-builder.h"
#include "media/worker/csm-decoder.h"
#include "media/worker/csm-frame-cache.h"
#include "media/worker/csm-plane-hash.h"

#define MAX_KEYS 5           /* tried before decoding from the start */
#define MAX_REORDER 64       /* packets that may follow a frame's own before it comes out */
#define CHEAPER_THAN_SEEK 16 /* packets */
#define AHEAD_FORWARD 32     /* frames kept ready */
#define AHEAD_UNHINTED 8

struct _CsmReader
{
  CsmByteSource *source;
  CsmFrameIndex *index;
  bool exact;
  bool damaged;             /* decode with one thread */
  int64_t *frame_of_packet; /* first frame of each packet, -1 for none */
  int64_t *same_packet;     /* the next frame of the same packet, -1 for none */
  bool *bad_keys;           /* packets: a seek to it led astray */
  CsmFrameCache *cache;

  /* Where the decoder is */
  CsmDecoder *decoder; /* NULL before the first read */
  AVFrame *frame;
  bool counting; /* decoding from the first packet: frames are counted */
  int64_t key;   /* packet that it started at */
  int64_t last;  /* ordinal of the last frame known again, -1 for none yet */

  /* Where the reader of frames is */
  int64_t playhead;
  int direction;
  int64_t idle_failed; /* ordinal that decoding ahead could not reach, -1 for none */
};

static void
map_frames (CsmReader *self)
{
  int64_t n_frames = csm_frame_index_get_n_frames (self->index);
  int64_t n_packets = csm_frame_index_get_n_packets (self->index);

  self->frame_of_packet = g_new (int64_t, MAX (n_packets, 1));
  self->same_packet = g_new (int64_t, MAX (n_frames, 1));
  self->bad_keys = g_new0 (bool, MAX (n_packets, 1));
  for (int64_t i = 0; i < n_packets; i++)
    self->frame_of_packet[i] = -1;
  for (int64_t i = n_frames - 1; i >= 0; i--)
    {
      int64_t packet = csm_frame_index_get (self->index, i)->packet;

      self->same_packet[i] = -1;
      if (packet < 0 || packet >= n_packets)
        continue;
      self->same_packet[i] = self->frame_of_packet[packet];
      self->frame_of_packet[packet] = i;
    }
}

CsmReader *
csm_reader_new (CsmByteSource *source, CsmFrameIndex *index, size_t cache_budget)
{
  CsmReader *self = g_new0 (CsmReader, 1);

  self->source = csm_byte_source_ref (source);
  self->index = csm_frame_index_ref (index);
  self->exact = csm_frame_index_is_exact (index);
  self->damaged = csm_frame_index_get_n_damaged (index) > 0 ||
                  (csm_frame_index_get_risks (index) & CSM_FRAME_RISK_CORRUPT) != 0;
  self->cache = csm_frame_cache_new (csm_frame_index_get_n_frames (index), cache_budget);
  self->frame = av_frame_alloc ();
  self->last = -1;
  self->idle_failed = -1;
  map_frames (self);
  return self;
}

void
csm_reader_free (CsmReader *self)
{
  if (self == NULL)
    return;
  csm_decoder_free (self->decoder);
  csm_frame_cache_free (self->cache);
  av_frame_free (&self->frame);
  g_free (self->frame_of_packet);
  g_free (self->same_packet);
  g_free (self->bad_keys);
  csm_frame_index_unref (self->index);
  csm_byte_source_unref (self->source);
  g_free (self);
}

/* ---- knowing a frame again ---- */

static bool
has_hash (CsmReader *self, int64_t ordinal, const uint64_t hash[2])
{
  const CsmFrameEntry *entry;

  if (ordinal >= csm_frame_index_get_n_frames (self->index))
    return false;
  entry = csm_frame_index_get (self->index, ordinal);
  return entry->hash[0] == hash[0] && entry->hash[1] == hash[1];
}

static int64_t
first_frame_of (CsmReader *self, int64_t packet)
{
  return packet >= 0 && packet < csm_frame_index_get_n_packets (self->index)
             ? self->frame_of_packet[packet]
             : -1;
}

static int64_t
recognise_by_hash (CsmReader *self, const AVFrame *frame)
{
  uint64_t hash[2];
  int64_t n;

  if (!csm_plane_hash (frame, hash))
    return -1;
  if (self->counting)
    return has_hash (self, self->last + 1, hash) ? self->last + 1 : -1;
  for (n = first_frame_of (self, frame->pts); n >= 0; n = self->same_packet[n])
    if (n > self->last && has_hash (self, n, hash))
      return n;
  /* Frames without a packet of their own follow the one before. */
  n = self->last + 1;
  if (self->last >= 0 && has_hash (self, n, hash) &&
      csm_frame_index_get (self->index, n)->packet < 0)
    return n;
  return -1;
}

static int64_t
recognise_by_packet (CsmReader *self, const AVFrame *frame)
{
  int64_t n = first_frame_of (self, frame->pts);
  int64_t key = first_frame_of (self, self->key);

  /* Pictures shown before the key that decoding began at refer to what was not decoded. */
  return n >= 0 && !self->counting && key >= 0 && n < key ? -1 : n;
}

static int64_t
recognise (CsmReader *self, const AVFrame *frame)
{
  return self->exact ? recognise_by_hash (self, frame) : recognise_by_packet (self, frame);
}

/* ---- moving the decoder ---- */

static int64_t
packet_near (CsmReader *self, int64_t ordinal)
{
  for (int64_t n = ordinal; n >= 0; n--)
    {
      int64_t packet = csm_frame_index_get (self->index, n)->packet;

      if (packet >= 0 && packet < csm_frame_index_get_n_packets (self->index))
        return packet;
    }
  return 0;
}

static bool
key_is_shown_by (CsmReader *self, int64_t key, int64_t ordinal)
{
  int64_t shown = self->frame_of_packet[key];

  if (shown >= 0)
    return shown <= ordinal;
  return csm_frame_index_get_packet (self->index, key)->pts <=
         csm_frame_index_get (self->index, ordinal)->pts;
}

/* The last key at or before @limit that decoding can start at for @ordinal, -1 when none. */
static int64_t
find_key (CsmReader *self, int64_t ordinal, int64_t limit)
{
  for (int64_t k = MIN (limit, csm_frame_index_get_n_packets (self->index) - 1); k >= 0; k--)
    if ((csm_frame_index_get_packet (self->index, k)->flags & CSM_INDEX_PACKET_KEY) != 0 &&
        !self->bad_keys[k] && key_is_shown_by (self, k, ordinal))
      return k;
  return -1;
}

static bool
open_decoder (CsmReader *self, int threads, CsmReaderPoll poll, gpointer data, GError **error)
{
  g_autoptr (CsmInput) input = NULL;

  g_clear_pointer (&self->decoder, csm_decoder_free);
  input = csm_input_open (self->source, poll, data, error);
  if (input == NULL)
    return false;
  csm_input_shield (input);
  self->decoder = csm_decoder_new (g_steal_pointer (&input),
                                   csm_frame_index_get_track (self->index), threads, error);
  self->counting = true;
  self->key = 0;
  self->last = -1;
  return self->decoder != NULL;
}

static int
usual_threads (CsmReader *self)
{
  return self->damaged ? 1 : 2;
}

static bool
seek (CsmReader *self, int64_t key)
{
  if (!csm_decoder_seek (self->decoder, self->index, key))
    return false;
  self->counting = false;
  self->key = key;
  self->last = -1;
  return true;
}

/* Going on beats a seek when the decoder is past the best key, or nearly there, and before the
 * frame. What it gave out before the key that it started at is not trusted. */
static bool
can_go_on (CsmReader *self, int64_t ordinal)
{
  int64_t packet, key, next;

  if (self->decoder == NULL || self->last >= ordinal)
    return false;
  packet = packet_near (self, ordinal);
  key = find_key (self, ordinal, packet);
  next = csm_decoder_get_next_packet (self->decoder);
  if (next < 0)
    return self->key == key;
  return self->key <= MAX (key, 0) && next + CHEAPER_THAN_SEEK >= key &&
         next <= packet + MAX_REORDER;
}

typedef enum {
  STEP_MORE,
  STEP_THERE,
  STEP_ASTRAY,
  STEP_ERROR,
} Step;

static bool
has_passed (CsmReader *self, int64_t wanted)
{
  /* Counted frames of an exact index are all there, however late. */
  if (self->counting && self->exact)
    return false;
  return csm_decoder_get_next_packet (self->decoder) > packet_near (self, wanted) + MAX_REORDER;
}

static Step
step (CsmReader *self, int64_t wanted, GError **error)
{
  CsmDecoded got = csm_decoder_step (self->decoder, self->frame, error);
  int64_t n;

  if (got == CSM_DECODED_ERROR)
    return STEP_ERROR;
  if (got == CSM_DECODED_MORE)
    return has_passed (self, wanted) ? STEP_ASTRAY : STEP_MORE;
  if (got != CSM_DECODED_FRAME)
    return STEP_ASTRAY;

  n = recognise (self, self->frame);
  if (n >= 0)
    {
      self->last = n;
      /* Damaged pictures show what their memory held before: it goes back to the decoder as
       * it does when every frame is hashed and left. */
      csm_frame_cache_put (self->cache, n, self->frame,
                           csm_decoder_get_threads (self->decoder) == 1, self->playhead);
    }
  if (n == wanted)
    return STEP_THERE;
  av_frame_unref (self->frame);
  if (n > wanted || (n < 0 && self->counting && self->exact))
    return STEP_ASTRAY;
  return STEP_MORE;
}

static Step
run (CsmReader *self, int64_t wanted, CsmReaderPoll poll, gpointer data, GError **error)
{
  Step result;

  do
    {
      if (poll != NULL && poll (data))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
          return STEP_ERROR;
        }
      result = step (self, wanted, error);
  } while (result == STEP_MORE);
  return result;
}

/* ---- reading ---- */

/* Tries keys, the nearest first. STEP_ASTRAY: none led there. */
static Step
run_from_keys (CsmReader *self,
               int64_t ordinal,
               CsmReaderPoll poll,
               gpointer data,
               GError **error)
{
  int64_t limit = packet_near (self, ordinal);

  for (int tries = 0; tries < MAX_KEYS; tries++)
    {
      int64_t key = find_key (self, ordinal, limit);
      Step result = STEP_ASTRAY;

      if (key < 0)
        return STEP_ASTRAY;
      if (seek (self, key))
        result = run (self, ordinal, poll, data, error);
      if (result != STEP_ASTRAY)
        return result;
      self->bad_keys[key] = true;
      limit = key - 1;
    }
  return STEP_ASTRAY;
}

static Step
run_from_start (CsmReader *self,
                int64_t ordinal,
                CsmReaderPoll poll,
                gpointer data,
                GError **error)
{
  for (int threads = usual_threads (self); threads > 0; threads--)
    {
      Step result;

      if (!open_decoder (self, threads, poll, data, error))
        return STEP_ERROR;
      result = run (self, ordinal, poll, data, error);
      if (result != STEP_ASTRAY)
        return result;
    }
  if (self->exact)
    g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
                 "Frame %" G_GINT64_FORMAT " does not decode to what the index has.", ordinal);
  else
    g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                 "The packet of frame %" G_GINT64_FORMAT " gives no picture; only an exact"
                 " index can number this track.",
                 ordinal);
  return STEP_ERROR;
}

static Step
reach (CsmReader *self, int64_t ordinal, CsmReaderPoll poll, gpointer data, GError **error)
{
  Step result = STEP_ASTRAY;

  if (can_go_on (self, ordinal))
    {
      result = run (self, ordinal, poll, data, error);
      if (result != STEP_ASTRAY)
        return result;
    }
  if (self->decoder == NULL)
    {
      if (!open_decoder (self, usual_threads (self), poll, data, error))
        return STEP_ERROR;
      if (can_go_on (self, ordinal))
        result = run (self, ordinal, poll, data, error);
      if (result != STEP_ASTRAY)
        return result;
    }
  result = run_from_keys (self, ordinal, poll, data, error);
  return result == STEP_ASTRAY ? run_from_start (self, ordinal, poll, data, error) : result;
}

AVFrame *
csm_reader_read (CsmReader *self,
                 int64_t ordinal,
                 int direction,
                 CsmReaderPoll poll,
                 gpointer data,
                 GError **error)
{
  const AVFrame *cached;
  AVFrame *frame;

  if (ordinal < 0 || ordinal >= csm_frame_index_get_n_frames (self->index))
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                   "The track has no frame %" G_GINT64_FORMAT ".", ordinal);
      return NULL;
    }
  self->playhead = ordinal;
  self->direction = direction;
  self->idle_failed = -1;
  cached = csm_frame_cache_get (self->cache, ordinal);
  if (cached == NULL && reach (self, ordinal, poll, data, error) != STEP_THERE)
    return NULL;

  frame = av_frame_clone (cached != NULL ? cached : self->frame);
  av_frame_unref (self->frame);
  if (frame == NULL)
    (void) csm_media_fail_av (error, AVERROR (ENOMEM), "keep the frame"); /* NULL says it */
  return frame;
}

/* ---- decoding ahead ---- */

static int64_t
find_missing (CsmReader *self, int64_t from, int64_t to, int sign)
{
  int64_t n_frames = csm_frame_index_get_n_frames (self->index);

  for (int64_t n = from; n != to && n >= 0 && n < n_frames; n += sign)
    if (csm_frame_cache_get (self->cache, n) == NULL)
      return n;
  return -1;
}

static int64_t
choose_ahead (CsmReader *self)
{
  int64_t capacity = csm_frame_cache_get_capacity (self->cache);
  int64_t forward = MIN (capacity / 2, self->direction > 0 ? AHEAD_FORWARD : AHEAD_UNHINTED);

  if (self->direction < 0)
    return find_missing (self, self->playhead - 1, self->playhead - capacity * 3 / 4, -1);
  return find_missing (self, self->playhead + 1, self->playhead + 1 + forward, 1);
}

bool
csm_reader_idle (CsmReader *self)
{
  int64_t wanted = self->decoder != NULL ? choose_ahead (self) : -1;
  Step result;

  if (wanted < 0 || wanted == self->idle_failed)
    return false;
  if (!can_go_on (self, wanted))
    {
      int64_t key = find_key (self, wanted, packet_near (self, wanted));

      if (key < 0 || !seek (self, key))
        {
          self->idle_failed = wanted;
          return false;
        }
    }
  result = step (self, wanted, NULL); /* a failure shows again when the frame is asked for */
  av_frame_unref (self->frame);
  if (result == STEP_ASTRAY || result == STEP_ERROR)
    self->idle_failed = wanted;
  return self->idle_failed != wanted;
}

const AVStream *
csm_reader_get_stream (CsmReader *self)
{
  return self->decoder != NULL ? csm_decoder_get_stream (self->decoder) : NULL;
}
