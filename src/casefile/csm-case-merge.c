/* csm-case-merge.c: another copy of this case taken in
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-merge.h"

#include "casefile/csm-case-conflicts.h"
#include "casefile/csm-case-erase.h"
#include "casefile/csm-foundation.h"
#include "casefile/csm-merge-private.h"
#include "casefile/csm-rederive.h"
#include "casefile/csm-verify-private.h"

#include <string.h>

/* Of one transaction; what it writes waits in memory until it is committed. */
#define MAX_ROWS 40000
#define MAX_BYTES (64 << 20)

void
csm_merge_report_free (CsmMergeReport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->exhibits);
  g_ptr_array_unref (self->twins);
  g_free (self);
}

/* --- the union --- */

/* Ids of the entries of @other that @self lacks, in order of replay: what is named by one comes
 * before it, so that each beginning of the list leaves a whole ledger. */
static GArray *
list_missing (CsmCase *self, CsmCase *other, GError **error)
{
  g_autoptr (GArray) missing = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  g_autoptr (CsmQuery) theirs =
      csm_query_new (other->db, "read the ledger", "SELECT id FROM entry ORDER BY lamport, id");
  int step;

  while ((step = csm_query_step (theirs, error)) > 0)
    {
      g_autoptr (CsmQuery) ours =
          csm_query_new (self->db, "read the ledger", "SELECT 1 FROM entry WHERE id = ?");
      CsmDigest id;
      int found;

      csm_query_get_digest (theirs, 0, &id);
      csm_query_digest (ours, &id);
      found = csm_query_step (ours, error);
      if (found < 0)
        return NULL;
      if (found == 0)
        g_array_append_val (missing, id);
    }
  return step == 0 ? g_steal_pointer (&missing) : NULL;
}

/* Entries from @from on, as many as one transaction takes; -1, or how far it came. */
static int
take_some (CsmCase *self, CsmCase *other, const GArray *missing, guint from, GError **error)
{
  g_autoptr (CsmChange) change = csm_change_begin (self, error);
  int64_t bytes = 0;
  guint i = from;

  if (change == NULL || !csm_rederive_begin (self->db, error) ||
      (from == 0 && !csm_merge_kept_rest (self, other, error)))
    return -1;
  for (; i < missing->len && i - from < MAX_ROWS && bytes < MAX_BYTES; i++)
    {
      g_autoptr (CsmEntry) entry =
          csm_case_load_entry (other, &g_array_index (missing, CsmDigest, i), error);

      if (entry == NULL || !csm_entry_insert (self->db, entry, error) ||
          !csm_merge_kept (self, other, entry, &bytes, error))
        return -1;
      bytes += (int64_t) g_bytes_get_size (csm_entry_get_header (entry));
      if (csm_entry_get_body (entry) != NULL)
        bytes += (int64_t) g_bytes_get_size (csm_entry_get_body (entry));
    }
  return csm_change_commit (change, error) ? (int) i : -1;
}

gboolean
csm_merge_union (CsmCase *self,
                 CsmCase *other,
                 CsmProgressCallback progress,
                 gpointer data,
                 int64_t *ret_n,
                 GError **error)
{
  g_autoptr (GArray) missing = list_missing (self, other, error);
  g_autoptr (GError) local = NULL;
  guint n = 0;

  if (missing == NULL)
    return FALSE;
  while (n < missing->len && local == NULL)
    {
      const int next = take_some (self, other, missing, n, &local);

      n = next >= 0 ? (guint) next : n;
    }
  /* What came in before a failure is whole; the tables follow it. */
  if (n > 0 && !csm_case_rederive (self, progress, data, NULL, local == NULL ? &local : NULL))
    n = 0;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *ret_n = n;
  return TRUE;
}

/* --- one merge --- */

typedef struct
{
  CsmCase *self, *other;
  CsmProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;
  int64_t share, before; /* of 1000, for what goes on now */
  char *broken;          /* (nullable) the first thing that does not hold */
  CsmMergeReport *report;
  GArray *heads;               /* Head: ours, before */
  GHashTable *before_exhibits; /* ids that were here */
  int64_t n_marks;
} Merge;

typedef struct
{
  CsmId chain;
  CsmDigest head;
} Head;

static void
merge_clear (Merge *self)
{
  g_clear_pointer (&self->broken, g_free);
  g_clear_pointer (&self->report, csm_merge_report_free);
  g_clear_pointer (&self->heads, g_array_unref);
  g_clear_pointer (&self->before_exhibits, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Merge, merge_clear)

static void
progress_cb (int64_t done, int64_t total, gpointer data)
{
  Merge *self = data;

  if (self->progress != NULL && total > 0)
    self->progress (self->before + (int64_t) ((double) done / (double) total * self->share),
                    1000, self->data);
}

static void
enter_part (Merge *self, int64_t share)
{
  self->before += self->share;
  self->share = share;
}

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  Merge *self = data;

  if (kind == CSM_FINDING_BROKEN && self->broken == NULL)
    self->broken = g_strdup_printf ("%s: %s", where, what);
}

static gboolean
verify_one (Merge *self, CsmCase *acase, const char *which, GError **error)
{
  bool holds = false, shaken = false;

  if (!csm_foundation_is_shaken (acase->db, &shaken, error) ||
      !csm_case_verify_ledger (acase, finding_cb, progress_cb, self, &holds, self->cancellable,
                               error))
    return FALSE;
  /* A salvaged case lacks what the other may have; entries are checked one by one. */
  if (!holds && !shaken)
    return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                          "%s does not hold (%s); run verify on it", which,
                          self->broken != NULL ? self->broken : "no reason was given");
  return TRUE;
}

/* A salvaged case that got back what it lacked stands on its entries alone again. */
static gboolean
settle_foundation (Merge *self, GError **error)
{
  CsmCase *acase = self->self;
  bool holds = false, shaken = false;

  if (!csm_foundation_is_shaken (acase->db, &shaken, error))
    return FALSE;
  if (!shaken)
    return TRUE;
  return csm_case_verify_ledger (acase, NULL, NULL, NULL, &holds, self->cancellable, error) &&
         (!holds || csm_db_exec (acase->db, "DELETE FROM kept_salvage", "merge", error));
}

static gboolean
check_pair (Merge *self, GError **error)
{
  if (strcmp (self->self->id.hex, self->other->id.hex) != 0)
    return csm_case_fail (
        error, CSM_CASE_ERROR_INVALID,
        "the other file is another case, not a copy of this one; choose a copy"
        " of this case");
  if (self->self->read_only)
    return csm_case_fail (error, CSM_CASE_ERROR_READ_ONLY, "the case is open read-only: %s",
                          self->self->why_read_only);
  if (self->self->signer == NULL)
    return csm_case_fail (error, CSM_CASE_ERROR_READ_ONLY,
                          "this passphrase is a reader's: it has no signing key");
  return TRUE;
}

/* What the report is told by afterwards. */
static gboolean
take_stock (Merge *self, GError **error)
{
  CsmDb *db = self->self->db;
  g_autoptr (CsmQuery) chains =
      csm_query_new (db, "read the chains", "SELECT id, head FROM chain");
  g_autoptr (CsmQuery) exhibits =
      csm_query_new (db, "read the exhibits", "SELECT id FROM exhibit");
  Head head;
  CsmId id;
  int step;

  self->heads = g_array_new (FALSE, FALSE, sizeof (Head));
  self->before_exhibits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while ((step = csm_query_step (chains, error)) > 0)
    {
      csm_query_get_id (chains, 0, &head.chain);
      csm_query_get_digest (chains, 1, &head.head);
      g_array_append_val (self->heads, head);
    }
  while (step == 0 && (step = csm_query_step (exhibits, error)) > 0)
    {
      csm_query_get_id (exhibits, 0, &id);
      g_hash_table_add (self->before_exhibits, g_strdup (id.hex));
      step = 0;
    }
  return step == 0 && csm_db_get_int (db, "SELECT count (*) FROM mark", &self->n_marks, error);
}

/* Both ends of each chain that went on in both copies: one of the two hides the other as its
 * chain's head. Ours first. */
static gboolean
name_branches (Merge *self, CsmChange *change, GError **error)
{
  for (guint i = 0; i < self->heads->len; i++)
    {
      const Head *head = &g_array_index (self->heads, Head, i);
      g_autoptr (CsmQuery) forked =
          csm_query_new (self->self->db, "read the chains",
                         "SELECT 1 FROM chain WHERE id = ? AND forked IS NOT NULL");
      g_autoptr (CsmQuery) theirs =
          csm_query_new (self->other->db, "read the chains",
                         "SELECT head FROM chain WHERE id = ? AND head <> ?");
      CsmDigest other;
      int step;

      csm_query_id (forked, &head->chain);
      csm_query_id (theirs, &head->chain);
      csm_query_digest (theirs, &head->head);
      step = csm_query_step (forked, error);
      if (step > 0)
        step = csm_query_step (theirs, error);
      if (step < 0)
        return FALSE;
      if (step == 0)
        continue;
      csm_query_get_digest (theirs, 0, &other);
      csm_change_name_also (change, &head->head);
      csm_change_name_also (change, &other);
    }
  return TRUE;
}

static gboolean
sign_merge (Merge *self, GError **error)
{
  g_autoptr (GArray) heads = csm_case_list_heads (self->other, error);
  g_autoptr (CsmChange) change = heads != NULL ? csm_change_begin (self->self, error) : NULL;
  g_autoptr (json_t) body = json_object ();
  g_autofree char *file_id =
      csm_hex_encode (csm_vault_get_file_id (self->other->vault), CSM_VAULT_ID_SIZE);
  json_t *list = json_array ();

  json_object_set_new (body, "heads", list);
  for (guint i = 0; heads != NULL && i < heads->len; i++)
    {
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&g_array_index (heads, CsmDigest, i), hex);
      json_array_append_new (list, json_string (hex));
    }
  json_object_set_new (body, "n_entries", json_integer (self->report->n_entries));
  json_object_set_new (body, "file_id", json_string (file_id));
  return change != NULL && name_branches (self, change, error) &&
         csm_change_sign (change, "case.merge", NULL, NULL, body, NULL, error) &&
         csm_change_commit (change, error);
}

static gboolean
report_twins (Merge *self, const CsmId *id, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->self->db, "read the exhibits",
                     "SELECT a.number || ' ' || a.name, b.number || ' ' || b.name"
                     " FROM exhibit AS a JOIN exhibit AS b"
                     " ON b.sha256 = a.sha256 AND b.id <> a.id WHERE a.id = ?"
                     " ORDER BY b.position, b.number");
  int step;

  csm_query_id (query, id);
  while ((step = csm_query_step (query, error)) > 0)
    g_ptr_array_add (self->report->twins,
                     g_strdup_printf ("%s has the bytes of %s", csm_query_get_text (query, 0),
                                      csm_query_get_text (query, 1)));
  return step == 0;
}

static gboolean
report_exhibits (Merge *self, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->self->db, "read the exhibits",
                     "SELECT id, number || ' ' || name FROM exhibit ORDER BY position, number");
  CsmId id;
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      csm_query_get_id (query, 0, &id);
      if (g_hash_table_contains (self->before_exhibits, id.hex))
        continue;
      g_ptr_array_add (self->report->exhibits, csm_query_dup_text (query, 1));
      if (!report_twins (self, &id, error))
        return FALSE;
    }
  return step == 0;
}

static gboolean
make_report (Merge *self, GError **error)
{
  CsmDb *db = self->self->db;
  g_autoptr (GPtrArray) conflicts = csm_case_list_conflicts (self->self, error);

  if (conflicts == NULL || !report_exhibits (self, error) ||
      !csm_db_get_int (db, "SELECT count (*) FROM mark", &self->report->n_marks, error) ||
      !csm_db_get_int (db, "SELECT count (*) FROM chain WHERE forked IS NOT NULL",
                       &self->report->n_forks, error))
    return FALSE;
  self->report->n_conflicts = conflicts->len;
  self->report->n_marks -= self->n_marks;
  return TRUE;
}

gboolean
csm_case_merge (CsmCase *self,
                CsmCase *other,
                CsmProgressCallback progress,
                gpointer data,
                CsmMergeReport **ret_report,
                GCancellable *cancellable,
                GError **error)
{
  g_auto (Merge) merge = {
    .self = self, .other = other, .progress = progress, .data = data, .cancellable = cancellable
  };
  int64_t n_erased = 0;

  CSM_CASE_ASSERT_LANE (self);
  CSM_CASE_ASSERT_LANE (other);
  g_return_val_if_fail (self != other && ret_report != NULL, FALSE);

  merge.report = g_new0 (CsmMergeReport, 1);
  merge.report->exhibits = g_ptr_array_new_with_free_func (g_free);
  merge.report->twins = g_ptr_array_new_with_free_func (g_free);
  if (!check_pair (&merge, error))
    return FALSE;
  enter_part (&merge, 250);
  if (!verify_one (&merge, self, "this case", error))
    return FALSE;
  enter_part (&merge, 250);
  if (!verify_one (&merge, other, "the other copy", error) || !take_stock (&merge, error))
    return FALSE;
  enter_part (&merge, 300);
  if (!csm_merge_files (self, other, progress_cb, &merge, cancellable, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  enter_part (&merge, 200);
  if (!csm_merge_union (self, other, progress_cb, &merge, &merge.report->n_entries, error) ||
      !csm_case_settle_erasures (self, progress_cb, &merge, &n_erased, error) ||
      !settle_foundation (&merge, error) ||
      (merge.report->n_entries > 0 && !sign_merge (&merge, error)) ||
      !make_report (&merge, error))
    return FALSE;
  if (progress != NULL)
    progress (1000, 1000, data);
  *ret_report = g_steal_pointer (&merge.report);
  return TRUE;
}
