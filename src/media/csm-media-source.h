/* csm-media-source.h: what a worker is given to read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdint.h>

#define CSM_MEDIA_SOURCE_MAX_FDS 16
#define CSM_MEDIA_SOURCE_MAX_BLOB 256

/* CsmMediaSource: open read-only descriptors and at most 256 bytes that mean nothing to this
 * room (a plain file: no blob; the media store: the exhibit's key and shape). The worker's main
 * turns both into a CsmByteSource.
 *
 * Ownership  reference counted, atomically; owns the descriptors; the blob is guarded memory,
 *            wiped at the end.
 * Threads    immutable. */
typedef struct _CsmMediaSource CsmMediaSource;

/* (transfer full): takes the @n_fds descriptors (1 to 16); copies @blob (may be NULL). */
CsmMediaSource *csm_media_source_new (const int *fds,
                                      int n_fds,
                                      const void *blob,
                                      size_t blob_size);
/* (transfer full) (nullable): a plain file, opened O_RDONLY|O_NOCTTY|O_CLOEXEC; only a regular
 * file is taken. Errors: CSM_MEDIA_ERROR_IO. */
CsmMediaSource *csm_media_source_new_for_path (const char *path, GError **error);
CsmMediaSource *csm_media_source_ref (CsmMediaSource *self);
void csm_media_source_unref (CsmMediaSource *self);
const int *csm_media_source_get_fds (const CsmMediaSource *self, int *ret_n_fds);
const uint8_t *csm_media_source_get_blob (const CsmMediaSource *self, size_t *ret_size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMediaSource, csm_media_source_unref)
