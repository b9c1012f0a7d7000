/* csm-media-copy.c: stored files copied from one media store to another, as they are
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-copy-private.h"
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"

#include <errno.h>
#include <sys/stat.h>

bool
csm_media_store_has (CsmMediaStore *self, const CsmMediaRef *ref)
{
  g_autoptr (CsmMediaFile) file = csm_media_file_open (self, ref, NULL);

  return file != NULL;
}

int64_t
csm_media_store_measure (CsmMediaStore *self, const CsmMediaRef *ref)
{
  int64_t size = 0;

  for (int part = 0; part < CSM_MEDIA_MAX_PARTS; part++)
    {
      g_autofree char *path = csm_media_store_dup_part_path (self, ref->name, part, false);
      struct stat st;

      if (stat (path, &st) == 0 && S_ISREG (st.st_mode))
        size += st.st_size;
    }
  return size;
}

/* One run over the parts of a stored file. */
typedef struct
{
  CsmMediaStore *from, *to;
  const CsmMediaRef *ref;
  const CsmCopyWatch *watch;
  int64_t done, total;
  int n_parts;                    /* made in @to */
  int parts[CSM_MEDIA_MAX_PARTS]; /* their numbers */
  CsmDiskFile *files[CSM_MEDIA_MAX_PARTS];
} Copy;

static gboolean
copy_bytes (Copy *self, CsmDiskFile *from, CsmDiskFile *to, GError **error)
{
  g_autofree uint8_t *buffer = g_malloc (CSM_COPY_STEP);
  int64_t offset = 0;
  int64_t size = 0;
  int failed = from->disk->get_size (from, &size);

  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read an exhibit's stored file");
  while (offset < size)
    {
      const size_t n = (size_t) MIN (size - offset, CSM_COPY_STEP);
      size_t got = 0;

      failed = from->disk->read (from, buffer, n, offset, &got);
      if (failed == 0 && got != n)
        failed = ENODATA;
      if (failed != 0)
        return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                               "read an exhibit's stored file: %s; put a backup of it there",
                               g_strerror (failed));
      failed = to->disk->write (to, buffer, n, offset);
      if (failed != 0)
        return csm_copy_fail (error, failed);
      offset += (int64_t) n;
      self->done += (int64_t) n;
      if (!csm_copy_step (self->watch, self->done, self->total, error))
        return FALSE;
    }
  return csm_copy_sync (to, error);
}

/* TRUE also when there is no such part. */
static gboolean
copy_part (Copy *self, int part, GError **error)
{
  const CsmDisk *disk = csm_media_store_get_disk (self->from);
  g_autofree char *from_path =
      csm_media_store_dup_part_path (self->from, self->ref->name, part, false);
  g_autofree char *to_path =
      csm_media_store_dup_part_path (self->to, self->ref->name, part, true);
  CsmDiskFile *from = NULL;
  CsmDiskFile *to;
  gboolean done;
  const int failed = disk->open (from_path, CSM_DISK_READ, &from);

  if (failed == ENOENT)
    return TRUE;
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read an exhibit's stored file");
  (void) disk->unlink (to_path); /* of a run that was cut off: swept, or about to be */
  to = csm_copy_create (to_path, error);
  if (to != NULL)
    {
      self->parts[self->n_parts] = part;
      self->files[self->n_parts++] = to;
    }
  done = to != NULL && copy_bytes (self, from, to, error);
  disk->close (from);
  return done;
}

/* Part 0 last: its name says that the file is whole. */
static gboolean
name_parts (Copy *self, GError **error)
{
  for (int i = self->n_parts - 1; i >= 0; i--)
    {
      g_autofree char *from =
          csm_media_store_dup_part_path (self->to, self->ref->name, self->parts[i], true);
      g_autofree char *to =
          csm_media_store_dup_part_path (self->to, self->ref->name, self->parts[i], false);

      if (!csm_copy_rename (from, to, error))
        return FALSE;
    }
  return TRUE;
}

static void
copy_clear (Copy *self)
{
  for (int i = 0; i < self->n_parts; i++)
    {
      g_autofree char *path =
          csm_media_store_dup_part_path (self->to, self->ref->name, self->parts[i], true);

      /* Has its own name by now, unless something failed. */
      (void) self->files[i]->disk->unlink (path);
      self->files[i]->disk->close (self->files[i]);
    }
}

gboolean
csm_media_store_copy (CsmMediaStore *self,
                      CsmMediaStore *to,
                      const CsmMediaRef *ref,
                      int64_t offset,
                      int64_t total,
                      const CsmCopyWatch *watch,
                      GError **error)
{
  Copy copy = {
    .from = self, .to = to, .ref = ref, .watch = watch, .done = offset, .total = total
  };
  gboolean done = TRUE;

  g_return_val_if_fail (self != NULL && to != NULL && ref != NULL && watch != NULL, FALSE);

  for (int part = 0; done && part < CSM_MEDIA_MAX_PARTS; part++)
    done = copy_part (&copy, part, error);
  if (done && copy.n_parts == 0)
    done = csm_vault_fail (error, CSM_VAULT_ERROR_MEDIA_MISSING,
                           "read an exhibit's stored file: it is not there; put a backup of it "
                           "there");
  done = done && name_parts (&copy, error);
  copy_clear (&copy);
  return done;
}
