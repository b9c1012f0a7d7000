/* fuzz-receipt.c: any bytes as a receipt, and as its code
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-receipt.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_receipt (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = csm_receipt_parse (bytes, &error);
  g_autoptr (CsmReceipt) again = NULL;
  int n;
  const CsmDigest *heads;

  if (receipt == NULL)
    {
      g_assert_true (error->domain == CSM_CUSTODY_ERROR);
      return;
    }
  /* What was accepted has one encoding. */
  heads = csm_receipt_get_heads (receipt, &n);
  again = csm_receipt_new (csm_receipt_get_case (receipt), csm_receipt_get_file (receipt),
                           csm_receipt_get_header_seq (receipt),
                           csm_receipt_get_count (receipt), heads, n, NULL);
  g_assert_true (
      g_bytes_equal (csm_receipt_get_bytes (again), csm_receipt_get_bytes (receipt)));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  g_autofree char *text = g_strndup ((const char *) data, size);

  read_receipt (bytes);
  (void) csm_receipt_code_parse (text, code);
  return 0;
}
