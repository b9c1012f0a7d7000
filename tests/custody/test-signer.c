/* test-signer.c: Ed25519 against RFC 8032's vectors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "custody/csm-signer.h"

#include <string.h>

typedef struct
{
  const char *seed;
  const char *public_key;
  const char *message;
  const char *signature;
} Vector;

/* RFC 8032, section 7.1, tests 1 to 3 and "SHA(abc)". */
static const Vector vectors[] = {
  { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
    "f9b46bd25bf5f0595bbe24655141438e7a100b" },
  { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
    "f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
  { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
    "4dc6594a7c15e9716ed28dc027beceea1ec40a" },
  { "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3"
    "feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c664"
    "31e0303dca179c138ac17ad9bef1177331a704" },
};

static CsmSigner *
signer_from_hex (const char *hex)
{
  g_autoptr (CsmSecret) seed = csm_secret_new (CSM_SEED_SIZE);

  g_assert_true (csm_hex_decode (hex, csm_secret_data (seed), CSM_SEED_SIZE));
  return csm_signer_new_from_seed (seed);
}

static void
test_vectors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autoptr (CsmSigner) signer = signer_from_hex (vectors[i].seed);
      g_autofree char *public_key =
          csm_hex_encode (csm_signer_get_public_key (signer), CSM_PUBLIC_KEY_SIZE);
      const size_t size = strlen (vectors[i].message) / 2;
      uint8_t message[64], signature[CSM_SIGNATURE_SIZE];

      g_assert_cmpstr (public_key, ==, vectors[i].public_key);
      g_assert_true (csm_hex_decode (vectors[i].message, message, size));
      csm_signer_sign (signer, message, size, signature);

      g_autofree char *hex = csm_hex_encode (signature, sizeof signature);

      g_assert_cmpstr (hex, ==, vectors[i].signature);
      g_assert_true (
          csm_signature_verify (csm_signer_get_public_key (signer), message, size, signature));
    }
}

static void
test_every_bit (void)
{
  g_autoptr (CsmSigner) signer = signer_from_hex (vectors[2].seed);
  uint8_t message[2] = { 0xaf, 0x82 }, signature[CSM_SIGNATURE_SIZE];
  uint8_t public_key[CSM_PUBLIC_KEY_SIZE];

  memcpy (public_key, csm_signer_get_public_key (signer), sizeof public_key);
  csm_signer_sign (signer, message, sizeof message, signature);

  const struct
  {
    uint8_t *bytes;
    size_t size;
  } parts[] = { { message, sizeof message },
                { signature, sizeof signature },
                { public_key, sizeof public_key } };

  for (gsize part = 0; part < G_N_ELEMENTS (parts); part++)
    for (size_t bit = 0; bit < 8 * parts[part].size; bit++)
      {
        parts[part].bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
        g_assert_false (csm_signature_verify (public_key, message, sizeof message, signature));
        parts[part].bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
      }
  g_assert_true (csm_signature_verify (public_key, message, sizeof message, signature));
  g_assert_false (csm_signature_verify (public_key, message, 1, signature));
}

/* With the key 1 (the neutral element) one signature would fit every message. */
static void
test_small_order_key (void)
{
  const uint8_t public_key[CSM_PUBLIC_KEY_SIZE] = { 1 };
  const uint8_t signature[CSM_SIGNATURE_SIZE] = { 1 };

  g_assert_false (csm_signature_verify (public_key, "a", 1, signature));
}

/* S + L signs the same in the curve's arithmetic; accepted, one entry had many signatures. */
static void
test_signature_not_malleable (void)
{
  static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                     0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                     0,    0,    0,    0,    0,    0,    0,    0,
                                     0,    0,    0,    0,    0,    0,    0,    0x10 };
  g_autoptr (CsmSigner) signer = signer_from_hex (vectors[1].seed);
  uint8_t signature[CSM_SIGNATURE_SIZE];
  unsigned carry = 0;

  csm_signer_sign (signer, "a", 1, signature);
  for (int i = 0; i < 32; i++)
    {
      carry += signature[32 + i] + order[i];
      signature[32 + i] = (uint8_t) carry;
      carry >>= 8;
    }
  g_assert_cmpuint (carry, ==, 0);
  g_assert_false (csm_signature_verify (csm_signer_get_public_key (signer), "a", 1, signature));
}

static void
test_new (void)
{
  g_autoptr (CsmSigner) a = csm_signer_new ();
  g_autoptr (CsmSigner) b = csm_signer_new ();
  g_autoptr (CsmSigner) again = csm_signer_new_from_seed (csm_signer_get_seed (a));

  g_assert_cmpint (memcmp (csm_signer_get_public_key (a), csm_signer_get_public_key (b), 32),
                   !=, 0);
  g_assert_cmpmem (csm_signer_get_public_key (a), 32, csm_signer_get_public_key (again), 32);
  g_assert_cmpuint (csm_secret_get_size (csm_signer_get_seed (a)), ==, CSM_SEED_SIZE);
  csm_signer_free (NULL);
}

static void
test_seed_of_wrong_size (void)
{
  g_autoptr (CsmSecret) shorter = csm_secret_new_random (31);
  g_autoptr (CsmSecret) longer = csm_secret_new_random (64);

  g_assert_null (csm_signer_new_from_seed (shorter));
  g_assert_null (csm_signer_new_from_seed (longer));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/custody/signer/rfc-8032", test_vectors);
  g_test_add_func ("/casement/custody/signer/every-bit-counts", test_every_bit);
  g_test_add_func ("/casement/custody/signer/small-order-key", test_small_order_key);
  g_test_add_func ("/casement/custody/signer/not-malleable", test_signature_not_malleable);
  g_test_add_func ("/casement/custody/signer/new", test_new);
  g_test_add_func ("/casement/custody/signer/seed-of-wrong-size", test_seed_of_wrong_size);
  return g_test_run ();
}
