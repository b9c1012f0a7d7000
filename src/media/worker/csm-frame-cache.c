/* csm-frame-cache.c: decoded frames near the playhead, within a budget of memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-frame-cache.h"

struct _CsmFrameCache
{
  AVFrame **frames; /* @n_frames, most of them NULL */
  int64_t n_frames;
  int64_t lowest, highest; /* all that is there lies between; lowest > highest: empty */
  size_t budget;
  size_t used;
  size_t largest; /* frame, in bytes */
  int64_t n_kept;
  int64_t playhead, behind, ahead;
};

CsmFrameCache *
csm_frame_cache_new (int64_t n_frames, size_t budget)
{
  CsmFrameCache *self = g_new0 (CsmFrameCache, 1);

  self->frames = g_new0 (AVFrame *, MAX (n_frames, 1));
  self->n_frames = n_frames;
  self->lowest = n_frames;
  self->highest = -1;
  self->budget = budget;
  self->behind = self->ahead = 1;
  return self;
}

static size_t
frame_size (const AVFrame *frame)
{
  size_t size = sizeof *frame;

  for (int i = 0; i < AV_NUM_DATA_POINTERS && frame->buf[i] != NULL; i++)
    size += frame->buf[i]->size;
  return size;
}

static void
drop (CsmFrameCache *self, int64_t ordinal)
{
  self->used -= frame_size (self->frames[ordinal]);
  self->n_kept--;
  av_frame_free (&self->frames[ordinal]);
  while (self->lowest <= self->highest && self->frames[self->lowest] == NULL)
    self->lowest++;
  while (self->highest >= self->lowest && self->frames[self->highest] == NULL)
    self->highest--;
}

void
csm_frame_cache_clear (CsmFrameCache *self)
{
  while (self->lowest <= self->highest)
    drop (self, self->lowest);
  self->lowest = self->n_frames;
  self->highest = -1;
}

void
csm_frame_cache_free (CsmFrameCache *self)
{
  if (self == NULL)
    return;
  csm_frame_cache_clear (self);
  g_free (self->frames);
  g_free (self);
}

const AVFrame *
csm_frame_cache_get (const CsmFrameCache *self, int64_t ordinal)
{
  return ordinal >= 0 && ordinal < self->n_frames ? self->frames[ordinal] : NULL;
}

int64_t
csm_frame_cache_find_near (const CsmFrameCache *self, int64_t ordinal, int64_t reach)
{
  for (int64_t d = 0; d <= reach; d++)
    {
      if (csm_frame_cache_get (self, ordinal - d) != NULL)
        return ordinal - d;
      if (csm_frame_cache_get (self, ordinal + d) != NULL)
        return ordinal + d;
    }
  return -1;
}

/* The side that is left when something has to go. */
static bool
lowest_is_farther (const CsmFrameCache *self)
{
  int64_t behind = self->playhead - self->lowest;
  int64_t ahead = self->highest - self->playhead;

  /* In windows: behind / self->behind > ahead / self->ahead. */
  return behind * self->ahead > ahead * self->behind;
}

static void
keep_budget (CsmFrameCache *self)
{
  while (self->used > self->budget && self->lowest < self->highest)
    drop (self, lowest_is_farther (self) ? self->lowest : self->highest);
}

void
csm_frame_cache_put (CsmFrameCache *self, int64_t ordinal, const AVFrame *frame, bool copy)
{
  g_return_if_fail (ordinal >= 0 && ordinal < self->n_frames);

  if (self->frames[ordinal] != NULL)
    return;
  self->frames[ordinal] = copy ? csm_av_frame_copy (frame) : av_frame_clone (frame);
  if (self->frames[ordinal] == NULL)
    return; /* no memory: a cache may forget */
  if (self->lowest > self->highest)
    self->lowest = self->highest = ordinal;
  self->lowest = MIN (self->lowest, ordinal);
  self->highest = MAX (self->highest, ordinal);
  self->n_kept++;
  self->used += frame_size (self->frames[ordinal]);
  self->largest = MAX (self->largest, frame_size (self->frames[ordinal]));
  keep_budget (self);
}

void
csm_frame_cache_set_window (CsmFrameCache *self,
                            int64_t playhead,
                            int64_t behind,
                            int64_t ahead)
{
  self->playhead = playhead;
  self->behind = MAX (behind, 1);
  self->ahead = MAX (ahead, 1);
}

int64_t
csm_frame_cache_get_capacity (const CsmFrameCache *self)
{
  return self->largest == 0 ? 1 : MAX ((int64_t) (self->budget / self->largest), 1);
}

int64_t
csm_frame_cache_get_n_frames (const CsmFrameCache *self)
{
  return self->n_kept;
}

size_t
csm_frame_cache_get_used (const CsmFrameCache *self)
{
  return self->used;
}
