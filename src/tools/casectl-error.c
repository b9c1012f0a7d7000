/* casectl-error.c: one line for each failure, and the exit code that it means
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "export/csm-error.h"
#include "media/csm-error.h"
#include "tools/casectl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a file calls itself must not steer a terminal, nor turn a line around. */
static bool
is_unprintable (gunichar c)
{
  return g_unichar_iscntrl (c) || (c >= 0x200e && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void
csm_tool_print_text (FILE *stream, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (is_unprintable (g_utf8_get_char (p)))
        fputc ('?', stream);
      else
        fwrite (p, 1, (size_t) (g_utf8_next_char (p) - p), stream);
    }
}

static void
print_line (const CsmTool *tool, const char *text)
{
  csm_tool_progress_end ();
  /* What stdout holds came before. */
  (void) fflush (stdout);
  fputs ("casectl: ", stderr);
  if (tool != NULL)
    fprintf (stderr, "%s: ", tool->command);
  csm_tool_print_text (stderr, text);
  fputc ('\n', stderr);
}

int
csm_tool_usage (const CsmTool *tool, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strdup_printf ("%s; usage: casectl %s %s", text, tool->command, tool->synopsis);
  print_line (tool, line);
  return CSM_EXIT_USAGE;
}

int
csm_tool_refuse (const CsmTool *tool, int code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  print_line (tool, text);
  return code;
}

void
csm_tool_warn (const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strconcat ("warning: ", text, NULL);
  print_line (NULL, line);
}

static int
find_vault_code (int code, int fallback)
{
  switch (code)
    {
    case CSM_VAULT_ERROR_NOT_FOUND:
    case CSM_VAULT_ERROR_NOT_A_CASE:
    case CSM_VAULT_ERROR_WRONG_PASSPHRASE:
    case CSM_VAULT_ERROR_DAMAGED:
    case CSM_VAULT_ERROR_NEWER:
    case CSM_VAULT_ERROR_BUSY:
    case CSM_VAULT_ERROR_WAL_MISSING:
    case CSM_VAULT_ERROR_MEDIA_MISSING:
    case CSM_VAULT_ERROR_WEAK_COST:
      return CSM_EXIT_CANNOT_OPEN;
    case CSM_VAULT_ERROR_EXISTS:
    case CSM_VAULT_ERROR_SLOTS:
    case CSM_VAULT_ERROR_REQUEST:
      return CSM_EXIT_REFUSED;
    case CSM_VAULT_ERROR_READ_ONLY:
    case CSM_VAULT_ERROR_FULL:
      return CSM_EXIT_WRITE;
    default:
      return fallback;
    }
}

static int
find_case_code (int code, int fallback)
{
  switch (code)
    {
    case CSM_CASE_ERROR_DAMAGED:
    case CSM_CASE_ERROR_NEWER:
    case CSM_CASE_ERROR_BEHIND:
      return CSM_EXIT_CANNOT_OPEN;
    case CSM_CASE_ERROR_NOT_FOUND:
    case CSM_CASE_ERROR_EXISTS:
    case CSM_CASE_ERROR_INVALID:
      return CSM_EXIT_REFUSED;
    case CSM_CASE_ERROR_READ_ONLY:
    case CSM_CASE_ERROR_GONE:
      return CSM_EXIT_WRITE;
    default:
      return fallback;
    }
}

static int
find_base_code (int code, int fallback)
{
  switch (code)
    {
    case CSM_BASE_ERROR_FULL:
    case CSM_BASE_ERROR_READ_ONLY:
      return CSM_EXIT_WRITE;
    case CSM_BASE_ERROR_EXISTS:
    case CSM_BASE_ERROR_INVALID:
      return CSM_EXIT_REFUSED;
    default:
      return fallback;
    }
}

static int
find_code (const GError *error, int fallback)
{
  if (error->domain == CSM_VAULT_ERROR)
    return find_vault_code (error->code, fallback);
  if (error->domain == CSM_CASE_ERROR)
    return find_case_code (error->code, fallback);
  if (error->domain == CSM_BASE_ERROR)
    return find_base_code (error->code, fallback);
  if (error->domain == CSM_EXPORT_ERROR)
    return error->code == CSM_EXPORT_ERROR_REFUSED ? CSM_EXIT_REFUSED : CSM_EXIT_CANNOT_OPEN;
  if (g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_CAGE))
    return CSM_EXIT_CANNOT_OPEN;
  if (error->domain == CSM_MEDIA_ERROR && error->code != CSM_MEDIA_ERROR_IO)
    return CSM_EXIT_REFUSED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return CSM_EXIT_WRITE;
  return fallback;
}

/* What to do, for messages of rooms that know only what is wrong. */
static const char *
find_advice (const GError *error, int code)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "run it again to go on";
  if (g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE))
    return "check keyboard layout and Caps Lock, and try again";
  if (g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_BUSY))
    return "close it there first";
  if (g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NEWER) ||
      g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NEWER))
    return "open it with a newer Casement";
  if (g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_FULL) ||
      g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_FULL))
    return "make room on the disk and try again";
  if (g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS) ||
      g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS))
    return "choose another name";
  if (error->domain == CSM_MEDIA_ERROR && code == CSM_EXIT_REFUSED)
    return "a case can keep the file all the same";
  switch (code)
    {
    case CSM_EXIT_CANNOT_OPEN:
      return "check the path, or open a backup";
    case CSM_EXIT_WRITE:
      return "check the disk and try again";
    default:
      return "check what was given";
    }
}

int
csm_tool_fail (const CsmTool *tool, const char *what, const GError *error, int fallback)
{
  int code = find_code (error, fallback);
  g_autofree char *line = NULL;

  /* A room's message that has advice of its own has it after a semicolon. */
  if (strchr (error->message, ';') != NULL)
    line = g_strdup_printf ("%s: %s", what, error->message);
  else
    {
      /* Some rooms speak in whole sentences, for a window. */
      g_autofree char *why = g_strdup (error->message);

      if (g_str_has_suffix (why, "."))
        why[strlen (why) - 1] = '\0';
      line = g_strdup_printf ("%s: %s; %s", what, why, find_advice (error, code));
    }
  print_line (tool, line);
  return code;
}
