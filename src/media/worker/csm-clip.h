/* csm-clip.h: cutting clips out of a track
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-clip-mux.h"
#include "media/worker/csm-service-private.h"

/* What is to be cut, and where it goes. */
typedef struct
{
  CsmService *service; /* with a reader */
  CsmFrameIndex *index;
  int64_t first, last; /* inside the index */
  int64_t max_size;
  CsmClipWay way;
  /* Before the first byte. */
  gboolean (*begin) (const CsmClipMessage *clip, gpointer data, GError **error);
  CsmClipWrite write;
  gpointer data;
} CsmClipJob;

/* The frames' own times, from 0 at @from on, when they rise from @from to @to. */
typedef struct
{
  int64_t from;
  int64_t start; /* ticks of the index, of @from; 0 when not timed */
  AVRational timebase;
  bool timed;   /* else the times are made up, at an even rate */
  int64_t step; /* ticks between two frames, a guess when timed */
} CsmClipClock;

/* @stream (nullable) has the usual rate of its frames. */
CsmClipClock csm_clip_clock_new (CsmFrameIndex *index,
                                 int64_t from,
                                 int64_t to,
                                 const AVStream *stream);
/* Ticks of the clock's timebase; below 0 for frames before its first. */
int64_t csm_clip_clock_get (const CsmClipClock *self, CsmFrameIndex *index, int64_t ordinal);
/* To the next frame; a guess for the last of the track. */
int64_t csm_clip_clock_get_duration (const CsmClipClock *self,
                                     CsmFrameIndex *index,
                                     int64_t ordinal);

/* Packets as they are. Errors: CSM_MEDIA_ERROR; _UNSUPPORTED when no container takes the coding
 * or no run of packets decodes to the frames. */
gboolean csm_clip_copy (CsmClipJob *job, GError **error);
/* Exactly the frames, re-encoded. _UNSUPPORTED: not without loss, or the frames change their
 * shape. */
gboolean csm_clip_encode (CsmClipJob *job, GError **error);

/* ---- the bar below the picture ---- */

/* CsmClipBar: white text on black, in letters of its own, so that it looks the same everywhere.
 */
typedef struct
{
  int width, height; /* of the bar, in pixels */
  int scale;         /* of a pixel of a letter */
} CsmClipBar;

/* Room for what csm_clip_bar_draw() will write of frames up to @last. */
CsmClipBar csm_clip_bar_new (int width, CsmFrameIndex *index, int64_t first, int64_t last);
/* Fills all rows of @picture from @top on, and writes number and time of frame @ordinal.
 * @picture is writable and in no format with a palette; @full: its samples use the full range.
 */
void csm_clip_bar_draw (const CsmClipBar *self,
                        AVFrame *picture,
                        int top,
                        bool full,
                        CsmFrameIndex *index,
                        int64_t ordinal);
