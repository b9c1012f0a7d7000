/* csm-intake-list.c: which files a list of paths stands for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "intake/csm-intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deeper than any collection, shallower than PATH_MAX and the stack. */
#define MAX_DEPTH 256

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
fail_path (GError **error, int errnum, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  return csm_base_fail_errno (error, errnum, shown);
}

static GPtrArray *
list_names (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  if (dir == NULL)
    {
      fail_path (error, errno, folder);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* What is found, and what cannot be looked into. */
typedef struct
{
  GPtrArray *files;
  int64_t bytes;
  GPtrArray *refused; /* borrowed */
} Listing;

static void
refuse (Listing *self, const GError *error)
{
  g_ptr_array_add (self->refused, g_strdup (error->message));
}

static gboolean enter_folder (Listing *self, const char *folder, int depth, GError **error);

static void
add_found (Listing *self, const char *path, int depth)
{
  g_autoptr (GError) error = NULL;
  struct stat st;

  /* It may have gone since its folder was read. */
  if (lstat (path, &st) != 0)
    fail_path (&error, errno, path);
  else if (S_ISDIR (st.st_mode))
    enter_folder (self, path, depth, &error);
  else if (S_ISREG (st.st_mode))
    {
      self->bytes += st.st_size;
      g_ptr_array_add (self->files, g_strdup (path));
    }
  if (error != NULL)
    refuse (self, error);
}

/* FALSE when @folder itself cannot be read: what is in it never fails. */
static gboolean
enter_folder (Listing *self, const char *folder, int depth, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  if (depth > MAX_DEPTH)
    return fail_path (error, ELOOP, folder);
  names = list_names (folder, error);
  if (names == NULL)
    return FALSE;
  for (unsigned i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);

      add_found (self, path, depth + 1);
    }
  return TRUE;
}

/* A path that a person named: a link is followed here, and only here. */
static gboolean
add_named (Listing *self, const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  char *resolved = realpath (path, NULL);
  g_autofree char *copy = g_strdup (resolved);
  struct stat st;

  free (resolved);
  if (copy == NULL || stat (copy, &st) != 0)
    return fail_path (error, errno, path);
  if (S_ISDIR (st.st_mode))
    return enter_folder (self, copy, 0, error);
  if (!S_ISREG (st.st_mode))
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                   "%s: is neither a file nor a folder", shown);
      return FALSE;
    }
  self->bytes += st.st_size;
  g_ptr_array_add (self->files, g_steal_pointer (&copy));
  return TRUE;
}

GPtrArray *
csm_intake_list_files (char *const *paths,
                       int64_t *ret_bytes,
                       GPtrArray *refused,
                       GError **error)
{
  g_return_val_if_fail (paths != NULL && refused != NULL, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  Listing self = { files, 0, refused };

  for (int i = 0; paths[i] != NULL; i++)
    if (!add_named (&self, paths[i], error))
      return NULL;
  if (files->len == 0)
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND, "%s%s",
                   "no files were found there",
                   refused->len > 0 ? ", and some of it could not be read" : "");
      return NULL;
    }
  if (ret_bytes != NULL)
    *ret_bytes = self.bytes;
  return g_steal_pointer (&files);
}

bool
csm_intake_is_own_file (CsmCase *acase, const char *path)
{
  g_return_val_if_fail (acase != NULL && path != NULL, false);
  CsmMediaStore *store = csm_case_get_media_store (acase);
  char *resolved = realpath (path, NULL);
  char *own = realpath (csm_case_get_path (acase), NULL);
  bool answer = false;

  if (resolved != NULL && own != NULL)
    /* The case file, and what stands beside it under its name: "-wal". */
    answer = g_str_has_prefix (resolved, own) &&
             (resolved[strlen (own)] == '\0' || resolved[strlen (own)] == '-');
  if (resolved != NULL && !answer && store != NULL)
    {
      char *folder = realpath (csm_media_store_get_path (store), NULL);

      answer = folder != NULL && g_str_has_prefix (resolved, folder) &&
               resolved[strlen (folder)] == '/';
      free (folder);
    }
  free (own);
  free (resolved);
  return answer;
}
