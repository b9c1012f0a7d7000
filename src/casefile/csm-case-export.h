/* csm-case-export.h: what an export reads of a case, and what it writes when it is done
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-receipts.h"
#include "custody/csm-signer.h"

/* As with all of CsmCase: one lane, every call blocks, a failed call leaves the case as it was.
 *
 * Arrival  entries are numbered in the order in which they came into this copy. What is read up
 *          to one number stays the same whatever is written meanwhile. */

/* ---- The ledger, bounded ---- */

/* The newest entry's number; -1 with @error set. */
int64_t csm_case_get_last_arrival (CsmCase *self, GError **error);

/* How far a reader of the ledger came in replay order; zeroed to begin with. */
typedef struct
{
  int64_t lamport;
  CsmDigest id;
} CsmLedgerPlace;

/* (transfer container) (element-type CsmEntry): at most @limit entries after @place, in replay
 * order, none that arrived after @last; moves @place. Empty at the end. */
GPtrArray *csm_case_list_entries_after (CsmCase *self,
                                        int64_t last,
                                        CsmLedgerPlace *place,
                                        int64_t limit,
                                        GError **error);
/* (transfer container) (element-type CsmEntry): what arrived after @last, in order of arrival.
 */
GPtrArray *csm_case_list_entries_since (CsmCase *self, int64_t last, GError **error);
/* (transfer container) (element-type CsmEntry): of the kind @kind (those that begin with it
 * when it ends in "."), in replay order, none that arrived after @last; about @subject unless
 * that is NULL. */
GPtrArray *csm_case_list_entries_about (CsmCase *self,
                                        const CsmId *subject,
                                        const char *kind,
                                        int64_t last,
                                        GError **error);

/* ---- What rests on it ---- */

/* (transfer container) (element-type CsmReviewer): who signed entries, in the order of their
 * first one in replay order; the key in hex for a name that no entry gives. */
GPtrArray *csm_case_list_authors (CsmCase *self, GError **error);
/* (transfer full) (element-type CsmFrameCommit): the pictures that the newest revision of @mark
 * commits to, by ordinal. */
GArray *csm_case_list_frame_commits (CsmCase *self, const CsmId *mark, GError **error);
/* (transfer container) (element-type CsmMark): the marks on @exhibit that were removed, as they
 * last were, by id. */
GPtrArray *csm_case_list_removed_marks (CsmCase *self, const CsmId *exhibit, GError **error);
/* Whether the team chose to record who looked at what. */
gboolean csm_case_get_record_access (CsmCase *self, bool *ret_records, GError **error);

/* A time stamp with all that it takes to check it. */
typedef struct
{
  GBytes *receipt; /* heads.json */
  GBytes *token;   /* DER */
  GBytes *ca;      /* PEM */
  GBytes *chain;   /* (nullable) PEM */
  CsmTime time;
} CsmStampFiles;
void csm_stamp_files_free (CsmStampFiles *self);
/* (transfer container) (element-type CsmStampFiles): by time, none that arrived after @last,
 * and none that is not kept in this copy. */
GPtrArray *csm_case_list_stamp_files (CsmCase *self, int64_t last, GError **error);

/* ---- Making a bundle ---- */

/* (transfer full) (nullable): a receipt of the state so far, without any entry about it. */
CsmReceipt *csm_case_prepare_receipt (CsmCase *self, GError **error);
/* (transfer full) (nullable): what @make returns, which gets the key that signs in this case.
 * _READ_ONLY when nobody signs. */
typedef GBytes *(*CsmSignerUse) (CsmSigner *signer, gpointer data, GError **error);
GBytes *csm_case_use_signer (CsmCase *self, CsmSignerUse make, gpointer data, GError **error);
/* Keeps @receipt, and signs "receipt.made" for it and "access.exported" with @detail, both or
 * neither. */
gboolean csm_case_record_bundle (CsmCase *self,
                                 const CsmReceipt *receipt,
                                 const json_t *detail,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmStampFiles, csm_stamp_files_free)
