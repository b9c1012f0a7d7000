/* csm-png.h: PNG files made of decoded frames
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-view.h"
#include "media/worker/csm-convert.h"

/* (transfer full) (nullable): the frame as decoded: unrotated, unscaled; grey stays grey, alpha
 * stays, more than 8 bits a channel become 16. tEXt chunks state pixel format and colour path.
 * The same frame gives the same bytes. 8-bit pixels equal those of an accurate picture. */
GBytes *csm_png_encode_still (CsmConverter *converter, const AVFrame *frame, GError **error);
/* (transfer full) (nullable): @picture, which @filters made of @frame for @view, in RGB24; tEXt
 * chunks say so. */
GBytes *csm_png_encode_view (CsmConverter *converter,
                             const AVFrame *picture,
                             const AVFrame *frame,
                             const CsmView *view,
                             const char *filters,
                             GError **error);
