/* csm-bech32.c: keys as text (BIP 173)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bech32.h"

#include <glib.h>
#include <sodium.h>

#include <string.h>

#define CHECKSUM_LENGTH 6
#define DATA_LENGTH 52 /* 32 bytes in groups of five bits, with four bits of zero */

/* BIP 173, "Checksum". */
static uint32_t
step (uint32_t checksum, uint8_t value)
{
  static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3 };
  const uint32_t top = checksum >> 25;

  checksum = (checksum & 0x1ffffff) << 5 ^ value;
  for (int i = 0; i < 5; i++)
    if (top >> i & 1)
      checksum ^= generator[i];
  return checksum;
}

static uint32_t
begin (const char *hrp)
{
  uint32_t checksum = 1;

  for (const char *p = hrp; *p != '\0'; p++)
    checksum = step (checksum, (uint8_t) *p >> 5);
  checksum = step (checksum, 0);
  for (const char *p = hrp; *p != '\0'; p++)
    checksum = step (checksum, (uint8_t) *p & 31);
  return checksum;
}

/* The value of a character, -1 for what is none. */
static int
value_of (char c)
{
  static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const char *found = c != '\0' ? strchr (alphabet, g_ascii_tolower (c)) : NULL;

  return found != NULL ? (int) (found - alphabet) : -1;
}

static bool
has_one_case (const char *text, size_t length)
{
  bool upper = false, lower = false;

  for (size_t i = 0; i < length; i++)
    {
      upper |= g_ascii_isupper (text[i]);
      lower |= g_ascii_islower (text[i]);
    }
  return !(upper && lower);
}

/* The characters after the "1". */
static bool
read_values (const char *text, uint32_t checksum, uint8_t *ret_bytes)
{
  uint32_t bits = 0;
  int n_bits = 0;
  size_t n_bytes = 0;

  for (int i = 0; i < DATA_LENGTH + CHECKSUM_LENGTH; i++)
    {
      const int value = value_of (text[i]);

      if (value < 0)
        return false;
      checksum = step (checksum, (uint8_t) value);
      if (i >= DATA_LENGTH)
        continue;
      bits = (bits << 5 | (uint32_t) value) & 0xfff;
      n_bits += 5;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          ret_bytes[n_bytes++] = (uint8_t) (bits >> n_bits);
        }
      if (i == DATA_LENGTH - 1 && (bits & ((1u << n_bits) - 1)) != 0)
        return false;
    }
  return checksum == 1;
}

bool
csm_bech32_decode (const char *text, size_t length, const char *hrp, uint8_t ret_bytes[32])
{
  const size_t prefix = strlen (hrp);

  memset (ret_bytes, 0, 32);
  if (length != prefix + 1 + DATA_LENGTH + CHECKSUM_LENGTH || !has_one_case (text, length) ||
      g_ascii_strncasecmp (text, hrp, prefix) != 0 || text[prefix] != '1')
    return false;
  if (read_values (text + prefix + 1, begin (hrp), ret_bytes))
    return true;
  sodium_memzero (ret_bytes, 32);
  return false;
}
