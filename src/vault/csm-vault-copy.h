/* csm-vault-copy.h: a case file and stored media copied as they are, sealed, and checked
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-media-store.h"
#include "vault/csm-vault.h"

/* Blocking; the vault's lane. Copies go under a temporary name, are synced, read back past the
 * system's cache and authenticated before they get their own name. A failure leaves what was
 * there before. */

/* Between two steps: bytes done of @total. */
typedef void (*CsmCopyProgress) (int64_t done, int64_t total, gpointer data);

/* How a copy is watched: any of it may be NULL. */
typedef struct
{
  CsmCopyProgress progress;
  gpointer data;
  GCancellable *cancellable;
} CsmCopyWatch;

/* What stands at the place of a copy. */
typedef enum {
  CSM_COPY_TARGET_FREE,
  CSM_COPY_TARGET_OURS, /* an earlier copy of this case, not newer by its header */
} CsmCopyTarget;

/* _EXISTS when another case, something that is no case or a copy with a newer header has the
 * name; _BUSY when it is open; _DAMAGED when both copies of its header are. */
gboolean csm_vault_examine_target (CsmVault *self,
                                   const char *path,
                                   CsmCopyTarget *ret_target,
                                   GError **error);

/* Bytes of the main file. */
gboolean csm_vault_get_size (CsmVault *self, int64_t *ret_size, GError **error);

/* Copies the main file to @path, replacing what csm_vault_examine_target() allows. The WAL must
 * have been checkpointed to nothing, and nothing may checkpoint before this returns: the first
 * 32 KiB are read before the first call of @watch, pages never change without a checkpoint, so
 * that short writes to the WAL between two steps do no harm. What is in @target_media, the
 * store beside @path, keeps its names before the copy gets its own. @offset is added to what
 * @watch is told. */
gboolean csm_vault_copy (CsmVault *self,
                         const char *path,
                         CsmMediaStore *target_media,
                         int64_t offset,
                         int64_t total,
                         const CsmCopyWatch *watch,
                         GError **error);

/* (transfer full) (nullable): the file at @path for reading, when it has this vault's file id
 * and data key. */
CsmVault *csm_vault_open_twin (CsmVault *self, const char *path, GError **error);

/* Whether the parts of @ref are there with the right sizes and its authentic first unit. */
bool csm_media_store_has (CsmMediaStore *self, const CsmMediaRef *ref);
/* Bytes of the parts of @ref that are there. */
int64_t csm_media_store_measure (CsmMediaStore *self, const CsmMediaRef *ref);
/* Copies the parts of @ref that are there, replacing what has their names in @to; they are not
 * authenticated here. _MEDIA_MISSING when there is none. */
gboolean csm_media_store_copy (CsmMediaStore *self,
                               CsmMediaStore *to,
                               const CsmMediaRef *ref,
                               int64_t offset,
                               int64_t total,
                               const CsmCopyWatch *watch,
                               GError **error);
