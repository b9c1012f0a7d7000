/* csm-chain.h: whether a set of entries is whole, and in what order it is replayed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "custody/csm-entry.h"

/* CsmChainCheck: fed with every entry in replay order (lamport, then id), says what is missing,
 * forked or out of place. Memory: one record an entry.
 * Threads  one at a time. Errors CSM_CUSTODY_ERROR_CHAIN, naming chain, seq and id. */
typedef struct _CsmChainCheck CsmChainCheck;

CsmChainCheck *csm_chain_check_new (const CsmId *case_id);
void csm_chain_check_free (CsmChainCheck *self);
/* The next entry: right case, seq one above its chain's last, prev that entry's id, lamport
 * above prev's and every head's, heads known. */
gboolean csm_chain_check_add (CsmChainCheck *self, const CsmEntry *entry, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmChainCheck, csm_chain_check_free)
