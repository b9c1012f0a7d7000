/* csm-media-info.h: what a container says about itself
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-time.h"

#include <glib.h>
#include <stdbool.h>

/* One stream. Text comes from the file by way of the worker: valid UTF-8, bounded, control
 * characters replaced, but never to be trusted as markup or as a name. */
typedef struct
{
  char kind;   /* 'v', 'a', 's' or 'd' (data, attachments) */
  int number;  /* among its kind, from 0: track "v:0" */
  char *codec; /* FFmpeg's short name, "h264" */
  char *profile;
  char *pixel_format; /* video: "yuv420p" */
  int width, height;  /* video: coded, before rotation and sample aspect ratio */
  int sar_num, sar_den;
  int rotation; /* degrees clockwise to show it upright: 0, 90, 180, 270 */
  bool attached_picture;
  int sample_rate, channels; /* audio */
  CsmTimebase timebase;
  int64_t start_pts; /* ticks, or CSM_NO_PTS */
  int64_t duration;  /* ticks, or CSM_NO_PTS */
} CsmStreamInfo;

/* CsmMediaInfo: the container, its streams and its metadata.
 * Ownership  reference counted; everything inside is borrowed.
 * Threads    immutable. */
typedef struct
{
  char *format;           /* FFmpeg's short name, "mov,mp4,m4a,3gp,3g2,mj2" */
  int64_t duration_ms;    /* by the container, -1 when it does not say */
  CsmStreamInfo *streams; /* @n_streams, at most 64 */
  int n_streams;
  char **metadata; /* key, value, key, value ..., NULL; at most 64 pairs */
  char *library;   /* "libavcodec 59.37.100 libavformat 59.27.100" */
} CsmMediaInfo;

/* (transfer full): @n_streams zeroed streams, for its maker to fill before it is shared. */
CsmMediaInfo *csm_media_info_new (int n_streams);
CsmMediaInfo *csm_media_info_ref (CsmMediaInfo *self);
void csm_media_info_unref (CsmMediaInfo *self);
/* (nullable): stream @kind:@number, borrowed. */
const CsmStreamInfo *csm_media_info_get_stream (const CsmMediaInfo *self,
                                                char kind,
                                                int number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMediaInfo, csm_media_info_unref)
