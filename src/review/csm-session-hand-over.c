/* csm-session-hand-over.c: a bundle out of its encrypted file. No case needed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-hand-over.h"
#include "review/csm-session-export.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  /* Immutable */
  char *path, *folder;
  char *key_file;        /* (nullable) */
  CsmSecret *passphrase; /* (nullable) */
  CsmJob *job;
  CsmProgress *progress;
} OpenJob;

static void
open_job_free (gpointer data)
{
  OpenJob *job = data;

  g_free (job->path);
  g_free (job->folder);
  g_free (job->key_file);
  csm_secret_unref (job->passphrase);
  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  g_free (job);
}

static void
opened_part_cb (int64_t done, int64_t total, gpointer data)
{
  csm_progress_report (((OpenJob *) data)->progress, done, total);
}

/* A thread of its own: no lane owns the file, and the case goes on. */
static void
open_alone_job (GTask *task, gpointer resource)
{
  OpenJob *job = g_task_get_task_data (task);
  g_autoptr (CsmSecret) identity = NULL;
  g_autoptr (GError) error = NULL;

  if (job->key_file != NULL)
    identity = csm_hand_over_read_identity (job->key_file, &error);
  if (error == NULL &&
      csm_hand_over_open (job->path, job->folder, identity, job->passphrase, opened_part_cb,
                          job, g_task_get_cancellable (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  OpenJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  const bool done = g_task_propagate_boolean (G_TASK (result), &error);

  csm_progress_stop (job->progress);
  if (done)
    csm_job_end (
        job->job, CSM_JOB_DONE,
        _ ("The bundle was opened, and is not encrypted there. Check it, or take it into "
           "a case."));
  else
    csm_session_fail_job (CSM_SESSION (object), job->job, error);
}

CsmJob *
csm_session_open_hand_over (CsmSession *self,
                            const char *path,
                            const char *folder,
                            const char *key_file,
                            CsmSecret *passphrase)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && path != NULL && folder != NULL, NULL);
  g_return_val_if_fail ((key_file != NULL) != (passphrase != NULL), NULL);

  OpenJob *job = g_new0 (OpenJob, 1);
  g_autoptr (CsmJob) shown = csm_job_new (_ ("Opening a hand-over file"));
  g_autoptr (GTask) task = g_task_new (self, csm_job_get_cancellable (shown), opened_cb, NULL);

  job->path = g_strdup (path);
  job->folder = g_strdup (folder);
  job->key_file = g_strdup (key_file);
  job->passphrase = passphrase != NULL ? csm_secret_ref (passphrase) : NULL;
  job->job = g_object_ref (shown);
  job->progress = csm_progress_new_for_job (shown);
  g_task_set_task_data (task, job, open_job_free);
  csm_lane_run_alone (task, open_alone_job);
  return g_steal_pointer (&shown);
}
