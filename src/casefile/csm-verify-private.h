/* csm-verify-private.h: what the parts of csm_case_verify() share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-set-hash.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-schema.h"

/* Tables that grow with the ledger. */
#define CSM_VERIFY_N_SETTLED 5

/* One run. Each part says what it finds; an error within a part is a finding as well, so that
 * one broken page hides nothing else. */
typedef struct
{
  CsmCase *acase;
  CsmFindingCallback finding;
  CsmProgressCallback progress;
  CsmYieldCallback yield;
  gpointer data;
  GCancellable *cancellable;
  bool media;
  bool accepts_loss; /* the last changes are known to be missing */
  bool holds;
  bool shaken; /* salvaged: what rests on missing entries was passed over */
  int64_t done, total;
  int n_broken;     /* in this part */
  GArray *bodiless; /* entries without a body, by their number of arrival, in replay order */

  /* Rows that are settled; see below. */
  GArray *repeated; /* things that more than one event is about, and how many are to come */
  GByteArray *bytes;
  CsmSetHash sums[CSM_VERIFY_N_SETTLED]; /* of rows that the replay made */
  bool differs[CSM_VERIFY_N_SETTLED];
  bool names_rows;
  int64_t n_settled[CSM_VERIFY_N_SETTLED]; /* rows of the case that were compared */
} CsmVerify;

void csm_verify_say (CsmVerify *self,
                     CsmFindingKind kind,
                     const char *where,
                     const char *format,
                     ...) G_GNUC_PRINTF (4, 5);
/* Ends a part: says how many findings were left out, or @holds when nothing was broken. */
void csm_verify_end_part (CsmVerify *self, const char *where, const char *holds);
/* Only where no statement has rows left: others may write now. */
void csm_verify_yield (CsmVerify *self);
/* False when cancelled. */
bool csm_verify_advance (CsmVerify *self, int64_t by);
/* Bytes in units of progress. */
#define CSM_VERIFY_BYTES(bytes) ((bytes) / 65536)

/* The rows that the replay of a salvaged case begins with: each is broken, for no entry says
 * it. */
gboolean csm_verify_foundation (CsmVerify *self, CsmDb *scratch, GError **error);
/* (transfer full): for people: kind, and what it takes to find it. */
char *csm_verify_name_entry (const CsmEntry *entry);
/* After the replay: each body that is missing against the entry that erased it. */
void csm_verify_erasures (CsmVerify *self, CsmDb *scratch);

/* Compares all rows of @table, or those that @where ("WHERE ...", or "") asks for. */
void csm_verify_table (CsmVerify *self,
                       CsmDb *scratch,
                       const CsmDerivedTable *table,
                       const char *where);
/* Two statements side by side, each in the order of its key. @n_kept counts the case's rows. */
void csm_verify_rows (CsmVerify *self,
                      const CsmDerivedTable *table,
                      CsmQuery *kept,
                      CsmQuery *again,
                      int64_t *n_kept);
/* The row at which @query stands. */
void csm_verify_say_row (CsmVerify *self,
                         const CsmDerivedTable *table,
                         CsmQuery *query,
                         const char *what);

/* Settling: as soon as the case holds no later event about a mark, its rows leave the replay,
 * an event's at once. First only sums of them are kept, and compared with sums of the case's
 * rows, each table read from end to end. Where they differ a second replay, with @names_rows
 * set, looks for each row of those tables, and says which. */

/* Whether the rows of the derived table @name are settled; of `document`, those of marks. */
bool csm_verify_settles (const char *name);
/* For one run. */
void csm_verify_init_settling (CsmVerify *self);
void csm_verify_clear_settling (CsmVerify *self);
/* Before the first entry of a replay. */
gboolean csm_verify_begin_settling (CsmVerify *self, GError **error);
/* @entry was applied to @scratch. */
void csm_verify_settle (CsmVerify *self, CsmDb *scratch, const CsmEntry *entry);
/* After the last entry: settles what is left. Whether the sums are those of the case. */
bool csm_verify_end_sums (CsmVerify *self, CsmDb *scratch);
/* The same of the second replay: says which rows of the case no entry explains. */
void csm_verify_end_rows (CsmVerify *self, CsmDb *scratch);
/* Whether the indexes of @table are compared by reading both from end to end. */
bool csm_verify_streams_indexes (const char *table);
/* Those, and the order of their keys. FALSE only when cancelled. */
gboolean csm_verify_indexes (CsmVerify *self);
/* The search index against the texts of the document table. FALSE only when cancelled. */
gboolean csm_verify_words (CsmVerify *self);

/* FALSE only when cancelled. */
gboolean csm_verify_receipts (CsmVerify *self);
gboolean csm_verify_replay (CsmVerify *self);
gboolean csm_verify_kept (CsmVerify *self);
gboolean csm_verify_media (CsmVerify *self);
/* A part of the kept rows. */
void csm_verify_keys (CsmVerify *self);
