/* csm-vault-freshness-load.c: which root holds, when a case is opened
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"
#include "vault/csm-vault-private.h"

#include <errno.h>
#include <string.h>

static const char place_name[] = "AB";

/* One of the two places: a root in the main file, and a table that begins with a copy of it. */
typedef struct
{
  bool has_root; /* authentic, and in its own place */
  bool is_blank; /* zeros: never written */
  CsmRoot root;

  bool has_file;
  bool is_whole; /* the table is the one that record was written over */
  CsmRoot record;
  CsmTagTable tags;
} Place;

/* Reading */

static bool
decode_root (CsmVault *self, int place, const uint8_t *bytes, CsmRoot *ret_root)
{
  return csm_root_decode (bytes, self->header.file_id, self->freshness_key, ret_root) &&
         csm_freshness_place (ret_root->seq) == place;
}

static int
load_root (CsmVault *self, int place, Place *ret_place)
{
  static const uint8_t zeros[CSM_ROOT_SIZE];
  uint8_t bytes[CSM_ROOT_SIZE];
  size_t size = 0;
  const int failed =
      self->disk->read (self->file, bytes, sizeof bytes, CSM_ROOT_OFFSET (place), &size);

  if (failed != 0 || size != sizeof bytes)
    return failed != 0 ? failed : EIO; /* the file is longer */
  ret_place->has_root = decode_root (self, place, bytes, &ret_place->root);
  ret_place->is_blank = memcmp (bytes, zeros, sizeof zeros) == 0;
  return 0;
}

static int
read_table (CsmVault *self, CsmDiskFile *file, int place, Place *ret_place)
{
  uint8_t bytes[CSM_ROOT_SIZE];
  CsmRoot *record = &ret_place->record;
  int64_t file_size = 0;
  size_t size = 0;
  int failed = self->disk->get_size (file, &file_size);

  if (failed == 0)
    failed = self->disk->read (file, bytes, sizeof bytes, 0, &size);
  if (failed == 0 && (int64_t) size != MIN (file_size, CSM_ROOT_SIZE))
    failed = EIO;
  if (failed != 0 || size != sizeof bytes || !decode_root (self, place, bytes, record) ||
      file_size != CSM_ROOT_SIZE + (int64_t) record->n_pages * CSM_TAG_SIZE)
    return failed;
  if (!csm_tag_table_resize (&ret_place->tags, record->n_pages))
    return ENOMEM;
  failed = self->disk->read (file, ret_place->tags.tags, record->n_pages * CSM_TAG_SIZE,
                             CSM_ROOT_SIZE, &size);
  if (failed == 0 && size != record->n_pages * CSM_TAG_SIZE)
    failed = EIO;
  ret_place->is_whole =
      failed == 0 && csm_tag_table_fits (&ret_place->tags, record, self->freshness_key);
  return failed;
}

static int
load_place (CsmVault *self, int place, Place *ret_place)
{
  g_autofree char *path = csm_freshness_dup_path (self, place);
  CsmDiskFile *file = NULL;
  int failed = load_root (self, place, ret_place);

  if (failed != 0 || path == NULL)
    return failed;
  failed = self->disk->open (path, CSM_DISK_READ, &file);
  if (failed == ENOENT)
    return 0;
  ret_place->has_file = true;
  if (failed != 0)
    return failed == EIO || failed == ENOMEM ? failed : 0; /* a link, a folder: no table */
  failed = read_table (self, file, place, ret_place);
  self->disk->close (file);
  return failed;
}

static void
clear_places (Place places[2])
{
  for (int i = 0; i < 2; i++)
    csm_tag_table_clear (&places[i].tags);
}

static int
load_places (CsmVault *self, Place ret_places[2])
{
  int failed = 0;

  memset (ret_places, 0, 2 * sizeof *ret_places);
  g_free (self->fresh.folder);
  self->fresh.folder = csm_media_folder_find (self->path, self->header.case_id);
  for (int i = 0; failed == 0 && i < 2; i++)
    failed = load_place (self, i, &ret_places[i]);
  if (failed != 0)
    clear_places (ret_places);
  return failed;
}

/* Choosing */

static bool
is_matched (const Place *place)
{
  return place->has_root && place->is_whole && place->root.seq == place->record.seq &&
         csm_root_equal_content (&place->root, &place->record);
}

static bool
may_match (const Place *place)
{
  return place->is_whole && (!place->has_root || is_matched (place));
}

/* Written while the WAL that is bound was checkpointed: it still covers every page that was
 * written since the root before. */
static bool
is_in_flight (const CsmVault *self, const CsmRoot *root)
{
  return self->binding.state == CSM_WAL_LIVE && !self->wal_missing &&
         memcmp (root->generation, self->binding.generation, CSM_GENERATION_SIZE) == 0;
}

static int
find_newest_root (const Place places[2])
{
  if (places[0].has_root && places[1].has_root)
    return places[1].root.seq > places[0].root.seq ? 1 : 0;
  return places[0].has_root ? 0 : places[1].has_root ? 1 : -1;
}

static int
find_newest_table (const Place places[2])
{
  if (places[0].is_whole && places[1].is_whole)
    return places[1].record.seq > places[0].record.seq ? 1 : 0;
  return places[0].is_whole ? 0 : places[1].is_whole ? 1 : -1;
}

static void
hold_table (CsmVault *self, Place *place)
{
  self->fresh.state = CSM_FRESHNESS_FRESH;
  self->fresh.root = place->record;
  self->fresh.tags = place->tags;
  self->fresh.table_saved = true;
  place->tags = (CsmTagTable){ 0 };
}

/* Without a table the tags that the pages carry stand in for it, if they fit. */
static int
hold_pages (CsmVault *self, const CsmRoot *root, bool *ret_holds)
{
  CsmTagTable tags = { 0 };
  const int failed = csm_vault_read_tags (self, &tags);

  *ret_holds = failed == 0 && csm_tag_table_fits (&tags, root, self->freshness_key);
  if (*ret_holds)
    {
      self->fresh.state = CSM_FRESHNESS_FRESH;
      self->fresh.root = *root;
      self->fresh.tags = tags;
    }
  else
    csm_tag_table_clear (&tags);
  return failed;
}

/* A table that is newer than every root: its root was being written as the power went, or was
 * damaged since; or the main file was put back. */
static void
choose_table (CsmVault *self, Place places[2], int newest)
{
  Place *place = &places[newest];
  const Place *other = &places[!newest];

  if (is_in_flight (self, &place->record) || (!place->has_root && !place->is_blank) ||
      (other->has_root && csm_root_equal_content (&other->root, &place->record)))
    hold_table (self, place);
  else
    self->fresh.state = CSM_FRESHNESS_STALE;
}

static int
choose_root (CsmVault *self, Place places[2], int newest)
{
  Place *place = &places[newest];
  Place *other = &places[!newest];
  bool holds = false;
  int failed = 0;

  if (is_matched (place))
    hold_table (self, place);
  else if ((other->is_whole && csm_root_equal_content (&place->root, &other->record)) ||
           (is_matched (other) && is_in_flight (self, &place->root)))
    hold_table (self, other);
  else
    {
      if (place->root.is_first || (self->flags & CSM_VAULT_OPEN_CONTINUE) != 0)
        failed = hold_pages (self, &place->root, &holds);
      if (!holds)
        self->fresh.state = place->has_file ? CSM_FRESHNESS_STALE : CSM_FRESHNESS_MISSING;
    }
  return failed;
}

static int
choose (CsmVault *self, Place places[2])
{
  const int root = find_newest_root (places);
  const int table = find_newest_table (places);
  CsmFreshness *fresh = &self->fresh;
  int failed = 0;

  for (int i = 0; i < 2; i++)
    {
      fresh->last_seq = MAX (fresh->last_seq, places[i].has_root ? places[i].root.seq : 0);
      fresh->last_seq = MAX (fresh->last_seq, places[i].is_whole ? places[i].record.seq : 0);
    }
  if (table >= 0 && (root < 0 || places[table].record.seq > places[root].root.seq))
    choose_table (self, places, table);
  else if (root >= 0)
    failed = choose_root (self, places, root);
  else
    fresh->state = CSM_FRESHNESS_STALE;
  /* A root that is not there is written from its table. */
  fresh->doubled = may_match (&places[0]) && may_match (&places[1]) &&
                   csm_root_equal_content (&places[0].record, &places[1].record);
  return failed;
}

/* Mending */

/* The table that holds was perhaps written by a process that was killed before it synced, and
 * the other is written over next. */
static int
sync_table (CsmVault *self)
{
  g_autofree char *path =
      csm_freshness_dup_path (self, csm_freshness_place (self->fresh.root.seq));
  CsmDiskFile *file = NULL;
  int failed;

  if (self->read_only || !self->fresh.table_saved || self->binding.state != CSM_WAL_LIVE)
    return 0;
  failed = self->disk->open (path, CSM_DISK_READ, &file);
  if (failed != 0)
    return failed;
  failed = self->disk->sync (file);
  self->disk->close (file);
  return failed == 0 ? self->disk->sync_folder (path) : failed;
}

static int
mend_root (CsmVault *self, Place places[2], int place)
{
  CsmRoot root = self->fresh.root;

  if (place == csm_freshness_place (root.seq))
    return csm_vault_write_root (self, &root);
  if (places[place].is_whole)
    return csm_vault_write_root (self, &places[place].record);
  if (root.is_first)
    {
      root.seq += root.seq % 2 == 1 ? 1 : -1;
      return csm_vault_write_root (self, &root);
    }
  self->fresh.doubled = false;
  return csm_vault_double_freshness (self);
}

/* What cannot be mended now costs nothing but the second copy. */
static void
mend (CsmVault *self, Place places[2])
{
  const int held = csm_freshness_place (self->fresh.root.seq);

  for (int i = 0; i < 2; i++)
    {
      const bool is_behind =
          i == held && places[i].has_root && places[i].root.seq != self->fresh.root.seq;

      if (places[i].has_root && !is_behind)
        continue;
      if (self->read_only)
        {
          if (!is_behind)
            csm_vault_note_repair (
                self, "freshness root %c is damaged; opening for writing rebuilds it",
                place_name[i]);
        }
      else if (mend_root (self, places, i) == 0 && !is_behind)
        csm_vault_note_repair (self,
                               "freshness root %c was damaged and has been rebuilt (repaired)",
                               place_name[i]);
    }
  /* At rest each table has its twin. */
  if (self->read_only || self->binding.state != CSM_WAL_CLEAN || !self->fresh.table_saved ||
      self->fresh.doubled || self->fresh.root.is_first)
    return;
  if (csm_vault_double_freshness (self) == 0)
    csm_vault_note_repair (self,
                           "freshness table %c was damaged and has been rebuilt (repaired)",
                           place_name[!held]);
}

/* A file of format 1.0 never had a root. What stands in the places was left by an earlier try.
 */
static gboolean
upgrade (CsmVault *self, GError **error)
{
  CsmHeader next = self->header;
  int failed = csm_vault_read_tags (self, &self->fresh.tags);

  if (failed == 0)
    failed = csm_vault_write_first_root (self);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "bring the case to this version's format");
  next.minor = CSM_FORMAT_MINOR;
  next.least_minor = CSM_FORMAT_MINOR;
  return csm_vault_write_header (self, &next, error);
}

gboolean
csm_vault_load_freshness (CsmVault *self, GError **error)
{
  Place places[2];
  int failed;

  self->fresh.state = CSM_FRESHNESS_NONE_YET;
  if (self->header.minor == 0)
    return self->read_only || upgrade (self, error);
  failed = load_places (self, places);
  if (failed == 0)
    {
      failed = choose (self, places);
      if (failed == 0)
        failed = sync_table (self);
      if (failed == 0 && self->fresh.state == CSM_FRESHNESS_FRESH)
        mend (self, places);
      clear_places (places);
    }
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read the case's freshness tables");
  if (self->fresh.state != CSM_FRESHNESS_FRESH)
    self->read_only = true;
  return TRUE;
}

/* @self's keys over the file at @path, and the folder beside it. */
static void
borrow (CsmVault *self, const char *path, CsmDiskFile *file, CsmVault *ret_other)
{
  *ret_other = *self;
  ret_other->path = (char *) path;
  ret_other->file = file;
  ret_other->fresh = (CsmFreshness){ 0 };
}

uint64_t
csm_vault_find_root_seq (CsmVault *self, const char *path)
{
  CsmDiskFile *file = NULL;
  CsmVault other;
  Place places[2];
  uint64_t seq = 0;

  if (self->disk->open (path, CSM_DISK_READ, &file) != 0)
    return 0;
  borrow (self, path, file, &other);
  if (load_places (&other, places) == 0)
    {
      for (int i = 0; i < 2; i++)
        {
          seq = MAX (seq, places[i].has_root ? places[i].root.seq : 0);
          seq = MAX (seq, places[i].is_whole ? places[i].record.seq : 0);
        }
      clear_places (places);
    }
  g_free (other.fresh.folder);
  self->disk->close (file);
  return seq;
}

void
csm_vault_drop_tables (CsmVault *self, const char *path)
{
  CsmVault other;

  borrow (self, path, NULL, &other);
  other.fresh.folder = csm_media_folder_find (path, self->header.case_id);
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *table = csm_freshness_dup_path (&other, i);

      if (table != NULL)
        (void) self->disk->unlink (table); /* what stays is older than the roots */
    }
  g_free (other.fresh.folder);
}

const char *
csm_vault_find_unfit (CsmVault *self)
{
  static const char *const roots[] = { "freshness root A", "freshness root B" };
  static const char *const tables[] = { "freshness table A", "freshness table B" };
  const CsmRoot *root = &self->fresh.root;
  const int held = csm_freshness_place (root->seq);
  /* What was being written when the power went may be torn until the case is opened for writing
   * and closed. */
  const bool is_settled = self->binding.state == CSM_WAL_CLEAN;
  const char *unfit = NULL;
  Place places[2];

  if (self->fresh.state != CSM_FRESHNESS_FRESH)
    return NULL;
  if (load_places (self, places) != 0)
    return tables[held];
  for (int i = 0; unfit == NULL && i < 2; i++)
    {
      const bool is_held = i == held && self->fresh.table_saved;

      if (is_settled && !places[i].has_root)
        unfit = roots[i];
      else if (is_held && !(places[i].is_whole && places[i].record.seq == root->seq))
        unfit = tables[i];
      else if (is_settled && !places[i].root.is_first && !is_matched (&places[i]))
        unfit = tables[i];
    }
  clear_places (places);
  return unfit;
}
