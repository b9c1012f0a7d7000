/* csm-records.h: what a case holds, as plain values
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"
#include "base/csm-time.h"
#include "custody/csm-entry.h"

#include <glib.h>
#include <stdbool.h>

/* Every record is a heap value that owns its strings (never NULL unless marked nullable);
 * free with its _free, which takes NULL. Text is UTF-8, free of NUL, at most 64 KiB. */

typedef enum {
  CSM_INDEX_NONE = 0,    /* not looked at yet */
  CSM_INDEX_PROVISIONAL, /* from the packets */
  CSM_INDEX_EXACT,       /* every frame decoded once */
  CSM_INDEX_FAILED,      /* cannot be read; status says why */
} CsmIndexState;

/* What a person may say about an exhibit, at import and later. */
typedef struct
{
  char *title;
  char *source;        /* where it was found: a URL, a channel */
  char *obtained_from; /* who handed it over */
  char *obtained_when; /* as the reviewer writes it */
  char *obtained_how;
  char *notes;
  bool do_not_export;
  int sound_offset_ms; /* how much later the sound is played against the picture */
} CsmAcquisition;
/* Either way, more than any recorder is out of step. */
#define CSM_MAX_SOUND_OFFSET_MS 600000
CsmAcquisition *csm_acquisition_new (void);
CsmAcquisition *csm_acquisition_copy (const CsmAcquisition *self);
void csm_acquisition_free (CsmAcquisition *self);

typedef struct
{
  CsmId id;
  char *number; /* "E-0001" */
  char *name;   /* the file's name as received */
  CsmDigest sha256;
  int64_t size;
  bool linked; /* kept where it is, not encrypted */
  CsmTime added;
  CsmAcquisition *acquisition;
  /* Kept, not in the ledger: what the worker found. */
  CsmIndexState index_state;
  char *status;        /* one line for people: "exact", "cannot be read: ..." */
  char *format;        /* "mov,mp4,..." or "" */
  char *codec;         /* of v:0, else of a:0, or "" */
  int width, height;   /* 0 when there is no picture */
  int64_t n_frames;    /* -1 unknown */
  int64_t duration_ms; /* -1 unknown */
  int64_t n_marks;
  char *index_library; /* (nullable): the library that made the exact index */
} CsmExhibit;
void csm_exhibit_free (CsmExhibit *self);

typedef struct
{
  char *id; /* short and stable: "tear-gas"; lower-case letters, digits, '-' */
  char *label;
  char *definition;
  char *source; /* the public text that the definition rests on, may be "" */
  char *parent; /* (nullable) a code's id */
} CsmCode;
void csm_code_free (CsmCode *self);

/* A rectangle over frames of a mark, in the frame's own pixels. Other shapes and key frames
 * come with a later format version; the body's "regions" is an array of objects with a "shape"
 * for that. */
typedef struct
{
  int64_t frame; /* ordinal at which it was drawn */
  CsmRect rect;
} CsmRegion;

/* The picture that a mark commits to at one end. */
typedef struct
{
  int64_t ordinal;
  int64_t pts;
  CsmDigest sha256;
  char pixel_format[32];
  int width, height;
  char library[96];
} CsmFrameCommit;

/* A track as one number: v:N is N, a:N is -1 - N. */
#define CSM_SOUND_TRACK(n) (-1 - (n))
/* "v:0", "a:0" into @ret_text. */
void csm_track_format (int track, char ret_text[16]);
bool csm_track_parse (const char *text, int *ret_track);

typedef struct
{
  CsmId id;
  CsmId exhibit;
  char *exhibit_number;
  int track;        /* CSM_SOUND_TRACK (n): from and to are samples */
  int64_t from, to; /* inclusive */
  int64_t from_pts, to_pts;
  CsmTimebase timebase;
  char *code; /* (nullable) a code's id */
  char *text; /* may be "" */
  CsmRegion *regions;
  int n_regions;
  bool committed;      /* the ledger holds the hashes of both end frames */
  char *author;        /* reviewer's name */
  char author_key[65]; /* Ed25519 in hex */
  CsmTime time;        /* of this revision */
  CsmDigest entry;     /* the entry of this revision */
  int revision;        /* 1 upward */
} CsmMark;
CsmMark *csm_mark_copy (const CsmMark *self);
void csm_mark_free (CsmMark *self);

typedef struct
{
  char key[65]; /* Ed25519 in hex */
  char *name;
} CsmReviewer;
void csm_reviewer_free (CsmReviewer *self);

/* One line of the ledger, readable. */
typedef struct
{
  CsmDigest id;
  CsmId chain;
  int64_t seq;
  int64_t lamport;
  CsmTime time;
  char *kind;    /* "mark.set" */
  char *author;  /* reviewer's name */
  char *summary; /* one sentence: "Marked E-0001 frames 10 to 25 as baton" */
  char *subject; /* (nullable) id in hex */
} CsmLedgerRow;
void csm_ledger_row_free (CsmLedgerRow *self);

/* Bytes @start to @end - 1 of a text. */
typedef struct
{
  unsigned start, end;
} CsmTextSpan;

typedef struct
{
  enum {
    CSM_HIT_MARK,
    CSM_HIT_EXHIBIT,
    CSM_HIT_CODE,
  } kind;
  CsmId exhibit; /* mark and exhibit hits */
  CsmId mark;    /* mark hits */
  char *code;    /* (nullable) code hits, and marks that carry one */
  int track;     /* mark hits: where to land, as in a mark */
  int64_t frame; /* the same */
  char *where;   /* "E-0003 clip.mp4" */
  char *snippet; /* plain text, the match within its words */
  /* of CsmTextSpan: the words found in @snippet, in order, none within another; none for a mark
   * that was found by its code */
  GArray *matches;
} CsmSearchHit;
void csm_search_hit_free (CsmSearchHit *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmAcquisition, csm_acquisition_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmExhibit, csm_exhibit_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmCode, csm_code_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMark, csm_mark_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReviewer, csm_reviewer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmLedgerRow, csm_ledger_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSearchHit, csm_search_hit_free)
