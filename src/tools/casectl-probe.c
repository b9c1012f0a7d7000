/* casectl-probe.c: what a file holds, without a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl-probe.h"

#include <stdio.h>

static json_t *
pack_ticks (int64_t ticks)
{
  return ticks == CSM_NO_PTS ? json_null () : json_integer (ticks);
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

typedef struct
{
  gboolean frames, hash, decode;
  char *track;
  int number; /* of @track */
} Options;

static CsmFrameIndex *
decode_all (CsmTool *tool, CsmWorker *worker, int track, GError **error)
{
  char what[] = "decoding every frame";
  CsmFrameIndex *index =
      csm_worker_verify (worker, track, csm_tool_progress_cb, what, tool->cancellable, error);

  csm_tool_progress_end ();
  return index;
}

static int
probe_frames (CsmTool *tool, CsmWorker *worker, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = decode_all (tool, worker, options->number, &error);

  if (index == NULL || (options->hash && !csm_worker_set_index (worker, index, &error)))
    return csm_tool_fail (tool, "read the frames", error, CSM_EXIT_CANNOT_OPEN);
  return print_frames (tool, worker, index, options->hash);
}

/* What a track's packets, or all its frames, add to what the container says. */
static int
probe_info (CsmTool *tool, CsmWorker *worker, const CsmMediaInfo *info, const Options *options)
{
  bool has_track = csm_media_info_get_stream (info, 'v', options->number) != NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (json_t) object = NULL;

  if (has_track && options->decode)
    index = decode_all (tool, worker, options->number, &error);
  else if (has_track)
    index = csm_worker_scan (worker, options->number, NULL, NULL, tool->cancellable, &error);
  if (has_track && index == NULL && options->decode)
    return csm_tool_fail (tool, "read the frames", error, CSM_EXIT_CANNOT_OPEN);
  object = csm_probe_pack_info (info, index, options->number);
  /* What the container says is worth telling all the same. */
  if (error != NULL)
    json_array_append_new (json_object_get (object, "oddities"), json_string (error->message));
  if (tool->json)
    csm_tool_print_json (g_steal_pointer (&object));
  else
    csm_probe_print_info (object);
  return CSM_EXIT_DONE;
}

static int
probe_file (CsmTool *tool, const Options *options)
{
  g_autofree char *shown = g_filename_display_name (tool->paths[0]);
  g_autoptr (CsmMediaSource) source = NULL;
  g_autoptr (CsmWorker) worker = NULL;
  g_autoptr (CsmMediaInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  source = csm_media_source_new_for_path (tool->paths[0], &error);
  if (source != NULL)
    {
      worker = csm_worker_new (source, false);
      info = csm_worker_probe (worker, tool->cancellable, &error);
    }
  if (info == NULL)
    return csm_tool_fail (tool, shown, error, CSM_EXIT_CANNOT_OPEN);
  if ((options->frames || options->track != NULL) &&
      csm_media_info_get_stream (info, 'v', options->number) == NULL)
    return csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                            "%s: it has no video track v:%d; leave %s away", shown,
                            options->number, options->track != NULL ? "--track" : "--frames");
  return options->frames ? probe_frames (tool, worker, options)
                         : probe_info (tool, worker, info, options);
}

int
csm_tool_probe (CsmTool *tool, int argc, char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = { { "frames", 0, 0, G_OPTION_ARG_NONE, &options.frames,
                                     "List every frame of the track", NULL },
                                   { "hash", 0, 0, G_OPTION_ARG_NONE, &options.hash,
                                     "With each frame's MD5, as FFmpeg's framemd5 has it",
                                     NULL },
                                   { "decode", 0, 0, G_OPTION_ARG_NONE, &options.decode,
                                     "Decode every frame before saying what is odd", NULL },
                                   { "track", 0, 0, G_OPTION_ARG_FILENAME, &options.track,
                                     "Video track, v:0 if not given", "v:N" },
                                   G_OPTION_ENTRY_NULL };
  int code;

  if (csm_tool_parse (tool, entries, CSM_TOOL_JSON, 1, 1, argc, argv, &code))
    {
      if (options.hash && !options.frames)
        code = csm_tool_usage (tool, "--hash needs --frames");
      else if (!csm_tool_parse_track (options.track, &options.number))
        code = csm_tool_usage (tool, "--track needs the name of a video track, as v:1");
      else
        code = probe_file (tool, &options);
    }
  g_free (options.track);
  return code;
}
