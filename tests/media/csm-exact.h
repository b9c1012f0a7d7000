/* csm-exact.h: compares what the worker reads with the ffmpeg program's own framemd5
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-worker.h"

/* One line of framemd5. */
typedef struct
{
  int64_t pts;
  char md5[33];
} CsmTruth;

/* (transfer full) (element-type CsmTruth): the truth about @path's track v:0, by the one
 * command of design.md section 5; empty when ffmpeg decodes nothing. */
GArray *csm_exact_get_truth (const char *path);

/* Everything that the worker says of @path equals @truth: the exact index's count; each frame's
 * MD5 in order; twice @n_shuffled frames from the end backward, with all that was decoded
 * forgotten before; and @n_shuffled frames in an order given by @seed, every other one with all
 * that was decoded forgotten. With @times also the timestamps, but for one constant offset: not
 * for streams whose clock jumps, which the ffmpeg program smooths over. Fails the test
 * otherwise, naming the frame. */
void csm_exact_assert (const char *path,
                       const GArray *truth,
                       bool times,
                       int n_shuffled,
                       guint32 seed);
