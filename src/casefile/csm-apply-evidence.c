/* csm-apply-evidence.c: what an entry does to codes and exhibits, and to the words to search
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply-private.h"

#include <string.h>

static gboolean
index_words (CsmDb *db,
             bool remove,
             int64_t n,
             const char *name,
             const char *body,
             GError **error)
{
  g_autoptr (CsmQuery) query = NULL;

  if (!csm_db_has_search (db))
    return TRUE;
  query = remove ? csm_query_new (db, "change the search index",
                                  "INSERT INTO search (search, rowid, name, body)"
                                  " VALUES ('delete', ?, ?, ?)")
                 : csm_query_new (db, "change the search index",
                                  "INSERT INTO search (rowid, name, body) VALUES (?, ?, ?)");
  csm_query_int (query, n);
  csm_query_text (query, name);
  csm_query_text (query, body);
  return csm_query_run (query, error);
}

/* 1 with the number of the text and the words taken out of the index, 0 when there is none;
 * 2 when it reads @name and @body already, and stays. */
static int
take_out (CsmDb *db,
          CsmDocumentKind kind,
          const void *subject,
          size_t subject_size,
          const char *name,
          const char *body,
          int64_t *ret_n,
          GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the search text",
                     "SELECT n, name, body FROM document WHERE kind = ? AND subject = ?");
  int step;

  csm_query_int (query, kind);
  csm_query_blob (query, subject, subject_size);
  step = csm_query_step (query, error);
  if (step <= 0)
    return step;
  if (name != NULL && strcmp (csm_query_get_text (query, 1), name) == 0 &&
      strcmp (csm_query_get_text (query, 2), body) == 0)
    return 2;
  *ret_n = csm_query_get_int (query, 0);
  return index_words (db, true, *ret_n, csm_query_get_text (query, 1),
                      csm_query_get_text (query, 2), error)
             ? 1
             : -1;
}

gboolean
csm_document_set (CsmDb *db,
                  CsmDocumentKind kind,
                  const void *subject,
                  size_t subject_size,
                  const char *name,
                  const char *body,
                  GError **error)
{
  int64_t n = 0;
  const int there = take_out (db, kind, subject, subject_size, name, body, &n, error);
  g_autoptr (CsmQuery) query = NULL;

  if (there < 0 || there == 2)
    return there == 2;
  if (there == 0 &&
      !csm_db_get_int (db, "SELECT 1 + coalesce (max (n), 0) FROM document", &n, error))
    return FALSE;

  query = csm_query_new (db, "write the search text",
                         "INSERT INTO document (n, kind, subject, name, body)"
                         " VALUES (?, ?, ?, ?4, ?5)"
                         " ON CONFLICT (n) DO UPDATE SET name = ?4, body = ?5");
  csm_query_int (query, n);
  csm_query_int (query, kind);
  csm_query_blob (query, subject, subject_size);
  csm_query_text (query, name);
  csm_query_text (query, body);
  return csm_query_run (query, error) && index_words (db, false, n, name, body, error);
}

gboolean
csm_document_remove (CsmDb *db,
                     CsmDocumentKind kind,
                     const void *subject,
                     size_t subject_size,
                     GError **error)
{
  int64_t n = 0;
  const int there = take_out (db, kind, subject, subject_size, NULL, NULL, &n, error);
  g_autoptr (CsmQuery) query = NULL;

  if (there <= 0)
    return there == 0;
  query = csm_query_new (db, "write the search text", "DELETE FROM document WHERE n = ?");
  csm_query_int (query, n);
  return csm_query_run (query, error);
}

/* Rule 5. @ret_parent is @parent, or NULL when two copies together made @id its own ancestor:
 * a ring would hang whoever draws the tree, and neither copy could see it coming. */
static gboolean
check_parent (CsmDb *db,
              const char *id,
              const char *parent,
              const char **ret_parent,
              GError **error)
{
  g_autofree char *at = g_strdup (parent);

  *ret_parent = parent;
  if (g_strcmp0 (parent, id) == 0)
    return csm_apply_fail (error, "the code '%s' is its own ancestor", id);
  for (int depth = 0; at != NULL; depth++)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new_once (db, "read the codebook", "SELECT parent FROM code WHERE id = ?");
      int step;

      if (strcmp (at, id) == 0 || depth > 64)
        {
          *ret_parent = NULL;
          return TRUE;
        }
      csm_query_text (query, at);
      step = csm_query_step (query, error);
      if (step < 0)
        return FALSE;
      if (step == 0)
        return csm_apply_fail (error, "the code '%s' has an unknown parent '%s'", id, at);

      char *up = csm_query_dup_text (query, 0);
      g_clear_pointer (&query, csm_query_free);
      g_free (at);
      at = up;
    }
  return TRUE;
}

static gboolean
note_code (CsmDb *db, const char *id, const CsmEntry *entry, GError **error)
{
  const CsmFacet facet = { "code", id, strlen (id) };
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the codebook", "SELECT entry FROM code WHERE id = ?");
  CsmDigest before;
  int step;

  csm_query_text (query, id);
  step = csm_query_step (query, error);
  if (step < 0)
    return FALSE;
  if (step > 0)
    csm_query_get_digest (query, 0, &before);
  return csm_facet_apply (db, &facet, entry, step > 0 ? &before : NULL, error);
}

/* Other copies may come from other programs: the rule of csm_case_set_code() holds for them
 * too. */
static gboolean
check_rule (const CsmCode *code, GError **error)
{
  g_autoptr (GError) local = NULL;

  return csm_code_check (code, &local) ? TRUE : csm_apply_fail (error, "%s", local->message);
}

gboolean
csm_apply_code_set (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const char *id, *label, *definition, *source, *parent;
  g_autofree char *name = NULL;
  g_autoptr (CsmQuery) query = NULL;

  if (!csm_body_text (body, "id", &id, error) ||
      !csm_body_text (body, "label", &label, error) ||
      !csm_body_text (body, "definition", &definition, error) ||
      !csm_body_text (body, "source", &source, error) ||
      !csm_body_text_or_null (body, "parent", &parent, error) ||
      !check_rule (&(CsmCode){ (char *) id, (char *) label, (char *) definition,
                               (char *) source, (char *) parent },
                   error) ||
      !check_parent (db, id, parent, &parent, error) || !note_code (db, id, entry, error))
    return FALSE;

  query = csm_query_new (db, "note the code",
                         "INSERT INTO code (id, label, definition, source, parent, position,"
                         " entry) VALUES (?1, ?2, ?3, ?4, ?5,"
                         " (SELECT 1 + coalesce (max (position), 0) FROM code), ?6)"
                         " ON CONFLICT (id) DO UPDATE SET label = ?2, definition = ?3,"
                         " source = ?4, parent = ?5, entry = ?6");
  csm_query_text (query, id);
  csm_query_text (query, label);
  csm_query_text (query, definition);
  csm_query_text (query, source);
  csm_query_text (query, parent);
  csm_query_digest (query, csm_entry_get_id (entry));
  if (!csm_query_run (query, error))
    return FALSE;
  name = g_strdup_printf ("%s %s", label, id);
  return csm_document_set (db, CSM_DOCUMENT_CODE, id, strlen (id), name, definition, error);
}

static gboolean
need_subject (const CsmEntry *entry, const CsmId **ret_subject, GError **error)
{
  *ret_subject = csm_entry_get_subject (entry);
  return *ret_subject != NULL ? TRUE : csm_apply_fail (error, "the entry has no subject");
}

/* Exactly one row was to change: the exhibit has to be there. */
static gboolean
run_one (CsmDb *db, CsmQuery *query, GError **error)
{
  if (!csm_query_run (query, error))
    return FALSE;
  if (sqlite3_changes (csm_db_get_handle (db)) != 1)
    return csm_apply_fail (error, "the exhibit is not there");
  return TRUE;
}

/* @sql asks for the entry in effect of exhibit ?, NULL when there is none yet. */
static gboolean
note_facet (CsmDb *db, const char *name, const CsmEntry *entry, const char *sql, GError **error)
{
  const CsmId *id = csm_entry_get_subject (entry);
  uint8_t subject[CSM_ID_SIZE];
  const CsmFacet facet = { name, subject, sizeof subject };
  g_autoptr (CsmQuery) query = csm_query_new (db, "read the exhibit", sql);
  CsmDigest before;
  int step;

  if (!csm_hex_decode (id->hex, subject, sizeof subject))
    return csm_apply_fail (error, "the entry's subject is no id");
  csm_query_id (query, id);
  step = csm_query_step (query, error);
  if (step <= 0)
    return step == 0 ? csm_apply_fail (error, "the exhibit is not there") : FALSE;
  return csm_facet_apply (db, &facet, entry,
                          csm_query_get_digest (query, 0, &before) ? &before : NULL, error);
}

gboolean
csm_document_exhibit (CsmDb *db, const CsmId *exhibit, GError **error)
{
  uint8_t subject[CSM_ID_SIZE];
  g_autofree char *name = NULL;
  g_autofree char *body = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the exhibit",
                     "SELECT number || ' ' || name || char (10) || title,"
                     " source || char (10) || obtained_from || char (10) || obtained_when"
                     " || char (10) || obtained_how || char (10) || notes"
                     " FROM exhibit WHERE id = ?");

  csm_query_id (query, exhibit);
  if (csm_query_step (query, error) <= 0)
    return FALSE;
  name = csm_query_dup_text (query, 0);
  body = csm_query_dup_text (query, 1);
  if (!csm_hex_decode (exhibit->hex, subject, sizeof subject))
    return csm_apply_fail (error, "the entry's subject is no id");
  return csm_document_set (db, CSM_DOCUMENT_EXHIBIT, subject, sizeof subject, name, body,
                           error);
}

/* Title to sound_offset_ms, in the order of both statements below. */
static gboolean
bind_acquisition (CsmQuery *query, const json_t *body, GError **error)
{
  static const char *const keys[] = { "title",         "source",       "obtained_from",
                                      "obtained_when", "obtained_how", "notes" };
  bool do_not_export;
  int64_t offset = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *text;

      if (!csm_body_text (body, keys[i], &text, error))
        return FALSE;
      csm_query_text (query, text);
    }
  if (!csm_body_bool (body, "do_not_export", &do_not_export, error))
    return FALSE;
  csm_query_int (query, do_not_export);
  if (json_object_get (body, "sound_offset_ms") != NULL &&
      !csm_body_int (body, "sound_offset_ms", -CSM_MAX_SOUND_OFFSET_MS, CSM_MAX_SOUND_OFFSET_MS,
                     &offset, error))
    return FALSE;
  csm_query_int (query, offset);
  return TRUE;
}

/* (transfer full) (nullable): rule 6: @number, or the first of "E-0001b", "E-0001c" ...
 * "E-0001-27" that is free. */
static char *
free_number (CsmDb *db, const char *number, GError **error)
{
  for (int n = 0;; n++)
    {
      g_autofree char *label = n == 0   ? g_strdup (number)
                               : n < 26 ? g_strdup_printf ("%s%c", number, 'a' + n)
                                        : g_strdup_printf ("%s-%d", number, n + 1);
      g_autoptr (CsmQuery) query =
          csm_query_new (db, "find a number", "SELECT 1 FROM exhibit WHERE number = ?");
      int step;

      csm_query_text (query, label);
      step = csm_query_step (query, error);
      if (step < 0)
        return NULL;
      if (step == 0)
        return g_steal_pointer (&label);
    }
}

static gboolean
parse_number (const char *number, int64_t *ret_position, GError **error)
{
  guint64 position;

  if (!g_str_has_prefix (number, "E-") ||
      !g_ascii_string_to_unsigned (number + 2, 10, 1, G_MAXINT32, &position, NULL))
    return csm_apply_fail (error, "the body's 'number' is no exhibit number");
  *ret_position = (int64_t) position;
  return TRUE;
}

gboolean
csm_apply_exhibit_add (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *id;
  const char *number, *name, *commitment;
  CsmDigest sha256;
  CsmDigest key_commitment;
  int64_t size = 0, position = 0;
  bool linked;
  g_autofree char *label = NULL;
  g_autoptr (CsmQuery) query = NULL;

  if (!need_subject (entry, &id, error) || !csm_body_text (body, "number", &number, error) ||
      !parse_number (number, &position, error) || !csm_body_text (body, "name", &name, error) ||
      !csm_body_digest (body, "sha256", &sha256, error) ||
      !csm_body_int (body, "size", 0, INT64_MAX, &size, error) ||
      !csm_body_bool (body, "linked", &linked, error) ||
      !csm_body_text_or_null (body, "key_commitment", &commitment, error) ||
      (commitment != NULL && !csm_body_digest (body, "key_commitment", &key_commitment, error)))
    return FALSE;
  label = free_number (db, number, error);
  if (label == NULL)
    return FALSE;

  query = csm_query_new (db, "note the exhibit",
                         "INSERT INTO exhibit (title, source, obtained_from, obtained_when,"
                         " obtained_how, notes, do_not_export, sound_offset_ms, id, number,"
                         " position, name, sha256, size, linked, added, key_commitment,"
                         " removed, presence_entry, entry) VALUES"
                         " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?18, ?18)");
  if (!bind_acquisition (query, body, error))
    return FALSE;
  csm_query_id (query, id);
  csm_query_text (query, label);
  csm_query_int (query, position);
  csm_query_text (query, name);
  csm_query_digest (query, &sha256);
  csm_query_int (query, size);
  csm_query_int (query, linked);
  csm_query_int (query, csm_entry_get_time (entry));
  csm_query_digest (query, commitment != NULL ? &key_commitment : NULL);
  csm_query_digest (query, csm_entry_get_id (entry));
  return run_one (db, query, error) && csm_document_exhibit (db, id, error);
}

gboolean
csm_apply_exhibit_set (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *id;
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "note the exhibit",
                     "UPDATE exhibit SET title = ?, source = ?, obtained_from = ?,"
                     " obtained_when = ?, obtained_how = ?, notes = ?, do_not_export = ?,"
                     " sound_offset_ms = ?, entry = ? WHERE id = ?");

  if (!need_subject (entry, &id, error) || !bind_acquisition (query, body, error) ||
      !note_facet (db, "exhibit", entry, "SELECT entry FROM exhibit WHERE id = ?", error))
    return FALSE;
  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_id (query, id);
  return run_one (db, query, error) && csm_document_exhibit (db, id, error);
}

static gboolean
set_removed (CsmDb *db, const CsmEntry *entry, bool removed, GError **error)
{
  const CsmId *id;
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "note the exhibit",
                     "UPDATE exhibit SET removed = ?, presence_entry = ? WHERE id = ?");

  if (!need_subject (entry, &id, error) ||
      !note_facet (db, "presence", entry, "SELECT presence_entry FROM exhibit WHERE id = ?",
                   error))
    return FALSE;
  csm_query_int (query, removed);
  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_id (query, id);
  return run_one (db, query, error);
}

gboolean
csm_apply_exhibit_remove (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  return set_removed (db, entry, true, error);
}

gboolean
csm_apply_exhibit_restore (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  return set_removed (db, entry, false, error);
}

gboolean
csm_apply_exhibit_index (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *id;
  const char *library;
  CsmDigest sha256, index_sha256;
  int64_t frames;
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "note the frame index",
                     "UPDATE exhibit SET index_sha256 = ?, index_library = ?,"
                     " index_entry = ? WHERE id = ? AND sha256 = ?");

  if (!need_subject (entry, &id, error) || !csm_body_digest (body, "sha256", &sha256, error) ||
      !csm_body_digest (body, "index_sha256", &index_sha256, error) ||
      !csm_body_text (body, "library", &library, error) ||
      !csm_body_int (body, "frames", -1, INT64_MAX, &frames, error) ||
      !note_facet (db, "index", entry, "SELECT index_entry FROM exhibit WHERE id = ?", error))
    return FALSE;
  csm_query_digest (query, &index_sha256);
  csm_query_text (query, library);
  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_id (query, id);
  csm_query_digest (query, &sha256);
  return run_one (db, query, error);
}

/* Nothing is derived from it: it binds what is kept of the track (csm-case-tracks.h). */
gboolean
csm_apply_exhibit_track (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *id;
  const char *name, *library;
  CsmDigest sha256, index_sha256;
  int64_t frames;
  int track, step;
  g_autoptr (CsmQuery) query = csm_query_new (
      db, "read the exhibit", "SELECT 1 FROM exhibit WHERE id = ? AND sha256 = ?");

  if (!need_subject (entry, &id, error) || !csm_body_text (body, "track", &name, error) ||
      !csm_body_digest (body, "sha256", &sha256, error) ||
      !csm_body_digest (body, "index_sha256", &index_sha256, error) ||
      !csm_body_text (body, "library", &library, error) ||
      !csm_body_int (body, "frames", -1, INT64_MAX, &frames, error))
    return FALSE;
  if (!csm_track_parse (name, &track) || track < 1)
    return csm_apply_fail (error, "the body's 'track' is no further video track");
  csm_query_id (query, id);
  csm_query_digest (query, &sha256);
  step = csm_query_step (query, error);
  return step != 0 ? step > 0 : csm_apply_fail (error, "the exhibit is not there");
}
