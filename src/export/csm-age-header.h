/* csm-age-header.h: who can open an age file; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

/* Of C2SP age.md: "File key", "Header", "X25519 recipient stanza", "scrypt recipient stanza".
 */

#define CSM_AGE_FILE_KEY_SIZE 16
#define CSM_AGE_KEY_SIZE 32
/* More than this is no header that we read. */
#define CSM_AGE_MAX_HEADER (256 * 1024)

/* (transfer full): HKDF-SHA-256 (RFC 5869), 32 bytes; @salt and @info are public. */
CsmSecret *csm_age_derive (const CsmSecret *key,
                           const void *salt,
                           size_t salt_size,
                           const char *info);

/* (transfer full) (nullable): the header that lets each of @recipients ("age1...", native
 * ones), or else @passphrase, have @file_key. CSM_BASE_ERROR_INVALID names the recipient that
 * is none, CSM_BASE_ERROR_IO: no memory for scrypt. */
GBytes *csm_age_header_write (const CsmSecret *file_key,
                              const char *const *recipients,
                              const CsmSecret *passphrase,
                              GError **error);
/* (transfer full) (nullable): the file key out of the header that @data begins with. @identity
 * and @passphrase as csm_age_reader_new() has them. CSM_EXPORT_ERROR. */
CsmSecret *csm_age_header_read (const uint8_t *data,
                                size_t size,
                                const CsmSecret *identity,
                                const CsmSecret *passphrase,
                                size_t *ret_header_size,
                                GError **error);
