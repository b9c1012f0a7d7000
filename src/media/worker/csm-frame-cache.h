/* csm-frame-cache.h: decoded frames near the playhead, within a budget of memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-av.h"

/* CsmFrameCache: references to frames in the decoder's own format, by ordinal. What is farthest
 * from the playhead goes first.
 *
 * Ownership  csm_frame_cache_free() takes NULL.
 * Threads    one. */
typedef struct _CsmFrameCache CsmFrameCache;

CsmFrameCache *csm_frame_cache_new (int64_t n_frames, size_t budget);
void csm_frame_cache_free (CsmFrameCache *self);

/* Borrowed, NULL when not there. */
const AVFrame *csm_frame_cache_get (const CsmFrameCache *self, int64_t ordinal);
/* Takes a reference of its own, or a @copy, which leaves the memory of @frame to its decoder;
 * may drop it at once when others are nearer to @playhead. */
void csm_frame_cache_put (CsmFrameCache *self,
                          int64_t ordinal,
                          const AVFrame *frame,
                          bool copy,
                          int64_t playhead);
/* How many frames like those inside fit; at least 1. */
int64_t csm_frame_cache_get_capacity (const CsmFrameCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmFrameCache, csm_frame_cache_free)
