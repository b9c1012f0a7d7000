/* csm-export-look.c: what the case does not keep about a file, asked of a worker
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-parts.h"
#include "intake/csm-intake.h"

#include <glib/gi18n-lib.h>

/* Where a worker's progress goes on to. */
typedef struct
{
  const CsmExportRun *run;
  const CsmDossierExhibit *exhibit;
} Looking;

static void
decode_progress_cb (int64_t done, int64_t total, gpointer data)
{
  const Looking *self = data;
  /* Translators: an exhibit's number */
  g_autofree char *step = g_strdup_printf (_ ("Decoding %s"), self->exhibit->label);

  if (self->run->progress != NULL)
    self->run->progress (step, done, total, self->run->data);
}

/* The first video track that has marks and no exact index; -1 for none. @info (nullable) says
 * which there are. */
static int
find_wanted (const CsmDossierExhibit *exhibit, const CsmMediaInfo *info)
{
  for (guint i = 0; i < exhibit->marks->len; i++)
    {
      int track = ((CsmDossierMark *) exhibit->marks->pdata[i])->mark->track;

      if (track >= 0 && csm_dossier_exhibit_get_index (exhibit, track) == NULL &&
          (info == NULL || csm_media_info_get_stream (info, 'v', track) != NULL))
        return track;
    }
  return -1;
}

static void
add_note (CsmExportRun *self, const CsmDossierExhibit *exhibit, const char *what)
{
  g_ptr_array_add (self->notes, g_strdup_printf ("%s: %s", exhibit->label, what));
}

/* A failure is a note: what cannot be read leaves all the same. */
static void
look_at (CsmExportRun *self, CsmDossierExhibit *exhibit, bool decode)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source =
      csm_intake_open_media (self->acase, &exhibit->exhibit->id, &error);
  g_autoptr (CsmWorker) worker = source != NULL ? csm_worker_new (source, false) : NULL;
  g_autoptr (CsmMediaInfo) info =
      worker != NULL ? csm_worker_probe (worker, self->cancellable, &error) : NULL;
  int track;

  while (error == NULL && info != NULL && decode && (track = find_wanted (exhibit, info)) >= 0)
    {
      Looking looking = { self, exhibit };
      CsmFrameIndex *found = csm_worker_verify (worker, track, decode_progress_cb, &looking,
                                                self->cancellable, &error);

      if (found == NULL)
        break;
      add_note (self, exhibit, _ ("its frames were counted for this bundle"));
      if (track > 0)
        csm_dossier_exhibit_add_index (exhibit, found);
      else
        {
          csm_dossier_exhibit_set_media (exhibit, info, found, self->selection->files);
          csm_frame_index_unref (found);
        }
    }
  if (error != NULL && !g_cancellable_is_cancelled (self->cancellable))
    add_note (self, exhibit, error->message);
  csm_dossier_exhibit_set_media (exhibit, info, NULL, self->selection->files);
}

gboolean
csm_export_look (CsmExportRun *self, bool decode, GError **error)
{
  const GPtrArray *exhibits = self->dossier->exhibits;

  for (guint i = 0; i < exhibits->len; i++)
    {
      CsmDossierExhibit *exhibit = exhibits->pdata[i];

      if (self->progress != NULL)
        self->progress (_ ("Looking into the files"), i, exhibits->len, self->data);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (exhibits->len - i > 1)
        csm_worker_prestart ();
      if (exhibit->info == NULL || (decode && find_wanted (exhibit, exhibit->info) >= 0))
        look_at (self, exhibit, decode);
    }
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}
