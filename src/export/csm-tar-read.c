/* csm-tar-read.c: a folder out of a hostile tar
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "base/csm-file.h"
#include "export/csm-error.h"
#include "export/csm-tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 32
#define MAX_NAME 255

typedef struct
{
  int folder; /* borrowed */
  int64_t size, done;
  int64_t room; /* of files: what the tar can hold and has not held yet */
  CsmTarRead read;
  gpointer read_data;
  bool read_all;
  CsmTarProgress progress; /* (nullable) */
  gpointer progress_data;
  GCancellable *cancellable; /* (nullable) */
  struct archive *archive;
  /* Of @read, which libarchive calls. */
  GError *failed;
} Unpack;

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_REFUSED,
               "the file holds %s, which a bundle does not have; nothing was unpacked", why);
  return FALSE;
}

static gboolean
fail_archive (Unpack *self, GError **error)
{
  if (self->failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->failed));
      return FALSE;
    }
  return refuse (error, "what is no tar");
}

/* False at the end too, with self->read_all. */
static bool
read_piece (Unpack *self, const uint8_t **ret_data, size_t *ret_size)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, &self->failed) ||
      !self->read (ret_data, ret_size, self->read_data, &self->failed))
    return false;
  self->done += (int64_t) *ret_size;
  self->read_all = *ret_size == 0;
  if (self->progress != NULL)
    self->progress (self->done, self->size, self->progress_data);
  return !self->read_all;
}

static la_ssize_t
read_cb (struct archive *archive, void *data, const void **ret_buffer)
{
  Unpack *self = data;
  const uint8_t *bytes = NULL;
  size_t size = 0;

  if (self->read_all)
    return 0;
  if (self->failed == NULL && read_piece (self, &bytes, &size))
    {
      *ret_buffer = bytes;
      return (la_ssize_t) size;
    }
  if (self->read_all)
    return 0;
  archive_set_error (archive, EIO, "the input failed");
  return -1;
}

/* --- names --- */

static bool
is_safe_part (const char *part)
{
  if (part[0] == '\0' || strlen (part) > MAX_NAME || g_str_equal (part, "..") ||
      !g_utf8_validate (part, -1, NULL))
    return false;
  for (const char *p = part; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || c == '\\' || (c >= 0x200e && c <= 0x200f) ||
          (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
        return false;
    }
  return true;
}

/* (transfer full) (nullable): the parts of @path without ".", NULL when it leads elsewhere. */
static char **
split_path (const char *path)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *text = g_strdup (path);
  g_auto (GStrv) parts = NULL;
  size_t length = strlen (text);
  int depth = 0;

  /* Folders end with a slash, or two. */
  while (length > 1 && text[length - 1] == '/')
    text[--length] = '\0';
  if (length == 0 || text[0] == '/')
    return NULL;
  parts = g_strsplit (text, "/", -1);
  for (char **part = parts; *part != NULL; part++)
    {
      if (g_str_equal (*part, "."))
        continue;
      if (!is_safe_part (*part) || ++depth > MAX_DEPTH)
        return NULL;
      g_strv_builder_add (builder, *part);
    }
  return g_strv_builder_end (builder);
}

/* --- what is written --- */

/* The open folder @name in @parent, made when it is not there. Nobody else writes here, so what
 * is there is ours. -1 with @error. */
static int
enter_folder (int parent, const char *name, GError **error)
{
  int fd;

  if (mkdirat (parent, name, 0700) != 0 && errno != EEXIST)
    {
      csm_base_fail_errno (error, errno, "make a folder");
      return -1;
    }
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
    refuse (error, "a name that comes twice");
  else if (fd < 0)
    csm_base_fail_errno (error, errno, "open a folder");
  return fd;
}

/* The folder in which the first @n of @parts lead; the caller closes it. -1 with @error. */
static int
enter (int root, char **parts, guint n, GError **error)
{
  int fd = openat (root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    csm_base_fail_errno (error, errno, "open a folder");
  for (guint i = 0; i < n && fd >= 0; i++)
    {
      const int next = enter_folder (fd, parts[i], error);

      (void) close (fd); /* a folder */
      fd = next;
    }
  return fd;
}

static gboolean
write_content (Unpack *self, int fd, int64_t size, GError **error)
{
  int64_t written = 0;

  while (true)
    {
      const void *data;
      size_t n;
      la_int64_t offset;
      const int status = archive_read_data_block (self->archive, &data, &n, &offset);

      if (status == ARCHIVE_EOF)
        break;
      if (status != ARCHIVE_OK)
        return fail_archive (self, error);
      if (offset != written || (int64_t) n > size - written)
        return refuse (error, "a file with holes");
      if (!csm_fd_write_all (fd, data, n, error))
        return FALSE;
      written += (int64_t) n;
    }
  return written == size ? TRUE : refuse (error, "a file with holes");
}

static gboolean
write_file (Unpack *self, char **parts, int64_t size, GError **error)
{
  const guint n = g_strv_length (parts);
  int folder, fd;
  gboolean done = FALSE;

  if (n == 0)
    return refuse (error, "a file without a name");
  folder = enter (self->folder, parts, n - 1, error);
  if (folder < 0)
    return FALSE;
  fd =
      openat (folder, parts[n - 1], O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0)
    done = write_content (self, fd, size, error);
  else if (errno == EEXIST)
    refuse (error, "a name that comes twice");
  else
    csm_base_fail_errno (error, errno, "write a file");
  if (fd >= 0 && close (fd) != 0 && done)
    done = csm_base_fail_errno (error, errno, "write a file");
  (void) close (folder); /* a folder */
  return done;
}

static gboolean
write_folder (Unpack *self, char **parts, GError **error)
{
  const int fd = enter (self->folder, parts, g_strv_length (parts), error);

  if (fd < 0)
    return FALSE;
  (void) close (fd); /* a folder */
  return TRUE;
}

static gboolean
unpack_entry (Unpack *self, struct archive_entry *entry, GError **error)
{
  const char *path = archive_entry_pathname_utf8 (entry);
  const mode_t type = archive_entry_filetype (entry);
  const int64_t size = archive_entry_size (entry);
  g_auto (GStrv) parts = NULL;

  /* Without a locale, a name in a plain header is bytes. */
  if (path == NULL)
    path = archive_entry_pathname (entry);
  if (archive_entry_hardlink (entry) != NULL || archive_entry_symlink (entry) != NULL)
    return refuse (error, "a link");
  if (type != AE_IFREG && type != AE_IFDIR)
    return refuse (error, "a device");
  parts = path != NULL ? split_path (path) : NULL;
  if (parts == NULL)
    return refuse (error, "a name that leads elsewhere");
  if (type == AE_IFDIR)
    return write_folder (self, parts, error);
  if (archive_entry_sparse_count (entry) > 0 || size < 0 || size > self->room)
    return refuse (error, "a file with holes");
  self->room -= size;
  return write_file (self, parts, size, error);
}

static gboolean
unpack_all (Unpack *self, GError **error)
{
  const uint8_t *rest;
  size_t size;
  int64_t n = 0;

  while (true)
    {
      struct archive_entry *entry;
      const int status = archive_read_next_header (self->archive, &entry);

      if (status == ARCHIVE_EOF)
        break;
      /* A warning is about a name that this locale cannot say. */
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
        return fail_archive (self, error);
      if (!unpack_entry (self, entry, error))
        return FALSE;
      n++;
    }
  if (n == 0)
    return refuse (error, "nothing");
  /* What stands behind the tar's end says whether the file is whole. */
  while (!self->read_all)
    if (!read_piece (self, &rest, &size) && !self->read_all)
      return fail_archive (self, error);
  return TRUE;
}

gboolean
csm_tar_read_folder (int folder,
                     int64_t size,
                     CsmTarRead read,
                     gpointer read_data,
                     CsmTarProgress progress,
                     gpointer progress_data,
                     GCancellable *cancellable,
                     GError **error)
{
  Unpack self = { .folder = folder,
                  .size = size,
                  .room = size,
                  .read = read,
                  .read_data = read_data,
                  .progress = progress,
                  .progress_data = progress_data,
                  .cancellable = cancellable,
                  .archive = archive_read_new () };
  gboolean done;

  /* Tar only, and not compressed: that is what a hand-over is. */
  if (archive_read_support_format_tar (self.archive) != ARCHIVE_OK ||
      archive_read_open (self.archive, &self, NULL, read_cb, NULL) != ARCHIVE_OK)
    done = fail_archive (&self, error);
  else
    done = unpack_all (&self, error);
  (void) archive_read_free (self.archive); /* nothing to say after all was read */
  g_clear_error (&self.failed);
  return done;
}
