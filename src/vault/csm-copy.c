/* csm-copy.c: what copying the case file and copying stored media have in common
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-copy-private.h"

#include "base/csm-file.h"
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"

#include <glib/gstdio.h>
#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PART_DIGITS 8

gboolean
csm_copy_fail (GError **error, int errnum)
{
  static const char what[] = "write the copy";

  switch (errnum)
    {
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case EIO:
    case ESTALE:
    case ENOTCONN:
      return csm_vault_fail (
          error, CSM_VAULT_ERROR_IO,
          "%s: the disk that it goes to is gone or failing (%s); put it back "
          "and run the backup again: an earlier backup there is untouched",
          what, g_strerror (errnum));
    default:
      return csm_vault_fail_errno (error, errnum, what);
    }
}

char *
csm_copy_dup_part_path (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_strdup_printf (".%s.%08x.part", base, randombytes_random ());

  return g_build_filename (folder, name, NULL);
}

static bool
is_part_of (const char *name, const char *base)
{
  const size_t size = strlen (base);

  return name[0] == '.' && strncmp (name + 1, base, size) == 0 && name[1 + size] == '.' &&
         strspn (name + 2 + size, "0123456789abcdef") == PART_DIGITS &&
         strcmp (name + 2 + size + PART_DIGITS, ".part") == 0;
}

void
csm_copy_sweep (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *part = g_build_filename (folder, name, NULL);
      struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
      int fd;

      if (!is_part_of (name, base))
        continue;
      fd = open (part, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
      /* What is held is being written; what cannot be removed goes another time. */
      if (fd >= 0 && fcntl (fd, F_OFD_SETLK, &lock) == 0)
        (void) g_unlink (part);
      if (fd >= 0)
        (void) close (fd); /* nothing was written */
    }
}

int
csm_copy_create (const char *path, GError **error)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  const int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    {
      csm_copy_fail (error, errno);
      return -1;
    }
  /* Where there are no locks, there is no sweep by another process either. */
  (void) fcntl (fd, F_OFD_SETLK, &lock);
  return fd;
}

gboolean
csm_copy_sync (int fd, GError **error)
{
  if (fsync (fd) != 0)
    return csm_copy_fail (error, errno);
  /* A hint: what cannot follow it reads from memory. */
  (void) posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return TRUE;
}

gboolean
csm_copy_rename (const char *from, const char *to, GError **error)
{
  GError *failed = NULL;

  if (g_rename (from, to) != 0)
    return csm_copy_fail (error, errno);
  if (!csm_file_sync_folder (to, &failed))
    return csm_media_fail_base (error, failed, "write the copy");
  return TRUE;
}

gboolean
csm_copy_step (const CsmCopyWatch *watch, int64_t done, int64_t total, GError **error)
{
  if (watch->progress != NULL)
    watch->progress (done, total, watch->data);
  return !g_cancellable_set_error_if_cancelled (watch->cancellable, error);
}
