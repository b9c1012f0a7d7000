/* csm-session-playing.c: frames by their own times, against the clock of the sound or the
 * monotonic one SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

/* In microseconds: what stands in for a frame whose time says nothing, and the longest that a
 * frame stays while playing. */
#define UNKNOWN_DURATION_US 40000
#define LONGEST_DURATION_US (10 * G_TIME_SPAN_SECOND)

/* How long after frame @from frame @to is due, by their own times; they are neighbours. */
static int64_t
get_gap_us (CsmSession *self, int64_t from, int64_t to)
{
  int64_t a, b, gap = 0;

  if (csm_session_get_us (self, from, &a) && csm_session_get_us (self, to, &b))
    gap = to > from ? b - a : a - b;
  if (gap <= 0)
    gap = UNKNOWN_DURATION_US;
  return (int64_t) ((double) MIN (gap, LONGEST_DURATION_US) / ABS (self->rate));
}

static gboolean
frame_due_cb (gpointer data)
{
  CsmSession *self = data;
  int direction = self->rate < 0 ? -1 : 1;
  int64_t now = csm_session_clock_us (self);
  int64_t next = self->ordinal + direction;

  self->play_source = 0;
  if (next < 0 || next >= self->n_frames)
    {
      csm_session_set_playing (self, false);
      return G_SOURCE_REMOVE;
    }
  /* The clock may have stood still. */
  if (self->play_due + get_gap_us (self, self->ordinal, next) > now)
    {
      csm_session_play_on (self);
      return G_SOURCE_REMOVE;
    }
  self->play_due += get_gap_us (self, self->ordinal, next);
  /* Frames whose time has passed already are left out; the clock is kept. */
  while (next + direction >= 0 && next + direction < self->n_frames)
    {
      int64_t gap = get_gap_us (self, next, next + direction);

      if (self->play_due + gap > now)
        break;
      self->play_due += gap;
      next += direction;
    }
  /* The readout stays on the frame shown until this one is here. */
  csm_session_request_frame (self, next, direction);
  return G_SOURCE_REMOVE;
}

/* Waits for the time of the next frame. */
void
csm_session_play_on (CsmSession *self)
{
  int direction = self->rate < 0 ? -1 : 1;
  int64_t next = self->ordinal + direction;
  int64_t delay = 0;

  if (csm_session_is_sound_alone (self))
    {
      csm_session_play_alone (self);
      return;
    }
  if (!self->playing || self->play_busy || self->play_source != 0)
    return;
  if (next >= 0 && next < self->n_frames)
    delay =
        self->play_due + get_gap_us (self, self->ordinal, next) - csm_session_clock_us (self);
  self->play_source =
      g_timeout_add_full (G_PRIORITY_DEFAULT, delay > 0 ? (guint) ((delay + 999) / 1000) : 0,
                          frame_due_cb, self, NULL);
}

static void
start_playing (CsmSession *self)
{
  bool forward = self->rate > 0;

  if (self->view_worker == NULL || self->n_frames <= 0)
    return;
  self->playing = true;
  self->play_epoch++;
  self->play_busy = false;
  csm_session_restart_clock (self);
  csm_session_notify (self, CSM_SESSION_PROP_PLAYING);
  if (forward && self->ordinal >= self->n_frames - 1)
    csm_session_seek (self, 0);
  else if (!forward && self->ordinal <= 0)
    csm_session_seek (self, self->n_frames - 1);
  else
    csm_session_play_on (self);
}

void
csm_session_stop_playing (CsmSession *self)
{
  g_clear_handle_id (&self->play_source, g_source_remove);
  if (!self->playing)
    return;
  self->playing = false;
  csm_session_stop_sound (self);
  self->play_epoch++;
  csm_session_notify (self, CSM_SESSION_PROP_PLAYING);
}

void
csm_session_set_playing (CsmSession *self, bool playing)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  if (self->playing == playing)
    return;
  if (playing)
    {
      if (csm_session_is_usable (self))
        start_playing (self);
      return;
    }
  csm_session_stop_playing (self);
  csm_session_request_picture (self, 0);
}

bool
csm_session_get_playing (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return self->playing;
}

void
csm_session_set_rate (CsmSession *self, double rate)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  rate = rate < 0 ? CLAMP (rate, -4.0, -0.1) : CLAMP (rate, 0.1, 4.0);
  if (self->rate == rate)
    return;
  self->rate = rate;
  if (self->playing)
    {
      g_clear_handle_id (&self->play_source, g_source_remove);
      csm_session_restart_clock (self);
      csm_session_play_on (self);
    }
  csm_session_notify (self, CSM_SESSION_PROP_RATE);
}

double
csm_session_get_rate (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), 1);
  return self->rate;
}
