/* csm-ledger-guard.c: the triggers that keep the ledger from changing, off and on again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-ledger-guard.h"

static const char what[] = "change the ledger";

char *
csm_ledger_unguard (CsmDb *db, GError **error)
{
  g_autoptr (GString) triggers = g_string_new (NULL);
  g_autoptr (GString) drop = g_string_new (NULL);
  g_autoptr (CsmQuery) query =
      csm_query_new (db, what,
                     "SELECT name, sql FROM sqlite_schema"
                     " WHERE type = 'trigger' AND tbl_name = 'entry' ORDER BY rowid");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      g_string_append_printf (drop, "DROP TRIGGER %s;", csm_query_get_text (query, 0));
      g_string_append_printf (triggers, "%s;", csm_query_get_text (query, 1));
    }
  g_clear_pointer (&query, csm_query_free);
  if (step < 0 || !csm_db_exec (db, drop->str, what, error))
    return NULL;
  return g_string_free (g_steal_pointer (&triggers), FALSE);
}

gboolean
csm_ledger_guard (CsmDb *db, const char *triggers, GError **error)
{
  return csm_db_exec (db, triggers, what, error);
}
