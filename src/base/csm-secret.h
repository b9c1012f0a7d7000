/* csm-secret.h: bytes that must not be swapped, dumped or left behind
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* CsmSecret: a fixed number of bytes in libsodium's guarded memory (sodium_malloc): locked,
 * left out of core dumps, wiped when the last reference goes.
 *
 * Ownership  reference counted, atomically. csm_secret_unref() takes NULL.
 * Threads    any; the bytes themselves are written by their creator only. */
typedef struct _CsmSecret CsmSecret;

/* (transfer full): @size > 0 zero bytes. Aborts when guarded memory is exhausted. */
CsmSecret *csm_secret_new (size_t size);
/* (transfer full): a copy of @data; the caller wipes its own. */
CsmSecret *csm_secret_new_from (const void *data, size_t size);
/* (transfer full): @size bytes from the system's random generator. */
CsmSecret *csm_secret_new_random (size_t size);
CsmSecret *csm_secret_ref (CsmSecret *self);
void csm_secret_unref (CsmSecret *self);

/* Borrowed; valid while a reference is held. */
const uint8_t *csm_secret_peek (const CsmSecret *self);
/* Borrowed and writable: for the creator, before the secret is shared. */
uint8_t *csm_secret_data (CsmSecret *self);
size_t csm_secret_get_size (const CsmSecret *self);
/* Constant time for equal sizes. */
bool csm_secret_equal (const CsmSecret *a, const CsmSecret *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSecret, csm_secret_unref)

/* Turns off core dumps and ptrace by the same user, for this process, and the signals that
 * would end it where a write only fails. Call once, first in main(), in the app and in every
 * tool. */
void csm_process_harden (void);
