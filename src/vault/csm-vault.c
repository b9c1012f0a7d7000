/* csm-vault.c: the life of an unlocked case file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-passphrase.h"
#include "vault/csm-sqlite-memory.h"
#include "vault/csm-vault-private.h"

#include <sodium.h>

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define KEY_PAGES 1
#define KEY_WAL 2
#define KEY_HEADER 4
#define KEY_FRESHNESS 5
#define KEY_BINDING 6

CsmVault *
csm_vault_new (CsmVaultOpenFlags flags)
{
  CsmVault *self;

  if (sodium_init () < 0)
    g_error ("no random generator");
  (void) csm_sqlite_memory_protect (); /* else SQLite keeps its own heap */
  self = g_new0 (CsmVault, 1);
  self->disk = csm_disk_get ();
  self->flags = flags;
  self->may_write = !(flags & CSM_VAULT_OPEN_READ_ONLY);
  self->read_only = !self->may_write;
  self->fresh.state = CSM_FRESHNESS_NONE_YET;
  self->repairs = g_string_new (NULL);
  g_mutex_init (&self->lock);
  return self;
}

void
csm_vault_set_data_key (CsmVault *self, CsmSecret *data_key)
{
  self->data_key = data_key;
  self->page_key = csm_kdf_sub_key (data_key, KEY_PAGES);
  self->wal_key = csm_kdf_sub_key (data_key, KEY_WAL);
  self->header_key = csm_kdf_sub_key (data_key, KEY_HEADER);
  self->binding_key = csm_kdf_sub_key (data_key, KEY_BINDING);
  self->freshness_key = csm_kdf_sub_key (data_key, KEY_FRESHNESS);
}

char *
csm_vault_dup_wal_path (const CsmVault *self)
{
  return g_strconcat (self->path, "-wal", NULL);
}

/* What was never published leaves nothing. */
static void
remove_unpublished (CsmVault *self)
{
  g_autofree char *wal_path = csm_vault_dup_wal_path (self);

  (void) self->disk->unlink (wal_path); /* mostly not there */
  (void) self->disk->unlink (self->path);
}

void
csm_vault_close (CsmVault *self)
{
  if (self == NULL)
    return;
  csm_vfs_unregister (self);
  if (self->file != NULL && self->final_path != NULL)
    remove_unpublished (self);
  if (self->file != NULL)
    self->disk->close (self->file); /* and with it the lock */
  csm_secret_unref (self->data_key);
  csm_secret_unref (self->page_key);
  csm_secret_unref (self->wal_key);
  csm_secret_unref (self->header_key);
  csm_secret_unref (self->binding_key);
  csm_secret_unref (self->freshness_key);
  csm_secret_unref (self->slot_secret);
  csm_secret_unref (self->secret_before);
  csm_freshness_clear (&self->fresh);
  g_string_free (self->repairs, TRUE);
  g_free (self->fault);
  g_free (self->path);
  g_free (self->final_path);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Opening */

gboolean
csm_vault_take_file (CsmVault *self, const char *path, GError **error)
{
  const CsmDiskMode mode = self->read_only ? CSM_DISK_READ : CSM_DISK_WRITE;
  int failed = self->disk->resolve (path, &self->path);

  if (failed == 0)
    failed = self->disk->open (self->path, mode, &self->file);
  if (failed == EISDIR)
    return csm_vault_fail (error, CSM_VAULT_ERROR_NOT_A_CASE,
                           "open the case: this is a folder or a device; choose a .casement "
                           "file");
  /* A reader is not helped by the advice to writers. */
  if (self->read_only && (failed == EACCES || failed == EPERM))
    return csm_vault_fail (error, CSM_VAULT_ERROR_IO,
                           "open the case: %s; see that you may read it", g_strerror (failed));
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "open the case");
  if (!self->read_only && !self->disk->is_writable (self->path))
    return csm_vault_fail_errno (error, EROFS, "open the case for writing in this folder");
  failed = self->disk->lock (self->file, !self->read_only);
  /* A rotation may have put another file here while this one was opened. */
  if (failed == 0 && !self->disk->is_at (self->file, self->path))
    failed = EAGAIN;
  /* Some file systems know no locks; who only reads can do without. */
  if (failed != 0 && (failed == EAGAIN || !self->read_only))
    return csm_vault_fail_errno (error, failed, "lock the case");
  return TRUE;
}

static bool
try_slot (CsmVault *self, const CsmHeader *header, const CsmSlot *slot, const CsmSecret *kek)
{
  g_autoptr (CsmSecret) secret = csm_slot_open (slot, header, kek);
  CsmSecret *data_key = secret != NULL ? csm_slot_open_data_key (slot, header, secret) : NULL;

  if (data_key == NULL)
    return false;
  self->slot_secret = g_steal_pointer (&secret);
  memcpy (self->own_slot, slot->id, sizeof self->own_slot);
  csm_vault_set_data_key (self, data_key);
  return true;
}

/* Tries @kek on each slot of @type. */
static bool
try_slots (CsmVault *self, const CsmHeader *header, CsmSlotType type, const CsmSecret *kek)
{
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    if (header->slots[i].type == type && try_slot (self, header, &header->slots[i], kek))
      return true;
  return false;
}

/* Joining slots cost a derivation each, all of them together no more than one may: the header
 * is not known to be ours yet. */
static bool
try_joining (CsmVault *self, const CsmHeader *header, const CsmSecret *passphrase)
{
  uint64_t spent = 0;

  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    {
      const CsmSlot *slot = &header->slots[i];
      g_autoptr (CsmSecret) kek = NULL;

      if (slot->type != CSM_SLOT_JOINING || !csm_kdf_spend (&spent, &slot->join_cost))
        continue;
      kek = csm_kdf_from_passphrase (passphrase, slot->join_salt, &slot->join_cost, NULL);
      if (kek != NULL && try_slot (self, header, slot, kek))
        return true;
    }
  return false;
}

gboolean
csm_vault_unlock (CsmVault *self,
                  const CsmHeader *header,
                  const CsmSecret *passphrase,
                  GError **error)
{
  g_autoptr (CsmSecret) code = csm_recovery_parse (passphrase);
  g_autoptr (CsmSecret) kek = NULL;

  if (code != NULL)
    {
      g_autoptr (CsmSecret) recovery_kek = csm_kdf_from_recovery (code, header->salt);

      if (try_slots (self, header, CSM_SLOT_RECOVERY, recovery_kek))
        return TRUE;
    }
  kek = csm_kdf_from_passphrase (passphrase, header->salt, &header->cost, error);
  if (kek == NULL)
    return FALSE;
  if (try_slots (self, header, CSM_SLOT_PASSPHRASE, kek) ||
      try_joining (self, header, passphrase))
    return TRUE;
  return csm_vault_fail (error, CSM_VAULT_ERROR_WRONG_PASSPHRASE,
                         "unlock the case: the passphrase does not fit; check the keyboard "
                         "layout and Caps Lock and type it again");
}

static gboolean
check_length (CsmVault *self, GError **error)
{
  int64_t size = 0;
  const int failed = self->disk->get_size (self->file, &size);

  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read the case's size");
  if (size < CSM_PAGES_OFFSET + CSM_PAGE_SIZE)
    return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                           "open the case: the file is cut short; use a backup");
  return TRUE;
}

/* Only an opening that says so gets here for writing. */
static gboolean
give_up_missing_wal (CsmVault *self, GError **error)
{
  int failed;

  if (!self->wal_missing || self->read_only)
    return TRUE;
  failed = csm_vault_bind (self, CSM_WAL_CLEAN, NULL);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "go on without the write-ahead log");
  self->wal_missing = false;
  return TRUE;
}

/* A process that was killed may not have synced what it wrote last. Of all that stands twice,
 * the copy that is not written over next must be on the disk. */
static gboolean
sync_left (CsmVault *self, GError **error)
{
  const int failed = self->read_only ? 0 : self->disk->sync (self->file);

  return failed == 0 ? TRUE : csm_vault_fail_errno (error, failed, "sync the case file");
}

CsmVault *
csm_vault_open (const char *path,
                const CsmSecret *passphrase,
                CsmVaultOpenFlags flags,
                GError **error)
{
  g_autoptr (CsmVault) self = NULL;
  g_autofree CsmHeaderPair *pair = g_new (CsmHeaderPair, 1);

  g_return_val_if_fail (path != NULL && passphrase != NULL, NULL);

  self = csm_vault_new (flags);
  if (!csm_vault_take_file (self, path, error) ||
      !csm_header_pair_load (pair, self->file, error) || !check_length (self, error))
    return NULL;
  /* A later minor version may keep what this one would lose. */
  if (pair->header[pair->best].minor > CSM_FORMAT_MINOR)
    {
      self->may_write = false;
      self->read_only = true;
    }
  if (!csm_vault_unlock (self, &pair->header[pair->best], passphrase, error) ||
      !sync_left (self, error) || !csm_vault_settle_header (self, pair, error) ||
      !csm_vault_load_binding (self, error) || !csm_vault_check_wal (self, error) ||
      !csm_vault_load_freshness (self, error) || !give_up_missing_wal (self, error) ||
      !csm_vault_finish_joining (self, passphrase, error))
    return NULL;
  csm_vfs_register (self);
  return g_steal_pointer (&self);
}

gboolean
csm_vault_peek (const char *path, GError **error)
{
  g_autoptr (CsmVault) self = NULL;
  g_autofree CsmHeaderPair *pair = g_new (CsmHeaderPair, 1);

  g_return_val_if_fail (path != NULL, FALSE);

  self = csm_vault_new (CSM_VAULT_OPEN_READ_ONLY);
  return csm_vault_take_file (self, path, error) &&
         csm_header_pair_load (pair, self->file, error) && check_length (self, error);
}

/* Creating */

gboolean
csm_vault_make_part (CsmVault *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->final_path);
  g_autofree char *base = g_path_get_basename (self->final_path);
  g_autofree char *name = g_strdup_printf (".%s.%08x.part", base, randombytes_random ());
  int failed;

  self->path = g_build_filename (folder, name, NULL);
  failed = self->disk->open (self->path, CSM_DISK_CREATE, &self->file);
  if (failed == 0)
    failed = self->disk->lock (self->file, true);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "make the case file");
  return TRUE;
}

gboolean
csm_vault_make_part_of (CsmVault *self, const char *path, GError **error)
{
  const int failed = self->disk->resolve (path, &self->final_path);

  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "create the case in this folder");
  if (self->disk->exists (self->final_path))
    return csm_vault_fail_errno (error, EEXIST, "create the case");
  return csm_vault_make_part (self, error);
}

gboolean
csm_vault_write_first_headers (CsmVault *self, GError **error)
{
  g_autofree uint8_t *area = g_malloc0 (CSM_PAGES_OFFSET);
  int failed;

  self->binding = (CsmBinding){ 1, CSM_WAL_CLEAN, { 0 } };
  for (int i = 0; i < 2; i++)
    {
      csm_header_encode (&self->header, self->header_key, area + CSM_HEADER_OFFSET (i));
      csm_binding_encode (&self->binding, self->header.file_id, self->binding_key,
                          area + CSM_BINDING_OFFSET (i));
    }
  failed = self->disk->write (self->file, area, CSM_PAGES_OFFSET, 0);
  if (failed == 0)
    failed = self->disk->sync (self->file);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "write the case's header");
  return TRUE;
}

CsmVault *
csm_vault_create (const char *path,
                  const CsmSecret *passphrase,
                  const CsmVaultCost *cost,
                  GError **error)
{
  g_autoptr (CsmVault) self = NULL;
  g_autoptr (CsmSecret) kek = NULL;
  CsmVaultCost used;

  g_return_val_if_fail (path != NULL && passphrase != NULL && cost != NULL, NULL);

  self = csm_vault_new (CSM_VAULT_OPEN_WRITE);
  used = *cost;
  if (!csm_vault_make_part_of (self, path, error))
    return NULL;
  if (used.operations == 0 && used.memory == 0)
    csm_kdf_calibrate (&used);
  csm_header_init (&self->header, &used);
  kek = csm_kdf_from_passphrase (passphrase, self->header.salt, &used, error);
  if (kek == NULL)
    return NULL;
  csm_vault_set_data_key (self, csm_secret_new_random (CSM_KEY_SIZE));
  csm_slot_fill (&self->header.slots[0], &self->header, CSM_SLOT_PASSPHRASE, kek,
                 self->data_key, &self->slot_secret);
  memcpy (self->own_slot, self->header.slots[0].id, sizeof self->own_slot);
  if (!csm_vault_write_first_headers (self, error))
    return NULL;
  csm_vfs_register (self);
  return g_steal_pointer (&self);
}

gboolean
csm_vault_publish (CsmVault *self, GError **error)
{
  int failed;

  g_return_val_if_fail (self->final_path != NULL && !self->has_database, FALSE);

  if (self->binding.state != CSM_WAL_CLEAN || !check_length (self, error))
    return csm_vault_fail_errno (error, EIO, "finish the case's database");
  failed = csm_vault_write_first_root (self);
  if (failed == 0)
    failed = self->disk->rename_new (self->path, self->final_path);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "give the case its name");
  csm_vfs_unregister (self);
  g_free (self->path);
  self->path = g_steal_pointer (&self->final_path);
  csm_vfs_register (self);
  failed = self->disk->sync_folder (self->path);
  if (failed == 0)
    return TRUE;
  csm_vault_unpublish (self);
  return csm_vault_fail_errno (error, failed, "sync the case's folder");
}

void
csm_vault_unpublish (CsmVault *self)
{
  if (self->final_path == NULL)
    self->final_path = g_strdup (self->path);
}

/* Reading */

const char *
csm_vault_get_path (const CsmVault *self)
{
  return self->path;
}

const char *
csm_vault_get_vfs_name (const CsmVault *self)
{
  return "casement";
}

gboolean
csm_vault_identify (const CsmVault *self,
                    int64_t *ret_device,
                    int64_t *ret_inode,
                    GError **error)
{
  const int failed = self->disk->identify (self->file, ret_device, ret_inode);

  return failed == 0 ? TRUE : csm_vault_fail_errno (error, failed, "look at the case file");
}

bool
csm_vault_is_in_place (const CsmVault *self)
{
  return self->disk->is_at (self->file, self->path);
}

bool
csm_vault_is_read_only (const CsmVault *self)
{
  return self->read_only;
}

bool
csm_vault_is_wal_missing (const CsmVault *self)
{
  return self->wal_missing;
}

const uint8_t *
csm_vault_get_case_id (const CsmVault *self)
{
  return self->header.case_id;
}

const uint8_t *
csm_vault_get_file_id (const CsmVault *self)
{
  return self->header.file_id;
}

uint64_t
csm_vault_get_header_seq (const CsmVault *self)
{
  return self->header.seq;
}

int
csm_vault_get_format_major (void)
{
  return CSM_FORMAT_MAJOR;
}

int
csm_vault_get_format_minor (void)
{
  return CSM_FORMAT_MINOR;
}

char *
csm_vault_dup_repairs (const CsmVault *self)
{
  return self->repairs->len > 0 ? g_strdup (self->repairs->str) : NULL;
}

void
csm_vault_set_fault (CsmVault *self, const char *format, ...)
{
  va_list args;

  g_atomic_int_set (&self->has_fault, 1);
  g_mutex_lock (&self->lock);
  g_free (self->fault);
  va_start (args, format);
  self->fault = g_strdup_vprintf (format, args);
  va_end (args);
  g_mutex_unlock (&self->lock);
}

void
csm_vault_set_page_fault (CsmVault *self, CsmPageFault fault, int64_t number)
{
  static const char *const what[] = {
    [CSM_PAGE_DAMAGED] = "is damaged",
    [CSM_PAGE_STALE] = "is an older one put back (stale)",
    [CSM_PAGE_MISSING] = "is missing: the file is cut short",
  };

  csm_vault_set_fault (self, "page %" G_GINT64_FORMAT " of the case file %s", number + 1,
                       what[fault]);
}

bool
csm_vault_refuses_writes (CsmVault *self)
{
  return self->read_only || g_atomic_int_get (&self->has_fault);
}

void
csm_vault_note_repair (CsmVault *self, const char *format, ...)
{
  va_list args;

  if (self->repairs->len > 0)
    g_string_append (self->repairs, "; ");
  va_start (args, format);
  g_string_append_vprintf (self->repairs, format, args);
  va_end (args);
}

char *
csm_vault_dup_fault (const CsmVault *self)
{
  CsmVault *unlocked = (CsmVault *) self; /* the lock is no part of the value */
  char *fault;

  g_mutex_lock (&unlocked->lock);
  fault = g_strdup (self->fault);
  g_mutex_unlock (&unlocked->lock);
  return fault;
}
