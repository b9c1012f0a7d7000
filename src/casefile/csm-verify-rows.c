/* csm-verify-rows.c: derived rows against what a replay made of the entries
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-schema.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

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

        csm_verify_say (self, CSM_FINDING_BROKEN, where,
                        _ ("its %s is not what the entries say"), sqlite3_column_name (a, i));
      }
}

void
csm_verify_say_row (CsmVerify *self,
                    const CsmDerivedTable *table,
                    CsmQuery *query,
                    const char *what)
{
  g_autofree char *where = name_row (table, query);

  csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", what);
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
        csm_verify_say_row (self, table, kept, _ ("no entry explains it"));
      else if (order > 0)
        csm_verify_say_row (self, table, again, _ ("is missing, though the entries make it"));
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

void
csm_verify_rows (CsmVerify *self,
                 const CsmDerivedTable *table,
                 CsmQuery *kept,
                 CsmQuery *again,
                 int64_t *n_kept)
{
  g_autoptr (GError) error = NULL;

  if (!compare_rows (self, table, kept, again, n_kept, &error))
    csm_verify_say (self, CSM_FINDING_BROKEN, table->name, "%s", error->message);
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
  csm_verify_rows (self, table, kept, again, &n_kept);
}
