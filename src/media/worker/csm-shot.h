/* csm-shot.h: frames at which the picture changes as a whole
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-av.h"

/* CsmShot: compares each frame with the one before it by the score of FFmpeg's scdet filter
 * (libavfilter/vf_scdet.c, get_scene_score()): the mean absolute difference, or how much that
 * differs from the last one, whichever is less. From 10 % of the range up, the filter's own
 * default, it is a change. Unlike the filter, which takes every sample, it takes the first
 * component (luma, or red) as 64 by 36 means. A suggestion for the eye: it finds cuts, and
 * neither dissolves nor what is only cut within the picture.
 *
 * Zero at first; one for each pass over a track, frames in their order. */
#define CSM_SHOT_COLUMNS 64
#define CSM_SHOT_ROWS 36

typedef struct
{
  uint8_t means[CSM_SHOT_ROWS * CSM_SHOT_COLUMNS]; /* of the frame before */
  int64_t difference;                              /* of it to the one before it, summed */
  bool begun;
} CsmShot;

/* true when @frame begins another shot; the first frame does not. Frames in pixel formats that
 * cannot be read by samples (hardware, floating point) change nothing. */
bool csm_shot_next (CsmShot *self, const AVFrame *frame);
