/* csm-convert.h: from a decoded frame to pixels for a screen or a still
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-av.h"

/* How a frame is to be shown. */
typedef struct
{
  int max_width, max_height; /* fit inside, after rotation; 0: no limit. Never enlarges. */
  bool accurate;
  int rotation;             /* degrees clockwise: 0, 90, 180, 270 */
  AVRational sample_aspect; /* 0:1 or 1:1: square */
  uint8_t *room;            /* nullable: where the pixels go if they fit and are not turned */
  size_t room_size;
} CsmConvertOptions;

/* B8G8R8A8 pixels, alpha straight or premultiplied as asked. */
typedef struct
{
  int width, height, stride;
  uint8_t *pixels; /* free with csm_image_clear() */
  bool borrowed;   /* they lie in the room that was offered */
} CsmImage;
void csm_image_clear (CsmImage *self);

/* CsmConverter: keeps FFmpeg's scaler between two frames of the same kind.
 *
 * Matrix and range as csm-colour.h has them.
 * Accurate means exact rounding and interpolated chroma; a still and an accurate picture of the
 * same frame come from the same conversion. Nothing here makes FFmpeg write code at run time,
 * which the cage forbids.
 *
 * Ownership  csm_converter_free() takes NULL.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR. */
typedef struct _CsmConverter CsmConverter;

CsmConverter *csm_converter_new (void);
void csm_converter_free (CsmConverter *self);

gboolean csm_converter_convert (CsmConverter *self,
                                const AVFrame *frame,
                                const CsmConvertOptions *options,
                                bool premultiply,
                                CsmImage *ret_image,
                                GError **error);
/* (transfer full) (nullable): @frame unscaled and unrotated in @format, accurately. */
AVFrame *csm_converter_convert_to (CsmConverter *self,
                                   const AVFrame *frame,
                                   enum AVPixelFormat format,
                                   GError **error);
/* (transfer full) (nullable): RGB @frame unscaled in the YUV @format, accurately, in limited
 * range, by its matrix. */
AVFrame *csm_converter_convert_video (CsmConverter *self,
                                      const AVFrame *frame,
                                      enum AVPixelFormat format,
                                      GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmConverter, csm_converter_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmImage, csm_image_clear)
