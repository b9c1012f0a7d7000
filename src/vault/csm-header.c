/* csm-header.c: a header copy as bytes and as values
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-header.h"

#include "vault/csm-fail.h"
#include "vault/csm-pack.h"

#include <sodium.h>

#define MAGIC_SIZE 12
#define CIPHER_XCHACHA 1
#define FLAG_WAL_ONLY 1
#define SLOTS_OFFSET 128
#define SLOT_SIZE 240
#define MAC_OFFSET 4048
#define MAC_SIZE 32
#define SUM_OFFSET 4080
#define SUM_SIZE 16

static const uint8_t magic[MAGIC_SIZE] = "CASEMENT\r\n\x1a";

void
csm_header_init (CsmHeader *self, const CsmVaultCost *cost)
{
  memset (self, 0, sizeof *self);
  self->major = CSM_FORMAT_MAJOR;
  self->minor = CSM_FORMAT_MINOR;
  self->least_minor = CSM_FORMAT_MINOR;
  self->cipher = CIPHER_XCHACHA;
  self->flags = FLAG_WAL_ONLY;
  self->seq = 1;
  self->page_size = CSM_PAGE_SIZE;
  self->reserve = CSM_PAGE_RESERVE;
  self->cost = *cost;
  randombytes_buf (self->case_id, sizeof self->case_id);
  randombytes_buf (self->file_id, sizeof self->file_id);
  randombytes_buf (self->salt, sizeof self->salt);
}

static void
encode_slot (const CsmSlot *slot, uint8_t *to)
{
  to[0] = slot->type;
  memcpy (to + 8, slot->id, sizeof slot->id);
  csm_store64 (to + 24, (uint64_t) slot->created);
  memcpy (to + 32, slot->public_key, sizeof slot->public_key);
  memcpy (to + 64, slot->sealed_secret, sizeof slot->sealed_secret);
  memcpy (to + 136, slot->sealed_data_key, sizeof slot->sealed_data_key);
  if (slot->type != CSM_SLOT_JOINING)
    return;
  memcpy (to + 216, slot->join_salt, sizeof slot->join_salt);
  csm_store32 (to + 232, (uint32_t) (slot->join_cost.memory / 1024));
  csm_store32 (to + 236, (uint32_t) slot->join_cost.operations);
}

static void
decode_slot (const uint8_t *from, CsmSlot *ret_slot)
{
  ret_slot->type = from[0];
  memcpy (ret_slot->id, from + 8, sizeof ret_slot->id);
  ret_slot->created = (int64_t) csm_load64 (from + 24);
  memcpy (ret_slot->public_key, from + 32, sizeof ret_slot->public_key);
  memcpy (ret_slot->sealed_secret, from + 64, sizeof ret_slot->sealed_secret);
  memcpy (ret_slot->sealed_data_key, from + 136, sizeof ret_slot->sealed_data_key);
  memcpy (ret_slot->join_salt, from + 216, sizeof ret_slot->join_salt);
  ret_slot->join_cost.memory = (uint64_t) csm_load32 (from + 232) * 1024;
  ret_slot->join_cost.operations = csm_load32 (from + 236);
}

static void
compute_mac (const uint8_t *copy, const CsmSecret *mac_key, uint8_t ret_mac[MAC_SIZE])
{
  crypto_generichash (ret_mac, MAC_SIZE, copy, MAC_OFFSET, csm_secret_peek (mac_key),
                      csm_secret_get_size (mac_key));
}

void
csm_header_encode (const CsmHeader *self,
                   const CsmSecret *mac_key,
                   uint8_t ret_copy[CSM_HEADER_SIZE])
{
  memset (ret_copy, 0, CSM_HEADER_SIZE);
  memcpy (ret_copy, magic, MAGIC_SIZE);
  csm_store16 (ret_copy + 12, self->major);
  csm_store16 (ret_copy + 14, self->minor);
  csm_store16 (ret_copy + 16, self->least_minor);
  csm_store16 (ret_copy + 18, self->cipher);
  csm_store32 (ret_copy + 20, self->flags);
  csm_store64 (ret_copy + 24, self->seq);
  memcpy (ret_copy + 32, self->case_id, sizeof self->case_id);
  memcpy (ret_copy + 48, self->file_id, sizeof self->file_id);
  csm_store32 (ret_copy + 64, self->page_size);
  csm_store32 (ret_copy + 68, self->reserve);
  csm_store64 (ret_copy + 72, self->cost.operations);
  csm_store64 (ret_copy + 80, self->cost.memory);
  memcpy (ret_copy + 88, self->salt, sizeof self->salt);
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    encode_slot (&self->slots[i], ret_copy + SLOTS_OFFSET + i * SLOT_SIZE);
  compute_mac (ret_copy, mac_key, ret_copy + MAC_OFFSET);
  crypto_generichash (ret_copy + SUM_OFFSET, SUM_SIZE, ret_copy, SUM_OFFSET, NULL, 0);
}

CsmCopyState
csm_header_examine (const uint8_t copy[CSM_HEADER_SIZE])
{
  uint8_t sum[SUM_SIZE];

  if (memcmp (copy, magic, MAGIC_SIZE) != 0)
    return CSM_COPY_FOREIGN;
  crypto_generichash (sum, SUM_SIZE, copy, SUM_OFFSET, NULL, 0);
  return memcmp (sum, copy + SUM_OFFSET, SUM_SIZE) == 0 ? CSM_COPY_WHOLE : CSM_COPY_TORN;
}

void
csm_header_decode (const uint8_t copy[CSM_HEADER_SIZE], CsmHeader *ret_header)
{
  ret_header->major = csm_load16 (copy + 12);
  ret_header->minor = csm_load16 (copy + 14);
  ret_header->least_minor = csm_load16 (copy + 16);
  ret_header->cipher = csm_load16 (copy + 18);
  ret_header->flags = csm_load32 (copy + 20);
  ret_header->seq = csm_load64 (copy + 24);
  memcpy (ret_header->case_id, copy + 32, sizeof ret_header->case_id);
  memcpy (ret_header->file_id, copy + 48, sizeof ret_header->file_id);
  ret_header->page_size = csm_load32 (copy + 64);
  ret_header->reserve = csm_load32 (copy + 68);
  ret_header->cost.operations = csm_load64 (copy + 72);
  ret_header->cost.memory = csm_load64 (copy + 80);
  memcpy (ret_header->salt, copy + 88, sizeof ret_header->salt);
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    decode_slot (copy + SLOTS_OFFSET + i * SLOT_SIZE, &ret_header->slots[i]);
}

gboolean
csm_header_check (const CsmHeader *self, GError **error)
{
  if (self->major > CSM_FORMAT_MAJOR || self->least_minor > CSM_FORMAT_MINOR ||
      self->cipher != CIPHER_XCHACHA || self->flags != FLAG_WAL_ONLY)
    return csm_vault_fail (error, CSM_VAULT_ERROR_NEWER,
                           "open the case: it was made by a later version of Casement (format "
                           "%u.%u, this one reads %d.%d); use that version",
                           self->major, self->minor, CSM_FORMAT_MAJOR, CSM_FORMAT_MINOR);
  if (self->major != CSM_FORMAT_MAJOR || self->page_size != CSM_PAGE_SIZE ||
      self->reserve != CSM_PAGE_RESERVE)
    return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                           "open the case: its header breaks the format's own rules; use "
                           "another copy of the case");
  return csm_kdf_check_cost (&self->cost, error);
}

bool
csm_header_has_mac (const uint8_t copy[CSM_HEADER_SIZE], const CsmSecret *mac_key)
{
  uint8_t mac[MAC_SIZE];

  compute_mac (copy, mac_key, mac);
  return sodium_memcmp (mac, copy + MAC_OFFSET, MAC_SIZE) == 0;
}
