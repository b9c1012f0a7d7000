/* test-fuzz.c: replays seeded bytes through a fuzz target
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-header.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A header that passes, for what stands behind it. */
static void
put_header (GByteArray *bytes)
{
  static const CsmVaultCost cost = { 1, 8192 };
  g_autoptr (CsmSecret) key = csm_secret_new (CSM_KEY_SIZE);
  uint8_t copy[CSM_HEADER_SIZE];
  CsmHeader header;

  csm_header_init (&header, &cost);
  csm_header_encode (&header, key, copy);
  g_byte_array_append (bytes, copy, sizeof copy);
}

/* Mostly zeros: lengths and counts are then near what is allowed. */
static void
put_noise (GRand *random, GByteArray *bytes)
{
  const guint size = (guint) g_rand_int_range (random, 0, 4200);
  const int density = g_rand_int_range (random, 1, 200);

  g_byte_array_set_size (bytes, size);
  if (size > 0)
    memset (bytes->data, 0, size);
  for (guint i = 0; i < size; i++)
    if (i < 6 || g_rand_int_range (random, 0, density) == 0)
      bytes->data[i] = (uint8_t) g_rand_int (random);
}

static void
test_mutated (gconstpointer data)
{
  const int rounds = GPOINTER_TO_INT (data);
  const guint32 seed = g_test_rand_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  g_test_message ("seed %u", seed);
  for (int round = 0; round < rounds; round++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      if (round % 2 == 0)
        put_header (bytes);
      else
        put_noise (random, bytes);
      for (int n = g_rand_int_range (random, 0, 8); n > 0 && bytes->len > 0; n--)
        bytes->data[g_rand_int_range (random, 0, (gint32) bytes->len)] =
            (uint8_t) g_rand_int (random);
      if (g_rand_int_range (random, 0, 4) == 0)
        g_byte_array_set_size (bytes, (guint) g_rand_int_range (random, 0, 40));
      g_assert_cmpint (LLVMFuzzerTestOneInput (bytes->data, bytes->len), ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/casement/vault/" CSM_FUZZ_NAME "/mutated",
                        GINT_TO_POINTER (CSM_FUZZ_ROUNDS), test_mutated);
  return g_test_run ();
}
