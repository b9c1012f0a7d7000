/* csm-lane.c: one thread that owns one resource
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-lane.h"

#include <string.h>

typedef struct
{
  GTask *task;
  const char *kind; /* static, nullable */
  CsmLaneJob run;
  bool replaced; /* guarded by the lane's lock */
} Job;

struct _CsmLane
{
  /* Immutable once a job can run */
  GThread *thread;
  GDestroyNotify free_resource;

  /* Lane only */
  gpointer resource;

  /* Guarded by lock */
  GMutex lock;
  GCond changed;
  GQueue jobs;
  bool stopping;
};

static gboolean
job_done_cb (gpointer task)
{
  return G_SOURCE_REMOVE; /* and with the source goes its reference to the task */
}

/* A task may hold the last reference to a widget, so it dies where it was made: the lane gives
 * its reference back on that main context. */
static void
job_free (Job *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, job_done_cb, job->task, g_object_unref);
  g_source_attach (source, g_task_get_context (job->task));
  g_free (job);
}

/* The next job, or NULL when the lane ends. */
static Job *
wait_for_job (CsmLane *self, bool *ret_replaced)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (g_queue_is_empty (&self->jobs) && !self->stopping)
    g_cond_wait (&self->changed, &self->lock);

  Job *job = g_queue_pop_head (&self->jobs);

  if (job != NULL)
    *ret_replaced = job->replaced;
  return job;
}

static void
run_job (Job *job, bool replaced, gpointer resource)
{
  if (replaced)
    g_task_return_new_error (job->task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                             "replaced by a newer request");
  else if (!g_task_return_error_if_cancelled (job->task))
    job->run (job->task, resource);
  job_free (job);
}

static gpointer
lane_main (gpointer data)
{
  CsmLane *self = data;
  bool replaced = false;
  Job *job;

  while ((job = wait_for_job (self, &replaced)) != NULL)
    run_job (job, replaced, self->resource);
  if (self->resource != NULL && self->free_resource != NULL)
    self->free_resource (self->resource);
  return NULL;
}

static gpointer
alone_main (gpointer job)
{
  run_job (job, false, NULL);
  return NULL;
}

void
csm_lane_run_alone (GTask *task, CsmLaneJob run)
{
  g_return_if_fail (G_IS_TASK (task) && run != NULL);

  Job *job = g_new0 (Job, 1);

  job->task = g_object_ref (task);
  job->run = run;
  g_thread_unref (g_thread_new ("alone", alone_main, job));
}

CsmLane *
csm_lane_new (const char *name, gpointer resource, GDestroyNotify free_resource)
{
  CsmLane *self = g_new0 (CsmLane, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->jobs);
  self->resource = resource;
  self->free_resource = free_resource;
  self->thread = g_thread_new (name, lane_main, self);
  return self;
}

void
csm_lane_free (CsmLane *self)
{
  if (self == NULL)
    return;
  g_assert (!csm_lane_is_current (self));

  g_mutex_lock (&self->lock);
  self->stopping = true;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);

  g_assert (g_queue_is_empty (&self->jobs));
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
csm_lane_run (CsmLane *self, GTask *task, const char *kind, CsmLaneJob job)
{
  g_return_if_fail (self != NULL && G_IS_TASK (task) && job != NULL);

  Job *queued = g_new0 (Job, 1);

  queued->task = g_object_ref (task);
  queued->kind = kind;
  queued->run = job;

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  /* Only marked here and answered by the lane: GTask may call back at once when it is answered
   * on the thread that made it, and nobody expects callbacks from inside this call. */
  for (GList *l = self->jobs.head; l != NULL && kind != NULL; l = l->next)
    {
      Job *waiting = l->data;

      if (waiting->kind != NULL && strcmp (waiting->kind, kind) == 0)
        waiting->replaced = true;
    }
  g_queue_push_tail (&self->jobs, queued);
  g_cond_signal (&self->changed);
}

void
csm_lane_set_resource (CsmLane *self, gpointer resource)
{
  g_assert (csm_lane_is_current (self));

  if (self->resource != NULL && self->free_resource != NULL)
    self->free_resource (self->resource);
  self->resource = resource;
}

bool
csm_lane_is_current (const CsmLane *self)
{
  g_return_val_if_fail (self != NULL, false);
  return self->thread == g_thread_self ();
}
