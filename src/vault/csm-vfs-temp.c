/* csm-vfs-temp.c: what SQLite would put into a temporary file stays in memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-vfs-private.h"

#include <sodium.h>
#include <string.h>

#define BLOCK_SIZE 65536

static void
block_free (gpointer block)
{
  sodium_memzero (block, BLOCK_SIZE);
  g_free (block);
}

static int
temp_close (sqlite3_file *file)
{
  g_clear_pointer (&((CsmVfsTemp *) file)->blocks, g_ptr_array_unref);
  return SQLITE_OK;
}

static int
temp_read (sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset)
{
  CsmVfsTemp *self = (CsmVfsTemp *) file;
  uint8_t *to = buffer;
  int left = (int) CLAMP (self->size - offset, 0, size);
  const bool is_short = left < size;

  memset (to + left, 0, (size_t) (size - left));
  while (left > 0)
    {
      const uint8_t *block = g_ptr_array_index (self->blocks, offset / BLOCK_SIZE);
      const int within = (int) (offset % BLOCK_SIZE);
      const int n = MIN (left, BLOCK_SIZE - within);

      memcpy (to, block + within, (size_t) n);
      to += n;
      offset += n;
      left -= n;
    }
  return is_short ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
temp_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
  CsmVfsTemp *self = (CsmVfsTemp *) file;
  const uint8_t *from = data;

  while (self->blocks->len * (int64_t) BLOCK_SIZE < offset + size)
    {
      uint8_t *block = g_try_malloc0 (BLOCK_SIZE);

      if (block == NULL)
        return SQLITE_IOERR_NOMEM;
      g_ptr_array_add (self->blocks, block);
    }
  self->size = MAX (self->size, offset + size);
  while (size > 0)
    {
      uint8_t *block = g_ptr_array_index (self->blocks, offset / BLOCK_SIZE);
      const int within = (int) (offset % BLOCK_SIZE);
      const int n = MIN (size, BLOCK_SIZE - within);

      memcpy (block + within, from, (size_t) n);
      from += n;
      offset += n;
      size -= n;
    }
  return SQLITE_OK;
}

static int
temp_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  CsmVfsTemp *self = (CsmVfsTemp *) file;

  if (size >= self->size)
    return SQLITE_OK;
  g_ptr_array_set_size (self->blocks, (int) ((size + BLOCK_SIZE - 1) / BLOCK_SIZE));
  if (size % BLOCK_SIZE != 0)
    memset ((uint8_t *) g_ptr_array_index (self->blocks, size / BLOCK_SIZE) + size % BLOCK_SIZE,
            0, (size_t) (BLOCK_SIZE - size % BLOCK_SIZE));
  self->size = size;
  return SQLITE_OK;
}

static int
temp_sync (sqlite3_file *file, int flags)
{
  return SQLITE_OK;
}

static int
temp_file_size (sqlite3_file *file, sqlite3_int64 *ret_size)
{
  *ret_size = ((CsmVfsTemp *) file)->size;
  return SQLITE_OK;
}

static int
temp_file_control (sqlite3_file *file, int op, void *arg)
{
  return SQLITE_NOTFOUND;
}

static const sqlite3_io_methods temp_methods = {
  .iVersion = 1,
  .xClose = temp_close,
  .xRead = temp_read,
  .xWrite = temp_write,
  .xTruncate = temp_truncate,
  .xSync = temp_sync,
  .xFileSize = temp_file_size,
  .xLock = csm_vfs_lock,
  .xUnlock = csm_vfs_lock,
  .xCheckReservedLock = csm_vfs_check_reserved_lock,
  .xFileControl = temp_file_control,
  .xSectorSize = csm_vfs_sector_size,
  .xDeviceCharacteristics = csm_vfs_device_characteristics,
};

int
csm_vfs_temp_open (CsmVfsTemp *self)
{
  self->blocks = g_ptr_array_new_with_free_func (block_free);
  self->parent.pMethods = &temp_methods;
  return SQLITE_OK;
}
