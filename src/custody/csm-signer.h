/* csm-signer.h: a reviewer's Ed25519 key pair
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

#define CSM_PUBLIC_KEY_SIZE 32
#define CSM_SIGNATURE_SIZE 64
#define CSM_SEED_SIZE 32

/* CsmSigner: the secret half lives in guarded memory.
 * Ownership  csm_signer_free() wipes; takes NULL.
 * Threads    signing: any thread. Ed25519 as in RFC 8032, by libsodium. */
typedef struct _CsmSigner CsmSigner;

CsmSigner *csm_signer_new (void);
/* (nullable): NULL unless @seed holds CSM_SEED_SIZE bytes. Refs @seed. */
CsmSigner *csm_signer_new_from_seed (CsmSecret *seed);
void csm_signer_free (CsmSigner *self);
/* Borrowed. */
CsmSecret *csm_signer_get_seed (CsmSigner *self);
const uint8_t *csm_signer_get_public_key (const CsmSigner *self);
void csm_signer_sign (const CsmSigner *self,
                      const void *message,
                      size_t size,
                      uint8_t ret_signature[CSM_SIGNATURE_SIZE]);
bool csm_signature_verify (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE],
                           const void *message,
                           size_t size,
                           const uint8_t signature[CSM_SIGNATURE_SIZE]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSigner, csm_signer_free)
