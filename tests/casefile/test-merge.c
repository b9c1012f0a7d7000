/* test-merge.c: another copy taken in: what comes, what is told, and what nothing can break
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-conflicts.h"
#include "casefile/csm-case-merge.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-merge-private.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Two copies of a case with one exhibit and one mark; the second one is closed in between. */
typedef struct
{
  CaseFixture a, b;
  CsmId exhibit, mark;
} Pair;

static void
set_up (Pair *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (CsmMark) mark = NULL;

  case_fixture_set_up (&self->a, NULL);
  exhibit = case_fixture_import (&self->a, "a.mp4", 1000, 1);
  mark = case_fixture_mark (&self->a, exhibit, 10, 20, "baton", "common words");
  self->exhibit = exhibit->id;
  self->mark = mark->id;
  case_fixture_close (&self->a);
  case_fixture_set_up_copy (&self->b, &self->a);
  case_fixture_open (&self->a, false);
}

static void
tear_down (Pair *self, gconstpointer data)
{
  case_fixture_tear_down (&self->a, NULL);
  case_fixture_tear_down (&self->b, NULL);
}

#define add(name, test) \
  g_test_add ("/casement/casefile/merge/" name, Pair, NULL, set_up, test, tear_down)

/* (transfer full): @to takes @from in; both are open for writing before and after. */
static CsmMergeReport *
merge (CaseFixture *to, CaseFixture *from)
{
  g_autoptr (GError) error = NULL;
  CsmMergeReport *report = NULL;

  case_fixture_close (from);
  case_fixture_open (from, true);
  csm_case_merge (to->acase, from->acase, NULL, NULL, &report, NULL, &error);
  g_assert_no_error (error);
  case_fixture_reopen (from);
  return report;
}

static void
refuse_merge (CaseFixture *to, CaseFixture *from, GQuark domain, int code, const char *why)
{
  g_autoptr (GError) error = NULL;
  CsmMergeReport *report = NULL;

  case_fixture_close (from);
  case_fixture_open (from, true);
  g_assert_false (csm_case_merge (to->acase, from->acase, NULL, NULL, &report, NULL, &error));
  g_assert_error (error, domain, code);
  if (strstr (error->message, why) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, why);
  case_fixture_reopen (from);
}

static void
edit_mark (CaseFixture *self, const CsmId *id, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMark) mark = csm_case_get_mark (self->acase, id, &error);

  g_assert_no_error (error);
  g_free (mark->text);
  mark->text = g_strdup (text);
  csm_case_set_mark (self->acase, mark, NULL, 0, NULL, &error);
  g_assert_no_error (error);
}

static char *
dup_text (CaseFixture *self, const CsmId *id)
{
  g_autoptr (CsmMark) mark = csm_case_get_mark (self->acase, id, NULL);

  return mark != NULL ? g_strdup (mark->text) : NULL;
}

static GPtrArray *
list_conflicts (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *list = csm_case_list_conflicts (self->acase, &error);

  g_assert_no_error (error);
  return list;
}

static void
test_nothing_new_writes_nothing (Pair *self, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (CsmMergeReport) report = NULL;
  size_t size_before, size_after;

  case_fixture_reopen (&self->a);
  g_assert_true (g_file_get_contents (self->a.path, &before, &size_before, NULL));
  report = merge (&self->a, &self->b);
  g_assert_cmpint (report->n_entries, ==, 0);
  g_assert_cmpint (report->n_conflicts, ==, 0);
  case_fixture_close (&self->a);
  g_assert_true (g_file_get_contents (self->a.path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

static void
test_another_case_is_refused (Pair *self, gconstpointer data)
{
  CaseFixture other = { 0 };

  case_fixture_set_up (&other, NULL);
  refuse_merge (&self->a, &other, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID, "is another case");
  case_fixture_tear_down (&other, NULL);
}

static void
test_entries_exhibits_and_kept_rows_come (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const CsmMediaFacts facts = { CSM_INDEX_EXACT, "exact", "mov", "h264", 16, 16, 30, 1000 };
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (&self->b, "new.mp4", 5000, 7);
  g_autoptr (GBytes) index = g_bytes_new_static ("index", 5);
  g_autoptr (GBytes) kept = NULL;
  g_autoptr (GBytes) thumbnail = NULL;
  g_autoptr (CsmByteSource) source = NULL;
  g_autoptr (CsmExhibit) here = NULL;
  g_autoptr (CsmMergeReport) report = NULL;

  g_assert_true (
      csm_case_set_index (self->b.acase, &exhibit->id, index, true, "Lavc", 10, &error));
  g_assert_true (csm_case_set_media_facts (self->b.acase, &exhibit->id, &facts, &error));
  g_assert_true (csm_case_set_thumbnail (self->b.acase, &exhibit->id, index, &error));
  csm_mark_free (case_fixture_mark (&self->b, exhibit, 3, 4, "arrest", "new words"));
  report = merge (&self->a, &self->b);
  /* chain.start, exhibit.add, exhibit.index, mark.set */
  g_assert_cmpint (report->n_entries, ==, 4);
  g_assert_cmpint (report->n_marks, ==, 1);
  g_assert_cmpuint (report->exhibits->len, ==, 1);
  g_assert_cmpstr (report->exhibits->pdata[0], ==, "E-0002 new.mp4");
  g_assert_cmpuint (report->twins->len, ==, 0);

  here = csm_case_get_exhibit (self->a.acase, &exhibit->id, &error);
  g_assert_cmpstr (here->codec, ==, "h264");
  kept = csm_case_get_index (self->a.acase, &exhibit->id, &error);
  thumbnail = csm_case_get_thumbnail (self->a.acase, &exhibit->id, &error);
  source = csm_case_read_media (self->a.acase, &exhibit->id, &error);
  g_assert_no_error (error);
  g_assert_nonnull (kept);
  g_assert_nonnull (thumbnail);
  g_assert_cmpint (csm_byte_source_get_size (source), ==, 5000);
  g_assert_cmpint (
      case_fixture_get_int (&self->a, "SELECT count (*) FROM event WHERE kind = 'case.merge'"),
      ==, 1);
  case_fixture_assert_holds (&self->a);
  case_fixture_reopen (&self->a);
  case_fixture_assert_holds (&self->a);
  case_fixture_assert_holds (&self->b);
}

static void
test_twins_keep_both_numbers (Pair *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) ours = case_fixture_import (&self->a, "x.mp4", 500, 3);
  g_autoptr (CsmExhibit) theirs = case_fixture_import (&self->b, "y.mp4", 500, 3);
  g_autoptr (CsmMergeReport) report = merge (&self->a, &self->b);
  const char *new = report->exhibits->pdata[0];
  const char *twin = report->twins->pdata[0];

  /* Which one gets the letter is the order of replay. */
  g_assert_cmpuint (report->exhibits->len, ==, 1);
  g_assert_cmpuint (report->twins->len, ==, 1);
  g_assert_true (strcmp (new, "E-0002b y.mp4") == 0 || strcmp (new, "E-0002 y.mp4") == 0);
  g_assert_nonnull (strstr (twin, "y.mp4 has the bytes of E-0002"));
  g_assert_cmpint (
      case_fixture_get_int (
          &self->a, "SELECT count (*) FROM exhibit WHERE number IN ('E-0002', 'E-0002b')"),
      ==, 2);
  case_fixture_assert_holds (&self->a);
}

static void
test_linked_stays_a_link (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) linked = case_fixture_link (&self->b, "l.mp4", &error);
  g_autoptr (CsmMergeReport) report = merge (&self->a, &self->b);
  g_autofree char *path = NULL;

  g_assert_null (csm_case_get_media_ref (self->a.acase, &linked->id, &path, &error));
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (path, "/l.mp4"));
  case_fixture_assert_holds (&self->a);
}

static void
test_conflict_is_listed_and_settled (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMergeReport) report = NULL;
  g_autoptr (CsmMergeReport) back = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (CsmConflict) found = NULL;
  const CsmConflict *conflict;
  const CsmConflictVersion *first;
  g_autofree char *text = NULL;

  edit_mark (&self->a, &self->mark, "by a");
  edit_mark (&self->b, &self->mark, "by b");
  report = merge (&self->a, &self->b);
  g_assert_cmpint (report->n_conflicts, ==, 1);
  list = list_conflicts (&self->a);
  conflict = list->pdata[0];
  g_assert_cmpstr (conflict->facet, ==, "mark");
  g_assert_cmpstr (conflict->where, ==, "E-0001 a.mp4");
  g_assert_cmpuint (conflict->versions->len, ==, 2);
  g_assert_cmpstr (conflict->differs[0], ==, "text");
  g_assert_null (conflict->differs[1]);
  first = conflict->versions->pdata[0];
  g_assert_false (first->in_effect);
  g_assert_cmpstr (first->author, ==, "Anna");

  found = csm_case_find_conflict (self->a.acase, conflict->name, &error);
  g_assert_no_error (error);
  g_assert_true (csm_case_settle (self->a.acase, found, &first->entry, &error));
  text = dup_text (&self->a, &self->mark);
  g_assert_cmpstr (text, ==, json_string_value (json_object_get (first->values, "text")));
  none = list_conflicts (&self->a);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_false (csm_case_settle (self->a.acase, found, &first->entry, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
  case_fixture_assert_holds (&self->a);

  /* The settlement travels. */
  back = merge (&self->b, &self->a);
  g_assert_cmpint (back->n_conflicts, ==, 0);
}

static void
test_edit_and_removal_conflict (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMergeReport) report = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (CsmMark) there = NULL;
  const CsmConflict *conflict;

  edit_mark (&self->a, &self->mark, "by a");
  g_assert_true (csm_case_remove_mark (self->b.acase, &self->mark, &error));
  report = merge (&self->a, &self->b);
  g_assert_cmpint (report->n_conflicts, ==, 1);
  list = list_conflicts (&self->a);
  conflict = list->pdata[0];
  for (guint i = 0; i < 2; i++)
    {
      const CsmConflictVersion *version = conflict->versions->pdata[i];

      if (json_object_get (version->values, "removed") == NULL)
        g_assert_true (csm_case_settle (self->a.acase, conflict, &version->entry, &error));
    }
  there = csm_case_get_mark (self->a.acase, &self->mark, &error);
  g_assert_no_error (error);
  g_assert_nonnull (there);
  case_fixture_assert_holds (&self->a);
}

/* Two copies that came to the same are no conflict, and an edit later is none either. */
static void
test_the_same_twice_is_no_conflict (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMergeReport) report = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GBytes) index = g_bytes_new_static ("index", 5);
  CaseFixture *const both[] = { &self->a, &self->b };

  for (int i = 0; i < 2; i++)
    {
      edit_mark (both[i], &self->mark, "the same");
      g_assert_true (
          csm_case_set_index (both[i]->acase, &self->exhibit, index, true, "Lavc", 10, &error));
      g_assert_true (csm_case_remove_exhibit (both[i]->acase, &self->exhibit, &error));
    }
  report = merge (&self->a, &self->b);
  g_assert_cmpint (report->n_conflicts, ==, 0);
  g_assert_cmpint (case_fixture_get_int (&self->a, "SELECT count (*) FROM conflict"), ==, 3);
  g_assert_true (csm_case_restore_exhibit (self->a.acase, &self->exhibit, &error));
  edit_mark (&self->a, &self->mark, "later");
  list = list_conflicts (&self->a);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_cmpint (case_fixture_get_int (&self->a, "SELECT count (*) FROM conflict"), ==, 1);
  case_fixture_assert_holds (&self->a);
}

static void
test_index_in_effect_is_the_one_kept (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) ours = g_bytes_new_static ("ours", 4);
  g_autoptr (GBytes) theirs = g_bytes_new_static ("theirs", 6);
  CaseFixture *const both[] = { &self->a, &self->b };
  GBytes *const bytes[] = { ours, theirs };

  for (int i = 0; i < 2; i++)
    g_assert_true (csm_case_set_index (both[i]->acase, &self->exhibit, bytes[i], true, "Lavc",
                                       10, &error));
  csm_merge_report_free (merge (&self->a, &self->b));
  csm_merge_report_free (merge (&self->b, &self->a));
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) kept = csm_case_get_index (both[i]->acase, &self->exhibit, &error);

      g_assert_no_error (error);
      g_assert_nonnull (kept);
      case_fixture_assert_holds (both[i]);
    }
}

static void
set_code (CaseFixture *self, const char *id, const char *label, const char *parent)
{
  g_autoptr (GError) error = NULL;
  const CsmCode code = { (char *) id, (char *) label, (char *) "", (char *) "",
                         (char *) parent };

  csm_case_set_code (self->acase, &code, &error);
  g_assert_no_error (error);
}

static void
test_codes_conflict_and_rings_open (Pair *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) codes = NULL;

  set_code (&self->a, "net", "Net", NULL);
  set_code (&self->b, "net", "Fishing net", NULL);
  set_code (&self->a, "baton", "Baton", "arrest");
  set_code (&self->b, "arrest", "Arrest", "baton");
  csm_merge_report_free (merge (&self->a, &self->b));
  list = list_conflicts (&self->a);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (((CsmConflict *) list->pdata[0])->name, ==, "code-net");
  codes = csm_case_list_codes (self->a.acase, NULL);
  g_assert_cmpint (case_fixture_get_int (&self->a, "SELECT count (*) FROM code"), ==,
                   codes->len);
  case_fixture_assert_holds (&self->a);
}

static void
test_fork_is_told_and_both_branches_stay (Pair *self, gconstpointer data)
{
  g_autofree char *all = NULL;
  g_autofree char *broken = NULL;
  g_autoptr (CsmMergeReport) report = NULL;
  CaseFixture newer = { 0 };
  char *old;

  case_fixture_close (&self->a);
  old = case_fixture_save (&self->a);
  case_fixture_open (&self->a, false);
  edit_mark (&self->a, &self->mark, "before the backup was put back");
  case_fixture_close (&self->a);
  case_fixture_set_up_copy (&newer, &self->a);
  case_fixture_put_back (&self->a, old);
  case_fixture_open (&self->a, false);
  edit_mark (&self->a, &self->mark, "after it was put back");
  edit_mark (&self->a, &self->mark, "and once more");

  report = merge (&self->a, &newer);
  g_assert_cmpint (report->n_forks, ==, 1);
  g_assert_cmpint (report->n_conflicts, ==, 1);
  broken = case_fixture_verify (&self->a, true, &all);
  g_assert_cmpstr (broken, ==, "");
  g_assert_nonnull (strstr (all, "note|Ledger|two copies went on from entry "));
  /* Nobody goes on with a forked chain, and the new one names both ends. */
  g_assert_cmpint (
      case_fixture_get_int (&self->a, "SELECT count (*) FROM event WHERE kind = 'chain.start'"),
      ==, 1);
  g_assert_cmpint (case_fixture_get_int (
                       &self->a,
                       "SELECT json_array_length (json_extract (header, '$.heads')) FROM entry"
                       " JOIN event ON event.id = entry.id WHERE kind = 'chain.start'"),
                   ==, 2);
  g_assert_cmpint (
      case_fixture_get_int (&self->a,
                            "SELECT json_extract (body, '$.reason') = 'merged' FROM entry"
                            " JOIN event ON event.id = entry.id WHERE kind = 'chain.start'"),
      ==, 1);
  edit_mark (&self->a, &self->mark, "goes on");
  case_fixture_reopen (&self->a);
  case_fixture_assert_holds (&self->a);
  case_fixture_tear_down (&newer, NULL);
}

static void
test_what_does_not_hold_is_refused (Pair *self, gconstpointer data)
{
  edit_mark (&self->b, &self->mark, "by b");
  case_fixture_tamper (&self->b, "UPDATE mark SET text = 'planted'");
  refuse_merge (&self->a, &self->b, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
                "the other copy does not hold (Table mark");
  case_fixture_tamper (&self->a, "UPDATE mark SET text = 'planted'");
  refuse_merge (&self->a, &self->b, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
                "this case does not hold (Table mark");
}

/* A code that no live write of ours takes: nothing of that copy comes in. */
static void
test_a_code_against_the_rule_is_refused (Pair *self, gconstpointer data)
{
  const int64_t before = case_fixture_get_int (&self->a, "SELECT count (*) FROM entry");
  g_autoptr (json_t) body =
      json_loads ("{\"id\":\"no\\nid\",\"label\":\"a\",\"definition\":\"\",\"source\":\"\","
                  "\"parent\":null}",
                  0, NULL);

  case_fixture_plant (&self->b, self->b.acase->signer, "code.set", body);
  refuse_merge (&self->a, &self->b, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED,
                "a code's id is 1 to 64 lower-case letters");
  g_assert_cmpint (case_fixture_get_int (&self->a, "SELECT count (*) FROM entry"), ==, before);
  case_fixture_assert_holds (&self->a);
}

static void
test_missing_files_are_told_before_anything_comes (Pair *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (&self->b, "new.mp4", 5000, 7);
  g_autofree char *folder = g_build_filename (self->b.folder, "a.media", NULL);
  g_autofree char *away = g_build_filename (self->b.folder, "away", NULL);
  g_autofree char *inside = g_build_filename (self->b.folder, "away", "casement-media", NULL);
  const int64_t before = case_fixture_get_int (&self->a, "SELECT count (*) FROM entry");

  case_fixture_close (&self->b);
  g_assert_cmpint (g_rename (folder, away), ==, 0);
  g_assert_cmpint (g_unlink (inside), ==, 0);
  case_fixture_open (&self->b, false);
  refuse_merge (&self->a, &self->b, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND,
                "; copy that folder too");
  g_assert_cmpint (case_fixture_get_int (&self->a, "SELECT count (*) FROM entry"), ==, before);
  case_fixture_assert_holds (&self->a);
}

static void
test_damaged_file_is_refused_and_not_kept (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (&self->b, "new.mp4", 5000, 7);
  g_autoptr (CsmMediaRef) ref =
      csm_case_get_media_ref (self->b.acase, &exhibit->id, NULL, &error);
  g_autofree char *name = g_strdup_printf ("%s.0", ref->name);
  g_autofree char *file = g_build_filename (self->b.folder, "a.media", name, NULL);
  g_autofree char *here = g_build_filename (self->a.folder, "a.media", name, NULL);
  g_autofree char *bytes = NULL;
  size_t size;

  g_assert_true (g_file_get_contents (file, &bytes, &size, NULL));
  bytes[70000] ^= 1;
  g_assert_true (g_file_set_contents (file, bytes, (gssize) size, NULL));
  refuse_merge (&self->a, &self->b, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED,
                "E-0002 new.mp4 of the other copy: ");
  g_assert_false (g_file_test (here, G_FILE_TEST_EXISTS));
  bytes[70000] ^= 1;
  g_assert_true (g_file_set_contents (file, bytes, (gssize) size, NULL));
  csm_merge_report_free (merge (&self->a, &self->b));
  case_fixture_assert_holds (&self->a);
}

/* Key slots are each copy's own: what the other did with its own is no earlier header here. */
static void
test_keys_of_the_other_are_its_own (Pair *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *broken = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_assert_true (csm_case_change_passphrase (self->b.acase, self->b.passphrase, &error));
    }
  csm_merge_report_free (merge (&self->a, &self->b));
  g_assert_cmpint (csm_vault_get_header_seq (self->a.acase->vault), <,
                   csm_vault_get_header_seq (self->b.acase->vault));
  case_fixture_assert_holds (&self->a);
  /* Ours still count. */
  case_fixture_assert_holds (&self->b);
}

static void
test_reader_cannot_merge (Pair *self, gconstpointer data)
{
  edit_mark (&self->b, &self->mark, "by b");
  case_fixture_tamper (&self->a, "DELETE FROM kept_signer");
  refuse_merge (&self->a, &self->b, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY, "a reader's");
}

typedef struct
{
  int countdown;
} Commits;

static int
commit_cb (gpointer data)
{
  return --((Commits *) data)->countdown == 0;
}

/* At one commit after the other, until it gets to its end: the case opens, holds, and takes the
 * rest. */
static void
test_fails_at_any_commit_and_can_be_merged_again (Pair *self, gconstpointer data)
{
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (&self->b, "new.mp4", 5000, 7);
  int n_failed = 0;
  bool reached = true;

  csm_mark_free (case_fixture_mark (&self->b, exhibit, 3, 4, "arrest", "new words"));
  case_fixture_close (&self->a);
  case_fixture_close (&self->b);
  for (int moment = 1; reached; moment++)
    {
      CaseFixture fresh = { 0 };
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmMergeReport) report = NULL;
      Commits commits = { moment };
      gboolean done;

      case_fixture_set_up_copy (&fresh, &self->a);
      case_fixture_open (&self->b, true);
      sqlite3_commit_hook (csm_db_get_handle (fresh.acase->db), commit_cb, &commits);
      done = csm_case_merge (fresh.acase, self->b.acase, NULL, NULL, &report, NULL, &error);
      case_fixture_close (&self->b);
      case_fixture_reopen (&fresh);
      case_fixture_assert_holds (&fresh);
      case_fixture_open (&self->b, false);
      csm_merge_report_free (merge (&fresh, &self->b));
      case_fixture_close (&self->b);
      g_assert_cmpint (case_fixture_get_int (&fresh, "SELECT count (*) FROM exhibit"), ==, 2);
      case_fixture_assert_holds (&fresh);
      n_failed += !done;
      reached = commits.countdown <= 0;
      case_fixture_tear_down (&fresh, NULL);
    }
  /* The union, the words, a table each, the entries, the merge itself; and a look at the words
   * in verify. */
  g_assert_cmpint (n_failed, ==, 22);
  case_fixture_open (&self->a, false);
  case_fixture_open (&self->b, false);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("nothing-new-writes-nothing", test_nothing_new_writes_nothing);
  add ("another-case-is-refused", test_another_case_is_refused);
  add ("entries-exhibits-and-kept-rows-come", test_entries_exhibits_and_kept_rows_come);
  add ("twins-keep-both-numbers", test_twins_keep_both_numbers);
  add ("linked-stays-a-link", test_linked_stays_a_link);
  add ("conflict-is-listed-and-settled", test_conflict_is_listed_and_settled);
  add ("edit-and-removal-conflict", test_edit_and_removal_conflict);
  add ("the-same-twice-is-no-conflict", test_the_same_twice_is_no_conflict);
  add ("index-in-effect-is-the-one-kept", test_index_in_effect_is_the_one_kept);
  add ("codes-conflict-and-rings-open", test_codes_conflict_and_rings_open);
  add ("fork-is-told-and-both-branches-stay", test_fork_is_told_and_both_branches_stay);
  add ("what-does-not-hold-is-refused", test_what_does_not_hold_is_refused);
  add ("missing-files-are-told-before-anything-comes",
       test_missing_files_are_told_before_anything_comes);
  add ("a-code-against-the-rule-is-refused", test_a_code_against_the_rule_is_refused);
  add ("damaged-file-is-refused-and-not-kept", test_damaged_file_is_refused_and_not_kept);
  add ("keys-of-the-other-are-its-own", test_keys_of_the_other_are_its_own);
  add ("reader-cannot-merge", test_reader_cannot_merge);
  add ("fails-at-any-commit-and-can-be-merged-again",
       test_fails_at_any_commit_and_can_be_merged_again);
  return g_test_run ();
}
