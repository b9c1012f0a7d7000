/* csm-session-verify.c: checking the whole case, finding by finding
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-json.h"
#include "review/csm-finding-feed.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  /* Immutable */
  bool media;
  CsmJob *job;
  CsmProgress *progress;
  CsmFindingFeed *feed;

  /* The task */
  CsmSession *session; /* borrowed: the task holds it */
  CsmCase *acase;      /* lane only */
  bool holds;
} VerifyJob;

static void
verify_job_free (gpointer data)
{
  VerifyJob *job = data;

  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  csm_finding_feed_unref (job->feed);
  g_free (job);
}

static void
found_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  csm_finding_feed_add_cb (kind, where, what, ((VerifyJob *) data)->feed);
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

  csm_finding_feed_stop (job->feed);
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
  job = g_new0 (VerifyJob, 1);
  job->media = media;
  job->job = g_object_ref (csm_session_add_job (self, _ ("Checking the case")));
  job->progress = csm_progress_new_for_job (job->job);
  job->feed = csm_finding_feed_new (finding, data, free_data);
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job->job),
                                                   verified_cb, self->sequence, job,
                                                   verify_job_free),
                             verify_job);
  return job->job;
}
