/* csm-time.h: this computer's clock, and media time
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970-01-01 UTC, as this computer's clock has it. */
typedef int64_t CsmTime;

CsmTime csm_time_now (void);
/* (transfer full): RFC 3339 with milliseconds, "2026-03-05T09:07:02.004Z". A time
 * outside the years 0000 to 9999 is written as the nearest one inside. */
char *csm_time_format (CsmTime time);
/* Accepts exactly what csm_time_format() writes. */
bool csm_time_parse (const char *text, CsmTime *ret_time);

/* A time base: one tick is num/den seconds. */
typedef struct
{
  int32_t num;
  int32_t den;
} CsmTimebase;

/* A frame without a timestamp. */
#define CSM_NO_PTS INT64_MIN

/* A frame's name: track "v:0" is @track 0 of the video tracks; @ordinal counts from 0 in
 * presentation order; @pts in ticks of @timebase, or CSM_NO_PTS. */
typedef struct
{
  int track;
  int64_t ordinal;
  int64_t pts;
  CsmTimebase timebase;
} CsmFrameId;

/* A rectangle in a frame's own pixels, from its top left corner. */
typedef struct
{
  int x, y, width, height;
} CsmRect;

/* @ticks in milliseconds, rounded down (towards minus infinity); no overflow for any input:
 * clamped to +-INT64_MAX, 0 for a timebase with den 0, CSM_NO_PTS for CSM_NO_PTS. */
int64_t csm_ticks_to_ms (int64_t ticks, CsmTimebase timebase);
/* (transfer full): media time, "01:02:03.456", with a leading '-' below zero;
 * "-" for CSM_NO_PTS. */
char *csm_ticks_format (int64_t ticks, CsmTimebase timebase);
/* "41.133", "1:02.5", "01:02:03.456", or one of them after a '-', in milliseconds; "90:00" is
 * 90 minutes. False for anything else, a bare number among it: that is a frame. */
bool csm_clock_parse (const char *text, int64_t *ret_ms);
