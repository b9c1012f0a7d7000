/* csm-vault-fixture.c: a throw-away folder with a case in it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

const CsmVaultCost fixture_cost = { 1, 8192 };

char *
fixture_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("casement-vault-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
fixture_remove_folder (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        fixture_remove_folder (path);
      else
        {
          g_assert_cmpint (g_unlink (path), ==, 0);
          g_free (path);
        }
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

CsmSecret *
fixture_secret (const char *text)
{
  return csm_secret_new_from (text, strlen (text));
}

char *
fixture_make_case (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (CsmVault) vault = NULL;
  char *path = g_build_filename (folder, "case.casement", NULL);
  sqlite3 *db;

  vault = csm_vault_create (path, passphrase, &fixture_cost, &error);
  g_assert_no_error (error);
  db = fixture_open_database (vault);
  fixture_exec (db, "CREATE TABLE t(id INTEGER PRIMARY KEY, ver INT, body TEXT) STRICT;"
                    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c LIMIT 300)"
                    "INSERT INTO t SELECT i, 1, 'needle in the hay ' || hex(randomblob(400))"
                    "FROM c");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_publish (vault, &error);
  g_assert_no_error (error);
  return path;
}

CsmVault *
fixture_open (const char *path, bool read_only)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  CsmVault *vault = csm_vault_open (path, passphrase, read_only, &error);

  g_assert_no_error (error);
  g_assert_nonnull (vault);
  return vault;
}

sqlite3 *
fixture_open_database (CsmVault *vault)
{
  g_autoptr (GError) error = NULL;
  sqlite3 *db = NULL;

  csm_vault_open_database (vault, &db, &error);
  g_assert_no_error (error);
  return db;
}

void
fixture_exec (sqlite3 *db, const char *sql)
{
  const int rc = sqlite3_exec (db, sql, NULL, NULL, NULL);

  if (rc != SQLITE_OK)
    g_error ("%d %s", rc, sqlite3_errmsg (db));
}

int64_t
fixture_query (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *query = NULL;
  int64_t answer = -1;

  if (sqlite3_prepare_v2 (db, sql, -1, &query, NULL) == SQLITE_OK &&
      sqlite3_step (query) == SQLITE_ROW)
    answer = sqlite3_column_int64 (query, 0);
  sqlite3_finalize (query);
  return answer;
}

GBytes *
fixture_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *data;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

void
fixture_write (const char *path, const void *data, size_t size)
{
  FILE *file = g_fopen (path, "wb");

  g_assert_nonnull (file);
  g_assert_cmpint (fwrite (data, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

void
fixture_write_bytes (const char *path, GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  fixture_write (path, data, size);
}

bool
fixture_contains (GBytes *bytes, const char *text)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return memmem (data, size, text, strlen (text)) != NULL;
}
