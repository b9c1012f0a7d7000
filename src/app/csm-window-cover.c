/* csm-window-cover.c: nobody is there and a job runs: the window shows nothing, the job goes on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include <glib/gi18n.h>

static bool
belongs_to (GtkWindow *window, GtkWindow *parent)
{
  while (window != NULL && window != parent)
    window = gtk_window_get_transient_for (window);
  return window == parent;
}

/* (transfer full) (element-type GtkWindow) */
static GPtrArray *
list_dialogs (CsmWindow *self)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GPtrArray *dialogs = g_ptr_array_new_with_free_func (g_object_unref);

  for (unsigned i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (window != GTK_WINDOW (self) && belongs_to (window, GTK_WINDOW (self)))
        g_ptr_array_add (dialogs, g_steal_pointer (&window));
    }
  return dialogs;
}

void
csm_window_close_dialogs (CsmWindow *self)
{
  g_autoptr (GPtrArray) dialogs = list_dialogs (self);

  for (unsigned i = 0; i < dialogs->len; i++)
    if (!GTK_IS_FILE_CHOOSER_DIALOG (g_ptr_array_index (dialogs, i)))
      {
        /* Whoever waits for an answer may hold a dialog longer: it is empty then. */
        gtk_window_destroy (g_ptr_array_index (dialogs, i));
        g_object_run_dispose (g_ptr_array_index (dialogs, i));
      }
}

/* Dialogs show the case too. They are hidden, not closed: one of them may hold the job. */
static void
hide_dialogs (CsmWindow *self)
{
  g_autoptr (GPtrArray) dialogs = list_dialogs (self);

  g_assert (self->hidden_dialogs == NULL);
  self->hidden_dialogs = g_ptr_array_new_with_free_func (g_object_unref);
  for (unsigned i = 0; i < dialogs->len; i++)
    if (gtk_widget_get_visible (g_ptr_array_index (dialogs, i)))
      g_ptr_array_add (self->hidden_dialogs, g_object_ref (g_ptr_array_index (dialogs, i)));
  for (unsigned i = 0; i < self->hidden_dialogs->len; i++)
    gtk_widget_set_visible (g_ptr_array_index (self->hidden_dialogs, i), FALSE);
}

static void
show_dialogs (CsmWindow *self)
{
  g_autoptr (GPtrArray) dialogs = g_steal_pointer (&self->hidden_dialogs);

  for (unsigned i = 0; i < dialogs->len; i++)
    {
      GtkWindow *dialog = g_ptr_array_index (dialogs, i);

      if (gtk_window_get_transient_for (dialog) != NULL)
        gtk_window_present (dialog);
    }
}

bool
csm_window_is_covered (CsmWindow *self)
{
  return self->hidden_dialogs != NULL;
}

static void
show_bars (CsmWindow *self, bool shown)
{
  const char *told = gtk_label_get_text (self->told);

  gtk_widget_set_visible (GTK_WIDGET (self->told_revealer), shown && told[0] != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->jobs_revealer), shown);
}

void
csm_window_cover (CsmWindow *self)
{
  if (csm_window_is_covered (self))
    return;
  csm_session_set_playing (self->session, false);
  hide_dialogs (self);
  show_bars (self, false);
  csm_window_forget_clipboards (gtk_widget_get_display (GTK_WIDGET (self)));
  csm_window_show_page (self, "unlock");
  csm_unlock_page_ask_again (self->unlock_page, csm_session_get_path (self->session),
                             self->sample_passphrase);
  csm_window_update_actions (self);
}

void
csm_window_uncover (CsmWindow *self)
{
  if (!csm_window_is_covered (self))
    return;
  /* Those of a case that was left are closed. */
  if (csm_window_is_open (self))
    show_dialogs (self);
  g_clear_pointer (&self->hidden_dialogs, g_ptr_array_unref);
  show_bars (self, true);
  csm_window_update_actions (self);
}
