/* csm-lineage.h: which entries were made in this file, or in one that it was copied from
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* CsmLineage: what came by a merge was made in another file, whose key slots are not the ones
 * here. Followed back from kept_chain: each chain as far as the next one of its author names it
 * as the old one. */
typedef struct _CsmLineage CsmLineage;

/* (transfer full): what cannot be read is not of the lineage. */
CsmLineage *csm_lineage_new (CsmCase *acase);
void csm_lineage_free (CsmLineage *self);
bool csm_lineage_holds (CsmLineage *self, const CsmEntry *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmLineage, csm_lineage_free)
