/* csm-header.h: a header copy and its slots, as bytes and as values; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-kdf.h"
#include "vault/csm-vault.h"

/* The layout and the reasons are in FORMAT.md, section 2. */

#define CSM_FORMAT_MAJOR 1
#define CSM_FORMAT_MINOR 1
#define CSM_HEADER_SIZE 4096
#define CSM_PAGE_SIZE 4096
#define CSM_PAGE_RESERVE 104

#define CSM_HEADER_OFFSET(copy) ((int64_t) 0x1000 * (copy))
#define CSM_BINDING_OFFSET(copy) (0x2000 + (int64_t) 0x1000 * (copy))
#define CSM_ROOT_OFFSET(copy) (0x4000 + (int64_t) 0x1000 * (copy))
#define CSM_RESERVED_OFFSET 0x6000
#define CSM_PAGES_OFFSET 0x8000

#define CSM_SLOT_SEALED_SECRET_SIZE 72
#define CSM_SLOT_SEALED_KEY_SIZE 80

/* None of it is secret. @type 0: empty. */
typedef struct
{
  uint8_t type;
  uint8_t id[CSM_VAULT_ID_SIZE];
  int64_t created;
  uint8_t public_key[CSM_KEY_SIZE];
  uint8_t sealed_secret[CSM_SLOT_SEALED_SECRET_SIZE];
  uint8_t sealed_data_key[CSM_SLOT_SEALED_KEY_SIZE];
  /* CSM_SLOT_JOINING: of the joiner's own passphrase */
  CsmVaultCost join_cost;
  uint8_t join_salt[CSM_SALT_SIZE];
} CsmSlot;

typedef struct
{
  uint16_t major;
  uint16_t minor;
  uint16_t least_minor;
  uint16_t cipher;
  uint32_t flags;
  uint64_t seq;
  uint8_t case_id[CSM_VAULT_ID_SIZE];
  uint8_t file_id[CSM_VAULT_ID_SIZE];
  uint32_t page_size;
  uint32_t reserve;
  CsmVaultCost cost;
  uint8_t salt[CSM_SALT_SIZE];
  CsmSlot slots[CSM_VAULT_MAX_SLOTS];
} CsmHeader;

typedef enum {
  CSM_COPY_FOREIGN, /* no magic */
  CSM_COPY_TORN,    /* the checksum does not hold */
  CSM_COPY_WHOLE,
} CsmCopyState;

/* A new case: ids, salt and the constants; no slot yet. */
void csm_header_init (CsmHeader *self, const CsmVaultCost *cost);
void csm_header_encode (const CsmHeader *self,
                        const CsmSecret *mac_key,
                        uint8_t ret_copy[CSM_HEADER_SIZE]);
CsmCopyState csm_header_examine (const uint8_t copy[CSM_HEADER_SIZE]);
/* Reads the fields of a whole copy; believes none of them. */
void csm_header_decode (const uint8_t copy[CSM_HEADER_SIZE], CsmHeader *ret_header);
/* _NEWER, _DAMAGED, _WEAK_COST. */
gboolean csm_header_check (const CsmHeader *self, GError **error);
bool csm_header_has_mac (const uint8_t copy[CSM_HEADER_SIZE], const CsmSecret *mac_key);

/* Fills an empty slot with a new key pair, sealed under @kek; @ret_secret (transfer full)
 * (nullable) is the pair's secret key. */
void csm_slot_fill (CsmSlot *slot,
                    const CsmHeader *header,
                    CsmSlotType type,
                    const CsmSecret *kek,
                    const CsmSecret *data_key,
                    CsmSecret **ret_secret);
/* Seals @data_key to the slot's public key. */
void csm_slot_seal_data_key (CsmSlot *slot, const CsmHeader *header, const CsmSecret *data_key);
/* Seals the secret key of a filled slot again, under another @kek. @header may be NULL for a
 * joining slot, which knows no case yet. */
void csm_slot_reseal (CsmSlot *slot,
                      const CsmHeader *header,
                      const CsmSecret *kek,
                      const CsmSecret *secret);
/* (transfer full) (nullable): the slot's secret key; NULL when @kek is not its key. */
CsmSecret *csm_slot_open (const CsmSlot *slot, const CsmHeader *header, const CsmSecret *kek);
/* (transfer full) (nullable): NULL when the slot is damaged. */
CsmSecret *csm_slot_open_data_key (const CsmSlot *slot,
                                   const CsmHeader *header,
                                   const CsmSecret *secret);
