/* csm-sound-output.c: samples to this computer's sound server, and the clock that they make
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-sound-output.h"

#include <glib/gi18n-lib.h>
#include <pulse/pulseaudio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* How much the server holds, so that a busy computer plays on; and how much before it begins.
 */
#define BUFFER_US 400000
#define BEGIN_US 100000
/* The owner is asked for more when it has less than this left. */
#define HUNGRY_US 500000

struct _CsmSoundOutput
{
  /* Immutable */
  pa_threaded_mainloop *loop;
  CsmSoundChanged changed;
  gpointer data;

  /* With the loop's lock */
  pa_context *context;
  CsmSoundState state;
  char *reason;
  pa_stream *stream;   /* (nullable) */
  pa_sample_spec spec; /* of the stream; rate 0: none is wanted */
  GQueue waiting;      /* of GBytes */
  size_t offset;       /* of the first of them, gone already */
  int64_t n_waiting;   /* bytes */
  int64_t n_sent;      /* bytes, to the server */
  int64_t heard;
  pa_cvolume volume;
  double volume_wanted;
  guint source; /* tells the owner, on the main thread */
};

/* ---- what the library must not do ---- */

/* No shared memory with the server, no server started, no address of the network, and no cookie
 * made in the home folder: who we are is said by the socket. */
static const char client_conf[] = "autospawn = no\n"
                                  "enable-shm = no\n"
                                  "auto-connect-localhost = no\n"
                                  "auto-connect-display = no\n"
                                  "cookie-file = /dev/zero\n";

void
csm_sound_output_init (void)
{
  int fd = memfd_create ("casement-sound", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);

  if (fd >= 0 &&
      write (fd, client_conf, strlen (client_conf)) == (ssize_t) strlen (client_conf))
    g_setenv ("PULSE_CLIENTCONFIG", path, TRUE);
  else
    /* A machine without memory for this; sound is what it loses. */
    g_setenv ("PULSE_SERVER", "none", TRUE);
}

/* (transfer full) (nullable) */
static char *
find_server (const char **ret_reason)
{
  const char *named = g_getenv ("PULSE_SERVER");
  g_autofree char *path = NULL;

  if (named != NULL && *named != '\0')
    {
      /* "{machine}unix:/path" names a socket too. */
      const char *brace = *named == '{' ? strchr (named, '}') : NULL;

      if (brace != NULL)
        named = brace + 1;
      if (g_str_has_prefix (named, "unix:"))
        named += 5;
      if (*named == '/' && strpbrk (named, " \t") == NULL)
        return g_strconcat ("unix:", named, NULL);
      *ret_reason = N_ ("PULSE_SERVER names something else than a socket of this computer");
      return NULL;
    }
  path = g_build_filename (g_get_user_runtime_dir (), "pulse", "native", NULL);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strconcat ("unix:", path, NULL);
  *ret_reason = N_ ("no sound server runs here");
  return NULL;
}

/* ---- telling the owner ---- */

static gboolean
tell_cb (gpointer data)
{
  CsmSoundOutput *self = data;

  pa_threaded_mainloop_lock (self->loop);
  self->source = 0;
  pa_threaded_mainloop_unlock (self->loop);
  self->changed (self, self->data);
  return G_SOURCE_REMOVE;
}

static void
tell (CsmSoundOutput *self)
{
  if (self->source == 0)
    self->source = g_idle_add_full (G_PRIORITY_DEFAULT, tell_cb, self, NULL);
}

static void
fail (CsmSoundOutput *self, const char *reason)
{
  if (self->state == CSM_SOUND_FAILED)
    return;
  self->state = CSM_SOUND_FAILED;
  g_free (self->reason);
  self->reason = g_strdup (reason);
  tell (self);
}

/* ---- the stream; all with the lock ---- */

static int
get_frame_size (const CsmSoundOutput *self)
{
  return self->spec.channels * (int) sizeof (int16_t);
}

static int64_t
us_to_bytes (const CsmSoundOutput *self, int64_t us)
{
  return us * self->spec.rate / G_USEC_PER_SEC * get_frame_size (self);
}

/* Gives the server what it has room for, as far as there is something. */
static void
feed (CsmSoundOutput *self)
{
  int64_t before = self->n_waiting;
  size_t room = pa_stream_writable_size (self->stream);

  while (room != (size_t) -1 && room > 0 && !g_queue_is_empty (&self->waiting))
    {
      GBytes *first = g_queue_peek_head (&self->waiting);
      size_t size;
      const uint8_t *data = g_bytes_get_data (first, &size);
      size_t part = MIN (size - self->offset, room);

      if (pa_stream_write (self->stream, data + self->offset, part, NULL, 0, PA_SEEK_RELATIVE) <
          0)
        {
          fail (self, pa_strerror (pa_context_errno (self->context)));
          return;
        }
      room -= part;
      self->offset += part;
      self->n_waiting -= (int64_t) part;
      self->n_sent += (int64_t) part;
      if (self->offset == size)
        {
          g_bytes_unref (g_queue_pop_head (&self->waiting));
          self->offset = 0;
        }
    }
  if (self->n_waiting < before && self->n_waiting < us_to_bytes (self, HUNGRY_US))
    tell (self);
}

static void
stream_writable_cb (pa_stream *stream, size_t size, void *data)
{
  CsmSoundOutput *self = data;

  if (stream == self->stream)
    feed (self);
}

static void
stream_state_cb (pa_stream *stream, void *data)
{
  CsmSoundOutput *self = data;

  if (stream != self->stream)
    return;
  if (pa_stream_get_state (stream) == PA_STREAM_FAILED)
    fail (self, pa_strerror (pa_context_errno (self->context)));
  else if (pa_stream_get_state (stream) == PA_STREAM_READY)
    feed (self);
}

static void
drop_stream (CsmSoundOutput *self)
{
  if (self->stream == NULL)
    return;
  pa_stream_set_state_callback (self->stream, NULL, NULL);
  pa_stream_set_write_callback (self->stream, NULL, NULL);
  (void) pa_stream_disconnect (self->stream); /* it may have failed already */
  pa_stream_unref (self->stream);
  self->stream = NULL;
}

static void
make_stream (CsmSoundOutput *self)
{
  const pa_buffer_attr attributes = {
    .maxlength = (uint32_t) -1,
    .tlength = (uint32_t) us_to_bytes (self, BUFFER_US),
    .prebuf = (uint32_t) us_to_bytes (self, BEGIN_US),
    .minreq = (uint32_t) -1,
    .fragsize = (uint32_t) -1,
  };
  pa_proplist *properties = pa_proplist_new ();

  /* Neither restored nor remembered by the server under a name of ours. */
  pa_proplist_sets (properties, PA_PROP_MEDIA_ROLE, "video");
  self->stream =
      pa_stream_new_with_proplist (self->context, "Casement", &self->spec, NULL, properties);
  pa_proplist_free (properties);
  if (self->stream == NULL)
    {
      fail (self, pa_strerror (pa_context_errno (self->context)));
      return;
    }
  pa_cvolume_set (&self->volume, self->spec.channels,
                  (pa_volume_t) (self->volume_wanted * PA_VOLUME_NORM));
  pa_stream_set_state_callback (self->stream, stream_state_cb, self);
  pa_stream_set_write_callback (self->stream, stream_writable_cb, self);
  if (pa_stream_connect_playback (self->stream, NULL, &attributes,
                                  PA_STREAM_INTERPOLATE_TIMING | PA_STREAM_AUTO_TIMING_UPDATE |
                                      PA_STREAM_ADJUST_LATENCY | PA_STREAM_START_UNMUTED,
                                  &self->volume, NULL) < 0)
    fail (self, pa_strerror (pa_context_errno (self->context)));
}

static void
context_state_cb (pa_context *context, void *data)
{
  CsmSoundOutput *self = data;

  switch (pa_context_get_state (context))
    {
    case PA_CONTEXT_READY:
      self->state = CSM_SOUND_READY;
      tell (self);
      if (self->spec.rate != 0)
        make_stream (self);
      break;
    case PA_CONTEXT_FAILED:
    case PA_CONTEXT_TERMINATED:
      fail (self, pa_strerror (pa_context_errno (context)));
      break;
    default:
      break;
    }
}

/* ---- life ---- */

static void
connect_context (CsmSoundOutput *self)
{
  const char *reason = NULL;
  g_autofree char *server = find_server (&reason);

  if (server == NULL)
    {
      fail (self, _ (reason));
      return;
    }
  self->context = pa_context_new (pa_threaded_mainloop_get_api (self->loop), "Casement");
  pa_context_set_state_callback (self->context, context_state_cb, self);
  if (pa_context_connect (self->context, server, PA_CONTEXT_NOAUTOSPAWN, NULL) < 0)
    fail (self, pa_strerror (pa_context_errno (self->context)));
}

CsmSoundOutput *
csm_sound_output_new (CsmSoundChanged changed, gpointer data)
{
  CsmSoundOutput *self = g_new0 (CsmSoundOutput, 1);

  self->loop = pa_threaded_mainloop_new ();
  self->changed = changed;
  self->data = data;
  self->volume_wanted = 1;
  self->heard = -1;
  g_queue_init (&self->waiting);
  pa_threaded_mainloop_lock (self->loop);
  connect_context (self);
  if (self->context != NULL && pa_threaded_mainloop_start (self->loop) < 0)
    fail (self, _ ("no thread for it could be started"));
  pa_threaded_mainloop_unlock (self->loop);
  return self;
}

static void
drop_waiting (CsmSoundOutput *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
  self->offset = 0;
  self->n_waiting = 0;
  self->n_sent = 0;
  self->heard = -1;
}

void
csm_sound_output_free (CsmSoundOutput *self)
{
  if (self == NULL)
    return;
  pa_threaded_mainloop_lock (self->loop);
  drop_stream (self);
  drop_waiting (self);
  if (self->context != NULL)
    {
      pa_context_set_state_callback (self->context, NULL, NULL);
      pa_context_disconnect (self->context);
      pa_context_unref (self->context);
    }
  pa_threaded_mainloop_unlock (self->loop);
  pa_threaded_mainloop_stop (self->loop);
  pa_threaded_mainloop_free (self->loop);
  g_clear_handle_id (&self->source, g_source_remove);
  g_free (self->reason);
  g_free (self);
}

CsmSoundState
csm_sound_output_get_state (CsmSoundOutput *self)
{
  CsmSoundState state;

  pa_threaded_mainloop_lock (self->loop);
  state = self->state;
  pa_threaded_mainloop_unlock (self->loop);
  return state;
}

char *
csm_sound_output_dup_reason (CsmSoundOutput *self)
{
  char *reason;

  pa_threaded_mainloop_lock (self->loop);
  reason = g_strdup (self->reason);
  pa_threaded_mainloop_unlock (self->loop);
  return reason;
}

/* ---- playing ---- */

void
csm_sound_output_start (CsmSoundOutput *self, int rate, int channels, double speed)
{
  g_return_if_fail (rate > 0 && channels > 0 && speed > 0);

  pa_threaded_mainloop_lock (self->loop);
  drop_stream (self);
  drop_waiting (self);
  self->spec = (pa_sample_spec){ .format = PA_SAMPLE_S16LE,
                                 .rate = (uint32_t) CLAMP (rate * speed, 1, PA_RATE_MAX),
                                 .channels = (uint8_t) channels };
  if (self->state == CSM_SOUND_READY)
    make_stream (self);
  pa_threaded_mainloop_unlock (self->loop);
}

void
csm_sound_output_stop (CsmSoundOutput *self)
{
  pa_threaded_mainloop_lock (self->loop);
  drop_stream (self);
  drop_waiting (self);
  self->spec.rate = 0;
  pa_threaded_mainloop_unlock (self->loop);
}

void
csm_sound_output_write (CsmSoundOutput *self, GBytes *samples)
{
  pa_threaded_mainloop_lock (self->loop);
  if (self->spec.rate != 0 && self->state != CSM_SOUND_FAILED && g_bytes_get_size (samples) > 0)
    {
      g_queue_push_tail (&self->waiting, g_bytes_ref (samples));
      self->n_waiting += (int64_t) g_bytes_get_size (samples);
      if (self->stream != NULL && pa_stream_get_state (self->stream) == PA_STREAM_READY)
        feed (self);
    }
  pa_threaded_mainloop_unlock (self->loop);
}

int64_t
csm_sound_output_get_waiting (CsmSoundOutput *self)
{
  int64_t waiting;

  pa_threaded_mainloop_lock (self->loop);
  waiting = self->spec.rate != 0 ? self->n_waiting / get_frame_size (self) : 0;
  pa_threaded_mainloop_unlock (self->loop);
  return waiting;
}

int64_t
csm_sound_output_get_heard (CsmSoundOutput *self)
{
  int64_t heard;
  pa_usec_t time;

  pa_threaded_mainloop_lock (self->loop);
  /* The time is a guess between two reports of the server; what it does not have is not heard.
   */
  if (self->n_sent > 0 && pa_stream_get_time (self->stream, &time) == 0 && time > 0)
    {
      int64_t guess = (int64_t) (time * self->spec.rate / G_USEC_PER_SEC);

      self->heard = MAX (self->heard, MIN (guess, self->n_sent / get_frame_size (self)));
    }
  heard = self->heard;
  pa_threaded_mainloop_unlock (self->loop);
  return heard;
}

void
csm_sound_output_set_volume (CsmSoundOutput *self, double volume)
{
  pa_operation *operation = NULL;

  pa_threaded_mainloop_lock (self->loop);
  self->volume_wanted = CLAMP (volume, 0, 1);
  if (self->stream != NULL && pa_stream_get_state (self->stream) == PA_STREAM_READY)
    {
      pa_cvolume_set (&self->volume, self->spec.channels,
                      (pa_volume_t) (self->volume_wanted * PA_VOLUME_NORM));
      operation = pa_context_set_sink_input_volume (
          self->context, pa_stream_get_index (self->stream), &self->volume, NULL, NULL);
    }
  if (operation != NULL)
    pa_operation_unref (operation);
  pa_threaded_mainloop_unlock (self->loop);
}
