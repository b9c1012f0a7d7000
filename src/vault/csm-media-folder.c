/* csm-media-folder.c: the folder of encrypted media: finding it by its marker, making it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-disk.h"
#include "vault/csm-media-private.h"

#include <errno.h>
#include <string.h>

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
  g_autoptr (GPtrArray) names = NULL;

  if (csm_disk_get ()->list (folder, &names) != 0)
    return NULL;
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);

      if (csm_media_marker_examine (path, case_id) == CSM_MARKER_OURS)
        return g_steal_pointer (&path);
    }
  return NULL;
}

char *
csm_media_folder_find (const char *case_path, const uint8_t *case_id)
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

/* Nothing in it but what a power cut left of our own making. */
static bool
is_empty_folder (const char *path)
{
  g_autoptr (GPtrArray) names = NULL;

  if (csm_disk_get ()->list (path, &names) != 0)
    return false;
  for (guint i = 0; i < names->len; i++)
    if (strcmp (g_ptr_array_index (names, i), CSM_MEDIA_MARKER_PART) != 0)
      return false;
  return true;
}

bool
csm_media_folder_is_free (const char *case_path)
{
  g_autofree char *usual = dup_usual_path (case_path);

  return !csm_disk_get ()->exists (usual) || is_empty_folder (usual);
}

int
csm_media_folder_make (const char *case_path, const uint8_t *case_id, char **ret_path)
{
  const CsmDisk *disk = csm_disk_get ();
  g_autofree char *usual = dup_usual_path (case_path);
  g_autofree char *path = NULL;
  int failed;

  /* The usual name, or another when something else has it. */
  if (disk->exists (usual) && !is_empty_folder (usual))
    path = g_strdup_printf ("%.*s-%02x%02x%02x%02x.media", (int) strlen (usual) - 6, usual,
                            case_id[0], case_id[1], case_id[2], case_id[3]);
  else
    path = g_strdup (usual);
  failed = disk->make_folder (path);
  if (failed == EEXIST && is_empty_folder (path))
    failed = 0;
  if (failed == 0)
    failed = disk->sync_folder (path);
  if (failed == 0)
    failed = csm_media_marker_write (path, case_id);
  if (failed == 0)
    *ret_path = g_steal_pointer (&path);
  return failed;
}
