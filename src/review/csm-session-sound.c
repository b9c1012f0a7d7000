/* csm-session-sound.c: the sound of the exhibit in view, and the clock that playing goes by
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-player.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Written ahead of what is heard, in seconds. */
#define AHEAD 0.7
/* A block this far from where its time says it should be is put there; below that it follows
 * the one before, since many containers round their times. */
#define TOLERANCE 0.04
/* A server that takes longer than this to let the first sample be heard is given up. */
#define START_US (3 * G_TIME_SPAN_SECOND)
#define MIN_SPEED 0.5
#define MAX_SPEED 2.0

/* ---- the sound lane: blocks ---- */

typedef struct
{
  CsmSoundMap *map;
  CsmWorker *worker; /* for the lane, NULL once it has it */
  int64_t block;
  unsigned epoch;
} SoundJob;

static void
sound_job_free (gpointer data)
{
  SoundJob *job = data;

  csm_sound_map_unref (job->map);
  csm_worker_free (job->worker);
  g_free (job);
}

static void
empty_sound_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);

  csm_lane_set_resource (self->sound_lane, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
take_worker_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);
  SoundJob *job = g_task_get_task_data (task);

  csm_lane_set_resource (self->sound_lane, g_steal_pointer (&job->worker));
  g_task_return_boolean (task, TRUE);
}

static void
read_block_job (GTask *task, gpointer resource)
{
  SoundJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = NULL;

  if (resource != NULL)
    bytes = csm_worker_read_sound (resource, job->map, job->block, false,
                                   g_task_get_cancellable (task), &error);
  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                             _ ("The exhibit was left"));
}

void
csm_session_run_sound (CsmSession *self, GTask *task, CsmLaneJob run)
{
  csm_lane_run (self->sound_lane, task, NULL, run);
  g_object_unref (task);
}

/* ---- writing ahead ---- */

static void fill (CsmSession *self);

static int
get_stride (const CsmPlayer *player)
{
  return csm_sound_map_get_channels (player->map) * (int) sizeof (int16_t);
}

static void
write_silence (CsmPlayer *player, int64_t n_samples)
{
  int64_t n = MIN (n_samples, csm_sound_map_get_rate (player->map) / 4 + 1);
  g_autoptr (GBytes) silence = NULL;
  size_t size = (size_t) n * (size_t) get_stride (player);

  silence = g_bytes_new_take (g_malloc0 (size), size);
  csm_sound_output_write (player->output, silence);
  player->written += n;
}

/* Where block @n begins in the stream. */
static int64_t
get_place (const CsmPlayer *player, int64_t n)
{
  const CsmSoundBlock *block = csm_sound_map_get_block (player->map, n);

  return csm_sound_map_get_time (player->map, block->first) - player->from;
}

static void
write_block (CsmPlayer *player, int64_t n, GBytes *bytes)
{
  int64_t size = csm_sound_map_get_block_size (player->map, n);
  int64_t late = player->written - get_place (player, n);
  g_autoptr (GBytes) rest = NULL;

  if (late <= 0 || (!player->first && late <= TOLERANCE * csm_sound_map_get_rate (player->map)))
    late = 0;
  player->first = false;
  if (late >= size)
    return;
  rest = g_bytes_new_from_bytes (bytes, (gsize) (late * get_stride (player)),
                                 (gsize) ((size - late) * get_stride (player)));
  csm_sound_output_write (player->output, rest);
  player->written += size - late;
}

static void
give_up (CsmSession *self, const char *why)
{
  g_autofree char *text = NULL;

  csm_session_stop_sound (self);
  if (self->player->told)
    return;
  self->player->told = true;
  /* Translators: %s says why */
  text = g_strdup_printf (_ ("The sound is not played: %s"), why);
  csm_session_emit_notice (self, text);
}

static void
block_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CsmPlayer *player = self->player;
  SoundJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);

  if (!csm_session_is_in_view (self, data) || !player->on || job->epoch != player->epoch)
    return;
  player->reading = false;
  if (bytes != NULL)
    write_block (player, job->block, bytes);
  else if (!g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED) &&
           !g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG) &&
           !g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED))
    {
      give_up (self, error->message);
      return;
    }
  /* What cannot be read stays silent. */
  player->block++;
  fill (self);
}

static void
request_block (CsmSession *self)
{
  CsmPlayer *player = self->player;
  SoundJob *job = g_new0 (SoundJob, 1);

  job->map = csm_sound_map_ref (player->map);
  job->block = player->block;
  job->epoch = player->epoch;
  player->reading = true;
  csm_session_run_sound (self,
                         csm_session_task_new (self, self->view_cancellable, block_read_cb,
                                               self->view_sequence, job, sound_job_free),
                         read_block_job);
}

static void
fill (CsmSession *self)
{
  CsmPlayer *player = self->player;
  int rate = csm_sound_map_get_rate (player->map);

  while (!player->reading &&
         csm_sound_output_get_waiting (player->output) < AHEAD * rate * player->speed)
    {
      int64_t gap = G_MAXINT64;

      if (player->block < csm_sound_map_get_n_blocks (player->map))
        gap = get_place (player, player->block) - player->written;
      if (gap > (player->first ? 0 : TOLERANCE * rate))
        write_silence (player, gap);
      else
        request_block (self);
    }
}

static void
output_changed_cb (CsmSoundOutput *output, gpointer data)
{
  CsmSession *self = data;

  if (csm_sound_output_get_state (output) == CSM_SOUND_FAILED)
    {
      g_autofree char *reason = csm_sound_output_dup_reason (output);

      give_up (self, reason);
    }
  else if (self->player->on)
    fill (self);
}

/* ---- the clock ---- */

int64_t
csm_session_clock_us (CsmSession *self)
{
  CsmPlayer *player = self->player;
  int64_t now = g_get_monotonic_time ();
  int64_t heard;

  if (!player->on)
    return now;
  heard = csm_sound_output_get_heard (player->output);
  if (heard < 0 && now - player->base > START_US)
    {
      give_up (self, _ ("the sound server does not play it"));
      return now;
    }
  return player->base + (int64_t) ((double) MAX (heard, 0) * G_USEC_PER_SEC /
                                   csm_sound_map_get_rate (player->map) / player->speed);
}

static int64_t
get_offset_us (CsmSession *self)
{
  const CsmAcquisition *acquisition = csm_exhibit_item_get_record (self->selected)->acquisition;

  return acquisition != NULL ? acquisition->sound_offset_ms * INT64_C (1000) : 0;
}

static bool
may_sound (CsmSession *self)
{
  CsmPlayer *player = self->player;

  return self->playing && player->map != NULL && player->process != NULL && !player->muted &&
         self->rate >= MIN_SPEED && self->rate <= MAX_SPEED;
}

void
csm_session_stop_sound (CsmSession *self)
{
  CsmPlayer *player = self->player;
  int64_t clock;

  if (!player->on)
    return;
  /* What was due stays as far away as it was. */
  player->on = false;
  clock = player->base +
          (int64_t) ((double) MAX (csm_sound_output_get_heard (player->output), 0) *
                     G_USEC_PER_SEC / csm_sound_map_get_rate (player->map) / player->speed);
  self->play_due += g_get_monotonic_time () - clock;
  player->epoch++;
  csm_sound_output_stop (player->output);
}

static void
start_sound (CsmSession *self, int64_t us)
{
  CsmPlayer *player = self->player;
  int rate = csm_sound_map_get_rate (player->map);
  int64_t sample;

  if (player->output == NULL)
    player->output = csm_sound_output_new (output_changed_cb, self);
  if (csm_sound_output_get_state (player->output) == CSM_SOUND_FAILED)
    return;
  us -= get_offset_us (self);
  sample = csm_sound_map_us_to_sample (player->map, us);
  player->on = true;
  player->epoch++;
  player->speed = self->rate;
  player->base = g_get_monotonic_time ();
  player->from = (int64_t) ((__int128) us * rate / G_USEC_PER_SEC);
  player->written = 0;
  player->first = true;
  player->reading = false;
  player->block = sample < csm_sound_map_get_n_samples (player->map)
                      ? csm_sound_map_find_block (player->map, sample)
                      : csm_sound_map_get_n_blocks (player->map);
  csm_sound_output_start (player->output, rate, csm_sound_map_get_channels (player->map),
                          player->speed);
  csm_sound_output_set_volume (player->output, player->volume);
  fill (self);
}

void
csm_session_restart_clock (CsmSession *self)
{
  CsmPlayer *player = self->player;
  int64_t us;

  if (player->on)
    {
      player->on = false;
      player->epoch++;
      csm_sound_output_stop (player->output);
    }
  if (may_sound (self) && csm_session_get_us (self, MAX (self->ordinal, 0), &us))
    start_sound (self, us);
  self->play_due = csm_session_clock_us (self);
  player->start = self->ordinal;
}

/* ---- entering and leaving ---- */

void
csm_session_set_sound (CsmSession *self, CsmSoundMap *map)
{
  CsmSoundMap *old = self->player->map;

  if (map == old)
    return;
  self->player->map = map != NULL ? csm_sound_map_ref (map) : NULL;
  csm_sound_map_unref (old);
  csm_session_notify (self, CSM_SESSION_PROP_SOUND);
}

static void
ignore_cb (GObject *object, GAsyncResult *result, gpointer data)
{
}

void
csm_session_enter_sound (CsmSession *self, CsmMediaSource *source, CsmSoundMap *map)
{
  CsmPlayer *player = self->player;
  SoundJob *job = g_new0 (SoundJob, 1);

  /* A process of its own, which starts when it is first asked: sound does not wait for
   * pictures. */
  job->worker = csm_worker_new (source, false);
  player->process = job->worker;
  csm_session_run_sound (self,
                         csm_session_task_new (self, NULL, ignore_cb, 0, job, sound_job_free),
                         take_worker_job);
  csm_session_set_sound (self, map);
}

void
csm_session_leave_sound (CsmSession *self)
{
  CsmPlayer *player = self->player;

  player->on = false;
  player->alone = false;
  player->epoch++;
  if (player->output != NULL)
    csm_sound_output_stop (player->output);
  if (player->process != NULL)
    {
      csm_session_kill_worker (player->process);
      player->process = NULL;
      csm_session_run_sound (self, csm_session_task_new (self, NULL, ignore_cb, 0, NULL, NULL),
                             empty_sound_job);
    }
  csm_session_set_sound (self, NULL);
}

void
csm_session_init_sound (CsmSession *self)
{
  self->player = g_new0 (CsmPlayer, 1);
  self->player->muted = true;
  self->player->volume = 1;
  self->sound_lane = csm_lane_new ("sound", NULL, (GDestroyNotify) csm_worker_free);
}

void
csm_session_dispose_sound (CsmSession *self)
{
  if (self->player == NULL)
    return;
  g_clear_pointer (&self->sound_lane, csm_lane_free);
  csm_sound_output_free (self->player->output);
  csm_sound_map_unref (self->player->map);
  g_clear_pointer (&self->player, g_free);
}

/* ---- what is asked for ---- */

CsmSoundMap *
csm_session_get_sound (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->player->map;
}

bool
csm_session_get_muted (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), true);
  return self->player->muted;
}

void
csm_session_set_muted (CsmSession *self, bool muted)
{
  CsmPlayer *player = self->player;

  g_return_if_fail (CSM_IS_SESSION (self));

  if (player->muted == muted)
    return;
  player->muted = muted;
  if (muted)
    csm_session_stop_sound (self);
  else
    {
      /* Asked for again: a server may be there now, and if not the reason is of interest. */
      if (player->output != NULL &&
          csm_sound_output_get_state (player->output) == CSM_SOUND_FAILED)
        g_clear_pointer (&player->output, csm_sound_output_free);
      player->told = false;
      if (self->playing)
        csm_session_restart_clock (self);
    }
  csm_session_notify (self, CSM_SESSION_PROP_MUTED);
}

double
csm_session_get_volume (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), 0);
  return self->player->volume;
}

void
csm_session_set_volume (CsmSession *self, double volume)
{
  CsmPlayer *player = self->player;

  g_return_if_fail (CSM_IS_SESSION (self));

  volume = CLAMP (volume, 0, 1);
  if (fabs (player->volume - volume) < 0.001)
    return;
  player->volume = volume;
  if (player->on)
    csm_sound_output_set_volume (player->output, volume);
  csm_session_notify (self, CSM_SESSION_PROP_VOLUME);
}
