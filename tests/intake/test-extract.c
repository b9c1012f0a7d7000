/* test-extract.c: one pass out: bit for bit, recorded, or not at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "casefile/csm-case-private.h"
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

static GBytes *
new_bytes (void)
{
  return g_bytes_new_static ("a table", 7);
}

/* The newest entry's "detail" (borrowed by @ret_entry). */
static const json_t *
get_detail (const Fixture *fixture, const char *kind, CsmEntry **ret_entry)
{
  g_autoptr (GPtrArray) entries =
      csm_case_list_entries (fixture->acase, fixture_count_entries (fixture) - 1, 1, NULL);

  *ret_entry = csm_entry_ref (g_ptr_array_index (entries, 0));
  g_assert_cmpstr (csm_entry_get_kind (*ret_entry), ==, kind);
  return json_object_get (csm_entry_get_content (*ret_entry), "detail");
}

static void
assert_sha256 (const json_t *detail, const char *path)
{
  g_autofree char *bytes = NULL;
  g_autofree char *expected = NULL;
  size_t size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, size);
  g_assert_cmpstr (json_string_value (json_object_get (detail, "sha256")), ==, expected);
}

static void
test_entries_hold_the_hash (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *extracted = fixture_path (fixture, "out-extracted");
  g_autofree char *exported = fixture_path (fixture, "out-exported");
  g_autoptr (GBytes) bytes = new_bytes ();
  g_autoptr (CsmEntry) first = NULL;
  g_autoptr (CsmEntry) second = NULL;
  g_autoptr (GError) error = NULL;
  const json_t *detail;

  csm_intake_extract (fixture->acase, &exhibit->id, extracted, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_sha256 (get_detail (fixture, "access.extracted", &first), extracted);
  csm_intake_export (fixture->acase, exported, bytes, NULL,
                     json_pack ("{s:s}", "what", "marks"), &error);
  g_assert_no_error (error);
  detail = get_detail (fixture, "access.exported", &second);
  assert_sha256 (detail, exported);
  g_assert_cmpstr (json_string_value (json_object_get (detail, "what")), ==, "marks");
}

static void
test_no_entry_no_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = add (fixture);
  g_autofree char *out = fixture_path (fixture, "out");
  g_autoptr (GBytes) bytes = new_bytes ();
  g_autoptr (GError) error = NULL;

  sqlite3_exec (csm_db_get_handle (fixture->acase->db),
                "CREATE TEMP TRIGGER no BEFORE INSERT ON main.entry"
                " BEGIN SELECT raise (ABORT, 'no'); END",
                NULL, NULL, NULL);
  g_assert_false (
      csm_intake_extract (fixture->acase, &exhibit->id, out, NULL, NULL, NULL, &error));
  g_clear_error (&error);
  g_assert_false (csm_intake_export (fixture->acase, out, bytes, NULL, json_object (), &error));
  g_assert_nonnull (error);
  g_assert_cmpint (count_outputs (fixture), ==, 0);
}

static void
test_no_file_no_entry (Fixture *fixture, gconstpointer data)
{
  g_autofree char *there = fixture_make_file (fixture, "out", 3, 1);
  g_autofree char *nowhere = fixture_path (fixture, "none/out");
  const char *const paths[] = { there, nowhere };
  const int64_t n_entries = fixture_count_entries (fixture);
  const int codes[] = { CSM_BASE_ERROR_EXISTS, CSM_BASE_ERROR_NOT_FOUND };
  g_autoptr (GBytes) bytes = new_bytes ();

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          csm_intake_export (fixture->acase, paths[i], bytes, NULL, json_object (), &error));
      g_assert_error (error, CSM_BASE_ERROR, codes[i]);
    }
  g_assert_cmpint (fixture_count_entries (fixture), ==, n_entries);
  g_assert_cmpint (count_outputs (fixture), ==, 1);
}

static int
take_name_cb (void *path)
{
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  return 0;
}

/* The rarest: somebody takes the name between the entry and the renaming. */
static void
test_late_failure_is_said (Fixture *fixture, gconstpointer data)
{
  g_autofree char *out = fixture_path (fixture, "out");
  g_autoptr (GBytes) bytes = new_bytes ();
  g_autofree char *found = NULL;
  g_autoptr (GError) error = NULL;

  sqlite3_commit_hook (csm_db_get_handle (fixture->acase->db), take_name_cb, out);
  g_assert_false (csm_intake_export (fixture->acase, out, bytes, NULL, json_object (), &error));
  sqlite3_commit_hook (csm_db_get_handle (fixture->acase->db), NULL, NULL);
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "the ledger says that it left"));
  g_assert_cmpint (count_outputs (fixture), ==, 1);
  g_assert_true (g_file_get_contents (out, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, "x");
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
  ADD ("entries-hold-the-hash", test_entries_hold_the_hash);
  ADD ("no-file-without-an-entry", test_no_entry_no_file);
  ADD ("no-entry-without-a-file", test_no_file_no_entry);
  ADD ("a-late-failure-is-said", test_late_failure_is_said);
  return g_test_run ();
}
