/* csm-passes.h: reading a whole track: its packets, or every frame
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "media/csm-frame-index.h"
#include "media/worker/csm-input.h"

/* How far a pass has come. Called for each packet; true stops the pass. */
typedef bool (*CsmPassProgress) (int64_t done, int64_t total, gpointer data);

/* (transfer full) (nullable): the provisional index of v:@track, from its packets alone. Reads
 * @input, freshly opened, to its end. Progress in bytes. */
CsmFrameIndex *csm_pass_scan (CsmInput *input,
                              int track,
                              CsmPassProgress progress,
                              gpointer data,
                              GError **error);

/* (transfer full) (nullable): the exact index, by decoding every frame from the start: with two
 * threads, and if anything at all went wrong, again with one, since what a damaged file looks
 * like depends on their number. Progress in bytes of the source; goes back when it starts
 * again. */
CsmFrameIndex *csm_pass_verify (CsmByteSource *source,
                                int track,
                                CsmPassProgress progress,
                                gpointer data,
                                GError **error);
