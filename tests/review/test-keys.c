/* test-keys.c: who holds a key, through the session
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"
#include "review/csm-session-keys.h"

#include <string.h>

static CsmSecret *
secret (const char *text)
{
  return csm_secret_new_from (text, strlen (text));
}

static GListModel *
load (Fixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GListModel *model;

  csm_session_load_keys_async (self->session, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  model = csm_session_load_keys_finish (self->session, result, &error);
  g_assert_no_error (error);
  return model;
}

static gboolean
add (Fixture *self, const char *name, const char *passphrase, bool reader, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CsmSecret) typed = secret (passphrase);

  csm_session_add_key_async (self->session, name, typed, reader, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  return csm_session_add_key_finish (self->session, result, error);
}

static void
open_as (Fixture *self, const char *passphrase)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) typed = secret (passphrase);

  csm_session_open_async (self->session, self->case_path, typed, false, NULL, fixture_answer_cb,
                          &result);
  fixture_wait_for (self, result != NULL);
  csm_session_open_finish (self->session, result, &error);
  g_assert_no_error (error);
}

/* Waits for the end of a rotation that takes the key at @position (-1: nobody's) away. */
static CsmJob *
rotate (Fixture *self, int position)
{
  g_autoptr (GListModel) model = load (self);
  g_autoptr (CsmKeyItem) item =
      position >= 0 ? g_list_model_get_item (model, (unsigned) position) : NULL;
  CsmJob *job = csm_session_rotate (
      self->session, item != NULL ? &csm_key_item_get_record (item)->slot : NULL);

  g_object_ref (job);
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  return job;
}

static void
test_the_list_says_who_since_when (Fixture *self, gconstpointer data)
{
  g_autoptr (GListModel) model = NULL;
  g_autoptr (CsmKeyItem) own = NULL;
  g_autoptr (CsmKeyItem) reader = NULL;
  g_autofree char *name = NULL;
  g_autofree char *detail = NULL;

  fixture_open (self);
  g_assert_true (add (self, "Clara", "another", true, NULL));
  model = load (self);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 2);
  own = g_list_model_get_item (model, 0);
  reader = g_list_model_get_item (model, 1);
  g_assert_true (csm_key_item_get_record (own)->own);
  g_object_get (reader, "name", &name, "detail", &detail, NULL);
  g_assert_cmpstr (name, ==, "Clara");
  g_assert_true (g_str_has_prefix (detail, "Reader: can view, cannot sign; since "));
}

static void
test_a_colleague_opens_and_signs (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_open (self);
  add (self, "Boris", "another", false, &error);
  g_assert_no_error (error);
  fixture_lock (self);
  open_as (self, "another");
  g_assert_cmpstr (csm_session_get_reviewer (self->session), ==, "Boris");
}

static void
test_a_reader_changes_nothing (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmJob) job = NULL;

  fixture_open (self);
  g_assert_true (add (self, "Clara", "another", true, NULL));
  fixture_lock (self);
  open_as (self, "another");
  g_assert_cmpstr (csm_session_get_reviewer (self->session), ==, "");
  g_assert_false (add (self, "Dan", "third", false, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  job = rotate (self, -1);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_FAILED);
}

static void
test_taking_away_goes_on_with_the_same_session (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) imported = NULL;
  g_autoptr (CsmJob) job = NULL;
  g_autoptr (GListModel) model = NULL;

  fixture_open (self);
  imported = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  g_assert_true (add (self, "Boris", "another", false, NULL));
  job = rotate (self, 1);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  model = load (self);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1);
  fixture_select (self, 0);
  fixture_mark (self, 1, 2, NULL, "after the rotation");
  g_assert_cmpuint (g_list_model_get_n_items (csm_session_get_exhibit_marks (self->session)),
                    ==, 1);
}

static void
test_the_last_key_stays (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_open (self);
  job = rotate (self, 0);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_FAILED);
  g_assert_nonnull (strstr (csm_job_get_outcome (job), "nobody else"));
}

static void
test_a_new_recovery_code_opens (Fixture *self, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) code = NULL;

  fixture_open (self);
  csm_session_make_recovery_async (self->session, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  code = csm_session_make_recovery_finish (self->session, result, &error);
  g_assert_no_error (error);
  fixture_lock (self);
  open_as (self, (const char *) csm_secret_peek (code));
  g_assert_true (g_str_has_suffix (csm_session_get_reviewer (self->session), "(recovery)"));
}

static CsmJoinRequest *
load_request (Fixture *self, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  csm_session_load_request_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  return csm_session_load_request_finish (self->session, result, error);
}

static void
test_a_join_request_is_read_then_added (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "zoe.join");
  g_autoptr (CsmSecret) typed = secret ("far away");
  g_autoptr (GBytes) bytes =
      csm_join_request_make ("Zoë", false, typed, &(CsmVaultCost){ 1, 8192 }, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CsmJoinRequest *request;

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes), NULL));
  fixture_open (self);
  request = load_request (self, path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (request->name, ==, "Zoë");
  csm_session_add_request_async (self->session, request, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_add_request_finish (self->session, result, &error);
  g_assert_no_error (error);
  fixture_lock (self);
  open_as (self, "far away");
  g_assert_cmpstr (csm_session_get_reviewer (self->session), ==, "Zoë");
}

static void
test_what_is_no_request_is_said (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_open (self);
  g_assert_null (load_request (self, self->case_path, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_REQUEST);
}

static void
test_a_closed_session_refuses (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (add (self, "Boris", "another", false, &error));
  g_assert_nonnull (error);
  g_assert_null (csm_session_rotate (self->session, NULL));
}

/* Locking waits for a rotation under way, or finds the case as it was. */
static void
test_locking_while_it_rotates (Fixture *self, gconstpointer data)
{
  fixture_open (self);
  g_assert_nonnull (csm_session_rotate (self->session, NULL));
  fixture_lock (self);
  fixture_open (self);
}

#define add_test(path, test)                                                      \
  g_test_add ("/casement/review/keys/" path, Fixture, NULL, fixture_set_up, test, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("the-list-says-who-since-when", test_the_list_says_who_since_when);
  add_test ("a-colleague-opens-and-signs", test_a_colleague_opens_and_signs);
  add_test ("a-reader-changes-nothing", test_a_reader_changes_nothing);
  add_test ("taking-away-goes-on-with-the-same-session",
            test_taking_away_goes_on_with_the_same_session);
  add_test ("the-last-key-stays", test_the_last_key_stays);
  add_test ("a-new-recovery-code-opens", test_a_new_recovery_code_opens);
  add_test ("a-join-request-is-read-then-added", test_a_join_request_is_read_then_added);
  add_test ("what-is-no-request-is-said", test_what_is_no_request_is_said);
  add_test ("a-closed-session-refuses", test_a_closed_session_refuses);
  add_test ("locking-while-it-rotates", test_locking_while_it_rotates);
  return fixture_run ();
}
