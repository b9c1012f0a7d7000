/* csm-oddities.h: what is odd about a file, in words
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-frame-index.h"
#include "media/csm-media-info.h"

/* (transfer full) (element-type utf8): one sentence for each thing that a reviewer of video
 * track v:@track should know before relying on a frame's number or time: several tracks,
 * attached pictures, rotation, pixels that are not square, a count of frames that the container
 * has wrong, a varying rate, gaps, missing, repeated and returning time stamps, edit lists,
 * damage, fields, changes of size or pixel format, repeated pictures, another FFmpeg. Empty
 * when nothing is odd. Either may be NULL: what it would tell is left out. Of a provisional
 * index only what its packets say. Translated. */
GPtrArray *csm_oddities_list (const CsmMediaInfo *info, const CsmFrameIndex *index, int track);
