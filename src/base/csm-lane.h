/* csm-lane.h: one thread that owns one resource
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

/* CsmLane: jobs run one after another on a thread of their own; what the lane owns is touched
 * nowhere else. Answers come back through the job's GTask, on the main context that made it.
 *
 * Ownership  csm_lane_free() cancels nothing: it lets the waiting jobs run, frees the resource
 *            on the lane's thread, and joins. Takes NULL. Never call it from the lane.
 * Threads    csm_lane_run(): any. */
typedef struct _CsmLane CsmLane;

/* A job returns an answer on @task exactly once, before it ends. A task that was cancelled
 * while it waited never reaches its job: the lane answers G_IO_ERROR_CANCELLED. */
typedef void (*CsmLaneJob) (GTask *task, gpointer resource);

/* (transfer full): @name shows in debuggers; @resource may be NULL and set by the first job
 * through csm_lane_set_resource(). */
CsmLane *csm_lane_new (const char *name, gpointer resource, GDestroyNotify free_resource);
void csm_lane_free (CsmLane *self);

/* Queues @job; refs @task until it ran. With a @kind (static string), a job of the same kind
 * that still waits is answered G_IO_ERROR_CANCELLED and dropped: a newer seek replaces a
 * waiting one. */
void csm_lane_run (CsmLane *self, GTask *task, const char *kind, CsmLaneJob job);
/* Runs @job at once, on a thread of its own and without a resource; refs @task until it ran.
 * For work that no lane's resource has a part in. Threads: any. Unlike g_task_run_in_thread(),
 * which may drop the last reference to the task, and to what asked, on that thread. */
void csm_lane_run_alone (GTask *task, CsmLaneJob job);
/* Lane only: takes @resource, frees what was there. */
void csm_lane_set_resource (CsmLane *self, gpointer resource);
/* True on the lane's own thread: what lane-bound functions assert. */
bool csm_lane_is_current (const CsmLane *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmLane, csm_lane_free)
