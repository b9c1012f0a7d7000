/* csm-key-words.h: a public key's fingerprint as words, to compare over the phone
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-hash.h"
#include "custody/csm-signer.h"

/* A byte is a word of the PGP word list (P. Juola, P. Zimmermann, "Whole-Word Phonetic
 * Distances and the PGPfone Alphabet", 1996; first used 1995): two syllables at even places,
 * three at odd ones, so that a word that is left out, said twice or swapped is heard. */

/* How many there are: 128 bits. */
#define CSM_KEY_WORDS 16

/* (transfer full): of the first 16 bytes of the SHA-256 of the key's 32: 16 words, a blank
 * between them. Threads: any. */
char *csm_key_words (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE]);
/* Whether @text, as a person wrote it down (any case, blanks, commas, new lines between), is
 * those words. @ret_wrong (may be NULL): the first word that is not, from 1; 0 when all are. */
bool csm_key_words_match (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE],
                          const char *text,
                          int *ret_wrong);
/* false unless @text is 16 words of the list, each at its kind of place. */
bool csm_key_words_parse (const char *text, uint8_t ret_bytes[CSM_KEY_WORDS]);
