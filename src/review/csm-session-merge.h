/* csm-session-merge.h: another copy taken in, and what both changed settled
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-merge.h"
#include "review/csm-conflict-item.h"
#include "review/csm-session.h"

/* What came in, on the main thread, before the job ends; not called when it fails. */
typedef void (*CsmSessionMerged) (const CsmMergeReport *report, gpointer data);
/* (nullable): a job that opens the copy at @path to look only and takes it in. */
CsmJob *csm_session_merge (CsmSession *self,
                           const char *path,
                           CsmSecret *passphrase,
                           CsmSessionMerged merged,
                           gpointer data,
                           GDestroyNotify free_data);

/* CsmConflictItem; the same object for the session's life. */
GListModel *csm_session_get_conflicts (CsmSession *self);
/* Whether what @mark says is one of two or more versions. */
bool csm_session_is_in_conflict (CsmSession *self, const CsmId *mark);
/* Makes the version @take of @conflict count, by an entry that replaces all. Reads both before
 * it returns. */
void csm_session_settle_async (CsmSession *self,
                               const CsmConflict *conflict,
                               const CsmDigest *take,
                               GAsyncReadyCallback callback,
                               gpointer data);
gboolean csm_session_settle_finish (CsmSession *self, GAsyncResult *result, GError **error);
