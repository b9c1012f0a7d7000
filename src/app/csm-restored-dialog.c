/* csm-restored-dialog.c: asks whether to go on with a restored or half-copied case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-restored-dialog.h"

#include "app/csm-say.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmRestoredDialog
{
  AdwMessageDialog parent_instance;

  /* Template children */
  GtkPasswordEntry *passphrase;

  /* Owned */
  CsmSession *session;

  bool answered; /* it closes by itself */
};

G_DEFINE_FINAL_TYPE (CsmRestoredDialog, csm_restored_dialog, ADW_TYPE_MESSAGE_DIALOG)

static void
field_changed_cb (CsmRestoredDialog *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->passphrase));

  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "continue",
                                           text[0] != '\0');
}

/* The dialog is gone by then: the window's own bar tells what went wrong. */
static void
continued_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  if (csm_session_open_finish (CSM_SESSION (object), result, &error))
    return;
  message = csm_say_error (error);
  g_signal_emit_by_name (object, "problem", message);
}

static void
response_cb (CsmRestoredDialog *self, const char *response)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->passphrase));
  g_autoptr (CsmSecret) secret = NULL;
  g_autofree char *path = NULL;

  self->answered = true;
  /* GTK 4.8: a password entry that dies with the focus still listens to it. */
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  if (!g_str_equal (response, "continue"))
    return;
  secret = csm_secret_new_from (text, strlen (text));
  path = g_strdup (csm_session_get_path (self->session));
  g_signal_emit_by_name (self->session, "notice", _ ("Checking the whole case…"));
  csm_session_close (self->session);
  csm_session_continue_async (self->session, path, secret, continued_cb, NULL);
}

static void
session_state_changed_cb (CsmRestoredDialog *self)
{
  if (!self->answered && csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
csm_restored_dialog_dispose (GObject *object)
{
  CsmRestoredDialog *self = CSM_RESTORED_DIALOG (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_RESTORED_DIALOG);
  G_OBJECT_CLASS (csm_restored_dialog_parent_class)->dispose (object);
}

static void
csm_restored_dialog_class_init (CsmRestoredDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_restored_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-restored-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmRestoredDialog, passphrase);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, response_cb);
}

static void
csm_restored_dialog_init (CsmRestoredDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
csm_restored_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmRestoredDialog *self =
      g_object_new (CSM_TYPE_RESTORED_DIALOG, "transient-for", parent, NULL);
  g_autoptr (GError) why =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, csm_session_get_restored (session));
  g_autofree char *body = csm_say_error (why);

  self->session = g_object_ref (session);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self), body);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
}
