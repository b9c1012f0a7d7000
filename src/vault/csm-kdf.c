/* csm-kdf.c: Argon2id within bounds, and the sub-keys of the data key
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-kdf.h"

#include "vault/csm-fail.h"
#include "vault/csm-passphrase.h"

#include <sodium.h>
#include <string.h>

#define MIB ((uint64_t) 1 << 20)
#define MAX_MEMORY (2048 * MIB)
/* Operations times memory: what a forged header can make us do, about half a minute. */
#define MAX_WORK (8192 * MIB)

gboolean
csm_kdf_check_cost (const CsmVaultCost *cost, GError **error)
{
  if (cost->operations < crypto_pwhash_OPSLIMIT_MIN ||
      cost->memory < crypto_pwhash_MEMLIMIT_MIN)
    return csm_vault_fail (error, CSM_VAULT_ERROR_WEAK_COST,
                           "check the key derivation: its cost is below the least possible; "
                           "use another copy of the case");
  if (cost->memory > MAX_MEMORY || cost->operations > MAX_WORK / cost->memory)
    return csm_vault_fail (error, CSM_VAULT_ERROR_WEAK_COST,
                           "check the key derivation: its cost is higher than any case asks "
                           "for, so the header may be forged; use another copy of the case");
  return TRUE;
}

bool
csm_kdf_spend (uint64_t *spent, const CsmVaultCost *cost)
{
  if (!csm_kdf_check_cost (cost, NULL) || cost->memory * cost->operations > MAX_WORK - *spent)
    return false;
  *spent += cost->memory * cost->operations;
  return true;
}

static gboolean
derive (uint8_t *key,
        const CsmSecret *normal,
        const uint8_t salt[CSM_SALT_SIZE],
        const CsmVaultCost *cost)
{
  return crypto_pwhash (key, CSM_KEY_SIZE, (const char *) csm_secret_peek (normal),
                        csm_secret_get_size (normal), salt, cost->operations,
                        (size_t) cost->memory, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

void
csm_kdf_calibrate (CsmVaultCost *ret_cost)
{
  static const uint8_t salt[CSM_SALT_SIZE];
  const CsmVaultCost least = { crypto_pwhash_OPSLIMIT_INTERACTIVE,
                               crypto_pwhash_MEMLIMIT_INTERACTIVE };
  g_autoptr (CsmSecret) key = csm_secret_new (CSM_KEY_SIZE);
  const gint64 start = g_get_monotonic_time ();
  uint64_t factor;

  *ret_cost = least;
  if (!derive (csm_secret_data (key), key, salt, &least))
    return;
  /* How many times the least cost fit into a second: memory first, since it is what makes
   * guessing dear, then operations. */
  factor = G_USEC_PER_SEC / (uint64_t) MAX (g_get_monotonic_time () - start, 1);
  while (factor >= 2 && ret_cost->memory < 4 * least.memory)
    {
      ret_cost->memory *= 2;
      factor /= 2;
    }
  ret_cost->operations *= CLAMP (factor, 1, 4);
}

CsmSecret *
csm_kdf_from_passphrase (const CsmSecret *passphrase,
                         const uint8_t salt[CSM_SALT_SIZE],
                         const CsmVaultCost *cost,
                         GError **error)
{
  g_autoptr (CsmSecret) normal = csm_passphrase_normalise (passphrase);
  g_autoptr (CsmSecret) key = NULL;

  if (!csm_kdf_check_cost (cost, error))
    return NULL;
  if (normal == NULL)
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_WRONG_PASSPHRASE,
                      "derive the key: the passphrase is empty; type it");
      return NULL;
    }
  key = csm_secret_new (CSM_KEY_SIZE);
  if (!derive (csm_secret_data (key), normal, salt, cost))
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_IO,
                      "derive the key: %" G_GUINT64_FORMAT " MiB of memory are needed and not "
                      "free; close other programs and try again",
                      cost->memory / MIB);
      return NULL;
    }
  return g_steal_pointer (&key);
}

CsmSecret *
csm_kdf_from_recovery (const CsmSecret *code, const uint8_t salt[CSM_SALT_SIZE])
{
  static const char label[] = "casement-recovery-v1";
  CsmSecret *key = csm_secret_new (CSM_KEY_SIZE);
  crypto_generichash_state state;

  crypto_generichash_init (&state, csm_secret_peek (code), csm_secret_get_size (code),
                           CSM_KEY_SIZE);
  crypto_generichash_update (&state, (const uint8_t *) label, strlen (label));
  crypto_generichash_update (&state, salt, CSM_SALT_SIZE);
  crypto_generichash_final (&state, csm_secret_data (key), CSM_KEY_SIZE);
  sodium_memzero (&state, sizeof state);
  return key;
}

CsmSecret *
csm_kdf_sub_key (const CsmSecret *data_key, uint64_t id)
{
  CsmSecret *key = csm_secret_new (CSM_KEY_SIZE);

  G_STATIC_ASSERT (crypto_kdf_KEYBYTES == CSM_KEY_SIZE);
  crypto_kdf_derive_from_key (csm_secret_data (key), CSM_KEY_SIZE, id, "csmtvlt1",
                              csm_secret_peek (data_key));
  return key;
}
