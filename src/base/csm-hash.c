/* csm-hash.c: SHA-256 and SHA-512 (FIPS 180-4, by libcrypto) and lower-case hex
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string.h>

struct _CsmHasher
{
  EVP_MD_CTX *context;
  bool sha512;
  bool finished;
};

/* The digest must not depend on an openssl.cnf that lies outside of us, so the configuration is
 * not loaded; fetched once, because a fetch takes locks. */
static const EVP_MD *
get_digest (bool sha512)
{
  static gsize once;
  static EVP_MD *digests[2];

  if (g_once_init_enter (&once))
    {
      OPENSSL_init_crypto (OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
      digests[0] = EVP_MD_fetch (NULL, "SHA2-256", NULL);
      digests[1] = EVP_MD_fetch (NULL, "SHA2-512", NULL);
      if (digests[0] == NULL || digests[1] == NULL)
        g_error ("libcrypto has no SHA-2");
      g_once_init_leave (&once, 1);
    }
  return digests[sha512];
}

void
csm_sha256 (const void *data, size_t size, CsmDigest *ret_digest)
{
  g_return_if_fail ((data != NULL || size == 0) && ret_digest != NULL);

  g_autoptr (CsmHasher) hasher = csm_hasher_new ();

  csm_hasher_update (hasher, data, size);
  csm_hasher_finish (hasher, ret_digest);
}

void
csm_sha512 (const void *data, size_t size, CsmDigest512 *ret_digest)
{
  g_return_if_fail ((data != NULL || size == 0) && ret_digest != NULL);

  g_autoptr (CsmHasher) hasher = csm_hasher_new_sha512 ();

  csm_hasher_update (hasher, data, size);
  csm_hasher_finish_sha512 (hasher, ret_digest);
}

bool
csm_digest_equal (const CsmDigest *a, const CsmDigest *b)
{
  return memcmp (a->bytes, b->bytes, CSM_DIGEST_SIZE) == 0;
}

static void
write_hex (const uint8_t *bytes, size_t size, char *hex)
{
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < size; i++)
    {
      hex[2 * i] = digits[bytes[i] >> 4];
      hex[2 * i + 1] = digits[bytes[i] & 15];
    }
  hex[2 * size] = '\0';
}

static int
hex_value (char digit)
{
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  return -1;
}

void
csm_digest_to_hex (const CsmDigest *digest, char ret_hex[CSM_DIGEST_HEX_SIZE])
{
  write_hex (digest->bytes, CSM_DIGEST_SIZE, ret_hex);
}

bool
csm_digest_from_hex (const char *hex, CsmDigest *ret_digest)
{
  return csm_hex_decode (hex, ret_digest->bytes, CSM_DIGEST_SIZE);
}

char *
csm_hex_encode (const void *data, size_t size)
{
  char *hex = g_malloc (2 * size + 1);

  write_hex (data, size, hex);
  return hex;
}

bool
csm_hex_decode (const char *hex, void *ret_data, size_t size)
{
  uint8_t *bytes = ret_data;

  if (hex == NULL)
    return false;
  /* Checked whole before the first byte is written; stops at an early NUL. */
  for (size_t i = 0; i < 2 * size; i++)
    if (hex_value (hex[i]) < 0)
      return false;
  if (hex[2 * size] != '\0')
    return false;
  for (size_t i = 0; i < size; i++)
    bytes[i] = (uint8_t) (hex_value (hex[2 * i]) << 4 | hex_value (hex[2 * i + 1]));
  return true;
}

static CsmHasher *
new_hasher (bool sha512)
{
  CsmHasher *self = g_new0 (CsmHasher, 1);

  self->sha512 = sha512;
  self->context = EVP_MD_CTX_new ();
  if (self->context == NULL || !EVP_DigestInit_ex2 (self->context, get_digest (sha512), NULL))
    g_error ("SHA-2 did not start");
  return self;
}

CsmHasher *
csm_hasher_new (void)
{
  return new_hasher (false);
}

CsmHasher *
csm_hasher_new_sha512 (void)
{
  return new_hasher (true);
}

void
csm_hasher_update (CsmHasher *self, const void *data, size_t size)
{
  g_return_if_fail (self != NULL && !self->finished && (data != NULL || size == 0));

  if (size > 0 && !EVP_DigestUpdate (self->context, data, size))
    g_error ("SHA-2 failed");
}

static void
finish (CsmHasher *self, uint8_t *digest)
{
  self->finished = true;
  if (!EVP_DigestFinal_ex (self->context, digest, NULL))
    g_error ("SHA-2 failed");
}

void
csm_hasher_finish (CsmHasher *self, CsmDigest *ret_digest)
{
  g_return_if_fail (self != NULL && !self->finished && !self->sha512 && ret_digest != NULL);

  finish (self, ret_digest->bytes);
}

void
csm_hasher_finish_sha512 (CsmHasher *self, CsmDigest512 *ret_digest)
{
  g_return_if_fail (self != NULL && !self->finished && self->sha512 && ret_digest != NULL);

  finish (self, ret_digest->bytes);
}

void
csm_hasher_free (CsmHasher *self)
{
  if (self == NULL)
    return;
  EVP_MD_CTX_free (self->context);
  g_free (self);
}
