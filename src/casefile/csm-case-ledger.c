/* csm-case-ledger.c: the ledger, as people and as programs read it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"

#define ENTRIES_SQL                                            \
  "SELECT header, meta, body, signature FROM entry WHERE n IN" \
  " (SELECT n FROM entry ORDER BY lamport, id LIMIT ?1 OFFSET ?2) ORDER BY lamport, id"

int64_t
csm_case_count_entries (CsmCase *self, GError **error)
{
  int64_t n = 0;

  CSM_CASE_ASSERT_LANE (self);
  return csm_db_get_int (self->db, "SELECT count (*) FROM entry", &n, error) ? n : -1;
}

GPtrArray *
csm_case_list_entries (CsmCase *self, int64_t offset, int64_t limit, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_entry_unref);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (self->db, "read the ledger", ENTRIES_SQL);
  csm_query_int (query, limit);
  csm_query_int (query, offset);
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmEntry *entry = csm_entry_from_row (query, 0, error);

      if (entry == NULL)
        return NULL;
      g_ptr_array_add (list, entry);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

static char *
dup_author (CsmCase *self, const CsmEntry *entry)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the reviewers",
                     "SELECT name FROM reviewer WHERE key = ?1"
                     " UNION ALL SELECT name FROM recovery WHERE key = ?1");

  csm_query_blob (query, csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
  /* A ledger without names is still a ledger. */
  return csm_query_step (query, NULL) > 0
             ? csm_query_dup_text (query, 0)
             : csm_hex_encode (csm_entry_get_author (entry), CSM_PUBLIC_KEY_SIZE);
}

static CsmLedgerRow *
make_row (CsmCase *self, const CsmEntry *entry)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  const CsmId *subject = csm_entry_get_subject (entry);
  CsmLedgerRow *row = g_new0 (CsmLedgerRow, 1);

  row->id = *csm_entry_get_id (entry);
  row->chain = place->chain;
  row->seq = place->seq;
  row->lamport = place->lamport;
  row->time = csm_entry_get_time (entry);
  row->kind = g_strdup (csm_entry_get_kind (entry) != NULL ? csm_entry_get_kind (entry) : "");
  row->author = dup_author (self, entry);
  row->summary = csm_summary_build (self, entry);
  row->subject = g_strdup (subject != NULL ? subject->hex : NULL);
  return row;
}

GPtrArray *
csm_case_list_ledger (CsmCase *self, int64_t offset, int64_t limit, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_ledger_row_free);
  g_autoptr (GPtrArray) entries = csm_case_list_entries (self, offset, limit, error);

  if (entries == NULL)
    return NULL;
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (list, make_row (self, entries->pdata[i]));
  return g_steal_pointer (&list);
}
