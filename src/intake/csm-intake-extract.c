/* csm-intake-extract.c: what leaves the case: written, recorded, then named
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "base/csm-file.h"
#include "base/csm-json.h"
#include "intake/csm-intake.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE (256 * 1024)
#define PROGRESS_STEP (1024 * 1024)

/* A file under a temporary name: unlinked unless it got its own. */
typedef struct
{
  char *path; /* (nullable) */
  int fd;
} Part;

static void
part_clear (Part *self)
{
  if (self->fd >= 0)
    close (self->fd);
  if (self->path != NULL)
    (void) unlink (self->path); /* nothing is left to do when this fails */
  g_free (self->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Part, part_clear)

static gboolean
part_open (Part *self, const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *name = g_strdup_printf ("%s.%08x.part", path, g_random_int ());
  struct stat st;

  if (lstat (path, &st) == 0)
    return csm_base_fail_errno (error, EEXIST, shown);
  self->fd = open (name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->fd < 0)
    return csm_base_fail_errno (error, errno, shown);
  self->path = g_steal_pointer (&name);
  return TRUE;
}

static gboolean
copy_out (CsmByteSource *source,
          int fd,
          CsmDigest *ret_sha256,
          CsmProgressCallback progress,
          gpointer data,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (CsmHasher) hasher = csm_hasher_new ();
  g_autofree uint8_t *buffer = g_malloc (BUFFER_SIZE);
  int64_t size = csm_byte_source_get_size (source);
  int64_t told = 0;

  for (int64_t done = 0; done < size;)
    {
      ssize_t n = csm_byte_source_read_at (source, done, buffer, BUFFER_SIZE, error);

      if (n < 0 || g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (n == 0)
        return csm_base_fail_errno (error, ENODATA, "the exhibit ends early");
      csm_hasher_update (hasher, buffer, (size_t) n);
      if (!csm_fd_write_all (fd, buffer, (size_t) n, error))
        return FALSE;
      done += n;
      if (progress != NULL && (done - told >= PROGRESS_STEP || done == size))
        progress (told = done, size, data);
    }
  csm_hasher_finish (hasher, ret_sha256);
  if (fsync (fd) != 0)
    return csm_base_fail_errno (error, errno, "write to the disk");
  return TRUE;
}

static gboolean
record (CsmCase *acase,
        const char *what,
        const CsmId *exhibit,
        json_t *detail,
        const CsmDigest *sha256,
        GError **error)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  /* A case that cannot be written to cannot be kept from being copied either. */
  if (csm_case_is_read_only (acase) || csm_case_get_self (acase) == NULL)
    return TRUE;
  csm_digest_to_hex (sha256, hex);
  json_object_set_new (detail, "sha256", json_string (hex));
  return csm_case_record_access (acase, what, exhibit, detail, error);
}

/* The file has its entry: now it gets its name. */
static gboolean
part_publish (Part *self, const char *path, GError **error)
{
  if (!csm_file_rename_new (self->path, path, error))
    {
      g_prefix_error (error, "the ledger says that it left, but the file could not get its "
                             "name: ");
      return FALSE;
    }
  g_clear_pointer (&self->path, g_free);
  return csm_file_sync_folder (path, error);
}

gboolean
csm_intake_export (CsmCase *acase,
                   const char *path,
                   GBytes *bytes,
                   const CsmId *exhibit,
                   json_t *detail,
                   GError **error)
{
  g_return_val_if_fail (acase != NULL && path != NULL && bytes != NULL && detail != NULL,
                        FALSE);
  g_autoptr (json_t) held = detail;
  g_auto (Part) part = { NULL, -1 };
  CsmDigest sha256;
  size_t size;
  const void *data = g_bytes_get_data (bytes, &size);

  csm_sha256 (data, size, &sha256);
  if (!part_open (&part, path, error) || !csm_fd_write_all (part.fd, data, size, error))
    return FALSE;
  if (fsync (part.fd) != 0)
    return csm_base_fail_errno (error, errno, "write to the disk");
  return record (acase, "exported", exhibit, held, &sha256, error) &&
         part_publish (&part, path, error);
}

gboolean
csm_intake_extract (CsmCase *acase,
                    const CsmId *exhibit,
                    const char *path,
                    CsmProgressCallback progress,
                    gpointer data,
                    GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && path != NULL, FALSE);
  g_autoptr (CsmExhibit) row = csm_case_get_exhibit (acase, exhibit, error);
  g_autoptr (CsmByteSource) source = NULL;
  g_autoptr (json_t) detail = json_object ();
  g_auto (Part) part = { NULL, -1 };
  CsmDigest sha256;

  if (row == NULL || (source = csm_case_read_media (acase, exhibit, error)) == NULL)
    return FALSE;
  if (!part_open (&part, path, error) ||
      !copy_out (source, part.fd, &sha256, progress, data, cancellable, error))
    return FALSE;
  if (!csm_digest_equal (&sha256, &row->sha256))
    {
      g_set_error (
          error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
          "%s: the bytes are not the ones that were brought in (their SHA-256 differs)",
          row->number);
      return FALSE;
    }
  return record (acase, "extracted", exhibit, detail, &sha256, error) &&
         part_publish (&part, path, error);
}
