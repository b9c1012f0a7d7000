/* test-database.c: SQLite over the vault
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  char *path;
  char *wal_path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = fixture_make_folder ();
  self->path = fixture_make_case (self->folder);
  self->wal_path = g_strconcat (self->path, "-wal", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->path);
  g_free (self->wal_path);
  fixture_remove_folder (self->folder);
}

static void
test_keeps_what_was_written (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);

  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==, 300);
  fixture_exec (db, "UPDATE t SET ver = 2 WHERE id <= 10");
  g_assert_true (g_file_test (self->wal_path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_false (g_file_test (self->wal_path, G_FILE_TEST_EXISTS));
  g_clear_pointer (&vault, csm_vault_close);
  vault = fixture_open (self->path, true);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 310);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_recovers_a_wal (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;

  fixture_exec (db, "UPDATE t SET ver = 3");
  main_bytes = fixture_read (self->path);
  wal_bytes = fixture_read (self->wal_path);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_clear_pointer (&vault, csm_vault_close);

  fixture_write_bytes (self->path, main_bytes);
  fixture_write_bytes (self->wal_path, wal_bytes);
  vault = fixture_open (self->path, true);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 900);
  g_assert_cmpint (sqlite3_exec (db, "UPDATE t SET ver = 4", NULL, NULL, NULL), !=, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_clear_pointer (&vault, csm_vault_close);
  g_autoptr (GBytes) main_after = fixture_read (self->path);
  g_autoptr (GBytes) wal_after = fixture_read (self->wal_path);
  g_assert_true (g_bytes_equal (main_after, main_bytes));
  g_assert_true (g_bytes_equal (wal_after, wal_bytes));

  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 900);
  fixture_exec (db, "UPDATE t SET ver = 4");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_clear_pointer (&vault, csm_vault_close);
  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 1200);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

#define ADD(name, function) \
  g_test_add ("/casement/vault/database/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("keeps-what-was-written", test_keeps_what_was_written);
  ADD ("recovers-a-wal", test_recovers_a_wal);
  return g_test_run ();
}
