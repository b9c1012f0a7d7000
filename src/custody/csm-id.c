/* csm-id.c: random names of cases, chains and things
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-entry.h"

#include <sodium.h>

#include <string.h>

CsmId
csm_id_new (void)
{
  uint8_t bytes[CSM_ID_SIZE];
  CsmId id;

  if (sodium_init () < 0)
    g_error ("no random generator");
  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2hex (id.hex, sizeof id.hex, bytes, sizeof bytes);
  return id;
}

bool
csm_id_parse (const char *hex, CsmId *ret_id)
{
  uint8_t bytes[CSM_ID_SIZE];

  if (!csm_hex_decode (hex, bytes, sizeof bytes))
    return false;
  memcpy (ret_id->hex, hex, CSM_ID_HEX_SIZE);
  return true;
}
