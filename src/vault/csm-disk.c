/* csm-disk.c: the file operations under the vault, on the real file system
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-disk.h"

#include "base/csm-error.h"
#include "base/csm-file.h"

#include <glib.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  CsmDiskFile parent;
  int fd;
} FdFile;

static int
fd_resolve (const char *path, char **ret_path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = NULL;
  g_autofree char *base = NULL;
  char real[PATH_MAX];

  if (realpath (absolute, real) != NULL)
    {
      *ret_path = g_strdup (real);
      return 0;
    }
  folder = g_path_get_dirname (absolute);
  base = g_path_get_basename (absolute);
  if (realpath (folder, real) == NULL)
    return errno;
  *ret_path = g_build_filename (real, base, NULL);
  return 0;
}

static int
fd_open (const char *path, CsmDiskMode mode, CsmDiskFile **ret_file)
{
  static const int flags[] = {
    [CSM_DISK_READ] = O_RDONLY | O_NONBLOCK,
    [CSM_DISK_WRITE] = O_RDWR | O_NONBLOCK,
    [CSM_DISK_ENSURE] = O_RDWR | O_CREAT,
    [CSM_DISK_CREATE] = O_RDWR | O_CREAT | O_EXCL,
  };
  int fd = open (path, flags[mode] | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat st;
  FdFile *file;

  if (fd < 0)
    return errno;
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    {
      (void) close (fd); /* nothing was written */
      return EISDIR;
    }
  file = g_new0 (FdFile, 1);
  file->parent.disk = csm_disk_get ();
  file->fd = fd;
  *ret_file = &file->parent;
  return 0;
}

static int
fd_take_fd (CsmDiskFile *file)
{
  const int fd = ((FdFile *) file)->fd;

  g_free (file);
  return fd;
}

static void
fd_close (CsmDiskFile *file)
{
  /* What had to last was synced before. */
  (void) close (((FdFile *) file)->fd);
  g_free (file);
}

static int
fd_lock (CsmDiskFile *file, bool exclusive)
{
  struct flock lock = { .l_type = exclusive ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET };

  if (fcntl (((FdFile *) file)->fd, F_OFD_SETLK, &lock) == 0)
    return 0;
  return errno == EACCES ? EAGAIN : errno;
}

static int
fd_read (CsmDiskFile *file, void *buffer, size_t size, int64_t offset, size_t *ret_size)
{
  size_t done = 0;

  while (done < size)
    {
      ssize_t n = pread (((FdFile *) file)->fd, (char *) buffer + done, size - done,
                         offset + (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      if (n == 0)
        break;
      done += (size_t) n;
    }
  *ret_size = done;
  return 0;
}

static int
fd_write (CsmDiskFile *file, const void *data, size_t size, int64_t offset)
{
  size_t done = 0;

  while (done < size)
    {
      ssize_t n = pwrite (((FdFile *) file)->fd, (const char *) data + done, size - done,
                          offset + (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      if (n == 0)
        return EIO;
      done += (size_t) n;
    }
  return 0;
}

static int
fd_truncate (CsmDiskFile *file, int64_t size)
{
  return ftruncate (((FdFile *) file)->fd, size) == 0 ? 0 : errno;
}

static int
fd_sync (CsmDiskFile *file)
{
  return fdatasync (((FdFile *) file)->fd) == 0 ? 0 : errno;
}

static int
fd_get_size (CsmDiskFile *file, int64_t *ret_size)
{
  struct stat st;

  if (fstat (((FdFile *) file)->fd, &st) != 0)
    return errno;
  *ret_size = st.st_size;
  return 0;
}

static bool
fd_exists (const char *path)
{
  struct stat st;

  return lstat (path, &st) == 0;
}

static bool
fd_is_writable (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return access (folder, W_OK | X_OK) == 0;
}

static int
fd_unlink (const char *path)
{
  return unlink (path) == 0 ? 0 : errno;
}

static int
from_error (const GError *error)
{
  if (g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS))
    return EEXIST;
  if (g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_FULL))
    return ENOSPC;
  if (g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_READ_ONLY))
    return EROFS;
  if (g_error_matches (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND))
    return ENOENT;
  return EIO;
}

static int
fd_rename_new (const char *from, const char *to)
{
  g_autoptr (GError) error = NULL;

  return csm_file_rename_new (from, to, &error) ? 0 : from_error (error);
}

static int
fd_rename_over (const char *from, const char *to)
{
  return rename (from, to) == 0 ? 0 : errno;
}

static int
fd_identify (CsmDiskFile *file, int64_t *ret_device, int64_t *ret_inode)
{
  struct stat st;

  if (fstat (((FdFile *) file)->fd, &st) != 0)
    return errno;
  *ret_device = (int64_t) st.st_dev;
  *ret_inode = (int64_t) st.st_ino;
  return 0;
}

static bool
fd_is_at (CsmDiskFile *file, const char *path)
{
  struct stat mine, there;

  return fstat (((FdFile *) file)->fd, &mine) == 0 && lstat (path, &there) == 0 &&
         mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static int
fd_sync_folder (const char *path)
{
  g_autoptr (GError) error = NULL;

  return csm_file_sync_folder (path, &error) ? 0 : from_error (error);
}

static int
fd_make_folder (const char *path)
{
  return mkdir (path, 0700) == 0 ? 0 : errno;
}

static int
fd_list (const char *path, GPtrArray **ret_names)
{
  DIR *dir = opendir (path);
  GPtrArray *names;
  struct dirent *entry;

  if (dir == NULL)
    return errno;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  (void) closedir (dir); /* opened for reading */
  *ret_names = names;
  return 0;
}

static const CsmDisk fd_disk = {
  .resolve = fd_resolve,
  .open = fd_open,
  .close = fd_close,
  .lock = fd_lock,
  .read = fd_read,
  .write = fd_write,
  .truncate = fd_truncate,
  .sync = fd_sync,
  .get_size = fd_get_size,
  .exists = fd_exists,
  .is_writable = fd_is_writable,
  .unlink = fd_unlink,
  .rename_new = fd_rename_new,
  .rename_over = fd_rename_over,
  .identify = fd_identify,
  .is_at = fd_is_at,
  .sync_folder = fd_sync_folder,
  .make_folder = fd_make_folder,
  .list = fd_list,
  .take_fd = fd_take_fd,
};

static const CsmDisk *current = &fd_disk;

const CsmDisk *
csm_disk_get (void)
{
  return current;
}

void
csm_disk_set (const CsmDisk *disk)
{
  current = disk != NULL ? disk : &fd_disk;
}

CsmDiskFile *
csm_disk_wrap_fd (int fd)
{
  FdFile *file = g_new0 (FdFile, 1);

  file->parent.disk = &fd_disk;
  file->fd = fd;
  return &file->parent;
}
