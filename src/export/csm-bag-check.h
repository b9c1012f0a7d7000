/* csm-bag-check.h: whether a bag is complete and valid (RFC 8493, section 3)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"
#include "export/csm-bag-folder.h"

/* Every byte is hostile; anybody's bags, of versions 0.93 to 1.0. What a version before 1.0
 * allowed, MD5 and SHA-1, and names that do not live on every system, are notes. Nothing is
 * fetched. Blocking; any thread. */

typedef struct
{
  char version[16];       /* "1.0" */
  int64_t bytes, n_files; /* of the payload */
  bool sha256, sha512;    /* whether all of the payload is in such a manifest */
  GPtrArray *info;        /* of char *: bag-info.txt: label, value, ... */
} CsmBagSummary;
void csm_bag_summary_clear (CsmBagSummary *summary);

/* Whether @folder has what makes it a bag. */
bool csm_bag_is_bag (const CsmBagFolder *folder);
/* Checks all of it and hashes every file that a manifest names, payload or tag, and every file
 * of the payload. TRUE when the check ran to its end. At most 1000 findings. */
gboolean csm_bag_check (CsmBagFolder *folder,
                        CsmFindingCallback finding,
                        CsmProgressCallback progress,
                        gpointer data,
                        CsmBagSummary *ret_summary,
                        bool *ret_holds,
                        GCancellable *cancellable,
                        GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmBagSummary, csm_bag_summary_clear)
