/* test-bundle-check.c: bundles of a case with much that stays home hold; any byte changed does
 * not SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle-fixture.h"
#include "export/csm-bundle-check.h"

#include <glib/gstdio.h>

#include <string.h>

typedef struct
{
  GString *broken; /* "where: what\n" */
  GString *notes;
  int64_t n_holds, n_progress;
  GCancellable *cancellable; /* (nullable): at the first progress */
} Found;

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  Found *found = data;

  if (kind == CSM_FINDING_HOLDS)
    found->n_holds++;
  else
    g_string_append_printf (kind == CSM_FINDING_BROKEN ? found->broken : found->notes,
                            "%s: %s\n", where, what);
}

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  Found *found = data;

  g_assert_cmpint (done, <=, total);
  found->n_progress++;
  if (found->cancellable != NULL)
    g_cancellable_cancel (found->cancellable);
}

static void
found_clear (Found *self)
{
  g_string_free (self->broken, TRUE);
  g_string_free (self->notes, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static gboolean
check (BundleFixture *fixture, Found *found, bool *ret_holds, GError **error)
{
  const CsmBundleCheckOptions options = { .key = NULL, .frames = false };

  found->broken = g_string_new (NULL);
  found->notes = g_string_new (NULL);
  return csm_bundle_check (fixture->target, &options, finding_cb, progress_cb, found, ret_holds,
                           found->cancellable, error);
}

static void
assert_holds (BundleFixture *fixture, const char *note)
{
  g_auto (Found) found = { 0 };
  g_autoptr (GError) error = NULL;
  bool holds = false;

  check (fixture, &found, &holds, &error);
  g_assert_no_error (error);
  if (!holds)
    g_error ("does not hold: %s", found.broken->str);
  g_assert_cmpint (found.n_holds, >=, 6);
  g_assert_cmpint (found.n_progress, >, 0);
  if (note != NULL && strstr (found.notes->str, note) == NULL)
    g_error ("looked for '%s' in: %s", note, found.notes->str);
}

static void
test_whole_case (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();

  bundle_fixture_export (fixture, selection);
  assert_holds (fixture, "withheld");
}

static void
test_everything_said (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();

  selection->names = selection->acquisition = selection->notes = true;
  selection->superseded = selection->access = selection->captions = true;
  bundle_fixture_export (fixture, selection);
  assert_holds (fixture, NULL);
}

static void
test_one_mark (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();

  g_ptr_array_add (selection->marks, g_memdup2 (&fixture->theirs->id, sizeof (CsmId)));
  bundle_fixture_export (fixture, selection);
  assert_holds (fixture, "withheld");
}

static void
test_no_files (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();

  selection->files = selection->stills = selection->report = false;
  bundle_fixture_export (fixture, selection);
  assert_holds (fixture, "the file itself is not in the bundle");
}

/* A second bundle of the same case. */
static void
test_after_another (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autofree char *first = g_strdup (fixture->target);

  bundle_fixture_export (fixture, selection);
  g_free (fixture->target);
  fixture->target = g_strconcat (first, "-again", NULL);
  /* Its ledger names the receipt of the one before. */
  bundle_fixture_export (fixture, selection);
  assert_holds (fixture, NULL);
}

/* The file's bytes with one bit changed, then as they were. */
static void
flip (BundleFixture *fixture, const char *name, size_t step)
{
  g_autofree char *path = g_build_filename (fixture->target, name, NULL);
  g_autofree char *bytes = NULL;
  size_t size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  for (size_t at = 0; at < size; at += step)
    {
      const char before = bytes[at];
      g_auto (Found) found = { 0 };
      bool holds = true;
      FILE *file = g_fopen (path, "wb");

      /* The bit that makes a small letter of a capital one, and another. */
      bytes[at] ^= at / step % 2 == 0 ? 0x20 : 1;
      g_assert_cmpuint (fwrite (bytes, 1, size, file), ==, size);
      g_assert_cmpint (fclose (file), ==, 0);
      bytes[at] = before;
      g_assert_true (check (fixture, &found, &holds, NULL));
      if (holds || strstr (found.broken->str, name) == NULL)
        g_error ("byte %zu of %s was changed, and this was said: %s", at, name,
                 found.broken->str);
    }
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
}

static void
test_each_byte_beside_data (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();

  selection->files = selection->stills = selection->report = false;
  bundle_fixture_export (fixture, selection);
  flip (fixture, "bagit.txt", 1);
  flip (fixture, "bag-info.txt", 3);
  flip (fixture, "tagmanifest-sha256.txt", 13);
  flip (fixture, "tagmanifest-sha512.txt", 5);
  flip (fixture, "tagmanifest-sha256.txt.minisig", 1);
  flip (fixture, "manifest-sha256.txt", 61);
  flip (fixture, "manifest-sha512.txt", 161);
  flip (fixture, "VERIFY.txt", 3001);
  flip (fixture, "data/ledger/headers.jsonl", 3001);
  flip (fixture, "data/bundle.json", 1501);
  assert_holds (fixture, NULL);
}

static void
test_cancelled (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Found) found = { .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  bool holds;

  bundle_fixture_export (fixture, selection);
  g_assert_false (check (fixture, &found, &holds, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bundle_fixture_add ("/casement/export/bundle-check/whole-case", test_whole_case);
  bundle_fixture_add ("/casement/export/bundle-check/everything-said", test_everything_said);
  bundle_fixture_add ("/casement/export/bundle-check/one-mark", test_one_mark);
  bundle_fixture_add ("/casement/export/bundle-check/no-files", test_no_files);
  bundle_fixture_add ("/casement/export/bundle-check/after-another", test_after_another);
  bundle_fixture_add ("/casement/export/bundle-check/each-byte-beside-data",
                      test_each_byte_beside_data);
  bundle_fixture_add ("/casement/export/bundle-check/cancelled", test_cancelled);
  return g_test_run ();
}
