/* csm-colour.h: what a frame says of its colours, what is assumed, and how that is said
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-av.h"

/* Matrix and range are the frame's own. When it says nothing: BT.709 from 720 rows upward, else
 * BT.601; full range for grey and for formats that are always full, else limited. A matrix that
 * libswscale does not know is shown as BT.601, and csm_colour_describe() says so. Primaries are
 * never converted but for tone-mapping. */

/* One that libswscale knows. */
enum AVColorSpace csm_colour_get_matrix (const AVFrame *frame);
/* As filters name it: "bt709". */
const char *csm_colour_get_matrix_name (const AVFrame *frame);
bool csm_colour_is_full_range (const AVFrame *frame);
bool csm_colour_has_alpha (const AVFrame *frame);
bool csm_colour_is_grey (const AVFrame *frame);
bool csm_colour_is_rgb (const AVFrame *frame);
/* Its transfer is PQ or HLG: made for screens that are brighter than others. */
bool csm_colour_is_hdr (const AVFrame *frame);
/* HDR that csm_colour_dup_tone_map() can bring to an ordinary screen. */
bool csm_colour_can_tone_map (const AVFrame *frame);
/* (transfer full): filters that bring such a frame to BT.709, 8 bits, gbrp: linear light by
 * zscale with white at 100 cd/m2, and hable's curve (FFmpeg's "tonemap"). */
char *csm_colour_dup_tone_map (const AVFrame *frame);

/* How a frame becomes pixels. */
typedef enum {
  CSM_COLOUR_FAST,        /* playing */
  CSM_COLOUR_ACCURATE,    /* paused, stills */
  CSM_COLOUR_TONE_MAPPED, /* HDR on an ordinary screen */
} CsmColourPath;

/* (transfer full): the colour path in words, "matrix bt709 (assumed), range limited (stated);
 * libswscale 6.7.100 bicubic accurate_rnd full_chroma_int". Less than CSM_PROTOCOL_MAX_TEXT. */
char *csm_colour_describe (const AVFrame *frame, CsmColourPath path);
