/* test-merge-properties.c: merging is commutative, associative and idempotent, over seeded
 * histories of two to four copies
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-conflicts.h"
#include "casefile/csm-case-merge.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-merge-private.h"
#include "casefile/csm-schema.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_COPIES 4

/* A history: copies that went their own ways, each closed when it is not at work. */
typedef struct
{
  GRand *rand;
  CaseFixture copies[MAX_COPIES];
  int n;
  int n_things; /* names so far */
} History;

static void
open_copy (CaseFixture *self)
{
  if (self->acase == NULL)
    case_fixture_open (self, false);
}

/* --- what happens in a copy --- */

static int
pick (History *self, int n)
{
  return (int) g_rand_int_range (self->rand, 0, n);
}

static char *
new_text (History *self)
{
  return g_strdup_printf ("text %d", self->n_things++);
}

static CsmExhibit *
pick_exhibit (History *self, CaseFixture *copy)
{
  g_autoptr (GPtrArray) list = csm_case_list_exhibits (copy->acase, NULL);

  return list->len > 0 ? g_ptr_array_steal_index (list, (guint) pick (self, (int) list->len))
                       : NULL;
}

static CsmMark *
pick_mark (History *self, CaseFixture *copy)
{
  g_autoptr (GPtrArray) list = csm_case_list_marks (copy->acase, NULL, NULL);

  return list->len > 0 ? g_ptr_array_steal_index (list, (guint) pick (self, (int) list->len))
                       : NULL;
}

static void
do_add_mark (History *self, CaseFixture *copy)
{
  g_autoptr (CsmExhibit) exhibit = pick_exhibit (self, copy);
  g_autofree char *text = new_text (self);

  if (exhibit != NULL)
    csm_mark_free (case_fixture_mark (copy, exhibit, pick (self, 5), 5 + pick (self, 5),
                                      pick (self, 2) == 0 ? "baton" : NULL, text));
}

static void
do_edit_mark (History *self, CaseFixture *copy)
{
  g_autoptr (CsmMark) mark = pick_mark (self, copy);
  g_autoptr (GError) error = NULL;
  CsmRegion region = { 5, { 1, 2, 3, 4 } };

  if (mark == NULL)
    return;
  g_free (mark->text);
  mark->text = new_text (self);
  g_free (mark->regions);
  mark->regions = g_memdup2 (&region, sizeof region);
  mark->n_regions = 1;
  csm_case_set_mark (copy->acase, mark, NULL, 0, NULL, &error);
  g_assert_no_error (error);
}

static void
do_remove_mark (History *self, CaseFixture *copy)
{
  g_autoptr (CsmMark) mark = pick_mark (self, copy);
  g_autoptr (GError) error = NULL;

  if (mark == NULL)
    return;
  csm_case_remove_mark (copy->acase, &mark->id, &error);
  g_assert_no_error (error);
  /* Undone at once, half of the time. */
  if (pick (self, 2) == 0)
    csm_case_set_mark (copy->acase, mark, NULL, 0, NULL, &error);
  g_assert_no_error (error);
}

static void
do_commit_frames (History *self, CaseFixture *copy)
{
  g_autoptr (CsmMark) mark = pick_mark (self, copy);
  g_autoptr (GError) error = NULL;
  const CsmFrameCommit one = {
    .pixel_format = "yuv420p", .width = 16, .height = 16, .library = "Lavc"
  };
  CsmFrameCommit commits[2] = { one, one };

  if (mark == NULL)
    return;
  commits[0].ordinal = mark->from;
  commits[1].ordinal = mark->to;
  csm_case_commit_frames (copy->acase, &mark->id, commits, 2, &error);
  g_assert_no_error (error);
}

static void
do_describe_exhibit (History *self, CaseFixture *copy)
{
  g_autoptr (CsmExhibit) exhibit = pick_exhibit (self, copy);
  g_autoptr (CsmAcquisition) acquisition = csm_acquisition_new ();
  g_autoptr (GError) error = NULL;

  if (exhibit == NULL)
    return;
  g_free (acquisition->notes);
  acquisition->notes = new_text (self);
  csm_case_set_acquisition (copy->acase, &exhibit->id, acquisition, &error);
  g_assert_no_error (error);
}

static void
do_remove_exhibit (History *self, CaseFixture *copy)
{
  g_autoptr (CsmExhibit) exhibit = pick_exhibit (self, copy);
  g_autoptr (GError) error = NULL;

  if (exhibit == NULL)
    return;
  csm_case_remove_exhibit (copy->acase, &exhibit->id, &error);
  g_assert_no_error (error);
  if (pick (self, 2) == 0)
    csm_case_restore_exhibit (copy->acase, &exhibit->id, &error);
  /* Its twin is there. */
  if (g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS))
    g_clear_error (&error);
  g_assert_no_error (error);
}

/* Few contents, so that copies come to have twins. */
static void
do_import (History *self, CaseFixture *copy)
{
  g_autofree char *path = g_build_filename (copy->folder, "linked", NULL);
  g_autoptr (GError) error = NULL;
  CsmDigest sha256;
  const char byte = (char) ('a' + pick (self, 6));
  g_autoptr (CsmExhibit) exhibit = NULL;

  csm_sha256 (&byte, 1, &sha256);
  exhibit =
      csm_case_add_exhibit (copy->acase, "l.mp4", NULL, &sha256, 1, NULL, NULL, path, &error);
  if (!g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS))
    g_assert_no_error (error);
}

static void
do_set_index (History *self, CaseFixture *copy)
{
  g_autoptr (CsmExhibit) exhibit = pick_exhibit (self, copy);
  g_autofree char *text = g_strdup_printf ("index %d", pick (self, 3));
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  if (exhibit == NULL)
    return;
  csm_case_set_index (copy->acase, &exhibit->id, bytes, true, "Lavc", 10, &error);
  g_assert_no_error (error);
}

/* Few ids, and parents among them, so that copies define the same and make rings. */
static void
do_set_code (History *self, CaseFixture *copy)
{
  static const char *const ids[] = { "net", "rope", "baton", "arrest" };
  g_autofree char *label = new_text (self);
  const CsmCode code = { (char *) ids[pick (self, 4)], label, (char *) "", (char *) "",
                         (char *) (pick (self, 2) == 0 ? ids[2 + pick (self, 2)] : NULL) };
  g_autoptr (GError) error = NULL;

  csm_case_set_code (copy->acase, &code, &error);
  if (!g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID))
    g_assert_no_error (error);
}

static void
do_settle (History *self, CaseFixture *copy)
{
  g_autoptr (GPtrArray) list = csm_case_list_conflicts (copy->acase, NULL);
  const CsmConflict *conflict;
  const CsmConflictVersion *take;
  g_autoptr (GError) error = NULL;

  if (list->len == 0)
    return;
  conflict = list->pdata[pick (self, (int) list->len)];
  take = conflict->versions->pdata[pick (self, (int) conflict->versions->len)];
  csm_case_settle (copy->acase, conflict, &take->entry, &error);
  if (!g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID))
    g_assert_no_error (error);
}

static void
do_record (History *self, CaseFixture *copy)
{
  g_assert_true (csm_case_record_access (copy->acase, "opened", NULL, NULL, NULL));
}

static void (*const ops[]) (History *, CaseFixture *) = {
  do_add_mark,    do_add_mark,      do_edit_mark,        do_edit_mark,      do_edit_mark,
  do_remove_mark, do_commit_frames, do_describe_exhibit, do_remove_exhibit, do_import,
  do_set_index,   do_set_code,      do_settle,           do_record
};

static void
work (History *self, int copy, int n)
{
  open_copy (&self->copies[copy]);
  for (int i = 0; i < n; i++)
    ops[pick (self, G_N_ELEMENTS (ops))](self, &self->copies[copy]);
  /* Whatever was picked may have had nothing to do. */
  do_record (self, &self->copies[copy]);
  case_fixture_close (&self->copies[copy]);
}

/* --- merging --- */

static int64_t
unite (CaseFixture *to, CaseFixture *from)
{
  g_autoptr (GError) error = NULL;
  int64_t n = -1;

  open_copy (to);
  case_fixture_close (from);
  case_fixture_open (from, true);
  csm_merge_union (to->acase, from->acase, NULL, NULL, &n, &error);
  g_assert_no_error (error);
  case_fixture_close (from);
  return n;
}

/* As a reviewer merges: with the entry that says so. */
static void
merge (CaseFixture *to, CaseFixture *from)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMergeReport) report = NULL;

  open_copy (to);
  case_fixture_close (from);
  case_fixture_open (from, true);
  csm_case_merge (to->acase, from->acase, NULL, NULL, &report, NULL, &error);
  g_assert_no_error (error);
  case_fixture_close (from);
}

/* The closed copy @from once more. */
static CaseFixture
duplicate (CaseFixture *from)
{
  CaseFixture copy = { 0 };

  case_fixture_close (from);
  case_fixture_set_up_copy (&copy, from);
  return copy;
}

static void
hash_row (CsmHasher *hasher, sqlite3_stmt *row)
{
  for (int i = 0; i < sqlite3_column_count (row); i++)
    {
      const int head[2] = { sqlite3_column_type (row, i), sqlite3_column_bytes (row, i) };

      csm_hasher_update (hasher, head, sizeof head);
      if (head[1] > 0)
        csm_hasher_update (hasher, sqlite3_column_blob (row, i), (size_t) head[1]);
    }
}

/* (transfer full): a line a derived table: its name, how many rows, and what is in them. */
static char *
take_stock (CaseFixture *self)
{
  GString *stock = g_string_new (NULL);

  for (const CsmDerivedTable *table = csm_derived_tables; table->name != NULL; table++)
    {
      g_autofree char *sql =
          g_strdup_printf ("SELECT %s FROM %s ORDER BY 1, 2, 3", table->columns, table->name);
      g_autoptr (CsmQuery) query = NULL;
      g_autoptr (CsmHasher) hasher = csm_hasher_new ();
      g_autofree char *hex = NULL;
      CsmDigest digest;
      int n = 0;

      if (table->n_key == 1)
        *strstr (sql, ", 2, 3") = '\0';
      else if (table->n_key == 2)
        *strstr (sql, ", 3") = '\0';
      query = csm_query_new_once (self->acase->db, "test", sql);
      while (csm_query_step (query, NULL) > 0)
        {
          hash_row (hasher, csm_query_get_statement (query));
          n++;
        }
      csm_hasher_finish (hasher, &digest);
      hex = case_fixture_digest_hex (&digest);
      g_string_append_printf (stock, "%s %d %.16s\n", table->name, n, hex);
    }
  return g_string_free (stock, FALSE);
}

static void
assert_whole (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  bool holds = false;

  open_copy (self);
  g_assert_true (csm_case_verify_ledger (self->acase, NULL, NULL, NULL, &holds, NULL, &error));
  if (!holds)
    {
      g_autofree char *broken = case_fixture_verify (self, false, NULL);

      g_error ("%s", broken);
    }
}

static void
assert_same (CaseFixture *a, CaseFixture *b)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  open_copy (a);
  open_copy (b);
  first = take_stock (a);
  second = take_stock (b);
  g_assert_cmpstr (first, ==, second);
}

/* --- histories --- */

/* The copy goes back to an earlier state under the same inode, and its later one lives on as
 * another: the next entries make a fork. */
static void
fork_copy (History *self, int copy, int into)
{
  CaseFixture *one = &self->copies[copy];
  char *old = case_fixture_save (one);

  work (self, copy, 3);
  self->copies[into] = duplicate (one);
  case_fixture_close (&self->copies[into]);
  case_fixture_put_back (one, old);
  work (self, copy, 3);
}

static void
make_history (History *self, uint32_t seed, int n)
{
  g_autoptr (CsmExhibit) exhibit = NULL;

  memset (self, 0, sizeof *self);
  self->rand = g_rand_new_with_seed (seed);
  self->n = n;
  case_fixture_set_up (&self->copies[0], NULL);
  exhibit = case_fixture_import (&self->copies[0], "a.mp4", 100, 1);
  work (self, 0, 6);
  for (int i = 1; i < n; i++)
    {
      const int from = pick (self, i);

      if (pick (self, 3) == 0)
        fork_copy (self, from, i);
      else
        {
          self->copies[i] = duplicate (&self->copies[from]);
          case_fixture_close (&self->copies[i]);
        }
      work (self, i, 2 + pick (self, 5));
    }
  for (int i = 0; i < n; i++)
    work (self, i, 3 + pick (self, 6));
  /* Some have met before. */
  if (pick (self, 2) == 0)
    {
      merge (&self->copies[0], &self->copies[1]);
      case_fixture_close (&self->copies[0]);
      for (int i = 0; i < n; i++)
        work (self, i, 3);
    }
}

static void
clear_history (History *self)
{
  for (int i = 0; i < self->n; i++)
    case_fixture_tear_down (&self->copies[i], NULL);
  g_rand_free (self->rand);
}

/* Each with a seed of its own, which the message says. */
static void
with_histories (int n_copies, int rounds, void (*check) (History *))
{
  const int first = case_fixture_get_setting ("CSM_FIRST_ROUND", 0);

  for (int i = 0; i < rounds; i++)
    {
      const uint32_t seed = (uint32_t) (n_copies * 1000 + first + i);
      History history;

      g_test_message ("%d copies, seed %u", n_copies, seed);
      make_history (&history, seed, n_copies);
      check (&history);
      clear_history (&history);
    }
}

static void
check_commutative (History *self)
{
  CaseFixture a = duplicate (&self->copies[0]);
  CaseFixture b = duplicate (&self->copies[1]);

  /* Copy 0 has all that copy 1 had when they met. */
  g_assert_cmpint (unite (&a, &self->copies[1]) + unite (&b, &self->copies[0]), >, 0);
  assert_same (&a, &b);
  assert_whole (&a);
  case_fixture_tear_down (&a, NULL);
  case_fixture_tear_down (&b, NULL);
}

static void
check_associative (History *self)
{
  CaseFixture left = duplicate (&self->copies[0]);
  CaseFixture right = duplicate (&self->copies[1]);
  CaseFixture all = duplicate (&self->copies[0]);

  unite (&left, &self->copies[1]);
  unite (&left, &self->copies[2]);
  unite (&right, &self->copies[2]);
  unite (&all, &right);
  assert_same (&left, &all);
  assert_whole (&left);
  case_fixture_tear_down (&left, NULL);
  case_fixture_tear_down (&right, NULL);
  case_fixture_tear_down (&all, NULL);
}

static void
check_idempotent (History *self)
{
  CaseFixture a = duplicate (&self->copies[0]);
  CaseFixture again = duplicate (&self->copies[0]);
  g_autofree char *before = take_stock (&a);
  g_autofree char *after = NULL;

  case_fixture_close (&self->copies[0]);
  g_assert_cmpint (unite (&a, &again), ==, 0);
  after = take_stock (&a);
  g_assert_cmpstr (before, ==, after);
  unite (&a, &self->copies[1]);
  g_assert_cmpint (unite (&a, &self->copies[1]), ==, 0);
  g_assert_cmpint (unite (&a, &self->copies[0]), ==, 0);
  case_fixture_tear_down (&a, NULL);
  case_fixture_tear_down (&again, NULL);
}

/* Whoever meets whom, in whatever order: once all have met, all have the same. */
static void
check_convergent (History *self)
{
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < self->n; i++)
      merge (&self->copies[(i + 1) % self->n], &self->copies[i]);
  /* The last merges were signed after some had met: those entries go round once more. */
  for (int i = 0; i < self->n; i++)
    for (int k = 0; k < self->n; k++)
      if (i != k)
        unite (&self->copies[i], &self->copies[k]);
  for (int i = 1; i < self->n; i++)
    assert_same (&self->copies[0], &self->copies[i]);
  assert_whole (&self->copies[0]);
}

/* Rule 8, counted the slow way: what is in conflict or in effect is what nothing replaces. */
static void
check_conflicts (History *self)
{
  static const char tips_sql[] =
      "WITH one (facet, subject, id, meta) AS ("
      " SELECT CASE WHEN v.kind IN ('mark.set', 'mark.remove') THEN 'mark'"
      "             WHEN v.kind = 'code.set' THEN 'code'"
      "             WHEN v.kind = 'exhibit.set' THEN 'exhibit'"
      "             WHEN v.kind = 'exhibit.index' THEN 'index' ELSE 'presence' END,"
      "        CASE WHEN v.kind = 'code.set'"
      "             THEN CAST (json_extract (n.body, '$.id') AS BLOB) ELSE v.subject END,"
      "        v.id, n.meta FROM event AS v JOIN entry AS n ON n.id = v.id"
      " WHERE v.kind IN ('mark.set', 'mark.remove', 'code.set', 'exhibit.set',"
      "  'exhibit.index', 'exhibit.remove', 'exhibit.restore')"
      " UNION ALL SELECT f, v.subject, v.id, n.meta FROM event AS v"
      " JOIN entry AS n ON n.id = v.id JOIN (SELECT 'exhibit' AS f UNION SELECT 'presence')"
      " WHERE v.kind = 'exhibit.add'),"
      " gone (facet, subject, hex) AS ("
      " SELECT facet, subject, value FROM one, json_each (json_extract (meta, '$.replaces')))"
      " SELECT count (*) FROM one WHERE NOT EXISTS (SELECT 1 FROM gone"
      " WHERE gone.facet = one.facet AND gone.subject = one.subject"
      " AND gone.hex = lower (hex (one.id)))";
  int64_t in_effect, in_conflict;

  for (int i = 1; i < self->n; i++)
    unite (&self->copies[0], &self->copies[i]);
  in_conflict = case_fixture_get_int (&self->copies[0], "SELECT count (*) FROM conflict");
  in_effect = case_fixture_get_int (
      &self->copies[0], "SELECT (SELECT count (*) FROM mark) + (SELECT count (*) FROM code)"
                        " + (SELECT 2 * count (*) + count (index_entry) FROM exhibit)");
  g_assert_cmpint (case_fixture_get_int (&self->copies[0], tips_sql), ==,
                   in_effect + in_conflict);
}

static void
test_commutative (void)
{
  with_histories (2, 6, check_commutative);
}

static void
test_associative (void)
{
  with_histories (3, 4, check_associative);
}

static void
test_idempotent (void)
{
  with_histories (2, 3, check_idempotent);
}

static void
test_convergent (void)
{
  with_histories (3, 2, check_convergent);
  with_histories (4, 2, check_convergent);
}

static void
test_conflicts_are_what_nothing_replaces (void)
{
  with_histories (4, 3, check_conflicts);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/casefile/merge-properties/commutative", test_commutative);
  g_test_add_func ("/casement/casefile/merge-properties/associative", test_associative);
  g_test_add_func ("/casement/casefile/merge-properties/idempotent", test_idempotent);
  g_test_add_func ("/casement/casefile/merge-properties/convergent", test_convergent);
  g_test_add_func ("/casement/casefile/merge-properties/conflicts-are-what-nothing-replaces",
                   test_conflicts_are_what_nothing_replaces);
  return g_test_run ();
}
