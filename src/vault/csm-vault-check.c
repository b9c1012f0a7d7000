/* csm-vault-check.c: every byte of the case file, authenticated
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-seal.h"
#include "vault/csm-vault-private.h"

#include <sodium.h>

#include <errno.h>
#include <string.h>

#define PAGES_A_READ 64

static gboolean
fail_at (GError **error, const char *where)
{
  return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                         "check the case file: %s is damaged; use a backup", where);
}

static gboolean
read_all (CsmVault *self,
          CsmDiskFile *file,
          void *buffer,
          size_t size,
          int64_t offset,
          GError **error)
{
  size_t got = 0;
  int failed = self->disk->read (file, buffer, size, offset, &got);

  if (failed == 0 && got != size)
    failed = EIO;
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "check the case file");
  return TRUE;
}

static gboolean
check_headers (CsmVault *self, const uint8_t *area, GError **error)
{
  static const char *const names[] = { "header copy A", "header copy B" };

  for (int i = 0; i < 2; i++)
    {
      const uint8_t *copy = area + CSM_HEADER_OFFSET (i);

      if (csm_header_examine (copy) != CSM_COPY_WHOLE ||
          !csm_header_has_mac (copy, self->header_key))
        return fail_at (error, names[i]);
    }
  return TRUE;
}

static gboolean
check_bindings (CsmVault *self, const uint8_t *area, GError **error)
{
  static const char *const names[] = { "WAL binding A", "WAL binding B" };

  for (int i = 0; i < 2; i++)
    {
      CsmBinding binding;

      if (!csm_binding_decode (area + CSM_BINDING_OFFSET (i), self->header.file_id,
                               self->binding_key, &binding))
        return fail_at (error, names[i]);
    }
  return TRUE;
}

static gboolean
check_area (CsmVault *self, GError **error)
{
  g_autofree uint8_t *area = g_malloc (CSM_PAGES_OFFSET);

  if (!read_all (self, self->file, area, CSM_PAGES_OFFSET, 0, error) ||
      !check_headers (self, area, error) || !check_bindings (self, area, error))
    return FALSE;
  for (int i = CSM_RESERVED_OFFSET; i < CSM_PAGES_OFFSET; i++)
    if (area[i] != 0)
      {
        g_autofree char *where = g_strdup_printf ("the reserved area at 0x%04x", (unsigned) i);

        return fail_at (error, where);
      }
  return TRUE;
}

static gboolean
check_freshness (CsmVault *self, GError **error)
{
  const char *unfit = csm_vault_find_unfit (self);

  return unfit == NULL || fail_at (error, unfit);
}

static gint64 *
page_key (int64_t number)
{
  gint64 *key = g_new (gint64, 1);

  *key = number;
  return key;
}

/* Moves what is pending into @covered. */
static void
commit_pages (GHashTable *covered, GArray *pending)
{
  for (guint i = 0; i < pending->len; i++)
    g_hash_table_add (covered, page_key (g_array_index (pending, gint64, i)));
  g_array_set_size (pending, 0);
}

static void
scan_wal (CsmVault *self, CsmDiskFile *wal, GHashTable *covered)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (CsmSecret) frame = csm_secret_new (CSM_WAL_FRAME_SIZE);
  uint8_t *plain = csm_secret_data (frame);
  uint8_t sealed[CSM_WAL_SLOT_SIZE];
  uint64_t mark;
  size_t got = 0;

  for (int64_t slot = 1;; slot++)
    {
      gint64 number;
      uint32_t big_endian;

      if (self->disk->read (wal, sealed, sizeof sealed, slot * CSM_WAL_SLOT_SIZE, &got) != 0 ||
          got != sizeof sealed ||
          !csm_wal_slot_open (plain, &mark, sealed, (uint64_t) slot, self->binding.generation,
                              self->header.file_id, self->wal_key))
        return;
      memcpy (&big_endian, plain, sizeof big_endian);
      number = (gint64) GUINT32_FROM_BE (big_endian) - 1;
      g_array_append_val (pending, number);
      memcpy (&big_endian, plain + 4, sizeof big_endian);
      if (big_endian != 0)
        commit_pages (covered, pending);
    }
}

/* (transfer full): the pages that a committed frame of the WAL holds. A checkpoint that was cut
 * off may have left them torn in the main file. */
static GHashTable *
load_covered (CsmVault *self)
{
  GHashTable *covered = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autofree char *path = csm_vault_dup_wal_path (self);
  CsmDiskFile *wal = NULL;

  if (self->binding.state != CSM_WAL_LIVE || self->wal_missing ||
      self->disk->open (path, CSM_DISK_READ, &wal) != 0)
    return covered;
  scan_wal (self, wal, covered);
  self->disk->close (wal);
  return covered;
}

static bool
is_page_sound (CsmVault *self, const uint8_t *sealed, gint64 number, uint8_t *plain)
{
  return csm_page_open (plain, sealed, (uint64_t) number, self->header.file_id,
                        self->page_key) &&
         !csm_vault_is_stale (self, (uint64_t) number, CSM_PAGE_TAG (sealed));
}

static gboolean
fail_at_page (CsmVault *self,
              const uint8_t *sealed,
              gint64 number,
              uint8_t *plain,
              GError **error)
{
  const bool is_authentic =
      csm_page_open (plain, sealed, (uint64_t) number, self->header.file_id, self->page_key);

  csm_vault_set_page_fault (self, is_authentic ? CSM_PAGE_STALE : CSM_PAGE_DAMAGED, number);
  return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                         "check the case file: page %" G_GINT64_FORMAT " is %s; use a backup",
                         number + 1,
                         is_authentic ? "an older one put back (stale)" : "damaged");
}

static gboolean
check_pages (CsmVault *self,
             int64_t n_pages,
             GHashTable *covered,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree uint8_t *sealed = g_malloc (PAGES_A_READ * CSM_PAGE_SIZE);
  g_autofree uint8_t *plain = g_malloc (CSM_PAGE_SIZE);
  gboolean holds = TRUE;

  for (gint64 number = 0; holds && number < n_pages; number++)
    {
      const int64_t within = number % PAGES_A_READ;
      const int64_t n = MIN (PAGES_A_READ, n_pages - number);
      const uint8_t *page = sealed + within * CSM_PAGE_SIZE;

      if (within == 0)
        holds = !g_cancellable_set_error_if_cancelled (cancellable, error) &&
                read_all (self, self->file, sealed, (size_t) (n * CSM_PAGE_SIZE),
                          CSM_PAGES_OFFSET + number * CSM_PAGE_SIZE, error);
      if (holds && !is_page_sound (self, page, number, plain) &&
          !g_hash_table_contains (covered, &number))
        holds = fail_at_page (self, page, number, plain, error);
    }
  sodium_memzero (plain, CSM_PAGE_SIZE);
  return holds;
}

/* A checkpoint that was cut off may have cut the file already. */
static gboolean
check_length (CsmVault *self, int64_t n_pages, GHashTable *covered, GError **error)
{
  if (self->fresh.state != CSM_FRESHNESS_FRESH || g_hash_table_size (covered) > 0 ||
      (uint64_t) n_pages >= self->fresh.tags.n_pages)
    return TRUE;
  return fail_at (error, "the end of the file");
}

gboolean
csm_vault_check (CsmVault *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) covered = NULL;
  int64_t size = 0;
  int64_t n_pages;
  int failed;

  g_return_val_if_fail (self != NULL, FALSE);

  failed = self->disk->get_size (self->file, &size);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "check the case file");
  if (size < CSM_PAGES_OFFSET)
    return fail_at (error, "the file's length");
  if (!check_area (self, error) || !check_freshness (self, error))
    return FALSE;
  covered = load_covered (self);
  if ((size - CSM_PAGES_OFFSET) % CSM_PAGE_SIZE != 0 && g_hash_table_size (covered) == 0)
    return fail_at (error, "the end of the file");
  n_pages = (size - CSM_PAGES_OFFSET) / CSM_PAGE_SIZE;
  return check_pages (self, n_pages, covered, cancellable, error) &&
         check_length (self, n_pages, covered, error);
}
