/* csm-case-merge.h: another copy of this case taken in
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* What a merge did. */
typedef struct
{
  int64_t n_entries;   /* that came in; 0: everything was here, and nothing was written */
  int64_t n_marks;     /* that were not here, removed ones too */
  GPtrArray *exhibits; /* of char *: "E-0003b clip.mp4", by the number that it has here */
  GPtrArray *twins;    /* of char *: "E-0003b clip.mp4 has the bytes of E-0003 clip.mp4" */
  int64_t n_conflicts; /* that are open now: csm_case_list_conflicts() */
  int64_t n_forks;     /* chains on which two copies went on, now */
} CsmMergeReport;
void csm_merge_report_free (CsmMergeReport *self);

/* Takes every entry, stored file and kept row of @other, a copy of this case that is open to
 * look only, which this one lacks; changes nothing in @other, and drops nothing here. Verifies
 * both first (not the stored files), and each stored file as it is copied. Signs "case.merge"
 * last. Key slots and passphrases are each copy's own and stay so.
 *
 * Killed at any moment, this case opens with what had come in, whole, and can be merged again.
 * When it fails after the first entries came in, the case is read-only: close it; the next
 * opening goes on. Both cases were opened on this thread. _INVALID: another case; _DAMAGED: one
 * of the two does not hold, the message says which. */
gboolean csm_case_merge (CsmCase *self,
                         CsmCase *other,
                         CsmProgressCallback progress,
                         gpointer data,
                         CsmMergeReport **ret_report,
                         GCancellable *cancellable,
                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmMergeReport, csm_merge_report_free)
