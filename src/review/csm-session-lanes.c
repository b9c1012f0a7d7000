/* csm-session-lanes.c: how the session calls its lanes, and how long work lets short work pass
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

#define SHOW_EVERY_MS 100

GTask *
csm_session_task_new (CsmSession *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      unsigned sequence,
                      gpointer job,
                      GDestroyNotify free_job)
{
  GTask *task = g_task_new (self, cancellable, callback, GUINT_TO_POINTER (sequence));

  /* An answer that reached the disk is not turned into "cancelled": what it frees and what it
   * says are both wanted. */
  g_task_set_check_cancellable (task, FALSE);
  if (job != NULL)
    g_task_set_task_data (task, job, free_job);
  return task;
}

bool
csm_session_is_current (CsmSession *self, gpointer callback_data)
{
  return CSM_SESSION_SEQUENCE (callback_data) == self->sequence;
}

bool
csm_session_is_in_view (CsmSession *self, gpointer callback_data)
{
  return CSM_SESSION_SEQUENCE (callback_data) == self->view_sequence;
}

typedef struct
{
  GTask *task;
  CsmLaneJob run;
} Waiting;

static Waiting *
take_waiting (CsmSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->queue_lock);

  return g_queue_pop_head (&self->case_queue);
}

static gboolean
waiting_done_cb (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* As lanes do: a task may hold the last reference to a widget and dies where it was made. */
static void
give_back (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, waiting_done_cb, task, g_object_unref);
  g_source_attach (source, g_task_get_context (task));
}

static bool
run_one_waiting (CsmSession *self, gpointer resource)
{
  g_autofree Waiting *waiting = take_waiting (self);

  if (waiting == NULL)
    return false;
  if (!g_task_return_error_if_cancelled (waiting->task))
    waiting->run (waiting->task, resource);
  give_back (waiting->task);
  return true;
}

void
csm_session_yield (CsmSession *self, CsmCase *acase)
{
  g_assert (csm_lane_is_current (self->case_lane));

  while (run_one_waiting (self, acase))
    ;
}

static void
pump_job (GTask *task, gpointer resource)
{
  /* Finds nothing when a long job let its turn pass already. */
  (void) run_one_waiting (g_task_get_source_object (task), resource);
  g_task_return_boolean (task, TRUE);
}

void
csm_session_run_case (CsmSession *self, GTask *task, CsmLaneJob run)
{
  g_autoptr (GTask) pump = g_task_new (self, NULL, NULL, NULL);
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->task = task;
  waiting->run = run;
  g_mutex_lock (&self->queue_lock);
  g_queue_push_tail (&self->case_queue, waiting);
  g_mutex_unlock (&self->queue_lock);
  csm_lane_run (self->case_lane, pump, NULL, pump_job);
}

void
csm_session_run_case_long (CsmSession *self, GTask *task, CsmLaneJob run)
{
  csm_lane_run (self->case_lane, task, NULL, run);
  g_object_unref (task);
}

void
csm_session_run_view (CsmSession *self, GTask *task, const char *kind, CsmLaneJob run)
{
  csm_lane_run (self->view_lane, task, kind, run);
  g_object_unref (task);
}

bool
csm_session_need_case (GTask *task, gpointer resource)
{
  if (resource != NULL)
    return true;
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                           _ ("The case was closed"));
  return false;
}

void
csm_session_kill_worker (CsmWorker *worker)
{
  int pid = csm_worker_get_pid (worker);

  if (pid > 0)
    (void) kill (pid, SIGKILL); /* it may have gone by itself */
}

/* --- progress --- */

struct _CsmProgress
{
  /* Immutable */
  CsmProgressShow show;

  /* Main thread only */
  gpointer data;
  bool stopped;

  /* Guarded by lock */
  GMutex lock;
  int64_t done, total;
  bool on_its_way;
};

CsmProgress *
csm_progress_new (CsmProgressShow show, gpointer data)
{
  CsmProgress *self = g_atomic_rc_box_new0 (CsmProgress);

  g_mutex_init (&self->lock);
  self->show = show;
  self->data = data;
  return self;
}

static void
show_part_cb (int64_t done, int64_t total, gpointer data)
{
  csm_job_set_progress (data, total > 0 ? (double) done / (double) total : -1, NULL);
}

CsmProgress *
csm_progress_new_for_job (CsmJob *job)
{
  return csm_progress_new (show_part_cb, job);
}

CsmProgress *
csm_progress_ref (CsmProgress *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
progress_clear (gpointer data)
{
  g_mutex_clear (&((CsmProgress *) data)->lock);
}

void
csm_progress_unref (CsmProgress *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, progress_clear);
}

static gboolean
show_progress_cb (gpointer data)
{
  CsmProgress *self = data;
  int64_t done, total;

  g_mutex_lock (&self->lock);
  done = self->done;
  total = self->total;
  self->on_its_way = false;
  g_mutex_unlock (&self->lock);
  if (!self->stopped)
    self->show (done, total, self->data);
  return G_SOURCE_REMOVE;
}

void
csm_progress_report (CsmProgress *self, int64_t done, int64_t total)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->done = done;
  self->total = total;
  if (self->on_its_way)
    return;
  self->on_its_way = true;
  g_timeout_add_full (G_PRIORITY_DEFAULT_IDLE, SHOW_EVERY_MS, show_progress_cb,
                      csm_progress_ref (self), (GDestroyNotify) csm_progress_unref);
}

void
csm_progress_stop (CsmProgress *self)
{
  self->stopped = true;
}
