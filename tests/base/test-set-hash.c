/* test-set-hash.c: sums over sets
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-set-hash.h"

#include <glib.h>
#include <string.h>

static void
add_all (CsmSetHash *hash, const char *const *texts)
{
  for (int i = 0; texts[i] != NULL; i++)
    csm_set_hash_add (hash, texts[i], strlen (texts[i]));
}

static bool
equal (const char *const *a, const char *const *b)
{
  CsmSetHash x, y;

  csm_set_hash_init (&x);
  csm_set_hash_init_like (&y, &x);
  add_all (&x, a);
  add_all (&y, b);
  return csm_set_hash_equal (&x, &y);
}

#define SET(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_order_does_not_count (void)
{
  g_assert_true (equal (SET ("a", "b", "", "b"), SET ("b", "", "b", "a")));
}

static void
test_members_and_repeats_count (void)
{
  g_assert_false (equal (SET ("a", "b"), SET ("a", "c")));
  g_assert_false (equal (SET ("a", "b"), SET ("ab")));
  g_assert_false (equal (SET ("a", "a"), SET ("a")));
  g_assert_false (equal (SET ("a", "a"), SET ("b", "b")));
  g_assert_false (equal (SET (""), SET (NULL)));
}

static void
test_keys_differ (void)
{
  CsmSetHash a, b;

  csm_set_hash_init (&a);
  csm_set_hash_init (&b);
  csm_set_hash_add (&a, "x", 1);
  csm_set_hash_add (&b, "x", 1);
  g_assert_false (csm_set_hash_equal (&a, &b));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/base/set-hash/order-does-not-count", test_order_does_not_count);
  g_test_add_func ("/casement/base/set-hash/members-and-repeats-count",
                   test_members_and_repeats_count);
  g_test_add_func ("/casement/base/set-hash/keys-differ", test_keys_differ);
  return g_test_run ();
}
