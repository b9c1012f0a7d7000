/* csm-box.c: bytes sealed to an X25519 public key, with additional data
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-box.h"

#include <sodium.h>
#include <string.h>

#define PUBLIC_SIZE crypto_scalarmult_BYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

/* Each key seals one message: its ephemeral half is made for it. */
static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

/* (transfer full) (nullable): NULL for a public key of small order. */
static CsmSecret *
agree (const uint8_t *secret_key,
       const uint8_t *their_public,
       const uint8_t *ephemeral,
       const uint8_t *public_key)
{
  static const char label[] = "casement-box-v1";
  g_autoptr (CsmSecret) shared = csm_secret_new (PUBLIC_SIZE);
  CsmSecret *key;
  crypto_generichash_state state;

  if (crypto_scalarmult (csm_secret_data (shared), secret_key, their_public) != 0)
    return NULL;
  key = csm_secret_new (crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  crypto_generichash_init (&state, NULL, 0, csm_secret_get_size (key));
  crypto_generichash_update (&state, (const uint8_t *) label, strlen (label));
  crypto_generichash_update (&state, csm_secret_peek (shared), PUBLIC_SIZE);
  crypto_generichash_update (&state, ephemeral, PUBLIC_SIZE);
  crypto_generichash_update (&state, public_key, PUBLIC_SIZE);
  crypto_generichash_final (&state, csm_secret_data (key), csm_secret_get_size (key));
  sodium_memzero (&state, sizeof state);
  return key;
}

void
csm_box_seal (uint8_t *ret_box,
              const uint8_t *data,
              size_t size,
              const uint8_t *public_key,
              const uint8_t *ad,
              size_t ad_size)
{
  g_autoptr (CsmSecret) ephemeral = csm_secret_new_random (crypto_scalarmult_SCALARBYTES);
  g_autoptr (CsmSecret) key = NULL;

  crypto_scalarmult_base (ret_box, csm_secret_peek (ephemeral));
  key = agree (csm_secret_peek (ephemeral), public_key, ret_box, public_key);
  /* Public keys come from slots that authenticated: one of small order is our own mistake. */
  g_assert (key != NULL);
  crypto_aead_xchacha20poly1305_ietf_encrypt (ret_box + PUBLIC_SIZE, NULL, data, size, ad,
                                              ad_size, NULL, nonce, csm_secret_peek (key));
}

CsmSecret *
csm_box_open (const uint8_t *box,
              size_t box_size,
              const uint8_t *public_key,
              const CsmSecret *secret_key,
              const uint8_t *ad,
              size_t ad_size)
{
  g_autoptr (CsmSecret) key = NULL;
  g_autoptr (CsmSecret) data = NULL;

  if (box_size <= CSM_BOX_OVERHEAD)
    return NULL;
  key = agree (csm_secret_peek (secret_key), box, box, public_key);
  if (key == NULL)
    return NULL;
  data = csm_secret_new (box_size - CSM_BOX_OVERHEAD);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (csm_secret_data (data), NULL, NULL,
                                                  box + PUBLIC_SIZE, box_size - PUBLIC_SIZE, ad,
                                                  ad_size, nonce, csm_secret_peek (key)) != 0)
    return NULL;
  G_STATIC_ASSERT (PUBLIC_SIZE + TAG_SIZE == CSM_BOX_OVERHEAD);
  return g_steal_pointer (&data);
}
