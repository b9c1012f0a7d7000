/* csm-picture-text.h: paragraphs under pictures, by Pango
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>
#include <stdbool.h>

/* CsmPictureText: paragraphs one below the other, each in the direction of its own letters. The
 * text is plain: nothing in it is markup.
 *
 * Ownership  csm_picture_text_free() takes NULL.
 * Threads    one; laid out for any number of surfaces. */
typedef struct _CsmPictureText CsmPictureText;

/* (transfer full): @width and @size (of the letters) in pixels. */
CsmPictureText *csm_picture_text_new (int width, double size);
void csm_picture_text_free (CsmPictureText *self);
/* @lines: it takes no more, with an ellipsis at the end; 0: as many as it needs. */
void csm_picture_text_add (CsmPictureText *self, const char *text, bool bold, int lines);
/* Of figures and hashes: letters of one width. */
void csm_picture_text_add_figures (CsmPictureText *self, const char *text);
/* Pixels. */
int csm_picture_text_get_height (const CsmPictureText *self);
/* Letters that no font here has: they show as boxes. */
int csm_picture_text_count_unknown (const CsmPictureText *self);
/* At @x, @y, in the colour that is set. */
void csm_picture_text_draw (const CsmPictureText *self, cairo_t *cairo, double x, double y);

/* (transfer full) (nullable): @surface as PNG; G_IO_ERROR_FAILED. */
GBytes *csm_picture_surface_to_png (cairo_surface_t *surface, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmPictureText, csm_picture_text_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (cairo_t, cairo_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (cairo_surface_t, cairo_surface_destroy)
