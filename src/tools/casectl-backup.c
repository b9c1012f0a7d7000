/* casectl-backup.c: a checked copy of a case in another folder
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-backup.h"
#include "tools/casectl.h"

#include <stdio.h>

static void
print_report (const CsmTool *tool, const CsmBackupReport *report)
{
  g_autofree char *path = g_filename_display_name (report->path);

  if (tool->json)
    {
      json_t *missing = json_array ();

      for (guint i = 0; i < report->missing->len; i++)
        json_array_append_new (missing, json_string (report->missing->pdata[i]));
      csm_tool_print_json (json_pack ("{s:s, s:I, s:I, s:I, s:o}", "backup", path, "copied",
                                      (json_int_t) report->n_copied, "there",
                                      (json_int_t) report->n_there, "unknown",
                                      (json_int_t) report->n_unknown, "missing", missing));
      return;
    }
  csm_tool_print_text (stdout, path);
  printf ("\n%" G_GINT64_FORMAT " files copied, %" G_GINT64_FORMAT " were there\n",
          report->n_copied, report->n_there);
  for (guint i = 0; i < report->missing->len; i++)
    {
      fputs ("missing  ", stdout);
      csm_tool_print_text (stdout, report->missing->pdata[i]);
      putchar ('\n');
    }
}

int
csm_tool_backup (CsmTool *tool, int argc, char **argv)
{
  gboolean full = FALSE;
  const GOptionEntry entries[] = { { "full", 0, 0, G_OPTION_ARG_NONE, &full,
                                     "Read and check the files that are there already, too",
                                     NULL },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmBackupReport) report = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 2, 2, argc, argv,
                       &code) ||
      (acase = csm_tool_open_recording (tool, tool->paths[0], &code)) == NULL)
    return code;
  if (!csm_case_backup (acase, tool->paths[1], full, csm_tool_progress_cb, "backing up",
                        &report, tool->cancellable, &error))
    return csm_tool_fail (tool, "back the case up", error, CSM_EXIT_WRITE);
  csm_tool_progress_end ();
  print_report (tool, report);
  if (report->n_unknown > 0)
    csm_tool_warn ("%" G_GINT64_FORMAT
                   " stored files there belong to no exhibit of this case any more: nothing "
                   "opens them, and they may be deleted",
                   report->n_unknown);
  if (report->missing->len == 0)
    return CSM_EXIT_DONE;
  return csm_tool_refuse (tool, CSM_EXIT_DOES_NOT_HOLD,
                          "the backup is whole but for %u files, listed above, that the case "
                          "itself lacks; put them back into its media folder and run it again",
                          report->missing->len);
}
