/* csm-bag-writer.h: a BagIt 1.0 bag that is there whole or not at all (RFC 8493)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "base/csm-hash.h"

/* CsmBagWriter: files go into a folder under a temporary name beside the bag's, are hashed with
 * SHA-256 and SHA-512 in the pass that writes them, and synced; finishing renames the folder.
 *
 * Paths      below data/ for payload, at the top for tag files; ASCII letters, digits, "-_./";
 *            names that Windows reserves are the caller's fault.
 * Ownership  csm_bag_writer_free() removes what was not finished; takes NULL.
 * Threads    one at a time; every call blocks.
 * Memory     no more than a few MiB, whatever is written.
 * Errors     CSM_BASE_ERROR; G_IO_ERROR_CANCELLED. */
typedef struct _CsmBagWriter CsmBagWriter;

/* (transfer full) (nullable): @path is the bag's folder, which must not be there (_EXISTS);
 * its parent must. */
CsmBagWriter *csm_bag_writer_new (const char *path, GError **error);
void csm_bag_writer_free (CsmBagWriter *self);
/* Free bytes on the disk that holds it. */
gboolean csm_bag_writer_get_free_space (CsmBagWriter *self, int64_t *ret_free, GError **error);

/* Payload: "data/" is added to @path. */
gboolean csm_bag_writer_add (CsmBagWriter *self,
                             const char *path,
                             GBytes *bytes,
                             GError **error);
/* Streams @source; @progress gets bytes. @expected (may be NULL) is the SHA-256 that it must
 * have: CSM_BASE_ERROR_INVALID otherwise. */
typedef void (*CsmBagProgress) (int64_t done, int64_t total, gpointer data);
gboolean csm_bag_writer_add_source (CsmBagWriter *self,
                                    const char *path,
                                    CsmByteSource *source,
                                    const CsmDigest *expected,
                                    CsmBagProgress progress,
                                    gpointer data,
                                    GCancellable *cancellable,
                                    GError **error);
/* A payload file that grows by pieces; one at a time, between _begin and _end nothing else is
 * added. */
gboolean csm_bag_writer_begin (CsmBagWriter *self, const char *path, GError **error);
gboolean csm_bag_writer_append (CsmBagWriter *self,
                                const void *data,
                                size_t size,
                                GError **error);
gboolean csm_bag_writer_end (CsmBagWriter *self, GError **error);
/* Instead of _end: takes the file back, as if it had not begun. */
gboolean csm_bag_writer_drop (CsmBagWriter *self, GError **error);
/* (transfer full) (nullable): a payload file that is whole, read back. */
GBytes *csm_bag_writer_read (CsmBagWriter *self, const char *path, GError **error);
/* Of the payload so far. */
void csm_bag_writer_get_payload (const CsmBagWriter *self,
                                 int64_t *ret_n_files,
                                 int64_t *ret_bytes);
/* A tag file beside the manifests. */
gboolean csm_bag_writer_add_tag (CsmBagWriter *self,
                                 const char *name,
                                 GBytes *bytes,
                                 GError **error);

/* Writes bagit.txt, bag-info.txt (from @info: label, value, ... NULL; Payload-Oxum is added)
 * and the manifests of both kinds. After it nothing can be added but what signs. (transfer
 * full) (nullable): the bytes of tagmanifest-sha256.txt, which names everything. */
GBytes *csm_bag_writer_close (CsmBagWriter *self, const char *const *info, GError **error);
/* Beside the manifests and named by none of them: the signature. */
gboolean csm_bag_writer_add_signature (CsmBagWriter *self,
                                       const char *name,
                                       GBytes *bytes,
                                       GError **error);
/* Gives the folder its name, synced. */
gboolean csm_bag_writer_publish (CsmBagWriter *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmBagWriter, csm_bag_writer_free)
