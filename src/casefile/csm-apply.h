/* csm-apply.h: what an entry does to the derived tables (FORMAT.md, "Derived" and "Rules")
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-db.h"

/* Derives the rows of @entry, which is the next one in replay order. Reads the entry and
 * derived rows only, so that a replay comes to the same rows. _DAMAGED when the entry breaks a
 * rule, _NEWER when its body has a shape from a later version; the caller's transaction is to
 * be rolled back then. A kind that is not known changes only what is derived from each entry.
 */
gboolean csm_apply_entry (CsmDb *db, const CsmEntry *entry, GError **error);
bool csm_apply_knows_kind (const char *kind);
