/* csm-session-salvage.c: a new case from what still verifies in a damaged one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-salvage.h"

#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  /* Immutable */
  char *path;
  char *out;
  CsmSecret *passphrase;
  CsmJob *job;
  CsmProgress *progress;

  /* Main thread only */
  CsmSessionSalvaged salvaged;
  gpointer data;
  GDestroyNotify free_data;
} SalvageJob;

static void
salvage_job_free (gpointer data)
{
  SalvageJob *job = data;

  g_free (job->path);
  g_free (job->out);
  csm_secret_unref (job->passphrase);
  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  g_free (job);
}

static void
salvaging_cb (int64_t done, int64_t total, gpointer data)
{
  csm_progress_report (((SalvageJob *) data)->progress, done, total);
}

static void
salvage_job (GTask *task, gpointer resource)
{
  SalvageJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  CsmSalvageReport *report = NULL;

  if (csm_case_salvage (job->path, job->passphrase, job->out, salvaging_cb, job, &report,
                        g_task_get_cancellable (task), &error))
    g_task_return_pointer (task, report, (GDestroyNotify) csm_salvage_report_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* (transfer full): a few sentences. */
static char *
sum_up (const CsmSalvageReport *report)
{
  g_autofree char *entries =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d entry of the ledger was recovered",
                                    "%d entries of the ledger were recovered",
                                    (unsigned long) report->n_entries),
                       (int) report->n_entries);
  g_autofree char *exhibits = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%d exhibit with its file", "%d exhibits with their files",
                   (unsigned long) report->n_exhibits),
      (int) report->n_exhibits);

  /* Translators: "3 entries of the ledger were recovered, 2 exhibits with their files. …" */
  return g_strdup_printf (
      _ ("%s, %s. %s"), entries, exhibits,
      report->is_whole ? _ ("Nothing is missing: open the new case.")
                       : _ ("Something is missing, as listed. Keep the damaged case, open the "
                            "new one, and merge a backup or another copy into it."));
}

static void
salvaged_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  SalvageJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSalvageReport) report = g_task_propagate_pointer (G_TASK (result), &error);

  csm_progress_stop (job->progress);
  csm_session_opening_failed (self);
  if (report != NULL)
    {
      g_autofree char *outcome = sum_up (report);

      if (job->salvaged != NULL)
        job->salvaged (report, job->data);
      csm_job_end (job->job, CSM_JOB_DONE, outcome);
    }
  else
    csm_session_fail_job (self, job->job, error);
  if (job->free_data != NULL)
    job->free_data (job->data);
}

CsmJob *
csm_session_salvage (CsmSession *self,
                     const char *path,
                     CsmSecret *passphrase,
                     const char *out,
                     CsmSessionSalvaged salvaged,
                     gpointer data,
                     GDestroyNotify free_data)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && path != NULL && out != NULL, NULL);
  g_return_val_if_fail (passphrase != NULL, NULL);

  SalvageJob *job;
  CsmJob *shown;

  if (self->closing || self->state == CSM_SESSION_OPEN || self->state == CSM_SESSION_OPENING)
    return NULL;
  shown = csm_job_new (_ ("Salvaging"));
  job = g_new0 (SalvageJob, 1);
  job->path = g_strdup (path);
  job->out = g_strdup (out);
  job->passphrase = csm_secret_ref (passphrase);
  job->job = g_object_ref (shown);
  job->progress = csm_progress_new_for_job (shown);
  job->salvaged = salvaged;
  job->data = data;
  job->free_data = free_data;
  g_set_object (&self->case_cancellable, csm_job_get_cancellable (shown));
  csm_session_set_state (self, CSM_SESSION_OPENING);
  csm_session_run_case_long (self,
                             csm_session_task_new (self, self->case_cancellable, salvaged_cb,
                                                   self->sequence, job, salvage_job_free),
                             salvage_job);
  return shown;
}
