/* csm-aead.c: XChaCha20-Poly1305 for what is large
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-aead.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <string.h>

#define LARGEST (1 << 30)

G_STATIC_ASSERT (CSM_AEAD_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
G_STATIC_ASSERT (CSM_AEAD_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
G_STATIC_ASSERT (CSM_AEAD_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES);

/* As in csm-hash.c: no configuration from outside, and fetched once. */
static const EVP_CIPHER *
get_cipher (void)
{
  static gsize once;
  static EVP_CIPHER *cipher;

  if (g_once_init_enter (&once))
    {
      OPENSSL_init_crypto (OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
      cipher = EVP_CIPHER_fetch (NULL, "ChaCha20-Poly1305", NULL);
      if (cipher == NULL)
        g_error ("libcrypto has no ChaCha20-Poly1305");
      g_once_init_leave (&once, 1);
    }
  return cipher;
}

/* (transfer full): the first 16 bytes of the nonce go into the key, the last 8 into the
 * cipher's nonce. Freeing it wipes the key. */
static EVP_CIPHER_CTX *
start (bool seals, const uint8_t *nonce, const uint8_t *key)
{
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  uint8_t message_key[CSM_AEAD_KEY_SIZE];
  uint8_t message_nonce[12] = { 0 };

  crypto_core_hchacha20 (message_key, nonce, key, NULL);
  memcpy (message_nonce + 4, nonce + 16, 8);
  if (context == NULL ||
      !EVP_CipherInit_ex2 (context, get_cipher (), message_key, message_nonce, seals, NULL))
    g_error ("ChaCha20-Poly1305 did not start");
  sodium_memzero (message_key, sizeof message_key);
  return context;
}

static void
run (EVP_CIPHER_CTX *context,
     uint8_t *ret_text,
     const uint8_t *text,
     size_t size,
     const uint8_t *ad,
     size_t ad_size)
{
  int n;

  g_assert (size <= LARGEST && ad_size <= LARGEST);
  if (!EVP_CipherUpdate (context, NULL, &n, ad, (int) ad_size) ||
      !EVP_CipherUpdate (context, ret_text, &n, text, (int) size) || n != (int) size)
    g_error ("ChaCha20-Poly1305 failed");
}

void
csm_aead_seal (uint8_t *ret_text,
               uint8_t ret_tag[CSM_AEAD_TAG_SIZE],
               const uint8_t *text,
               size_t size,
               const uint8_t *ad,
               size_t ad_size,
               const uint8_t nonce[CSM_AEAD_NONCE_SIZE],
               const uint8_t key[CSM_AEAD_KEY_SIZE])
{
  EVP_CIPHER_CTX *context = start (true, nonce, key);
  int n;

  run (context, ret_text, text, size, ad, ad_size);
  if (!EVP_CipherFinal_ex (context, ret_text + size, &n) ||
      EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, CSM_AEAD_TAG_SIZE, ret_tag) != 1)
    g_error ("ChaCha20-Poly1305 failed");
  EVP_CIPHER_CTX_free (context);
}

bool
csm_aead_open (uint8_t *ret_text,
               const uint8_t *text,
               size_t size,
               const uint8_t tag[CSM_AEAD_TAG_SIZE],
               const uint8_t *ad,
               size_t ad_size,
               const uint8_t nonce[CSM_AEAD_NONCE_SIZE],
               const uint8_t key[CSM_AEAD_KEY_SIZE])
{
  EVP_CIPHER_CTX *context = start (false, nonce, key);
  bool is_authentic;
  int n;

  if (EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, CSM_AEAD_TAG_SIZE, (void *) tag) !=
      1)
    g_error ("ChaCha20-Poly1305 failed");
  run (context, ret_text, text, size, ad, ad_size);
  is_authentic = EVP_CipherFinal_ex (context, ret_text + size, &n) == 1;
  EVP_CIPHER_CTX_free (context);
  if (is_authentic)
    return true;
  /* The text was made before its tag was looked at. */
  sodium_memzero (ret_text, size);
  ERR_clear_error ();
  return false;
}
