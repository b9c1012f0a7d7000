/* csm-apply-erase.c: what an erasure does to the tables, and an entry whose body was erased
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply-private.h"
#include "casefile/csm-erase-private.h"

#include <string.h>

bool
csm_erase_may_take (const char *kind)
{
  static const char *const kept[] = { "case.",  "reviewer.", "key.",     "chain.",
                                      "erase.", "code.",     "receipt.", "anchor." };

  for (size_t i = 0; i < G_N_ELEMENTS (kept); i++)
    if (g_str_has_prefix (kind, kept[i]))
      return false;
  return true;
}

/* An entry that is not here is none of this copy's business; verify, which keeps no events,
 * looks for itself. */
static gboolean
check_kind (CsmDb *db, const CsmDigest *entry, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the entries", "SELECT kind FROM event WHERE id = ?");
  int step;

  csm_query_digest (query, entry);
  step = csm_query_step (query, error);
  if (step > 0 && !csm_erase_may_take (csm_query_get_text (query, 0)))
    return csm_apply_fail (error, "it erases an entry of the kind %s, which may not be erased",
                           csm_query_get_text (query, 0));
  return step >= 0;
}

static gboolean
note_erased (CsmDb *db, const CsmEntry *by, const CsmDigest *entry, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      db, "note the erasure", "INSERT OR IGNORE INTO erased (entry, by_entry) VALUES (?, ?)");

  csm_query_digest (query, entry);
  csm_query_digest (query, csm_entry_get_id (by));
  return csm_query_run (query, error);
}

gboolean
csm_apply_erase_entries (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const json_t *entries = json_object_get (body, "entries");
  const char *reason, *exhibit, *before = NULL;
  const json_t *value;
  CsmId id;
  size_t n;

  if (!csm_body_text (body, "reason", &reason, error) ||
      !csm_body_text_or_null (body, "exhibit", &exhibit, error))
    return FALSE;
  if (exhibit != NULL && !csm_id_parse (exhibit, &id))
    return csm_apply_fail (error, "the body's 'exhibit' is no id");
  if (!json_is_array (entries) || json_array_size (entries) > CSM_MAX_ERASED)
    return csm_apply_fail (error, "the body's 'entries' is missing or too long");
  json_array_foreach (entries, n, value)
  {
    const char *hex = json_string_value (value);
    CsmDigest erased;

    if (hex == NULL || !csm_digest_from_hex (hex, &erased) ||
        (before != NULL && strcmp (before, hex) >= 0))
      return csm_apply_fail (error, "the body's 'entries' are no sorted ids");
    before = hex;
    if (!check_kind (db, &erased, error) || !note_erased (db, entry, &erased, error))
      return FALSE;
  }
  return TRUE;
}

/* --- entries without a body --- */

static gboolean
pass_acquisition (CsmDb *db, const CsmEntry *entry, GError **error)
{
  const CsmId *id = csm_entry_get_subject (entry);
  uint8_t subject[CSM_ID_SIZE];
  const CsmFacet facet = { "exhibit", subject, sizeof subject };
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the exhibit", "SELECT entry FROM exhibit WHERE id = ?");
  g_autoptr (CsmQuery) update = NULL;
  CsmDigest before;
  int step;

  if (id == NULL || !csm_hex_decode (id->hex, subject, sizeof subject))
    return TRUE;
  csm_query_id (query, id);
  step = csm_query_step (query, error);
  if (step <= 0)
    return step == 0;
  csm_query_get_digest (query, 0, &before);
  g_clear_pointer (&query, csm_query_free);
  update = csm_query_new (db, "note the exhibit",
                          "UPDATE exhibit SET title = '', source = '', obtained_from = '',"
                          " obtained_when = '', obtained_how = '', notes = '', entry = ?"
                          " WHERE id = ?");
  csm_query_digest (update, csm_entry_get_id (entry));
  csm_query_id (update, id);
  return csm_facet_apply (db, &facet, entry, &before, error) && csm_query_run (update, error) &&
         csm_document_exhibit (db, id, error);
}

/* 1 when @id has a row by @sql, 0, -1 */
static int
has_row (CsmDb *db, const CsmId *id, const char *sql, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (db, "look for what it is about", sql);

  csm_query_id (query, id);
  return csm_query_step (query, error);
}

#define MARK_SQL "SELECT 1 FROM mark WHERE id = ?"
#define EXHIBIT_SQL "SELECT 1 FROM exhibit WHERE id = ?"

/* Whatever rests on it finds it here. */
static gboolean
note_gone (CsmDb *db, const CsmId *subject, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      db, "note what is gone", "INSERT OR IGNORE INTO gone (subject) VALUES (?)");

  csm_query_id (query, subject);
  return csm_query_run (query, error);
}

gboolean
csm_apply_without_body (CsmDb *db, const CsmEntry *entry, GError **error)
{
  const char *kind = csm_entry_get_kind (entry);
  int there;

  if (g_strcmp0 (kind, "exhibit.set") == 0)
    return pass_acquisition (db, entry, error);
  if (csm_entry_get_subject (entry) == NULL)
    return TRUE;
  if (g_strcmp0 (kind, "exhibit.add") == 0)
    return note_gone (db, csm_entry_get_subject (entry), error);
  if (g_strcmp0 (kind, "mark.set") != 0)
    return TRUE;
  there = has_row (db, csm_entry_get_subject (entry), MARK_SQL, error);
  if (there <= 0)
    return there == 0 && note_gone (db, csm_entry_get_subject (entry), error);
  /* What it replaced does not come back into effect. */
  return csm_apply_mark_remove (db, entry, NULL, error);
}

/* A thing without a row: the entry that made it has no body any more. */
static gboolean
is_gone (CsmDb *db, const CsmId *id, const char *sql, bool *ret_gone, GError **error)
{
  int step = id != NULL ? has_row (db, id, sql, error) : 1;

  if (step == 0)
    {
      step = has_row (db, id, "SELECT 1 FROM gone WHERE subject = ?", error);
      *ret_gone = step > 0;
    }
  return step >= 0;
}

gboolean
csm_apply_rests_on_erased (CsmDb *db,
                           const CsmEntry *entry,
                           const json_t *body,
                           bool *ret_rests,
                           GError **error)
{
  const char *kind = csm_entry_get_kind (entry);
  const CsmId *subject = csm_entry_get_subject (entry);
  CsmId exhibit;

  *ret_rests = false;
  if (strcmp (kind, "mark.set") == 0)
    {
      const char *hex = csm_json_get_string (body, "exhibit");

      return hex == NULL || !csm_id_parse (hex, &exhibit) ||
             is_gone (db, &exhibit, EXHIBIT_SQL, ret_rests, error);
    }
  if (g_str_has_prefix (kind, "mark."))
    return is_gone (db, subject, MARK_SQL, ret_rests, error);
  if (g_str_has_prefix (kind, "exhibit.") && strcmp (kind, "exhibit.add") != 0)
    return is_gone (db, subject, EXHIBIT_SQL, ret_rests, error);
  return TRUE;
}
