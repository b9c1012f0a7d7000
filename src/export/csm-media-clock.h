/* csm-media-clock.h: the time that a player shows
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* A player counts from the earliest start of the file's pictures and sound, whatever time
 * stamps the file begins with. An exhibit's clock reads 0 there; where the file does not say,
 * it reads 0 at time stamp 0.
 *
 * Units    parts of a second: @per_second is 1000, or 1000000. Rounded up, so that what a
 * player shows at the time given is the frame asked for, never the one before. Not below 0.
 * Threads  any. */

#define CSM_CLOCK_MS 1000
#define CSM_CLOCK_US 1000000

/* Where the clock reads 0, in ticks of @ret_timebase: for who plays with one that reads 0 at
 * time stamp 0. */
int64_t csm_media_clock_get_start (const CsmDossierExhibit *exhibit, CsmTimebase *ret_timebase);
/* Whether it has a clock: a still picture has none, nor what cannot be read. */
bool csm_media_clock_has_time (const CsmDossierExhibit *exhibit);
/* false: no clock, or @pts is CSM_NO_PTS. */
bool csm_media_clock_get (const CsmDossierExhibit *exhibit,
                          int64_t pts,
                          CsmTimebase timebase,
                          int per_second,
                          int64_t *ret_time);
/* From @mark's first frame or sample to the start of the first that it leaves out: the times
 * between, @ret_start included, are those at which a player shows it. Later than the start by
 * one part at least; by a millisecond where nothing says when the last frame ends. false as
 * above. */
bool csm_media_clock_get_span (const CsmDossierExhibit *exhibit,
                               const CsmMark *mark,
                               int per_second,
                               int64_t *ret_start,
                               int64_t *ret_end);

typedef struct
{
  int64_t start, end; /* ms */
  const CsmDossierMark *mark;
} CsmCue;

/* (transfer full) (element-type CsmCue): the exhibit's marks that have a time, by start, end
 * and id. */
GArray *csm_media_clock_list_cues (const CsmDossierExhibit *exhibit);
/* (transfer full): what formats in milliseconds lose of a mark, in one line of ASCII without
 * "<",
 * ">", "&" and quotes: "track=v:0 from=412 to=480 from_pts=3702000 ...": see FORMAT.md. */
char *csm_media_clock_describe_mark (const CsmMark *mark);
