/* csm-query.c: one use of a statement: parameters in, columns out
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-db.h"

#include <string.h>

struct _CsmQuery
{
  CsmDb *db;
  sqlite3_stmt *statement;
  const char *what;
  int n_bound;
  int rc; /* the first failure before a step */
  bool once;
};

static CsmQuery *
query_new (CsmDb *db, const char *what, sqlite3_stmt *statement, int rc, bool once)
{
  CsmQuery *self = g_new0 (CsmQuery, 1);

  self->db = db;
  self->what = what;
  self->statement = statement;
  self->rc = rc;
  self->once = once;
  return self;
}

CsmQuery *
csm_query_new (CsmDb *db, const char *what, const char *sql)
{
  sqlite3_stmt *statement = g_hash_table_lookup (csm_db_get_statements (db), sql);
  int rc;

  if (statement != NULL && !sqlite3_stmt_busy (statement))
    return query_new (db, what, statement, SQLITE_OK, false);
  /* The kept one is in the middle of its rows further up the stack. */
  if (statement != NULL)
    return csm_query_new_once (db, what, sql);

  rc = sqlite3_prepare_v3 (csm_db_get_handle (db), sql, -1, SQLITE_PREPARE_PERSISTENT,
                           &statement, NULL);
  if (rc == SQLITE_OK)
    g_hash_table_insert (csm_db_get_statements (db), (gpointer) sql, statement);
  return query_new (db, what, statement, rc, false);
}

CsmQuery *
csm_query_new_once (CsmDb *db, const char *what, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  const int rc = sqlite3_prepare_v2 (csm_db_get_handle (db), sql, -1, &statement, NULL);

  return query_new (db, what, statement, rc, true);
}

void
csm_query_free (CsmQuery *self)
{
  if (self == NULL)
    return;

  /* Both repeat the error of the last step, which was reported there. */
  if (self->once)
    (void) sqlite3_finalize (self->statement);
  else if (self->statement != NULL)
    {
      (void) sqlite3_reset (self->statement);
      (void) sqlite3_clear_bindings (self->statement);
    }
  g_free (self);
}

static void
note_bound (CsmQuery *self, int rc)
{
  if (self->rc == SQLITE_OK)
    self->rc = rc;
}

void
csm_query_int (CsmQuery *self, int64_t value)
{
  note_bound (self, sqlite3_bind_int64 (self->statement, ++self->n_bound, value));
}

void
csm_query_null (CsmQuery *self)
{
  note_bound (self, sqlite3_bind_null (self->statement, ++self->n_bound));
}

void
csm_query_text (CsmQuery *self, const char *value)
{
  note_bound (self,
              sqlite3_bind_text (self->statement, ++self->n_bound, value, -1, SQLITE_STATIC));
}

void
csm_query_blob (CsmQuery *self, const void *data, size_t size)
{
  note_bound (self, sqlite3_bind_blob64 (
                        /* A NULL pointer would bind NULL, also for bytes of size 0. */
                        self->statement, ++self->n_bound, data != NULL ? data : "", size,
                        SQLITE_STATIC));
}

void
csm_query_bytes (CsmQuery *self, GBytes *value)
{
  size_t size;
  const void *data;

  if (value == NULL)
    {
      csm_query_null (self);
      return;
    }
  data = g_bytes_get_data (value, &size);
  csm_query_blob (self, data, size);
}

void
csm_query_id (CsmQuery *self, const CsmId *value)
{
  uint8_t bytes[CSM_ID_SIZE];

  if (value == NULL)
    {
      csm_query_null (self);
      return;
    }
  if (!csm_hex_decode (value->hex, bytes, sizeof bytes))
    memset (bytes, 0, sizeof bytes);
  note_bound (self, sqlite3_bind_blob64 (self->statement, ++self->n_bound, bytes, sizeof bytes,
                                         SQLITE_TRANSIENT));
}

void
csm_query_digest (CsmQuery *self, const CsmDigest *value)
{
  if (value == NULL)
    csm_query_null (self);
  else
    note_bound (self, sqlite3_bind_blob64 (self->statement, ++self->n_bound, value->bytes,
                                           sizeof value->bytes, SQLITE_TRANSIENT));
}

void
csm_query_pts (CsmQuery *self, int64_t value)
{
  if (value == CSM_NO_PTS)
    csm_query_null (self);
  else
    csm_query_int (self, value);
}

/* True when the statement has a parameter @n, which is the next one to bind then. */
static bool
go_to (CsmQuery *self, int n)
{
  if (n > sqlite3_bind_parameter_count (self->statement))
    return false;
  self->n_bound = n - 1;
  return true;
}

void
csm_query_text_at (CsmQuery *self, int n, const char *value)
{
  if (go_to (self, n))
    csm_query_text (self, value);
}

void
csm_query_id_at (CsmQuery *self, int n, const CsmId *value)
{
  if (go_to (self, n))
    csm_query_id (self, value);
}

void
csm_query_digest_at (CsmQuery *self, int n, const CsmDigest *value)
{
  if (go_to (self, n))
    csm_query_digest (self, value);
}

int
csm_query_step (CsmQuery *self, GError **error)
{
  int rc = self->rc;

  if (rc == SQLITE_OK)
    rc = sqlite3_step (self->statement);
  if (rc == SQLITE_ROW)
    return 1;
  if (rc == SQLITE_DONE)
    return 0;
  csm_db_fail (self->db, rc, self->what, error);
  return -1;
}

gboolean
csm_query_run (CsmQuery *self, GError **error)
{
  return csm_query_step (self, error) >= 0;
}

int64_t
csm_query_get_int (CsmQuery *self, int column)
{
  return sqlite3_column_int64 (self->statement, column);
}

bool
csm_query_is_null (CsmQuery *self, int column)
{
  return sqlite3_column_type (self->statement, column) == SQLITE_NULL;
}

const char *
csm_query_get_text (CsmQuery *self, int column)
{
  const char *text = (const char *) sqlite3_column_text (self->statement, column);

  return text != NULL ? text : "";
}

char *
csm_query_dup_text (CsmQuery *self, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (self->statement, column));
}

GBytes *
csm_query_dup_bytes (CsmQuery *self, int column)
{
  const void *data;

  if (csm_query_is_null (self, column))
    return NULL;
  data = sqlite3_column_blob (self->statement, column);
  return g_bytes_new (data, sqlite3_column_bytes (self->statement, column));
}

bool
csm_query_get_blob (CsmQuery *self, int column, void *ret_data, size_t size)
{
  const void *data = sqlite3_column_blob (self->statement, column);

  memset (ret_data, 0, size);
  if (data == NULL || (size_t) sqlite3_column_bytes (self->statement, column) != size)
    return false;
  memcpy (ret_data, data, size);
  return true;
}

bool
csm_query_get_id (CsmQuery *self, int column, CsmId *ret_id)
{
  uint8_t bytes[CSM_ID_SIZE];
  const bool got = csm_query_get_blob (self, column, bytes, sizeof bytes);
  g_autofree char *hex = csm_hex_encode (bytes, sizeof bytes);

  g_strlcpy (ret_id->hex, hex, sizeof ret_id->hex);
  return got;
}

bool
csm_query_get_digest (CsmQuery *self, int column, CsmDigest *ret_digest)
{
  return csm_query_get_blob (self, column, ret_digest->bytes, sizeof ret_digest->bytes);
}

int64_t
csm_query_get_pts (CsmQuery *self, int column)
{
  return csm_query_is_null (self, column) ? CSM_NO_PTS : csm_query_get_int (self, column);
}

sqlite3_stmt *
csm_query_get_statement (CsmQuery *self)
{
  return self->statement;
}
