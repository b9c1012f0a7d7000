/* csm-hash.h: SHA-256 and SHA-512 (FIPS 180-4, by libcrypto) and lower-case hex
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define CSM_DIGEST_SIZE 32
#define CSM_DIGEST_HEX_SIZE 65 /* with the closing NUL */

/* A SHA-256, or any other 32 bytes that identify something. A plain value. */
typedef struct
{
  uint8_t bytes[CSM_DIGEST_SIZE];
} CsmDigest;

/* A SHA-512. A plain value. */
#define CSM_DIGEST512_SIZE 64
#define CSM_DIGEST512_HEX_SIZE 129 /* with the closing NUL */
typedef struct
{
  uint8_t bytes[CSM_DIGEST512_SIZE];
} CsmDigest512;

void csm_sha512 (const void *data, size_t size, CsmDigest512 *ret_digest);
void csm_sha256 (const void *data, size_t size, CsmDigest *ret_digest);
bool csm_digest_equal (const CsmDigest *a, const CsmDigest *b);
/* 64 lower-case hex digits and NUL. */
void csm_digest_to_hex (const CsmDigest *digest, char ret_hex[CSM_DIGEST_HEX_SIZE]);
/* false when @hex is not exactly 64 lower-case hex digits. */
bool csm_digest_from_hex (const char *hex, CsmDigest *ret_digest);

/* (transfer full): lower case. */
char *csm_hex_encode (const void *data, size_t size);
/* false unless @hex is exactly 2 * @size lower-case hex digits; @ret_data untouched then. */
bool csm_hex_decode (const char *hex, void *ret_data, size_t size);

/* CsmHasher: SHA-256, or SHA-512, over a stream. One thread at a time. */
typedef struct _CsmHasher CsmHasher;
CsmHasher *csm_hasher_new (void);
CsmHasher *csm_hasher_new_sha512 (void);
void csm_hasher_update (CsmHasher *self, const void *data, size_t size);
/* Once; the hasher can only be freed afterwards. */
void csm_hasher_finish (CsmHasher *self, CsmDigest *ret_digest);
/* The same for a SHA-512. */
void csm_hasher_finish_sha512 (CsmHasher *self, CsmDigest512 *ret_digest);
void csm_hasher_free (CsmHasher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmHasher, csm_hasher_free)
