/* test-aead.c: the same bytes as libsodium's, and nothing of what is not authentic
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-aead.h"

#include <glib.h>
#include <sodium.h>

#include <string.h>

#define LARGEST 70000

static uint8_t key[CSM_AEAD_KEY_SIZE], nonce[CSM_AEAD_NONCE_SIZE], ad[80];
static uint8_t text[LARGEST], ours[LARGEST], theirs[LARGEST], back[LARGEST];

static void
check_size (size_t size, size_t ad_size)
{
  uint8_t tag[CSM_AEAD_TAG_SIZE], their_tag[CSM_AEAD_TAG_SIZE];

  randombytes_buf (key, sizeof key);
  randombytes_buf (nonce, sizeof nonce);
  randombytes_buf (ad, sizeof ad);
  randombytes_buf (text, size);
  csm_aead_seal (ours, tag, text, size, ad, ad_size, nonce, key);
  crypto_aead_xchacha20poly1305_ietf_encrypt_detached (theirs, their_tag, NULL, text, size, ad,
                                                       ad_size, NULL, nonce, key);
  g_assert_cmpmem (ours, size, theirs, size);
  g_assert_cmpmem (tag, sizeof tag, their_tag, sizeof their_tag);
  g_assert_true (csm_aead_open (back, ours, size, tag, ad, ad_size, nonce, key));
  g_assert_cmpmem (back, size, text, size);

  /* In place. */
  memcpy (back, text, size);
  csm_aead_seal (back, tag, back, size, ad, ad_size, nonce, key);
  g_assert_cmpmem (back, size, theirs, size);
  g_assert_true (csm_aead_open (back, back, size, tag, ad, ad_size, nonce, key));
  g_assert_cmpmem (back, size, text, size);
}

static void
test_same_as_libsodium (void)
{
  static const size_t ad_sizes[] = { 0, 1, 15, 16, 17, 25, 57, 80 };

  for (size_t size = 0; size < 1100; size++)
    check_size (size, ad_sizes[size % G_N_ELEMENTS (ad_sizes)]);
  check_size (4032, 57);
  check_size (4056, 25);
  check_size (65520, 57);
}

static void
assert_refused (uint8_t *byte, size_t size, const uint8_t *tag)
{
  *byte ^= 0x10;
  memset (back, 0xa5, size);
  g_assert_false (csm_aead_open (back, ours, size, tag, ad, sizeof ad, nonce, key));
  g_assert_true (sodium_is_zero (back, size));
  *byte ^= 0x10;
}

static void
test_what_is_changed_is_refused (void)
{
  uint8_t tag[CSM_AEAD_TAG_SIZE];
  const size_t size = 4056;

  randombytes_buf (text, size);
  csm_aead_seal (ours, tag, text, size, ad, sizeof ad, nonce, key);
  for (size_t i = 0; i < size; i += 31)
    assert_refused (&ours[i], size, tag);
  for (size_t i = 0; i < sizeof tag; i++)
    assert_refused (&tag[i], size, tag);
  for (size_t i = 0; i < sizeof ad; i++)
    assert_refused (&ad[i], size, tag);
  for (size_t i = 0; i < sizeof nonce; i++)
    assert_refused (&nonce[i], size, tag);
  for (size_t i = 0; i < sizeof key; i++)
    assert_refused (&key[i], size, tag);
  g_assert_true (csm_aead_open (back, ours, size, tag, ad, sizeof ad, nonce, key));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (sodium_init () < 0)
    g_error ("no random generator");
  g_test_add_func ("/casement/base/aead/same-as-libsodium", test_same_as_libsodium);
  g_test_add_func ("/casement/base/aead/what-is-changed-is-refused",
                   test_what_is_changed_is_refused);
  return g_test_run ();
}
