/* csm-workspace-unsaved.c: what was written and not saved, before the case is left
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace-private.h"

#include <glib/gi18n.h>

static void settle_next (CsmWorkspace *self);

static CsmMarkEditor *
get_editor (CsmWorkspace *self)
{
  return csm_inspector_get_editor (self->inspector);
}

static CsmExhibitPage *
get_page (CsmWorkspace *self)
{
  return csm_inspector_get_exhibit_page (self->inspector);
}

bool
csm_workspace_is_unsaved (CsmWorkspace *self)
{
  CsmMarkEditor *editor = get_editor (self);

  return csm_mark_editor_is_unsaved (editor) || csm_mark_editor_count_aside (editor) > 0 ||
         csm_exhibit_page_is_unsaved (get_page (self));
}

static void
stop_settling (CsmWorkspace *self)
{
  self->settled = NULL;
  self->settled_data = NULL;
}

static void
end_settling (CsmWorkspace *self)
{
  CsmWorkspaceSettled settled = self->settled;
  gpointer data = self->settled_data;

  stop_settling (self);
  settled (data);
}

/* A dialog that answers is still there: what comes next waits for the loop. */
static gboolean
settle_cb (gpointer data)
{
  CsmWorkspace *self = data;

  self->settle_id = 0;
  if (self->settled != NULL)
    settle_next (self);
  return G_SOURCE_REMOVE;
}

static void
settle_soon (CsmWorkspace *self)
{
  if (self->settle_id == 0)
    self->settle_id = g_idle_add (settle_cb, self);
}

static gboolean
leave_now_cb (gpointer data)
{
  CsmWorkspace *self = data;

  self->settle_id = 0;
  if (self->settled != NULL)
    end_settling (self);
  return G_SOURCE_REMOVE;
}

/* --- the question --- */

static void
mark_response_cb (CsmWorkspace *self, const char *response)
{
  self->question = NULL;
  if (g_str_equal (response, "discard"))
    csm_mark_editor_discard (get_editor (self));
  else if (!g_str_equal (response, "save") || !csm_mark_editor_save (get_editor (self)))
    {
      stop_settling (self);
      return;
    }
  settle_soon (self);
}

static void
exhibit_response_cb (CsmWorkspace *self, const char *response)
{
  self->question = NULL;
  if (g_str_equal (response, "discard"))
    csm_exhibit_page_revert (get_page (self));
  else if (g_str_equal (response, "save"))
    csm_exhibit_page_save (get_page (self));
  else
    {
      stop_settling (self);
      return;
    }
  settle_soon (self);
}

/* Who presses the key twice has no time for questions. */
static gboolean
lock_again_cb (GtkWidget *dialog, GVariant *arguments, gpointer data)
{
  CsmWorkspace *self = data;

  if (self->settle_id == 0)
    self->settle_id = g_idle_add (leave_now_cb, self);
  return TRUE;
}

static void
add_lock_key (GtkWidget *dialog, CsmWorkspace *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  GtkShortcutAction *action = gtk_callback_action_new (lock_again_cb, self, NULL);
  GtkShortcutTrigger *trigger = gtk_keyval_trigger_new (GDK_KEY_l, GDK_CONTROL_MASK);

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (trigger, action));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (dialog, keys);
}

static void
ask (CsmWorkspace *self,
     const char *heading,
     const char *save_label,
     void (*answered) (CsmWorkspace *self, const char *response))
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (root), heading,
      _ ("What is not saved is gone when the case is closed or locked. Ctrl+L discards it at "
         "once."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "discard", _ ("_Discard"), "save", save_label, NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (answered), self, G_CONNECT_SWAPPED);
  add_lock_key (dialog, self);
  self->question = GTK_WINDOW (dialog);
  gtk_window_present (self->question);
}

static void
settle_next (CsmWorkspace *self)
{
  CsmMarkEditor *editor = get_editor (self);

  if (csm_mark_editor_is_saving (editor))
    return; /* its end goes on */
  if (!csm_mark_editor_is_unsaved (editor) && csm_mark_editor_count_aside (editor) > 0)
    csm_mark_editor_bring_back (editor);
  if (csm_mark_editor_is_unsaved (editor))
    {
      csm_inspector_show_marks (self->inspector);
      ask (self, _ ("Save the Mark in the Editor?"), _ ("_Save Mark"), mark_response_cb);
    }
  else if (csm_exhibit_page_is_unsaved (get_page (self)))
    {
      csm_inspector_show_exhibit (self->inspector);
      ask (self, _ ("Save What Was Written About the Exhibit?"), _ ("_Save"),
           exhibit_response_cb);
    }
  else
    end_settling (self);
}

static void
save_ended_cb (CsmWorkspace *self)
{
  if (self->settled != NULL && self->question == NULL)
    settle_soon (self);
}

static void
save_failed_cb (CsmWorkspace *self)
{
  /* Why is in the editor, or in what was put aside: leaving would lose both. */
  if (self->question == NULL)
    stop_settling (self);
}

void
csm_workspace_settle (CsmWorkspace *self, CsmWorkspaceSettled settled, gpointer data)
{
  self->settled = settled;
  self->settled_data = data;
  if (self->question != NULL)
    gtk_window_present (self->question);
  else
    settle_next (self);
}

void
csm_workspace_connect_unsaved (CsmWorkspace *self)
{
  CsmMarkEditor *editor = get_editor (self);

  g_signal_connect_object (editor, "saved", G_CALLBACK (save_ended_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "save-failed", G_CALLBACK (save_failed_cb), self,
                           G_CONNECT_SWAPPED);
}
