/* csm-binding.c: which WAL belongs to the case file, as bytes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-binding.h"

#include "vault/csm-pack.h"

#include <sodium.h>

#define FILE_ID_OFFSET 32
#define MAC_SIZE 32
#define MAC_OFFSET (CSM_BINDING_SIZE - MAC_SIZE)

static void
compute_mac (const uint8_t *bytes, const CsmSecret *mac_key, uint8_t ret_mac[MAC_SIZE])
{
  crypto_generichash (ret_mac, MAC_SIZE, bytes, MAC_OFFSET, csm_secret_peek (mac_key),
                      csm_secret_get_size (mac_key));
}

void
csm_binding_encode (const CsmBinding *self,
                    const uint8_t *file_id,
                    const CsmSecret *mac_key,
                    uint8_t ret_bytes[CSM_BINDING_SIZE])
{
  memset (ret_bytes, 0, CSM_BINDING_SIZE);
  csm_store64 (ret_bytes, self->seq);
  csm_store32 (ret_bytes + 8, (uint32_t) self->state);
  memcpy (ret_bytes + 16, self->generation, CSM_GENERATION_SIZE);
  memcpy (ret_bytes + FILE_ID_OFFSET, file_id, CSM_VAULT_ID_SIZE);
  compute_mac (ret_bytes, mac_key, ret_bytes + MAC_OFFSET);
}

bool
csm_binding_decode (const uint8_t bytes[CSM_BINDING_SIZE],
                    const uint8_t *file_id,
                    const CsmSecret *mac_key,
                    CsmBinding *ret_binding)
{
  uint8_t mac[MAC_SIZE];
  const uint32_t state = csm_load32 (bytes + 8);

  compute_mac (bytes, mac_key, mac);
  if (sodium_memcmp (mac, bytes + MAC_OFFSET, MAC_SIZE) != 0 ||
      memcmp (bytes + FILE_ID_OFFSET, file_id, CSM_VAULT_ID_SIZE) != 0 ||
      state < CSM_WAL_CLEAN || state > CSM_WAL_LIVE)
    return false;
  ret_binding->seq = csm_load64 (bytes);
  ret_binding->state = (CsmWalState) state;
  memcpy (ret_binding->generation, bytes + 16, CSM_GENERATION_SIZE);
  return true;
}
