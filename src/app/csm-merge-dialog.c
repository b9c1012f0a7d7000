/* csm-merge-dialog.c: takes another copy of the case in, and says what came
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-merge-dialog.h"

#include "app/csm-dialog.h"
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
browse_cb (CsmMergeDialog *self)
{
  g_clear_object (&self->chooser);
  self->chooser =
      csm_dialog_browse (GTK_WINDOW (self), self->location, GTK_FILE_CHOOSER_ACTION_OPEN,
                         _ ("Another Copy of This Case"), NULL);
}

static void
show_step (CsmMergeDialog *self, const char *name)
{
  csm_dialog_show_page (GTK_WINDOW (self), self->steps, name);
}

static void
merged_cb (const CsmMergeReport *report, gpointer data)
{
  CsmMergeDialog *self = data;

  for (guint i = 0; i < report->exhibits->len; i++)
    csm_dialog_add_row (self->came, "video-x-generic-symbolic", report->exhibits->pdata[i],
                        NULL);
  for (guint i = 0; i < report->twins->len; i++)
    csm_dialog_add_row (self->came, "edit-copy-symbolic", report->twins->pdata[i],
                        _ ("Both copies imported the same file: both exhibits stay."));
  if (report->n_forks > 0)
    csm_dialog_add_row (
        self->came, "dialog-information-symbolic",
        _ ("Two copies went on from one entry of the ledger"),
        _ ("Both are kept. This happens when an older copy was put back and worked on."));
  if (report->n_conflicts > 0)
    csm_dialog_add_row (self->came, "dialog-warning-symbolic",
                        _ ("Both copies changed the same things"),
                        _ ("Settle them in the list Conflicts."));
  if (report->n_entries > 0)
    csm_dialog_add_row (
        self->came, "dialog-password-symbolic",
        _ ("Passphrases and key slots were not merged: they are each copy’s own"), NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->came_scroller), report->n_entries > 0);
}

static void
job_state_changed_cb (CsmMergeDialog *self)
{
  g_autofree char *sentence = NULL;

  if (!csm_dialog_has_failed (self->job, self->verdict, self->progress, self->cancel))
    return;
  /* Mistyped, mostly. */
  show_step (self, "where");
  gtk_widget_set_visible (GTK_WIDGET (self->merge), TRUE);
  sentence = csm_dialog_dup_outcome (self->job);
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
  csm_dialog_show_fraction (self->progress, job);
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
