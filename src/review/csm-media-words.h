/* csm-media-words.h: what a file says of itself, for people
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-oddities.h"

/* All (transfer full), NULL when the file does not say. */

/* "2024-05-01T10:00:00Z (called UTC; many cameras write local time)" */
char *csm_media_words_dup_taken (const CsmMediaInfo *info);
/* "Google Pixel 7", and the program that wrote the file. */
char *csm_media_words_dup_device (const CsmMediaInfo *info);
/* "52.5200000, 13.4050000, 34 m" */
char *csm_media_words_dup_place (const CsmMediaInfo *info);
char *csm_media_words_dup_credentials (const CsmMediaInfo *info);
/* The oddities of v:@track, one a line. @info and @index may be NULL. */
char *csm_media_words_dup_odd (const CsmMediaInfo *info, const CsmFrameIndex *index, int track);
/* "Track v:1: H.264, 1280 × 720, rear": the last is the title that the file gives it, if any.
 */
char *csm_media_words_dup_track (const CsmMediaInfo *info, int track);
