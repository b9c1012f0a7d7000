/* csm-verify-settle.c: the rows of tables that grow with the ledger
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-schema.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* What belongs to one event or one mark in one table. Its rows are taken account of and leave
 * the replay, so that the replay holds what is still in motion and no more. */
typedef struct
{
  CsmDerivedTable table;
  const char *read_sql, *delete_sql; /* by ?1 */
  const char *all_sql;
  const char *count_sql;
  const char *unexplained_sql; /* keys that no entry can explain */
} Settled;

#define SETTLED(name, noun, columns, n_key, scope, condition, unexplained) \
  {                                                                        \
    { name, noun, columns, n_key },                                        \
        "SELECT " columns " FROM " name " WHERE " scope " ORDER BY 1, 2",  \
        "DELETE FROM " name " WHERE " scope,                               \
        "SELECT " columns " FROM " name " NOT INDEXED" condition,          \
        "SELECT count (*) FROM " name condition, unexplained               \
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

static void G_GNUC_PRINTF (3, 4) say_broken (CsmVerify *self, size_t i, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  csm_verify_say (self, CSM_FINDING_BROKEN, settled[i].table.name, "%s", what);
}

bool
csm_verify_settles (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (settled); i++)
    if (strcmp (settled[i].table.name, name) == 0)
      return true;
  return false;
}

/* --- things that more than one event is about --- */

typedef struct
{
  uint8_t subject[CSM_ID_SIZE];
  int64_t n; /* events to come */
} Repeated;

static int
compare_subjects (const void *a, const void *b)
{
  return memcmp (a, b, CSM_ID_SIZE);
}

/* In the order of the index, which is theirs. Events are compared with the entries, so false
 * ones are found themselves, and cost memory at most. */
static GArray *
list_repeated (CsmDb *db, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Repeated));
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "look for later entries",
                     "SELECT subject, count (*) FROM event WHERE subject IS NOT NULL"
                     " GROUP BY subject HAVING count (*) > 1 ORDER BY subject");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      Repeated one = { .n = csm_query_get_int (query, 1) };

      if (csm_query_get_blob (query, 0, one.subject, sizeof one.subject))
        g_array_append_val (list, one);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

void
csm_verify_init_settling (CsmVerify *self)
{
  self->bytes = g_byte_array_new ();
  for (size_t i = 0; i < G_N_ELEMENTS (settled); i++)
    csm_set_hash_init (&self->sums[i]);
}

void
csm_verify_clear_settling (CsmVerify *self)
{
  g_clear_pointer (&self->bytes, g_byte_array_unref);
  g_clear_pointer (&self->repeated, g_array_unref);
}

gboolean
csm_verify_begin_settling (CsmVerify *self, GError **error)
{
  g_clear_pointer (&self->repeated, g_array_unref);
  self->repeated = list_repeated (self->acase->db, error);
  return self->repeated != NULL;
}

/* Whether the case says that a later entry is about @subject too. */
static bool
goes_on (CsmVerify *self, const uint8_t *subject)
{
  Repeated *one = self->repeated->len == 0
                      ? NULL
                      : bsearch (subject, self->repeated->data, self->repeated->len,
                                 sizeof (Repeated), compare_subjects);

  return one != NULL && --one->n > 0;
}

/* --- settling --- */

/* Column by column: type, size, bytes. */
static void
add_row (CsmSetHash *sum, CsmQuery *query, GByteArray *bytes)
{
  sqlite3_stmt *row = csm_query_get_statement (query);

  g_byte_array_set_size (bytes, 0);
  for (int i = 0; i < sqlite3_column_count (row); i++)
    {
      const int type = sqlite3_column_type (row, i);
      int64_t head[2] = { type, 0 };

      if (type == SQLITE_INTEGER)
        head[1] = sqlite3_column_int64 (row, i);
      else if (type != SQLITE_NULL)
        head[1] = sqlite3_column_bytes (row, i);
      g_byte_array_append (bytes, (const uint8_t *) head, sizeof head);
      if (type != SQLITE_INTEGER && head[1] > 0)
        g_byte_array_append (bytes, sqlite3_column_blob (row, i), (guint) head[1]);
    }
  csm_set_hash_add (sum, bytes->data, bytes->len);
}

/* In rows, for cancelling. */
#define STRIDE 4096

/* 0 after the last row, -1 */
static int
add_rows (CsmVerify *self, CsmSetHash *sum, CsmQuery *query, GError **error)
{
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      add_row (sum, query, self->bytes);
      if (sum->n % STRIDE == 0 &&
          g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return -1;
    }
  return step;
}

static void
settle (CsmVerify *self, CsmDb *scratch, size_t i, const void *key, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) again =
      csm_query_new (scratch, "compare the tables", settled[i].read_sql);
  g_autoptr (CsmQuery) done = csm_query_new (scratch, "replay", settled[i].delete_sql);

  csm_query_blob (again, key, size);
  csm_query_blob (done, key, size);
  if (!self->names_rows)
    {
      if (add_rows (self, &self->sums[i], again, &error) < 0)
        say_broken (self, i, "%s", error->message);
    }
  else if (self->differs[i])
    {
      g_autoptr (CsmQuery) kept =
          csm_query_new (self->acase->db, "compare the tables", settled[i].read_sql);

      csm_query_blob (kept, key, size);
      csm_verify_rows (self, &settled[i].table, kept, again, &self->n_settled[i]);
    }
  g_clear_pointer (&again, csm_query_free);
  if (!csm_query_run (done, error == NULL ? &error : NULL))
    say_broken (self, i, "%s", error->message);
}

static void
settle_mark (CsmVerify *self, CsmDb *scratch, const uint8_t *mark)
{
  for (size_t i = 1; i < G_N_ELEMENTS (settled); i++)
    settle (self, scratch, i, mark, CSM_ID_SIZE);
}

void
csm_verify_settle (CsmVerify *self, CsmDb *scratch, const CsmEntry *entry)
{
  const char *kind = csm_entry_get_kind (entry);
  const CsmId *subject = csm_entry_get_subject (entry);
  const CsmDigest *id = csm_entry_get_id (entry);
  uint8_t mark[CSM_ID_SIZE];

  settle (self, scratch, 0, id->bytes, sizeof id->bytes);
  if (kind != NULL && subject != NULL && csm_hex_decode (subject->hex, mark, sizeof mark) &&
      !goes_on (self, mark) && g_str_has_prefix (kind, "mark."))
    settle_mark (self, scratch, mark);
}

/* Marks that something promised to change again, and did not. */
static void
settle_rest (CsmVerify *self, CsmDb *scratch)
{
  g_autoptr (GError) error = NULL;
  uint8_t mark[CSM_ID_SIZE];
  int step = 1;

  while (step > 0)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (scratch, "replay", "SELECT id FROM mark LIMIT 1");

      step = csm_query_step (query, &error);
      if (step > 0)
        (void) csm_query_get_blob (query, 0, mark, sizeof mark);
      g_clear_pointer (&query, csm_query_free);
      if (step > 0)
        settle_mark (self, scratch, mark);
    }
}

/* The case's own rows, each table in its own order. */
static bool
is_as_replayed (CsmVerify *self, size_t i)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "compare the tables", settled[i].all_sql);
  CsmSetHash kept;

  csm_set_hash_init_like (&kept, &self->sums[i]);
  if (add_rows (self, &kept, query, &error) == 0)
    return csm_set_hash_equal (&kept, &self->sums[i]);
  if (!g_cancellable_is_cancelled (self->cancellable))
    say_broken (self, i, "%s", error->message);
  return false;
}

bool
csm_verify_end_sums (CsmVerify *self, CsmDb *scratch)
{
  bool same = true;

  settle_rest (self, scratch);
  for (size_t i = 0; i < G_N_ELEMENTS (settled); i++)
    {
      self->differs[i] = !is_as_replayed (self, i);
      same = same && !self->differs[i];
    }
  return same;
}

/* Rows that nothing in the replay asked for. */
static void
name_unexplained (CsmVerify *self, size_t i, int64_t n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "compare the tables", settled[i].unexplained_sql);
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    {
      csm_verify_say_row (self, &settled[i].table, query, _ ("no entry explains it"));
      n--;
    }
  if (step < 0)
    say_broken (self, i, "%s", error->message);
  else if (n > 0)
    say_broken (self, i, _ ("%" PRId64 " more rows than the entries explain"), n);
}

static void
end_rows (CsmVerify *self, size_t i)
{
  g_autoptr (GError) error = NULL;
  int64_t n = 0;

  if (!csm_db_get_int (self->acase->db, settled[i].count_sql, &n, &error))
    say_broken (self, i, "%s", error->message);
  else if (n > self->n_settled[i])
    name_unexplained (self, i, n - self->n_settled[i]);
  else if (self->n_broken == 0)
    say_broken (self, i, _ ("read from end to end it has other rows than one by one"));
}

void
csm_verify_end_rows (CsmVerify *self, CsmDb *scratch)
{
  settle_rest (self, scratch);
  for (size_t i = 0; i < G_N_ELEMENTS (settled); i++)
    if (self->differs[i])
      end_rows (self, i);
}
