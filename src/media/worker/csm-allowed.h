/* csm-allowed.h: which of FFmpeg's parts may touch a file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libavcodec/avcodec.h>
#include <stdbool.h>

/* Comma-separated names of demuxers and of decoders, for FFmpeg's own white lists. */
const char *csm_allowed_get_formats (void);
const char *csm_allowed_get_decoders (void);

/* @name as a demuxer has it, aliases and all: "mov,mp4,m4a,3gp,3g2,mj2". */
bool csm_allowed_is_format (const char *name);
/* Files of this kind name other files or addresses: they are refused. */
bool csm_allowed_is_referring (const char *name);
/* The decoder that FFmpeg would take for @id is on the list. */
bool csm_allowed_is_codec (enum AVCodecID id);
