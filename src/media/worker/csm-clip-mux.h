/* csm-clip-mux.h: the container of a clip, handed out in order without going back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-protocol.h"
#include "media/worker/csm-av.h"

/* Takes the next bytes of the clip. FALSE ends it, with @error. */
typedef gboolean (*CsmClipWrite) (const uint8_t *bytes,
                                  size_t size,
                                  gpointer data,
                                  GError **error);

/* CsmClipFile: a file that grows at its end and nowhere else, for muxers that go back to fill
 * in what they did not know before.
 *
 * A clip is muxed twice: _LAYOUT keeps what is written over, and drops the rest; _WRITE hands
 * out the same bytes with that filled in. Both passes get the same packets. _STREAM: once, for
 * a muxer that is told that it cannot go back.
 *
 * Ownership  csm_clip_file_free() takes NULL.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR; _REFUSED when it grows beyond its limit. */
typedef struct _CsmClipFile CsmClipFile;

typedef enum {
  CSM_CLIP_PASS_LAYOUT,
  CSM_CLIP_PASS_WRITE,
  CSM_CLIP_PASS_STREAM,
} CsmClipPass;

CsmClipFile *csm_clip_file_new (int64_t max_size, CsmClipWrite write, gpointer data);
void csm_clip_file_free (CsmClipFile *self);

/* CsmClipMuxer: one pass over a clip. Writes nothing but its streams: no metadata, no names, no
 * dates.
 *
 * Ownership  borrows its file; csm_clip_muxer_free() takes NULL. */
typedef struct _CsmClipMuxer CsmClipMuxer;

/* The container takes this coding. */
bool csm_clip_can_hold (CsmClipContainer container, enum AVCodecID codec);
/* (transfer full) (nullable): what @file heard in an earlier _LAYOUT is forgotten by the next.
 */
CsmClipMuxer *csm_clip_muxer_new (CsmClipFile *file,
                                  CsmClipContainer container,
                                  CsmClipPass pass,
                                  GError **error);
void csm_clip_muxer_free (CsmClipMuxer *self);
/* A stream coded as @parameters say. (nullable): borrowed. */
AVStream *csm_clip_muxer_add (CsmClipMuxer *self,
                              const AVCodecParameters *parameters,
                              AVRational timebase,
                              GError **error);
/* After the streams. @duration in microseconds, for a pass that cannot fill it in later. */
gboolean csm_clip_muxer_begin (CsmClipMuxer *self, int64_t duration, GError **error);
/* @packet in ticks of @timebase; left empty. */
gboolean csm_clip_muxer_write (CsmClipMuxer *self,
                               int stream,
                               AVPacket *packet,
                               AVRational timebase,
                               GError **error);
gboolean csm_clip_muxer_end (CsmClipMuxer *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmClipFile, csm_clip_file_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmClipMuxer, csm_clip_muxer_free)
