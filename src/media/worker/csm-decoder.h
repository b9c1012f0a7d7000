/* csm-decoder.h: packets in, frames out, each frame knowing its packet
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-frame-index-builder.h"
#include "media/worker/csm-frame-pool.h"
#include "media/worker/csm-input.h"

/* Told of each packet of the track before it is decoded. */
typedef void (*CsmPacketSeen) (const AVPacket *packet, gpointer data);

/* true: nobody wants the picture of packet @packet itself, only what refers to it. */
typedef bool (*CsmPacketUnwanted) (int64_t packet, gpointer data);

typedef enum {
  CSM_DECODED_FRAME,
  CSM_DECODED_MORE,  /* a packet went in or came to nothing: call again */
  CSM_DECODED_END,   /* no more frames */
  CSM_DECODED_LOST,  /* after a seek: the packets do not fit the index */
  CSM_DECODED_ERROR, /* the source failed; @error is set */
} CsmDecoded;

/* CsmDecoder: one video track. Feeds and drains FFmpeg's decoder in the very order that the
 * ffmpeg program does, so that the n-th frame from the start is line n of its framemd5, damaged
 * files included.
 *
 * A packet's ordinal (place in the file, among the packets of the track) travels through the
 * decoder in place of its timestamps, which repeat, wrap and lack: frame->pts is the ordinal of
 * the frame's packet, frame->pkt_dts of the packet whose dts FFmpeg would report.
 *
 * Ownership  csm_decoder_free() takes NULL; owns its input.
 * Threads    one, whatever @threads FFmpeg may use inside.
 * Errors     CSM_MEDIA_ERROR. */
typedef struct _CsmDecoder CsmDecoder;

/* (transfer full) (nullable): takes @input, also on failure. Starts at the first packet.
 * @threads is an upper limit. @pool (nullable, kept by the caller) has memory for pictures that
 * several threads decode; with one the decoder uses its own, as the ffmpeg program does. */
CsmDecoder *csm_decoder_new (CsmInput *input,
                             int track,
                             int threads,
                             CsmFramePool *pool,
                             GError **error);
void csm_decoder_free (CsmDecoder *self);
void csm_decoder_set_packet_seen (CsmDecoder *self, CsmPacketSeen seen, gpointer data);
/* Pictures that are not wanted and that no other refers to are left out: on undamaged streams
 * all others stay what they are. */
void csm_decoder_set_unwanted (CsmDecoder *self, CsmPacketUnwanted unwanted, gpointer data);

/* At most one packet's work, so that the caller can look up between two. */
CsmDecoded csm_decoder_step (CsmDecoder *self, AVFrame *ret_frame, GError **error);
/* Goes on at packet @packet of @index (kept by the caller), with at most @threads: packets
 * before it are not decoded. false when the container cannot seek. */
bool csm_decoder_seek (CsmDecoder *self,
                       const CsmFrameIndex *index,
                       int64_t packet,
                       int threads);
/* @packet, as it was read, is @known of an index. */
bool csm_decoder_is_packet (const AVPacket *packet, const CsmIndexPacket *known);
/* The ordinal of @packet, as it was read, -1 when the index has none or several like it. */
int64_t csm_decoder_find_packet (const AVPacket *packet, const CsmFrameIndex *index);
/* Moves @input to @packet or before it. false when the container cannot. */
bool csm_decoder_seek_input (CsmInput *input,
                             const AVStream *stream,
                             const CsmIndexPacket *packet);
/* Gives out what went in and then ends; csm_decoder_seek() starts it again. */
void csm_decoder_drain (CsmDecoder *self);

/* Ordinal of the next packet to be decoded, -1 when not known yet after a seek. */
int64_t csm_decoder_get_next_packet (const CsmDecoder *self);
/* Anything went wrong since the start, or a seek: packets refused, frames flagged, errors
 * logged. */
bool csm_decoder_has_errors (const CsmDecoder *self);
void csm_decoder_forget_errors (CsmDecoder *self);
int csm_decoder_get_threads (const CsmDecoder *self);
/* Frames given out so far. */
int64_t csm_decoder_get_n_frames (const CsmDecoder *self);
/* Borrowed. */
const AVStream *csm_decoder_get_stream (const CsmDecoder *self);
CsmInput *csm_decoder_get_input (CsmDecoder *self);
/* (transfer full): and frees the decoder. */
CsmInput *csm_decoder_free_to_input (CsmDecoder *self);

/* Installs a log handler that prints nothing and counts errors; once, at start. */
void csm_decoder_init_log (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmDecoder, csm_decoder_free)
