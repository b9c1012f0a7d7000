/* csm-view-words.c: views in words for people
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-view-words.h"

#include <glib/gi18n-lib.h>

static void G_GNUC_PRINTF (2, 3) add (GString *text, const char *format, ...)
{
  va_list arguments;

  if (text->len > 0)
    g_string_append (text, ", ");
  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
}

static void
add_time (GString *text, const CsmView *view)
{
  if (view->deinterlace != 0)
    add (text, "%s", _ ("deinterlaced"));
  if (view->field == CSM_VIEW_TOP_FIELD)
    add (text, "%s", _ ("top field alone"));
  if (view->field == CSM_VIEW_BOTTOM_FIELD)
    add (text, "%s", _ ("bottom field alone"));
  if (view->denoise > 0)
    /* Translators: how strongly, 1 to 20 */
    add (text, _ ("denoised by %d"), view->denoise);
  if (view->stabilise != 0)
    add (text, "%s", _ ("stabilised"));
}

static void
add_light (GString *text, const CsmView *view)
{
  if (view->brightness != 0)
    /* Translators: "+10 %" */
    add (text, _ ("brightness %+d %%"), view->brightness);
  if (view->contrast != 0)
    add (text, _ ("contrast %+d %%"), view->contrast);
  if (view->gamma != 0)
    add (text, _ ("gamma %+d %%"), view->gamma);
  if (view->sharpen != 0)
    add (text, _ ("sharpened by %d %%"), view->sharpen);
  if (view->grey != 0)
    add (text, "%s", _ ("grey"));
}

static void
add_shape (GString *text, const CsmView *view)
{
  static const char channels[] = " RGBYUV";

  if (view->channel != CSM_VIEW_ALL_CHANNELS)
    /* Translators: one of R, G, B, Y, U, V */
    add (text, _ ("channel %c alone"), channels[view->channel]);
  if (view->crop_width > 0)
    /* Translators: width, height, and where its top left corner is in the frame, in pixels */
    add (text, _ ("cropped to %d × %d at %d, %d"), view->crop_width, view->crop_height,
         view->crop_x, view->crop_y);
  if (view->zoom > 0)
    add (text, _ ("enlarged %d times"), view->zoom);
  if (view->turn != CSM_VIEW_TURN_AS_FILE)
    /* Translators: degrees clockwise, against the frame as it is in the file */
    add (text, _ ("turned by %d°"), (view->turn - CSM_VIEW_TURN_0) * 90);
}

char *
csm_view_words_dup (const CsmView *view)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_time (text, view);
  add_light (text, view);
  add_shape (text, view);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_unfit (GString *text, const CsmPicture *picture)
{
  if (picture->view_fit == CSM_VIEW_CROP_OUTSIDE)
    /* Translators: width and height of the frame in pixels */
    g_string_append_printf (text,
                            _ ("View left out: the crop does not lie inside this frame, which "
                               "has %d × %d pixels"),
                            picture->frame_width, picture->frame_height);
  else
    g_string_append (text, _ ("View left out: this frame is too large for it; crop, or "
                              "enlarge less"));
}

char *
csm_view_words_dup_badge (const CsmView *view, bool is_on, const CsmPicture *picture)
{
  g_autofree char *words = csm_view_words_dup (view);
  g_autoptr (GString) text = g_string_new (NULL);

  if (*words != '\0' && is_on && picture != NULL && picture->view_fit != CSM_VIEW_FITS)
    add_unfit (text, picture);
  else if (*words != '\0' && is_on)
    /* Translators: %s is "brightness +10 %, deinterlaced" */
    g_string_append_printf (text, _ ("View: %s — not the picture as decoded"), words);
  else if (*words != '\0')
    g_string_append (text, _ ("View off, to compare"));
  if (picture != NULL && (picture->tone_mapped || picture->hdr_as_coded))
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "",
                            picture->tone_mapped ? _ ("HDR, tone-mapped for display")
                                                 : _ ("HDR as coded, not tone-mapped"));
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
