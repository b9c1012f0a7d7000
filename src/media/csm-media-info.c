/* csm-media-info.c: what a container says about itself
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-media-info.h"

#include <string.h>

CsmMediaInfo *
csm_media_info_new (int n_streams)
{
  CsmMediaInfo *self = g_atomic_rc_box_new0 (CsmMediaInfo);

  self->duration_ms = -1;
  self->streams = g_new0 (CsmStreamInfo, n_streams);
  self->n_streams = n_streams;
  for (int i = 0; i < n_streams; i++)
    {
      self->streams[i].start_pts = CSM_NO_PTS;
      self->streams[i].duration = CSM_NO_PTS;
      self->streams[i].field_order = "";
      self->streams[i].metadata = g_new0 (char *, 1);
    }
  self->metadata = g_new0 (char *, 1);
  self->exif = g_new0 (char *, 1);
  self->start_ms = self->latitude = self->longitude = self->altitude = CSM_NO_PTS;
  return self;
}

CsmMediaInfo *
csm_media_info_ref (CsmMediaInfo *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
media_info_clear (gpointer data)
{
  CsmMediaInfo *self = data;

  for (int i = 0; i < self->n_streams; i++)
    {
      g_free (self->streams[i].codec);
      g_free (self->streams[i].profile);
      g_free (self->streams[i].pixel_format);
      g_free (self->streams[i].codec_tag);
      g_free (self->streams[i].range);
      g_free (self->streams[i].matrix);
      g_free (self->streams[i].primaries);
      g_free (self->streams[i].transfer);
      g_free (self->streams[i].chroma);
      g_free (self->streams[i].sample_format);
      g_free (self->streams[i].channel_layout);
      g_strfreev (self->streams[i].metadata);
    }
  for (int i = 0; i < self->n_chapters; i++)
    g_free (self->chapters[i].title);
  g_free (self->chapters);
  g_strfreev (self->exif);
  g_free (self->streams);
  g_free (self->format);
  g_strfreev (self->metadata);
  g_free (self->library);
}

void
csm_media_info_unref (CsmMediaInfo *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, media_info_clear);
}

static const char *
find_pair (char *const *pairs, const char *key)
{
  for (int i = 0; pairs[i] != NULL && pairs[i + 1] != NULL; i += 2)
    if (g_ascii_strcasecmp (pairs[i], key) == 0 && *pairs[i + 1] != '\0')
      return pairs[i + 1];
  return NULL;
}

static const char *
find_key (const CsmMediaInfo *self, const char *key)
{
  const char *value = find_pair (self->metadata, key);

  if (value == NULL)
    value = find_pair (self->exif, key);
  for (int i = 0; i < self->n_streams && value == NULL; i++)
    value = find_pair (self->streams[i].metadata, key);
  return value;
}

const char *
csm_media_info_find (const CsmMediaInfo *self, const char *const *keys)
{
  const char *value = NULL;

  for (int i = 0; keys[i] != NULL && value == NULL; i++)
    value = find_key (self, keys[i]);
  return value;
}

const char *
csm_media_info_get_make (const CsmMediaInfo *self)
{
  static const char *const keys[] = { "com.apple.quicktime.make", "com.android.manufacturer",
                                      "make", NULL };

  return csm_media_info_find (self, keys);
}

const char *
csm_media_info_get_model (const CsmMediaInfo *self)
{
  static const char *const keys[] = { "com.apple.quicktime.model", "com.android.model", "model",
                                      NULL };

  return csm_media_info_find (self, keys);
}

const char *
csm_media_info_get_encoder (const CsmMediaInfo *self)
{
  static const char *const keys[] = { "com.apple.quicktime.software", "encoder", "software",
                                      "encoded_by", NULL };

  return csm_media_info_find (self, keys);
}

/* "...+02:00", "...-0330": what an offset from UTC looks like at the end of a time. */
static bool
has_offset (const char *time)
{
  const char *clock = strchr (time, ':');

  return clock != NULL && strpbrk (clock, "+-Zz") != NULL;
}

const char *
csm_media_info_get_created (const CsmMediaInfo *self, CsmZone *ret_zone)
{
  static const char *const zoned[] = { "com.apple.quicktime.creationdate", NULL };
  static const char *const called_utc[] = { "creation_time", NULL };
  static const char *const clocks[] = { "DateTimeOriginal", "DateTime", "date", NULL };
  const char *value = csm_media_info_find (self, zoned);

  *ret_zone = CSM_ZONE_STATED;
  if (value != NULL && has_offset (value))
    return value;
  *ret_zone = CSM_ZONE_CALLED_UTC;
  value = csm_media_info_find (self, called_utc);
  if (value != NULL)
    return value;
  *ret_zone = CSM_ZONE_NOT_STATED;
  return csm_media_info_find (self, clocks);
}

const CsmStreamInfo *
csm_media_info_get_stream (const CsmMediaInfo *self, char kind, int number)
{
  for (int i = 0; i < self->n_streams; i++)
    if (self->streams[i].kind == kind && self->streams[i].number == number)
      return &self->streams[i];
  return NULL;
}

bool
csm_media_info_offers_track (const CsmMediaInfo *self, int number)
{
  const CsmStreamInfo *stream = csm_media_info_get_stream (self, 'v', number);

  return stream != NULL && (number == 0 || !stream->attached_picture);
}

int
csm_media_info_count_tracks (const CsmMediaInfo *self)
{
  int n = 0;

  for (int i = 0; csm_media_info_get_stream (self, 'v', i) != NULL; i++)
    n += csm_media_info_offers_track (self, i);
  return n;
}
