/* csm-case-salvage.h: a new case from what still verifies in a damaged one
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* What a salvage found. All lists are of char *, for people. */
typedef struct
{
  int64_t n_entries;  /* recovered */
  int64_t n_resting;  /* of these: rest on what is missing, and are kept without effect */
  int64_t n_exhibits; /* whose stored file is whole */
  GPtrArray *damage;  /* places in the damaged files: "page 17", "header copy A" */
  GPtrArray *gaps;    /* "entries 12 to 15 of chain 0a1b... (Anna)" */
  GPtrArray *resting; /* "entry 16 of chain 0a1b... (mark.set)" */
  GPtrArray *media;   /* "E-0001 clip.mp4: its stored file is damaged" */
  GPtrArray *lost;    /* all else: signing keys, media keys, the case's first entry */
  bool is_whole;      /* nothing is missing */
} CsmSalvageReport;
void csm_salvage_report_free (CsmSalvageReport *self);

/* Recovers every entry of the damaged case at @path that still verifies into a new case at
 * @out, which must not exist, with a media folder of its own beside it. The same passphrases
 * open it (of a file without an authentic header only @passphrase). @path and its media are
 * never written to. @progress counts pages and bytes. On failure nothing is left at @out. */
gboolean csm_case_salvage (const char *path,
                           const CsmSecret *passphrase,
                           const char *out,
                           CsmProgressCallback progress,
                           gpointer data,
                           CsmSalvageReport **ret_report,
                           GCancellable *cancellable,
                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSalvageReport, csm_salvage_report_free)
