/* csm-picture-text.c: paragraphs under pictures, by Pango
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-picture-text.h"

#include <gio/gio.h>
#include <pango/pangocairo.h>

#define FAMILY "Noto Sans, DejaVu Sans, Sans"
#define FIGURES "Noto Sans Mono, DejaVu Sans Mono, Monospace"
/* Of the letters' size, between two paragraphs. */
#define GAP 0.35

struct _CsmPictureText
{
  PangoContext *context;
  GPtrArray *paragraphs; /* of PangoLayout */
  int width;
  double size;
};

CsmPictureText *
csm_picture_text_new (int width, double size)
{
  CsmPictureText *self = g_new0 (CsmPictureText, 1);
  cairo_font_options_t *options = cairo_font_options_create ();

  /* A map of its own: the default one belongs to a thread. */
  g_autoptr (PangoFontMap) map = pango_cairo_font_map_new ();

  self->context = pango_font_map_create_context (map);
  /* Whatever screen this computer has. */
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (self->context, options);
  pango_cairo_context_set_resolution (self->context, 72);
  cairo_font_options_destroy (options);
  self->paragraphs = g_ptr_array_new_with_free_func (g_object_unref);
  self->width = width;
  self->size = size;
  return self;
}

void
csm_picture_text_free (CsmPictureText *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->paragraphs);
  g_object_unref (self->context);
  g_free (self);
}

static PangoLayout *
add (CsmPictureText *self, const char *text, const char *family, bool bold)
{
  PangoLayout *layout = pango_layout_new (self->context);
  PangoFontDescription *font = pango_font_description_from_string (family);

  pango_font_description_set_absolute_size (font, self->size * PANGO_SCALE);
  pango_font_description_set_weight (font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_width (layout, self->width * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_auto_dir (layout, TRUE);
  pango_layout_set_text (layout, text, -1);
  g_ptr_array_add (self->paragraphs, layout);
  return layout;
}

void
csm_picture_text_add (CsmPictureText *self, const char *text, bool bold, int lines)
{
  PangoLayout *layout = add (self, text, FAMILY, bold);

  if (lines == 0)
    return;
  if (lines == 1)
    pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_height (layout, -lines);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
}

void
csm_picture_text_add_figures (CsmPictureText *self, const char *text)
{
  PangoLayout *layout = add (self, text, FIGURES, false);
  PangoAttrList *attributes = pango_attr_list_new ();

  /* What does not fit goes on in the next line as it is. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_wrap (layout, PANGO_WRAP_CHAR);
  pango_layout_set_auto_dir (layout, FALSE);
}

static int
get_height_of (PangoLayout *layout)
{
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

int
csm_picture_text_get_height (const CsmPictureText *self)
{
  double height = 0;

  for (guint i = 0; i < self->paragraphs->len; i++)
    height += get_height_of (g_ptr_array_index (self->paragraphs, i)) +
              (i > 0 ? self->size * GAP : 0);
  return (int) (height + 0.999);
}

int
csm_picture_text_count_unknown (const CsmPictureText *self)
{
  int n = 0;

  for (guint i = 0; i < self->paragraphs->len; i++)
    n += pango_layout_get_unknown_glyphs_count (g_ptr_array_index (self->paragraphs, i));
  return n;
}

void
csm_picture_text_draw (const CsmPictureText *self, cairo_t *cairo, double x, double y)
{
  for (guint i = 0; i < self->paragraphs->len; i++)
    {
      PangoLayout *layout = g_ptr_array_index (self->paragraphs, i);

      cairo_move_to (cairo, x, y);
      pango_cairo_show_layout (cairo, layout);
      y += get_height_of (layout) + self->size * GAP;
    }
}

static cairo_status_t
append_cb (void *data, const unsigned char *bytes, unsigned size)
{
  g_byte_array_append (data, bytes, size);
  return CAIRO_STATUS_SUCCESS;
}

GBytes *
csm_picture_surface_to_png (cairo_surface_t *surface, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_status_t status = cairo_surface_write_to_png_stream (surface, append_cb, bytes);

  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The picture cannot be made: %s",
               cairo_status_to_string (status));
  return NULL;
}
