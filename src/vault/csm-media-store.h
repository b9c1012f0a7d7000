/* csm-media-store.h: the encrypted files of exhibits, in NAME.media/ beside the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-byte-source.h"
#include "base/csm-secret.h"
#include "vault/csm-error.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* CsmMediaStore: one folder, found beside the case file by the case id in its marker file,
 * whatever the folder is called. The layout is in FORMAT.md.
 *
 * Threads  one lane. Writers and sources: one thread each, independent of the store's.
 * Errors   CSM_VAULT_ERROR. */
typedef struct _CsmMediaStore CsmMediaStore;

/* How one stored file is found and opened: goes into the case file as a kept row, never into
 * the ledger. Free with csm_media_ref_free(). */
typedef struct
{
  char name[33];  /* random, 32 lower-case hex digits; parts add ".0", ".1" ... */
  CsmSecret *key; /* 32 bytes, this file's alone */
  int64_t size;   /* of the content, before padding */
} CsmMediaRef;
void csm_media_ref_free (CsmMediaRef *self);

/* (transfer full) (nullable): finds the store of @case_id in the folder of @case_path, whatever
 * the folder is called; _MEDIA_MISSING when there is none and @create is false. @create: the
 * case is open for writing, so a store is made when there is none, and left-over `.part` files
 * that nobody is writing go. Without it nothing is ever written. A store whose marker file is
 * damaged opens under its usual name; csm_media_store_check_marker() says so. */
CsmMediaStore *csm_media_store_open (const char *case_path,
                                     const uint8_t *case_id,
                                     bool create,
                                     GError **error);
/* (transfer full) (nullable): a store under its usual name, even when another folder beside the
 * case belongs to the same case id. _EXISTS when the name is taken. */
CsmMediaStore *csm_media_store_create (const char *case_path,
                                       const uint8_t *case_id,
                                       GError **error);
/* Left-over `.part` files go: for a case that is open for writing and must not make a store
 * where one is missing. */
void csm_media_store_sweep (CsmMediaStore *self);
void csm_media_store_free (CsmMediaStore *self);
const char *csm_media_store_get_path (const CsmMediaStore *self);

/* Writing: begin, write..., finish. Freed before finish, it leaves nothing. */
typedef struct _CsmMediaWriter CsmMediaWriter;
/* Whether content of @size bytes fits in the parts of one stored file: a writer finds out only
 * when it gets there. */
bool csm_media_store_can_hold (int64_t size);
/* (transfer full) (nullable) */
CsmMediaWriter *csm_media_store_begin (CsmMediaStore *self, GError **error);
gboolean csm_media_writer_write (CsmMediaWriter *self,
                                 const void *data,
                                 size_t size,
                                 GError **error);
/* (transfer full) (nullable): last chunk, padding, fsync, rename, fsync of the folder. Commit
 * the ref to the case afterwards: a finished file that no case knows is only listed. */
CsmMediaRef *csm_media_writer_finish (CsmMediaWriter *self, GError **error);
void csm_media_writer_free (CsmMediaWriter *self);

/* (transfer full) (nullable): the content, each chunk authenticated as it is read; a chunk that
 * fails is _DAMAGED with its place. _MEDIA_MISSING when a part is not there. */
CsmByteSource *csm_media_store_read (CsmMediaStore *self,
                                     const CsmMediaRef *ref,
                                     GError **error);
/* Reads everything, padding too: what csm_media_store_read() would never touch. @step (may be
 * NULL) runs after each unit. */
gboolean csm_media_store_check (CsmMediaStore *self,
                                const CsmMediaRef *ref,
                                void (*step) (gpointer data),
                                gpointer data,
                                GCancellable *cancellable,
                                GError **error);
/* The marker file: shape, case id and checksum. */
gboolean csm_media_store_check_marker (CsmMediaStore *self, GError **error);
/* Unlinks the file and fsyncs the folder. */
gboolean csm_media_store_remove (CsmMediaStore *self, const CsmMediaRef *ref, GError **error);
/* (transfer full) (element-type utf8): names of finished files that @known (a set of names)
 * does not hold. */
GPtrArray *csm_media_store_list_unknown (CsmMediaStore *self, GHashTable *known);

/* For the worker: open descriptors of the parts (the caller closes; room for 16), and a blob of
 * at most 256 bytes that carries key and shape. Returns the number of descriptors, 0 with
 * @error set. */
int csm_media_store_open_parts (CsmMediaStore *self,
                                const CsmMediaRef *ref,
                                int ret_fds[16],
                                uint8_t ret_blob[256],
                                size_t *ret_blob_size,
                                GError **error);
/* (transfer full) (nullable): in the worker: takes the descriptors. @blob may be wiped after.
 */
CsmByteSource *csm_media_source_from_blob (const int *fds,
                                           int n_fds,
                                           const uint8_t *blob,
                                           size_t blob_size,
                                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMediaRef, csm_media_ref_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMediaStore, csm_media_store_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMediaWriter, csm_media_writer_free)
