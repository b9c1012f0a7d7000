/* csm-place.h: where a file says it was taken
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libavutil/dict.h>
#include <stdbool.h>
#include <stdint.h>

/* Northern and eastern ones positive. */
typedef struct
{
  int64_t latitude, longitude; /* 1e-7 degrees, inside 90 and 180 */
  int64_t altitude;            /* millimetres above sea level, INT64_MIN unknown */
} CsmPlace;

/* ISO 6709, annex H: "+52.5200+013.4050+034.000/", degrees, or degrees and minutes, or those
 * and seconds, by the number of digits. false when it is no such text. */
bool csm_place_from_iso6709 (const char *text, CsmPlace *ret_place);
/* From the keys that phones and cameras use in MP4, QuickTime and Matroska. */
bool csm_place_from_tags (const AVDictionary *tags, CsmPlace *ret_place);
/* From FFmpeg's words for Exif's GPS fields, "52:1, 31:1, 1200:100" with "N". */
bool csm_place_from_exif (const AVDictionary *tags, CsmPlace *ret_place);
