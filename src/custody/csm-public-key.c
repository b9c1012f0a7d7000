/* csm-public-key.c: a public key as openssl reads it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-public-key.h"

#include <string.h>

#define FIRST_LINE "-----BEGIN PUBLIC KEY-----\n"
#define LAST_LINE "\n-----END PUBLIC KEY-----\n"

/* SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }, up to the bytes. */
static const uint8_t prefix[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                  0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
#define SPKI_SIZE (sizeof prefix + CSM_PUBLIC_KEY_SIZE)

GBytes *
csm_public_key_write_pem (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE])
{
  uint8_t spki[SPKI_SIZE];
  g_autofree char *base64 = NULL;
  char *pem;

  memcpy (spki, prefix, sizeof prefix);
  memcpy (spki + sizeof prefix, public_key, CSM_PUBLIC_KEY_SIZE);
  /* 60 characters: one line. */
  base64 = g_base64_encode (spki, sizeof spki);
  pem = g_strconcat (FIRST_LINE, base64, LAST_LINE, NULL);
  return g_bytes_new_take (pem, strlen (pem));
}

gboolean
csm_public_key_parse_pem (GBytes *pem,
                          uint8_t ret_public_key[CSM_PUBLIC_KEY_SIZE],
                          GError **error)
{
  size_t size;
  const char *data = g_bytes_get_data (pem, &size);
  const size_t first = strlen (FIRST_LINE);
  const size_t last = strlen (LAST_LINE);
  g_autofree char *base64 = NULL;
  g_autofree uint8_t *spki = NULL;
  g_autoptr (GBytes) again = NULL;
  size_t spki_size = 0;

  if (size > first + last && size < 1024)
    {
      base64 = g_strndup (data + first, size - first - last);
      spki = g_base64_decode (base64, &spki_size);
    }
  if (spki_size == SPKI_SIZE)
    again = csm_public_key_write_pem (spki + sizeof prefix);
  if (again == NULL || !g_bytes_equal (again, pem))
    {
      g_set_error_literal (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED,
                           "this is no Ed25519 public key in PEM");
      return FALSE;
    }
  memcpy (ret_public_key, spki + sizeof prefix, CSM_PUBLIC_KEY_SIZE);
  return TRUE;
}
