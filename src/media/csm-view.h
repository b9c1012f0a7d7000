/* csm-view.h: ways to look at a frame that leave the frame as it is
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  CSM_VIEW_BOTH_FIELDS,
  CSM_VIEW_TOP_FIELD,
  CSM_VIEW_BOTTOM_FIELD,
} CsmViewField;

typedef enum {
  CSM_VIEW_ALL_CHANNELS,
  CSM_VIEW_R,
  CSM_VIEW_G,
  CSM_VIEW_B,
  CSM_VIEW_Y,
  CSM_VIEW_U,
  CSM_VIEW_V,
} CsmViewChannel;

typedef enum {
  CSM_VIEW_TURN_AS_FILE, /* a still: as decoded */
  CSM_VIEW_TURN_0,
  CSM_VIEW_TURN_90, /* clockwise, against the frame as decoded */
  CSM_VIEW_TURN_180,
  CSM_VIEW_TURN_270,
} CsmViewTurn;

/* CsmView: numbers only, each with bounds, so that the caged worker makes a chain of filters of
 * them and never of a text. All zero is the plain picture. Steps are taken in this order:
 * deinterlace or one field, denoise, stabilise, brightness with contrast and gamma, sharpen,
 * grey, one channel, crop, zoom, turn.
 *
 * Words   csm_view_parse() and _format(): "brightness=0.1,deinterlace". */
typedef struct
{
  int32_t brightness;                   /* hundredths, -100 to 100 */
  int32_t contrast;                     /* hundredths above the factor 1, -100 to 300 */
  int32_t gamma;                        /* hundredths above 1, -90 to 300 */
  int32_t sharpen;                      /* hundredths, 0 to 300 */
  int32_t denoise;                      /* 0 to 20 */
  int32_t deinterlace, stabilise, grey; /* 0, 1 */
  int32_t field;                        /* CsmViewField; not with @deinterlace */
  int32_t channel;                      /* CsmViewChannel */
  int32_t turn;                         /* CsmViewTurn */
  int32_t zoom;                         /* 0, or 2 to 8 times, each pixel repeated */
  /* In the frame's own pixels; without width and height: all of it. */
  int32_t crop_x, crop_y, crop_width, crop_height;
} CsmView;

/* Denoising and stabilising remember: they begin at a multiple of this, less this, so that one
 * frame looks the same however it was reached. */
#define CSM_VIEW_MEMORY 16

bool csm_view_is_plain (const CsmView *self);
bool csm_view_is_equal (const CsmView *self, const CsmView *other);
/* Every number is within its bounds. */
bool csm_view_check (const CsmView *self);
typedef enum {
  CSM_VIEW_FITS,
  CSM_VIEW_CROP_OUTSIDE, /* the crop does not lie inside the frame */
  CSM_VIEW_TOO_LARGE,    /* the picture would be, zoomed or not */
} CsmViewFit;
/* Whether a frame of @width x @height pixels can be looked at so: sizes can change within a
 * track. */
CsmViewFit csm_view_find_fit (const CsmView *self, int width, int height);
/* Fails with CSM_MEDIA_ERROR_UNSUPPORTED, and a sentence, at what is unknown, out of bounds, or
 * said twice. */
gboolean csm_view_parse (const char *text, CsmView *ret_view, GError **error);
/* (transfer full): what csm_view_parse() reads; "" for the plain picture. */
char *csm_view_format (const CsmView *self);
/* What csm_view_parse() knows, for a help text: "brightness=-1..1, ...". (transfer full) */
char *csm_view_describe_words (void);
/* The frames that @ordinal of a track of @n_frames is made of, both inclusive. */
void csm_view_get_window (const CsmView *self,
                          int64_t ordinal,
                          int64_t n_frames,
                          int64_t *ret_first,
                          int64_t *ret_last);
