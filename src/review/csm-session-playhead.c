/* csm-session-playhead.c: seeking, stepping and playing
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-time.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A reader that fails this often in a row is not asked again by itself. */
#define MAX_FAILURES 3
/* Milliseconds: how long the playhead rests before the picture is the best there is; and how
 * soon after one step another counts as going through the frames. */
#define REST_MS 80
#define GOING_MS 250
/* Frames: what goes farther is not on the way to what was asked for before. */
#define JUMP 32

typedef struct
{
  int64_t ordinal;
  int direction;
  CsmPictureOptions options;
  bool for_playing;
  bool preview; /* the cheapest near it will do */
  unsigned epoch;
} PictureJob;

void
csm_session_set_ordinal (CsmSession *self, int64_t ordinal)
{
  if (self->ordinal == ordinal)
    return;
  self->ordinal = ordinal;
  csm_session_notify (self, CSM_SESSION_PROP_ORDINAL);
}

/* Takes @picture (nullable). */
static void
set_picture (CsmSession *self, CsmPicture *picture)
{
  if (picture == NULL && self->picture == NULL)
    return;
  csm_picture_free (self->picture);
  self->picture = picture;
  csm_session_emit_picture_changed (self);
}

static void
read_picture_job (GTask *task, gpointer resource)
{
  const PictureJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  CsmPicture *picture;

  if (resource == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                               _ ("The exhibit was left"));
      return;
    }
  picture = job->preview ? csm_worker_read_preview (resource, job->ordinal, &job->options,
                                                    g_task_get_cancellable (task), &error)
                         : csm_worker_read_picture (resource, job->ordinal, &job->options,
                                                    job->direction,
                                                    g_task_get_cancellable (task), &error);
  if (picture == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, picture, (GDestroyNotify) csm_picture_free);
}

bool
csm_session_reader_replaced (CsmSession *self, const GError *error)
{
  g_autofree char *lead = NULL;

  if (!g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED) &&
      !g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG))
    return false;
  if (++self->n_failures >= MAX_FAILURES)
    return false;
  if (self->n_failures == 1)
    {
      /* Translators: %s is the number of an exhibit, "E-0001" */
      lead = g_strdup_printf (_ ("The reader of %s stopped and was started again"),
                              csm_exhibit_item_get_record (self->selected)->number);
      csm_session_emit_error (self, lead, error);
    }
  return true;
}

static void
picture_failed (CsmSession *self, const PictureJob *job, const GError *error)
{
  g_autofree char *lead = NULL;

  if (csm_session_reader_replaced (self, error))
    {
      if (self->playing)
        {
          csm_session_restart_clock (self);
          csm_session_play_on (self);
        }
      else
        csm_session_request_picture (self, 0);
      return;
    }

  csm_session_stop_playing (self);
  /* A picture that is not the frame in the readout may not stay. */
  if (job->ordinal == self->ordinal)
    set_picture (self, NULL);
  /* Translators: the number of a frame, and of an exhibit, "E-0001" */
  lead = g_strdup_printf (_ ("Frame %" G_GINT64_FORMAT " of %s cannot be shown"), job->ordinal,
                          csm_exhibit_item_get_record (self->selected)->number);
  csm_session_emit_error (self, lead, error);
}

static void
picture_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  const PictureJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture = g_task_propagate_pointer (G_TASK (result), &error);

  if (!csm_session_is_in_view (self, data))
    return;
  if (job->epoch == self->play_epoch)
    self->play_busy = false;
  else if (job->for_playing)
    return;
  if (picture == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        picture_failed (self, job, error);
      return;
    }
  self->n_failures = 0;
  set_picture (self, g_steal_pointer (&picture));
  if (!self->playing || job->epoch != self->play_epoch)
    return;
  self->play_shown = g_get_monotonic_time ();
  csm_session_set_ordinal (self, self->picture->ordinal);
  csm_session_play_on (self);
}

void
csm_session_cancel_seek (CsmSession *self)
{
  g_clear_handle_id (&self->rest_source, g_source_remove);
  if (self->seek_cancellable != NULL)
    g_cancellable_cancel (self->seek_cancellable);
  g_clear_object (&self->seek_cancellable);
}

/* The view's cancellable stops what plays; what is sought has one of its own. */
static GCancellable *
get_cancellable (CsmSession *self)
{
  if (self->playing)
    return self->view_cancellable;
  if (self->seek_cancellable == NULL)
    self->seek_cancellable = g_cancellable_new ();
  return self->seek_cancellable;
}

/* Takes @job. */
static void
run_picture_job (CsmSession *self, PictureJob *job)
{
  job->for_playing = self->playing;
  job->epoch = self->play_epoch;
  self->play_busy = true;
  csm_session_run_view (self,
                        csm_session_task_new (self, get_cancellable (self), picture_read_cb,
                                              self->view_sequence, job, g_free),
                        "seek", read_picture_job);
}

/* (transfer full) (nullable) */
static PictureJob *
picture_job_new (CsmSession *self, int64_t ordinal, int direction)
{
  PictureJob *job;

  if (self->view_worker == NULL || self->n_frames <= 0 || csm_session_is_sound_alone (self))
    return NULL;
  job = g_new0 (PictureJob, 1);
  job->ordinal = ordinal;
  job->direction = direction;
  job->options = self->view_options;
  job->options.accurate = !self->playing;
  job->options.view = *csm_session_peek_shown_view (self);
  return job;
}

void
csm_session_request_frame (CsmSession *self, int64_t ordinal, int direction)
{
  PictureJob *job = picture_job_new (self, ordinal, direction);

  if (job != NULL)
    run_picture_job (self, job);
}

void
csm_session_request_picture (CsmSession *self, int direction)
{
  csm_session_request_frame (self, self->ordinal, direction);
}

static gboolean
at_rest_cb (gpointer data)
{
  CsmSession *self = data;

  self->rest_source = 0;
  csm_session_request_picture (self, 0);
  return G_SOURCE_REMOVE;
}

/* The fast conversion now, the accurate one at rest. */
static void
request_in_passing (CsmSession *self, int direction, bool preview)
{
  PictureJob *job = picture_job_new (self, self->ordinal, direction);

  if (job == NULL)
    return;
  job->options.accurate = false;
  job->preview = preview;
  run_picture_job (self, job);
  g_clear_handle_id (&self->rest_source, g_source_remove);
  self->rest_source = g_timeout_add (REST_MS, at_rest_cb, self);
}

/* --- seeking --- */

void
csm_session_seek (CsmSession *self, int64_t ordinal)
{
  int64_t old, now = g_get_monotonic_time ();
  int direction;

  g_return_if_fail (CSM_IS_SESSION (self));

  if (self->n_frames <= 0)
    return;
  old = self->ordinal;
  /* While playing, what is on its way to the old place is not wanted any more. */
  if (self->playing)
    {
      self->play_epoch++;
      g_clear_handle_id (&self->play_source, g_source_remove);
    }
  csm_session_set_ordinal (self, CLAMP (ordinal, 0, self->n_frames - 1));
  if (self->playing)
    csm_session_restart_clock (self);
  if (csm_session_is_sound_alone (self))
    csm_session_play_alone (self);
  direction = self->ordinal > old ? 1 : self->ordinal < old ? -1 : 0;
  g_clear_handle_id (&self->rest_source, g_source_remove);
  if (ABS (self->ordinal - old) > JUMP)
    csm_session_cancel_seek (self);
  if (!self->playing && ABS (self->ordinal - old) <= JUMP &&
      now - self->asked_at < GOING_MS * G_TIME_SPAN_MILLISECOND)
    request_in_passing (self, direction, false);
  else
    csm_session_request_picture (self, direction);
  self->asked_at = now;
}

void
csm_session_scrub (CsmSession *self, int64_t ordinal)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  if (self->n_frames <= 0)
    return;
  if (self->playing || csm_session_is_sound_alone (self))
    {
      csm_session_seek (self, ordinal);
      return;
    }
  ordinal = CLAMP (ordinal, 0, self->n_frames - 1);
  if (ordinal == self->ordinal && self->picture != NULL && self->picture->ordinal == ordinal)
    return;
  csm_session_cancel_seek (self);
  csm_session_set_ordinal (self, ordinal);
  request_in_passing (self, 0, true);
  self->asked_at = g_get_monotonic_time ();
}

void
csm_session_step (CsmSession *self, int64_t delta)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  if (self->n_frames <= 0)
    return;
  csm_session_set_playing (self, false);
  /* Of sound alone a step is what a frame lasts elsewhere. */
  if (csm_session_is_sound_alone (self))
    delta *= MAX (csm_sound_map_get_rate (csm_session_get_sound (self)) / 25, 1);
  delta = CLAMP (delta, -self->n_frames, self->n_frames);
  csm_session_seek (self, self->ordinal + delta);
}

static gboolean
fail_outside (CsmSession *self, GError **error)
{
  CsmTimebase timebase;
  int64_t last = csm_session_get_pts (self, self->n_frames - 1, &timebase);
  g_autofree char *time = csm_ticks_format (last, timebase);

  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
               csm_session_is_sound_alone (self)
                   ? _ ("That is outside: the last sample is %" G_GINT64_FORMAT ", at %s")
                   : _ ("That is outside: the last frame is %" G_GINT64_FORMAT ", at %s"),
               self->n_frames - 1, time);
  return FALSE;
}

/* The last tick that is still shown as @ms: the time in the readout leads back to its frame. */
static int64_t
ms_to_ticks (int64_t ms, CsmTimebase timebase)
{
  __int128 numerator = ((__int128) ms + 1) * timebase.den;
  __int128 denominator = (__int128) timebase.num * 1000;
  __int128 ticks = (numerator + denominator - 1) / denominator - 1;

  return ticks > G_MAXINT64 ? G_MAXINT64 : (int64_t) ticks;
}

static gboolean
go_to_time (CsmSession *self, int64_t ms, GError **error)
{
  CsmTimebase timebase;
  int64_t last = csm_session_get_pts (self, self->n_frames - 1, &timebase);
  int64_t ticks = ms_to_ticks (ms, timebase);
  int64_t duration = 0;

  if (last == CSM_NO_PTS)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                           _ ("The frames of this exhibit carry no times; give a number"));
      return FALSE;
    }
  if (!csm_session_is_sound_alone (self))
    duration = csm_frame_index_get (self->index, self->n_frames - 1)->duration;
  if (ticks > last + MAX (duration, 0))
    return fail_outside (self, error);
  csm_session_seek (self, csm_session_find_pts (self, ticks));
  return TRUE;
}

gboolean
csm_session_go_to (CsmSession *self, const char *text, GError **error)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && text != NULL, FALSE);

  g_autofree char *clean = g_strstrip (g_strdup (text));
  size_t size = strlen (clean);
  int64_t ms;
  guint64 ordinal;

  if (self->n_frames <= 0)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                           _ ("No picture is in view; choose an exhibit first"));
      return FALSE;
    }
  if (g_ascii_string_to_unsigned (clean, 10, 0, G_MAXINT64, &ordinal, NULL))
    {
      if ((int64_t) ordinal >= self->n_frames)
        return fail_outside (self, error);
      csm_session_seek (self, (int64_t) ordinal);
      return TRUE;
    }
  if (size > 1 && clean[size - 1] == 's')
    clean[size - 1] = '\0';
  if (csm_clock_parse (clean, &ms))
    return go_to_time (self, ms, error);
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
               _ ("“%s” is neither a frame nor a time; write 1234 or 00:00:41.133"), text);
  return FALSE;
}

void
csm_session_step_mark (CsmSession *self, int direction)
{
  const CsmMark *found = NULL;

  g_return_if_fail (CSM_IS_SESSION (self));

  for (unsigned i = 0; i < csm_item_list_get_size (self->exhibit_marks); i++)
    {
      const CsmMark *mark =
          csm_mark_item_get_record (csm_item_list_peek (self->exhibit_marks, i));

      if (!csm_session_is_on_track (self, mark))
        continue;
      if (direction > 0 && mark->from > self->ordinal)
        {
          found = mark;
          break;
        }
      if (direction < 0 && mark->from < self->ordinal)
        found = mark;
    }
  if (found == NULL)
    return;
  csm_session_select_mark (self, &found->id);
  csm_session_seek (self, found->from);
}

/* --- what is asked for --- */

int64_t
csm_session_get_ordinal (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), -1);
  return self->ordinal;
}

const CsmPicture *
csm_session_get_picture (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->picture;
}

void
csm_session_set_view (CsmSession *self, int max_width, int max_height, bool as_decoded)
{
  CsmPictureOptions *options = &self->view_options;

  g_return_if_fail (CSM_IS_SESSION (self));

  max_width = CLAMP (max_width, 0, 32768);
  max_height = CLAMP (max_height, 0, 32768);
  if (options->max_width == max_width && options->max_height == max_height &&
      options->as_decoded == as_decoded)
    return;
  options->max_width = max_width;
  options->max_height = max_height;
  options->as_decoded = as_decoded;
  if (!self->playing)
    csm_session_request_picture (self, 0);
}

int64_t
csm_session_get_in (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), -1);
  return self->in;
}

int64_t
csm_session_get_out (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), -1);
  return self->out;
}

static void
set_end (CsmSession *self, int64_t *end, int64_t value, int property)
{
  if (*end == value)
    return;
  *end = value;
  csm_session_notify (self, property);
}

void
csm_session_set_in (CsmSession *self, int64_t ordinal)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  ordinal = CLAMP (ordinal, -1, MAX (self->n_frames, 1) - 1);
  set_end (self, &self->in, ordinal, CSM_SESSION_PROP_IN);
  if (ordinal >= 0 && self->out >= 0 && self->out < ordinal)
    set_end (self, &self->out, -1, CSM_SESSION_PROP_OUT);
}

void
csm_session_set_out (CsmSession *self, int64_t ordinal)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  ordinal = CLAMP (ordinal, -1, MAX (self->n_frames, 1) - 1);
  set_end (self, &self->out, ordinal, CSM_SESSION_PROP_OUT);
  if (ordinal >= 0 && self->in > ordinal)
    set_end (self, &self->in, -1, CSM_SESSION_PROP_IN);
}
