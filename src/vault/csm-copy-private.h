/* csm-copy-private.h: one sealed file copied; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-disk.h"
#include "vault/csm-vault-copy.h"

#define CSM_COPY_STEP (1024 * 1024)

/* Says @errnum of the copy, the stick that went away included. Always FALSE. */
gboolean csm_copy_fail (GError **error, int errnum);
/* (transfer full): ".NAME.<8 hex>.part" beside @path. */
char *csm_copy_dup_part_path (const char *path);
/* Temporary names of copies of @path that nobody holds: they go. */
void csm_copy_sweep (const char *path);
/* (transfer full) (nullable): makes @path and locks it. */
CsmDiskFile *csm_copy_create (const char *path, GError **error);
gboolean csm_copy_sync (CsmDiskFile *file, GError **error);
/* In one step, with fsync of the folder. */
gboolean csm_copy_rename (const char *from, const char *to, GError **error);
/* False with @error when cancelled. */
gboolean csm_copy_step (const CsmCopyWatch *watch, int64_t done, int64_t total, GError **error);
