/* csm-set-hash.h: a sum over a set of byte strings, whatever their order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CsmSetHash: two sets (members may repeat) with one key have equal sums when they are equal,
 * and otherwise only by a chance of about 2^-100. For comparing what is too large to hold,
 * within one run: sums do not outlive the key, and nobody who chose the members knew it.
 *
 * Source   AdHASH of Bellare and Micciancio, "A new paradigm for collision-free hashing:
 *          incrementality at reduced cost" (Eurocrypt 1997), over SipHash-2-4-128.
 * Threads  a plain value: one at a time. */
typedef struct
{
  uint8_t key[16];
  uint64_t sum[2];
  uint64_t n;
} CsmSetHash;

/* A fresh random key. */
void csm_set_hash_init (CsmSetHash *self);
/* The empty set, to be compared with sums under @other's key. */
void csm_set_hash_init_like (CsmSetHash *self, const CsmSetHash *other);
void csm_set_hash_add (CsmSetHash *self, const void *data, size_t size);
bool csm_set_hash_equal (const CsmSetHash *a, const CsmSetHash *b);
