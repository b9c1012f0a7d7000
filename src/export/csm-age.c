/* csm-age.c: one encrypted stream that others' programs open (age-encryption.org/v1)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-age.h"

#include "base/csm-error.h"
#include "base/csm-file.h"
#include "export/csm-age-header.h"
#include "export/csm-error.h"

#include <sodium.h>

#include <string.h>

#define SALT_SIZE 16
#define TAG_SIZE crypto_aead_chacha20poly1305_ietf_ABYTES
#define SEALED_SIZE (CSM_AGE_CHUNK_SIZE + TAG_SIZE)

/* age.md, "Payload": eleven bytes of counter, big-endian, and one that marks the last chunk. */
static void
make_nonce (uint64_t counter, bool last, uint8_t ret_nonce[12])
{
  memset (ret_nonce, 0, 12);
  for (int i = 0; i < 8; i++)
    ret_nonce[10 - i] = (uint8_t) (counter >> 8 * i);
  ret_nonce[11] = last ? 1 : 0;
}

/* --- writing --- */

struct _CsmAgeWriter
{
  int fd; /* borrowed */
  CsmSecret *key;
  uint64_t counter;
  uint8_t *text; /* CSM_AGE_CHUNK_SIZE, wiped when freed */
  uint8_t *sealed;
  size_t size; /* of what waits in @text */
};

CsmAgeWriter *
csm_age_writer_new (int fd,
                    const char *const *recipients,
                    const CsmSecret *passphrase,
                    GError **error)
{
  g_return_val_if_fail ((recipients != NULL) != (passphrase != NULL), NULL);
  g_return_val_if_fail (recipients == NULL || recipients[0] != NULL, NULL);

  g_autoptr (CsmSecret) file_key = csm_secret_new_random (CSM_AGE_FILE_KEY_SIZE);
  g_autoptr (GBytes) header = csm_age_header_write (file_key, recipients, passphrase, error);
  g_autoptr (CsmAgeWriter) self = NULL;
  uint8_t salt[SALT_SIZE];

  if (header == NULL)
    return NULL;
  randombytes_buf (salt, sizeof salt);
  if (!csm_fd_write_all (fd, g_bytes_get_data (header, NULL), g_bytes_get_size (header),
                         error) ||
      !csm_fd_write_all (fd, salt, sizeof salt, error))
    return NULL;
  self = g_new0 (CsmAgeWriter, 1);
  self->fd = fd;
  self->key = csm_age_derive (file_key, salt, sizeof salt, "payload");
  self->text = g_malloc (CSM_AGE_CHUNK_SIZE);
  self->sealed = g_malloc (SEALED_SIZE);
  return g_steal_pointer (&self);
}

static gboolean
write_chunk (CsmAgeWriter *self, bool last, GError **error)
{
  uint8_t nonce[12];
  unsigned long long size;

  make_nonce (self->counter++, last, nonce);
  (void) crypto_aead_chacha20poly1305_ietf_encrypt (self->sealed, &size, self->text, self->size,
                                                    NULL, 0, NULL, nonce,
                                                    csm_secret_peek (self->key)); /* is 0 */
  self->size = 0;
  return csm_fd_write_all (self->fd, self->sealed, (size_t) size, error);
}

gboolean
csm_age_writer_append (CsmAgeWriter *self, const void *data, size_t size, GError **error)
{
  const uint8_t *bytes = data;

  while (size > 0)
    {
      size_t n;

      /* A full chunk waits until there is more: the last one is marked. */
      if (self->size == CSM_AGE_CHUNK_SIZE && !write_chunk (self, false, error))
        return FALSE;
      n = MIN (size, CSM_AGE_CHUNK_SIZE - self->size);
      memcpy (self->text + self->size, bytes, n);
      self->size += n;
      bytes += n;
      size -= n;
    }
  return TRUE;
}

gboolean
csm_age_writer_finish (CsmAgeWriter *self, GError **error)
{
  return write_chunk (self, true, error);
}

void
csm_age_writer_free (CsmAgeWriter *self)
{
  if (self == NULL)
    return;
  csm_secret_unref (self->key);
  sodium_memzero (self->text, CSM_AGE_CHUNK_SIZE);
  g_free (self->text);
  g_free (self->sealed);
  g_free (self);
}

/* --- reading --- */

struct _CsmAgeReader
{
  CsmByteSource *source;
  CsmSecret *key;
  int64_t offset;
  int64_t n_chunks, chunk;
  int64_t size;
  uint8_t *text; /* CSM_AGE_CHUNK_SIZE, wiped when freed */
  uint8_t *sealed;
};

static gboolean
fail_damaged (GError **error)
{
  g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_DAMAGED,
               "the file is incomplete, or was changed after it was made; ask for it again");
  return FALSE;
}

/* All of @size bytes: a file that shrinks meanwhile is an incomplete one. */
static gboolean
read_all (CsmByteSource *source, int64_t offset, void *buffer, size_t size, GError **error)
{
  const ssize_t n = csm_byte_source_read_at (source, offset, buffer, size, error);

  if (n < 0)
    return FALSE;
  return (size_t) n == size ? TRUE : fail_damaged (error);
}

/* How the rest of the file divides into chunks. */
static gboolean
count_chunks (CsmAgeReader *self, GError **error)
{
  const int64_t rest = csm_byte_source_get_size (self->source) - self->offset;

  self->n_chunks = (rest + (int64_t) SEALED_SIZE - 1) / (int64_t) SEALED_SIZE;
  if (rest < (int64_t) TAG_SIZE)
    return fail_damaged (error);
  self->size = rest - self->n_chunks * (int64_t) TAG_SIZE;
  /* Only a file without content has a chunk without any. */
  if (self->size <= (self->n_chunks - 1) * CSM_AGE_CHUNK_SIZE && self->n_chunks > 1)
    return fail_damaged (error);
  return TRUE;
}

CsmAgeReader *
csm_age_reader_new (CsmByteSource *source,
                    const CsmSecret *identity,
                    const CsmSecret *passphrase,
                    GError **error)
{
  g_return_val_if_fail ((identity != NULL) != (passphrase != NULL), NULL);

  const int64_t file_size = csm_byte_source_get_size (source);
  const size_t begin_size = (size_t) MIN (file_size, CSM_AGE_MAX_HEADER);
  g_autofree uint8_t *begin = g_malloc (begin_size + 1);
  g_autoptr (CsmAgeReader) self = g_new0 (CsmAgeReader, 1);
  g_autoptr (CsmSecret) file_key = NULL;
  uint8_t salt[SALT_SIZE];
  size_t header_size;

  self->source = csm_byte_source_ref (source);
  self->text = g_malloc0 (CSM_AGE_CHUNK_SIZE);
  self->sealed = g_malloc (SEALED_SIZE);
  if (!read_all (source, 0, begin, begin_size, error) ||
      (file_key = csm_age_header_read (begin, begin_size, identity, passphrase, &header_size,
                                       error)) == NULL ||
      !read_all (source, (int64_t) header_size, salt, sizeof salt, error))
    return NULL;
  self->offset = (int64_t) (header_size + sizeof salt);
  self->key = csm_age_derive (file_key, salt, sizeof salt, "payload");
  return count_chunks (self, error) ? g_steal_pointer (&self) : NULL;
}

int64_t
csm_age_reader_get_size (const CsmAgeReader *self)
{
  return self->size;
}

gboolean
csm_age_reader_read (CsmAgeReader *self,
                     const uint8_t **ret_data,
                     size_t *ret_size,
                     GError **error)
{
  const bool last = self->chunk == self->n_chunks - 1;
  const int64_t rest = csm_byte_source_get_size (self->source) - self->offset;
  const size_t sealed = (size_t) MIN (rest, (int64_t) SEALED_SIZE);
  uint8_t nonce[12];
  unsigned long long size;

  if (self->chunk == self->n_chunks)
    {
      *ret_size = 0;
      return TRUE;
    }
  if (!read_all (self->source, self->offset, self->sealed, sealed, error))
    return FALSE;
  make_nonce ((uint64_t) self->chunk, last, nonce);
  if (crypto_aead_chacha20poly1305_ietf_decrypt (self->text, &size, NULL, self->sealed, sealed,
                                                 NULL, 0, nonce,
                                                 csm_secret_peek (self->key)) != 0)
    return fail_damaged (error);
  self->offset += (int64_t) sealed;
  self->chunk++;
  *ret_data = self->text;
  *ret_size = (size_t) size;
  return TRUE;
}

void
csm_age_reader_free (CsmAgeReader *self)
{
  if (self == NULL)
    return;
  csm_byte_source_unref (self->source);
  csm_secret_unref (self->key);
  sodium_memzero (self->text, CSM_AGE_CHUNK_SIZE);
  g_free (self->text);
  g_free (self->sealed);
  g_free (self);
}
