/* csm-clip.h: clips made by the ffmpeg program for one test run
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* A folder for the clips, and its end with all that is in it. */
void csm_clip_begin (void);
void csm_clip_end (void);
/* (transfer full) */
char *csm_clip_get_path (const char *name);
/* (transfer full): its path; @arguments come before the name on ffmpeg's command line. Fails
 * the test when ffmpeg fails. */
char *csm_clip_make (const char *name, const char *arguments);
