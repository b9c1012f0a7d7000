/* csm-window-jobs.c: what is being done, with a way to stop it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-job-row.h"

static void
jobs_changed_cb (CsmWindow *self,
                 unsigned position,
                 unsigned removed,
                 unsigned added,
                 GListModel *jobs)
{
  gtk_revealer_set_reveal_child (self->jobs_revealer, g_list_model_get_n_items (jobs) > 0);
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  return csm_job_row_new (item);
}

void
csm_window_jobs_start (CsmWindow *self)
{
  GListModel *jobs = csm_session_get_jobs (self->session);

  gtk_list_box_bind_model (self->jobs, jobs, create_row, NULL, NULL);
  g_signal_connect_object (jobs, "items-changed", G_CALLBACK (jobs_changed_cb), self,
                           G_CONNECT_SWAPPED);
}
