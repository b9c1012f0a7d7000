/* csm-tar-write.c: a folder as a POSIX tar
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "export/csm-tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (256 * 1024)
#define MAX_DEPTH 32
/* GNU tar calls earlier ones implausible. */
#define TIME_1980 315532800

/* A walk through the folder: measuring, or writing when there is an archive. */
typedef struct
{
  int64_t done, total;
  struct archive *archive; /* (nullable) */
  uint8_t *buffer;
  CsmTarWrite write;
  gpointer write_data;
  CsmTarProgress progress; /* (nullable) */
  gpointer progress_data;
  GCancellable *cancellable; /* (nullable) */
  /* Of @write, which libarchive calls. */
  GError *failed;
  bool stopped; /* what still comes goes nowhere */
} Walk;

static gboolean
fail_name (GError **error, const char *name)
{
  g_autofree char *shown = g_filename_display_name (name);

  g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
               "pack the folder: %s is no plain file with an ASCII name", shown);
  return FALSE;
}

/* What libarchive says, or what its write callback met. */
static gboolean
fail_archive (Walk *walk, GError **error)
{
  const char *text;

  if (walk->failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&walk->failed));
      return FALSE;
    }
  text = archive_error_string (walk->archive);
  g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO, "pack the folder: %s",
               text != NULL ? text : "libarchive failed");
  return FALSE;
}

static la_ssize_t
write_cb (struct archive *archive, void *data, const void *buffer, size_t size)
{
  Walk *walk = data;

  if (walk->stopped)
    return (la_ssize_t) size;
  if (walk->failed != NULL || !walk->write (buffer, size, walk->write_data, &walk->failed))
    {
      archive_set_error (archive, EIO, "the output failed");
      return -1;
    }
  return (la_ssize_t) size;
}

static gboolean
write_header (Walk *walk, const char *path, int64_t size, bool folder, GError **error)
{
  struct archive_entry *entry = archive_entry_new ();
  int status;

  archive_entry_set_pathname (entry, path);
  archive_entry_set_filetype (entry, folder ? AE_IFDIR : AE_IFREG);
  archive_entry_set_perm (entry, folder ? 0755 : 0644);
  archive_entry_set_size (entry, size);
  archive_entry_set_mtime (entry, TIME_1980, 0);
  status = archive_write_header (walk->archive, entry);
  archive_entry_free (entry);
  return status == ARCHIVE_OK ? TRUE : fail_archive (walk, error);
}

static gboolean
write_content (Walk *walk, int fd, int64_t size, GError **error)
{
  int64_t left = size;

  while (left > 0)
    {
      const ssize_t n = read (fd, walk->buffer, (size_t) MIN (left, PIECE));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return csm_base_fail_errno (error, n < 0 ? errno : EIO, "read a file to pack");
      if (g_cancellable_set_error_if_cancelled (walk->cancellable, error))
        return FALSE;
      if (archive_write_data (walk->archive, walk->buffer, (size_t) n) != n)
        return fail_archive (walk, error);
      left -= n;
      walk->done += n;
      if (walk->progress != NULL)
        walk->progress (walk->done, walk->total, walk->progress_data);
    }
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full) (nullable): what the folder holds, sorted by bytes. */
static GPtrArray *
list_names (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL)
    {
      csm_base_fail_errno (error, errno, "open a folder to pack");
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static gboolean walk_folder (Walk *walk,
                             const char *folder,
                             const char *path,
                             int depth,
                             GError **error);

static gboolean
walk_file (Walk *walk, const char *file, const char *path, GError **error)
{
  const int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat st;
  gboolean done = FALSE;

  if (fd < 0)
    return csm_base_fail_errno (error, errno, "open a file to pack");
  if (fstat (fd, &st) != 0)
    csm_base_fail_errno (error, errno, "look at a file to pack");
  else if (!S_ISREG (st.st_mode))
    fail_name (error, path);
  else if (walk->archive == NULL)
    {
      walk->total += st.st_size;
      done = TRUE;
    }
  else
    done = write_header (walk, path, st.st_size, false, error) &&
           write_content (walk, fd, st.st_size, error);
  (void) close (fd); /* opened for reading */
  return done;
}

static gboolean
walk_entry (Walk *walk,
            const char *folder,
            const char *path,
            const char *name,
            int depth,
            GError **error)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_autofree char *inside = g_strconcat (path, "/", name, NULL);
  struct stat st;

  if (lstat (file, &st) != 0)
    return csm_base_fail_errno (error, errno, "look at a file to pack");
  if (!g_str_is_ascii (name) || (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode)) ||
      depth > MAX_DEPTH)
    return fail_name (error, name);
  if (S_ISDIR (st.st_mode))
    return walk_folder (walk, file, inside, depth + 1, error);
  return walk_file (walk, file, inside, error);
}

static gboolean
walk_folder (Walk *walk, const char *folder, const char *path, int depth, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (folder, error);
  g_autofree char *slashed = g_strconcat (path, "/", NULL);

  if (names == NULL || (walk->archive != NULL && !write_header (walk, slashed, 0, true, error)))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!walk_entry (walk, folder, path, names->pdata[i], depth, error))
      return FALSE;
  return TRUE;
}

gboolean
csm_tar_measure (const char *folder, int64_t *ret_size, GError **error)
{
  Walk walk = { 0 };

  if (!walk_folder (&walk, folder, "", 0, error))
    return FALSE;
  *ret_size = walk.total;
  return TRUE;
}

gboolean
csm_tar_write_folder (const char *folder,
                      const char *name,
                      int64_t total,
                      CsmTarWrite write,
                      gpointer write_data,
                      CsmTarProgress progress,
                      gpointer progress_data,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autofree uint8_t *buffer = g_malloc (PIECE);
  Walk walk = { .total = total,
                .archive = archive_write_new (),
                .buffer = buffer,
                .write = write,
                .write_data = write_data,
                .progress = progress,
                .progress_data = progress_data,
                .cancellable = cancellable };
  gboolean done;

  /* pax headers only where ustar has no place. */
  if (archive_write_set_format_pax_restricted (walk.archive) != ARCHIVE_OK ||
      archive_write_add_filter_none (walk.archive) != ARCHIVE_OK ||
      archive_write_open (walk.archive, &walk, NULL, write_cb, NULL) != ARCHIVE_OK)
    done = fail_archive (&walk, error);
  else
    done = walk_folder (&walk, folder, name, 0, error);
  /* Closing writes the end, and leaks when it cannot: after a failure it goes nowhere. */
  walk.stopped = !done;
  if (archive_write_close (walk.archive) != ARCHIVE_OK && done)
    done = fail_archive (&walk, error);
  (void) archive_write_free (walk.archive); /* closed */
  g_clear_error (&walk.failed);
  return done;
}
