/* csm-oddities-private.h: the two halves of what is odd: the container, the frames
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-oddities.h"

/* Takes @sentence. */
void csm_oddities_add (GPtrArray *list, char *sentence);

void csm_oddities_add_container (GPtrArray *list, const CsmMediaInfo *info, int track);
void csm_oddities_add_frames (GPtrArray *list, const CsmFrameIndex *index);
