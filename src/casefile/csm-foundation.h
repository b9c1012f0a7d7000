/* csm-foundation.h: what stands in for entries that a salvage could not find
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-db.h"

/* A salvaged case that lacks entries has a row of kept_salvage with the key x'' and the case's
 * title, and one for each public key of a reviewer whose own entry is missing. While there is
 * one, deriving again and the replay of verify begin with rows that stand in for what is
 * missing, and pass over entries that rest on what is not there. Verify names each stand-in as
 * broken. */

/* Whether entries that break a rule are passed over. */
gboolean csm_foundation_is_shaken (CsmDb *db, bool *ret_shaken, GError **error);
/* Puts into @to, whose derived tables are empty, the rows that stand in for entries that the
 * ledger of @from lacks; the two may be one. Nothing when an entry says it after all. */
gboolean csm_foundation_lay (CsmDb *from, CsmDb *to, GError **error);

/* What of the ledger of @db people rest on. */
typedef struct
{
  bool has_case;
  GHashTable *vouched; /* hex of keys that a reviewer.add names whose voucher may be there */
} CsmFoundation;
gboolean csm_foundation_read (CsmDb *db, CsmFoundation *ret, GError **error);
void csm_foundation_clear (CsmFoundation *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CsmFoundation, csm_foundation_clear)
