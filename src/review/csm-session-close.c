/* csm-session-close.c: locking and closing: lists at once, then workers, then keys
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

static void
clear_view_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);

  csm_lane_set_resource (self->view_lane, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
fence_job (GTask *task, gpointer resource)
{
  g_task_return_boolean (task, TRUE);
}

static void
close_case_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);
  CsmCase *acase = resource;
  g_autoptr (GError) error = NULL;

  /* Closing never fails and never waits for a record that cannot be written. */
  if (acase != NULL && !csm_case_is_read_only (acase) && csm_case_get_self (acase) != NULL)
    (void) csm_case_record_access (acase, "locked", NULL, NULL, &error);
  csm_lane_set_resource (self->case_lane, NULL);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
closing_done (CsmSession *self)
{
  GTask *waiting = g_steal_pointer (&self->pending_open);

  self->closing = false;
  if (self->close_to == CSM_SESSION_CLOSED)
    csm_session_set_path (self, NULL);
  csm_session_set_state (self, self->close_to);
  if (waiting != NULL)
    csm_session_start_opening (self, waiting);
}

static void
close_step_done_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    csm_session_emit_error (self, _ ("The locking could not be recorded"), error);
  if (--self->close_steps == 0)
    closing_done (self);
}

/* The case goes last: saves that were asked for reach the disk first. */
static void
close_case_when_written (CsmSession *self)
{
  if (!self->closing || self->n_writes > 0)
    return;
  csm_session_run_case_long (
      self, csm_session_task_new (self, NULL, close_step_done_cb, 0, NULL, NULL),
      close_case_job);
}

void
csm_session_begin_write (CsmSession *self)
{
  self->n_writes++;
}

void
csm_session_end_write (CsmSession *self)
{
  g_assert (self->n_writes > 0);
  if (--self->n_writes == 0)
    close_case_when_written (self);
}

static void
remember_place (CsmSession *self)
{
  self->has_locked_exhibit = self->selected != NULL;
  if (self->selected != NULL)
    self->locked_exhibit = csm_exhibit_item_get_record (self->selected)->id;
}

static void
cancel_jobs (CsmSession *self)
{
  for (unsigned i = 0; i < csm_item_list_get_size (self->jobs); i++)
    csm_job_cancel (csm_item_list_peek (self->jobs, i));
  g_cancellable_cancel (self->case_cancellable);
  csm_session_drop_queues (self);
}

static void
forget_everything (CsmSession *self)
{
  self->sequence++;
  g_atomic_int_inc (&self->search_sequence);
  csm_session_leave_view (self);
  csm_session_set_muted (self, true);
  csm_session_clear_undo (self);
  csm_session_clear_lists (self);
  csm_session_forget_identity (self);
}

static void
begin_closing (CsmSession *self, CsmSessionState target)
{
  if (self->closing)
    {
      /* Closing beats locking, and an unlocking that still waits. */
      if (target == CSM_SESSION_CLOSED)
        self->close_to = target;
      if (self->pending_open != NULL)
        {
          g_autoptr (GTask) waiting = g_steal_pointer (&self->pending_open);

          g_task_return_new_error (waiting, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                                   _ ("The case was closed"));
        }
      return;
    }
  if (self->state == CSM_SESSION_CLOSED)
    return;
  if (self->state == CSM_SESSION_LOCKED)
    {
      if (target == CSM_SESSION_CLOSED)
        {
          self->has_locked_exhibit = false;
          g_hash_table_remove_all (self->positions);
          csm_session_set_path (self, NULL);
          csm_session_set_state (self, target);
        }
      return;
    }

  if (self->state == CSM_SESSION_OPEN)
    remember_place (self);
  self->closing = true;
  self->close_to = target;
  self->close_steps = 5;
  cancel_jobs (self);
  forget_everything (self);
  if (target == CSM_SESSION_CLOSED)
    {
      self->has_locked_exhibit = false;
      g_hash_table_remove_all (self->positions);
    }
  else if (self->path == NULL) /* locked while it was opening for the first time */
    self->close_to = CSM_SESSION_CLOSED;
  csm_session_run_view (self,
                        csm_session_task_new (self, NULL, close_step_done_cb, 0, NULL, NULL),
                        NULL, clear_view_job);
  {
    g_autoptr (GTask) fence =
        csm_session_task_new (self, NULL, close_step_done_cb, 0, NULL, NULL);

    csm_lane_run (self->back_lane, fence, NULL, fence_job);
  }
  {
    g_autoptr (GTask) fence =
        csm_session_task_new (self, NULL, close_step_done_cb, 0, NULL, NULL);

    csm_lane_run (self->sound_lane, fence, NULL, fence_job);
  }
  {
    g_autoptr (GTask) fence =
        csm_session_task_new (self, NULL, close_step_done_cb, 0, NULL, NULL);

    csm_lane_run (self->strip_lane, fence, NULL, fence_job);
  }
  close_case_when_written (self);
}

void
csm_session_lock (CsmSession *self)
{
  g_return_if_fail (CSM_IS_SESSION (self));
  begin_closing (self, CSM_SESSION_LOCKED);
}

void
csm_session_close (CsmSession *self)
{
  g_return_if_fail (CSM_IS_SESSION (self));
  begin_closing (self, CSM_SESSION_CLOSED);
}
