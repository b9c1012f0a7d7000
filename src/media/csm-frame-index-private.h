/* csm-frame-index-private.h: the insides of an index, shared by its maker and its codec
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-frame-index-builder.h"

/* Bounds of an index, whether built here or read back. */
#define CSM_FRAME_INDEX_MAX_PACKETS (1 << 24)
#define CSM_FRAME_INDEX_MAX_FRAMES (1 << 24)
#define CSM_FRAME_INDEX_MAX_TRACK 63
#define CSM_FRAME_INDEX_MAX_LIBRARY 127 /* bytes */
#define CSM_FRAME_INDEX_PACKET_FLAGS 0xfu
#define CSM_FRAME_INDEX_MAX_SIDE 65536 /* pixels */

struct _CsmFrameIndex
{
  /* Immutable; as stored */
  int track;
  CsmTimebase timebase;
  bool exact;
  char *library;
  CsmIndexPacket *packets;
  int64_t n_packets;
  CsmFrameEntry *frames;
  int64_t n_frames;
  CsmFrameShape *shapes;
  int n_shapes;

  /* Immutable; worked out from the above */
  unsigned risks;
  int64_t n_damaged;
  uint32_t *by_pts; /* ordinals of the frames that have a pts, by pts; NULL: all, in order */
  int64_t n_by_pts;
};

/* (transfer full): takes @packets, @frames and @shapes. When not @exact, @frames is NULL and
 * the frames are made from the packets. */
CsmFrameIndex *csm_frame_index_new (int track,
                                    CsmTimebase timebase,
                                    const char *library,
                                    CsmIndexPacket *packets,
                                    int64_t n_packets,
                                    CsmFrameEntry *frames,
                                    int64_t n_frames,
                                    CsmFrameShape *shapes,
                                    int n_shapes,
                                    bool exact);
