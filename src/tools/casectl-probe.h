/* casectl-probe.h: what a file says of itself, as one object and as lines
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tools/casectl.h"

/* (transfer full): everything about @info; its oddities in track v:@track, with @index, which
 * may be NULL. The keys are in casectl(1) and stay. */
json_t *csm_probe_pack_info (const CsmMediaInfo *info, const CsmFrameIndex *index, int track);
/* The same as lines. */
void csm_probe_print_info (json_t *info);
