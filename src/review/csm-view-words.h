/* csm-view-words.h: views in words for people
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-worker.h"

/* (transfer full): "brightness +10 %, deinterlaced"; "" for the plain picture. */
char *csm_view_words_dup (const CsmView *view);
/* (transfer full) (nullable): what has to be said on a picture that is not the still's: the
 * view, and HDR. NULL when nothing has. @is_on: the view is applied. */
char *csm_view_words_dup_badge (const CsmView *view, bool is_on, const CsmPicture *picture);
