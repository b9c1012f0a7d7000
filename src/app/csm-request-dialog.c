/* csm-request-dialog.c: a key for a colleague who sent a join request
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-request-dialog.h"

#include "app/csm-say.h"
#include "review/csm-session-keys.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmRequestDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkEntry *location;
  GtkWidget *found;
  GtkLabel *name;
  GtkLabel *fingerprint;
  GtkCheckButton *same;
  GtkLabel *error;
  GtkButton *add;

  /* Owned */
  GtkFileChooserNative *chooser;
  CsmJoinRequest *request; /* nullable: none was read */
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmRequestDialog, csm_request_dialog, ADW_TYPE_WINDOW)

enum { ADDED, N_SIGNALS };
static unsigned signals[N_SIGNALS];

static void
update (CsmRequestDialog *self)
{
  gtk_widget_set_visible (self->found, self->request != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->add),
                            self->request != NULL && gtk_check_button_get_active (self->same));
}

static void
forget (CsmRequestDialog *self)
{
  g_clear_pointer (&self->request, csm_join_request_free);
  gtk_check_button_set_active (self->same, FALSE);
  update (self);
}

/* (transfer full): in groups of five, to be read out. */
static char *
dup_groups (const char *fingerprint)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; fingerprint[i] != '\0'; i++)
    g_string_append_printf (text, "%s%c", i > 0 && i % 5 == 0 ? " " : "", fingerprint[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
show_request (CsmRequestDialog *self, CsmJoinRequest *request)
{
  g_autofree char *fingerprint = dup_groups (request->fingerprint);
  g_autofree char *who =
      request->reader
          /* Translators: a name */
          ? g_strdup_printf (_ ("%s, a reader: can view, cannot sign"), request->name)
          : g_strdup (request->name);

  self->request = request;
  gtk_label_set_text (self->name, who);
  gtk_label_set_text (self->fingerprint, fingerprint);
  update (self);
}

static void
say_failure (CsmRequestDialog *self, const GError *error)
{
  g_autofree char *message = csm_say_error (error);

  csm_say (self->error, message);
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmRequestDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  CsmJoinRequest *request =
      csm_session_load_request_finish (CSM_SESSION (object), result, &error);

  forget (self);
  if (request == NULL)
    say_failure (self, error);
  else
    show_request (self, request);
}

static void
read_cb (CsmRequestDialog *self)
{
  csm_say (self->error, NULL);
  forget (self);
  csm_session_load_request_async (self->session,
                                  gtk_editable_get_text (GTK_EDITABLE (self->location)),
                                  loaded_cb, g_object_ref (self));
}

static void
browse_response_cb (CsmRequestDialog *self, int response)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser))
                               : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  g_clear_object (&self->chooser);
  if (path == NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->location), path);
  read_cb (self);
}

static void
browse_cb (CsmRequestDialog *self)
{
  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_ ("Join Request"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (browse_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
added_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmRequestDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!csm_session_add_request_finish (CSM_SESSION (object), result, &error))
    {
      say_failure (self, error);
      return;
    }
  g_signal_emit (self, signals[ADDED], 0);
  gtk_window_close (GTK_WINDOW (self));
}

static void
add_cb (CsmRequestDialog *self)
{
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->add)))
    return;
  csm_session_add_request_async (self->session, g_steal_pointer (&self->request), added_cb,
                                 g_object_ref (self));
  forget (self);
}

static void
cancel_cb (CsmRequestDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
csm_request_dialog_dispose (GObject *object)
{
  CsmRequestDialog *self = CSM_REQUEST_DIALOG (object);

  g_clear_object (&self->chooser);
  g_clear_pointer (&self->request, csm_join_request_free);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_REQUEST_DIALOG);
  G_OBJECT_CLASS (csm_request_dialog_parent_class)->dispose (object);
}

static void
csm_request_dialog_class_init (CsmRequestDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_request_dialog_dispose;
  signals[ADDED] = g_signal_new ("added", CSM_TYPE_REQUEST_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-request-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmRequestDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmRequestDialog, found);
  gtk_widget_class_bind_template_child (widget_class, CsmRequestDialog, name);
  gtk_widget_class_bind_template_child (widget_class, CsmRequestDialog, fingerprint);
  gtk_widget_class_bind_template_child (widget_class, CsmRequestDialog, same);
  gtk_widget_class_bind_template_child (widget_class, CsmRequestDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmRequestDialog, add);
  gtk_widget_class_bind_template_callback (widget_class, read_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_request_dialog_init (CsmRequestDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

CsmRequestDialog *
csm_request_dialog_new (GtkWindow *parent, CsmSession *session)
{
  CsmRequestDialog *self =
      g_object_new (CSM_TYPE_REQUEST_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  return self;
}
