/* csm-window-afresh.c: nothing of a case that was locked stays in memory, nor on the clipboard
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-afresh.h"
#include "media/csm-worker.h"

#include <glib/gi18n.h>

static void
forget_clipboard (GdkClipboard *clipboard)
{
  /* Empty text and not nothing: a desktop that keeps what a program leaves keeps this. */
  if (gdk_clipboard_is_local (clipboard))
    gdk_clipboard_set_text (clipboard, "");
}

void
csm_window_forget_clipboards (GdkDisplay *display)
{
  forget_clipboard (gdk_display_get_clipboard (display));
  forget_clipboard (gdk_display_get_primary_clipboard (display));
  gdk_display_flush (display);
}

static GVariant *
collect (CsmWindow *self)
{
  GVariantDict kept;
  int width = 0, height = 0;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_variant_dict_init (&kept, NULL);
  g_variant_dict_insert (&kept, "width", "i", width);
  g_variant_dict_insert (&kept, "height", "i", height);
  g_variant_dict_insert (&kept, "maximized", "b", gtk_window_is_maximized (GTK_WINDOW (self)));
  g_variant_dict_insert (&kept, "fullscreen", "b",
                         gtk_window_is_fullscreen (GTK_WINDOW (self)));
  /* What was told of the case went with its title: this is of the locking. */
  g_variant_dict_insert (&kept, "told", "s", gtk_label_get_text (self->told));
  g_variant_dict_insert (&kept, "failed", "b",
                         gtk_widget_has_css_class (GTK_WIDGET (self->told_box), "failed"));
  if (self->sample_passphrase != NULL)
    g_variant_dict_insert (&kept, "sample-passphrase", "s", self->sample_passphrase);
  if (csm_session_get_state (self->session) == CSM_SESSION_LOCKED)
    {
      g_autoptr (GVariant) place = csm_session_dup_place (self->session);

      g_variant_dict_insert_value (&kept, "place", place);
    }
  return g_variant_ref_sink (g_variant_dict_end (&kept));
}

void
csm_window_start_afresh (CsmWindow *self)
{
  g_autoptr (GVariant) kept = collect (self);
  g_autoptr (GError) error = NULL;

  csm_window_forget_clipboards (gtk_widget_get_display (GTK_WIDGET (self)));
  gdk_display_sync (gtk_widget_get_display (GTK_WIDGET (self)));
  g_settings_sync ();
  csm_worker_end_prestarted ();
  (void) csm_afresh_execute (kept, &error); /* returns only when it failed */

  /* Translators: %s says why */
  g_autofree char *text = g_strdup_printf (
      _ ("The keys are gone, but texts of the case may still be in memory (%s); "
         "quit to be rid of them."),
      error->message);

  csm_window_tell (self, text, true);
}

void
csm_window_go_on (CsmWindow *self, int fd)
{
  g_autoptr (GVariant) kept = csm_afresh_take (fd, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) place = NULL;
  g_autoptr (GVariantDict) dict = g_variant_dict_new (kept);
  int width, height;
  gboolean yes;
  const char *told;

  if (g_variant_dict_lookup (dict, "width", "i", &width) &&
      g_variant_dict_lookup (dict, "height", "i", &height) && width > 0 && height > 0)
    gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (g_variant_dict_lookup (dict, "maximized", "b", &yes) && yes)
    gtk_window_maximize (GTK_WINDOW (self));
  if (g_variant_dict_lookup (dict, "fullscreen", "b", &yes) && yes)
    gtk_window_fullscreen (GTK_WINDOW (self));
  if (g_variant_dict_lookup (dict, "told", "&s", &told) && told[0] != '\0')
    csm_window_tell (self, told, g_variant_dict_lookup (dict, "failed", "b", &yes) && yes);
  (void) g_variant_dict_lookup (dict, "sample-passphrase", "s", &self->sample_passphrase);
  place = g_variant_dict_lookup_value (dict, "place", csm_session_get_place_type ());
  if (place != NULL)
    csm_session_go_to_place (self->session, place);
}
