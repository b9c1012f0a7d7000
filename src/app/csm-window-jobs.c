/* csm-window-jobs.c: what is being done, with a way to stop it, and how it ended
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-job-row.h"

static void
job_state_changed_cb (CsmWindow *self, GParamSpec *pspec, CsmJob *job)
{
  CsmJobState state = csm_job_get_state (job);
  const char *outcome = csm_job_get_outcome (job);

  /* What the lock stopped is not said on a locked window, nor on one that is being locked. */
  if (state == CSM_JOB_RUNNING || outcome[0] == '\0' ||
      csm_session_get_title (self->session)[0] == '\0')
    return;
  csm_window_tell (self, outcome, state == CSM_JOB_FAILED);
}

static void
jobs_changed_cb (CsmWindow *self,
                 unsigned position,
                 unsigned removed,
                 unsigned added,
                 GListModel *jobs)
{
  for (unsigned i = 0; i < added; i++)
    {
      g_autoptr (CsmJob) job = g_list_model_get_item (jobs, position + i);

      /* A list that is set anew tells of those that were there too. */
      g_signal_handlers_disconnect_by_func (job, job_state_changed_cb, self);
      g_signal_connect_object (job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                               G_CONNECT_SWAPPED);
    }
  gtk_revealer_set_reveal_child (self->jobs_revealer, g_list_model_get_n_items (jobs) > 0);
  /* Nobody came back, and nothing needs the keys any more. */
  if (csm_window_is_covered (self) && g_list_model_get_n_items (jobs) == 0)
    csm_session_lock (self->session);
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
