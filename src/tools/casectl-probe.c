/* casectl-probe.c: what a file holds, without a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>

static json_t *
pack_ticks (int64_t ticks)
{
  return ticks == CSM_NO_PTS ? json_null () : json_integer (ticks);
}

static json_t *
pack_stream (const CsmStreamInfo *stream)
{
  char track[16];
  json_t *object;

  g_snprintf (track, sizeof track, "%c:%d", stream->kind, stream->number);
  object = json_pack (
      "{s:s, s:s, s:s, s:[i, i], s:o, s:o}", "track", track, "codec", stream->codec, "profile",
      stream->profile, "timebase", stream->timebase.num, stream->timebase.den, "start",
      pack_ticks (stream->start_pts), "duration", pack_ticks (stream->duration));
  if (stream->kind == 'v')
    {
      g_autoptr (json_t) picture =
          json_pack ("{s:s, s:i, s:i, s:[i, i], s:i, s:b}", "pixel_format",
                     stream->pixel_format, "width", stream->width, "height", stream->height,
                     "sample_aspect_ratio", stream->sar_num, stream->sar_den, "rotation",
                     stream->rotation, "attached_picture", stream->attached_picture);

      json_object_update (object, picture);
    }
  if (stream->kind == 'a')
    {
      json_object_set_new (object, "sample_rate", json_integer (stream->sample_rate));
      json_object_set_new (object, "channels", json_integer (stream->channels));
    }
  return object;
}

static json_t *
pack_info (const CsmMediaInfo *info)
{
  json_t *streams = json_array ();
  json_t *metadata = json_array ();

  for (int i = 0; i < info->n_streams; i++)
    json_array_append_new (streams, pack_stream (&info->streams[i]));
  /* Keys may come twice: pairs, not an object. */
  for (int i = 0; info->metadata[i] != NULL && info->metadata[i + 1] != NULL; i += 2)
    json_array_append_new (metadata,
                           json_pack ("[s, s]", info->metadata[i], info->metadata[i + 1]));
  return json_pack ("{s:s, s:o, s:o, s:o, s:s}", "format", info->format, "duration",
                    csm_tool_json_duration (info->duration_ms), "streams", streams, "metadata",
                    metadata, "library", info->library);
}

static void
print_stream (const CsmStreamInfo *stream)
{
  printf ("stream\t%c:%d\t", stream->kind, stream->number);
  csm_tool_print_text (stdout, stream->codec);
  if (stream->kind == 'v')
    {
      printf ("\t%dx%d\t", stream->width, stream->height);
      csm_tool_print_text (stdout, stream->pixel_format);
      printf ("\trotation %d", stream->rotation);
      if (stream->attached_picture)
        fputs ("\tattached picture", stdout);
    }
  if (stream->kind == 'a')
    printf ("\t%d Hz\t%d channels", stream->sample_rate, stream->channels);
  printf ("\ttime base %d/%d\n", stream->timebase.num, stream->timebase.den);
}

static void
print_info (const CsmMediaInfo *info)
{
  printf ("format\t");
  csm_tool_print_text (stdout, info->format);
  if (info->duration_ms >= 0)
    printf ("\nduration\t%.3f\n", (double) info->duration_ms / 1000.0);
  else
    printf ("\nduration\t-\n");
  for (int i = 0; i < info->n_streams; i++)
    print_stream (&info->streams[i]);
  for (int i = 0; info->metadata[i] != NULL && info->metadata[i + 1] != NULL; i += 2)
    {
      printf ("metadata\t");
      csm_tool_print_text (stdout, info->metadata[i]);
      fputc ('\t', stdout);
      csm_tool_print_text (stdout, info->metadata[i + 1]);
      fputc ('\n', stdout);
    }
  printf ("library\t%s\n", info->library);
}

static json_t *
pack_frame (int64_t ordinal, const CsmFrameEntry *frame)
{
  return json_pack ("{s:I, s:o, s:o, s:i}", "frame", (json_int_t) ordinal, "pts",
                    pack_ticks (frame->pts), "duration",
                    frame->duration > 0 ? json_integer (frame->duration) : json_null (), "key",
                    frame->key ? 1 : 0);
}

static gboolean
add_hash (CsmTool *tool, CsmWorker *worker, int64_t ordinal, json_t *row, GError **error)
{
  g_autofree char *md5 = NULL;
  CsmFrameDigest digest;

  if (!csm_worker_read_digest (worker, ordinal, &digest, tool->cancellable, error))
    return FALSE;
  md5 = csm_hex_encode (digest.md5, sizeof digest.md5);
  json_object_set_new (row, "md5", json_string (md5));
  return TRUE;
}

/* In order, so that the worker decodes the file once from its beginning to its end. */
static int
print_frames (CsmTool *tool, CsmWorker *worker, const CsmFrameIndex *index, bool hash)
{
  static const char *const plain[] = { "frame", "pts", "duration", "key", NULL };
  static const char *const hashed[] = { "frame", "pts", "duration", "key", "md5", NULL };
  int64_t n_frames = csm_frame_index_get_n_frames (index);
  g_autoptr (GError) error = NULL;
  CsmListing listing;

  if (!tool->json)
    puts (hash ? "frame\tpts\tduration\tkey\tmd5" : "frame\tpts\tduration\tkey");
  csm_listing_begin (&listing, tool->json, hash ? hashed : plain);
  for (int64_t i = 0; i < n_frames; i++)
    {
      json_t *row = pack_frame (i, csm_frame_index_get (index, i));

      if (hash && !add_hash (tool, worker, i, row, &error))
        {
          json_decref (row);
          return csm_tool_fail (tool, "read the frames", error, CSM_EXIT_CANNOT_OPEN);
        }
      csm_listing_add (&listing, row);
    }
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}

static int
probe_frames (CsmTool *tool, CsmWorker *worker, bool hash)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  char what[] = "decoding every frame";

  index = csm_worker_verify (worker, 0, csm_tool_progress_cb, what, tool->cancellable, &error);
  csm_tool_progress_end ();
  if (index == NULL || (hash && !csm_worker_set_index (worker, index, &error)))
    return csm_tool_fail (tool, "read the frames", error, CSM_EXIT_CANNOT_OPEN);
  return print_frames (tool, worker, index, hash);
}

int
csm_tool_probe (CsmTool *tool, int argc, char **argv)
{
  gboolean frames = FALSE, hash = FALSE;
  const GOptionEntry entries[] = {
    { "frames", 0, 0, G_OPTION_ARG_NONE, &frames, "List every frame of track v:0", NULL },
    { "hash", 0, 0, G_OPTION_ARG_NONE, &hash,
      "With each frame's MD5, as FFmpeg's framemd5 has it", NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (CsmMediaSource) source = NULL;
  g_autoptr (CsmWorker) worker = NULL;
  g_autoptr (CsmMediaInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON, 1, 1, argc, argv, &code))
    return code;
  if (hash && !frames)
    return csm_tool_usage (tool, "--hash needs --frames");
  shown = g_filename_display_name (tool->paths[0]);
  source = csm_media_source_new_for_path (tool->paths[0], &error);
  if (source != NULL)
    {
      worker = csm_worker_new (source, false);
      info = csm_worker_probe (worker, tool->cancellable, &error);
    }
  if (info == NULL)
    return csm_tool_fail (tool, shown, error, CSM_EXIT_CANNOT_OPEN);
  if (frames && csm_media_info_get_stream (info, 'v', 0) == NULL)
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "%s: it has no video track; leave --frames away", shown);
  if (frames)
    return probe_frames (tool, worker, hash);
  if (tool->json)
    csm_tool_print_json (pack_info (info));
  else
    print_info (info);
  return CSM_EXIT_DONE;
}
