/* fuzz-header.c: any bytes as a copy of the case file's header
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-header.h"

#include <sodium.h>

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What was accepted can be asked for memory and time, and is written as it was read. */
static void
assert_sound (const CsmHeader *header, const CsmSecret *key)
{
  uint8_t again[CSM_HEADER_SIZE], once_more[CSM_HEADER_SIZE];
  CsmHeader back;

  g_assert_cmpuint (header->cost.memory, <=, (uint64_t) 2 << 30);
  g_assert_cmpuint (header->cost.operations, >=, 1);
  g_assert_cmpuint (header->least_minor, <=, CSM_FORMAT_MINOR);
  csm_header_encode (header, key, again);
  g_assert_cmpint (csm_header_examine (again), ==, CSM_COPY_WHOLE);
  g_assert_true (csm_header_has_mac (again, key));
  memset (&back, 0, sizeof back);
  csm_header_decode (again, &back);
  csm_header_encode (&back, key, once_more);
  g_assert_cmpmem (again, sizeof again, once_more, sizeof once_more);
  g_assert_cmpuint (back.seq, ==, header->seq);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static CsmSecret *key;
  uint8_t copy[CSM_HEADER_SIZE] = { 0 };
  g_autoptr (GError) error = NULL;
  CsmHeader header;

  if (key == NULL)
    key = csm_secret_new (CSM_KEY_SIZE);
  if (size > 0)
    memcpy (copy, data, MIN (size, sizeof copy));
  (void) csm_header_has_mac (copy, key); /* nobody can guess it */
  /* The checksum needs no key: whoever forges a header makes it right. */
  crypto_generichash (copy + 4080, 16, copy, 4080, NULL, 0);
  if (csm_header_examine (copy) != CSM_COPY_WHOLE)
    return 0;
  memset (&header, 0, sizeof header);
  csm_header_decode (copy, &header);
  if (csm_header_check (&header, &error))
    {
      assert_sound (&header, key);
      for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
        {
          g_autoptr (CsmSecret) secret = csm_slot_open (&header.slots[i], &header, key);
          g_autoptr (CsmSecret) data_key =
              csm_slot_open_data_key (&header.slots[i], &header, key);

          g_assert_true (secret == NULL && data_key == NULL);
        }
    }
  else
    g_assert_true (error->domain == CSM_VAULT_ERROR);
  return 0;
}
