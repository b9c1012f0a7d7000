/* csm-file.c: files that are there whole or not at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-file.h"

#include "base/csm-error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
csm_fd_write_all (int fd, const void *data, size_t size, GError **error)
{
  const uint8_t *bytes = data;

  while (size > 0)
    {
      const ssize_t n = write (fd, bytes, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return csm_base_fail_errno (error, n < 0 ? errno : EIO, "write file");
      bytes += n;
      size -= (size_t) n;
    }
  return TRUE;
}

/* (transfer full) (nullable): up to @size bytes of @fd. */
static GBytes *
read_up_to (int fd, size_t size, GError **error)
{
  g_autofree uint8_t *bytes = g_malloc (size + 1);
  size_t done = 0;

  while (done < size)
    {
      const ssize_t n = read (fd, bytes + done, size - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          csm_base_fail_errno (error, errno, "read file");
          return NULL;
        }
      if (n == 0)
        break;
      done += (size_t) n;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), done);
}

GBytes *
csm_file_read (const char *path, size_t max, GError **error)
{
  /* A pipe without a writer would hold us up. */
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat st;
  GBytes *bytes = NULL;

  if (fd < 0)
    {
      csm_base_fail_errno (error, errno, "open file");
      return NULL;
    }
  if (fstat (fd, &st) != 0)
    csm_base_fail_errno (error, errno, "look at file");
  else if (!S_ISREG (st.st_mode))
    g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID, "this is no file");
  else if ((uint64_t) st.st_size > max)
    g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                 "the file is larger than what it should be can be");
  else
    bytes = read_up_to (fd, (size_t) st.st_size, error);
  (void) close (fd); /* opened for reading */
  return bytes;
}

gboolean
csm_file_sync_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return csm_base_fail_errno (error, errno, "open folder");

  /* Some network and FUSE file systems cannot sync a folder; there is nothing more to do. */
  const int failed = fsync (fd) != 0 && errno != EINVAL && errno != ENOSYS ? errno : 0;

  (void) close (fd); /* opened for reading */
  if (failed != 0)
    return csm_base_fail_errno (error, failed, "sync folder");
  return TRUE;
}

/* Takes the name @to with an empty file or folder, which rename() then replaces. */
static bool
rename_over_placeholder (const char *from, const char *to, bool folder)
{
  if (folder)
    {
      if (mkdir (to, 0700) != 0)
        return false;
    }
  else
    {
      const int fd = open (to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

      if (fd < 0)
        return false;
      (void) close (fd); /* empty */
    }
  if (rename (from, to) == 0)
    return true;

  const int failed = errno;

  if (folder)
    (void) rmdir (to); /* the rename's error is the one to tell */
  else
    (void) unlink (to);
  errno = failed;
  return false;
}

/* For file systems without RENAME_NOREPLACE. A hard link refuses to replace as well; FAT and
 * some FUSE file systems have neither. */
static bool
rename_new_without_flag (const char *from, const char *to)
{
  struct stat status;

  if (lstat (from, &status) != 0)
    return false;
  if (!S_ISDIR (status.st_mode))
    {
      if (link (from, to) == 0)
        {
          (void) unlink (from); /* @to is whole; a second name is the lesser harm */
          return true;
        }
      if (errno == EEXIST)
        return false;
    }
  return rename_over_placeholder (from, to, S_ISDIR (status.st_mode));
}

gboolean
csm_file_rename_new (const char *from, const char *to, GError **error)
{
  g_return_val_if_fail (from != NULL && to != NULL, FALSE);

  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if ((errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) &&
      rename_new_without_flag (from, to))
    return TRUE;
  return csm_base_fail_errno (error, errno, "rename file");
}

static gboolean
write_and_sync (int fd, GBytes *bytes, GError **error)
{
  size_t size;
  const void *data = g_bytes_get_data (bytes, &size);

  if (!csm_fd_write_all (fd, data, size, error))
    return FALSE;
  if (fsync (fd) != 0)
    return csm_base_fail_errno (error, errno, "sync file");
  return TRUE;
}

gboolean
csm_file_write (const char *path, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (path != NULL && bytes != NULL, FALSE);

  g_autofree char *folder = g_path_get_dirname (path);
  /* Says nothing of the name that it will have. */
  g_autofree char *temporary = g_build_filename (folder, ".csm-XXXXXX", NULL);
  const int fd = mkostemp (temporary, O_CLOEXEC);

  if (fd < 0)
    return csm_base_fail_errno (error, errno, "create file");

  const gboolean written = write_and_sync (fd, bytes, error);

  (void) close (fd); /* synced, or given up */
  if (!written || !csm_file_rename_new (temporary, path, error))
    {
      (void) unlink (temporary); /* the first error is the one to tell */
      return FALSE;
    }
  if (csm_file_sync_folder (path, error))
    return TRUE;
  (void) unlink (path);
  return FALSE;
}
