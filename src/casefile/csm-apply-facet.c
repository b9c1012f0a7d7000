/* csm-apply-facet.c: edits of one thing that were made in two copies (FORMAT.md, rule 8)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply-private.h"

static gboolean
leave_conflict (CsmDb *db, const CsmFacet *facet, const CsmDigest *replaced, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "settle a conflict",
                     "DELETE FROM conflict WHERE facet = ? AND subject = ? AND entry = ?");

  csm_query_text (query, facet->name);
  csm_query_blob (query, facet->subject, facet->subject_size);
  csm_query_digest (query, replaced);
  return csm_query_run (query, error);
}

static gboolean
enter_conflict (CsmDb *db, const CsmFacet *facet, const CsmDigest *before, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      db, "note a conflict", "INSERT INTO conflict (facet, subject, entry) VALUES (?, ?, ?)");

  csm_query_text (query, facet->name);
  csm_query_blob (query, facet->subject, facet->subject_size);
  csm_query_digest (query, before);
  return csm_query_run (query, error);
}

gboolean
csm_facet_apply (CsmDb *db,
                 const CsmFacet *facet,
                 const CsmEntry *entry,
                 const CsmDigest *before,
                 GError **error)
{
  int n = 0;
  const CsmDigest *replaces = csm_entry_get_replaces (entry, &n);
  bool replaced = before == NULL;

  for (int i = 0; i < n; i++)
    if (before != NULL && csm_digest_equal (&replaces[i], before))
      replaced = true;
    else if (!leave_conflict (db, facet, &replaces[i], error))
      return FALSE;
  return replaced || enter_conflict (db, facet, before, error);
}
