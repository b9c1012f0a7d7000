/* csm-session-view.c: the exhibit in view: its worker, its index, where the playhead was
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-tracks.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Two steps: the case lane hands out what a worker needs (and the marks), the view lane starts
 * the worker and gives it an index. */
typedef struct
{
  CsmId exhibit;
  int track;

  /* From the case lane */
  CsmMediaSource *source;
  GBytes *stored;     /* nullable */
  char *status;       /* (nullable): of a further track */
  bool given_up;      /* a further track that could not be decoded to its end */
  CsmSoundMap *sound; /* nullable */
  CsmSnapshot *snapshot;
  CsmRefreshWish *wish;
  char *no_media; /* nullable: why there is nothing to read */

  /* From the view lane */
  CsmWorker *worker; /* NULL once the lane has taken it */
  CsmFrameIndex *index;
  CsmMediaInfo *info;
  bool has_picture, has_sound;
} ViewJob;

static void
view_job_free (gpointer data)
{
  ViewJob *job = data;

  csm_media_source_unref (job->source);
  csm_worker_free (job->worker);
  csm_sound_map_unref (job->sound);
  g_clear_pointer (&job->stored, g_bytes_unref);
  g_free (job->status);
  csm_snapshot_free (job->snapshot);
  csm_refresh_wish_free (job->wish);
  g_free (job->no_media);
  g_clear_pointer (&job->index, csm_frame_index_unref);
  csm_media_info_unref (job->info);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ViewJob, view_job_free)

/* Takes @index (nullable). */
static void
set_index (CsmSession *self, CsmFrameIndex *index, CsmIndexState state)
{
  g_clear_pointer (&self->index, csm_frame_index_unref);
  self->index = index;
  self->index_state = state;
  self->n_frames = index != NULL ? csm_frame_index_get_n_frames (index) : 0;
  csm_session_notify (self, CSM_SESSION_PROP_INDEX);
  csm_session_notify (self, CSM_SESSION_PROP_INDEX_STATE);
  csm_session_notify (self, CSM_SESSION_PROP_N_FRAMES);
}

/* Takes @info (nullable). */
static void
set_info (CsmSession *self, CsmMediaInfo *info)
{
  if (self->info == info)
    return;
  csm_media_info_unref (self->info);
  self->info = info;
  csm_session_notify (self, CSM_SESSION_PROP_MEDIA_INFO);
}

void
csm_session_set_position (CsmSession *self, const CsmId *exhibit, int track, int64_t ordinal)
{
  const CsmPosition position = { track, ordinal };

  g_hash_table_insert (self->positions, g_strdup (exhibit->hex),
                       g_memdup2 (&position, sizeof position));
}

static void
remember_position (CsmSession *self)
{
  if (self->selected != NULL && self->ordinal >= 0)
    csm_session_set_position (self, &csm_exhibit_item_get_record (self->selected)->id,
                              self->track, self->ordinal);
}

CsmPosition
csm_session_get_position (CsmSession *self, const CsmId *exhibit)
{
  const CsmPosition *position = g_hash_table_lookup (self->positions, exhibit->hex);

  return position != NULL ? *position : (CsmPosition){ 0, 0 };
}

int64_t
csm_session_take_start (CsmSession *self)
{
  const CsmId *exhibit = &csm_exhibit_item_get_record (self->selected)->id;

  if (!self->has_landing)
    return csm_session_get_position (self, exhibit).ordinal;
  self->has_landing = false;
  return csm_session_find_us (self, self->landing_us);
}

static void
use_track (CsmSession *self, int track)
{
  if (self->track == track)
    return;
  self->track = track;
  csm_session_notify (self, CSM_SESSION_PROP_TRACK);
}

static void
empty_view_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);

  csm_lane_set_resource (self->view_lane, NULL);
  g_task_return_boolean (task, TRUE);
}

/* What is of one track of the exhibit in view. */
static void
leave_track (CsmSession *self)
{
  csm_session_leave_displayed (self);
  csm_session_stop_playing (self);
  remember_position (self);
  self->view_sequence++;
  csm_session_cancel_seek (self);
  g_cancellable_cancel (self->view_cancellable);
  g_object_unref (self->view_cancellable);
  self->view_cancellable = g_cancellable_new ();
  self->view_worker = NULL;
  if (self->view_process != NULL)
    {
      /* It holds the exhibit's key: it goes now, not when it comes to read its messages. */
      csm_session_kill_worker (self->view_process);
      self->view_process = NULL;
      csm_session_run_view (self, csm_session_task_new (self, NULL, NULL, 0, NULL, NULL), NULL,
                            empty_view_job);
    }
  self->play_busy = false;
  self->n_failures = 0;
  csm_session_forget_view (self);
  self->committing = false;
  g_hash_table_remove_all (self->uncommitted);
  g_clear_pointer (&self->found_index, csm_frame_index_unref);
  csm_session_set_ordinal (self, -1);
  set_index (self, NULL, CSM_INDEX_NONE);
  csm_session_leave_sound (self);
  csm_session_leave_strip (self);
  csm_session_set_in (self, -1);
  csm_session_set_out (self, -1);
  if (self->picture != NULL)
    {
      g_clear_pointer (&self->picture, csm_picture_free);
      csm_session_emit_picture_changed (self);
    }
}

void
csm_session_leave_view (CsmSession *self)
{
  leave_track (self);
  self->has_landing = false;
  set_info (self, NULL);
  csm_item_list_clear (self->exhibit_marks);
  if (g_set_object (&self->selected, NULL))
    csm_session_notify (self, CSM_SESSION_PROP_SELECTED);
}

/* --- the view lane: worker and index --- */

static CsmFrameIndex *
find_index (CsmWorker *worker, const ViewJob *job, GCancellable *cancellable, GError **error)
{
  /* A stored index that does not parse is no reason not to look at the file. */
  if (job->stored != NULL)
    {
      CsmFrameIndex *stored = csm_frame_index_parse (job->stored, NULL);

      if (stored != NULL)
        return stored;
    }
  return csm_worker_scan (worker, job->track, NULL, NULL, cancellable, error);
}

static void
start_worker_job (GTask *task, gpointer resource)
{
  CsmSession *self = g_task_get_source_object (task);
  ViewJob *job = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;
  CsmWorker *worker = g_steal_pointer (&job->worker);

  csm_lane_set_resource (self->view_lane, worker);
  job->info = csm_worker_probe (worker, cancellable, &error);
  if (job->info == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  job->has_picture = csm_media_info_get_stream (job->info, 'v', 0) != NULL;
  job->has_sound = csm_media_info_get_stream (job->info, 'a', 0) != NULL;
  if (job->has_picture)
    {
      job->index = find_index (worker, job, cancellable, &error);
      if (job->index == NULL || !csm_worker_set_index (worker, job->index, &error))
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
    }
  g_task_return_boolean (task, TRUE);
}

/* Frame numbers come from an exact index, or from one that shows no risk. */
static bool
may_number_frames (const CsmFrameIndex *index)
{
  return csm_frame_index_is_exact (index) || csm_frame_index_get_risks (index) == 0;
}

static void
enter_view (CsmSession *self, ViewJob *job)
{
  self->view_worker = self->view_process;
  csm_session_meet_library (self, job->info->library);
  if (self->info == NULL) /* else another track of the same file */
    set_info (self, g_steal_pointer (&job->info));
  if (job->has_sound)
    csm_session_map_sound (self);
  if (!job->has_picture && job->has_sound)
    {
      csm_session_enter_sound_alone (self);
      return;
    }
  if (!job->has_picture)
    {
      csm_session_emit_notice (self, _ ("This exhibit has no picture to show."));
      return;
    }
  if (!may_number_frames (job->index))
    {
      g_clear_pointer (&self->found_index, csm_frame_index_unref);
      self->found_index = g_steal_pointer (&job->index);
      csm_session_emit_notice (self, _ ("This file needs a full check before its frames can be "
                                        "numbered; it opens when the check is done."));
      csm_session_verify_first (self, &job->exhibit, self->track);
      return;
    }
  {
    bool exact = csm_frame_index_is_exact (job->index);

    set_index (self, g_steal_pointer (&job->index),
               exact ? CSM_INDEX_EXACT : CSM_INDEX_PROVISIONAL);
    if (exact)
      csm_session_recheck_view (
          self, csm_frame_index_get_library (self->index),
          self->track > 0 ? job->status : csm_exhibit_item_get_record (self->selected)->status);
    if (!exact && self->track > 0 && !job->given_up)
      csm_session_enqueue_track (self, &job->exhibit, self->track);
  }
  if (self->n_frames > 0)
    csm_session_seek (self, csm_session_take_start (self));
  csm_session_start_strip (self);
  csm_session_commit_waiting (self);
}

static void
worker_started_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  ViewJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool started = g_task_propagate_boolean (G_TASK (result), &error);

  if (!csm_session_is_in_view (self, data))
    return;
  if (started)
    enter_view (self, job);
  else
    {
      /* Translators: %s is the number of an exhibit, "E-0001" */
      g_autofree char *lead = g_strdup_printf (
          _ ("%s cannot be shown"), csm_exhibit_item_get_record (self->selected)->number);

      self->index_state = CSM_INDEX_FAILED;
      csm_session_notify (self, CSM_SESSION_PROP_INDEX_STATE);
      /* What is known to be unreadable says so itself, in its status. */
      if (csm_exhibit_item_get_record (self->selected)->index_state != CSM_INDEX_FAILED)
        csm_session_emit_error (self, lead, error);
    }
}

/* --- the case lane: what the worker is given --- */

/* One that is damaged is made again. */
static void
read_track (CsmCase *acase, ViewJob *job)
{
  g_autoptr (CsmKeptTrack) kept = NULL;

  if (job->track == 0)
    {
      job->stored = csm_case_get_index (acase, &job->exhibit, NULL);
      return;
    }
  kept = csm_case_get_track (acase, &job->exhibit, job->track, NULL);
  if (kept == NULL)
    return;
  job->stored = g_steal_pointer (&kept->index);
  job->status = g_steal_pointer (&kept->status);
  job->given_up = kept->state == CSM_INDEX_FAILED;
}

static void
hand_out_job (GTask *task, gpointer resource)
{
  ViewJob *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  job->snapshot = csm_snapshot_read (resource, g_steal_pointer (&job->wish), &error);
  if (job->snapshot == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  /* Without its media an exhibit still has its marks. */
  job->source = csm_intake_open_media (resource, &job->exhibit, &error);
  if (job->source == NULL)
    job->no_media = g_strdup (error->message);
  else
    {
      g_autoptr (GBytes) sound = csm_case_get_sound (resource, &job->exhibit, NULL);

      read_track (resource, job);
      /* One that is damaged is made again. */
      job->sound = sound != NULL ? csm_sound_map_parse (sound, NULL) : NULL;
    }
  g_task_return_boolean (task, TRUE);
}

static ViewJob *
view_job_next (ViewJob *job, int cache_mib)
{
  ViewJob *next = g_new0 (ViewJob, 1);

  next->exhibit = job->exhibit;
  next->track = job->track;
  next->given_up = job->given_up;
  next->worker = csm_worker_new (job->source, false); /* no process yet */
  csm_worker_set_cache (next->worker, cache_mib);
  next->stored = g_steal_pointer (&job->stored);
  next->status = g_steal_pointer (&job->status);
  return next;
}

static void
handed_out_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  ViewJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool read = g_task_propagate_boolean (G_TASK (result), &error);
  ViewJob *next;

  if (!csm_session_is_in_view (self, data))
    return;
  if (!read)
    {
      csm_session_emit_error (self, _ ("The exhibit could not be read"), error);
      return;
    }
  csm_session_apply (self, g_steal_pointer (&job->snapshot));
  if (job->no_media != NULL)
    {
      g_autofree char *text =
          g_strdup_printf (_ ("%s cannot be shown: %s"),
                           csm_exhibit_item_get_record (self->selected)->number, job->no_media);

      csm_session_emit_problem (self, text);
      return;
    }
  next = view_job_next (job, self->cache_mib);
  self->view_process = next->worker;
  csm_session_enter_sound (self, job->source, job->sound);
  csm_session_enter_strip (self, job->source);
  csm_session_run_view (self,
                        csm_session_task_new (self, self->view_cancellable, worker_started_cb,
                                              self->view_sequence, next, view_job_free),
                        NULL, start_worker_job);
}

/* Brings what is selected into view. */
static void
start_view (CsmSession *self)
{
  ViewJob *job = g_new0 (ViewJob, 1);

  job->exhibit = csm_exhibit_item_get_record (self->selected)->id;
  job->track = self->track;
  job->wish = csm_session_make_wish (self, CSM_REFRESH_EXHIBIT_MARKS);
  csm_session_run_case (self,
                        csm_session_task_new (self, self->view_cancellable, handed_out_cb,
                                              self->view_sequence, job, view_job_free),
                        hand_out_job);
}

/* To another track of the exhibit in view. */
static void
change_track (CsmSession *self, int track, int64_t ordinal)
{
  leave_track (self);
  csm_session_set_position (self, &csm_exhibit_item_get_record (self->selected)->id, track,
                            ordinal);
  use_track (self, track);
  /* What is on the other track can be chosen again, to go back there. */
  if (self->selected_mark != NULL &&
      csm_mark_item_get_record (self->selected_mark)->track != track)
    csm_session_select_mark (self, NULL);
  start_view (self);
  csm_session_emit_marks_changed (self);
}

void
csm_session_select_at (CsmSession *self, const CsmId *exhibit, int track, int64_t pending)
{
  CsmExhibitItem *item = exhibit != NULL ? csm_session_find_exhibit_item (self, exhibit) : NULL;
  bool is_other = item != self->selected;

  if (item != NULL && track < 0)
    track = is_other ? csm_session_get_position (self, exhibit).track : self->track;
  if (item != NULL && !is_other && track != self->track)
    {
      self->has_landing = false;
      change_track (self, track, MAX (pending, 0));
      return;
    }
  if (item != NULL && pending >= 0 && (is_other || self->n_frames <= 0))
    {
      /* Found there when the view is ready. */
      csm_session_set_position (self, exhibit, track, pending);
      self->has_landing = false;
    }
  if (!is_other)
    {
      if (pending >= 0)
        csm_session_seek (self, pending);
      return;
    }
  if (item != NULL)
    g_object_ref (item);
  csm_session_leave_view (self);
  use_track (self, item != NULL ? track : 0);
  if (item == NULL)
    return;
  self->selected = item;
  start_view (self);
  /* The view is complete before anybody is told. */
  csm_session_notify (self, CSM_SESSION_PROP_SELECTED);
}

void
csm_session_select (CsmSession *self, const CsmId *exhibit)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  if (!csm_session_is_usable (self))
    return;
  csm_session_select_at (self, exhibit, -1, -1);
}

/* --- the exact index arrives --- */

static void
use_index_job (GTask *task, gpointer resource)
{
  CsmFrameIndex *index = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (resource == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                             _ ("The exhibit was left"));
  else if (!csm_worker_set_index (resource, index, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
index_used_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CsmFrameIndex *index = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool used = g_task_propagate_boolean (G_TASK (result), &error);

  if (!csm_session_is_in_view (self, data))
    return;
  if (!used)
    {
      if (csm_session_reader_replaced (self, error))
        csm_session_use_index (self, index);
      else
        csm_session_emit_error (self, _ ("The exact index could not be used"), error);
      return;
    }
  set_index (self, csm_frame_index_ref (index), CSM_INDEX_EXACT);
  if (self->n_frames > 0 && !self->playing)
    csm_session_seek (self, self->ordinal >= 0 ? self->ordinal : csm_session_take_start (self));
  csm_session_start_strip (self);
  csm_session_commit_waiting (self);
}

void
csm_session_use_index (CsmSession *self, CsmFrameIndex *index)
{
  csm_session_run_view (self,
                        csm_session_task_new (self, self->view_cancellable, index_used_cb,
                                              self->view_sequence, csm_frame_index_ref (index),
                                              (GDestroyNotify) csm_frame_index_unref),
                        NULL, use_index_job);
}

void
csm_session_give_up_index (CsmSession *self, const GError *error)
{
  g_autofree char *lead = NULL;

  /* A view that numbers its frames already goes on with what it has. */
  if (self->found_index == NULL)
    return;
  g_clear_pointer (&self->found_index, csm_frame_index_unref);
  self->index_state = CSM_INDEX_FAILED;
  csm_session_notify (self, CSM_SESSION_PROP_INDEX_STATE);
  /* Translators: %s is the number of an exhibit, "E-0001" */
  lead = g_strdup_printf (_ ("The full check of %s failed, and its frames cannot be numbered"),
                          csm_exhibit_item_get_record (self->selected)->number);
  csm_session_emit_error (self, lead, error);
}

CsmExhibitItem *
csm_session_get_selected (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->selected;
}

int
csm_session_get_worker_pid (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), 0);
  return self->view_worker != NULL ? csm_worker_get_pid (self->view_worker) : 0;
}

int64_t
csm_session_get_n_frames (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), 0);
  return self->n_frames;
}

CsmIndexState
csm_session_get_index_state (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), CSM_INDEX_NONE);
  return self->index_state;
}

CsmFrameIndex *
csm_session_get_index (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->index;
}

CsmMediaInfo *
csm_session_get_media_info (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->info;
}

int
csm_session_get_track (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), 0);
  return self->track;
}

void
csm_session_set_track (CsmSession *self, int track)
{
  int64_t us;

  g_return_if_fail (CSM_IS_SESSION (self) && track >= 0);

  if (self->selected == NULL || track == self->track || !csm_session_is_usable (self) ||
      self->info == NULL || csm_media_info_get_stream (self->info, 'v', track) == NULL)
    return;
  /* On the way to another track already: its landing stays. */
  if (csm_session_get_us (self, self->ordinal, &us))
    {
      self->has_landing = true;
      self->landing_us = us;
    }
  change_track (self, track, 0);
}

bool
csm_session_is_on_track (CsmSession *self, const CsmMark *mark)
{
  g_return_val_if_fail (CSM_IS_SESSION (self) && mark != NULL, false);
  return csm_session_is_sound_alone (self) ? mark->track < 0 : mark->track == self->track;
}
