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
  int64_t bit_rate;  /* bits a second, 0 when unknown */
  int64_t n_frames;  /* as the container says, 0 when it does not */
  /* Video: pictures a second, as the average and as FFmpeg's guess of the base rate, which
   * ffprobe calls avg_frame_rate and r_frame_rate; 0/0 when unknown. */
  int average_num, average_den;
  int base_num, base_den;
  const char *field_order; /* "progressive", "tt", "bb", "tb", "bt" as ffprobe says, or "" */
  int level;               /* of the coding, as FFmpeg counts it; -99 when unknown */
  int bits;                /* of a sample, 0 when unknown */
  bool mirrored;           /* the container asks for a mirrored picture, which is not done */
  /* FFmpeg's names, "" when unknown. */
  char *codec_tag;                             /* "avc1" */
  char *range, *matrix, *primaries, *transfer; /* video: "tv", "bt709", ... */
  char *chroma;                                /* video: chroma location, "left" */
  char *sample_format, *channel_layout;        /* audio: "fltp", "stereo" */
  char **metadata;                             /* key, value, ..., NULL */
} CsmStreamInfo;

typedef struct
{
  int64_t start_ms, end_ms; /* CSM_NO_PTS when unknown */
  char *title;
} CsmChapterInfo;

/* CsmMediaInfo: the container, its streams and its metadata.
 * Ownership  reference counted; everything inside is borrowed.
 * Threads    immutable. */
typedef struct
{
  char *format;           /* FFmpeg's short name, "mov,mp4,m4a,3gp,3g2,mj2" */
  int64_t duration_ms;    /* by the container, -1 when it does not say */
  CsmStreamInfo *streams; /* @n_streams, at most 64 */
  int n_streams;
  char **metadata; /* key, value, key, value ..., NULL; at most 256 pairs with the streams' */
  char *library;   /* "libavcodec 59.37.100 libavformat 59.27.100" */
  char **exif;     /* key, value ..., NULL: what the first picture of a still says of itself */
  CsmChapterInfo *chapters; /* @n_chapters, at most 256 */
  int n_chapters;
  int64_t bit_rate;         /* bits a second, 0 when unknown */
  int64_t start_ms;         /* CSM_NO_PTS when unknown */
  bool content_credentials; /* C2PA data are in the file; nobody has validated them */
  /* Where the file says it was taken: 1e-7 degrees, millimetres above sea level, each
   * CSM_NO_PTS when it does not say. */
  int64_t latitude, longitude, altitude;
} CsmMediaInfo;

/* (transfer full): @n_streams zeroed streams, for its maker to fill before it is shared. */
CsmMediaInfo *csm_media_info_new (int n_streams);
CsmMediaInfo *csm_media_info_ref (CsmMediaInfo *self);
void csm_media_info_unref (CsmMediaInfo *self);
/* The value of the first of @keys (NULL-terminated, in this order) that the container, then the
 * first picture, then any stream has, in whatever case; NULL when none has. Borrowed. */
const char *csm_media_info_find (const CsmMediaInfo *self, const char *const *keys);
/* What people ask for, from the keys that cameras and programs use for it; NULL when the file
 * does not say. Borrowed. */
const char *csm_media_info_get_make (const CsmMediaInfo *self);
const char *csm_media_info_get_model (const CsmMediaInfo *self);
const char *csm_media_info_get_encoder (const CsmMediaInfo *self);
/* @ret_zone: what is known of its time zone, one of the words below. */
typedef enum {
  CSM_ZONE_STATED,     /* the value carries its offset */
  CSM_ZONE_CALLED_UTC, /* the container's rules say UTC; many cameras write local time */
  CSM_ZONE_NOT_STATED, /* a clock's reading, no more */
} CsmZone;
const char *csm_media_info_get_created (const CsmMediaInfo *self, CsmZone *ret_zone);
/* (nullable): stream @kind:@number, borrowed. */
const CsmStreamInfo *csm_media_info_get_stream (const CsmMediaInfo *self,
                                                char kind,
                                                int number);
/* Whether people choose v:@number: v:0 always, when it is there, and further video tracks
 * unless they are pictures that the container calls covers. */
bool csm_media_info_offers_track (const CsmMediaInfo *self, int number);
int csm_media_info_count_tracks (const CsmMediaInfo *self); /* that it offers */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMediaInfo, csm_media_info_unref)
