/* csm-session-marks.c: drafting, saving and removing marks, and what they commit to
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Saving: the view lane reads the digests of both ends when it can, then the case lane writes.
 * The second step takes the job of the first. */
typedef struct
{
  CsmId id;
  CsmMark *target; /* NULL: remove it */
  CsmFrameIndex *index;
  CsmFrameCommit commits[2];
  int n_commits;

  /* Answers */
  CsmMark *before; /* nullable */
  CsmMark *after;  /* nullable */
  CsmExhibit *exhibit;
  int64_t n_entries;
} SaveJob;

static void
save_job_free (gpointer data)
{
  SaveJob *job = data;

  if (job == NULL)
    return;
  csm_mark_free (job->target);
  g_clear_pointer (&job->index, csm_frame_index_unref);
  csm_mark_free (job->before);
  csm_mark_free (job->after);
  csm_exhibit_free (job->exhibit);
  g_free (job);
}

/* --- the case lane --- */

static gboolean
write_mark (CsmCase *acase, SaveJob *job, GError **error)
{
  g_autoptr (GError) missing = NULL;

  job->before = csm_case_get_mark (acase, &job->id, &missing);
  if (job->before == NULL && missing != NULL &&
      !g_error_matches (missing, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&missing));
      return FALSE;
    }
  if (job->target == NULL)
    return csm_case_remove_mark (acase, &job->id, error);
  return csm_case_set_mark (acase, job->target, job->n_commits > 0 ? job->commits : NULL,
                            job->n_commits, &job->after, error);
}

static void
write_mark_job (GTask *task, gpointer resource)
{
  SaveJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  const CsmId *exhibit;

  if (!csm_session_need_case (task, resource))
    return;
  if (!write_mark (resource, job, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  /* The mark is saved: what only shows it may fail. */
  exhibit = job->target != NULL   ? &job->target->exhibit
            : job->before != NULL ? &job->before->exhibit
                                  : NULL;
  if (exhibit != NULL)
    job->exhibit = csm_case_get_exhibit (resource, exhibit, NULL);
  job->n_entries = csm_case_count_entries (resource, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
mark_written_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  SaveJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  bool written = g_task_propagate_boolean (G_TASK (result), &error);

  if (written && csm_session_is_usable (self) &&
      GPOINTER_TO_UINT (g_task_get_task_data (outer)) == self->sequence)
    {
      csm_session_put_mark (self, &job->id, job->after);
      if (job->exhibit != NULL)
        csm_session_put_exhibit (self, g_steal_pointer (&job->exhibit));
      if (job->n_entries >= 0)
        csm_ledger_model_set_count (self->ledger, job->n_entries);
      csm_session_commit_waiting (self);
    }
  if (written)
    {
      SaveJob *answer = g_new0 (SaveJob, 1);

      answer->before = g_steal_pointer (&job->before);
      answer->after = g_steal_pointer (&job->after);
      g_task_return_pointer (outer, answer, save_job_free);
    }
  else
    g_task_return_error (outer, g_steal_pointer (&error));
  csm_session_end_write (self);
}

/* Takes @job and @outer. */
static void
write_on_case_lane (CsmSession *self, SaveJob *job, GTask *outer)
{
  GTask *inner = g_task_new (self, NULL, mark_written_cb, outer);

  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_task_data (inner, job, save_job_free);
  csm_session_run_case (self, inner, write_mark_job);
}

/* --- the view lane: what the mark commits to --- */

static void
read_commits_job (GTask *task, gpointer resource)
{
  SaveJob **job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (resource != NULL && (*job)->index != NULL &&
      !csm_commits_read (resource, (*job)->index, (*job)->target, (*job)->commits,
                         &(*job)->n_commits, g_task_get_cancellable (task), &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
commits_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  SaveJob **job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  self->n_saves_reading--;
  /* A mark without commitment says so, and gets it later: nothing here stops a save. */
  if (!g_task_propagate_boolean (G_TASK (result), &error) &&
      g_task_get_cancellable (G_TASK (result)) == self->view_cancellable)
    (void) csm_session_reader_replaced (self, error); /* told; the next one is asked later */
  write_on_case_lane (self, g_steal_pointer (job), data);
}

static void
save_job_holder_free (gpointer data)
{
  SaveJob **job = data;

  save_job_free (*job);
  g_free (job);
}

void
csm_session_put_mark_async (CsmSession *self,
                            const CsmId *mark,
                            const CsmMark *target,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  GTask *outer = g_task_new (self, NULL, callback, data);
  SaveJob *job, **holder;
  GError *error = NULL;
  GTask *inner;

  g_task_set_task_data (outer, GUINT_TO_POINTER (self->sequence), NULL);
  if (!csm_session_check_usable (self, &error))
    {
      g_task_return_error (outer, error);
      g_object_unref (outer);
      return;
    }
  job = g_new0 (SaveJob, 1);
  job->id = *mark;
  job->target = target != NULL ? csm_mark_copy (target) : NULL;
  csm_session_begin_write (self);
  /* What has no picture to read waits behind what has one: the order asked for is kept. */
  if (csm_session_can_commit (self, target))
    job->index = csm_frame_index_ref (self->index);
  else if (self->n_saves_reading == 0)
    {
      write_on_case_lane (self, job, outer);
      return;
    }
  self->n_saves_reading++;
  holder = g_new0 (SaveJob *, 1);
  *holder = job;
  inner = g_task_new (self, self->view_cancellable, commits_read_cb, outer);
  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_task_data (inner, holder, save_job_holder_free);
  csm_session_run_view (self, inner, NULL, read_commits_job);
}

gboolean
csm_session_put_mark_finish (CsmSession *self,
                             GAsyncResult *result,
                             CsmMark **ret_before,
                             CsmMark **ret_after,
                             GError **error)
{
  SaveJob *answer = g_task_propagate_pointer (G_TASK (result), error);

  if (answer == NULL)
    return FALSE;
  *ret_before = g_steal_pointer (&answer->before);
  *ret_after = g_steal_pointer (&answer->after);
  save_job_free (answer);
  return TRUE;
}

/* --- what the window asks for --- */

CsmMark *
csm_session_draft_mark (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);

  bool has_span = self->in >= 0 && self->out >= self->in;
  const CsmExhibit *exhibit;
  CsmMark *mark;

  if (self->selected == NULL || self->n_frames <= 0 || self->ordinal < 0)
    return NULL;
  exhibit = csm_exhibit_item_get_record (self->selected);
  mark = g_new0 (CsmMark, 1);
  mark->id = csm_id_new ();
  mark->exhibit = exhibit->id;
  mark->exhibit_number = g_strdup (exhibit->number);
  mark->from = has_span ? self->in : self->ordinal;
  mark->to = has_span ? self->out : self->ordinal;
  if (csm_session_is_sound_alone (self))
    mark->track = CSM_SOUND_TRACK (csm_sound_map_get_track (csm_session_get_sound (self)));
  else
    mark->track = self->track;
  mark->from_pts = csm_session_get_pts (self, mark->from, &mark->timebase);
  mark->to_pts = csm_session_get_pts (self, mark->to, &mark->timebase);
  mark->text = g_strdup ("");
  mark->author = g_strdup (self->reviewer);
  memcpy (mark->author_key, self->reviewer_key, sizeof (mark->author_key));
  return mark;
}

static void
mark_saved_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  CsmUndo *undo = g_new0 (CsmUndo, 1);

  if (!csm_session_put_mark_finish (self, result, &undo->mark_before, &undo->mark_after,
                                    &error))
    {
      csm_undo_free (undo);
      /* Whoever asked has gone with the case. */
      if (!csm_session_is_usable (self))
        csm_session_emit_error (self, _ ("The mark could not be saved"), error);
      g_task_return_error (outer, g_steal_pointer (&error));
      return;
    }
  undo->kind = CSM_UNDO_MARK;
  undo->id = undo->mark_after->id;
  csm_session_push_undo (self, undo);
  if (csm_session_is_usable (self))
    csm_session_emit_notice (self, _ ("Mark saved"));
  g_task_return_boolean (outer, TRUE);
}

void
csm_session_save_mark_async (CsmSession *self,
                             const CsmMark *mark,
                             GAsyncReadyCallback callback,
                             gpointer data)
{
  g_return_if_fail (CSM_IS_SESSION (self) && mark != NULL);

  GTask *outer = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (outer, csm_session_save_mark_async);
  csm_session_put_mark_async (self, &mark->id, mark, mark_saved_cb, outer);
}

gboolean
csm_session_save_mark_finish (CsmSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
mark_removed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GError) error = NULL;
  CsmUndo *undo = g_new0 (CsmUndo, 1);

  if (!csm_session_put_mark_finish (self, result, &undo->mark_before, &undo->mark_after,
                                    &error))
    {
      csm_undo_free (undo);
      csm_session_emit_error (self, _ ("The mark could not be removed"), error);
      return;
    }
  undo->kind = CSM_UNDO_MARK;
  undo->id = undo->mark_before->id;
  csm_session_push_undo (self, undo);
  if (csm_session_is_usable (self))
    csm_session_emit_notice (self, _ ("Mark removed; the ledger keeps it"));
}

void
csm_session_remove_mark (CsmSession *self, const CsmId *mark)
{
  g_return_if_fail (CSM_IS_SESSION (self) && mark != NULL);
  csm_session_put_mark_async (self, mark, NULL, mark_removed_cb, NULL);
}

void
csm_session_show_mark (CsmSession *self, const CsmMark *mark)
{
  g_return_if_fail (CSM_IS_SESSION (self) && mark != NULL);

  const CsmId id = mark->id, exhibit = mark->exhibit;
  int64_t from = mark->from;
  int track = mark->track;

  if (!csm_session_is_usable (self))
    return;
  csm_session_select_at (self, &exhibit, track, from);
  csm_session_select_mark (self, &id);
}

CsmMarkItem *
csm_session_get_selected_mark (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->selected_mark;
}

void
csm_session_select_mark (CsmSession *self, const CsmId *mark)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  CsmMarkItem *item = mark != NULL ? csm_session_find_mark_item (self, mark) : NULL;

  self->wants_mark = mark != NULL && item == NULL;
  if (self->wants_mark)
    self->wanted_mark = *mark;
  if (g_set_object (&self->selected_mark, item))
    csm_session_notify (self, CSM_SESSION_PROP_SELECTED_MARK);
}
