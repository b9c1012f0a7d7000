/* csm-entry.h: one signed record of the ledger (FORMAT.md)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"
#include "base/csm-time.h"
#include "custody/csm-error.h"
#include "custody/csm-signer.h"

#include <gio/gio.h>
#include <jansson.h>

#define CSM_ENTRY_VERSION 1
#define CSM_ID_SIZE 16
#define CSM_ID_HEX_SIZE 33

/* A random 16-byte id in hex, as cases, chains, exhibits, marks and codes carry. */
typedef struct
{
  char hex[CSM_ID_HEX_SIZE];
} CsmId;
CsmId csm_id_new (void);
/* false unless @hex is 32 lower-case hex digits. */
bool csm_id_parse (const char *hex, CsmId *ret_id);

/* Where an entry stands: chosen by the ledger, not by what the entry says. */
typedef struct
{
  CsmId case_id;
  CsmId chain;
  int64_t seq;            /* 1 upward in its chain */
  CsmDigest prev;         /* id of the chain's entry before; zero for seq 1 */
  const CsmDigest *heads; /* newest ids of the other chains, sorted */
  int n_heads;
  int64_t lamport; /* above every entry known when it was made */
} CsmEntryPlace;

/* CsmEntry: header, meta and body, kept as the bytes that were signed.
 *
 * Ownership  reference counted, atomically; answers are borrowed.
 * Threads    immutable.
 * Errors     CSM_CUSTODY_ERROR. */
typedef struct _CsmEntry CsmEntry;

/* (transfer full) (nullable): signs a new entry. @subject may be NULL; @replaces is sorted
 * here;
 * @body is an object without "nonce" (added here), borrowed. */
CsmEntry *csm_entry_new (CsmSigner *signer,
                         const CsmEntryPlace *place,
                         CsmTime time,
                         const char *kind,
                         const CsmId *subject,
                         const CsmDigest *replaces,
                         int n_replaces,
                         const json_t *body,
                         GError **error);

/* (transfer full) (nullable): from stored bytes; all of it is hostile until this returns.
 * @meta and @body may be NULL: withheld. Checks canonical form, every field's type and range,
 * the hashes and the signature. */
CsmEntry *csm_entry_parse (GBytes *header,
                           GBytes *meta,
                           GBytes *body,
                           const uint8_t signature[64],
                           GError **error);
CsmEntry *csm_entry_ref (CsmEntry *self);
void csm_entry_unref (CsmEntry *self);

/* SHA-256 of the header. */
const CsmDigest *csm_entry_get_id (const CsmEntry *self);
const CsmEntryPlace *csm_entry_get_place (const CsmEntry *self);
const uint8_t *csm_entry_get_author (const CsmEntry *self); /* 32 bytes, Ed25519 */
const uint8_t *csm_entry_get_signature (const CsmEntry *self);
GBytes *csm_entry_get_header (const CsmEntry *self);
/* (nullable): withheld. */
GBytes *csm_entry_get_meta (const CsmEntry *self);
GBytes *csm_entry_get_body (const CsmEntry *self);
/* From the meta; NULL or 0 when it is withheld. */
CsmTime csm_entry_get_time (const CsmEntry *self);
const char *csm_entry_get_kind (const CsmEntry *self);
const CsmId *csm_entry_get_subject (const CsmEntry *self);
const CsmDigest *csm_entry_get_replaces (const CsmEntry *self, int *ret_n);
/* (nullable): the body as an object, "nonce" included. */
const json_t *csm_entry_get_content (const CsmEntry *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmEntry, csm_entry_unref)
