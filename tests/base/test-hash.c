/* test-hash.c: SHA-256 and SHA-512 against their standard's vectors, and hex
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash-thread.h"

#include <string.h>

static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static void
assert_digest (const CsmDigest *digest, const char *hex)
{
  char text[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (digest, text);
  g_assert_cmpstr (text, ==, hex);
}

static void
test_vectors (void)
{
  CsmDigest digest;

  csm_sha256 ("", 0, &digest);
  assert_digest (&digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  csm_sha256 (NULL, 0, &digest);
  assert_digest (&digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  csm_sha256 ("abc", 3, &digest);
  assert_digest (&digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  csm_sha256 (two_blocks, strlen (two_blocks), &digest);
  assert_digest (&digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void
test_million (void)
{
  g_autoptr (CsmHasher) hasher = csm_hasher_new ();
  char block[1000];
  CsmDigest digest;

  memset (block, 'a', sizeof block);
  for (int i = 0; i < 1000; i++)
    csm_hasher_update (hasher, block, sizeof block);
  csm_hasher_finish (hasher, &digest);
  assert_digest (&digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void
test_any_split (void)
{
  CsmDigest whole;

  csm_sha256 (two_blocks, strlen (two_blocks), &whole);
  for (size_t i = 0; i <= strlen (two_blocks); i++)
    {
      g_autoptr (CsmHasher) hasher = csm_hasher_new ();
      CsmDigest digest;

      csm_hasher_update (hasher, two_blocks, i);
      csm_hasher_update (hasher, two_blocks + i, strlen (two_blocks) - i);
      csm_hasher_finish (hasher, &digest);
      g_assert_true (csm_digest_equal (&digest, &whole));
    }
  csm_hasher_free (NULL);
}

static void
test_equal (void)
{
  CsmDigest a, b;

  csm_sha256 ("abc", 3, &a);
  for (int i = 0; i < CSM_DIGEST_SIZE; i++)
    {
      b = a;
      g_assert_true (csm_digest_equal (&a, &b));
      b.bytes[i] ^= 0x80;
      g_assert_false (csm_digest_equal (&a, &b));
    }
}

static void
test_hex_both_ways (void)
{
  uint8_t bytes[256], again[256];

  for (int i = 0; i < 256; i++)
    bytes[i] = (uint8_t) i;

  g_autofree char *hex = csm_hex_encode (bytes, sizeof bytes);
  g_autofree char *empty = csm_hex_encode (bytes, 0);

  g_assert_cmpuint (strlen (hex), ==, 512);
  g_assert_true (g_str_has_prefix (hex, "000102030405060708090a0b0c0d0e0f10"));
  g_assert_true (g_str_has_suffix (hex, "fdfeff"));
  g_assert_true (csm_hex_decode (hex, again, sizeof again));
  g_assert_cmpmem (bytes, sizeof bytes, again, sizeof again);
  g_assert_cmpstr (empty, ==, "");
  g_assert_true (csm_hex_decode ("", again, 0));
}

static void
test_hex_refuses (void)
{
  static const char *const wrong[] = {
    NULL,   "",     "0",    "012",  "01234", "012 ", "0g23",
    "01AB", "0x01", "-123", "/123", ":123",  "`123",
  };
  uint8_t bytes[2] = { 1, 2 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_false (csm_hex_decode (wrong[i], bytes, sizeof bytes));
      g_assert_cmpuint (bytes[0], ==, 1);
      g_assert_cmpuint (bytes[1], ==, 2);
    }
  g_assert_true (csm_hex_decode ("beef", bytes, sizeof bytes));
}

static void
test_digest_from_hex (void)
{
  const char *hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CsmDigest digest;

  g_assert_true (csm_digest_from_hex (hex, &digest));
  assert_digest (&digest, hex);
  g_assert_false (csm_digest_from_hex (hex + 1, &digest));
  g_assert_false (csm_digest_from_hex (NULL, &digest));
}

/* Pieces of any size, in order; and one that is given up while it is under way. */
static void
test_on_a_thread (void)
{
  g_autofree uint8_t *data = g_malloc (1000000);
  CsmDigest expected, digest;

  for (size_t i = 0; i < 1000000; i++)
    data[i] = (uint8_t) (i * i >> 7);
  for (size_t piece = 1; piece < 1000000; piece = piece * 7 + 13)
    {
      g_autoptr (CsmHashThread) hash = csm_hash_thread_new ();
      const size_t most = MIN (1000000, piece * 5000);

      for (size_t at = 0; at < most; at += piece)
        {
          csm_hash_thread_begin (hash, data + at, MIN (piece, most - at));
          csm_hash_thread_wait (hash);
        }
      csm_hash_thread_finish (hash, &digest);
      csm_sha256 (data, most, &expected);
      g_assert_cmpmem (&digest, sizeof digest, &expected, sizeof expected);
    }
  {
    CsmHashThread *hash = csm_hash_thread_new ();

    csm_hash_thread_begin (hash, data, 1000000);
    csm_hash_thread_free (hash);
  }
  csm_hash_thread_free (NULL);
}

static void
test_sha512 (void)
{
  static const char *const expected =
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
  g_autoptr (CsmHasher) hasher = csm_hasher_new_sha512 ();
  g_autoptr (CsmHashThread) thread = csm_hash_thread_new_sha512 ();
  g_autofree char *hex = NULL;
  CsmDigest512 whole, pieces, other;

  csm_sha512 ("abc", 3, &whole);
  hex = csm_hex_encode (whole.bytes, sizeof whole.bytes);
  g_assert_cmpstr (hex, ==, expected);
  csm_hasher_update (hasher, "a", 1);
  csm_hasher_update (hasher, "bc", 2);
  csm_hasher_finish_sha512 (hasher, &pieces);
  g_assert_cmpmem (&pieces, sizeof pieces, &whole, sizeof whole);
  csm_hash_thread_begin (thread, "abc", 3);
  csm_hash_thread_finish_sha512 (thread, &other);
  g_assert_cmpmem (&other, sizeof other, &whole, sizeof whole);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/hash/fips-180-4", test_vectors);
  g_test_add_func ("/casement/base/hash/million-times-a", test_million);
  g_test_add_func ("/casement/base/hash/any-split", test_any_split);
  g_test_add_func ("/casement/base/hash/equal-sees-each-byte", test_equal);
  g_test_add_func ("/casement/base/hash/hex-both-ways", test_hex_both_ways);
  g_test_add_func ("/casement/base/hash/hex-refuses", test_hex_refuses);
  g_test_add_func ("/casement/base/hash/digest-from-hex", test_digest_from_hex);
  g_test_add_func ("/casement/base/hash/on-a-thread", test_on_a_thread);
  g_test_add_func ("/casement/base/hash/sha-512", test_sha512);
  return g_test_run ();
}
