/* csm-export-work.c: stills, contact sheets and clips, from the worker into the bag
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-parts.h"
#include "export/csm-export-pictures.h"
#include "intake/csm-intake.h"

#include <glib/gi18n-lib.h>

static gboolean
begin_cb (const char *path, gpointer data, GError **error)
{
  return csm_bag_writer_begin (data, path, error);
}

static gboolean
append_cb (const void *bytes, size_t size, gpointer data, GError **error)
{
  return csm_bag_writer_append (data, bytes, size, error);
}

static gboolean
end_cb (gpointer data, GError **error)
{
  return csm_bag_writer_end (data, error);
}

static gboolean
drop_cb (gpointer data, GError **error)
{
  return csm_bag_writer_drop (data, error);
}

typedef struct
{
  const CsmExportRun *run;
  const CsmDossierExhibit *exhibit;
} Making;

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  const Making *self = data;
  /* Translators: an exhibit's number */
  g_autofree char *step = g_strdup_printf (_ ("Pictures of %s"), self->exhibit->label);

  if (self->run->progress != NULL)
    self->run->progress (step, done, total, self->run->data);
}

/* Without a worker nothing is made of it, and a note says why. */
static gboolean
make_pictures (CsmExportRun *self, CsmDossierExhibit *exhibit, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmMediaSource) source =
      csm_intake_open_media (self->acase, &exhibit->exhibit->id, &local);
  g_autoptr (CsmWorker) worker = source != NULL ? csm_worker_new (source, false) : NULL;
  Making making = { self, exhibit };
  const CsmPictureWork work = { .worker = worker,
                                .dossier = self->dossier,
                                .exhibit = exhibit,
                                .sink = { begin_cb, append_cb, end_cb, drop_cb, self->writer },
                                .progress = progress_cb,
                                .progress_data = &making,
                                .notes = self->notes,
                                .cancellable = self->cancellable };

  if (worker == NULL)
    {
      g_ptr_array_add (self->notes, g_strdup_printf ("%s: %s", exhibit->label, local->message));
      return TRUE;
    }
  return csm_export_pictures_make (&work, self->selection, error);
}

gboolean
csm_export_make_pictures (CsmExportRun *self, GError **error)
{
  const GPtrArray *exhibits = self->dossier->exhibits;

  if (!self->selection->stills && self->selection->clips == CSM_CLIPS_NONE)
    return TRUE;
  for (guint i = 0; i < exhibits->len; i++)
    {
      CsmDossierExhibit *exhibit = exhibits->pdata[i];

      if (exhibit->marks->len > 0 && exhibit->info != NULL &&
          !make_pictures (self, exhibit, error))
        return FALSE;
    }
  return TRUE;
}
