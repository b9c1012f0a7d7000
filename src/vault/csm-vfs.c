/* csm-vfs.c: the SQLite VFS "casement": open vaults by path, and nothing else
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-vfs-private.h"

#include <sodium.h>

#include <errno.h>
#include <string.h>

#define PATH_SIZE 4096

typedef union
{
  sqlite3_file parent;
  CsmVfsMain main;
  CsmVfsWal wal;
  CsmVfsTemp temp;
} AnyFile;

/* Guarded by registry_lock */
static GHashTable *registry; /* path: CsmVault, both borrowed */

static GMutex registry_lock;

static CsmVault *
find_vault (const char *path, size_t size)
{
  g_autofree char *key = g_strndup (path, size);
  CsmVault *vault = NULL;

  g_mutex_lock (&registry_lock);
  if (registry != NULL)
    vault = g_hash_table_lookup (registry, key);
  g_mutex_unlock (&registry_lock);
  return vault;
}

static CsmVault *
find_vault_of_wal (const char *path)
{
  return g_str_has_suffix (path, "-wal") ? find_vault (path, strlen (path) - 4) : NULL;
}

int
csm_vfs_from_errno (int failed, int otherwise)
{
  if (failed == ENOSPC || failed == EDQUOT || failed == EFBIG)
    return SQLITE_FULL;
  return failed == ENOMEM ? SQLITE_IOERR_NOMEM : otherwise;
}

int
csm_vfs_lock (sqlite3_file *file, int level)
{
  return SQLITE_OK;
}

int
csm_vfs_check_reserved_lock (sqlite3_file *file, int *ret_held)
{
  *ret_held = 0;
  return SQLITE_OK;
}

int
csm_vfs_sector_size (sqlite3_file *file)
{
  return CSM_PAGE_SIZE;
}

int
csm_vfs_device_characteristics (sqlite3_file *file)
{
  /* True because a page or frame is exactly one aligned block: a write never touches a sector
   * that holds anything else. */
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
open_named (const char *path, AnyFile *file, int flags)
{
  CsmVault *vault;

  if (flags & SQLITE_OPEN_MAIN_DB)
    {
      vault = find_vault (path, strlen (path));
      return vault != NULL ? csm_vfs_main_open (&file->main, vault) : SQLITE_CANTOPEN;
    }
  if (flags & SQLITE_OPEN_WAL)
    {
      vault = find_vault_of_wal (path);
      return vault != NULL ? csm_vfs_wal_open (&file->wal, vault) : SQLITE_CANTOPEN;
    }
  /* Rollback and super journals: a case never has one. */
  return SQLITE_CANTOPEN;
}

static int
vfs_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
  const int temporary = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TRANSIENT_DB |
                        SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_SUBJOURNAL;
  AnyFile *any = (AnyFile *) file;
  int rc;

  memset (any, 0, sizeof *any);
  if (flags & temporary || path == NULL)
    rc = csm_vfs_temp_open (&any->temp);
  else
    rc = open_named (path, any, flags);
  if (rc != SQLITE_OK)
    {
      file->pMethods = NULL;
      return rc;
    }
  if (ret_flags != NULL)
    *ret_flags = flags;
  if (ret_flags != NULL && path != NULL && !(flags & temporary))
    {
      const CsmVault *vault = flags & SQLITE_OPEN_MAIN_DB ? any->main.vault : any->wal.vault;

      if (vault->read_only)
        *ret_flags =
            (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    }
  return SQLITE_OK;
}

/* SQLite deletes the WAL when it closes, after a whole checkpoint. */
static int
vfs_delete (sqlite3_vfs *vfs, const char *path, int sync_folder)
{
  CsmVault *vault = find_vault_of_wal (path);
  int failed = 0;

  if (vault == NULL)
    return SQLITE_IOERR_DELETE_NOENT;
  if (csm_vault_refuses_writes (vault))
    return SQLITE_READONLY;
  if (vault->binding.state != CSM_WAL_CLEAN)
    failed = csm_vault_bind (vault, CSM_WAL_CLEAN, NULL);
  if (failed == 0)
    failed = vault->disk->unlink (path);
  if (failed == ENOENT)
    return SQLITE_IOERR_DELETE_NOENT;
  if (failed == 0 && sync_folder)
    failed = vault->disk->sync_folder (path);
  return failed == 0 ? SQLITE_OK : csm_vfs_from_errno (failed, SQLITE_IOERR_DELETE);
}

static int
vfs_access (sqlite3_vfs *vfs, const char *path, int flags, int *ret_answer)
{
  CsmVault *vault = find_vault_of_wal (path);

  *ret_answer = 0;
  if (vault != NULL)
    *ret_answer = vault->disk->exists (path);
  else if (find_vault (path, strlen (path)) != NULL)
    *ret_answer = 1;
  return SQLITE_OK;
}

static int
vfs_full_pathname (sqlite3_vfs *vfs, const char *path, int size, char *ret_path)
{
  if (g_strlcpy (ret_path, path, (gsize) size) >= (gsize) size)
    return SQLITE_CANTOPEN;
  return SQLITE_OK;
}

static int
vfs_randomness (sqlite3_vfs *vfs, int size, char *ret_bytes)
{
  randombytes_buf (ret_bytes, (size_t) size);
  return size;
}

static int
vfs_sleep (sqlite3_vfs *vfs, int microseconds)
{
  g_usleep ((gulong) microseconds);
  return microseconds;
}

static int
vfs_current_time_int64 (sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
  /* Milliseconds since noon of 24 November 4714 before our era. */
  *ret_ms = G_GINT64_CONSTANT (210866760000000) + g_get_real_time () / 1000;
  return SQLITE_OK;
}

static int
vfs_current_time (sqlite3_vfs *vfs, double *ret_days)
{
  sqlite3_int64 ms;

  (void) vfs_current_time_int64 (vfs, &ms); /* cannot fail */
  *ret_days = (double) ms / 86400000.0;
  return SQLITE_OK;
}

static int
vfs_get_last_error (sqlite3_vfs *vfs, int size, char *ret_text)
{
  return 0;
}

static sqlite3_vfs casement_vfs = {
  .iVersion = 2,
  .szOsFile = (int) sizeof (AnyFile),
  .mxPathname = PATH_SIZE,
  .zName = "casement",
  .xOpen = vfs_open,
  .xDelete = vfs_delete,
  .xAccess = vfs_access,
  .xFullPathname = vfs_full_pathname,
  .xRandomness = vfs_randomness,
  .xSleep = vfs_sleep,
  .xCurrentTime = vfs_current_time,
  .xGetLastError = vfs_get_last_error,
  .xCurrentTimeInt64 = vfs_current_time_int64,
};

void
csm_vfs_register (CsmVault *vault)
{
  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    {
      registry = g_hash_table_new (g_str_hash, g_str_equal);
      /* Not the default: nothing else in the process meets it by accident. */
      if (sqlite3_vfs_register (&casement_vfs, 0) != SQLITE_OK)
        g_error ("SQLite takes no VFS");
    }
  g_hash_table_insert (registry, vault->path, vault);
  g_mutex_unlock (&registry_lock);
}

void
csm_vfs_unregister (CsmVault *vault)
{
  g_mutex_lock (&registry_lock);
  if (registry != NULL && vault->path != NULL &&
      g_hash_table_lookup (registry, vault->path) == vault)
    g_hash_table_remove (registry, vault->path);
  g_mutex_unlock (&registry_lock);
}
