/* test-fuzz-receipt.c: replays mutated receipts and answers through the fuzz targets
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "receipt-example.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* JSON's limits, and DER's: lengths that are too long, of no end, or in another form. */
static const char *const pieces[] = {
  "{",    "}",    "[",  "]",        ",",        "\"",           "\\u0000",
  "null", "1e9",  "-",  "\"v\":2",  "\xff\xff", "\x30\x80",     "\x30\x84\x7f\xff\xff\xff",
  "\x02", "\x04", "\n", "\xa0\x81", "\x31\x01", "\x18\x01\x5a",
};

static void
mutate (GRand *random, GByteArray *bytes)
{
  const guint at =
      bytes->len > 0 ? (guint) g_rand_int_range (random, 0, (gint32) bytes->len) : 0;
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
        g_byte_array_remove_range (bytes, at,
                                   (guint) g_rand_int_range (random, 1, MIN (rest, 40) + 1));
      break;
    case 2: /* a piece over what was there */
      memcpy (bytes->data + at, piece, MIN (strlen (piece), rest));
      break;
    default: /* cut off */
      if (g_rand_int_range (random, 0, 8) == 0)
        g_byte_array_set_size (bytes, at);
    }
}

/* The kept answers, and a receipt. */
static GBytes *
read_seed (guint n)
{
  static const char *const names[] = { "resp.tsr", "other-token.der", "sha512.tsr" };
  char *bytes;
  gsize size;

  if (n >= G_N_ELEMENTS (names))
    return g_bytes_new_static (EXAMPLE_RECEIPT, strlen (EXAMPLE_RECEIPT));

  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "custody", "data", names[n], NULL);

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  return g_bytes_new_take (bytes, size);
}

static void
test_mutated (void)
{
  const guint32 seed = (guint32) g_test_rand_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  g_test_message ("seed %u", seed);
  for (guint n = 0; n < 4; n++)
    {
      g_autoptr (GBytes) whole = read_seed (n);

      for (int round = 0; round < 1500; round++)
        {
          g_autoptr (GByteArray) bytes = g_byte_array_new ();

          g_byte_array_append (bytes, g_bytes_get_data (whole, NULL),
                               (guint) g_bytes_get_size (whole));
          for (int i = g_rand_int_range (random, 0, 4); i > 0; i--)
            mutate (random, bytes);
          g_assert_cmpint (LLVMFuzzerTestOneInput (bytes->data, bytes->len), ==, 0);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/custody/" CSM_FUZZ_NAME "/mutated", test_mutated);
  return g_test_run ();
}
