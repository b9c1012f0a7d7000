/* csm-copy.c: what copying the case file and copying stored media have in common
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-copy-private.h"

#include "vault/csm-fail.h"

#include <sodium.h>

#include <errno.h>
#include <string.h>

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
  const CsmDisk *disk = csm_disk_get ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GPtrArray) names = NULL;

  if (disk->list (folder, &names) != 0)
    return;
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *part = g_build_filename (folder, names->pdata[i], NULL);
      CsmDiskFile *file = NULL;

      if (!is_part_of (names->pdata[i], base) || disk->open (part, CSM_DISK_WRITE, &file) != 0)
        continue;
      /* What is held is being written; what cannot be removed goes another time. */
      if (disk->lock (file, true) == 0)
        (void) disk->unlink (part);
      disk->close (file);
    }
}

CsmDiskFile *
csm_copy_create (const char *path, GError **error)
{
  const CsmDisk *disk = csm_disk_get ();
  CsmDiskFile *file = NULL;
  const int failed = disk->open (path, CSM_DISK_CREATE, &file);

  if (failed != 0)
    {
      csm_copy_fail (error, failed);
      return NULL;
    }
  /* Where there are no locks, there is no sweep by another process either. */
  (void) disk->lock (file, true);
  return file;
}

gboolean
csm_copy_sync (CsmDiskFile *file, GError **error)
{
  const int failed = file->disk->sync (file);

  return failed == 0 ? TRUE : csm_copy_fail (error, failed);
}

gboolean
csm_copy_rename (const char *from, const char *to, GError **error)
{
  const CsmDisk *disk = csm_disk_get ();
  int failed = disk->rename_over (from, to);

  if (failed == 0)
    failed = disk->sync_folder (to);
  return failed == 0 ? TRUE : csm_copy_fail (error, failed);
}

gboolean
csm_copy_step (const CsmCopyWatch *watch, int64_t done, int64_t total, GError **error)
{
  if (watch->progress != NULL)
    watch->progress (done, total, watch->data);
  return !g_cancellable_set_error_if_cancelled (watch->cancellable, error);
}
