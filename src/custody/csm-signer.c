/* csm-signer.c: a reviewer's Ed25519 key pair
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-signer.h"

#include <sodium.h>

G_STATIC_ASSERT (CSM_PUBLIC_KEY_SIZE == crypto_sign_PUBLICKEYBYTES);
G_STATIC_ASSERT (CSM_SIGNATURE_SIZE == crypto_sign_BYTES);
G_STATIC_ASSERT (CSM_SEED_SIZE == crypto_sign_SEEDBYTES);

struct _CsmSigner
{
  /* Immutable */
  CsmSecret *seed;
  CsmSecret *secret_key; /* libsodium's: the seed and the public key */
  uint8_t public_key[CSM_PUBLIC_KEY_SIZE];
};

CsmSigner *
csm_signer_new (void)
{
  g_autoptr (CsmSecret) seed = csm_secret_new_random (CSM_SEED_SIZE);

  return csm_signer_new_from_seed (seed);
}

CsmSigner *
csm_signer_new_from_seed (CsmSecret *seed)
{
  g_return_val_if_fail (seed != NULL, NULL);

  if (csm_secret_get_size (seed) != CSM_SEED_SIZE)
    return NULL;

  CsmSigner *self = g_new0 (CsmSigner, 1);

  self->seed = csm_secret_ref (seed);
  self->secret_key = csm_secret_new (crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair (self->public_key, csm_secret_data (self->secret_key),
                            csm_secret_peek (seed));
  return self;
}

void
csm_signer_free (CsmSigner *self)
{
  if (self == NULL)
    return;
  csm_secret_unref (self->seed);
  csm_secret_unref (self->secret_key);
  g_free (self);
}

CsmSecret *
csm_signer_get_seed (CsmSigner *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->seed;
}

const uint8_t *
csm_signer_get_public_key (const CsmSigner *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->public_key;
}

void
csm_signer_sign (const CsmSigner *self,
                 const void *message,
                 size_t size,
                 uint8_t ret_signature[CSM_SIGNATURE_SIZE])
{
  g_return_if_fail (self != NULL && (message != NULL || size == 0));

  crypto_sign_detached (ret_signature, NULL, message, size, csm_secret_peek (self->secret_key));
}

bool
csm_signature_verify (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE],
                      const void *message,
                      size_t size,
                      const uint8_t signature[CSM_SIGNATURE_SIZE])
{
  /* A verifier may be the first to use sodium in its process; this picks the CPU's code. */
  if (sodium_init () < 0)
    g_error ("no random generator");
  return crypto_sign_verify_detached (signature, message, size, public_key) == 0;
}
