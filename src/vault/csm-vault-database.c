/* csm-vault-database.c: the SQLite connection over an unlocked case file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-vault-database.h"

#include "vault/csm-fail.h"
#include "vault/csm-vault-private.h"

typedef struct
{
  const char *statement; /* sets */
  const char *query;     /* reads back */
  const char *expected;
} Setting;

static const Setting settings[] = {
  { "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode", "exclusive" },
  { "PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2" },
  { "PRAGMA cache_spill=OFF", "PRAGMA cache_spill", "0" },
  { "PRAGMA synchronous=FULL", "PRAGMA synchronous", "2" },
  { "PRAGMA secure_delete=ON", "PRAGMA secure_delete", "1" },
  { "PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1" },
};

/* What is read back forces the first look at the file, and with it the recovery of a WAL. */
static const Setting shape[] = {
  { NULL, "PRAGMA journal_mode", "wal" },
  { NULL, "PRAGMA page_size", "4096" },
};

gboolean
csm_vault_fail_sql (CsmVault *vault, sqlite3 *db, int rc, const char *what, GError **error)
{
  g_autofree char *fault = csm_vault_dup_fault (vault);
  const char *why = db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (rc);

  /* After the first fault the connection refuses to write. */
  if (rc == SQLITE_IOERR_DATA || (rc & 0xff) == SQLITE_CORRUPT ||
      (rc & 0xff) == SQLITE_NOTADB || (fault != NULL && (rc & 0xff) == SQLITE_READONLY))
    return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED, "%s: %s; use a backup", what,
                           fault != NULL ? fault : why);
  switch (rc & 0xff)
    {
    case SQLITE_FULL:
      return csm_vault_fail (error, CSM_VAULT_ERROR_FULL,
                             "%s: no space left, or the file is too large for its disk; free "
                             "some space, or use another disk, and try again",
                             what);
    case SQLITE_READONLY:
      return csm_vault_fail (error, CSM_VAULT_ERROR_READ_ONLY,
                             "%s: the case is open for reading only; open it for writing",
                             what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return csm_vault_fail (error, CSM_VAULT_ERROR_BUSY,
                             "%s: the database is in use; try again when it is idle", what);
    default:
      return csm_vault_fail (error, CSM_VAULT_ERROR_IO, "%s: %s; check the disk and try again",
                             what, why);
    }
}

static int
run (sqlite3 *db, const char *statement)
{
  return sqlite3_exec (db, statement, NULL, NULL, NULL);
}

static gboolean
read_back (CsmVault *vault, sqlite3 *db, const Setting *setting, GError **error)
{
  sqlite3_stmt *query = NULL;
  bool holds = false;
  int rc = sqlite3_prepare_v2 (db, setting->query, -1, &query, NULL);

  if (rc == SQLITE_OK)
    {
      rc = sqlite3_step (query);
      if (rc == SQLITE_ROW)
        holds =
            g_strcmp0 ((const char *) sqlite3_column_text (query, 0), setting->expected) == 0;
    }
  (void) sqlite3_finalize (query); /* repeats what step said */
  if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    return csm_vault_fail_sql (vault, db, rc, "open the case's database", error);
  if (!holds)
    return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                           "open the case's database: this SQLite does not keep to the format "
                           "(%s); use Debian's",
                           setting->query);
  return TRUE;
}

static gboolean
apply (CsmVault *vault, sqlite3 *db, GError **error)
{
  int reserve = CSM_PAGE_RESERVE;
  int rc;

  /* Before anything looks at the file, so that a new database gets it too. */
  rc = sqlite3_file_control (db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
  if (rc == SQLITE_OK)
    rc = sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_db_config (db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  if (rc == SQLITE_OK && vault->read_only)
    rc = sqlite3_db_config (db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  for (size_t i = 0; rc == SQLITE_OK && i < G_N_ELEMENTS (settings); i++)
    rc = run (db, settings[i].statement);
  if (rc != SQLITE_OK)
    return csm_vault_fail_sql (vault, db, rc, "open the case's database", error);
  for (size_t i = 0; i < G_N_ELEMENTS (settings); i++)
    if (!read_back (vault, db, &settings[i], error))
      return FALSE;
  return TRUE;
}

/* The first transaction of a new database turns it to WAL; its journal stays in memory. */
static gboolean
make_database (CsmVault *vault, sqlite3 *db, GError **error)
{
  const int rc =
      run (db, "PRAGMA page_size=4096; PRAGMA journal_mode=MEMORY; PRAGMA journal_mode=WAL");

  if (rc != SQLITE_OK)
    return csm_vault_fail_sql (vault, db, rc, "make the case's database", error);
  return TRUE;
}

static gboolean
is_empty (CsmVault *vault)
{
  int64_t size = 0;

  return vault->final_path != NULL && vault->disk->get_size (vault->file, &size) == 0 &&
         size <= CSM_PAGES_OFFSET;
}

gboolean
csm_vault_open_database (CsmVault *vault, sqlite3 **ret_db, GError **error)
{
  const int flags =
      SQLITE_OPEN_EXRESCODE |
      (vault->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const bool empty = is_empty (vault);
  sqlite3 *db = NULL;
  int rc;

  rc = sqlite3_open_v2 (vault->path, &db, flags, csm_vault_get_vfs_name (vault));
  if (rc != SQLITE_OK)
    {
      csm_vault_fail_sql (vault, db, rc, "open the case's database", error);
      (void) sqlite3_close_v2 (db); /* never opened */
      return FALSE;
    }
  if (!apply (vault, db, error) || (empty && !make_database (vault, db, error)) ||
      !read_back (vault, db, &shape[0], error) || !read_back (vault, db, &shape[1], error))
    {
      (void) sqlite3_close_v2 (db); /* the error is told already */
      return FALSE;
    }
  vault->is_settled = true;
  *ret_db = db;
  return TRUE;
}
