/* csm-verify-media.c: kept rows against their digests, and the media files
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-tracks.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* An exhibit as the ledger has it, removed or not. */
typedef struct
{
  CsmId id;
  CsmDigest sha256, commitment;
  int64_t size;
  bool linked;
  bool has_commitment;
  char *where; /* "E-0001 clip.mp4" */
} Exhibit;

static void
exhibit_free (gpointer data)
{
  Exhibit *self = data;

  g_free (self->where);
  g_free (self);
}

static GPtrArray *
list_exhibits (CsmVerify *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (exhibit_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "read the exhibits",
                     "SELECT id, sha256, size, linked, key_commitment, number || ' ' || name"
                     " FROM exhibit ORDER BY position, number");
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    {
      Exhibit *exhibit = g_new0 (Exhibit, 1);

      csm_query_get_id (query, 0, &exhibit->id);
      csm_query_get_digest (query, 1, &exhibit->sha256);
      exhibit->size = csm_query_get_int (query, 2);
      exhibit->linked = csm_query_get_int (query, 3) != 0;
      exhibit->has_commitment = csm_query_get_digest (query, 4, &exhibit->commitment);
      exhibit->where = csm_query_dup_text (query, 5);
      g_ptr_array_add (list, exhibit);
    }
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Exhibits"), "%s", error->message);
  return list;
}

static void
check_commitment (CsmVerify *self, const Exhibit *exhibit)
{
  g_auto (CsmKeptMedia) kept = { 0 };
  g_autoptr (GError) error = NULL;
  CsmDigest commitment;

  if (!csm_kept_media_load (self->acase, &exhibit->id, &kept, &error))
    {
      csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where, "%s", error->message);
      return;
    }
  if (exhibit->linked != (kept.ref == NULL) || exhibit->size != kept.size)
    csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where,
                    _ ("what is kept about its file is not what its entry says"));
  if (kept.ref == NULL)
    return;
  csm_kept_media_commit (kept.ref->key, kept.salt, &commitment);
  if (!exhibit->has_commitment || !csm_digest_equal (&commitment, &exhibit->commitment))
    csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where,
                    _ ("its media key is not the one that its entry commits to"));
}

static void
check_indexes (CsmVerify *self, const Exhibit *exhibit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) index = csm_case_get_index (self->acase, &exhibit->id, &error);
  g_autoptr (GPtrArray) tracks =
      error == NULL ? csm_case_list_tracks (self->acase, &exhibit->id, &error) : NULL;

  if (error != NULL)
    csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where, "%s", error->message);
}

/* No reference guards them: they stay while the derived tables are made anew. */
static void
check_orphans (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query = csm_query_new (
      self->acase->db, "read the kept rows",
      "SELECT lower (hex (exhibit)) FROM (SELECT exhibit FROM kept_media"
      " UNION SELECT exhibit FROM kept_facts UNION SELECT exhibit FROM kept_index"
      " UNION SELECT exhibit FROM kept_thumbnail UNION SELECT exhibit FROM kept_sound"
      " UNION SELECT exhibit FROM kept_track)"
      " WHERE exhibit NOT IN (SELECT id FROM exhibit)");
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Kept rows"),
                    _ ("something is kept for the exhibit %s, which no entry knows"),
                    csm_query_get_text (query, 0));
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Kept rows"), "%s", error->message);
}

gboolean
csm_verify_kept (CsmVerify *self)
{
  g_autoptr (GPtrArray) exhibits = list_exhibits (self);

  csm_verify_keys (self);
  check_orphans (self);
  for (guint i = 0; i < exhibits->len; i++)
    {
      check_commitment (self, exhibits->pdata[i]);
      check_indexes (self, exhibits->pdata[i]);
      csm_verify_yield (self);
      if (!csm_verify_advance (self, 0))
        return FALSE;
    }
  csm_verify_end_part (
      self, _ ("Kept rows"),
      _ ("media keys, frame indexes and signing keys are those in the ledger"));
  return TRUE;
}

/* TRUE unless cancelled. */
static gboolean
check_content (CsmVerify *self, const Exhibit *exhibit, CsmByteSource *source)
{
  g_autoptr (CsmHasher) hasher = csm_hasher_new ();
  g_autoptr (GError) error = NULL;
  g_autofree uint8_t *buffer = g_malloc (65536);
  CsmDigest digest;
  int64_t offset = 0;
  ssize_t n;

  while ((n = csm_byte_source_read_at (source, offset, buffer, 65536, &error)) > 0)
    {
      csm_hasher_update (hasher, buffer, (size_t) n);
      offset += n;
      csm_verify_yield (self);
      if (!csm_verify_advance (self, 1))
        return FALSE;
    }
  if (n < 0)
    {
      csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where, "%s", error->message);
      return TRUE;
    }
  csm_hasher_finish (hasher, &digest);
  if (!csm_digest_equal (&digest, &exhibit->sha256))
    csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where,
                    _ ("its bytes are not those that were imported (the SHA-256 differs)"));
  return TRUE;
}

static void
yield_cb (gpointer verify)
{
  csm_verify_yield (verify);
}

static gboolean
check_file (CsmVerify *self, const Exhibit *exhibit)
{
  g_auto (CsmKeptMedia) kept = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmByteSource) source = NULL;

  /* Reported among the kept rows already. */
  if (!csm_kept_media_load (self->acase, &exhibit->id, &kept, NULL))
    return TRUE;
  /* Without a store every file would say the same: said once. */
  if (kept.ref != NULL && self->acase->media == NULL)
    return TRUE;
  source = csm_kept_media_open (self->acase, &kept, &error);
  if (source == NULL)
    {
      csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where, "%s", error->message);
      return TRUE;
    }
  if (!self->media)
    return TRUE;
  if (kept.ref != NULL && !csm_media_store_check (self->acase->media, kept.ref, yield_cb, self,
                                                  self->cancellable, &error))
    {
      if (g_cancellable_is_cancelled (self->cancellable))
        return FALSE;
      csm_verify_say (self, CSM_FINDING_BROKEN, exhibit->where, "%s", error->message);
      return TRUE;
    }
  return csm_verify_advance (self, CSM_VERIFY_BYTES (exhibit->size)) &&
         check_content (self, exhibit, source);
}

static void
check_store (CsmVerify *self)
{
  const char *where = _ ("Media folder");
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) unknown = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query = NULL;

  if (self->acase->media == NULL)
    {
      csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", self->acase->why_no_media);
      return;
    }
  if (!csm_media_store_check_marker (self->acase->media, &error))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);

  query = csm_query_new (self->acase->db, "read the files",
                         "SELECT name FROM kept_media WHERE name IS NOT NULL");
  while (csm_query_step (query, NULL) > 0)
    g_hash_table_add (known, csm_query_dup_text (query, 0));
  unknown = csm_media_store_list_unknown (self->acase->media, known);
  for (guint i = 0; unknown != NULL && i < unknown->len; i++)
    csm_verify_say (self, CSM_FINDING_NOTE, where,
                    _ ("the file %s belongs to no exhibit of this case: the case file may be an"
                       " older copy"),
                    (const char *) unknown->pdata[i]);
}

gboolean
csm_verify_media (CsmVerify *self)
{
  g_autoptr (GPtrArray) exhibits = list_exhibits (self);

  check_store (self);
  for (guint i = 0; i < exhibits->len; i++)
    {
      csm_verify_yield (self);
      if (!check_file (self, exhibits->pdata[i]) || !csm_verify_advance (self, 0))
        return FALSE;
    }
  if (!self->media)
    csm_verify_say (self, CSM_FINDING_NOTE, _ ("Exhibits"),
                    _ ("their bytes were not read: only that their files are there"));
  csm_verify_end_part (self, _ ("Exhibits"),
                       self->media ? _ ("every file has the bytes that were imported")
                                   : _ ("every file is there"));
  return TRUE;
}
