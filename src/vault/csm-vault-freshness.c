/* csm-vault-freshness.c: keeping the newest tag of every page, on the disk and in memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"
#include "vault/csm-vault-private.h"

#include <errno.h>
#include <string.h>

static const char *const table_names[] = { "freshness-a", "freshness-b" };

int
csm_freshness_place (uint64_t seq)
{
  return seq % 2 == 1 ? 0 : 1;
}

char *
csm_freshness_dup_path (const CsmVault *self, int place)
{
  const char *folder = self->fresh.folder;

  return folder != NULL ? g_build_filename (folder, table_names[place], NULL) : NULL;
}

void
csm_freshness_clear (CsmFreshness *self)
{
  csm_tag_table_clear (&self->tags);
  g_clear_pointer (&self->folder, g_free);
}

CsmVaultFreshness
csm_vault_get_freshness (const CsmVault *self)
{
  return self->fresh.state;
}

/* In memory */

bool
csm_vault_note_page (CsmVault *self, uint64_t number, const uint8_t *tag)
{
  self->fresh.changed = true;
  return csm_tag_table_set (&self->fresh.tags, number, tag);
}

bool
csm_vault_note_size (CsmVault *self, uint64_t n_pages)
{
  self->fresh.changed |= n_pages != self->fresh.tags.n_pages;
  return csm_tag_table_resize (&self->fresh.tags, n_pages);
}

bool
csm_vault_is_stale (const CsmVault *self, uint64_t number, const uint8_t *tag)
{
  return self->fresh.state == CSM_FRESHNESS_FRESH &&
         !csm_tag_table_has (&self->fresh.tags, number, tag);
}

bool
csm_vault_knows_page (const CsmVault *self, uint64_t number)
{
  return self->fresh.state == CSM_FRESHNESS_FRESH && number < self->fresh.tags.n_pages;
}

int
csm_vault_read_tags (CsmVault *self, CsmTagTable *ret_tags)
{
  int64_t size = 0;
  int failed = self->disk->get_size (self->file, &size);
  const int64_t n_pages = MAX (size - CSM_PAGES_OFFSET, 0) / CSM_PAGE_SIZE;

  if (failed == 0 && !csm_tag_table_resize (ret_tags, (uint64_t) n_pages))
    failed = ENOMEM;
  for (int64_t number = 0; failed == 0 && number < n_pages; number++)
    {
      size_t got = 0;

      failed = self->disk->read (
          self->file, ret_tags->tags + number * CSM_TAG_SIZE, CSM_TAG_SIZE,
          CSM_PAGES_OFFSET + (number + 1) * CSM_PAGE_SIZE - CSM_TAG_SIZE, &got);
      if (failed == 0 && got != CSM_TAG_SIZE)
        failed = EIO;
    }
  return failed;
}

/* On the disk */

int
csm_vault_write_root (CsmVault *self, const CsmRoot *root)
{
  uint8_t bytes[CSM_ROOT_SIZE];
  int failed;

  csm_root_encode (root, self->header.file_id, self->freshness_key, bytes);
  failed = self->disk->write (self->file, bytes, sizeof bytes,
                              CSM_ROOT_OFFSET (csm_freshness_place (root->seq)));
  return failed != 0 ? failed : self->disk->sync (self->file);
}

static int
ensure_folder (CsmVault *self)
{
  if (self->fresh.folder == NULL)
    self->fresh.folder = csm_media_folder_find (self->path, self->header.case_id);
  if (self->fresh.folder != NULL)
    return 0;
  return csm_media_folder_make (self->path, self->header.case_id, &self->fresh.folder);
}

static int
write_table (CsmVault *self, CsmDiskFile *file, const CsmRoot *root)
{
  const int64_t size = CSM_ROOT_SIZE + (int64_t) root->n_pages * CSM_TAG_SIZE;
  uint8_t bytes[CSM_ROOT_SIZE];
  int64_t old_size = 0;
  int failed;

  csm_root_encode (root, self->header.file_id, self->freshness_key, bytes);
  failed = self->disk->write (file, bytes, sizeof bytes, 0);
  if (failed == 0 && root->n_pages > 0)
    failed = self->disk->write (file, self->fresh.tags.tags, (size_t) (size - CSM_ROOT_SIZE),
                                CSM_ROOT_SIZE);
  if (failed == 0)
    failed = self->disk->get_size (file, &old_size);
  if (failed == 0 && old_size != size)
    failed = self->disk->truncate (file, size);
  return failed != 0 ? failed : self->disk->sync (file);
}

/* self->fresh.tags under @root, which was written over them. */
static int
save_table (CsmVault *self, const CsmRoot *root)
{
  g_autofree char *path = NULL;
  CsmDiskFile *file = NULL;
  const int place = csm_freshness_place (root->seq);
  int failed = ensure_folder (self);

  if (failed != 0)
    return failed;
  path = csm_freshness_dup_path (self, place);
  failed = self->disk->open (path, CSM_DISK_ENSURE, &file);
  if (failed != 0)
    return failed;
  failed = write_table (self, file, root);
  self->disk->close (file);
  /* A file that is there already may be what a try that failed has left. */
  if (failed == 0 && !self->fresh.named[place])
    {
      failed = self->disk->sync_folder (path);
      self->fresh.named[place] = failed == 0;
    }
  return failed;
}

static void
make_root (CsmVault *self, uint64_t seq, CsmRoot *ret_root)
{
  *ret_root = (CsmRoot){ .seq = seq, .n_pages = self->fresh.tags.n_pages };
  memcpy (ret_root->generation, self->binding.generation, CSM_GENERATION_SIZE);
  csm_tag_table_hash (&self->fresh.tags, self->freshness_key, ret_root->hash);
}

/* Never over the root that holds, never with a number that was tried before. */
static uint64_t
next_seq (const CsmFreshness *fresh)
{
  const uint64_t seq = MAX (fresh->last_seq, fresh->root.seq) + 1;
  const bool is_taken = fresh->root.seq != 0 &&
                        csm_freshness_place (seq) == csm_freshness_place (fresh->root.seq);

  return is_taken ? seq + 1 : seq;
}

static int
store (CsmVault *self)
{
  CsmFreshness *fresh = &self->fresh;
  CsmRoot root;
  int failed;

  make_root (self, next_seq (fresh), &root);
  fresh->last_seq = root.seq;
  failed = save_table (self, &root);
  if (failed == 0)
    failed = csm_vault_write_root (self, &root);
  if (failed != 0)
    return failed;
  fresh->doubled = fresh->root.seq != 0 && csm_root_equal_content (&root, &fresh->root);
  fresh->root = root;
  fresh->table_saved = true;
  fresh->changed = false;
  return 0;
}

int
csm_vault_store_freshness (CsmVault *self)
{
  if (self->fresh.state != CSM_FRESHNESS_FRESH || !self->fresh.changed)
    return 0;
  return store (self);
}

int
csm_vault_double_freshness (CsmVault *self)
{
  int failed = csm_vault_store_freshness (self);

  if (failed != 0 || self->fresh.state != CSM_FRESHNESS_FRESH || !self->fresh.table_saved ||
      self->fresh.doubled)
    return failed;
  return store (self);
}

int
csm_vault_save_first_table (CsmVault *self)
{
  int failed;

  if (self->fresh.state != CSM_FRESHNESS_FRESH || self->fresh.table_saved)
    return 0;
  failed = save_table (self, &self->fresh.root);
  self->fresh.table_saved = failed == 0;
  return failed;
}

int
csm_vault_write_first_root (CsmVault *self)
{
  CsmFreshness *fresh = &self->fresh;
  /* A pair of an odd number and the next, so that each says which is the other. */
  const uint64_t odd = (fresh->last_seq + 1) | 1;
  int failed = 0;

  for (uint64_t seq = odd; failed == 0 && seq <= odd + 1; seq++)
    {
      make_root (self, seq, &fresh->root);
      fresh->root.is_first = true;
      failed = csm_vault_write_root (self, &fresh->root);
    }
  if (failed != 0)
    return failed;
  fresh->last_seq = fresh->root.seq;
  fresh->state = CSM_FRESHNESS_FRESH;
  fresh->table_saved = false;
  fresh->changed = false;
  return 0;
}

gboolean
csm_vault_reseal (CsmVault *self, GError **error)
{
  CsmFreshness *fresh = &self->fresh;
  CsmTagTable tags = { 0 };
  int failed;

  g_return_val_if_fail (self != NULL && !self->has_database, FALSE);

  if (!self->may_write)
    return csm_vault_fail (error, CSM_VAULT_ERROR_READ_ONLY,
                           "seal the case's pages again: the case is open for reading only; "
                           "open it for writing");
  failed = csm_vault_read_tags (self, &tags);
  if (failed == 0)
    {
      csm_tag_table_clear (&fresh->tags);
      fresh->tags = tags;
      failed = store (self);
    }
  else
    csm_tag_table_clear (&tags);
  /* To the other place too: what stands there may be newer than what was put back. */
  if (failed == 0)
    failed = store (self);
  if (failed == 0 && self->wal_missing)
    failed = csm_vault_bind (self, CSM_WAL_CLEAN, NULL);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "seal the case's pages again");
  fresh->state = CSM_FRESHNESS_FRESH;
  self->wal_missing = false;
  self->read_only = false;
  return TRUE;
}
