/* csm-vault-keys.h: who holds a key: adding, taking out, and a new data key
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-join.h"
#include "vault/csm-vault.h"

#include <sqlite3.h>

/* Nothing here needs anybody's passphrase but that of who is added. Each change of slots is one
 * change of the header: crash-safe, with the next sequence number. Errors: CSM_VAULT_ERROR,
 * _SLOTS when no slot is free or the last one would go. */

/* A slot for somebody who types @passphrase here. _EXISTS when it opens a slot already. */
gboolean csm_vault_add_slot (CsmVault *self,
                             const CsmSecret *passphrase,
                             uint8_t ret_slot[CSM_VAULT_ID_SIZE],
                             GError **error);
/* A slot of type CSM_SLOT_JOINING. _EXISTS when the request was taken in before. */
gboolean csm_vault_add_joining (CsmVault *self,
                                const CsmJoinRequest *request,
                                uint8_t ret_slot[CSM_VAULT_ID_SIZE],
                                GError **error);
/* Whoever held it can still read this file with the data key, if they kept that: only
 * csm_vault_rotate() ends it. Refuses when no other slot opens with a passphrase that opened
 * the case before; a recovery code does not count. The own slot may go: close the vault then.
 */
gboolean csm_vault_remove_slot (CsmVault *self, const uint8_t *slot_id, GError **error);

/* (transfer full) (nullable): the seed that a join request brought, sealed to the own slot
 * before it was known which case that belongs to; NULL when @sealed is not one. */
CsmSecret *csm_vault_open_joined (CsmVault *self, GBytes *sealed);

/* Rotating: csm_vault_rotate(), changes in the database of what it returns, closing both
 * databases, csm_vault_replace(). The case is the old file until the rename in the last step,
 * and the new one from then on; before it, closing what csm_vault_rotate() returned takes
 * everything back. */

typedef void (*CsmVaultProgress) (int64_t done, int64_t total, gpointer data);

/* (transfer full) (nullable): a new file beside @self's under a temporary name, with a data key
 * and a file id of its own. Every slot but @without (nullable) is taken over, the new data key
 * sealed to its public key; header sequence and all pages go on. @db is open on @self and has
 * no transaction; its WAL is brought into the file. @progress (nullable) counts pages. */
CsmVault *csm_vault_rotate (CsmVault *self,
                            sqlite3 *db,
                            const uint8_t *without,
                            CsmVaultProgress progress,
                            gpointer data,
                            GCancellable *cancellable,
                            GError **error);
/* Fsync, rename over @old's file, fsync of the folder, both files locked. Call with @old's and
 * @self's databases closed, and close @old afterwards. FALSE with csm_vault_get_path() of both
 * the same: the new file is in its place, but the folder could not be synced. */
gboolean csm_vault_replace (CsmVault *self, CsmVault *old, GError **error);
/* Takes away files under a temporary name that a creation or rotation of this case left behind.
 * @self is open for writing. */
void csm_vault_sweep (CsmVault *self);
