/* csm-foundation.c: what stands in for entries that a salvage could not find
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-foundation.h"

#include "casefile/csm-case-private.h"

#include <string.h>

static const char what[] = "lay the foundation";

gboolean
csm_foundation_is_shaken (CsmDb *db, bool *ret_shaken, GError **error)
{
  int64_t n = 0;

  if (!csm_db_get_int (db, "SELECT count (*) FROM kept_salvage WHERE key = x''", &n, error))
    return FALSE;
  *ret_shaken = n > 0;
  return TRUE;
}

void
csm_foundation_clear (CsmFoundation *self)
{
  g_clear_pointer (&self->vouched, g_hash_table_unref);
}

/* What a new reviewer rests on by the entry's own words. */
typedef struct
{
  char *key;
  char *by;
} Newcomer;

static void
newcomer_free (gpointer data)
{
  Newcomer *self = data;

  g_free (self->key);
  g_free (self->by);
  g_free (self);
}

static void
read_person (const CsmEntry *entry,
             CsmFoundation *self,
             GHashTable *recoveries,
             GPtrArray *newcomers)
{
  const char *kind = csm_entry_get_kind (entry);
  const json_t *body = csm_entry_get_content (entry);
  const char *key = body != NULL ? csm_json_get_string (body, "key") : NULL;
  const char *by = body != NULL ? csm_json_get_string (body, "by") : NULL;

  if (g_strcmp0 (kind, "case.create") == 0 && body != NULL)
    self->has_case = true;
  else if (g_strcmp0 (kind, "key.recovery") == 0 && key != NULL)
    g_hash_table_add (recoveries, g_strdup (key));
  else if (g_strcmp0 (kind, "reviewer.add") == 0 && key != NULL && by != NULL)
    {
      Newcomer *newcomer = g_new0 (Newcomer, 1);

      newcomer->key = g_strdup (key);
      newcomer->by = g_strdup (by);
      g_ptr_array_add (newcomers, newcomer);
    }
}

gboolean
csm_foundation_read (CsmDb *db, CsmFoundation *ret, GError **error)
{
  g_autoptr (GHashTable) recoveries =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) newcomers = g_ptr_array_new_with_free_func (newcomer_free);
  g_autoptr (CsmQuery) query = csm_query_new (
      db, what,
      "SELECT header, meta, body, signature FROM entry"
      " WHERE instr (meta, CAST ('\"kind\":\"case.create\"' AS BLOB)) > 0"
      " OR instr (meta, CAST ('\"kind\":\"reviewer.add\"' AS BLOB)) > 0"
      " OR instr (meta, CAST ('\"kind\":\"key.recovery\"' AS BLOB)) > 0 ORDER BY lamport, id");
  int step;

  memset (ret, 0, sizeof *ret);
  ret->vouched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while ((step = csm_query_step (query, error)) > 0)
    {
      g_autoptr (CsmEntry) entry = csm_entry_from_row (query, 0, error);

      if (entry == NULL)
        break;
      read_person (entry, ret, recoveries, newcomers);
    }
  if (step != 0)
    {
      csm_foundation_clear (ret);
      return FALSE;
    }
  for (guint i = 0; i < newcomers->len; i++)
    {
      const Newcomer *newcomer = newcomers->pdata[i];

      if (strcmp (newcomer->by, "creation") == 0 ? ret->has_case
          : strcmp (newcomer->by, "recovery") == 0
              ? g_hash_table_contains (recoveries, newcomer->key)
              : true)
        g_hash_table_add (ret->vouched, g_strdup (newcomer->key));
    }
  return TRUE;
}

static gboolean
lay_case (CsmDb *to, const char *title, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (to, what,
                     "INSERT INTO case_info (one, title, created, zone, clock_confirmed,"
                     " record_access, program, author, entry)"
                     " VALUES (1, ?, 0, 0, 0, 1, '', zeroblob (32), zeroblob (32))");

  csm_query_text (query, title);
  return csm_query_run (query, error);
}

static gboolean
lay_reviewer (CsmDb *to, const CsmDigest *key, const char *name, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (to, what,
                     "INSERT INTO reviewer (key, name, added, vouched_by, entry)"
                     " VALUES (?, ?, 0, zeroblob (32), zeroblob (32))");

  csm_query_digest (query, key);
  csm_query_text (query, name);
  return csm_query_run (query, error);
}

/* One row of kept_salvage, taken out of the statement, which may not stay open. */
typedef struct
{
  bool is_case;
  CsmDigest key;
  char *name;
} Row;

static void
row_clear (gpointer data)
{
  g_free (((Row *) data)->name);
}

static GArray *
list_rows (CsmDb *from, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (Row));
  g_autoptr (CsmQuery) query =
      csm_query_new (from, what, "SELECT key, name FROM kept_salvage ORDER BY key");
  int step;

  g_array_set_clear_func (rows, row_clear);
  while ((step = csm_query_step (query, error)) > 0)
    {
      Row row = { .is_case = false };

      row.is_case = !csm_query_get_digest (query, 0, &row.key);
      row.name = csm_query_dup_text (query, 1);
      g_array_append_val (rows, row);
    }
  return step == 0 ? g_steal_pointer (&rows) : NULL;
}

gboolean
csm_foundation_lay (CsmDb *from, CsmDb *to, GError **error)
{
  g_autoptr (GArray) rows = list_rows (from, error);
  g_auto (CsmFoundation) foundation = { 0 };

  if (rows == NULL)
    return FALSE;
  if (rows->len == 0)
    return TRUE;
  if (!csm_foundation_read (from, &foundation, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);
      char hex[CSM_DIGEST_HEX_SIZE];

      if (row->is_case)
        {
          if (!foundation.has_case && !lay_case (to, row->name, error))
            return FALSE;
          continue;
        }
      csm_digest_to_hex (&row->key, hex);
      if (!g_hash_table_contains (foundation.vouched, hex) &&
          !lay_reviewer (to, &row->key, row->name, error))
        return FALSE;
    }
  return TRUE;
}
