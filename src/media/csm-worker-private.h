/* csm-worker-private.h: one question to a worker and its answer
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-protocol.h"
#include "media/csm-worker-process.h"
#include "media/csm-worker.h"

typedef struct _CsmExchange CsmExchange;

/* Takes one reply that is neither _DONE nor _ERROR and that csm_reply_check() let through;
 * @payload is of any alignment. false: it makes no sense here, and the worker is ended. */
typedef bool (*CsmExchangeTake) (CsmExchange *exchange,
                                 CsmWorkerProcess *process,
                                 const CsmReply *reply,
                                 const void *payload);
/* At _DONE: is all there that was asked for? */
typedef bool (*CsmExchangeComplete) (CsmExchange *exchange);

struct _CsmExchange
{
  CsmRequest request; /* kind and its fields; the engine fills in the id */
  GBytes *tail;       /* _SET_INDEX: what follows as _INDEX_DATA */
  bool needs_index;
  CsmExchangeTake take;         /* NULL: no replies but _PROGRESS are expected */
  CsmExchangeComplete complete; /* NULL: nothing to check */
  CsmWorkerProgress progress;
  gpointer progress_data;
  gpointer data;
  const void *payload; /* _SOUND: request.payload bytes that go with the request */
};

/* Asks, and takes the answers until the end: starts, replaces and ends the process as needed.
 * The worker is asked once: what it does wrong fails this call. */
gboolean csm_worker_exchange (CsmWorker *self,
                              CsmExchange *exchange,
                              GCancellable *cancellable,
                              GError **error);

/* (transfer full) (nullable): what is answered as a run of at most @max bytes; @exchange has
 * its request and progress set. @filters (nullable) points to NULL, and takes the text of a
 * view's filters, which must come then. */
GBytes *csm_worker_exchange_bytes (CsmWorker *self,
                                   CsmExchange *exchange,
                                   int64_t max,
                                   char **filters,
                                   GCancellable *cancellable,
                                   GError **error);

/* What the calls keep between them. Borrowed. */
CsmFrameIndex *csm_worker_peek_index (CsmWorker *self);
CsmMediaInfo *csm_worker_peek_info (CsmWorker *self);
void csm_worker_keep_info (CsmWorker *self, CsmMediaInfo *info);
/* After an answer that only a broken worker gives: ends it and fails with _CRASHED. */
void csm_worker_fail_nonsense (CsmWorker *self, GError **error);

/* For tests: how long a worker may be silent, 10 s otherwise; twelve times that without coming
 * any further. */
void csm_worker_set_patience (CsmWorker *self, int64_t milliseconds);
/* For tests: takes @process as if it had been started and had said _READY. */
void csm_worker_adopt (CsmWorker *self, CsmWorkerProcess *process);
