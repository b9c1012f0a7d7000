/* csm-seal.c: one sealed page, one sealed WAL slot
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-seal.h"

#include "base/csm-aead.h"
#include "vault/csm-pack.h"

#include <sodium.h>

#define NONCE_SIZE CSM_AEAD_NONCE_SIZE
#define TAG_SIZE CSM_AEAD_TAG_SIZE
#define ID_SIZE CSM_VAULT_ID_SIZE

#define PAGE_KIND 0x01
#define PAGE_PLAIN (CSM_PAGE_SIZE - NONCE_SIZE - TAG_SIZE)
#define PAGE_USED (CSM_PAGE_SIZE - CSM_PAGE_RESERVE)
#define PAGE_AD_SIZE (1 + ID_SIZE + 8)

#define SLOT_KIND 0x02
#define SLOT_NONCE_OFFSET ID_SIZE
#define SLOT_MARK_OFFSET (SLOT_NONCE_OFFSET + NONCE_SIZE)
#define SLOT_TAG_OFFSET (SLOT_MARK_OFFSET + 8)
#define SLOT_TEXT_OFFSET (SLOT_TAG_OFFSET + TAG_SIZE)
#define SLOT_PLAIN (CSM_WAL_SLOT_SIZE - SLOT_TEXT_OFFSET)
#define SLOT_AD_SIZE (1 + ID_SIZE + ID_SIZE + 8 + 8)

G_STATIC_ASSERT (SLOT_PLAIN >= CSM_WAL_FRAME_HEADER_SIZE + PAGE_USED);
G_STATIC_ASSERT (SLOT_PLAIN <= CSM_WAL_FRAME_SIZE);

static void
make_page_ad (uint8_t ad[PAGE_AD_SIZE], uint64_t number, const uint8_t *file_id)
{
  ad[0] = PAGE_KIND;
  memcpy (ad + 1, file_id, ID_SIZE);
  csm_store64 (ad + 1 + ID_SIZE, number);
}

void
csm_page_seal (uint8_t *ret_sealed,
               const uint8_t *page,
               uint64_t number,
               const uint8_t *file_id,
               const CsmSecret *key)
{
  uint8_t ad[PAGE_AD_SIZE];
  uint8_t *nonce = ret_sealed + PAGE_PLAIN;

  make_page_ad (ad, number, file_id);
  memset (ret_sealed, 0, PAGE_PLAIN);
  memcpy (ret_sealed, page, PAGE_USED);
  randombytes_buf (nonce, NONCE_SIZE);
  csm_aead_seal (ret_sealed, nonce + NONCE_SIZE, ret_sealed, PAGE_PLAIN, ad, sizeof ad, nonce,
                 csm_secret_peek (key));
}

bool
csm_page_open (uint8_t *ret_page,
               const uint8_t *sealed,
               uint64_t number,
               const uint8_t *file_id,
               const CsmSecret *key)
{
  uint8_t ad[PAGE_AD_SIZE];
  uint8_t nonce[NONCE_SIZE];
  uint8_t tag[TAG_SIZE];

  make_page_ad (ad, number, file_id);
  /* Copied out, so that a page can be opened in place. */
  memcpy (nonce, sealed + PAGE_PLAIN, NONCE_SIZE);
  memcpy (tag, sealed + PAGE_PLAIN + NONCE_SIZE, TAG_SIZE);
  if (!csm_aead_open (ret_page, sealed, PAGE_PLAIN, tag, ad, sizeof ad, nonce,
                      csm_secret_peek (key)))
    return false;
  memset (ret_page + PAGE_USED, 0, CSM_PAGE_RESERVE);
  return true;
}

static void
make_slot_ad (uint8_t ad[SLOT_AD_SIZE],
              uint64_t number,
              uint64_t mark,
              const uint8_t *generation,
              const uint8_t *file_id)
{
  ad[0] = SLOT_KIND;
  memcpy (ad + 1, file_id, ID_SIZE);
  memcpy (ad + 1 + ID_SIZE, generation, ID_SIZE);
  csm_store64 (ad + 1 + 2 * ID_SIZE, number);
  csm_store64 (ad + 1 + 2 * ID_SIZE + 8, mark);
}

void
csm_wal_slot_seal (uint8_t *ret_sealed,
                   const uint8_t *plain,
                   uint64_t number,
                   uint64_t mark,
                   const uint8_t *generation,
                   const uint8_t *file_id,
                   const CsmSecret *key)
{
  uint8_t ad[SLOT_AD_SIZE];

  make_slot_ad (ad, number, mark, generation, file_id);
  memcpy (ret_sealed, generation, ID_SIZE);
  randombytes_buf (ret_sealed + SLOT_NONCE_OFFSET, NONCE_SIZE);
  csm_store64 (ret_sealed + SLOT_MARK_OFFSET, mark);
  csm_aead_seal (ret_sealed + SLOT_TEXT_OFFSET, ret_sealed + SLOT_TAG_OFFSET, plain, SLOT_PLAIN,
                 ad, sizeof ad, ret_sealed + SLOT_NONCE_OFFSET, csm_secret_peek (key));
}

bool
csm_wal_slot_open (uint8_t *ret_plain,
                   uint64_t *ret_mark,
                   const uint8_t *sealed,
                   uint64_t number,
                   const uint8_t *generation,
                   const uint8_t *file_id,
                   const CsmSecret *key)
{
  const uint64_t mark = csm_load64 (sealed + SLOT_MARK_OFFSET);
  uint8_t ad[SLOT_AD_SIZE];

  if (memcmp (sealed, generation, ID_SIZE) != 0)
    return false;
  make_slot_ad (ad, number, mark, generation, file_id);
  if (!csm_aead_open (ret_plain, sealed + SLOT_TEXT_OFFSET, SLOT_PLAIN,
                      sealed + SLOT_TAG_OFFSET, ad, sizeof ad, sealed + SLOT_NONCE_OFFSET,
                      csm_secret_peek (key)))
    return false;
  memset (ret_plain + SLOT_PLAIN, 0, CSM_WAL_FRAME_SIZE - SLOT_PLAIN);
  *ret_mark = mark;
  return true;
}
