/* csm-verify-rows.c: derived rows against what a replay made of the entries
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-schema.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Rows are compared while the ledger is read; what is found is told after it. Where and what,
 * in turn; as many as anybody reads, and how many more. */
#define MAX_HELD 1000

static void G_GNUC_PRINTF (3, 4)
    say_broken (CsmVerify *self, const char *where, const char *format, ...)
{
  va_list args;

  self->holds = false;
  if (self->held->len >= 2 * MAX_HELD)
    {
      self->n_unheld++;
      return;
    }
  va_start (args, format);
  g_ptr_array_add (self->held, g_strdup (where));
  g_ptr_array_add (self->held, g_strdup_vprintf (format, args));
  va_end (args);
}

void
csm_verify_hold_rows (CsmVerify *self)
{
  self->held = g_ptr_array_new_with_free_func (g_free);
}

void
csm_verify_release_rows (CsmVerify *self)
{
  for (guint i = 0; i + 1 < self->held->len; i += 2)
    csm_verify_say (self, CSM_FINDING_BROKEN, self->held->pdata[i], "%s",
                    (const char *) self->held->pdata[i + 1]);
  self->n_broken += self->n_unheld;
  g_clear_pointer (&self->held, g_ptr_array_unref);
}

static int
compare_values (sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
  const int type = sqlite3_column_type (a, column);
  int size_a, size_b, order;

  if (type != sqlite3_column_type (b, column))
    return type < sqlite3_column_type (b, column) ? -1 : 1;
  if (type == SQLITE_NULL)
    return 0;
  if (type == SQLITE_INTEGER)
    {
      const int64_t x = sqlite3_column_int64 (a, column);
      const int64_t y = sqlite3_column_int64 (b, column);

      return x < y ? -1 : x > y;
    }
  /* Text as bytes: the order of SQLite's BINARY collation. */
  size_a = sqlite3_column_bytes (a, column);
  size_b = sqlite3_column_bytes (b, column);
  order = size_a == 0 || size_b == 0
              ? 0
              : memcmp (sqlite3_column_blob (a, column), sqlite3_column_blob (b, column),
                        (size_t) MIN (size_a, size_b));
  if (order != 0)
    return order;
  return size_a < size_b ? -1 : size_a > size_b;
}

static int
compare_keys (CsmQuery *a, CsmQuery *b, int n_key)
{
  for (int i = 0; i < n_key; i++)
    {
      const int order =
          compare_values (csm_query_get_statement (a), csm_query_get_statement (b), i);

      if (order != 0)
        return order;
    }
  return 0;
}

/* (transfer full): "Table mark, row 0a1b..." */
static char *
name_row (const CsmDerivedTable *table, CsmQuery *query)
{
  sqlite3_stmt *row = csm_query_get_statement (query);
  GString *name = g_string_new (NULL);

  g_string_printf (name, _ ("Table %s, row"), table->name);
  for (int i = 0; i < table->n_key; i++)
    if (sqlite3_column_type (row, i) == SQLITE_BLOB)
      {
        g_autofree char *hex = csm_hex_encode (sqlite3_column_blob (row, i),
                                               (size_t) sqlite3_column_bytes (row, i));

        g_string_append_printf (name, " %s", hex);
      }
    else
      g_string_append_printf (name, " %s", (const char *) sqlite3_column_text (row, i));
  return g_string_free (name, FALSE);
}

static void
compare_columns (CsmVerify *self, const CsmDerivedTable *table, CsmQuery *kept, CsmQuery *again)
{
  sqlite3_stmt *a = csm_query_get_statement (kept);
  sqlite3_stmt *b = csm_query_get_statement (again);

  for (int i = table->n_key; i < sqlite3_column_count (a); i++)
    if (compare_values (a, b, i) != 0)
      {
        g_autofree char *where = name_row (table, kept);

        say_broken (self, where, _ ("its %s is not what the entries say"),
                    sqlite3_column_name (a, i));
      }
}

static void
say_row (CsmVerify *self, const CsmDerivedTable *table, CsmQuery *query, const char *what)
{
  g_autofree char *where = name_row (table, query);

  say_broken (self, where, "%s", what);
}

/* Two statements side by side, each in the order of its key. @n_kept counts the case's rows. */
static gboolean
compare_rows (CsmVerify *self,
              const CsmDerivedTable *table,
              CsmQuery *kept,
              CsmQuery *again,
              int64_t *n_kept,
              GError **error)
{
  int a = csm_query_step (kept, error);
  int b = a < 0 ? -1 : csm_query_step (again, error);

  while (a >= 0 && b >= 0 && (a > 0 || b > 0))
    {
      const int order = a == 0 ? 1 : b == 0 ? -1 : compare_keys (kept, again, table->n_key);

      if (order < 0)
        say_row (self, table, kept, _ ("no entry explains it"));
      else if (order > 0)
        say_row (self, table, again, _ ("is missing, though the entries make it"));
      else
        compare_columns (self, table, kept, again);
      if (order <= 0)
        {
          ++*n_kept;
          a = csm_query_step (kept, error);
        }
      if (a >= 0 && order >= 0)
        b = csm_query_step (again, error);
    }
  return a >= 0 && b >= 0;
}

static void
compare (CsmVerify *self,
         const CsmDerivedTable *table,
         CsmQuery *kept,
         CsmQuery *again,
         int64_t *n_kept)
{
  g_autoptr (GError) error = NULL;

  if (!compare_rows (self, table, kept, again, n_kept, &error))
    say_broken (self, table->name, "%s", error->message);
}

void
csm_verify_table (CsmVerify *self,
                  CsmDb *scratch,
                  const CsmDerivedTable *table,
                  const char *where)
{
  g_autoptr (GString) sql = g_string_new ("SELECT ");
  g_autoptr (CsmQuery) kept = NULL;
  g_autoptr (CsmQuery) again = NULL;
  int64_t n_kept = 0;

  g_string_append_printf (sql, "%s FROM %s %s ORDER BY 1", table->columns, table->name, where);
  for (int i = 2; i <= table->n_key; i++)
    g_string_append_printf (sql, ", %d", i);
  kept = csm_query_new_once (self->acase->db, "compare the tables", sql->str);
  again = csm_query_new_once (scratch, "compare the tables", sql->str);
  compare (self, table, kept, again, &n_kept);
}

/* --- rows that are settled as soon as nothing can change them any more --- */

/* What belongs to one event or one mark in one table. Its rows are compared and leave the
 * replay, so that the replay holds what is still in motion and no more. */
typedef struct
{
  CsmDerivedTable table;
  const char *read_sql, *delete_sql; /* by ?1 */
  const char *count_sql;
  const char *unexplained_sql; /* keys that no entry can explain */
} Settled;

#define SETTLED(name, noun, columns, n_key, scope, condition, unexplained)            \
  {                                                                                   \
    { name, noun, columns, n_key },                                                   \
        "SELECT " columns " FROM " name " WHERE " scope " ORDER BY 1, 2",             \
        "DELETE FROM " name " WHERE " scope, "SELECT count (*) FROM " name condition, \
        unexplained                                                                   \
  }

/* A mark's own row is the last to go: the others refer to it. */
static const Settled settled[] = {
  SETTLED ("event",
           "event",
           CSM_EVENT_COLUMNS,
           1,
           "id = ?1",
           "",
           "SELECT id FROM event"
           " WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = event.id)"),
  SETTLED ("mark_region",
           "region of mark",
           CSM_MARK_REGION_COLUMNS,
           2,
           "mark = ?1",
           "",
           "SELECT r.mark, r.n FROM mark_region AS r"
           " WHERE NOT EXISTS (SELECT 1 FROM mark WHERE mark.id = r.mark)"),
  SETTLED ("mark_frame",
           "frame of mark",
           CSM_MARK_FRAME_COLUMNS,
           2,
           "mark = ?1",
           "",
           "SELECT f.mark, f.ordinal FROM mark_frame AS f"
           " WHERE NOT EXISTS (SELECT 1 FROM mark WHERE mark.id = f.mark)"),
  SETTLED ("document",
           "search text",
           CSM_DOCUMENT_COLUMNS,
           2,
           "kind = 1 AND subject = ?1",
           " WHERE kind = 1",
           "SELECT d.kind, d.subject FROM document AS d WHERE d.kind = 1"
           " AND NOT EXISTS (SELECT 1 FROM mark WHERE mark.id = d.subject)"),
  SETTLED ("mark",
           "mark",
           CSM_MARK_COLUMNS,
           1,
           "id = ?1",
           "",
           "SELECT m.id FROM mark AS m WHERE NOT EXISTS"
           " (SELECT 1 FROM event AS e WHERE e.subject = m.id AND e.kind = 'mark.set')"),
};

G_STATIC_ASSERT (G_N_ELEMENTS (settled) == CSM_VERIFY_N_SETTLED);

bool
csm_verify_settles (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (settled); i++)
    if (strcmp (settled[i].table.name, name) == 0)
      return true;
  return false;
}

static void
settle (CsmVerify *self, CsmDb *scratch, size_t i, const void *key, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) kept =
      csm_query_new (self->acase->db, "compare the tables", settled[i].read_sql);
  g_autoptr (CsmQuery) again =
      csm_query_new (scratch, "compare the tables", settled[i].read_sql);
  g_autoptr (CsmQuery) done = csm_query_new (scratch, "replay", settled[i].delete_sql);

  csm_query_blob (kept, key, size);
  csm_query_blob (again, key, size);
  csm_query_blob (done, key, size);
  compare (self, &settled[i].table, kept, again, &self->n_settled[i]);
  g_clear_pointer (&again, csm_query_free);
  if (!csm_query_run (done, &error))
    say_broken (self, settled[i].table.name, "%s", error->message);
}

void
csm_verify_settle_event (CsmVerify *self, CsmDb *scratch, const CsmDigest *id)
{
  settle (self, scratch, 0, id->bytes, sizeof id->bytes);
}

void
csm_verify_settle_mark (CsmVerify *self, CsmDb *scratch, const uint8_t *mark)
{
  for (size_t i = 1; i < G_N_ELEMENTS (settled); i++)
    settle (self, scratch, i, mark, CSM_ID_SIZE);
}

/* Rows that nothing in the replay asked for. */
static void
name_unexplained (CsmVerify *self, const Settled *one, int64_t n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "compare the tables", one->unexplained_sql);
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    {
      say_row (self, &one->table, query, _ ("no entry explains it"));
      n--;
    }
  if (step < 0)
    say_broken (self, one->table.name, "%s", error->message);
  else if (n > 0)
    say_broken (self, one->table.name, _ ("%" PRId64 " more rows than the entries explain"), n);
}

void
csm_verify_end_settling (CsmVerify *self, CsmDb *scratch)
{
  g_autoptr (GError) error = NULL;
  uint8_t mark[CSM_ID_SIZE];
  int step = 1;

  /* Marks that something promised to change again, and did not. */
  while (step > 0)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (scratch, "replay", "SELECT id FROM mark LIMIT 1");

      step = csm_query_step (query, &error);
      if (step > 0)
        (void) csm_query_get_blob (query, 0, mark, sizeof mark);
      g_clear_pointer (&query, csm_query_free);
      if (step > 0)
        csm_verify_settle_mark (self, scratch, mark);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (settled); i++)
    {
      int64_t n = 0;

      if (!csm_db_get_int (self->acase->db, settled[i].count_sql, &n, &error))
        say_broken (self, settled[i].table.name, "%s", error->message);
      else if (n > self->n_settled[i])
        name_unexplained (self, &settled[i], n - self->n_settled[i]);
      g_clear_error (&error);
    }
}
