/* casectl-create.c: a new case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-file.h"
#include "intake/csm-place.h"
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *title;
  char *reviewer;
  gboolean recovery;
} Create;

static void
create_clear (Create *self)
{
  g_free (self->title);
  g_free (self->reviewer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Create, create_clear)

bool
csm_tool_is_interactive (const CsmTool *tool)
{
  return tool->passphrase_file == NULL && csm_tool_has_terminal ();
}

bool
csm_tool_ask_yes (CsmTool *tool, const char *question, bool by_default)
{
  g_autoptr (CsmSecret) answer = csm_tool_ask (tool, question, true);

  if (answer == NULL)
    return by_default && !g_cancellable_is_cancelled (tool->cancellable);
  return g_ascii_tolower (csm_secret_peek (answer)[0]) == 'y';
}

static bool
ask_clock (CsmTool *tool)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *shown = g_date_time_format (now, "%Y-%m-%d %H:%M:%S, time zone %Z (%:z)");
  g_autofree char *question =
      g_strdup_printf ("This computer's clock says %s. Is that right? [y/N]", shown);

  return csm_tool_ask_yes (tool, question, false);
}

/* By write(), so that no buffer of stdio keeps the code. */
static void
write_secret (int fd, const CsmSecret *secret)
{
  const char *text = (const char *) csm_secret_peek (secret);
  size_t size = strnlen (text, csm_secret_get_size (secret));

  (void) fflush (stdout);
  /* A code that could not be shown is as good as none: the next one replaces it. */
  (void) csm_fd_write_all (fd, "Recovery code: ", strlen ("Recovery code: "), NULL);
  (void) csm_fd_write_all (fd, text, size, NULL);
  (void) csm_fd_write_all (fd, "\n", 1, NULL);
}

static bool
is_same_code (const CsmSecret *code, const CsmSecret *typed)
{
  const uint8_t *bytes = csm_secret_peek (code);
  size_t size = strnlen ((const char *) bytes, csm_secret_get_size (code));

  return csm_secret_get_size (typed) == size &&
         g_ascii_strncasecmp ((const char *) bytes, (const char *) csm_secret_peek (typed),
                              size) == 0;
}

void
csm_tool_show_recovery (CsmTool *tool, const CsmSecret *code, bool confirm)
{
  write_secret (STDOUT_FILENO, code);
  if (!confirm)
    return;
  puts ("Write it on paper and keep it away from this computer.");
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (CsmSecret) typed = csm_tool_ask (tool, "Type it again (nothing: skip)", true);

      if (typed == NULL)
        break;
      if (is_same_code (code, typed))
        {
          puts ("The recovery code is right.");
          return;
        }
      puts ("That is another code.");
    }
  csm_tool_warn ("the recovery code was not typed again: a slip on the paper opens nothing");
}

static void
tell_recovery (CsmTool *tool, const Create *options, const CsmSecret *code)
{
  if (code == NULL)
    csm_tool_warn (
        "no recovery code was made: without the passphrase the case cannot be opened "
        "by anyone");
  else
    csm_tool_show_recovery (tool, code, csm_tool_is_interactive (tool) && !options->recovery);
}

static bool
check_options (CsmTool *tool, const Create *options, int *ret_exit)
{
  struct stat st;

  if (options->title == NULL || options->reviewer == NULL)
    {
      *ret_exit = csm_tool_usage (tool, "--title and --reviewer are needed");
      return false;
    }
  *ret_exit = CSM_EXIT_REFUSED;
  if (!csm_tool_check_text (tool, "--title", options->title) ||
      !csm_tool_check_text (tool, "--reviewer", options->reviewer))
    return false;
  if (options->title[0] == '\0' || options->reviewer[0] == '\0')
    {
      (void) csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                              "title or reviewer: the text is empty; a case needs both");
      return false;
    }
  if (lstat (tool->paths[0], &st) == 0)
    {
      g_autofree char *shown = g_filename_display_name (tool->paths[0]);

      (void) csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                              "make %s: it is there already; choose another name", shown);
      return false;
    }
  return true;
}

static int
make_case (CsmTool *tool, const Create *options, const CsmSecret *passphrase)
{
  g_autofree char *shown = g_filename_display_name (tool->paths[0]);
  g_autofree char *what = g_strdup_printf ("make %s", shown);
  g_autoptr (CsmSecret) code = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  CsmCaseOptions new_case = { .title = options->title,
                              .reviewer = options->reviewer,
                              .passphrase = passphrase,
                              .record_access = true,
                              .recovery = options->recovery };

  if (csm_tool_is_interactive (tool))
    {
      new_case.clock_confirmed = ask_clock (tool);
      if (!new_case.recovery)
        new_case.recovery =
            csm_tool_ask_yes (tool,
                              "Make a recovery code, which opens the case when the "
                              "passphrase is forgotten? [Y/n]",
                              true);
    }
  if (g_cancellable_is_cancelled (tool->cancellable))
    return csm_tool_refuse (tool, CSM_EXIT_WRITE, "%s: stopped; nothing was made", what);
  acase = csm_case_create (tool->paths[0], &new_case, new_case.recovery ? &code : NULL, &error);
  if (g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NOT_FOUND))
    return csm_tool_refuse (tool, CSM_EXIT_WRITE,
                            "%s: its folder is not there; make the folder first", what);
  if (acase == NULL)
    return csm_tool_fail (tool, what, error, CSM_EXIT_WRITE);
  printf ("Made ");
  csm_tool_print_text (stdout, tool->paths[0]);
  fputc ('\n', stdout);
  tell_recovery (tool, options, code);
  return CSM_EXIT_DONE;
}

int
csm_tool_create (CsmTool *tool, int argc, char **argv)
{
  g_auto (Create) options = { NULL, NULL, FALSE };
  const GOptionEntry entries[] = { { "title", 0, 0, G_OPTION_ARG_FILENAME, &options.title,
                                     "Title of the case", "T" },
                                   { "reviewer", 0, 0, G_OPTION_ARG_FILENAME, &options.reviewer,
                                     "Your name, as it stands in the ledger", "NAME" },
                                   { "recovery", 0, 0, G_OPTION_ARG_NONE, &options.recovery,
                                     "Make a recovery code and print it once", NULL },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (CsmSecret) passphrase = NULL;
  g_autofree char *warning = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_PASSPHRASE, 1, 1, argc, argv, &code) ||
      !check_options (tool, &options, &code))
    return code;
  warning = csm_place_dup_warning (tool->paths[0]);
  if (warning != NULL)
    csm_tool_warn ("%s", warning);
  passphrase =
      csm_tool_read_passphrase (tool, tool->passphrase_file, "Passphrase", true, &code);
  return passphrase == NULL ? code : make_case (tool, &options, passphrase);
}
