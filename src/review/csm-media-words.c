/* csm-media-words.c: what a file says of itself, for people
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-media-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

char *
csm_media_words_dup_taken (const CsmMediaInfo *info)
{
  CsmZone zone;
  const char *time = csm_media_info_get_created (info, &zone);

  if (time == NULL)
    return NULL;
  switch (zone)
    {
    case CSM_ZONE_CALLED_UTC:
      /* Translators: %s is a time as a file has it */
      return g_strdup_printf (_ ("%s (called UTC; many cameras write local time)"), time);
    case CSM_ZONE_NOT_STATED:
      return g_strdup_printf (_ ("%s (by its clock; the time zone is not stated)"), time);
    case CSM_ZONE_STATED:
    default:
      return g_strdup (time);
    }
}

char *
csm_media_words_dup_device (const CsmMediaInfo *info)
{
  const char *parts[] = { csm_media_info_get_make (info), csm_media_info_get_model (info),
                          csm_media_info_get_encoder (info) };
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] != NULL)
      g_string_append_printf (text, "%s%s",
                              text->len == 0 ? ""
                              : i == 2       ? ", "
                                             : " ",
                              parts[i]);
  return g_string_free (text, text->len == 0);
}

static void
append_degrees (GString *text, int64_t degrees)
{
  g_string_append_printf (text, "%s%" G_GINT64_FORMAT ".%07" G_GINT64_FORMAT,
                          degrees < 0 ? "-" : "", ABS (degrees) / 10000000,
                          ABS (degrees) % 10000000);
}

char *
csm_media_words_dup_place (const CsmMediaInfo *info)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (info->latitude == CSM_NO_PTS || info->longitude == CSM_NO_PTS)
    return NULL;
  append_degrees (text, info->latitude);
  g_string_append (text, ", ");
  append_degrees (text, info->longitude);
  if (info->altitude != CSM_NO_PTS)
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " m", info->altitude / 1000);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
csm_media_words_dup_credentials (const CsmMediaInfo *info)
{
  return info->content_credentials ? g_strdup (_ ("present, not validated")) : NULL;
}

/* Names that people know; others as FFmpeg has them. */
static const char *
name_codec (const char *codec)
{
  static const char *const names[][2] = {
    { "h264", "H.264" }, { "hevc", "H.265" },        { "mpeg4", "MPEG-4" },
    { "vp8", "VP8" },    { "mjpeg", "Motion JPEG" }, { "mpeg2video", "MPEG-2" },
    { "vp9", "VP9" },    { "av1", "AV1" },           { "png", "PNG" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (codec, names[i][0]))
      return names[i][1];
  return codec;
}

/* (nullable): borrowed. Muxers that nobody told anything write one and the same handler's name
 * into every track. */
static const char *
find_title (const CsmStreamInfo *stream)
{
  static const char *const keys[] = { "title", "name", "handler_name" };
  static const char *const empty[] = { "VideoHandler", "VideoHandle", "Core Media Video" };

  for (size_t k = 0; k < G_N_ELEMENTS (keys); k++)
    for (char **pair = stream->metadata; pair != NULL && *pair != NULL; pair += 2)
      {
        bool says = *pair[1] != '\0';

        for (size_t i = 0; i < G_N_ELEMENTS (empty); i++)
          says = says && strcmp (pair[1], empty[i]) != 0;
        if (says && g_ascii_strcasecmp (pair[0], keys[k]) == 0)
          return pair[1];
      }
  return NULL;
}

char *
csm_media_words_dup_track (const CsmMediaInfo *info, int track)
{
  const CsmStreamInfo *stream = csm_media_info_get_stream (info, 'v', track);
  const char *title;

  if (stream == NULL)
    return NULL;
  title = find_title (stream);
  if (title != NULL)
    /* Translators: the number of a video track, its codec, its size, what the file calls it */
    return g_strdup_printf (_ ("Track v:%d: %s, %d × %d, %s"), track,
                            name_codec (stream->codec), stream->width, stream->height, title);
  /* Translators: the number of a video track, its codec, its size */
  return g_strdup_printf (_ ("Track v:%d: %s, %d × %d"), track, name_codec (stream->codec),
                          stream->width, stream->height);
}

char *
csm_media_words_dup_odd (const CsmMediaInfo *info, const CsmFrameIndex *index, int track)
{
  g_autoptr (GPtrArray) list = csm_oddities_list (info, index, track);

  if (list->len == 0)
    return NULL;
  g_ptr_array_add (list, NULL);
  return g_strjoinv ("\n", (char **) list->pdata);
}
