/* test-marks.c: marks, what they commit to, undo, search, and what leaves
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include <string.h>

/* @data: a second clip (nullable). */
static void
set_up_marks (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_set_up (self, data);
  fixture_open (self);
  job = fixture_import (self,
                        (const char *[]){ fixture_clip ("a.mp4"),
                                          data != NULL ? fixture_clip (data) : NULL, NULL });
  fixture_select (self, 0);
}

static unsigned
count_exhibit_marks (Fixture *self)
{
  return g_list_model_get_n_items (csm_session_get_exhibit_marks (self->session));
}

static unsigned
count_marks (Fixture *self)
{
  return g_list_model_get_n_items (csm_session_get_marks (self->session));
}

static void
test_draft_takes_the_span (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) frame = NULL;
  g_autoptr (CsmMark) span = NULL;

  csm_session_seek (self->session, 7);
  frame = csm_session_draft_mark (self->session);
  g_assert_cmpint (frame->from, ==, 7);
  g_assert_cmpint (frame->to, ==, 7);
  csm_session_set_in (self->session, 10);
  csm_session_set_out (self->session, 20);
  span = csm_session_draft_mark (self->session);
  g_assert_cmpint (span->from, ==, 10);
  g_assert_cmpint (span->to, ==, 20);
  g_assert_cmpint (span->from_pts, ==,
                   csm_frame_index_get (csm_session_get_index (self->session), 10)->pts);
  g_assert_cmpstr (span->id.hex, !=, frame->id.hex);
}

static void
test_saved_mark_is_in_the_lists (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) mark = csm_session_draft_mark (self->session);
  g_autofree char *label = NULL;
  g_autoptr (CsmMarkItem) item = NULL;
  unsigned n_entries = g_list_model_get_n_items (csm_session_get_ledger (self->session));

  mark->to = 4;
  mark->code = g_strdup ("baton");
  mark->regions = g_new0 (CsmRegion, 1);
  mark->n_regions = 1;
  mark->regions[0].rect = (CsmRect){ 10, 20, 30, 40 };
  fixture_save_mark (self, mark);
  g_assert_cmpuint (count_exhibit_marks (self), ==, 1);
  g_assert_cmpuint (count_marks (self), ==, 1);
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->id.hex, ==, mark->id.hex);
  g_assert_cmpint (fixture_exhibit_mark (self, 0)->regions[0].rect.width, ==, 30);
  g_assert_cmpint (fixture_exhibit (self, 0)->n_marks, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (csm_session_get_ledger (self->session)), >,
                    n_entries);
  item = g_list_model_get_item (csm_session_get_marks (self->session), 0);
  g_object_get (item, "label", &label, NULL);
  g_assert_cmpstr (label, !=, "baton"); /* people read the label */
  g_assert_cmpstr (label, !=, "Mark");
  g_assert_true (fixture_has_text (self->notices, "Mark saved"));
}

static void
test_marks_are_in_order_of_frames (Fixture *self, gconstpointer data)
{
  fixture_mark (self, 50, 60, NULL, "third");
  fixture_mark (self, 0, 5, NULL, "first");
  fixture_mark (self, 20, 21, NULL, "second");
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->text, ==, "first");
  g_assert_cmpstr (fixture_exhibit_mark (self, 1)->text, ==, "second");
  g_assert_cmpstr (fixture_exhibit_mark (self, 2)->text, ==, "third");

  csm_session_seek (self->session, 20);
  csm_session_step_mark (self->session, 1);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 50);
  csm_session_step_mark (self->session, -1);
  csm_session_step_mark (self->session, -1);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 0);
  g_assert_cmpstr (
      csm_mark_item_get_record (csm_session_get_selected_mark (self->session))->text, ==,
      "first");
}

static void
test_mark_on_exact_index_commits_at_once (Fixture *self, gconstpointer data)
{
  fixture_wait_for (self, csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  fixture_mark (self, 3, 9, NULL, "");
  g_assert_true (fixture_exhibit_mark (self, 0)->committed);
}

static void
test_early_mark_is_committed_later (Fixture *self, gconstpointer data)
{
  /* Whether it was exact already when this was saved: it is committed in the end. */
  fixture_mark (self, 3, 9, NULL, "");
  fixture_wait_for (self, fixture_exhibit_mark (self, 0)->committed);
}

static void
test_undo_and_redo_an_addition (Fixture *self, gconstpointer data)
{
  const CsmId id = fixture_mark (self, 3, 9, "baton", "a blow");

  g_assert_true (csm_session_can_undo (self->session));
  g_assert_false (csm_session_can_redo (self->session));
  g_assert_cmpstr (csm_session_get_undo_label (self->session), ==, "Add Mark");
  csm_session_undo (self->session);
  fixture_wait_for (self, count_exhibit_marks (self) == 0);
  g_assert_cmpuint (count_marks (self), ==, 0);
  g_assert_false (csm_session_can_undo (self->session));
  g_assert_cmpstr (csm_session_get_redo_label (self->session), ==, "Add Mark");
  csm_session_redo (self->session);
  fixture_wait_for (self, count_exhibit_marks (self) == 1);
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->id.hex, ==, id.hex);
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->text, ==, "a blow");
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->code, ==, "baton");
  g_assert_cmpuint (self->problems->len, ==, 0);
}

static void
test_undo_an_edit_and_a_removal (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) edited = NULL;
  CsmId id = fixture_mark (self, 3, 9, NULL, "before");

  edited = csm_mark_copy (fixture_exhibit_mark (self, 0));
  g_free (edited->text);
  edited->text = g_strdup ("after");
  edited->to = 12;
  fixture_save_mark (self, edited);
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->text, ==, "after");
  g_assert_cmpstr (csm_session_get_undo_label (self->session), ==, "Edit Mark");
  csm_session_remove_mark (self->session, &id);
  fixture_wait_for (self, count_exhibit_marks (self) == 0);
  fixture_wait_for (self,
                    g_strcmp0 (csm_session_get_undo_label (self->session), "Remove Mark") == 0);

  csm_session_undo (self->session);
  fixture_wait_for (self, count_exhibit_marks (self) == 1);
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->text, ==, "after");
  csm_session_undo (self->session);
  fixture_wait_for (self, strcmp (fixture_exhibit_mark (self, 0)->text, "before") == 0);
  g_assert_cmpint (fixture_exhibit_mark (self, 0)->to, ==, 9);
  g_assert_cmpstr (csm_session_get_undo_label (self->session), ==, "Add Mark");
}

static void
test_haste_keeps_the_order (Fixture *self, gconstpointer data)
{
  for (int i = 0; i < 4; i++)
    fixture_mark (self, i, i, NULL, "");
  for (int i = 0; i < 4; i++)
    csm_session_undo (self->session);
  for (int i = 0; i < 3; i++)
    csm_session_redo (self->session);
  g_assert_true (csm_session_can_redo (self->session));
  csm_session_redo (self->session);
  fixture_mark (self, 40, 40, NULL, "last");
  g_assert_cmpuint (count_exhibit_marks (self), ==, 5);
  g_assert_false (csm_session_can_redo (self->session));
  g_assert_cmpuint (self->problems->len, ==, 0);
}

/* A mark comes by way of the view lane, which reads its pictures; its removal has none. */
static void
test_haste_keeps_the_order_of_one_mark (Fixture *self, gconstpointer data)
{
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (CsmMark) edited = NULL;
  CsmId id;

  fixture_wait_for (self, csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  fixture_mark (self, 3, 9, NULL, "first");
  for (int i = 0; i < 4; i++)
    {
      csm_session_undo (self->session);
      csm_session_redo (self->session);
    }
  csm_session_undo (self->session);
  fixture_mark (self, 40, 40, NULL, "last");
  g_assert_cmpuint (count_exhibit_marks (self), ==, 1);
  g_assert_cmpstr (fixture_exhibit_mark (self, 0)->text, ==, "last");
  g_assert_true (fixture_exhibit_mark (self, 0)->committed);

  /* An edit, and the removal of what is edited. */
  id = fixture_exhibit_mark (self, 0)->id;
  edited = csm_mark_copy (fixture_exhibit_mark (self, 0));
  edited->to = 44;
  csm_session_save_mark_async (self->session, edited, fixture_answer_cb, &saved);
  csm_session_remove_mark (self->session, &id);
  fixture_wait_for (self, saved != NULL);
  fixture_wait_for (self,
                    g_strcmp0 (csm_session_get_undo_label (self->session), "Remove Mark") == 0);
  g_assert_cmpuint (count_exhibit_marks (self), ==, 0);
  g_assert_cmpuint (self->problems->len, ==, 0);
}

static void
test_refused_mark_changes_nothing (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMark) mark = csm_session_draft_mark (self->session);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mark->code = g_strdup ("no-such-code");
  csm_session_save_mark_async (self->session, mark, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  g_assert_false (csm_session_save_mark_finish (self->session, result, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (count_exhibit_marks (self), ==, 0);
  g_assert_false (csm_session_can_undo (self->session));
}

static void
test_search_lands_on_the_frame (Fixture *self, gconstpointer data)
{
  GListModel *results = csm_session_get_results (self->session);
  g_autoptr (CsmSearchItem) item = NULL;

  fixture_mark (self, 33, 40, NULL, "a zebra crossing is blocked");
  fixture_select (self, 1);
  csm_session_search (self->session, "nothing like it");
  csm_session_search (self->session, "zebr");
  fixture_wait_for (self, g_list_model_get_n_items (results) == 1);
  item = g_list_model_get_item (results, 0);
  csm_session_show_hit (self->session, csm_search_item_get_record (item));
  fixture_wait_picture (self);
  g_assert_true (csm_exhibit_item_get_record (csm_session_get_selected (self->session)) ==
                 fixture_exhibit (self, 0));
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 33);
  g_assert_cmpstr (
      csm_mark_item_get_record (csm_session_get_selected_mark (self->session))->text, ==,
      "a zebra crossing is blocked");
  csm_session_search (self->session, "");
  g_assert_cmpuint (g_list_model_get_n_items (results), ==, 0);
}

static void
test_filter_narrows_the_list (Fixture *self, gconstpointer data)
{
  const CsmId first = fixture_exhibit (self, 0)->id;

  fixture_mark (self, 1, 1, "baton", "");
  fixture_mark (self, 2, 2, "arrest", "");
  fixture_select (self, 1);
  fixture_mark (self, 3, 3, "baton", "");
  g_assert_cmpuint (count_marks (self), ==, 3);
  csm_session_set_filter (self->session, NULL, "baton", NULL);
  fixture_wait_for (self, count_marks (self) == 2);
  csm_session_set_filter (self->session, &first, "baton", NULL);
  fixture_wait_for (self, count_marks (self) == 1);
  /* A mark that the filter leaves out is saved, and stays out. */
  fixture_mark (self, 4, 4, "baton", "");
  g_assert_cmpuint (count_marks (self), ==, 1);
  g_assert_cmpuint (count_exhibit_marks (self), ==, 2);
  csm_session_set_filter (self->session, NULL, NULL, NULL);
  fixture_wait_for (self, count_marks (self) == 4);
}

static void
test_new_code_is_in_the_list (Fixture *self, gconstpointer data)
{
  GListModel *codes = csm_session_get_codes (self->session);
  unsigned before = g_list_model_get_n_items (codes);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CsmCode code = { .id = (char *) "kettling",
                   .label = (char *) "Kettling",
                   .definition = (char *) "People are held in a ring.",
                   .source = (char *) "" };

  csm_session_set_code (self->session, &code, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_set_code_finish (self->session, result, &error);
  g_assert_no_error (error);
  fixture_wait_for (self, g_list_model_get_n_items (codes) == before + 1);
}

static void
test_acquisition_can_be_taken_back (Fixture *self, gconstpointer data)
{
  const CsmId id = fixture_exhibit (self, 0)->id;
  g_autoptr (CsmAcquisition) said = csm_acquisition_new ();

  g_free (said->title);
  said->title = g_strdup ("The square at noon");
  csm_session_set_acquisition (self->session, &id, said);
  fixture_wait_for (
      self, g_strcmp0 (fixture_exhibit (self, 0)->acquisition->title, said->title) == 0);
  fixture_wait_for (self, csm_session_can_undo (self->session));
  g_assert_cmpstr (csm_session_get_undo_label (self->session), ==, "Edit Exhibit");
  csm_session_undo (self->session);
  fixture_wait_for (
      self, g_strcmp0 (fixture_exhibit (self, 0)->acquisition->title, said->title) != 0);
  csm_session_redo (self->session);
  fixture_wait_for (
      self, g_strcmp0 (fixture_exhibit (self, 0)->acquisition->title, said->title) == 0);
}

static void
test_removed_exhibit_comes_back (Fixture *self, gconstpointer data)
{
  GListModel *exhibits = csm_session_get_exhibits (self->session);
  const CsmId id = fixture_exhibit (self, 0)->id;

  fixture_mark (self, 1, 1, NULL, "with it");
  csm_session_remove_exhibit (self->session, &id);
  fixture_wait_for (self, g_list_model_get_n_items (exhibits) == 1);
  fixture_wait_for (self, count_marks (self) == 0);
  g_assert_null (csm_session_get_selected (self->session));
  fixture_wait_for (
      self, g_strcmp0 (csm_session_get_undo_label (self->session), "Remove Exhibit") == 0);
  csm_session_undo (self->session);
  fixture_wait_for (self, g_list_model_get_n_items (exhibits) == 2);
  fixture_wait_for (self, count_marks (self) == 1);
  g_assert_cmpstr (fixture_exhibit (self, 0)->id.hex, ==, id.hex);
}

/* --- out --- */

static void
test_still_is_the_frame (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "still.png");
  g_autofree char *png = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (GError) error = NULL;
  size_t size = 0;

  csm_session_seek (self->session, 20);
  csm_session_save_still_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_save_still_finish (self->session, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &png, &size, NULL));
  g_assert_cmpmem (png, 8, "\x89PNG\r\n\x1a\n", 8);

  csm_session_save_still_async (self->session, path, fixture_answer_cb, &again);
  fixture_wait_for (self, again != NULL);
  g_assert_false (csm_session_save_still_finish (self->session, again, &error));
  g_assert_nonnull (error);
}

/* Whether entries of @newer and @older follow one another; what the index and the marks commit
 * to meanwhile may lie above. */
static bool
ledger_shows (Fixture *self, const char *newer, const char *older)
{
  GListModel *ledger = csm_session_get_ledger (self->session);

  for (unsigned i = 0; i + 1 < g_list_model_get_n_items (ledger); i++)
    {
      g_autoptr (CsmLedgerItem) a = g_list_model_get_item (ledger, i);
      g_autoptr (CsmLedgerItem) b = g_list_model_get_item (ledger, i + 1);

      if (strcmp (csm_ledger_item_get_record (a)->kind, newer) == 0)
        return strcmp (csm_ledger_item_get_record (b)->kind, older) == 0;
    }
  return false;
}

static void
test_marks_leave_as_a_table (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "marks.csv");
  g_autofree char *csv = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_mark (self, 3, 9, "baton", "=evil()");
  csm_session_save_marks_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_save_marks_finish (self->session, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &csv, NULL, NULL));
  g_assert_nonnull (strstr (csv, "\r\nE-0001,a.mp4,"));
  g_assert_nonnull (strstr (csv, ",v:0,3,9,00:00:00.120,00:00:00.360,baton,\"'=evil()\",,,,,"));
  /* What the case held then, in a receipt. */
  fixture_wait_for (self, ledger_shows (self, "access.exported", "receipt.made"));
}

static void
test_extract_is_bit_for_bit (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "out.mp4");
  g_autofree char *was = NULL, *is = NULL;
  size_t was_size, is_size;
  const CsmId id = fixture_exhibit (self, 0)->id;
  g_autoptr (CsmJob) job = g_object_ref (csm_session_extract (self->session, &id, path));

  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_assert_cmpuint (g_list_model_get_n_items (csm_session_get_jobs (self->session)), ==, 0);
  g_assert_true (g_file_get_contents (fixture_clip ("a.mp4"), &was, &was_size, NULL));
  g_assert_true (g_file_get_contents (path, &is, &is_size, NULL));
  g_assert_cmpmem (was, was_size, is, is_size);
}

typedef struct
{
  int n_holds, n_broken;
  bool freed;
} Findings;

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  Findings *findings = data;

  g_assert_false (findings->freed);
  if (kind == CSM_FINDING_HOLDS)
    findings->n_holds++;
  if (kind == CSM_FINDING_BROKEN)
    findings->n_broken++;
}

static void
free_findings_cb (gpointer data)
{
  ((Findings *) data)->freed = true;
}

static void
test_verify_finds_that_it_holds (Fixture *self, gconstpointer data)
{
  Findings findings = { 0 };
  g_autoptr (CsmJob) job = NULL;

  fixture_mark (self, 3, 9, "baton", "");
  csm_session_undo (self->session);
  csm_session_redo (self->session);
  fixture_wait_checked (self);
  job = g_object_ref (
      csm_session_verify (self->session, true, finding_cb, &findings, free_findings_cb));
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_assert_cmpstr (csm_job_get_outcome (job), ==, "Everything that was checked holds.");
  g_assert_cmpint (findings.n_holds, >, 0);
  g_assert_cmpint (findings.n_broken, ==, 0);
  fixture_wait_for (self, findings.freed);
}

#define ADD(name, clip, function)                                                    \
  g_test_add ("/casement/review/marks/" name, Fixture, clip, set_up_marks, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("draft-takes-the-span", NULL, test_draft_takes_the_span);
  ADD ("saved-mark-is-in-the-lists", NULL, test_saved_mark_is_in_the_lists);
  ADD ("marks-are-in-order-of-frames", NULL, test_marks_are_in_order_of_frames);
  ADD ("mark-on-exact-index-commits-at-once", NULL, test_mark_on_exact_index_commits_at_once);
  ADD ("early-mark-is-committed-later", NULL, test_early_mark_is_committed_later);
  ADD ("undo-and-redo-an-addition", NULL, test_undo_and_redo_an_addition);
  ADD ("undo-an-edit-and-a-removal", NULL, test_undo_an_edit_and_a_removal);
  ADD ("haste-keeps-the-order", NULL, test_haste_keeps_the_order);
  ADD ("haste-keeps-the-order-of-one-mark", NULL, test_haste_keeps_the_order_of_one_mark);
  ADD ("refused-mark-changes-nothing", NULL, test_refused_mark_changes_nothing);
  ADD ("search-lands-on-the-frame", "b.mp4", test_search_lands_on_the_frame);
  ADD ("filter-narrows-the-list", "b.mp4", test_filter_narrows_the_list);
  ADD ("new-code-is-in-the-list", NULL, test_new_code_is_in_the_list);
  ADD ("acquisition-can-be-taken-back", NULL, test_acquisition_can_be_taken_back);
  ADD ("removed-exhibit-comes-back", "b.mp4", test_removed_exhibit_comes_back);
  ADD ("still-is-the-frame", NULL, test_still_is_the_frame);
  ADD ("marks-leave-as-a-table", NULL, test_marks_leave_as_a_table);
  ADD ("extract-is-bit-for-bit", NULL, test_extract_is_bit_for_bit);
  ADD ("verify-finds-that-it-holds", NULL, test_verify_finds_that_it_holds);
  return fixture_run ();
}
