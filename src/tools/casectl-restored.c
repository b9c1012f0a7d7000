/* casectl-restored.c: going on with a case that was restored, or copied in part
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-restored.h"
#include "tools/casectl.h"

#include <stdio.h>

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  csm_tool_progress ("verifying", done, total);
}

/* What was found is printed; false when the case does not hold, with *@ret_exit. */
static bool
check (CsmTool *tool, CsmCase *acase, int *ret_exit)
{
  CsmToolFindings findings;
  g_autoptr (GError) error = NULL;
  bool holds = false;

  csm_tool_findings_begin (&findings, tool->json);
  if (!csm_case_verify_restored (acase, csm_tool_findings_add_cb, progress_cb, &findings,
                                 &holds, tool->cancellable, &error))
    {
      *ret_exit = csm_tool_fail (tool, "verify the case", error, CSM_EXIT_CANNOT_OPEN);
      return false;
    }
  csm_listing_end (&findings.listing);
  if (!holds)
    *ret_exit = csm_tool_refuse (tool, CSM_EXIT_DOES_NOT_HOLD,
                                 "the case does not hold and is left as it is: "
                                 "%" G_GINT64_FORMAT " findings, listed above; take another "
                                 "backup",
                                 findings.n_broken);
  return holds;
}

int
csm_tool_continue_restored (CsmTool *tool)
{
  const char *path = tool->paths[0];
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  int code = CSM_EXIT_DONE;

  if (!csm_vault_peek (path, &error))
    return csm_tool_fail (tool, "open the case", error, CSM_EXIT_CANNOT_OPEN);
  passphrase =
      csm_tool_read_passphrase (tool, tool->passphrase_file, "Passphrase", false, &code);
  if (passphrase == NULL)
    return code;
  acase = csm_case_open (path, passphrase, true, &error);
  if (acase == NULL)
    return csm_tool_fail (tool, "open the case", error, CSM_EXIT_CANNOT_OPEN);
  if (!check (tool, acase, &code))
    return code;
  g_clear_pointer (&acase, csm_case_close);
  acase = csm_case_continue_restored (path, passphrase, &error);
  if (acase == NULL)
    return csm_tool_fail (tool, "continue with the case", error, CSM_EXIT_WRITE);
  if (!tool->json)
    puts ("The case goes on as a restored copy; the ledger says so.");
  return CSM_EXIT_DONE;
}
