/* csm-hash-thread.h: SHA-256 or SHA-512 over a stream, on a thread of its own
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"

/* CsmHashThread: a hasher that works on one piece of the stream while its caller does something
 * else with the same bytes: reads of them, seals and writes them.
 *
 * Ownership  csm_hash_thread_free() waits and ends the thread; takes NULL.
 * Threads    one caller at a time. */
typedef struct _CsmHashThread CsmHashThread;

CsmHashThread *csm_hash_thread_new (void);
CsmHashThread *csm_hash_thread_new_sha512 (void);
/* @data stays where and what it is until csm_hash_thread_wait(). One piece at a time. */
void csm_hash_thread_begin (CsmHashThread *self, const void *data, size_t size);
void csm_hash_thread_wait (CsmHashThread *self);
/* Once, when nothing is under way; it can only be freed afterwards. */
void csm_hash_thread_finish (CsmHashThread *self, CsmDigest *ret_digest);
void csm_hash_thread_finish_sha512 (CsmHashThread *self, CsmDigest512 *ret_digest);
void csm_hash_thread_free (CsmHashThread *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmHashThread, csm_hash_thread_free)
