/* csm-frame-cache.h: decoded frames near the playhead, within a budget of memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-av.h"

/* CsmFrameCache: references to frames in the decoder's own format, by ordinal. What is farthest
 * outside the window around the playhead goes first.
 *
 * Ownership  csm_frame_cache_free() takes NULL.
 * Threads    one. */
typedef struct _CsmFrameCache CsmFrameCache;

/* @budget in bytes. */
CsmFrameCache *csm_frame_cache_new (int64_t n_frames, size_t budget);
void csm_frame_cache_free (CsmFrameCache *self);

/* Borrowed, NULL when not there. */
const AVFrame *csm_frame_cache_get (const CsmFrameCache *self, int64_t ordinal);
/* The frame nearest to @ordinal, at most @reach away from it; -1 when there is none. */
int64_t csm_frame_cache_find_near (const CsmFrameCache *self, int64_t ordinal, int64_t reach);
/* Takes a reference of its own, or a @copy, which leaves the memory of @frame to its decoder;
 * may drop it at once when others are nearer. */
void csm_frame_cache_put (CsmFrameCache *self,
                          int64_t ordinal,
                          const AVFrame *frame,
                          bool copy);
/* Of what does not fit, more is kept on the side that the window is wider on: @behind frames
 * before @playhead, @ahead after it. */
void csm_frame_cache_set_window (CsmFrameCache *self,
                                 int64_t playhead,
                                 int64_t behind,
                                 int64_t ahead);
void csm_frame_cache_clear (CsmFrameCache *self);
/* How many frames like those inside fit; at least 1. */
int64_t csm_frame_cache_get_capacity (const CsmFrameCache *self);
int64_t csm_frame_cache_get_n_frames (const CsmFrameCache *self);
/* Bytes. */
size_t csm_frame_cache_get_used (const CsmFrameCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmFrameCache, csm_frame_cache_free)
