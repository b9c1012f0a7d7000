/* csm-session-background.c: looking into new exhibits, and reaching their exact index
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* One pass over one exhibit: the case lane hands out its bytes, the background lane looks or
 * verifies, the case lane stores. The pass goes from lane to lane as the data of one task after
 * another; whoever has the task has the pass. */
struct _CsmPass
{
  /* Immutable */
  CsmId exhibit;
  int track;     /* v:N; a look is at v:0 */
  bool verify;   /* else: look */
  char *recheck; /* (nullable): verify against the stored index, with this library */
  bool urgent;   /* somebody waits in front of an empty view */
  unsigned sequence;
  GCancellable *cancellable;
  CsmProgress *progress;

  /* Guarded by lock: freed on a lane, ended by the main thread */
  GMutex lock;
  CsmWorker *worker;

  /* Who has the task */
  CsmMediaSource *source;
  CsmIntakeLook *look;
  CsmFrameIndex *index;
  CsmFrameIndex *stored; /* (nullable): what a re-check compares with */
  GError *failure;       /* of the file */
  CsmExhibit *after;
  char *differs; /* (nullable): what a re-check found, when frames are other ones */
  bool exact_stored;

  /* Main thread only */
  CsmSession *session; /* borrowed: tasks hold it */
};

static void start_next_pass (CsmSession *self);

/* Lane: ending a process waits for it. */
static void
free_worker (CsmPass *pass)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&pass->lock);

  g_clear_pointer (&pass->worker, csm_worker_free);
}

/* Stops a pass where it is: what runs returns at once. */
static void
stop_pass (CsmPass *pass)
{
  g_cancellable_cancel (pass->cancellable);
  if (!g_mutex_trylock (&pass->lock)) /* it is being freed already */
    return;
  if (pass->worker != NULL)
    csm_session_kill_worker (pass->worker);
  g_mutex_unlock (&pass->lock);
}

static void
pass_free (CsmPass *pass)
{
  csm_progress_unref (pass->progress);
  g_clear_object (&pass->cancellable);
  csm_media_source_unref (pass->source);
  csm_worker_free (pass->worker);
  csm_intake_look_free (pass->look);
  g_clear_pointer (&pass->index, csm_frame_index_unref);
  g_clear_pointer (&pass->stored, csm_frame_index_unref);
  g_free (pass->recheck);
  g_clear_error (&pass->failure);
  csm_exhibit_free (pass->after);
  g_free (pass->differs);
  g_mutex_clear (&pass->lock);
  g_free (pass);
}

static void
show_checking_cb (int64_t done, int64_t total, gpointer data)
{
  CsmPass *pass = data;
  CsmExhibitItem *item = csm_session_find_exhibit_item (pass->session, &pass->exhibit);

  if (item != NULL && pass->verify && total > 0)
    csm_exhibit_item_set_checking (item, (int) (CLAMP (done, 0, total) * 100 / total));
}

/* The pass is over, one way or another. */
static void
end_pass (CsmSession *self, CsmPass *pass)
{
  CsmExhibitItem *item;
  bool current = pass->sequence == self->sequence;

  csm_progress_stop (pass->progress);
  if (self->pass == pass)
    self->pass = NULL;
  item = current ? csm_session_find_exhibit_item (self, &pass->exhibit) : NULL;
  if (item != NULL)
    csm_exhibit_item_set_checking (item, -1);
  pass_free (pass);
  if (self->pass == NULL && csm_session_is_usable (self))
    start_next_pass (self);
}

static void
run_pass (CsmSession *self,
          CsmPass *pass,
          GAsyncReadyCallback callback,
          void (*run) (CsmSession *self, GTask *task))
{
  GTask *task = g_task_new (self, pass->cancellable, callback, pass);

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, pass, NULL);
  run (self, task);
}

/* --- the case lane: store --- */

static gboolean
read_digest_cb (int64_t ordinal, CsmFrameDigest *ret_digest, gpointer data, GError **error)
{
  CsmPass *pass = data;

  return csm_worker_read_digest (pass->worker, ordinal, ret_digest, pass->cancellable, error);
}

/* What was looked at before, for its thumbnail, may have an exact index by now: that stays. */
static gboolean
store_look (CsmCase *acase, CsmPass *pass, GError **error)
{
  g_autoptr (CsmExhibit) row = csm_case_get_exhibit (acase, &pass->exhibit, error);

  if (row == NULL)
    return FALSE;
  if (row->index_state != CSM_INDEX_NONE)
    return csm_intake_store_thumbnail (acase, &pass->exhibit, pass->look, error);
  return csm_intake_store_look (acase, &pass->exhibit, pass->look, error);
}

/* The stored index is signed: it stays, whatever another library makes of the file. */
static gboolean
store_recheck (CsmCase *acase, CsmPass *pass, GError **error)
{
  return csm_intake_store_recheck (acase, &pass->exhibit, pass->track, pass->stored,
                                   pass->index, pass->recheck, pass->failure, error);
}

/* (transfer full) (nullable): the status that the re-check left, when frames differ. */
static char *
find_difference (CsmCase *acase, const CsmPass *pass)
{
  g_autoptr (CsmKeptTrack) kept = NULL;

  if (pass->track == 0)
    return csm_intake_get_exhibit_recheck (pass->after, pass->recheck) == CSM_RECHECK_DIFFERS
               ? g_strdup (pass->after->status)
               : NULL;
  kept = csm_case_get_track (acase, &pass->exhibit, pass->track, NULL);
  return kept != NULL &&
                 csm_intake_get_track_recheck (kept, pass->recheck) == CSM_RECHECK_DIFFERS
             ? g_strdup (kept->status)
             : NULL;
}

static gboolean
store_pass (CsmCase *acase, CsmPass *pass, GError **error)
{
  if (pass->recheck != NULL)
    return store_recheck (acase, pass, error);
  if (pass->failure != NULL)
    return csm_intake_store_failure (acase, &pass->exhibit, pass->track, pass->failure, error);
  if (!pass->verify)
    return store_look (acase, pass, error);
  if (!csm_intake_store_exact (acase, &pass->exhibit, pass->index, read_digest_cb, pass, error))
    return FALSE;
  pass->exact_stored = true;
  return TRUE;
}

static void
store_pass_job (GTask *task, gpointer resource)
{
  CsmPass *pass = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  bool stored;

  if (!csm_session_need_case (task, resource))
    return;
  /* A case that is only looked at keeps nothing; who looks has the exact index all the same. */
  stored = csm_case_is_read_only (resource) || store_pass (resource, pass, &error);
  free_worker (pass);
  if (!stored)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  pass->after = csm_case_get_exhibit (resource, &pass->exhibit, NULL);
  if (pass->after != NULL && pass->recheck != NULL)
    pass->differs = find_difference (resource, pass);
  g_task_return_boolean (task, TRUE);
}

/* What a re-check found: only what differs is worth a word. In view the file's frames are from
 * now on those that this computer's library gives; the stored index names the others. */
static void
show_recheck (CsmSession *self, CsmPass *pass, bool in_view)
{
  g_autofree char *text = NULL;
  char track[16];

  if (pass->differs == NULL)
    return;
  csm_track_format (pass->track, track);
  /* Translators: the number of an exhibit, one of its tracks ("v:0"), and what was found of it
   */
  text =
      g_strdup_printf (_ ("%s, track %s, was indexed with another FFmpeg, and this one gives "
                          "other frames: %s"),
                       pass->after->number, track, pass->differs);
  csm_session_emit_notice (self, text);
  if (in_view && pass->index != NULL)
    csm_session_use_index (self, pass->index);
}

static void
show_pass (CsmSession *self, CsmPass *pass)
{
  CsmExhibitItem *item = csm_session_find_exhibit_item (self, &pass->exhibit);
  bool in_view = item != NULL && item == self->selected && pass->track == self->track;

  if (item == NULL) /* removed meanwhile */
    return;
  if (pass->recheck != NULL)
    show_recheck (self, pass, in_view);
  if (pass->after != NULL)
    {
      /* A look that could not be had (no worker, no cage) waits for the next opening. */
      if (!pass->verify && pass->after->index_state == CSM_INDEX_PROVISIONAL)
        csm_session_enqueue (self, pass->after);
      csm_session_put_exhibit (self, g_steal_pointer (&pass->after));
    }
  if (!pass->verify && csm_intake_look_has_thumbnail (pass->look))
    csm_exhibit_item_expire_thumbnail (item);
  if (pass->recheck != NULL)
    return;
  if (in_view && pass->verify && pass->index != NULL)
    csm_session_use_index (self, pass->index);
  else if (in_view && pass->failure != NULL)
    csm_session_give_up_index (self, pass->failure);
  csm_session_refresh (self, pass->exact_stored ? CSM_REFRESH_MARKS | CSM_REFRESH_EXHIBIT_MARKS
                                                : CSM_REFRESH_LEDGER);
}

static void
pass_stored_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CsmPass *pass = data;
  g_autoptr (GError) error = NULL;
  bool stored = g_task_propagate_boolean (G_TASK (result), &error);

  if (pass->sequence == self->sequence && csm_session_is_usable (self))
    {
      if (stored)
        show_pass (self, pass);
      else if (csm_session_find_exhibit_item (self, &pass->exhibit) !=
               NULL) /* else it was erased */
        csm_session_emit_error (self, _ ("What was found out could not be kept"), error);
    }
  end_pass (self, pass);
}

/* --- the background lane: look or verify --- */

static void
report_pass_cb (int64_t done, int64_t total, gpointer data)
{
  csm_progress_report (((CsmPass *) data)->progress, done, total);
}

static void
read_pass_job (GTask *task, gpointer resource)
{
  CsmPass *pass = g_task_get_task_data (task);

  g_mutex_lock (&pass->lock);
  pass->worker = csm_worker_new (pass->source, !pass->urgent);
  g_mutex_unlock (&pass->lock);
  if (!pass->verify)
    pass->look = csm_intake_look_worker (pass->worker, pass->cancellable);
  else
    {
      pass->index = csm_worker_verify (pass->worker, pass->track, report_pass_cb, pass,
                                       pass->cancellable, &pass->failure);
      if (pass->index != NULL)
        /* Digests that cannot be read then leave their marks as they are. */
        (void) csm_worker_set_index (pass->worker, pass->index, NULL);
    }
  if (g_cancellable_is_cancelled (pass->cancellable) ||
      (pass->look == NULL && pass->index == NULL && pass->failure == NULL))
    {
      free_worker (pass);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                               _ ("The check was put aside"));
    }
  else
    g_task_return_boolean (task, TRUE);
}

static void
run_on_case (CsmSession *self, GTask *task)
{
  csm_session_run_case (self, task, store_pass_job);
}

static void
pass_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CsmPass *pass = data;

  if (!g_task_propagate_boolean (G_TASK (result), NULL) || pass->sequence != self->sequence)
    end_pass (self, pass);
  else
    run_pass (self, pass, pass_stored_cb, run_on_case);
}

/* --- the case lane: what to read --- */

/* Sets @error when there is nothing to compare with. */
static void
read_stored (CsmCase *acase, CsmPass *pass, GError **error)
{
  g_autoptr (GBytes) bytes =
      csm_case_get_track_index (acase, &pass->exhibit, pass->track, error);

  if (bytes != NULL)
    pass->stored = csm_frame_index_parse (bytes, error);
  if ((error == NULL || *error == NULL) &&
      (pass->stored == NULL || !csm_frame_index_is_exact (pass->stored)))
    g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CHANGED,
                         _ ("There is no exact index to compare with"));
}

static void
open_pass_job (GTask *task, gpointer resource)
{
  CsmPass *pass = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  pass->source = csm_intake_open_media (resource, &pass->exhibit, &error);
  if (pass->source != NULL && pass->recheck != NULL)
    read_stored (resource, pass, &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
run_in_background (CsmSession *self, GTask *task)
{
  csm_lane_run (self->back_lane, task, NULL, read_pass_job);
  g_object_unref (task);
}

static void
pass_opened_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  CsmPass *pass = data;

  /* Media that is not there is told to who selects it, not to who does something else. */
  if (!g_task_propagate_boolean (G_TASK (result), NULL) || pass->sequence != self->sequence)
    end_pass (self, pass);
  else
    run_pass (self, pass, pass_read_cb, run_in_background);
}

static void
run_opening (CsmSession *self, GTask *task)
{
  csm_session_run_case (self, task, open_pass_job);
}

/* --- the queues --- */

/* (transfer full): of whom a pass is. */
static char *
make_key (const CsmId *exhibit, int track)
{
  return g_strdup_printf ("%s v:%d", exhibit->hex, track);
}

static void
parse_key (const char *key, CsmId *ret_exhibit, int *ret_track)
{
  g_auto (GStrv) parts = g_strsplit (key, " ", 2);

  /* Our own, from above. */
  (void) csm_id_parse (parts[0], ret_exhibit);
  (void) csm_track_parse (parts[1], ret_track);
}

/* (transfer full) (nullable): looks first, so that all exhibits soon have a face; what was
 * exact once comes last. */
static char *
take_next (CsmSession *self, bool *ret_verify, bool *ret_recheck)
{
  char *id = g_queue_pop_head (&self->look_queue);

  *ret_recheck = false;
  *ret_verify = id == NULL;
  if (id == NULL)
    id = g_queue_pop_head (&self->verify_queue);
  if (id == NULL)
    {
      id = g_queue_pop_head (&self->recheck_queue);
      *ret_recheck = true;
    }
  return id;
}

static void
start_next_pass (CsmSession *self)
{
  g_autofree char *key = NULL;
  bool verify, recheck;
  CsmPass *pass;

  if (self->pass != NULL || (key = take_next (self, &verify, &recheck)) == NULL)
    return;
  pass = g_new0 (CsmPass, 1);
  parse_key (key, &pass->exhibit, &pass->track);
  pass->verify = verify;
  pass->recheck = recheck ? g_strdup (self->library) : NULL;
  pass->urgent =
      self->found_index != NULL && self->selected != NULL && self->track == pass->track &&
      strcmp (csm_exhibit_item_get_record (self->selected)->id.hex, pass->exhibit.hex) == 0;
  pass->sequence = self->sequence;
  pass->session = self;
  pass->cancellable = g_cancellable_new ();
  g_mutex_init (&pass->lock);
  pass->progress = csm_progress_new (show_checking_cb, pass);
  self->pass = pass;
  run_pass (self, pass, pass_opened_cb, run_opening);
}

static GList *
find_queued (GQueue *queue, const char *key)
{
  return g_queue_find_custom (queue, key, (GCompareFunc) strcmp);
}

/* Takes @key. */
static void
enqueue (CsmSession *self, GQueue *queue, char *key, bool first)
{
  if (find_queued (queue, key) != NULL)
    {
      g_free (key);
      return;
    }
  if (first)
    g_queue_push_head (queue, key);
  else
    g_queue_push_tail (queue, key);
  start_next_pass (self);
}

void
csm_session_enqueue (CsmSession *self, const CsmExhibit *record)
{
  GQueue *queue = NULL;

  if (self->read_only)
    return;
  if (record->index_state == CSM_INDEX_NONE)
    queue = &self->look_queue;
  else if (record->index_state == CSM_INDEX_PROVISIONAL)
    queue = &self->verify_queue;
  if (queue != NULL)
    enqueue (self, queue, make_key (&record->id, 0), false);
}

/* Whether the full check of @exhibit's v:@track is what runs. */
static bool
is_verifying (CsmSession *self, const CsmId *exhibit, int track)
{
  return self->pass != NULL && self->pass->verify && self->pass->recheck == NULL &&
         self->pass->track == track && strcmp (self->pass->exhibit.hex, exhibit->hex) == 0;
}

void
csm_session_enqueue_track (CsmSession *self, const CsmId *exhibit, int track)
{
  if (!self->read_only && !is_verifying (self, exhibit, track))
    enqueue (self, &self->verify_queue, make_key (exhibit, track), true);
}

void
csm_session_look_again (CsmSession *self, const CsmId *exhibit)
{
  if (!self->read_only)
    enqueue (self, &self->look_queue, make_key (exhibit, 0), false);
}

void
csm_session_verify_first (CsmSession *self, const CsmId *exhibit, int track)
{
  g_autofree char *key = make_key (exhibit, track);
  CsmPass *running = self->pass;
  GList *queued;

  if (is_verifying (self, exhibit, track))
    return;
  queued = find_queued (&self->verify_queue, key);
  if (queued != NULL)
    {
      g_free (queued->data);
      g_queue_delete_link (&self->verify_queue, queued);
    }
  if (running != NULL && running->verify)
    {
      /* It begins again behind this one. */
      g_queue_push_head (running->recheck != NULL ? &self->recheck_queue : &self->verify_queue,
                         make_key (&running->exhibit, running->track));
      stop_pass (running);
    }
  g_queue_push_head (&self->verify_queue, g_steal_pointer (&key));
  start_next_pass (self);
}

void
csm_session_drop_queues (CsmSession *self)
{
  if (self->pass != NULL)
    stop_pass (self->pass);
  g_queue_clear_full (&self->look_queue, g_free);
  g_queue_clear_full (&self->verify_queue, g_free);
  g_queue_clear_full (&self->recheck_queue, g_free);
  g_clear_pointer (&self->library, g_free); /* met again with the next case */
}

/* --- another FFmpeg than the one that indexed --- */

static void
enqueue_recheck (CsmSession *self, const CsmId *exhibit, int track, bool first)
{
  if (self->pass == NULL || self->pass->recheck == NULL || self->pass->track != track ||
      strcmp (self->pass->exhibit.hex, exhibit->hex) != 0)
    enqueue (self, &self->recheck_queue, make_key (exhibit, track), first);
}

/* Of further tracks the list of exhibits says nothing: the case lane looks for them. */
typedef struct
{
  char *library;
  GPtrArray *wanted; /* of char *, keys */
} TrackJob;

static void
track_job_free (gpointer data)
{
  TrackJob *job = data;

  g_free (job->library);
  g_ptr_array_unref (job->wanted);
  g_free (job);
}

static gboolean
find_tracks (CsmCase *acase, const CsmId *exhibit, TrackJob *job, GError **error)
{
  g_autoptr (GPtrArray) tracks = csm_case_list_tracks (acase, exhibit, error);

  for (guint i = 0; tracks != NULL && i < tracks->len; i++)
    {
      const CsmKeptTrack *track = tracks->pdata[i];

      if (csm_intake_get_track_recheck (track, job->library) == CSM_RECHECK_WANTED)
        g_ptr_array_add (job->wanted, make_key (exhibit, track->track));
    }
  return tracks != NULL;
}

static void
find_tracks_job (GTask *task, gpointer resource)
{
  TrackJob *job = g_task_get_task_data (task);
  g_autoptr (GArray) exhibits = NULL;
  g_autoptr (GError) error = NULL;

  if (!csm_session_need_case (task, resource))
    return;
  exhibits = csm_case_list_tracked (resource, &error);
  for (guint i = 0; error == NULL && i < exhibits->len; i++)
    /* One whose index no entry names is made again when it is chosen. */
    if (!find_tracks (resource, &g_array_index (exhibits, CsmId, i), job, &error) &&
        g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED))
      g_clear_error (&error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
tracks_found_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  TrackJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  bool found = g_task_propagate_boolean (G_TASK (result), &error);

  if (!csm_session_is_current (self, data) || !csm_session_is_usable (self))
    return;
  if (!found)
    csm_session_emit_error (self, _ ("The tracks of the exhibits could not be listed"), error);
  for (guint i = 0; found && i < job->wanted->len; i++)
    {
      CsmId exhibit;
      int track;

      parse_key (job->wanted->pdata[i], &exhibit, &track);
      enqueue_recheck (self, &exhibit, track, false);
    }
}

void
csm_session_meet_library (CsmSession *self, const char *library)
{
  unsigned n = csm_item_list_get_size (self->exhibits);
  TrackJob *job;

  if (self->read_only || g_strcmp0 (self->library, library) == 0)
    return;
  g_free (self->library);
  self->library = g_strdup (library);
  for (unsigned i = 0; i < n; i++)
    {
      const CsmExhibit *record =
          csm_exhibit_item_get_record (csm_item_list_peek (self->exhibits, i));

      if (csm_intake_get_exhibit_recheck (record, library) == CSM_RECHECK_WANTED)
        enqueue_recheck (self, &record->id, 0, false);
    }
  job = g_new0 (TrackJob, 1);
  job->library = g_strdup (library);
  job->wanted = g_ptr_array_new_with_free_func (g_free);
  csm_session_run_case (
      self,
      csm_session_task_new (self, NULL, tracks_found_cb, self->sequence, job, track_job_free),
      find_tracks_job);
}

void
csm_session_recheck_view (CsmSession *self, const char *made_by, const char *status)
{
  if (!self->read_only && self->library != NULL &&
      csm_intake_get_recheck (CSM_INDEX_EXACT, made_by, status, self->library) ==
          CSM_RECHECK_DIFFERS)
    enqueue_recheck (self, &csm_exhibit_item_get_record (self->selected)->id, self->track,
                     true);
}
