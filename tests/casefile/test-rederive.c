/* test-rederive.c: an older case is brought up to date, and what was interrupted goes on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"
#include "casefile/csm-rederive.h"

#include <glib/gstdio.h>
#include <string.h>

/* A case of tables 1, as it was kept: one exhibit, two marks. */
static void
set_up_kept (CaseFixture *self, gconstpointer data)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "casefile", "data", NULL);

  self->folder = g_dir_make_tmp ("casement-case-XXXXXX", NULL);
  case_fixture_copy_tree (from, self->folder);
  self->path = g_build_filename (self->folder, "v1.casement", NULL);
  self->passphrase = csm_secret_new_from ("kept since the first", 20);
}

/* The same of tables 2. */
static void
set_up_kept_2 (CaseFixture *self, gconstpointer data)
{
  set_up_kept (self, data);
  g_free (self->path);
  csm_secret_unref (self->passphrase);
  self->path = g_build_filename (self->folder, "v2.casement", NULL);
  self->passphrase = csm_secret_new_from ("kept since the second", 21);
}

/* The same of tables 3. */
static void
set_up_kept_3 (CaseFixture *self, gconstpointer data)
{
  set_up_kept (self, data);
  g_free (self->path);
  csm_secret_unref (self->passphrase);
  self->path = g_build_filename (self->folder, "v3.casement", NULL);
  self->passphrase = csm_secret_new_from ("kept since the third", 20);
}

#define add_kept(path, test) \
  g_test_add (path, CaseFixture, NULL, set_up_kept, test, case_fixture_tear_down)
#define add_kept_2(path, test) \
  g_test_add (path, CaseFixture, NULL, set_up_kept_2, test, case_fixture_tear_down)

#define add_kept_3(path, test) \
  g_test_add (path, CaseFixture, NULL, set_up_kept_3, test, case_fixture_tear_down)

static void
test_older_version_becomes_4 (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) exhibits = NULL;
  g_autoptr (GPtrArray) marks = NULL;

  case_fixture_open (self, false);
  g_assert_cmpint (case_fixture_get_int (self, "PRAGMA user_version"), ==, 4);
  exhibits = csm_case_list_exhibits (self->acase, &error);
  g_assert_no_error (error);
  marks = csm_case_list_marks (self->acase, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (exhibits->len, ==, 1);
  g_assert_cmpuint (marks->len, ==, 2);
  case_fixture_assert_holds (self);
  case_fixture_reopen (self);
  case_fixture_assert_holds (self);
}

static void
test_older_version_goes_on (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) exhibits = NULL;

  case_fixture_open (self, false);
  exhibits = csm_case_list_exhibits (self->acase, &error);
  csm_mark_free (case_fixture_mark (self, exhibits->pdata[0], 0, 0, "baton", "after"));
  case_fixture_assert_holds (self);
}

static void
test_older_version_is_not_changed_by_looking (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  size_t size_before, size_after;

  g_assert_true (g_file_get_contents (self->path, &before, &size_before, NULL));
  g_assert_null (csm_case_open (self->path, self->passphrase, true, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_BEHIND);
  g_assert_nonnull (strstr (error->message, "older version"));
  g_assert_nonnull (strstr (error->message, "; open it once for writing"));
  g_assert_true (g_file_get_contents (self->path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

/* An exhibit with everything that is kept about one, a mark, a code, a search text. */
static CsmExhibit *
fill (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  const CsmMediaFacts facts = { CSM_INDEX_EXACT, "exact", "mov", "h264", 16, 16, 30, 1000 };
  CsmExhibit *exhibit = case_fixture_import (self, "a.mp4", 1000, 1);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("index", 5);

  g_assert_true (
      csm_case_set_index (self->acase, &exhibit->id, bytes, true, "Lavc", 10, &error));
  g_assert_true (csm_case_set_thumbnail (self->acase, &exhibit->id, bytes, &error));
  g_assert_true (csm_case_set_media_facts (self->acase, &exhibit->id, &facts, &error));
  csm_mark_free (case_fixture_mark (self, exhibit, 1, 2, "baton", "first words"));
  return exhibit;
}

static void
test_interrupted_goes_on_at_the_next_opening (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = fill (self);
  g_autoptr (GPtrArray) hits = NULL;

  case_fixture_tamper (self, "INSERT INTO kept_rederive VALUES (1); DELETE FROM mark;"
                             "DELETE FROM exhibit; DELETE FROM case_info; DELETE FROM chain;"
                             "INSERT INTO search (search) VALUES ('delete-all')");
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM kept_rederive"), ==, 0);
  case_fixture_assert_holds (self);
  hits = csm_case_search (self->acase, "first words", 10, NULL);
  g_assert_cmpuint (hits->len, ==, 1);
}

static void
test_interrupted_is_told_when_looking (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_rederive_begin (self->acase->db, &error));
  case_fixture_close (self);
  g_assert_null (csm_case_open (self->path, self->passphrase, true, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_BEHIND);
  g_assert_nonnull (strstr (error->message, "; open the case once for writing"));
  case_fixture_open (self, false);
  case_fixture_assert_holds (self);
}

static void
test_kept_rows_stay (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = fill (self);
  g_autoptr (CsmExhibit) again = NULL;
  g_autoptr (GBytes) index = NULL;
  g_autoptr (GBytes) thumbnail = NULL;

  g_assert_true (csm_rederive_begin (self->acase->db, &error));
  csm_case_rederive (self->acase, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  again = csm_case_get_exhibit (self->acase, &exhibit->id, &error);
  index = csm_case_get_index (self->acase, &exhibit->id, &error);
  thumbnail = csm_case_get_thumbnail (self->acase, &exhibit->id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->codec, ==, "h264");
  g_assert_nonnull (index);
  g_assert_nonnull (thumbnail);
  case_fixture_assert_holds (self);
}

static void
test_kept_rows_without_exhibit_are_found (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = fill (self);

  case_fixture_tamper (self, "UPDATE kept_thumbnail SET exhibit = x'0a'");
  case_fixture_assert_broken (self, "something is kept for the exhibit 0a,");
}

typedef struct
{
  sqlite3 *db;
  int countdown; /* refuses the commit at which it gets to 0 */
  int n_commits;
  int last, most; /* rows */
} Commits;

static int
commit_cb (gpointer data)
{
  Commits *self = data;
  const int rows = sqlite3_total_changes (self->db);

  self->n_commits++;
  self->most = MAX (self->most, rows - self->last);
  self->last = rows;
  return --self->countdown == 0;
}

/* Refused at one commit after the other, until it gets to its end. */
static void
test_fails_at_any_commit_and_goes_on (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = fill (self);
  gboolean done = FALSE;
  int n_failed = 0;

  while (!done)
    {
      g_autoptr (GError) error = NULL;
      Commits commits = { .db = csm_db_get_handle (self->acase->db),
                          .countdown = n_failed + 1 };

      g_assert_true (csm_rederive_begin (self->acase->db, &error));
      sqlite3_commit_hook (commits.db, commit_cb, &commits);
      done = csm_case_rederive (self->acase, NULL, NULL, NULL, &error);
      sqlite3_commit_hook (commits.db, NULL, NULL);
      if (done)
        break;
      n_failed++;
      /* Nothing is written on what is half done. */
      g_assert_true (csm_case_is_read_only (self->acase));
      g_assert_false (csm_case_record_access (self->acase, "exported", NULL, NULL, NULL));
      case_fixture_reopen (self);
      g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM mark"), ==, 1);
    }
  /* One for the words, one a table, one for the entries. */
  g_assert_cmpint (n_failed, ==, 19);
  case_fixture_assert_holds (self);
}

static void
test_transactions_are_bounded (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = fill (self);
  g_autofree CsmRegion *regions = g_new0 (CsmRegion, 1024);
  Commits commits = { .db = csm_db_get_handle (self->acase->db) };

  for (int i = 0; i < 1024; i++)
    regions[i] = (CsmRegion){ 0, { i, 0, 1, 1 } };
  for (int i = 0; i < 60; i++)
    {
      CsmMark mark = case_fixture_new_mark (exhibit, 0, 1);

      mark.text = (char *) "many";
      mark.regions = regions;
      mark.n_regions = 1024;
      g_assert_true (csm_case_set_mark (self->acase, &mark, NULL, 0, NULL, &error));
    }
  g_assert_true (csm_rederive_begin (self->acase->db, &error));
  commits.last = sqlite3_total_changes (commits.db);
  sqlite3_commit_hook (commits.db, commit_cb, &commits);
  g_assert_true (csm_case_rederive (self->acase, NULL, NULL, NULL, &error));
  sqlite3_commit_hook (commits.db, NULL, NULL);
  g_assert_cmpint (commits.most, <=, 50000);
  g_assert_cmpint (commits.most, >, 30000);
  g_assert_cmpint (commits.n_commits, ==, 21);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM mark_region"), ==,
                   60 * 1024);
  case_fixture_assert_holds (self);
}

static void
test_cancelled_begins_again (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = fill (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_true (csm_rederive_begin (self->acase->db, &error));
  g_assert_false (csm_case_rederive (self->acase, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  case_fixture_reopen (self);
  case_fixture_assert_holds (self);
}

static void
test_broken_entry_is_named (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) body = json_object ();

  /* Signed, but past what a live write checks. */
  json_object_set_new (body, "detail", json_null ());
  g_assert_true (csm_case_sign (self->acase, "access.opened", NULL, NULL, body, &error));
  case_fixture_tamper (self, "DELETE FROM entry WHERE n = 2");
  g_assert_true (csm_rederive_begin (self->acase->db, &error));
  g_assert_false (csm_case_rederive (self->acase, NULL, NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "entry 3 of chain "));
  g_assert_nonnull (strstr (error->message, "no reviewer of this case"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_kept ("/casement/casefile/rederive/version-1-becomes-4", test_older_version_becomes_4);
  add_kept ("/casement/casefile/rederive/version-1-goes-on", test_older_version_goes_on);
  add_kept ("/casement/casefile/rederive/version-1-is-not-changed-by-looking",
            test_older_version_is_not_changed_by_looking);
  add_kept_2 ("/casement/casefile/rederive/version-2-becomes-4", test_older_version_becomes_4);
  add_kept_2 ("/casement/casefile/rederive/version-2-goes-on", test_older_version_goes_on);
  add_kept_2 ("/casement/casefile/rederive/version-2-is-not-changed-by-looking",
              test_older_version_is_not_changed_by_looking);
  add_kept_3 ("/casement/casefile/rederive/version-3-becomes-4", test_older_version_becomes_4);
  add_kept_3 ("/casement/casefile/rederive/version-3-goes-on", test_older_version_goes_on);
  add_kept_3 ("/casement/casefile/rederive/version-3-is-not-changed-by-looking",
              test_older_version_is_not_changed_by_looking);
  case_fixture_add ("/casement/casefile/rederive/interrupted-goes-on-at-the-next-opening",
                    test_interrupted_goes_on_at_the_next_opening);
  case_fixture_add ("/casement/casefile/rederive/interrupted-is-told-when-looking",
                    test_interrupted_is_told_when_looking);
  case_fixture_add ("/casement/casefile/rederive/kept-rows-stay", test_kept_rows_stay);
  case_fixture_add ("/casement/casefile/rederive/kept-rows-without-exhibit-are-found",
                    test_kept_rows_without_exhibit_are_found);
  case_fixture_add ("/casement/casefile/rederive/fails-at-any-commit-and-goes-on",
                    test_fails_at_any_commit_and_goes_on);
  case_fixture_add ("/casement/casefile/rederive/transactions-are-bounded",
                    test_transactions_are_bounded);
  case_fixture_add ("/casement/casefile/rederive/cancelled-begins-again",
                    test_cancelled_begins_again);
  case_fixture_add ("/casement/casefile/rederive/broken-entry-is-named",
                    test_broken_entry_is_named);
  return g_test_run ();
}
