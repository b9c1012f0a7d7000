/* csm-dossier.h: what a selection comes to, as every writer of the bundle reads it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-receipts.h"
#include "export/csm-selection.h"
#include "media/csm-frame-index.h"
#include "media/csm-media-info.h"

/* Everything here may be said: what a selection leaves out is not in it, and no writer looks
 * into the case beside it. Later issues add incidents, attributions and redacted copies here.
 *
 * Paths are relative to the bag's data/ folder, with "/" between, ASCII, and work on Windows.
 */

typedef struct
{
  char key[65];   /* Ed25519 in hex */
  char *label;    /* "Reviewer A", in order of first entry; or the name */
  char *key_file; /* "ledger/keys/reviewer-a": ".pem" and ".pub" are added */
} CsmDossierReviewer;

typedef struct
{
  CsmMark *mark;                      /* its author is the label, never the name unless asked */
  const CsmCode *code;                /* (nullable) */
  const CsmDossierReviewer *reviewer; /* who wrote this revision */
  CsmFrameCommit *frames;             /* the pictures that it commits to, in order */
  int n_frames;
  /* (nullable): what is made of it. */
  char *still;     /* "stills/E-0001-f000412.png" */
  char *captioned; /* "stills/E-0001-f000412-captioned.png" */
  char *clip;      /* "clips/E-0001-f000412-f000480.mkv" */
  /* What a clip really holds, set when it was made: frames of the exhibit, inclusive. */
  int64_t clip_from, clip_to;
} CsmDossierMark;

typedef struct
{
  /* Its acquisition holds what may be said and is empty otherwise. */
  CsmExhibit *exhibit;
  char *label;           /* "E-0001", safe in names of files */
  char *file;            /* (nullable) "exhibits/E-0001.mp4"; not when files are left out */
  const char *mime_type; /* "video/mp4", "application/octet-stream" */
  CsmMediaInfo *info;    /* (nullable): cannot be read */
  CsmFrameIndex *index;  /* (nullable): exact, of v:0 */
  GPtrArray *others;     /* (nullable) of CsmFrameIndex: exact, of further tracks with marks */
  CsmTimebase timebase;  /* of v:0, else of a:0 */
  CsmDigest said_by;     /* the entry that its acquisition is from */
  char *contact_sheet;   /* (nullable) "stills/E-0001-contact-sheet.png" */
  GPtrArray *marks;      /* of CsmDossierMark, by first frame */
  GPtrArray *displayed;  /* (nullable) of CsmDisplayedSpan; NULL: left out */
} CsmDossierExhibit;

/* Something that happened to evidence, in the order of the ledger. */
typedef struct
{
  CsmTime time; /* by the clock of the computer that signed it */
  CsmDigest entry;
  const CsmDossierReviewer *reviewer;
  const CsmDossierExhibit *exhibit; /* (nullable) */
  char *sentence;                   /* "Taken in as E-0001" */
} CsmDossierRecord;

/* What stays home: "3 exhibits", "marked 'do not export'". */
typedef struct
{
  char *what, *why;
  int64_t count;
} CsmDossierWithheld;

/* CsmDossier.
 *
 * Ownership  owns all of it, pointers between its parts are borrowed; free with
 *            csm_dossier_free(), which takes NULL.
 * Threads    read by any thread; changed by the export that made it. */
typedef struct
{
  CsmId case_id;
  char *title;
  CsmTime created;
  CsmTime made; /* the time that the bundle names; the only one that differs between two */
  CsmReceipt *receipt;
  CsmDating dating;
  GPtrArray *reviewers; /* of CsmDossierReviewer */
  const CsmDossierReviewer *exporter;
  GPtrArray *codes;    /* of CsmCode: those of the marks, and their parents */
  GPtrArray *exhibits; /* of CsmDossierExhibit, by number */
  GPtrArray *records;  /* of CsmDossierRecord */
  GPtrArray *withheld; /* of CsmDossierWithheld */
  GHashTable *removed; /* ids in hex: removed marks whose history goes too */
  int64_t n_marks;
  int64_t n_superseded; /* earlier revisions of the marks, and marks that were removed */
  int64_t n_entries;    /* of the ledger, withheld ones too */
  int64_t last_arrival; /* of these entries (csm-case-export.h) */
  bool named;           /* reviewers by name */
  /* Into the parts above, by what csm_dossier_find_* look for */
  GHashTable *by_exhibit, *by_mark, *by_key;
} CsmDossier;

/* (transfer full) (nullable): reads the case. No worker is started: what nobody has looked at
 * yet has no info and no index. @made is the time that the bundle will name.
 * Threads  the case's lane. Errors  CSM_CASE_ERROR; _NOT_FOUND for what was chosen and is not
 * there, _INVALID when nothing is left to leave. */
CsmDossier *csm_dossier_new (CsmCase *acase,
                             const CsmSelection *selection,
                             CsmTime made,
                             GError **error);
void csm_dossier_free (CsmDossier *self);
/* What the worker found in a file that the case says nothing of: refs @info (nullable) and
 * @index (nullable, exact), and derives type, name and time base from them. */
void csm_dossier_exhibit_set_media (CsmDossierExhibit *exhibit,
                                    CsmMediaInfo *info,
                                    CsmFrameIndex *index,
                                    bool with_file);
/* Takes @index, exact, of a track after the first. */
void csm_dossier_exhibit_add_index (CsmDossierExhibit *exhibit, CsmFrameIndex *index);
/* Borrowed (nullable): exact, of v:@track. */
CsmFrameIndex *csm_dossier_exhibit_get_index (const CsmDossierExhibit *exhibit, int track);
/* (nullable): by id; borrowed. */
const CsmDossierExhibit *csm_dossier_find_exhibit (const CsmDossier *self, const CsmId *id);
const CsmDossierMark *csm_dossier_find_mark (const CsmDossier *self, const CsmId *id);
/* (nullable): by the signing key in hex; borrowed. */
const CsmDossierReviewer *csm_dossier_find_reviewer (const CsmDossier *self, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmDossier, csm_dossier_free)
