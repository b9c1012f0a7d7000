/* csm-exact.c: compares what the worker reads with the ffmpeg program's own framemd5
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-exact.h"

#include <stdio.h>
#include <string.h>

GArray *
csm_exact_get_truth (const char *path)
{
  const char *command[] = {
    "ffmpeg",        "-nostdin",   "-loglevel", "quiet",          "-threads", "1",
    "-noautorotate", "-i",         path,        "-map",           "0:v:0",    "-fps_mode",
    "passthrough",   "-autoscale", "0",         "-enc_time_base", "-1",       "-f",
    "framemd5",      "-",          NULL
  };
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  GArray *truth = g_array_new (FALSE, TRUE, sizeof (CsmTruth));

  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL,
                NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (output, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      CsmTruth frame;
      int stream, size;
      gint64 dts, pts, duration; /* of a constant frame rate, whatever the packets say */

      if (sscanf (*line,
                  "%d, %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                  ", %d, %32s",
                  &stream, &dts, &pts, &duration, &size, frame.md5) != 6)
        continue;
      frame.pts = pts;
      g_array_append_val (truth, frame);
    }
  return truth;
}

static void
assert_frame (CsmWorker *worker, const GArray *truth, int64_t ordinal)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *md5 = NULL;
  CsmFrameDigest digest;

  if (!csm_worker_read_digest (worker, ordinal, &digest, NULL, &error))
    g_error ("frame %" G_GINT64_FORMAT ": %s", ordinal, error->message);
  md5 = csm_hex_encode (digest.md5, sizeof digest.md5);
  if (!g_str_equal (md5, g_array_index (truth, CsmTruth, ordinal).md5))
    g_error ("frame %" G_GINT64_FORMAT ": not the picture of framemd5's line", ordinal);
}

/* Shown first, which decodes ahead in between: the digest is of what the cache has then. */
static void
assert_shown_frame (CsmWorker *worker, const GArray *truth, int64_t ordinal, int direction)
{
  const CsmPictureOptions options = { .max_width = 8, .max_height = 8 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture =
      csm_worker_read_picture (worker, ordinal, &options, direction, NULL, &error);

  if (picture == NULL)
    g_error ("frame %" G_GINT64_FORMAT ": %s", ordinal, error->message);
  assert_frame (worker, truth, ordinal);
}

/* What a dragged playhead is shown is what it says it is. */
static void
assert_preview (CsmWorker *worker, const GArray *truth, int64_t ordinal)
{
  const CsmPictureOptions options = { .max_width = 8, .max_height = 8 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmPicture) picture =
      csm_worker_read_preview (worker, ordinal, &options, NULL, &error);

  if (picture == NULL)
    g_error ("near frame %" G_GINT64_FORMAT ": %s", ordinal, error->message);
  assert_frame (worker, truth, picture->ordinal);
}

static void
assert_times (const CsmFrameIndex *index, const GArray *truth)
{
  int64_t offset = 0;
  bool known = false;

  for (guint i = 0; i < truth->len; i++)
    {
      const CsmFrameEntry *entry = csm_frame_index_get (index, i);
      const CsmTruth *line = &g_array_index (truth, CsmTruth, i);

      if (entry->pts == CSM_NO_PTS)
        continue;
      if (!known)
        offset = entry->pts - line->pts;
      known = true;
      if (entry->pts - line->pts != offset)
        g_error ("frame %u: pts %" G_GINT64_FORMAT " against %" G_GINT64_FORMAT
                 " with an offset of %" G_GINT64_FORMAT,
                 i, entry->pts, line->pts, offset);
    }
}

static void
set_index (CsmWorker *worker, CsmFrameIndex *index)
{
  g_autoptr (GError) error = NULL;

  csm_worker_set_index (worker, index, &error);
  g_assert_no_error (error);
}

static GBytes *
scan (CsmMediaSource *source, bool probe)
{
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (CsmMediaInfo) info = probe ? csm_worker_probe (worker, NULL, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_scan (worker, 0, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return csm_frame_index_serialize (index);
}

/* A look at the streams, which is left out where nothing is asked but the packets, changes
 * nothing of them. */
static void
assert_scans_agree (CsmMediaSource *source)
{
  g_autoptr (GBytes) short_way = scan (source, false), long_way = scan (source, true);

  g_assert_true (g_bytes_equal (short_way, long_way));
}

/* What says nothing to ffmpeg says nothing to a worker that lives. */
static void
assert_nothing_is_there (const CsmFrameIndex *index, const GError *error)
{
  if (error == NULL)
    g_assert_cmpint (csm_frame_index_get_n_frames (index), ==, 0);
  else if (!g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED) &&
           !g_error_matches (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED))
    g_error ("no frames: %s", error->message);
}

void
csm_exact_assert (const char *path,
                  const GArray *truth,
                  bool times,
                  int n_shuffled,
                  guint32 seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, &error);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  g_assert_no_error (error);
  index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  if (truth->len == 0)
    {
      assert_nothing_is_there (index, error);
      return;
    }
  g_assert_no_error (error);
  assert_scans_agree (source);
  g_assert_true (csm_frame_index_is_exact (index));
  g_assert_cmpint (csm_frame_index_get_n_frames (index), ==, truth->len);
  set_index (worker, index);
  for (guint i = 0; i < truth->len; i++)
    assert_shown_frame (worker, truth, i, 1);
  for (int i = 0; i < n_shuffled; i++)
    {
      if (i % 2 == 0)
        set_index (worker, index);
      assert_frame (worker, truth, g_rand_int_range (random, 0, (gint32) truth->len));
    }
  for (int i = 0; i < n_shuffled; i++)
    {
      int64_t ordinal = g_rand_int_range (random, 0, (gint32) truth->len);

      assert_preview (worker, truth, g_rand_int_range (random, 0, (gint32) truth->len));
      assert_shown_frame (worker, truth, ordinal, 0);
      assert_shown_frame (worker, truth, MAX (ordinal - 1, 0), -1);
      assert_shown_frame (worker, truth, MIN (ordinal + 1, truth->len - 1), 1);
    }
  for (int64_t i = (int64_t) truth->len - 1; i >= 0; i--)
    assert_shown_frame (worker, truth, i, -1);
  if (times)
    assert_times (index, truth);
}
