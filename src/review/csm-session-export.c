/* csm-session-export.c: a bundle out of the case, while work goes on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-export.h"

#include "base/csm-error.h"
#include "export/csm-hand-over.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#define HAND_OVER_SUFFIX ".age"

typedef struct
{
  /* Immutable */
  CsmSelection *selection;
  char *path;
  char **recipients;     /* (nullable) */
  CsmSecret *passphrase; /* (nullable) */
  CsmJob *job;
  CsmProgress *progress;

  /* Main thread only */
  CsmSessionPreviewed previewed;
  CsmSessionExported exported;
  gpointer data;
  GDestroyNotify free_data;
  GCancellable *closing; /* (nullable): of the case */
  gulong closing_id;

  /* Guarded by lock */
  GMutex lock;
  char *step; /* (nullable): what is under way */

  /* The task */
  CsmSession *session; /* borrowed: the task holds it */
  CsmCase *acase;      /* lane only */
  CsmExportPreview *preview;
  int64_t free_space;
  CsmExportReport *report;
  char *hand_over; /* (nullable): the path of what was made */
  char *problem;   /* (nullable) */
} ExportJob;

static void
export_job_free (gpointer data)
{
  ExportJob *job = data;

  csm_selection_free (job->selection);
  g_free (job->path);
  g_strfreev (job->recipients);
  csm_secret_unref (job->passphrase);
  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  g_clear_object (&job->closing);
  g_mutex_clear (&job->lock);
  g_free (job->step);
  csm_export_preview_free (job->preview);
  csm_export_report_free (job->report);
  g_free (job->hand_over);
  g_free (job->problem);
  g_free (job);
}

/* What the caller gave is freed where it lives; the task may end on the lane. */
static void
release_caller (ExportJob *job)
{
  if (job->free_data != NULL)
    job->free_data (job->data);
  job->free_data = NULL;
}

/* --- progress --- */

static void
show_progress_cb (int64_t done, int64_t total, gpointer data)
{
  ExportJob *job = data;
  g_autofree char *step = NULL;

  g_mutex_lock (&job->lock);
  step = g_strdup (job->step);
  g_mutex_unlock (&job->lock);
  csm_job_set_progress (job->job, total > 0 ? (double) done / (double) total : -1, step);
}

static void
step_cb (const char *step, int64_t done, int64_t total, gpointer data)
{
  ExportJob *job = data;

  g_mutex_lock (&job->lock);
  if (g_strcmp0 (job->step, step) != 0)
    {
      g_free (job->step);
      job->step = g_strdup (step);
    }
  g_mutex_unlock (&job->lock);
  csm_progress_report (job->progress, done, total);
  csm_session_yield (job->session, job->acase);
}

static void
hand_over_step_cb (int64_t done, int64_t total, gpointer data)
{
  step_cb (_ ("Encrypted file"), done, total, data);
}

/* Takes @selection. */
static ExportJob *
export_job_new (CsmSession *self,
                CsmJob *shown,
                CsmSelection *selection,
                const char *path,
                gpointer data,
                GDestroyNotify free_data)
{
  ExportJob *job = g_new0 (ExportJob, 1);

  g_mutex_init (&job->lock);
  job->selection = selection;
  job->path = g_strdup (path);
  job->job = g_object_ref (shown);
  job->progress = csm_progress_new (show_progress_cb, job);
  job->session = self;
  job->data = data;
  job->free_data = free_data;
  return job;
}

/* --- what would leave --- */

/* The bundle's folder is made where its parent is. */
static gboolean
look_at_place (ExportJob *job, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (job->path);
  g_autoptr (GFile) file = g_file_new_for_path (parent);
  g_autoptr (GFileInfo) info = NULL;
  struct stat st;

  if (lstat (job->path, &st) == 0)
    {
      g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS,
                           _ ("something of this name is there already"));
      return FALSE;
    }
  if (stat (parent, &st) != 0 || !S_ISDIR (st.st_mode))
    {
      g_set_error_literal (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND,
                           _ ("the folder in which it is to be is not there"));
      return FALSE;
    }
  info = g_file_query_filesystem_info (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);
  job->free_space =
      info != NULL && g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE)
          ? (int64_t) g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE)
          : -1;
  return TRUE;
}

/* The list of jobs, whose jobs end with the case, does not know of this one. */
static void
case_closing_cb (GCancellable *closing, CsmJob *job)
{
  csm_job_cancel (job);
}

static void
preview_job (GTask *task, gpointer resource)
{
  ExportJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->acase = resource;
  if (look_at_place (job, &error) &&
      (job->preview = csm_export_preview (resource, job->selection, step_cb, job,
                                          g_task_get_cancellable (task), &error)) != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
previewed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  ExportJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  csm_progress_stop (job->progress);
  g_cancellable_disconnect (job->closing, job->closing_id);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (job->previewed != NULL && csm_session_is_current (self, data))
        job->previewed (job->preview, job->free_space, job->data);
      csm_job_end (job->job, CSM_JOB_DONE, NULL);
    }
  else
    csm_session_fail_job (self, job->job, error);
  release_caller (job);
}

CsmJob *
csm_session_preview_export (CsmSession *self,
                            CsmSelection *selection,
                            const char *path,
                            CsmSessionPreviewed previewed,
                            gpointer data,
                            GDestroyNotify free_data)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && selection != NULL && path != NULL, NULL);

  g_autoptr (CsmJob) shown = NULL;
  ExportJob *job;

  if (!csm_session_is_usable (self))
    {
      csm_selection_free (selection);
      if (free_data != NULL)
        free_data (data);
      return NULL;
    }
  shown = csm_job_new (_ ("Looking at what would leave"));
  job = export_job_new (self, shown, selection, path, data, free_data);
  job->previewed = previewed;
  job->closing = g_object_ref (self->case_cancellable);
  job->closing_id = g_cancellable_connect (job->closing, G_CALLBACK (case_closing_cb),
                                           g_object_ref (shown), g_object_unref);
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job->job),
                                                   previewed_cb, self->sequence, job,
                                                   export_job_free),
                             preview_job);
  return g_steal_pointer (&shown);
}

/* --- the bundle --- */

/* The bundle is there by now, whatever becomes of this. */
static void
write_hand_over (ExportJob *job, GCancellable *cancellable)
{
  g_autofree char *path = g_strconcat (job->path, HAND_OVER_SUFFIX, NULL);
  g_autoptr (GError) error = NULL;

  if (job->recipients == NULL && job->passphrase == NULL)
    return;
  if (csm_hand_over_write (job->path, path, (const char *const *) job->recipients,
                           job->passphrase, hand_over_step_cb, job, cancellable, &error))
    job->hand_over = g_steal_pointer (&path);
  else
    /* Translators: %s is the reason */
    job->problem = g_strdup_printf (_ ("The encrypted file was not made: %s."), error->message);
}

static void
export_job (GTask *task, gpointer resource)
{
  ExportJob *job = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->acase = resource;
  if (csm_export_run (resource, job->selection, csm_time_now (), job->path, step_cb, job,
                      &job->report, cancellable, &error))
    {
      write_hand_over (job, cancellable);
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
exported_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  ExportJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  csm_progress_stop (job->progress);
  /* A bundle that is there is told of, cancelled a moment too late or not. */
  if (g_task_propagate_boolean (G_TASK (result), &error) || job->report != NULL)
    {
      const char *made = _ ("The bundle was made and signed.");
      g_autofree char *outcome = job->problem != NULL
                                     ? g_strdup_printf ("%s %s", made, job->problem)
                                     : g_strdup (made);

      if (job->exported != NULL && csm_session_is_current (self, data))
        job->exported (job->report, job->hand_over, job->problem, job->data);
      csm_session_end_job (self, job->job, CSM_JOB_DONE, outcome);
    }
  else
    csm_session_fail_job (self, job->job, error);
  release_caller (job);
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
}

CsmJob *
csm_session_export (CsmSession *self,
                    CsmSelection *selection,
                    const char *path,
                    const CsmSessionHandOver *hand_over,
                    CsmSessionExported exported,
                    gpointer data,
                    GDestroyNotify free_data)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && selection != NULL && path != NULL, NULL);

  ExportJob *job;

  if (!csm_session_is_usable (self))
    {
      csm_selection_free (selection);
      if (free_data != NULL)
        free_data (data);
      return NULL;
    }
  job = export_job_new (self, csm_session_add_job (self, _ ("Exporting")), selection, path,
                        data, free_data);
  job->exported = exported;
  if (hand_over != NULL)
    {
      job->recipients = g_strdupv ((char **) hand_over->recipients);
      job->passphrase =
          hand_over->passphrase != NULL ? csm_secret_ref (hand_over->passphrase) : NULL;
    }
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job->job),
                                                   exported_cb, self->sequence, job,
                                                   export_job_free),
                             export_job);
  return job->job;
}
