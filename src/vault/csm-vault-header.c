/* csm-vault-header.c: the two header copies: reading, choosing, mending, writing
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-vault-private.h"

#include <errno.h>
#include <string.h>

static const char copy_name[] = "AB";

static gboolean
fail_without_copy (const CsmHeaderPair *pair, GError **error)
{
  if (pair->state[0] == CSM_COPY_FOREIGN && pair->state[1] == CSM_COPY_FOREIGN)
    return csm_vault_fail (error, CSM_VAULT_ERROR_NOT_A_CASE,
                           "open the case: this is another kind of file; choose a .casement "
                           "file");
  for (int i = 0; i < 2; i++)
    if (pair->state[i] == CSM_COPY_TORN && pair->header[i].major > CSM_FORMAT_MAJOR)
      return csm_header_check (&pair->header[i], error);
  return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                         "open the case: both copies of its header are damaged; use a backup");
}

gboolean
csm_header_pair_load (CsmHeaderPair *self, CsmDiskFile *file, GError **error)
{
  int64_t file_size = 0;
  size_t size;
  int failed = file->disk->get_size (file, &file_size);

  memset (self, 0, sizeof *self);
  for (int i = 0; i < 2; i++)
    {
      if (failed == 0)
        failed = file->disk->read (file, self->bytes[i], CSM_HEADER_SIZE, CSM_HEADER_OFFSET (i),
                                   &size);
      if (failed == 0 && size != CSM_HEADER_SIZE &&
          file_size >= CSM_HEADER_OFFSET (i) + CSM_HEADER_SIZE)
        failed = EIO;
      if (failed != 0)
        return csm_vault_fail_errno (error, failed, "read the case's header");
      self->state[i] = csm_header_examine (self->bytes[i]);
      csm_header_decode (self->bytes[i], &self->header[i]);
    }
  if (self->state[0] == CSM_COPY_WHOLE && self->state[1] == CSM_COPY_WHOLE)
    self->best = self->header[1].seq > self->header[0].seq ? 1 : 0;
  else if (self->state[0] == CSM_COPY_WHOLE || self->state[1] == CSM_COPY_WHOLE)
    self->best = self->state[0] == CSM_COPY_WHOLE ? 0 : 1;
  else
    return fail_without_copy (self, error);
  return csm_header_check (&self->header[self->best], error);
}

static gboolean
write_copy (CsmVault *self, int copy, const uint8_t *bytes, GError **error)
{
  uint8_t again[CSM_HEADER_SIZE];
  size_t size = 0;
  int failed;

  failed = self->disk->write (self->file, bytes, CSM_HEADER_SIZE, CSM_HEADER_OFFSET (copy));
  if (failed == 0)
    failed = self->disk->sync (self->file);
  if (failed == 0)
    failed =
        self->disk->read (self->file, again, CSM_HEADER_SIZE, CSM_HEADER_OFFSET (copy), &size);
  if (failed == 0 && (size != CSM_HEADER_SIZE || memcmp (again, bytes, CSM_HEADER_SIZE) != 0))
    failed = EIO;
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "write the case's header");
  return TRUE;
}

static void
note_repair (CsmVault *self, int copy, bool was_whole)
{
  if (was_whole)
    csm_vault_note_repair (self, "header copy %c was one change behind and has been brought up",
                           copy_name[copy]);
  else if (self->read_only)
    csm_vault_note_repair (
        self, "header copy %c is damaged; opening for writing rebuilds it from copy %c",
        copy_name[copy], copy_name[!copy]);
  else
    csm_vault_note_repair (self,
                           "header copy %c was damaged and has been rebuilt from copy %c "
                           "(repaired)",
                           copy_name[copy], copy_name[!copy]);
}

gboolean
csm_vault_settle_header (CsmVault *self, const CsmHeaderPair *pair, GError **error)
{
  int best = pair->best;
  bool authentic[2];

  for (int i = 0; i < 2; i++)
    authentic[i] = pair->state[i] == CSM_COPY_WHOLE &&
                   csm_header_has_mac (pair->bytes[i], self->header_key);
  if (!authentic[best])
    best = !best;
  if (!authentic[best])
    return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                           "open the case: its header was changed by somebody without its "
                           "key; use a backup");
  if (!csm_header_check (&pair->header[best], error))
    return FALSE;
  self->header = pair->header[best];
  if (memcmp (pair->bytes[0], pair->bytes[1], CSM_HEADER_SIZE) == 0)
    return TRUE;
  if (self->read_only && authentic[!best])
    return TRUE;
  note_repair (self, !best, authentic[!best]);
  return self->read_only || write_copy (self, !best, pair->bytes[best], error);
}

static gboolean
bring_up_copy_a (CsmVault *self, GError **error)
{
  uint8_t bytes[CSM_HEADER_SIZE];

  csm_header_encode (&self->header, self->header_key, bytes);
  self->copy_a_behind = !write_copy (self, 0, bytes, error);
  return !self->copy_a_behind;
}

gboolean
csm_vault_write_header (CsmVault *self, const CsmHeader *header, GError **error)
{
  CsmHeader next = *header;
  uint8_t bytes[CSM_HEADER_SIZE];

  if (self->copy_a_behind && !bring_up_copy_a (self, error))
    return FALSE;
  next.seq = self->header.seq + 1;
  csm_header_encode (&next, self->header_key, bytes);
  if (!write_copy (self, 1, bytes, error))
    return FALSE;
  /* From here on the change holds, whatever happens to the other copy. */
  self->header = next;
  return bring_up_copy_a (self, error);
}
