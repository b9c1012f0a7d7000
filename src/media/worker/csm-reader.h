/* csm-reader.h: any frame of a track, exactly
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "media/csm-frame-index.h"
#include "media/worker/csm-av.h"

/* Asked between two packets while a frame is sought; true stops. */
typedef bool (*CsmReaderPoll) (gpointer data);

/* CsmReader: seeks by the index, knows each decoded frame again by its packet and, with an
 * exact index, by its hash, and takes nothing else for it: a seek that leads astray is repeated
 * from earlier keys and in the end from the first packet.
 *
 * Frames that were passed stay in a cache around the playhead.
 *
 * Ownership  csm_reader_free() takes NULL.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR; G_IO_ERROR_CANCELLED when polled so. */
typedef struct _CsmReader CsmReader;

/* (transfer full) */
CsmReader *csm_reader_new (CsmByteSource *source, CsmFrameIndex *index, size_t cache_budget);
void csm_reader_free (CsmReader *self);

/* (transfer full) (nullable): frame @ordinal. @direction -1, 0, 1: where the reader of frames
 * is heading. */
AVFrame *csm_reader_read (CsmReader *self,
                          int64_t ordinal,
                          int direction,
                          CsmReaderPoll poll,
                          gpointer data,
                          GError **error);
/* Decodes ahead by at most one packet. false: nothing to do until the next read. */
bool csm_reader_idle (CsmReader *self);
/* (nullable): the stream of the decoder in use, NULL before the first read. Borrowed. */
const AVStream *csm_reader_get_stream (CsmReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReader, csm_reader_free)
