/* csm-service.c: the worker's life: hello, lock, answer requests
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-service.h"

#include "media/worker/csm-cage.h"
#include "media/worker/csm-decoder.h"
#include "media/worker/csm-service-private.h"

#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* A 7680x4320 film decodes in 1.5 GiB; the frame cache comes on top. */
#define ADDRESS_SPACE ((size_t) 1536 << 20)
#define BACKGROUND_NICE 10

typedef union
{
  CsmRequest request;
  uint8_t bytes[sizeof (CsmRequest) + CSM_PROTOCOL_MAX_PAYLOAD];
} Message;

static bool
map_ring (CsmService *self, int fd)
{
  void *ring = mmap (NULL, CSM_PROTOCOL_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

  (void) close (fd); /* the mapping stays */
  if (ring == MAP_FAILED)
    return false;
  self->ring = ring;
  return true;
}

/* Everything that opens or maps: after it the cage can close. */
static gboolean
take_hello (CsmService *self, CsmServiceOpen open_source, GError **error)
{
  Message message = { 0 };
  int fds[CSM_PROTOCOL_MAX_FDS];
  int n_fds = 0;
  ssize_t size = csm_protocol_receive (self->socket, &message, sizeof message, true, fds,
                                       CSM_PROTOCOL_MAX_FDS, &n_fds);

  if (size <= 0 || !csm_request_check (&message, (size_t) size) ||
      message.request.kind != CSM_REQUEST_HELLO || n_fds < 2)
    {
      self->gone = true;
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO, "no greeting");
      return FALSE;
    }
  self->id = message.request.id;
  self->cache_budget = (size_t) message.request.cache_mib << 20;
  if (message.request.nice != 0)
    (void) setpriority (PRIO_PROCESS, 0, BACKGROUND_NICE); /* a courtesy */
  if (!map_ring (self, fds[0]))
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_CAGE,
                           "The transfer memory cannot be mapped.");
      return FALSE;
    }
  self->source = open_source (fds + 1, n_fds - 1, message.bytes + sizeof (CsmRequest),
                              message.request.payload, error);
  explicit_bzero (&message, sizeof message);
  return self->source != NULL;
}

static void
say_ready (CsmService *self, const char *layers)
{
  CsmReply reply = { .kind = CSM_REPLY_READY };

  g_strlcpy (reply.text, layers, sizeof reply.text);
  csm_service_reply (self, &reply, NULL, 0);
}

static void
answer (CsmService *self, const Message *message)
{
  const CsmRequest *request = &message->request;

  if (self->incoming != NULL && request->kind == CSM_REQUEST_INDEX_DATA)
    {
      csm_service_take_index (self, message->bytes + sizeof *request, request->payload);
      return;
    }
  self->id = request->id;
  self->cancelled = false;
  self->last_report = g_get_monotonic_time ();
  switch (request->kind)
    {
    case CSM_REQUEST_PROBE:
      csm_service_probe (self);
      break;
    case CSM_REQUEST_SCAN:
      csm_service_scan (self, request);
      break;
    case CSM_REQUEST_VERIFY:
      csm_service_verify (self, request);
      break;
    case CSM_REQUEST_SET_INDEX:
      csm_service_set_index (self, request);
      break;
    case CSM_REQUEST_PICTURE:
      csm_service_picture (self, request);
      break;
    case CSM_REQUEST_DIGEST:
      csm_service_digest (self, request);
      break;
    case CSM_REQUEST_PNG:
      csm_service_png (self, request);
      break;
    case CSM_REQUEST_THUMBNAIL:
      csm_service_thumbnail (self, request);
      break;
    case CSM_REQUEST_STATISTICS:
      csm_service_statistics (self);
      break;
    case CSM_REQUEST_SOUND_MAP:
      csm_service_sound_map (self, request);
      break;
    case CSM_REQUEST_SOUND:
      csm_service_sound (self, request, message->bytes + sizeof *request);
      break;
    case CSM_REQUEST_CLIP:
      csm_service_clip (self, request, message->bytes + sizeof *request);
      break;
    case CSM_REQUEST_CANCEL: /* too late */
      break;
    default:
      self->gone = true;
      break;
    }
}

static bool
host_waits (CsmService *self)
{
  struct pollfd ready = { self->socket, POLLIN, 0 };

  return poll (&ready, 1, 0) != 0;
}

/* Decodes ahead until the host has something to say. */
static void
use_idle_time (CsmService *self)
{
  while (self->reader != NULL && !host_waits (self))
    if (!csm_reader_idle (self->reader))
      return;
}

static void
serve (CsmService *self)
{
  Message message;

  while (!self->gone)
    {
      ssize_t size;

      use_idle_time (self);
      size = csm_protocol_receive (self->socket, &message, sizeof message, true, NULL, 0, NULL);
      if (size <= 0 || !csm_request_check (&message, (size_t) size))
        return;
      answer (self, &message);
    }
}

static void
service_clear (CsmService *self)
{
  csm_input_free (self->spare);
  csm_input_free (self->used);
  csm_reader_free (self->reader);
  csm_sound_reader_free (self->sound);
  csm_converter_free (self->converter);
  csm_view_chain_free (self->chain);
  g_clear_pointer (&self->incoming, g_byte_array_unref);
  csm_byte_source_unref (self->source);
}

void
csm_service_serve (int socket, CsmByteSource *source, uint8_t *ring, size_t cache_budget)
{
  CsmService self = {
    .socket = socket, .source = source, .ring = ring, .cache_budget = cache_budget
  };

  self.converter = csm_converter_new ();
  self.chain = csm_view_chain_new ();
  serve (&self);
  service_clear (&self);
}

int
csm_service_run (int socket, CsmServiceOpen open_source)
{
  CsmService self = { .socket = socket };
  g_autoptr (GError) error = NULL;
  g_autofree char *layers = NULL;

  tzset (); /* reads a file, once */
  /* Pictures come and go: giving each back to the kernel costs more than converting it. */
  (void) mallopt (M_MMAP_THRESHOLD, 32 << 20);
  (void) mallopt (M_TRIM_THRESHOLD, 256 << 20);
  csm_decoder_init_log ();
  if (take_hello (&self, open_source, &error))
    layers = csm_cage_lock (ADDRESS_SPACE + self.cache_budget, &error);
  if (layers == NULL)
    {
      csm_service_fail (&self, error);
      service_clear (&self);
      return 1;
    }
  say_ready (&self, layers);
  csm_service_serve (socket, self.source, self.ring, self.cache_budget);
  return 0;
}

int
csm_service_test_cage (const char *attempt)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *layers = NULL;
  const char *outcome;

  tzset ();
  /* Nothing that prints may ask for its file's kind inside the cage. */
  setvbuf (stdout, NULL, _IOLBF, BUFSIZ);
  layers = csm_cage_lock (ADDRESS_SPACE, &error);
  if (layers == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  printf ("locked: %s\n", layers);
  outcome = csm_cage_attempt (attempt);
  if (outcome == NULL)
    return 2;
  printf ("%s\n", outcome);
  return 0;
}
