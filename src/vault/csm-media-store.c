/* csm-media-store.c: the folder of encrypted media: finding, making, listing, removing
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-file.h"
#include "vault/csm-fail.h"
#include "vault/csm-media-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _CsmMediaStore
{
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
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *text;
  PartName name;

  while (dir != NULL && (text = g_dir_read_name (dir)) != NULL)
    if (parse_part_name (text, &name))
      g_array_append_val (parts, name);
  return parts;
}

/* Sweeping */

/* A writer holds a lock on its first part for as long as it lives. */
static bool
is_left_over (const CsmMediaStore *self, const char *name)
{
  g_autofree char *path = csm_media_store_dup_part_path (self, name, 0, true);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  const int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  bool is_free;

  if (fd < 0)
    return errno == ENOENT;
  is_free = fcntl (fd, F_OFD_SETLK, &lock) == 0;
  (void) close (fd); /* nothing was written */
  return is_free;
}

/* The first unfinished part is what marks the others as left over, so it goes last. What was
 * finished is never touched: then part 0 has its name, and nothing unfinished is about. */
static void
remove_left_over (const CsmMediaStore *self, const char *name)
{
  g_autofree char *finished = csm_media_store_dup_part_path (self, name, 0, false);
  const bool is_finished = access (finished, F_OK) == 0;

  for (int part = CSM_MEDIA_MAX_PARTS - 1; part >= 0; part--)
    for (int unfinished = is_finished; unfinished < 2; unfinished++)
      {
        g_autofree char *path = csm_media_store_dup_part_path (self, name, part, unfinished);

        (void) unlink (path); /* most are not there; what stays goes another time */
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

/* Finding */

/* (transfer full): "NAME.media" beside "NAME.casement". */
static char *
dup_usual_path (const char *case_path)
{
  const size_t size = strlen (case_path);
  const int stem = (int) (g_str_has_suffix (case_path, ".casement") ? size - 9 : size);

  return g_strdup_printf ("%.*s.media", stem, case_path);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full) (nullable): the first folder beside the case whose marker names it. */
static char *
find_sibling (const char *case_path, const uint8_t *case_id)
{
  g_autofree char *folder = g_path_get_dirname (case_path);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);

      if (csm_media_marker_examine (path, case_id) == CSM_MARKER_OURS)
        return g_steal_pointer (&path);
    }
  return NULL;
}

static char *
find_folder (const char *case_path, const uint8_t *case_id)
{
  g_autofree char *usual = dup_usual_path (case_path);
  const CsmMarkerState state = csm_media_marker_examine (usual, case_id);
  char *found;

  if (state == CSM_MARKER_OURS)
    return g_steal_pointer (&usual);
  found = find_sibling (case_path, case_id);
  /* A damaged marker under the usual name: csm_media_store_check_marker() will say so. */
  if (found == NULL && state == CSM_MARKER_DAMAGED)
    return g_steal_pointer (&usual);
  return found;
}

/* Making */

static bool
is_empty_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) == NULL;
}

/* (transfer full) (nullable): the usual name, or another when something else has it. */
static char *
make_folder (const char *case_path, const uint8_t *case_id, GError **error)
{
  g_autofree char *usual = dup_usual_path (case_path);
  g_autofree char *path = NULL;
  GError *failed = NULL;

  if (g_file_test (usual, G_FILE_TEST_EXISTS) && !is_empty_folder (usual))
    path = g_strdup_printf ("%.*s-%02x%02x%02x%02x.media", (int) strlen (usual) - 6, usual,
                            case_id[0], case_id[1], case_id[2], case_id[3]);
  else
    path = g_strdup (usual);
  if (mkdir (path, 0700) != 0 && (errno != EEXIST || !is_empty_folder (path)))
    {
      csm_vault_fail_errno (error, errno, "make the media store");
      return NULL;
    }
  if (!csm_media_marker_write (path, case_id, error))
    return NULL;
  if (!csm_file_sync_folder (path, &failed))
    {
      csm_media_fail_base (error, failed, "make the media store");
      return NULL;
    }
  return g_steal_pointer (&path);
}

CsmMediaStore *
csm_media_store_open (const char *case_path,
                      const uint8_t *case_id,
                      bool create,
                      GError **error)
{
  g_autofree char *path = NULL;
  CsmMediaStore *self;

  g_return_val_if_fail (case_path != NULL && case_id != NULL, NULL);

  path = find_folder (case_path, case_id);
  if (path == NULL && !create)
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_MEDIA_MISSING,
                      "open the media store: no folder beside the case belongs to it; put its "
                      ".media folder there");
      return NULL;
    }
  if (path == NULL)
    path = make_folder (case_path, case_id, error);
  if (path == NULL)
    return NULL;
  self = g_new0 (CsmMediaStore, 1);
  self->path = g_steal_pointer (&path);
  memcpy (self->case_id, case_id, sizeof self->case_id);
  if (create)
    csm_media_store_sweep (self);
  return self;
}

CsmMediaStore *
csm_media_store_create (const char *case_path, const uint8_t *case_id, GError **error)
{
  g_autofree char *usual = NULL;
  g_autofree char *path = NULL;
  CsmMediaStore *self;

  g_return_val_if_fail (case_path != NULL && case_id != NULL, NULL);

  usual = dup_usual_path (case_path);
  if (g_file_test (usual, G_FILE_TEST_EXISTS) && !is_empty_folder (usual))
    {
      csm_vault_fail_errno (error, EEXIST, "make the media store");
      return NULL;
    }
  path = make_folder (case_path, case_id, error);
  if (path == NULL)
    return NULL;
  self = g_new0 (CsmMediaStore, 1);
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
  GError *failed = NULL;
  g_autofree char *first = csm_media_store_dup_part_path (self, ref->name, 0, false);

  /* The first part last, so that what an interruption leaves is still listed. */
  for (int part = CSM_MEDIA_MAX_PARTS - 1; part >= 0; part--)
    {
      g_autofree char *path = csm_media_store_dup_part_path (self, ref->name, part, false);

      if (unlink (path) != 0 && errno != ENOENT)
        return csm_vault_fail_errno (error, errno, "remove an exhibit's file");
    }
  if (!csm_file_sync_folder (first, &failed))
    return csm_media_fail_base (error, failed, "remove an exhibit's file");
  return TRUE;
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
