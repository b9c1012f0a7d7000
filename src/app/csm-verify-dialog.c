/* csm-verify-dialog.c: replays the ledger, checks every byte, and says what holds
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-verify-dialog.h"

#include "app/csm-dialog.h"

#include <glib/gi18n.h>

struct _CsmVerifyDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkLabel *verdict;
  GtkProgressBar *progress;
  GtkListBox *findings;
  GtkButton *stop;

  /* Owned */
  CsmSession *session;
  CsmJob *job;
};

G_DEFINE_FINAL_TYPE (CsmVerifyDialog, csm_verify_dialog, ADW_TYPE_WINDOW)

static void
add_finding (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  CsmVerifyDialog *self = data;

  /* What was under way when the dialog was closed still arrives. */
  if (self->session != NULL)
    csm_dialog_add_finding (self->findings, kind, where, what);
}

static void
job_state_changed_cb (CsmVerifyDialog *self)
{
  if (csm_job_get_state (self->job) == CSM_JOB_RUNNING)
    return;
  gtk_label_set_text (self->verdict, csm_job_get_outcome (self->job));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->stop), FALSE);
}

static void
stop_cb (CsmVerifyDialog *self)
{
  csm_job_cancel (self->job);
}

static void
session_state_changed_cb (CsmVerifyDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
csm_verify_dialog_close_request (GtkWindow *window)
{
  CsmVerifyDialog *self = CSM_VERIFY_DIALOG (window);

  if (self->job != NULL)
    csm_job_cancel (self->job);
  return GTK_WINDOW_CLASS (csm_verify_dialog_parent_class)->close_request (window);
}

static void
csm_verify_dialog_dispose (GObject *object)
{
  CsmVerifyDialog *self = CSM_VERIFY_DIALOG (object);

  g_clear_object (&self->job);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_VERIFY_DIALOG);
  G_OBJECT_CLASS (csm_verify_dialog_parent_class)->dispose (object);
}

static void
csm_verify_dialog_class_init (CsmVerifyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_verify_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = csm_verify_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-verify-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmVerifyDialog, verdict);
  gtk_widget_class_bind_template_child (widget_class, CsmVerifyDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmVerifyDialog, findings);
  gtk_widget_class_bind_template_child (widget_class, CsmVerifyDialog, stop);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
}

static void
csm_verify_dialog_init (CsmVerifyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_text (self->verdict, _ ("Checking…"));
}

void
csm_verify_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmVerifyDialog *self = g_object_new (CSM_TYPE_VERIFY_DIALOG, "transient-for", parent, NULL);
  CsmJob *job =
      csm_session_verify (session, true, add_finding, g_object_ref (self), g_object_unref);

  /* The case is closing. */
  if (job == NULL)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  self->job = g_object_ref (job);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  csm_dialog_show_fraction (self->progress, job);
  g_signal_connect_object (self->job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
}
