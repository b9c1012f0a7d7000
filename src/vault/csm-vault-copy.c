/* csm-vault-copy.c: the main file copied as it is, checked, and put in place
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-copy-private.h"
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"
#include "vault/csm-vault-private.h"

#include <errno.h>
#include <string.h>

/* Looking at the target */

static gboolean
fail_taken (GError **error, const char *by)
{
  return csm_vault_fail (error, CSM_VAULT_ERROR_EXISTS,
                         "write the copy: %s has that name there; choose another folder", by);
}

static gboolean
examine_header (CsmVault *self, CsmDiskFile *file, GError **error)
{
  g_autofree CsmHeaderPair *pair = g_new (CsmHeaderPair, 1);
  g_autoptr (GError) local = NULL;
  const CsmHeader *there;

  if (!csm_header_pair_load (pair, file, &local))
    {
      if (g_error_matches (local, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NOT_A_CASE))
        return fail_taken (error, "something that is no case");
      g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                  "look at what is in the place of the copy: ");
      return FALSE;
    }
  there = &pair->header[pair->best];
  if (memcmp (there->case_id, self->header.case_id, CSM_VAULT_ID_SIZE) != 0)
    return fail_taken (error, "another case");
  if (there->seq > self->header.seq)
    return csm_vault_fail (error, CSM_VAULT_ERROR_EXISTS,
                           "write the copy: the copy of this case that is there has newer keys "
                           "than this one; open that one, or choose another folder");
  return TRUE;
}

gboolean
csm_vault_examine_target (CsmVault *self,
                          const char *path,
                          CsmCopyTarget *ret_target,
                          GError **error)
{
  CsmDiskFile *file = NULL;
  gboolean done;
  int failed;

  g_return_val_if_fail (self != NULL && path != NULL && ret_target != NULL, FALSE);

  failed = self->disk->open (path, CSM_DISK_WRITE, &file);
  if (failed == ENOENT)
    {
      *ret_target = CSM_COPY_TARGET_FREE;
      return TRUE;
    }
  if (failed == EISDIR || failed == ELOOP)
    return fail_taken (error, "a folder or a link");
  if (failed != 0)
    return csm_copy_fail (error, failed);
  failed = self->disk->lock (file, true);
  if (failed == EAGAIN)
    done =
        csm_vault_fail (error, CSM_VAULT_ERROR_BUSY,
                        "write the copy: the copy that is there is open in another window or "
                        "program; close it there");
  else
    done = examine_header (self, file, error);
  self->disk->close (file);
  if (done)
    *ret_target = CSM_COPY_TARGET_OURS;
  return done;
}

/* Copying */

gboolean
csm_vault_get_size (CsmVault *self, int64_t *ret_size, GError **error)
{
  const int failed = self->disk->get_size (self->file, ret_size);

  return failed == 0 ? TRUE : csm_vault_fail_errno (error, failed, "read the case's size");
}

/* One run. */
typedef struct
{
  CsmVault *vault;
  const CsmCopyWatch *watch;
  const char *part_path;
  CsmDiskFile *file;
  uint64_t above_seq; /* roots of an earlier copy at the target */
  int64_t size;
  int64_t done, total; /* for people */
  uint8_t *buffer;
} Copy;

static gboolean
read_source (Copy *self, uint8_t *buffer, size_t size, int64_t offset, GError **error)
{
  size_t got = 0;
  int failed = self->vault->disk->read (self->vault->file, buffer, size, offset, &got);

  if (failed == 0 && got != size)
    failed = EIO;
  return failed == 0 ? TRUE : csm_vault_fail_errno (error, failed, "read the case file");
}

static gboolean
copy_range (Copy *self, int64_t from, int64_t to, GError **error)
{
  while (from < to)
    {
      const size_t n = (size_t) MIN (to - from, CSM_COPY_STEP);
      int failed;

      if (!read_source (self, self->buffer, n, from, error))
        return FALSE;
      failed = self->file->disk->write (self->file, self->buffer, n, from);
      if (failed != 0)
        return csm_copy_fail (error, failed);
      from += (int64_t) n;
      self->done += (int64_t) n;
      if (!csm_copy_step (self->watch, self->done, self->total, error))
        return FALSE;
    }
  return TRUE;
}

/* Pages cannot have changed since they were copied. */
static gboolean
compare_pages (Copy *self, GError **error)
{
  g_autofree uint8_t *again = g_malloc (CSM_COPY_STEP);

  for (int64_t at = CSM_PAGES_OFFSET; at < self->size; at += CSM_COPY_STEP)
    {
      const size_t n = (size_t) MIN (self->size - at, CSM_COPY_STEP);
      size_t got = 0;
      int failed = self->file->disk->read (self->file, again, n, at, &got);

      if (failed == 0 && got != n)
        failed = EIO;
      if (failed != 0)
        return csm_copy_fail (error, failed);
      if (!read_source (self, self->buffer, n, at, error))
        return FALSE;
      if (memcmp (again, self->buffer, n) != 0)
        return csm_vault_fail (error, CSM_VAULT_ERROR_IO,
                               "check the copy: it does not read back as it was written; use "
                               "another disk");
      if (!csm_copy_step (self->watch, self->done, self->total, error))
        return FALSE;
    }
  return TRUE;
}

/* The copy begins without a freshness table: its roots are first ones, numbered above what an
 * earlier copy there may have left. Then the vault's own check, with this vault's keys over the
 * other file. */
static gboolean
seal_and_check (Copy *self, GError **error)
{
  CsmVault copy = *self->vault;
  g_autoptr (GError) local = NULL;
  gboolean holds = FALSE;
  int failed;

  g_mutex_init (&copy.lock);
  copy.fault = NULL;
  copy.path = (char *) self->part_path;
  copy.file = self->file;
  copy.fresh.folder = NULL;
  copy.fresh.last_seq = MAX (copy.fresh.last_seq, self->above_seq);
  failed = csm_vault_write_first_root (&copy);
  if (failed != 0)
    csm_copy_fail (&local, failed);
  else
    holds = csm_vault_check (&copy, self->watch->cancellable, &local);
  g_free (copy.fresh.folder);
  g_free (copy.fault);
  g_mutex_clear (&copy.lock);
  if (!holds)
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "check the copy: ");
  return holds;
}

static gboolean
fill_part (Copy *self, GError **error)
{
  if (!csm_vault_get_size (self->vault, &self->size, error))
    return FALSE;
  /* A log that a crash left before its first frame holds nothing. */
  if (self->vault->binding.state == CSM_WAL_LIVE)
    return csm_vault_fail (error, CSM_VAULT_ERROR_BUSY,
                           "copy the case: its last changes are being written; try again");
  return copy_range (self, 0, CSM_PAGES_OFFSET, error) &&
         copy_range (self, CSM_PAGES_OFFSET, self->size, error) &&
         csm_copy_sync (self->file, error) && compare_pages (self, error) &&
         seal_and_check (self, error);
}

/* Also those of files that an earlier copy, which was cut off, left there. */
static gboolean
sync_names (CsmMediaStore *store, GError **error)
{
  g_autofree char *marker =
      g_build_filename (csm_media_store_get_path (store), CSM_MEDIA_MARKER, NULL);
  const int failed = csm_media_store_get_disk (store)->sync_folder (marker);

  return failed == 0 ? TRUE : csm_copy_fail (error, failed);
}

gboolean
csm_vault_copy (CsmVault *self,
                const char *path,
                CsmMediaStore *target_media,
                int64_t offset,
                int64_t total,
                const CsmCopyWatch *watch,
                GError **error)
{
  g_autofree uint8_t *buffer = g_malloc (CSM_COPY_STEP);
  g_autofree char *part_path = NULL;
  Copy copy = {
    .vault = self, .watch = watch, .done = offset, .total = total, .buffer = buffer
  };
  gboolean done;

  g_return_val_if_fail (self != NULL && path != NULL && watch != NULL, FALSE);
  g_return_val_if_fail (target_media != NULL, FALSE);

  csm_copy_sweep (path);
  part_path = csm_copy_dup_part_path (path);
  copy.part_path = part_path;
  copy.above_seq = csm_vault_find_root_seq (self, path);
  copy.file = csm_copy_create (part_path, error);
  if (copy.file == NULL)
    return FALSE;
  done = fill_part (&copy, error) && sync_names (target_media, error) &&
         csm_copy_rename (part_path, path, error);
  if (done)
    csm_vault_drop_tables (self, path);
  if (!done)
    (void) self->disk->unlink (part_path); /* what stays is swept by the next copy */
  self->disk->close (copy.file);
  return done;
}

CsmVault *
csm_vault_open_twin (CsmVault *self, const char *path, GError **error)
{
  g_autoptr (CsmVault) twin = csm_vault_new (CSM_VAULT_OPEN_READ_ONLY);
  g_autofree CsmHeaderPair *pair = g_new (CsmHeaderPair, 1);

  g_return_val_if_fail (self != NULL && path != NULL, NULL);

  if (!csm_vault_take_file (twin, path, error) ||
      !csm_header_pair_load (pair, twin->file, error))
    return NULL;
  if (memcmp (pair->header[pair->best].file_id, self->header.file_id, CSM_VAULT_ID_SIZE) != 0)
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_WRONG_PASSPHRASE,
                      "open the copy: it has another data key; open it by its passphrase");
      return NULL;
    }
  csm_vault_set_data_key (twin, csm_secret_ref (self->data_key));
  if (!csm_vault_settle_header (twin, pair, error) || !csm_vault_load_binding (twin, error) ||
      !csm_vault_check_wal (twin, error))
    return NULL;
  csm_vfs_register (twin);
  return g_steal_pointer (&twin);
}
