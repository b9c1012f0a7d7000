/* csm-vault-rotate.c: the whole case under a new data key, in a new file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-seal.h"
#include "vault/csm-vault-database.h"
#include "vault/csm-vault-keys.h"
#include "vault/csm-vault-private.h"

#include <sodium.h>

#include <errno.h>
#include <string.h>

#define PAGES_A_WRITE 64

/* Everything goes into the main file, where the copy reads it. */
static gboolean
checkpoint (CsmVault *self, sqlite3 *db, GError **error)
{
  const int rc = sqlite3_wal_checkpoint_v2 (db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

  return rc == SQLITE_OK
             ? TRUE
             : csm_vault_fail_sql (self, db, rc, "bring the write-ahead log in", error);
}

/* Slots as they were, with the new data key. */
static gboolean
take_slots (CsmVault *next, const CsmVault *old, const uint8_t *without, GError **error)
{
  next->header = old->header;
  next->header.seq++;
  randombytes_buf (next->header.file_id, sizeof next->header.file_id);
  if (without != NULL && !csm_header_remove_slot (&next->header, without, error))
    return FALSE;
  csm_vault_set_data_key (next, csm_secret_new_random (CSM_KEY_SIZE));
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    if (next->header.slots[i].type != 0)
      csm_slot_seal_data_key (&next->header.slots[i], &next->header, next->data_key);
  memcpy (next->own_slot, old->own_slot, sizeof next->own_slot);
  next->slot_secret = csm_secret_ref (old->slot_secret);
  return TRUE;
}

/* Pages @first to @first + @n - 1, through the VFS, which knows a page that is not the one that
 * was written last; sealed anew into @sealed. */
static int
seal_pages (CsmVault *next, sqlite3_file *file, int64_t first, int n, uint8_t *sealed)
{
  uint8_t plain[CSM_PAGE_SIZE];
  int rc = SQLITE_OK;

  for (int i = 0; rc == SQLITE_OK && i < n; i++)
    {
      rc = file->pMethods->xRead (file, plain, CSM_PAGE_SIZE, (first + i) * CSM_PAGE_SIZE);
      csm_page_seal (sealed + i * CSM_PAGE_SIZE, plain, (uint64_t) (first + i),
                     next->header.file_id, next->page_key);
      if (rc == SQLITE_OK &&
          !csm_vault_note_page (next, (uint64_t) (first + i),
                                sealed + (i + 1) * CSM_PAGE_SIZE - CSM_TAG_SIZE))
        rc = SQLITE_NOMEM;
    }
  sodium_memzero (plain, sizeof plain);
  return rc;
}

static gboolean
copy_pages (CsmVault *self,
            CsmVault *next,
            sqlite3 *db,
            CsmVaultProgress progress,
            gpointer data,
            GCancellable *cancellable,
            GError **error)
{
  g_autofree uint8_t *sealed = g_malloc (PAGES_A_WRITE * CSM_PAGE_SIZE);
  sqlite3_file *file = NULL;
  sqlite3_int64 size = 0;
  int64_t n_pages;
  int rc = sqlite3_file_control (db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

  if (rc == SQLITE_OK)
    rc = file->pMethods->xFileSize (file, &size);
  n_pages = size / CSM_PAGE_SIZE;
  for (int64_t first = 0; rc == SQLITE_OK && first < n_pages; first += PAGES_A_WRITE)
    {
      const int n = (int) MIN (PAGES_A_WRITE, n_pages - first);
      int failed;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      rc = seal_pages (next, file, first, n, sealed);
      if (rc != SQLITE_OK)
        break;
      failed = next->disk->write (next->file, sealed, (size_t) n * CSM_PAGE_SIZE,
                                  CSM_PAGES_OFFSET + first * CSM_PAGE_SIZE);
      if (failed != 0)
        return csm_vault_fail_errno (error, failed, "write the case under its new key");
      if (progress != NULL)
        progress (first + n, n_pages, data);
    }
  return rc == SQLITE_OK
             ? TRUE
             : csm_vault_fail_sql (self, NULL, rc, "read the case to change its key", error);
}

CsmVault *
csm_vault_rotate (CsmVault *self,
                  sqlite3 *db,
                  const uint8_t *without,
                  CsmVaultProgress progress,
                  gpointer data,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (CsmVault) next = NULL;

  g_return_val_if_fail (self->final_path == NULL && db != NULL, NULL);

  if (!csm_vault_check_writable (self, error) || !checkpoint (self, db, error))
    return NULL;
  csm_vault_sweep (self);
  next = csm_vault_new (CSM_VAULT_OPEN_WRITE);
  next->final_path = g_strdup (self->path);
  if (!take_slots (next, self, without, error) || !csm_vault_make_part (next, error) ||
      !csm_vault_write_first_headers (next, error) ||
      !copy_pages (self, next, db, progress, data, cancellable, error))
    return NULL;
  csm_vfs_register (next);
  return g_steal_pointer (&next);
}

gboolean
csm_vault_replace (CsmVault *self, CsmVault *old, GError **error)
{
  int failed;

  g_return_val_if_fail (self->final_path != NULL && !self->has_database, FALSE);
  g_return_val_if_fail (!old->has_database, FALSE);

  if (self->binding.state != CSM_WAL_CLEAN)
    return csm_vault_fail_errno (error, EIO, "finish the case's database");
  failed = csm_vault_write_first_root (self);
  if (failed == 0)
    failed = self->disk->rename_over (self->path, self->final_path);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "put the case under its new key in place");
  csm_vfs_unregister (old);
  csm_vfs_unregister (self);
  g_free (self->path);
  self->path = g_steal_pointer (&self->final_path);
  csm_vfs_register (self);
  failed = self->disk->sync_folder (self->path);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "sync the case's folder");
  return TRUE;
}

/* ".NAME.XXXXXXXX.part", and the WAL of such a file. */
static bool
is_part_of (const char *name, const char *base)
{
  const size_t size = strlen (base);

  return name[0] == '.' && strncmp (name + 1, base, size) == 0 && name[size + 1] == '.' &&
         strspn (name + size + 2, "0123456789abcdef") == 8 &&
         (strcmp (name + size + 10, ".part") == 0 ||
          strcmp (name + size + 10, ".part-wal") == 0);
}

void
csm_vault_sweep (CsmVault *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *base = g_path_get_basename (self->path);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_if_fail (!self->read_only);

  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      CsmDiskFile *file = NULL;

      if (!is_part_of (name, base) || self->disk->open (path, CSM_DISK_WRITE, &file) != 0)
        continue;
      /* What cannot be taken away is tried again another time. */
      if (self->disk->lock (file, true) == 0)
        (void) self->disk->unlink (path);
      self->disk->close (file);
    }
}
