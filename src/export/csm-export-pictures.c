/* csm-export-pictures.c: what is made of an exhibit's marks, file by file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-export-pictures.h"

#include <string.h>

/* Parts of the progress that a mark's still, its captioned copy and its clip are. */
#define PART 1000
#define PARTS_PER_MARK 3

typedef struct
{
  const CsmPictureWork *work;
  const CsmSelection *selection;
  GHashTable *written; /* path to CsmDossierMark, borrowed: the first with it */
  bool sink_failed;
  int track; /* whose index the worker has; -1: none */
  int64_t done, total;

  /* The clip that is being written */
  CsmDossierMark *mark;
  char *path; /* NULL before it was begun */
} Making;

/* ---- the sink ---- */

static gboolean
begin_file (Making *self, const char *path, GError **error)
{
  const CsmPictureSink *sink = &self->work->sink;

  self->sink_failed = !sink->begin (path, sink->data, error);
  return !self->sink_failed;
}

static gboolean
append (Making *self, const void *bytes, size_t size, GError **error)
{
  const CsmPictureSink *sink = &self->work->sink;

  self->sink_failed = !sink->append (bytes, size, sink->data, error);
  return !self->sink_failed;
}

static gboolean
end_file (Making *self, GError **error)
{
  const CsmPictureSink *sink = &self->work->sink;

  self->sink_failed = !sink->end (sink->data, error);
  return !self->sink_failed;
}

static gboolean
write_file (Making *self, const char *path, GBytes *bytes, GError **error)
{
  size_t size;
  const void *data = g_bytes_get_data (bytes, &size);

  return begin_file (self, path, error) && append (self, data, size, error) &&
         end_file (self, error);
}

/* ---- notes ---- */

static char *
name_span (const CsmMark *mark)
{
  return mark->to > mark->from
             ? g_strdup_printf ("frames %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, mark->from,
                                mark->to)
             : g_strdup_printf ("frame %" G_GINT64_FORMAT, mark->from);
}

static void
note (Making *self, const char *what, const CsmMark *mark, const char *why)
{
  g_autofree char *span = name_span (mark);

  g_ptr_array_add (
      self->work->notes,
      g_strdup_printf ("%s: no %s of %s: %s", self->work->exhibit->label, what, span, why));
}

/* Of the exhibit as a whole. TRUE: noted, and the rest goes on. */
static gboolean
pass_over_exhibit (Making *self, const char *what, GError *reason, GError **error)
{
  if (self->sink_failed || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  g_ptr_array_add (
      self->work->notes,
      g_strdup_printf ("%s: no %s: %s", self->work->exhibit->label, what, reason->message));
  g_error_free (reason);
  return TRUE;
}

/* TRUE: noted, and the rest goes on. */
static gboolean
pass_over (Making *self, const char *what, const CsmMark *mark, GError *reason, GError **error)
{
  if (self->sink_failed || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  note (self, what, mark, reason->message);
  g_error_free (reason);
  return TRUE;
}

static void
report (Making *self, int64_t part)
{
  if (self->work->progress != NULL)
    self->work->progress (self->done + part, self->total, self->work->progress_data);
}

/* ---- stills ---- */

/* (transfer full) (nullable): @path when it is there already for the same frames. */
static char *
find_written (Making *self, const char *path)
{
  return g_hash_table_contains (self->written, path) ? g_strdup (path) : NULL;
}

/* (transfer full): "E-0001", and of a track after the first "E-0001-v1": where names of files
 * begin. */
static char *
name_track (Making *self, const CsmMark *mark)
{
  return mark->track > 0 ? g_strdup_printf ("%s-v%d", self->work->exhibit->label, mark->track)
                         : g_strdup (self->work->exhibit->label);
}

/* @captioned: the copy with its caption. */
static gboolean
make_still (Making *self, CsmDossierMark *mark, bool captioned, GError **error)
{
  const CsmPictureWork *work = self->work;
  g_autofree char *name = name_track (self, mark->mark);
  g_autofree char *path = g_strdup_printf ("stills/%s-f%06" G_GINT64_FORMAT "%s.png", name,
                                           mark->mark->from, captioned ? "-captioned" : "");
  char **place = captioned ? &mark->captioned : &mark->still;
  g_autoptr (GBytes) bytes = NULL;
  GError *reason = NULL;

  g_free (*place);
  *place = find_written (self, path);
  if (*place != NULL)
    return TRUE;
  bytes = captioned ? csm_export_pictures_caption (work->worker, work->dossier, work->exhibit,
                                                   mark->mark->track, mark->mark->from,
                                                   work->cancellable, &reason)
                    : csm_worker_read_png (work->worker, mark->mark->from, work->cancellable,
                                           &reason);
  if (bytes == NULL)
    return pass_over (self, captioned ? "captioned still" : "still", mark->mark, reason, error);
  if (!write_file (self, path, bytes, error))
    return FALSE;
  g_hash_table_insert (self->written, g_strdup (path), mark);
  *place = g_steal_pointer (&path);
  return TRUE;
}

/* ---- clips ---- */

static char *
name_clip (Making *self, const CsmMark *mark, const char *ending)
{
  g_autofree char *name = name_track (self, mark);

  return g_strdup_printf ("clips/%s-f%06" G_GINT64_FORMAT "-f%06" G_GINT64_FORMAT "%s", name,
                          mark->from, mark->to, ending);
}

static gboolean
clip_begin_cb (const CsmClip *clip, gpointer data, GError **error)
{
  Making *self = data;
  g_autofree char *path = name_clip (self, self->mark->mark, clip->ending);

  if (!begin_file (self, path, error))
    return FALSE;
  self->path = g_steal_pointer (&path);
  return TRUE;
}

static gboolean
clip_write_cb (const void *bytes, size_t size, gpointer data, GError **error)
{
  return append (data, bytes, size, error);
}

static void
clip_progress_cb (int64_t done, int64_t total, gpointer data)
{
  /* A worker says what it likes. */
  if (total > 0)
    report (data, (int64_t) (PART * CLAMP ((double) done / (double) total, 0.0, 1.0)));
}

static CsmClipKind
get_kind (CsmClips clips)
{
  switch (clips)
    {
    case CSM_CLIPS_FFV1:
      return CSM_CLIP_FFV1;
    case CSM_CLIPS_H264:
      return CSM_CLIP_H264;
    default:
      return CSM_CLIP_COPIED;
    }
}

/* A mark with the same frames has it already. */
static bool
share_clip (Making *self, CsmDossierMark *mark)
{
  static const char *const endings[] = { ".mp4", ".mkv" };

  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = name_clip (self, mark->mark, endings[i]);
      const CsmDossierMark *other = g_hash_table_lookup (self->written, path);

      if (other == NULL)
        continue;
      mark->clip = g_steal_pointer (&path);
      mark->clip_from = other->clip_from;
      mark->clip_to = other->clip_to;
      return true;
    }
  return false;
}

/* What was begun of a clip that failed goes, if it can. */
static gboolean
fail_clip (Making *self, CsmDossierMark *mark, GError *reason, GError **error)
{
  const CsmPictureSink *sink = &self->work->sink;

  if (self->path != NULL && !self->sink_failed)
    {
      if (sink->drop == NULL)
        self->sink_failed = true;
      else if (!sink->drop (sink->data, error))
        {
          g_error_free (reason);
          return FALSE;
        }
    }
  return pass_over (self, "clip", mark->mark, reason, error);
}

static gboolean
make_clip (Making *self, CsmDossierMark *mark, GError **error)
{
  const CsmPictureWork *work = self->work;
  const CsmClipSink sink = { .begin = clip_begin_cb, .write = clip_write_cb, .data = self };
  GError *reason = NULL;
  gboolean ok;
  CsmClip clip;

  g_clear_pointer (&mark->clip, g_free);
  if (share_clip (self, mark))
    return TRUE;
  self->mark = mark;
  ok = csm_worker_cut_clip (work->worker, get_kind (self->selection->clips), mark->mark->from,
                            mark->mark->to, work->max_clip, &sink, &clip, clip_progress_cb,
                            self, work->cancellable, &reason);
  if (!ok)
    ok = fail_clip (self, mark, reason, error);
  else if ((ok = end_file (self, error)))
    {
      mark->clip_from = clip.from;
      mark->clip_to = clip.to;
      mark->clip = g_strdup (self->path);
      g_hash_table_insert (self->written, g_strdup (self->path), mark);
    }
  g_clear_pointer (&self->path, g_free);
  return ok;
}

/* ---- contact sheets ---- */

static gboolean
make_sheets (Making *self, GError **error)
{
  const CsmPictureWork *work = self->work;
  int n = csm_export_pictures_count_sheets (work->exhibit);

  g_clear_pointer (&work->exhibit->contact_sheet, g_free);
  for (int page = 0; page < n; page++)
    {
      g_autofree char *path = csm_export_pictures_name_sheet (work->exhibit, page);
      GError *reason = NULL;
      g_autoptr (GBytes) bytes = csm_export_pictures_sheet (
          work->worker, work->dossier, work->exhibit, page, work->cancellable, &reason);

      if (bytes == NULL)
        return pass_over_exhibit (self, "contact sheet", reason, error);
      if (!write_file (self, path, bytes, error))
        return FALSE;
      if (page == 0)
        work->exhibit->contact_sheet = g_steal_pointer (&path);
    }
  return TRUE;
}

/* ---- all of it ---- */

/* NULL: pictures can be made of it. */
static const char *
find_obstacle (Making *self, const CsmMark *mark)
{
  CsmFrameIndex *index;

  if (mark->track < 0)
    return "it is a mark of sound";
  index = csm_dossier_exhibit_get_index (self->work->exhibit, mark->track);
  if (index == NULL && mark->track > 0)
    return "its video track cannot be decoded to its end";
  if (index == NULL || self->work->worker == NULL)
    return "the file has no pictures that can be read";
  if (mark->from < 0 || mark->to < mark->from ||
      mark->to >= csm_frame_index_get_n_frames (index))
    return "the file has no such frames";
  return NULL;
}

/* Gives the worker the index of v:@track, unless it has it. */
static gboolean
use_track (Making *self, int track, GError **error)
{
  CsmFrameIndex *index = csm_dossier_exhibit_get_index (self->work->exhibit, track);

  if (self->track == track)
    return TRUE;
  self->track = -1;
  if (!csm_worker_set_index (self->work->worker, index, error))
    return FALSE;
  self->track = track;
  return TRUE;
}

static gboolean
make_of_mark (Making *self, CsmDossierMark *mark, GError **error)
{
  const CsmSelection *selection = self->selection;
  const char *obstacle = find_obstacle (self, mark->mark);
  const char *what = selection->stills ? "still" : "clip";
  GError *reason = NULL;

  if (obstacle != NULL)
    {
      note (self, what, mark->mark, obstacle);
      return TRUE;
    }
  if (!use_track (self, mark->mark->track, &reason))
    return pass_over (self, what, mark->mark, reason, error);
  if (selection->stills && !make_still (self, mark, false, error))
    return FALSE;
  report (self, PART);
  if (selection->captions && !make_still (self, mark, true, error))
    return FALSE;
  report (self, 2 * PART);
  self->done += 2 * PART;
  if (selection->clips != CSM_CLIPS_NONE && !make_clip (self, mark, error))
    return FALSE;
  self->done += PART;
  return TRUE;
}

static gboolean
make_all (Making *self, GError **error)
{
  const CsmPictureWork *work = self->work;
  GError *reason = NULL;

  if (work->exhibit->index != NULL && work->worker != NULL && !use_track (self, 0, &reason))
    return pass_over_exhibit (self, "stills or clips", reason, error);
  for (guint i = 0; i < work->exhibit->marks->len; i++)
    {
      self->done = (int64_t) i * PARTS_PER_MARK * PART;
      report (self, 0);
      if (!make_of_mark (self, g_ptr_array_index (work->exhibit->marks, i), error))
        return FALSE;
    }
  if (self->selection->stills && work->worker != NULL && !make_sheets (self, error))
    return FALSE;
  self->done = self->total;
  report (self, 0);
  return TRUE;
}

gboolean
csm_export_pictures_make (const CsmPictureWork *work,
                          const CsmSelection *selection,
                          GError **error)
{
  g_autoptr (GHashTable) written =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Making self = { .work = work, .selection = selection, .written = written, .track = -1 };

  if (!selection->stills && !selection->captions && selection->clips == CSM_CLIPS_NONE)
    return TRUE;
  self.total = MAX ((int64_t) work->exhibit->marks->len, 1) * PARTS_PER_MARK * PART;
  return make_all (&self, error);
}
