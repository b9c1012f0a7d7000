/* test-small-picture.c: what is no small picture is refused, whatever it says of itself
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"

#include <string.h>

static const uint8_t pixels[3 * 12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 11, 12, 13, 14 };

/* 2 x 3, its rows 12 bytes apart. */
static GByteArray *
make (void)
{
  return g_bytes_unref_to_array (csm_small_picture_new (2, 3, pixels, 12));
}

static bool
check (GByteArray *array)
{
  g_autoptr (GBytes) bytes = g_bytes_new (array->data, array->len);
  int width = 0, height = 0;

  return csm_small_picture_check (bytes, &width, &height);
}

static void
comes_back (void)
{
  g_autoptr (GBytes) bytes = csm_small_picture_new (2, 3, pixels, 12);
  g_autoptr (GBytes) rows = csm_small_picture_dup_pixels (bytes);
  int width = 0, height = 0;

  g_assert_true (csm_small_picture_check (bytes, &width, &height));
  g_assert_cmpint (width, ==, 2);
  g_assert_cmpint (height, ==, 3);
  g_assert_cmpmem ((const uint8_t *) g_bytes_get_data (rows, NULL) + 8, 4, pixels + 12, 4);
}

static void
sides_out_of_bounds_are_refused (void)
{
  static const uint32_t sides[][2] = {
    { 0, 3 },          { 2, 0 },          { 321, 3 },        { 2, 241 },
    { 0x80000002, 3 }, { 2, 0x80000003 }, { 0xffffffff, 3 }, { 0x40000000, 4 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_autoptr (GByteArray) array = make ();
      uint32_t little[2] = { GUINT32_TO_LE (sides[i][0]), GUINT32_TO_LE (sides[i][1]) };

      memcpy (array->data + 8, little, sizeof little);
      g_assert_false (check (array));
    }
  g_assert_null (csm_small_picture_new (321, 1, pixels, 4 * 321));
  g_assert_null (csm_small_picture_new (1, 241, pixels, 4));
  g_assert_null (csm_small_picture_new (-1, 1, pixels, 4));
}

static void
other_sizes_are_refused (void)
{
  g_autoptr (GByteArray) array = make ();

  g_byte_array_append (array, pixels, 1);
  g_assert_false (check (array));
  for (; array->len > 0; g_byte_array_set_size (array, array->len - 1))
    g_assert_cmpint (check (array), ==, array->len == 16 + 24);
  g_assert_false (csm_small_picture_check (NULL, NULL, NULL));
}

static void
an_image_file_is_refused (void)
{
  g_autoptr (GByteArray) array = make ();

  memcpy (array->data, "\x89PNG\r\n\x1a\n", 8);
  g_assert_false (check (array));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/small-picture/comes-back", comes_back);
  g_test_add_func ("/casement/base/small-picture/sides-out-of-bounds-are-refused",
                   sides_out_of_bounds_are_refused);
  g_test_add_func ("/casement/base/small-picture/other-sizes-are-refused",
                   other_sizes_are_refused);
  g_test_add_func ("/casement/base/small-picture/an-image-file-is-refused",
                   an_image_file_is_refused);
  return g_test_run ();
}
