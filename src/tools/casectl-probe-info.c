/* casectl-probe-info.c: what a file says of itself, as one object and as lines
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl-probe.h"

#include "media/csm-oddities.h"

#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static json_t *
pack_ticks (int64_t ticks)
{
  return ticks == CSM_NO_PTS ? json_null () : json_integer (ticks);
}

/* null when the file does not say. */
static json_t *
pack_text (const char *text)
{
  return text != NULL && *text != '\0' ? json_string (text) : json_null ();
}

static json_t *
pack_positive (int64_t number)
{
  return number > 0 ? json_integer (number) : json_null ();
}

static json_t *
pack_ratio (int num, int den)
{
  return num > 0 && den > 0 ? json_pack ("[i, i]", num, den) : json_null ();
}

/* Keys may come twice: pairs, not an object. */
static json_t *
pack_pairs (char *const *pairs)
{
  json_t *array = json_array ();

  for (int i = 0; pairs[i] != NULL && pairs[i + 1] != NULL; i += 2)
    json_array_append_new (array, json_pack ("[s, s]", pairs[i], pairs[i + 1]));
  return array;
}

/* 1e-7 degrees as text: exact in every language's numbers. */
static json_t *
pack_degrees (int64_t degrees)
{
  g_autofree char *text =
      g_strdup_printf ("%s%" G_GINT64_FORMAT ".%07" G_GINT64_FORMAT, degrees < 0 ? "-" : "",
                       ABS (degrees) / 10000000, ABS (degrees) % 10000000);

  return json_string (text);
}

static json_t *
pack_place (const CsmMediaInfo *info)
{
  if (info->latitude == CSM_NO_PTS || info->longitude == CSM_NO_PTS)
    return json_null ();
  return json_pack ("{s:o, s:o, s:o}", "latitude", pack_degrees (info->latitude), "longitude",
                    pack_degrees (info->longitude), "altitude",
                    info->altitude == CSM_NO_PTS
                        ? json_null ()
                        : json_real ((double) info->altitude / 1000.0));
}

static json_t *
pack_created (const CsmMediaInfo *info)
{
  static const char *const zones[] = {
    [CSM_ZONE_STATED] = "stated",
    [CSM_ZONE_CALLED_UTC] = "called UTC, may be local time",
    [CSM_ZONE_NOT_STATED] = "not stated",
  };
  CsmZone zone;
  const char *time = csm_media_info_get_created (info, &zone);

  return time == NULL ? json_null ()
                      : json_pack ("{s:s, s:s}", "time", time, "zone", zones[zone]);
}

/* ---- the object ---- */

static json_t *
pack_video (const CsmStreamInfo *stream)
{
  json_t *object = json_pack ("{s:o, s:i, s:i, s:[i, i], s:i, s:b, s:b}", "pixel_format",
                              pack_text (stream->pixel_format), "width", stream->width,
                              "height", stream->height, "sample_aspect_ratio", stream->sar_num,
                              stream->sar_den, "rotation", stream->rotation, "mirrored",
                              stream->mirrored, "attached_picture", stream->attached_picture);

  json_object_set_new (object, "average_frame_rate",
                       pack_ratio (stream->average_num, stream->average_den));
  json_object_set_new (object, "base_frame_rate",
                       pack_ratio (stream->base_num, stream->base_den));
  json_object_set_new (object, "field_order", pack_text (stream->field_order));
  json_object_set_new (object, "color_range", pack_text (stream->range));
  json_object_set_new (object, "color_matrix", pack_text (stream->matrix));
  json_object_set_new (object, "color_primaries", pack_text (stream->primaries));
  json_object_set_new (object, "color_transfer", pack_text (stream->transfer));
  json_object_set_new (object, "chroma_location", pack_text (stream->chroma));
  return object;
}

static json_t *
pack_audio (const CsmStreamInfo *stream)
{
  return json_pack ("{s:i, s:i, s:o, s:o}", "sample_rate", stream->sample_rate, "channels",
                    stream->channels, "channel_layout", pack_text (stream->channel_layout),
                    "sample_format", pack_text (stream->sample_format));
}

static json_t *
pack_stream (const CsmStreamInfo *stream)
{
  g_autoptr (json_t) more = NULL;
  char track[16];
  json_t *object;

  g_snprintf (track, sizeof track, "%c:%d", stream->kind, stream->number);
  object = json_pack (
      "{s:s, s:s, s:o, s:s, s:o, s:[i, i], s:o, s:o, s:o, s:o, s:o}", "track", track, "codec",
      stream->codec, "codec_tag", pack_text (stream->codec_tag), "profile", stream->profile,
      "level", stream->level > 0 ? json_integer (stream->level) : json_null (), "timebase",
      stream->timebase.num, stream->timebase.den, "start", pack_ticks (stream->start_pts),
      "duration", pack_ticks (stream->duration), "bit_rate", pack_positive (stream->bit_rate),
      "frames_by_container", pack_positive (stream->n_frames), "bits_per_sample",
      pack_positive (stream->bits));
  if (stream->kind == 'v')
    more = pack_video (stream);
  if (stream->kind == 'a')
    more = pack_audio (stream);
  if (more != NULL)
    json_object_update (object, more);
  json_object_set_new (object, "metadata", pack_pairs (stream->metadata));
  return object;
}

static json_t *
pack_streams (const CsmMediaInfo *info)
{
  json_t *array = json_array ();

  for (int i = 0; i < info->n_streams; i++)
    json_array_append_new (array, pack_stream (&info->streams[i]));
  return array;
}

static json_t *
pack_chapters (const CsmMediaInfo *info)
{
  json_t *array = json_array ();

  for (int i = 0; i < info->n_chapters; i++)
    {
      const CsmChapterInfo *chapter = &info->chapters[i];

      json_array_append_new (
          array, json_pack ("{s:o, s:o, s:s}", "start_ms", pack_ticks (chapter->start_ms),
                            "end_ms", pack_ticks (chapter->end_ms), "title", chapter->title));
    }
  return array;
}

static json_t *
pack_oddities (const CsmMediaInfo *info, const CsmFrameIndex *index, int track)
{
  g_autoptr (GPtrArray) oddities = csm_oddities_list (info, index, track);
  json_t *array = json_array ();

  for (unsigned i = 0; i < oddities->len; i++)
    json_array_append_new (array, json_string (g_ptr_array_index (oddities, i)));
  return array;
}

static const char *
name_check (const CsmFrameIndex *index)
{
  if (index == NULL)
    return "the container alone";
  return csm_frame_index_is_exact (index) ? "every frame" : "the packets";
}

json_t *
csm_probe_pack_info (const CsmMediaInfo *info, const CsmFrameIndex *index, int track)
{
  json_t *object =
      json_pack ("{s:s, s:o, s:o, s:o}", "format", info->format, "duration",
                 csm_tool_json_duration (info->duration_ms), "start_ms",
                 pack_ticks (info->start_ms), "bit_rate", pack_positive (info->bit_rate));

  json_object_set_new (object, "created", pack_created (info));
  json_object_set_new (object, "make", pack_text (csm_media_info_get_make (info)));
  json_object_set_new (object, "model", pack_text (csm_media_info_get_model (info)));
  json_object_set_new (object, "encoder", pack_text (csm_media_info_get_encoder (info)));
  json_object_set_new (object, "place", pack_place (info));
  json_object_set_new (
      object, "content_credentials",
      json_string (info->content_credentials ? "present, not validated" : "none found"));
  json_object_set_new (object, "streams", pack_streams (info));
  json_object_set_new (object, "chapters", pack_chapters (info));
  json_object_set_new (object, "metadata", pack_pairs (info->metadata));
  json_object_set_new (object, "exif", pack_pairs (info->exif));
  json_object_set_new (object, "looked_at", json_string (name_check (index)));
  json_object_set_new (object, "frames",
                       index != NULL ? json_integer (csm_frame_index_get_n_frames (index))
                                     : json_null ());
  json_object_set_new (object, "oddities", pack_oddities (info, index, track));
  json_object_set_new (object, "library", json_string (info->library));
  return object;
}

/* ---- the lines: "key TAB value", a list's name in the singular ---- */

static void
print_scalar (const json_t *value)
{
  size_t i;
  json_t *part;

  if (json_is_string (value))
    csm_tool_print_text (stdout, json_string_value (value));
  else if (json_is_integer (value))
    printf ("%" JSON_INTEGER_FORMAT, json_integer_value (value));
  else if (json_is_real (value))
    printf ("%.3f", json_real_value (value));
  else if (json_is_boolean (value))
    fputs (json_is_true (value) ? "yes" : "no", stdout);
  else if (json_is_array (value)) /* a ratio */
    json_array_foreach (value, i, part)
    {
      fputs (i > 0 ? "/" : "", stdout);
      print_scalar (part);
    }
  else
    fputc ('-', stdout);
}

static bool
is_said (const json_t *value)
{
  return !json_is_null (value) && !json_is_false (value) &&
         strcmp (json_is_string (value) ? json_string_value (value) : "-", "") != 0;
}

/* "key value" of what is known, with tabs between. */
static void
print_object (json_t *object)
{
  const char *key;
  json_t *value;
  int n = 0;

  json_object_foreach (object, key, value) if (is_said (value) && strcmp (key, "metadata") != 0)
  {
    printf ("%s%s ", n++ > 0 ? "\t" : "", key);
    print_scalar (value);
  }
}

static void
print_pairs (const char *name, const char *owner, const json_t *pairs)
{
  size_t i;
  json_t *pair;

  json_array_foreach (pairs, i, pair)
  {
    printf ("%s%s%s\t", name, owner != NULL ? "\t" : "", owner != NULL ? owner : "");
    csm_tool_print_text (stdout, json_string_value (json_array_get (pair, 0)));
    fputc ('\t', stdout);
    csm_tool_print_text (stdout, json_string_value (json_array_get (pair, 1)));
    fputc ('\n', stdout);
  }
}

/* @name in the singular. */
static void
print_list (const char *name, const json_t *list)
{
  size_t i;
  json_t *item;

  json_array_foreach (list, i, item)
  {
    printf ("%s\t", name);
    if (json_is_object (item))
      print_object (item);
    else
      print_scalar (item);
    fputc ('\n', stdout);
    if (json_object_get (item, "metadata") != NULL)
      print_pairs ("stream_metadata", json_string_value (json_object_get (item, "track")),
                   json_object_get (item, "metadata"));
  }
}

void
csm_probe_print_info (json_t *info)
{
  const char *key;
  json_t *value;

  json_object_foreach (info, key, value)
  {
    if (strcmp (key, "metadata") == 0 || strcmp (key, "exif") == 0)
      print_pairs (key, NULL, value);
    else if (strcmp (key, "streams") == 0)
      print_list ("stream", value);
    else if (strcmp (key, "chapters") == 0)
      print_list ("chapter", value);
    else if (strcmp (key, "oddities") == 0)
      print_list ("odd", value);
    else
      {
        printf ("%s\t", key);
        if (json_is_object (value))
          print_object (value);
        else
          print_scalar (value);
        fputc ('\n', stdout);
      }
  }
}
