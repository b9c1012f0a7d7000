/* casectl-worker.c: an exhibit's frames, by the caged worker
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-tracks.h"
#include "intake/csm-intake.h"
#include "tools/casectl.h"

CsmWorker *
csm_tool_start_worker (CsmCase *acase, const CsmId *exhibit, GError **error)
{
  g_autoptr (CsmMediaSource) source = csm_intake_open_media (acase, exhibit, error);

  return source == NULL ? NULL : csm_worker_new (source, false);
}

typedef struct
{
  CsmWorker *worker;
  GCancellable *cancellable;
} DigestData;

static gboolean
read_digest_cb (int64_t ordinal, CsmFrameDigest *ret_digest, gpointer data, GError **error)
{
  DigestData *self = data;

  return csm_worker_read_digest (self->worker, ordinal, ret_digest, self->cancellable, error);
}

/* The verify pass. */
static gboolean
decode_once (CsmTool *tool,
             CsmCase *acase,
             const CsmExhibit *exhibit,
             int track,
             CsmWorker *worker,
             GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s: decoding every frame", exhibit->number);
  DigestData data = { worker, tool->cancellable };
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmFrameIndex) index =
      csm_worker_verify (worker, track, csm_tool_progress_cb, what, tool->cancellable, &local);
  gboolean stored;

  csm_tool_progress_end ();
  if (index == NULL)
    {
      stored = csm_intake_store_failure (acase, &exhibit->id, track, local, error);
      if (stored && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_propagate_error (error, g_steal_pointer (&local));
      else if (stored)
        csm_tool_warn ("%s: %s", exhibit->number, local->message);
      return stored && local != NULL;
    }
  return csm_worker_set_index (worker, index, error) &&
         csm_intake_store_exact (acase, &exhibit->id, index, read_digest_cb, &data, error);
}

gboolean
csm_tool_make_exact (CsmTool *tool,
                     CsmCase *acase,
                     const CsmExhibit *exhibit,
                     CsmWorker *worker,
                     GError **error)
{
  g_autoptr (CsmExhibit) row = NULL;

  if (exhibit->index_state != CSM_INDEX_PROVISIONAL &&
      !csm_intake_look (acase, &exhibit->id, worker, tool->cancellable, error))
    return FALSE;
  row = csm_case_get_exhibit (acase, &exhibit->id, error);
  if (row == NULL)
    return FALSE;
  if (row->index_state == CSM_INDEX_PROVISIONAL)
    return decode_once (tool, acase, row, 0, worker, error);
  if (row->index_state != CSM_INDEX_EXACT)
    csm_tool_warn ("%s: %s", row->number, row->status);
  return TRUE;
}

/* NULL without error when the case holds no exact index. */
static CsmFrameIndex *
load_exact (CsmCase *acase, const CsmId *exhibit, int track, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = csm_case_get_track_index (acase, exhibit, track, &local);
  g_autoptr (CsmFrameIndex) index = NULL;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (bytes == NULL)
    return NULL;
  index = csm_frame_index_parse (bytes, error);
  if (index == NULL || !csm_frame_index_is_exact (index))
    return NULL;
  return g_steal_pointer (&index);
}

/* Makes the exact index of a track after the first. TRUE without one: what there is says why.
 */
static gboolean
make_track_exact (CsmTool *tool,
                  CsmCase *acase,
                  const CsmExhibit *exhibit,
                  int track,
                  CsmWorker *worker,
                  GError **error)
{
  g_autoptr (CsmMediaInfo) info = csm_worker_probe (worker, tool->cancellable, error);

  if (info == NULL)
    return FALSE;
  if (csm_media_info_get_stream (info, 'v', track) == NULL)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                   "it has no video track v:%d: it has %d; see casectl probe", track,
                   csm_media_info_count_tracks (info));
      return FALSE;
    }
  return decode_once (tool, acase, exhibit, track, worker, error);
}

static int
refuse_frames (CsmTool *tool, CsmCase *acase, const CsmExhibit *exhibit, int track)
{
  g_autoptr (CsmExhibit) row = csm_case_get_exhibit (acase, &exhibit->id, NULL);
  g_autoptr (CsmKeptTrack) kept = NULL;

  if (track > 0)
    {
      kept = csm_case_get_track (acase, &exhibit->id, track, NULL);
      return csm_tool_refuse (
          tool, CSM_EXIT_REFUSED,
          "%s: the frames of v:%d cannot be named (%s); choose another track", exhibit->number,
          track,
          kept == NULL ? "not decoded yet, and the case is open to look only" : kept->status);
    }

  return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                          "%s: its frames cannot be named (%s); choose another exhibit",
                          exhibit->number, row == NULL ? "gone" : row->status);
}

static gboolean
make_missing (CsmTool *tool,
              CsmCase *acase,
              const CsmExhibit *exhibit,
              int track,
              CsmWorker *worker,
              GError **error)
{
  if (track > 0)
    return make_track_exact (tool, acase, exhibit, track, worker, error);
  return exhibit->index_state != CSM_INDEX_EXACT &&
         csm_tool_make_exact (tool, acase, exhibit, worker, error);
}

CsmWorker *
csm_tool_start_frames (CsmTool *tool,
                       CsmCase *acase,
                       const CsmExhibit *exhibit,
                       int track,
                       CsmFrameIndex **ret_index,
                       int *ret_exit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmWorker) worker = csm_tool_start_worker (acase, &exhibit->id, &error);
  g_autoptr (CsmFrameIndex) index = NULL;

  if (worker != NULL)
    index = load_exact (acase, &exhibit->id, track, &error);
  /* A read-only case cannot keep what would be found now. */
  if (index == NULL && error == NULL && !csm_case_is_read_only (acase) &&
      make_missing (tool, acase, exhibit, track, worker, &error))
    index = load_exact (acase, &exhibit->id, track, &error);
  if (index != NULL)
    (void) csm_worker_set_index (worker, index, &error); /* @error tells */
  if (error != NULL)
    *ret_exit =
        csm_tool_fail (tool, exhibit->number, error,
                       g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME)
                           ? CSM_EXIT_REFUSED
                           : CSM_EXIT_CANNOT_OPEN);
  else if (index == NULL)
    *ret_exit = refuse_frames (tool, acase, exhibit, track);
  if (error != NULL || index == NULL)
    return NULL;
  *ret_index = g_steal_pointer (&index);
  return g_steal_pointer (&worker);
}
