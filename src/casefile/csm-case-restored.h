/* csm-case-restored.h: a backup put back and a copy without all of its files, told from
 * tampering SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* What the files of a case say about themselves when it is opened. */
typedef enum {
  CSM_RESTORED_NOT,
  /* Copied without its "-wal" file: the last changes are not in it. */
  CSM_RESTORED_WAL_MISSING,
  /* Copied without its media folder, where the record of its newest pages is. */
  CSM_RESTORED_FOLDER_MISSING,
  /* The case file and that record are of different days: one of them was put back. */
  CSM_RESTORED_OLDER,
} CsmRestored;

CsmRestored csm_case_get_restored (CsmCase *self);
/* (transfer full): a sentence for people about that, with what to do; NULL for _NOT. */
char *csm_case_dup_restored (CsmCase *self);
/* Verify as it is to be done before that: all of csm_case_verify() with media, but for the
 * files when there is no media folder at all. */
gboolean csm_case_verify_restored (CsmCase *self,
                                   CsmFindingCallback finding,
                                   CsmProgressCallback progress,
                                   gpointer data,
                                   bool *ret_holds,
                                   GCancellable *cancellable,
                                   GError **error);
/* (transfer full) (nullable): opens the case as csm_case_open() does, for writing, and goes on
 * with it as it is: takes its pages for the newest, starts a new chain (reason "restored") and
 * signs "case.reseal". For a case that csm_case_get_restored() told something of and that was
 * verified as a whole since; fails for a reader. */
CsmCase *csm_case_continue_restored (const char *path,
                                     const CsmSecret *passphrase,
                                     GError **error);
