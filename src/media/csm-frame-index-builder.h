/* csm-frame-index-builder.h: how a frame index is made and read, packet by packet
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-frame-index.h"

typedef enum {
  CSM_INDEX_PACKET_KEY = 1 << 0,
  CSM_INDEX_PACKET_CORRUPT = 1 << 1, /* the demuxer says so */
  CSM_INDEX_PACKET_DISCARD = 1 << 2, /* decoded but not shown (edit lists) */
  CSM_INDEX_PACKET_HIDDEN = 1 << 3,  /* the bitstream says that it shows nothing */
} CsmIndexPacketFlags;

/* One packet of the track, in the order of the file. The size and position name it again after
 * a seek. */
typedef struct
{
  int64_t pos; /* in the file, -1 when the container does not say */
  int64_t pts; /* ticks, or CSM_NO_PTS */
  int64_t dts; /* ticks, or CSM_NO_PTS */
  int64_t duration;
  int32_t size;
  uint32_t flags; /* CsmIndexPacketFlags */
} CsmIndexPacket;

/* CsmFrameIndexBuilder: one use: packets, then (exact only) frames, then finish. */
typedef struct _CsmFrameIndexBuilder CsmFrameIndexBuilder;

/* @library is copied. */
CsmFrameIndexBuilder *csm_frame_index_builder_new (int track,
                                                   CsmTimebase timebase,
                                                   const char *library);
void csm_frame_index_builder_free (CsmFrameIndexBuilder *self);
/* Copied; at most 1 << 24 packets: false when there is no more room. */
bool csm_frame_index_builder_add_packet (CsmFrameIndexBuilder *self,
                                         const CsmIndexPacket *packet);
/* Copied, in presentation order; @frame->packet is inside the packets, or -1 when the decoder
 * did not say. Several frames may come from one packet. */
bool csm_frame_index_builder_add_frame (CsmFrameIndexBuilder *self, const CsmFrameEntry *frame);
/* What the frame added last is like; @shape->ordinal is found here. Exact only. */
void csm_frame_index_builder_add_shape (CsmFrameIndexBuilder *self, const CsmFrameShape *shape);
/* (transfer full): consumes @self. @exact: the frames as added. Otherwise frames are made from
 * the packets that are neither _DISCARD nor _HIDDEN, sorted by pts (file order when equal;
 * all in file order when any has none), key as the packet's, duration as the packet's. The
 * risks come from the packets either way (no pts, duplicate pts among shown packets, dts not
 * rising, corrupt, first packet not key). */
CsmFrameIndex *csm_frame_index_builder_finish (CsmFrameIndexBuilder *self, bool exact);
int64_t csm_frame_index_get_n_packets (const CsmFrameIndex *self);
/* Borrowed; @packet must be inside. */
const CsmIndexPacket *csm_frame_index_get_packet (const CsmFrameIndex *self, int64_t packet);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmFrameIndexBuilder, csm_frame_index_builder_free)
