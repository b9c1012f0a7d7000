/* csm-displayed.h: which frames of an exhibit were on the screen, as "access.displayed" says it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  CSM_DISPLAYED_PAUSED = 0, /* one by one, neighbours in one span */
  CSM_DISPLAYED_PLAYED,
  CSM_DISPLAYED_DRAGGED, /* previews, anywhere between the lowest and the highest */
} CsmDisplayedHow;

/* Frames of a video track that followed one another on the screen, from the first to the last:
 * backwards @from is the higher one. */
typedef struct
{
  CsmDisplayedHow how;
  int64_t from, to;
  int64_t n_shown; /* frames that came onto the screen: playing leaves out what is late */
  int speed; /* played: thousandths of the frames' own times, negative backwards; else 0 */
  int track; /* v:N; one for all spans of an entry */
} CsmDisplayedSpan;

/* How many one entry holds at most. */
#define CSM_DISPLAYED_MAX 500

/* (transfer full): the detail of an entry; the track is that of the first. */
json_t *csm_displayed_to_json (const CsmDisplayedSpan *spans, unsigned n_spans);
/* (transfer full) (nullable) (element-type CsmDisplayedSpan): NULL when @detail (nullable) is
 * none. */
GArray *csm_displayed_from_json (const json_t *detail);
/* (transfer full): "frames 0 to 74 at 1×, frame 12 paused", the first few and how many more. */
char *csm_displayed_describe (const GArray *spans);
