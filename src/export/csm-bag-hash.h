/* csm-bag-hash.h: both hashes of a bag's files, in one pass and beside it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "base/csm-hash.h"

typedef struct
{
  CsmDigest sha256;
  CsmDigest512 sha512;
} CsmBagDigests;

void csm_bag_digests (GBytes *bytes, CsmBagDigests *ret_digests);

/* CsmBagHash: SHA-256 and SHA-512, each on its thread, of one stream; see csm-hash-thread.h. */
typedef struct _CsmBagHash CsmBagHash;

CsmBagHash *csm_bag_hash_new (void);
/* @data stays where and what it is until csm_bag_hash_wait(). One piece at a time. */
void csm_bag_hash_begin (CsmBagHash *self, const void *data, size_t size);
void csm_bag_hash_wait (CsmBagHash *self);
/* Once; it can only be freed afterwards. */
void csm_bag_hash_finish (CsmBagHash *self, CsmBagDigests *ret_digests);
/* Takes NULL. */
void csm_bag_hash_free (CsmBagHash *self);

/* Reads all of @source, of a MiB each time, and hands each piece to @piece while it is hashed.
 * FALSE when @piece says so, which has set @error then. */
typedef gboolean (
    *CsmBagPiece) (const void *piece, size_t size, int64_t done, gpointer data, GError **error);
gboolean csm_bag_hash_source (CsmByteSource *source,
                              CsmBagPiece piece,
                              gpointer data,
                              CsmBagDigests *ret_digests,
                              GCancellable *cancellable,
                              GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmBagHash, csm_bag_hash_free)
