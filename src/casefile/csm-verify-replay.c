/* csm-verify-replay.c: every entry checked and applied again, and the rows compared
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply.h"
#include "casefile/csm-entry-feed.h"
#include "casefile/csm-foundation.h"
#include "casefile/csm-verify-private.h"
#include "custody/csm-chain.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Cancelling and progress, in entries or rows. */
#define STRIDE 64

char *
csm_verify_name_entry (const CsmEntry *entry)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_entry_get_id (entry), hex);
  return g_strdup_printf (
      _ ("Entry %" PRId64 " of chain %s (%s, %s)"), csm_entry_get_place (entry)->seq,
      csm_entry_get_place (entry)->chain.hex,
      csm_entry_get_kind (entry) != NULL ? csm_entry_get_kind (entry) : _ ("withheld"), hex);
}

static void G_GNUC_PRINTF (4, 5) say_entry (CsmVerify *self,
                                            CsmFindingKind kind,
                                            const CsmEntry *entry,
                                            const char *format,
                                            ...)
{
  g_autofree char *where = csm_verify_name_entry (entry);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  csm_verify_say (self, kind, where, "%s", what);
}

/* The columns beside the signed bytes are for searching, and could say anything. */
static void
check_columns (CsmVerify *self, const CsmFedEntry *fed)
{
  const CsmEntryPlace *place = csm_entry_get_place (fed->entry);

  if (!csm_digest_equal (&fed->id, csm_entry_get_id (fed->entry)))
    say_entry (self, CSM_FINDING_BROKEN, fed->entry,
               _ ("is kept under an id that is not its own"));
  if (strcmp (fed->chain.hex, place->chain.hex) != 0 || fed->seq != place->seq ||
      fed->lamport != place->lamport)
    say_entry (self, CSM_FINDING_BROKEN, fed->entry,
               _ ("is kept at another place than the one it was signed for"));
}

/* What a refused entry did before it was refused only adds to the findings; but a salvaged case
 * was derived without it. */
static gboolean
apply_one (CsmVerify *self, CsmDb *scratch, const CsmEntry *entry, GError **error)
{
  gboolean applied;

  if (self->shaken)
    (void) csm_db_exec (scratch, "SAVEPOINT one", "replay", NULL);
  applied = csm_apply_entry (scratch, entry, error);
  if (self->shaken && !applied)
    (void) csm_db_exec (scratch, "ROLLBACK TO one", "replay", NULL);
  if (self->shaken)
    (void) csm_db_exec (scratch, "RELEASE one", "replay", NULL);
  return applied;
}

static void
apply_again (CsmVerify *self, CsmDb *scratch, const CsmEntry *entry)
{
  g_autoptr (GError) error = NULL;
  const char *kind = csm_entry_get_kind (entry);

  if (kind != NULL && !csm_apply_knows_kind (kind))
    say_entry (self, CSM_FINDING_NOTE, entry,
               _ ("is of a kind that this version does not know: what it changed cannot be"
                  " compared"));
  if (!apply_one (self, scratch, entry, &error))
    say_entry (self, CSM_FINDING_BROKEN, entry, "%s", error->message);
}

/* What a merge names as taken in is there. */
static void
check_merge (CsmVerify *self, const CsmChainCheck *chains, const CsmEntry *entry)
{
  const json_t *heads = json_object_get (csm_entry_get_content (entry), "heads");
  size_t i;
  json_t *head;

  if (g_strcmp0 (csm_entry_get_kind (entry), "case.merge") != 0)
    return;
  json_array_foreach (heads, i, head)
  {
    CsmDigest id;

    if (json_is_string (head) && csm_digest_from_hex (json_string_value (head), &id) &&
        !csm_chain_check_knows (chains, &id))
      say_entry (self, CSM_FINDING_BROKEN, entry, _ ("the entry %s that was merged is missing"),
                 json_string_value (head));
  }
}

static void
check_entry (CsmVerify *self, CsmDb *scratch, CsmChainCheck *chains, const CsmFedEntry *fed)
{
  g_autoptr (GError) error = NULL;

  if (fed->entry == NULL)
    {
      g_autofree char *where = g_strdup_printf (_ ("Table entry, row %" PRId64), fed->n);

      csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", fed->error->message);
      return;
    }
  check_columns (self, fed);
  /* Nothing takes a meta out of the case's own ledger; bodies are looked at in the end. */
  if (csm_entry_get_meta (fed->entry) == NULL)
    say_entry (self, CSM_FINDING_BROKEN, fed->entry, _ ("its content was taken out"));
  else if (csm_entry_get_body (fed->entry) == NULL)
    g_array_append_val (self->bodiless, fed->n);
  if (!csm_chain_check_add (chains, fed->entry, &error))
    say_entry (self, CSM_FINDING_BROKEN, fed->entry, "%s", error->message);
  check_merge (self, chains, fed->entry);
  apply_again (self, scratch, fed->entry);
  csm_verify_settle (self, scratch, fed->entry);
}

static void
say_forks (CsmVerify *self, const CsmChainCheck *chains)
{
  int n;
  const CsmFork *forks = csm_chain_check_get_forks (chains, &n);

  for (int i = 0; i < n; i++)
    csm_verify_say (self, CSM_FINDING_NOTE, _ ("Ledger"),
                    _ ("two copies went on from entry %" PRId64 " of chain %s: both are kept"),
                    forks[i].after, forks[i].chain.hex);
}

/* (transfer full) (nullable): for a replay. What its rows refer to, applying an entry looks for
 * itself, and foreign_key_check in the case. */
static CsmDb *
open_scratch (GError **error)
{
  g_autoptr (CsmDb) scratch = csm_db_open_memory (error);

  if (scratch == NULL || !csm_schema_create_replay (scratch, error) ||
      !csm_db_exec (scratch, "PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF", "replay",
                    error))
    return NULL;
  csm_db_leave_search_out (scratch);
  return g_steal_pointer (&scratch);
}

static gboolean
replay (CsmVerify *self, CsmDb *scratch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmChainCheck) chains = csm_chain_check_new (&self->acase->id);
  g_autoptr (CsmEntryFeed) feed = csm_entry_feed_new (self->acase->db);
  const char *where = _ ("Ledger");
  const CsmFedEntry *fed;
  int64_t n = 0;
  int step = -1;

  if (csm_db_exec (scratch, "BEGIN", "replay", &error) &&
      csm_verify_begin_settling (self, &error) && csm_verify_foundation (self, scratch, &error))
    while ((step = csm_entry_feed_next (feed, &fed, &error)) > 0)
      {
        check_entry (self, scratch, chains, fed);
        if (++n % STRIDE == 0 && !csm_verify_advance (self, STRIDE))
          return FALSE;
      }
  if (step < 0 || !csm_db_exec (scratch, "COMMIT", "replay", &error))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
  say_forks (self, chains);
  csm_verify_erasures (self, scratch);
  csm_verify_end_part (
      self, where, _ ("every entry is whole, signed by its author and follows the one before"));
  return TRUE;
}

/* The same once more, for the rows alone. FALSE only when cancelled. */
static gboolean
name_rows (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmDb) scratch = open_scratch (&error);
  g_autoptr (CsmEntryFeed) feed = csm_entry_feed_new (self->acase->db);
  const CsmFedEntry *fed;
  int64_t n = 0;
  int step = -1;

  self->names_rows = true;
  if (scratch != NULL && csm_db_exec (scratch, "BEGIN", "replay", &error) &&
      csm_verify_begin_settling (self, &error) &&
      csm_foundation_lay (self->acase->db, scratch, &error))
    while ((step = csm_entry_feed_next (feed, &fed, &error)) > 0)
      {
        if (fed->entry != NULL)
          {
            (void) apply_one (self, scratch, fed->entry, NULL); /* was said already */
            csm_verify_settle (self, scratch, fed->entry);
          }
        if (++n % STRIDE == 0 && !csm_verify_advance (self, 0))
          return FALSE;
      }
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Tables"), "%s", error->message);
  else
    csm_verify_end_rows (self, scratch);
  return TRUE;
}

/* The definitions: a trigger or a view that we did not make could change rows behind our back.
 */
static void
compare_definitions (CsmVerify *self)
{
  static const CsmDerivedTable schema = { "sqlite_schema", "definition",
                                          "name, type, tbl_name, sql", 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmDb) empty = csm_db_open_memory (&error);

  if (empty != NULL && csm_schema_create (empty, &error))
    csm_verify_table (self, empty, &schema, "");
  else
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Tables"), "%s", error->message);
}

/* What the entries leave standing in small tables. */
static void
compare_tables (CsmVerify *self, CsmDb *scratch)
{
  for (const CsmDerivedTable *table = csm_derived_tables; table->name != NULL; table++)
    if (!csm_verify_settles (table->name))
      csm_verify_table (self, scratch, table, "");
    else if (strcmp (table->name, "document") == 0)
      csm_verify_table (self, scratch, table, "WHERE kind <> 1");
  compare_definitions (self);
}

gboolean
csm_verify_replay (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmDb) scratch = open_scratch (&error);

  if (scratch == NULL)
    {
      csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Tables"), "%s", error->message);
      return TRUE;
    }
  if (!replay (self, scratch) || (!csm_verify_end_sums (self, scratch) && !name_rows (self)))
    return FALSE;
  compare_tables (self, scratch);
  csm_verify_end_part (self, _ ("Tables"), _ ("a replay of all entries gives the same rows"));
  return csm_verify_words (self);
}
