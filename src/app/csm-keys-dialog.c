/* csm-keys-dialog.c: who holds a key of the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-keys-dialog.h"

#include "app/csm-key-dialog.h"
#include "app/csm-passphrase-dialog.h"
#include "app/csm-recovery-page.h"
#include "app/csm-request-dialog.h"
#include "app/csm-say.h"
#include "review/csm-session-keys.h"

#include <glib/gi18n.h>

struct _CsmKeysDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkListBox *keys;
  GtkWidget *changes;
  GtkLabel *why_not;
  GtkProgressBar *progress;
  GtkLabel *said;
  GtkLabel *error;

  /* Owned */
  CsmSession *session;
  CsmJob *job;           /* nullable: a rotation */
  CsmKeyHolder *leaving; /* nullable: whose key is asked about */
};

G_DEFINE_FINAL_TYPE (CsmKeysDialog, csm_keys_dialog, ADW_TYPE_WINDOW)

static bool
can_change (CsmKeysDialog *self)
{
  return !csm_session_is_read_only (self->session) &&
         csm_session_get_reviewer (self->session)[0] != '\0';
}

static bool
is_rotating (CsmKeysDialog *self)
{
  return self->job != NULL && csm_job_get_state (self->job) == CSM_JOB_RUNNING;
}

static void
update (CsmKeysDialog *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->progress), is_rotating (self));
  gtk_widget_set_sensitive (self->changes, can_change (self) && !is_rotating (self));
  gtk_widget_set_sensitive (GTK_WIDGET (self->keys), !is_rotating (self));
  csm_say (self->why_not, can_change (self)
                              ? NULL
                              : _ ("Only who signs, in a case opened for writing, "
                                   "changes who holds a key."));
}

static void
say_failure (CsmKeysDialog *self, const GError *error)
{
  g_autofree char *message = csm_say_error (error);

  csm_say (self->error, message);
}

static void
say_nothing (CsmKeysDialog *self)
{
  csm_say (self->error, NULL);
  csm_say (self->said, NULL);
}

/* The list */

static void remove_clicked_cb (CsmKeysDialog *self, GtkWidget *button);

static GtkWidget *
make_remove_button (CsmKeysDialog *self, CsmKeyItem *item, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  /* Translators: %s is a name */
  g_autofree char *label = g_strdup_printf (_ ("Take the Key of %s Away"), name);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "item", g_object_ref (item), g_object_unref);
  g_signal_connect_object (button, "clicked", G_CALLBACK (remove_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
make_row (gpointer object, gpointer user_data)
{
  CsmKeysDialog *self = user_data;
  CsmKeyItem *item = object;
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *name = NULL;
  g_autofree char *detail = NULL;
  g_autofree char *all = NULL;

  g_object_get (item, "name", &name, "detail", &detail, NULL);
  all = g_strdup_printf ("%s, %s", name, detail);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), detail);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, all, -1);
  /* The own one is taken away by somebody who stays. */
  if (can_change (self) && !csm_key_item_get_record (item)->own)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_remove_button (self, item, name));
  return row;
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmKeysDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) model =
      csm_session_load_keys_finish (CSM_SESSION (object), result, &error);

  if (model == NULL)
    say_failure (self, error);
  else if (self->keys != NULL)
    gtk_list_box_bind_model (self->keys, model, make_row, self, NULL);
}

static void
load (CsmKeysDialog *self)
{
  csm_session_load_keys_async (self->session, loaded_cb, g_object_ref (self));
}

/* Taking away */

static void
fraction_changed_cb (CsmKeysDialog *self)
{
  const double fraction = csm_job_get_fraction (self->job);

  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->progress, fraction);
}

static void
job_state_changed_cb (CsmKeysDialog *self)
{
  if (is_rotating (self))
    return;
  csm_say (csm_job_get_state (self->job) == CSM_JOB_DONE ? self->said : self->error,
           csm_job_get_outcome (self->job));
  g_clear_object (&self->job);
  update (self);
  load (self);
}

static void
rotate (CsmKeysDialog *self, const CsmId *slot)
{
  say_nothing (self);
  g_set_object (&self->job, csm_session_rotate (self->session, slot));
  if (self->job == NULL)
    return;
  g_signal_connect_object (self->job, "notify::fraction", G_CALLBACK (fraction_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
remove_response_cb (CsmKeysDialog *self, const char *response)
{
  const CsmId slot = self->leaving->slot;

  if (g_str_equal (response, "remove") && !is_rotating (self))
    rotate (self, &slot);
}

static void
remove_clicked_cb (CsmKeysDialog *self, GtkWidget *button)
{
  CsmKeyItem *item = g_object_get_data (G_OBJECT (button), "item");
  const CsmKeyHolder *record = csm_key_item_get_record (item);
  g_autofree char *name = NULL;
  g_autofree char *heading = NULL;
  GtkWidget *dialog;

  g_object_get (item, "name", &name, NULL);
  /* Translators: %s is a name */
  heading = g_strdup_printf (_ ("Take the Key of %s Away?"), name);
  g_clear_pointer (&self->leaving, csm_key_holder_free);
  self->leaving = g_new0 (CsmKeyHolder, 1);
  self->leaving->slot = record->slot;
  dialog = adw_message_dialog_new (
      GTK_WINDOW (self), NULL,
      _ ("The data key is changed: the whole case file is encrypted anew, so that nothing they "
         "may have kept opens it.\n\nCopies made before open as they did. The files of "
         "exhibits "
         "keep their keys. What they signed stays."));
  adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (dialog), heading);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "remove", _ ("Take Away"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (remove_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Adding, and the own key */

static void
key_added_cb (CsmKeysDialog *self)
{
  say_nothing (self);
  load (self);
}

static void
add_clicked_cb (CsmKeysDialog *self)
{
  CsmKeyDialog *dialog = csm_key_dialog_new (GTK_WINDOW (self), self->session);

  g_signal_connect_object (dialog, "added", G_CALLBACK (key_added_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
request_clicked_cb (CsmKeysDialog *self)
{
  CsmRequestDialog *dialog = csm_request_dialog_new (GTK_WINDOW (self), self->session);

  g_signal_connect_object (dialog, "added", G_CALLBACK (key_added_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
passphrase_clicked_cb (CsmKeysDialog *self)
{
  csm_passphrase_dialog_present (GTK_WINDOW (self), self->session);
}

static void
show_recovery (CsmKeysDialog *self, CsmSecret *code)
{
  GtkWidget *window = adw_window_new ();
  GtkWidget *page = g_object_new (CSM_TYPE_RECOVERY_PAGE, NULL);

  gtk_window_set_title (GTK_WINDOW (window), _ ("Recovery Code"));
  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 600, 600);
  /* The old code is void already: the page itself warns of going on without the new one. */
  gtk_window_set_deletable (GTK_WINDOW (window), FALSE);
  adw_window_set_content (ADW_WINDOW (window), page);
  g_signal_connect_object (page, "done", G_CALLBACK (gtk_window_destroy), window,
                           G_CONNECT_SWAPPED);
  csm_recovery_page_show (CSM_RECOVERY_PAGE (page), code);
  gtk_window_present (GTK_WINDOW (window));
}

static void
recovery_made_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmKeysDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) code =
      csm_session_make_recovery_finish (CSM_SESSION (object), result, &error);

  if (code == NULL)
    {
      say_failure (self, error);
      return;
    }
  /* Locked meanwhile: the code stays unknown, and the next one takes its place. */
  if (csm_session_get_state (CSM_SESSION (object)) != CSM_SESSION_OPEN)
    return;
  load (self);
  show_recovery (self, code);
}

static void
recovery_clicked_cb (CsmKeysDialog *self)
{
  say_nothing (self);
  csm_session_make_recovery_async (self->session, recovery_made_cb, g_object_ref (self));
}

static void
session_state_changed_cb (CsmKeysDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
csm_keys_dialog_dispose (GObject *object)
{
  CsmKeysDialog *self = CSM_KEYS_DIALOG (object);

  g_clear_object (&self->session);
  g_clear_object (&self->job);
  g_clear_pointer (&self->leaving, csm_key_holder_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_KEYS_DIALOG);
  G_OBJECT_CLASS (csm_keys_dialog_parent_class)->dispose (object);
}

static void
csm_keys_dialog_class_init (CsmKeysDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_keys_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-keys-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmKeysDialog, keys);
  gtk_widget_class_bind_template_child (widget_class, CsmKeysDialog, changes);
  gtk_widget_class_bind_template_child (widget_class, CsmKeysDialog, why_not);
  gtk_widget_class_bind_template_child (widget_class, CsmKeysDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmKeysDialog, said);
  gtk_widget_class_bind_template_child (widget_class, CsmKeysDialog, error);
  gtk_widget_class_bind_template_callback (widget_class, add_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, request_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, recovery_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, passphrase_clicked_cb);
}

static void
csm_keys_dialog_init (CsmKeysDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
csm_keys_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmKeysDialog *self = g_object_new (CSM_TYPE_KEYS_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  update (self);
  load (self);
  gtk_window_present (GTK_WINDOW (self));
}
