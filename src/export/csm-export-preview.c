/* csm-export-preview.c: what would leave, before it does
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-parts.h"

#include <glib/gi18n-lib.h>

void
csm_export_preview_free (CsmExportPreview *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->dossier, csm_dossier_free);
  g_clear_pointer (&self->identifying, g_ptr_array_unref);
  g_free (self);
}

/* ---- Size ---- */

/* About: a still of yuv420p as PNG is around its bytes; the rest is text. */
#define BYTES_OF_ENTRY 1600
#define BYTES_OF_MARK 4000
#define BYTES_ALWAYS (256 * 1024)

static int64_t
estimate_pictures (const CsmDossierExhibit *exhibit, const CsmSelection *selection)
{
  const CsmExhibit *row = exhibit->exhibit;
  const int64_t picture = (int64_t) row->width * row->height * 3 / 2;
  int64_t n_frames = 0;
  int64_t sum = 0;

  for (guint i = 0; i < exhibit->marks->len; i++)
    {
      const CsmMark *mark = ((CsmDossierMark *) exhibit->marks->pdata[i])->mark;

      n_frames += mark->track >= 0 ? mark->to - mark->from + 1 : 0;
    }
  if (selection->stills)
    sum += exhibit->marks->len * picture * (selection->captions ? 2 : 1);
  if (selection->clips == CSM_CLIPS_FFV1)
    sum += n_frames * picture / 2;
  else if (selection->clips != CSM_CLIPS_NONE && row->n_frames > 0)
    sum += MIN (n_frames, row->n_frames) * (row->size / row->n_frames);
  return sum;
}

int64_t
csm_export_estimate (const CsmDossier *dossier, const CsmSelection *selection)
{
  int64_t sum =
      BYTES_ALWAYS + dossier->n_entries * BYTES_OF_ENTRY + dossier->n_marks * BYTES_OF_MARK;

  for (guint i = 0; i < dossier->exhibits->len; i++)
    {
      const CsmDossierExhibit *exhibit = dossier->exhibits->pdata[i];

      sum += selection->files ? exhibit->exhibit->size : 0;
      sum += estimate_pictures (exhibit, selection);
    }
  return sum;
}

/* ---- What the files themselves say of people ---- */

static void
add_part (GString *text, const char *what, const char *value)
{
  if (value == NULL || value[0] == '\0')
    return;
  if (text->len > 0)
    g_string_append (text, "; ");
  g_string_append_printf (text, "%s %s", what, value);
}

/* (transfer full): "52.5200, 13.4000". */
static char *
format_place (const CsmMediaInfo *info)
{
  char latitude[G_ASCII_DTOSTR_BUF_SIZE];
  char longitude[G_ASCII_DTOSTR_BUF_SIZE];

  if (info->latitude == CSM_NO_PTS || info->longitude == CSM_NO_PTS)
    return NULL;
  g_ascii_formatd (latitude, sizeof latitude, "%.5f", (double) info->latitude / 1e7);
  g_ascii_formatd (longitude, sizeof longitude, "%.5f", (double) info->longitude / 1e7);
  return g_strdup_printf ("%s, %s", latitude, longitude);
}

/* (transfer full) (nullable) */
static char *
find_device (const CsmMediaInfo *info)
{
  const char *make = csm_media_info_get_make (info);
  const char *model = csm_media_info_get_model (info);

  if (make == NULL || model == NULL)
    return g_strdup (make != NULL ? make : model);
  return g_strdup_printf ("%s %s", make, model);
}

static char *
describe_identifying (const CsmDossierExhibit *exhibit)
{
  static const char *const owners[] = { "artist",    "author",
                                        "OwnerName", "CameraOwnerName",
                                        "copyright", "com.apple.quicktime.author",
                                        "performer", "director",
                                        "publisher", NULL };
  static const char *const comments[] = { "comment",  "description",      "title",
                                          "synopsis", "ImageDescription", "UserComment",
                                          NULL };
  static const char *const numbers[] = { "BodySerialNumber", "LensSerialNumber",
                                         "com.apple.quicktime.content.identifier", NULL };
  const CsmMediaInfo *info = exhibit->info;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *place = NULL;
  g_autofree char *device = NULL;
  CsmZone zone;

  if (info == NULL)
    return NULL;
  place = format_place (info);
  device = find_device (info);
  add_part (text, _ ("recorded at"), place);
  add_part (text, _ ("device"), device);
  add_part (text, _ ("serial number"), csm_media_info_find (info, numbers));
  add_part (text, _ ("owner"), csm_media_info_find (info, owners));
  add_part (text, _ ("says"), csm_media_info_find (info, comments));
  add_part (text, _ ("recorded on"), csm_media_info_get_created (info, &zone));
  add_part (text, _ ("made by"), csm_media_info_get_encoder (info));
  if (info->content_credentials)
    add_part (text, _ ("holds"), _ ("Content Credentials"));
  if (text->len == 0)
    return NULL;
  return g_strdup_printf ("%s %s: %s", exhibit->label, exhibit->exhibit->name, text->str);
}

CsmExportPreview *
csm_export_preview (CsmCase *acase,
                    const CsmSelection *selection,
                    CsmExportProgress progress,
                    gpointer data,
                    GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (acase != NULL && selection != NULL, NULL);
  g_autoptr (CsmExportPreview) self = g_new0 (CsmExportPreview, 1);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  CsmExportRun run = { .acase = acase,
                       .selection = selection,
                       .notes = notes,
                       .progress = progress,
                       .data = data,
                       .cancellable = cancellable };

  self->identifying = g_ptr_array_new_with_free_func (g_free);
  self->dossier = run.dossier = csm_dossier_new (acase, selection, csm_time_now (), error);
  if (self->dossier == NULL || !csm_export_look (&run, false, error))
    return NULL;
  self->bytes = csm_export_estimate (self->dossier, selection);
  self->n_superseded = self->dossier->n_superseded;
  for (guint i = 0; selection->files && i < self->dossier->exhibits->len; i++)
    {
      char *line = describe_identifying (self->dossier->exhibits->pdata[i]);

      if (line != NULL)
        g_ptr_array_add (self->identifying, line);
    }
  return g_steal_pointer (&self);
}
