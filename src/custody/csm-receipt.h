/* csm-receipt.h: the state of a ledger in one small file, and its code (FORMAT.md, section 9)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "custody/csm-entry.h"

#define CSM_RECEIPT_VERSION 1
/* Of the base32 characters that stand for a receipt. */
#define CSM_RECEIPT_CODE_LENGTH 26
/* A larger file is no receipt. */
#define CSM_RECEIPT_MAX_SIZE (5 * 1024 * 1024)

/* CsmReceipt: which entries a copy of a case had, kept as the bytes that are hashed.
 *
 * Ownership  reference counted, atomically; answers are borrowed.
 * Threads    immutable.
 * Errors     CSM_CUSTODY_ERROR. */
typedef struct _CsmReceipt CsmReceipt;

/* (transfer full) (nullable): of @n_heads entries, sorted here. */
CsmReceipt *csm_receipt_new (const CsmId *case_id,
                             const CsmId *file_id,
                             int64_t header_seq,
                             int64_t count,
                             const CsmDigest *heads,
                             int n_heads,
                             GError **error);
/* (transfer full) (nullable): all of @bytes is hostile until this returns. One newline at the
 * end, as editors and mail programs add, is not taken for a part of it. */
CsmReceipt *csm_receipt_parse (GBytes *bytes, GError **error);
CsmReceipt *csm_receipt_ref (CsmReceipt *self);
void csm_receipt_unref (CsmReceipt *self);

/* What heads.json holds. */
GBytes *csm_receipt_get_bytes (const CsmReceipt *self);
/* Of these bytes. */
const CsmDigest *csm_receipt_get_sha256 (const CsmReceipt *self);
const CsmId *csm_receipt_get_case (const CsmReceipt *self);
const CsmId *csm_receipt_get_file (const CsmReceipt *self);
int64_t csm_receipt_get_header_seq (const CsmReceipt *self);
int64_t csm_receipt_get_count (const CsmReceipt *self);
/* Sorted; the newest entry of each chain. */
const CsmDigest *csm_receipt_get_heads (const CsmReceipt *self, int *ret_n);

/* The first 130 bits of @sha256 in base32 (RFC 4648), and NUL. */
void csm_receipt_code (const CsmDigest *sha256, char ret_code[CSM_RECEIPT_CODE_LENGTH + 1]);
/* A code as a person writes it down: any case, white space and hyphens between, 0 for O, 1 for
 * I, 8 for B. False when that is no code. */
bool csm_receipt_code_parse (const char *text, char ret_code[CSM_RECEIPT_CODE_LENGTH + 1]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReceipt, csm_receipt_unref)
