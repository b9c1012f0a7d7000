/* csm-report-page.c: lines, tables and pictures put onto numbered pages
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-report-page.h"

#include <cairo-pdf.h>
#include <glib/gi18n-lib.h>

#define HEIGHT 841.890
#define TOP 76.0
#define BOTTOM (HEIGHT - 66.0)

struct _CsmReportPage
{
  cairo_t *cairo;
  const char *tag; /* (nullable) of what is written: PDF's name of its kind */
  PangoFontMap *fonts;
  PangoContext *context;
  GHashTable *anchors; /* name to page; the first pass only */
  const CsmReportPage *first;
  char *title;
  char *footer;
  int number;
  bool empty;
  bool draft;
  double y;
  const CsmDossierExhibit *exhibit;
  /* Of this page. */
  const CsmDossierExhibit *from, *to;
};

static const struct
{
  const char *family;
  double size;
  PangoWeight weight;
  double grey;
} fonts[] = {
  [CSM_REPORT_FONT_TITLE] = { "Noto Sans,DejaVu Sans,sans-serif", 23, PANGO_WEIGHT_BOLD, 0 },
  [CSM_REPORT_FONT_1] = { "Noto Sans,DejaVu Sans,sans-serif", 16, PANGO_WEIGHT_BOLD, 0 },
  [CSM_REPORT_FONT_2] = { "Noto Sans,DejaVu Sans,sans-serif", 12, PANGO_WEIGHT_BOLD, 0 },
  [CSM_REPORT_FONT_3] = { "Noto Sans,DejaVu Sans,sans-serif", 10.5, PANGO_WEIGHT_BOLD, 0 },
  [CSM_REPORT_FONT_BODY] = { "Noto Sans,DejaVu Sans,sans-serif", 9.5, PANGO_WEIGHT_NORMAL, 0 },
  [CSM_REPORT_FONT_SMALL] = { "Noto Sans,DejaVu Sans,sans-serif", 8, PANGO_WEIGHT_NORMAL, 0.3 },
  [CSM_REPORT_FONT_LABEL] = { "Noto Sans,DejaVu Sans,sans-serif", 9, PANGO_WEIGHT_NORMAL,
                              0.35 },
  [CSM_REPORT_FONT_HEAD] = { "Noto Sans,DejaVu Sans,sans-serif", 9, PANGO_WEIGHT_BOLD, 0 },
  [CSM_REPORT_FONT_MONO] = { "DejaVu Sans Mono,Noto Sans Mono,monospace", 8,
                             PANGO_WEIGHT_NORMAL, 0 },
};

/* ---- Life ---- */

static void
make_context (CsmReportPage *self)
{
  cairo_font_options_t *options = cairo_font_options_create ();

  /* A font map of its own: Pango's shared one belongs to a thread. One point is one unit, and
   * letters stand where they would on paper. */
  self->fonts = pango_cairo_font_map_new ();
  pango_cairo_font_map_set_resolution (PANGO_CAIRO_FONT_MAP (self->fonts), 72.0);
  self->context = pango_font_map_create_context (self->fonts);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (self->context, options);
  pango_context_set_round_glyph_positions (self->context, FALSE);
  /* Translators: the code of the language that this is translated to, "ru" */
  pango_context_set_language (self->context,
                              pango_language_from_string (C_ ("language code", "en")));
  cairo_font_options_destroy (options);
}

static void
begin_tag (CsmReportPage *self, const char *tag)
{
  if (self->first != NULL && tag != NULL)
    cairo_tag_begin (self->cairo, tag, NULL);
}

static void
end_tag (CsmReportPage *self, const char *tag)
{
  if (self->first != NULL && tag != NULL)
    cairo_tag_end (self->cairo, tag);
}

static void draw_watermark (CsmReportPage *self);

static void
begin_page (CsmReportPage *self)
{
  self->number++;
  self->y = TOP;
  self->empty = true;
  self->from = self->to = self->exhibit;
  if (self->draft)
    draw_watermark (self);
}

CsmReportPage *
csm_report_page_new (cairo_surface_t *surface,
                     const CsmReportPage *first,
                     const char *title,
                     const char *footer)
{
  CsmReportPage *self = g_new0 (CsmReportPage, 1);

  self->cairo = cairo_create (surface);
  self->first = first;
  self->title = g_strdup (title);
  self->footer = g_strdup (footer);
  self->anchors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  make_context (self);
  self->tag = "P";
  /* What is tagged can be read aloud in order; and where links are the only tags, Cairo 1.16
   * writes a file with dangling references. */
  begin_tag (self, "Document");
  begin_page (self);
  return self;
}

void
csm_report_page_free (CsmReportPage *self)
{
  if (self == NULL)
    return;

  cairo_destroy (self->cairo);
  g_object_unref (self->context);
  g_object_unref (self->fonts);
  g_hash_table_unref (self->anchors);
  g_free (self->title);
  g_free (self->footer);
  g_free (self);
}

cairo_t *
csm_report_page_get_cairo (CsmReportPage *self)
{
  return self->cairo;
}

bool
csm_report_page_is_shown (const CsmReportPage *self)
{
  return self->first != NULL;
}

int
csm_report_page_find (const CsmReportPage *self, const char *anchor)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->anchors, anchor));
}

/* ---- Text ---- */

/* Controls but new lines and tabs become the replacement character, since fonts draw them as
 * boxes of digits or not at all. */
static char *
dup_clean (const char *text)
{
  GString *clean = g_string_sized_new (strlen (text));

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar u = g_utf8_get_char (c);

      if (g_unichar_iscntrl (u) && u != '\n' && u != '\t')
        g_string_append (clean, u == '\r' ? "" : "\357\277\275");
      else
        g_string_append_unichar (clean, u);
    }
  return g_string_free (clean, FALSE);
}

PangoLayout *
csm_report_page_lay_out (CsmReportPage *self,
                         CsmReportFont font,
                         const char *text,
                         double width)
{
  PangoLayout *layout = pango_layout_new (self->context);
  PangoFontDescription *description = pango_font_description_new ();
  PangoAttrList *attributes = pango_attr_list_new ();
  const guint16 grey = (guint16) (fonts[font].grey * 65535);
  g_autofree char *clean = dup_clean (text);

  pango_font_description_set_family_static (description, fonts[font].family);
  pango_font_description_set_size (description, (int) (fonts[font].size * PANGO_SCALE));
  pango_font_description_set_weight (description, fonts[font].weight);
  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_attr_list_insert (attributes, pango_attr_foreground_new (grey, grey, grey));
  /* A hyphen at the end of a line would stand in a hash or a name as if it belonged there. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_line_spacing (layout, 1.12f);
  /* Where lines start on the left, those of right-to-left paragraphs start on the right. */
  pango_layout_set_alignment (layout, PANGO_ALIGN_LEFT);
  pango_layout_set_auto_dir (layout, TRUE);
  pango_layout_set_text (layout, clean, -1);
  return layout;
}

double
csm_report_layout_get_height (PangoLayout *layout)
{
  int height;

  pango_layout_get_size (layout, NULL, &height);
  return (double) height / PANGO_SCALE;
}

/* A line that @iter is at, its top at @y. */
static void
show_line (CsmReportPage *self, PangoLayoutIter *iter, double x, double y)
{
  PangoRectangle rect;
  int top, bottom;

  if (self->first == NULL)
    return;
  pango_layout_iter_get_line_extents (iter, NULL, &rect);
  pango_layout_iter_get_line_yrange (iter, &top, &bottom);
  cairo_set_source_rgb (self->cairo, 0, 0, 0);
  cairo_move_to (self->cairo, x + (double) rect.x / PANGO_SCALE,
                 y + (double) (pango_layout_iter_get_baseline (iter) - top) / PANGO_SCALE);
  pango_cairo_show_layout_line (self->cairo, pango_layout_iter_get_line_readonly (iter));
}

static double
get_line_height (PangoLayoutIter *iter)
{
  int top, bottom;

  pango_layout_iter_get_line_yrange (iter, &top, &bottom);
  return (double) (bottom - top) / PANGO_SCALE;
}

void
csm_report_page_put (CsmReportPage *self, PangoLayout *layout, double x)
{
  PangoLayoutIter *iter = pango_layout_get_iter (layout);
  double y = self->y;

  begin_tag (self, self->tag);
  do
    {
      show_line (self, iter, x, y);
      y += get_line_height (iter);
  } while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
  self->empty = false;
}

void
csm_report_page_flow (CsmReportPage *self, PangoLayout *layout, double x)
{
  csm_report_page_flow_cells (self, &layout, &x, 1, NULL, NULL);
}

void
csm_report_page_write (CsmReportPage *self, CsmReportFont font, const char *text, double x)
{
  g_autoptr (PangoLayout) layout =
      csm_report_page_lay_out (self, font, text, CSM_REPORT_LEFT + CSM_REPORT_WIDTH - x);

  self->tag = font <= CSM_REPORT_FONT_1   ? "H1"
              : font == CSM_REPORT_FONT_2 ? "H2"
              : font == CSM_REPORT_FONT_3 ? "H3"
                                          : "P";
  csm_report_page_flow (self, layout, x);
  self->tag = "P";
}

/* Lines of one cell down to the bottom; false when all are there. */
static bool
flow_cell (CsmReportPage *self, PangoLayoutIter *iter, double x, double *y)
{
  bool more = false;

  begin_tag (self, self->tag);
  do
    {
      const double height = get_line_height (iter);

      more = *y + height > BOTTOM && *y > TOP + 100;
      if (more)
        break;
      show_line (self, iter, x, *y);
      *y += height;
  } while (pango_layout_iter_next_line (iter));
  end_tag (self, self->tag);
  return more;
}

/* By how much lower the first line of @layout starts than the top, so that it stands on
 * @baseline. */
static double
get_drop (PangoLayout *layout, double baseline)
{
  return baseline - (double) pango_layout_get_baseline (layout) / PANGO_SCALE;
}

void
csm_report_page_flow_cells (CsmReportPage *self,
                            PangoLayout *const *cells,
                            const double *x,
                            int n,
                            void (*again) (CsmReportPage *page, gpointer data),
                            gpointer data)
{
  PangoLayoutIter *iters[CSM_REPORT_MAX_COLUMNS] = { NULL };
  double baseline = 0;
  bool first = true;
  bool more = true;

  g_assert (n <= CSM_REPORT_MAX_COLUMNS);
  for (int i = 0; i < n; i++)
    {
      iters[i] = pango_layout_get_iter (cells[i]);
      baseline = MAX (baseline, (double) pango_layout_get_baseline (cells[i]) / PANGO_SCALE);
    }
  while (more)
    {
      double lowest = self->y;

      more = false;
      for (int i = 0; i < n; i++)
        {
          double y = self->y + (first ? get_drop (cells[i], baseline) : 0);

          if (iters[i] == NULL)
            continue;
          if (flow_cell (self, iters[i], x[i], &y))
            more = true;
          else
            g_clear_pointer (&iters[i], pango_layout_iter_free);
          lowest = MAX (lowest, y);
        }
      self->y = lowest;
      self->empty = false;
      first = false;
      if (more)
        {
          csm_report_page_break (self);
          if (again != NULL)
            again (self, data);
        }
    }
}

/* ---- Pages ---- */

static void
put_at (CsmReportPage *self, PangoLayout *layout, double x, double y)
{
  if (self->first == NULL)
    return;
  cairo_move_to (self->cairo, x, y);
  cairo_set_source_rgb (self->cairo, 0, 0, 0);
  pango_cairo_show_layout (self->cairo, layout);
}

static void
draw_watermark (CsmReportPage *self)
{
  /* Translators: across each page of the statement that a person has yet to sign */
  g_autoptr (PangoLayout) layout =
      csm_report_page_lay_out (self, CSM_REPORT_FONT_TITLE, _ ("DRAFT"), 400);
  int width, height;

  if (self->first == NULL)
    return;
  pango_layout_set_width (layout, -1);
  pango_layout_set_attributes (layout, NULL);
  pango_layout_get_size (layout, &width, &height);
  cairo_save (self->cairo);
  cairo_translate (self->cairo, 595.276 / 2, HEIGHT / 2);
  cairo_rotate (self->cairo, -G_PI / 3.4);
  cairo_scale (self->cairo, 7, 7);
  cairo_set_source_rgb (self->cairo, 0.9, 0.9, 0.9);
  cairo_move_to (self->cairo, -(double) width / PANGO_SCALE / 2,
                 -(double) height / PANGO_SCALE / 2);
  /* A shape, no text: who has the page read aloud hears it from the head of the page. */
  pango_cairo_layout_path (self->cairo, layout);
  cairo_fill (self->cairo);
  cairo_restore (self->cairo);
}

static char *
dup_exhibits (const CsmReportPage *self)
{
  if (self->to == NULL)
    return g_strdup ("");
  if (self->from == self->to || self->from == NULL)
    return g_strdup (self->to->label);
  /* Translators: the first and the last exhibit on a page */
  return g_strdup_printf (_ ("%s – %s"), self->from->label, self->to->label);
}

static void
put_margin (CsmReportPage *self,
            const char *left,
            const char *right,
            double y,
            CsmReportFont right_font)
{
  g_autoptr (PangoLayout) a =
      csm_report_page_lay_out (self, CSM_REPORT_FONT_SMALL, left, CSM_REPORT_WIDTH * 0.68);
  g_autoptr (PangoLayout) b =
      csm_report_page_lay_out (self, right_font, right, CSM_REPORT_WIDTH * 0.3);

  pango_layout_set_single_paragraph_mode (a, TRUE);
  pango_layout_set_ellipsize (a, PANGO_ELLIPSIZE_END);
  /* Whatever their direction, one stands left, the other right. */
  if (pango_layout_get_direction (a, 0) == PANGO_DIRECTION_RTL)
    pango_layout_set_alignment (a, PANGO_ALIGN_RIGHT);
  pango_layout_set_alignment (b, pango_layout_get_direction (b, 0) == PANGO_DIRECTION_RTL
                                     ? PANGO_ALIGN_LEFT
                                     : PANGO_ALIGN_RIGHT);
  put_at (self, a, CSM_REPORT_LEFT, y);
  put_at (self, b, CSM_REPORT_LEFT + CSM_REPORT_WIDTH * 0.7, y);
}

static void
draw_line (CsmReportPage *self, double y, double grey)
{
  if (self->first == NULL)
    return;
  cairo_set_source_rgb (self->cairo, grey, grey, grey);
  cairo_set_line_width (self->cairo, 0.5);
  cairo_move_to (self->cairo, CSM_REPORT_LEFT, y);
  cairo_line_to (self->cairo, CSM_REPORT_LEFT + CSM_REPORT_WIDTH, y);
  cairo_stroke (self->cairo);
}

static void
end_page (CsmReportPage *self)
{
  g_autofree char *exhibits = dup_exhibits (self);
  g_autofree char *number = NULL;

  if (self->number > 1)
    {
      put_margin (self, self->title, self->draft ? _ ("DRAFT – not signed") : exhibits, 42,
                  CSM_REPORT_FONT_HEAD);
      draw_line (self, 58, 0.7);
    }
  /* Translators: of a report */
  number = g_strdup_printf (_ ("page %d of %d"), self->number,
                            self->first != NULL ? self->first->number : self->number);
  draw_line (self, HEIGHT - 50, 0.7);
  put_margin (self, self->footer, number, HEIGHT - 44, CSM_REPORT_FONT_SMALL);
  cairo_show_page (self->cairo);
}

void
csm_report_page_finish (CsmReportPage *self)
{
  end_page (self);
  end_tag (self, "Document");
}

void
csm_report_page_break (CsmReportPage *self)
{
  if (self->empty)
    return;
  end_page (self);
  begin_page (self);
}

void
csm_report_page_need (CsmReportPage *self, double height)
{
  if (self->y + MIN (height, BOTTOM - TOP) > BOTTOM)
    csm_report_page_break (self);
}

double
csm_report_page_get_y (const CsmReportPage *self)
{
  return self->y;
}

void
csm_report_page_move (CsmReportPage *self, double dy)
{
  /* No space at the top of a page, unless it is there for looks. */
  if (!self->empty || dy >= 40)
    self->y += dy;
}

void
csm_report_page_set_exhibit (CsmReportPage *self, const CsmDossierExhibit *exhibit)
{
  self->exhibit = exhibit;
  if (self->empty)
    self->from = self->to = exhibit;
  if (exhibit == NULL)
    return;
  if (self->from == NULL)
    self->from = exhibit;
  self->to = exhibit;
}

void
csm_report_page_set_draft (CsmReportPage *self)
{
  if (self->draft)
    return;
  csm_report_page_break (self);
  self->draft = true;
  draw_watermark (self);
}

void
csm_report_page_rule (CsmReportPage *self, double grey)
{
  draw_line (self, self->y, grey);
}

/* ---- Places ---- */

void
csm_report_page_set_anchor (CsmReportPage *self, const char *anchor)
{
  g_autofree char *attributes = NULL;

  if (self->first == NULL)
    {
      g_hash_table_insert (self->anchors, g_strdup (anchor), GINT_TO_POINTER (self->number));
      return;
    }
  attributes = g_strdup_printf ("name='%s' x=%d y=%d", anchor, (int) CSM_REPORT_LEFT,
                                (int) MAX (self->y - 14, 0));
  cairo_tag_begin (self->cairo, CAIRO_TAG_DEST, attributes);
  cairo_tag_end (self->cairo, CAIRO_TAG_DEST);
}

void
csm_report_page_begin_link (CsmReportPage *self, const char *anchor)
{
  g_autofree char *attributes = g_strdup_printf ("dest='%s'", anchor);

  self->tag = NULL; /* Cairo 1.16 takes no other tag within a link's. */
  if (self->first != NULL)
    cairo_tag_begin (self->cairo, CAIRO_TAG_LINK, attributes);
}

void
csm_report_page_end_link (CsmReportPage *self)
{
  self->tag = "P";
  if (self->first != NULL)
    cairo_tag_end (self->cairo, CAIRO_TAG_LINK);
}
