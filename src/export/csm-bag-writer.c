/* csm-bag-writer.c: a BagIt 1.0 bag that is there whole or not at all (RFC 8493)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bag-writer.h"

#include "base/csm-error.h"
#include "base/csm-file.h"
#include "export/csm-bag-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

typedef struct
{
  char *path; /* from the bag's folder */
  int64_t size;
  CsmBagDigests digests;
} BagFile;

typedef enum {
  STATE_FILLING,
  STATE_CLOSED,
  STATE_PUBLISHED,
} State;

struct _CsmBagWriter
{
  char *path;
  char *temporary;
  int folder; /* of the temporary name */
  State state;
  GPtrArray *files;   /* of BagFile: payload and tag files */
  GPtrArray *folders; /* of char *: made below the bag's, parents first */
  GHashTable *names;  /* paths in lower case, which Windows would take for one */
  GPtrArray *made;    /* of char *: all files, signatures too */

  /* The file under way */
  BagFile *open;
  int fd;
  CsmBagHash *hash; /* between begin and end */
};

static void
bag_file_free (gpointer data)
{
  BagFile *file = data;

  if (file == NULL)
    return;
  g_free (file->path);
  g_free (file);
}

/* Of two files, by path. */
static int
compare_files (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const BagFile *const *) a)->path, (*(const BagFile *const *) b)->path);
}

static gboolean
fail_invalid (GError **error, const char *what)
{
  g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID, what);
  return FALSE;
}

CsmBagWriter *
csm_bag_writer_new (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL && *path != '\0', NULL);

  g_autoptr (CsmBagWriter) self = g_new0 (CsmBagWriter, 1);
  g_autofree char *parent = NULL;
  struct stat status;

  self->folder = -1;
  self->fd = -1;
  self->path = g_strdup (path);
  for (size_t n = strlen (path); n > 1 && self->path[n - 1] == '/'; n--)
    self->path[n - 1] = '\0';
  self->files = g_ptr_array_new_with_free_func (bag_file_free);
  self->folders = g_ptr_array_new_with_free_func (g_free);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->made = g_ptr_array_new_with_free_func (g_free);
  if (lstat (self->path, &status) == 0 || errno != ENOENT)
    {
      csm_base_fail_errno (error, errno == ENOENT ? EEXIST : errno, "make folder");
      return NULL;
    }
  parent = g_path_get_dirname (self->path);
  /* Says nothing of the name that it will have. */
  self->temporary = g_build_filename (parent, ".csm-XXXXXX", NULL);
  if (mkdtemp (self->temporary) == NULL)
    {
      csm_base_fail_errno (error, errno, "make folder");
      g_clear_pointer (&self->temporary, g_free);
      return NULL;
    }
  self->folder = open (self->temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (self->folder < 0)
    {
      csm_base_fail_errno (error, errno, "open folder");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* Forgets the file under way; what is on the disk of it goes. */
static void
drop_open (CsmBagWriter *self)
{
  g_clear_pointer (&self->hash, csm_bag_hash_free);
  if (self->fd >= 0)
    (void) close (self->fd); /* given up */
  self->fd = -1;
  if (self->open != NULL)
    {
      g_autofree char *name = g_ascii_strdown (self->open->path, -1);

      (void) unlinkat (self->folder, self->open->path, 0); /* the first error is told */
      g_hash_table_remove (self->names, name);
      g_ptr_array_set_size (self->made, (int) self->made->len - 1);
      g_clear_pointer (&self->open, bag_file_free);
    }
}

void
csm_bag_writer_free (CsmBagWriter *self)
{
  if (self == NULL)
    return;
  drop_open (self);
  /* Only what was made here is removed; what somebody else put in keeps the folder. */
  if (self->state != STATE_PUBLISHED && self->folder >= 0)
    {
      for (guint i = self->made->len; i-- > 0;)
        (void) unlinkat (self->folder, self->made->pdata[i], 0);
      for (guint i = self->folders->len; i-- > 0;)
        (void) unlinkat (self->folder, self->folders->pdata[i], AT_REMOVEDIR);
    }
  if (self->folder >= 0)
    (void) close (self->folder); /* opened for reading */
  if (self->state != STATE_PUBLISHED && self->temporary != NULL)
    (void) rmdir (self->temporary);
  g_free (self->path);
  g_free (self->temporary);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->folders);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->made);
  g_free (self);
}

gboolean
csm_bag_writer_get_free_space (CsmBagWriter *self, int64_t *ret_free, GError **error)
{
  g_return_val_if_fail (self != NULL && ret_free != NULL, FALSE);

  struct statvfs disk;

  if (fstatvfs (self->folder, &disk) != 0)
    return csm_base_fail_errno (error, errno, "look at disk");
  *ret_free = (int64_t) MIN (disk.f_bavail, (uint64_t) INT64_MAX / MAX (disk.f_frsize, 1)) *
              (int64_t) disk.f_frsize;
  return TRUE;
}

static bool
is_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  if (strlen (path) >= PATH_MAX / 2)
    return false;
  for (const char *c = path; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("-_./", *c) == NULL)
      return false;
  for (int i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
      return false;
  return parts[0] != NULL;
}

/* The folders that @path lies in. */
static gboolean
make_folders (CsmBagWriter *self, const char *path, GError **error)
{
  for (const char *slash = strchr (path, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *folder = g_strndup (path, (size_t) (slash - path));

      if (g_ptr_array_find_with_equal_func (self->folders, folder, g_str_equal, NULL))
        continue;
      if (mkdirat (self->folder, folder, 0700) != 0)
        return csm_base_fail_errno (error, errno, "make folder");
      g_ptr_array_add (self->folders, g_steal_pointer (&folder));
    }
  return TRUE;
}

/* Opens the new file @path below the bag's folder; it is the one under way. */
static gboolean
open_file (CsmBagWriter *self, const char *path, GError **error)
{
  g_autofree char *name = g_ascii_strdown (path, -1);

  g_assert (self->open == NULL);
  if (!is_path (path))
    return fail_invalid (error, "the name has characters that a bundle does not take");
  if (g_hash_table_contains (self->names, name))
    return csm_base_fail_errno (error, EEXIST, "create file");
  if (!make_folders (self, path, error))
    return FALSE;
  self->fd =
      openat (self->folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (self->fd < 0)
    return csm_base_fail_errno (error, errno, "create file");
  self->open = g_new0 (BagFile, 1);
  self->open->path = g_strdup (path);
  g_ptr_array_add (self->made, g_strdup (path));
  g_hash_table_add (self->names, g_steal_pointer (&name));
  return TRUE;
}

/* Syncs and closes the file under way; @listed: in a manifest. */
static gboolean
close_file (CsmBagWriter *self, bool listed, GError **error)
{
  const int fd = self->fd;

  if (fsync (fd) != 0)
    {
      csm_base_fail_errno (error, errno, "sync file");
      drop_open (self);
      return FALSE;
    }
  (void) close (fd); /* synced */
  self->fd = -1;
  if (listed)
    g_ptr_array_add (self->files, self->open);
  else
    bag_file_free (self->open);
  self->open = NULL;
  return TRUE;
}

/* A whole file that is small enough to be hashed before. */
static gboolean
add_bytes (CsmBagWriter *self, const char *path, GBytes *bytes, bool listed, GError **error)
{
  size_t size;
  const void *data = g_bytes_get_data (bytes, &size);

  if (!open_file (self, path, error))
    return FALSE;
  self->open->size = (int64_t) size;
  csm_bag_digests (bytes, &self->open->digests);
  if (!csm_fd_write_all (self->fd, data, size, error))
    {
      drop_open (self);
      return FALSE;
    }
  return close_file (self, listed, error);
}

static char *
payload_path (const char *path)
{
  return g_strconcat ("data/", path, NULL);
}

gboolean
csm_bag_writer_add (CsmBagWriter *self, const char *path, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL && bytes != NULL, FALSE);
  g_return_val_if_fail (self->state == STATE_FILLING && self->open == NULL, FALSE);

  g_autofree char *below = payload_path (path);

  return add_bytes (self, below, bytes, true, error);
}

gboolean
csm_bag_writer_begin (CsmBagWriter *self, const char *path, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  g_return_val_if_fail (self->state == STATE_FILLING && self->open == NULL, FALSE);

  g_autofree char *below = payload_path (path);

  if (!open_file (self, below, error))
    return FALSE;
  self->hash = csm_bag_hash_new ();
  return TRUE;
}

gboolean
csm_bag_writer_append (CsmBagWriter *self, const void *data, size_t size, GError **error)
{
  g_return_val_if_fail (self != NULL && (data != NULL || size == 0), FALSE);
  g_return_val_if_fail (self->hash != NULL, FALSE);

  gboolean written;

  csm_bag_hash_begin (self->hash, data, size);
  written = csm_fd_write_all (self->fd, data, size, error);
  csm_bag_hash_wait (self->hash);
  self->open->size += (int64_t) size;
  if (!written)
    drop_open (self);
  return written;
}

gboolean
csm_bag_writer_end (CsmBagWriter *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->hash != NULL, FALSE);

  csm_bag_hash_finish (self->hash, &self->open->digests);
  g_clear_pointer (&self->hash, csm_bag_hash_free);
  return close_file (self, true, error);
}

gboolean
csm_bag_writer_drop (CsmBagWriter *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->open != NULL, FALSE);

  drop_open (self);
  /* A folder that was made for it alone, which no manifest could name. */
  for (guint i = self->folders->len; i-- > 0;)
    if (unlinkat (self->folder, self->folders->pdata[i], AT_REMOVEDIR) == 0)
      g_ptr_array_remove_index (self->folders, i);
    else if (errno != ENOTEMPTY && errno != EEXIST)
      return csm_base_fail_errno (error, errno, "remove folder");
  return TRUE;
}

typedef struct
{
  int fd;
  int64_t total;
  CsmBagProgress progress;
  gpointer data;
} Copy;

static gboolean
copy_piece (const void *piece, size_t size, int64_t done, gpointer data, GError **error)
{
  const Copy *copy = data;

  if (!csm_fd_write_all (copy->fd, piece, size, error))
    return FALSE;
  if (copy->progress != NULL)
    copy->progress (done, copy->total, copy->data);
  return TRUE;
}

gboolean
csm_bag_writer_add_source (CsmBagWriter *self,
                           const char *path,
                           CsmByteSource *source,
                           const CsmDigest *expected,
                           CsmBagProgress progress,
                           gpointer data,
                           GCancellable *cancellable,
                           GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL && source != NULL, FALSE);
  g_return_val_if_fail (self->state == STATE_FILLING && self->open == NULL, FALSE);

  g_autofree char *below = payload_path (path);
  Copy copy = { .total = csm_byte_source_get_size (source),
                .progress = progress,
                .data = data };

  if (!open_file (self, below, error))
    return FALSE;
  copy.fd = self->fd;
  self->open->size = copy.total;
  if (!csm_bag_hash_source (source, copy_piece, &copy, &self->open->digests, cancellable,
                            error))
    {
      drop_open (self);
      return FALSE;
    }
  if (expected != NULL && !csm_digest_equal (expected, &self->open->digests.sha256))
    {
      drop_open (self);
      return fail_invalid (error, "the bytes are not those of the source hash");
    }
  return close_file (self, true, error);
}

gboolean
csm_bag_writer_add_tag (CsmBagWriter *self, const char *name, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (self != NULL && name != NULL && bytes != NULL, FALSE);
  g_return_val_if_fail (self->state == STATE_FILLING && self->open == NULL, FALSE);

  if (strchr (name, '/') != NULL)
    return fail_invalid (error, "a tag file lies beside the manifests");
  return add_bytes (self, name, bytes, true, error);
}

static bool
is_payload (const BagFile *file)
{
  return g_str_has_prefix (file->path, "data/");
}

void
csm_bag_writer_get_payload (const CsmBagWriter *self, int64_t *ret_n_files, int64_t *ret_bytes)
{
  g_return_if_fail (self != NULL && ret_n_files != NULL && ret_bytes != NULL);

  *ret_n_files = *ret_bytes = 0;
  for (guint i = 0; i < self->files->len; i++)
    if (is_payload (self->files->pdata[i]))
      {
        *ret_bytes += ((const BagFile *) self->files->pdata[i])->size;
        *ret_n_files += 1;
      }
}

GBytes *
csm_bag_writer_read (CsmBagWriter *self, const char *path, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, NULL);
  g_autofree char *below = payload_path (path);
  g_autofree char *full = g_build_filename (self->temporary, below, NULL);

  return csm_file_read (full, G_MAXINT32, error);
}

/* (transfer full): lines of a manifest, which `sha256sum -c` reads as well. */
static GBytes *
make_manifest (CsmBagWriter *self, bool payload, bool sha512)
{
  GString *text = g_string_new (NULL);

  g_ptr_array_sort (self->files, compare_files);
  for (guint i = 0; i < self->files->len; i++)
    {
      const BagFile *file = self->files->pdata[i];
      g_autofree char *hex =
          sha512 ? csm_hex_encode (file->digests.sha512.bytes, CSM_DIGEST512_SIZE)
                 : csm_hex_encode (file->digests.sha256.bytes, CSM_DIGEST_SIZE);

      if (is_payload (file) == payload)
        g_string_append_printf (text, "%s  %s\n", hex, file->path);
    }
  return g_string_free_to_bytes (text);
}

/* (transfer full): bag-info.txt; a value is one line. */
static GBytes *
make_info (CsmBagWriter *self, const char *const *info)
{
  GString *text = g_string_new (NULL);
  int64_t bytes, n;

  for (int i = 0; info != NULL && info[i] != NULL && info[i + 1] != NULL; i += 2)
    {
      g_autofree char *value = g_strdelimit (g_strdup (info[i + 1]), "\r\n", ' ');

      g_string_append_printf (text, "%s: %s\n", info[i], value);
    }
  csm_bag_writer_get_payload (self, &n, &bytes);
  g_string_append_printf (text, "Payload-Oxum: %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT "\n",
                          bytes, n);
  return g_string_free_to_bytes (text);
}

/* Takes @bytes. */
static gboolean
add_taken (CsmBagWriter *self, const char *name, GBytes *bytes, bool listed, GError **error)
{
  g_autoptr (GBytes) owned = bytes;

  return add_bytes (self, name, owned, listed, error);
}

static GBytes *
make_declaration (void)
{
  static const char text[] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

  return g_bytes_new_static (text, sizeof text - 1);
}

/* RFC 8493, section 2.1.2: a bag has its payload folder, even when nothing lies in it. */
static gboolean
make_payload_folder (CsmBagWriter *self, GError **error)
{
  return make_folders (self, "data/", error);
}

GBytes *
csm_bag_writer_close (CsmBagWriter *self, const char *const *info, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (self->state == STATE_FILLING && self->open == NULL, NULL);

  g_autoptr (GBytes) manifest = NULL;

  if (!make_payload_folder (self, error) ||
      !add_taken (self, "bagit.txt", make_declaration (), true, error) ||
      !add_taken (self, "bag-info.txt", make_info (self, info), true, error) ||
      !add_taken (self, "manifest-sha256.txt", make_manifest (self, true, false), true,
                  error) ||
      !add_taken (self, "manifest-sha512.txt", make_manifest (self, true, true), true, error))
    return NULL;
  /* Of both, since neither names the other. */
  manifest = make_manifest (self, false, false);
  if (!add_taken (self, "tagmanifest-sha512.txt", make_manifest (self, false, true), false,
                  error) ||
      !add_bytes (self, "tagmanifest-sha256.txt", manifest, false, error))
    return NULL;
  self->state = STATE_CLOSED;
  return g_steal_pointer (&manifest);
}

gboolean
csm_bag_writer_add_signature (CsmBagWriter *self,
                              const char *name,
                              GBytes *bytes,
                              GError **error)
{
  g_return_val_if_fail (self != NULL && name != NULL && bytes != NULL, FALSE);
  g_return_val_if_fail (self->state == STATE_CLOSED, FALSE);

  return add_bytes (self, name, bytes, false, error);
}

/* So that the names in the folders survive a power cut. */
static gboolean
sync_folders (CsmBagWriter *self, GError **error)
{
  for (guint i = self->folders->len; i-- > 0;)
    {
      /* It names the folder that holds it. */
      g_autofree char *inside =
          g_build_filename (self->temporary, self->folders->pdata[i], ".", NULL);

      if (!csm_file_sync_folder (inside, error))
        return FALSE;
    }
  {
    g_autofree char *inside = g_build_filename (self->temporary, ".", NULL);

    return csm_file_sync_folder (inside, error);
  }
}

gboolean
csm_bag_writer_publish (CsmBagWriter *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->state == STATE_CLOSED, FALSE);

  if (!sync_folders (self, error) || !csm_file_rename_new (self->temporary, self->path, error))
    return FALSE;
  if (!csm_file_sync_folder (self->path, error))
    {
      /* Back under the name that goes. */
      if (rename (self->path, self->temporary) != 0)
        self->state = STATE_PUBLISHED; /* it is there, whole */
      return FALSE;
    }
  self->state = STATE_PUBLISHED;
  return TRUE;
}
