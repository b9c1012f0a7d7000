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
      g_assert_true (error != NULL || csm_frame_index_get_n_frames (index) == 0);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (csm_frame_index_is_exact (index));
  g_assert_cmpint (csm_frame_index_get_n_frames (index), ==, truth->len);
  set_index (worker, index);
  for (guint i = 0; i < truth->len; i++)
    assert_frame (worker, truth, i);
  set_index (worker, index);
  for (guint i = 0; i < MIN (truth->len, (guint) n_shuffled * 2); i++)
    assert_frame (worker, truth, truth->len - 1 - i);
  for (int i = 0; i < n_shuffled; i++)
    {
      if (i % 2 == 0)
        set_index (worker, index);
      assert_frame (worker, truth, g_rand_int_range (random, 0, (gint32) truth->len));
    }
  if (times)
    assert_times (index, truth);
}
