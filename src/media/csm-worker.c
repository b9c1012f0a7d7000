/* csm-worker.c: asking a caged process, and outliving it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker.h"

#include "media/csm-frame-index-builder.h"
#include "media/csm-worker-private.h"
#include "media/csm-worker-text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

/* Opening a film of 7680x4320 decodes several frames without a word; on a busy machine that
 * takes more than ten seconds. */
#define PATIENCE_MS 30000
/* How many times longer a worker may stay at one place while it says that it is alive. */
#define STALL_FACTOR 12
/* A verify pass starts again when something went wrong. */
#define MAX_RESTARTED_PASSES 8
/* How long a worker may take to stop once it was told to. */
#define CANCEL_PATIENCE_MS 2000
/* The first process and two replacements. */
#define MAX_FAILURES 3
/* The slowest reader of an index that is not taken for hung, bytes a second. */
#define SLOWEST_TAKER (1 << 20)

struct _CsmWorker
{
  /* Immutable */
  CsmMediaSource *source;
  bool nice;

  /* Any thread, atomic */
  int pid;

  /* Calling lane only */
  int64_t patience; /* microseconds */
  CsmWorkerProcess *process;
  CsmFrameIndex *index; /* what the frame calls use */
  bool index_sent;      /* @process has @index */
  CsmMediaInfo *info;   /* of the first probe */
  char *cage;           /* of the last process that was ready */
  uint32_t last_id;
  int n_failures;
  GError *refusal; /* why no process is started any more */
  uint8_t message[CSM_PROTOCOL_MAX_MESSAGE];
};

/* ---- life ---- */

CsmWorker *
csm_worker_new (CsmMediaSource *source, bool nice)
{
  CsmWorker *self;

  g_return_val_if_fail (source != NULL, NULL);

  self = g_new0 (CsmWorker, 1);
  self->source = csm_media_source_ref (source);
  self->nice = nice;
  self->patience = PATIENCE_MS * INT64_C (1000);
  return self;
}

static void
set_process (CsmWorker *self, CsmWorkerProcess *process)
{
  g_atomic_int_set (&self->pid, process != NULL ? process->pid : 0);
  csm_worker_process_free (self->process);
  self->process = process;
  self->index_sent = false;
}

void
csm_worker_free (CsmWorker *self)
{
  if (self == NULL)
    return;
  set_process (self, NULL);
  csm_media_source_unref (self->source);
  csm_frame_index_unref (self->index);
  csm_media_info_unref (self->info);
  g_clear_error (&self->refusal);
  g_free (self->cage);
  g_free (self);
}

int
csm_worker_get_pid (const CsmWorker *self)
{
  return g_atomic_int_get (&self->pid);
}

char *
csm_worker_dup_cage (const CsmWorker *self)
{
  return g_strdup (self->cage);
}

CsmFrameIndex *
csm_worker_peek_index (CsmWorker *self)
{
  return self->index;
}

CsmMediaInfo *
csm_worker_peek_info (CsmWorker *self)
{
  return self->info;
}

void
csm_worker_keep_info (CsmWorker *self, CsmMediaInfo *info)
{
  csm_media_info_unref (self->info);
  self->info = csm_media_info_ref (info);
}

void
csm_worker_set_patience (CsmWorker *self, int64_t milliseconds)
{
  self->patience = milliseconds * 1000;
}

void
csm_worker_adopt (CsmWorker *self, CsmWorkerProcess *process)
{
  set_process (self, process);
}

void
csm_worker_prestart (void)
{
  csm_worker_process_keep_spare ();
}

void
csm_worker_end_prestarted (void)
{
  csm_worker_process_end_spare ();
}

/* ---- failing ---- */

/* The process is gone or ended here. After the last one that this source gets, @reason stays.
 */
static void
fail_process (CsmWorker *self, GError **error, CsmMediaError code, const char *reason)
{
  set_process (self, NULL);
  self->n_failures++;
  g_set_error_literal (error, CSM_MEDIA_ERROR, code, reason);
  if (self->n_failures >= MAX_FAILURES && self->refusal == NULL)
    g_set_error (&self->refusal, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                 "This file is not tried again, after %d failures; the last one: %s",
                 self->n_failures, reason);
}

static void
fail_crashed (CsmWorker *self, GError **error)
{
  g_autofree char *end = csm_worker_process_end (self->process);
  g_autofree char *reason = g_strdup_printf ("The media worker ended over this file: %s", end);

  fail_process (self, error, CSM_MEDIA_ERROR_CRASHED, reason);
}

static void
fail_hung (CsmWorker *self, GError **error)
{
  fail_process (self, error, CSM_MEDIA_ERROR_HUNG, "The media worker made no progress");
}

void
csm_worker_fail_nonsense (CsmWorker *self, GError **error)
{
  fail_process (self, error, CSM_MEDIA_ERROR_CRASHED,
                "The media worker answered what makes no sense");
}

/* The worker's own words for what it cannot do. */
static void
fail_as_told (const CsmReply *reply, GError **error)
{
  g_autofree char *text = csm_worker_text_clean (reply->text);

  g_set_error_literal (error, CSM_MEDIA_ERROR, (int) reply->code,
                       *text != '\0' ? text : "The media worker gave no reason");
}

/* ---- one message ---- */

typedef enum {
  STEP_OK,
  STEP_FAILED, /* the process is no more, the error is set */
  STEP_LATE,
  STEP_CANCELLED,
} Step;

static Step
send_request (CsmWorker *self,
              const CsmRequest *request,
              const void *payload,
              const int *fds,
              int n_fds,
              int64_t deadline,
              const GPollFD *cancel,
              GError **error)
{
  switch (csm_worker_process_wait (self->process, POLLOUT, deadline, cancel))
    {
    case CSM_WORKER_WAIT_CANCELLED:
      return STEP_CANCELLED;
    case CSM_WORKER_WAIT_TIMEOUT:
      return STEP_LATE;
    case CSM_WORKER_WAIT_READY:
      break;
    }
  /* The socket has room for it now, so that this does not wait. */
  if (csm_protocol_send (self->process->socket, request, sizeof *request, payload,
                         request->payload, fds, n_fds))
    return STEP_OK;
  fail_crashed (self, error);
  return STEP_FAILED;
}

/* One valid reply to request @id; its payload is behind it in self->message. */
static Step
receive_reply (CsmWorker *self,
               uint32_t id,
               int64_t deadline,
               const GPollFD *cancel,
               CsmReply *ret_reply,
               GError **error)
{
  ssize_t size;

  switch (csm_worker_process_wait (self->process, POLLIN, deadline, cancel))
    {
    case CSM_WORKER_WAIT_CANCELLED:
      return STEP_CANCELLED;
    case CSM_WORKER_WAIT_TIMEOUT:
      return STEP_LATE;
    case CSM_WORKER_WAIT_READY:
      break;
    }
  size = csm_protocol_receive (self->process->socket, self->message, sizeof self->message,
                               false, NULL, 0, NULL);
  if (size == 0 || (size < 0 && errno != EMSGSIZE && errno != EAGAIN))
    {
      fail_crashed (self, error);
      return STEP_FAILED;
    }
  if (size > 0 && csm_reply_check (self->message, (size_t) size))
    {
      memcpy (ret_reply, self->message, sizeof *ret_reply);
      if (ret_reply->id == id)
        return STEP_OK;
    }
  csm_worker_fail_nonsense (self, error);
  return STEP_FAILED;
}

static bool
is_error_code (uint32_t code)
{
  return code >= CSM_MEDIA_ERROR_IO && code <= CSM_MEDIA_ERROR_NO_CAGE;
}

/* ---- greeting ---- */

static Step
send_greeting (CsmWorker *self, int64_t deadline, GError **error)
{
  CsmRequest hello = {
    .kind = CSM_REQUEST_HELLO,
    .id = ++self->last_id,
    .version = CSM_PROTOCOL_VERSION,
    .nice = self->nice,
  };
  int fds[CSM_PROTOCOL_MAX_FDS], n_fds;
  size_t blob_size;
  const uint8_t *blob = csm_media_source_get_blob (self->source, &blob_size);
  const int *source_fds = csm_media_source_get_fds (self->source, &n_fds);

  fds[0] = self->process->ring;
  memcpy (fds + 1, source_fds, sizeof (int) * (size_t) n_fds);
  hello.payload = (uint32_t) blob_size;
  return send_request (self, &hello, blob, fds, n_fds + 1, deadline, NULL, error);
}

/* The worker says that it cannot work at all. Only what retrying may help is tried again. */
static void
refuse_greeting (CsmWorker *self, const CsmReply *reply, GError **error)
{
  g_autoptr (GError) told = NULL;

  fail_as_told (reply, &told);
  set_process (self, NULL);
  if (reply->code != CSM_MEDIA_ERROR_IO && self->refusal == NULL)
    self->refusal = g_error_copy (told);
  g_propagate_error (error, g_steal_pointer (&told));
}

static gboolean
greet (CsmWorker *self, GError **error)
{
  int64_t deadline = g_get_monotonic_time () + self->patience;
  CsmReply reply = { 0 };
  Step step = send_greeting (self, deadline, error);

  if (step == STEP_OK)
    step = receive_reply (self, self->last_id, deadline, NULL, &reply, error);
  if (step == STEP_LATE)
    fail_hung (self, error);
  if (step != STEP_OK)
    return FALSE;

  if (reply.kind == CSM_REPLY_READY)
    {
      g_free (self->cage);
      self->cage = csm_worker_text_clean (reply.text);
      return TRUE;
    }
  if (reply.kind == CSM_REPLY_ERROR && is_error_code (reply.code))
    refuse_greeting (self, &reply, error);
  else
    csm_worker_fail_nonsense (self, error);
  return FALSE;
}

static gboolean
ensure_process (CsmWorker *self, GError **error)
{
  CsmWorkerProcess *process;

  if (self->process != NULL)
    return TRUE;
  if (self->refusal != NULL)
    {
      g_propagate_error (error, g_error_copy (self->refusal));
      return FALSE;
    }
  process = csm_worker_process_start (error);
  if (process == NULL)
    return FALSE;
  set_process (self, process);
  if (self->nice)
    csm_worker_process_set_nice (process);
  return greet (self, error);
}

/* ---- asking ---- */

/* Tells the worker to stop and waits until it did. One that does not is ended, which is no
 * failure of the file. */
static void
stop (CsmWorker *self, uint32_t id)
{
  CsmRequest cancel = { .kind = CSM_REQUEST_CANCEL, .id = id };
  int64_t deadline =
      g_get_monotonic_time () + MIN (CANCEL_PATIENCE_MS * INT64_C (1000), self->patience);
  CsmReply reply = { 0 };
  Step step = send_request (self, &cancel, NULL, NULL, 0, deadline, NULL, NULL);

  while (step == STEP_OK && reply.kind != CSM_REPLY_DONE && reply.kind != CSM_REPLY_ERROR)
    {
      step = receive_reply (self, id, deadline, NULL, &reply, NULL);
      if (step == STEP_OK && g_get_monotonic_time () > deadline)
        step = STEP_LATE;
    }
  if (step == STEP_LATE)
    set_process (self, NULL);
}

/* Sends the request and what follows it. */
static Step
ask (CsmWorker *self, CsmExchange *exchange, const GPollFD *cancel, GError **error)
{
  int64_t deadline = g_get_monotonic_time () + self->patience;
  CsmRequest part = { .kind = CSM_REQUEST_INDEX_DATA, .id = exchange->request.id };
  const uint8_t *data;
  gsize size = 0;
  Step step;

  step = send_request (self, &exchange->request, NULL, NULL, 0, deadline, cancel, error);
  if (exchange->tail == NULL)
    return step;

  data = g_bytes_get_data (exchange->tail, &size);
  deadline += (int64_t) size * G_USEC_PER_SEC / SLOWEST_TAKER;
  for (gsize done = 0; done < size && step == STEP_OK; done += part.payload)
    {
      part.payload = (uint32_t) MIN (size - done, CSM_PROTOCOL_MAX_PAYLOAD);
      step = send_request (self, &part, data + done, NULL, 0, deadline, cancel, error);
    }
  return step;
}

/* What is known of how far the worker has come. */
typedef struct
{
  int64_t best; /* of this pass */
  int n_restarts;
  int64_t stalled_at; /* when saying that it is alive is not enough any more */
} Progress;

static void
progress_advance (CsmWorker *self, Progress *progress)
{
  progress->stalled_at = g_get_monotonic_time () + STALL_FACTOR * self->patience;
}

/* A worker that says the same again is alive and at work on one frame; but not for ever. It
 * may start again, a few times. */
static bool
take_progress (CsmWorker *self,
               CsmExchange *exchange,
               const CsmReply *reply,
               Progress *progress)
{
  if (reply->done != progress->best &&
      (reply->done > progress->best || progress->n_restarts++ < MAX_RESTARTED_PASSES))
    {
      progress->best = reply->done;
      progress_advance (self, progress);
      if (exchange->progress != NULL)
        exchange->progress (reply->total > 0 ? MIN (reply->done, reply->total) : reply->done,
                            reply->total, exchange->progress_data);
    }
  return g_get_monotonic_time () <= progress->stalled_at;
}

static Step
acknowledge (CsmWorker *self, uint32_t id, const GPollFD *cancel, GError **error)
{
  CsmRequest ack = { .kind = CSM_REQUEST_ACK, .id = id };
  int64_t deadline = g_get_monotonic_time () + self->patience;

  return send_request (self, &ack, NULL, NULL, 0, deadline, cancel, error);
}

/* Takes one reply that is not the last. */
static Step
take_reply (CsmWorker *self,
            CsmExchange *exchange,
            const CsmReply *reply,
            Progress *progress,
            const GPollFD *cancel,
            GError **error)
{
  if (reply->kind == CSM_REPLY_PROGRESS)
    return take_progress (self, exchange, reply, progress) ? STEP_OK : STEP_LATE;

  if (exchange->take == NULL ||
      !exchange->take (exchange, self->process, reply, self->message + sizeof (CsmReply)))
    {
      csm_worker_fail_nonsense (self, error);
      return STEP_FAILED;
    }
  progress_advance (self, progress);
  if (reply->kind == CSM_REPLY_BAND)
    return acknowledge (self, reply->id, cancel, error);
  return STEP_OK;
}

/* Takes replies until _DONE or _ERROR, which is left in @ret_last. */
static Step
listen_to_end (CsmWorker *self,
               CsmExchange *exchange,
               const GPollFD *cancel,
               CsmReply *ret_last,
               GError **error)
{
  Progress progress = { .best = -1 };

  progress_advance (self, &progress);
  for (;;)
    {
      int64_t deadline = g_get_monotonic_time () + self->patience;
      CsmReply reply;
      Step step = receive_reply (self, exchange->request.id, deadline, cancel, &reply, error);

      if (step != STEP_OK)
        return step;
      if (reply.kind == CSM_REPLY_DONE || reply.kind == CSM_REPLY_ERROR)
        {
          *ret_last = reply;
          return STEP_OK;
        }
      step = take_reply (self, exchange, &reply, &progress, cancel, error);
      if (step != STEP_OK)
        return step;
    }
}

/* With a process and nothing else to send. */
static gboolean
ask_and_listen (CsmWorker *self, CsmExchange *exchange, const GPollFD *cancel, GError **error)
{
  CsmReply last = { 0 };
  Step step;

  exchange->request.id = ++self->last_id;
  step = ask (self, exchange, cancel, error);
  if (step == STEP_OK)
    step = listen_to_end (self, exchange, cancel, &last, error);
  if (step == STEP_LATE)
    fail_hung (self, error);
  if (step == STEP_CANCELLED)
    {
      stop (self, exchange->request.id);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Stopped");
    }
  if (step != STEP_OK)
    return FALSE;

  if (last.kind == CSM_REPLY_DONE &&
      (exchange->complete == NULL || exchange->complete (exchange)))
    return TRUE;
  if (last.kind == CSM_REPLY_ERROR && is_error_code (last.code))
    fail_as_told (&last, error);
  else
    csm_worker_fail_nonsense (self, error);
  return FALSE;
}

/* Gives @self->index to a process that does not have it. Not to be cancelled: half an index
 * would leave the worker waiting for the rest. */
static gboolean
ensure_index (CsmWorker *self, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  CsmExchange exchange = { .request.kind = CSM_REQUEST_SET_INDEX };
  gsize size;

  if (self->index_sent)
    return TRUE;
  bytes = csm_frame_index_serialize (self->index);
  size = g_bytes_get_size (bytes);
  if (size > CSM_PROTOCOL_MAX_INDEX)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "The track has too many frames");
      return FALSE;
    }
  exchange.tail = bytes;
  exchange.request.total = (int64_t) size;
  exchange.request.track = csm_frame_index_get_track (self->index);
  self->index_sent = ask_and_listen (self, &exchange, NULL, error);
  return self->index_sent;
}

gboolean
csm_worker_exchange (CsmWorker *self,
                     CsmExchange *exchange,
                     GCancellable *cancellable,
                     GError **error)
{
  GPollFD cancel;
  bool can_cancel;
  gboolean ok;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!ensure_process (self, error))
    return FALSE;
  if (exchange->needs_index && !ensure_index (self, error))
    return FALSE;

  can_cancel = cancellable != NULL && g_cancellable_make_pollfd (cancellable, &cancel);
  ok = ask_and_listen (self, exchange, can_cancel ? &cancel : NULL, error);
  if (can_cancel)
    g_cancellable_release_fd (cancellable);
  return ok;
}

gboolean
csm_worker_set_index (CsmWorker *self, CsmFrameIndex *index, GError **error)
{
  CsmFrameIndex *old = self->index;

  g_return_val_if_fail (index != NULL, FALSE);

  self->index = csm_frame_index_ref (index);
  self->index_sent = false;
  csm_frame_index_unref (old);
  return ensure_process (self, error) && ensure_index (self, error);
}
