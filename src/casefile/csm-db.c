/* csm-db.c: statements over one SQLite connection
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-db.h"

struct _CsmDb
{
  /* Borrowed; NULL for a scratch database */
  CsmVault *vault;

  /* Owned */
  sqlite3 *handle;
  GHashTable *statements; /* address of static SQL to sqlite3_stmt */

  bool no_search;
};

G_DEFINE_QUARK (csm_case_error, csm_case_error)

static void
finalize_cb (gpointer statement)
{
  /* Repeats the error of the last step, which was reported there. */
  (void) sqlite3_finalize (statement);
}

static CsmDb *
db_new (CsmVault *vault, sqlite3 *handle)
{
  CsmDb *self = g_new0 (CsmDb, 1);

  self->vault = vault;
  self->handle = handle;
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize_cb);
  return self;
}

CsmDb *
csm_db_open (CsmVault *vault, GError **error)
{
  g_autoptr (CsmDb) self = NULL;
  sqlite3 *handle = NULL;

  if (!csm_vault_open_database (vault, &handle, error))
    return NULL;
  self = db_new (vault, handle);
  if (!csm_db_exec (self, "PRAGMA recursive_triggers = ON", "set up the database", error))
    return NULL;
  return g_steal_pointer (&self);
}

CsmDb *
csm_db_open_memory (GError **error)
{
  g_autoptr (CsmDb) self = NULL;
  sqlite3 *handle = NULL;
  const int rc =
      sqlite3_open_v2 (":memory:", &handle,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

  self = db_new (NULL, handle);
  if (rc != SQLITE_OK)
    {
      csm_db_fail (self, rc, "make a database in memory", error);
      return NULL;
    }
  if (!csm_db_exec (self,
                    "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;"
                    "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON",
                    "set up a database in memory", error))
    return NULL;
  return g_steal_pointer (&self);
}

void
csm_db_free (CsmDb *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->statements);
  /* v2: a statement that a caller forgot would keep a plain close from closing. */
  (void) sqlite3_close_v2 (self->handle);
  g_free (self);
}

void
csm_db_leave_search_out (CsmDb *self)
{
  self->no_search = true;
}

bool
csm_db_has_search (const CsmDb *self)
{
  return !self->no_search;
}

GHashTable *
csm_db_get_statements (CsmDb *self)
{
  return self->statements;
}

sqlite3 *
csm_db_get_handle (CsmDb *self)
{
  return self->handle;
}

/* Whether the disk or the vault stands behind @rc, and not what we asked for. */
static bool
is_vault_code (int rc)
{
  switch (rc & 0xff)
    {
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
      return true;
    default:
      return false;
    }
}

/* What the tables' own constraints refuse is no failure of the database. */
static bool
breaks_rule (const CsmDb *self, int rc)
{
  return (rc & 0xff) == SQLITE_CONSTRAINT && self->handle != NULL &&
         sqlite3_extended_errcode (self->handle) != SQLITE_CONSTRAINT_TRIGGER;
}

gboolean
csm_db_fail (CsmDb *self, int rc, const char *what, GError **error)
{
  if (self->vault != NULL && is_vault_code (rc))
    return csm_vault_fail_sql (self->vault, self->handle, rc, what, error);

  g_set_error (error, CSM_CASE_ERROR,
               breaks_rule (self, rc) ? CSM_CASE_ERROR_DAMAGED : CSM_CASE_ERROR_DATABASE,
               "cannot %s: %s", what,
               self->handle != NULL && sqlite3_errcode (self->handle) != SQLITE_OK
                   ? sqlite3_errmsg (self->handle)
                   : sqlite3_errstr (rc));
  return FALSE;
}

gboolean
csm_db_exec (CsmDb *self, const char *sql, const char *what, GError **error)
{
  const int rc = sqlite3_exec (self->handle, sql, NULL, NULL, NULL);

  return rc == SQLITE_OK ? TRUE : csm_db_fail (self, rc, what, error);
}

gboolean
csm_db_get_int (CsmDb *self, const char *sql, int64_t *ret_value, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (self, "read the case", sql);
  const int step = csm_query_step (query, error);

  if (step < 0)
    return FALSE;
  *ret_value = step > 0 ? csm_query_get_int (query, 0) : 0;
  return TRUE;
}
