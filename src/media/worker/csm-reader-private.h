/* csm-reader-private.h: the parts of a reader
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-frame-index-builder.h"
#include "media/worker/csm-decoder.h"
#include "media/worker/csm-frame-cache.h"
#include "media/worker/csm-reader.h"

/* A decoder and where it is. */
typedef struct
{
  CsmReader *reader;
  CsmDecoder *decoder; /* NULL before the first use */
  bool counting;       /* decoding from the first packet: frames are counted */
  bool spent;          /* has given out all that it had: it has to seek */
  int64_t key;         /* packet that it started at */
  int64_t last;        /* ordinal of the last frame known again, -1 for none yet */
  int64_t keep_from;   /* frames before this one are not wanted */
  int64_t left_out;    /* and before this one some may be missing, since the last seek */
} CsmReaderHead;

enum {
  CSM_READER_MAIN,   /* what is asked for, and going on from there */
  CSM_READER_BEHIND, /* what lies before, decoded ahead */
  CSM_READER_N_HEADS
};

struct _CsmReader
{
  CsmByteSource *source;
  CsmFrameIndex *index;
  bool exact;
  bool damaged;             /* some group of pictures asks for one thread */
  bool may_skip;            /* pictures that no other refers to, on the way */
  int64_t *frame_of_packet; /* first frame of each packet, -1 for none */
  int64_t *same_packet;     /* the next frame of the same packet, -1 for none */
  bool *bad_keys;           /* packets: a seek to it led astray */
  bool *hurt_keys;          /* the same: damage was met after it, without an exact index */
  CsmFrameCache *cache;
  CsmFramePool *pool;
  AVFrame *frame; /* the one that was reached */
  CsmInput *used; /* nullable: opened before, good for seeking */
  CsmReaderHead heads[CSM_READER_N_HEADS];
  int64_t n_decoded; /* by decoders that are no more */
  int64_t n_seeks;
  int64_t n_reads;
  int64_t n_hits;

  /* Where the reader of frames is */
  int64_t playhead;                        /* -1 before the first read */
  int direction;                           /* 0: a jump */
  bool settled;                            /* nothing is decoded ahead until the next read */
  int64_t idle_failed[CSM_READER_N_HEADS]; /* ordinal not reached ahead, -1 for none */
};

typedef enum {
  CSM_READER_MORE,
  CSM_READER_THERE,
  CSM_READER_ASTRAY,
  CSM_READER_ERROR,
} CsmReaderStep;

/* ---- the index ---- */

/* The packet of @ordinal, or of a frame before it that has one. */
int64_t csm_reader_packet_near (CsmReader *self, int64_t ordinal);
/* The last key at or before packet @limit that decoding can start at for @ordinal, -1 when
 * none. */
int64_t csm_reader_find_key (CsmReader *self, int64_t ordinal, int64_t limit);
/* Damage was met on the way to @ordinal, and no hash says what the picture is: only decoding
 * from the first packet with one thread gives FFmpeg's own. */
bool csm_reader_is_hurt (CsmReader *self, int64_t ordinal);
/* The first frame that decoding from the key of @ordinal gives. */
int64_t csm_reader_find_first (CsmReader *self, int64_t ordinal);

/* ---- a head ---- */

void csm_reader_head_close (CsmReaderHead *head);
/* At the first packet. */
bool csm_reader_head_open (CsmReaderHead *head,
                           int threads,
                           CsmReaderPoll poll,
                           gpointer data,
                           GError **error);
/* Anywhere: it has to seek. false without an error: only csm_reader_head_open() can. */
bool csm_reader_head_open_used (CsmReaderHead *head, int threads);
/* Going on beats a seek when the decoder is past the best key, or nearly there, and before the
 * frame. */
bool csm_reader_head_can_go_on (CsmReaderHead *head, int64_t ordinal);
/* What lies before @ordinal is not wanted from here on. */
void csm_reader_head_set_keep_from (CsmReaderHead *head, int64_t ordinal);
/* To packet @key on the way to @ordinal. */
bool csm_reader_head_seek (CsmReaderHead *head, int64_t key, int64_t ordinal);
/* One packet's work on the way to @wanted, which is left in reader->frame when it is there. */
CsmReaderStep csm_reader_head_step (CsmReaderHead *head, int64_t wanted, GError **error);
/* Steps until there is something to say. */
CsmReaderStep csm_reader_head_run (CsmReaderHead *head,
                                   int64_t wanted,
                                   CsmReaderPoll poll,
                                   gpointer data,
                                   GError **error);
/* @threads that the way from @key to @ordinal may be decoded with. */
int csm_reader_count_threads (CsmReader *self, int64_t key, int64_t ordinal);

/* ---- the window around the playhead ---- */

/* After a read of @ordinal: what is kept, and what is decoded ahead. */
void csm_reader_set_playhead (CsmReader *self, int64_t ordinal, int direction);
/* On the way to @ordinal, asked for and not there: who goes, and the first frame to keep. */
CsmReaderHead *csm_reader_choose_head (CsmReader *self, int64_t ordinal);
int64_t csm_reader_keep_from (CsmReader *self, int64_t ordinal);
