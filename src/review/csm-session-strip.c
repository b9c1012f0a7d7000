/* csm-session-strip.c: small pictures along the exhibit in view, made in the background
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

/* Places at most: what a wide window has room for. A power of two, see get_place(). */
#define MAX_PLACES 32
#define WIDTH 128
#define HEIGHT 72
#define CACHE_MIB 16

typedef struct
{
  int64_t ordinal;
  GBytes *picture; /* (nullable) */
} Tile;

/* Main thread only. */
struct _CsmStrip
{
  Tile tiles[MAX_PLACES];
  unsigned n_tiles;   /* 0: not begun */
  unsigned n_asked;   /* of MAX_PLACES, in the order of get_place() */
  CsmWorker *process; /* borrowed: the strip lane's */
};

/* The strip lane has one worker, from the first picture to the last. */
typedef struct
{
  CsmWorker *worker;    /* with the first job; NULL once the lane has it */
  CsmFrameIndex *index; /* the same */
  unsigned place;
  int64_t ordinal;
} TileJob;

static void
tile_job_free (gpointer data)
{
  TileJob *job = data;

  csm_worker_free (job->worker);
  g_clear_pointer (&job->index, csm_frame_index_unref);
  g_free (job);
}

/* Takes @task. */
static void
run_strip (CsmSession *self, GTask *task, CsmLaneJob run)
{
  csm_lane_run (self->strip_lane, task, NULL, run);
  g_object_unref (task);
}

static void
empty_strip_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);

  csm_lane_set_resource (self->strip_lane, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
take_worker_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);
  TileJob *job = g_task_get_task_data (task);

  csm_lane_set_resource (self->strip_lane, g_steal_pointer (&job->worker));
  g_task_return_boolean (task, TRUE);
}

static void
read_tile_job (GTask *task, gpointer resource)
{
  TileJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GBytes *picture = NULL;

  if (resource != NULL &&
      (job->index == NULL || csm_worker_set_index (resource, job->index, &error)))
    picture = csm_worker_read_thumbnail (resource, job->ordinal, WIDTH, HEIGHT,
                                         g_task_get_cancellable (task), &error);
  if (picture != NULL)
    g_task_return_pointer (task, picture, (GDestroyNotify) g_bytes_unref);
  else if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                             _ ("The exhibit was left"));
}

/* The worker goes with what it holds: the exhibit's key, and memory. */
static void
end_worker (CsmSession *self)
{
  if (self->strip->process == NULL)
    return;
  csm_session_kill_worker (self->strip->process);
  self->strip->process = NULL;
  run_strip (self, csm_session_task_new (self, NULL, NULL, 0, NULL, NULL), empty_strip_job);
}

/* Coarse to fine: the @n-th place asked for, its bits reversed. */
static unsigned
get_place (unsigned n)
{
  unsigned place = 0;

  for (unsigned bit = 1; bit < MAX_PLACES; bit <<= 1, n >>= 1)
    place = place << 1 | (n & 1);
  return place;
}

/* The first key frame of a place costs least; one that has none shows its first frame. */
static int64_t
choose_frame (CsmSession *self, unsigned place)
{
  int64_t n_frames = csm_frame_index_get_n_frames (self->index);
  int64_t first = n_frames * place / self->strip->n_tiles;
  int64_t end = n_frames * (place + 1) / self->strip->n_tiles;

  for (int64_t i = first; i < end; i++)
    if (csm_frame_index_get (self->index, i)->key)
      return i;
  return first;
}

static void request_next (CsmSession *self, bool first);

static void
tile_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  const TileJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) picture = g_task_propagate_pointer (G_TASK (result), &error);

  if (!csm_session_is_in_view (self, data))
    return;
  /* A worker that is given up gives no more; a frame that cannot be read leaves its place
   * empty, and whoever goes there hears why. */
  if (picture == NULL && g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED))
    {
      end_worker (self);
      return;
    }
  if (picture != NULL)
    {
      self->strip->tiles[job->place].ordinal = job->ordinal;
      self->strip->tiles[job->place].picture = g_steal_pointer (&picture);
      csm_session_notify (self, CSM_SESSION_PROP_STRIP);
    }
  request_next (self, false);
}

static void
request_next (CsmSession *self, bool first)
{
  CsmStrip *strip = self->strip;
  unsigned place = MAX_PLACES;
  TileJob *job;

  while (strip->n_asked < MAX_PLACES && (place = get_place (strip->n_asked)) >= strip->n_tiles)
    strip->n_asked++;
  if (strip->n_asked == MAX_PLACES)
    {
      end_worker (self);
      return;
    }
  strip->n_asked++;
  job = g_new0 (TileJob, 1);
  job->place = place;
  job->ordinal = choose_frame (self, place);
  job->index = first ? csm_frame_index_ref (self->index) : NULL;
  run_strip (self,
             csm_session_task_new (self, self->view_cancellable, tile_read_cb,
                                   self->view_sequence, job, tile_job_free),
             read_tile_job);
}

void
csm_session_enter_strip (CsmSession *self, CsmMediaSource *source)
{
  TileJob *job = g_new0 (TileJob, 1);

  job->worker = csm_worker_new (source, true); /* no process yet */
  csm_worker_set_cache (job->worker, CACHE_MIB);
  self->strip->process = job->worker;
  run_strip (self, csm_session_task_new (self, NULL, NULL, 0, job, tile_job_free),
             take_worker_job);
}

void
csm_session_start_strip (CsmSession *self)
{
  CsmStrip *strip = self->strip;

  if (strip->n_tiles > 0 || strip->process == NULL || self->n_frames <= 0)
    return;
  strip->n_tiles = (unsigned) MIN (self->n_frames, MAX_PLACES);
  csm_session_notify (self, CSM_SESSION_PROP_STRIP);
  request_next (self, true);
}

static void
clear_tiles (CsmStrip *strip)
{
  for (unsigned i = 0; i < strip->n_tiles; i++)
    g_clear_pointer (&strip->tiles[i].picture, g_bytes_unref);
  strip->n_tiles = strip->n_asked = 0;
}

void
csm_session_leave_strip (CsmSession *self)
{
  bool shown = self->strip->n_tiles > 0;

  end_worker (self);
  clear_tiles (self->strip);
  if (shown)
    csm_session_notify (self, CSM_SESSION_PROP_STRIP);
}

void
csm_session_init_strip (CsmSession *self)
{
  self->strip = g_new0 (CsmStrip, 1);
  self->strip_lane = csm_lane_new ("strip", NULL, (GDestroyNotify) csm_worker_free);
}

void
csm_session_dispose_strip (CsmSession *self)
{
  if (self->strip == NULL)
    return;
  g_clear_pointer (&self->strip_lane, csm_lane_free);
  clear_tiles (self->strip);
  g_clear_pointer (&self->strip, g_free);
}

unsigned
csm_session_get_strip_size (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), 0);
  return self->strip->n_tiles;
}

GBytes *
csm_session_get_strip (CsmSession *self, unsigned place, int64_t *ret_ordinal)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && place < self->strip->n_tiles, NULL);

  *ret_ordinal = self->strip->tiles[place].ordinal;
  return self->strip->tiles[place].picture;
}
