/* csm-verify-words.c: the search index against the texts that it is made of
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-set-hash.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>

#define BATCH 4000

/* A word with its text, field and place. */
static void
add_word (CsmSetHash *words, sqlite3_stmt *row, GByteArray *bytes)
{
  const int64_t place[2] = { sqlite3_column_int64 (row, 1), sqlite3_column_int64 (row, 3) };

  g_byte_array_set_size (bytes, 0);
  g_byte_array_append (bytes, (const uint8_t *) place, sizeof place);
  /* The field's name, a NUL, the word. */
  g_byte_array_append (bytes, sqlite3_column_text (row, 2),
                       (guint) sqlite3_column_bytes (row, 2) + 1);
  g_byte_array_append (bytes, sqlite3_column_text (row, 0),
                       (guint) sqlite3_column_bytes (row, 0));
  csm_set_hash_add (words, bytes->data, bytes->len);
}

/* Adds every word of the table "words" that @db has in its temporary schema. */
static gboolean
add_words (CsmDb *db, CsmSetHash *words, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (CsmQuery) query = csm_query_new_once (
      db, "read the search index", "SELECT term, doc, col, offset FROM temp.words");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      add_word (words, csm_query_get_statement (query), bytes);
      if (words->n % BATCH == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  return step == 0;
}

/* Adds the words of up to BATCH texts after text @n, by an index of their own. */
static gboolean
add_texts (CsmVerify *self,
           CsmDb *scratch,
           CsmSetHash *words,
           int64_t *n,
           bool *ret_more,
           GError **error)
{
  g_autoptr (CsmQuery) texts =
      csm_query_new (self->acase->db, "read the search texts",
                     "SELECT n, name, body FROM document WHERE n > ? ORDER BY n LIMIT ?");
  int count = 0;
  int step;

  csm_query_int (texts, *n);
  csm_query_int (texts, BATCH);
  while ((step = csm_query_step (texts, error)) > 0)
    {
      g_autoptr (CsmQuery) add =
          csm_query_new (scratch, "index the texts",
                         "INSERT INTO search (rowid, name, body) VALUES (?, ?, ?)");

      *n = csm_query_get_int (texts, 0);
      csm_query_int (add, *n);
      csm_query_text (add, csm_query_get_text (texts, 1));
      csm_query_text (add, csm_query_get_text (texts, 2));
      if (!csm_query_run (add, error))
        return FALSE;
      count++;
    }
  *ret_more = count == BATCH;
  return step == 0 && add_words (scratch, words, self->cancellable, error) &&
         csm_db_exec (scratch, "INSERT INTO search (search) VALUES ('delete-all')",
                      "index the texts", error);
}

static gboolean
sum_texts (CsmVerify *self, CsmSetHash *words, GError **error)
{
  g_autoptr (CsmDb) scratch = csm_db_open_memory (error);
  int64_t n = INT64_MIN;
  bool more = true;

  if (scratch == NULL ||
      !csm_db_exec (scratch,
                    "CREATE VIRTUAL TABLE search USING fts5 (name, body, content = '',"
                    " tokenize = 'unicode61 remove_diacritics 2');"
                    "CREATE VIRTUAL TABLE temp.words"
                    " USING fts5vocab ('main', 'search', 'instance')",
                    "index the texts", error))
    return FALSE;
  while (more)
    {
      if (!csm_db_exec (scratch, "BEGIN", "index the texts", error) ||
          !add_texts (self, scratch, words, &n, &more, error) ||
          !csm_db_exec (scratch, "COMMIT", "index the texts", error))
        return FALSE;
      if (!csm_verify_advance (self, 0))
        return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
    }
  return TRUE;
}

static gboolean
sum_index (CsmVerify *self, CsmSetHash *words, GError **error)
{
  CsmDb *db = self->acase->db;
  const gboolean summed = csm_db_exec (db,
                                       "CREATE VIRTUAL TABLE temp.words"
                                       " USING fts5vocab ('main', 'search', 'instance')",
                                       "read the search index", error) &&
                          add_words (db, words, self->cancellable, error);

  (void) csm_db_exec (db, "DROP TABLE IF EXISTS temp.words", "read the search index", NULL);
  return summed;
}

gboolean
csm_verify_words (CsmVerify *self)
{
  const char *where = _ ("Search index");
  g_autoptr (GError) error = NULL;
  CsmSetHash kept, again;

  csm_set_hash_init (&kept);
  csm_set_hash_init_like (&again, &kept);
  if (!sum_index (self, &kept, &error) || !sum_texts (self, &again, &error))
    {
      if (g_cancellable_is_cancelled (self->cancellable))
        return FALSE;
      csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
    }
  else if (!csm_set_hash_equal (&kept, &again))
    csm_verify_say (
        self, CSM_FINDING_BROKEN, where,
        _ ("its words are not those of the texts; a search can miss what is there"));
  csm_verify_end_part (self, where, _ ("its words are those of the texts"));
  return TRUE;
}
