/* csm-session-out.c: what leaves the case unencrypted: stills, lists, files; and checking it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-json.h"
#include "casefile/csm-case-receipts.h"
#include "export/csm-marks-csv.h"
#include "intake/csm-intake-still.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

/* --- jobs --- */

CsmJob *
csm_session_add_job (CsmSession *self, const char *title)
{
  g_autoptr (CsmJob) job = csm_job_new (title);
  GPtrArray *jobs = g_ptr_array_new ();

  for (unsigned i = 0; i < csm_item_list_get_size (self->jobs); i++)
    g_ptr_array_add (jobs, g_object_ref (csm_item_list_peek (self->jobs, i)));
  g_ptr_array_add (jobs, g_object_ref (job));
  csm_item_list_set (self->jobs, jobs);
  return job; /* the list holds it */
}

void
csm_session_end_job (CsmSession *self, CsmJob *job, CsmJobState state, const char *outcome)
{
  g_autoptr (CsmJob) held = g_object_ref (job);

  csm_job_end (job, state, outcome);
  csm_item_list_remove_item (self->jobs, job);
}

void
csm_session_fail_job (CsmSession *self, CsmJob *job, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    csm_session_end_job (self, job, CSM_JOB_CANCELLED, _ ("Stopped."));
  else
    csm_session_end_job (self, job, CSM_JOB_FAILED, error->message);
}

/* --- a still --- */

typedef struct
{
  char *path;
  CsmId exhibit;
  int track;
  int64_t ordinal;
  CsmView view;
  CsmStill *still; /* once read */
} StillJob;

static void
still_job_free (gpointer data)
{
  StillJob *job = data;

  g_free (job->path);
  csm_still_free (job->still);
  g_free (job);
}

static void
read_still_job (GTask *task, gpointer resource)
{
  StillJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  CsmStill *still;

  if (resource == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                               _ ("The exhibit was left"));
      return;
    }
  still = csm_still_read (resource, job->track, job->ordinal, &job->view,
                          g_task_get_cancellable (task), &error);
  if (still == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, still, (GDestroyNotify) csm_still_free);
}

static void
write_still_job (GTask *task, gpointer resource)
{
  StillJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (csm_still_write (job->still, resource, &job->exhibit, job->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* Ends a still and a list alike: @data is the outer task. */
static void
out_written_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  bool written = g_task_propagate_boolean (G_TASK (result), &error);

  csm_session_end_write (self);
  if (written)
    {
      csm_session_refresh (self, CSM_REFRESH_LEDGER);
      g_task_return_boolean (outer, TRUE);
    }
  else
    g_task_return_error (outer, g_steal_pointer (&error));
}

static void read_still (CsmSession *self,
                        char *path,
                        int64_t ordinal,
                        const CsmView *view,
                        GTask *outer);

static void
still_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  StillJob *job = g_task_get_task_data (G_TASK (result));
  GTask *outer = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmStill) still = g_task_propagate_pointer (G_TASK (result), &error);
  StillJob *next;
  GTask *inner;

  if (still == NULL && g_task_get_cancellable (G_TASK (result)) == self->view_cancellable &&
      csm_session_reader_replaced (self, error))
    {
      read_still (self, g_steal_pointer (&job->path), job->ordinal, &job->view, outer);
      return;
    }
  if (still == NULL || !csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, g_steal_pointer (&error));
      g_object_unref (outer);
      return;
    }
  next = g_new0 (StillJob, 1);
  next->path = g_steal_pointer (&job->path);
  next->exhibit = job->exhibit;
  next->ordinal = job->ordinal;
  next->still = g_steal_pointer (&still);
  inner = g_task_new (self, NULL, out_written_cb, outer);
  g_task_set_task_data (inner, next, still_job_free);
  csm_session_begin_write (self);
  csm_session_run_case (self, inner, write_still_job);
}

/* Takes @path and @outer. */
static void
read_still (CsmSession *self, char *path, int64_t ordinal, const CsmView *view, GTask *outer)
{
  StillJob *job = g_new0 (StillJob, 1);
  GTask *inner = g_task_new (self, self->view_cancellable, still_read_cb, outer);

  job->path = path;
  job->exhibit = csm_exhibit_item_get_record (self->selected)->id;
  job->track = self->track;
  job->ordinal = ordinal;
  job->view = *view;
  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_task_data (inner, job, still_job_free);
  csm_session_run_view (self, inner, NULL, read_still_job);
}

void
csm_session_save_still_async (CsmSession *self,
                              const char *path,
                              GAsyncReadyCallback callback,
                              gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && path != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (outer, csm_session_save_still_async);
  if (self->view_worker == NULL || self->ordinal < 0)
    {
      g_task_return_new_error (outer, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME, "%s",
                               _ ("No picture is in view; choose an exhibit first"));
      g_object_unref (outer);
      return;
    }
  read_still (self, g_strdup (path), self->ordinal,
              csm_session_shows_view (self) ? csm_session_peek_shown_view (self)
                                            : &(CsmView){ 0 },
              outer);
}

gboolean
csm_session_save_still_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- marks --- */

/* What the case held when this left, so that it can be seen later. */
static gboolean
add_receipt (CsmCase *acase, json_t *detail, GError **error)
{
  g_autoptr (CsmReceipt) receipt = NULL;
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  char hex[CSM_DIGEST_HEX_SIZE];

  if (csm_case_is_read_only (acase) || csm_case_get_self (acase) == NULL)
    return TRUE;
  receipt = csm_case_make_receipt (acase, error);
  if (receipt == NULL)
    return FALSE;
  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  json_object_set_new (detail, "receipt", json_string (code));
  json_object_set_new (detail, "receipt_sha256", json_string (hex));
  return TRUE;
}

static void
write_marks_job (GTask *task, gpointer resource)
{
  const char *path = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) marks = NULL;
  g_autoptr (GPtrArray) exhibits = NULL;
  g_autoptr (GBytes) csv = NULL;
  g_autoptr (json_t) detail = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  marks = csm_case_list_marks (resource, NULL, &error);
  exhibits = marks != NULL ? csm_case_list_exhibits (resource, &error) : NULL;
  if (exhibits == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  csv = csm_marks_csv_write (marks, exhibits);
  detail = json_pack ("{s:s, s:I}", "what", "marks", "marks", (json_int_t) marks->len);
  if (add_receipt (resource, detail, &error) &&
      csm_intake_export (resource, path, csv, NULL, g_steal_pointer (&detail), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
csm_session_save_marks_async (CsmSession *self,
                              const char *path,
                              GAsyncReadyCallback callback,
                              gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && path != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);
  GError *error = NULL;
  GTask *inner;

  g_task_set_source_tag (outer, csm_session_save_marks_async);
  if (!csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  inner = g_task_new (self, NULL, out_written_cb, outer);
  g_task_set_task_data (inner, g_strdup (path), g_free);
  csm_session_begin_write (self);
  csm_session_run_case (self, inner, write_marks_job);
}

gboolean
csm_session_save_marks_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- a file, bit for bit --- */

typedef struct
{
  CsmJob *job;
  CsmProgress *progress;
  CsmSession *session; /* borrowed: the task holds it */
  CsmCase *acase;      /* lane only */
  CsmId exhibit;
  char *path;
} ExtractJob;

static void
extract_job_free (gpointer data)
{
  ExtractJob *job = data;

  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  g_free (job->path);
  g_free (job);
}

static void
extract_step_cb (int64_t done, int64_t total, gpointer data)
{
  ExtractJob *job = data;

  csm_progress_report (job->progress, done, total);
  csm_session_yield (job->session, job->acase);
}

static void
extract_job (GTask *task, gpointer resource)
{
  ExtractJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->acase = resource;
  if (csm_intake_extract (resource, &job->exhibit, job->path, extract_step_cb, job,
                          g_task_get_cancellable (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
extracted_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  ExtractJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  csm_progress_stop (job->progress);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    csm_session_end_job (self, job->job, CSM_JOB_DONE,
                         _ ("The file was written as it was received. It is not encrypted."));
  else
    csm_session_fail_job (self, job->job, error);
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
}

CsmJob *
csm_session_extract (CsmSession *self, const CsmId *exhibit, const char *path)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && exhibit != NULL && path != NULL, NULL);

  ExtractJob *job;

  if (!csm_session_is_usable (self))
    return NULL;
  job = g_new0 (ExtractJob, 1);
  job->job = g_object_ref (csm_session_add_job (self, _ ("Extracting")));
  job->progress = csm_progress_new_for_job (job->job);
  job->session = self;
  job->exhibit = *exhibit;
  job->path = g_strdup (path);
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job->job),
                                                   extracted_cb, self->sequence, job,
                                                   extract_job_free),
                             extract_job);
  return job->job;
}
