/* csm-window-afresh.c: nothing of a case that was left stays in memory, nor on the clipboard
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-afresh.h"
#include "media/csm-worker.h"

#include <glib/gi18n.h>

/* What goes over to the program that takes this one's place: width, height, maximized,
 * fullscreen; CsmWindowAfter; a throw-away case's passphrase; the place of a locked session. */
#define KEPT "(iibb(bbbbii)msmv)"

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

/* (transfer full) */
static GVariant *
keep (CsmWindow *self)
{
  const CsmWindowAfter *after = &self->after;
  GtkWindow *window = GTK_WINDOW (self);
  g_autoptr (GVariant) place = NULL;
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  if (csm_session_get_state (self->session) == CSM_SESSION_LOCKED)
    place = csm_session_dup_place (self->session);
  return g_variant_ref_sink (g_variant_new (
      KEPT, width, height, gtk_window_is_maximized (window), gtk_window_is_fullscreen (window),
      after->lost_draft, after->lost_recovery, after->locked_itself, after->not_written,
      after->n_ended, after->n_failed, self->sample_passphrase, place));
}

void
csm_window_start_afresh (CsmWindow *self)
{
  g_autoptr (GVariant) kept = keep (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  csm_window_forget_clipboards (gtk_widget_get_display (GTK_WIDGET (self)));
  gdk_display_sync (gtk_widget_get_display (GTK_WIDGET (self)));
  g_settings_sync ();
  csm_worker_end_prestarted ();
  (void) csm_afresh_execute (kept, &error); /* returns only when it failed */

  /* Translators: %s says why */
  text = g_strdup_printf (_ ("The keys are gone, but texts of the case may still be in memory "
                             "(%s); quit to be rid of them."),
                          error->message);
  csm_window_arrive (self);
  csm_window_tell (self, text, true);
}

void
csm_window_go_on (CsmWindow *self, int fd)
{
  g_autoptr (GVariant) kept = csm_afresh_take (fd, G_VARIANT_TYPE (KEPT));
  g_autoptr (GVariant) place = NULL;
  gboolean maximized, fullscreen, lost_draft, lost_recovery, locked_itself, not_written;
  int width, height;

  if (kept == NULL)
    return;
  g_clear_pointer (&self->sample_passphrase, g_free);
  g_variant_get (kept, KEPT, &width, &height, &maximized, &fullscreen, &lost_draft,
                 &lost_recovery, &locked_itself, &not_written, &self->after.n_ended,
                 &self->after.n_failed, &self->sample_passphrase, &place);
  self->after.lost_draft = lost_draft;
  self->after.lost_recovery = lost_recovery;
  self->after.locked_itself = locked_itself;
  self->after.not_written = not_written;

  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (maximized)
    gtk_window_maximize (GTK_WINDOW (self));
  if (fullscreen)
    gtk_window_fullscreen (GTK_WINDOW (self));
  if (place != NULL)
    csm_session_go_to_place (self->session, place);
  csm_window_arrive (self);
}
