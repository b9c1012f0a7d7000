/* casectl-open.c: a bundle out of its encrypted hand-over file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-hand-over.h"
#include "tools/casectl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* An identity file holds a few lines. */
#define MAX_IDENTITY 65536

/* All of @fd into @text, which must not fill it; false with errno. */
static bool
read_all (int fd, CsmSecret *text)
{
  size_t size = 0;

  while (size < MAX_IDENTITY)
    {
      const ssize_t n = read (fd, csm_secret_data (text) + size, MAX_IDENTITY - size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n == 0;
      size += (size_t) n;
    }
  errno = EFBIG;
  return false;
}

/* (transfer full) (nullable): NULL after the reason was said. */
static CsmSecret *
read_identity (CsmTool *tool, const char *path, int *ret_exit)
{
  g_autoptr (CsmSecret) text = csm_secret_new (MAX_IDENTITY);
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  const bool is_read = fd >= 0 && read_all (fd, text);
  const int reason = errno;
  g_autofree char *shown = g_filename_display_name (path);

  if (!is_read)
    *ret_exit = csm_tool_refuse (tool, fd < 0 ? CSM_EXIT_CANNOT_OPEN : CSM_EXIT_REFUSED,
                                 "read the key from %s: %s; check the path", shown,
                                 g_strerror (reason));
  if (fd >= 0)
    (void) close (fd); /* opened for reading */
  return is_read ? g_steal_pointer (&text) : NULL;
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
