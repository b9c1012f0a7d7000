/* test-extract.c: one pass out: bit for bit, recorded, or not at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "intake-fixture.h"
#include "intake/csm-intake.h"

#include <glib/gstdio.h>

#include <string.h>
#include <unistd.h>

#define SIZE (3 * 1024 * 1024 + 99)

static CsmExhibit *
add (Fixture *fixture)
{
  g_autofree char *path = fixture_make_file (fixture, "clip", SIZE, 5);
  g_autoptr (GError) error = NULL;
  CsmExhibit *exhibit = NULL;

  g_assert_true (csm_intake_add_file (fixture->acase, path, NULL, NULL, NULL, NULL, &exhibit,
                                      NULL, &error));
  g_assert_no_error (error);
  return exhibit;
}

static void
assert_equal (const char *a, const char *b)
{
  g_autofree char *bytes_a = NULL;
  g_autofree char *bytes_b = NULL;
  size_t size_a, size_b;

  g_assert_true (g_file_get_contents (a, &bytes_a, &size_a, NULL));
  g_assert_true (g_file_get_contents (b, &bytes_b, &size_b, NULL));
  g_assert_cmpmem (bytes_a, size_a, bytes_b, size_b);
}

/* Files whose name begins with "out": the target, or what is left of it. */
static int
count_outputs (const Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;
  int n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, "out") ? 1 : 0;
  return n;
}

static void
test_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *clip = fixture_path (fixture, "clip");
  g_autofree char *out = fixture_path (fixture, "out");
  int64_t n_entries = fixture_count_entries (fixture);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      csm_intake_extract (fixture->acase, &exhibit->id, out, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_equal (clip, out);
  g_assert_cmpint (count_outputs (fixture), ==, 1);
  g_assert_cmpint (fixture_count_entries (fixture), ==, n_entries + 1);
  rows = csm_case_list_ledger (fixture->acase, n_entries, 1, &error);
  g_assert_cmpstr (((CsmLedgerRow *) g_ptr_array_index (rows, 0))->kind, ==,
                   "access.extracted");
}

static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *clip = fixture_path (fixture, "clip");
  g_autofree char *out = fixture_path (fixture, "out");
  g_autoptr (GError) error = NULL;

  fixture_reopen (fixture, true);
  g_assert_true (
      csm_intake_extract (fixture->acase, &exhibit->id, out, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_equal (clip, out);
}

static void
assert_fails (Fixture *fixture,
              const CsmExhibit *exhibit,
              const char *out,
              int n_outputs,
              GQuark domain,
              int code)
{
  int64_t n_entries = fixture_count_entries (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_false (
      csm_intake_extract (fixture->acase, &exhibit->id, out, NULL, NULL, NULL, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpint (count_outputs (fixture), ==, n_outputs);
  g_assert_cmpint (fixture_count_entries (fixture), ==, n_entries);
}

static void
test_exists (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *out = fixture_make_file (fixture, "out", 3, 1);

  assert_fails (fixture, exhibit, out, 1, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
}

static void
test_no_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *out = fixture_path (fixture, "none/out");

  assert_fails (fixture, exhibit, out, 0, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
}

static void
test_damaged_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "linked", SIZE, 6);
  g_autofree char *out = fixture_path (fixture, "out");
  CsmIntakeOptions options = { .link = true };
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_intake_add_file (fixture->acase, path, &options, NULL, NULL, NULL,
                                      &exhibit, NULL, &error));
  g_free (fixture_make_file (fixture, "linked", SIZE, 7));
  assert_fails (fixture, exhibit, out, 0, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
}

static void
test_damaged_media (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *out = fixture_path (fixture, "out");
  g_autofree char *link_path = NULL;
  g_autoptr (CsmMediaRef) ref =
      csm_case_get_media_ref (fixture->acase, &exhibit->id, &link_path, NULL);
  const char *folder = csm_media_store_get_path (csm_case_get_media_store (fixture->acase));
  g_autofree char *name = g_strconcat (ref->name, ".0", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  FILE *file = g_fopen (path, "r+b");
  int byte;

  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, SIZE / 2, SEEK_SET), ==, 0);
  byte = fgetc (file);
  g_assert_cmpint (fseek (file, SIZE / 2, SEEK_SET), ==, 0);
  g_assert_cmpint (fputc (byte ^ 1, file), !=, EOF);
  fclose (file);
  assert_fails (fixture, exhibit, out, 0, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
}

static void
cancel_cb (int64_t done, int64_t total, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *out = fixture_path (fixture, "out");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_intake_extract (fixture->acase, &exhibit->id, out, cancel_cb, cancellable,
                                      cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (count_outputs (fixture), ==, 0);
}

#define ADD(name, function)                                                              \
  g_test_add ("/casement/intake/extract/" name, Fixture, NULL, fixture_set_up, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("bytes-are-the-file's-and-it-is-recorded", test_bytes);
  ADD ("a-read-only-case-gives-its-bytes-too", test_read_only);
  ADD ("nothing-is-overwritten", test_exists);
  ADD ("a-missing-folder-fails", test_no_folder);
  ADD ("a-linked-file-of-other-bytes-leaves-nothing", test_damaged_link);
  ADD ("a-damaged-copy-leaves-nothing", test_damaged_media);
  ADD ("cancelled-it-leaves-nothing", test_cancel);
  return g_test_run ();
}
