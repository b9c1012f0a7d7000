/* csm-view-chain.h: a view as libavfilter's filters
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-view.h"
#include "media/worker/csm-av.h"

/* (transfer full) (nullable): frame @ordinal of the track, exact. */
typedef AVFrame *(*CsmViewRead) (int64_t ordinal, gpointer data, GError **error);

/* CsmViewChain: makes a frame look as a view says. The same frame under the same view gives the
 * same bytes, whatever was asked for before: filters that look at neighbours get those of
 * csm_view_get_window(), fewer where the track changes its size or format, and no others.
 * Between frames that follow each other the filters go on.
 *
 * Only filters on a list of its own are used; one thread; no conversion that the text does not
 * state.
 *
 * Ownership  csm_view_chain_free() takes NULL.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR, and those of the reader. */
typedef struct _CsmViewChain CsmViewChain;

CsmViewChain *csm_view_chain_new (void);
void csm_view_chain_free (CsmViewChain *self);

/* (transfer full) (nullable): frame @ordinal in RGB24. HDR that can be is tone-mapped first,
 * fitted into @max_width x @max_height before that when @view is plain and they are not 0.
 * @ret_text (nullable): the filters, so that `ffmpeg -noautorotate -i FILE -map 0:v:N -vf TEXT`
 * gives this picture. */
AVFrame *csm_view_chain_run (CsmViewChain *self,
                             const CsmView *view,
                             int max_width,
                             int max_height,
                             int64_t ordinal,
                             int64_t n_frames,
                             CsmViewRead read,
                             gpointer data,
                             char **ret_text,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmViewChain, csm_view_chain_free)
