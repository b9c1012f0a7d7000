/* test-freshness.c: older pages, tables and whole files put back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"
#include "vault/csm-freshness.h"
#include "vault/csm-media-store.h"

#include <glib/gstdio.h>

#include <string.h>
#include <unistd.h>

#define PAGE(n) (CSM_PAGES_OFFSET + (int64_t) CSM_PAGE_SIZE * ((n) -1))

enum { MAIN, TABLE_A, TABLE_B, N_FILES };

typedef struct
{
  char *folder;
  char *media;
  char *path; /* paths[MAIN] */
  char *wal_path;
  char *paths[N_FILES];
} Fixture;

typedef struct
{
  GBytes *bytes[N_FILES];
} Snapshot;

static void
update (Fixture *self, int ver)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);
  g_autofree char *sql = g_strdup_printf ("UPDATE t SET ver = %d", ver);

  g_assert_false (csm_vault_is_read_only (vault));
  fixture_exec (db, sql);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = fixture_make_folder ();
  self->path = fixture_make_case (self->folder);
  self->wal_path = g_strconcat (self->path, "-wal", NULL);
  self->media = g_build_filename (self->folder, "case.media", NULL);
  self->paths[MAIN] = g_strdup (self->path);
  self->paths[TABLE_A] = g_build_filename (self->media, "freshness-a", NULL);
  self->paths[TABLE_B] = g_build_filename (self->media, "freshness-b", NULL);
  update (self, 2);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  for (int i = 0; i < N_FILES; i++)
    g_free (self->paths[i]);
  g_free (self->path);
  g_free (self->wal_path);
  g_free (self->media);
  fixture_remove_folder (self->folder);
}

static void
take (Fixture *self, Snapshot *ret_snapshot)
{
  for (int i = 0; i < N_FILES; i++)
    ret_snapshot->bytes[i] = fixture_read (self->paths[i]);
}

static void
put (Fixture *self, const Snapshot *snapshot, int file)
{
  fixture_write_bytes (self->paths[file], snapshot->bytes[file]);
}

static void
snapshot_clear (Snapshot *self)
{
  for (int i = 0; i < N_FILES; i++)
    g_bytes_unref (self->bytes[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Snapshot, snapshot_clear)

/* The file, changed in @size bytes at @offset to those of @from. */
static void
graft (const char *path, GBytes *from, int64_t offset, size_t size)
{
  g_autoptr (GBytes) bytes = fixture_read (path);
  const gsize whole = g_bytes_get_size (bytes);
  g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), whole);

  memcpy (copy + offset, (const uint8_t *) g_bytes_get_data (from, NULL) + offset, size);
  fixture_write (path, copy, whole);
}

static void
blank (const char *path, int64_t offset, size_t size)
{
  g_autoptr (GBytes) bytes = fixture_read (path);
  const gsize whole = g_bytes_get_size (bytes);
  g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), whole);

  memset (copy + offset, 0, size);
  fixture_write (path, copy, whole);
}

/* Never what was there before: sealed bytes are zero once in 256. */
static void
flip (const char *path, int64_t offset)
{
  g_autoptr (GBytes) bytes = fixture_read (path);
  const gsize whole = g_bytes_get_size (bytes);
  g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), whole);

  copy[offset] ^= 0xff;
  fixture_write (path, copy, whole);
}

/* Asked to open for writing, it opens for reading and says @expected. */
static void
assert_read_only (Fixture *self, CsmVaultFreshness expected)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db;

  g_assert_cmpint (csm_vault_get_freshness (vault), ==, expected);
  g_assert_true (csm_vault_is_read_only (vault));
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==, 300);
  g_assert_cmpint (sqlite3_exec (db, "DELETE FROM t", NULL, NULL, NULL) & 0xff, ==,
                   SQLITE_READONLY);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* Opens for writing, whole, with all rows of version @ver; returns what was repaired. */
static char *
assert_fresh (Fixture *self, int ver)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);

  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_FRESH);
  g_assert_false (csm_vault_is_read_only (vault));
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 300 * ver);
  csm_vault_check (vault, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  return csm_vault_dup_repairs (vault);
}

static void
assert_unrepaired (Fixture *self, int ver)
{
  g_autofree char *repairs = assert_fresh (self, ver);

  g_assert_null (repairs);
}

static void
test_at_rest_nothing_is_to_do (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) before = { 0 };
  g_auto (Snapshot) after = { 0 };

  take (self, &before);
  assert_unrepaired (self, 2);
  take (self, &after);
  for (int i = 0; i < N_FILES; i++)
    g_assert_true (g_bytes_equal (before.bytes[i], after.bytes[i]));
}

/* The first page, past the schema, that differs between two files. */
static int
find_changed_page (GBytes *a, GBytes *b)
{
  const uint8_t *x = g_bytes_get_data (a, NULL);
  const uint8_t *y = g_bytes_get_data (b, NULL);

  for (int page = 3;; page++)
    if (memcmp (x + PAGE (page), y + PAGE (page), CSM_PAGE_SIZE) != 0)
      return page;
}

static void
test_one_older_page_is_refused (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };
  g_auto (Snapshot) new = { 0 };
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *fault = NULL;
  g_autofree char *place = NULL;
  sqlite3 *db;
  int page;

  take (self, &old);
  update (self, 3);
  take (self, &new);
  page = find_changed_page (old.bytes[MAIN], new.bytes[MAIN]);
  place = g_strdup_printf ("page %d ", page);
  graft (self->path, old.bytes[MAIN], PAGE (page), CSM_PAGE_SIZE);

  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  g_assert_cmpint (sqlite3_exec (db, "SELECT sum(length(body)) FROM t", NULL, NULL, NULL), ==,
                   SQLITE_IOERR_DATA);
  fault = csm_vault_dup_fault (vault);
  g_assert_nonnull (strstr (fault, place));
  g_assert_nonnull (strstr (fault, "stale"));
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_false (csm_vault_check (vault, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, place));
  g_assert_nonnull (strstr (error->message, "stale"));
}

/* A connection that met damage writes nothing more, whatever it is asked. */
static void
test_after_damage_nothing_is_written (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (GBytes) main_before = NULL;
  g_autoptr (GBytes) wal_before = NULL;
  g_autoptr (GBytes) main_after = NULL;
  g_autoptr (GBytes) wal_after = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *db;
  int rc;

  blank (self->path, PAGE (30), CSM_PAGE_SIZE);
  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  fixture_exec (db, "CREATE TABLE other(a)");
  main_before = fixture_read (self->path);
  wal_before = fixture_read (self->wal_path);
  g_assert_cmpint (sqlite3_exec (db, "SELECT sum(length(body)) FROM t", NULL, NULL, NULL), ==,
                   SQLITE_IOERR_DATA);
  rc = sqlite3_exec (db, "INSERT INTO other VALUES(1)", NULL, NULL, NULL);
  g_assert_cmpint (rc & 0xff, ==, SQLITE_READONLY);
  g_assert_false (csm_vault_fail_sql (vault, db, rc, "write", &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "page 30 "));
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL), !=,
                   SQLITE_OK);
  (void) sqlite3_close_v2 (db); /* cannot checkpoint either */
  g_clear_pointer (&vault, csm_vault_close);
  main_after = fixture_read (self->path);
  wal_after = fixture_read (self->wal_path);
  g_assert_true (g_bytes_equal (main_before, main_after));
  g_assert_true (g_bytes_equal (wal_before, wal_after));

  /* What was committed before is not lost. */
  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM other"), ==, 0);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_a_shorter_file_is_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) file = fixture_read (self->path);
  const int64_t size = (int64_t) g_bytes_get_size (file) - CSM_PAGE_SIZE;
  g_autofree char *place =
      g_strdup_printf ("page %d ", (int) ((size - CSM_PAGES_OFFSET) / CSM_PAGE_SIZE) + 1);
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *db = NULL;

  g_assert_cmpint (truncate (self->path, (off_t) size), ==, 0);
  vault = fixture_open (self->path, false);
  g_assert_false (csm_vault_check (vault, NULL, &error));
  g_assert_nonnull (strstr (error->message, "the end of the file"));
  g_clear_error (&error);
  g_assert_false (csm_vault_open_database (vault, &db, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, place));
  g_assert_nonnull (strstr (error->message, "cut short"));
}

/* Main file and tables of different moments */

static void
test_main_file_rolled_back (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };

  take (self, &old);
  update (self, 3);
  put (self, &old, MAIN);
  assert_read_only (self, CSM_FRESHNESS_STALE);
}

/* One table put back with it is not enough, as both say the same at rest. */
static void
test_main_file_and_one_table_rolled_back (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };
  g_auto (Snapshot) new = { 0 };

  take (self, &old);
  update (self, 3);
  take (self, &new);
  for (int table = TABLE_A; table <= TABLE_B; table++)
    {
      for (int i = 0; i < N_FILES; i++)
        put (self, &new, i);
      put (self, &old, MAIN);
      put (self, &old, table);
      assert_read_only (self, CSM_FRESHNESS_STALE);
    }
}

static void
test_tables_rolled_back (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };

  take (self, &old);
  update (self, 3);
  put (self, &old, TABLE_A);
  put (self, &old, TABLE_B);
  assert_read_only (self, CSM_FRESHNESS_STALE);
}

static void
test_tables_deleted (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (g_unlink (self->paths[TABLE_A]), ==, 0);
  g_assert_cmpint (g_unlink (self->paths[TABLE_B]), ==, 0);
  assert_read_only (self, CSM_FRESHNESS_MISSING);
}

static void
test_media_folder_away (Fixture *self, gconstpointer data)
{
  g_autofree char *away = g_strconcat (self->folder, "-away", NULL);

  g_assert_cmpint (g_rename (self->media, away), ==, 0);
  assert_read_only (self, CSM_FRESHNESS_MISSING);
  g_assert_false (g_file_test (self->media, G_FILE_TEST_EXISTS));
  /* Found under any name. */
  g_free (self->media);
  self->media = g_build_filename (self->folder, "zzz", NULL);
  g_assert_cmpint (g_rename (away, self->media), ==, 0);
  assert_unrepaired (self, 2);
}

/* With both roots gone an old file would look like one that never had any. */
static void
test_roots_blanked (Fixture *self, gconstpointer data)
{
  blank (self->path, CSM_ROOT_OFFSET (0), 2 * CSM_ROOT_SIZE);
  g_assert_cmpint (g_unlink (self->paths[TABLE_A]), ==, 0);
  g_assert_cmpint (g_unlink (self->paths[TABLE_B]), ==, 0);
  assert_read_only (self, CSM_FRESHNESS_STALE);
}

static void
test_older_roots_put_back (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };

  take (self, &old);
  update (self, 3);
  graft (self->path, old.bytes[MAIN], CSM_ROOT_OFFSET (0), 2 * CSM_ROOT_SIZE);
  assert_read_only (self, CSM_FRESHNESS_STALE);
}

/* The whole case of an earlier day cannot be told from the files alone: FORMAT.md, section 8.
 */
static void
test_all_rolled_back_opens (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };

  take (self, &old);
  update (self, 3);
  for (int i = 0; i < N_FILES; i++)
    put (self, &old, i);
  assert_unrepaired (self, 2);
}

/* Damage to one of two */

static void
test_one_damaged_root_is_rebuilt (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) before = fixture_read (self->path);

  for (int place = 0; place < 2; place++)
    for (int how = 0; how < 2; how++)
      {
        g_autofree char *name = g_strdup_printf ("freshness root %c was damaged", "AB"[place]);
        g_autofree char *repairs = NULL;
        g_autoptr (GBytes) after = NULL;

        if (how == 0)
          blank (self->path, CSM_ROOT_OFFSET (place), CSM_ROOT_SIZE);
        else
          flip (self->path, CSM_ROOT_OFFSET (place) + 40);
        repairs = assert_fresh (self, 2);
        g_assert_nonnull (strstr (repairs, name));
        after = fixture_read (self->path);
        g_assert_true (g_bytes_equal (before, after));
      }
}

static void
test_one_damaged_table_is_rebuilt (Fixture *self, gconstpointer data)
{
  for (int table = TABLE_A; table <= TABLE_B; table++)
    {
      g_autofree char *damaged = NULL;
      g_autofree char *missing = NULL;

      flip (self->paths[table], CSM_ROOT_SIZE + 100);
      damaged = assert_fresh (self, 2);
      g_assert_nonnull (strstr (damaged, "freshness table"));
      assert_unrepaired (self, 2);
      g_assert_cmpint (g_unlink (self->paths[table]), ==, 0);
      missing = assert_fresh (self, 2);
      g_assert_nonnull (strstr (missing, "freshness table"));
      assert_unrepaired (self, 2);
    }
}

static void
test_damaged_tables_are_told_by_a_reader (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (GError) error = NULL;

  flip (self->paths[TABLE_A], CSM_ROOT_SIZE + 100);
  vault = fixture_open (self->path, true);
  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_FRESH);
  g_assert_false (csm_vault_check (vault, NULL, &error));
  g_assert_nonnull (strstr (error->message, "freshness table A"));
}

/* Going on */

static void
reseal (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);

  csm_vault_reseal (vault, &error);
  g_assert_no_error (error);
  g_assert_false (csm_vault_is_read_only (vault));
  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_FRESH);
}

static void
test_reseal_takes_the_pages_as_they_are (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };

  take (self, &old);
  update (self, 3);
  put (self, &old, MAIN);
  reseal (self);
  assert_unrepaired (self, 2);
  update (self, 4);
  assert_unrepaired (self, 4);
  g_assert_cmpint (g_unlink (self->paths[TABLE_A]), ==, 0);
  g_assert_cmpint (g_unlink (self->paths[TABLE_B]), ==, 0);
  reseal (self);
  assert_unrepaired (self, 4);
}

static void
test_a_reader_cannot_reseal (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = fixture_open (self->path, true);

  g_assert_false (csm_vault_reseal (vault, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_READ_ONLY);
}

static CsmVault *
go_on (Fixture *self)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  CsmVault *vault = csm_vault_open (self->path, passphrase, CSM_VAULT_OPEN_CONTINUE, &error);

  g_assert_no_error (error);
  return vault;
}

static void
test_a_copy_without_its_folder_goes_on (Fixture *self, gconstpointer data)
{
  char *folder = fixture_make_folder ();
  g_autofree char *copy = g_build_filename (folder, "copy.casement", NULL);
  g_autoptr (GBytes) bytes = fixture_read (self->path);
  Fixture other = { .path = copy };
  CsmVault *vault;
  sqlite3 *db;

  fixture_write_bytes (copy, bytes);
  assert_read_only (&other, CSM_FRESHNESS_MISSING);
  vault = go_on (&other);
  g_assert_false (csm_vault_is_read_only (vault));
  db = fixture_open_database (vault);
  fixture_exec (db, "UPDATE t SET ver = 3");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  assert_unrepaired (&other, 3);
  fixture_remove_folder (folder);
}

/* Nobody goes on with pages that do not fit. */
static void
test_a_mixed_copy_does_not_go_on (Fixture *self, gconstpointer data)
{
  g_auto (Snapshot) old = { 0 };
  g_auto (Snapshot) new = { 0 };
  CsmVault *vault;

  take (self, &old);
  update (self, 3);
  take (self, &new);
  graft (self->path, old.bytes[MAIN],
         PAGE (find_changed_page (old.bytes[MAIN], new.bytes[MAIN])), CSM_PAGE_SIZE);
  g_assert_cmpint (g_unlink (self->paths[TABLE_A]), ==, 0);
  g_assert_cmpint (g_unlink (self->paths[TABLE_B]), ==, 0);
  vault = go_on (self);
  g_assert_true (csm_vault_is_read_only (vault));
  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_MISSING);
  csm_vault_close (vault);
}

/* Only the main file was copied after a crash. */
static void
test_a_copy_without_its_wal_goes_on (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) crashed = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  g_auto (Snapshot) at_rest = { 0 };
  CsmVault *vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);

  take (self, &at_rest);
  fixture_exec (db, "UPDATE t SET ver = 3");
  crashed = fixture_read (self->path);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  fixture_write_bytes (self->path, crashed);
  put (self, &at_rest, TABLE_A);
  put (self, &at_rest, TABLE_B);

  g_assert_null (csm_vault_open (self->path, passphrase, CSM_VAULT_OPEN_WRITE, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WAL_MISSING);
  csm_vault_close (go_on (self));
  assert_unrepaired (self, 2);
  update (self, 4);
  assert_unrepaired (self, 4);
}

/* Versions */

static char *
copy_kept (const char *folder, const char *name)
{
  g_autofree char *kept =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "tests/vault/data", name, NULL);
  g_autoptr (GBytes) bytes = fixture_read (kept);
  char *path = g_build_filename (folder, name, NULL);

  fixture_write_bytes (path, bytes);
  return path;
}

static CsmVault *
open_with (const char *path, const char *text, CsmVaultOpenFlags flags)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret (text);
  g_autoptr (GError) error = NULL;
  CsmVault *vault = csm_vault_open (path, passphrase, flags, &error);

  g_assert_no_error (error);
  return vault;
}

static CsmVault *
open_kept (const char *path, CsmVaultOpenFlags flags)
{
  return open_with (path, "gr\xc3\xbc\xc3\x9f dich", flags);
}

static void
test_1_0_opens_for_reading_unchanged (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *path = copy_kept (folder, "v1.0.casement");
  g_autoptr (GBytes) before = fixture_read (path);
  CsmVault *vault = open_kept (path, CSM_VAULT_OPEN_READ_ONLY);
  sqlite3 *db = fixture_open_database (vault);

  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_NONE_YET);
  g_assert_cmpint (fixture_query (db, "SELECT sum(a) FROM kept"), ==, 42);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);

  g_autoptr (GBytes) after = fixture_read (path);

  g_assert_true (g_bytes_equal (before, after));
  fixture_remove_folder (folder);
}

static void
test_1_0_becomes_1_1 (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *path = copy_kept (folder, "v1.0.casement");
  CsmVault *vault = open_kept (path, CSM_VAULT_OPEN_WRITE);
  sqlite3 *db = fixture_open_database (vault);
  CsmHeader header;

  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_FRESH);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
  fixture_exec (db, "INSERT INTO kept(a) VALUES(8)");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);

  g_autoptr (GBytes) bytes = fixture_read (path);

  for (int copy = 0; copy < 2; copy++)
    {
      csm_header_decode (
          (const uint8_t *) g_bytes_get_data (bytes, NULL) + CSM_HEADER_OFFSET (copy), &header);
      g_assert_cmpint (header.minor, ==, 1);
      g_assert_cmpint (header.least_minor, ==, 1);
    }
  vault = open_kept (path, CSM_VAULT_OPEN_READ_ONLY);
  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_FRESH);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(a) FROM kept"), ==, 50);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  fixture_remove_folder (folder);
}

/* Made by this version of the format: every later one must read it, with its tables. */
static void
test_the_kept_1_1_is_fresh (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *media = g_build_filename (folder, "v1.1.media", NULL);
  g_autofree char *path = copy_kept (folder, "v1.1.casement");
  static const char *const names[] = { "v1.1.media/casement-media", "v1.1.media/freshness-a",
                                       "v1.1.media/freshness-b" };
  CsmVault *vault;
  sqlite3 *db;

  g_assert_cmpint (g_mkdir (media, 0700), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (copy_kept (folder, names[i]));
  csm_vault_close (open_with (path, "B7380-474QS-W9D44-FHEXQ-4ZN5H-QV5XF-7AD6D-PFDJ3",
                              CSM_VAULT_OPEN_READ_ONLY));
  vault = open_kept (path, CSM_VAULT_OPEN_WRITE);
  g_assert_cmpint (csm_vault_get_freshness (vault), ==, CSM_FRESHNESS_FRESH);
  g_assert_false (csm_vault_is_read_only (vault));
  g_assert_true (csm_vault_check (vault, NULL, NULL));
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(a) FROM kept"), ==, 42);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  fixture_remove_folder (folder);
}

#define ADD(name, function) \
  g_test_add ("/casement/vault/freshness/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("at-rest-nothing-is-to-do", test_at_rest_nothing_is_to_do);
  ADD ("one-older-page-is-refused", test_one_older_page_is_refused);
  ADD ("after-damage-nothing-is-written", test_after_damage_nothing_is_written);
  ADD ("a-shorter-file-is-refused", test_a_shorter_file_is_refused);
  ADD ("main-file-rolled-back", test_main_file_rolled_back);
  ADD ("main-file-and-one-table-rolled-back", test_main_file_and_one_table_rolled_back);
  ADD ("tables-rolled-back", test_tables_rolled_back);
  ADD ("tables-deleted", test_tables_deleted);
  ADD ("media-folder-away", test_media_folder_away);
  ADD ("roots-blanked", test_roots_blanked);
  ADD ("older-roots-put-back", test_older_roots_put_back);
  ADD ("all-rolled-back-opens", test_all_rolled_back_opens);
  ADD ("one-damaged-root-is-rebuilt", test_one_damaged_root_is_rebuilt);
  ADD ("one-damaged-table-is-rebuilt", test_one_damaged_table_is_rebuilt);
  ADD ("damaged-tables-are-told-by-a-reader", test_damaged_tables_are_told_by_a_reader);
  ADD ("reseal-takes-the-pages-as-they-are", test_reseal_takes_the_pages_as_they_are);
  ADD ("a-reader-cannot-reseal", test_a_reader_cannot_reseal);
  ADD ("a-copy-without-its-folder-goes-on", test_a_copy_without_its_folder_goes_on);
  ADD ("a-mixed-copy-does-not-go-on", test_a_mixed_copy_does_not_go_on);
  ADD ("a-copy-without-its-wal-goes-on", test_a_copy_without_its_wal_goes_on);
  g_test_add_func ("/casement/vault/freshness/1-0-opens-for-reading-unchanged",
                   test_1_0_opens_for_reading_unchanged);
  g_test_add_func ("/casement/vault/freshness/1-0-becomes-1-1", test_1_0_becomes_1_1);
  g_test_add_func ("/casement/vault/freshness/the-kept-1-1-is-fresh",
                   test_the_kept_1_1_is_fresh);
  return g_test_run ();
}
