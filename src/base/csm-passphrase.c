/* csm-passphrase.c: passphrases that hold
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-passphrase.h"

#include <sodium.h>

#define N_WORDS 5
#define N_SYLLABLES 3
#define WORD_SIZE (2 * N_SYLLABLES + 1)

/* 16 consonants by 4 vowels: six bits a syllable. */
static const char consonants[] = "bdfghjklmnprstvz";
static const char vowels[] = "aiou";

CsmSecret *
csm_passphrase_suggest (void)
{
  CsmSecret *secret = csm_secret_new (N_WORDS * WORD_SIZE);
  char *out = (char *) csm_secret_data (secret);

  for (int word = 0; word < N_WORDS; word++)
    {
      for (int syllable = 0; syllable < N_SYLLABLES; syllable++)
        {
          *out++ = consonants[randombytes_uniform (16)];
          *out++ = vowels[randombytes_uniform (4)];
        }
      *out++ = word + 1 < N_WORDS ? ' ' : '\0';
    }
  return secret;
}

bool
csm_passphrase_is_weak (const char *text)
{
  gunichar seen[6];
  unsigned n_seen = 0;
  long length = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p), length++)
    {
      gunichar c = g_utf8_get_char (p);
      bool known = false;

      for (unsigned i = 0; i < n_seen; i++)
        known = known || seen[i] == c;
      if (!known && n_seen < G_N_ELEMENTS (seen))
        seen[n_seen++] = c;
    }
  return length < 12 || n_seen < G_N_ELEMENTS (seen);
}
