/* test-database.c: SQLite over the vault
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"
#include "vault/csm-disk.h"

#include <glib/gstdio.h>

#include <errno.h>

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

static void
test_content_is_not_visible (Fixture *self, gconstpointer data)
{
  /* Long enough that no ciphertext spells one by chance. */
  static const char *const words[] = { "needle", "more hay", "CREATE TABLE",
                                       "SQLite format 3" };
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;

  fixture_exec (db, "UPDATE t SET body = body || ' more hay'");
  main_bytes = fixture_read (self->path);
  wal_bytes = fixture_read (self->wal_path);
  g_assert_cmpuint (g_bytes_get_size (wal_bytes), >, 100000);
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_assert_false (fixture_contains (main_bytes, words[i]));
      g_assert_false (fixture_contains (wal_bytes, words[i]));
    }
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_one_connection (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);
  sqlite3 *other = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_vault_open_database (vault, &other, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_BUSY);
  g_assert_null (other);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==, 300);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_no_other_path_opens (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autofree char *other = g_build_filename (self->folder, "other.db", NULL);
  g_autofree char *attach = g_strdup_printf ("ATTACH '%s' AS other", other);
  g_autofree char *into = g_strdup_printf ("VACUUM INTO '%s'", other);
  sqlite3 *db = fixture_open_database (vault);
  sqlite3 *plain = NULL;
  int rc;

  g_assert_cmpint (sqlite3_exec (db, attach, NULL, NULL, NULL), !=, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, into, NULL, NULL, NULL), !=, SQLITE_OK);
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
  rc = sqlite3_open_v2 (other, &plain, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                        csm_vault_get_vfs_name (vault));
  g_assert_cmpint (rc & 0xff, ==, SQLITE_CANTOPEN);
  sqlite3_close (plain);
  /* It is nobody's default. */
  g_assert_cmpstr (sqlite3_vfs_find (NULL)->zName, !=, csm_vault_get_vfs_name (vault));
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_clear_pointer (&vault, csm_vault_close);
  rc = sqlite3_open_v2 (self->path, &plain, SQLITE_OPEN_READONLY, NULL);
  g_assert_cmpint (rc, ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (plain, "SELECT * FROM t", NULL, NULL, NULL), ==,
                   SQLITE_NOTADB);
  sqlite3_close (plain);
}

static void
test_settings_stay (Fixture *self, gconstpointer data)
{
  static const char *const changes[] = {
    "PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=OFF", "PRAGMA locking_mode=NORMAL",
    "PRAGMA synchronous=OFF",     "PRAGMA cache_spill=ON",   "PRAGMA temp_store=FILE",
    "PRAGMA mmap_size=1000000",   "PRAGMA page_size=8192",
  };
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    g_assert_cmpint (sqlite3_exec (db, changes[i], NULL, NULL, NULL), ==, SQLITE_ERROR);
  g_assert_cmpint (fixture_query (db, "PRAGMA synchronous"), ==, 2);
  g_assert_cmpint (fixture_query (db, "PRAGMA cache_spill"), ==, 0);
  g_assert_cmpint (fixture_query (db, "PRAGMA page_size"), ==, 4096);
  fixture_exec (db, "VACUUM");
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==, 300);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_a_database_of_another_shape_is_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);
  sqlite3 *plain = NULL;
  sqlite3_backup *backup;

  g_assert_cmpint (sqlite3_open (":memory:", &plain), ==, SQLITE_OK);
  fixture_exec (plain, "CREATE TABLE x(a); INSERT INTO x VALUES(1)");
  backup = sqlite3_backup_init (db, "main", plain, "main");
  if (backup != NULL)
    {
      (void) sqlite3_backup_step (backup, -1); /* what counts is what stays */
      (void) sqlite3_backup_finish (backup);
    }
  g_assert_cmpint (sqlite3_close (plain), ==, SQLITE_OK);
  (void) sqlite3_close (db);
  g_clear_pointer (&vault, csm_vault_close);
  vault = fixture_open (self->path, false);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==, 300);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_temporary_data_stays_in_memory (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);
  g_autoptr (GDir) dir = NULL;
  guint n_files = 0;

  fixture_exec (db, "PRAGMA cache_size=5");
  /* A statement journal of more than 64 KiB, a large sort, a temporary table. */
  fixture_exec (db, "BEGIN; SAVEPOINT a; UPDATE t SET body = hex(randomblob(2000)), ver = 9;"
                    "CREATE TEMP TABLE x AS SELECT * FROM t ORDER BY body DESC;");
  dir = g_dir_open (self->folder, 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n_files++;
  g_assert_cmpuint (n_files, <=, 2); /* the case and its WAL */
  fixture_exec (db, "ROLLBACK TO a; RELEASE a; UPDATE t SET ver = ver + 1; COMMIT");
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 600);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t WHERE body LIKE 'needle%'"), ==,
                   300);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* Past csm_vault_open_database(), with the settings that the format forbids. */
static sqlite3 *
open_spilling (CsmVault *vault)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open_v2 (csm_vault_get_path (vault), &db, SQLITE_OPEN_READWRITE,
                                    csm_vault_get_vfs_name (vault)),
                   ==, SQLITE_OK);
  sqlite3_extended_result_codes (db, 1);
  fixture_exec (db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL;"
                    "PRAGMA cache_size=10; PRAGMA cache_spill=ON");
  return db;
}

/* SQLite 3.7 to 3.49: after a rollback to a savepoint, when pages had spilled to the WAL
 * before, the next commit would be lost at recovery. It is refused instead. */
static void
test_a_commit_that_sqlite_would_lose (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = open_spilling (vault);
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  int64_t live;
  int rc;

  fixture_exec (db, "CREATE TABLE u(id INTEGER PRIMARY KEY, k INT UNIQUE, v BLOB)");
  fixture_exec (db, "BEGIN; SAVEPOINT a; WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 "
                    "FROM c WHERE i < 2000) INSERT INTO u SELECT i, (i*7919)%1000003, "
                    "randomblob(300) FROM c; ROLLBACK TO a; RELEASE a;"
                    "UPDATE t SET ver = 7 WHERE id <= 10");
  rc = sqlite3_exec (db, "COMMIT", NULL, NULL, NULL);
  if (sqlite3_libversion_number () < 3050000)
    g_assert_cmpint (rc, ==, SQLITE_IOERR_FSYNC);
  if (rc != SQLITE_OK && !sqlite3_get_autocommit (db))
    fixture_exec (db, "ROLLBACK");
  fixture_exec (db, "UPDATE t SET ver = ver + 1 WHERE id = 300");
  live = fixture_query (db, "SELECT sum(ver) FROM t");
  g_assert_cmpint (live, ==, rc == SQLITE_OK ? 361 : 301);
  main_bytes = fixture_read (self->path);
  wal_bytes = fixture_read (self->wal_path);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_clear_pointer (&vault, csm_vault_close);

  fixture_write_bytes (self->path, main_bytes);
  fixture_write_bytes (self->wal_path, wal_bytes);
  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, live);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static int
full_write (CsmDiskFile *file, const void *bytes, size_t size, int64_t offset)
{
  return ENOSPC;
}

static void
test_a_full_disk_is_told (Fixture *self, gconstpointer data)
{
  CsmDisk disk = *csm_disk_get ();
  g_autoptr (GError) error = NULL;
  CsmVault *vault;
  sqlite3 *db;
  int rc;

  csm_disk_set (&disk);
  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  disk.write = full_write;
  rc = sqlite3_exec (db, "UPDATE t SET ver = 2", NULL, NULL, NULL);
  g_assert_cmpint (rc & 0xff, ==, SQLITE_FULL);
  g_assert_false (csm_vault_fail_sql (vault, db, rc, "save the mark", &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_FULL);
  g_assert_true (g_str_has_prefix (error->message, "save the mark: "));
  csm_disk_set (NULL);
  disk = *csm_disk_get ();
  fixture_exec (db, "UPDATE t SET ver = 3");
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 900);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
}

#define ADD(name, function) \
  g_test_add ("/casement/vault/database/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("keeps-what-was-written", test_keeps_what_was_written);
  ADD ("recovers-a-wal", test_recovers_a_wal);
  ADD ("content-is-not-visible", test_content_is_not_visible);
  ADD ("one-connection", test_one_connection);
  ADD ("no-other-path-opens", test_no_other_path_opens);
  ADD ("settings-stay", test_settings_stay);
  ADD ("a-database-of-another-shape-is-refused", test_a_database_of_another_shape_is_refused);
  ADD ("temporary-data-stays-in-memory", test_temporary_data_stays_in_memory);
  ADD ("a-commit-that-sqlite-would-lose", test_a_commit_that_sqlite_would_lose);
  ADD ("a-full-disk-is-told", test_a_full_disk_is_told);
  return g_test_run ();
}
