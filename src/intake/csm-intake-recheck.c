/* csm-intake-recheck.c: whether another FFmpeg still gives the pictures that an index names
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-intake.h"

#include <string.h>

/* What stands in an exhibit's status between what was found first and what a re-check said. */
#define AGAIN "; read again with "
#define AS_BEFORE ": every frame as before"

/* (nullable): what was said with @library, the ": ..." behind its name. */
static const char *
find_outcome (const CsmExhibit *exhibit, const char *library)
{
  const char *again = exhibit->status != NULL ? strstr (exhibit->status, AGAIN) : NULL;

  if (again == NULL || !g_str_has_prefix (again + strlen (AGAIN), library))
    return NULL;
  again += strlen (AGAIN) + strlen (library);
  return *again == ':' ? again : NULL;
}

CsmRecheck
csm_intake_get_recheck (const CsmExhibit *exhibit, const char *library)
{
  const char *outcome;

  g_return_val_if_fail (exhibit != NULL && library != NULL, CSM_RECHECK_NOT_NEEDED);
  if (exhibit->index_state != CSM_INDEX_EXACT || exhibit->index_library == NULL ||
      g_str_equal (exhibit->index_library, library))
    return CSM_RECHECK_NOT_NEEDED;
  outcome = find_outcome (exhibit, library);
  if (outcome == NULL)
    return CSM_RECHECK_WANTED;
  return g_str_equal (outcome, AS_BEFORE) ? CSM_RECHECK_SAME : CSM_RECHECK_DIFFERS;
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

gboolean
csm_intake_store_recheck (CsmCase *acase,
                          const CsmId *exhibit,
                          const CsmFrameIndex *stored,
                          const CsmFrameIndex *again,
                          const char *library,
                          const GError *failure,
                          GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && library != NULL, FALSE);
  g_return_val_if_fail (failure != NULL || (stored != NULL && again != NULL), FALSE);
  g_autoptr (CsmExhibit) row = csm_case_get_exhibit (acase, exhibit, error);
  g_autofree char *outcome = NULL;
  g_autofree char *status = NULL;
  CsmMediaFacts facts;
  const char *old;

  if (row == NULL)
    return FALSE;
  outcome = failure != NULL
                ? g_strdup_printf (": cannot be read to its end: %s", failure->message)
                : compare (stored, again);
  old = strstr (row->status, AGAIN);
  status = g_strdup_printf (
      "%.*s" AGAIN "%s%s",
      (int) (old != NULL ? old - row->status : (ptrdiff_t) strlen (row->status)), row->status,
      library, outcome);
  facts = (CsmMediaFacts){ row->index_state, status,      row->format,   row->codec,
                           row->width,       row->height, row->n_frames, row->duration_ms };
  return csm_case_set_media_facts (acase, exhibit, &facts, error);
}
