/* csm-case-tracks.c: what is known of an exhibit's further video tracks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-tracks.h"

#include "casefile/csm-case-private.h"

#include <string.h>

void
csm_kept_track_free (CsmKeptTrack *self)
{
  if (self == NULL)
    return;
  g_free (self->status);
  g_free (self->library);
  g_clear_pointer (&self->index, g_bytes_unref);
  g_free (self);
}

/* A canonical body has its names and values in one form, and no text can hold a bare quote. */
bool
csm_track_is_bound (CsmDb *db, const CsmId *exhibit, int track, GBytes *index, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the entries about the track",
                     "SELECT 1 FROM event AS v JOIN entry AS n ON n.id = v.id"
                     " WHERE v.subject = ? AND v.kind = 'exhibit.track'"
                     " AND instr (n.body, ?) > 0 AND instr (n.body, ?) > 0 LIMIT 1");
  g_autofree char *named = NULL, *digested = NULL;
  char hex[CSM_DIGEST_HEX_SIZE];
  char name[16];
  CsmDigest digest;

  csm_track_format (track, name);
  csm_sha256 (g_bytes_get_data (index, NULL), g_bytes_get_size (index), &digest);
  csm_digest_to_hex (&digest, hex);
  named = g_strdup_printf ("\"track\":\"%s\"", name);
  digested = g_strdup_printf ("\"index_sha256\":\"%s\"", hex);
  csm_query_id (query, exhibit);
  csm_query_blob (query, named, strlen (named));
  csm_query_blob (query, digested, strlen (digested));
  return csm_query_step (query, error) > 0;
}

static gboolean
sign_track (CsmChange *change,
            const CsmExhibit *exhibit,
            const CsmKeptTrack *track,
            GError **error)
{
  g_autoptr (json_t) body = json_object ();
  char hex[CSM_DIGEST_HEX_SIZE];
  char name[16];
  CsmDigest digest;

  csm_track_format (track->track, name);
  json_object_set_new (body, "track", json_string (name));
  csm_digest_to_hex (&exhibit->sha256, hex);
  json_object_set_new (body, "sha256", json_string (hex));
  csm_sha256 (g_bytes_get_data (track->index, NULL), g_bytes_get_size (track->index), &digest);
  csm_digest_to_hex (&digest, hex);
  json_object_set_new (body, "index_sha256", json_string (hex));
  json_object_set_new (body, "library",
                       json_string (track->library != NULL ? track->library : ""));
  json_object_set_new (body, "frames", json_integer (MAX (track->n_frames, -1)));
  return csm_change_sign (change, "exhibit.track", &exhibit->id, NULL, body, NULL, error);
}

gboolean
csm_case_set_track (CsmCase *self,
                    const CsmId *exhibit,
                    const CsmKeptTrack *track,
                    GError **error)
{
  g_autoptr (CsmExhibit) there = NULL;
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (GError) local = NULL;
  bool wants_entry;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && track != NULL && track->track > 0, FALSE);
  there = csm_case_get_exhibit (self, exhibit, error);
  if (there == NULL || !csm_case_check_text (track->status, "the status", error) ||
      !csm_case_check_text (track->library, "the library", error))
    return FALSE;
  wants_entry = track->index != NULL && track->state == CSM_INDEX_EXACT &&
                !csm_track_is_bound (self->db, exhibit, track->track, track->index, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  change = wants_entry ? csm_change_begin (self, error) : csm_change_begin_kept (self, error);
  if (change == NULL || (wants_entry && !sign_track (change, there, track, error)))
    return FALSE;
  query = csm_query_new (self->db, "keep what was found of the track",
                         "INSERT OR REPLACE INTO kept_track (exhibit, track, state, status,"
                         " n_frames, bytes) VALUES (?, ?, ?, ?, ?, ?)");
  csm_query_id (query, exhibit);
  csm_query_int (query, track->track);
  csm_query_int (query, track->state);
  csm_query_text (query, track->status != NULL ? track->status : "");
  csm_query_int (query, track->n_frames);
  csm_query_bytes (query, track->index);
  return csm_query_run (query, error) && csm_change_commit (change, error);
}

/* Of a row of "track, state, status, n_frames, bytes". */
static CsmKeptTrack *
read_track (CsmCase *self, const CsmId *exhibit, CsmQuery *query, GError **error)
{
  g_autoptr (CsmKeptTrack) track = g_new0 (CsmKeptTrack, 1);
  g_autoptr (GError) local = NULL;

  track->track = (int) csm_query_get_int (query, 0);
  track->state = (CsmIndexState) csm_query_get_int (query, 1);
  track->status = csm_query_dup_text (query, 2);
  track->n_frames = csm_query_get_int (query, 3);
  if (!csm_query_is_null (query, 4))
    track->index = csm_query_dup_bytes (query, 4);
  if (track->index == NULL || track->state != CSM_INDEX_EXACT ||
      csm_track_is_bound (self->db, exhibit, track->track, track->index, &local))
    return g_steal_pointer (&track);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                   "no entry names the frame index of the track v:%d: look at the file again",
                   track->track);
  return NULL;
}

#define TRACKS_SQL \
  "SELECT track, state, status, n_frames, bytes FROM kept_track WHERE exhibit = ?"

CsmKeptTrack *
csm_case_get_track (CsmCase *self, const CsmId *exhibit, int track, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL && track > 0, NULL);
  query = csm_query_new (self->db, "read the track", TRACKS_SQL " AND track = ?");
  csm_query_id (query, exhibit);
  csm_query_int (query, track);
  return csm_query_step (query, error) > 0 ? read_track (self, exhibit, query, error) : NULL;
}

GPtrArray *
csm_case_list_tracks (CsmCase *self, const CsmId *exhibit, GError **error)
{
  g_autoptr (GPtrArray) tracks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_kept_track_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (exhibit != NULL, NULL);
  query = csm_query_new (self->db, "read the tracks", TRACKS_SQL " ORDER BY track");
  csm_query_id (query, exhibit);
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmKeptTrack *track = read_track (self, exhibit, query, error);

      if (track == NULL)
        return NULL;
      g_ptr_array_add (tracks, track);
    }
  return step == 0 ? g_steal_pointer (&tracks) : NULL;
}

GArray *
csm_case_list_tracked (CsmCase *self, GError **error)
{
  g_autoptr (GArray) exhibits = g_array_new (FALSE, FALSE, sizeof (CsmId));
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query =
      csm_query_new (self->db, "read the tracks", "SELECT DISTINCT exhibit FROM kept_track");
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmId exhibit;

      csm_query_get_id (query, 0, &exhibit);
      g_array_append_val (exhibits, exhibit);
    }
  return step == 0 ? g_steal_pointer (&exhibits) : NULL;
}

GBytes *
csm_case_get_track_index (CsmCase *self, const CsmId *exhibit, int track, GError **error)
{
  g_autoptr (CsmKeptTrack) kept = NULL;

  CSM_CASE_ASSERT_LANE (self);
  if (track == 0)
    return csm_case_get_index (self, exhibit, error);
  kept = csm_case_get_track (self, exhibit, track, error);
  return kept != NULL ? g_steal_pointer (&kept->index) : NULL;
}
