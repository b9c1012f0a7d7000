/* csm-bag-folder.c: the files of a folder that somebody else made
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bag-folder.h"

#include "base/csm-error.h"
#include "export/csm-bag-text.h"

#include <glib/gi18n-lib.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 64
#define MAX_NAMES 2000000

struct _CsmBagFolder
{
  int fd;
  GPtrArray *files;
  GPtrArray *oddities;
  GHashTable *by_path;       /* of borrowed CsmBagFile */
  GCancellable *cancellable; /* while it is listed */
};

static void
bag_file_free (gpointer data)
{
  CsmBagFile *file = data;

  g_free (file->path);
  g_free (file);
}

static void
oddity_free (gpointer data)
{
  CsmBagOddity *oddity = data;

  g_free (oddity->path);
  g_free (oddity);
}

static gboolean
fail_invalid (GError **error, const char *what)
{
  g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID, what);
  return FALSE;
}

static void
add_oddity (CsmBagFolder *self, const char *path, const char *what, bool empty)
{
  CsmBagOddity *oddity = g_new0 (CsmBagOddity, 1);

  oddity->path = g_strdup (path);
  oddity->what = what;
  oddity->empty = empty;
  g_ptr_array_add (self->oddities, oddity);
}

static void
add_file (CsmBagFolder *self, const char *path, int64_t size)
{
  CsmBagFile *file = g_new0 (CsmBagFile, 1);

  file->path = g_strdup (path);
  file->size = size;
  g_ptr_array_add (self->files, file);
}

static const char *
name_kind (mode_t mode)
{
  if (S_ISLNK (mode))
    return _ ("a link");
  if (S_ISFIFO (mode))
    return _ ("a pipe");
  if (S_ISSOCK (mode))
    return _ ("a socket");
  return _ ("a device");
}

static gboolean list_folder (CsmBagFolder *self,
                             int fd,
                             const char *path,
                             int depth,
                             GError **error);

/* One name of the folder @fd, which lies at @path. */
static gboolean
list_name (CsmBagFolder *self, int fd, const char *path, int depth, GError **error)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  struct stat status;
  int below;

  if (fstatat (fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return csm_base_fail_errno (error, errno, "look at file");
  if (S_ISREG (status.st_mode))
    {
      add_file (self, path, status.st_size);
      return TRUE;
    }
  if (!S_ISDIR (status.st_mode))
    {
      add_oddity (self, path, name_kind (status.st_mode), false);
      return TRUE;
    }
  if (depth >= MAX_DEPTH)
    return fail_invalid (error, _ ("its folders lie too deep in one another"));
  below = openat (fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (below < 0)
    return csm_base_fail_errno (error, errno, "open folder");
  return list_folder (self, below, path, depth + 1, error);
}

/* (transfer full) (nullable): the names in a folder; takes @fd. */
static GPtrArray *
read_names (int fd, DIR **ret_dir, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  DIR *dir = fdopendir (fd);
  const struct dirent *entry;

  if (dir == NULL)
    {
      csm_base_fail_errno (error, errno, "list folder");
      (void) close (fd); /* opened for reading */
      return NULL;
    }
  errno = 0;
  while ((entry = readdir (dir)) != NULL && names->len <= MAX_NAMES)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (errno != 0)
    {
      csm_base_fail_errno (error, errno, "list folder");
      (void) closedir (dir); /* opened for reading */
      return NULL;
    }
  *ret_dir = dir;
  return g_steal_pointer (&names);
}

/* Takes @fd; @path is "" for the folder itself. */
static gboolean
list_folder (CsmBagFolder *self, int fd, const char *path, int depth, GError **error)
{
  DIR *dir = NULL;
  g_autoptr (GPtrArray) names = read_names (fd, &dir, error);
  gboolean fine = names != NULL;

  if (fine && names->len == 0)
    add_oddity (self, path, _ ("a folder without files"), true);
  for (guint i = 0; fine && i < names->len; i++)
    {
      g_autofree char *below = *path == '\0' ? g_strdup (names->pdata[i])
                                             : g_strconcat (path, "/", names->pdata[i], NULL);

      if (self->files->len + self->oddities->len > MAX_NAMES)
        fine = fail_invalid (error, _ ("it holds too many files"));
      else
        fine = !g_cancellable_set_error_if_cancelled (self->cancellable, error) &&
               list_name (self, fd, below, depth, error);
    }
  if (dir != NULL)
    (void) closedir (dir); /* opened for reading; closes fd */
  return fine;
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const CsmBagFile *const *) a)->path,
                 (*(const CsmBagFile *const *) b)->path);
}

static int
compare_oddities (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const CsmBagOddity *const *) a)->path,
                 (*(const CsmBagOddity *const *) b)->path);
}

static gboolean
list_all (CsmBagFolder *self, GError **error)
{
  /* A description of its own, since listing moves its offset. */
  const int fd = openat (self->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return csm_base_fail_errno (error, errno, "open folder");
  if (!list_folder (self, fd, "", 0, error))
    return FALSE;
  g_ptr_array_sort (self->files, compare_files);
  g_ptr_array_sort (self->oddities, compare_oddities);
  for (guint i = 0; i < self->files->len; i++)
    {
      CsmBagFile *file = self->files->pdata[i];

      g_hash_table_insert (self->by_path, file->path, file);
    }
  return TRUE;
}

CsmBagFolder *
csm_bag_folder_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (CsmBagFolder) self = g_new0 (CsmBagFolder, 1);

  self->files = g_ptr_array_new_with_free_func (bag_file_free);
  self->oddities = g_ptr_array_new_with_free_func (oddity_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->cancellable = cancellable;
  self->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->fd < 0 && errno == ENOTDIR)
    {
      fail_invalid (error, _ ("this is no folder"));
      return NULL;
    }
  if (self->fd < 0)
    {
      csm_base_fail_errno (error, errno, "open folder");
      return NULL;
    }
  if (!list_all (self, error))
    return NULL;
  self->cancellable = NULL;
  return g_steal_pointer (&self);
}

void
csm_bag_folder_free (CsmBagFolder *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    (void) close (self->fd); /* opened for reading */
  g_hash_table_unref (self->by_path);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->oddities);
  g_free (self);
}

GPtrArray *
csm_bag_folder_get_files (const CsmBagFolder *self)
{
  return self->files;
}

GPtrArray *
csm_bag_folder_get_oddities (const CsmBagFolder *self)
{
  return self->oddities;
}

CsmBagFile *
csm_bag_folder_find (const CsmBagFolder *self, const char *path)
{
  return g_hash_table_lookup (self->by_path, path);
}

/* Walks @path down from the folder; the last part is a file. -1 with errno. */
static int
walk_to (int fd, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  int at = fcntl (fd, F_DUPFD_CLOEXEC, 0);

  for (int i = 0; at >= 0 && parts[i] != NULL; i++)
    {
      const int flags = parts[i + 1] != NULL ? O_DIRECTORY : O_NONBLOCK | O_NOCTTY;
      const int next = openat (at, parts[i], O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);
      const int failed = errno;

      (void) close (at); /* opened for reading */
      errno = failed;
      at = next;
    }
  return at;
}

int
csm_bag_folder_open_file (CsmBagFolder *self, const char *path, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, -1);

  struct stat status;
  int fd;

  if (csm_bag_path_refuse (path) != NULL)
    {
      fail_invalid (error, csm_bag_path_refuse (path));
      return -1;
    }
  fd = walk_to (self->fd, path);
  if (fd < 0)
    {
      csm_base_fail_errno (error, errno, "open file");
      return -1;
    }
  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    {
      fail_invalid (error, _ ("this is no file"));
      (void) close (fd); /* opened for reading */
      return -1;
    }
  return fd;
}

CsmByteSource *
csm_bag_folder_open_source (CsmBagFolder *self, const char *path, GError **error)
{
  const int fd = csm_bag_folder_open_file (self, path, error);

  return fd < 0 ? NULL : csm_byte_source_new_for_fd (fd, error);
}

GBytes *
csm_bag_folder_read (CsmBagFolder *self, const char *path, size_t max, GError **error)
{
  g_autoptr (CsmByteSource) source = csm_bag_folder_open_source (self, path, error);
  CsmBagFile *file = csm_bag_folder_find (self, path);
  g_autofree uint8_t *data = NULL;
  int64_t size;
  CsmDigest digest;

  if (source == NULL)
    return NULL;
  size = csm_byte_source_get_size (source);
  if (size < 0 || (uint64_t) size > max)
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                   _ ("the file has %" PRId64 " bytes, and what it should be has at most %zu"),
                   size, max);
      return NULL;
    }
  data = g_malloc ((size_t) size + 1);
  if (csm_byte_source_read_at (source, 0, data, (size_t) size, error) != size)
    {
      if (error != NULL && *error == NULL)
        fail_invalid (error, _ ("the file ends before its size"));
      return NULL;
    }
  csm_sha256 (data, (size_t) size, &digest);
  if (file != NULL && ((file->hashed && !csm_digest_equal (&digest, &file->digests.sha256)) ||
                       (file->was_read && !csm_digest_equal (&digest, &file->read))))
    {
      fail_invalid (error, _ ("the file changed while it was checked"));
      return NULL;
    }
  if (file != NULL)
    {
      file->was_read = true;
      file->read = digest;
    }
  return g_bytes_new_take (g_steal_pointer (&data), (size_t) size);
}

char *
csm_bag_path_show (const char *path)
{
  bool plain = g_utf8_validate (path, -1, NULL);

  for (const char *c = path; plain && *c != '\0'; c = g_utf8_next_char (c))
    plain = g_unichar_isprint (g_utf8_get_char (c)) || g_unichar_ismark (g_utf8_get_char (c));
  return plain ? g_strdup (path) : g_strescape (path, NULL);
}
