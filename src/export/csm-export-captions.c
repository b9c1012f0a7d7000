/* csm-export-captions.c: stills with their names below them, and sheets of small ones
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-export-pictures.h"
#include "export/csm-picture-text.h"

#include <string.h>

/* Cairo's limit. */
#define MAX_SIDE 32767
/* Pixels: narrower strips are wider than their picture. */
#define MIN_STRIP 520
/* Pixels that a hash needs to stand beside its name. */
#define WIDE 660

#define SHEET_COLUMNS 4
#define CELL_WIDTH 384
#define CELL_HEIGHT 216
#define CELL_TEXT 96
#define MARGIN 32
#define SPACE 20

/* ---- words ---- */

static int64_t
get_n_frames (const CsmDossierExhibit *exhibit, int track)
{
  return csm_frame_index_get_n_frames (csm_dossier_exhibit_get_index (exhibit, track));
}

/* (transfer full) */
static char *
format_time (const CsmDossierExhibit *exhibit, int track, int64_t ordinal)
{
  const CsmFrameIndex *index = csm_dossier_exhibit_get_index (exhibit, track);

  return csm_ticks_format (csm_frame_index_get (index, ordinal)->pts,
                           csm_frame_index_get_timebase (index));
}

/* (transfer full): "" for the first track, which is what everybody expects. */
static char *
name_track (int track)
{
  return track > 0 ? g_strdup_printf (" of its video track v:%d", track) : g_strdup ("");
}

static int
get_rotation (const CsmDossierExhibit *exhibit, int track)
{
  const CsmStreamInfo *stream =
      exhibit->info != NULL ? csm_media_info_get_stream (exhibit->info, 'v', track) : NULL;

  return stream != NULL ? stream->rotation : 0;
}

/* ---- pixels ---- */

/* (transfer full) (nullable): over white where @picture can be seen through. */
static cairo_surface_t *
make_surface (int width, int height, GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);

  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    return surface;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
               "A picture of %d × %d pixels cannot be captioned", width, height);
  cairo_surface_destroy (surface);
  return NULL;
}

static void
fill (cairo_t *cairo, double grey)
{
  cairo_set_source_rgb (cairo, grey, grey, grey);
  cairo_paint (cairo);
}

/* @picture's own pixels at @x, @y, whole numbers. B8G8R8A8 are the bytes of Cairo's ARGB32 on
 * the little-endian computers that Casement runs on. */
static void
draw_picture (cairo_t *cairo, const CsmPicture *picture, int x, int y)
{
  g_autoptr (cairo_surface_t) surface = cairo_image_surface_create_for_data (
      (unsigned char *) g_bytes_get_data (picture->pixels, NULL),
      picture->has_alpha ? CAIRO_FORMAT_ARGB32 : CAIRO_FORMAT_RGB24, picture->width,
      picture->height, picture->stride);

  cairo_set_source_surface (cairo, surface, x, y);
  cairo_pattern_set_filter (cairo_get_source (cairo), CAIRO_FILTER_NEAREST);
  cairo_rectangle (cairo, x, y, picture->width, picture->height);
  cairo_fill (cairo);
}

/* ---- captioned stills ---- */

/* (transfer full) */
static CsmPictureText *
make_caption (const CsmDossier *dossier,
              const CsmDossierExhibit *exhibit,
              int track,
              int64_t ordinal,
              const CsmFrameDigest *digest,
              int width)
{
  CsmPictureText *text = csm_picture_text_new (width, CLAMP (width / 62.0, 12, 44));
  g_autofree char *time = format_time (exhibit, track, ordinal);
  g_autofree char *named = name_track (track);
  g_autofree char *place =
      g_strdup_printf ("Exhibit %s: frame %" G_GINT64_FORMAT
                       " (the first is 0) of %" G_GINT64_FORMAT "%s, media time %s",
                       exhibit->label, ordinal, get_n_frames (exhibit, track), named, time);
  g_autofree char *exhibit_hex =
      csm_hex_encode (exhibit->exhibit->sha256.bytes, sizeof exhibit->exhibit->sha256.bytes);
  g_autofree char *frame_hex =
      csm_hex_encode (digest->sha256.bytes, sizeof digest->sha256.bytes);
  const char *gap = width < WIDE ? "\n" : " ";
  g_autofree char *exhibit_line =
      g_strdup_printf ("SHA-256 of the exhibit:%s%s", gap, exhibit_hex);
  g_autofree char *frame_line =
      g_strdup_printf ("SHA-256 of the frame:%s%s%s", width < WIDE ? "" : "  ", gap, frame_hex);
  g_autofree char *shape = g_strdup_printf (
      "Frame as decoded: %d × %d pixels, %s, unrotated and unscaled.%s", digest->width,
      digest->height, digest->pixel_format,
      get_rotation (exhibit, track) != 0 ? " Players show it turned, as the file asks for."
                                         : "");

  if (*dossier->title != '\0')
    csm_picture_text_add (text, dossier->title, true, 2);
  csm_picture_text_add (text, place, false, 0);
  csm_picture_text_add_figures (text, exhibit_line);
  csm_picture_text_add_figures (text, frame_line);
  csm_picture_text_add (text, shape, false, 0);
  return text;
}

static GBytes *
draw_caption (const CsmPicture *picture, const CsmPictureText *text, int margin, GError **error)
{
  int width = MAX (picture->width, MIN_STRIP);
  int height = picture->height + csm_picture_text_get_height (text) + 2 * margin;
  g_autoptr (cairo_surface_t) surface = NULL;
  g_autoptr (cairo_t) cairo = NULL;

  surface = make_surface (width, height, error);
  if (surface == NULL)
    return NULL;
  cairo = cairo_create (surface);
  fill (cairo, 1);
  draw_picture (cairo, picture, 0, 0);
  cairo_set_source_rgb (cairo, 0, 0, 0);
  csm_picture_text_draw (text, cairo, margin, picture->height + margin);
  return csm_picture_surface_to_png (surface, error);
}

GBytes *
csm_export_pictures_caption (CsmWorker *worker,
                             const CsmDossier *dossier,
                             const CsmDossierExhibit *exhibit,
                             int track,
                             int64_t ordinal,
                             GCancellable *cancellable,
                             GError **error)
{
  const CsmPictureOptions options = { .accurate = true, .as_decoded = true };
  g_autoptr (CsmPicture) picture =
      csm_worker_read_picture (worker, ordinal, &options, 0, cancellable, error);
  g_autoptr (CsmPictureText) text = NULL;
  CsmFrameDigest digest;
  int width, margin;

  if (picture == NULL || !csm_worker_read_digest (worker, ordinal, &digest, cancellable, error))
    return NULL;
  width = MAX (picture->width, MIN_STRIP);
  margin = CLAMP (width / 60, 10, 40);
  text = make_caption (dossier, exhibit, track, ordinal, &digest, width - 2 * margin);
  return draw_caption (picture, text, margin, error);
}

/* ---- contact sheets ---- */

static bool
is_of_pictures (const CsmDossierExhibit *exhibit, const CsmDossierMark *mark)
{
  const CsmMark *m = mark->mark;

  return m->track >= 0 && csm_dossier_exhibit_get_index (exhibit, m->track) != NULL &&
         m->from >= 0 && m->from < get_n_frames (exhibit, m->track);
}

static int
count_marks (const CsmDossierExhibit *exhibit)
{
  int n = 0;

  for (guint i = 0; i < exhibit->marks->len; i++)
    n += is_of_pictures (exhibit, g_ptr_array_index (exhibit->marks, i));
  return n;
}

int
csm_export_pictures_count_sheets (const CsmDossierExhibit *exhibit)
{
  return (count_marks (exhibit) + CSM_CONTACT_SHEET_MARKS - 1) / CSM_CONTACT_SHEET_MARKS;
}

char *
csm_export_pictures_name_sheet (const CsmDossierExhibit *exhibit, int page)
{
  if (page == 0)
    return g_strdup_printf ("stills/%s-contact-sheet.png", exhibit->label);
  return g_strdup_printf ("stills/%s-contact-sheet-%d.png", exhibit->label, page + 1);
}

/* (transfer full) */
static CsmPictureText *
make_head (const CsmDossier *dossier, const CsmDossierExhibit *exhibit, int page, int width)
{
  CsmPictureText *text = csm_picture_text_new (width, 22);
  int n_marks = count_marks (exhibit), n_pages = csm_export_pictures_count_sheets (exhibit);
  g_autofree char *hex =
      csm_hex_encode (exhibit->exhibit->sha256.bytes, sizeof exhibit->exhibit->sha256.bytes);
  g_autofree char *hash = g_strdup_printf ("SHA-256 of the exhibit: %s", hex);
  g_autofree char *frames =
      exhibit->index != NULL
          ? g_strdup_printf (", %" G_GINT64_FORMAT " frames (the first is 0)",
                             get_n_frames (exhibit, 0))
          : g_strdup ("");
  g_autofree char *what =
      g_strdup_printf ("Exhibit %s%s: first frames of %d %s", exhibit->label, frames, n_marks,
                       n_marks == 1 ? "mark" : "marks");
  g_autofree char *pages = n_pages > 1
                               ? g_strdup_printf ("%s, page %d of %d", what, page + 1, n_pages)
                               : g_strdup (what);

  if (*dossier->title != '\0')
    csm_picture_text_add (text, dossier->title, true, 2);
  csm_picture_text_add (text, pages, false, 0);
  csm_picture_text_add_figures (text, hash);
  return text;
}

/* (transfer full) */
static CsmPictureText *
make_label (const CsmDossierExhibit *exhibit, const CsmDossierMark *mark)
{
  CsmPictureText *text = csm_picture_text_new (CELL_WIDTH, 17);
  const CsmMark *m = mark->mark;
  g_autofree char *time = format_time (exhibit, m->track, m->from);
  g_autofree char *named =
      m->track > 0 ? g_strdup_printf ("v:%d, frame", m->track) : g_strdup ("Frame");
  g_autofree char *place =
      m->to > m->from
          ? g_strdup_printf ("%s %" G_GINT64_FORMAT " (marked to %" G_GINT64_FORMAT ")", named,
                             m->from, m->to)
          : g_strdup_printf ("%s %" G_GINT64_FORMAT, named, m->from);
  const char *code = mark->code != NULL ? mark->code->label : m->code != NULL ? m->code : "";
  g_autofree char *who = mark->reviewer != NULL ? g_strdup (mark->reviewer->label) : NULL;
  g_autofree char *when = who != NULL ? g_strdup_printf ("%s, %s", time, who) : g_strdup (time);

  csm_picture_text_add (text, place, true, 1);
  csm_picture_text_add (text, when, false, 1);
  if (*code != '\0')
    csm_picture_text_add (text, code, false, 1);
  return text;
}

/* In the middle of its cell, or words in its place. Fails only when cancelled. */
static gboolean
draw_small (cairo_t *cairo,
            CsmWorker *worker,
            int64_t ordinal,
            int x,
            int y,
            GCancellable *cancellable,
            GError **error)
{
  const CsmPictureOptions options = { .accurate = true,
                                      .max_width = CELL_WIDTH,
                                      .max_height = CELL_HEIGHT };
  g_autoptr (GError) reason = NULL;
  g_autoptr (CsmPicture) picture =
      csm_worker_read_picture (worker, ordinal, &options, 0, cancellable, &reason);
  g_autoptr (CsmPictureText) text = NULL;

  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  cairo_set_source_rgb (cairo, 0.9, 0.9, 0.9);
  cairo_rectangle (cairo, x, y, CELL_WIDTH, CELL_HEIGHT);
  cairo_fill (cairo);
  if (picture != NULL)
    {
      draw_picture (cairo, picture, x + (CELL_WIDTH - picture->width) / 2,
                    y + (CELL_HEIGHT - picture->height) / 2);
      return TRUE;
    }
  text = csm_picture_text_new (CELL_WIDTH - 2 * SPACE, 17);
  csm_picture_text_add (text, "This frame could not be decoded.", false, 0);
  cairo_set_source_rgb (cairo, 0, 0, 0);
  csm_picture_text_draw (text, cairo, x + SPACE, y + SPACE);
  return TRUE;
}

static gboolean
draw_cell (cairo_t *cairo,
           CsmWorker *worker,
           const CsmDossierExhibit *exhibit,
           const CsmDossierMark *mark,
           int x,
           int y,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (CsmPictureText) label = make_label (exhibit, mark);

  if (!draw_small (cairo, worker, mark->mark->from, x, y, cancellable, error))
    return FALSE;
  cairo_set_source_rgb (cairo, 0, 0, 0);
  csm_picture_text_draw (label, cairo, x, y + CELL_HEIGHT + 4);
  return TRUE;
}

static gboolean
draw_cells (cairo_t *cairo,
            CsmWorker *worker,
            const CsmDossierExhibit *exhibit,
            int page,
            int top,
            GCancellable *cancellable,
            GError **error)
{
  int n = 0, first = page * CSM_CONTACT_SHEET_MARKS;
  int track = -1; /* whose index the worker has */

  for (guint i = 0; i < exhibit->marks->len; i++)
    {
      const CsmDossierMark *mark = g_ptr_array_index (exhibit->marks, i);
      int cell = n - first;

      if (!is_of_pictures (exhibit, mark))
        continue;
      n++;
      if (cell < 0 || cell >= CSM_CONTACT_SHEET_MARKS)
        continue;
      if (mark->mark->track != track)
        {
          track = mark->mark->track;
          if (!csm_worker_set_index (worker, csm_dossier_exhibit_get_index (exhibit, track),
                                     error))
            return FALSE;
        }
      if (!draw_cell (cairo, worker, exhibit, mark,
                      MARGIN + cell % SHEET_COLUMNS * (CELL_WIDTH + SPACE),
                      top + cell / SHEET_COLUMNS * (CELL_HEIGHT + CELL_TEXT + SPACE),
                      cancellable, error))
        return FALSE;
    }
  return TRUE;
}

GBytes *
csm_export_pictures_sheet (CsmWorker *worker,
                           const CsmDossier *dossier,
                           const CsmDossierExhibit *exhibit,
                           int page,
                           GCancellable *cancellable,
                           GError **error)
{
  int width = SHEET_COLUMNS * (CELL_WIDTH + SPACE) - SPACE;
  int n_cells = CLAMP (count_marks (exhibit) - page * CSM_CONTACT_SHEET_MARKS, 0,
                       CSM_CONTACT_SHEET_MARKS);
  int n_rows = (n_cells + SHEET_COLUMNS - 1) / SHEET_COLUMNS;
  g_autoptr (CsmPictureText) head = NULL;
  g_autoptr (cairo_surface_t) surface = NULL;
  g_autoptr (cairo_t) cairo = NULL;
  int top;

  g_return_val_if_fail (n_cells > 0, NULL);

  head = make_head (dossier, exhibit, page, width);
  top = MARGIN + csm_picture_text_get_height (head) + SPACE;
  surface =
      make_surface (width + 2 * MARGIN,
                    top + n_rows * (CELL_HEIGHT + CELL_TEXT + SPACE) - SPACE + MARGIN, error);
  if (surface == NULL)
    return NULL;
  cairo = cairo_create (surface);
  fill (cairo, 1);
  cairo_set_source_rgb (cairo, 0, 0, 0);
  csm_picture_text_draw (head, cairo, MARGIN, MARGIN);
  if (!draw_cells (cairo, worker, exhibit, page, top, cancellable, error))
    return NULL;
  return csm_picture_surface_to_png (surface, error);
}
