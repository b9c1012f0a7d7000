/* casectl-passphrase.c: passphrases from a file's first line or from the terminal
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MAX_PASSPHRASE 4096
#define SHORT_PASSPHRASE 12

/* Waits until @fd can be read, or the run is cancelled. */
static bool
wait_readable (int fd, GCancellable *cancellable)
{
  struct pollfd fds[2] = { { .fd = fd, .events = POLLIN },
                           { .fd = g_cancellable_get_fd (cancellable), .events = POLLIN } };
  int n;

  do
    n = poll (fds, fds[1].fd < 0 ? 1 : 2, -1);
  while (n < 0 && errno == EINTR);
  if (fds[1].fd >= 0)
    g_cancellable_release_fd (cancellable);
  return n > 0 && !g_cancellable_is_cancelled (cancellable);
}

/* Byte by byte, so that what follows the line in a pipe stays there, and no buffer of stdio
 * holds a passphrase. NULL with errno set, E2BIG for a line that is too long, ECANCELED when
 * @fd ended at once or the run was cancelled. */
static CsmSecret *
read_line (int fd, GCancellable *cancellable)
{
  g_autoptr (CsmSecret) buffer = csm_secret_new (MAX_PASSPHRASE);
  char *text = (char *) csm_secret_data (buffer);
  size_t size = 0;
  bool ended = false;

  while (true)
    {
      ssize_t n;

      if (!wait_readable (fd, cancellable))
        {
          errno = ECANCELED;
          return NULL;
        }
      n = read (fd, text + size, 1);
      if (n < 0 && errno != EINTR)
        return NULL;
      ended = n == 0;
      if (ended || (n == 1 && text[size] == '\n'))
        break;
      size += n == 1 ? 1 : 0;
      if (size == MAX_PASSPHRASE)
        {
          errno = E2BIG;
          return NULL;
        }
    }
  if (ended && size == 0)
    {
      errno = ECANCELED;
      return NULL;
    }
  if (size > 0 && text[size - 1] == '\r')
    size--;
  /* An editor's byte order mark is not part of a passphrase. */
  if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      size -= 3;
    }
  if (size == 0)
    {
      errno = ENODATA;
      return NULL;
    }
  return csm_secret_new_from (text, size);
}

bool
csm_tool_has_terminal (void)
{
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

  if (fd < 0)
    return false;
  close (fd);
  return true;
}

CsmSecret *
csm_tool_ask (CsmTool *tool, const char *question, bool echo)
{
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  struct termios before, quiet;
  CsmSecret *answer;
  int saved;

  if (fd < 0)
    return NULL;
  if (tcgetattr (fd, &before) != 0)
    {
      close (fd);
      return NULL;
    }
  quiet = before;
  if (!echo)
    quiet.c_lflag &= ~(tcflag_t) (ECHO | ECHOE | ECHOK | ECHONL);
  (void) fflush (stdout);
  /* TCSAFLUSH: what was typed before the question was asked is not an answer to it. */
  if (tcsetattr (fd, TCSAFLUSH, &quiet) != 0)
    {
      close (fd);
      return NULL;
    }
  dprintf (fd, "%s: ", question);
  answer = read_line (fd, tool->cancellable);
  saved = errno;
  (void) tcsetattr (fd, TCSAFLUSH, &before); /* the terminal is gone when this fails */
  if (!echo)
    dprintf (fd, "\n");
  close (fd);
  errno = saved;
  return answer;
}

static CsmSecret *
read_file (CsmTool *tool, const char *file, int *ret_exit)
{
  g_autofree char *shown = g_filename_display_name (file);
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  CsmSecret *secret;

  if (fd < 0)
    {
      *ret_exit = csm_tool_refuse (tool, CSM_EXIT_CANNOT_OPEN,
                                   "read the passphrase from %s: %s; check the path", shown,
                                   g_strerror (errno));
      return NULL;
    }
  secret = read_line (fd, tool->cancellable);
  if (secret == NULL && (errno == ECANCELED || errno == ENODATA))
    *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                 "read the passphrase from %s: its first line is empty; write "
                                 "the passphrase there",
                                 shown);
  else if (secret == NULL && errno == E2BIG)
    *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                 "read the passphrase from %s: its first line is longer than "
                                 "any passphrase; see that it is the right file",
                                 shown);
  else if (secret == NULL)
    *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                 "read the passphrase from %s: %s; write it as the first line",
                                 shown, g_strerror (errno));
  close (fd);
  return secret;
}

static CsmSecret *
ask_passphrase (CsmTool *tool, const char *question, bool twice, int *ret_exit)
{
  g_autoptr (CsmSecret) first = NULL;
  g_autoptr (CsmSecret) second = NULL;
  g_autofree char *again = g_strdup_printf ("%s, again", question);

  if (!csm_tool_has_terminal ())
    {
      *ret_exit = csm_tool_usage (tool, "no passphrase: there is no terminal to ask on and no "
                                        "passphrase file was named");
      return NULL;
    }
  first = csm_tool_ask (tool, question, false);
  if (first != NULL && twice)
    second = csm_tool_ask (tool, again, false);
  if (first == NULL || (twice && second == NULL))
    {
      *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                   "read the passphrase: none was typed; try again");
      return NULL;
    }
  if (twice && !csm_secret_equal (first, second))
    {
      *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                   "read the passphrase: the two are not the same; try again");
      return NULL;
    }
  return g_steal_pointer (&first);
}

CsmSecret *
csm_tool_read_passphrase (CsmTool *tool,
                          const char *file,
                          const char *question,
                          bool twice,
                          int *ret_exit)
{
  g_autoptr (CsmSecret) secret = file != NULL
                                     ? read_file (tool, file, ret_exit)
                                     : ask_passphrase (tool, question, twice, ret_exit);
  const char *text;
  size_t size;

  if (secret == NULL)
    return NULL;
  text = (const char *) csm_secret_peek (secret);
  size = csm_secret_get_size (secret);
  if (!g_utf8_validate (text, (gssize) size, NULL))
    {
      *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                                   "read the passphrase: it is not UTF-8; write it in UTF-8");
      return NULL;
    }
  if (twice && g_utf8_strlen (text, (gssize) size) < SHORT_PASSPHRASE)
    csm_tool_warn (
        "this passphrase is short and can be guessed by machine; six random words are "
        "safe");
  return g_steal_pointer (&secret);
}
