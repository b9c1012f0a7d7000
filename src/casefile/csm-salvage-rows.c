/* csm-salvage-rows.c: entries and kept rows found by their shape, page by page
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-leaf.h"
#include "casefile/csm-ledger-guard.h"
#include "casefile/csm-salvage-private.h"

#include <string.h>

#define COMMIT_EVERY 2000

G_STATIC_ASSERT (CSM_LEAF_PAGE_SIZE == CSM_SCAN_PAGE_SIZE);

typedef struct
{
  CsmSalvage *run;
  uint8_t page[CSM_LEAF_PAGE_SIZE];
  uint32_t number;
  int copy;
  int n_changes; /* since the last commit */
} Reader;

/* --- cells as values --- */

static GBytes *
dup_bytes (const CsmCell *cell, int column)
{
  if (cell->values[column].type == CSM_CELL_NULL)
    return NULL;
  return g_bytes_new (csm_cell_peek (cell, column), cell->values[column].size);
}

/* (transfer full) (nullable): NULL for what is no text. */
static char *
dup_text (const CsmCell *cell, int column)
{
  const char *text = (const char *) csm_cell_peek (cell, column);
  const size_t size = cell->values[column].size;

  return g_utf8_validate_len (text, size, NULL) ? g_strndup (text, size) : NULL;
}

static char *
dup_hex (const CsmCell *cell, int column)
{
  return csm_hex_encode (csm_cell_peek (cell, column), cell->values[column].size);
}

static bool
fetch_cb (uint32_t number, int variant, uint8_t *ret_page, gpointer data)
{
  Reader *self = data;
  const int n = csm_page_scan_count_copies (self->run->scan, number);

  /* Not every page of a chain has as many copies as the others. */
  return n > 0 && csm_page_scan_read (self->run->scan, number, MIN (variant, n - 1), ret_page);
}

/* The most copies that any overflow page of @cell may have. */
static int
count_variants (Reader *self, const CsmCell *cell)
{
  return cell->overflow == 0
             ? 1
             : CLAMP (csm_page_scan_count_copies (self->run->scan, cell->overflow), 1, 16);
}

/* --- entries --- */

/* (transfer full) (nullable) */
static CsmEntry *
parse_entry (Reader *self, CsmCell *cell)
{
  g_autoptr (GBytes) header = dup_bytes (cell, 5);
  g_autoptr (GBytes) meta = dup_bytes (cell, 6);
  g_autoptr (GBytes) body = dup_bytes (cell, 7);
  g_autoptr (CsmEntry) entry =
      csm_entry_parse (header, meta, body, csm_cell_peek (cell, 8), NULL);

  if (entry == NULL ||
      strcmp (csm_entry_get_place (entry)->case_id.hex, self->run->case_id.hex) != 0)
    return NULL;
  return g_steal_pointer (&entry);
}

/* What a copy of a page says that is older than an erasure does not come back: the erasure is
 * an entry too, and takes effect when all are read. */
static gboolean
insert_entry (Reader *self, const CsmEntry *entry, int64_t n, GError **error)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  g_autoptr (CsmQuery) query = csm_query_new (
      self->run->db, "write the entry",
      "INSERT INTO entry (id, chain, seq, lamport, header, meta, body,"
      " signature, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
      " CASE WHEN EXISTS (SELECT 1 FROM entry WHERE n = ?9) THEN NULL ELSE ?9 END)"
      " ON CONFLICT (id) DO UPDATE SET body = ?7 WHERE body IS NULL");

  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_id (query, &place->chain);
  csm_query_int (query, place->seq);
  csm_query_int (query, place->lamport);
  csm_query_bytes (query, csm_entry_get_header (entry));
  csm_query_bytes (query, csm_entry_get_meta (entry));
  csm_query_bytes (query, csm_entry_get_body (entry));
  csm_query_blob (query, csm_entry_get_signature (entry), CSM_SIGNATURE_SIZE);
  csm_query_int (query, n);
  return csm_query_run (query, error);
}

static gboolean
take_entry (Reader *self, CsmCell *cell, GError **error)
{
  const int n_variants = count_variants (self, cell);

  for (int variant = 0; variant < n_variants; variant++)
    {
      g_autoptr (CsmEntry) entry = NULL;

      if (!csm_cell_load (cell, variant, fetch_cb, self))
        continue;
      entry = parse_entry (self, cell);
      if (entry != NULL)
        return insert_entry (self, entry, cell->rowid, error);
    }
  return TRUE;
}

/* --- kept rows --- */

static void
bind_value (CsmQuery *query, const CsmCell *cell, int column, GPtrArray *texts)
{
  const CsmCellValue *value = &cell->values[column];

  if (value->type == CSM_CELL_INT)
    csm_query_int (query, value->value);
  else if (value->type == CSM_CELL_BLOB)
    csm_query_blob (query, csm_cell_peek (cell, column), value->size);
  else if (value->type == CSM_CELL_TEXT)
    {
      char *text = dup_text (cell, column);

      /* Until the query is freed. */
      if (text != NULL)
        g_ptr_array_add (texts, text);
      csm_query_text (query, text);
    }
  else
    csm_query_null (query);
}

/* A row that the table refuses is no row of it. */
static gboolean
take_kept (Reader *self, CsmCell *cell, const char *sql, GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmQuery) query = NULL;

  if (self->copy > 0 || !csm_cell_load (cell, 0, fetch_cb, self))
    return TRUE;
  query = csm_query_new (self->run->db, "keep what was found", sql);
  for (int i = 0; i < cell->n_values; i++)
    bind_value (query, cell, i, texts);
  if (csm_query_run (query, &local) || local->domain == CSM_CASE_ERROR)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- hints --- */

static void
hint_chain (Reader *self, CsmCell *cell)
{
  int64_t *seq = g_new (int64_t, 1);

  *seq = cell->values[2].value;
  g_hash_table_replace (self->run->tails, dup_hex (cell, 0), seq);
}

static void
hint_reviewer (Reader *self, CsmCell *cell)
{
  char *name = dup_text (cell, 1);

  if (name != NULL)
    g_hash_table_replace (self->run->names, dup_hex (cell, 0), name);
}

static void
hint_case (Reader *self, CsmCell *cell)
{
  char *title = dup_text (cell, 1);

  if (title == NULL)
    return;
  g_free (self->run->title);
  self->run->title = title;
}

/* --- shapes --- */

/* One letter a column: "N" null, "i" an integer, "t" a text, "b" bytes of the size that
 * follows; capitals: or null. */
typedef struct
{
  const char *shape;
  bool has_rowid;
  const char *sql; /* of a kept row */
  void (*hint) (Reader *self, CsmCell *cell);
} Kind;

static const Kind kinds[] = {
  { "N b32 b16 i i b b B b64", true, NULL, NULL }, /* entry */
  { "b16 b32 b80", false, "INSERT OR IGNORE INTO kept_signer VALUES (?, ?, ?)", NULL },
  { "b32 b16 i i b16", false, "INSERT OR IGNORE INTO kept_chain VALUES (?, ?, ?, ?, ?)", NULL },
  { "b16 T B32 i B32 B B", false,
    "INSERT OR IGNORE INTO kept_media VALUES (?, ?, ?, ?, ?, ?, ?)", NULL },
  { "b16 i t t t i i i i", false,
    "INSERT OR IGNORE INTO kept_facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", NULL },
  { "b16 i b", true, "INSERT OR IGNORE INTO kept_index VALUES (?, ?, ?)", NULL },
  { "b16 b", true, "INSERT OR IGNORE INTO kept_thumbnail VALUES (?, ?)", NULL },
  { "b16 b i i", true, "INSERT OR IGNORE INTO kept_sound VALUES (?, ?, ?, ?)", NULL },
  { "b16 i i t i B", true, "INSERT OR IGNORE INTO kept_track VALUES (?, ?, ?, ?, ?, ?)", NULL },
  { "b32 b", true, "INSERT OR IGNORE INTO kept_receipt VALUES (?, ?)", NULL },
  { "b32 b32 b", true, "INSERT OR IGNORE INTO kept_request VALUES (?, ?, ?)", NULL },
  { "b32 b b B", true, "INSERT OR IGNORE INTO kept_token VALUES (?, ?, ?, ?)", NULL },
  { "b t", false, "INSERT OR IGNORE INTO kept_salvage VALUES (?, ?)", NULL },
  { "b16 b32 i b32 i I", false, NULL, hint_chain },
  { "b32 t i b32 b32", false, NULL, hint_reviewer },
  { "N t i i i i t b32 b32", true, NULL, hint_case },
};

static bool
has_type (CsmCellType type, char letter)
{
  switch (letter)
    {
    case 'N':
      return type == CSM_CELL_NULL;
    case 'i':
      return type == CSM_CELL_INT;
    case 't':
      return type == CSM_CELL_TEXT;
    case 'b':
      return type == CSM_CELL_BLOB;
    default: /* a capital */
      return type == CSM_CELL_NULL || has_type (type, g_ascii_tolower (letter));
    }
}

static bool
has_shape (const CsmCell *cell, const Kind *kind)
{
  const char *at = kind->shape;

  if (cell->has_rowid != kind->has_rowid)
    return false;
  for (int i = 0; i < cell->n_values; i++)
    {
      const CsmCellValue *value = &cell->values[i];
      char *end;
      guint64 size;

      if (*at == '\0' || !has_type (value->type, *at))
        return false;
      size = g_ascii_strtoull (at + 1, &end, 10);
      if (end != at + 1 && value->type == CSM_CELL_BLOB && value->size != size)
        return false;
      at = end + (*end == ' ');
    }
  return *at == '\0';
}

static gboolean
take_cell (Reader *self, CsmCell *cell, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const Kind *kind = &kinds[i];

      if (!has_shape (cell, kind))
        continue;
      self->n_changes++;
      if (i == 0)
        return take_entry (self, cell, error);
      if (kind->sql != NULL)
        return take_kept (self, cell, kind->sql, error);
      if (self->copy == 0 && csm_cell_load (cell, 0, fetch_cb, self))
        kind->hint (self, cell);
      return TRUE;
    }
  return TRUE;
}

/* --- pages --- */

static gboolean
read_copy (Reader *self, GError **error)
{
  const int n = csm_leaf_count (self->page, self->number);

  for (int i = 0; i < n; i++)
    {
      g_auto (CsmCell) cell = { 0 };

      if (csm_leaf_open (self->page, self->number, i, &cell) && !take_cell (self, &cell, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
commit_often (Reader *self, GError **error)
{
  if (self->n_changes < COMMIT_EVERY)
    return TRUE;
  self->n_changes = 0;
  return csm_db_exec (self->run->db, "COMMIT; BEGIN IMMEDIATE", "write what was found", error);
}

/* Each copy of a page, the newest first: an entry is signed, so it does not matter where it is
 * found, and an older copy may hold what moved to a page that is lost. Of kept rows, which
 * nothing vouches for, the newest copy counts. */
static gboolean
read_pages (Reader *self, GError **error)
{
  CsmPageScan *scan = self->run->scan;
  const uint32_t n_pages = csm_page_scan_count_pages (scan);

  for (self->number = 1; self->number <= n_pages; self->number++)
    {
      const int n_copies = csm_page_scan_count_copies (scan, self->number);
      int n_read = 0;

      for (int copy = 0; copy < n_copies; copy++)
        {
          if (!csm_page_scan_read (scan, self->number, copy, self->page))
            continue;
          self->copy = n_read++;
          if (!read_copy (self, error))
            return FALSE;
        }
      if (n_read == 0)
        self->run->is_damaged = true;
      if (!commit_often (self, error) || !csm_salvage_advance (self->run, 1, error))
        return FALSE;
    }
  return TRUE;
}

/* --- erasures --- */

static gboolean
erase_body (CsmDb *db, const char *hex, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "erase what was erased", "UPDATE entry SET body = NULL WHERE id = ?");
  CsmDigest id;

  if (hex == NULL || !csm_digest_from_hex (hex, &id))
    return TRUE;
  csm_query_digest (query, &id);
  return csm_query_run (query, error);
}

/* (transfer full): the erasures that were found; read first, for they change what is read. */
static GPtrArray *
list_erasures (CsmDb *db, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_entry_unref);
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the erasures",
                     "SELECT header, meta, body, signature FROM entry"
                     " WHERE instr (meta, CAST ('\"kind\":\"erase.entries\"' AS BLOB)) > 0");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmEntry *entry = csm_entry_from_row (query, 0, error);

      if (entry == NULL)
        return NULL;
      g_ptr_array_add (list, entry);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

static gboolean
apply_erasures (CsmDb *db, GError **error)
{
  g_autoptr (GPtrArray) list = list_erasures (db, error);

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < list->len; i++)
    {
      const json_t *body = csm_entry_get_content (list->pdata[i]);
      const json_t *entries = body != NULL ? json_object_get (body, "entries") : NULL;
      const json_t *value;
      size_t n;

      json_array_foreach (entries, n, value)
      {
        if (!erase_body (db, json_string_value (value), error))
          return FALSE;
      }
    }
  return TRUE;
}

gboolean
csm_salvage_read_pages (CsmSalvage *self, GError **error)
{
  Reader reader = { .run = self };
  g_autofree char *triggers = NULL;
  gboolean done;

  if (!csm_db_exec (self->db, "BEGIN IMMEDIATE", "write what was found", error))
    return FALSE;
  triggers = csm_ledger_unguard (self->db, error);
  done = triggers != NULL && read_pages (&reader, error) && apply_erasures (self->db, error) &&
         csm_ledger_guard (self->db, triggers, error) &&
         csm_db_exec (self->db, "COMMIT", "write what was found", error);
  memset (reader.page, 0, sizeof reader.page);
  return done;
}
