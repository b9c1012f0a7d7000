/* csm-report-pdf.c: report.pdf
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report.h"

#include "base/csm-error.h"
#include "export/csm-report-page.h"

#include <cairo-pdf.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define LABEL_WIDTH 112.0
/* Of a still on paper, points. */
#define STILL_WIDTH 330.0
#define STILL_HEIGHT 205.0
/* Of a still in the file, and of all of them: 500 marks make no file that cannot be mailed. */
#define STILL_PIXELS 500000.0
#define ALL_PIXELS 60000000.0

typedef struct
{
  const CsmDossier *dossier;
  GPtrArray *blocks;
  CsmReportPage *page;
  cairo_surface_t *surface;
  double still_pixels;
  CsmReportStill still;
  gpointer data;
  /* The outline's parents. */
  int section, exhibit;
  GError *error;
} Pdf;

/* ---- Pictures ---- */

typedef struct
{
  GBytes *bytes;
  size_t offset;
} PngReader;

static cairo_status_t
read_png_cb (void *closure, unsigned char *data, unsigned int length)
{
  PngReader *reader = closure;
  size_t size;
  const uint8_t *bytes = g_bytes_get_data (reader->bytes, &size);

  if (length > size - reader->offset)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (data, bytes + reader->offset, length);
  reader->offset += length;
  return CAIRO_STATUS_SUCCESS;
}

/* (transfer full) (nullable): upright, its pixels square, no larger than it must be. */
static cairo_surface_t *
make_upright (GBytes *png, const CsmReportShape *shape, double max_pixels)
{
  PngReader reader = { png, 0 };
  cairo_surface_t *frame = cairo_image_surface_create_from_png_stream (read_png_cb, &reader);
  const double pixels = shape->shown_width * shape->shown_height;
  const double scale = pixels > max_pixels ? sqrt (max_pixels / pixels) : 1.0;
  cairo_surface_t *upright;
  cairo_matrix_t matrix;
  cairo_t *cairo;

  if (cairo_surface_status (frame) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (frame);
      return NULL;
    }
  upright = cairo_image_surface_create (CAIRO_FORMAT_RGB24,
                                        MAX (1, (int) (shape->shown_width * scale + 0.5)),
                                        MAX (1, (int) (shape->shown_height * scale + 0.5)));
  cairo = cairo_create (upright);
  cairo_scale (cairo, cairo_image_surface_get_width (upright) / shape->shown_width,
               cairo_image_surface_get_height (upright) / shape->shown_height);
  cairo_matrix_init (&matrix, shape->matrix[0], shape->matrix[1], shape->matrix[2],
                     shape->matrix[3], shape->matrix[4], shape->matrix[5]);
  cairo_transform (cairo, &matrix);
  /* The picture is of this size unless the file changes size on its way. */
  cairo_scale (cairo, (double) shape->width / cairo_image_surface_get_width (frame),
               (double) shape->height / cairo_image_surface_get_height (frame));
  cairo_set_source_surface (cairo, frame, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cairo), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend (cairo_get_source (cairo), CAIRO_EXTEND_PAD);
  cairo_paint (cairo);
  cairo_destroy (cairo);
  cairo_surface_destroy (frame);
  return upright;
}

static void
draw_regions (cairo_t *cairo, const CsmReportShape *shape, const CsmMark *mark, double scale)
{
  cairo_matrix_t matrix;

  cairo_save (cairo);
  cairo_rectangle (cairo, 0, 0, shape->shown_width, shape->shown_height);
  cairo_clip (cairo);
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < mark->n_regions; i++)
      {
        const CsmRect *rect = &mark->regions[i].rect;

        cairo_save (cairo);
        cairo_matrix_init (&matrix, shape->matrix[0], shape->matrix[1], shape->matrix[2],
                           shape->matrix[3], shape->matrix[4], shape->matrix[5]);
        cairo_transform (cairo, &matrix);
        cairo_rectangle (cairo, rect->x, rect->y, rect->width, rect->height);
        cairo_restore (cairo);
        cairo_set_source_rgb (cairo, pass == 0 ? 1 : 0.8, pass == 0 ? 1 : 0, pass == 0 ? 1 : 0);
        cairo_set_line_width (cairo, (pass == 0 ? 2.6 : 1.2) / scale);
        cairo_stroke (cairo);
      }
  cairo_restore (cairo);
}

static void
show_still (Pdf *self, const CsmReportBlock *block, const CsmReportShape *shape, double scale)
{
  cairo_t *cairo = csm_report_page_get_cairo (self->page);
  g_autoptr (GBytes) png = self->still (block->mark->still, self->data, &self->error);
  cairo_surface_t *upright;

  if (png == NULL)
    return;
  upright = make_upright (png, shape, self->still_pixels);
  cairo_save (cairo);
  cairo_translate (cairo, CSM_REPORT_LEFT, csm_report_page_get_y (self->page));
  cairo_scale (cairo, scale, scale);
  if (upright != NULL)
    {
      cairo_save (cairo);
      cairo_scale (cairo, shape->shown_width / cairo_image_surface_get_width (upright),
                   shape->shown_height / cairo_image_surface_get_height (upright));
      cairo_set_source_surface (cairo, upright, 0, 0);
      cairo_paint (cairo);
      cairo_restore (cairo);
      cairo_surface_destroy (upright);
    }
  cairo_set_source_rgb (cairo, 0.6, 0.6, 0.6);
  cairo_set_line_width (cairo, 0.4 / scale);
  cairo_rectangle (cairo, 0, 0, shape->shown_width, shape->shown_height);
  cairo_stroke (cairo);
  draw_regions (cairo, shape, block->mark->mark, scale);
  cairo_restore (cairo);
}

/* Points a pixel; 0 when nothing is known of the frame. */
static double
get_scale (const CsmReportShape *shape)
{
  if (shape->width <= 0 || shape->height <= 0)
    return 0;
  return MIN (STILL_WIDTH / shape->shown_width, STILL_HEIGHT / shape->shown_height);
}

static void
write_still (Pdf *self, const CsmReportBlock *block)
{
  CsmReportShape shape;
  double scale;

  csm_report_get_shape (block->exhibit, MAX (block->mark->mark->track, 0), &shape);
  scale = get_scale (&shape);
  if (scale > 0)
    {
      const double height = shape.shown_height * scale;

      csm_report_page_need (self->page, height + 24);
      if (csm_report_page_is_shown (self->page))
        show_still (self, block, &shape, scale);
      csm_report_page_move (self->page, height + 4);
    }
  csm_report_page_write (self->page, CSM_REPORT_FONT_SMALL, block->text, CSM_REPORT_LEFT);
  csm_report_page_move (self->page, 5);
}

/* ---- Rows ---- */

static void
write_fields (Pdf *self, const CsmReportBlock *block)
{
  for (unsigned i = 0; i < block->rows->len; i++)
    {
      const CsmReportRow *row = g_ptr_array_index (block->rows, i);
      const double x[] = { CSM_REPORT_LEFT, CSM_REPORT_LEFT + LABEL_WIDTH };
      g_autoptr (PangoLayout) label = csm_report_page_lay_out (
          self->page, CSM_REPORT_FONT_LABEL, row->cells[0], LABEL_WIDTH - 8);
      g_autoptr (PangoLayout) value = csm_report_page_lay_out (
          self->page, row->mono ? CSM_REPORT_FONT_MONO : CSM_REPORT_FONT_BODY, row->cells[1],
          CSM_REPORT_WIDTH - LABEL_WIDTH);
      PangoLayout *cells[] = { label, value };

      csm_report_page_need (self->page, MIN (csm_report_layout_get_height (value), 40));
      csm_report_page_flow_cells (self->page, cells, x, 2, NULL, NULL);
      csm_report_page_move (self->page, 2.5);
    }
  csm_report_page_move (self->page, 6);
}

/* Lines and space that a row of a table is kept together with. */
#define ROW_LINES 120.0
#define ROW_GAP 6.0

typedef struct
{
  PangoLayout *cells[CSM_REPORT_MAX_COLUMNS];
  double x[CSM_REPORT_MAX_COLUMNS];
  double height; /* of the longest cell */
} Row;

static void
lay_out_row (Pdf *self, const CsmReportBlock *block, unsigned number, Row *ret_row)
{
  const CsmReportRow *row = g_ptr_array_index (block->rows, number);
  double left = CSM_REPORT_LEFT;
  int total = 0;

  *ret_row = (Row){ 0 };
  for (int i = 0; i < block->n_columns; i++)
    total += block->widths[i];
  for (int i = 0; i < block->n_columns; i++)
    {
      const double width = CSM_REPORT_WIDTH * block->widths[i] / total;
      CsmDigest digest;
      const bool mono = csm_digest_from_hex (row->cells[i], &digest);

      ret_row->x[i] = left;
      ret_row->cells[i] = csm_report_page_lay_out (self->page,
                                                   number == 0 ? CSM_REPORT_FONT_HEAD
                                                   : mono      ? CSM_REPORT_FONT_MONO
                                                               : CSM_REPORT_FONT_BODY,
                                                   row->cells[i], width - 8);
      ret_row->height = MAX (ret_row->height, csm_report_layout_get_height (ret_row->cells[i]));
      left += width;
    }
}

static void
row_clear (Row *row)
{
  for (int i = 0; i < CSM_REPORT_MAX_COLUMNS; i++)
    g_clear_object (&row->cells[i]);
}

/* What the first rows of a table, its head and one more, take at least on a page. */
static double
get_table_room (Pdf *self, const CsmReportBlock *block)
{
  double room = 4;

  for (unsigned i = 0; i < MIN (block->rows->len, 2); i++)
    {
      Row row;

      lay_out_row (self, block, i, &row);
      room += MIN (row.height, ROW_LINES) + ROW_GAP;
      row_clear (&row);
    }
  return room;
}

static void
write_row (Pdf *self,
           const CsmReportBlock *block,
           unsigned number,
           void (*again) (CsmReportPage *page, gpointer data),
           gpointer data)
{
  Row row;

  lay_out_row (self, block, number, &row);
  if (again != NULL && csm_report_page_get_y (self->page) > 120)
    {
      const double y = csm_report_page_get_y (self->page);

      /* A row is kept together when it is no longer than a few lines. */
      csm_report_page_need (self->page, MIN (row.height, ROW_LINES) + 4);
      if (csm_report_page_get_y (self->page) < y)
        again (self->page, data);
    }
  csm_report_page_flow_cells (self->page, row.cells, row.x, block->n_columns, again, data);
  csm_report_page_move (self->page, ROW_GAP / 2);
  csm_report_page_rule (self->page, number == 0 ? 0.4 : 0.85);
  csm_report_page_move (self->page, ROW_GAP / 2);
  row_clear (&row);
}

typedef struct
{
  Pdf *pdf;
  const CsmReportBlock *block;
} Heads;

static void
write_heads (CsmReportPage *page, gpointer data)
{
  Heads *heads = data;

  write_row (heads->pdf, heads->block, 0, NULL, NULL);
}

static void
write_table (Pdf *self, const CsmReportBlock *block)
{
  Heads heads = { self, block };

  csm_report_page_need (self->page, get_table_room (self, block));
  for (unsigned i = 0; i < block->rows->len; i++)
    write_row (self, block, i, i > 0 ? write_heads : NULL, &heads);
  csm_report_page_move (self->page, 8);
}

/* ---- Headings ---- */

static int
add_outline (Pdf *self, int parent, const char *text, const char *anchor)
{
  g_autofree char *attributes = g_strdup_printf ("dest='%s'", anchor);

  if (!csm_report_page_is_shown (self->page) || anchor == NULL)
    return parent;
  return cairo_pdf_surface_add_outline (self->surface, parent, text, attributes, 0);
}

/* Words that lead elsewhere, at the right of a heading. */
static void
put_link (Pdf *self, const char *text, const char *anchor)
{
  g_autoptr (PangoLayout) layout =
      csm_report_page_lay_out (self->page, CSM_REPORT_FONT_SMALL, text, 130);

  pango_layout_set_alignment (layout, PANGO_ALIGN_RIGHT);
  csm_report_page_begin_link (self->page, anchor);
  csm_report_page_put (self->page, layout, CSM_REPORT_LEFT + CSM_REPORT_WIDTH - 130);
  csm_report_page_end_link (self->page);
}

static void
put_exhibit_link (Pdf *self, const CsmReportBlock *block)
{
  g_autofree char *number = g_ascii_strdown (block->exhibit->label, -1);
  g_autofree char *item = g_strconcat ("item-", number, NULL);

  if (g_str_equal (block->anchor, item))
    put_link (self, _ ("its marks"), number);
  else
    put_link (self, _ ("the item"), item);
}

static double
get_text_height (Pdf *self, CsmReportFont font, const char *text)
{
  g_autoptr (PangoLayout) layout =
      csm_report_page_lay_out (self->page, font, text, CSM_REPORT_WIDTH);

  return csm_report_layout_get_height (layout);
}

/* With the table below the heading that is block @number, and the paragraph between them; 0
 * when there is none. */
static double
get_room_of_table (Pdf *self, unsigned number)
{
  const CsmReportBlock *heading = g_ptr_array_index (self->blocks, number);
  double room = get_text_height (
      self, heading->level == 1 ? CSM_REPORT_FONT_1 : CSM_REPORT_FONT_2, heading->text);

  room += heading->level == 1 ? 18 + 6 : 8 + 3;
  for (unsigned i = number + 1; i < MIN (self->blocks->len, number + 3); i++)
    {
      const CsmReportBlock *block = g_ptr_array_index (self->blocks, i);

      if (block->kind == CSM_REPORT_TABLE)
        return room + get_table_room (self, block);
      if (block->kind != CSM_REPORT_PARAGRAPH)
        return 0;
      room += get_text_height (self, CSM_REPORT_FONT_BODY, block->text) + 6;
    }
  return 0;
}

/* What block @number, a heading, wants on its page: an exhibit's first mark at least. */
static double
get_room (Pdf *self, unsigned number)
{
  const CsmReportBlock *heading = g_ptr_array_index (self->blocks, number);
  const CsmDossierExhibit *exhibit = heading->exhibit;
  CsmReportShape shape;

  if (heading->label == NULL || exhibit->marks == NULL || exhibit->marks->len == 0)
    return MAX (heading->level == 1 ? 120 : 90, get_room_of_table (self, number));
  csm_report_get_shape (exhibit, 0, &shape);
  return 240 + shape.shown_height * get_scale (&shape);
}

static void
write_heading (Pdf *self, unsigned number)
{
  const CsmReportBlock *block = g_ptr_array_index (self->blocks, number);
  const bool section = block->level == 1;

  if (section && (g_str_equal (block->anchor, "marks") || g_str_equal (block->anchor, "scope")))
    csm_report_page_break (self->page);
  csm_report_page_need (self->page, get_room (self, number));
  csm_report_page_move (self->page, section ? 18 : 8);
  csm_report_page_set_exhibit (self->page, block->exhibit);
  if (block->anchor != NULL)
    csm_report_page_set_anchor (self->page, block->anchor);
  if (section)
    self->section = add_outline (self, CAIRO_PDF_OUTLINE_ROOT, block->text, block->anchor);
  else
    self->exhibit = add_outline (self, self->section, block->text, block->anchor);
  if (block->exhibit != NULL)
    put_exhibit_link (self, block);
  csm_report_page_write (self->page, section ? CSM_REPORT_FONT_1 : CSM_REPORT_FONT_2,
                         block->text, CSM_REPORT_LEFT);
  csm_report_page_move (self->page, section ? 6 : 3);
  if (block->label != NULL)
    {
      csm_report_page_write (self->page, CSM_REPORT_FONT_BODY, block->label, CSM_REPORT_LEFT);
      csm_report_page_move (self->page, 6);
    }
}

static void
write_mark (Pdf *self, const CsmReportBlock *block)
{
  const char *code = block->mark->code != NULL ? block->mark->code->label : NULL;
  g_autofree char *outline =
      code != NULL ? g_strdup_printf ("%s: %s", block->text, code) : g_strdup (block->text);
  CsmReportShape shape;

  csm_report_get_shape (block->exhibit, MAX (block->mark->mark->track, 0), &shape);
  csm_report_page_need (self->page, block->mark->still != NULL
                                        ? shape.shown_height * get_scale (&shape) + 90
                                        : 120);
  csm_report_page_move (self->page, 8);
  csm_report_page_rule (self->page, 0.6);
  csm_report_page_move (self->page, 5);
  csm_report_page_set_anchor (self->page, block->anchor);
  (void) add_outline (self, self->exhibit, outline, block->anchor);
  csm_report_page_write (self->page, CSM_REPORT_FONT_3, block->text, CSM_REPORT_LEFT);
  csm_report_page_move (self->page, 5);
}

static void
write_title (Pdf *self, const CsmReportBlock *block)
{
  csm_report_page_move (self->page, 90);
  csm_report_page_write (self->page, CSM_REPORT_FONT_LABEL, block->label, CSM_REPORT_LEFT);
  csm_report_page_move (self->page, 6);
  csm_report_page_write (self->page, CSM_REPORT_FONT_TITLE, block->text, CSM_REPORT_LEFT);
  csm_report_page_move (self->page, 24);
}

/* ---- Contents ---- */

static void
write_contents_line (Pdf *self, const CsmReportBlock *block, const CsmReportPage *first)
{
  const double x = CSM_REPORT_LEFT + (block->level == 1 ? 0 : 16);
  const double right = CSM_REPORT_LEFT + CSM_REPORT_WIDTH;
  g_autofree char *number =
      g_strdup_printf ("%d", first != NULL ? csm_report_page_find (first, block->anchor) : 0);
  g_autoptr (PangoLayout) words =
      csm_report_page_lay_out (self->page, CSM_REPORT_FONT_BODY, block->text,
                               block->label != NULL ? 60 : CSM_REPORT_WIDTH - 50);
  g_autoptr (PangoLayout) name =
      csm_report_page_lay_out (self->page, CSM_REPORT_FONT_BODY,
                               block->label != NULL ? block->label : "", right - x - 110);
  g_autoptr (PangoLayout) digits =
      csm_report_page_lay_out (self->page, CSM_REPORT_FONT_BODY, number, 40);
  PangoLayout *cells[] = { words, name, digits };
  const double at[] = { x, x + 62, right - 40 };

  pango_layout_set_single_paragraph_mode (name, TRUE);
  pango_layout_set_ellipsize (name, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (digits, PANGO_ALIGN_RIGHT);
  csm_report_page_need (self->page, 16);
  csm_report_page_begin_link (self->page, block->anchor);
  csm_report_page_flow_cells (self->page, cells, at, 3, NULL, NULL);
  csm_report_page_end_link (self->page);
  csm_report_page_move (self->page, 2);
}

static void
write_contents (Pdf *self, const CsmReportPage *first)
{
  bool marks = false;

  csm_report_page_move (self->page, 20);
  csm_report_page_write (self->page, CSM_REPORT_FONT_2, _ ("Contents"), CSM_REPORT_LEFT);
  csm_report_page_move (self->page, 4);
  for (unsigned i = 0; i < self->blocks->len; i++)
    {
      const CsmReportBlock *block = g_ptr_array_index (self->blocks, i);

      if (block->kind != CSM_REPORT_HEADING)
        continue;
      if (block->level == 1)
        marks = g_str_equal (block->anchor, "marks");
      if (block->level == 1 || marks)
        write_contents_line (self, block, first);
    }
}

/* ---- The whole ---- */

static void
write_point (Pdf *self, const CsmReportBlock *block)
{
  g_autoptr (PangoLayout) bullet =
      csm_report_page_lay_out (self->page, CSM_REPORT_FONT_BODY, "\342\200\242", 10);
  g_autoptr (PangoLayout) text = csm_report_page_lay_out (self->page, CSM_REPORT_FONT_BODY,
                                                          block->text, CSM_REPORT_WIDTH - 12);
  PangoLayout *cells[] = { bullet, text };
  const double x[] = { CSM_REPORT_LEFT, CSM_REPORT_LEFT + 12 };

  csm_report_page_need (self->page, MIN (csm_report_layout_get_height (text), 40));
  csm_report_page_flow_cells (self->page, cells, x, 2, NULL, NULL);
  csm_report_page_move (self->page, 4);
}

static void
write_blank (Pdf *self, const CsmReportBlock *block)
{
  csm_report_page_need (self->page, 14 + 22 * block->level);
  csm_report_page_write (self->page, CSM_REPORT_FONT_LABEL, block->text, CSM_REPORT_LEFT);
  for (int i = 0; i < block->level; i++)
    {
      csm_report_page_move (self->page, 20);
      csm_report_page_rule (self->page, 0.4);
    }
  csm_report_page_move (self->page, 9);
}

static void
write_block (Pdf *self, unsigned number)
{
  const CsmReportBlock *block = g_ptr_array_index (self->blocks, number);

  if (block->draft)
    csm_report_page_set_draft (self->page);
  switch (block->kind)
    {
    case CSM_REPORT_TITLE:
      write_title (self, block);
      break;
    case CSM_REPORT_HEADING:
      write_heading (self, number);
      break;
    case CSM_REPORT_PARAGRAPH:
      csm_report_page_write (self->page, CSM_REPORT_FONT_BODY, block->text, CSM_REPORT_LEFT);
      csm_report_page_move (self->page, 6);
      break;
    case CSM_REPORT_POINT:
      write_point (self, block);
      break;
    case CSM_REPORT_COMMAND:
      csm_report_page_write (self->page, CSM_REPORT_FONT_MONO, block->text,
                             CSM_REPORT_LEFT + 12);
      csm_report_page_move (self->page, 6);
      break;
    case CSM_REPORT_FIELDS:
      write_fields (self, block);
      break;
    case CSM_REPORT_TABLE:
      write_table (self, block);
      break;
    case CSM_REPORT_MARK:
      write_mark (self, block);
      break;
    case CSM_REPORT_STILL:
      write_still (self, block);
      break;
    case CSM_REPORT_BLANK:
      write_blank (self, block);
      break;
    case CSM_REPORT_PLAYER: /* Paper does not move. */
      break;
    }
}

static gboolean
write_pass (Pdf *self, const CsmReportPage *first, GCancellable *cancellable, GError **error)
{
  for (unsigned i = 0; i < self->blocks->len; i++)
    {
      const CsmReportBlock *block = g_ptr_array_index (self->blocks, i);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (block->kind == CSM_REPORT_HEADING && block->level == 1 &&
          g_str_equal (block->anchor, "scope"))
        write_contents (self, first);
      write_block (self, i);
      if (self->error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&self->error));
          return FALSE;
        }
    }
  csm_report_page_finish (self->page);
  return TRUE;
}

static cairo_status_t
append_cb (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
set_metadata (cairo_surface_t *surface, const CsmDossier *dossier)
{
  g_autofree char *made = csm_time_format (dossier->made);
  g_autofree char *seconds = g_strdup_printf ("%.19sZ", made);

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, dossier->title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_SUBJECT,
                                  _ ("Report on an evidence bundle"));
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Casement " CSM_VERSION);
  if (dossier->exporter != NULL)
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_AUTHOR,
                                    dossier->exporter->label);
  /* Else Cairo writes the clock's time, and no two are the same. */
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATE_DATE, seconds);
}

static char *
dup_footer (const CsmDossier *dossier)
{
  g_autofree char *made = csm_time_describe (dossier->made);
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  if (dossier->receipt == NULL)
    return g_strdup_printf (_ ("Bundle made %s"), made);
  csm_receipt_code (csm_receipt_get_sha256 (dossier->receipt), code);
  return g_strdup_printf (_ ("Bundle made %s, receipt %s"), made, code);
}

static CsmReportPage *
run_pass (Pdf *self,
          const CsmReportPage *first,
          GByteArray *bytes,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree char *footer = dup_footer (self->dossier);
  cairo_status_t status;
  gboolean written;

  self->surface = cairo_pdf_surface_create_for_stream (bytes != NULL ? append_cb : NULL, bytes,
                                                       595.276, 841.890);
  cairo_pdf_surface_restrict_to_version (self->surface, CAIRO_PDF_VERSION_1_5);
  set_metadata (self->surface, self->dossier);
  self->page = csm_report_page_new (self->surface, first, self->dossier->title, footer);
  written = write_pass (self, first, cancellable, error);
  status = cairo_status (csm_report_page_get_cairo (self->page));
  cairo_surface_finish (self->surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (self->surface);
  cairo_surface_destroy (self->surface);
  if (written && status != CAIRO_STATUS_SUCCESS)
    g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO, _ ("report.pdf: %s"),
                 cairo_status_to_string (status));
  if (written && status == CAIRO_STATUS_SUCCESS)
    return self->page;
  csm_report_page_free (self->page);
  return NULL;
}

GBytes *
csm_report_write_pdf (const CsmDossier *dossier,
                      CsmReportStill still,
                      gpointer data,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GPtrArray) blocks = csm_report_text_new (dossier);
  Pdf self = { .dossier = dossier, .blocks = blocks, .still = still, .data = data };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (CsmReportPage) first = NULL;
  g_autoptr (CsmReportPage) second = NULL;

  self.still_pixels = MIN (STILL_PIXELS, ALL_PIXELS / (double) MAX (dossier->n_marks, 1));
  first = run_pass (&self, NULL, NULL, cancellable, error);
  if (first == NULL)
    return NULL;
  second = run_pass (&self, first, bytes, cancellable, error);
  return second != NULL ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes)) : NULL;
}
