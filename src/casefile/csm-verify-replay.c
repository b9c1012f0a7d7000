/* csm-verify-replay.c: every entry checked and applied again, and the rows compared
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply.h"
#include "casefile/csm-schema.h"
#include "casefile/csm-verify-private.h"
#include "custody/csm-chain.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Cancelling and progress, in entries or rows. */
#define STRIDE 64

char *
csm_verify_name_entry (const CsmEntry *entry)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_entry_get_id (entry), hex);
  return g_strdup_printf (
      _ ("Entry %" PRId64 " of chain %s (%s, %s)"), csm_entry_get_place (entry)->seq,
      csm_entry_get_place (entry)->chain.hex,
      csm_entry_get_kind (entry) != NULL ? csm_entry_get_kind (entry) : _ ("withheld"), hex);
}

/* The columns beside the signed bytes are for searching, and could say anything. */
static void
check_columns (CsmVerify *self, CsmQuery *query, const CsmEntry *entry, const char *where)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  CsmDigest id;
  CsmId chain;

  if (!csm_query_get_digest (query, 5, &id) ||
      !csm_digest_equal (&id, csm_entry_get_id (entry)))
    csm_verify_say (self, CSM_FINDING_BROKEN, where,
                    _ ("is kept under an id that is not its own"));
  if (!csm_query_get_id (query, 6, &chain) || strcmp (chain.hex, place->chain.hex) != 0 ||
      csm_query_get_int (query, 7) != place->seq ||
      csm_query_get_int (query, 8) != place->lamport)
    csm_verify_say (self, CSM_FINDING_BROKEN, where,
                    _ ("is kept at another place than the one it was signed for"));
}

static void
apply_again (CsmVerify *self, CsmDb *scratch, const CsmEntry *entry, const char *where)
{
  g_autoptr (GError) error = NULL;
  const char *kind = csm_entry_get_kind (entry);

  if (kind != NULL && !csm_apply_knows_kind (kind))
    csm_verify_say (self, CSM_FINDING_NOTE, where,
                    _ ("is of a kind that this version does not know: what it changed cannot be"
                       " compared"));
  if (csm_db_exec (scratch, "SAVEPOINT one", "replay", &error) &&
      csm_apply_entry (scratch, entry, &error))
    {
      (void) csm_db_exec (scratch, "RELEASE one", "replay", NULL);
      return;
    }
  csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
  (void) csm_db_exec (scratch, "ROLLBACK TO one; RELEASE one", "replay", NULL);
}

static void
check_entry (CsmVerify *self, CsmDb *scratch, CsmChainCheck *chains, CsmQuery *query)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) chain_error = NULL;
  g_autoptr (CsmEntry) entry = csm_entry_from_row (query, 1, &error);
  g_autofree char *where = NULL;

  if (entry == NULL)
    {
      where = g_strdup_printf (_ ("Table entry, row %" PRId64), csm_query_get_int (query, 0));
      csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
      return;
    }
  where = csm_verify_name_entry (entry);
  check_columns (self, query, entry, where);
  /* Nothing takes a meta out of the case's own ledger; bodies are looked at in the end. */
  if (csm_entry_get_meta (entry) == NULL)
    csm_verify_say (self, CSM_FINDING_BROKEN, where, _ ("its content was taken out"));
  if (!csm_chain_check_add (chains, entry, &chain_error))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", chain_error->message);
  apply_again (self, scratch, entry, where);
}

static void
say_forks (CsmVerify *self, const CsmChainCheck *chains)
{
  int n;
  const CsmFork *forks = csm_chain_check_get_forks (chains, &n);

  for (int i = 0; i < n; i++)
    csm_verify_say (self, CSM_FINDING_NOTE, _ ("Ledger"),
                    _ ("two copies went on from entry %" PRId64 " of chain %s: both are kept"),
                    forks[i].after, forks[i].chain.hex);
}

static gboolean
replay (CsmVerify *self, CsmDb *scratch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmChainCheck) chains = csm_chain_check_new (&self->acase->id);
  g_autoptr (CsmQuery) query = NULL;
  const char *where = _ ("Ledger");
  int64_t n = 0;
  int step = -1;

  query = csm_query_new (self->acase->db, "read the ledger",
                         "SELECT n, header, meta, body, signature, id, chain, seq, lamport"
                         " FROM entry ORDER BY lamport, id");
  if (csm_db_exec (scratch, "BEGIN", "replay", &error) &&
      csm_verify_foundation (self, scratch, &error))
    while ((step = csm_query_step (query, &error)) > 0)
      {
        check_entry (self, scratch, chains, query);
        if (++n % STRIDE == 0 && !csm_verify_advance (self, STRIDE))
          return FALSE;
      }
  if (step < 0 || !csm_db_exec (scratch, "COMMIT", "replay", &error))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
  say_forks (self, chains);
  csm_verify_erasures (self, scratch);
  csm_verify_end_part (
      self, where, _ ("every entry is whole, signed by its author and follows the one before"));
  return TRUE;
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

        csm_verify_say (self, CSM_FINDING_BROKEN, where,
                        _ ("its %s is not what the entries say"), sqlite3_column_name (a, i));
      }
}

static void
say_row (CsmVerify *self, const CsmDerivedTable *table, CsmQuery *query, const char *what)
{
  g_autofree char *where = name_row (table, query);

  csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", what);
}

/* Two statements side by side, each in the order of its key. */
static gboolean
compare_rows (CsmVerify *self,
              const CsmDerivedTable *table,
              CsmQuery *kept,
              CsmQuery *again,
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
        a = csm_query_step (kept, error);
      if (a >= 0 && order >= 0)
        b = csm_query_step (again, error);
    }
  return a >= 0 && b >= 0;
}

static void
compare_table (CsmVerify *self, CsmDb *scratch, const CsmDerivedTable *table)
{
  g_autoptr (GString) sql = g_string_new ("SELECT ");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) kept = NULL;
  g_autoptr (CsmQuery) again = NULL;

  g_string_append_printf (sql, "%s FROM %s ORDER BY 1", table->columns, table->name);
  for (int i = 2; i <= table->n_key; i++)
    g_string_append_printf (sql, ", %d", i);
  kept = csm_query_new_once (self->acase->db, "compare the tables", sql->str);
  again = csm_query_new_once (scratch, "compare the tables", sql->str);
  if (!compare_rows (self, table, kept, again, &error))
    csm_verify_say (self, CSM_FINDING_BROKEN, table->name, "%s", error->message);
}

/* The words of the search index, each with its places, against the replay's. Its own check
 * compares it with the texts only, and cannot run read-only. */
static void
compare_words (CsmVerify *self, CsmDb *scratch)
{
  static const CsmDerivedTable words = { "search", "word", "term, doc, col, offset", 4 };
  static const char make_sql[] =
      "CREATE VIRTUAL TABLE temp.words USING fts5vocab ('main', 'search', 'instance')";
  static const char read_sql[] = "SELECT term, doc, col, offset FROM temp.words";
  CsmDb *db = self->acase->db;
  g_autoptr (GError) error = NULL;

  if (csm_db_exec (db, make_sql, "read the search index", &error) &&
      csm_db_exec (scratch, make_sql, "read the search index", &error))
    {
      g_autoptr (CsmQuery) kept = csm_query_new_once (db, "read the search index", read_sql);
      g_autoptr (CsmQuery) again =
          csm_query_new_once (scratch, "read the search index", read_sql);

      (void) compare_rows (self, &words, kept, again, &error);
    }
  if (error != NULL)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Search index"), "%s", error->message);
  (void) csm_db_exec (db, "DROP TABLE IF EXISTS temp.words", "read the search index", NULL);
}

/* A trigger or a view that we did not make could change rows behind our back. */
static void
compare_schema (CsmVerify *self, CsmDb *scratch)
{
  static const CsmDerivedTable schema = { "sqlite_schema", "definition",
                                          "name, type, tbl_name, sql", 1 };

  compare_table (self, scratch, &schema);
}

static gboolean
compare (CsmVerify *self, CsmDb *scratch)
{
  const int64_t share = self->total / 32;

  for (const CsmDerivedTable *table = csm_derived_tables; table->name != NULL; table++)
    {
      compare_table (self, scratch, table);
      if (!csm_verify_advance (self, share))
        return FALSE;
    }
  compare_words (self, scratch);
  compare_schema (self, scratch);
  csm_verify_end_part (self, _ ("Tables"), _ ("a replay of all entries gives the same rows"));
  return csm_verify_advance (self, 0);
}

gboolean
csm_verify_replay (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmDb) scratch = csm_db_open_memory (&error);

  if (scratch == NULL || !csm_schema_create (scratch, &error))
    {
      csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Tables"), "%s", error->message);
      return TRUE;
    }
  return replay (self, scratch) && compare (self, scratch);
}
