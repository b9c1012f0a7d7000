/* csm-session-verify.c: checking the whole case, finding by finding
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-json.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  CsmFindingKind kind;
  char *where;
  char *what;
} Finding;

typedef struct
{
  /* Immutable */
  bool media;
  CsmJob *job;
  CsmProgress *progress;

  /* Main thread only */
  CsmSessionFinding finding;
  gpointer data;
  GDestroyNotify free_data;

  /* Guarded by lock */
  GMutex lock;
  GQueue findings; /* on their way to the main thread */

  /* The task */
  CsmSession *session; /* borrowed: the task holds it */
  CsmCase *acase;      /* lane only */
  bool holds;
} VerifyJob;

static void
finding_free (Finding *finding)
{
  g_free (finding->where);
  g_free (finding->what);
  g_free (finding);
}

static void
verify_job_clear (gpointer data)
{
  VerifyJob *job = data;

  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  g_queue_clear_full (&job->findings, (GDestroyNotify) finding_free);
  if (job->free_data != NULL)
    job->free_data (job->data);
  g_mutex_clear (&job->lock);
}

static void
verify_job_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, verify_job_clear);
}

static Finding *
take_finding (VerifyJob *job)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&job->lock);

  return g_queue_pop_head (&job->findings);
}

static gboolean
tell_findings_cb (gpointer data)
{
  VerifyJob *job = data;
  Finding *finding;

  while ((finding = take_finding (job)) != NULL)
    {
      if (job->finding != NULL)
        job->finding (finding->kind, finding->where, finding->what, job->data);
      finding_free (finding);
    }
  return G_SOURCE_REMOVE;
}

static void
found_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  VerifyJob *job = data;
  Finding *finding = g_new0 (Finding, 1);

  finding->kind = kind;
  finding->where = g_strdup (where);
  finding->what = g_strdup (what);
  g_mutex_lock (&job->lock);
  g_queue_push_tail (&job->findings, finding);
  g_mutex_unlock (&job->lock);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, tell_findings_cb, g_atomic_rc_box_acquire (job),
                   verify_job_unref);
}

static void
checked_cb (int64_t done, int64_t total, gpointer data)
{
  csm_progress_report (((VerifyJob *) data)->progress, done, total);
}

static void
yield_cb (gpointer data)
{
  VerifyJob *job = data;

  csm_session_yield (job->session, job->acase);
}

static void
verify_job (GTask *task, gpointer resource)
{
  VerifyJob *job = g_task_get_task_data (task);
  g_autoptr (json_t) detail = NULL;
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->session = g_task_get_source_object (task);
  job->acase = resource;
  if (!csm_case_verify_yielding (resource, job->media, found_cb, checked_cb, yield_cb, job,
                                 &job->holds, g_task_get_cancellable (task), &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  detail = json_object ();
  json_object_set_new (detail, "holds", json_boolean (job->holds));
  json_object_set_new (detail, "media", json_boolean (job->media));
  /* A damaged case may not take an entry: what was found counts. */
  if (!csm_case_is_read_only (resource) && csm_case_get_self (resource) != NULL)
    (void) csm_case_record_access (resource, "verified", NULL, detail, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
verified_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  VerifyJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool done = g_task_propagate_boolean (G_TASK (result), &error);

  /* All findings come before the outcome. */
  (void) tell_findings_cb (job);
  csm_progress_stop (job->progress);
  if (!done)
    csm_session_fail_job (self, job->job, error);
  else if (job->holds)
    csm_session_end_job (self, job->job, CSM_JOB_DONE,
                         _ ("Everything that was checked holds."));
  else
    csm_session_end_job (self, job->job, CSM_JOB_DONE,
                         _ ("Something does not hold: see the findings."));
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
}

CsmJob *
csm_session_verify (CsmSession *self,
                    bool media,
                    CsmSessionFinding finding,
                    gpointer data,
                    GDestroyNotify free_data)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);

  VerifyJob *job;

  if (!csm_session_is_usable (self))
    {
      if (free_data != NULL)
        free_data (data);
      return NULL;
    }
  job = g_atomic_rc_box_new0 (VerifyJob);
  g_mutex_init (&job->lock);
  job->media = media;
  job->job = g_object_ref (csm_session_add_job (self, _ ("Checking the case")));
  job->progress = csm_progress_new_for_job (job->job);
  job->finding = finding;
  job->data = data;
  job->free_data = free_data;
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job->job),
                                                   verified_cb, self->sequence, job,
                                                   verify_job_unref),
                             verify_job);
  return job->job;
}
