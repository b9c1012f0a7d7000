/* casectl-open.c: a bundle out of its encrypted hand-over file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-hand-over.h"
#include "tools/casectl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* An identity file holds a few lines. */
#define MAX_IDENTITY 65536

/* All of @fd; errno says why not. */
static CsmSecret *
read_all (int fd)
{
  g_autoptr (CsmSecret) text = csm_secret_new (MAX_IDENTITY);
  size_t size = 0;

  while (size < MAX_IDENTITY)
    {
      const ssize_t n = read (fd, csm_secret_data (text) + size, MAX_IDENTITY - size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return NULL;
      if (n == 0)
        return g_steal_pointer (&text);
      size += (size_t) n;
    }
  errno = EFBIG;
  return NULL;
}

/* (transfer full) (nullable): NULL after the reason was said. */
static CsmSecret *
read_identity (CsmTool *tool, const char *path, int *ret_exit)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  CsmSecret *text = fd >= 0 ? read_all (fd) : NULL;

  if (text == NULL)
    {
      g_autofree char *shown = g_filename_display_name (path);

      *ret_exit = csm_tool_refuse (tool, CSM_EXIT_CANNOT_OPEN,
                                   "read the key from %s: %s; check the path", shown,
                                   g_strerror (errno));
    }
  if (fd >= 0)
    (void) close (fd); /* opened for reading */
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
