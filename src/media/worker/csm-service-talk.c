/* csm-service-talk.c: talking to the host while a request runs
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-service-private.h"

#include <errno.h>
#include <string.h>

/* Microseconds */
#define REPORT_EVERY (100 * 1000)
#define LOOK_EVERY 1000

bool
csm_service_reply (CsmService *self, CsmReply *reply, const void *payload, size_t size)
{
  reply->id = self->id;
  reply->payload = (uint32_t) size;
  if (!self->gone &&
      !csm_protocol_send (self->socket, reply, sizeof *reply, payload, size, NULL, 0))
    self->gone = true;
  return !self->gone;
}

bool
csm_service_done (CsmService *self)
{
  CsmReply reply = { .kind = CSM_REPLY_DONE };

  return csm_service_reply (self, &reply, NULL, 0);
}

bool
csm_service_fail (CsmService *self, const GError *error)
{
  CsmReply reply = { .kind = CSM_REPLY_ERROR, .code = CSM_MEDIA_ERROR_DAMAGED };

  if (self->cancelled || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    reply.code = CSM_REPLY_CODE_CANCELLED;
  else if (error != NULL && error->domain == CSM_MEDIA_ERROR)
    reply.code = (uint32_t) error->code;
  g_strlcpy (reply.text, error != NULL ? error->message : "Cancelled", sizeof reply.text);
  return csm_service_reply (self, &reply, NULL, 0);
}

bool
csm_service_send_bytes (CsmService *self, GBytes *bytes)
{
  size_t total;
  const uint8_t *data = g_bytes_get_data (bytes, &total);

  for (size_t done = 0; done < total;)
    {
      size_t size = MIN (total - done, CSM_PROTOCOL_MAX_PAYLOAD);
      CsmReply reply = { .kind = CSM_REPLY_DATA,
                         .done = (int64_t) done,
                         .total = (int64_t) total };

      if (!csm_service_reply (self, &reply, data + done, size))
        return false;
      done += size;
    }
  return true;
}

/* Takes what the host has to say in the middle of a request: only _CANCEL and _ACK belong
 * there. -1 nothing, else the kind. */
static int
receive_aside (CsmService *self, bool wait)
{
  union
  {
    CsmRequest request;
    uint8_t bytes[sizeof (CsmRequest) + 64];
  } u;
  ssize_t size = csm_protocol_receive (self->socket, &u, sizeof u, wait, NULL, 0, NULL);

  if (size < 0 && errno == EAGAIN)
    return -1;
  if (size <= 0 || !csm_request_check (&u, (size_t) size) ||
      (u.request.kind != CSM_REQUEST_CANCEL && u.request.kind != CSM_REQUEST_ACK))
    {
      self->gone = true;
      return -1;
    }
  if (u.request.id != self->id)
    return -1; /* a cancel that came too late for its request */
  if (u.request.kind == CSM_REQUEST_CANCEL)
    self->cancelled = true;
  return (int) u.request.kind;
}

static bool
report (CsmService *self, int64_t done, int64_t total)
{
  CsmReply reply = { .kind = CSM_REPLY_PROGRESS, .done = done, .total = total };

  self->last_report = g_get_monotonic_time ();
  return csm_service_reply (self, &reply, NULL, 0);
}

void
csm_service_say_alive (CsmService *self)
{
  /* A host that has gone is met at the next reply. */
  if (self->job_total > 0)
    (void) report (self, self->job_done, self->job_total);
  else
    (void) report (self, ++self->n_steps, 0);
}

bool
csm_service_progress_cb (int64_t done, int64_t total, gpointer service)
{
  CsmService *self = service;
  int64_t now = g_get_monotonic_time ();

  if (now - self->last_look >= LOOK_EVERY)
    {
      (void) receive_aside (self, false); /* its effect is in self */
      self->last_look = now;
    }
  if (self->gone || self->cancelled)
    return true;
  if (now - self->last_report >= REPORT_EVERY)
    return !report (self, done, total);
  return false;
}

bool
csm_service_poll_cb (gpointer service)
{
  CsmService *self = service;

  if (self->job_total > 0)
    return csm_service_progress_cb (self->job_done, self->job_total, self);
  return csm_service_progress_cb (++self->n_steps, 0, self);
}

bool
csm_service_wait_for_ack (CsmService *self)
{
  while (!self->gone && !self->cancelled)
    if (receive_aside (self, true) == CSM_REQUEST_ACK)
      return true;
  return false;
}
