/* csm-salvage-report.c: what a salvage could not find
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-salvage-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Of each list; the next thousand say nothing new. */
#define MAX_LINES 1000

void
csm_salvage_report_free (CsmSalvageReport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->damage);
  g_ptr_array_unref (self->gaps);
  g_ptr_array_unref (self->resting);
  g_ptr_array_unref (self->media);
  g_ptr_array_unref (self->lost);
  g_free (self);
}

void
csm_salvage_say (GPtrArray *list, const char *format, ...)
{
  va_list args;

  if (list->len == MAX_LINES)
    g_ptr_array_add (list, g_strdup (_ ("and more like these")));
  if (list->len > MAX_LINES)
    return;
  va_start (args, format);
  g_ptr_array_add (list, g_strdup_vprintf (format, args));
  va_end (args);
}

/* (transfer full): "chain 0a1b2c3d (Anna)" */
static char *
name_chain (CsmSalvage *self, const char *hex)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the chains",
                     "SELECT coalesce (r.name, lower (hex (c.author))) FROM chain AS c"
                     " LEFT JOIN reviewer AS r ON r.key = c.author WHERE c.id = ?");
  CsmId id;

  if (!csm_id_parse (hex, &id))
    return g_strdup (hex);
  csm_query_id (query, &id);
  return csm_query_step (query, NULL) > 0
             ? g_strdup_printf (_ ("chain %.8s... (%s)"), hex, csm_query_get_text (query, 0))
             : g_strdup_printf (_ ("chain %.8s..."), hex);
}

static void
say_gap (CsmSalvage *self, const char *chain, int64_t from, int64_t to)
{
  g_autofree char *name = name_chain (self, chain);

  if (from == to)
    csm_salvage_say (self->report->gaps, _ ("entry %" PRId64 " of %s"), from, name);
  else
    csm_salvage_say (self->report->gaps, _ ("entries %" PRId64 " to %" PRId64 " of %s"), from,
                     to, name);
}

/* The end of a chain is told by an unsigned row, or not at all. */
static void
end_chain (CsmSalvage *self, const char *chain, int64_t last)
{
  const int64_t *tail = g_hash_table_lookup (self->tails, chain);

  if (tail != NULL && *tail > last)
    say_gap (self, chain, last + 1, *tail);
  else if (tail == NULL && self->is_damaged)
    {
      g_autofree char *name = name_chain (self, chain);

      csm_salvage_say (
          self->report->gaps,
          _ ("after entry %" PRId64 " of %s: whether there were more cannot be told"), last,
          name);
    }
  g_hash_table_remove (self->tails, chain);
}

static gboolean
find_chain_gaps (CsmSalvage *self, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the ledger",
                     "SELECT DISTINCT lower (hex (chain)), seq FROM entry ORDER BY chain, seq");
  g_autofree char *chain = NULL;
  int64_t last = 0;
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      const char *here = csm_query_get_text (query, 0);
      const int64_t seq = csm_query_get_int (query, 1);

      if (chain == NULL || strcmp (chain, here) != 0)
        {
          if (chain != NULL)
            end_chain (self, chain, last);
          g_free (chain);
          chain = g_strdup (here);
          last = 0;
        }
      if (seq > last + 1)
        say_gap (self, chain, last + 1, seq - 1);
      last = seq;
    }
  if (step == 0 && chain != NULL)
    end_chain (self, chain, last);
  return step == 0;
}

/* Chains of which nothing is left but the row that says how long they were. */
static void
find_lost_chains (CsmSalvage *self)
{
  g_autoptr (GList) chains = g_hash_table_get_keys (self->tails);

  chains = g_list_sort (chains, (GCompareFunc) strcmp);
  for (GList *at = chains; at != NULL; at = at->next)
    say_gap (self, at->data, 1, *(int64_t *) g_hash_table_lookup (self->tails, at->data));
}

/* What no row of the replay speaks of was passed over. */
static gboolean
find_resting (CsmSalvage *self, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the ledger",
                     "SELECT header, meta, body, signature FROM entry"
                     " WHERE id NOT IN (SELECT id FROM event) ORDER BY lamport, id");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      g_autoptr (CsmEntry) entry = csm_entry_from_row (query, 0, error);
      g_autofree char *chain = NULL;

      if (entry == NULL)
        return FALSE;
      chain = name_chain (self, csm_entry_get_place (entry)->chain.hex);
      self->report->n_resting++;
      csm_salvage_say (self->report->resting, _ ("entry %" PRId64 " of %s: %s"),
                       csm_entry_get_place (entry)->seq, chain, csm_entry_get_kind (entry));
    }
  return step == 0;
}

gboolean
csm_salvage_find_gaps (CsmSalvage *self, GError **error)
{
  uint32_t first = 0;
  const int64_t n_damaged = csm_page_scan_count_damaged (self->scan, &first);
  GPtrArray *damage = csm_page_scan_get_damage (self->scan);

  if (n_damaged > 0)
    csm_salvage_say (self->report->damage,
                     _ ("%" PRId64 " pages of the case file are damaged, the first is page %u"),
                     n_damaged, first);
  for (guint i = 0; i < damage->len; i++)
    csm_salvage_say (self->report->damage, "%s", (const char *) damage->pdata[i]);
  self->is_damaged |= n_damaged > 0 || damage->len > 0;
  if (!csm_db_get_int (self->db, "SELECT count (*) FROM entry", &self->report->n_entries,
                       error) ||
      !find_chain_gaps (self, error) || !find_resting (self, error))
    return FALSE;
  find_lost_chains (self);
  return TRUE;
}
