/* casectl-args.c: arguments of a command, and what is said when they are wrong
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static GOptionContext *
new_context (CsmTool *tool, const GOptionEntry *entries, CsmToolFlags flags, gboolean *help)
{
  const GOptionEntry json[] = { { "json", 0, 0, G_OPTION_ARG_NONE, &tool->json,
                                  "Print one JSON document", NULL },
                                G_OPTION_ENTRY_NULL };
  const GOptionEntry passphrase[] = {
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &tool->passphrase_file,
      "Take the passphrase from this file's first line", "FILE" },
    G_OPTION_ENTRY_NULL
  };
  const GOptionEntry new_passphrase[] = {
    { "new-passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &tool->new_passphrase_file,
      "Take the new passphrase from this file's first line", "FILE" },
    G_OPTION_ENTRY_NULL
  };
  const GOptionEntry always[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, help, "Show this", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &tool->paths, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = g_option_context_new (NULL);

  /* GLib's own --help would call exit(). */
  g_option_context_set_help_enabled (context, FALSE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  if (flags & CSM_TOOL_JSON)
    g_option_context_add_main_entries (context, json, NULL);
  if (flags & CSM_TOOL_PASSPHRASE)
    g_option_context_add_main_entries (context, passphrase, NULL);
  if (flags & CSM_TOOL_NEW_PASSPHRASE)
    g_option_context_add_main_entries (context, new_passphrase, NULL);
  g_option_context_add_main_entries (context, always, NULL);
  return context;
}

/* GLib's text without its first lines, which would name the program only. */
static void
print_command_help (const CsmTool *tool, GOptionContext *context)
{
  g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
  const char *options = strstr (text, "\nOptions:");

  printf ("Usage: casectl %s %s\n%s\n%s", tool->command, tool->synopsis, tool->summary,
          options == NULL ? "" : options);
}

bool
csm_tool_parse (CsmTool *tool,
                const GOptionEntry *entries,
                CsmToolFlags flags,
                int min,
                int max,
                int argc,
                char **argv,
                int *ret_exit)
{
  gboolean help = FALSE;
  g_autoptr (GOptionContext) context = new_context (tool, entries, flags, &help);
  g_autoptr (GError) error = NULL;
  int n;

  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      *ret_exit = csm_tool_usage (tool, "%s", error->message);
      return false;
    }
  if (help)
    {
      print_command_help (tool, context);
      *ret_exit = CSM_EXIT_DONE;
      return false;
    }
  if (tool->paths == NULL)
    tool->paths = g_new0 (char *, 1);
  n = (int) g_strv_length (tool->paths);
  if (n < min || (max >= 0 && n > max))
    {
      *ret_exit =
          csm_tool_usage (tool, "%s", n < min ? "something is missing" : "there is too much");
      return false;
    }
  return true;
}

bool
csm_tool_parse_number (const char *text, int64_t *ret_number)
{
  /* g_ascii_string_to_signed() would take "+1" and " 1". */
  if (text[0] == '\0' || strspn (text, "0123456789") != strlen (text))
    return false;
  return g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, ret_number, NULL);
}

bool
csm_tool_parse_rect (const char *text, CsmRect *ret_rect)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", 5);
  int64_t n[4];

  if (g_strv_length (parts) != 4)
    return false;
  for (int i = 0; i < 4; i++)
    if (!csm_tool_parse_number (parts[i], &n[i]) || n[i] > INT_MAX)
      return false;
  *ret_rect = (CsmRect){ (int) n[0], (int) n[1], (int) n[2], (int) n[3] };
  return true;
}

bool
csm_tool_check_text (const CsmTool *tool, const char *option, const char *text)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return true;
  (void) csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                          "%s: the text is not UTF-8; write it in UTF-8", option);
  return false;
}

/* As many as a worker tells of. */
#define MAX_TRACKS 64

bool
csm_tool_parse_track (const char *text, int *ret_track)
{
  int64_t number = 0;

  if (text != NULL &&
      !csm_tool_parse_number (text[0] == 'v' && text[1] == ':' ? text + 2 : text, &number))
    return false;
  if (number >= MAX_TRACKS)
    return false;
  *ret_track = (int) number;
  return true;
}
