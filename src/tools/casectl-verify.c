/* casectl-verify.c: whether a case still says what was signed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-intake.h"
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>

void
csm_tool_findings_begin (CsmToolFindings *self, bool json)
{
  static const char *const columns[] = { "kind", "where", "what", NULL };

  self->n_broken = 0;
  csm_listing_begin (&self->listing, json, columns);
}

void
csm_tool_findings_add_cb (CsmFindingKind kind,
                          const char *where,
                          const char *what,
                          gpointer data)
{
  static const char *const kinds[] = {
    [CSM_FINDING_HOLDS] = "holds",
    [CSM_FINDING_NOTE] = "note",
    [CSM_FINDING_BROKEN] = "BROKEN",
  };
  CsmToolFindings *self = data;

  csm_tool_progress_end ();
  self->n_broken += kind == CSM_FINDING_BROKEN ? 1 : 0;
  csm_listing_add (&self->listing, json_pack ("{s:s, s:s, s:s}", "kind", kinds[kind], "where",
                                              where, "what", what));
}

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  csm_tool_progress ("verifying", done, total);
}

/* Opening said already whether a header copy is damaged: here it is a finding. */
static void
add_repairs (CsmToolFindings *self, CsmCase *acase)
{
  g_autofree char *repairs = csm_vault_dup_repairs (csm_case_get_vault (acase));

  if (repairs == NULL)
    return;
  g_autofree char *what = g_strdup_printf ("repaired: %s", repairs);
  csm_tool_findings_add_cb (CSM_FINDING_NOTE, "header", what, self);
}

/* (transfer full) (nullable): the receipts in @paths, read before anyone waits for the rest. */
static GPtrArray *
read_receipts (CsmTool *tool, char **paths, int *ret_exit)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_receipt_unref);

  for (char **path = paths; path != NULL && *path != NULL; path++)
    {
      CsmReceipt *receipt = csm_tool_read_receipt (tool, *path, ret_exit);

      if (receipt == NULL)
        return NULL;
      g_ptr_array_add (list, receipt);
    }
  return g_steal_pointer (&list);
}

/* False after saying so: a receipt of another case was shown. */
static bool
check_cases (CsmTool *tool, CsmCase *acase, GPtrArray *receipts, int *ret_exit)
{
  const CsmId id = csm_case_get_id (acase);

  for (guint i = 0; i < receipts->len; i++)
    {
      const CsmId *other = csm_receipt_get_case (receipts->pdata[i]);

      if (strcmp (id.hex, other->hex) != 0)
        {
          *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                       "the receipt is of another case, %s; take one of this "
                                       "case, %s",
                                       other->hex, id.hex);
          return false;
        }
    }
  return true;
}

/* (transfer full) (nullable): the FFmpeg that runs here, as a worker on the first exhibit that
 * can be read says; media that is not there is a finding of its own. */
static char *
find_library (CsmTool *tool, CsmCase *acase, GPtrArray *exhibits)
{
  for (guint i = 0; i < exhibits->len; i++)
    {
      const CsmExhibit *exhibit = exhibits->pdata[i];
      g_autoptr (CsmWorker) worker = exhibit->index_library != NULL
                                         ? csm_tool_start_worker (acase, &exhibit->id, NULL)
                                         : NULL;
      g_autoptr (CsmMediaInfo) info =
          worker != NULL ? csm_worker_probe (worker, tool->cancellable, NULL) : NULL;

      if (info != NULL)
        return g_strdup (info->library);
    }
  return NULL;
}

static void
tell_recheck (const CsmExhibit *exhibit,
              int track,
              CsmRecheck known,
              const char *status,
              const char *library)
{
  char name[16];

  csm_track_format (track, name);
  if (known == CSM_RECHECK_WANTED)
    csm_tool_warn ("%s, track %s: its frames were counted with another FFmpeg and not yet with "
                   "%s, which runs here; view an exhibit in the window to have them read again",
                   exhibit->number, name, library);
  else if (known == CSM_RECHECK_DIFFERS)
    csm_tool_warn ("%s, track %s: %s", exhibit->number, name, status);
}

static gboolean
tell_of_exhibit (CsmCase *acase, const CsmExhibit *exhibit, const char *library, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) tracks = csm_case_list_tracks (acase, &exhibit->id, &local);

  /* That an index is damaged was said already. */
  if (tracks == NULL && !g_error_matches (local, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  tell_recheck (exhibit, 0, csm_intake_get_exhibit_recheck (exhibit, library), exhibit->status,
                library);
  for (guint i = 0; tracks != NULL && i < tracks->len; i++)
    {
      const CsmKeptTrack *track = tracks->pdata[i];

      tell_recheck (exhibit, track->track, csm_intake_get_track_recheck (track, library),
                    track->status, library);
    }
  return TRUE;
}

/* An index holds whatever FFmpeg runs here, but its frames may look different. */
static gboolean
tell_libraries (CsmTool *tool, CsmCase *acase, GError **error)
{
  g_autoptr (GPtrArray) exhibits = csm_case_list_exhibits (acase, error);
  g_autofree char *library = NULL;

  if (exhibits == NULL)
    return FALSE;
  library = find_library (tool, acase, exhibits);
  for (guint i = 0; library != NULL && i < exhibits->len; i++)
    if (!tell_of_exhibit (acase, exhibits->pdata[i], library, error))
      return FALSE;
  return TRUE;
}

static int
verify (CsmTool *tool, CsmCase *acase, bool media, GPtrArray *receipts)
{
  CsmToolFindings findings;
  g_autoptr (GError) error = NULL;
  bool holds = false;

  csm_tool_findings_begin (&findings, tool->json);
  add_repairs (&findings, acase);
  if (!csm_case_verify (acase, media, csm_tool_findings_add_cb, progress_cb, &findings, &holds,
                        tool->cancellable, &error))
    return csm_tool_fail (tool, "verify the case", error, CSM_EXIT_CANNOT_OPEN);
  for (guint i = 0; i < receipts->len; i++)
    {
      bool fits = false;

      if (!csm_case_check_receipt (acase, receipts->pdata[i], csm_tool_findings_add_cb,
                                   &findings, &fits, &error))
        return csm_tool_fail (tool, "hold the case against the receipt", error,
                              CSM_EXIT_CANNOT_OPEN);
      holds &= fits;
    }
  csm_listing_end (&findings.listing);
  if (media && !tell_libraries (tool, acase, &error))
    return csm_tool_fail (tool, "verify the case", error, CSM_EXIT_CANNOT_OPEN);
  if (holds)
    return CSM_EXIT_DONE;
  return csm_tool_refuse (
      tool, CSM_EXIT_DOES_NOT_HOLD,
      "the case does not hold: %" G_GINT64_FORMAT
      " findings, listed above; keep this copy and compare it with a backup",
      findings.n_broken);
}

int
csm_tool_verify (CsmTool *tool, int argc, char **argv)
{
  gboolean media = FALSE;
  gboolean restored = FALSE;
  g_auto (GStrv) paths = NULL;
  const GOptionEntry entries[] = {
    { "media", 0, 0, G_OPTION_ARG_NONE, &media, "Read and hash every exhibit too", NULL },
    { "receipt", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths,
      "Hold the case against this receipt as well (heads.json); may be repeated", "FILE" },
    { "continue-restored", 0, 0, G_OPTION_ARG_NONE, &restored,
      "Verify everything, then go on with a restored or half-copied case as it is", NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GPtrArray) receipts = NULL;
  g_autoptr (CsmCase) acase = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 1, 1, argc, argv,
                       &code))
    return code;
  if (restored)
    return csm_tool_continue_restored (tool);
  if ((receipts = read_receipts (tool, paths, &code)) == NULL ||
      (acase = csm_tool_open (tool, tool->paths[0], true, &code)) == NULL ||
      !check_cases (tool, acase, receipts, &code))
    return code;
  return verify (tool, acase, media, receipts);
}
