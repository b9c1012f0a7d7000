/* fuzz-block.c: any bytes as a WAL binding, a freshness root, a sealed page, a WAL slot
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-freshness.h"
#include "vault/csm-seal.h"

#include <sodium.h>

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const uint8_t file_id[CSM_VAULT_ID_SIZE] = "file 0123456789";
static const uint8_t generation[CSM_GENERATION_SIZE] = "generation 0123";

/* The MAC over the bytes before @offset made right, as if the key were known. */
static void
repair_mac (uint8_t *bytes, size_t offset, const CsmSecret *key)
{
  crypto_generichash (bytes + offset, 32, bytes, offset, csm_secret_peek (key),
                      csm_secret_get_size (key));
}

static void
try_binding (uint8_t *bytes, const CsmSecret *key)
{
  uint8_t again[CSM_BINDING_SIZE];
  CsmBinding binding;
  CsmBinding back;

  g_assert_false (csm_binding_decode (bytes, file_id, key, &binding));
  memcpy (bytes + 32, file_id, sizeof file_id);
  repair_mac (bytes, 4064, key);
  if (!csm_binding_decode (bytes, file_id, key, &binding))
    return;
  g_assert_cmpint (binding.state, >=, CSM_WAL_CLEAN);
  g_assert_cmpint (binding.state, <=, CSM_WAL_LIVE);
  csm_binding_encode (&binding, file_id, key, again);
  g_assert_true (csm_binding_decode (again, file_id, key, &back));
  g_assert_cmpuint (back.seq, ==, binding.seq);
}

static void
try_root (uint8_t *bytes, const CsmSecret *key)
{
  uint8_t again[CSM_ROOT_SIZE];
  CsmRoot root;
  CsmRoot back;

  g_assert_false (csm_root_decode (bytes, file_id, key, &root));
  memcpy (bytes + 16, file_id, sizeof file_id);
  memset (bytes + 4080, 0, 16);
  repair_mac (bytes, 4048, key);
  if (!csm_root_decode (bytes, file_id, key, &root))
    return;
  g_assert_cmpuint (root.seq, >=, 1);
  g_assert_cmpuint (root.n_pages, <=, UINT32_MAX);
  csm_root_encode (&root, file_id, key, again);
  g_assert_true (csm_root_decode (again, file_id, key, &back));
  g_assert_true (csm_root_equal_content (&root, &back));
}

/* Sealed bytes never open but as they were sealed. */
static void
try_page (const uint8_t *bytes, const CsmSecret *key)
{
  uint8_t sealed[CSM_PAGE_SIZE];
  uint8_t page[CSM_PAGE_SIZE];

  g_assert_false (csm_page_open (page, bytes, 3, file_id, key));
  csm_page_seal (sealed, bytes, 3, file_id, key);
  g_assert_true (csm_page_open (page, sealed, 3, file_id, key));
  g_assert_cmpint (memcmp (page, bytes, CSM_PAGE_SIZE - CSM_PAGE_RESERVE), ==, 0);
  g_assert_false (csm_page_open (page, sealed, 4, file_id, key));
  sealed[bytes[0] * 16 + bytes[1] % 16] ^= (uint8_t) (1 + bytes[2] % 255);
  g_assert_false (csm_page_open (page, sealed, 3, file_id, key));
}

static void
try_slot (const uint8_t *bytes, const CsmSecret *key)
{
  uint8_t plain[CSM_WAL_FRAME_SIZE] = { 0 };
  uint8_t sealed[CSM_WAL_SLOT_SIZE];
  uint8_t back[CSM_WAL_FRAME_SIZE];
  uint64_t mark;

  g_assert_false (csm_wal_slot_open (back, &mark, bytes, 3, generation, file_id, key));
  memcpy (plain, bytes, CSM_WAL_FRAME_SIZE - CSM_PAGE_RESERVE);
  csm_wal_slot_seal (sealed, plain, 3, 2, generation, file_id, key);
  g_assert_true (csm_wal_slot_open (back, &mark, sealed, 3, generation, file_id, key));
  g_assert_cmpmem (back, sizeof back, plain, sizeof plain);
  g_assert_cmpuint (mark, ==, 2);
  g_assert_false (csm_wal_slot_open (back, &mark, sealed, 4, generation, file_id, key));
  sealed[bytes[0] * 16 + bytes[1] % 16] ^= (uint8_t) (1 + bytes[2] % 255);
  g_assert_false (csm_wal_slot_open (back, &mark, sealed, 3, generation, file_id, key));
}

/* The first byte says which. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static CsmSecret *key;
  uint8_t block[4096] = { 0 };

  if (key == NULL)
    key = csm_secret_new (CSM_KEY_SIZE);
  if (size < 1)
    return 0;
  memcpy (block, data + 1, MIN (size - 1, sizeof block));
  switch (data[0] % 4)
    {
    case 0:
      try_binding (block, key);
      break;
    case 1:
      try_root (block, key);
      break;
    case 2:
      try_page (block, key);
      break;
    default:
      try_slot (block, key);
    }
  return 0;
}
