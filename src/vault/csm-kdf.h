/* csm-kdf.h: from what a person knows to a key; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"
#include "vault/csm-vault.h"

#define CSM_KEY_SIZE 32
#define CSM_SALT_SIZE 16

/* _WEAK_COST when @cost lies outside what this program accepts. */
gboolean csm_kdf_check_cost (const CsmVaultCost *cost, GError **error);
/* Adds the work of @cost to @spent, which begins with 0; false, with @spent as it was, when
 * @cost is out of bounds or all together would be more than one key may cost. */
bool csm_kdf_spend (uint64_t *spent, const CsmVaultCost *cost);
/* About one second on this computer, at least libsodium's INTERACTIVE. Takes one derivation. */
void csm_kdf_calibrate (CsmVaultCost *ret_cost);

/* (transfer full) (nullable): Argon2id of the normalised passphrase. _WRONG_PASSPHRASE when it
 * is empty, _IO when there is no memory for it. */
CsmSecret *csm_kdf_from_passphrase (const CsmSecret *passphrase,
                                    const uint8_t salt[CSM_SALT_SIZE],
                                    const CsmVaultCost *cost,
                                    GError **error);
/* (transfer full) */
CsmSecret *csm_kdf_from_recovery (const CsmSecret *code, const uint8_t salt[CSM_SALT_SIZE]);
/* (transfer full): sub-key @id of the data key. */
CsmSecret *csm_kdf_sub_key (const CsmSecret *data_key, uint64_t id);
