/* csm-verify.c: whether everything in the case holds together
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-restored.h"
#include "casefile/csm-verify-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* Findings of one part; the next thousand say nothing new. */
#define MAX_BROKEN 50

static void
say (CsmVerify *self, CsmFindingKind kind, const char *where, const char *what)
{
  if (self->finding != NULL)
    self->finding (kind, where, what, self->data);
}

void
csm_verify_say (CsmVerify *self,
                CsmFindingKind kind,
                const char *where,
                const char *format,
                ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (kind == CSM_FINDING_BROKEN)
    {
      self->holds = false;
      if (++self->n_broken > MAX_BROKEN)
        return;
    }
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  say (self, kind, where, what);
}

void
csm_verify_end_part (CsmVerify *self, const char *where, const char *holds)
{
  if (self->n_broken > MAX_BROKEN)
    {
      g_autofree char *more =
          g_strdup_printf (_ ("and %d more findings like these"), self->n_broken - MAX_BROKEN);

      say (self, CSM_FINDING_BROKEN, where, more);
    }
  if (self->n_broken == 0 && holds != NULL)
    say (self, CSM_FINDING_HOLDS, where, holds);
  self->n_broken = 0;
}

bool
csm_verify_advance (CsmVerify *self, int64_t by)
{
  self->done = MIN (self->done + by, self->total);
  if (self->progress != NULL)
    self->progress (self->done, self->total, self->data);
  return !g_cancellable_is_cancelled (self->cancellable);
}

void
csm_verify_yield (CsmVerify *self)
{
  if (self->yield != NULL)
    self->yield (self->data);
}

/* SQLite asks once in so many of its steps: a millisecond or so. */
#define STEPS 10000

static int
is_cancelled_cb (void *cancellable)
{
  return g_cancellable_is_cancelled (cancellable);
}

/* While this is on, one long statement ends early when the run is cancelled. */
static void
let_interrupt (CsmVerify *self, bool on)
{
  sqlite3_progress_handler (csm_db_get_handle (self->acase->db), STEPS,
                            on && self->cancellable != NULL ? is_cancelled_cb : NULL,
                            self->cancellable);
}

/* What the storage and SQLite say about themselves. */
static void
verify_rows_of (CsmVerify *self, const char *sql, const char *where, const char *fine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query = csm_query_new_once (self->acase->db, "check the database", sql);
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    if (g_strcmp0 (csm_query_get_text (query, 0), fine) != 0)
      csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", csm_query_get_text (query, 0));
  if (step < 0 && !g_cancellable_is_cancelled (self->cancellable))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
}

static gboolean
verify_pages (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *repairs = csm_vault_dup_repairs (self->acase->vault);
  g_autofree char *loss = csm_vault_dup_loss (self->acase->vault);
  g_autofree char *restored = csm_case_dup_restored (self->acase);
  const char *where = _ ("Case file");

  if (loss != NULL)
    csm_verify_say (self, self->accepts_loss ? CSM_FINDING_NOTE : CSM_FINDING_BROKEN, where,
                    "%s", loss);
  if (repairs != NULL)
    csm_verify_say (self, CSM_FINDING_NOTE, where, _ ("repaired at opening: %s"), repairs);
  if (restored != NULL)
    csm_verify_say (self, CSM_FINDING_NOTE, where, "%s", restored);
  if (!csm_vault_check (self->acase->vault, self->cancellable, &error))
    {
      if (g_cancellable_is_cancelled (self->cancellable))
        return FALSE;
      csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
    }
  csm_verify_end_part (self, where, _ ("every byte is the one that was written with its key"));
  return TRUE;
}

/* Tables whose indexes are small enough to be looked up row by row. */
static void
verify_small_tables (CsmVerify *self, const char *where)
{
  g_autoptr (GPtrArray) checks = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "check the database",
                     "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0");
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    {
      g_autofree char *quoted = NULL;
      const char *table = csm_query_get_text (query, 0);
      g_auto (GStrv) parts = g_strsplit (table, "\"", -1);

      if (csm_verify_streams_indexes (table))
        continue;
      quoted = g_strjoinv ("\"\"", parts);
      g_ptr_array_add (checks, g_strdup_printf ("PRAGMA integrity_check(\"%s\")", quoted));
    }
  if (step < 0 && !g_cancellable_is_cancelled (self->cancellable))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
  g_clear_pointer (&query, csm_query_free);
  for (unsigned i = 0; i < checks->len; i++)
    verify_rows_of (self, checks->pdata[i], where, "ok");
}

/* FALSE only when cancelled. */
static gboolean
verify_database (CsmVerify *self)
{
  const char *where = _ ("Database");

  let_interrupt (self, true);
  verify_rows_of (self, "PRAGMA quick_check", where, "ok");
  verify_small_tables (self, where);
  (void) csm_verify_indexes (self);
  verify_rows_of (self,
                  "SELECT \"table\" || ' refers to a row in ' || parent || ' that is not there'"
                  " FROM pragma_foreign_key_check",
                  where, NULL);
  let_interrupt (self, false);
  if (g_cancellable_is_cancelled (self->cancellable))
    return FALSE;
  csm_verify_end_part (self, where, _ ("its structure holds"));
  return TRUE;
}

static gboolean
count_work (CsmVerify *self, GError **error)
{
  int64_t n_entries = 0;
  int64_t bytes = 0;

  if (!csm_db_get_int (self->acase->db, "SELECT count (*) FROM entry", &n_entries, error) ||
      !csm_db_get_int (self->acase->db,
                       "SELECT coalesce (sum (size / 65536 + 1), 0) FROM kept_media", &bytes,
                       error))
    return FALSE;
  self->total = 2 * n_entries + (self->media ? 2 * bytes : 0);
  return TRUE;
}

/* FALSE only when cancelled. Between two parts no statement has rows left. */
static gboolean
verify_parts (CsmVerify *self, bool files)
{
  if (!csm_verify_receipts (self))
    return FALSE;
  csm_verify_yield (self);
  if (!verify_pages (self))
    return FALSE;
  csm_verify_yield (self);
  if (!verify_database (self))
    return FALSE;
  csm_verify_yield (self);
  if (!csm_verify_replay (self))
    return FALSE;
  csm_verify_yield (self);
  return csm_verify_kept (self) && (!files || csm_verify_media (self));
}

/* Rows are looked up in the order of the ledger, all over the file; what a page costs is its
 * decryption. In KiB; SQLite's own default comes back after. */
#define CACHE_OF_VERIFY "PRAGMA cache_size = -212992"
#define CACHE_AS_BEFORE "PRAGMA cache_size = -2000"

static gboolean
run (CsmVerify *self, bool files, GError **error)
{
  g_autoptr (GError) local = NULL;
  bool ran;

  self->bodiless = g_array_new (FALSE, FALSE, sizeof (int64_t));
  csm_verify_init_settling (self);
  /* A smaller cache is slower, and nothing else. */
  (void) csm_db_exec (self->acase->db, CACHE_OF_VERIFY, "verify", NULL);
  if (!count_work (self, &local))
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Database"), "%s", local->message);
  ran = verify_parts (self, files);
  (void) csm_db_exec (self->acase->db, CACHE_AS_BEFORE, "verify", NULL);
  csm_verify_clear_settling (self);
  g_clear_pointer (&self->bodiless, g_array_unref);
  if (!ran)
    return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
  (void) csm_verify_advance (self, self->total); /* ends whatever was found */
  return TRUE;
}

gboolean
csm_case_verify_yielding (CsmCase *self,
                          bool media,
                          CsmFindingCallback finding,
                          CsmProgressCallback progress,
                          CsmYieldCallback yield,
                          gpointer data,
                          bool *ret_holds,
                          GCancellable *cancellable,
                          GError **error)
{
  CsmVerify verify = { .acase = self,
                       .finding = finding,
                       .progress = progress,
                       .yield = yield,
                       .data = data,
                       .cancellable = cancellable,
                       .media = media,
                       .holds = true };

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (ret_holds != NULL, FALSE);
  if (!run (&verify, true, error))
    return FALSE;
  *ret_holds = verify.holds;
  return TRUE;
}

gboolean
csm_case_verify_ledger (CsmCase *self,
                        CsmFindingCallback finding,
                        CsmProgressCallback progress,
                        gpointer data,
                        bool *ret_holds,
                        GCancellable *cancellable,
                        GError **error)
{
  CsmVerify verify = { .acase = self,
                       .finding = finding,
                       .progress = progress,
                       .data = data,
                       .cancellable = cancellable,
                       .holds = true };

  if (!run (&verify, false, error))
    return FALSE;
  *ret_holds = verify.holds;
  return TRUE;
}

gboolean
csm_case_verify_restored (CsmCase *self,
                          CsmFindingCallback finding,
                          CsmProgressCallback progress,
                          gpointer data,
                          bool *ret_holds,
                          GCancellable *cancellable,
                          GError **error)
{
  const bool media = self->media != NULL;
  CsmVerify verify = { .acase = self,
                       .finding = finding,
                       .progress = progress,
                       .data = data,
                       .cancellable = cancellable,
                       .media = media,
                       .accepts_loss = true,
                       .holds = true };

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (ret_holds != NULL, FALSE);
  if (!run (&verify, media, error))
    return FALSE;
  *ret_holds = verify.holds;
  return TRUE;
}

gboolean
csm_case_verify (CsmCase *self,
                 bool media,
                 CsmFindingCallback finding,
                 CsmProgressCallback progress,
                 gpointer data,
                 bool *ret_holds,
                 GCancellable *cancellable,
                 GError **error)
{
  return csm_case_verify_yielding (self, media, finding, progress, NULL, data, ret_holds,
                                   cancellable, error);
}
