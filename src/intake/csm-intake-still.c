/* csm-intake-still.c: one frame as a picture file, and how a view shows it beside
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-intake-still.h"

#include "base/csm-error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void
csm_still_free (CsmStill *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->png, g_bytes_unref);
  g_clear_pointer (&self->view_png, g_bytes_unref);
  g_free (self->view);
  g_free (self->filters);
  g_free (self);
}

CsmStill *
csm_still_read (CsmWorker *worker,
                int track,
                int64_t ordinal,
                const CsmView *view,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (CsmStill) self = g_new0 (CsmStill, 1);

  self->track = track;
  self->ordinal = ordinal;
  self->png = csm_worker_read_png (worker, ordinal, cancellable, error);
  if (self->png == NULL)
    return NULL;
  if (csm_view_is_plain (view))
    return g_steal_pointer (&self);
  self->view = csm_view_format (view);
  self->view_png =
      csm_worker_read_view_png (worker, ordinal, view, &self->filters, cancellable, error);
  return self->view_png != NULL ? g_steal_pointer (&self) : NULL;
}

char *
csm_still_dup_view_path (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr (name, '.');
  int stem = (int) (dot != NULL && dot > name ? (size_t) (dot - path) : strlen (path));

  return g_strdup_printf ("%.*s-view%s", stem, path, path + stem);
}

/* Both names, before anything is written. */
static gboolean
check_absent (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  struct stat st;

  return lstat (path, &st) == 0 ? csm_base_fail_errno (error, EEXIST, shown) : TRUE;
}

/* (transfer full): takes @detail. The first track is what everybody expects. */
static json_t *
name_track (const CsmStill *self, json_t *detail)
{
  char track[16];

  csm_track_format (self->track, track);
  if (self->track > 0)
    json_object_set_new (detail, "track", json_string (track));
  return detail;
}

gboolean
csm_still_write (const CsmStill *self,
                 CsmCase *acase,
                 const CsmId *exhibit,
                 const char *path,
                 GError **error)
{
  g_autofree char *beside = csm_still_dup_view_path (path);

  if (self->view_png != NULL && !check_absent (beside, error))
    return FALSE;
  if (!csm_intake_export (acase, path, self->png, exhibit,
                          name_track (self, json_pack ("{s:s, s:I}", "what", "still", "frame",
                                                       (json_int_t) self->ordinal)),
                          error))
    return FALSE;
  return self->view_png == NULL ||
         csm_intake_export (
             acase, beside, self->view_png, exhibit,
             name_track (self, json_pack ("{s:s, s:I, s:s, s:s}", "what", "view", "frame",
                                          (json_int_t) self->ordinal, "view", self->view,
                                          "filters", self->filters)),
             error);
}
