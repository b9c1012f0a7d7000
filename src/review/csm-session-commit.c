/* csm-session-commit.c: the pictures that marks commit to
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

bool
csm_session_can_commit (CsmSession *self, const CsmMark *mark)
{
  return mark != NULL && self->index != NULL && self->view_worker != NULL &&
         csm_frame_index_is_exact (self->index) && mark->track == self->track &&
         mark->to < self->n_frames &&
         strcmp (mark->exhibit.hex, csm_exhibit_item_get_record (self->selected)->id.hex) == 0;
}

gboolean
csm_commits_read (CsmWorker *worker,
                  const CsmFrameIndex *index,
                  const CsmMark *mark,
                  CsmFrameCommit commits[2],
                  int *ret_n_commits,
                  GCancellable *cancellable,
                  GError **error)
{
  const int64_t ordinals[2] = { mark->from, mark->to };
  int n = mark->from == mark->to ? 1 : 2;

  for (int i = 0; i < n; i++)
    {
      CsmFrameDigest digest;

      if (ordinals[i] < 0 || ordinals[i] >= csm_frame_index_get_n_frames (index))
        {
          g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                               _ ("The mark lies outside its exhibit"));
          return FALSE;
        }
      if (!csm_worker_read_digest (worker, ordinals[i], &digest, cancellable, error))
        return FALSE;
      csm_intake_make_commit (index, ordinals[i], &digest, &commits[i]);
    }
  *ret_n_commits = n;
  return TRUE;
}

/* --- marks that still wait --- */

/* One mark that cannot be committed holds up no other. It is left alone until the exhibit is in
 * view again, or the mark is another. */
static void
leave_alone (CsmSession *self, const CsmMark *mark)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&mark->entry, hex);
  g_hash_table_add (self->uncommitted, g_strdup (hex));
}

/* The first one is told: what stops the next is mostly the same. */
static void
give_up (CsmSession *self, const CsmMark *mark, const GError *error)
{
  if (g_hash_table_size (self->uncommitted) == 0)
    {
      /* Translators: the number of a frame, and of an exhibit, "E-0001" */
      g_autofree char *lead = g_strdup_printf (
          _ ("The mark at frame %" G_GINT64_FORMAT " of %s stays without its picture"),
          mark->from, mark->exhibit_number);

      csm_session_emit_error (self, lead, error);
    }
  leave_alone (self, mark);
}

static bool
is_given_up (CsmSession *self, const CsmMark *mark)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&mark->entry, hex);
  return g_hash_table_contains (self->uncommitted, hex);
}

typedef struct
{
  CsmMark *mark;
  CsmFrameIndex *index;
  CsmFrameCommit commits[2];
  int n_commits;
  CsmMark *after;
} CommitJob;

static void
commit_job_free (gpointer data)
{
  CommitJob *job = data;

  csm_mark_free (job->mark);
  csm_mark_free (job->after);
  g_clear_pointer (&job->index, csm_frame_index_unref);
  g_free (job);
}

static void
digest_for_commit_job (GTask *task, gpointer resource)
{
  CommitJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (resource == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                             _ ("The exhibit was left"));
  else if (!csm_commits_read (resource, job->index, job->mark, job->commits, &job->n_commits,
                              g_task_get_cancellable (task), &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
commit_job (GTask *task, gpointer resource)
{
  CommitJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMark) now = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  now = csm_case_get_mark (resource, &job->mark->id, NULL);
  /* Edited or committed meanwhile: the digests are of other frames, or not needed. */
  if (now != NULL && !now->committed && csm_digest_equal (&now->entry, &job->mark->entry) &&
      !csm_case_commit_frames (resource, &job->mark->id, job->commits, job->n_commits, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  job->after = csm_case_get_mark (resource, &job->mark->id, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
committed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CommitJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool committed = g_task_propagate_boolean (G_TASK (result), &error);

  if (!csm_session_is_in_view (self, data))
    return;
  self->committing = false;
  if (!committed)
    give_up (self, job->mark, error);
  else if (job->after != NULL)
    csm_session_put_mark (self, &job->mark->id, job->after);
  else
    leave_alone (self, job->mark); /* gone: the list hears of it soon */
  csm_session_refresh (self, CSM_REFRESH_LEDGER);
  csm_session_commit_waiting (self);
}

static void
digests_for_commit_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CommitJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool read = g_task_propagate_boolean (G_TASK (result), &error);
  CommitJob *next;

  if (!csm_session_is_in_view (self, data))
    return;
  if (!read)
    {
      self->committing = false;
      if (!csm_session_reader_replaced (self, error))
        give_up (self, job->mark, error);
      csm_session_commit_waiting (self);
      return;
    }
  next = g_memdup2 (job, sizeof (CommitJob));
  job->mark = NULL;
  job->index = NULL;
  csm_session_run_case (self,
                        csm_session_task_new (self, self->view_cancellable, committed_cb,
                                              self->view_sequence, next, commit_job_free),
                        commit_job);
}

void
csm_session_commit_waiting (CsmSession *self)
{
  if (self->committing || !self->can_sign || !csm_session_is_usable (self))
    return;
  for (unsigned i = 0; i < csm_item_list_get_size (self->exhibit_marks); i++)
    {
      const CsmMark *mark =
          csm_mark_item_get_record (csm_item_list_peek (self->exhibit_marks, i));
      CommitJob *job;

      if (mark->committed || !csm_session_can_commit (self, mark) || is_given_up (self, mark))
        continue;
      self->committing = true;
      job = g_new0 (CommitJob, 1);
      job->mark = csm_mark_copy (mark);
      job->index = csm_frame_index_ref (self->index);
      csm_session_run_view (self,
                            csm_session_task_new (self, self->view_cancellable,
                                                  digests_for_commit_cb, self->view_sequence,
                                                  job, commit_job_free),
                            NULL, digest_for_commit_job);
      return;
    }
}
