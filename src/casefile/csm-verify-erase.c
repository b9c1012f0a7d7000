/* csm-verify-erase.c: each missing body against the entry that erased it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-erase-private.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* 1 when an erasure names @entry, 0, -1 */
static int
is_erased (CsmDb *scratch, const CsmDigest *entry, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (scratch, "read the erasures", "SELECT 1 FROM erased WHERE entry = ?");

  csm_query_digest (query, entry);
  return csm_query_step (query, error);
}

static gboolean
check_one_missing (CsmVerify *self, CsmDb *scratch, int64_t n, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "read the ledger",
                     "SELECT header, meta, body, signature FROM entry WHERE n = ?");
  g_autoptr (CsmEntry) entry = NULL;
  g_autofree char *where = NULL;
  int step, erased;

  csm_query_int (query, n);
  step = csm_query_step (query, error);
  if (step <= 0)
    return step == 0;
  entry = csm_entry_from_row (query, 0, error);
  if (entry == NULL)
    return FALSE;
  erased = is_erased (scratch, csm_entry_get_id (entry), error);
  if (erased < 0)
    return FALSE;
  if (erased > 0 && csm_erase_may_take (csm_entry_get_kind (entry)))
    return TRUE;
  where = csm_verify_name_entry (entry);
  csm_verify_say (self, CSM_FINDING_BROKEN, where,
                  _ ("its content was taken out, and no entry says that it was erased"));
  return TRUE;
}

/* Those that the replay saw; a broken entry was reported by it. */
static gboolean
check_missing (CsmVerify *self, CsmDb *scratch, GError **error)
{
  for (guint i = 0; i < self->bodiless->len; i++)
    if (!check_one_missing (self, scratch, g_array_index (self->bodiless, int64_t, i), error))
      return FALSE;
  return TRUE;
}

static void
say_left (CsmVerify *self, CsmQuery *row)
{
  g_autoptr (CsmEntry) entry = csm_entry_from_row (row, 0, NULL);
  g_autofree char *where = entry != NULL ? csm_verify_name_entry (entry) : NULL;

  if (where == NULL)
    return;
  if (csm_entry_get_kind (entry) != NULL && !csm_erase_may_take (csm_entry_get_kind (entry)))
    csm_verify_say (self, CSM_FINDING_BROKEN, where,
                    _ ("an entry says that it was erased, which it may not be"));
  else
    csm_verify_say (self, CSM_FINDING_BROKEN, where,
                    _ ("its content is still here, though an entry says that it was erased"));
}

static gboolean
check_left (CsmVerify *self, CsmDb *scratch, GError **error)
{
  g_autoptr (CsmQuery) erased =
      csm_query_new (scratch, "read the erasures", "SELECT entry FROM erased ORDER BY entry");
  int step;

  while ((step = csm_query_step (erased, error)) > 0)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (self->acase->db, "read the entry",
                         "SELECT header, meta, body, signature FROM entry"
                         " WHERE id = ? AND body IS NOT NULL");
      CsmDigest id;
      int found;

      csm_query_get_digest (erased, 0, &id);
      csm_query_digest (query, &id);
      found = csm_query_step (query, error);
      if (found < 0)
        return FALSE;
      if (found > 0)
        say_left (self, query);
    }
  return step == 0;
}

/* One note for each erasure, however much it took. */
static gboolean
explain (CsmVerify *self, CsmDb *scratch, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (
      scratch, "read the erasures", "SELECT by_entry, count (*) FROM erased GROUP BY by_entry");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      const int64_t n = csm_query_get_int (query, 1);
      g_autoptr (CsmEntry) entry = NULL;
      g_autofree char *where = NULL;
      const char *reason;
      CsmDigest id;

      csm_query_get_digest (query, 0, &id);
      entry = csm_case_load_entry (self->acase, &id, error);
      if (entry == NULL)
        return FALSE;
      where = csm_verify_name_entry (entry);
      reason = csm_json_get_string (csm_entry_get_content (entry), "reason");
      csm_verify_say (self, CSM_FINDING_NOTE, where,
                      _ ("erased the content of %" PRId64 " entries in this copy: %s"), n,
                      reason != NULL ? reason : "");
    }
  return step == 0;
}

void
csm_verify_erasures (CsmVerify *self, CsmDb *scratch)
{
  g_autoptr (GError) error = NULL;

  if (!check_missing (self, scratch, &error) || !check_left (self, scratch, &error) ||
      !explain (self, scratch, &error))
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Erasures"), "%s", error->message);
}
