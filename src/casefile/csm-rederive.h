/* csm-rederive.h: the derived tables made anew from the ledger (FORMAT.md, "Deriving again")
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"
#include "casefile/csm-db.h"

/* For what changes the ledger otherwise than by adding its next entry:
 *
 *   1. in one transaction: the change, and csm_rederive_begin();
 *   2. after its commit: csm_case_rederive().
 *
 * A crash between or during them leaves the row of kept_rederive; the next opening for writing
 * finishes, an opening to look only says so. */

/* Within the caller's transaction: from its commit on, the derived tables are behind. */
gboolean csm_rederive_begin (CsmDb *db, GError **error);
gboolean csm_rederive_is_due (CsmDb *db, bool *ret_due, GError **error);
/* Empties every derived table and applies every entry, in transactions of at most 50,000 rows;
 * the last one takes the row away. Outside of any transaction; nothing may be read meanwhile.
 * On failure, also when cancelled, it stays due. @progress (may be NULL) counts entries. */
gboolean csm_rederive_run (CsmDb *db,
                           CsmProgressCallback progress,
                           gpointer data,
                           GCancellable *cancellable,
                           GError **error);
