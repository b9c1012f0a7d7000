/* csm-session.c: the session as an object: properties, signals, lanes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-conflict-item.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>

enum { PICTURE_CHANGED, MARKS_CHANGED, VIEW_CHANGED, NOTICE, PROBLEM, N_SIGNALS };

static GParamSpec *properties[CSM_SESSION_N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CsmSession, csm_session, G_TYPE_OBJECT)

static void
get_view_property (CsmSession *self, guint id, GValue *value)
{
  switch (id)
    {
    case CSM_SESSION_PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;
    case CSM_SESSION_PROP_SELECTED_MARK:
      g_value_set_object (value, self->selected_mark);
      break;
    case CSM_SESSION_PROP_ORDINAL:
      g_value_set_int64 (value, csm_session_get_ordinal (self));
      break;
    case CSM_SESSION_PROP_N_FRAMES:
      g_value_set_int64 (value, self->n_frames);
      break;
    case CSM_SESSION_PROP_INDEX_STATE:
      g_value_set_int (value, self->index_state);
      break;
    case CSM_SESSION_PROP_INDEX:
      g_value_set_pointer (value, self->index);
      break;
    case CSM_SESSION_PROP_MEDIA_INFO:
      g_value_set_pointer (value, self->info);
      break;
    case CSM_SESSION_PROP_TRACK:
      g_value_set_int (value, self->track);
      break;
    case CSM_SESSION_PROP_IN:
      g_value_set_int64 (value, self->in);
      break;
    case CSM_SESSION_PROP_OUT:
      g_value_set_int64 (value, self->out);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
csm_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmSession *self = CSM_SESSION (object);

  switch (id)
    {
    case CSM_SESSION_PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case CSM_SESSION_PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case CSM_SESSION_PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case CSM_SESSION_PROP_REVIEWER:
      g_value_set_string (value, self->reviewer);
      break;
    case CSM_SESSION_PROP_READ_ONLY:
      g_value_set_boolean (value, self->read_only);
      break;
    case CSM_SESSION_PROP_PLAYING:
      g_value_set_boolean (value, self->playing);
      break;
    case CSM_SESSION_PROP_RATE:
      g_value_set_double (value, self->rate);
      break;
    case CSM_SESSION_PROP_LOOP:
      g_value_set_boolean (value, self->loop);
      break;
    case CSM_SESSION_PROP_N_DROPPED:
      g_value_set_int64 (value, self->n_dropped);
      break;
    case CSM_SESSION_PROP_CAN_UNDO:
      g_value_set_boolean (value, csm_session_can_undo (self));
      break;
    case CSM_SESSION_PROP_CAN_REDO:
      g_value_set_boolean (value, csm_session_can_redo (self));
      break;
    case CSM_SESSION_PROP_UNDO_LABEL:
      g_value_set_string (value, csm_session_get_undo_label (self));
      break;
    case CSM_SESSION_PROP_REDO_LABEL:
      g_value_set_string (value, csm_session_get_redo_label (self));
      break;
    case CSM_SESSION_PROP_MUTED:
      g_value_set_boolean (value, csm_session_get_muted (self));
      break;
    case CSM_SESSION_PROP_VOLUME:
      g_value_set_double (value, csm_session_get_volume (self));
      break;
    case CSM_SESSION_PROP_SOUND:
      g_value_set_pointer (value, csm_session_get_sound (self));
      break;
    case CSM_SESSION_PROP_STRIP:
      g_value_set_pointer (value, self->strip);
      break;
    default:
      get_view_property (self, id, value);
    }
}

static void
csm_session_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CsmSession *self = CSM_SESSION (object);

  switch (id)
    {
    case CSM_SESSION_PROP_PLAYING:
      csm_session_set_playing (self, g_value_get_boolean (value));
      break;
    case CSM_SESSION_PROP_RATE:
      csm_session_set_rate (self, g_value_get_double (value));
      break;
    case CSM_SESSION_PROP_LOOP:
      csm_session_set_loop (self, g_value_get_boolean (value));
      break;
    case CSM_SESSION_PROP_MUTED:
      csm_session_set_muted (self, g_value_get_boolean (value));
      break;
    case CSM_SESSION_PROP_VOLUME:
      csm_session_set_volume (self, g_value_get_double (value));
      break;
    case CSM_SESSION_PROP_TRACK:
      csm_session_set_track (self, g_value_get_int (value));
      break;
    case CSM_SESSION_PROP_IN:
      csm_session_set_in (self, g_value_get_int64 (value));
      break;
    case CSM_SESSION_PROP_OUT:
      csm_session_set_out (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_session_dispose (GObject *object)
{
  CsmSession *self = CSM_SESSION (object);

  /* Every call to a lane holds a reference to the session: none is left here. The lanes free
   * what they own on their own threads. */
  g_clear_handle_id (&self->play_source, g_source_remove);
  csm_session_cancel_seek (self);
  csm_session_dispose_sound (self);
  csm_session_dispose_strip (self);
  csm_session_dispose_displayed (self);
  g_clear_pointer (&self->back_lane, csm_lane_free);
  g_clear_pointer (&self->view_lane, csm_lane_free);
  g_clear_pointer (&self->case_lane, csm_lane_free);
  g_clear_object (&self->selected);
  g_clear_object (&self->selected_mark);
  g_clear_object (&self->case_cancellable);
  g_clear_object (&self->view_cancellable);
  g_clear_pointer (&self->index, csm_frame_index_unref);
  g_clear_pointer (&self->found_index, csm_frame_index_unref);
  g_clear_pointer (&self->info, csm_media_info_unref);
  g_clear_pointer (&self->picture, csm_picture_free);
  G_OBJECT_CLASS (csm_session_parent_class)->dispose (object);
}

static void
csm_session_finalize (GObject *object)
{
  CsmSession *self = CSM_SESSION (object);

  csm_session_drop_queues (self);
  g_object_unref (self->exhibits);
  g_object_unref (self->exhibit_marks);
  g_object_unref (self->marks);
  g_object_unref (self->codes);
  g_object_unref (self->conflicts);
  g_hash_table_unref (self->conflict_marks);
  g_object_unref (self->results);
  g_object_unref (self->jobs);
  g_object_unref (self->ledger);
  g_ptr_array_unref (self->undo);
  g_ptr_array_unref (self->redo);
  g_ptr_array_unref (self->reviewers);
  g_hash_table_unref (self->code_labels);
  g_hash_table_unref (self->positions);
  g_hash_table_unref (self->uncommitted);
  g_free (self->filter_code);
  g_free (self->filter_author);
  g_free (self->title);
  g_free (self->path);
  g_free (self->restored);
  g_free (self->library);
  g_free (self->reviewer);
  g_mutex_clear (&self->queue_lock);
  G_OBJECT_CLASS (csm_session_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags r = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags rw = r | G_PARAM_WRITABLE;
  GParamSpec **p = properties;

  p[CSM_SESSION_PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, 3, 0, r);
  p[CSM_SESSION_PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", r);
  p[CSM_SESSION_PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, r);
  p[CSM_SESSION_PROP_REVIEWER] = g_param_spec_string ("reviewer", NULL, NULL, "", r);
  p[CSM_SESSION_PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, r);
  p[CSM_SESSION_PROP_SELECTED] =
      g_param_spec_object ("selected", NULL, NULL, CSM_TYPE_EXHIBIT_ITEM, r);
  p[CSM_SESSION_PROP_ORDINAL] =
      g_param_spec_int64 ("ordinal", NULL, NULL, -1, G_MAXINT64, -1, r);
  p[CSM_SESSION_PROP_N_FRAMES] =
      g_param_spec_int64 ("n-frames", NULL, NULL, 0, G_MAXINT64, 0, r);
  p[CSM_SESSION_PROP_INDEX_STATE] = g_param_spec_int ("index-state", NULL, NULL, 0, 3, 0, r);
  p[CSM_SESSION_PROP_INDEX] = g_param_spec_pointer ("index", NULL, NULL, r);
  p[CSM_SESSION_PROP_PLAYING] = g_param_spec_boolean ("playing", NULL, NULL, FALSE, rw);
  p[CSM_SESSION_PROP_RATE] = g_param_spec_double ("rate", NULL, NULL, -4, 4, 1, rw);
  p[CSM_SESSION_PROP_IN] = g_param_spec_int64 ("in", NULL, NULL, -1, G_MAXINT64, -1, rw);
  p[CSM_SESSION_PROP_OUT] = g_param_spec_int64 ("out", NULL, NULL, -1, G_MAXINT64, -1, rw);
  p[CSM_SESSION_PROP_SELECTED_MARK] =
      g_param_spec_object ("selected-mark", NULL, NULL, CSM_TYPE_MARK_ITEM, r);
  p[CSM_SESSION_PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, r);
  p[CSM_SESSION_PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, r);
  p[CSM_SESSION_PROP_UNDO_LABEL] = g_param_spec_string ("undo-label", NULL, NULL, NULL, r);
  p[CSM_SESSION_PROP_REDO_LABEL] = g_param_spec_string ("redo-label", NULL, NULL, NULL, r);
  p[CSM_SESSION_PROP_MEDIA_INFO] = g_param_spec_pointer ("media-info", NULL, NULL, r);
  p[CSM_SESSION_PROP_LOOP] = g_param_spec_boolean ("loop", NULL, NULL, FALSE, rw);
  p[CSM_SESSION_PROP_N_DROPPED] =
      g_param_spec_int64 ("n-dropped", NULL, NULL, 0, G_MAXINT64, 0, r);
  p[CSM_SESSION_PROP_MUTED] = g_param_spec_boolean ("muted", NULL, NULL, TRUE, rw);
  p[CSM_SESSION_PROP_VOLUME] = g_param_spec_double ("volume", NULL, NULL, 0, 1, 1, rw);
  p[CSM_SESSION_PROP_SOUND] = g_param_spec_pointer ("sound", NULL, NULL, r);
  p[CSM_SESSION_PROP_STRIP] = g_param_spec_pointer ("strip", NULL, NULL, r);
  p[CSM_SESSION_PROP_TRACK] = g_param_spec_int ("track", NULL, NULL, 0, G_MAXINT, 0, rw);
  g_object_class_install_properties (klass, CSM_SESSION_N_PROPS, p);
}

static void
csm_session_class_init (CsmSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = csm_session_get_property;
  object_class->set_property = csm_session_set_property;
  object_class->dispose = csm_session_dispose;
  object_class->finalize = csm_session_finalize;
  install_properties (object_class);

  signals[PICTURE_CHANGED] = g_signal_new ("picture-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
  signals[MARKS_CHANGED] = g_signal_new ("marks-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[VIEW_CHANGED] = g_signal_new ("view-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 0);
  signals[NOTICE] = g_signal_new ("notice", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[PROBLEM] = g_signal_new ("problem", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
csm_session_init (CsmSession *self)
{
  g_mutex_init (&self->queue_lock);
  g_queue_init (&self->case_queue);
  g_queue_init (&self->look_queue);
  g_queue_init (&self->verify_queue);
  g_queue_init (&self->recheck_queue);
  self->title = g_strdup ("");
  self->reviewer = g_strdup ("");
  self->exhibits = csm_item_list_new (CSM_TYPE_EXHIBIT_ITEM);
  self->exhibit_marks = csm_item_list_new (CSM_TYPE_MARK_ITEM);
  self->marks = csm_item_list_new (CSM_TYPE_MARK_ITEM);
  self->codes = csm_item_list_new (CSM_TYPE_CODE_ITEM);
  self->conflicts = csm_item_list_new (CSM_TYPE_CONFLICT_ITEM);
  self->conflict_marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->results = csm_item_list_new (CSM_TYPE_SEARCH_ITEM);
  self->jobs = csm_item_list_new (CSM_TYPE_JOB);
  self->ledger = csm_ledger_model_new (csm_session_fetch_ledger_cb, self);
  self->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_undo_free);
  self->redo = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_undo_free);
  self->reviewers = g_ptr_array_new ();
  self->code_labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->positions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->uncommitted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->case_cancellable = g_cancellable_new ();
  self->view_cancellable = g_cancellable_new ();
  self->view_options.accurate = true;
  self->ordinal = self->in = self->out = -1;
  self->rate = 1;
  self->cache_mib = CSM_WORKER_CACHE_MIB;

  self->case_lane = csm_lane_new ("case", NULL, (GDestroyNotify) csm_case_close);
  self->view_lane = csm_lane_new ("view", NULL, (GDestroyNotify) csm_worker_free);
  self->back_lane = csm_lane_new ("background", NULL, NULL);
  csm_session_init_sound (self);
  csm_session_init_strip (self);
  csm_session_init_displayed (self);
}

CsmSession *
csm_session_new (void)
{
  return g_object_new (CSM_TYPE_SESSION, NULL);
}

CsmSessionState
csm_session_get_state (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), CSM_SESSION_CLOSED);
  return self->state;
}

const char *
csm_session_get_title (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), "");
  return self->title;
}

const char *
csm_session_get_path (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return self->path;
}

const char *
csm_session_get_reviewer (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), "");
  return self->reviewer;
}

bool
csm_session_is_read_only (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), true);
  return self->read_only;
}

void
csm_session_notify (CsmSession *self, int property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
csm_session_emit_view_changed (CsmSession *self)
{
  g_signal_emit (self, signals[VIEW_CHANGED], 0);
}

void
csm_session_emit_picture_changed (CsmSession *self)
{
  g_signal_emit (self, signals[PICTURE_CHANGED], 0);
}

void
csm_session_emit_marks_changed (CsmSession *self)
{
  g_signal_emit (self, signals[MARKS_CHANGED], 0);
}

void
csm_session_emit_notice (CsmSession *self, const char *text)
{
  g_signal_emit (self, signals[NOTICE], 0, text);
}

void
csm_session_emit_problem (CsmSession *self, const char *text)
{
  g_signal_emit (self, signals[PROBLEM], 0, text);
}

void
csm_session_emit_error (CsmSession *self, const char *lead, const GError *error)
{
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  text = g_strdup_printf ("%s: %s", lead, error->message);
  csm_session_emit_problem (self, text);
}

bool
csm_session_is_usable (CsmSession *self)
{
  return self->state == CSM_SESSION_OPEN && !self->closing;
}

gboolean
csm_session_check_usable (CsmSession *self, GError **error)
{
  if (csm_session_is_usable (self))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                       _ ("No case is open; open one and try again"));
  return FALSE;
}
