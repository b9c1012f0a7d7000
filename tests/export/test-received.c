/* test-received.c: what comes into a case of a bundle is what was checked, or nothing
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle-fixture.h"
#include "export/csm-received-bundle.h"
#include "media/csm-error.h"

#include <string.h>

/* A bundle, and the case of somebody else that takes it in. */
typedef struct
{
  BundleFixture from;
  CaseFixture into;
  CsmReceivedBundle *bundle;
} Received;

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  g_assert_cmpint (kind, !=, CSM_FINDING_BROKEN);
}

static void
set_up (Received *self, gconstpointer data)
{
  g_auto (CsmBundleSummary) summary = { 0 };
  const CsmBundleCheckOptions options = { .ret_summary = &summary };
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (GError) error = NULL;
  bool holds = false;

  bundle_fixture_set_up (&self->from, NULL);
  bundle_fixture_export (&self->from, selection);
  case_fixture_set_up (&self->into, NULL);
  csm_bundle_check (self->from.target, &options, finding_cb, NULL, NULL, &holds, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (holds);
  self->bundle = csm_received_bundle_new (self->from.target, &summary);
}

static void
tear_down (Received *self, gconstpointer data)
{
  csm_received_bundle_free (self->bundle);
  case_fixture_tear_down (&self->into, NULL);
  bundle_fixture_tear_down (&self->from, NULL);
}

static gboolean
add (Received *self, guint number, GError **error)
{
  return csm_received_bundle_add (self->bundle, number, self->into.acase, NULL, NULL, NULL,
                                  NULL, NULL, NULL, error);
}

/* Another bit: the file's size stays what it was. */
static void
change (const char *path)
{
  g_autofree char *text = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  text[size / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, text, (gssize) size, NULL));
}

static int64_t
count_exhibits (Received *self)
{
  return case_fixture_get_int (&self->into, "SELECT count(*) FROM exhibit");
}

static int
count_media (Received *self)
{
  g_autofree char *name =
      g_strndup (self->into.path, strlen (self->into.path) - strlen (".casement"));
  g_autofree char *folder = g_strconcat (name, ".media", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
assert_refused (Received *self, guint number)
{
  const int64_t n_exhibits = count_exhibits (self);
  const int n_media = count_media (self);
  g_autoptr (GError) error = NULL;

  g_assert_false (add (self, number, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, "not the one that was checked"));
  g_assert_cmpint (count_exhibits (self), ==, n_exhibits);
  g_assert_cmpint (count_media (self), ==, n_media);
}

static void
test_what_was_checked_comes_in (Received *self, gconstpointer data)
{
  g_assert_cmpuint (csm_received_bundle_get_n_files (self->bundle), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (add (self, i, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpint (count_exhibits (self), ==, 3);
}

static void
test_a_changed_exhibit_is_refused (Received *self, gconstpointer data)
{
  g_autofree char *path = csm_received_bundle_dup_path (self->bundle, 2);

  change (path);
  assert_refused (self, 2);
  /* Where a file of its size is there already, it is read once before: the same then. */
  g_free (path);
  path = csm_received_bundle_dup_path (self->bundle, 1);
  g_assert_true (add (self, 1, NULL));
  change (path);
  assert_refused (self, 1);
}

/* Hashed or read by the check: of the payload, listed beside it, the signature. */
static void
test_a_changed_file_of_the_chain_is_refused (Received *self, gconstpointer data)
{
  static const char *const names[] = { "data/bundle.json", "data/ledger/headers.jsonl",
                                       "bag-info.txt", "tagmanifest-sha512.txt",
                                       "tagmanifest-sha256.txt.minisig" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->from.target, names[i], NULL);

      change (path);
      assert_refused (self, 0);
      change (path); /* back */
    }
  g_assert_true (add (self, 0, NULL));
}

static void
test_a_file_of_another_size_is_refused (Received *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->from.target, "data", "marks.csv", NULL);

  g_assert_true (g_file_set_contents (path, "short", -1, NULL));
  assert_refused (self, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Received *, gconstpointer);
  } tests[] = {
    { "what-was-checked-comes-in", test_what_was_checked_comes_in },
    { "a-changed-exhibit-is-refused", test_a_changed_exhibit_is_refused },
    { "a-changed-file-of-the-chain-is-refused", test_a_changed_file_of_the_chain_is_refused },
    { "a-file-of-another-size-is-refused", test_a_file_of_another_size_is_refused },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/casement/export/received/", tests[i].name, NULL);

      g_test_add (path, Received, NULL, set_up, tests[i].run, tear_down);
    }
  return g_test_run ();
}
