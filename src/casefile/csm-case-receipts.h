/* csm-case-receipts.h: receipts of a case, and the time stamps on them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"
#include "custody/csm-receipt.h"

/* As with all of CsmCase: one lane, every call blocks, a failed call leaves the case as it was.
 * What a receipt or a time stamp itself does wrong is a CSM_CUSTODY_ERROR. */

typedef struct
{
  CsmDigest sha256;
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  CsmTime made;
  char *author;      /* reviewer's name */
  int64_t n_entries; /* that it counts */
  bool kept;         /* its bytes are in this copy */
  int n_requests;    /* time stamp requests that were saved */
  int n_stamps;      /* time stamps taken in */
} CsmReceiptRow;
void csm_receipt_row_free (CsmReceiptRow *self);

typedef struct
{
  CsmDigest receipt;
  char code[CSM_RECEIPT_CODE_LENGTH + 1]; /* the receipt's */
  CsmTime time;                           /* that the service says */
  char *authority;
  char *serial;
  CsmTime added;
  int64_t n_entries; /* that the receipt counts */
} CsmStampRow;
void csm_stamp_row_free (CsmStampRow *self);

/* By what the ledger is dated. */
typedef struct
{
  int64_t n_entries; /* of the ledger */
  int64_t n_receipts;
  char code[CSM_RECEIPT_CODE_LENGTH + 1]; /* of the newest receipt; "" without one */
  CsmTime made;
  int64_t n_covered; /* entries that it counts */
  int64_t n_stamps;
  CsmTime witnessed;   /* of the time stamp that covers most */
  int64_t n_witnessed; /* entries that it covers */
} CsmDating;

/* (transfer full) (nullable): makes a receipt of the state so far, keeps its bytes, and writes
 * the entry "receipt.made". */
CsmReceipt *csm_case_make_receipt (CsmCase *self, GError **error);
/* (transfer full) (nullable): one whose bytes are kept. _NOT_FOUND, and _DAMAGED for bytes that
 * are not the ones that its entry names. */
CsmReceipt *csm_case_get_receipt (CsmCase *self, const CsmDigest *sha256, GError **error);
/* The newest first. */
GPtrArray *csm_case_list_receipts (CsmCase *self, GError **error);
/* The newest first. */
GPtrArray *csm_case_list_stamps (CsmCase *self, GError **error);
gboolean csm_case_get_dating (CsmCase *self, CsmDating *ret_dating, GError **error);
/* (transfer full): one line: "No outside witness of time since DATE: ..." */
char *csm_dating_describe_witness (const CsmDating *self);
/* (transfer full): "2026-03-05 09:07:02 UTC". */
char *csm_time_describe (CsmTime time);

/* Holds the case against @receipt, which may come from anywhere: says what is missing since, or
 * that nothing is. _INVALID for a receipt of another case. Writes nothing. */
gboolean csm_case_check_receipt (CsmCase *self,
                                 const CsmReceipt *receipt,
                                 CsmFindingCallback finding,
                                 gpointer data,
                                 bool *ret_holds,
                                 GError **error);
/* The same with no more than a code as a person wrote it down: a receipt with it must have been
 * made here. _INVALID for what is no code. */
gboolean csm_case_check_code (CsmCase *self,
                              const char *code,
                              CsmFindingCallback finding,
                              gpointer data,
                              bool *ret_holds,
                              GError **error);

/* (transfer full) (nullable): a request for a time stamp on a receipt that is kept, to carry to
 * a service. It is kept as well, for its nonce; each service gets one of its own. */
GBytes *csm_case_make_request (CsmCase *self, const CsmDigest *receipt, GError **error);
/* (transfer full) (nullable): takes an answer in: checked against the kept receipts and
 * requests, and by signature against @ca and @chain (may be NULL), both PEM; kept, with them;
 * entry "anchor.add". Nothing is kept of an answer that fails. _EXISTS when it is here. */
CsmStampRow *csm_case_add_stamp (CsmCase *self,
                                 GBytes *answer,
                                 GBytes *ca,
                                 GBytes *chain,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReceiptRow, csm_receipt_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmStampRow, csm_stamp_row_free)
