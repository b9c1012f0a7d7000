/* csm-entry-feed.h: the ledger in replay order, parsed on two threads
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-db.h"

/* CsmEntryFeed: reads the rows of the entry table and lets a thread of its own parse them,
 * hashes and signatures included, while the caller works on the ones before. That takes about
 * as long as all the rest of a replay; a caller that would have to wait parses too.
 *
 * Ownership  csm_entry_feed_free() ends the thread; takes NULL.
 * Threads    the case's lane. The other thread sees the bytes of entries and nothing else.
 * Memory     a few hundred entries at a time. */
typedef struct _CsmEntryFeed CsmEntryFeed;

/* One row: what the signed bytes say, and what stands in the columns beside them. */
typedef struct
{
  int64_t n;
  CsmEntry *entry; /* NULL: they say nothing, for @error */
  GError *error;
  CsmDigest id; /* zeroes when the column holds none; so is chain */
  CsmId chain;
  int64_t seq, lamport;
} CsmFedEntry;

/* (transfer full) */
CsmEntryFeed *csm_entry_feed_new (CsmDb *db);
/* 1 with @ret_fed (borrowed until the next call), 0 after the last, -1 with @error when the
 * table cannot be read on. */
int csm_entry_feed_next (CsmEntryFeed *self, const CsmFedEntry **ret_fed, GError **error);
void csm_entry_feed_free (CsmEntryFeed *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmEntryFeed, csm_entry_feed_free)
