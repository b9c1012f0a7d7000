/* csm-key-dialog.c: a key for a colleague who types a passphrase here
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-key-dialog.h"

#include "app/csm-passphrase-hints.h"
#include "app/csm-say.h"
#include "review/csm-session-keys.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmKeyDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkEntry *name;
  GtkPasswordEntry *passphrase;
  GtkPasswordEntry *repeat;
  GtkCheckButton *reader;
  CsmPassphraseHints *hints;
  GtkLabel *error;
  GtkButton *add;
  GtkSpinner *spinner;

  /* Owned */
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmKeyDialog, csm_key_dialog, ADW_TYPE_WINDOW)

enum { ADDED, N_SIGNALS };
static unsigned signals[N_SIGNALS];

static const char *
text_of (gpointer entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

static void
field_changed_cb (CsmKeyDialog *self)
{
  bool same = strcmp (text_of (self->passphrase), text_of (self->repeat)) == 0;

  gtk_widget_set_sensitive (GTK_WIDGET (self->add), !gtk_spinner_get_spinning (self->spinner) &&
                                                        same &&
                                                        text_of (self->passphrase)[0] != '\0' &&
                                                        text_of (self->name)[0] != '\0');
  csm_say (self->error, !same && text_of (self->repeat)[0] != '\0'
                            ? _ ("The two passphrases differ.")
                            : NULL);
}

static void
set_busy (CsmKeyDialog *self, bool busy)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  field_changed_cb (self);
}

static void
added_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmKeyDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  set_busy (self, false);
  if (csm_session_add_key_finish (CSM_SESSION (object), result, &error))
    {
      g_signal_emit (self, signals[ADDED], 0);
      gtk_window_close (GTK_WINDOW (self));
    }
  else
    {
      g_autofree char *message = csm_say_error (error);

      csm_say (self->error, message);
    }
}

static void
add_cb (CsmKeyDialog *self)
{
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->add)))
    return;

  const char *passphrase = text_of (self->passphrase);
  g_autoptr (CsmSecret) secret = csm_secret_new_from (passphrase, strlen (passphrase));

  set_busy (self, true);
  csm_session_add_key_async (self->session, text_of (self->name), secret,
                             gtk_check_button_get_active (self->reader), added_cb,
                             g_object_ref (self));
}

static void
cancel_cb (CsmKeyDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
csm_key_dialog_dispose (GObject *object)
{
  CsmKeyDialog *self = CSM_KEY_DIALOG (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_KEY_DIALOG);
  G_OBJECT_CLASS (csm_key_dialog_parent_class)->dispose (object);
}

static void
csm_key_dialog_class_init (CsmKeyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_key_dialog_dispose;
  signals[ADDED] = g_signal_new ("added", CSM_TYPE_KEY_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  g_type_ensure (CSM_TYPE_PASSPHRASE_HINTS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, name);
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, repeat);
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, reader);
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, hints);
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, add);
  gtk_widget_class_bind_template_child (widget_class, CsmKeyDialog, spinner);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_key_dialog_init (CsmKeyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  csm_passphrase_hints_watch (self->hints, GTK_EDITABLE (self->passphrase));
}

CsmKeyDialog *
csm_key_dialog_new (GtkWindow *parent, CsmSession *session)
{
  CsmKeyDialog *self = g_object_new (CSM_TYPE_KEY_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  return self;
}
