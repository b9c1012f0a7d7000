/* csm-verify-indexes.c: whether the indexes of a table name its rows, all of them, in order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* integrity_check looks each row of a table up in each of its indexes: all over the file, which
 * of a table that grows with the ledger takes most of a minute per million. Here both are read
 * from end to end, and a sum of what the table says is compared with one of what the index
 * says. The order of keys, which quick_check does not see, is compared along the way. */

#define MAX_INDEXES 3
#define MAX_COLUMNS 16

typedef struct
{
  const char *name;
  const char *columns; /* the table's key among them */
  int n_columns;
  bool skips_null; /* WHERE its first column IS NOT NULL */
} Index;

typedef struct
{
  const char *table;
  /* What the table itself is sorted by; n_key 0 for rowids, whose order quick_check sees. */
  const char *key;
  int n_key;
  Index indexes[MAX_INDEXES];
} Indexed;

static const Indexed indexed[] = {
  { "entry",
    "n",
    0,
    { { "sqlite_autoindex_entry_1", "id, n", 2, false },
      { "entry_order", "lamport, id, n", 3, false },
      { "entry_chain", "chain, seq, n", 3, false } } },
  { "event",
    "id",
    1,
    { { "event_subject", "subject, lamport, id", 3, true },
      { "event_kind", "kind, lamport, id", 3, false } } },
  { "mark",
    "id",
    1,
    { { "mark_exhibit", "exhibit, removed, first, last, id", 5, false },
      { "mark_code", "code, removed, exhibit, first, last, id", 6, false },
      { "mark_author", "author, removed, exhibit, first, last, id", 6, false } } },
  { "mark_region", "mark, n", 2, { { NULL, NULL, 0, false } } },
  { "mark_frame", "mark, ordinal", 2, { { NULL, NULL, 0, false } } },
  { "document", "n", 0, { { "sqlite_autoindex_document_1", "kind, subject, n", 3, false } } },
};

/* NULL, numbers, text, bytes: the order of types in an index. */
static int
rank (int type)
{
  return type == SQLITE_NULL ? 0 : type == SQLITE_INTEGER ? 1 : type == SQLITE_TEXT ? 2 : 3;
}

/* Columns @first to @first + @n - 1 of a row, each with its type and size, so that two rows
 * give the same bytes only when they are the same. */
static void
put_columns (GByteArray *bytes, sqlite3_stmt *row, int first, int n)
{
  g_byte_array_set_size (bytes, 0);
  for (int i = first; i < first + n; i++)
    {
      const int type = sqlite3_column_type (row, i);
      const uint8_t mark = (uint8_t) rank (type);

      g_byte_array_append (bytes, &mark, 1);
      if (type == SQLITE_INTEGER)
        {
          const int64_t value = sqlite3_column_int64 (row, i);

          g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
        }
      else if (type != SQLITE_NULL)
        {
          const void *data = sqlite3_column_blob (row, i);
          const uint32_t size = (uint32_t) sqlite3_column_bytes (row, i);

          g_byte_array_append (bytes, (const guint8 *) &size, sizeof size);
          if (size > 0)
            g_byte_array_append (bytes, data, size);
        }
    }
}

/* Below, equal, above 0, as SQLite's BINARY collation sorts. */
static int
compare_values (sqlite3_value *a, sqlite3_value *b)
{
  const int type_a = sqlite3_value_type (a), type_b = sqlite3_value_type (b);

  if (type_a != type_b)
    return rank (type_a) - rank (type_b);
  if (type_a == SQLITE_INTEGER)
    {
      const int64_t x = sqlite3_value_int64 (a), y = sqlite3_value_int64 (b);

      return x < y ? -1 : x > y;
    }
  if (type_a == SQLITE_NULL)
    return 0;

  const int size_a = sqlite3_value_bytes (a), size_b = sqlite3_value_bytes (b);
  const int shared = MIN (size_a, size_b);
  const int order =
      shared > 0 ? memcmp (sqlite3_value_blob (a), sqlite3_value_blob (b), (size_t) shared) : 0;

  return order != 0 ? order : size_a - size_b;
}

/* The row before, to compare the next one with. */
typedef struct
{
  sqlite3_value *values[MAX_COLUMNS];
  int n;
} Before;

static void
before_clear (Before *self)
{
  for (int i = 0; i < self->n; i++)
    sqlite3_value_free (self->values[i]);
  self->n = 0;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Before, before_clear)

/* Whether the first @n columns of @row are above those of the row before; keeps them. */
static bool
ascends (Before *self, sqlite3_stmt *row, int n)
{
  int order = -1;

  if (self->n > 0)
    for (int i = 0; i < n; i++)
      if ((order = compare_values (self->values[i], sqlite3_column_value (row, i))) != 0)
        break;
  before_clear (self);
  for (int i = 0; i < n; i++)
    self->values[self->n++] = sqlite3_value_dup (sqlite3_column_value (row, i));
  return order < 0;
}

static void
say_step (CsmVerify *self, const char *where, const GError *error)
{
  if (!g_cancellable_is_cancelled (self->cancellable))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
}

/* The table from end to end: its own order, and the sum of what each index must say. */
static bool
read_table (CsmVerify *self, const Indexed *what, CsmSetHash *sums)
{
  g_autoptr (GString) sql = g_string_new ("SELECT ");
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Before) before = { .n = 0 };
  bool in_order = true;
  int step;

  g_string_append (sql, what->key);
  for (int i = 0; i < MAX_INDEXES && what->indexes[i].name != NULL; i++)
    g_string_append_printf (sql, ", %s", what->indexes[i].columns);
  g_string_append_printf (sql, " FROM %s NOT INDEXED", what->table);

  g_autoptr (CsmQuery) query =
      csm_query_new_once (self->acase->db, "check the database", sql->str);
  const int n_key = MAX (what->n_key, 1);

  while ((step = csm_query_step (query, &error)) > 0)
    {
      sqlite3_stmt *row = csm_query_get_statement (query);
      int column = n_key;

      if (what->n_key > 0)
        in_order = ascends (&before, row, what->n_key) && in_order;
      for (int i = 0; i < MAX_INDEXES && what->indexes[i].name != NULL; i++)
        {
          const Index *index = &what->indexes[i];

          if (!index->skips_null || sqlite3_column_type (row, column) != SQLITE_NULL)
            {
              put_columns (bytes, row, column, index->n_columns);
              csm_set_hash_add (&sums[i], bytes->data, bytes->len);
            }
          column += index->n_columns;
        }
    }
  if (step < 0)
    say_step (self, what->table, error);
  if (!in_order)
    csm_verify_say (self, CSM_FINDING_BROKEN, what->table, _ ("its rows are out of order"));
  return step == 0;
}

static void
read_index (CsmVerify *self, const Index *index, const char *table, const CsmSetHash *expected)
{
  g_autofree char *sql = NULL;
  g_autofree char *first = g_strndup (index->columns, strcspn (index->columns, ","));
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Before) before = { .n = 0 };
  CsmSetHash sum;
  bool in_order = true;
  int step;

  sql =
      g_strdup_printf ("SELECT %s FROM %s INDEXED BY %s%s%s%s", index->columns, table,
                       index->name, index->skips_null ? " WHERE " : "",
                       index->skips_null ? first : "", index->skips_null ? " IS NOT NULL" : "");
  query = csm_query_new_once (self->acase->db, "check the database", sql);
  csm_set_hash_init_like (&sum, expected);
  while ((step = csm_query_step (query, &error)) > 0)
    {
      sqlite3_stmt *row = csm_query_get_statement (query);

      in_order = ascends (&before, row, index->n_columns) && in_order;
      put_columns (bytes, row, 0, index->n_columns);
      csm_set_hash_add (&sum, bytes->data, bytes->len);
    }
  if (step < 0)
    say_step (self, index->name, error);
  else if (!csm_set_hash_equal (&sum, expected))
    csm_verify_say (self, CSM_FINDING_BROKEN, index->name,
                    _ ("the index does not name the rows of %s"), table);
  else if (!in_order)
    csm_verify_say (self, CSM_FINDING_BROKEN, index->name, _ ("the index is out of order"));
}

bool
csm_verify_streams_indexes (const char *table)
{
  for (size_t i = 0; i < G_N_ELEMENTS (indexed); i++)
    if (strcmp (indexed[i].table, table) == 0)
      return true;
  return false;
}

gboolean
csm_verify_indexes (CsmVerify *self)
{
  for (size_t i = 0; i < G_N_ELEMENTS (indexed); i++)
    {
      CsmSetHash sums[MAX_INDEXES];

      for (int j = 0; j < MAX_INDEXES; j++)
        csm_set_hash_init (&sums[j]);
      if (!read_table (self, &indexed[i], sums))
        continue;
      for (int j = 0; j < MAX_INDEXES && indexed[i].indexes[j].name != NULL; j++)
        read_index (self, &indexed[i].indexes[j], indexed[i].table, &sums[j]);
      if (g_cancellable_is_cancelled (self->cancellable))
        return FALSE;
    }
  return !g_cancellable_is_cancelled (self->cancellable);
}
