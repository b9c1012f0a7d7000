/* csm-vfs-wal.c: the WAL as SQLite reads and writes it, one sealed slot for each frame
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-pack.h"
#include "vault/csm-vfs-private.h"

#include <sodium.h>

#include <errno.h>

#define USED_SIZE (CSM_WAL_FRAME_SIZE - CSM_PAGE_RESERVE)

/* Flags of a slot. */
#define FLAG_GOOD 1     /* authentic or written in this session: may never fail again */
#define FLAG_UNSUMMED 2 /* SQLite has yet to write its salt and checksum */

static bool guards = true;

void
csm_vfs_wal_set_guard (bool new_guards)
{
  guards = new_guards;
}

static int64_t
slot_of (int64_t offset)
{
  return offset < CSM_WAL_HEADER_SIZE ? 0
                                      : 1 + (offset - CSM_WAL_HEADER_SIZE) / CSM_WAL_FRAME_SIZE;
}

static int64_t
slot_start (int64_t slot)
{
  return slot == 0 ? 0 : CSM_WAL_HEADER_SIZE + (slot - 1) * CSM_WAL_FRAME_SIZE;
}

/* How many bytes SQLite sees in @slot. */
static int
slot_size (int64_t slot)
{
  return slot == 0 ? CSM_WAL_HEADER_SIZE : CSM_WAL_FRAME_SIZE;
}

static uint8_t *
slot_flags (CsmVfsWal *self, int64_t slot)
{
  if (slot >= self->flags->len)
    {
      const guint old = self->flags->len;

      g_array_set_size ((GArray *) self->flags, (guint) slot + 1024);
      memset (self->flags->data + old, 0, self->flags->len - old);
    }
  return self->flags->data + slot;
}

static void
forget_slots (CsmVfsWal *self)
{
  g_byte_array_set_size (self->flags, 0);
  self->n_unsummed = 0;
  self->last_commit = 0;
  self->mark = 0;
  self->seen_mark = 0;
  self->scanned = false;
  self->current = -1;
  self->dirty = false;
}

/* Writing */

/* SQLite up to 3.49 can leave frames without salt and checksum after a rollback to a savepoint
 * when its cache had spilled; the next commit would be lost at recovery. They are counted
 * here, and wal_sync() refuses to make them durable. */
static void
note_frame (CsmVfsWal *self, int64_t slot)
{
  static const uint8_t zeros[16];
  uint8_t *flags = slot_flags (self, slot);
  const bool unsummed = memcmp (self->plain + 8, zeros, sizeof zeros) == 0;

  self->n_unsummed += unsummed - ((*flags & FLAG_UNSUMMED) != 0);
  *flags = (uint8_t) ((*flags & ~FLAG_UNSUMMED) | (unsummed ? FLAG_UNSUMMED : 0));
  /* Bytes 4-7 are the database's size after a commit, zero in all other frames. */
  if (memcmp (self->plain + 4, zeros, 4) != 0)
    self->last_commit = slot;
}

static bool
has_unsummed_commit (CsmVfsWal *self)
{
  if (self->n_unsummed == 0 || !guards)
    return false;
  for (int64_t slot = 1; slot <= self->last_commit; slot++)
    if (*slot_flags (self, slot) & FLAG_UNSUMMED)
      return true;
  return false;
}

static void
forget_unsummed (CsmVfsWal *self)
{
  for (guint slot = 0; slot < self->flags->len; slot++)
    self->flags->data[slot] &= (uint8_t) ~FLAG_UNSUMMED;
  self->n_unsummed = 0;
}

static int
write_slot (CsmVfsWal *self)
{
  static const uint8_t zeros[CSM_PAGE_RESERVE];
  CsmVault *vault = self->vault;
  int failed;

  if (!self->dirty)
    return SQLITE_OK;
  if (memcmp (self->plain + USED_SIZE, zeros, CSM_PAGE_RESERVE) != 0)
    return SQLITE_IOERR_WRITE; /* would be lost */
  if (self->current > 0)
    note_frame (self, self->current);
  csm_wal_slot_seal (self->sealed, self->plain, (uint64_t) self->current, self->mark,
                     self->generation, vault->header.file_id, vault->wal_key);
  failed = vault->disk->write (self->file, self->sealed, CSM_WAL_SLOT_SIZE,
                               self->current * CSM_WAL_SLOT_SIZE);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_WRITE);
  self->dirty = false;
  *slot_flags (self, self->current) |= FLAG_GOOD;
  return SQLITE_OK;
}

/* Reading */

/* 0, or an SQLite code; SQLITE_IOERR_DATA when the slot does not authenticate. */
static int
open_slot (CsmVfsWal *self, int64_t slot, uint8_t *ret_plain)
{
  CsmVault *vault = self->vault;
  uint64_t mark;
  size_t got = 0;
  const int failed = vault->disk->read (self->file, self->sealed, CSM_WAL_SLOT_SIZE,
                                        slot * CSM_WAL_SLOT_SIZE, &got);

  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_READ);
  /* Not the end of the log: the file is longer. */
  if (got != CSM_WAL_SLOT_SIZE)
    return SQLITE_IOERR_READ;
  if (!csm_wal_slot_open (ret_plain, &mark, self->sealed, (uint64_t) slot, self->generation,
                          vault->header.file_id, vault->wal_key))
    return SQLITE_IOERR_DATA;
  self->seen_mark = MAX (self->seen_mark, mark);
  return SQLITE_OK;
}

/* Looks for a slot that vouches for those before it. */
static int
scan_marks (CsmVfsWal *self, int64_t slot)
{
  while (!self->scanned && slot_start (slot) < self->size)
    {
      const int rc = open_slot (self, slot++, self->scratch);

      if (rc != SQLITE_OK && rc != SQLITE_IOERR_DATA)
        return rc;
    }
  self->scanned = true;
  return SQLITE_OK;
}

/* The torn tail that a crash leaves reads as zeros, which SQLite takes for the end; what was
 * durable once must not fail. */
static int
load_slot (CsmVfsWal *self, int64_t slot, uint8_t *ret_plain)
{
  int rc = open_slot (self, slot, ret_plain);

  if (rc == SQLITE_OK)
    {
      *slot_flags (self, slot) |= FLAG_GOOD;
      return SQLITE_OK;
    }
  if (rc != SQLITE_IOERR_DATA)
    return rc;
  if (!(*slot_flags (self, slot) & FLAG_GOOD))
    {
      rc = scan_marks (self, slot + 1);
      if (rc != SQLITE_OK)
        return rc;
      if ((uint64_t) slot >= self->seen_mark)
        {
          memset (ret_plain, 0, CSM_WAL_FRAME_SIZE);
          return SQLITE_OK;
        }
    }
  csm_vault_set_fault (self->vault,
                       "frame %" G_GINT64_FORMAT " of the write-ahead log is damaged", slot);
  return SQLITE_IOERR_DATA;
}

static int
wal_read (sqlite3_file *file, void *buffer, int size, sqlite3_int64 offset)
{
  CsmVfsWal *self = (CsmVfsWal *) file;
  uint8_t *to = buffer;
  int left = (int) CLAMP (self->size - offset, 0, size);
  const bool is_short = left < size;

  memset (to + left, 0, (size_t) (size - left));
  while (left > 0)
    {
      const int64_t slot = slot_of (offset);
      const int within = (int) (offset - slot_start (slot));
      const int n = MIN (left, slot_size (slot) - within);
      const uint8_t *from = self->plain;

      if (slot != self->current)
        {
          const int rc = load_slot (self, slot, self->scratch);

          if (rc != SQLITE_OK)
            return rc;
          from = self->scratch;
        }
      memcpy (to, from + within, (size_t) n);
      to += n;
      offset += n;
      left -= n;
    }
  return is_short ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

/* Incarnations */

static int
ensure_file (CsmVfsWal *self)
{
  CsmVault *vault = self->vault;
  g_autofree char *path = NULL;
  int failed;

  if (self->file != NULL)
    return SQLITE_OK;
  path = csm_vault_dup_wal_path (vault);
  failed = vault->disk->open (path, CSM_DISK_ENSURE, &self->file);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_CANTOPEN);
  self->made = true;
  return SQLITE_OK;
}

/* SQLite writes the WAL's header: what stood there before is checkpointed and counts no more.
 * From the binding's fsync on, nothing of it authenticates. */
static int
start_generation (CsmVfsWal *self)
{
  uint8_t generation[CSM_GENERATION_SIZE];
  int rc = ensure_file (self);
  int failed;

  if (rc != SQLITE_OK)
    return rc;
  randombytes_buf (generation, sizeof generation);
  failed = csm_vault_bind (self->vault, CSM_WAL_OPENING, generation);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_WRITE);
  forget_slots (self);
  memcpy (self->generation, generation, sizeof generation);
  self->started = true;
  self->size = 0;
  return SQLITE_OK;
}

/* The header is durable: from here on the case is not whole without its WAL. */
static int
bind_live (CsmVfsWal *self)
{
  CsmVault *vault = self->vault;
  int failed = 0;

  if (vault->binding.state != CSM_WAL_OPENING)
    return SQLITE_OK;
  if (self->made)
    failed = vault->disk->sync_folder (vault->path);
  if (failed == 0)
    {
      self->made = false;
      failed = csm_vault_bind (vault, CSM_WAL_LIVE, self->generation);
    }
  return failed == 0 ? SQLITE_OK : csm_vfs_from_errno (failed, SQLITE_IOERR_FSYNC);
}

static int
wal_sync (sqlite3_file *file, int flags)
{
  CsmVfsWal *self = (CsmVfsWal *) file;
  int failed;
  int rc;

  if (!self->started || self->vault->read_only)
    return SQLITE_OK;
  if (csm_vault_refuses_writes (self->vault))
    return SQLITE_IOERR_FSYNC;
  rc = write_slot (self);
  if (rc != SQLITE_OK)
    return rc;
  if (has_unsummed_commit (self))
    {
      /* The transaction is rolled back now, and its frames are written anew. */
      forget_unsummed (self);
      return SQLITE_IOERR_FSYNC;
    }
  failed = self->vault->disk->sync (self->file);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_FSYNC);
  rc = bind_live (self);
  if (rc != SQLITE_OK)
    return rc;
  /* Only committed frames: others may be written again after a rollback. */
  self->mark = (uint64_t) self->last_commit + 1;
  return SQLITE_OK;
}

/* Makes @slot the current one. */
static int
take_slot (CsmVfsWal *self, int64_t slot, bool whole)
{
  int rc;

  if (self->current == slot)
    return SQLITE_OK;
  rc = write_slot (self);
  if (rc != SQLITE_OK)
    return rc;
  self->current = -1;
  memset (self->plain, 0, sizeof self->plain);
  if (!whole && slot_start (slot) < self->size)
    rc = load_slot (self, slot, self->plain);
  if (rc == SQLITE_OK)
    self->current = slot;
  return rc;
}

static int
write_part (CsmVfsWal *self, int64_t slot, int within, const uint8_t *from, int n)
{
  int rc = take_slot (self, slot, within == 0 && n == slot_size (slot));

  if (rc != SQLITE_OK)
    return rc;
  if ((uint64_t) slot < self->mark)
    self->mark = (uint64_t) slot;
  memcpy (self->plain + within, from, (size_t) n);
  self->dirty = true;
  self->size = MAX (self->size, slot_start (slot) + within + n);
  /* Frames come as header and page; the slot is sealed once it is whole. */
  return self->size >= slot_start (slot) + slot_size (slot) ? write_slot (self) : SQLITE_OK;
}

static int
wal_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
  CsmVfsWal *self = (CsmVfsWal *) file;
  const uint8_t *from = data;
  int rc = SQLITE_OK;

  if (csm_vault_refuses_writes (self->vault))
    return SQLITE_READONLY;
  if (offset == 0 && size == CSM_WAL_HEADER_SIZE)
    rc = start_generation (self);
  else if (self->started && self->vault->binding.state == CSM_WAL_OPENING)
    rc = wal_sync (file, 0); /* no frame before its header is bound */
  if (rc != SQLITE_OK)
    return rc;
  if (!self->started || offset > self->size)
    return SQLITE_IOERR_WRITE;
  while (rc == SQLITE_OK && size > 0)
    {
      const int64_t slot = slot_of (offset);
      const int within = (int) (offset - slot_start (slot));
      const int n = MIN (size, slot_size (slot) - within);

      rc = write_part (self, slot, within, from, n);
      from += n;
      offset += n;
      size -= n;
    }
  return rc;
}

static int
wal_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  CsmVfsWal *self = (CsmVfsWal *) file;
  CsmVault *vault = self->vault;
  const int64_t n_slots = size == 0 ? 0 : slot_of (size - 1) + 1;
  int failed = 0;

  if (csm_vault_refuses_writes (vault))
    return SQLITE_READONLY;
  if (size >= self->size)
    return SQLITE_OK;
  if (n_slots == 0)
    {
      /* SQLite does this after a whole checkpoint only. */
      failed = csm_vault_bind (vault, CSM_WAL_CLEAN, NULL);
      if (failed != 0)
        return csm_vfs_from_errno (failed, SQLITE_IOERR_TRUNCATE);
      forget_slots (self);
      self->started = false;
      self->size = 0;
    }
  else if (self->current >= n_slots)
    {
      self->current = -1;
      self->dirty = false;
    }
  failed = vault->disk->truncate (self->file, n_slots * CSM_WAL_SLOT_SIZE);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_IOERR_TRUNCATE);
  self->size = MIN (self->size, slot_start (n_slots));
  return SQLITE_OK;
}

static int
wal_file_size (sqlite3_file *file, sqlite3_int64 *ret_size)
{
  *ret_size = ((CsmVfsWal *) file)->size;
  return SQLITE_OK;
}

static int
wal_file_control (sqlite3_file *file, int op, void *arg)
{
  /* SQLite hints at sizes; nothing here wants to know. */
  return op == SQLITE_FCNTL_SIZE_HINT ? SQLITE_OK : SQLITE_NOTFOUND;
}

static int
wal_close (sqlite3_file *file)
{
  CsmVfsWal *self = (CsmVfsWal *) file;

  /* A slot that is not whole holds nothing that was committed. */
  if (self->file != NULL)
    self->vault->disk->close (self->file);
  g_byte_array_unref (self->flags);
  sodium_memzero (self->plain, sizeof self->plain);
  sodium_memzero (self->scratch, sizeof self->scratch);
  return SQLITE_OK;
}

static const sqlite3_io_methods wal_methods = {
  .iVersion = 1,
  .xClose = wal_close,
  .xRead = wal_read,
  .xWrite = wal_write,
  .xTruncate = wal_truncate,
  .xSync = wal_sync,
  .xFileSize = wal_file_size,
  .xLock = csm_vfs_lock,
  .xUnlock = csm_vfs_lock,
  .xCheckReservedLock = csm_vfs_check_reserved_lock,
  .xFileControl = wal_file_control,
  .xSectorSize = csm_vfs_sector_size,
  .xDeviceCharacteristics = csm_vfs_device_characteristics,
};

/* A WAL that a crash left behind: the one that the case file names. */
static int
resume (CsmVfsWal *self)
{
  CsmVault *vault = self->vault;
  g_autofree char *path = csm_vault_dup_wal_path (vault);
  const CsmDiskMode mode = vault->read_only ? CSM_DISK_READ : CSM_DISK_WRITE;
  int64_t size = 0;
  int failed = vault->disk->open (path, mode, &self->file);

  if (failed == 0)
    failed = vault->disk->get_size (self->file, &size);
  if (failed != 0)
    return csm_vfs_from_errno (failed, SQLITE_CANTOPEN);
  memcpy (self->generation, vault->binding.generation, sizeof self->generation);
  self->started = true;
  self->size = slot_start (size / CSM_WAL_SLOT_SIZE);
  return SQLITE_OK;
}

int
csm_vfs_wal_open (CsmVfsWal *self, CsmVault *vault)
{
  int rc = SQLITE_OK;

  self->vault = vault;
  self->flags = g_byte_array_new ();
  self->current = -1;
  if (vault->binding.state == CSM_WAL_LIVE && !vault->wal_missing)
    rc = resume (self);
  if (rc != SQLITE_OK)
    {
      wal_close (&self->parent);
      return rc;
    }
  self->parent.pMethods = &wal_methods;
  return SQLITE_OK;
}
