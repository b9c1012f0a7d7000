/* csm-worker-process.h: one running casement-worker, its socket and its transfer memory
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-protocol.h"

#include <gio/gio.h>

/* CsmWorkerProcess: started, and not greeted yet: nothing hostile has reached it.
 *
 * Ownership  csm_worker_process_free() kills and reaps; takes NULL.
 * Threads    one at a time. */
typedef struct
{
  int pid; /* 0: a test stands in for it */
  int socket;
  int ring; /* memfd of CSM_PROTOCOL_RING_SIZE bytes that nobody can resize any more */
} CsmWorkerProcess;

/* (transfer full) (nullable): the spare one if there is one. Fails with _NO_CAGE when there is
 * no worker to run, _IO when it cannot be run. */
CsmWorkerProcess *csm_worker_process_start (GError **error);
void csm_worker_process_free (CsmWorkerProcess *self);
/* (transfer full): kills and reaps, says how it ended: "signal 11 (Segmentation fault)". */
char *csm_worker_process_end (CsmWorkerProcess *self);
/* Gives way to everything else on this computer. */
void csm_worker_process_set_nice (CsmWorkerProcess *self);

typedef enum {
  CSM_WORKER_WAIT_READY, /* or the other side has gone */
  CSM_WORKER_WAIT_TIMEOUT,
  CSM_WORKER_WAIT_CANCELLED,
} CsmWorkerWait;

/* Until the socket is ready for @events, or @deadline (g_get_monotonic_time()), or @cancel
 * (NULL: none) is readable. What is ready wins over what is late. */
CsmWorkerWait csm_worker_process_wait (CsmWorkerProcess *self,
                                       short events,
                                       int64_t deadline,
                                       const GPollFD *cancel);

/* Copies @size bytes from the start of the transfer memory, once: what the worker changes
 * later does not matter. */
bool csm_worker_process_copy (CsmWorkerProcess *self, void *ret_bytes, size_t size);

/* Keeps one worker started ahead from now on, since starting one takes 100 ms. */
void csm_worker_process_keep_spare (void);
/* Ends it, and starts none ahead any more. Nothing is being started at return. */
void csm_worker_process_end_spare (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmWorkerProcess, csm_worker_process_free)
