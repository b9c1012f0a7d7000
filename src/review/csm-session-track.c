/* csm-session-track.c: places and times of what is in view, frames or samples, and sound alone
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-player.h"

#include <glib/gi18n-lib.h>

/* ---- places and times ---- */

bool
csm_session_get_us (CsmSession *self, int64_t ordinal, int64_t *ret_us)
{
  const CsmFrameEntry *frame;
  CsmTimebase timebase;
  __int128 us;

  if (ordinal < 0 || ordinal >= self->n_frames)
    return false;
  if (self->player->alone)
    {
      *ret_us = csm_sound_map_sample_to_us (self->player->map, ordinal);
      return true;
    }
  frame = csm_frame_index_get (self->index, ordinal);
  timebase = csm_frame_index_get_timebase (self->index);
  if (frame->pts == CSM_NO_PTS || timebase.den <= 0)
    return false;
  us = (__int128) frame->pts * timebase.num * G_USEC_PER_SEC / timebase.den;
  *ret_us = (int64_t) CLAMP (us, G_MININT64 / 4, G_MAXINT64 / 4);
  return true;
}

/* ---- sound alone ---- */

static gboolean
alone_cb (gpointer data)
{
  CsmSession *self = data;
  CsmPlayer *player = self->player;
  int rate = csm_sound_map_get_rate (player->map);
  double passed = (double) (csm_session_clock_us (self) - self->play_due) * self->rate;
  int64_t ordinal = player->start + (int64_t) (passed * rate / G_USEC_PER_SEC);
  CsmSpan span = csm_session_get_played (self);
  bool ended = self->rate > 0 ? ordinal > span.last : ordinal < span.first;

  csm_session_set_ordinal (self, CLAMP (ordinal, 0, self->n_frames - 1));
  if (!ended)
    return G_SOURCE_CONTINUE;
  if (self->loop)
    {
      csm_session_set_ordinal (self, self->rate > 0 ? span.first : span.last);
      csm_session_restart_clock (self);
      return G_SOURCE_CONTINUE;
    }
  self->play_source = 0;
  csm_session_set_playing (self, false);
  return G_SOURCE_REMOVE;
}

void
csm_session_play_alone (CsmSession *self)
{
  if (self->playing && self->play_source == 0)
    self->play_source = g_timeout_add (40, alone_cb, self);
}

bool
csm_session_is_sound_alone (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), false);
  return self->player->alone;
}

void
csm_session_enter_sound_alone (CsmSession *self)
{
  CsmPlayer *player = self->player;

  if (player->map == NULL)
    return;
  player->alone = true;
  self->n_frames = csm_sound_map_get_n_samples (player->map);
  self->index_state = CSM_INDEX_EXACT;
  csm_session_notify (self, CSM_SESSION_PROP_INDEX_STATE);
  csm_session_notify (self, CSM_SESSION_PROP_N_FRAMES);
  csm_session_seek (self, csm_session_take_start (self));
  csm_session_emit_marks_changed (self);
}

int64_t
csm_session_get_pts (CsmSession *self, int64_t ordinal, CsmTimebase *ret_timebase)
{
  CsmPlayer *player = self->player;

  *ret_timebase = (CsmTimebase){ 1, 1000 };
  if (ordinal < 0 || ordinal >= self->n_frames)
    return CSM_NO_PTS;
  if (player->alone)
    {
      *ret_timebase = (CsmTimebase){ 1, csm_sound_map_get_rate (player->map) };
      return csm_sound_map_get_time (player->map, ordinal);
    }
  *ret_timebase = csm_frame_index_get_timebase (self->index);
  return csm_frame_index_get (self->index, ordinal)->pts;
}

int64_t
csm_session_find_pts (CsmSession *self, int64_t pts)
{
  return self->player->alone ? csm_sound_map_find_time (self->player->map, pts)
                             : csm_frame_index_find_pts (self->index, pts);
}

int64_t
csm_session_find_us (CsmSession *self, int64_t us)
{
  CsmTimebase timebase;
  __int128 ticks;

  if (self->player->alone)
    return MIN (csm_sound_map_us_to_sample (self->player->map, us), self->n_frames - 1);
  (void) csm_session_get_pts (self, 0, &timebase); /* only the timebase is wanted */
  ticks = (__int128) us * timebase.den / timebase.num / G_USEC_PER_SEC;
  return csm_session_find_pts (self, (int64_t) CLAMP (ticks, G_MININT64 + 1, G_MAXINT64));
}

/* ---- an exhibit made before there were maps ---- */

typedef struct
{
  CsmId exhibit;
  CsmSoundMap *map;
} MapJob;

static void
map_job_free (gpointer data)
{
  MapJob *job = data;

  csm_sound_map_unref (job->map);
  g_free (job);
}

static void
map_sound_job (GTask *task, gpointer resource)
{
  MapJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (resource != NULL)
    job->map =
        csm_worker_map_sound (resource, 0, NULL, NULL, g_task_get_cancellable (task), &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
keep_map_job (GTask *task, gpointer resource)
{
  MapJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  if (csm_case_is_read_only (resource) ||
      csm_intake_store_sound (resource, &job->exhibit, job->map, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
map_kept_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) &&
      csm_session_is_current (CSM_SESSION (object), data))
    csm_session_emit_error (CSM_SESSION (object), _ ("The waveform could not be kept"), error);
}

static void
sound_mapped_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  MapJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  MapJob *next;

  if (!csm_session_is_in_view (self, data))
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error) || job->map == NULL)
    {
      if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          /* Translators: %s says why */
          g_autofree char *text =
              g_strdup_printf (_ ("The sound cannot be read: %s"), error->message);

          csm_session_emit_notice (self, text);
        }
      return;
    }
  csm_session_set_sound (self, job->map);
  if (self->index == NULL && self->found_index == NULL)
    csm_session_enter_sound_alone (self);
  next = g_memdup2 (job, sizeof *job);
  job->map = NULL;
  csm_session_run_case (self,
                        csm_session_task_new (self, self->case_cancellable, map_kept_cb,
                                              self->sequence, next, map_job_free),
                        keep_map_job);
}

void
csm_session_map_sound (CsmSession *self)
{
  MapJob *job;

  if (self->player->map != NULL)
    return;
  job = g_new0 (MapJob, 1);
  job->exhibit = csm_exhibit_item_get_record (self->selected)->id;
  csm_session_run_sound (self,
                         csm_session_task_new (self, self->view_cancellable, sound_mapped_cb,
                                               self->view_sequence, job, map_job_free),
                         map_sound_job);
}
