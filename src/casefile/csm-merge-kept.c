/* csm-merge-kept.c: what another copy keeps beside its ledger: media files and kept rows
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-merge-private.h"
#include "vault/csm-vault-copy.h"

#include <string.h>

/* --- stored files --- */

typedef struct
{
  CsmCase *self, *other;
  CsmProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;
  int64_t done, total; /* bytes of files */
} Files;

static void
copy_progress_cb (int64_t done, int64_t total, gpointer data)
{
  Files *files = data;

  if (files->progress != NULL)
    files->progress (MIN (done, total), total, files->data);
}

static bool
has_erased (CsmCase *acase, const CsmId *exhibit)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      acase->db, "read the erasures",
      "SELECT 1 FROM event WHERE subject = ? AND kind = 'erase.entries' LIMIT 1");

  csm_query_id (query, exhibit);
  return csm_query_step (query, NULL) > 0;
}

/* What was erased does not come back; a file that a salvage could not find does. */
static bool
keeps_file (CsmCase *acase, const CsmId *exhibit)
{
  g_auto (CsmKeptMedia) kept = { 0 };

  if (has_erased (acase, exhibit))
    return true;
  if (!csm_kept_media_load (acase, exhibit, &kept, NULL))
    return false;
  return kept.ref == NULL || acase->media == NULL ||
         csm_media_store_has (acase->media, kept.ref);
}

/* A file that came whole in a run that was cut off is known by nothing but its content. */
static gboolean
bring_file (Files *files, const CsmMediaRef *ref, const char *where, GError **error)
{
  const CsmCopyWatch watch = { copy_progress_cb, files, files->cancellable };
  CsmMediaStore *to = files->self->media;
  g_autoptr (GError) local = NULL;

  if (csm_media_store_has (to, ref) &&
      csm_media_store_check (to, ref, NULL, NULL, files->cancellable, NULL))
    return TRUE;
  if (csm_media_store_copy (files->other->media, to, ref, files->done, files->total, &watch,
                            &local) &&
      csm_media_store_check (to, ref, NULL, NULL, files->cancellable, &local))
    return TRUE;
  /* Nothing here knows it, and what is not whole must not be taken for it. */
  if (g_error_matches (local, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED))
    (void) csm_media_store_remove (to, ref, NULL);
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s of the other copy: ", where);
  return FALSE;
}

static gboolean
check_stores (Files *files, GError **error)
{
  if (files->total == 0)
    return TRUE;
  if (files->self->media == NULL)
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                          "the media folder of this case is not beside it; put it there first");
  if (files->other->media == NULL)
    return csm_case_fail (
        error, CSM_CASE_ERROR_NOT_FOUND,
        "the other copy has exhibits that are not here, but its media folder is"
        " not beside it; copy that folder too");
  return TRUE;
}

#define NEW_FILES_SQL                                                        \
  "SELECT k.exhibit, e.number || ' ' || e.name, k.size FROM kept_media AS k" \
  " JOIN exhibit AS e ON e.id = k.exhibit WHERE k.name IS NOT NULL"

static gboolean
measure_files (Files *files, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new_once (files->other->db, "read the files", NEW_FILES_SQL);
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmId exhibit;

      csm_query_get_id (query, 0, &exhibit);
      if (!keeps_file (files->self, &exhibit))
        files->total += csm_query_get_int (query, 2) + 1;
    }
  return step == 0;
}

gboolean
csm_merge_files (CsmCase *self,
                 CsmCase *other,
                 CsmProgressCallback progress,
                 gpointer data,
                 GCancellable *cancellable,
                 GError **error)
{
  Files files = { self, other, progress, data, cancellable, 0, 0 };
  g_autoptr (CsmQuery) query = NULL;
  int step;

  if (!measure_files (&files, error) || !check_stores (&files, error))
    return FALSE;
  query = csm_query_new_once (other->db, "read the files",
                              NEW_FILES_SQL " ORDER BY e.position, e.number");
  while ((step = csm_query_step (query, error)) > 0)
    {
      g_auto (CsmKeptMedia) kept = { 0 };
      CsmId exhibit;

      csm_query_get_id (query, 0, &exhibit);
      if (keeps_file (self, &exhibit))
        continue;
      if (!csm_kept_media_load (other, &exhibit, &kept, error) ||
          !bring_file (&files, kept.ref, csm_query_get_text (query, 1), error))
        return FALSE;
      files.done += kept.size + 1;
    }
  return step == 0;
}

/* --- kept rows --- */

/* The rows of @select in @other, with @exhibit (may be NULL) as ?1, put in by @insert here. */
static gboolean
copy_rows (CsmCase *self,
           CsmCase *other,
           const CsmId *exhibit,
           const char *select,
           const char *insert,
           int64_t *bytes,
           GError **error)
{
  g_autoptr (CsmQuery) rows =
      csm_query_new (other->db, "read what the other copy keeps", select);
  sqlite3_stmt *from = csm_query_get_statement (rows);
  int step;

  if (exhibit != NULL)
    csm_query_id (rows, exhibit);
  while ((step = csm_query_step (rows, error)) > 0)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (self->db, "keep what the other copy keeps", insert);
      sqlite3_stmt *to = csm_query_get_statement (query);

      for (int i = 0; i < sqlite3_column_count (from); i++)
        {
          const int rc = sqlite3_bind_value (to, i + 1, sqlite3_column_value (from, i));

          if (rc != SQLITE_OK)
            return csm_db_fail (self->db, rc, "keep what the other copy keeps", error);
          *bytes += sqlite3_column_bytes (from, i);
        }
      if (!csm_query_run (query, error))
        return FALSE;
    }
  return step == 0;
}

#define MEDIA "exhibit, name, key, size, salt, link_path, source_path"
#define FACTS "exhibit, state, status, format, codec, width, height, n_frames, duration_ms"

static gboolean
keep_facts (CsmCase *self, CsmCase *other, const CsmId *exhibit, int64_t *bytes, GError **error)
{
  return copy_rows (self, other, exhibit, "SELECT " FACTS " FROM kept_facts WHERE exhibit = ?",
                    "INSERT OR REPLACE INTO kept_facts (" FACTS ")"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    bytes, error) &&
         copy_rows (self, other, exhibit,
                    "SELECT exhibit, exact, bytes FROM kept_index WHERE exhibit = ?",
                    "INSERT INTO kept_index (exhibit, exact, bytes) VALUES (?, ?, ?)", bytes,
                    error);
}

/* One that is exact here stays: either is bound by an entry of its own. */
static gboolean
keep_tracks (CsmCase *self,
             CsmCase *other,
             const CsmId *exhibit,
             int64_t *bytes,
             GError **error)
{
  return copy_rows (self, other, exhibit,
                    "SELECT exhibit, track, state, status, n_frames, bytes FROM kept_track"
                    " WHERE exhibit = ?",
                    "INSERT OR REPLACE INTO kept_track (exhibit, track, state, status,"
                    " n_frames, bytes) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS"
                    " (SELECT 1 FROM kept_track WHERE exhibit = ?1 AND track = ?2"
                    " AND state = 2)", /* CSM_INDEX_EXACT */
                    bytes, error);
}

static gboolean
keep_exhibit (CsmCase *self,
              CsmCase *other,
              const CsmId *exhibit,
              int64_t *bytes,
              GError **error)
{
  return copy_rows (self, other, exhibit, "SELECT " MEDIA " FROM kept_media WHERE exhibit = ?",
                    "INSERT OR REPLACE INTO kept_media (" MEDIA
                    ") VALUES (?, ?, ?, ?, ?, ?, ?)",
                    bytes, error) &&
         keep_facts (self, other, exhibit, bytes, error) &&
         keep_tracks (self, other, exhibit, bytes, error) &&
         copy_rows (self, other, exhibit,
                    "SELECT exhibit, png FROM kept_thumbnail WHERE exhibit = ?",
                    "INSERT OR REPLACE INTO kept_thumbnail (exhibit, png) VALUES (?, ?)", bytes,
                    error) &&
         copy_rows (self, other, exhibit,
                    "SELECT exhibit, map, track, n_samples FROM kept_sound WHERE exhibit = ?",
                    "INSERT OR REPLACE INTO kept_sound (exhibit, map, track, n_samples)"
                    " VALUES (?, ?, ?, ?)",
                    bytes, error);
}

/* Whether @entry is the index in effect in @other, and later than the one in effect here: then
 * it will be in effect here too, and its bytes must be those that are kept. */
static gboolean
is_later_index (CsmCase *self, CsmCase *other, const CsmEntry *entry, bool *ret, GError **error)
{
  static const char sql[] = "SELECT v.lamport, v.id FROM exhibit AS e JOIN event AS v"
                            " ON v.id = e.index_entry WHERE e.id = ?";
  g_autoptr (CsmQuery) theirs = csm_query_new (other->db, "read the frame index", sql);
  g_autoptr (CsmQuery) ours = csm_query_new (self->db, "read the frame index", sql);
  CsmDigest id;
  int step;

  *ret = false;
  csm_query_id (theirs, csm_entry_get_subject (entry));
  step = csm_query_step (theirs, error);
  if (step <= 0)
    return step == 0;
  csm_query_get_digest (theirs, 1, &id);
  if (!csm_digest_equal (&id, csm_entry_get_id (entry)))
    return TRUE;
  csm_query_id (ours, csm_entry_get_subject (entry));
  step = csm_query_step (ours, error);
  if (step < 0)
    return FALSE;
  if (step > 0)
    csm_query_get_digest (ours, 1, &id);
  *ret = step == 0 || csm_query_get_int (theirs, 0) > csm_query_get_int (ours, 0) ||
         (csm_query_get_int (theirs, 0) == csm_query_get_int (ours, 0) &&
          memcmp (csm_entry_get_id (entry), &id, sizeof id) > 0);
  return TRUE;
}

static gboolean
keep_index (CsmCase *self,
            CsmCase *other,
            const CsmEntry *entry,
            int64_t *bytes,
            GError **error)
{
  const CsmId *exhibit = csm_entry_get_subject (entry);
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "keep the frame index",
                                              "DELETE FROM kept_index WHERE exhibit = ?");
  bool later;

  if (!is_later_index (self, other, entry, &later, error))
    return FALSE;
  if (!later)
    return TRUE;
  csm_query_id (query, exhibit);
  return csm_query_run (query, error) && keep_facts (self, other, exhibit, bytes, error);
}

/* The exhibit came with its entry, and with all that is kept about it. */
static bool
came_with_exhibit (CsmCase *self, const CsmId *exhibit)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the exhibit", "SELECT 1 FROM exhibit WHERE id = ?");

  csm_query_id (query, exhibit);
  return csm_query_step (query, NULL) == 0;
}

gboolean
csm_merge_kept (CsmCase *self,
                CsmCase *other,
                const CsmEntry *entry,
                int64_t *bytes,
                GError **error)
{
  const char *kind = csm_entry_get_kind (entry);
  const CsmId *subject = csm_entry_get_subject (entry);

  if (subject == NULL)
    return TRUE;
  if (g_strcmp0 (kind, "exhibit.add") == 0)
    return keep_exhibit (self, other, subject, bytes, error);
  if (g_strcmp0 (kind, "exhibit.index") == 0 && !came_with_exhibit (self, subject))
    return keep_index (self, other, entry, bytes, error);
  if (g_strcmp0 (kind, "exhibit.track") == 0 && !came_with_exhibit (self, subject))
    return keep_tracks (self, other, subject, bytes, error);
  return TRUE;
}

/* Signing keys are sealed to slots: only those of slots that are here too can be opened. */
static gboolean
keep_signers (CsmCase *self, CsmCase *other, GError **error)
{
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  const int n = csm_vault_list_slots (self->vault, slots);

  for (int i = 0; i < n; i++)
    {
      g_autofree char *hex = csm_hex_encode (slots[i].id, CSM_VAULT_ID_SIZE);
      int64_t bytes = 0;
      CsmId slot;

      if (csm_id_parse (hex, &slot) &&
          !copy_rows (self, other, &slot,
                      "SELECT slot, author, sealed FROM kept_signer WHERE slot = ?",
                      "INSERT OR IGNORE INTO kept_signer (slot, author, sealed)"
                      " VALUES (?, ?, ?)",
                      &bytes, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
csm_merge_kept_rest (CsmCase *self, CsmCase *other, GError **error)
{
  int64_t bytes = 0;

  return keep_signers (self, other, error) &&
         copy_rows (self, other, NULL, "SELECT sha256, bytes FROM kept_receipt",
                    "INSERT OR IGNORE INTO kept_receipt (sha256, bytes) VALUES (?, ?)", &bytes,
                    error) &&
         copy_rows (self, other, NULL, "SELECT sha256, bytes, ca FROM kept_token",
                    "INSERT OR IGNORE INTO kept_token (sha256, bytes, ca) VALUES (?, ?, ?)",
                    &bytes, error);
}
