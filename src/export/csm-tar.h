/* csm-tar.h: a folder as a POSIX tar, and back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* Folders and plain files, nothing else. Streams: memory does not grow with the size. Blocking;
 * any thread. Errors: CSM_BASE_ERROR, CSM_EXPORT_ERROR, G_IO_ERROR_CANCELLED. */

typedef gboolean (*CsmTarWrite) (const void *data,
                                 size_t size,
                                 gpointer write_data,
                                 GError **error);
/* @ret_size 0: that was all. */
typedef gboolean (*CsmTarRead) (const uint8_t **ret_data,
                                size_t *ret_size,
                                gpointer data,
                                GError **error);
typedef void (*CsmTarProgress) (int64_t done, int64_t total, gpointer data);

/* Bytes of all files below @folder. _INVALID for what is neither folder nor file, and for a
 * name that is not ASCII. */
gboolean csm_tar_measure (const char *folder, int64_t *ret_size, GError **error);
/* Writes @folder as @name: ustar, with pax headers for what does not fit. The same files give
 * the same bytes: sorted by name, times of 1980, modes 0644 and 0755, no owner.
 * @total is what csm_tar_measure() said; @progress gets bytes of files. */
gboolean csm_tar_write_folder (const char *folder,
                               const char *name,
                               int64_t total,
                               CsmTarWrite write,
                               gpointer write_data,
                               CsmTarProgress progress,
                               gpointer progress_data,
                               GCancellable *cancellable,
                               GError **error);

/* Unpacks what @read gives, no more than @size bytes, into the folder @folder, which is empty
 * and nobody else's. Every byte is hostile: links, devices, holes, absolute paths, "..", a name
 * that comes twice, control characters in names and content that is larger than the tar itself
 * are _REFUSED. What was written until then stays. Reads to the end. */
gboolean csm_tar_read_folder (int folder,
                              int64_t size,
                              CsmTarRead read,
                              gpointer read_data,
                              CsmTarProgress progress,
                              gpointer progress_data,
                              GCancellable *cancellable,
                              GError **error);
