/* csm-passphrase-dialog.c: changes the passphrase of the reviewer who is signed in
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-passphrase-dialog.h"

#include "app/csm-passphrase-hints.h"
#include "app/csm-say.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmPassphraseDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkPasswordEntry *old;
  GtkPasswordEntry *fresh;
  GtkPasswordEntry *repeat;
  CsmPassphraseHints *hints;
  GtkLabel *error;
  GtkButton *change;
  GtkSpinner *spinner;

  /* Owned */
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmPassphraseDialog, csm_passphrase_dialog, ADW_TYPE_WINDOW)

static const char *
text_of (GtkPasswordEntry *entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

static void
field_changed_cb (CsmPassphraseDialog *self)
{
  const char *fresh = text_of (self->fresh);
  bool same = strcmp (fresh, text_of (self->repeat)) == 0;

  gtk_widget_set_sensitive (GTK_WIDGET (self->change),
                            !gtk_spinner_get_spinning (self->spinner) && fresh[0] != '\0' &&
                                text_of (self->old)[0] != '\0' && same);
  csm_say (self->error, !same && text_of (self->repeat)[0] != '\0'
                            ? _ ("The two new passphrases differ.")
                            : NULL);
}

static void
set_busy (CsmPassphraseDialog *self, bool busy)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  field_changed_cb (self);
}

static void
changed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmPassphraseDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  bool changed = csm_session_change_passphrase_finish (CSM_SESSION (object), result, &error);

  if (self->session == NULL) /* it was closed meanwhile */
    return;
  set_busy (self, false);
  if (changed)
    gtk_window_close (GTK_WINDOW (self));
  else
    {
      g_autofree char *message = csm_say_error (error);

      csm_say (self->error, message);
    }
}

static void
change_cb (CsmPassphraseDialog *self)
{
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->change)))
    return;

  const char *old = text_of (self->old);
  const char *fresh = text_of (self->fresh);
  g_autoptr (CsmSecret) old_secret = csm_secret_new_from (old, strlen (old));
  g_autoptr (CsmSecret) new_secret = csm_secret_new_from (fresh, strlen (fresh));

  set_busy (self, true);
  csm_session_change_passphrase_async (self->session, old_secret, new_secret, changed_cb,
                                       g_object_ref (self));
}

static void
cancel_cb (CsmPassphraseDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
session_state_changed_cb (CsmPassphraseDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
csm_passphrase_dialog_dispose (GObject *object)
{
  CsmPassphraseDialog *self = CSM_PASSPHRASE_DIALOG (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_PASSPHRASE_DIALOG);
  G_OBJECT_CLASS (csm_passphrase_dialog_parent_class)->dispose (object);
}

static void
csm_passphrase_dialog_class_init (CsmPassphraseDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_passphrase_dialog_dispose;
  g_type_ensure (CSM_TYPE_PASSPHRASE_HINTS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/casement/Casement/csm-passphrase-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseDialog, old);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseDialog, fresh);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseDialog, repeat);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseDialog, hints);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseDialog, change);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseDialog, spinner);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, change_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_passphrase_dialog_init (CsmPassphraseDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  csm_passphrase_hints_watch (self->hints, GTK_EDITABLE (self->fresh));
}

void
csm_passphrase_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmPassphraseDialog *self =
      g_object_new (CSM_TYPE_PASSPHRASE_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
}
