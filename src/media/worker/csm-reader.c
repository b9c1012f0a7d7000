/* csm-reader.c: any frame of a track, exactly
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-reader-private.h"

#define MAX_KEYS 5 /* tried before decoding from the start */

/* ---- life ---- */

static void
map_frames (CsmReader *self)
{
  int64_t n_frames = csm_frame_index_get_n_frames (self->index);
  int64_t n_packets = csm_frame_index_get_n_packets (self->index);

  self->frame_of_packet = g_new (int64_t, MAX (n_packets, 1));
  self->same_packet = g_new (int64_t, MAX (n_frames, 1));
  self->bad_keys = g_new0 (bool, MAX (n_packets, 1));
  self->hurt_keys = g_new0 (bool, MAX (n_packets, 1));
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
csm_reader_new (CsmByteSource *source,
                CsmFrameIndex *index,
                size_t cache_budget,
                CsmInput *input)
{
  CsmReader *self = g_new0 (CsmReader, 1);
  unsigned risks = csm_frame_index_get_risks (index);

  self->source = csm_byte_source_ref (source);
  self->index = csm_frame_index_ref (index);
  self->exact = csm_frame_index_is_exact (index);
  self->damaged =
      csm_frame_index_get_n_damaged (index) > 0 || (risks & CSM_FRAME_RISK_CORRUPT) != 0;
  self->may_skip = !self->damaged && (self->exact || risks == 0);
  self->cache = csm_frame_cache_new (csm_frame_index_get_n_frames (index), cache_budget);
  self->pool = csm_frame_pool_new ();
  self->frame = av_frame_alloc ();
  self->playhead = -1;
  self->used = input;
  if (input != NULL)
    csm_input_shield (input);
  for (int i = 0; i < CSM_READER_N_HEADS; i++)
    {
      self->heads[i].reader = self;
      self->heads[i].last = -1;
      self->idle_failed[i] = -1;
    }
  map_frames (self);
  return self;
}

void
csm_reader_free (CsmReader *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < CSM_READER_N_HEADS; i++)
    csm_reader_head_close (&self->heads[i]);
  csm_input_free (self->used);
  csm_frame_cache_free (self->cache);
  av_frame_free (&self->frame);
  csm_frame_pool_free (self->pool);
  g_free (self->frame_of_packet);
  g_free (self->same_packet);
  g_free (self->bad_keys);
  g_free (self->hurt_keys);
  csm_frame_index_unref (self->index);
  csm_byte_source_unref (self->source);
  g_free (self);
}

CsmInput *
csm_reader_free_to_input (CsmReader *self)
{
  CsmReaderHead *head = &self->heads[CSM_READER_MAIN];
  CsmInput *input = g_steal_pointer (&self->used);

  if (input == NULL && head->decoder != NULL)
    input = csm_decoder_free_to_input (g_steal_pointer (&head->decoder));
  csm_reader_free (self);
  return input;
}

/* ---- reaching a frame ---- */

static CsmReaderStep
run_from_key (CsmReaderHead *head,
              int64_t key,
              int64_t ordinal,
              CsmReaderPoll poll,
              gpointer data,
              GError **error)
{
  CsmReader *self = head->reader;
  CsmReaderStep result = CSM_READER_ASTRAY;
  bool skipped;

  do
    {
      skipped = self->may_skip;
      if (!csm_reader_head_seek (head, key, ordinal))
        return CSM_READER_ASTRAY;
      result = csm_reader_head_run (head, ordinal, poll, data, error);
      if (result != CSM_READER_ASTRAY)
        return result;
      /* Once more, with every picture. */
      self->may_skip = false;
  } while (skipped);
  return CSM_READER_ASTRAY;
}

/* Tries keys, the nearest first. _ASTRAY: none led there. */
static CsmReaderStep
run_from_keys (CsmReaderHead *head,
               int64_t ordinal,
               CsmReaderPoll poll,
               gpointer data,
               GError **error)
{
  CsmReader *self = head->reader;
  int64_t limit = csm_reader_packet_near (self, ordinal);

  for (int tries = 0; tries < MAX_KEYS; tries++)
    {
      int64_t key = csm_reader_find_key (self, ordinal, limit);
      CsmReaderStep result;

      if (key < 0)
        return CSM_READER_ASTRAY;
      result = run_from_key (head, key, ordinal, poll, data, error);
      if (result != CSM_READER_ASTRAY || csm_reader_is_hurt (self, ordinal))
        return result;
      self->bad_keys[key] = true;
      limit = key - 1;
    }
  return CSM_READER_ASTRAY;
}

static CsmReaderStep
run_from_start (CsmReaderHead *head,
                int64_t ordinal,
                CsmReaderPoll poll,
                gpointer data,
                GError **error)
{
  CsmReader *self = head->reader;

  for (int threads = self->damaged ? 1 : 2; threads > 0; threads--)
    {
      CsmReaderStep result;

      if (!csm_reader_head_open (head, threads, poll, data, error))
        return CSM_READER_ERROR;
      result = csm_reader_head_run (head, ordinal, poll, data, error);
      if (result != CSM_READER_ASTRAY)
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
  return CSM_READER_ERROR;
}

/* The picture of @key's packet alone, @shown, without waiting for what follows it: true when it
 * is in self->frame. Nobody but a hash sees that half a picture is half. */
static bool
reach_key (CsmReaderHead *head, int64_t key, int64_t shown, CsmReaderPoll poll, gpointer data)
{
  CsmReader *self = head->reader;
  CsmReaderStep result = CSM_READER_MORE;

  if (!self->exact &&
      csm_decoder_get_stream (head->decoder)->codecpar->field_order != AV_FIELD_PROGRESSIVE)
    return false;
  csm_reader_head_set_keep_from (head, shown);
  if (!csm_reader_head_seek (head, key, shown))
    return false;
  while (result == CSM_READER_MORE && !(poll != NULL && poll (data)))
    {
      result = csm_reader_head_step (head, shown, NULL);
      if (csm_decoder_get_next_packet (head->decoder) > key)
        csm_decoder_drain (head->decoder);
    }
  head->spent = true;
  if (result != CSM_READER_THERE)
    av_frame_unref (self->frame);
  return result == CSM_READER_THERE;
}

/* A jump to a key. */
static bool
reach_as_key (CsmReaderHead *head, int64_t ordinal, CsmReaderPoll poll, gpointer data)
{
  CsmReader *self = head->reader;
  int64_t key = csm_reader_find_key (self, ordinal, csm_reader_packet_near (self, ordinal));

  return self->direction == 0 && key >= 0 && self->frame_of_packet[key] == ordinal &&
         self->same_packet[ordinal] < 0 && reach_key (head, key, ordinal, poll, data);
}

/* Keeps what is passed from frame @keep_from on. */
static CsmReaderStep
reach (CsmReader *self,
       int64_t ordinal,
       int64_t keep_from,
       CsmReaderPoll poll,
       gpointer data,
       GError **error)
{
  CsmReaderHead *head = csm_reader_choose_head (self, ordinal);
  CsmReaderStep result = CSM_READER_ASTRAY;

  if (head->decoder == NULL && !csm_reader_head_open_used (head, 2) &&
      !csm_reader_head_open (head, csm_reader_count_threads (self, 0, ordinal), poll, data,
                             error))
    return CSM_READER_ERROR;
  csm_reader_head_set_keep_from (head, keep_from);
  if (csm_reader_head_can_go_on (head, ordinal) &&
      (head->counting || !csm_reader_is_hurt (self, ordinal)))
    {
      result = csm_reader_head_run (head, ordinal, poll, data, error);
      if (result != CSM_READER_ASTRAY)
        return result;
    }
  if (csm_reader_is_hurt (self, ordinal))
    return run_from_start (head, ordinal, poll, data, error);
  if (reach_as_key (head, ordinal, poll, data))
    return CSM_READER_THERE;
  csm_reader_head_set_keep_from (head, keep_from);
  result = run_from_keys (head, ordinal, poll, data, error);
  return result == CSM_READER_ASTRAY ? run_from_start (head, ordinal, poll, data, error)
                                     : result;
}

/* ---- reading ---- */

static gboolean
check_ordinal (CsmReader *self, int64_t ordinal, GError **error)
{
  if (ordinal >= 0 && ordinal < csm_frame_index_get_n_frames (self->index))
    return TRUE;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
               "The track has no frame %" G_GINT64_FORMAT ".", ordinal);
  return FALSE;
}

static AVFrame *
hand_out (CsmReader *self, const AVFrame *found, GError **error)
{
  AVFrame *frame = av_frame_clone (found);

  av_frame_unref (self->frame);
  if (frame == NULL)
    (void) csm_media_fail_av (error, AVERROR (ENOMEM), "keep the frame"); /* NULL says it */
  return frame;
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

  if (!check_ordinal (self, ordinal, error))
    return NULL;
  csm_reader_set_playhead (self, ordinal, direction);
  cached = csm_frame_cache_get (self->cache, ordinal);
  self->n_reads++;
  self->n_hits += cached != NULL;
  if (cached == NULL && reach (self, ordinal, csm_reader_keep_from (self, ordinal), poll, data,
                               error) != CSM_READER_THERE)
    return NULL;
  return hand_out (self, cached != NULL ? cached : self->frame, error);
}

AVFrame *
csm_reader_read_aside (CsmReader *self,
                       int64_t ordinal,
                       CsmReaderPoll poll,
                       gpointer data,
                       GError **error)
{
  const AVFrame *cached;

  if (!check_ordinal (self, ordinal, error))
    return NULL;
  cached = csm_frame_cache_get (self->cache, ordinal);
  if (cached == NULL && reach (self, ordinal, ordinal, poll, data, error) != CSM_READER_THERE)
    return NULL;
  return hand_out (self, cached != NULL ? cached : self->frame, error);
}

AVFrame *
csm_reader_read_near (CsmReader *self,
                      int64_t ordinal,
                      int64_t *ret_ordinal,
                      CsmReaderPoll poll,
                      gpointer data,
                      GError **error)
{
  int64_t key, shown, cached;
  AVFrame *frame;

  if (!check_ordinal (self, ordinal, error))
    return NULL;
  csm_reader_set_playhead (self, ordinal, 0);
  self->settled = true;
  key = csm_reader_find_key (self, ordinal, csm_reader_packet_near (self, ordinal));
  shown = key >= 0 ? self->frame_of_packet[key] : -1;
  cached = csm_frame_cache_find_near (self->cache, ordinal, shown >= 0 ? ordinal - shown : 0);
  if (cached >= 0)
    shown = cached;
  else if (shown < 0 || self->heads[CSM_READER_MAIN].decoder == NULL ||
           !reach_key (&self->heads[CSM_READER_MAIN], key, shown, poll, data))
    {
      av_frame_unref (self->frame);
      shown = ordinal;
      if (reach (self, ordinal, ordinal, poll, data, error) != CSM_READER_THERE)
        return NULL;
    }
  frame = hand_out (self, cached >= 0 ? csm_frame_cache_get (self->cache, cached) : self->frame,
                    error);
  if (frame != NULL)
    *ret_ordinal = shown;
  return frame;
}

CsmFrameIndex *
csm_reader_get_index (CsmReader *self)
{
  return self->index;
}

const AVStream *
csm_reader_get_stream (CsmReader *self)
{
  for (int i = 0; i < CSM_READER_N_HEADS; i++)
    if (self->heads[i].decoder != NULL)
      return csm_decoder_get_stream (self->heads[i].decoder);
  return NULL;
}

CsmReaderStatistics
csm_reader_get_statistics (const CsmReader *self)
{
  CsmReaderStatistics result = {
    .n_reads = self->n_reads,
    .n_hits = self->n_hits,
    .n_decoded = self->n_decoded,
    .n_seeks = self->n_seeks,
    .n_cached = csm_frame_cache_get_n_frames (self->cache),
    .cached_bytes = (int64_t) csm_frame_cache_get_used (self->cache),
    .capacity = csm_frame_cache_get_capacity (self->cache),
    .settled = self->settled || self->playhead < 0,
  };

  for (int i = 0; i < CSM_READER_N_HEADS; i++)
    if (self->heads[i].decoder != NULL)
      result.n_decoded += csm_decoder_get_n_frames (self->heads[i].decoder);
  return result;
}
