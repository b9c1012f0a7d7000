/* test-change.c: a change that fails leaves the case as it was
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"

#include <string.h>

/* Every row of every table that matters here, as one number each. */
static char *
take_stock (CaseFixture *self)
{
  static const char *const tables[] = { "entry",       "event",        "chain",
                                        "mark",        "mark_region",  "mark_frame",
                                        "exhibit",     "code",         "document",
                                        "kept_media",  "kept_chain",   "kept_index",
                                        "kept_signer", "sqlite_schema" };
  GString *stock = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM %s", tables[i]);

      g_string_append_printf (stock, "%s %d ", tables[i],
                              (int) case_fixture_get_int (self, sql));
    }
  g_string_append_printf (
      stock, "texts %d seqs %d",
      (int) case_fixture_get_int (self, "SELECT total (length (body)) FROM document"),
      (int) case_fixture_get_int (self, "SELECT sum (seq) FROM chain"));
  return g_string_free (stock, FALSE);
}

/* One of each: what a session does. Each returns whether it was done. */
typedef struct
{
  CaseFixture *fixture;
  const CsmExhibit *exhibit;
  const CsmMark *mark;
} Case;

static gboolean
do_set_mark (Case *self, GError **error)
{
  CsmRegion region = { 3, { 1, 1, 2, 2 } };
  CsmMark mark = *self->mark;

  mark.text = (char *) "changed words";
  mark.regions = &region;
  mark.n_regions = 1;
  return csm_case_set_mark (self->fixture->acase, &mark, NULL, 0, NULL, error);
}

static gboolean
do_remove_mark (Case *self, GError **error)
{
  return csm_case_remove_mark (self->fixture->acase, &self->mark->id, error);
}

static gboolean
do_add_exhibit (Case *self, GError **error)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_link (self->fixture, "b.mp4", error);

  return exhibit != NULL;
}

static gboolean
do_set_index (Case *self, GError **error)
{
  g_autoptr (GBytes) index = g_bytes_new_static ("i", 1);

  return csm_case_set_index (self->fixture->acase, &self->exhibit->id, index, true, "Lavc", 5,
                             error);
}

static gboolean
do_set_code (Case *self, GError **error)
{
  const CsmCode code = { (char *) "net", (char *) "Net", (char *) "A net.", (char *) "",
                         (char *) "baton" };

  return csm_case_set_code (self->fixture->acase, &code, error);
}

static const struct
{
  gboolean (*run) (Case *self, GError **error);
  const char *tables[6]; /* that it writes to */
} changes[] = {
  { do_set_mark, { "entry", "event", "mark", "mark_region", "document" } },
  { do_remove_mark, { "entry", "event", "mark", "document" } },
  { do_add_exhibit, { "entry", "event", "exhibit", "document", "kept_media" } },
  { do_set_index, { "entry", "event", "exhibit", "kept_index" } },
  { do_set_code, { "entry", "event", "code", "document" } },
};

static void
fill (CaseFixture *fixture, Case *ret)
{
  ret->fixture = fixture;
  ret->exhibit = case_fixture_import (fixture, "a.mp4", 100, 1);
  ret->mark = case_fixture_mark (fixture, ret->exhibit, 3, 4, "baton", "some words");
}

static void
clear (Case *self)
{
  csm_exhibit_free ((CsmExhibit *) self->exhibit);
  csm_mark_free ((CsmMark *) self->mark);
}

static void
test_failing_tables_leave_everything (CaseFixture *fixture, gconstpointer data)
{
  Case self;
  sqlite3 *db = csm_db_get_handle (fixture->acase->db);

  fill (fixture, &self);
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    for (size_t k = 0; changes[i].tables[k] != NULL; k++)
      {
        g_autoptr (GError) error = NULL;
        g_autofree char *before = take_stock (fixture);
        g_autofree char *after = NULL;
        g_autofree char *trigger = g_strdup_printf (
            "CREATE TEMP TRIGGER a BEFORE INSERT ON main.%1$s BEGIN SELECT RAISE (ABORT, 'no');"
            " END;"
            "CREATE TEMP TRIGGER b BEFORE UPDATE ON main.%1$s BEGIN SELECT RAISE (ABORT, 'no');"
            " END;"
            "CREATE TEMP TRIGGER c BEFORE DELETE ON main.%1$s BEGIN SELECT RAISE (ABORT, 'no');"
            " END;",
            changes[i].tables[k]);

        g_assert_cmpint (sqlite3_exec (db, trigger, NULL, NULL, NULL), ==, SQLITE_OK);
        g_assert_false (changes[i].run (&self, &error));
        g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DATABASE);
        g_assert_cmpint (sqlite3_get_autocommit (db), !=, 0);
        g_assert_cmpint (sqlite3_exec (db, "DROP TRIGGER a; DROP TRIGGER b; DROP TRIGGER c",
                                       NULL, NULL, NULL),
                         ==, SQLITE_OK);
        after = take_stock (fixture);
        g_assert_cmpstr (before, ==, after);
      }
  case_fixture_assert_holds (fixture);

  /* And each goes through when nothing is in its way. */
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GError) error = NULL;

      changes[i].run (&self, &error);
      g_assert_no_error (error);
    }
  case_fixture_reopen (fixture);
  case_fixture_assert_holds (fixture);
  clear (&self);
}

static int countdown;

static int
interrupt_cb (gpointer data)
{
  return --countdown == 0;
}

/* Interrupted at one moment after the other, until it gets to its end. */
static void
test_interrupted_leaves_everything (CaseFixture *fixture, gconstpointer data)
{
  Case self;
  sqlite3 *db = csm_db_get_handle (fixture->acase->db);

  fill (fixture, &self);
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      int n_failed = 0;

      for (int moment = 1;; moment++)
        {
          g_autoptr (GError) error = NULL;
          g_autofree char *before = take_stock (fixture);
          g_autofree char *after = NULL;
          gboolean done;

          countdown = moment;
          sqlite3_progress_handler (db, 20, interrupt_cb, NULL);
          done = changes[i].run (&self, &error);
          sqlite3_progress_handler (db, 0, NULL, NULL);
          after = take_stock (fixture);
          if (strcmp (before, after) != 0)
            {
              /* Past the commit only reading can be interrupted. */
              g_assert_true (done || changes[i].run == do_add_exhibit);
              break;
            }
          g_assert_false (done);
          g_assert_nonnull (error);
          n_failed++;
        }
      g_assert_cmpint (n_failed, >, 3);
    }
  case_fixture_reopen (fixture);
  case_fixture_assert_holds (fixture);
  clear (&self);
}

static int
refuse_commit_cb (gpointer data)
{
  return 1;
}

static void
test_refused_commit_leaves_everything (CaseFixture *fixture, gconstpointer data)
{
  Case self;
  sqlite3 *db = csm_db_get_handle (fixture->acase->db);

  fill (fixture, &self);
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *before = take_stock (fixture);
      g_autofree char *after = NULL;

      sqlite3_commit_hook (db, refuse_commit_cb, NULL);
      g_assert_false (changes[i].run (&self, &error));
      sqlite3_commit_hook (db, NULL, NULL);
      g_assert_nonnull (error);
      after = take_stock (fixture);
      g_assert_cmpstr (before, ==, after);
      g_assert_true (changes[i].run (&self, NULL));
    }
  case_fixture_reopen (fixture);
  case_fixture_assert_holds (fixture);
  clear (&self);
}

/* The chain that a failed first write began is not half there. */
static void
test_failed_first_write_of_a_moved_case (CaseFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  sqlite3 *db;

  case_fixture_tamper (fixture, "UPDATE kept_chain SET inode = inode + 1");
  db = csm_db_get_handle (fixture->acase->db);
  before = take_stock (fixture);
  sqlite3_commit_hook (db, refuse_commit_cb, NULL);
  g_assert_false (csm_case_record_access (fixture->acase, "opened", NULL, NULL, &error));
  sqlite3_commit_hook (db, NULL, NULL);
  g_clear_error (&error);
  after = take_stock (fixture);
  g_assert_cmpstr (before, ==, after);

  g_assert_true (csm_case_record_access (fixture->acase, "opened", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (fixture->acase, "locked", NULL, NULL, &error));
  g_assert_cmpint (
      case_fixture_get_int (fixture, "SELECT count (*) FROM event WHERE kind = 'chain.start'"),
      ==, 1);
  case_fixture_assert_holds (fixture);
}

static void
test_ledger_only_grows (CaseFixture *fixture, gconstpointer data)
{
  static const char *const statements[] = {
    "UPDATE entry SET seq = 9", "DELETE FROM entry", "DELETE FROM entry WHERE n = 1",
    "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE n = 1",
    "REPLACE INTO entry (id, chain, seq, lamport, header, signature)"
    " SELECT id, chain, seq, lamport, header, signature FROM entry WHERE n = 2"
  };
  sqlite3 *db = csm_db_get_handle (fixture->acase->db);
  g_autofree char *before = take_stock (fixture);
  g_autofree char *after = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      char *message = NULL;

      g_assert_cmpint (sqlite3_exec (db, statements[i], NULL, NULL, &message), ==,
                       SQLITE_CONSTRAINT_TRIGGER);
      g_assert_cmpstr (message, ==, "the ledger only grows");
      sqlite3_free (message);
    }
  after = take_stock (fixture);
  g_assert_cmpstr (before, ==, after);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/change/failing-tables-leave-everything",
                    test_failing_tables_leave_everything);
  case_fixture_add ("/casement/casefile/change/interrupted-leaves-everything",
                    test_interrupted_leaves_everything);
  case_fixture_add ("/casement/casefile/change/refused-commit-leaves-everything",
                    test_refused_commit_leaves_everything);
  case_fixture_add ("/casement/casefile/change/failed-first-write-of-a-moved-case",
                    test_failed_first_write_of_a_moved_case);
  case_fixture_add ("/casement/casefile/change/ledger-only-grows", test_ledger_only_grows);
  return g_test_run ();
}
