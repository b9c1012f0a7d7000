/* csm-merge-dialog.c: takes another copy of the case in, and says what came
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-merge-dialog.h"

#include "app/csm-say.h"
#include "review/csm-session-merge.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmMergeDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkStack *steps;
  GtkEntry *location;
  GtkPasswordEntry *passphrase;
  GtkLabel *error;
  GtkLabel *verdict;
  GtkProgressBar *progress;
  GtkScrolledWindow *came_scroller;
  GtkListBox *came;
  GtkButton *cancel;
  GtkButton *merge;

  /* Owned */
  CsmSession *session;
  CsmJob *job; /* (nullable) */
  GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE (CsmMergeDialog, csm_merge_dialog, ADW_TYPE_WINDOW)

static const char *
text_of (gpointer editable)
{
  return gtk_editable_get_text (GTK_EDITABLE (editable));
}

static void
field_changed_cb (CsmMergeDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->merge),
                            text_of (self->location)[0] != '\0' &&
                                text_of (self->passphrase)[0] != '\0');
  csm_say (self->error, NULL);
}

static void
browse_response_cb (CsmMergeDialog *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        gtk_editable_set_text (GTK_EDITABLE (self->location), path);
    }
  g_clear_object (&self->chooser);
}

static void
browse_cb (CsmMergeDialog *self)
{
  g_clear_object (&self->chooser);
  self->chooser =
      gtk_file_chooser_native_new (_ ("Another Copy of This Case"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Choose"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (browse_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* The other step leaves the accessible tree as well as the screen. */
static void
show_step (CsmMergeDialog *self, const char *name)
{
  static const char *const names[] = { "where", "progress" };

  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_widget_set_visible (gtk_stack_get_child_by_name (self->steps, name), TRUE);
  gtk_stack_set_visible_child_name (self->steps, name);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_widget_set_visible (gtk_stack_get_child_by_name (self->steps, names[i]),
                            g_str_equal (names[i], name));
}

static void
add_line (CsmMergeDialog *self, const char *icon_name, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon_name));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 4);
  gtk_list_box_append (self->came, row);
}

static void
merged_cb (const CsmMergeReport *report, gpointer data)
{
  CsmMergeDialog *self = data;

  for (guint i = 0; i < report->exhibits->len; i++)
    add_line (self, "video-x-generic-symbolic", report->exhibits->pdata[i], NULL);
  for (guint i = 0; i < report->twins->len; i++)
    add_line (self, "edit-copy-symbolic", report->twins->pdata[i],
              _ ("Both copies imported the same file: both exhibits stay."));
  if (report->n_forks > 0)
    add_line (self, "dialog-information-symbolic",
              _ ("Two copies went on from one entry of the ledger"),
              _ ("Both are kept. This happens when an older copy was put back and worked on."));
  if (report->n_conflicts > 0)
    add_line (self, "dialog-warning-symbolic", _ ("Both copies changed the same things"),
              _ ("Settle them in the list Conflicts."));
  if (report->n_entries > 0)
    add_line (self, "dialog-password-symbolic",
              _ ("Passphrases and key slots were not merged: they are each copy’s own"), NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->came_scroller), report->n_entries > 0);
}

static void
fraction_changed_cb (CsmMergeDialog *self)
{
  double fraction = csm_job_get_fraction (self->job);

  if (fraction < 0)
    gtk_progress_bar_pulse (self->progress);
  else
    gtk_progress_bar_set_fraction (self->progress, fraction);
}

static void
job_state_changed_cb (CsmMergeDialog *self)
{
  const CsmJobState state = csm_job_get_state (self->job);
  g_autofree char *sentence = NULL;
  const char *outcome;

  if (state == CSM_JOB_RUNNING)
    return;
  if (state == CSM_JOB_DONE)
    {
      gtk_label_set_text (self->verdict, csm_job_get_outcome (self->job));
      gtk_widget_set_visible (GTK_WIDGET (self->progress), FALSE);
      gtk_button_set_label (self->cancel, _ ("Done"));
      return;
    }
  /* Mistyped, mostly. */
  show_step (self, "where");
  gtk_widget_set_visible (GTK_WIDGET (self->merge), TRUE);
  outcome = csm_job_get_outcome (self->job);
  sentence = g_strconcat (outcome, g_str_has_suffix (outcome, ".") ? "" : ".", NULL);
  csm_say (self->error, sentence);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
  g_clear_object (&self->job);
}

static void
merge_cb (CsmMergeDialog *self)
{
  const char *text = text_of (self->passphrase);
  g_autoptr (CsmSecret) secret = NULL;
  CsmJob *job;

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->merge)) ||
      !gtk_widget_get_visible (GTK_WIDGET (self->merge)))
    return;
  secret = csm_secret_new_from (text, strlen (text));
  job = csm_session_merge (self->session, text_of (self->location), secret, merged_cb,
                           g_object_ref (self), g_object_unref);
  if (job == NULL)
    return;
  self->job = g_object_ref (job);
  g_signal_connect_object (job, "notify::fraction", G_CALLBACK (fraction_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_text (self->verdict, _ ("Checking both copies, then merging…"));
  gtk_widget_set_visible (GTK_WIDGET (self->merge), FALSE);
  show_step (self, "progress");
}

static void
cancel_cb (CsmMergeDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
session_state_changed_cb (CsmMergeDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
csm_merge_dialog_close_request (GtkWindow *window)
{
  CsmMergeDialog *self = CSM_MERGE_DIALOG (window);

  if (self->job != NULL)
    csm_job_cancel (self->job);
  /* GTK 4.8: a password entry that dies with the focus still listens to it. */
  gtk_window_set_focus (window, NULL);
  return GTK_WINDOW_CLASS (csm_merge_dialog_parent_class)->close_request (window);
}

static void
csm_merge_dialog_dispose (GObject *object)
{
  CsmMergeDialog *self = CSM_MERGE_DIALOG (object);

  g_clear_object (&self->session);
  g_clear_object (&self->job);
  g_clear_object (&self->chooser);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_MERGE_DIALOG);
  G_OBJECT_CLASS (csm_merge_dialog_parent_class)->dispose (object);
}

static void
csm_merge_dialog_class_init (CsmMergeDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_merge_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = csm_merge_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-merge-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, verdict);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, came_scroller);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, came);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, CsmMergeDialog, merge);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, merge_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_merge_dialog_init (CsmMergeDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  show_step (self, "where");
}

void
csm_merge_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmMergeDialog *self = g_object_new (CSM_TYPE_MERGE_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->location));
}
