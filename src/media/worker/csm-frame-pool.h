/* csm-frame-pool.h: memory for decoded pictures, shared by the decoders of one reader
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-av.h"

/* CsmFramePool: what one decoder gives back serves the next. FFmpeg's own pools are one for
 * each decoder, and keep what the cache has dropped.
 *
 * Ownership  csm_frame_pool_free() takes NULL; pictures that are still held stay good.
 * Threads    any, as decoders call it from theirs. */
typedef struct _CsmFramePool CsmFramePool;

CsmFramePool *csm_frame_pool_new (void);
void csm_frame_pool_free (CsmFramePool *self);

/* Before @codec is opened; the pool outlives it. */
void csm_frame_pool_serve (CsmFramePool *self, AVCodecContext *codec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmFramePool, csm_frame_pool_free)
