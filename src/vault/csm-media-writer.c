/* csm-media-writer.c: one exhibit's bytes into sealed units, in one pass
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"

#include <sodium.h>

/* Units sealed before they go to the disk in one write. */
#define BATCH 16

struct _CsmMediaWriter
{
  /* Borrowed */
  CsmMediaStore *store;

  CsmMediaShape shape;
  char name[CSM_MEDIA_NAME_SIZE + 1];
  int n_parts;
  CsmDiskFile *parts[CSM_MEDIA_MAX_PARTS];
  bool finished;

  int64_t next_unit;   /* the one being filled */
  size_t filled;       /* of its content */
  int64_t batch_first; /* the first unit in the batch */
  int n_batch;
  uint8_t content[CSM_MEDIA_UNIT_CONTENT];
  uint8_t batch[BATCH * CSM_MEDIA_UNIT_SIZE];
};

static void
remove_parts (CsmMediaWriter *self)
{
  const CsmDisk *disk = csm_media_store_get_disk (self->store);

  for (int part = self->n_parts - 1; part >= 0; part--)
    for (int unfinished = 0; unfinished < 2; unfinished++)
      {
        g_autofree char *path =
            csm_media_store_dup_part_path (self->store, self->name, part, unfinished);

        (void) disk->unlink (path); /* only one of the two is there */
      }
}

void
csm_media_writer_free (CsmMediaWriter *self)
{
  if (self == NULL)
    return;
  if (!self->finished)
    remove_parts (self);
  for (int part = 0; part < self->n_parts; part++)
    self->parts[part]->disk->close (self->parts[part]); /* synced before, or removed */
  csm_media_shape_clear (&self->shape);
  sodium_memzero (self->content, sizeof self->content);
  g_free (self);
}

static gboolean
add_part (CsmMediaWriter *self, GError **error)
{
  const CsmDisk *disk = csm_media_store_get_disk (self->store);
  g_autofree char *path = NULL;
  CsmDiskFile *file = NULL;
  int failed;

  if (self->n_parts == CSM_MEDIA_MAX_PARTS)
    return csm_vault_fail (
        error, CSM_VAULT_ERROR_FULL,
        "store an exhibit: it is larger than the %d parts that a stored file "
        "has; link it instead of copying it",
        CSM_MEDIA_MAX_PARTS);
  path = csm_media_store_dup_part_path (self->store, self->name, self->n_parts, true);
  failed = disk->open (path, CSM_DISK_CREATE, &file);
  if (failed == ENOENT)
    return csm_vault_fail (error, CSM_VAULT_ERROR_NOT_FOUND,
                           "store an exhibit: the media folder of the case is not there; put "
                           "it back beside the case file");
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "store an exhibit");
  /* Tells a sweep in another process that somebody writes here. Without locks on this file
   * system there is no other process that could sweep. */
  if (self->n_parts == 0)
    (void) disk->lock (file, true);
  self->parts[self->n_parts++] = file;
  return TRUE;
}

bool
csm_media_store_can_hold (int64_t size)
{
  const CsmMediaShape shape = { .size = size, .part_units = csm_media_get_part_units () };

  g_return_val_if_fail (size >= 0, false);
  return csm_media_shape_count_parts (&shape) <= CSM_MEDIA_MAX_PARTS;
}

CsmMediaWriter *
csm_media_store_begin (CsmMediaStore *self, GError **error)
{
  g_autoptr (CsmMediaWriter) writer = g_new0 (CsmMediaWriter, 1);
  g_autofree char *hex = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  writer->store = self;
  memcpy (writer->shape.case_id, csm_media_store_get_case_id (self), CSM_VAULT_ID_SIZE);
  writer->shape.key = csm_secret_new_random (CSM_KEY_SIZE);
  writer->shape.part_units = csm_media_get_part_units ();
  randombytes_buf (writer->shape.name, sizeof writer->shape.name);
  hex = csm_hex_encode (writer->shape.name, sizeof writer->shape.name);
  g_strlcpy (writer->name, hex, sizeof writer->name);
  writer->next_unit = 1; /* unit 0 names the length, and comes last */
  writer->batch_first = 1;
  if (!add_part (writer, error))
    return NULL;
  return g_steal_pointer (&writer);
}

static gboolean
write_batch (CsmMediaWriter *self, GError **error)
{
  const CsmDisk *disk = csm_media_store_get_disk (self->store);
  const uint32_t part_units = self->shape.part_units;
  int done = 0;

  while (done < self->n_batch)
    {
      const int64_t unit = self->batch_first + done;
      const int part = (int) MIN (unit / part_units, CSM_MEDIA_MAX_PARTS);
      const int64_t within = unit - (int64_t) part * part_units;
      const int n = (int) MIN (self->n_batch - done, part_units - within);
      int failed;

      if (part >= self->n_parts && !add_part (self, error))
        return FALSE;
      failed = disk->write (self->parts[part], self->batch + done * CSM_MEDIA_UNIT_SIZE,
                            (size_t) n * CSM_MEDIA_UNIT_SIZE, within * CSM_MEDIA_UNIT_SIZE);
      if (failed != 0)
        return csm_vault_fail_errno (error, failed, "store an exhibit");
      done += n;
    }
  self->batch_first += self->n_batch;
  self->n_batch = 0;
  return TRUE;
}

static gboolean
seal_unit (CsmMediaWriter *self, GError **error)
{
  csm_media_unit_seal (self->batch + self->n_batch * CSM_MEDIA_UNIT_SIZE, self->content,
                       self->next_unit, &self->shape);
  self->next_unit++;
  self->n_batch++;
  self->filled = 0;
  return self->n_batch < BATCH || write_batch (self, error);
}

gboolean
csm_media_writer_write (CsmMediaWriter *self, const void *data, size_t size, GError **error)
{
  const uint8_t *from = data;

  g_return_val_if_fail (self != NULL && !self->finished, FALSE);

  while (size > 0)
    {
      const size_t n = MIN (size, CSM_MEDIA_UNIT_CONTENT - self->filled);

      memcpy (self->content + self->filled, from, n);
      self->filled += n;
      self->shape.size += (int64_t) n;
      from += n;
      size -= n;
      if (self->filled == CSM_MEDIA_UNIT_CONTENT && !seal_unit (self, error))
        return FALSE;
    }
  return TRUE;
}

/* What is left of the content, padding, and unit 0. */
static gboolean
write_rest (CsmMediaWriter *self, GError **error)
{
  const CsmDisk *disk = csm_media_store_get_disk (self->store);
  const int64_t n_units = csm_media_count_units (self->shape.size);
  int failed;

  while (self->next_unit < n_units)
    {
      memset (self->content + self->filled, 0, CSM_MEDIA_UNIT_CONTENT - self->filled);
      if (!seal_unit (self, error))
        return FALSE;
    }
  if (!write_batch (self, error))
    return FALSE;
  csm_media_header_seal (self->batch, &self->shape);
  failed = disk->write (self->parts[0], self->batch, CSM_MEDIA_UNIT_SIZE, 0);
  for (int part = 0; failed == 0 && part < self->n_parts; part++)
    failed = disk->sync (self->parts[part]);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "store an exhibit");
  return TRUE;
}

/* Part 0 last: its name says that the file is whole. */
static gboolean
name_parts (CsmMediaWriter *self, GError **error)
{
  const CsmDisk *disk = csm_media_store_get_disk (self->store);
  int failed = 0;

  for (int part = self->n_parts - 1; part >= 0; part--)
    {
      g_autofree char *from =
          csm_media_store_dup_part_path (self->store, self->name, part, true);
      g_autofree char *to =
          csm_media_store_dup_part_path (self->store, self->name, part, false);

      failed = disk->rename_new (from, to);
      if (failed == 0 && part == 0)
        failed = disk->sync_folder (to);
      if (failed != 0)
        return csm_vault_fail_errno (error, failed, "store an exhibit");
    }
  return TRUE;
}

CsmMediaRef *
csm_media_writer_finish (CsmMediaWriter *self, GError **error)
{
  CsmMediaRef *ref;

  g_return_val_if_fail (self != NULL && !self->finished, NULL);

  if (!write_rest (self, error) || !name_parts (self, error))
    return NULL;
  self->finished = true;
  ref = g_new0 (CsmMediaRef, 1);
  g_strlcpy (ref->name, self->name, sizeof ref->name);
  ref->key = csm_secret_ref (self->shape.key);
  ref->size = self->shape.size;
  return ref;
}
