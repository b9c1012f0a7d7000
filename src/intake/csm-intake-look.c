/* csm-intake-look.c: what the worker finds in an exhibit, kept in the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-intake-private.h"

#include "base/csm-small-picture.h"
#include "casefile/csm-case-tracks.h"

struct _CsmIntakeLook
{
  CsmIndexState state;
  char *status;
  CsmMediaInfo *info;   /* (nullable) */
  CsmFrameIndex *index; /* (nullable) */
  GBytes *thumbnail;    /* (nullable) */
  CsmSoundMap *sound;   /* (nullable) */
};

void
csm_intake_look_free (CsmIntakeLook *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->status, g_free);
  g_clear_pointer (&self->info, csm_media_info_unref);
  g_clear_pointer (&self->index, csm_frame_index_unref);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  g_clear_pointer (&self->sound, csm_sound_map_unref);
  g_free (self);
}

/* Whether a failure says something about the file, not about this computer. */
static bool
is_about_file (const GError *error)
{
  return error->domain == CSM_MEDIA_ERROR && error->code != CSM_MEDIA_ERROR_NO_CAGE &&
         error->code != CSM_MEDIA_ERROR_IO;
}

static void
look_set_failure (CsmIntakeLook *self, const GError *error)
{
  bool theirs = is_about_file (error);

  g_free (self->status);
  self->state = theirs ? CSM_INDEX_FAILED : CSM_INDEX_NONE;
  self->status =
      g_strdup_printf (theirs ? "cannot be read: %s" : "not looked at yet: %s", error->message);
}

static void
look_set_index (CsmIntakeLook *self, CsmFrameIndex *index)
{
  self->index = index;
  self->state = CSM_INDEX_PROVISIONAL;
  g_free (self->status);
  self->status = g_strdup (csm_frame_index_get_risks (index) != 0
                               ? "provisional: frame numbers wait for a full check"
                               : "provisional");
}

/* A key frame a quarter in: cheap to reach, and past the black that many clips begin with. */
static int64_t
choose_thumbnail (const CsmFrameIndex *index)
{
  int64_t ordinal = csm_frame_index_get_n_frames (index) / 4;

  while (ordinal > 0 && !csm_frame_index_get (index, ordinal)->key)
    ordinal--;
  return ordinal;
}

static void
look_at_picture (CsmIntakeLook *self, CsmWorker *worker, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  CsmFrameIndex *index = csm_worker_scan (worker, 0, NULL, NULL, cancellable, &error);

  if (index == NULL)
    {
      look_set_failure (self, error);
      return;
    }
  look_set_index (self, index);
  if (csm_frame_index_get_n_frames (index) == 0 || !csm_worker_set_index (worker, index, NULL))
    return;

  /* A provisional index may name a frame that is not there: the first one nearly always is. A
   * list without a thumbnail is still a list: its failure is not kept. */
  int64_t ordinals[] = { choose_thumbnail (index), 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (ordinals) && self->thumbnail == NULL; i++)
    self->thumbnail =
        csm_worker_read_thumbnail (worker, ordinals[i], CSM_SMALL_PICTURE_MAX_WIDTH,
                                   CSM_SMALL_PICTURE_MAX_HEIGHT, cancellable, NULL);
}

/* Pictures are shown whatever their sound is like; what is sound alone cannot be read without.
 */
static void
look_at_sound (CsmIntakeLook *self, CsmWorker *worker, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  bool alone = csm_media_info_get_stream (self->info, 'v', 0) == NULL;

  self->sound = csm_worker_map_sound (worker, 0, NULL, NULL, cancellable, &error);
  if (!alone)
    return;
  if (self->sound == NULL)
    {
      look_set_failure (self, error);
      return;
    }
  /* Nothing is left to be found out. */
  self->state = CSM_INDEX_EXACT;
  self->status = g_strdup ("sound only");
}

CsmIntakeLook *
csm_intake_look_worker (CsmWorker *worker, GCancellable *cancellable)
{
  g_return_val_if_fail (worker != NULL, NULL);
  g_autoptr (CsmIntakeLook) self = g_new0 (CsmIntakeLook, 1);
  g_autoptr (GError) error = NULL;
  bool picture, sound;

  self->info = csm_worker_probe (worker, cancellable, &error);
  picture = self->info != NULL && csm_media_info_get_stream (self->info, 'v', 0) != NULL;
  sound = self->info != NULL && csm_media_info_get_stream (self->info, 'a', 0) != NULL;
  if (self->info == NULL)
    look_set_failure (self, error);
  if (picture)
    look_at_picture (self, worker, cancellable);
  if (sound)
    look_at_sound (self, worker, cancellable);
  if (self->info != NULL && !picture && !sound)
    {
      self->state = CSM_INDEX_EXACT;
      self->status = g_strdup ("no picture and no sound");
    }
  if (g_cancellable_is_cancelled (cancellable))
    return NULL;
  return g_steal_pointer (&self);
}

/* By the container, else from the first frame to the last. */
static int64_t
find_duration_ms (int64_t by_container, const CsmFrameIndex *index)
{
  int64_t n = index == NULL ? 0 : csm_frame_index_get_n_frames (index);
  const CsmFrameEntry *first, *last;
  CsmTimebase timebase;
  int64_t from, to;

  if (by_container >= 0 || n == 0)
    return by_container;
  first = csm_frame_index_get (index, 0);
  last = csm_frame_index_get (index, n - 1);
  timebase = csm_frame_index_get_timebase (index);
  if (first->pts == CSM_NO_PTS || last->pts == CSM_NO_PTS ||
      __builtin_add_overflow (last->pts, last->duration, &to) ||
      __builtin_sub_overflow (to, first->pts, &from))
    return -1;
  return MAX (csm_ticks_to_ms (from, timebase), 0);
}

bool
csm_intake_look_has_thumbnail (const CsmIntakeLook *look)
{
  g_return_val_if_fail (look != NULL, false);
  return look->thumbnail != NULL;
}

gboolean
csm_intake_store_thumbnail (CsmCase *acase,
                            const CsmId *exhibit,
                            const CsmIntakeLook *look,
                            GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && look != NULL, FALSE);
  return look->thumbnail == NULL ||
         csm_case_set_thumbnail (acase, exhibit, look->thumbnail, error);
}

gboolean
csm_intake_store_sound (CsmCase *acase,
                        const CsmId *exhibit,
                        const CsmSoundMap *map,
                        GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && map != NULL, FALSE);
  g_autoptr (GBytes) bytes = csm_sound_map_serialize (map);

  return csm_case_set_sound (acase, exhibit, csm_sound_map_get_track (map),
                             csm_sound_map_get_n_samples (map), bytes, error);
}

gboolean
csm_intake_store_look (CsmCase *acase,
                       const CsmId *exhibit,
                       const CsmIntakeLook *look,
                       GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && look != NULL, FALSE);
  const CsmStreamInfo *video =
      look->info == NULL ? NULL : csm_media_info_get_stream (look->info, 'v', 0);
  const CsmStreamInfo *sound =
      look->info == NULL ? NULL : csm_media_info_get_stream (look->info, 'a', 0);
  CsmMediaFacts facts = {
    .state = look->state,
    .status = look->status,
    .format = look->info == NULL ? "" : look->info->format,
    .codec = video != NULL   ? video->codec
             : sound != NULL ? sound->codec
                             : "",
    .width = video == NULL ? 0 : video->width,
    .height = video == NULL ? 0 : video->height,
    .n_frames = -1,
    .duration_ms = look->info == NULL ? -1 : look->info->duration_ms,
  };

  if (look->index != NULL)
    facts.n_frames = csm_frame_index_get_n_frames (look->index);
  else if (look->state == CSM_INDEX_EXACT)
    facts.n_frames = 0;
  facts.duration_ms = find_duration_ms (facts.duration_ms, look->index);
  if (look->index == NULL && look->sound != NULL)
    facts.duration_ms =
        csm_sound_map_get_n_samples (look->sound) * 1000 / csm_sound_map_get_rate (look->sound);
  if (look->index != NULL)
    {
      g_autoptr (GBytes) bytes = csm_frame_index_serialize (look->index);

      if (!csm_case_set_index (acase, exhibit, bytes, false,
                               csm_frame_index_get_library (look->index),
                               csm_frame_index_get_n_frames (look->index), error))
        return FALSE;
    }
  if (!csm_intake_store_thumbnail (acase, exhibit, look, error) ||
      (look->sound != NULL && !csm_intake_store_sound (acase, exhibit, look->sound, error)))
    return FALSE;
  /* Last, so that a case that was left in between is looked at again. */
  return csm_case_set_media_facts (acase, exhibit, &facts, error);
}

gboolean
csm_intake_look (CsmCase *acase,
                 const CsmId *exhibit,
                 CsmWorker *worker,
                 GCancellable *cancellable,
                 GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL, FALSE);
  g_autoptr (CsmIntakeLook) look = csm_intake_look_worker (worker, cancellable);

  if (look == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
      return FALSE;
    }
  return csm_intake_store_look (acase, exhibit, look, error);
}

void
csm_intake_make_commit (const CsmFrameIndex *index,
                        int64_t ordinal,
                        const CsmFrameDigest *digest,
                        CsmFrameCommit *ret_commit)
{
  g_return_if_fail (index != NULL && digest != NULL && ret_commit != NULL);
  g_return_if_fail (ordinal >= 0 && ordinal < csm_frame_index_get_n_frames (index));

  *ret_commit = (CsmFrameCommit){
    .ordinal = ordinal,
    .pts = csm_frame_index_get (index, ordinal)->pts,
    .sha256 = digest->sha256,
    .width = digest->width,
    .height = digest->height,
  };
  g_strlcpy (ret_commit->pixel_format, digest->pixel_format, sizeof ret_commit->pixel_format);
  g_strlcpy (ret_commit->library, csm_frame_index_get_library (index),
             sizeof ret_commit->library);
}

gboolean
csm_intake_update_facts (CsmCase *acase,
                         const CsmExhibit *row,
                         CsmIndexState state,
                         const char *status,
                         const CsmFrameIndex *index,
                         GError **error)
{
  CsmMediaFacts facts = {
    .state = state,
    .status = status,
    .format = row->format,
    .codec = row->codec,
    .width = row->width,
    .height = row->height,
    .n_frames = index == NULL ? row->n_frames : csm_frame_index_get_n_frames (index),
    .duration_ms = find_duration_ms (row->duration_ms, index),
  };

  return csm_case_set_media_facts (acase, &row->id, &facts, error);
}

/* Whether frames can be numbered without the full check. */
static bool
has_usable_index (CsmCase *acase, const CsmExhibit *row)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;

  if (row->index_state != CSM_INDEX_PROVISIONAL)
    return false;
  bytes = csm_case_get_index (acase, &row->id, NULL);
  index = bytes == NULL ? NULL : csm_frame_index_parse (bytes, NULL);
  return index != NULL && csm_frame_index_get_risks (index) == 0;
}

/* Of a track after the first; @index (nullable) is exact. */
static gboolean
store_track (CsmCase *acase,
             const CsmId *exhibit,
             int track,
             CsmIndexState state,
             char *status,
             const CsmFrameIndex *index,
             GError **error)
{
  g_autoptr (GBytes) bytes = index != NULL ? csm_frame_index_serialize (index) : NULL;
  const CsmKeptTrack kept = {
    .track = track,
    .state = state,
    .status = status,
    .n_frames = index != NULL ? csm_frame_index_get_n_frames (index) : -1,
    .index = bytes,
    .library = index != NULL ? (char *) csm_frame_index_get_library (index) : NULL,
  };

  return csm_case_set_track (acase, exhibit, &kept, error);
}

gboolean
csm_intake_store_failure (CsmCase *acase,
                          const CsmId *exhibit,
                          int track,
                          const GError *failure,
                          GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && failure != NULL, FALSE);
  g_autoptr (CsmExhibit) row = NULL;
  g_autofree char *status = NULL;
  bool provisional;

  if (!is_about_file (failure))
    return TRUE;
  if (track > 0)
    {
      status = g_strdup_printf ("cannot be read: %s", failure->message);
      return store_track (acase, exhibit, track, CSM_INDEX_FAILED, status, NULL, error);
    }
  row = csm_case_get_exhibit (acase, exhibit, error);
  if (row == NULL)
    return FALSE;
  provisional = has_usable_index (acase, row);
  status = g_strdup_printf (provisional ? "provisional: cannot be decoded to its end: %s"
                                        : "cannot be read: %s",
                            failure->message);
  return csm_intake_update_facts (
      acase, row, provisional ? CSM_INDEX_PROVISIONAL : CSM_INDEX_FAILED, status, NULL, error);
}

/* Marks that stay without their picture, and why the first of them does. */
typedef struct
{
  int n;
  char *why;
} Unread;

static void
unread_clear (Unread *self)
{
  g_free (self->why);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Unread, unread_clear)

/* (transfer full): "exact", and what is amiss. */
static char *
describe_exact (const CsmFrameIndex *index, const Unread *unread)
{
  int64_t n_damaged = csm_frame_index_get_n_damaged (index);
  GString *status = g_string_new ("exact");

  if (n_damaged > 0)
    g_string_append_printf (status, ", damaged frames: %" G_GINT64_FORMAT, n_damaged);
  if (unread->n > 0)
    g_string_append_printf (status, ", marks without their picture: %d (%s)", unread->n,
                            unread->why);
  return g_string_free (status, FALSE);
}

static gboolean
store_exact_facts (CsmCase *acase,
                   const CsmId *exhibit,
                   CsmFrameIndex *index,
                   const Unread *unread,
                   GError **error)
{
  int track = csm_frame_index_get_track (index);
  g_autofree char *status = describe_exact (index, unread);
  g_autoptr (CsmExhibit) row = NULL;

  if (track > 0) /* and there it is already, when nothing is amiss but what it says itself */
    return unread->n == 0 ||
           store_track (acase, exhibit, track, CSM_INDEX_EXACT, status, index, error);
  row = csm_case_get_exhibit (acase, exhibit, error);
  return row != NULL &&
         csm_intake_update_facts (acase, row, CSM_INDEX_EXACT, status, index, error);
}

/* FALSE with an error of the digest's: the picture cannot be had. */
static gboolean
read_ends (const CsmMark *mark,
           CsmFrameIndex *index,
           CsmIntakeDigest digest,
           gpointer data,
           CsmFrameCommit ret_commits[2],
           int *ret_n,
           GError **error)
{
  int64_t ends[2] = { mark->from, mark->to };

  *ret_n = mark->from == mark->to ? 1 : 2;
  for (int i = 0; i < *ret_n; i++)
    {
      CsmFrameDigest answer;

      if (!digest (ends[i], &answer, data, error))
        return FALSE;
      csm_intake_make_commit (index, ends[i], &answer, &ret_commits[i]);
    }
  return TRUE;
}

static gboolean
commit_mark (CsmCase *acase,
             const CsmMark *mark,
             CsmFrameIndex *index,
             CsmIntakeDigest digest,
             gpointer data,
             Unread *unread,
             GError **error)
{
  g_autoptr (GError) local = NULL;
  CsmFrameCommit commits[2];
  int n;

  /* Marked on a provisional index that had more frames: there is no such picture. */
  if (mark->track != csm_frame_index_get_track (index) || mark->from < 0 ||
      mark->from > mark->to || mark->to >= csm_frame_index_get_n_frames (index))
    return TRUE;
  if (read_ends (mark, index, digest, data, commits, &n, &local))
    return csm_case_commit_frames (acase, &mark->id, commits, n, error);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (unread->n++ == 0)
    unread->why = g_strdup (local->message);
  return TRUE;
}

/* Before what rests on it. */
static gboolean
store_exact_index (CsmCase *acase, const CsmId *exhibit, CsmFrameIndex *index, GError **error)
{
  int track = csm_frame_index_get_track (index);
  const Unread none = { 0 };
  g_autofree char *status = describe_exact (index, &none);
  g_autoptr (GBytes) bytes = NULL;

  if (track > 0)
    return store_track (acase, exhibit, track, CSM_INDEX_EXACT, status, index, error);
  bytes = csm_frame_index_serialize (index);
  return csm_case_set_index (acase, exhibit, bytes, true, csm_frame_index_get_library (index),
                             csm_frame_index_get_n_frames (index), error);
}

gboolean
csm_intake_store_exact (CsmCase *acase,
                        const CsmId *exhibit,
                        CsmFrameIndex *index,
                        CsmIntakeDigest digest,
                        gpointer data,
                        GError **error)
{
  g_return_val_if_fail (acase != NULL && exhibit != NULL && index != NULL, FALSE);
  g_return_val_if_fail (csm_frame_index_is_exact (index), FALSE);
  CsmMarkFilter filter = { .exhibit = exhibit };
  g_autoptr (GPtrArray) marks = NULL;
  g_auto (Unread) unread = { 0 };

  if (!store_exact_index (acase, exhibit, index, error))
    return FALSE;
  marks = csm_case_list_marks (acase, &filter, error);
  if (marks == NULL)
    return FALSE;
  for (unsigned i = 0; i < marks->len; i++)
    {
      const CsmMark *mark = g_ptr_array_index (marks, i);

      if (!mark->committed && !commit_mark (acase, mark, index, digest, data, &unread, error))
        return FALSE;
    }
  return store_exact_facts (acase, exhibit, index, &unread, error);
}
