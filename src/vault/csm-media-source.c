/* csm-media-source.c: a stored file read back, each unit authenticated
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"
#include "vault/csm-pack.h"

#include <sodium.h>

#include <errno.h>

#define UNIT CSM_MEDIA_UNIT_SIZE
#define CONTENT CSM_MEDIA_UNIT_CONTENT

void
csm_media_file_free (CsmMediaFile *self)
{
  if (self == NULL)
    return;
  for (int part = 0; part < self->n_parts; part++)
    self->parts[part]->disk->close (self->parts[part]);
  csm_media_shape_clear (&self->shape);
  g_free (self);
}

static gboolean
fail_damaged (GError **error, int64_t unit)
{
  return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                         "read an exhibit from the media store: its stored file is damaged at "
                         "unit %" G_GINT64_FORMAT " (64 KiB each); put a backup of it there",
                         unit);
}

gboolean
csm_media_file_read_unit (CsmMediaFile *self,
                          uint8_t *sealed,
                          uint8_t *ret_content,
                          int64_t number,
                          GError **error)
{
  const int part = (int) (number / self->shape.part_units);
  const int64_t within = number % self->shape.part_units;
  size_t got = 0;
  int failed;

  g_assert (part < self->n_parts);
  failed = self->parts[part]->disk->read (self->parts[part], sealed, UNIT, within * UNIT, &got);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read an exhibit from the media store");
  if (got != UNIT || !csm_media_unit_open (ret_content, sealed, number, &self->shape))
    return fail_damaged (error, number);
  return TRUE;
}

/* Opening */

static gboolean
open_part (CsmMediaFile *self, CsmMediaStore *store, const char *name, GError **error)
{
  g_autofree char *path = csm_media_store_dup_part_path (store, name, self->n_parts, false);
  const CsmDisk *disk = csm_media_store_get_disk (store);
  CsmDiskFile *file = NULL;
  const int failed = disk->open (path, CSM_DISK_READ, &file);

  if (failed == ENOENT)
    return csm_vault_fail (
        error, CSM_VAULT_ERROR_MEDIA_MISSING,
        "read an exhibit from the media store: its file %.8s... (part %d) is "
        "not there; put a backup of it there",
        name, self->n_parts);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read an exhibit from the media store");
  self->parts[self->n_parts++] = file;
  return TRUE;
}

static gboolean
read_header (CsmMediaFile *self, GError **error)
{
  g_autofree uint8_t *sealed = g_malloc (UNIT);
  CsmDiskFile *first = self->parts[0];
  size_t got = 0;
  const int failed = first->disk->read (first, sealed, UNIT, 0, &got);

  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "read an exhibit from the media store");
  if (got != UNIT || !csm_media_header_open (sealed, &self->shape) ||
      csm_media_shape_count_parts (&self->shape) > CSM_MEDIA_MAX_PARTS)
    return fail_damaged (error, 0);
  return TRUE;
}

/* The length of every part is known; any other is damage. */
static gboolean
check_lengths (CsmMediaFile *self, GError **error)
{
  for (int part = 0; part < self->n_parts; part++)
    {
      const int64_t expected = csm_media_shape_get_part_size (&self->shape, part);
      int64_t size = 0;
      const int failed = self->parts[part]->disk->get_size (self->parts[part], &size);

      if (failed != 0)
        return csm_vault_fail_errno (error, failed, "read an exhibit from the media store");
      if (size != expected)
        return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                               "read an exhibit from the media store: part %d of its stored "
                               "file has a wrong length; put a backup of it there",
                               part);
    }
  return TRUE;
}

CsmMediaFile *
csm_media_file_open (CsmMediaStore *store, const CsmMediaRef *ref, GError **error)
{
  g_autoptr (CsmMediaFile) self = g_new0 (CsmMediaFile, 1);

  if (ref->size < 0 || csm_secret_get_size (ref->key) != CSM_KEY_SIZE ||
      !csm_hex_decode (ref->name, self->shape.name, sizeof self->shape.name))
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                      "read an exhibit from the media store: the case's note of where it is "
                      "breaks the format's own rules; use a backup of the case");
      return NULL;
    }
  memcpy (self->shape.case_id, csm_media_store_get_case_id (store), CSM_VAULT_ID_SIZE);
  self->shape.key = csm_secret_ref (ref->key);
  self->shape.size = ref->size;
  if (!open_part (self, store, ref->name, error) || !read_header (self, error))
    return NULL;
  while (self->n_parts < csm_media_shape_count_parts (&self->shape))
    if (!open_part (self, store, ref->name, error))
      return NULL;
  if (!check_lengths (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* The byte source */

typedef struct
{
  CsmMediaFile *file;
  int64_t loaded; /* the unit in content; -1: none */
  uint8_t content[CONTENT];
  uint8_t sealed[UNIT];
} Source;

static ssize_t
source_read_at (gpointer data, int64_t offset, void *buffer, size_t size, GError **error)
{
  Source *self = data;
  uint8_t *to = buffer;
  size_t left;

  if (offset < 0 || offset >= self->file->shape.size)
    return 0;
  left = (size_t) MIN ((int64_t) MIN (size, G_MAXSSIZE), self->file->shape.size - offset);
  while (left > 0)
    {
      const int64_t unit = 1 + offset / CONTENT;
      const size_t within = (size_t) (offset % CONTENT);
      const size_t n = MIN (left, CONTENT - within);

      if (unit != self->loaded)
        {
          self->loaded = -1;
          if (!csm_media_file_read_unit (self->file, self->sealed, self->content, unit, error))
            return -1;
          self->loaded = unit;
        }
      memcpy (to, self->content + within, n);
      to += n;
      offset += (int64_t) n;
      left -= n;
    }
  return to - (uint8_t *) buffer;
}

static void
source_free (gpointer data)
{
  Source *self = data;

  csm_media_file_free (self->file);
  sodium_memzero (self->content, sizeof self->content);
  g_free (self);
}

/* (transfer full): takes @file. */
static CsmByteSource *
source_new (CsmMediaFile *file)
{
  static const CsmByteSourceClass klass = { source_read_at, source_free };
  Source *self = g_new0 (Source, 1);

  self->file = file;
  self->loaded = -1;
  return csm_byte_source_new (file->shape.size, &klass, self);
}

CsmByteSource *
csm_media_store_read (CsmMediaStore *self, const CsmMediaRef *ref, GError **error)
{
  CsmMediaFile *file;

  g_return_val_if_fail (self != NULL && ref != NULL, NULL);

  file = csm_media_file_open (self, ref, error);
  return file != NULL ? source_new (file) : NULL;
}

/* Checking */

static bool
is_zero (const uint8_t *bytes, size_t size)
{
  return size == 0 || (bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0);
}

gboolean
csm_media_store_check (CsmMediaStore *self,
                       const CsmMediaRef *ref,
                       void (*step) (gpointer data),
                       gpointer data,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (CsmMediaFile) file = csm_media_file_open (self, ref, error);
  g_autofree uint8_t *sealed = g_malloc (UNIT);
  g_autofree uint8_t *content = g_malloc (CONTENT);
  int64_t n_units;
  gboolean holds = TRUE;

  if (file == NULL)
    return FALSE;
  n_units = csm_media_count_units (ref->size);
  /* Opening read unit 0. */
  for (int64_t unit = 1; holds && unit < n_units; unit++)
    {
      const int64_t used = CLAMP (ref->size - (unit - 1) * CONTENT, 0, CONTENT);

      holds = !g_cancellable_set_error_if_cancelled (cancellable, error) &&
              csm_media_file_read_unit (file, sealed, content, unit, error);
      if (holds && !is_zero (content + used, (size_t) (CONTENT - used)))
        holds = fail_damaged (error, unit);
      if (step != NULL)
        step (data);
    }
  sodium_memzero (content, CONTENT);
  return holds;
}

/* The worker's side */

#define BLOB_VERSION 1
#define BLOB_SIZE (16 + 2 * CSM_VAULT_ID_SIZE + CSM_KEY_SIZE)

int
csm_media_store_open_parts (CsmMediaStore *self,
                            const CsmMediaRef *ref,
                            int ret_fds[16],
                            uint8_t ret_blob[256],
                            size_t *ret_blob_size,
                            GError **error)
{
  g_autoptr (CsmMediaFile) file = NULL;
  int n_parts;

  G_STATIC_ASSERT (CSM_MEDIA_MAX_PARTS == 16 && BLOB_SIZE <= 256);
  g_return_val_if_fail (self != NULL && ref != NULL, 0);

  file = csm_media_file_open (self, ref, error);
  if (file == NULL)
    return 0;
  memset (ret_blob, 0, BLOB_SIZE);
  ret_blob[0] = BLOB_VERSION;
  csm_store32 (ret_blob + 4, file->shape.part_units);
  csm_store64 (ret_blob + 8, (uint64_t) file->shape.size);
  memcpy (ret_blob + 16, file->shape.case_id, CSM_VAULT_ID_SIZE);
  memcpy (ret_blob + 32, file->shape.name, CSM_VAULT_ID_SIZE);
  memcpy (ret_blob + 48, csm_secret_peek (file->shape.key), CSM_KEY_SIZE);
  *ret_blob_size = BLOB_SIZE;
  n_parts = file->n_parts;
  for (int part = 0; part < n_parts; part++)
    ret_fds[part] = file->parts[part]->disk->take_fd (file->parts[part]);
  file->n_parts = 0; /* the descriptors are the caller's now */
  return n_parts;
}

static bool
decode_blob (CsmMediaFile *file, const uint8_t *blob, size_t blob_size)
{
  if (blob_size != BLOB_SIZE || blob[0] != BLOB_VERSION)
    return false;
  file->shape.part_units = csm_load32 (blob + 4);
  file->shape.size = (int64_t) csm_load64 (blob + 8);
  memcpy (file->shape.case_id, blob + 16, CSM_VAULT_ID_SIZE);
  memcpy (file->shape.name, blob + 32, CSM_VAULT_ID_SIZE);
  file->shape.key = csm_secret_new_from (blob + 48, CSM_KEY_SIZE);
  return file->shape.part_units > 0 && file->shape.size >= 0 &&
         csm_media_shape_count_parts (&file->shape) == file->n_parts;
}

CsmByteSource *
csm_media_source_from_blob (const int *fds,
                            int n_fds,
                            const uint8_t *blob,
                            size_t blob_size,
                            GError **error)
{
  g_autoptr (CsmMediaFile) file = g_new0 (CsmMediaFile, 1);

  g_return_val_if_fail (n_fds > 0 && n_fds <= CSM_MEDIA_MAX_PARTS, NULL);

  file->n_parts = n_fds;
  for (int part = 0; part < n_fds; part++)
    file->parts[part] = csm_disk_wrap_fd (fds[part]);
  if (!decode_blob (file, blob, blob_size))
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                      "open an exhibit handed over: its description is damaged; open the case "
                      "again");
      return NULL;
    }
  return source_new (g_steal_pointer (&file));
}
