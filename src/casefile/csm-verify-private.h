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
/* False when cancelled. */
bool csm_verify_advance (CsmVerify *self, int64_t by);
/* Bytes in units of progress. */
#define CSM_VERIFY_BYTES(bytes) ((bytes) / 65536)

/* The rows that the replay of a salvaged case begins with: each is broken, for no entry says
 * it. */
gboolean csm_verify_foundation (CsmVerify *self, CsmDb *scratch, GError **error);
/* (transfer full): for people: kind, and what it takes to find it. */
char *csm_verify_name_entry (const CsmEntry *entry);
/* After the replay: each body that is missing against the entry that erased it. */
void csm_verify_erasures (CsmVerify *self, CsmDb *scratch);
/* FALSE only when cancelled. */
gboolean csm_verify_replay (CsmVerify *self);
gboolean csm_verify_kept (CsmVerify *self);
gboolean csm_verify_media (CsmVerify *self);
