/* csm-session-player.h: what the files about sound share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-sound-output.h"
#include "review/csm-session-private.h"

/* Main thread only. While @on, the stream is one line of samples from the moment @from on: what
 * belongs to no block (before the first, in gaps, after the last) is silence. */
struct _CsmPlayer
{
  CsmSoundMap *map;       /* (nullable) */
  bool alone;             /* there is no picture */
  CsmWorker *process;     /* borrowed: the sound lane's */
  CsmSoundOutput *output; /* (nullable): made when first needed */
  bool muted;
  double volume;
  bool told; /* why there is no sound */

  bool on;
  unsigned epoch; /* of the blocks on their way */
  double speed;
  int64_t base;    /* clock when the first sample is heard, microseconds */
  int64_t from;    /* time of the stream's first sample, in 1/rate seconds */
  int64_t written; /* samples */
  int64_t block;   /* the next one */
  bool first;      /* it is the first of the stream */
  bool reading;

  int64_t start; /* ordinal at which the clock was started: for sound alone */
};

/* Takes @task. */
void csm_session_run_sound (CsmSession *self, GTask *task, CsmLaneJob run);
/* Of the exhibit in view. @map may be NULL. */
void csm_session_set_sound (CsmSession *self, CsmSoundMap *map);
