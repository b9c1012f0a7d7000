/* csm-reader-head.c: one decoder, moved by the index, whose frames are known again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-plane-hash.h"
#include "media/worker/csm-reader-private.h"

#define MAX_REORDER 64       /* packets that may follow a frame's own before it comes out */
#define CHEAPER_THAN_SEEK 16 /* packets */

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
recognise_by_hash (CsmReaderHead *head, const AVFrame *frame)
{
  CsmReader *self = head->reader;
  uint64_t hash[2];
  int64_t n;

  if (!csm_plane_hash (frame, hash))
    return -1;
  if (head->counting)
    return has_hash (self, head->last + 1, hash) ? head->last + 1 : -1;
  for (n = first_frame_of (self, frame->pts); n >= 0; n = self->same_packet[n])
    if (n > head->last && has_hash (self, n, hash))
      return n;
  /* Frames without a packet of their own follow the one before. */
  n = head->last + 1;
  if (head->last >= 0 && has_hash (self, n, hash) &&
      csm_frame_index_get (self->index, n)->packet < 0)
    return n;
  return -1;
}

static int64_t
recognise_by_packet (CsmReaderHead *head, const AVFrame *frame)
{
  int64_t n = first_frame_of (head->reader, frame->pts);
  int64_t key = first_frame_of (head->reader, head->key);

  /* Pictures shown before the key that decoding began at refer to what was not decoded. */
  return n >= 0 && !head->counting && key >= 0 && n < key ? -1 : n;
}

static int64_t
recognise (CsmReaderHead *head, const AVFrame *frame)
{
  return head->reader->exact ? recognise_by_hash (head, frame)
                             : recognise_by_packet (head, frame);
}

/* ---- the index ---- */

int64_t
csm_reader_packet_near (CsmReader *self, int64_t ordinal)
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

static bool
is_key (CsmReader *self, int64_t packet)
{
  return (csm_frame_index_get_packet (self->index, packet)->flags & CSM_INDEX_PACKET_KEY) != 0;
}

int64_t
csm_reader_find_key (CsmReader *self, int64_t ordinal, int64_t limit)
{
  for (int64_t k = MIN (limit, csm_frame_index_get_n_packets (self->index) - 1); k >= 0; k--)
    if (is_key (self, k) && !self->bad_keys[k] && key_is_shown_by (self, k, ordinal))
      return k;
  return -1;
}

int64_t
csm_reader_find_first (CsmReader *self, int64_t ordinal)
{
  int64_t key = csm_reader_find_key (self, ordinal, csm_reader_packet_near (self, ordinal));
  int64_t first = key >= 0 ? self->frame_of_packet[key] : 0;

  return first >= 0 ? MIN (first, ordinal) : ordinal;
}

static int64_t
find_usual_key (CsmReader *self, int64_t ordinal)
{
  return csm_reader_find_key (self, ordinal, csm_reader_packet_near (self, ordinal));
}

bool
csm_reader_is_hurt (CsmReader *self, int64_t ordinal)
{
  int64_t key = self->exact || !self->damaged ? -1 : find_usual_key (self, ordinal);

  return key >= 0 && self->hurt_keys[key];
}

static bool
packet_is_damaged (CsmReader *self, int64_t packet)
{
  return (csm_frame_index_get_packet (self->index, packet)->flags & CSM_INDEX_PACKET_CORRUPT) !=
         0;
}

static bool
frame_is_damaged (CsmReader *self, int64_t ordinal)
{
  return csm_frame_index_get (self->index, ordinal)->damaged;
}

/* Damage is looked for from the key to the end of the group of pictures: a decoder with several
 * threads has begun what follows. */
int
csm_reader_count_threads (CsmReader *self, int64_t key, int64_t ordinal)
{
  int64_t n_packets = csm_frame_index_get_n_packets (self->index);
  int64_t end = csm_reader_packet_near (self, ordinal) + 1;

  if (csm_reader_is_hurt (self, ordinal))
    return 1;
  if (!self->damaged)
    return 2;
  while (end < n_packets && !is_key (self, end))
    end++;
  for (int64_t p = MAX (key, 0); p < end; p++)
    {
      int64_t shown = self->frame_of_packet[p];

      if (packet_is_damaged (self, p) || (shown >= 0 && frame_is_damaged (self, shown)))
        return 1;
    }
  return 2;
}

/* ---- moving the decoder ---- */

/* A packet with two pictures, or none, may be half a picture. */
static bool
packet_is_unwanted_cb (int64_t packet, gpointer data)
{
  CsmReaderHead *head = data;
  CsmReader *self = head->reader;
  int64_t shown = first_frame_of (self, packet);

  return self->may_skip && !(head->counting && self->exact) && shown >= 0 &&
         self->same_packet[shown] < 0 && shown < head->keep_from;
}

void
csm_reader_head_close (CsmReaderHead *head)
{
  if (head->decoder != NULL)
    head->reader->n_decoded += csm_decoder_get_n_frames (head->decoder);
  g_clear_pointer (&head->decoder, csm_decoder_free);
}

static bool
start (CsmReaderHead *head, CsmInput *input, int threads, bool counting, GError **error)
{
  CsmReader *self = head->reader;

  csm_input_shield (input);
  head->decoder = csm_decoder_new (input, csm_frame_index_get_track (self->index), threads,
                                   self->pool, error);
  head->counting = counting;
  head->spent = !counting;
  head->key = 0;
  head->last = -1;
  head->left_out = head->keep_from;
  if (head->decoder == NULL)
    return false;
  csm_decoder_set_unwanted (head->decoder, packet_is_unwanted_cb, head);
  return true;
}

bool
csm_reader_head_open_used (CsmReaderHead *head, int threads)
{
  CsmReader *self = head->reader;
  CsmInput *input = g_steal_pointer (&self->used);

  for (int i = 0; i < CSM_READER_N_HEADS && input == NULL; i++)
    if (self->heads[i].decoder != NULL)
      input =
          csm_input_open_like (self->source, csm_decoder_get_input (self->heads[i].decoder));
  return input != NULL && start (head, input, threads, false, NULL);
}

bool
csm_reader_head_open (CsmReaderHead *head,
                      int threads,
                      CsmReaderPoll poll,
                      gpointer data,
                      GError **error)
{
  CsmReader *self = head->reader;
  g_autoptr (CsmInput) input = NULL;

  csm_reader_head_close (head);
  input = csm_input_open (self->source, poll, data, error);
  if (input == NULL)
    return false;
  return start (head, g_steal_pointer (&input), threads, true, error);
}

bool
csm_reader_head_seek (CsmReaderHead *head, int64_t key, int64_t ordinal)
{
  CsmReader *self = head->reader;

  self->n_seeks++;
  if (!csm_decoder_seek (head->decoder, self->index, key,
                         csm_reader_count_threads (self, key, ordinal)))
    return false;
  head->counting = false;
  head->spent = false;
  head->key = key;
  head->last = -1;
  head->left_out = head->keep_from;
  return true;
}

void
csm_reader_head_set_keep_from (CsmReaderHead *head, int64_t ordinal)
{
  head->keep_from = ordinal;
  head->left_out = MAX (head->left_out, ordinal);
}

/* What was given out before the key that it started at is not trusted. */
bool
csm_reader_head_can_go_on (CsmReaderHead *head, int64_t ordinal)
{
  CsmReader *self = head->reader;
  int64_t packet, key, next;

  if (head->decoder == NULL || head->spent || head->last >= ordinal)
    return false;
  packet = csm_reader_packet_near (self, ordinal);
  key = csm_reader_find_key (self, ordinal, packet);
  if (csm_decoder_get_threads (head->decoder) > csm_reader_count_threads (self, key, ordinal))
    return false;
  next = csm_decoder_get_next_packet (head->decoder);
  if (next < 0)
    return head->key == key;
  if (next > packet && ordinal < head->left_out)
    return false; /* on its way it was not wanted */
  return head->key <= MAX (key, 0) && next + CHEAPER_THAN_SEEK >= key &&
         next <= packet + MAX_REORDER;
}

static bool
has_passed (CsmReaderHead *head, int64_t wanted)
{
  /* Counted frames of an exact index are all there, however late. */
  if (head->counting && head->reader->exact)
    return false;
  return csm_decoder_get_next_packet (head->decoder) >
         csm_reader_packet_near (head->reader, wanted) + MAX_REORDER;
}

/* Pictures that are shown before their key refer to what a seek leaves out. */
static bool
has_leading (CsmReader *self, int64_t key)
{
  int64_t n_packets = csm_frame_index_get_n_packets (self->index);
  int64_t shown = self->frame_of_packet[key];

  for (int64_t p = key + 1; p < n_packets && p <= key + MAX_REORDER && !is_key (self, p); p++)
    if (self->frame_of_packet[p] >= 0 && self->frame_of_packet[p] < shown)
      return true;
  return false;
}

static void
set_hurt (CsmReader *self, int64_t ordinal)
{
  int64_t key = find_usual_key (self, ordinal);

  if (key >= 0)
    self->hurt_keys[key] = true;
}

/* Without an exact index nothing but the decoder says that something is damaged. What it did
 * from the first packet on, with one thread, is right all the same. */
static bool
is_found_damaged (CsmReaderHead *head, int64_t wanted)
{
  CsmReader *self = head->reader;

  if (self->exact || !csm_decoder_has_errors (head->decoder) ||
      (!head->counting && head->last < 0 && has_leading (self, head->key)) ||
      (head->counting && csm_decoder_get_threads (head->decoder) == 1))
    return false;
  csm_frame_cache_clear (self->cache);
  /* First once more, with every picture. */
  if (!self->may_skip)
    {
      self->damaged = true;
      set_hurt (self, wanted);
      set_hurt (self, MAX (head->last, 0));
    }
  self->may_skip = false;
  return true;
}

CsmReaderStep
csm_reader_head_step (CsmReaderHead *head, int64_t wanted, GError **error)
{
  CsmReader *self = head->reader;
  CsmDecoded got = csm_decoder_step (head->decoder, self->frame, error);
  int64_t n;

  if (got == CSM_DECODED_ERROR)
    return CSM_READER_ERROR;
  n = got == CSM_DECODED_FRAME ? recognise (head, self->frame) : -1;
  if (n >= 0 && head->last < 0 && !head->counting && has_leading (self, head->key))
    csm_decoder_forget_errors (head->decoder);
  if (is_found_damaged (head, wanted))
    {
      av_frame_unref (self->frame);
      head->spent = true;
      return CSM_READER_ASTRAY;
    }
  if (got == CSM_DECODED_MORE)
    return has_passed (head, wanted) ? CSM_READER_ASTRAY : CSM_READER_MORE;
  if (got != CSM_DECODED_FRAME)
    return CSM_READER_ASTRAY;

  if (n >= 0)
    {
      head->last = n;
      /* Damaged pictures show what their memory held before: it goes back to the decoder as
       * it does when every frame is hashed and left. */
      csm_frame_cache_put (self->cache, n, self->frame,
                           csm_decoder_get_threads (head->decoder) == 1);
    }
  if (n == wanted)
    return CSM_READER_THERE;
  av_frame_unref (self->frame);
  if (n > wanted || (n < 0 && head->counting && self->exact))
    return CSM_READER_ASTRAY;
  return CSM_READER_MORE;
}

CsmReaderStep
csm_reader_head_run (CsmReaderHead *head,
                     int64_t wanted,
                     CsmReaderPoll poll,
                     gpointer data,
                     GError **error)
{
  CsmReaderStep result;

  do
    {
      if (poll != NULL && poll (data))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
          return CSM_READER_ERROR;
        }
      result = csm_reader_head_step (head, wanted, error);
  } while (result == CSM_READER_MORE);
  return result;
}
