/* csm-merge-private.h: what the parts of csm_case_merge() share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-merge.h"
#include "casefile/csm-case-private.h"

/* The stored files of @other's exhibits that @self lacks: copied, synced and checked. Those
 * that are here already, from a run that was cut off, are checked only. */
gboolean csm_merge_files (CsmCase *self,
                          CsmCase *other,
                          CsmProgressCallback progress,
                          gpointer data,
                          GCancellable *cancellable,
                          GError **error);

/* Within a transaction of @self: what @other keeps besides @entry, an entry of @other that was
 * just stored here. @bytes is raised by what was written. */
gboolean csm_merge_kept (CsmCase *self,
                         CsmCase *other,
                         const CsmEntry *entry,
                         int64_t *bytes,
                         GError **error);
/* Within a transaction of @self: what @other keeps besides no entry in particular. */
gboolean csm_merge_kept_rest (CsmCase *self, CsmCase *other, GError **error);

/* The union alone: no checks before, no files, no "case.merge" after. @ret_n entries came in.
 * For csm_case_merge(), and for tests of what it promises. */
gboolean csm_merge_union (CsmCase *self,
                          CsmCase *other,
                          CsmProgressCallback progress,
                          gpointer data,
                          int64_t *ret_n,
                          GError **error);
