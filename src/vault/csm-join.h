/* csm-join.h: join requests: how a colleague far away asks for a key slot
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"
#include "vault/csm-vault.h"

/* The format is in FORMAT.md, section 2.6. The secret halves in it are sealed under the
 * colleague's own passphrase: whoever reads the file on its way can guess at that passphrase,
 * and whoever replaces it gives another fingerprint. */

#define CSM_JOIN_MAX_SIZE 4096
#define CSM_JOIN_MAX_NAME 256 /* bytes */
#define CSM_JOIN_SECRET_SIZE 72
#define CSM_JOIN_SEED_SIZE 80
/* 26 characters of Crockford's base32, and NUL. */
#define CSM_JOIN_FINGERPRINT_SIZE 27

/* Hostile until its fingerprint was compared by voice; its form was checked. */
typedef struct
{
  char *name;
  bool reader; /* no signing key: signing_key and seed are zero */
  uint8_t public_key[32];
  uint8_t salt[16];
  CsmVaultCost cost;
  uint8_t secret[CSM_JOIN_SECRET_SIZE];
  uint8_t signing_key[32];
  uint8_t seed[CSM_JOIN_SEED_SIZE];
  char fingerprint[CSM_JOIN_FINGERPRINT_SIZE];
} CsmJoinRequest;

/* (transfer full) (nullable): the file's bytes for somebody called @name with a passphrase of
 * their own; key pairs are made here and are nowhere else. @cost as in csm_vault_create().
 * Blocking: one derivation. */
GBytes *csm_join_request_make (const char *name,
                               bool reader,
                               const CsmSecret *passphrase,
                               const CsmVaultCost *cost,
                               GError **error);
/* (transfer full) (nullable): _REQUEST when it breaks the format's rules in any way. */
CsmJoinRequest *csm_join_request_parse (GBytes *bytes, GError **error);
/* (transfer full) (nullable): from a file, of which no more is read than a request may have. */
CsmJoinRequest *csm_join_request_load (const char *path, GError **error);
void csm_join_request_free (CsmJoinRequest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmJoinRequest, csm_join_request_free)
