/* csm-lineage.c: which entries were made in this file, or in one that it was copied from
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-lineage.h"

#include "casefile/csm-case-private.h"

#include <string.h>

/* How far a chain belongs to the lineage. */
typedef struct
{
  CsmDigest tip;
  int64_t seq;
  bool forked;
} Reach;

struct _CsmLineage
{
  CsmCase *acase;     /* borrowed */
  GHashTable *chains; /* hex of the chain, Reach */
};

/* (transfer full) (nullable): why a chain was started, when it says so. */
static CsmEntry *
load_start (CsmCase *acase, const CsmId *chain)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (acase->db, "read the chain's start",
                     "SELECT n.header, n.meta, n.body, n.signature FROM entry AS n"
                     " JOIN event AS v ON v.id = n.id"
                     " WHERE n.chain = ? AND n.seq <= 2 AND v.kind = 'chain.start'");

  csm_query_id (query, chain);
  return csm_query_step (query, NULL) > 0 ? csm_entry_from_row (query, 0, NULL) : NULL;
}

static bool
is_forked (CsmCase *acase, const CsmId *chain)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      acase->db, "read the chain", "SELECT 1 FROM chain WHERE id = ? AND forked IS NOT NULL");

  csm_query_id (query, chain);
  return csm_query_step (query, NULL) > 0;
}

/* From @tip back through the chains before its own. */
static void
follow (CsmLineage *self, const CsmDigest *tip)
{
  CsmDigest at = *tip;

  for (;;)
    {
      g_autoptr (CsmEntry) entry = csm_case_load_entry (self->acase, &at, NULL);
      const CsmEntryPlace *place = entry != NULL ? csm_entry_get_place (entry) : NULL;
      Reach *reach =
          place != NULL ? g_hash_table_lookup (self->chains, place->chain.hex) : NULL;
      g_autoptr (CsmEntry) start = NULL;
      const char *old;

      if (place == NULL || (reach != NULL && reach->seq >= place->seq))
        return;
      reach = g_new (Reach, 1);
      *reach = (Reach){ at, place->seq, is_forked (self->acase, &place->chain) };
      g_hash_table_replace (self->chains, g_strdup (place->chain.hex), reach);
      start = load_start (self->acase, &place->chain);
      old = start != NULL ? csm_json_get_string (csm_entry_get_content (start), "old_head")
                          : NULL;
      if (old == NULL || !csm_digest_from_hex (old, &at))
        return;
    }
}

CsmLineage *
csm_lineage_new (CsmCase *acase)
{
  CsmLineage *self = g_new0 (CsmLineage, 1);
  g_autoptr (CsmQuery) query =
      csm_query_new (acase->db, "read our chains",
                     "SELECT c.head FROM kept_chain AS k JOIN chain AS c ON c.id = k.chain");
  CsmDigest head;

  self->acase = acase;
  self->chains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  while (csm_query_step (query, NULL) > 0)
    {
      csm_query_get_digest (query, 0, &head);
      follow (self, &head);
    }
  return self;
}

void
csm_lineage_free (CsmLineage *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->chains);
  g_free (self);
}

/* Whether @entry is on the branch that ends in @reach. */
static bool
is_on_branch (CsmLineage *self, const Reach *reach, const CsmEntry *entry)
{
  g_autoptr (CsmEntry) at = csm_case_load_entry (self->acase, &reach->tip, NULL);

  while (at != NULL && csm_entry_get_place (at)->seq > csm_entry_get_place (entry)->seq)
    {
      const CsmDigest prev = csm_entry_get_place (at)->prev;

      csm_entry_unref (at);
      at = csm_case_load_entry (self->acase, &prev, NULL);
    }
  return at != NULL && csm_digest_equal (csm_entry_get_id (at), csm_entry_get_id (entry));
}

bool
csm_lineage_holds (CsmLineage *self, const CsmEntry *entry)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  const Reach *reach = g_hash_table_lookup (self->chains, place->chain.hex);

  if (reach == NULL || place->seq > reach->seq)
    return false;
  return !reach->forked || is_on_branch (self, reach, entry);
}
