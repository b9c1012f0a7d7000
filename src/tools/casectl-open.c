/* casectl-open.c: a bundle out of its encrypted hand-over file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-error.h"
#include "export/csm-hand-over.h"
#include "tools/casectl.h"

/* (transfer full) (nullable): NULL after the reason was said. */
static CsmSecret *
read_identity (CsmTool *tool, const char *path, int *ret_exit)
{
  g_autoptr (GError) error = NULL;
  CsmSecret *text = csm_hand_over_read_identity (path, &error);

  if (text == NULL)
    *ret_exit = csm_tool_refuse (
        tool, error->domain == CSM_EXPORT_ERROR ? CSM_EXIT_REFUSED : CSM_EXIT_CANNOT_OPEN,
        "%s; check the path", error->message);
  return text;
}

int
csm_tool_open_hand_over (CsmTool *tool, int argc, char **argv)
{
  g_autofree char *identity_file = NULL;
  const GOptionEntry entries[] = { { "identity-file", 'i', 0, G_OPTION_ARG_FILENAME,
                                     &identity_file, "Open it by the keys in this file of age",
                                     "FILE" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmSecret) identity = NULL;
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 2, 2, argc, argv, &code))
    return code;
  if (identity_file != NULL && tool->passphrase_file != NULL)
    return csm_tool_usage (tool, "a key or a passphrase, not both");
  if (identity_file != NULL)
    identity = read_identity (tool, identity_file, &code);
  else
    passphrase =
        csm_tool_read_passphrase (tool, tool->passphrase_file, "Passphrase", false, &code);
  if (identity == NULL && passphrase == NULL)
    return code;
  if (!csm_hand_over_open (tool->paths[0], tool->paths[1], identity, passphrase,
                           csm_tool_progress_cb, "opening", tool->cancellable, &error))
    {
      g_autofree char *shown = g_filename_display_name (tool->paths[0]);
      g_autofree char *what = g_strdup_printf ("open %s", shown);

      return csm_tool_fail (tool, what, error, CSM_EXIT_CANNOT_OPEN);
    }
  csm_tool_progress_end ();
  csm_tool_print_text (stdout, tool->paths[1]);
  putchar ('\n');
  return CSM_EXIT_DONE;
}
