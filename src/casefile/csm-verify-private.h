/* csm-verify-private.h: what the parts of csm_case_verify() share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-private.h"
#include "casefile/csm-schema.h"

/* Tables whose rows are compared one event or mark at a time. */
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
  int n_broken;    /* in this part */
  GPtrArray *held; /* findings about rows */
  int n_unheld;
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
/* From here on what rows are found to be is held, to be told after the ledger by _release_. */
void csm_verify_hold_rows (CsmVerify *self);
void csm_verify_release_rows (CsmVerify *self);
/* Whether the rows of the derived table @name are settled one by one; of `document`, those of
 * marks. */
bool csm_verify_settles (const char *name);
/* Compares all rows of @table, or those that @where ("WHERE ...", or "") asks for. */
void csm_verify_table (CsmVerify *self,
                       CsmDb *scratch,
                       const CsmDerivedTable *table,
                       const char *where);
/* No entry to come changes the event, or the mark (CSM_ID_SIZE bytes), any more: compares its
 * rows and takes them out of @scratch. */
void csm_verify_settle_event (CsmVerify *self, CsmDb *scratch, const CsmDigest *id);
void csm_verify_settle_mark (CsmVerify *self, CsmDb *scratch, const uint8_t *mark);
/* After the last entry: settles what is left, and names rows that nothing asked for. */
void csm_verify_end_settling (CsmVerify *self, CsmDb *scratch);
/* The search index against the texts of the document table. FALSE only when cancelled. */
gboolean csm_verify_words (CsmVerify *self);

/* FALSE only when cancelled. */
gboolean csm_verify_receipts (CsmVerify *self);
gboolean csm_verify_replay (CsmVerify *self);
gboolean csm_verify_kept (CsmVerify *self);
gboolean csm_verify_media (CsmVerify *self);
/* A part of the kept rows. */
void csm_verify_keys (CsmVerify *self);
