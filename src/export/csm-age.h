/* csm-age.h: one encrypted stream that others' programs open (age-encryption.org/v1)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "base/csm-secret.h"

/* The format is C2SP's age.md. Native recipients only: X25519, and scrypt for a passphrase,
 * whose bytes are taken as they are, up to a NUL. No armour.
 *
 * Ownership  _free() takes NULL.
 * Threads    one at a time; blocking. scrypt takes about a second and 256 MiB; a file may ask
 *            for 2^22, 4 GiB, and no more.
 * Memory     otherwise two chunks.
 * Errors     CSM_EXPORT_ERROR, CSM_BASE_ERROR. */
typedef struct _CsmAgeWriter CsmAgeWriter;
typedef struct _CsmAgeReader CsmAgeReader;

#define CSM_AGE_CHUNK_SIZE 65536

/* (transfer full) (nullable): writes to @fd, which stays the caller's. Exactly one of
 * @recipients ("age1...", at least one, NULL-terminated) and @passphrase is given. */
CsmAgeWriter *csm_age_writer_new (int fd,
                                  const char *const *recipients,
                                  const CsmSecret *passphrase,
                                  GError **error);
gboolean csm_age_writer_append (CsmAgeWriter *self,
                                const void *data,
                                size_t size,
                                GError **error);
/* Once, at the end: without it the file is a truncated one. */
gboolean csm_age_writer_finish (CsmAgeWriter *self, GError **error);
void csm_age_writer_free (CsmAgeWriter *self);

/* (transfer full) (nullable): reads and checks the header. Exactly one of @identity and
 * @passphrase is given; @identity is the text of an identity file: lines of
 * "AGE-SECRET-KEY-1...", empty lines and comments that begin with "#". */
CsmAgeReader *csm_age_reader_new (CsmByteSource *source,
                                  const CsmSecret *identity,
                                  const CsmSecret *passphrase,
                                  GError **error);
/* Bytes that it holds, if it is whole. */
int64_t csm_age_reader_get_size (const CsmAgeReader *self);
/* The next bytes, which somebody who has the file key wrote there; valid until the next call.
 * @ret_size 0: that was all, and nothing is missing. _DAMAGED says that the rest, and only the
 * rest, is missing or was changed. */
gboolean csm_age_reader_read (CsmAgeReader *self,
                              const uint8_t **ret_data,
                              size_t *ret_size,
                              GError **error);
void csm_age_reader_free (CsmAgeReader *self);

/* Whether @text is a native recipient, "age1...". */
bool csm_age_is_recipient (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmAgeWriter, csm_age_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmAgeReader, csm_age_reader_free)
