/* csm-case-erase.h: what somebody who withdrew consent may ask for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* "Erased in this copy; not in backups or bundles." An erasure is an entry that names others
 * and says why; their bodies are gone from the file, free pages and the search index included,
 * and what was derived from them too. The chain still verifies. Who has an older copy of the
 * file and its passphrase still reads them there; who once had the data key could read what the
 * disk may still hold of overwritten pages: rotate it afterwards. */

typedef struct
{
  char *what;         /* "E-0003 clip.mp4", "a mark on E-0003", or an entry's kind */
  int64_t n_entries;  /* whose bodies are gone */
  bool file_is_gone;  /* a stored file was removed, and its key */
  char *file_is_left; /* (nullable): a linked file stays where it is, or why removing failed */
} CsmEraseReport;
void csm_erase_report_free (CsmEraseReport *self);

/* False when no exhibit, removed or not, has that number, id or SHA-256. */
bool csm_case_find_erasable (CsmCase *self, const char *name, CsmId *ret_exhibit);

/* Each needs @reason, and signs "erase.entries". _INVALID for what may not be erased, the
 * message says why. After a failure the case may be read-only: close and open it. */

/* An exhibit, removed or not: its file, key, thumbnail, index, what is said about it, and every
 * mark on it, in every revision. */
gboolean csm_case_erase_exhibit (CsmCase *self,
                                 const CsmId *exhibit,
                                 const char *reason,
                                 CsmProgressCallback progress,
                                 gpointer data,
                                 CsmEraseReport **ret_report,
                                 GError **error);
/* A mark in every revision. */
gboolean csm_case_erase_mark (CsmCase *self,
                              const CsmId *mark,
                              const char *reason,
                              CsmProgressCallback progress,
                              gpointer data,
                              CsmEraseReport **ret_report,
                              GError **error);
/* Whether there is an entry with that id. */
bool csm_case_has_entry (CsmCase *self, const CsmDigest *entry);
/* What one entry says: a revision of a mark or of an acquisition, or an access record. The one
 * before does not come back into effect. */
gboolean csm_case_erase_entry (CsmCase *self,
                               const CsmDigest *entry,
                               const char *reason,
                               CsmProgressCallback progress,
                               gpointer data,
                               CsmEraseReport **ret_report,
                               GError **error);

/* After a merge, derived and before it is signed: bodies that an erase.entries of either copy
 * names go, and so does what arrived and rests on an erased exhibit, by a further
 * erase.entries.
 * @ret_n: how many bodies went; 0: nothing was written. */
gboolean csm_case_settle_erasures (CsmCase *self,
                                   CsmProgressCallback progress,
                                   gpointer data,
                                   int64_t *ret_n,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmEraseReport, csm_erase_report_free)
