/* csm-intake-recheck.c: whether another FFmpeg still gives the pictures that an index names
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-intake-private.h"

#include <string.h>

/* What stands in an exhibit's status between what was found first and what a re-check said. */
#define AGAIN "; read again with "
#define AS_BEFORE ": every frame as before"

/* (nullable): what @status says of @library, the ": ..." behind its name. */
static const char *
find_outcome (const char *status, const char *library)
{
  const char *again = status != NULL ? strstr (status, AGAIN) : NULL;

  if (again == NULL || !g_str_has_prefix (again + strlen (AGAIN), library))
    return NULL;
  again += strlen (AGAIN) + strlen (library);
  return *again == ':' ? again : NULL;
}

CsmRecheck
csm_intake_get_recheck (CsmIndexState state,
                        const char *made_by,
                        const char *status,
                        const char *library)
{
  const char *outcome;

  g_return_val_if_fail (library != NULL, CSM_RECHECK_NOT_NEEDED);
  if (state != CSM_INDEX_EXACT || made_by == NULL || g_str_equal (made_by, library))
    return CSM_RECHECK_NOT_NEEDED;
  outcome = find_outcome (status, library);
  if (outcome == NULL)
    return CSM_RECHECK_WANTED;
  return g_str_equal (outcome, AS_BEFORE) ? CSM_RECHECK_SAME : CSM_RECHECK_DIFFERS;
}

CsmRecheck
csm_intake_get_exhibit_recheck (const CsmExhibit *exhibit, const char *library)
{
  g_return_val_if_fail (exhibit != NULL, CSM_RECHECK_NOT_NEEDED);
  return csm_intake_get_recheck (exhibit->index_state, exhibit->index_library, exhibit->status,
                                 library);
}

CsmRecheck
csm_intake_get_track_recheck (const CsmKeptTrack *track, const char *library)
{
  g_autoptr (CsmFrameIndex) index = NULL;

  g_return_val_if_fail (track != NULL, CSM_RECHECK_NOT_NEEDED);
  /* One that does not parse is made again when somebody chooses the track. */
  index = track->index != NULL ? csm_frame_index_parse (track->index, NULL) : NULL;
  return csm_intake_get_recheck (track->state,
                                 index != NULL ? csm_frame_index_get_library (index) : NULL,
                                 track->status, library);
}

/* (transfer full): ": ..." */
static char *
compare (const CsmFrameIndex *stored, const CsmFrameIndex *again)
{
  int64_t had = csm_frame_index_get_n_frames (stored);
  int64_t has = csm_frame_index_get_n_frames (again);
  int64_t first;
  int64_t n = csm_frame_index_count_differing (stored, again, &first);
  GString *words = g_string_new (NULL);

  if (n == 0 && had == has)
    return g_strdup (AS_BEFORE);
  if (n > 0)
    g_string_append_printf (words,
                            ": %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                            " frames differ, the first is %" G_GINT64_FORMAT,
                            n, had, first);
  if (had != has)
    g_string_append_printf (words,
                            "%s %" G_GINT64_FORMAT " frames instead of %" G_GINT64_FORMAT,
                            n > 0 ? "," : ":", has, had);
  return g_string_free (words, FALSE);
}

/* (transfer full): @status with @outcome in the place of what an earlier re-check said. */
static char *
tell (const char *status, const char *library, const char *outcome)
{
  const char *old = strstr (status, AGAIN);

  return g_strdup_printf ("%.*s" AGAIN "%s%s",
                          (int) (old != NULL ? old - status : (ptrdiff_t) strlen (status)),
                          status, library, outcome);
}

static gboolean
store_in_exhibit (CsmCase *acase,
                  const CsmId *exhibit,
                  const char *library,
                  const char *outcome,
                  GError **error)
{
  g_autoptr (CsmExhibit) row = csm_case_get_exhibit (acase, exhibit, error);
  g_autofree char *status = NULL;

  if (row == NULL)
    return FALSE;
  status = tell (row->status, library, outcome);
  return csm_intake_update_facts (acase, row, row->index_state, status, NULL, error);
}

static gboolean
store_in_track (CsmCase *acase,
                const CsmId *exhibit,
                int track,
                const char *library,
                const char *outcome,
                GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmKeptTrack) kept = csm_case_get_track (acase, exhibit, track, &local);
  char *status;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (kept == NULL) /* erased meanwhile */
    return TRUE;
  status = tell (kept->status, library, outcome);
  g_free (kept->status);
  kept->status = status;
  return csm_case_set_track (acase, exhibit, kept, error);
}

gboolean
csm_intake_store_recheck (CsmCase *acase,
                          const CsmId *exhibit,
                          int track,
                          const CsmFrameIndex *stored,
                          const CsmFrameIndex *again,
                          const char *library,
                          const GError *failure,
                          GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && library != NULL, FALSE);
  g_return_val_if_fail (failure != NULL || (stored != NULL && again != NULL), FALSE);
  g_autofree char *outcome =
      failure != NULL ? g_strdup_printf (": cannot be read to its end: %s", failure->message)
                      : compare (stored, again);

  return track == 0 ? store_in_exhibit (acase, exhibit, library, outcome, error)
                    : store_in_track (acase, exhibit, track, library, outcome, error);
}
