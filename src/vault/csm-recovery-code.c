/* csm-recovery-code.c: 160 bits that can be written on paper and typed again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-passphrase.h"

#include <sodium.h>
#include <string.h>

#define CHECK_SIZE 5
#define N_CHARS 40 /* 5 bits each: the code and its check */
#define GROUP 5

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* @with_check has room for code and check; its first CSM_RECOVERY_SIZE bytes are the code. */
static void
compute_check (const uint8_t *code, uint8_t ret_check[CHECK_SIZE])
{
  uint8_t digest[crypto_generichash_BYTES_MIN];

  crypto_generichash (digest, sizeof digest, code, CSM_RECOVERY_SIZE, NULL, 0);
  memcpy (ret_check, digest, CHECK_SIZE);
  sodium_memzero (digest, sizeof digest);
}

CsmSecret *
csm_recovery_format (const CsmSecret *code)
{
  g_autoptr (CsmSecret) all = csm_secret_new (CSM_RECOVERY_SIZE + CHECK_SIZE);
  CsmSecret *text = csm_secret_new (CSM_RECOVERY_TEXT_SIZE);
  uint8_t *bytes = csm_secret_data (all);
  char *to = (char *) csm_secret_data (text);

  g_assert (csm_secret_get_size (code) == CSM_RECOVERY_SIZE);
  memcpy (bytes, csm_secret_peek (code), CSM_RECOVERY_SIZE);
  compute_check (bytes, bytes + CSM_RECOVERY_SIZE);
  for (int i = 0; i < N_CHARS; i++)
    {
      int value = 0;

      for (int bit = i * 5; bit < i * 5 + 5; bit++)
        value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
      if (i > 0 && i % GROUP == 0)
        *to++ = '-';
      *to++ = alphabet[value];
    }
  return text;
}

/* -1: no such character; -2: to be skipped. */
static int
char_value (char c)
{
  const char *found;

  if (c == '-' || g_ascii_isspace (c))
    return -2;
  c = g_ascii_toupper (c);
  if (c == 'O')
    c = '0';
  if (c == 'I' || c == 'L')
    c = '1';
  found = c != '\0' ? strchr (alphabet, c) : NULL;
  return found != NULL ? (int) (found - alphabet) : -1;
}

CsmSecret *
csm_recovery_parse (const CsmSecret *text)
{
  const char *from = (const char *) csm_secret_peek (text);
  const size_t size = strnlen (from, csm_secret_get_size (text));
  g_autoptr (CsmSecret) all = csm_secret_new (CSM_RECOVERY_SIZE + CHECK_SIZE + CHECK_SIZE);
  uint8_t *bytes = csm_secret_data (all);
  int n = 0;

  for (size_t i = 0; i < size; i++)
    {
      const int value = char_value (from[i]);

      if (value == -2)
        continue;
      if (value < 0 || n == N_CHARS)
        return NULL;
      for (int bit = 0; bit < 5; bit++)
        if (value >> (4 - bit) & 1)
          bytes[(n * 5 + bit) / 8] |= (uint8_t) (0x80 >> (n * 5 + bit) % 8);
      n++;
    }
  if (n != N_CHARS)
    return NULL;
  compute_check (bytes, bytes + CSM_RECOVERY_SIZE + CHECK_SIZE);
  if (sodium_memcmp (bytes + CSM_RECOVERY_SIZE, bytes + CSM_RECOVERY_SIZE + CHECK_SIZE,
                     CHECK_SIZE) != 0)
    return NULL;
  return csm_secret_new_from (bytes, CSM_RECOVERY_SIZE);
}
