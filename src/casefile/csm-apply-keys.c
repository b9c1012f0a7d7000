/* csm-apply-keys.c: who holds a key slot
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply-private.h"

/* (nullable) FALSE: not null, and no reviewer's. */
static gboolean
read_key (CsmDb *db, const json_t *body, CsmDigest *ret_key, bool *ret_reader, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  int step;

  *ret_reader = json_is_null (json_object_get (body, "key"));
  if (*ret_reader)
    return TRUE;
  if (!csm_body_digest (body, "key", ret_key, error))
    return FALSE;
  query = csm_query_new (db, "look a key up", "SELECT 1 FROM reviewer WHERE key = ?");
  csm_query_digest (query, ret_key);
  step = csm_query_step (query, error);
  if (step == 0)
    return csm_apply_fail (error, "a key slot is given to a signing key of no reviewer");
  return step > 0;
}

static gboolean
read_slot (const CsmEntry *entry, const CsmId **ret_slot, GError **error)
{
  *ret_slot = csm_entry_get_subject (entry);
  return *ret_slot != NULL ? TRUE : csm_apply_fail (error, "the entry names no key slot");
}

static gboolean
check_seq (const json_t *body, GError **error)
{
  int64_t seq;

  return csm_body_int (body, "header_seq", 1, INT64_MAX, &seq, error);
}

gboolean
csm_apply_key_added (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *slot;
  const char *name, *how;
  CsmDigest key;
  bool reader;
  g_autoptr (CsmQuery) query = NULL;

  if (!read_slot (entry, &slot, error) || !csm_body_text (body, "name", &name, error) ||
      !csm_body_text (body, "how", &how, error) || !check_seq (body, error) ||
      !read_key (db, body, &key, &reader, error))
    return FALSE;
  /* What was taken out stays out, in whatever order two copies tell of it. */
  query = csm_query_new (db, "note the key holder",
                         "INSERT INTO holder (slot, name, author, added, added_by, removed,"
                         " entry) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)"
                         " ON CONFLICT (slot) DO UPDATE SET name = ?2, author = ?3, added = ?4,"
                         " added_by = ?5, entry = ?6");
  csm_query_id (query, slot);
  csm_query_text (query, name);
  csm_query_digest (query, reader ? NULL : &key);
  csm_query_int (query, csm_entry_get_time (entry));
  csm_query_blob (query, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  csm_query_digest (query, csm_entry_get_id (entry));
  return csm_query_run (query, error);
}

/* Also of a slot that no entry tells of: a case of an earlier version. */
gboolean
csm_apply_key_removed (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const CsmId *slot;
  const char *name;
  g_autoptr (CsmQuery) query = NULL;

  if (!read_slot (entry, &slot, error) || !csm_body_text (body, "name", &name, error) ||
      !check_seq (body, error))
    return FALSE;
  query = csm_query_new (db, "note the key holder",
                         "INSERT INTO holder (slot, name, author, added, added_by, removed,"
                         " entry) VALUES (?1, ?2, NULL, ?3, ?4, 1, ?5)"
                         " ON CONFLICT (slot) DO UPDATE SET removed = 1, entry = ?5");
  csm_query_id (query, slot);
  csm_query_text (query, name);
  csm_query_int (query, csm_entry_get_time (entry));
  csm_query_blob (query, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  csm_query_digest (query, csm_entry_get_id (entry));
  return csm_query_run (query, error);
}

/* Told by the event alone. */
gboolean
csm_apply_key_rotated (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  CsmId old_file, file;

  return csm_body_id (body, "old_file_id", &old_file, error) &&
         csm_body_id (body, "file_id", &file, error) && check_seq (body, error);
}
