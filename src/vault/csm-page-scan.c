/* csm-page-scan.c: what still authenticates in a damaged case file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-page-scan.h"

#include "vault/csm-fail.h"
#include "vault/csm-seal.h"
#include "vault/csm-vault-private.h"

#include <sodium.h>

#include <errno.h>
#include <string.h>

G_STATIC_ASSERT (CSM_SCAN_PAGE_SIZE == CSM_PAGE_SIZE &&
                 CSM_SCAN_PAGE_USED == CSM_PAGE_SIZE - CSM_PAGE_RESERVE);

struct _CsmPageScan
{
  /* Holds the file, its keys and the header that opened it; never registered as a database. */
  CsmVault *vault;
  bool is_authentic; /* that header */
  CsmDiskFile *wal;  /* (nullable) */
  uint8_t generation[CSM_GENERATION_SIZE];
  uint32_t n_main;
  uint32_t n_pages;
  GHashTable *frames; /* page number to GArray of int64_t, slots in order */
  GPtrArray *damage;
  uint8_t sealed[CSM_PAGE_SIZE];
  uint8_t plain[CSM_WAL_FRAME_SIZE];
};

void
csm_page_scan_free (CsmPageScan *self)
{
  if (self == NULL)
    return;
  if (self->wal != NULL)
    self->vault->disk->close (self->wal);
  csm_vault_close (self->vault);
  g_hash_table_unref (self->frames);
  g_ptr_array_unref (self->damage);
  sodium_memzero (self->plain, sizeof self->plain);
  g_free (self);
}

static void note (CsmPageScan *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (CsmPageScan *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->damage, g_strdup_vprintf (format, args));
  va_end (args);
}

/* The header */

/* A copy that the checksum does not vouch for may still hold slots, which vouch for themselves.
 * What the format fixes is put back; the cost is checked against the caps. */
static bool
mend_fields (CsmHeader *header)
{
  CsmHeader fixed;

  csm_header_init (&fixed, &header->cost);
  header->major = fixed.major;
  header->minor = fixed.minor;
  header->least_minor = fixed.least_minor;
  header->cipher = fixed.cipher;
  header->flags = fixed.flags;
  header->page_size = fixed.page_size;
  header->reserve = fixed.reserve;
  return csm_header_check (header, NULL);
}

static bool
is_same_lock (const CsmHeader *a, const CsmHeader *b)
{
  return memcmp (a->salt, b->salt, sizeof a->salt) == 0 &&
         a->cost.operations == b->cost.operations && a->cost.memory == b->cost.memory &&
         memcmp (a->case_id, b->case_id, CSM_VAULT_ID_SIZE) == 0 &&
         memcmp (a->file_id, b->file_id, CSM_VAULT_ID_SIZE) == 0 &&
         memcmp (a->slots, b->slots, sizeof a->slots) == 0;
}

static bool
is_newer (const CsmHeaderPair *pair, int copy)
{
  return pair->state[copy] == CSM_COPY_WHOLE &&
         (pair->header[copy].major > CSM_FORMAT_MAJOR ||
          pair->header[copy].least_minor > CSM_FORMAT_MINOR);
}

/* Both copies, whole ones first, the newer of two whole ones first. */
static void
order_copies (const CsmHeaderPair *pair, int ret_order[2])
{
  const bool whole_a = pair->state[0] == CSM_COPY_WHOLE;
  const bool whole_b = pair->state[1] == CSM_COPY_WHOLE;
  const bool b_first =
      whole_a == whole_b ? pair->header[1].seq > pair->header[0].seq && whole_b : whole_b;

  ret_order[0] = b_first ? 1 : 0;
  ret_order[1] = !ret_order[0];
}

/* The copy by which the file was unlocked; -1 with @error. */
static int
unlock_any (CsmPageScan *self, CsmHeaderPair *pair, const CsmSecret *passphrase, GError **error)
{
  int order[2];
  bool tried = false;

  order_copies (pair, order);
  for (int i = 0; i < 2; i++)
    {
      CsmHeader *header = &pair->header[order[i]];

      if (is_newer (pair, order[i]))
        {
          g_clear_error (error);
          (void) csm_header_check (header, error); /* says so */
          return -1;
        }
      if (!mend_fields (header) || (tried && is_same_lock (header, &pair->header[order[0]])))
        continue;
      tried = true;
      g_clear_error (error);
      if (csm_vault_unlock (self->vault, header, passphrase, error))
        return order[i];
    }
  if (!tried)
    csm_vault_fail (error,
                    pair->state[0] == CSM_COPY_FOREIGN && pair->state[1] == CSM_COPY_FOREIGN
                        ? CSM_VAULT_ERROR_NOT_A_CASE
                        : CSM_VAULT_ERROR_DAMAGED,
                    "open the damaged case: neither copy of its header can be read; use a "
                    "backup");
  return -1;
}

static gboolean
load_header (CsmPageScan *self, const CsmSecret *passphrase, GError **error)
{
  static const char name[] = "AB";
  g_autofree CsmHeaderPair *pair = g_new0 (CsmHeaderPair, 1);
  CsmVault *vault = self->vault;
  int copy;

  for (int i = 0; i < 2; i++)
    {
      size_t size = 0;

      /* What cannot be read is zeros: the other copy may do. */
      if (vault->disk->read (vault->file, pair->bytes[i], CSM_HEADER_SIZE,
                             CSM_HEADER_OFFSET (i), &size) != 0)
        memset (pair->bytes[i], 0, CSM_HEADER_SIZE);
      pair->state[i] = csm_header_examine (pair->bytes[i]);
      csm_header_decode (pair->bytes[i], &pair->header[i]);
    }
  copy = unlock_any (self, pair, passphrase, error);
  if (copy < 0)
    return FALSE;
  for (int i = 0; i < 2; i++)
    {
      const bool authentic = pair->state[i] == CSM_COPY_WHOLE &&
                             csm_header_has_mac (pair->bytes[i], vault->header_key);

      if (!authentic)
        note (self, "header copy %c is damaged", name[i]);
      if (authentic && (!self->is_authentic || pair->header[i].seq > pair->header[copy].seq))
        copy = i;
      self->is_authentic |= authentic;
    }
  vault->header = pair->header[copy];
  /* Nothing vouches for the number, and none is so high. */
  if (!self->is_authentic && vault->header.seq > G_MAXUINT32)
    vault->header.seq = 0;
  return TRUE;
}

/* The WAL */

static bool
open_frame (CsmPageScan *self, int64_t slot, uint32_t *ret_page)
{
  CsmVault *vault = self->vault;
  uint64_t mark;
  size_t got = 0;
  uint32_t page;

  if (vault->disk->read (self->wal, self->sealed, CSM_WAL_SLOT_SIZE, slot * CSM_WAL_SLOT_SIZE,
                         &got) != 0 ||
      got != CSM_WAL_SLOT_SIZE ||
      !csm_wal_slot_open (self->plain, &mark, self->sealed, (uint64_t) slot, self->generation,
                          vault->header.file_id, vault->wal_key))
    return false;
  memcpy (&page, self->plain, sizeof page);
  *ret_page = GUINT32_FROM_BE (page);
  return true;
}

static void
add_frame (CsmPageScan *self, uint32_t page, int64_t slot)
{
  GArray *slots = g_hash_table_lookup (self->frames, GUINT_TO_POINTER (page));

  if (slots == NULL)
    {
      slots = g_array_new (FALSE, FALSE, sizeof (int64_t));
      g_hash_table_insert (self->frames, GUINT_TO_POINTER (page), slots);
    }
  g_array_append_val (slots, slot);
  self->n_pages = MAX (self->n_pages, page);
}

/* Frames behind a damaged one are still frames. What is torn at the very end is what a crash
 * leaves, and no damage. */
static void
scan_wal (CsmPageScan *self)
{
  int64_t size = 0;
  int64_t n_bad = 0, n_bad_inside = 0;

  (void) self->vault->disk->get_size (self->wal, &size); /* then there is nothing to read */
  for (int64_t slot = 1; slot < size / CSM_WAL_SLOT_SIZE; slot++)
    {
      uint32_t page;

      if (!open_frame (self, slot, &page) || page == 0)
        n_bad++;
      else
        {
          add_frame (self, page, slot);
          n_bad_inside = n_bad;
        }
    }
  if (n_bad_inside > 0)
    note (self, "%" G_GINT64_FORMAT " frames of the write-ahead log are damaged", n_bad_inside);
}

/* Which WAL belongs to the file; false: none that is known of. */
static bool
find_generation (CsmPageScan *self)
{
  static const char name[] = "AB";
  CsmVault *vault = self->vault;
  uint64_t newest = 0;
  int n_damaged = 0;
  bool found = false;

  for (int i = 0; i < 2; i++)
    {
      uint8_t bytes[CSM_BINDING_SIZE];
      CsmBinding binding;
      size_t size = 0;

      if (vault->disk->read (vault->file, bytes, sizeof bytes, CSM_BINDING_OFFSET (i), &size) !=
              0 ||
          size != sizeof bytes ||
          !csm_binding_decode (bytes, vault->header.file_id, vault->binding_key, &binding))
        {
          note (self, "WAL binding %c is damaged", name[i]);
          n_damaged++;
          continue;
        }
      if (!found || binding.seq > newest)
        {
          newest = binding.seq;
          vault->binding = binding;
        }
      found = true;
    }
  /* Live is written to the other place after opening: beside a damaged one, opening may be what
   * is left of it. */
  if (found && vault->binding.state != CSM_WAL_LIVE &&
      (n_damaged == 0 || vault->binding.state != CSM_WAL_OPENING))
    return false;
  if (found)
    memcpy (self->generation, vault->binding.generation, CSM_GENERATION_SIZE);
  return true;
}

static bool
is_zero (const uint8_t *bytes, size_t size)
{
  return sodium_is_zero (bytes, size) == 1;
}

/* Without a binding, the log itself says which one it is: its slots only open under it. */
static void
adopt_generation (CsmPageScan *self)
{
  size_t got = 0;

  for (int64_t slot = 0; slot < 16 && is_zero (self->generation, CSM_GENERATION_SIZE); slot++)
    {
      uint32_t page;

      if (self->vault->disk->read (self->wal, self->sealed, CSM_WAL_SLOT_SIZE,
                                   slot * CSM_WAL_SLOT_SIZE, &got) != 0 ||
          got != CSM_WAL_SLOT_SIZE)
        return;
      memcpy (self->generation, self->sealed, CSM_GENERATION_SIZE);
      if (!open_frame (self, slot, &page))
        memset (self->generation, 0, CSM_GENERATION_SIZE);
    }
}

static void
load_wal (CsmPageScan *self)
{
  g_autofree char *path = csm_vault_dup_wal_path (self->vault);

  if (!find_generation (self))
    return;
  if (self->vault->disk->open (path, CSM_DISK_READ, &self->wal) != 0)
    {
      if (!is_zero (self->generation, CSM_GENERATION_SIZE))
        note (self, "the write-ahead log is missing, and the last changes with it");
      return;
    }
  adopt_generation (self);
  scan_wal (self);
  if (g_hash_table_size (self->frames) == 0 && !is_zero (self->generation, CSM_GENERATION_SIZE))
    note (self,
          "nothing in the write-ahead log can be read: it is damaged or of another moment");
}

/* Opening */

static void
load_size (CsmPageScan *self)
{
  int64_t size = 0;

  (void) self->vault->disk->get_size (self->vault->file, &size); /* then there are no pages */
  size = MAX (size - CSM_PAGES_OFFSET, 0);
  self->n_main = (uint32_t) MIN (size / CSM_PAGE_SIZE, G_MAXUINT32 - 1);
  self->n_pages = self->n_main;
  if (size % CSM_PAGE_SIZE != 0 || size == 0)
    note (self, "the end of the case file is cut off");
}

CsmPageScan *
csm_page_scan_open (const char *path, const CsmSecret *passphrase, GError **error)
{
  g_autoptr (CsmPageScan) self = NULL;

  g_return_val_if_fail (path != NULL && passphrase != NULL, NULL);

  self = g_new0 (CsmPageScan, 1);
  self->vault = csm_vault_new (CSM_VAULT_OPEN_READ_ONLY);
  self->frames = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  self->damage = g_ptr_array_new_with_free_func (g_free);
  if (!csm_vault_take_file (self->vault, path, error) || !load_header (self, passphrase, error))
    return NULL;
  load_size (self);
  load_wal (self);
  return g_steal_pointer (&self);
}

const uint8_t *
csm_page_scan_get_case_id (const CsmPageScan *self)
{
  return self->vault->header.case_id;
}

const char *
csm_page_scan_get_path (const CsmPageScan *self)
{
  return self->vault->path;
}

GPtrArray *
csm_page_scan_get_damage (CsmPageScan *self)
{
  return self->damage;
}

/* Reading */

uint32_t
csm_page_scan_count_pages (const CsmPageScan *self)
{
  return self->n_pages;
}

static const GArray *
find_frames (const CsmPageScan *self, uint32_t page)
{
  return g_hash_table_lookup (self->frames, GUINT_TO_POINTER (page));
}

int
csm_page_scan_count_copies (const CsmPageScan *self, uint32_t page)
{
  const GArray *slots = find_frames (self, page);

  return (slots != NULL ? (int) slots->len : 0) + (page >= 1 && page <= self->n_main ? 1 : 0);
}

static bool
read_main (CsmPageScan *self, uint32_t page, uint8_t *ret_page)
{
  CsmVault *vault = self->vault;
  size_t got = 0;

  return vault->disk->read (vault->file, self->sealed, CSM_PAGE_SIZE,
                            CSM_PAGES_OFFSET + (int64_t) (page - 1) * CSM_PAGE_SIZE,
                            &got) == 0 &&
         got == CSM_PAGE_SIZE &&
         csm_page_open (ret_page, self->sealed, page - 1, vault->header.file_id,
                        vault->page_key);
}

bool
csm_page_scan_read (CsmPageScan *self,
                    uint32_t page,
                    int copy,
                    uint8_t ret_page[CSM_SCAN_PAGE_SIZE])
{
  const GArray *slots = find_frames (self, page);
  const int n_frames = slots != NULL ? (int) slots->len : 0;
  uint32_t number;

  if (copy < 0 || copy >= csm_page_scan_count_copies (self, page))
    return false;
  if (copy >= n_frames)
    return read_main (self, page, ret_page);
  if (!open_frame (self, g_array_index (slots, int64_t, n_frames - 1 - copy), &number) ||
      number != page)
    return false;
  memcpy (ret_page, self->plain + CSM_WAL_FRAME_HEADER_SIZE, CSM_PAGE_SIZE);
  return true;
}

int64_t
csm_page_scan_count_damaged (CsmPageScan *self, uint32_t *ret_first)
{
  uint8_t plain[CSM_PAGE_SIZE];
  int64_t n = 0;

  for (uint32_t page = 1; page <= self->n_main; page++)
    if (find_frames (self, page) == NULL && !read_main (self, page, plain) && n++ == 0)
      *ret_first = page;
  sodium_memzero (plain, sizeof plain);
  return n;
}

/* The new file */

static void
adopt_slots (CsmVault *to, const CsmPageScan *self)
{
  const CsmHeader *from = &self->vault->header;
  CsmHeader *header = &to->header;
  int n = 0;

  csm_header_init (header, &from->cost);
  memcpy (header->case_id, from->case_id, CSM_VAULT_ID_SIZE);
  memcpy (header->salt, from->salt, sizeof header->salt);
  header->seq = from->seq + 1;
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    if (from->slots[i].type != 0 &&
        (self->is_authentic ||
         memcmp (from->slots[i].id, self->vault->own_slot, CSM_VAULT_ID_SIZE) == 0))
      {
        header->slots[n] = from->slots[i];
        csm_slot_seal_data_key (&header->slots[n++], header, to->data_key);
      }
}

CsmVault *
csm_page_scan_create_case (CsmPageScan *self, const char *path, GError **error)
{
  g_autoptr (CsmVault) vault = NULL;

  g_return_val_if_fail (self != NULL && path != NULL, NULL);

  vault = csm_vault_new (CSM_VAULT_OPEN_WRITE);
  if (!csm_vault_make_part_of (vault, path, error))
    return NULL;
  csm_vault_set_data_key (vault, csm_secret_new_random (CSM_KEY_SIZE));
  adopt_slots (vault, self);
  vault->slot_secret = csm_secret_ref (self->vault->slot_secret);
  memcpy (vault->own_slot, self->vault->own_slot, sizeof vault->own_slot);
  if (!csm_vault_write_first_headers (vault, error))
    return NULL;
  csm_vfs_register (vault);
  return g_steal_pointer (&vault);
}
