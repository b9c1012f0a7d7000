/* test-fuzz-entry.c: replays mutated entries through the fuzz target
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "example.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const seeds[] = {
  EXAMPLE_FIRST_HEADER "\n" EXAMPLE_FIRST_META "\n" EXAMPLE_FIRST_BODY,
  EXAMPLE_HEADER "\n" EXAMPLE_META "\n" EXAMPLE_BODY,
};

/* What breaks parsers: structure, limits, and bytes that are not text. */
static const char *const pieces[] = {
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\"",
  "\\",
  "\\u0000",
  "\\ud800",
  "null",
  "true",
  "0",
  "-",
  "1e9",
  "9007199254740992",
  "18446744073709551616",
  "\xff",
  "\xed\xa0\x80",
  "\n",
  "[]",
  "{}",
  "\"v\":2",
};

static void
mutate (GRand *random, GByteArray *bytes)
{
  const guint at = bytes->len > 0 ? g_rand_int_range (random, 0, bytes->len) : 0;
  const char *piece = pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))];
  const guint rest = bytes->len - at;

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0: /* another byte */
      if (rest > 0)
        bytes->data[at] = (uint8_t) g_rand_int (random);
      break;
    case 1: /* a hole */
      if (rest > 0)
        g_byte_array_remove_range (bytes, at, g_rand_int_range (random, 1, MIN (rest, 40) + 1));
      break;
      case 2: /* a piece in between */
      {
        g_autofree uint8_t *tail = g_memdup2 (bytes->data + at, rest);

        g_byte_array_set_size (bytes, at);
        g_byte_array_append (bytes, (const uint8_t *) piece, strlen (piece));
        g_byte_array_append (bytes, tail, rest);
      }
      break;
    default: /* cut off */
      if (g_rand_int_range (random, 0, 8) == 0)
        g_byte_array_set_size (bytes, at);
    }
}

static void
test_mutated (void)
{
  const guint32 seed = g_test_rand_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  g_test_message ("seed %u", seed);
  for (int round = 0; round < 5000; round++)
    {
      const char *text = seeds[round % G_N_ELEMENTS (seeds)];
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      g_byte_array_append (bytes, (const uint8_t *) text, strlen (text));
      for (int n = g_rand_int_range (random, 0, 4); n > 0; n--)
        mutate (random, bytes);
      g_assert_cmpint (LLVMFuzzerTestOneInput (bytes->data, bytes->len), ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/custody/fuzz-entry/mutated", test_mutated);
  return g_test_run ();
}
