/* csm-verify-private.h: what the parts of csm_case_verify() share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-private.h"

/* One run. Each part says what it finds; an error within a part is a finding as well, so that
 * one broken page hides nothing else. */
typedef struct
{
  CsmCase *acase;
  CsmFindingCallback finding;
  CsmProgressCallback progress;
  CsmYieldCallback yield;
  gpointer data;
  GCancellable *cancellable;
  bool media;
  bool holds;
  int64_t done, total;
  int n_broken; /* in this part */
} CsmVerify;

void csm_verify_say (CsmVerify *self,
                     CsmFindingKind kind,
                     const char *where,
                     const char *format,
                     ...) G_GNUC_PRINTF (4, 5);
/* Ends a part: says how many findings were left out, or @holds when nothing was broken. */
void csm_verify_end_part (CsmVerify *self, const char *where, const char *holds);
/* Only where no statement has rows left: others may write now. */
void csm_verify_yield (CsmVerify *self);
/* False when cancelled. */
bool csm_verify_advance (CsmVerify *self, int64_t by);
/* Bytes in units of progress. */
#define CSM_VERIFY_BYTES(bytes) ((bytes) / 65536)

/* FALSE only when cancelled. */
gboolean csm_verify_replay (CsmVerify *self);
gboolean csm_verify_kept (CsmVerify *self);
gboolean csm_verify_media (CsmVerify *self);
