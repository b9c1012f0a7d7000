/* csm-session-safety.c: a backup while the case is open, and erasing what may not be kept
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-backup.h"
#include "casefile/csm-case-erase.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

/* --- a backup --- */

typedef struct
{
  CsmJob *job;
  CsmProgress *progress;
  CsmSession *session; /* borrowed: the task holds it */
  CsmCase *acase;      /* lane only */
  char *folder;
  CsmBackupReport *report;
} BackupJob;

static void
backup_job_free (gpointer data)
{
  BackupJob *job = data;

  g_object_unref (job->job);
  csm_progress_unref (job->progress);
  csm_backup_report_free (job->report);
  g_free (job->folder);
  g_free (job);
}

static void
backup_step_cb (int64_t done, int64_t total, gpointer data)
{
  BackupJob *job = data;

  csm_progress_report (job->progress, done, total);
  csm_session_yield (job->session, job->acase);
}

static void
backup_job (GTask *task, gpointer resource)
{
  BackupJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->acase = resource;
  if (csm_case_backup (resource, job->folder, false, backup_step_cb, job, &job->report,
                       g_task_get_cancellable (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* (transfer full) */
static char *
sum_up_backup (const CsmBackupReport *report)
{
  g_autoptr (GString) text = NULL;

  if (report->missing->len == 0)
    return g_strdup (_ ("The backup is whole and was read back."));
  text = g_string_new (_ ("The backup is whole but for files that the case itself lacks:"));
  for (guint i = 0; i < report->missing->len; i++)
    g_string_append_printf (text, "\n%s", (const char *) report->missing->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
backed_up_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  BackupJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  csm_progress_stop (job->progress);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_autofree char *outcome = sum_up_backup (job->report);

      csm_session_end_job (self, job->job, CSM_JOB_DONE, outcome);
    }
  else
    csm_session_fail_job (self, job->job, error);
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
}

CsmJob *
csm_session_backup (CsmSession *self, const char *folder)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && folder != NULL, NULL);

  BackupJob *job;

  if (!csm_session_is_usable (self))
    return NULL;
  job = g_new0 (BackupJob, 1);
  job->job = g_object_ref (csm_session_add_job (self, _ ("Backing up")));
  job->progress = csm_progress_new_for_job (job->job);
  job->session = self;
  job->folder = g_strdup (folder);
  csm_session_run_case_long (self,
                             csm_session_task_new (self, csm_job_get_cancellable (job->job),
                                                   backed_up_cb, self->sequence, job,
                                                   backup_job_free),
                             backup_job);
  return job->job;
}

/* --- erasing --- */

typedef struct
{
  bool is_mark;
  CsmId id;
  char *reason;
  unsigned sequence;
  CsmEraseReport *report;
} EraseJob;

static void
erase_job_free (gpointer data)
{
  EraseJob *job = data;

  csm_erase_report_free (job->report);
  g_free (job->reason);
  g_free (job);
}

static void
erase_job (GTask *task, gpointer resource)
{
  EraseJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (!csm_session_need_case (task, resource))
    return;
  done = job->is_mark ? csm_case_erase_mark (resource, &job->id, job->reason, NULL, NULL,
                                             &job->report, &error)
                      : csm_case_erase_exhibit (resource, &job->id, job->reason, NULL, NULL,
                                                &job->report, &error);
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
tell_erased (CsmSession *self, const CsmEraseReport *report)
{
  g_autofree char *text =
      report->file_is_left == NULL
          ? g_strdup (_ ("Erased in this copy; not in backups or bundles"))
          /* Translators: a sentence about a file */
          : g_strdup_printf (_ ("Erased in this copy; not in backups or bundles. Mind: %s"),
                             report->file_is_left);

  csm_session_emit_notice (self, text);
}

static void
erased_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  EraseJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool erased = g_task_propagate_boolean (G_TASK (result), &error);

  csm_session_end_write (self);
  if (!csm_session_is_usable (self) || job->sequence != self->sequence)
    return;
  if (erased)
    tell_erased (self, job->report);
  else
    csm_session_emit_error (self, _ ("It could not be erased"), error);
  csm_session_refresh (self, CSM_REFRESH_ALL);
}

/* Nothing on the screen, and nothing that could be undone, holds what goes. */
static void
let_go (CsmSession *self, bool is_mark, const CsmId *id)
{
  CsmExhibitItem *item = csm_session_find_exhibit_item (self, id);

  csm_session_clear_undo (self);
  if (is_mark)
    csm_session_select_mark (self, NULL);
  else if (item != NULL)
    {
      if (item == self->selected)
        csm_session_select (self, NULL);
      /* The list is read again in the end, whatever becomes of it. */
      csm_item_list_remove_item (self->exhibits, item);
    }
}

static void
erase (CsmSession *self, bool is_mark, const CsmId *id, const char *reason)
{
  EraseJob *job;

  if (!csm_session_is_usable (self))
    return;
  let_go (self, is_mark, id);
  job = g_new0 (EraseJob, 1);
  job->is_mark = is_mark;
  job->id = *id;
  job->reason = g_strdup (reason);
  job->sequence = self->sequence;
  csm_session_begin_write (self);
  csm_session_run_case_long (
      self, csm_session_task_new (self, NULL, erased_cb, self->sequence, job, erase_job_free),
      erase_job);
}

void
csm_session_erase_exhibit (CsmSession *self, const CsmId *exhibit, const char *reason)
{
  g_return_if_fail (CSM_IS_SESSION (self) && exhibit != NULL && reason != NULL);
  erase (self, false, exhibit, reason);
}

void
csm_session_erase_mark (CsmSession *self, const CsmId *mark, const char *reason)
{
  g_return_if_fail (CSM_IS_SESSION (self) && mark != NULL && reason != NULL);
  erase (self, true, mark, reason);
}
