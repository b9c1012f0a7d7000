/* csm-case-rederive.c: the derived tables made anew from the ledger
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-foundation.h"
#include "casefile/csm-rederive.h"
#include "casefile/csm-schema.h"

#include <inttypes.h>
#include <string.h>

#define MAX_ROWS 50000
/* More than one entry ever changes: a mark's rectangles and frames, taken out and put in. */
#define ENTRY_ROWS 12000
#define STRIDE 64

static const char what[] = "derive the tables again";

typedef struct
{
  CsmDb *db;
  CsmProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;
  int64_t done, total;
  int rows;    /* changed before this transaction */
  bool shaken; /* salvaged: what rests on missing entries is passed over */
} Rederive;

gboolean
csm_rederive_begin (CsmDb *db, GError **error)
{
  return csm_db_exec (db, "INSERT OR IGNORE INTO kept_rederive (one) VALUES (1)", what, error);
}

gboolean
csm_rederive_is_due (CsmDb *db, bool *ret_due, GError **error)
{
  int64_t n = 0;

  if (!csm_db_get_int (db, "SELECT count (*) FROM kept_rederive", &n, error))
    return FALSE;
  *ret_due = n > 0;
  return TRUE;
}

static gboolean
begin (Rederive *self, GError **error)
{
  self->rows = sqlite3_total_changes (csm_db_get_handle (self->db));
  return csm_db_exec (self->db, "BEGIN IMMEDIATE", what, error);
}

static gboolean
commit (Rederive *self, GError **error)
{
  return csm_db_exec (self->db, "COMMIT", what, error);
}

/* By the key, so many rows a transaction that the journal in memory stays small. */
static gboolean
empty_table (Rederive *self, const CsmDerivedTable *table, GError **error)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_auto (GStrv) columns = g_strsplit (table->columns, ", ", -1);
  /* Codes refer to each other: all or none. */
  const int limit = strcmp (table->name, "code") == 0 ? -1 : MAX_ROWS;
  g_autofree char *sql = NULL;

  for (int i = 0; i < table->n_key; i++)
    g_string_append_printf (key, "%s%s", i > 0 ? ", " : "", columns[i]);
  sql = g_strdup_printf ("DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s LIMIT %d)",
                         table->name, key->str, key->str, table->name, limit);
  do
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
        !begin (self, error) || !csm_db_exec (self->db, sql, what, error) ||
        !commit (self, error))
      return FALSE;
  while (sqlite3_changes (csm_db_get_handle (self->db)) == MAX_ROWS);
  return TRUE;
}

/* Last to first: what refers goes before what is referred to. */
static gboolean
empty_tables (Rederive *self, GError **error)
{
  int n = 0;

  if (!begin (self, error) ||
      !csm_db_exec (self->db, "INSERT INTO search (search) VALUES ('delete-all')", what,
                    error) ||
      !commit (self, error))
    return FALSE;
  while (csm_derived_tables[n].name != NULL)
    n++;
  while (n-- > 0)
    if (!empty_table (self, &csm_derived_tables[n], error))
      return FALSE;
  return TRUE;
}

/* 1, 0 after the last one, -1. One statement an entry: an open one would hold the log. */
static int
read_next (Rederive *self,
           int64_t *lamport,
           CsmDigest *id,
           CsmEntry **ret_entry,
           GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the ledger",
                     "SELECT header, meta, body, signature FROM entry"
                     " WHERE (lamport, id) > (?, ?) ORDER BY lamport, id LIMIT 1");
  int step;

  csm_query_int (query, *lamport);
  csm_query_digest (query, id);
  step = csm_query_step (query, error);
  if (step <= 0)
    return step;
  *ret_entry = csm_entry_from_row (query, 0, error);
  if (*ret_entry == NULL)
    return -1;
  /* As it is signed, not as the columns beside it say: those could make this go in circles. */
  if (csm_entry_get_place (*ret_entry)->lamport < *lamport)
    {
      csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                     "an entry is kept at another place than the one it was signed for");
      return -1;
    }
  *lamport = csm_entry_get_place (*ret_entry)->lamport;
  *id = *csm_entry_get_id (*ret_entry);
  return 1;
}

/* As the replay of verify does: the whole entry or nothing of it. */
static gboolean
apply_or_pass (Rederive *self, const CsmEntry *entry, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!csm_db_exec (self->db, "SAVEPOINT one", what, error))
    return FALSE;
  if (csm_apply_entry (self->db, entry, &local))
    return csm_db_exec (self->db, "RELEASE one", what, error);
  /* The disk's own trouble is no fault of the entry. */
  if (local->domain != CSM_CASE_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return csm_db_exec (self->db, "ROLLBACK TO one; RELEASE one", what, error);
}

static gboolean
apply (Rederive *self, const CsmEntry *entry, GError **error)
{
  g_autoptr (GError) local = NULL;
  const CsmEntryPlace *place = csm_entry_get_place (entry);

  if (self->shaken)
    return apply_or_pass (self, entry, error);
  if (csm_apply_entry (self->db, entry, &local))
    return TRUE;
  if (!g_error_matches (local, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                        "entry %" PRId64 " of chain %s breaks a rule: %s; use a backup",
                        place->seq, place->chain.hex, local->message);
}

/* A full transaction is committed and the next one begun. */
static gboolean
pass_limit (Rederive *self, GError **error)
{
  const int rows = sqlite3_total_changes (csm_db_get_handle (self->db)) - self->rows;

  return rows < MAX_ROWS - ENTRY_ROWS || (commit (self, error) && begin (self, error));
}

static bool
advance (Rederive *self, GError **error)
{
  if (++self->done % STRIDE != 0)
    return true;
  if (self->progress != NULL)
    self->progress (MIN (self->done, self->total), self->total, self->data);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

static gboolean
apply_all (Rederive *self, GError **error)
{
  int64_t lamport = -1;
  CsmDigest id = { 0 };
  int step;

  for (;;)
    {
      g_autoptr (CsmEntry) entry = NULL;

      step = read_next (self, &lamport, &id, &entry, error);
      if (step <= 0)
        return step == 0;
      if (!apply (self, entry, error) || !pass_limit (self, error) || !advance (self, error))
        return FALSE;
    }
}

gboolean
csm_rederive_run (CsmDb *db,
                  CsmProgressCallback progress,
                  gpointer data,
                  GCancellable *cancellable,
                  GError **error)
{
  Rederive self = { .db = db, .progress = progress, .data = data, .cancellable = cancellable };

  if (csm_db_get_int (db, "SELECT count (*) FROM entry", &self.total, error) &&
      csm_foundation_is_shaken (db, &self.shaken, error) && empty_tables (&self, error) &&
      begin (&self, error) && csm_foundation_lay (db, db, error) && apply_all (&self, error) &&
      csm_db_exec (db, "DELETE FROM kept_rederive", what, error) && commit (&self, error))
    {
      if (progress != NULL)
        progress (self.total, self.total, data);
      return TRUE;
    }
  /* Some failures roll back by themselves. */
  if (sqlite3_get_autocommit (csm_db_get_handle (db)) == 0)
    (void) csm_db_exec (db, "ROLLBACK", what, NULL);
  return FALSE;
}

gboolean
csm_case_rederive (CsmCase *self,
                   CsmProgressCallback progress,
                   gpointer data,
                   GCancellable *cancellable,
                   GError **error)
{
  CSM_CASE_ASSERT_LANE (self);
  if (self->read_only)
    return csm_case_fail (error, CSM_CASE_ERROR_READ_ONLY, "the case is open read-only: %s",
                          self->why_read_only);
  if (csm_rederive_run (self->db, progress, data, cancellable, error))
    return csm_case_check_kinds (self, error);
  /* What is half derived must not be written on. */
  self->read_only = true;
  self->why_read_only = g_strdup ("its tables are not finished; close it and open it again");
  return FALSE;
}
