/* casectl-erase.c: what somebody who withdrew consent may ask for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-erase.h"
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>

/* An entry's id has 64 digits, a mark's 32; all else is an exhibit. */
static gboolean
erase (CsmTool *tool,
       CsmCase *acase,
       const char *name,
       const char *reason,
       CsmEraseReport **ret_report,
       int *ret_exit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMark) mark = NULL;
  gboolean done;
  CsmDigest digest;
  CsmId id;

  if (csm_id_parse (name, &id) && (mark = csm_case_get_mark (acase, &id, NULL)) != NULL)
    done = csm_case_erase_mark (acase, &id, reason, csm_tool_progress_cb, "erasing", ret_report,
                                &error);
  else if (csm_digest_from_hex (name, &digest) && csm_case_has_entry (acase, &digest))
    done = csm_case_erase_entry (acase, &digest, reason, csm_tool_progress_cb, "erasing",
                                 ret_report, &error);
  else if (csm_case_find_erasable (acase, name, &id))
    done = csm_case_erase_exhibit (acase, &id, reason, csm_tool_progress_cb, "erasing",
                                   ret_report, &error);
  else
    {
      *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                   "find %s: there is no such entry, mark or exhibit, or it is "
                                   "erased already; see casectl log, marks and exhibits",
                                   name);
      return FALSE;
    }
  csm_tool_progress_end ();
  if (!done)
    *ret_exit = csm_tool_fail (tool, "erase", error, CSM_EXIT_WRITE);
  return done;
}

static void
print_report (const CsmTool *tool, const CsmEraseReport *report)
{
  if (tool->json)
    {
      csm_tool_print_json (json_pack ("{s:s, s:I, s:b, s:s?}", "erased", report->what,
                                      "entries", (json_int_t) report->n_entries, "file_removed",
                                      (int) report->file_is_gone, "left",
                                      report->file_is_left));
      return;
    }
  fputs ("erased  ", stdout);
  csm_tool_print_text (stdout, report->what);
  printf ("  %" G_GINT64_FORMAT " entries%s\n", report->n_entries,
          report->file_is_gone ? ", its stored file and key" : "");
}

int
csm_tool_erase (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *reason = NULL;
  const GOptionEntry entries[] = { { "reason", 0, 0, G_OPTION_ARG_FILENAME, &reason,
                                     "Why; it stays in the ledger, so name nobody", "T" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmEraseReport) report = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 2, 2, argc, argv,
                       &code))
    return code;
  if (reason == NULL)
    return csm_tool_usage (tool, "--reason is needed");
  if (!csm_tool_check_text (tool, "--reason", reason))
    return CSM_EXIT_REFUSED;
  acase = csm_tool_open (tool, tool->paths[0], false, &code);
  if (acase == NULL || !erase (tool, acase, tool->paths[1], reason, &report, &code))
    return code;
  print_report (tool, report);
  if (report->file_is_left != NULL)
    csm_tool_warn ("%s", report->file_is_left);
  fputs ("Erased in this copy; not in backups or bundles. Run casectl key rotate CASE, so that "
         "nobody who once had\nthe key can read what the disk may still hold.\n",
         stderr);
  return CSM_EXIT_DONE;
}
