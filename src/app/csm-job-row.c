/* csm-job-row.c: one job: what it does, how far it is, and a button to stop it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-job-row.h"

struct _CsmJobRow
{
  GtkListBoxRow parent_instance;

  /* Template children */
  GtkLabel *title;
  GtkLabel *detail;
  GtkProgressBar *progress;
  GtkButton *cancel;

  /* Owned */
  CsmJob *job;
};

G_DEFINE_FINAL_TYPE (CsmJobRow, csm_job_row, GTK_TYPE_LIST_BOX_ROW)

static void
fraction_changed_cb (CsmJobRow *self)
{
  double fraction = csm_job_get_fraction (self->job);

  if (fraction < 0)
    gtk_progress_bar_pulse (self->progress);
  else
    gtk_progress_bar_set_fraction (self->progress, fraction);
}

static void
cancel_cb (CsmJobRow *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->cancel), FALSE);
  csm_job_cancel (self->job);
}

static void
csm_job_row_dispose (GObject *object)
{
  CsmJobRow *self = CSM_JOB_ROW (object);

  g_clear_object (&self->job);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_JOB_ROW);
  G_OBJECT_CLASS (csm_job_row_parent_class)->dispose (object);
}

static void
csm_job_row_class_init (CsmJobRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_job_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-job-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmJobRow, title);
  gtk_widget_class_bind_template_child (widget_class, CsmJobRow, detail);
  gtk_widget_class_bind_template_child (widget_class, CsmJobRow, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmJobRow, cancel);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_job_row_init (CsmJobRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
csm_job_row_new (CsmJob *job)
{
  CsmJobRow *self = g_object_new (CSM_TYPE_JOB_ROW, NULL);

  self->job = g_object_ref (job);
  g_object_bind_property (job, "title", self->title, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (job, "detail", self->detail, "label", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (job, "notify::fraction", G_CALLBACK (fraction_changed_cb), self,
                           G_CONNECT_SWAPPED);
  fraction_changed_cb (self);
  return GTK_WIDGET (self);
}
