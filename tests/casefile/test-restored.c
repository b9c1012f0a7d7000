/* test-restored.c: a backup put back and a copy in part are told apart, and somebody may go on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"
#include "casefile/csm-case-restored.h"

#include <glib/gstdio.h>
#include <string.h>

static void
write_something (CaseFixture *self)
{
  g_assert_true (csm_case_record_access (self->acase, "exported", NULL, NULL, NULL));
}

static void
remove_file (CaseFixture *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, "a.media", name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* Opened for writing, it opens to look only and says why; verify says it too and holds. */
static void
assert_told (CaseFixture *self, CsmRestored what, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;
  g_autofree char *all = NULL;
  g_autofree char *broken = NULL;

  case_fixture_open (self, false);
  g_assert_true (csm_case_is_read_only (self->acase));
  g_assert_cmpint (csm_case_get_restored (self->acase), ==, what);
  sentence = csm_case_dup_restored (self->acase);
  g_assert_nonnull (strstr (sentence, words));
  g_assert_nonnull (strstr (sentence, "; "));
  g_assert_false (csm_case_record_access (self->acase, "exported", NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_assert_nonnull (strstr (error->message, words));
  broken = case_fixture_verify (self, true, &all);
  g_assert_cmpstr (broken, ==, "");
  g_assert_nonnull (strstr (all, words));
  case_fixture_close (self);
}

static void
go_on (CaseFixture *self, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sql =
      g_strdup_printf ("SELECT count (*) FROM entry JOIN event ON event.id = entry.id"
                       " WHERE kind = 'case.reseal' AND json_extract (body, '$.reason') = '%s'",
                       reason);

  self->acase = csm_case_continue_restored (self->path, self->passphrase, &error);
  g_assert_no_error (error);
  g_assert_false (csm_case_is_read_only (self->acase));
  g_assert_cmpint (case_fixture_get_int (self, sql), ==, 1);
  g_assert_cmpint (case_fixture_get_int (
                       self, "SELECT count (*) FROM entry JOIN event ON event.id = entry.id"
                             " WHERE kind = 'chain.start'"
                             " AND json_extract (body, '$.reason') = 'restored'"),
                   ==, 1);
  write_something (self);
  case_fixture_reopen (self);
  g_assert_cmpint (csm_case_get_restored (self->acase), ==, CSM_RESTORED_NOT);
  g_assert_false (csm_case_is_read_only (self->acase));
  case_fixture_assert_holds (self);
}

/* The case file of an earlier day beside the media folder of today. */
static void
test_an_older_file_put_back (CaseFixture *self, gconstpointer data)
{
  g_autofree char *old = NULL;
  size_t size;

  case_fixture_reopen (self);
  case_fixture_close (self);
  g_assert_true (g_file_get_contents (self->path, &old, &size, NULL));
  case_fixture_open (self, false);
  write_something (self);
  case_fixture_close (self);
  g_assert_true (g_file_set_contents (self->path, old, (gssize) size, NULL));
  assert_told (self, CSM_RESTORED_OLDER, "are of different days");
  go_on (self, "restored");
}

static void
test_tables_left_behind (CaseFixture *self, gconstpointer data)
{
  write_something (self);
  case_fixture_reopen (self);
  case_fixture_close (self);
  remove_file (self, "freshness-a");
  remove_file (self, "freshness-b");
  assert_told (self, CSM_RESTORED_FOLDER_MISSING, "without its media folder");
  go_on (self, "freshness missing");
}

static void
test_wal_left_behind (CaseFixture *self, gconstpointer data)
{
  CaseFixture copy = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *wal = NULL;

  /* Copied while it is open. */
  case_fixture_reopen (self);
  write_something (self);
  copy.folder = g_dir_make_tmp ("casement-case-XXXXXX", NULL);
  case_fixture_copy_tree (self->folder, copy.folder);
  copy.path = g_build_filename (copy.folder, "a.casement", NULL);
  copy.passphrase = csm_secret_ref (self->passphrase);
  wal = g_strconcat (copy.path, "-wal", NULL);
  g_assert_cmpint (g_unlink (wal), ==, 0);

  g_assert_null (csm_case_open (copy.path, copy.passphrase, false, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WAL_MISSING);
  case_fixture_open (&copy, true);
  g_assert_cmpint (csm_case_get_restored (copy.acase), ==, CSM_RESTORED_WAL_MISSING);
  case_fixture_close (&copy);
  go_on (&copy, "restored");
  case_fixture_tear_down (&copy, NULL);
}

static void
test_a_whole_case_is_opened_as_usual (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (csm_case_get_restored (self->acase), ==, CSM_RESTORED_NOT);
  g_assert_null (csm_case_dup_restored (self->acase));
  case_fixture_close (self);
  g_assert_null (csm_case_continue_restored (self->path, self->passphrase, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

static void
test_a_reader_cannot_decide (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  case_fixture_tamper (self, "DELETE FROM kept_signer");
  case_fixture_reopen (self);
  case_fixture_close (self);
  remove_file (self, "freshness-a");
  remove_file (self, "freshness-b");
  g_assert_null (csm_case_continue_restored (self->path, self->passphrase, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/restored/an-older-file-put-back",
                    test_an_older_file_put_back);
  case_fixture_add ("/casement/casefile/restored/tables-left-behind", test_tables_left_behind);
  case_fixture_add ("/casement/casefile/restored/wal-left-behind", test_wal_left_behind);
  case_fixture_add ("/casement/casefile/restored/a-whole-case-is-opened-as-usual",
                    test_a_whole_case_is_opened_as_usual);
  case_fixture_add ("/casement/casefile/restored/a-reader-cannot-decide",
                    test_a_reader_cannot_decide);
  return g_test_run ();
}
