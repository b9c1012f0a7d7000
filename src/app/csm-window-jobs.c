/* csm-window-jobs.c: what is being done, with a way to stop it, and how it ended
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-job-row.h"

#include <glib/gi18n.h>

static void
job_state_changed_cb (CsmWindow *self, GParamSpec *pspec, CsmJob *job)
{
  CsmJobState state = csm_job_get_state (job);
  const char *outcome = csm_job_get_outcome (job);

  /* What the lock stopped is not said on a locked window, nor on one that is being locked. */
  if (state == CSM_JOB_RUNNING || outcome[0] == '\0' || !csm_window_is_open (self))
    return;
  if (csm_window_is_covered (self))
    {
      self->after.n_ended++;
      self->after.n_failed += state == CSM_JOB_FAILED;
    }
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
    csm_window_leave (self, CSM_WINDOW_LOCK);
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
  gtk_widget_set_visible (GTK_WIDGET (self->jobs_revealer), TRUE);
  g_signal_handlers_disconnect_by_func (jobs, jobs_changed_cb, self);
  g_signal_connect_object (jobs, "items-changed", G_CALLBACK (jobs_changed_cb), self,
                           G_CONNECT_SWAPPED);
  jobs_changed_cb (self, 0, 0, 0, jobs);
}

void
csm_window_jobs_stop (CsmWindow *self)
{
  g_signal_handlers_disconnect_by_func (csm_session_get_jobs (self->session), jobs_changed_cb,
                                        self);
  gtk_list_box_bind_model (self->jobs, NULL, NULL, NULL, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->jobs_revealer), FALSE);
}

void
csm_window_jobs_tell (CsmWindow *self)
{
  g_autofree char *text = NULL;

  if (self->after.n_ended > 0)
    text = g_strdup_printf (
        _ ("While nobody was here: jobs ended %d, of these failed %d. Then the case was "
           "locked. Custody lists what was recorded."),
        self->after.n_ended, self->after.n_failed);
  if (text != NULL)
    csm_window_tell (self, text, self->after.n_failed > 0);
  self->after.n_ended = self->after.n_failed = 0;
}
