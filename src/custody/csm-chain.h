/* csm-chain.h: whether a set of entries is whole, and in what order it is replayed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "custody/csm-entry.h"

/* Two entries of @chain follow its entry @after: two copies went on from there. */
typedef struct
{
  CsmId chain;
  int64_t after; /* 0: two entries begin it */
} CsmFork;

/* CsmChainCheck: fed with every entry in replay order (lamport, then id), says what is missing
 * or out of place, and where chains forked, which breaks nothing. Memory: one record an entry.
 * Threads  one at a time. Errors CSM_CUSTODY_ERROR_CHAIN, naming chain, seq and id. */
typedef struct _CsmChainCheck CsmChainCheck;

CsmChainCheck *csm_chain_check_new (const CsmId *case_id);
void csm_chain_check_free (CsmChainCheck *self);
/* The next entry: right case, prev an entry of its chain with a seq one below, lamport above
 * prev's and every head's, heads known, and two of one chain only after a fork. */
gboolean csm_chain_check_add (CsmChainCheck *self, const CsmEntry *entry, GError **error);
/* Whether an entry of that id was added. */
bool csm_chain_check_knows (const CsmChainCheck *self, const CsmDigest *id);
/* Borrowed until the next addition; in order of replay. */
const CsmFork *csm_chain_check_get_forks (const CsmChainCheck *self, int *ret_n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmChainCheck, csm_chain_check_free)
