/* csm-media-store.c: the folder of encrypted media: opening, listing, removing
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct _CsmMediaStore
{
  const CsmDisk *disk;
  char *path;
  uint8_t case_id[CSM_VAULT_ID_SIZE];
};

void
csm_media_ref_free (CsmMediaRef *self)
{
  if (self == NULL)
    return;
  csm_secret_unref (self->key);
  g_free (self);
}

void
csm_media_store_free (CsmMediaStore *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self);
}

const char *
csm_media_store_get_path (const CsmMediaStore *self)
{
  return self->path;
}

const CsmDisk *
csm_media_store_get_disk (const CsmMediaStore *self)
{
  return self->disk;
}

const uint8_t *
csm_media_store_get_case_id (const CsmMediaStore *self)
{
  return self->case_id;
}

char *
csm_media_store_dup_part_path (const CsmMediaStore *self,
                               const char *name,
                               int part,
                               bool unfinished)
{
  return g_strdup_printf ("%s/%s.%d%s", self->path, name, part, unfinished ? ".part" : "");
}

/* Names */

typedef struct
{
  char name[CSM_MEDIA_NAME_SIZE + 1];
  int part;
  bool unfinished;
} PartName;

/* "32 hex digits.number", perhaps with ".part". */
static bool
parse_part_name (const char *text, PartName *ret_name)
{
  const size_t digits = strspn (text, "0123456789abcdef");
  char *end;
  long part;

  if (digits != CSM_MEDIA_NAME_SIZE || text[digits] != '.' ||
      !g_ascii_isdigit (text[digits + 1]))
    return false;
  part = strtol (text + digits + 1, &end, 10);
  if (part < 0 || part >= CSM_MEDIA_MAX_PARTS || (*end != '\0' && strcmp (end, ".part") != 0))
    return false;
  memcpy (ret_name->name, text, CSM_MEDIA_NAME_SIZE);
  ret_name->name[CSM_MEDIA_NAME_SIZE] = '\0';
  ret_name->part = (int) part;
  ret_name->unfinished = *end != '\0';
  return true;
}

/* (transfer full) (element-type PartName) */
static GArray *
list_parts (const CsmMediaStore *self)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (PartName));
  g_autoptr (GPtrArray) names = NULL;
  PartName name;

  if (self->disk->list (self->path, &names) != 0)
    return parts;
  for (guint i = 0; i < names->len; i++)
    if (parse_part_name (g_ptr_array_index (names, i), &name))
      g_array_append_val (parts, name);
  return parts;
}

/* Sweeping */

/* A writer holds a lock on its first part for as long as it lives. */
static bool
is_left_over (const CsmMediaStore *self, const char *name)
{
  g_autofree char *path = csm_media_store_dup_part_path (self, name, 0, true);
  CsmDiskFile *file = NULL;
  const int failed = self->disk->open (path, CSM_DISK_WRITE, &file);
  bool is_free;

  if (failed != 0)
    return failed == ENOENT;
  is_free = self->disk->lock (file, true) == 0;
  self->disk->close (file);
  return is_free;
}

/* The first unfinished part is what marks the others as left over, so it goes last. What was
 * finished is never touched: then part 0 has its name, and nothing unfinished is about. */
static void
remove_left_over (const CsmMediaStore *self, const char *name)
{
  g_autofree char *finished = csm_media_store_dup_part_path (self, name, 0, false);
  const bool is_finished = self->disk->exists (finished);

  for (int part = CSM_MEDIA_MAX_PARTS - 1; part >= 0; part--)
    for (int unfinished = is_finished; unfinished < 2; unfinished++)
      {
        g_autofree char *path = csm_media_store_dup_part_path (self, name, part, unfinished);

        (void) self->disk->unlink (path); /* most are not there; what stays goes another time */
      }
}

void
csm_media_store_sweep (CsmMediaStore *self)
{
  g_autoptr (GArray) parts = NULL;

  g_return_if_fail (self != NULL);

  parts = list_parts (self);
  for (guint i = 0; i < parts->len; i++)
    {
      const PartName *part = &g_array_index (parts, PartName, i);

      if (part->unfinished && is_left_over (self, part->name))
        remove_left_over (self, part->name);
    }
}

/* Opening */

CsmMediaStore *
csm_media_store_open (const char *case_path,
                      const uint8_t *case_id,
                      bool create,
                      GError **error)
{
  g_autofree char *path = NULL;
  CsmMediaStore *self;
  int failed;

  g_return_val_if_fail (case_path != NULL && case_id != NULL, NULL);

  path = csm_media_folder_find (case_path, case_id);
  if (path == NULL && !create)
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_MEDIA_MISSING,
                      "open the media store: no folder beside the case belongs to it; put its "
                      ".media folder there");
      return NULL;
    }
  failed = path == NULL ? csm_media_folder_make (case_path, case_id, &path) : 0;
  if (failed != 0)
    {
      csm_vault_fail_errno (error, failed, "make the media store");
      return NULL;
    }
  self = g_new0 (CsmMediaStore, 1);
  self->disk = csm_disk_get ();
  self->path = g_steal_pointer (&path);
  memcpy (self->case_id, case_id, sizeof self->case_id);
  if (create)
    csm_media_store_sweep (self);
  return self;
}

CsmMediaStore *
csm_media_store_create (const char *case_path, const uint8_t *case_id, GError **error)
{
  g_autofree char *path = NULL;
  CsmMediaStore *self;
  int failed;

  g_return_val_if_fail (case_path != NULL && case_id != NULL, NULL);

  failed = csm_media_folder_is_free (case_path)
               ? csm_media_folder_make (case_path, case_id, &path)
               : EEXIST;
  if (failed != 0)
    {
      csm_vault_fail_errno (error, failed, "make the media store");
      return NULL;
    }
  self = g_new0 (CsmMediaStore, 1);
  self->disk = csm_disk_get ();
  self->path = g_steal_pointer (&path);
  memcpy (self->case_id, case_id, sizeof self->case_id);
  return self;
}

gboolean
csm_media_store_check_marker (CsmMediaStore *self, GError **error)
{
  switch (csm_media_marker_examine (self->path, self->case_id))
    {
    case CSM_MARKER_OURS:
      return TRUE;
    case CSM_MARKER_NONE:
      return csm_vault_fail (
          error, CSM_VAULT_ERROR_MEDIA_MISSING,
          "check the media store: its marker file is missing; put the file " CSM_MEDIA_MARKER
          " back");
    default:
      return csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                             "check the media store: its marker file is damaged; put a backup "
                             "of the file " CSM_MEDIA_MARKER " back");
    }
}

gboolean
csm_media_store_remove (CsmMediaStore *self, const CsmMediaRef *ref, GError **error)
{
  g_autofree char *first = csm_media_store_dup_part_path (self, ref->name, 0, false);
  int failed = 0;

  /* The first part last, so that what an interruption leaves is still listed. */
  for (int part = CSM_MEDIA_MAX_PARTS - 1; part >= 0; part--)
    {
      g_autofree char *path = csm_media_store_dup_part_path (self, ref->name, part, false);

      failed = self->disk->unlink (path);
      if (failed != 0 && failed != ENOENT)
        return csm_vault_fail_errno (error, failed, "remove an exhibit's file");
    }
  failed = self->disk->sync_folder (first);
  if (failed != 0)
    return csm_vault_fail_errno (error, failed, "remove an exhibit's file");
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
csm_media_store_list_unknown (CsmMediaStore *self, GHashTable *known)
{
  GPtrArray *unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) parts = list_parts (self);

  for (guint i = 0; i < parts->len; i++)
    {
      const PartName *part = &g_array_index (parts, PartName, i);

      if (!part->unfinished && !g_hash_table_contains (known, part->name) &&
          g_hash_table_add (seen, g_strdup (part->name)))
        g_ptr_array_add (unknown, g_strdup (part->name));
    }
  g_ptr_array_sort (unknown, compare_names);
  return unknown;
}
