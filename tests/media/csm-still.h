/* csm-still.h: a worker on one clip, and what the ffmpeg program makes of pictures
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-worker.h"

typedef struct
{
  CsmMediaSource *source;
  CsmWorker *worker;
} CsmStillFixture;

/* Opens @path with its exact index. */
void csm_still_open (CsmStillFixture *self, const char *path);
void csm_still_close (CsmStillFixture *self);
/* (transfer full): R, G, B bytes of @png as the ffmpeg program reads them. */
GBytes *csm_still_to_rgb (GBytes *png);
/* (transfer full): R, G, B bytes that the ffmpeg program makes of @path by @filters. */
GBytes *csm_still_filter (const char *path, const char *filters);
