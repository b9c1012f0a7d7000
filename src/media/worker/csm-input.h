/* csm-input.h: a container opened over a byte source, every outward door shut
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "media/worker/csm-av.h"

/* Asked often while bytes are read and packets decoded: true stops the work. */
typedef bool (*CsmInterrupt) (gpointer data);

/* CsmInput: a demuxer that reads nothing but its byte source.
 *
 * Only formats on a list are opened; what refers to other files (playlists, manifests,
 * sequences) is _REFUSED; nested opens fail, no protocol is allowed.
 *
 * Ownership  csm_input_free() takes NULL; keeps a reference on the source.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR; G_IO_ERROR_CANCELLED when @interrupt said so. */
typedef struct _CsmInput CsmInput;

/* (transfer full) (nullable): opens and looks at the streams, as the ffmpeg program does. */
CsmInput *csm_input_open (CsmByteSource *source,
                          CsmInterrupt interrupt,
                          gpointer data,
                          GError **error);
/* (transfer full) (nullable): for reading packets alone, without a look at the streams. NULL,
 * without an error: not with this container. */
CsmInput *csm_input_open_packets (CsmByteSource *source, CsmInterrupt interrupt, gpointer data);
/* (transfer full) (nullable): the same source once more, where that costs less than opening it:
 * what @model knows of the streams is taken from it. For seeking only. NULL, without an error:
 * not with this container. */
CsmInput *csm_input_open_like (CsmByteSource *source, CsmInput *model);
void csm_input_free (CsmInput *self);

/* Borrowed. */
AVFormatContext *csm_input_get_format (CsmInput *self);
/* (nullable): video stream v:@track, in FFmpeg's count, which has attached pictures. Borrowed.
 */
AVStream *csm_input_get_video (CsmInput *self, int track);
/* Packets of @stream alone are read from now on. */
void csm_input_select (CsmInput *self, const AVStream *stream);
/* Bytes read lately, as an offset in the source: for progress. */
int64_t csm_input_get_position (CsmInput *self);
int64_t csm_input_get_size (CsmInput *self);
/* From here on reads are not interrupted: a demuxer that was cannot go on. */
void csm_input_shield (CsmInput *self);
/* What a read of the source failed with, or the interruption, whatever FFmpeg made of it.
 * true and @error set when there was one: the pass that saw it is worth nothing. */
bool csm_input_take_error (CsmInput *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmInput, csm_input_free)
