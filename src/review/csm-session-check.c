/* csm-session-check.c: does a bundle hold? No case needed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-check.h"
#include "review/csm-finding-feed.h"
#include "review/csm-session-export.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  /* Immutable */
  char *path;
  char *key; /* (nullable) */
  bool frames;
  CsmJob *job;
  CsmProgress *progress;
  CsmFindingFeed *feed;
  CsmSessionChecked checked; /* (nullable) */
  gpointer data;             /* of @checked; the feed holds it */

  /* The task */
  bool holds;
  CsmReceivedBundle *bundle; /* (nullable) */
} CheckJob;

static void
check_job_free (gpointer data)
{
  CheckJob *job = data;

  g_free (job->path);
  g_free (job->key);
  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  csm_finding_feed_unref (job->feed);
  csm_received_bundle_free (job->bundle);
  g_free (job);
}

static void
found_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  csm_finding_feed_add_cb (kind, where, what, ((CheckJob *) data)->feed);
}

static void
checked_part_cb (int64_t done, int64_t total, gpointer data)
{
  csm_progress_report (((CheckJob *) data)->progress, done, total);
}

/* A thread of its own: no lane owns a bundle, and the case goes on. */
static void
check_alone_job (GTask *task, gpointer resource)
{
  CheckJob *job = g_task_get_task_data (task);
  g_auto (CsmBundleSummary) summary = { 0 };
  const CsmBundleCheckOptions options = { .key = job->key,
                                          .frames = job->frames,
                                          .ret_summary = &summary };
  g_autoptr (GError) error = NULL;

  if (csm_bundle_check (job->path, &options, found_cb, checked_part_cb, job, &job->holds,
                        g_task_get_cancellable (task), &error))
    {
      if (summary.folder != NULL)
        job->bundle = csm_received_bundle_new (job->path, &summary);
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
checked_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CheckJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  const bool done = g_task_propagate_boolean (G_TASK (result), &error);

  if (done && job->bundle != NULL && job->checked != NULL)
    job->checked (g_steal_pointer (&job->bundle), job->data);
  csm_finding_feed_stop (job->feed);
  csm_progress_stop (job->progress);
  if (!done)
    csm_session_fail_job (CSM_SESSION (object), job->job, error);
  else if (job->holds)
    csm_job_end (job->job, CSM_JOB_DONE, _ ("Everything that was checked holds."));
  else
    csm_job_end (job->job, CSM_JOB_DONE, _ ("Something does not hold: see the findings."));
}

CsmJob *
csm_session_check_bundle (CsmSession *self,
                          const char *path,
                          const char *key,
                          bool frames,
                          CsmSessionFinding finding,
                          CsmSessionChecked checked,
                          gpointer data,
                          GDestroyNotify free_data)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && path != NULL, NULL);

  CheckJob *job = g_new0 (CheckJob, 1);
  g_autoptr (CsmJob) shown = csm_job_new (_ ("Checking the bundle"));
  g_autoptr (GTask) task = g_task_new (self, csm_job_get_cancellable (shown), checked_cb, NULL);

  job->path = g_strdup (path);
  job->key = g_strdup (key);
  job->frames = frames;
  job->job = g_object_ref (shown);
  job->progress = csm_progress_new_for_job (shown);
  job->checked = checked;
  job->data = data;
  job->feed = csm_finding_feed_new (finding, data, free_data);
  g_task_set_task_data (task, job, check_job_free);
  csm_lane_run_alone (task, check_alone_job);
  return g_steal_pointer (&shown);
}
