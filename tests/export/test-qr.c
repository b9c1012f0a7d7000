/* test-qr.c: QR codes of recovery codes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "export/csm-qr.h"

#include <string.h>

#define CODE "NQKK1-J9QZF-MJAQT-SY37T-ZFTFP-476PV-MEYC1-JB0T0"

static CsmQr *
make (const char *text)
{
  g_autoptr (CsmSecret) secret = csm_secret_new_from (text, strlen (text) + 1);

  return csm_qr_new (secret);
}

/* Seven modules square: a ring and its heart. */
static void
assert_finder (const CsmQr *qr, int left, int top)
{
  for (int y = 0; y < 7; y++)
    for (int x = 0; x < 7; x++)
      {
        const int ring = MIN (MIN (x, y), MIN (6 - x, 6 - y));

        g_assert_cmpint (csm_qr_is_dark (qr, left + x, top + y), ==, ring != 1);
      }
}

static void
test_finders (void)
{
  g_autoptr (CsmQr) qr = make (CODE);
  const int size = csm_qr_get_size (qr);

  g_assert_cmpint (size % 4, ==, 1);
  g_assert_cmpint (size, >=, 21);
  g_assert_cmpint (size, <=, 37);
  assert_finder (qr, 0, 0);
  assert_finder (qr, size - 7, 0);
  assert_finder (qr, 0, size - 7);
}

/* The whole square, which scanners read as CODE. */
static void
test_vector (void)
{
  g_autoptr (CsmQr) qr = make (CODE);
  g_autoptr (GString) bits = g_string_new (NULL);
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmDigest digest;

  for (int y = 0; y < csm_qr_get_size (qr); y++)
    for (int x = 0; x < csm_qr_get_size (qr); x++)
      g_string_append_c (bits, csm_qr_is_dark (qr, x, y) ? '1' : '0');
  csm_sha256 (bits->str, bits->len, &digest);
  csm_digest_to_hex (&digest, hex);
  g_assert_cmpstr (hex, ==, "042488ae539cb1d0a555f8c19d78ceda680a3742ce564b9ce6a588e48d924c26");
}

static void
test_what_follows_a_nul_does_not_count (void)
{
  g_autoptr (CsmSecret) long_one = csm_secret_new_from (CODE "\0rest", sizeof CODE + 5);
  g_autoptr (CsmQr) a = make (CODE);
  g_autoptr (CsmQr) b = csm_qr_new (long_one);

  g_assert_cmpint (csm_qr_get_size (a), ==, csm_qr_get_size (b));
}

static void
test_what_does_not_fit (void)
{
  g_autofree char *text = g_strnfill (4000, 'x');

  g_assert_null (make (text));
  g_assert_null (make (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/export/qr/finders", test_finders);
  g_test_add_func ("/casement/export/qr/vector", test_vector);
  g_test_add_func ("/casement/export/qr/what-follows-a-nul-does-not-count",
                   test_what_follows_a_nul_does_not_count);
  g_test_add_func ("/casement/export/qr/what-does-not-fit", test_what_does_not_fit);
  return g_test_run ();
}
