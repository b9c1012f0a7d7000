/* fuzz-join.c: any bytes as a join request
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-join.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What was accepted has all that FORMAT.md promises. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmJoinRequest) request = csm_join_request_parse (bytes, &error);

  if (request == NULL)
    {
      g_assert_true (error->domain == CSM_VAULT_ERROR);
      return 0;
    }
  g_assert_cmpuint (size, <=, CSM_JOIN_MAX_SIZE);
  g_assert_true (g_utf8_validate (request->name, -1, NULL));
  g_assert_cmpuint (strlen (request->name), >, 0);
  g_assert_cmpuint (strlen (request->name), <=, CSM_JOIN_MAX_NAME);
  g_assert_cmpuint (request->cost.memory, <=, G_GUINT64_CONSTANT (1) << 31);
  g_assert_cmpuint (request->cost.operations, >=, 1);
  g_assert_cmpuint (strspn (request->fingerprint, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), ==,
                    CSM_JOIN_FINGERPRINT_SIZE - 1);
  return 0;
}
