/* csm-vfs-main.c: the main file's pages as SQLite reads and writes them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-vfs-private.h"

#include <sodium.h>
#include <string.h>

static int
main_close (sqlite3_file *file)
{
  CsmVfsMain *self = (CsmVfsMain *) file;

  self->vault->has_database = false;
  sodium_memzero (self->plain, sizeof self->plain);
  return SQLITE_OK;
}

static bool
is_peek (int size, sqlite3_int64 offset)
{
  return (offset == 0 && size <= 100) || (offset == 24 && size == 16);
}

/* SQLite peeks at page 1 before it has looked at the WAL, when the page may be torn. What it
 * wants to know is fixed by the format. */
static int
answer_peek (void *buffer, int size, sqlite3_int64 offset)
{
  static const uint8_t header[100] = "SQLite format 3\0"
                                     "\x10\x00\x02\x02\x68\x40\x20\x20";

  G_STATIC_ASSERT (CSM_PAGE_SIZE == 0x1000 && CSM_PAGE_RESERVE == 0x68);
  memcpy (buffer, header + offset, (size_t) size);
  return SQLITE_OK;
}

/* The whole page into self->plain. SQLITE_IOERR_DATA when it may not be used, and @ret_fault
 * says why. */
static int
load_page (CsmVfsMain *self, int64_t number, CsmPageFault *ret_fault)
{
  CsmVault *vault = self->vault;
  size_t got = 0;
  const int failed = vault->disk->read (vault->file, self->sealed, CSM_PAGE_SIZE,
                                        CSM_PAGES_OFFSET + number * CSM_PAGE_SIZE, &got);

  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_READ);
  *ret_fault = CSM_PAGE_DAMAGED;
  if (got != CSM_PAGE_SIZE || !csm_page_open (self->plain, self->sealed, (uint64_t) number,
                                              vault->header.file_id, vault->page_key))
    return SQLITE_IOERR_DATA;
  *ret_fault = CSM_PAGE_STALE;
  return csm_vault_is_stale (vault, (uint64_t) number, CSM_PAGE_TAG (self->sealed))
             ? SQLITE_IOERR_DATA
             : SQLITE_OK;
}

static int
fail_read (CsmVfsMain *self, void *buffer, int size, CsmPageFault fault, int64_t number)
{
  csm_vault_set_page_fault (self->vault, fault, number);
  memset (buffer, 0, (size_t) size);
  return SQLITE_IOERR_DATA;
}

static int
main_read (sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset)
{
  CsmVfsMain *self = (CsmVfsMain *) file;
  const int64_t number = offset / CSM_PAGE_SIZE;
  const int64_t within = offset % CSM_PAGE_SIZE;
  CsmPageFault fault = CSM_PAGE_MISSING;
  int rc;

  if (offset + size > self->size)
    {
      memset (buffer, 0, (size_t) size);
      return csm_vault_knows_page (self->vault, (uint64_t) number) && !is_peek (size, offset)
                 ? fail_read (self, buffer, size, fault, number)
                 : SQLITE_IOERR_SHORT_READ;
    }
  if (within + size > CSM_PAGE_SIZE)
    return SQLITE_IOERR_READ;
  rc = load_page (self, number, &fault);
  if (rc == SQLITE_OK)
    memcpy (buffer, self->plain + within, (size_t) size);
  else if (rc == SQLITE_IOERR_DATA && is_peek (size, offset))
    return answer_peek (buffer, size, offset);
  else if (rc == SQLITE_IOERR_DATA)
    return fail_read (self, buffer, size, fault, number);
  else
    memset (buffer, 0, (size_t) size);
  return rc;
}

/* What comes before the first change of the main file. */
static int
prepare_change (CsmVault *vault)
{
  int failed;

  if (csm_vault_refuses_writes (vault))
    return SQLITE_READONLY;
  failed = csm_vault_save_first_table (vault);
  return failed == 0 ? SQLITE_OK : csm_vfs_from_errno (failed, SQLITE_IOERR_WRITE);
}

static int
write_page (CsmVfsMain *self, const uint8_t *page, int64_t number)
{
  CsmVault *vault = self->vault;
  int failed;

  csm_page_seal (self->sealed, page, (uint64_t) number, vault->header.file_id, vault->page_key);
  failed = vault->disk->write (vault->file, self->sealed, CSM_PAGE_SIZE,
                               CSM_PAGES_OFFSET + number * CSM_PAGE_SIZE);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_WRITE);
  self->size = MAX (self->size, (number + 1) * CSM_PAGE_SIZE);
  return csm_vault_note_page (vault, (uint64_t) number, CSM_PAGE_TAG (self->sealed))
             ? SQLITE_OK
             : SQLITE_IOERR_NOMEM;
}

/* There are no holes: what SQLite leaves out is sealed as zeros. */
static int
fill_to (CsmVfsMain *self, int64_t size)
{
  static const uint8_t zeros[CSM_PAGE_SIZE];
  int rc = SQLITE_OK;

  while (rc == SQLITE_OK && self->size < size)
    rc = write_page (self, zeros, self->size / CSM_PAGE_SIZE);
  return rc;
}

static int
main_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
  CsmVfsMain *self = (CsmVfsMain *) file;
  const uint8_t *page = data;
  int rc;

  if (size != CSM_PAGE_SIZE || offset % CSM_PAGE_SIZE != 0)
    return SQLITE_IOERR_WRITE;
  /* A database of another shape would lose what it keeps in the reserved bytes. */
  if (offset == 0 &&
      (page[16] != CSM_PAGE_SIZE >> 8 || page[17] != 0 || page[20] != CSM_PAGE_RESERVE))
    return SQLITE_IOERR_WRITE;
  rc = prepare_change (self->vault);
  if (rc == SQLITE_OK)
    rc = fill_to (self, offset);
  return rc != SQLITE_OK ? rc : write_page (self, page, offset / CSM_PAGE_SIZE);
}

static int
main_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  CsmVfsMain *self = (CsmVfsMain *) file;
  CsmVault *vault = self->vault;
  const int64_t whole = (size + CSM_PAGE_SIZE - 1) / CSM_PAGE_SIZE * CSM_PAGE_SIZE;
  int rc = prepare_change (vault);
  int failed;

  if (rc != SQLITE_OK)
    return rc;
  if (whole > self->size)
    return fill_to (self, whole);
  failed = vault->disk->truncate (vault->file, CSM_PAGES_OFFSET + whole);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_TRUNCATE);
  self->size = whole;
  return csm_vault_note_size (vault, (uint64_t) (whole / CSM_PAGE_SIZE)) ? SQLITE_OK
                                                                         : SQLITE_IOERR_NOMEM;
}

static int
main_sync (sqlite3_file *file, int flags)
{
  CsmVault *vault = ((CsmVfsMain *) file)->vault;
  int failed = vault->disk->sync (vault->file);

  /* Only now are the pages what the table says. */
  if (failed == 0 && !csm_vault_refuses_writes (vault))
    failed = csm_vault_store_freshness (vault);
  return failed == 0 ? SQLITE_OK : csm_vfs_from_errno (failed, SQLITE_IOERR_FSYNC);
}

static int
main_file_size (sqlite3_file *file, sqlite3_int64 *ret_size)
{
  *ret_size = ((CsmVfsMain *) file)->size;
  return SQLITE_OK;
}

/* Settings that the format stands on; reading them is free. */
static int
check_pragma (CsmVfsMain *self, char **words)
{
  static const char *const fixed[] = { "journal_mode", "locking_mode", "synchronous",
                                       "cache_spill",  "temp_store",   "mmap_size",
                                       "page_size" };

  if (!self->vault->is_settled || words[2] == NULL)
    return SQLITE_NOTFOUND;
  for (size_t i = 0; i < G_N_ELEMENTS (fixed); i++)
    if (g_ascii_strcasecmp (words[1], fixed[i]) == 0)
      {
        words[0] = sqlite3_mprintf ("%s is fixed by the format of the case file", fixed[i]);
        return SQLITE_ERROR;
      }
  return SQLITE_NOTFOUND;
}

static int
main_file_control (sqlite3_file *file, int op, void *arg)
{
  CsmVfsMain *self = (CsmVfsMain *) file;

  switch (op)
    {
    case SQLITE_FCNTL_SIZE_HINT: /* would make holes */
    case SQLITE_FCNTL_CHUNK_SIZE:
      return SQLITE_OK;
    case SQLITE_FCNTL_MMAP_SIZE:
      *(sqlite3_int64 *) arg = 0;
      return SQLITE_OK;
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
      *(int *) arg = 1;
      return SQLITE_OK;
    case SQLITE_FCNTL_HAS_MOVED:
      *(int *) arg = 0;
      return SQLITE_OK;
    case SQLITE_FCNTL_VFSNAME:
      *(char **) arg = sqlite3_mprintf ("casement");
      return SQLITE_OK;
    case SQLITE_FCNTL_PRAGMA:
      return check_pragma (self, arg);
    default:
      return SQLITE_NOTFOUND;
    }
}

static const sqlite3_io_methods main_methods = {
  .iVersion = 1, /* no shared memory, no mmap */
  .xClose = main_close,
  .xRead = main_read,
  .xWrite = main_write,
  .xTruncate = main_truncate,
  .xSync = main_sync,
  .xFileSize = main_file_size,
  .xLock = csm_vfs_lock,
  .xUnlock = csm_vfs_lock,
  .xCheckReservedLock = csm_vfs_check_reserved_lock,
  .xFileControl = main_file_control,
  .xSectorSize = csm_vfs_sector_size,
  .xDeviceCharacteristics = csm_vfs_device_characteristics,
};

int
csm_vfs_main_open (CsmVfsMain *self, CsmVault *vault)
{
  int64_t size = 0;

  if (vault->has_database)
    return SQLITE_BUSY;
  if (vault->disk->get_size (vault->file, &size) != 0)
    return SQLITE_IOERR_FSTAT;
  self->vault = vault;
  /* A crash in the middle of a checkpoint can leave part of a page; the WAL has it whole. */
  self->size = MAX (size - CSM_PAGES_OFFSET, 0) / CSM_PAGE_SIZE * CSM_PAGE_SIZE;
  self->parent.pMethods = &main_methods;
  vault->has_database = true;
  vault->is_settled = false;
  /* SQLite would say only that something is wrong. */
  if (vault->binding.state == CSM_WAL_CLEAN &&
      csm_vault_knows_page (vault, (uint64_t) (self->size / CSM_PAGE_SIZE)))
    csm_vault_set_page_fault (vault, CSM_PAGE_MISSING, self->size / CSM_PAGE_SIZE);
  return SQLITE_OK;
}
