/* csm-plane-hash.h: the bytes of a decoded frame as FFmpeg's framemd5 has them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/worker/csm-av.h"

/* Raw planes one after the other, rows without padding, a palette at the end. */
typedef void (*CsmPlaneVisitor) (gpointer data, const uint8_t *bytes, size_t size);

/* false when the pixel format has no such form (hardware surfaces). */
bool csm_plane_visit (const AVFrame *frame, CsmPlaneVisitor visitor, gpointer data);

/* XXH3-128 of those bytes, with pixel format and size mixed in first, so that equal bytes of
 * unequal shape differ. */
bool csm_plane_hash (const AVFrame *frame, uint64_t ret_hash[2]);

/* SHA-256 and MD5 of those bytes alone. */
bool csm_plane_digest (const AVFrame *frame,
                       uint8_t ret_sha256[32],
                       uint8_t ret_md5[16],
                       int64_t *ret_size);
