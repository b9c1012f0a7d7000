/* csm-reader.h: any frame of a track, exactly
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "media/csm-frame-index.h"
#include "media/worker/csm-input.h"

/* Asked between two packets while a frame is sought; true stops. */
typedef bool (*CsmReaderPoll) (gpointer data);

/* CsmReader: seeks by the index, knows each decoded frame again by its packet and, with an
 * exact index, by its hash, and takes nothing else for it: a seek that leads astray is repeated
 * from earlier keys and in the end from the first packet.
 *
 * Frames that were passed stay in a cache around the playhead, and in between the reader
 * decodes ahead: what comes next in the direction of travel, what is left of the group of
 * pictures, then the group before. On the way to a distant frame, pictures that no other refers
 * to are left out where the index says that the file is undamaged. Where it says that a group
 * of pictures is damaged, that group is decoded with one thread.
 *
 * Ownership  csm_reader_free() takes NULL.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR; G_IO_ERROR_CANCELLED when polled so. */
typedef struct _CsmReader CsmReader;

/* (transfer full): @cache_budget in bytes. Takes @input (nullable), opened over @source and
 * read from or not: it saves opening the source once more. */
CsmReader *csm_reader_new (CsmByteSource *source,
                           CsmFrameIndex *index,
                           size_t cache_budget,
                           CsmInput *input);
void csm_reader_free (CsmReader *self);
/* (transfer full) (nullable): what is left for the next reader. */
CsmInput *csm_reader_free_to_input (CsmReader *self);

/* (transfer full) (nullable): frame @ordinal. @direction -1, 0, 1: where the reader of frames
 * is heading. */
AVFrame *csm_reader_read (CsmReader *self,
                          int64_t ordinal,
                          int direction,
                          CsmReaderPoll poll,
                          gpointer data,
                          GError **error);
/* (transfer full) (nullable): the cheapest frame near @ordinal: the nearest one of the cache,
 * or the key that decoding would start at, alone. It is exact, and is frame @ret_ordinal.
 * Nothing is decoded ahead after it. */
AVFrame *csm_reader_read_near (CsmReader *self,
                               int64_t ordinal,
                               int64_t *ret_ordinal,
                               CsmReaderPoll poll,
                               gpointer data,
                               GError **error);
/* (transfer full) (nullable): frame @ordinal, for another purpose than to show it: the cache
 * and what is decoded ahead stay where they are. */
AVFrame *csm_reader_read_aside (CsmReader *self,
                                int64_t ordinal,
                                CsmReaderPoll poll,
                                gpointer data,
                                GError **error);
/* Decodes ahead by at most one packet, or, once, opens the source a second time. false: nothing
 * to do until the next read. */
bool csm_reader_idle (CsmReader *self);
/* Borrowed. */
CsmFrameIndex *csm_reader_get_index (CsmReader *self);
/* (nullable): the stream of a decoder in use, NULL before the first read. Borrowed. */
const AVStream *csm_reader_get_stream (CsmReader *self);

typedef struct
{
  int64_t n_reads;   /* of frames to be shown */
  int64_t n_hits;    /* of them, those that were in the cache */
  int64_t n_decoded; /* frames that decoders gave out, wanted or not */
  int64_t n_seeks;
  int64_t n_cached;
  int64_t cached_bytes;
  int64_t capacity; /* frames that the cache has room for */
  bool settled;     /* nothing is left to be decoded ahead */
} CsmReaderStatistics;
CsmReaderStatistics csm_reader_get_statistics (const CsmReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReader, csm_reader_free)
