/* csm-hand-over-dialog.c: a bundle out of its encrypted hand-over file. No case needed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-hand-over-dialog.h"

#include "app/csm-dialog.h"
#include "app/csm-say.h"
#include "review/csm-session-export.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmHandOverDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkStack *steps;
  GtkEntry *location;
  GtkEntry *folder;
  GtkPasswordEntry *passphrase;
  GtkEntry *key_file;
  GtkLabel *error;
  GtkLabel *verdict;
  GtkLabel *where;
  GtkProgressBar *progress;
  GtkButton *cancel;
  GtkButton *open;

  /* Owned */
  CsmSession *session;
  CsmJob *job; /* (nullable) */
  GtkFileChooserNative *chooser;
  char *suggested; /* (nullable): the folder that nobody typed */
};

G_DEFINE_FINAL_TYPE (CsmHandOverDialog, csm_hand_over_dialog, ADW_TYPE_WINDOW)

static const char *
text_of (gpointer editable)
{
  return gtk_editable_get_text (GTK_EDITABLE (editable));
}

static void
field_changed_cb (CsmHandOverDialog *self)
{
  const bool by_passphrase = text_of (self->passphrase)[0] != '\0';
  const bool by_key = text_of (self->key_file)[0] != '\0';

  gtk_widget_set_sensitive (GTK_WIDGET (self->open), text_of (self->location)[0] != '\0' &&
                                                         text_of (self->folder)[0] != '\0' &&
                                                         by_passphrase != by_key);
  csm_say (self->error,
           by_passphrase && by_key
               ? _ ("Give the passphrase or a key file, not both: one of them opens "
                    "the file.")
               : NULL);
}

/* The folder beside the file, with its name, as long as nobody names another. */
static void
location_changed_cb (CsmHandOverDialog *self)
{
  const char *path = text_of (self->location);
  const char *folder = text_of (self->folder);

  if (folder[0] == '\0' || g_strcmp0 (folder, self->suggested) == 0)
    {
      g_free (self->suggested);
      self->suggested =
          g_str_has_suffix (path, ".age") ? g_strndup (path, strlen (path) - 4) : g_strdup ("");
      gtk_editable_set_text (GTK_EDITABLE (self->folder), self->suggested);
    }
  field_changed_cb (self);
}

static void
browse (CsmHandOverDialog *self,
        GtkEntry *entry,
        GtkFileChooserAction action,
        const char *title)
{
  g_clear_object (&self->chooser);
  self->chooser = csm_dialog_browse (GTK_WINDOW (self), entry, action, title, NULL);
}

static void
browse_location_cb (CsmHandOverDialog *self)
{
  browse (self, self->location, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Hand-Over File"));
}

static void
browse_folder_cb (CsmHandOverDialog *self)
{
  browse (self, self->folder, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("New Folder for the Bundle"));
}

static void
browse_key_cb (CsmHandOverDialog *self)
{
  browse (self, self->key_file, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Key File"));
}

static void
show_step (CsmHandOverDialog *self, const char *name)
{
  csm_dialog_show_page (GTK_WINDOW (self), self->steps, name);
}

static void
job_state_changed_cb (CsmHandOverDialog *self)
{
  g_autofree char *sentence = NULL;

  if (csm_job_get_state (self->job) == CSM_JOB_RUNNING)
    return;
  if (!csm_dialog_has_failed (self->job, self->verdict, self->progress, self->cancel))
    {
      csm_say (self->where, text_of (self->folder));
      gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
      g_clear_object (&self->job);
      gtk_widget_grab_focus (GTK_WIDGET (self->cancel));
      return;
    }
  /* Mistyped, mostly. */
  show_step (self, "where");
  gtk_widget_set_visible (GTK_WIDGET (self->open), TRUE);
  sentence = csm_dialog_dup_outcome (self->job);
  csm_say (self->error, sentence);
  gtk_widget_grab_focus (text_of (self->passphrase)[0] != '\0' ? GTK_WIDGET (self->passphrase)
                                                               : GTK_WIDGET (self->location));
  g_clear_object (&self->job);
}

static void
open_cb (CsmHandOverDialog *self)
{
  const char *text = text_of (self->passphrase);
  const char *key_file = text_of (self->key_file);
  g_autoptr (CsmSecret) secret = NULL;

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->open)) ||
      !gtk_widget_get_visible (GTK_WIDGET (self->open)))
    return;
  if (!g_path_is_absolute (text_of (self->location)) ||
      !g_path_is_absolute (text_of (self->folder)))
    {
      csm_say (self->error,
               _ ("Give whole paths, from the first slash, or choose with Browse."));
      return;
    }
  if (text[0] != '\0')
    secret = csm_secret_new_from (text, strlen (text));
  csm_say (self->error, NULL);
  self->job = csm_session_open_hand_over (self->session, text_of (self->location),
                                          text_of (self->folder),
                                          secret == NULL ? key_file : NULL, secret);
  csm_dialog_show_fraction (self->progress, self->job);
  g_signal_connect_object (self->job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_text (self->verdict, _ ("Opening…"));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->open), FALSE);
  show_step (self, "progress");
}

static void
cancel_cb (CsmHandOverDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

/* Locked or closed: what is typed here may be of this case. */
static void
session_state_changed_cb (CsmHandOverDialog *self)
{
  gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
csm_hand_over_dialog_close_request (GtkWindow *window)
{
  /* GTK 4.8: a password entry that dies with the focus still listens to it. */
  gtk_window_set_focus (window, NULL);
  return GTK_WINDOW_CLASS (csm_hand_over_dialog_parent_class)->close_request (window);
}

static void
csm_hand_over_dialog_dispose (GObject *object)
{
  CsmHandOverDialog *self = CSM_HAND_OVER_DIALOG (object);

  if (self->job != NULL)
    csm_job_cancel (self->job);
  g_clear_object (&self->session);
  g_clear_object (&self->job);
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->suggested, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_HAND_OVER_DIALOG);
  G_OBJECT_CLASS (csm_hand_over_dialog_parent_class)->dispose (object);
}

static void
csm_hand_over_dialog_class_init (CsmHandOverDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_hand_over_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = csm_hand_over_dialog_close_request;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/casement/Casement/csm-hand-over-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, folder);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, key_file);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, verdict);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, where);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, CsmHandOverDialog, open);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, location_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_location_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_hand_over_dialog_init (CsmHandOverDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  show_step (self, "where");
}

void
csm_hand_over_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmHandOverDialog *self =
      g_object_new (CSM_TYPE_HAND_OVER_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->location));
}
