/* test-case.c: opening, locking and closing a case in a session
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "review/csm-session-private.h"

#include "casefile/csm-case.h"
#include "review/csm-session-private.h"

#include <string.h>

static unsigned
count (GListModel *model)
{
  return g_list_model_get_n_items (model);
}

static void
test_open_shows_the_case (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) reviewers = NULL;

  fixture_open (self);
  g_assert_cmpstr (csm_session_get_title (self->session), ==, "Square");
  g_assert_cmpstr (csm_session_get_reviewer (self->session), ==, "R. Viewer");
  g_assert_cmpstr (csm_session_get_path (self->session), ==, self->case_path);
  g_assert_false (csm_session_is_read_only (self->session));
  g_assert_cmpuint (count (csm_session_get_codes (self->session)), >, 3);
  g_assert_cmpuint (count (csm_session_get_exhibits (self->session)), ==, 0);
  reviewers = csm_session_list_reviewers (self->session);
  g_assert_cmpuint (reviewers->len, ==, 1);
}

static bool
ledger_row_is (Fixture *self, unsigned position, const char *kind)
{
  g_autoptr (CsmLedgerItem) item =
      g_list_model_get_item (csm_session_get_ledger (self->session), position);

  return item != NULL && strcmp (csm_ledger_item_get_record (item)->kind, kind) == 0;
}

static void
test_ledger_arrives_newest_first (Fixture *self, gconstpointer data)
{
  fixture_open (self);
  g_assert_cmpuint (count (csm_session_get_ledger (self->session)), >, 1);
  fixture_wait_for (self, ledger_row_is (self, 0, "access.opened"));
}

static void
test_wrong_passphrase_leaves_it_closed (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) wrong = csm_secret_new_from ("six", 3);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  csm_session_open_async (self->session, self->case_path, wrong, false, NULL, fixture_answer_cb,
                          &result);
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_OPENING);
  fixture_wait_for (self, result != NULL);
  g_assert_false (csm_session_open_finish (self->session, result, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_CLOSED);
}

static void
test_create_opens_and_gives_a_recovery_code (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "new.casement");
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (CsmSecret) recovery = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const CsmSessionCreate options = { .path = path,
                                     .title = "New",
                                     .reviewer = "A",
                                     .passphrase = passphrase,
                                     .clock_confirmed = true,
                                     .recovery = true };

  csm_session_create_async (self->session, &options, NULL, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_create_finish (self->session, result, &recovery, &error);
  g_assert_no_error (error);
  g_assert_nonnull (recovery);
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_OPEN);
  g_assert_cmpstr (csm_session_get_title (self->session), ==, "New");
}

static void
test_lock_empties_at_once_and_unlock_comes_back (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_open (self);
  job = fixture_import (
      self, (const char *[]){ fixture_clip ("a.mp4"), fixture_clip ("b.mp4"), NULL });
  fixture_select (self, 1);
  csm_session_seek (self->session, 31);
  fixture_wait_picture (self);
  fixture_mark (self, 3, 5, NULL, "here");
  g_assert_cmpuint (count (csm_session_get_exhibit_marks (self->session)), ==, 1);

  csm_session_lock (self->session);
  g_assert_null (csm_session_get_picture (self->session));
  g_assert_null (csm_session_get_selected (self->session));
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, -1);
  g_assert_cmpuint (count (csm_session_get_exhibits (self->session)), ==, 0);
  g_assert_cmpuint (count (csm_session_get_marks (self->session)), ==, 0);
  g_assert_cmpuint (count (csm_session_get_exhibit_marks (self->session)), ==, 0);
  g_assert_cmpuint (count (csm_session_get_ledger (self->session)), ==, 0);
  g_assert_cmpstr (csm_session_get_title (self->session), ==, "");
  g_assert_false (csm_session_can_undo (self->session));
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);

  fixture_open (self);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 31);
  g_assert_true (csm_exhibit_item_get_record (csm_session_get_selected (self->session)) ==
                 fixture_exhibit (self, 1));
  g_assert_cmpuint (count (csm_session_get_exhibit_marks (self->session)), ==, 1);
}

static void
test_another_session_goes_on_from_the_place (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;
  g_autoptr (GVariant) place = NULL;

  fixture_open (self);
  job = fixture_import (
      self, (const char *[]){ fixture_clip ("a.mp4"), fixture_clip ("b.mp4"), NULL });
  fixture_select (self, 0);
  csm_session_seek (self->session, 7);
  fixture_wait_picture (self);
  fixture_select (self, 1);
  csm_session_seek (self->session, 31);
  fixture_wait_picture (self);
  fixture_lock (self);
  place = csm_session_dup_place (self->session);
  g_object_unref (self->session);

  self->session = csm_session_new ();
  csm_session_go_to_place (self->session, place);
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_LOCKED);
  g_assert_cmpstr (csm_session_get_path (self->session), ==, self->case_path);
  fixture_open (self);
  fixture_wait_picture (self);
  g_assert_true (csm_exhibit_item_get_record (csm_session_get_selected (self->session)) ==
                 fixture_exhibit (self, 1));
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 31);
  fixture_select (self, 0);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_ordinal (self->session), ==, 7);
}

/* It came by a descriptor: nothing in it may be taken for granted. */
static void
test_a_place_with_nonsense_opens_all_the_same (Fixture *self, gconstpointer data)
{
  GVariantBuilder positions;

  g_variant_builder_init (&positions, G_VARIANT_TYPE ("a{s(ix)}"));
  g_variant_builder_add (&positions, "{s(ix)}", "no id", 0, INT64_C (3));
  g_variant_builder_add (&positions, "{s(ix)}", "00112233445566778899aabbccddeeff", 0,
                         INT64_C (-9));
  g_variant_builder_add (&positions, "{s(ix)}", "00112233445566778899aabbccddeeff", -1,
                         INT64_C (3));

  g_autoptr (GVariant) place = g_variant_ref_sink (g_variant_new (
      "(@aysa{s(ix)})", g_variant_new_bytestring (self->case_path), "nor this", &positions));

  csm_session_go_to_place (self->session, place);
  fixture_open (self);
  g_assert_null (csm_session_get_selected (self->session));
}

static void
test_locked_file_is_free (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GError) error = NULL;
  CsmCase *acase;

  fixture_open (self);
  fixture_lock (self);
  acase = csm_case_open (self->case_path, passphrase, false, &error);
  g_assert_no_error (error);
  csm_case_close (acase);
}

static void
test_unlock_while_locking_waits_for_it (Fixture *self, gconstpointer data)
{
  fixture_open (self);
  csm_session_lock (self->session);
  fixture_open (self);
  g_assert_cmpstr (csm_session_get_title (self->session), ==, "Square");
}

static void
test_lock_while_opening_ends_closed (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  csm_session_open_async (self->session, self->case_path, passphrase, false, NULL,
                          fixture_answer_cb, &result);
  csm_session_lock (self->session);
  fixture_wait_for (self, result != NULL);
  g_assert_false (csm_session_open_finish (self->session, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_CLOSED);
  g_assert_cmpuint (count (csm_session_get_codes (self->session)), ==, 0);
}

static void
start_creating (Fixture *self, const char *path, GAsyncResult **ret_result)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  const CsmSessionCreate options = {
    .path = path, .title = "New", .reviewer = "A", .passphrase = passphrase, .recovery = true
  };

  csm_session_create_async (self->session, &options, NULL, fixture_answer_cb, ret_result);
}

static void
wait_job (GTask *task, gpointer resource)
{
  GMutex *gate = g_task_get_task_data (task);

  g_mutex_lock (gate);
  g_mutex_unlock (gate);
  g_task_return_boolean (task, TRUE);
}

static void
test_lock_while_creating_leaves_nothing (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "new.casement");
  g_autofree char *media = fixture_path (self, "new.media");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CsmSecret) recovery = NULL;
  g_autoptr (GError) error = NULL;
  GTask *gate_task = g_task_new (self->session, NULL, NULL, NULL);
  GMutex gate;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  g_task_set_task_data (gate_task, &gate, NULL);
  csm_session_run_case_long (self->session, gate_task, wait_job);
  start_creating (self, path, &result);
  csm_session_lock (self->session);
  g_mutex_unlock (&gate);
  fixture_wait_for (self, result != NULL);
  g_assert_false (csm_session_create_finish (self->session, result, &recovery, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (recovery);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (media, G_FILE_TEST_EXISTS));
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_CLOSED);
  g_mutex_clear (&gate);
}

/* The case has its name, and only the answer is still on its way. */
static void
test_lock_too_late_still_gives_the_code (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "new.casement");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CsmSecret) recovery = NULL;
  g_autoptr (GError) error = NULL;
  CsmCase *acase;

  start_creating (self, path, &result);
  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (1000);
  csm_session_lock (self->session);
  fixture_wait_for (self, result != NULL);
  csm_session_create_finish (self->session, result, &recovery, &error);
  g_assert_no_error (error);
  g_assert_nonnull (recovery);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_CLOSED);
  acase = csm_case_open (path, recovery, true, &error);
  g_assert_no_error (error);
  csm_case_close (acase);
}

static void
test_read_only_shows_and_refuses (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (CsmJob) job = NULL;
  g_autoptr (CsmMark) mark = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (self);
  job = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_wait_checked (self);
  fixture_lock (self);
  csm_session_open_async (self->session, self->case_path, passphrase, true, NULL,
                          fixture_answer_cb, &opened);
  fixture_wait_for (self, opened != NULL);
  g_assert_true (csm_session_open_finish (self->session, opened, &error));
  g_assert_true (csm_session_is_read_only (self->session));

  fixture_select (self, 0);
  mark = csm_session_draft_mark (self->session);
  csm_session_save_mark_async (self->session, mark, fixture_answer_cb, &saved);
  fixture_wait_for (self, saved != NULL);
  g_assert_false (csm_session_save_mark_finish (self->session, saved, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_assert_cmpuint (count (csm_session_get_exhibit_marks (self->session)), ==, 0);
  g_assert_false (csm_session_can_undo (self->session));
}

static void
no_narrow_picture_cb (CsmSession *session, gpointer data)
{
  const CsmPicture *picture = csm_session_get_picture (session);

  g_assert_true (picture == NULL || picture->width == 192);
}

static void
test_late_answers_are_dropped (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;
  CsmId first, second;

  fixture_open (self);
  job = fixture_import (
      self, (const char *[]){ fixture_clip ("a.mp4"), fixture_clip ("b.mp4"), NULL });
  first = fixture_exhibit (self, 0)->id;
  second = fixture_exhibit (self, 1)->id;
  fixture_select (self, 1);
  g_assert_cmpint (csm_session_get_picture (self->session)->width, ==, 192);

  /* Answers for the first are on their way when the second is chosen. */
  csm_session_select (self->session, &first);
  csm_session_select (self->session, &second);
  g_assert_null (csm_session_get_picture (self->session));
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_picture (self->session)->width, ==, 192);

  /* A picture of the first waits to be fetched: the loop does not turn here. */
  fixture_select (self, 0);
  csm_session_seek (self->session, 5);
  g_usleep (300 * 1000);
  csm_session_select (self->session, &second);
  g_signal_connect (self->session, "picture-changed", G_CALLBACK (no_narrow_picture_cb), NULL);
  fixture_wait_picture (self);
  g_signal_handlers_disconnect_by_func (self->session, no_narrow_picture_cb, NULL);

  csm_session_select (self->session, &first);
  csm_session_lock (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
  for (int i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (csm_session_get_picture (self->session));
  g_assert_null (csm_session_get_index (self->session));
  g_assert_cmpint (csm_session_get_worker_pid (self->session), ==, 0);
}

static bool
opens_with (Fixture *self, const char *text)
{
  g_autoptr (CsmSecret) passphrase = csm_secret_new_from (text, strlen (text));
  CsmCase *acase = csm_case_open (self->case_path, passphrase, true, NULL);

  csm_case_close (acase);
  return acase != NULL;
}

static gboolean
change_passphrase (Fixture *self, const char *old, const char *new, GError **error)
{
  g_autoptr (CsmSecret) was = csm_secret_new_from (old, strlen (old));
  g_autoptr (CsmSecret) now = csm_secret_new_from (new, strlen (new));
  g_autoptr (GAsyncResult) result = NULL;

  csm_session_change_passphrase_async (self->session, was, now, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  return csm_session_change_passphrase_finish (self->session, result, error);
}

static void
test_passphrase_changes (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_open (self);
  g_assert_false (change_passphrase (self, "not that", "eight blue lamps", &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  change_passphrase (self, FIXTURE_PASSPHRASE, "eight blue lamps", &error);
  g_assert_no_error (error);
  fixture_wait_for (self, ledger_row_is (self, 0, "key.changed"));
  fixture_lock (self);
  g_assert_true (opens_with (self, "eight blue lamps"));
  g_assert_false (opens_with (self, FIXTURE_PASSPHRASE));
}

static gboolean
passphrase_fits (Fixture *self, const char *text, GError **error)
{
  g_autoptr (CsmSecret) passphrase = csm_secret_new_from (text, strlen (text));
  g_autoptr (GAsyncResult) result = NULL;

  csm_session_check_passphrase_async (self->session, passphrase, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  return csm_session_check_passphrase_finish (self->session, result, error);
}

static void
test_passphrase_is_asked_again (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_open (self);
  g_assert_false (passphrase_fits (self, "not that", &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_true (passphrase_fits (self, FIXTURE_PASSPHRASE, &error));
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_OPEN);
  fixture_lock (self);
  g_assert_false (passphrase_fits (self, FIXTURE_PASSPHRASE, &error));
}

#define ADD(name, function)                                                           \
  g_test_add ("/casement/review/case/" name, Fixture, NULL, fixture_set_up, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("open-shows-the-case", test_open_shows_the_case);
  ADD ("ledger-arrives-newest-first", test_ledger_arrives_newest_first);
  ADD ("wrong-passphrase-leaves-it-closed", test_wrong_passphrase_leaves_it_closed);
  ADD ("create-opens-and-gives-a-recovery-code", test_create_opens_and_gives_a_recovery_code);
  ADD ("lock-empties-at-once-and-unlock-comes-back",
       test_lock_empties_at_once_and_unlock_comes_back);
  ADD ("another-session-goes-on-from-the-place", test_another_session_goes_on_from_the_place);
  ADD ("a-place-with-nonsense-opens-all-the-same",
       test_a_place_with_nonsense_opens_all_the_same);
  ADD ("locked-file-is-free", test_locked_file_is_free);
  ADD ("unlock-while-locking-waits-for-it", test_unlock_while_locking_waits_for_it);
  ADD ("lock-while-opening-ends-closed", test_lock_while_opening_ends_closed);
  ADD ("lock-while-creating-leaves-nothing", test_lock_while_creating_leaves_nothing);
  ADD ("lock-too-late-still-gives-the-code", test_lock_too_late_still_gives_the_code);
  ADD ("read-only-shows-and-refuses", test_read_only_shows_and_refuses);
  ADD ("late-answers-are-dropped", test_late_answers_are_dropped);
  ADD ("passphrase-changes", test_passphrase_changes);
  ADD ("passphrase-is-asked-again", test_passphrase_is_asked_again);
  return fixture_run ();
}
