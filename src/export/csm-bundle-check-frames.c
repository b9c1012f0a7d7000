/* csm-bundle-check-frames.c: the marked frames of a bundle, decoded again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-bundle-check-private.h"
#include "media/csm-worker.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* One exhibit's video track, and what decodes it. */
typedef struct
{
  CsmBundleCheck *check;
  const CsmCheckedExhibit *exhibit;
  CsmWorker *worker;
  CsmFrameIndex *index;
  int track;
  int64_t n, n_broken;
} Decoding;

/* Whether to stop: what else fails is said. */
static bool
is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
say_frame (Decoding *self, int64_t ordinal, const char *what)
{
  const char *library = csm_frame_index_get_library (self->index);

  self->n_broken++;
  csm_bundle_say (self->check, CSM_FINDING_BROKEN, self->exhibit->file,
                  /* Translators: a frame's number, what differs, a library's name */
                  _ ("frame %" PRId64 " (the first is 0): %s; decoded here with %s"), ordinal,
                  what, library != NULL ? library : "?");
}

/* NULL, or what differs. (transfer full) */
static char *
compare_frame (Decoding *self,
               const json_t *json,
               const CsmFrameDigest *digest,
               int64_t ordinal)
{
  const char *said = csm_json_get_string (json, "sha256");
  const char *library = csm_json_get_string (json, "library");
  const CsmFrameEntry *entry = csm_frame_index_get (self->index, ordinal);
  char hex[CSM_DIGEST_HEX_SIZE];
  int64_t pts;

  csm_digest_to_hex (&digest->sha256, hex);
  if (g_strcmp0 (said, hex) != 0)
    return g_strdup_printf (_ ("its picture is not the one that the mark commits to, which was "
                               "decoded with %s"),
                            library != NULL ? library : "?");
  if (csm_json_get_decimal (json, "pts", &pts) && pts != entry->pts)
    return g_strdup (_ ("its time stamp is another"));
  return NULL;
}

/* FALSE when it was cancelled. */
static gboolean
check_frame (Decoding *self, const json_t *json, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *differs = NULL;
  CsmFrameDigest digest;
  int64_t ordinal = -1;

  self->n++;
  if (!csm_json_get_int (json, "ordinal", &ordinal) || ordinal < 0 ||
      ordinal >= csm_frame_index_get_n_frames (self->index))
    {
      say_frame (self, ordinal, _ ("the file has no such frame"));
      return TRUE;
    }
  if (!csm_worker_read_digest (self->worker, ordinal, &digest, self->check->cancellable,
                               &local))
    {
      if (is_cancelled (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      say_frame (self, ordinal, local->message);
      return TRUE;
    }
  differs = compare_frame (self, json, &digest, ordinal);
  if (differs != NULL)
    say_frame (self, ordinal, differs);
  return TRUE;
}

static bool
is_on_track (const CsmCheckedMark *mark, int track)
{
  const char *text = csm_json_get_string (mark->json, "track");
  int number;

  return text != NULL && csm_track_parse (text, &number) && number == track &&
         json_array_size (csm_json_get_array (mark->json, "frames")) > 0;
}

static gboolean
check_marks (Decoding *self, GError **error)
{
  for (guint i = 0; i < self->exhibit->marks->len; i++)
    {
      const CsmCheckedMark *mark = self->exhibit->marks->pdata[i];
      const json_t *frames = csm_json_get_array (mark->json, "frames");

      for (size_t k = 0; is_on_track (mark, self->track) && k < json_array_size (frames); k++)
        if (!check_frame (self, json_array_get (frames, k), error))
          return FALSE;
    }
  return TRUE;
}

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  const Decoding *self = data;

  if (self->check->progress != NULL)
    self->check->progress (done, total, self->check);
}

/* Decodes all of the track, then what marks commit to. */
static gboolean
check_track (Decoding *self, GError **error)
{
  CsmBundleCheck *check = self->check;
  g_autoptr (GError) local = NULL;

  self->index = csm_worker_verify (self->worker, self->track, progress_cb, self,
                                   check->cancellable, &local);
  if (self->index != NULL && csm_worker_set_index (self->worker, self->index, &local))
    {
      if (!check_marks (self, error))
        return FALSE;
      if (self->n_broken == 0)
        csm_bundle_say (check, CSM_FINDING_HOLDS, self->exhibit->file,
                        _ ("%" PRId64 " pictures that marks commit to: decoded again, "
                           "the same"),
                        self->n);
      return TRUE;
    }
  if (is_cancelled (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  csm_bundle_say (check, CSM_FINDING_NOTE, self->exhibit->file,
                  _ ("not checked: its frames could not be decoded here: %s"), local->message);
  return TRUE;
}

static gboolean
decode (CsmBundleCheck *check, const CsmCheckedExhibit *exhibit, int track, GError **error)
{
  g_autoptr (GError) local = NULL;
  const int fd = csm_bag_folder_open_file (check->folder, exhibit->file, &local);
  g_autoptr (CsmMediaSource) source = NULL;
  Decoding self = { .check = check, .exhibit = exhibit, .track = track };
  gboolean fine;

  if (fd < 0)
    {
      csm_bundle_say (check, CSM_FINDING_BROKEN, exhibit->file, _ ("cannot be read: %s"),
                      local->message);
      return TRUE;
    }
  source = csm_media_source_new (&fd, 1, NULL, 0);
  self.worker = csm_worker_new (source, false);
  fine = check_track (&self, error);
  csm_worker_free (self.worker);
  g_clear_pointer (&self.index, csm_frame_index_unref);
  return fine;
}

/* The next video track above @track that marks commit to pictures of; -1 for none. */
static int
next_track (const CsmCheckedExhibit *exhibit, int track)
{
  int next = -1;

  for (guint i = 0; i < exhibit->marks->len; i++)
    {
      const CsmCheckedMark *mark = exhibit->marks->pdata[i];
      const char *text = csm_json_get_string (mark->json, "track");
      int number;

      if (text != NULL && csm_track_parse (text, &number) && number > track &&
          is_on_track (mark, number) && (next < 0 || number < next))
        next = number;
    }
  return next;
}

gboolean
csm_bundle_check_frames (CsmBundleCheck *self, GError **error)
{
  guint n_away = 0;

  for (guint i = 0; i < self->exhibits->len; i++)
    {
      const CsmCheckedExhibit *exhibit = self->exhibits->pdata[i];

      for (int track = next_track (exhibit, -1); track >= 0;
           track = next_track (exhibit, track))
        {
          if (exhibit->file == NULL)
            n_away++;
          else if (!decode (self, exhibit, track, error))
            return FALSE;
        }
    }
  if (n_away > 0)
    csm_bundle_say (
        self, CSM_FINDING_NOTE, _ ("Frames"),
        _ ("not checked: the marked frames of %u exhibits whose files are not in the "
           "bundle"),
        n_away);
  return TRUE;
}
