/* csm-schema.h: the tables of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-db.h"

#define CSM_SCHEMA_VERSION 4

/* Columns of the tables that grow with the marks, the key's first. A document's number is
 * nobody's business but the search index's. */
#define CSM_EVENT_COLUMNS "id, lamport, kind, subject, author, time"
#define CSM_MARK_COLUMNS                                                                    \
  "id, exhibit, track, first, last, first_pts, last_pts, timebase_num, timebase_den, code," \
  " text, committed, author, time, revision, removed, entry"
#define CSM_MARK_REGION_COLUMNS "mark, n, frame, x, y, width, height"
#define CSM_MARK_FRAME_COLUMNS \
  "mark, ordinal, pts, sha256, pixel_format, width, height, library, entry"
#define CSM_DOCUMENT_COLUMNS "kind, subject, name, body"

/* A derived table, as verify compares it. */
typedef struct
{
  const char *name;
  const char *noun;    /* for people: "mark" */
  const char *columns; /* the key's first */
  int n_key;
} CsmDerivedTable;

/* Ends with a NULL name. */
extern const CsmDerivedTable csm_derived_tables[];

/* Every table, in one transaction. */
gboolean csm_schema_create (CsmDb *db, GError **error);
/* The derived tables alone, without the indexes that csm_apply_entry() never reads. */
gboolean csm_schema_create_replay (CsmDb *db, GError **error);
/* Brings an older case up to date, and finishes what a crash interrupted, when @writable; else
 * _BEHIND. _NEWER for a later one, _DAMAGED for what is no case. */
gboolean csm_schema_check (CsmDb *db, bool writable, GError **error);
