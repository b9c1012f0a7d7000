/* csm-passphrase.c: Unicode NFC in guarded memory, which g_utf8_normalize() does not use
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-passphrase.h"

#include <sodium.h>
#include <string.h>

/* The longest canonical decomposition of one character in Unicode is 4; GLib asks for room. */
#define MAX_DECOMPOSED 18

static size_t
text_length (const CsmSecret *text)
{
  return strnlen ((const char *) csm_secret_peek (text), csm_secret_get_size (text));
}

static bool
is_ascii (const uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (bytes[i] >= 0x80)
      return false;
  return true;
}

/* Returns the number of characters put into @wide, which has room for all. */
static size_t
decompose (const char *text, size_t size, gunichar *wide)
{
  size_t n = 0;

  for (const char *p = text; p < text + size; p = g_utf8_next_char (p))
    n += g_unichar_fully_decompose (g_utf8_get_char (p), FALSE, wide + n, MAX_DECOMPOSED);
  g_unicode_canonical_ordering (wide, n);
  return n;
}

/* Composition as in Unicode Standard Annex 15: a character joins the last starter unless one
 * of its own class, or a starter, stands between. */
static size_t
compose (gunichar *wide, size_t size)
{
  size_t n = 0;
  size_t starter = 0;
  bool has_starter = false;
  int last_class = -1; /* right after a starter */

  for (size_t i = 0; i < size; i++)
    {
      const int class = g_unichar_combining_class (wide[i]);
      gunichar joined;

      if (has_starter && last_class < class &&
          g_unichar_compose (wide[starter], wide[i], &joined))
        {
          wide[starter] = joined;
          continue;
        }
      if (class == 0)
        {
          starter = n;
          has_starter = true;
          last_class = -1;
        }
      else
        last_class = class;
      wide[n++] = wide[i];
    }
  return n;
}

CsmSecret *
csm_passphrase_normalise (const CsmSecret *passphrase)
{
  const char *text = (const char *) csm_secret_peek (passphrase);
  const size_t size = text_length (passphrase);
  size_t n_wide;
  size_t n_bytes = 0;

  if (size == 0)
    return NULL;
  if (is_ascii ((const uint8_t *) text, size) || !g_utf8_validate (text, (gssize) size, NULL))
    return csm_secret_new_from (text, size);

  g_autoptr (CsmSecret) wide = csm_secret_new (size * MAX_DECOMPOSED * sizeof (gunichar));
  gunichar *chars = (gunichar *) (void *) csm_secret_data (wide);

  n_wide = compose (chars, decompose (text, size, chars));
  for (size_t i = 0; i < n_wide; i++)
    n_bytes += (size_t) g_unichar_to_utf8 (chars[i], NULL);

  CsmSecret *normal = csm_secret_new (n_bytes);
  char *to = (char *) csm_secret_data (normal);

  for (size_t i = 0; i < n_wide; i++)
    to += g_unichar_to_utf8 (chars[i], to);
  return normal;
}
