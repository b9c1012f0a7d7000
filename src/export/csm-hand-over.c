/* csm-hand-over.c: a bundle in one encrypted file (age-encryption.org/v1)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-hand-over.h"

#include "base/csm-error.h"
#include "base/csm-file.h"
#include "export/csm-age.h"
#include "export/csm-error.h"
#include "export/csm-tar.h"

#include <glib/gi18n-lib.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What a tar adds: headers, and files filled up to blocks. */
#define ROOM_TO_SPARE (1 << 20)

/* A key file holds a few lines. */
#define MAX_IDENTITY 65536

/* A hidden name beside @path, for mkstemp and mkdtemp. */
static char *
make_template (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *hidden = g_strdup_printf (".%.200s.XXXXXX", name);

  return g_build_filename (folder, hidden, NULL);
}

static gboolean
check_absent (const char *path, GError **error)
{
  struct stat st;

  if (lstat (path, &st) != 0)
    return TRUE;
  g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS,
                       _ ("something of this name is there already; name another place"));
  return FALSE;
}

static gboolean
check_space (int fd, int64_t size, GError **error)
{
  struct statvfs disk;

  /* A file system that does not say is not asked again. */
  if (fstatvfs (fd, &disk) != 0 || disk.f_blocks == 0)
    return TRUE;
  if (size / (int64_t) disk.f_frsize < (int64_t) disk.f_bavail)
    return TRUE;
  return csm_base_fail_errno (error, ENOSPC, "make room for the bundle");
}

/* --- writing --- */

static gboolean
append_cb (const void *data, size_t size, gpointer writer, GError **error)
{
  return csm_age_writer_append (writer, data, size, error);
}

/* The folder in the tar: what the bundle is called, where every system can spell it. */
static char *
name_folder (const char *folder)
{
  g_autofree char *name = g_path_get_basename (folder);

  if (name[0] == '.' || name[0] == '-' ||
      strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") !=
          strlen (name))
    return g_strdup ("bundle");
  return g_steal_pointer (&name);
}

static gboolean
write_to (int fd,
          const char *folder,
          const char *const *recipients,
          const CsmSecret *passphrase,
          CsmHandOverProgress progress,
          gpointer data,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (CsmAgeWriter) writer = NULL;
  g_autofree char *name = name_folder (folder);
  int64_t size;

  if (!csm_tar_measure (folder, &size, error) ||
      !check_space (fd, size + ROOM_TO_SPARE, error) ||
      (writer = csm_age_writer_new (fd, recipients, passphrase, error)) == NULL ||
      !csm_tar_write_folder (folder, name, size, append_cb, writer, progress, data, cancellable,
                             error) ||
      !csm_age_writer_finish (writer, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return fsync (fd) == 0 ? TRUE
                         : csm_base_fail_errno (error, errno, "write the hand-over file");
}

gboolean
csm_hand_over_write (const char *folder,
                     const char *path,
                     const char *const *recipients,
                     const CsmSecret *passphrase,
                     CsmHandOverProgress progress,
                     gpointer data,
                     GCancellable *cancellable,
                     GError **error)
{
  g_return_val_if_fail ((recipients != NULL) != (passphrase != NULL), FALSE);

  g_autofree char *temporary = make_template (path);
  gboolean done;
  int fd;

  if (!check_absent (path, error))
    return FALSE;
  fd = mkostemp (temporary, O_CLOEXEC);
  if (fd < 0)
    return csm_base_fail_errno (error, errno, "make the hand-over file");
  done = write_to (fd, folder, recipients, passphrase, progress, data, cancellable, error);
  if (close (fd) != 0 && done)
    done = csm_base_fail_errno (error, errno, "write the hand-over file");
  done = done && csm_file_rename_new (temporary, path, error);
  if (!done)
    (void) unlink (temporary); /* the failure is the one to tell */
  return done && csm_file_sync_folder (path, error);
}

/* --- opening --- */

static gboolean
read_cb (const uint8_t **ret_data, size_t *ret_size, gpointer reader, GError **error)
{
  return csm_age_reader_read (reader, ret_data, ret_size, error);
}

/* What is in the way is left: the failure before it is the one to tell. */
static void
remove_tree (int parent, const char *name)
{
  const int fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  if (dir == NULL)
    {
      if (fd >= 0)
        (void) close (fd); /* a folder */
      (void) unlinkat (parent, name, 0);
      return;
    }
  while ((entry = readdir (dir)) != NULL)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      remove_tree (dirfd (dir), entry->d_name);
  (void) closedir (dir);
  (void) unlinkat (parent, name, AT_REMOVEDIR);
}

/* (transfer full) (nullable): the one folder that @folder holds, if it holds nothing else. */
static char *
find_only_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;
  g_autofree char *path = name != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (path == NULL || g_dir_read_name (dir) != NULL || !g_file_test (path, G_FILE_TEST_IS_DIR))
    return NULL;
  return g_steal_pointer (&path);
}

/* A tar of one folder becomes that folder; another one is a folder of what it holds. */
static gboolean
publish (const char *temporary, const char *folder, GError **error)
{
  g_autofree char *only = find_only_folder (temporary);

  if (!csm_file_rename_new (only != NULL ? only : temporary, folder, error))
    return FALSE;
  if (only != NULL)
    (void) rmdir (temporary); /* empty */
  return csm_file_sync_folder (folder, error);
}

static gboolean
unpack (CsmAgeReader *reader,
        const char *temporary,
        CsmHandOverProgress progress,
        gpointer data,
        GCancellable *cancellable,
        GError **error)
{
  const int64_t size = csm_age_reader_get_size (reader);
  const int fd = open (temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done;

  if (fd < 0)
    return csm_base_fail_errno (error, errno, "make the folder");
  done = check_space (fd, size, error) &&
         csm_tar_read_folder (fd, size, read_cb, reader, progress, data, cancellable, error);
  /* All of it in one go: the name comes after the bytes. */
  if (done && syncfs (fd) != 0)
    done = csm_base_fail_errno (error, errno, "write the bundle");
  (void) close (fd); /* a folder */
  return done;
}

/* (transfer full) (nullable) */
static CsmAgeReader *
open_reader (const char *path,
             const CsmSecret *identity,
             const CsmSecret *passphrase,
             GError **error)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  g_autoptr (CsmByteSource) source = NULL;

  if (fd < 0)
    {
      csm_base_fail_errno (error, errno, "open the hand-over file");
      return NULL;
    }
  source = csm_byte_source_new_for_fd (fd, error);
  return source != NULL ? csm_age_reader_new (source, identity, passphrase, error) : NULL;
}

gboolean
csm_hand_over_open (const char *path,
                    const char *folder,
                    const CsmSecret *identity,
                    const CsmSecret *passphrase,
                    CsmHandOverProgress progress,
                    gpointer data,
                    GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail ((identity != NULL) != (passphrase != NULL), FALSE);

  g_autoptr (CsmAgeReader) reader = NULL;
  g_autofree char *temporary = make_template (folder);

  if (!check_absent (folder, error) ||
      (reader = open_reader (path, identity, passphrase, error)) == NULL)
    return FALSE;
  if (mkdtemp (temporary) == NULL)
    return csm_base_fail_errno (error, errno, "make the folder");
  if (unpack (reader, temporary, progress, data, cancellable, error) &&
      !g_cancellable_set_error_if_cancelled (cancellable, error) &&
      publish (temporary, folder, error))
    return TRUE;
  remove_tree (AT_FDCWD, temporary);
  return FALSE;
}

/* ---- Keys ---- */

/* All of @fd into @text, which must not fill it; false with errno. */
static bool
read_text (int fd, CsmSecret *text)
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

CsmSecret *
csm_hand_over_read_identity (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (CsmSecret) text = csm_secret_new (MAX_IDENTITY);
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  const bool is_read = fd >= 0 && read_text (fd, text);
  const int reason = errno;
  g_autofree char *shown = g_filename_display_name (path);

  if (fd >= 0)
    (void) close (fd); /* opened for reading */
  if (is_read)
    return g_steal_pointer (&text);
  g_set_error (error, fd < 0 ? CSM_BASE_ERROR : CSM_EXPORT_ERROR,
               fd < 0 ? (int) CSM_BASE_ERROR_NOT_FOUND : (int) CSM_EXPORT_ERROR_UNKNOWN,
               "read the key from %s: %s", shown, g_strerror (reason));
  return NULL;
}
