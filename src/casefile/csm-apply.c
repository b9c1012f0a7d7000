/* csm-apply.c: what an entry does to the derived tables: order, people and the case itself
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply.h"

#include "casefile/csm-apply-private.h"
#include "casefile/csm-displayed.h"

#include <string.h>

gboolean
csm_apply_fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED, message);
  return FALSE;
}

gboolean
csm_body_text (const json_t *body, const char *key, const char **ret_text, GError **error)
{
  const char *text = csm_json_get_string (body, key);

  if (text == NULL)
    return csm_apply_fail (error, "the body has no text '%s'", key);
  *ret_text = text;
  return TRUE;
}

gboolean
csm_body_text_or_null (const json_t *body, const char *key, const char **ret, GError **error)
{
  if (json_is_null (json_object_get (body, key)))
    {
      *ret = NULL;
      return TRUE;
    }
  return csm_body_text (body, key, ret, error);
}

gboolean
csm_body_int (const json_t *body,
              const char *key,
              int64_t min,
              int64_t max,
              int64_t *ret_value,
              GError **error)
{
  int64_t value;

  if (!csm_json_get_int (body, key, &value) || value < min || value > max)
    return csm_apply_fail (error, "the body's '%s' is no number, or out of range", key);
  *ret_value = value;
  return TRUE;
}

gboolean
csm_body_bool (const json_t *body, const char *key, bool *ret_value, GError **error)
{
  if (!csm_json_get_bool (body, key, ret_value))
    return csm_apply_fail (error, "the body's '%s' is neither true nor false", key);
  return TRUE;
}

gboolean
csm_body_digest (const json_t *body, const char *key, CsmDigest *ret_digest, GError **error)
{
  const char *hex = csm_json_get_string (body, key);

  if (hex == NULL || !csm_digest_from_hex (hex, ret_digest))
    return csm_apply_fail (error, "the body's '%s' is no SHA-256", key);
  return TRUE;
}

gboolean
csm_body_id (const json_t *body, const char *key, CsmId *ret_id, GError **error)
{
  const char *hex = csm_json_get_string (body, key);

  if (hex == NULL || !csm_id_parse (hex, ret_id))
    return csm_apply_fail (error, "the body's '%s' is no id", key);
  return TRUE;
}

gboolean
csm_body_pts (const json_t *body, const char *key, int64_t *ret_pts, GError **error)
{
  if (json_is_null (json_object_get (body, key)))
    {
      *ret_pts = CSM_NO_PTS;
      return TRUE;
    }
  if (!csm_json_get_decimal (body, key, ret_pts) || *ret_pts == CSM_NO_PTS)
    return csm_apply_fail (error, "the body's '%s' is no decimal number", key);
  return TRUE;
}

static gboolean
count_key (CsmDb *db, const char *sql, const uint8_t *key, int64_t *ret_n, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (db, "look a key up", sql);
  int step;

  csm_query_blob (query, key, CSM_PUBLIC_KEY_SIZE);
  step = csm_query_step (query, error);
  if (step < 0)
    return FALSE;
  *ret_n = step > 0 ? csm_query_get_int (query, 0) : 0;
  return TRUE;
}

/* Who may sign an entry: rules 1 and 2 of FORMAT.md, but for what reviewer.add itself checks.
 */
static gboolean
check_author (CsmDb *db, const CsmEntry *entry, GError **error)
{
  const char *kind = csm_entry_get_kind (entry);
  int64_t n_cases = 0;
  int64_t n = 0;

  if (!csm_db_get_int (db, "SELECT count (*) FROM case_info", &n_cases, error))
    return FALSE;
  if ((n_cases == 0) != (g_strcmp0 (kind, "case.create") == 0))
    return csm_apply_fail (error, n_cases == 0 ? "the ledger does not begin with case.create"
                                               : "there is a second case.create");
  if (n_cases == 0 || g_strcmp0 (kind, "reviewer.add") == 0)
    return TRUE;
  if (!count_key (db, "SELECT count (*) FROM reviewer WHERE key = ?",
                  csm_entry_get_author (entry), &n, error))
    return FALSE;
  return n > 0 ? TRUE : csm_apply_fail (error, "the author is no reviewer of this case");
}

/* Rule 9: a place that is taken already is a fork, which the first such place tells. The head
 * is the entry applied last. */
static gboolean
apply_chain (CsmDb *db, const CsmEntry *entry, GError **error)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  g_autoptr (CsmQuery) chain =
      csm_query_new (db, "note the chain",
                     "INSERT INTO chain (id, author, seq, head, named)"
                     " VALUES (?1, ?2, ?3, ?4, 0)"
                     " ON CONFLICT (id) DO UPDATE SET seq = ?3, head = ?4, named = 0,"
                     " forked = CASE WHEN ?3 <= seq THEN min (?3, coalesce (forked, ?3))"
                     "               ELSE forked END"
                     " WHERE author = ?2");

  csm_query_id (chain, &place->chain);
  csm_query_blob (chain, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  csm_query_int (chain, place->seq);
  csm_query_digest (chain, csm_entry_get_id (entry));
  if (!csm_query_run (chain, error))
    return FALSE;
  if (sqlite3_changes (csm_db_get_handle (db)) != 1)
    return csm_apply_fail (error, "its chain belongs to someone else");

  for (int i = 0; i < place->n_heads; i++)
    {
      g_autoptr (CsmQuery) head = csm_query_new (
          db, "note the chain", "UPDATE chain SET named = 1 WHERE head = ? AND id <> ?");

      csm_query_digest (head, &place->heads[i]);
      csm_query_id (head, &place->chain);
      if (!csm_query_run (head, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
apply_event (CsmDb *db, const CsmEntry *entry, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "note the entry",
                     "INSERT INTO event (id, lamport, kind, subject, author, time)"
                     " VALUES (?, ?, ?, ?, ?, ?)");

  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_int (query, csm_entry_get_place (entry)->lamport);
  csm_query_text (query, csm_entry_get_kind (entry));
  csm_query_id (query, csm_entry_get_subject (entry));
  csm_query_blob (query, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  csm_query_int (query, csm_entry_get_time (entry));
  return csm_query_run (query, error);
}

static gboolean
apply_case_create (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const char *title, *program;
  int64_t zone;
  bool clock_confirmed, record_access;
  g_autoptr (CsmQuery) query = NULL;

  if (!csm_body_text (body, "title", &title, error) ||
      !csm_body_text (body, "program", &program, error) ||
      !csm_body_int (body, "zone", -24 * 60, 24 * 60, &zone, error) ||
      !csm_body_bool (body, "clock_confirmed", &clock_confirmed, error) ||
      !csm_body_bool (body, "record_access", &record_access, error))
    return FALSE;

  query = csm_query_new (db, "note the case",
                         "INSERT INTO case_info (one, title, created, zone, clock_confirmed,"
                         " record_access, program, author, entry)"
                         " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)");
  csm_query_text (query, title);
  csm_query_int (query, csm_entry_get_time (entry));
  csm_query_int (query, zone);
  csm_query_int (query, clock_confirmed);
  csm_query_int (query, record_access);
  csm_query_text (query, program);
  csm_query_blob (query, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  csm_query_digest (query, csm_entry_get_id (entry));
  return csm_query_run (query, error);
}

/* Who stands behind a new reviewer: a reviewer, the creation, or a recovery key's maker. */
static gboolean
find_voucher (CsmDb *db,
              const CsmEntry *entry,
              const CsmDigest *key,
              CsmDigest *ret_voucher,
              GError **error)
{
  const uint8_t *author = csm_entry_get_author (entry);
  int64_t n = 0;

  memcpy (ret_voucher->bytes, author, CSM_PUBLIC_KEY_SIZE);
  if (!count_key (db, "SELECT count (*) FROM reviewer WHERE key = ?", author, &n, error))
    return FALSE;
  if (n > 0)
    return TRUE;
  if (memcmp (author, key->bytes, CSM_PUBLIC_KEY_SIZE) != 0)
    return csm_apply_fail (error, "the author is no reviewer of this case");
  if (!count_key (db,
                  "SELECT count (*) FROM case_info WHERE author = ?"
                  " AND NOT EXISTS (SELECT 1 FROM reviewer)",
                  author, &n, error))
    return FALSE;
  if (n > 0)
    return TRUE;

  g_autoptr (CsmQuery) query =
      csm_query_new (db, "look a key up", "SELECT vouched_by FROM recovery WHERE key = ?");
  csm_query_blob (query, author, CSM_PUBLIC_KEY_SIZE);
  const int step = csm_query_step (query, error);
  if (step < 0)
    return FALSE;
  if (step == 0)
    return csm_apply_fail (error, "a reviewer is added that no reviewer vouches for");
  csm_query_get_digest (query, 0, ret_voucher);
  return TRUE;
}

static gboolean
apply_reviewer_add (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const char *name, *by;
  CsmDigest key, voucher;
  g_autoptr (CsmQuery) query = NULL;

  if (!csm_body_digest (body, "key", &key, error) ||
      !csm_body_text (body, "name", &name, error) || !csm_body_text (body, "by", &by, error) ||
      !find_voucher (db, entry, &key, &voucher, error))
    return FALSE;

  /* Two copies may both have been opened by one recovery code: the first entry stands. */
  query = csm_query_new (db, "note the reviewer",
                         "INSERT INTO reviewer (key, name, added, vouched_by, entry)"
                         " VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING");
  csm_query_digest (query, &key);
  csm_query_text (query, name);
  csm_query_int (query, csm_entry_get_time (entry));
  csm_query_digest (query, &voucher);
  csm_query_digest (query, csm_entry_get_id (entry));
  return csm_query_run (query, error);
}

static gboolean
apply_key_recovery (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const char *name;
  CsmDigest key;
  int64_t header_seq;
  g_autoptr (CsmQuery) query = NULL;

  if (!csm_body_digest (body, "key", &key, error) ||
      !csm_body_text (body, "name", &name, error) ||
      !csm_body_int (body, "header_seq", 0, INT64_MAX, &header_seq, error))
    return FALSE;

  query = csm_query_new (db, "note the recovery key",
                         "INSERT INTO recovery (key, name, vouched_by, entry)"
                         " VALUES (?, ?, ?, ?)");
  csm_query_digest (query, &key);
  csm_query_text (query, name);
  csm_query_blob (query, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  csm_query_digest (query, csm_entry_get_id (entry));
  return csm_query_run (query, error);
}

/* What was merged is here: the header names the other copy's newest entries only as far as
 * nobody else did. */
static gboolean
apply_case_merge (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const json_t *heads = json_object_get (body, "heads");
  CsmDigest head;
  int64_t n_entries;
  size_t i;
  json_t *value;

  if (!json_is_array (heads))
    return csm_apply_fail (error, "the body's 'heads' is no list");
  if (!csm_body_int (body, "n_entries", 0, INT64_MAX, &n_entries, error))
    return FALSE;
  json_array_foreach (
      heads, i, value) if (!json_is_string (value) ||
                           !csm_digest_from_hex (
                               json_string_value (value),
                               &head)) return csm_apply_fail (error, "the body's 'heads' holds "
                                                                     "what is no entry's id");
  return TRUE;
}

/* Told by the event alone. */
static gboolean
apply_nothing (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  return TRUE;
}

/* Nothing is derived from it: its form is all that can be wrong. */
static gboolean
apply_displayed (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  g_autoptr (GArray) spans = csm_displayed_from_json (json_object_get (body, "detail"));

  if (spans == NULL || csm_entry_get_subject (entry) == NULL)
    return csm_apply_fail (error, "the body's 'detail' says no spans of frames");
  return TRUE;
}

static const struct
{
  const char *kind;
  CsmApply apply;
} kinds[] = {
  { "case.create", apply_case_create },
  { "reviewer.add", apply_reviewer_add },
  { "chain.start", apply_nothing },
  { "key.recovery", apply_key_recovery },
  { "key.changed", apply_nothing },
  { "case.merge", apply_case_merge },
  { "case.reseal", apply_nothing },
  { "erase.entries", csm_apply_erase_entries },
  { "receipt.made", csm_apply_receipt_made },
  { "anchor.add", csm_apply_anchor_add },
  { "key.added", csm_apply_key_added },
  { "key.removed", csm_apply_key_removed },
  { "key.rotated", csm_apply_key_rotated },
  { "code.set", csm_apply_code_set },
  { "exhibit.add", csm_apply_exhibit_add },
  { "exhibit.set", csm_apply_exhibit_set },
  { "exhibit.remove", csm_apply_exhibit_remove },
  { "exhibit.restore", csm_apply_exhibit_restore },
  { "exhibit.index", csm_apply_exhibit_index },
  { "exhibit.track", csm_apply_exhibit_track },
  { "mark.set", csm_apply_mark_set },
  { "mark.remove", csm_apply_mark_remove },
  { "mark.frames", csm_apply_mark_frames },
  { "access.opened", apply_nothing },
  { "access.locked", apply_nothing },
  { "access.exported", apply_nothing },
  { "access.extracted", apply_nothing },
  { "access.verified", apply_nothing },
  { "access.backup", apply_nothing },
  { "access.displayed", apply_displayed },
};

static CsmApply
find_apply (const char *kind)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].kind, kind) == 0)
      return kinds[i].apply;
  return NULL;
}

bool
csm_apply_knows_kind (const char *kind)
{
  return find_apply (kind) != NULL;
}

gboolean
csm_apply_entry (CsmDb *db, const CsmEntry *entry, GError **error)
{
  const json_t *body = csm_entry_get_content (entry);
  const CsmApply apply = find_apply (csm_entry_get_kind (entry));
  bool rests_on_erased = false;

  if (!check_author (db, entry, error) || !apply_chain (db, entry, error) ||
      !apply_event (db, entry, error))
    return FALSE;
  if (apply == NULL)
    return TRUE;
  if (body == NULL)
    return csm_apply_without_body (db, entry, error);
  if (!csm_apply_rests_on_erased (db, entry, body, &rests_on_erased, error))
    return FALSE;
  if (rests_on_erased)
    return TRUE;
  return apply (db, entry, body, error);
}
