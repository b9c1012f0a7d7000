/* csm-reader-ahead.c: what is kept around the playhead, and decoded before it is asked for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-reader-private.h"

#define JUMP 32          /* frames: what goes farther is not stepping */
#define AHEAD_FORWARD 32 /* frames kept ready */
#define AHEAD_AT_ONCE 8  /* after a jump, before the frames behind it */

/* ---- the window ---- */

typedef struct
{
  int64_t behind, ahead; /* frames on both sides of the playhead that fit in the cache */
  int64_t chunk;         /* frames behind that are decoded in one go */
} Window;

static Window
get_window (CsmReader *self)
{
  int64_t capacity = csm_frame_cache_get_capacity (self->cache);
  int64_t ahead = self->direction > 0   ? MIN (capacity / 2, AHEAD_FORWARD)
                  : self->direction < 0 ? capacity / 16
                                        : capacity / 4;

  return (Window){ capacity - 1 - ahead, ahead, MAX (capacity * 3 / 4, 1) };
}

void
csm_reader_set_playhead (CsmReader *self, int64_t ordinal, int direction)
{
  Window window;

  if (self->playhead < 0 || ABS (ordinal - self->playhead) > JUMP)
    direction = 0;
  else if (ordinal == self->playhead)
    direction = self->direction; /* the same in another size */
  self->playhead = ordinal;
  self->direction = direction;
  self->settled = false;
  for (int i = 0; i < CSM_READER_N_HEADS; i++)
    self->idle_failed[i] = -1;
  window = get_window (self);
  csm_frame_cache_set_window (self->cache, ordinal, window.behind, window.ahead);
}

/* ---- on demand ---- */

/* Who decodes what lies behind: not the main one while what lies ahead may be asked for. */
static CsmReaderHead *
get_behind_head (CsmReader *self)
{
  CsmReaderHead *behind = &self->heads[CSM_READER_BEHIND];

  return self->direction >= 0 || behind->decoder != NULL ? behind
                                                         : &self->heads[CSM_READER_MAIN];
}

CsmReaderHead *
csm_reader_choose_head (CsmReader *self, int64_t ordinal)
{
  for (int i = 0; i < CSM_READER_N_HEADS; i++)
    if (csm_reader_head_can_go_on (&self->heads[i], ordinal))
      return &self->heads[i];
  return self->direction < 0 ? get_behind_head (self) : &self->heads[CSM_READER_MAIN];
}

int64_t
csm_reader_keep_from (CsmReader *self, int64_t ordinal)
{
  if (self->direction > 0)
    return MAX (ordinal - JUMP, 0); /* what was passed is looked at again */
  if (self->direction == 0)
    return ordinal;
  return MAX (csm_reader_find_first (self, ordinal), ordinal - get_window (self).chunk + 1);
}

/* ---- ahead ---- */

static int64_t
find_missing (CsmReader *self, int64_t from, int64_t n, int sign)
{
  int64_t n_frames = csm_frame_index_get_n_frames (self->index);

  for (int64_t i = from; n > 0 && i >= 0 && i < n_frames; i += sign, n--)
    if (csm_frame_cache_get (self->cache, i) == NULL)
      return i;
  return -1;
}

/* One packet's work. false: nothing that can be done. */
static bool
step_toward (CsmReader *self, CsmReaderHead *head, int64_t wanted, int64_t keep_from)
{
  int64_t *failed = &self->idle_failed[head - self->heads];
  CsmReaderStep result;

  if (csm_reader_is_hurt (self, wanted))
    {
      *failed = wanted; /* the way from the start is not for idle time */
      return false;
    }
  csm_reader_head_set_keep_from (head, keep_from);
  if (!csm_reader_head_can_go_on (head, wanted))
    {
      int64_t key = csm_reader_find_key (self, wanted, csm_reader_packet_near (self, wanted));

      if (key < 0 || !csm_reader_head_seek (head, key, wanted))
        {
          *failed = wanted;
          return false;
        }
    }
  /* A failure shows again when the frame is asked for. */
  result = csm_reader_head_step (head, wanted, NULL);
  av_frame_unref (self->frame);
  if (result != CSM_READER_ASTRAY && result != CSM_READER_ERROR)
    return true;
  head->spent = true;
  if (result == CSM_READER_ASTRAY && self->may_skip)
    self->may_skip = false; /* once more, with every picture */
  else
    *failed = wanted;
  return *failed != wanted;
}

static bool
decode_ahead (CsmReader *self, int64_t n)
{
  CsmReaderHead *head = &self->heads[CSM_READER_MAIN];
  int64_t wanted = find_missing (self, self->playhead + 1, n, 1);

  return wanted >= 0 && wanted != self->idle_failed[CSM_READER_MAIN] &&
         step_toward (self, head, wanted, wanted);
}

/* A group of pictures is decoded when there is room for all of it, so that it is decoded once;
 * of a larger one the part next to the playhead. */
static bool
choose_chunk (CsmReader *self, int64_t *ret_wanted, int64_t *ret_first)
{
  Window window = get_window (self);
  int64_t limit = self->playhead - window.behind;
  int64_t wanted = find_missing (self, self->playhead - 1, window.behind, -1);
  int64_t first;

  if (wanted < 0)
    return false;
  first = MAX (csm_reader_find_first (self, wanted), wanted - window.chunk + 1);
  if (first < limit && self->playhead - wanted > window.behind / 16 + 1)
    return false;
  *ret_wanted = wanted;
  *ret_first = MAX (first, limit);
  return true;
}

/* Once, and not to be interrupted: who steps all the time would never get it. */
static bool
open_behind (CsmReader *self, CsmReaderHead *head)
{
  if (csm_reader_head_open_used (head, 2) || csm_reader_head_open (head, 2, NULL, NULL, NULL))
    return true;
  self->idle_failed[CSM_READER_BEHIND] = INT64_MAX;
  return false;
}

static bool
decode_behind (CsmReader *self)
{
  CsmReaderHead *head = get_behind_head (self);
  int64_t *failed = &self->idle_failed[head - self->heads];
  int64_t wanted, first;

  if (!choose_chunk (self, &wanted, &first) || *failed == wanted || *failed == INT64_MAX)
    return false;
  if (head->decoder == NULL)
    return open_behind (self, head);
  return step_toward (self, head, wanted, first);
}

bool
csm_reader_idle (CsmReader *self)
{
  Window window = get_window (self);

  if (self->settled || self->heads[CSM_READER_MAIN].decoder == NULL)
    return false;
  csm_frame_cache_set_window (self->cache, self->playhead, window.behind, window.ahead);
  if (self->direction > 0 && decode_ahead (self, window.ahead))
    return true;
  if (self->direction == 0 && decode_ahead (self, MIN (window.ahead, AHEAD_AT_ONCE)))
    return true;
  if (decode_behind (self))
    return true;
  if (self->direction == 0 && decode_ahead (self, window.ahead))
    return true;
  self->settled = true;
  return false;
}
