/* csm-case-kept.c: what is kept beside the ledger for each exhibit
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

void
csm_kept_media_clear (CsmKeptMedia *self)
{
  g_clear_pointer (&self->ref, csm_media_ref_free);
  g_clear_pointer (&self->link_path, g_free);
}

void
csm_kept_media_commit (const CsmSecret *key, const uint8_t salt[32], CsmDigest *ret_commitment)
{
  g_autoptr (CsmHasher) hasher = csm_hasher_new ();

  csm_hasher_update (hasher, csm_secret_peek (key), csm_secret_get_size (key));
  csm_hasher_update (hasher, salt, 32);
  csm_hasher_finish (hasher, ret_commitment);
}

gboolean
csm_kept_media_load (CsmCase *self, const CsmId *exhibit, CsmKeptMedia *ret, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the exhibit's place",
                     "SELECT name, key, size, link_path, salt FROM kept_media"
                     " WHERE exhibit = ?");
  int step;

  csm_query_id (query, exhibit);
  step = csm_query_step (query, error);
  if (step == 0)
    return csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                          "no file is kept for the exhibit with the id %s", exhibit->hex);
  if (step < 0)
    return FALSE;

  memset (ret, 0, sizeof *ret);
  ret->size = csm_query_get_int (query, 2);
  if (csm_query_is_null (query, 0))
    {
      g_autoptr (GBytes) path = csm_query_dup_bytes (query, 3);

      ret->link_path = path != NULL
                           ? g_strndup (g_bytes_get_data (path, NULL), g_bytes_get_size (path))
                           : g_strdup ("");
      return TRUE;
    }
  ret->ref = g_new0 (CsmMediaRef, 1);
  ret->ref->key = csm_secret_new (32);
  ret->ref->size = ret->size;
  g_strlcpy (ret->ref->name, csm_query_get_text (query, 0), sizeof ret->ref->name);
  csm_query_get_blob (query, 4, ret->salt, sizeof ret->salt);
  if (!csm_query_get_blob (query, 1, csm_secret_data (ret->ref->key), 32))
    {
      csm_kept_media_clear (ret);
      return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                            "the media key that is kept has a wrong size");
    }
  return TRUE;
}

CsmMediaRef *
csm_case_get_media_ref (CsmCase *self,
                        const CsmId *exhibit,
                        char **ret_link_path,
                        GError **error)
{
  g_auto (CsmKeptMedia) kept = { 0 };

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, NULL);
  if (!csm_kept_media_load (self, exhibit, &kept, error))
    return NULL;
  if (kept.ref == NULL && ret_link_path != NULL)
    *ret_link_path = g_steal_pointer (&kept.link_path);
  return g_steal_pointer (&kept.ref);
}

static CsmByteSource *
open_link (const char *path, int64_t size, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  g_autoptr (CsmByteSource) source = NULL;

  if (fd < 0)
    {
      const int errnum = errno;

      csm_case_fail (error,
                     errnum == ENOENT ? CSM_CASE_ERROR_NOT_FOUND : CSM_CASE_ERROR_DATABASE,
                     "the linked file '%s' cannot be opened: %s", name, g_strerror (errnum));
      return NULL;
    }
  source = csm_byte_source_new_for_fd (fd, error);
  if (source != NULL && csm_byte_source_get_size (source) != size)
    {
      csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                     "the linked file '%s' has another size than at import", name);
      return NULL;
    }
  return g_steal_pointer (&source);
}

CsmByteSource *
csm_kept_media_open (CsmCase *self, const CsmKeptMedia *kept, GError **error)
{
  if (kept->ref == NULL)
    return open_link (kept->link_path, kept->size, error);
  if (self->media == NULL)
    {
      g_set_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING,
                   "the media folder is not beside the case: %s", self->why_no_media);
      return NULL;
    }
  return csm_media_store_read (self->media, kept->ref, error);
}

CsmByteSource *
csm_case_read_media (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_auto (CsmKeptMedia) kept = { 0 };

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, NULL);
  if (!csm_kept_media_load (self, exhibit, &kept, error))
    return NULL;
  return csm_kept_media_open (self, &kept, error);
}

static gboolean
run_kept (CsmCase *self, CsmQuery *query, GError **error)
{
  g_autoptr (CsmChange) change = csm_change_begin_kept (self, error);

  return change != NULL && csm_query_run (query, error) && csm_change_commit (change, error);
}

gboolean
csm_case_relink (CsmCase *self, const CsmId *exhibit, const char *link_path, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (GBytes) path = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && link_path != NULL, FALSE);
  path = g_bytes_new (link_path, strlen (link_path));
  query = csm_query_new (self->db, "keep the linked file's place",
                         "UPDATE kept_media SET link_path = ?"
                         " WHERE exhibit = ? AND link_path IS NOT NULL");
  csm_query_bytes (query, path);
  csm_query_id (query, exhibit);
  return run_kept (self, query, error);
}

gboolean
csm_case_set_media_facts (CsmCase *self,
                          const CsmId *exhibit,
                          const CsmMediaFacts *facts,
                          GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (CsmExhibit) there = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && facts != NULL, FALSE);
  there = csm_case_get_exhibit (self, exhibit, error);
  if (there == NULL || !csm_case_check_text (facts->status, "the status", error) ||
      !csm_case_check_text (facts->format, "the format", error) ||
      !csm_case_check_text (facts->codec, "the codec", error))
    return FALSE;
  query = csm_query_new (self->db, "keep what was found in the file",
                         "INSERT OR REPLACE INTO kept_facts (exhibit, state, status, format,"
                         " codec, width, height, n_frames, duration_ms)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  csm_query_id (query, exhibit);
  csm_query_int (query, facts->state);
  csm_query_text (query, facts->status != NULL ? facts->status : "");
  csm_query_text (query, facts->format != NULL ? facts->format : "");
  csm_query_text (query, facts->codec != NULL ? facts->codec : "");
  csm_query_int (query, facts->width);
  csm_query_int (query, facts->height);
  csm_query_int (query, facts->n_frames);
  csm_query_int (query, facts->duration_ms);
  return run_kept (self, query, error);
}

/* The entry that the new one replaces, when there is one, and the index that it binds. */
static gboolean
find_index_entry (CsmCase *self,
                  const CsmId *exhibit,
                  bool *ret_found,
                  CsmDigest *ret_entry,
                  CsmDigest *ret_index,
                  GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the exhibit",
                     "SELECT index_entry, index_sha256 FROM exhibit WHERE id = ?");

  csm_query_id (query, exhibit);
  if (csm_query_step (query, error) <= 0)
    return FALSE;
  *ret_found =
      csm_query_get_digest (query, 0, ret_entry) && csm_query_get_digest (query, 1, ret_index);
  return TRUE;
}

static gboolean
sign_index (CsmChange *change,
            CsmCase *self,
            const CsmExhibit *exhibit,
            GBytes *index,
            const char *library,
            int64_t n_frames,
            GError **error)
{
  g_autoptr (json_t) body = json_object ();
  char hex[CSM_DIGEST_HEX_SIZE];
  uint8_t id[CSM_ID_SIZE];
  const CsmFacet facet = { "index", id, sizeof id };
  CsmDigest digest, before, bound;
  bool found = false;

  if (!find_index_entry (self, &exhibit->id, &found, &before, &bound, error))
    return FALSE;
  csm_sha256 (g_bytes_get_data (index, NULL), g_bytes_get_size (index), &digest);
  if (found && csm_digest_equal (&digest, &bound))
    return TRUE;
  csm_digest_to_hex (&exhibit->sha256, hex);
  json_object_set_new (body, "sha256", json_string (hex));
  csm_digest_to_hex (&digest, hex);
  json_object_set_new (body, "index_sha256", json_string (hex));
  json_object_set_new (body, "library", json_string (library != NULL ? library : ""));
  json_object_set_new (body, "frames", json_integer (MAX (n_frames, -1)));
  if (!csm_hex_decode (exhibit->id.hex, id, sizeof id))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "the exhibit has no id");
  return csm_change_sign_edit (change, self, "exhibit.index", &exhibit->id, &facet,
                               found ? &before : NULL, body, error);
}

gboolean
csm_case_set_index (CsmCase *self,
                    const CsmId *exhibit,
                    GBytes *index,
                    bool exact,
                    const char *library,
                    int64_t n_frames,
                    GError **error)
{
  g_autoptr (CsmExhibit) there = NULL;
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && index != NULL, FALSE);
  there = csm_case_get_exhibit (self, exhibit, error);
  if (there == NULL || !csm_case_check_text (library, "the library", error))
    return FALSE;
  change = exact ? csm_change_begin (self, error) : csm_change_begin_kept (self, error);
  if (change == NULL ||
      (exact && !sign_index (change, self, there, index, library, n_frames, error)))
    return FALSE;
  query = csm_query_new (
      self->db, "keep the frame index",
      "INSERT OR REPLACE INTO kept_index (exhibit, exact, bytes) VALUES (?, ?, ?)");
  csm_query_id (query, exhibit);
  csm_query_int (query, exact);
  csm_query_bytes (query, index);
  return csm_query_run (query, error) && csm_change_commit (change, error);
}

GBytes *
csm_case_get_index (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (GBytes) index = NULL;
  CsmDigest digest, expected;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, NULL);
  query = csm_query_new (self->db, "read the frame index",
                         "SELECT i.bytes, i.exact, e.index_sha256 FROM kept_index AS i"
                         " JOIN exhibit AS e ON e.id = i.exhibit WHERE i.exhibit = ?");
  csm_query_id (query, exhibit);
  step = csm_query_step (query, error);
  if (step <= 0)
    return NULL;
  index = csm_query_dup_bytes (query, 0);
  csm_sha256 (g_bytes_get_data (index, NULL), g_bytes_get_size (index), &digest);
  if (csm_query_get_int (query, 1) != 0 &&
      (!csm_query_get_digest (query, 2, &expected) || !csm_digest_equal (&digest, &expected)))
    {
      csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                     "the frame index is not the one that its entry names: look at the file"
                     " again");
      return NULL;
    }
  return g_steal_pointer (&index);
}

gboolean
csm_case_set_thumbnail (CsmCase *self, const CsmId *exhibit, GBytes *png, GError **error)
{
  g_autoptr (CsmExhibit) there = NULL;
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && png != NULL, FALSE);
  there = csm_case_get_exhibit (self, exhibit, error);
  if (there == NULL)
    return FALSE;
  query = csm_query_new (self->db, "keep the thumbnail",
                         "INSERT OR REPLACE INTO kept_thumbnail (exhibit, png) VALUES (?, ?)");
  csm_query_id (query, exhibit);
  csm_query_bytes (query, png);
  return run_kept (self, query, error);
}

GBytes *
csm_case_get_thumbnail (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, NULL);
  query = csm_query_new (self->db, "read the thumbnail",
                         "SELECT png FROM kept_thumbnail WHERE exhibit = ?");
  csm_query_id (query, exhibit);
  return csm_query_step (query, error) > 0 ? csm_query_dup_bytes (query, 0) : NULL;
}

gboolean
csm_case_set_sound (CsmCase *self,
                    const CsmId *exhibit,
                    int track,
                    int64_t n_samples,
                    GBytes *map,
                    GError **error)
{
  g_autoptr (CsmExhibit) there = NULL;
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && map != NULL, FALSE);
  there = csm_case_get_exhibit (self, exhibit, error);
  if (there == NULL)
    return FALSE;
  query = csm_query_new (self->db, "keep the map of the sound",
                         "INSERT OR REPLACE INTO kept_sound (exhibit, map, track, n_samples)"
                         " VALUES (?, ?, ?, ?)");
  csm_query_id (query, exhibit);
  csm_query_bytes (query, map);
  csm_query_int (query, track);
  csm_query_int (query, n_samples);
  return run_kept (self, query, error);
}

GBytes *
csm_case_get_sound (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, NULL);
  query = csm_query_new (self->db, "read the map of the sound",
                         "SELECT map FROM kept_sound WHERE exhibit = ?");
  csm_query_id (query, exhibit);
  return csm_query_step (query, error) > 0 ? csm_query_dup_bytes (query, 0) : NULL;
}
