/* csm-vault-binding.c: the WAL that belongs to the case file: naming it, finding it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-seal.h"
#include "vault/csm-vault-private.h"

#include <sodium.h>

#include <errno.h>
#include <string.h>

static const char place_name[] = "AB";

static int
write_binding (CsmVault *self, int place, const CsmBinding *binding)
{
  uint8_t bytes[CSM_BINDING_SIZE];
  int failed;

  csm_binding_encode (binding, self->header.file_id, self->binding_key, bytes);
  failed = self->disk->write (self->file, bytes, sizeof bytes, CSM_BINDING_OFFSET (place));
  return failed != 0 ? failed : self->disk->sync (self->file);
}

int
csm_vault_bind (CsmVault *self, CsmWalState state, const uint8_t *generation)
{
  CsmBinding next = { self->binding.seq + 1, state, { 0 } };
  const int place = !self->binding_place;
  int failed;

  if (generation != NULL)
    memcpy (next.generation, generation, CSM_GENERATION_SIZE);
  failed = state == CSM_WAL_CLEAN ? csm_vault_double_freshness (self) : 0;
  if (failed != 0)
    return failed;
  failed = write_binding (self, place, &next);
  if (failed != 0)
    return failed;
  self->binding = next;
  self->binding_place = place;
  /* Both places say what lasts, so that one damaged place loses nothing: not the case at rest,
   * nor the WAL that a crash leaves. */
  return state == CSM_WAL_OPENING ? 0 : write_binding (self, !place, &next);
}

static gboolean
mend_binding (CsmVault *self, int place, GError **error)
{
  int failed;

  if (self->read_only)
    {
      csm_vault_note_repair (self,
                             "WAL binding %c is damaged; opening for writing rebuilds it from "
                             "binding %c",
                             place_name[place], place_name[!place]);
      return TRUE;
    }
  failed = write_binding (self, place, &self->binding);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "rebuild the WAL binding");
  csm_vault_note_repair (self,
                         "WAL binding %c was damaged and has been rebuilt from binding %c "
                         "(repaired)",
                         place_name[place], place_name[!place]);
  return TRUE;
}

gboolean
csm_vault_load_binding (CsmVault *self, GError **error)
{
  CsmBinding bindings[2] = { 0 };
  bool authentic[2];

  for (int i = 0; i < 2; i++)
    {
      uint8_t bytes[CSM_BINDING_SIZE];
      size_t size = 0;
      int failed =
          self->disk->read (self->file, bytes, sizeof bytes, CSM_BINDING_OFFSET (i), &size);

      if (failed == 0 && size != sizeof bytes)
        failed = EIO; /* the file is longer */
      if (failed != 0)
        return csm_vault_fail_errno (error, failed, "read the WAL binding");
      authentic[i] =
          csm_binding_decode (bytes, self->header.file_id, self->binding_key, &bindings[i]);
    }
  if (!authentic[0] && !authentic[1])
    return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                           "open the case: both WAL bindings are damaged; use a backup");
  if (authentic[0] && authentic[1])
    self->binding_place = bindings[1].seq > bindings[0].seq ? 1 : 0;
  else
    self->binding_place = authentic[0] ? 0 : 1;
  self->binding = bindings[self->binding_place];
  if (!authentic[!self->binding_place])
    return mend_binding (self, !self->binding_place, error);
  return TRUE;
}

static gboolean
fail_wal_missing (CsmVault *self, const char *why, GError **error)
{
  g_autofree char *name = g_path_get_basename (self->path);

  return csm_vault_fail (error, CSM_VAULT_ERROR_WAL_MISSING,
                         "open the case: %s; put the file %s-wal of the same moment beside "
                         "it, or open it read-only, without the last changes",
                         why, name);
}

static bool
may_be_missing (const CsmVault *self)
{
  return self->read_only || (self->flags & CSM_VAULT_OPEN_CONTINUE) != 0;
}

typedef enum {
  SLOT_SOUND,
  SLOT_DAMAGED, /* of the bound generation, and does not authenticate as it stands */
  SLOT_FOREIGN, /* of another generation, or nothing */
} SlotState;

static bool
opens (CsmVault *self, const uint8_t *sealed, int64_t slot)
{
  uint8_t plain[CSM_WAL_FRAME_SIZE]; /* guarded memory would cost more than all the rest */
  uint64_t mark;
  const bool is_sound =
      csm_wal_slot_open (plain, &mark, sealed, (uint64_t) slot, self->binding.generation,
                         self->header.file_id, self->wal_key);

  sodium_memzero (plain, sizeof plain);
  return is_sound;
}

/* Changes @sealed. */
static SlotState
examine_slot (CsmVault *self, uint8_t *sealed, size_t size, int64_t slot)
{
  const uint8_t *generation = self->binding.generation;
  const bool whole = size == CSM_WAL_SLOT_SIZE;

  if (size < CSM_GENERATION_SIZE)
    return SLOT_FOREIGN;
  if (memcmp (sealed, generation, CSM_GENERATION_SIZE) == 0)
    return whole && opens (self, sealed, slot) ? SLOT_SOUND : SLOT_DAMAGED;
  /* The generation in front is bound in as well: one that is damaged itself shows here. */
  memcpy (sealed, generation, CSM_GENERATION_SIZE);
  return whole && opens (self, sealed, slot) ? SLOT_DAMAGED : SLOT_FOREIGN;
}

static gboolean
count_lost_frames (CsmVault *self, CsmDiskFile *wal, GError **error)
{
  uint8_t sealed[CSM_WAL_SLOT_SIZE];
  size_t size = sizeof sealed;

  for (int64_t slot = 1; size == sizeof sealed; slot++)
    {
      const int failed =
          self->disk->read (wal, sealed, sizeof sealed, slot * CSM_WAL_SLOT_SIZE, &size);

      if (failed != 0)
        return csm_vault_fail_errno (error, failed, "read the write-ahead log");
      if (examine_slot (self, sealed, size, slot) == SLOT_DAMAGED)
        self->n_lost_frames++;
    }
  return TRUE;
}

static gboolean
check_slots (CsmVault *self, CsmDiskFile *wal, GError **error)
{
  uint8_t sealed[CSM_WAL_SLOT_SIZE];
  size_t size = 0;
  const int failed = self->disk->read (wal, sealed, sizeof sealed, 0, &size);
  SlotState first;

  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read the write-ahead log");
  first = examine_slot (self, sealed, size, 0);
  if (first == SLOT_SOUND)
    return count_lost_frames (self, wal, error);
  if (first == SLOT_DAMAGED && size == sizeof sealed)
    return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                           "open the case: the start of its write-ahead log is damaged; use a "
                           "backup");
  if (!may_be_missing (self))
    return fail_wal_missing (
        self, "the write-ahead log beside it is empty or of another moment", error);
  self->wal_missing = true;
  return TRUE;
}

/* A process that was killed may have written commits and not synced them; what is read from
 * them now is shown as saved. */
static gboolean
sync_left (CsmVault *self, CsmDiskFile *wal, GError **error)
{
  const int failed = self->read_only || self->wal_missing ? 0 : self->disk->sync (wal);

  return failed == 0 ? TRUE : csm_vault_fail_errno (error, failed, "sync the write-ahead log");
}

gboolean
csm_vault_check_wal (CsmVault *self, GError **error)
{
  g_autofree char *path = NULL;
  CsmDiskFile *wal = NULL;
  gboolean done;
  int failed;

  if (self->binding.state != CSM_WAL_LIVE)
    return TRUE;
  path = csm_vault_dup_wal_path (self);
  failed = self->disk->open (path, CSM_DISK_READ, &wal);
  if (failed == ENOENT && may_be_missing (self))
    {
      self->wal_missing = true;
      return TRUE;
    }
  if (failed == ENOENT)
    return fail_wal_missing (
        self, "it was not closed properly and its write-ahead log is missing", error);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "open the write-ahead log");
  done = check_slots (self, wal, error) && sync_left (self, wal, error);
  self->disk->close (wal);
  return done;
}

char *
csm_vault_dup_loss (const CsmVault *self)
{
  g_autofree char *name = g_path_get_basename (self->path);

  if (self->wal_missing)
    return g_strdup_printf ("the write-ahead log is missing or of another moment, and the last "
                            "changes with it; put the file %s-wal of the same moment beside "
                            "the case",
                            name);
  if (self->n_lost_frames > 0)
    return g_strdup_printf (
        "%" G_GINT64_FORMAT " frames of the write-ahead log cannot be read: "
        "power failed during a save, or the log is damaged; see whether the "
        "last changes are there, or use a backup",
        self->n_lost_frames);
  return NULL;
}
