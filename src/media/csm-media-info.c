/* csm-media-info.c: what a container says about itself
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-media-info.h"

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
    }
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
    }
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

const CsmStreamInfo *
csm_media_info_get_stream (const CsmMediaInfo *self, char kind, int number)
{
  for (int i = 0; i < self->n_streams; i++)
    if (self->streams[i].kind == kind && self->streams[i].number == number)
      return &self->streams[i];
  return NULL;
}
