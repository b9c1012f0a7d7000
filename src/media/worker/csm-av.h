/* csm-av.h: what FFmpeg 5.1 and 7.1 say differently, and its errors as ours
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-error.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

void csm_av_frame_free (AVFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AVFrame, csm_av_frame_free)

/* Sets @error from the AVERROR @rc as a CSM_MEDIA_ERROR, "@what: words". Returns false. */
gboolean csm_media_fail_av (GError **error, int rc, const char *what);

/* (transfer full) (nullable): a copy in memory of its own, so that the decoder's goes back to
 * it; NULL without memory. */
AVFrame *csm_av_frame_copy (const AVFrame *frame);

bool csm_av_frame_is_key (const AVFrame *frame);
/* The decoder reported errors in this frame. */
bool csm_av_frame_is_damaged (const AVFrame *frame);
/* Ticks of the stream, 0 when unknown. */
int64_t csm_av_frame_get_duration (const AVFrame *frame);
/* Degrees clockwise that show the stream upright: 0, 90, 180 or 270. */
int csm_av_stream_get_rotation (const AVStream *stream);
/* The display matrix turns the picture over, besides any rotation. */
bool csm_av_stream_is_mirrored (const AVStream *stream);
/* Degrees clockwise that show @frame upright: by what came with the frame (Exif, H.264 SEI),
 * else by @stream. */
int csm_av_frame_get_rotation (const AVFrame *frame, const AVStream *stream);
/* What turns @from upright turns @to. false without memory. */
bool csm_av_stream_copy_matrix (AVStream *to, const AVStream *from);
/* Borrowed: what @encoder takes, up to AV_PIX_FMT_NONE; NULL: it does not say. */
const enum AVPixelFormat *csm_av_encoder_get_formats (const AVCodec *encoder);
bool csm_av_frame_is_interlaced (const AVFrame *frame);
/* "stereo"; empty when there is none. */
void csm_av_parameters_describe_layout (const AVCodecParameters *parameters,
                                        char *ret_text,
                                        size_t size);
int csm_av_parameters_get_channels (const AVCodecParameters *parameters);
/* "libavcodec 59.37.100 libavformat 59.27.100", of the libraries running. */
const char *csm_av_get_library (void);
/* "libavfilter 8.44.100", of the library running. */
const char *csm_av_get_filter_library (void);
/* (transfer full): arguments of a "buffer" filter for frames like @frame, one a tick. */
char *csm_av_dup_filter_source (const AVFrame *frame);
