/* csm-set-hash.c: a sum over a set of byte strings, whatever their order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-set-hash.h"

#include <sodium.h>

#include <assert.h>
#include <string.h>

static_assert (sizeof ((CsmSetHash *) NULL)->key == crypto_shorthash_siphashx24_KEYBYTES,
               "key");
static_assert (sizeof ((CsmSetHash *) NULL)->sum == crypto_shorthash_siphashx24_BYTES, "sum");

void
csm_set_hash_init (CsmSetHash *self)
{
  memset (self, 0, sizeof *self);
  randombytes_buf (self->key, sizeof self->key);
}

void
csm_set_hash_init_like (CsmSetHash *self, const CsmSetHash *other)
{
  memset (self, 0, sizeof *self);
  memcpy (self->key, other->key, sizeof self->key);
}

void
csm_set_hash_add (CsmSetHash *self, const void *data, size_t size)
{
  uint64_t hash[2];

  crypto_shorthash_siphashx24 ((uint8_t *) hash, data, size, self->key);
  self->sum[0] += hash[0];
  self->sum[1] += hash[1];
  self->n++;
}

bool
csm_set_hash_equal (const CsmSetHash *a, const CsmSetHash *b)
{
  return a->n == b->n && memcmp (a->sum, b->sum, sizeof a->sum) == 0;
}
