/* csm-frame-index.h: every displayable frame of one video track, in presentation order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"
#include "base/csm-time.h"

#include <gio/gio.h>
#include <stdbool.h>

/* One frame. */
typedef struct
{
  int64_t pts;      /* ticks, or CSM_NO_PTS: best-effort, as FFmpeg's framemd5 prints it */
  int64_t duration; /* ticks, 0 when unknown */
  int64_t packet;   /* its packet's ordinal in decoding order */
  bool key;
  bool damaged;     /* the decoder reported errors in this frame; known when exact */
  bool cut;         /* another shot seems to begin; a suggestion (csm-shot.h); when exact */
  uint64_t hash[2]; /* XXH3-128 of the raw planes; zero until exact */
} CsmFrameEntry;

/* What the frames from @ordinal to the next one's are like. */
typedef struct
{
  int64_t ordinal;
  int32_t width, height;
  char pixel_format[32]; /* FFmpeg's name */
  bool interlaced;       /* the decoder says that it is two fields */
} CsmFrameShape;

/* Why a scan alone cannot give frame numbers (media.md, "five risk checks"). */
typedef enum {
  CSM_FRAME_RISK_NO_PTS = 1 << 0,
  CSM_FRAME_RISK_DUPLICATE_PTS = 1 << 1,
  CSM_FRAME_RISK_DTS_BACKWARD = 1 << 2,
  CSM_FRAME_RISK_CORRUPT = 1 << 3,
  CSM_FRAME_RISK_FIRST_NOT_KEY = 1 << 4,
} CsmFrameRisk;

#define CSM_FRAME_INDEX_MAX_SHAPES 1024

/* CsmFrameIndex: the map between frame ordinals, packets and timestamps.
 *
 * Provisional  from a scan of the packets: usable at once when no risk was found.
 * Exact        from a decode of every frame: the decoder's own order, hashes and damage.
 *
 * Units      ordinals from 0, in presentation order. Times are ticks of the timebase. No
 *            seconds, no floating point.
 * Ownership  reference counted, atomically.
 * Threads    immutable once built: any function, any thread.
 * Errors     CSM_MEDIA_ERROR. */
typedef struct _CsmFrameIndex CsmFrameIndex;

CsmFrameIndex *csm_frame_index_ref (CsmFrameIndex *self);
void csm_frame_index_unref (CsmFrameIndex *self);

bool csm_frame_index_is_exact (const CsmFrameIndex *self);
/* CsmFrameRisk flags: non-zero means that only an exact index names frames. */
unsigned csm_frame_index_get_risks (const CsmFrameIndex *self);
/* v:N. */
int csm_frame_index_get_track (const CsmFrameIndex *self);
int64_t csm_frame_index_get_n_frames (const CsmFrameIndex *self);
CsmTimebase csm_frame_index_get_timebase (const CsmFrameIndex *self);
/* Borrowed; @ordinal must be inside. */
const CsmFrameEntry *csm_frame_index_get (const CsmFrameIndex *self, int64_t ordinal);
/* The last frame at or before @pts, by time; 0 when all are later. */
int64_t csm_frame_index_find_pts (const CsmFrameIndex *self, int64_t pts);
/* Number of frames that the decoder flagged; known when exact. */
int64_t csm_frame_index_get_n_damaged (const CsmFrameIndex *self);
/* The library that made it, "libavcodec 59.37.100 libavformat 59.27.100". */
const char *csm_frame_index_get_library (const CsmFrameIndex *self);

/* Runs of frames of one shape, by ordinal, the first at 0: one for most files. Known when
 * exact, and not of an index stored by a version that did not keep them; at most
 * CSM_FRAME_INDEX_MAX_SHAPES: what changes more often is not followed to its end. Borrowed. */
int csm_frame_index_get_n_shapes (const CsmFrameIndex *self);
const CsmFrameShape *csm_frame_index_get_shape (const CsmFrameIndex *self, int number);
/* Frames whose hash is not the same in both, of the frames that both have, and whether they
 * have as many. @ret_first: the first such frame, -1 when there is none. Both exact. */
int64_t csm_frame_index_count_differing (const CsmFrameIndex *self,
                                         const CsmFrameIndex *other,
                                         int64_t *ret_first);

/* (transfer full): the stored form, versioned, delta and varint coded, holding everything that
 * a worker needs to seek again (packets with position, size, key flag; frames; track). */
GBytes *csm_frame_index_serialize (const CsmFrameIndex *self);
/* (transfer full) (nullable): @bytes may be hostile: checked field by field, bounded. */
CsmFrameIndex *csm_frame_index_parse (GBytes *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmFrameIndex, csm_frame_index_unref)
