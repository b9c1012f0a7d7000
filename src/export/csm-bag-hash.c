/* csm-bag-hash.c: both hashes of a bag's files, in one pass and beside it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bag-hash.h"

#include "base/csm-error.h"
#include "base/csm-hash-thread.h"

#define PIECE_SIZE (1024 * 1024)

struct _CsmBagHash
{
  CsmHashThread *sha256;
  CsmHashThread *sha512;
};

void
csm_bag_digests (GBytes *bytes, CsmBagDigests *ret_digests)
{
  size_t size;
  const void *data = g_bytes_get_data (bytes, &size);

  csm_sha256 (data, size, &ret_digests->sha256);
  csm_sha512 (data, size, &ret_digests->sha512);
}

CsmBagHash *
csm_bag_hash_new (void)
{
  CsmBagHash *self = g_new0 (CsmBagHash, 1);

  self->sha256 = csm_hash_thread_new ();
  self->sha512 = csm_hash_thread_new_sha512 ();
  return self;
}

void
csm_bag_hash_begin (CsmBagHash *self, const void *data, size_t size)
{
  csm_hash_thread_begin (self->sha512, data, size);
  csm_hash_thread_begin (self->sha256, data, size);
}

void
csm_bag_hash_wait (CsmBagHash *self)
{
  csm_hash_thread_wait (self->sha256);
  csm_hash_thread_wait (self->sha512);
}

void
csm_bag_hash_finish (CsmBagHash *self, CsmBagDigests *ret_digests)
{
  csm_hash_thread_finish (self->sha256, &ret_digests->sha256);
  csm_hash_thread_finish_sha512 (self->sha512, &ret_digests->sha512);
}

void
csm_bag_hash_free (CsmBagHash *self)
{
  if (self == NULL)
    return;
  csm_hash_thread_free (self->sha256);
  csm_hash_thread_free (self->sha512);
  g_free (self);
}

/* Exactly @size bytes. */
static gboolean
read_piece (CsmByteSource *source, int64_t at, void *piece, size_t size, GError **error)
{
  const ssize_t n = csm_byte_source_read_at (source, at, piece, size, error);

  if (n == (ssize_t) size)
    return TRUE;
  if (n >= 0)
    g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                         "the file ends before its size");
  return FALSE;
}

gboolean
csm_bag_hash_source (CsmByteSource *source,
                     CsmBagPiece piece,
                     gpointer data,
                     CsmBagDigests *ret_digests,
                     GCancellable *cancellable,
                     GError **error)
{
  const int64_t total = csm_byte_source_get_size (source);
  g_autofree uint8_t *first = g_malloc (PIECE_SIZE);
  g_autofree uint8_t *second = g_malloc (PIECE_SIZE);
  /* After the pieces, so that it ends its threads before these go. */
  g_autoptr (CsmBagHash) hash = csm_bag_hash_new ();

  for (int64_t at = 0; at < total; at += PIECE_SIZE)
    {
      /* The hashes still read the other one. */
      uint8_t *now = (at / PIECE_SIZE) % 2 == 0 ? first : second;
      const size_t size = (size_t) MIN (total - at, PIECE_SIZE);

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !read_piece (source, at, now, size, error))
        return FALSE;
      csm_bag_hash_wait (hash);
      csm_bag_hash_begin (hash, now, size);
      if (!piece (now, size, at + (int64_t) size, data, error))
        return FALSE;
    }
  csm_bag_hash_finish (hash, ret_digests);
  return TRUE;
}
