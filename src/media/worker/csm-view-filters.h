/* csm-view-filters.h: the text of a view's filters
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-view.h"
#include "media/worker/csm-av.h"

/* (transfer full) (nullable): filters that make @view of frames like @frame, ending in rgb24,
 * in the ffmpeg program's syntax; a tone map first when @frame is HDR that can be, of at most
 * @max_width x @max_height (0: as it is). Every number is bounded, and no word comes from a
 * file. Fails with _UNSUPPORTED when the crop does not lie inside, or the zoom is too large. */
char *csm_view_filters_write (const CsmView *view,
                              const AVFrame *frame,
                              int max_width,
                              int max_height,
                              GError **error);
