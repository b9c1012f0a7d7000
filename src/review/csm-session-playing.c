/* csm-session-playing.c: frames by their own times, against the clock of the sound or the
 * monotonic one SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

/* In microseconds: what stands in for a frame whose time says nothing, and the longest that a
 * frame stays while playing. */
#define UNKNOWN_DURATION_US 40000
#define LONGEST_DURATION_US (10 * G_TIME_SPAN_SECOND)
#define SHORTEST_SHOWN_US 15000

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

CsmSpan
csm_session_get_played (CsmSession *self)
{
  CsmSpan span = { 0, self->n_frames - 1 };

  if (self->loop && self->in >= 0)
    span.first = self->in;
  if (self->loop && self->out >= 0)
    span.last = self->out;
  return span;
}

static bool
is_in_span (CsmSpan span, int64_t ordinal)
{
  return ordinal >= span.first && ordinal <= span.last;
}

/* Going on in @direction from @ordinal leads into the span, or stays inside. */
static bool
leads_on (CsmSpan span, int64_t ordinal, int direction)
{
  return direction > 0 ? ordinal < span.last : ordinal > span.first;
}

/* Frames whose time has passed already are left out, and counted; the clock is kept. */
static int64_t
leave_out_late (CsmSession *self, CsmSpan span, int64_t next, int direction)
{
  int64_t now = csm_session_clock_us (self);
  int64_t n = 0;

  while (leads_on (span, next, direction))
    {
      int64_t gap = get_gap_us (self, next, next + direction);

      if (self->play_due + gap > now)
        break;
      self->play_due += gap;
      next += direction;
      n++;
    }
  if (n > 0)
    {
      self->n_dropped += n;
      csm_session_notify (self, CSM_SESSION_PROP_N_DROPPED);
    }
  return next;
}

static gboolean
frame_due_cb (gpointer data)
{
  CsmSession *self = data;
  int direction = self->rate < 0 ? -1 : 1;
  CsmSpan span = csm_session_get_played (self);

  self->play_source = 0;
  if (leads_on (span, self->ordinal, direction))
    {
      int64_t next = self->ordinal + direction;
      int64_t gap = get_gap_us (self, self->ordinal, next);

      /* The clock may have stood still. */
      if (self->play_due + gap > csm_session_clock_us (self))
        {
          csm_session_play_on (self);
          return G_SOURCE_REMOVE;
        }
      self->play_due += gap;
      /* The readout stays on the frame shown until this one is here. */
      csm_session_request_frame (self, leave_out_late (self, span, next, direction), direction);
    }
  else if (self->loop)
    {
      /* The clock starts again: nothing is late because of the way round. */
      csm_session_stop_sound (self);
      self->play_round = true;
      csm_session_request_frame (self, direction > 0 ? span.first : span.last, direction);
    }
  else
    csm_session_set_playing (self, false);
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
  if (self->play_round)
    csm_session_restart_clock (self);
  self->play_round = false;
  if (next >= 0 && next < self->n_frames)
    delay =
        self->play_due + get_gap_us (self, self->ordinal, next) - csm_session_clock_us (self);
  /* No screen shows more than one in so long: the others would be dropped unseen. */
  delay = MAX (delay, self->play_shown + SHORTEST_SHOWN_US - g_get_monotonic_time ());
  self->play_source =
      g_timeout_add_full (G_PRIORITY_DEFAULT, delay > 0 ? (guint) ((delay + 999) / 1000) : 0,
                          frame_due_cb, self, NULL);
}

static void
set_n_dropped (CsmSession *self, int64_t n_dropped)
{
  if (self->n_dropped == n_dropped)
    return;
  self->n_dropped = n_dropped;
  csm_session_notify (self, CSM_SESSION_PROP_N_DROPPED);
}

static void
start_playing (CsmSession *self)
{
  int direction = self->rate < 0 ? -1 : 1;
  CsmSpan span = csm_session_get_played (self);

  if (self->view_worker == NULL || self->n_frames <= 0)
    return;
  csm_session_cancel_seek (self);
  set_n_dropped (self, 0);
  self->playing = true;
  self->play_epoch++;
  self->play_busy = false;
  self->play_round = false;
  csm_session_restart_clock (self);
  csm_session_notify (self, CSM_SESSION_PROP_PLAYING);
  if (is_in_span (span, self->ordinal) && leads_on (span, self->ordinal, direction))
    csm_session_play_on (self);
  else
    csm_session_seek (self, direction > 0 ? span.first : span.last);
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

void
csm_session_set_loop (CsmSession *self, bool loop)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  if (self->loop == loop)
    return;
  self->loop = loop;
  csm_session_notify (self, CSM_SESSION_PROP_LOOP);
}

bool
csm_session_get_loop (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return self->loop;
}

int64_t
csm_session_get_n_dropped (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), 0);
  return self->n_dropped;
}

void
csm_session_set_frame_cache (CsmSession *self, int mib)
{
  g_return_if_fail (CSM_IS_SESSION (self));
  self->cache_mib = mib;
}
