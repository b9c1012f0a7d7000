/* test-safety.c: a backup while the case is open, and erasing
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "casefile/csm-case.h"
#include "review/csm-session-salvage.h"

#include <string.h>

static void
set_up_case (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_set_up (self, data);
  fixture_open (self);
  job = fixture_import (
      self, (const char *[]){ fixture_clip ("a.mp4"), fixture_clip ("b.mp4"), NULL });
  fixture_select (self, 0);
  fixture_mark (self, 2, 6, "baton", "what she said");
}

static void
wait_job (Fixture *self, CsmJob *job)
{
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
}

static unsigned
count (GListModel *list)
{
  return g_list_model_get_n_items (list);
}

static void
test_backup_is_a_job_that_says_it_is_whole (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = fixture_path (self, "stick");
  g_autoptr (CsmJob) job = g_object_ref (csm_session_backup (self->session, folder));
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autofree char *base = g_path_get_basename (self->case_path);
  g_autofree char *copy = g_build_filename (folder, base, NULL);
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) marks = NULL;

  /* Work goes on. */
  fixture_mark (self, 10, 12, "baton", "saved meanwhile");
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_assert_nonnull (strstr (csm_job_get_outcome (job), "read back"));
  acase = csm_case_open (copy, passphrase, true, &error);
  g_assert_no_error (error);
  marks = csm_case_list_marks (acase, NULL, NULL);
  g_assert_cmpuint (marks->len, >=, 1);
  g_assert_cmpuint (count (csm_session_get_marks (self->session)), ==, 2);
}

static void
test_backup_onto_the_case_itself_says_why_not (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = g_object_ref (csm_session_backup (self->session, self->folder));

  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_FAILED);
  g_assert_nonnull (strstr (csm_job_get_outcome (job), "choose one on another disk"));
}

static void
test_backup_can_be_stopped (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = fixture_path (self, "stick");
  g_autoptr (CsmJob) job = g_object_ref (csm_session_backup (self->session, folder));

  csm_job_cancel (job);
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_CANCELLED);
}

static void
test_erased_exhibit_leaves_the_lists (Fixture *self, gconstpointer data)
{
  const CsmId id = fixture_exhibit (self, 0)->id;

  csm_session_erase_exhibit (self->session, &id, "consent withdrawn");
  g_assert_null (csm_session_get_selected (self->session));
  fixture_wait_for (self, fixture_has_text (self->notices, "not in backups or bundles"));
  fixture_wait_for (self, count (csm_session_get_exhibits (self->session)) == 1 &&
                              count (csm_session_get_marks (self->session)) == 0);
  g_assert_false (csm_session_can_undo (self->session));
  g_assert_cmpuint (self->problems->len, ==, 0);
}

static void
test_erased_mark_leaves_the_lists (Fixture *self, gconstpointer data)
{
  const CsmId id = fixture_exhibit_mark (self, 0)->id;

  csm_session_select_mark (self->session, &id);
  csm_session_erase_mark (self->session, &id, "consent withdrawn");
  g_assert_null (csm_session_get_selected_mark (self->session));
  fixture_wait_for (self, count (csm_session_get_marks (self->session)) == 0 &&
                              count (csm_session_get_exhibit_marks (self->session)) == 0);
  g_assert_true (fixture_has_text (self->notices, "not in backups or bundles"));
  g_assert_cmpuint (count (csm_session_get_exhibits (self->session)), ==, 2);
}

static void
test_an_erasure_that_fails_says_why (Fixture *self, gconstpointer data)
{
  const CsmId nobody = csm_id_new ();

  csm_session_erase_mark (self->session, &nobody, "consent withdrawn");
  fixture_wait_for (self, self->problems->len > 0);
  g_assert_true (fixture_has_text (self->problems, "It could not be erased"));
}

static void
salvaged_cb (const CsmSalvageReport *report, gpointer data)
{
  *(int64_t *) data = report->n_entries;
}

static void
test_a_salvage_makes_a_new_case (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autofree char *out = fixture_path (self, "new.casement");
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmJob) job = NULL;
  g_autoptr (GError) error = NULL;
  int64_t n_entries = 0, n_exhibits, n_marks, n_all;

  /* Of a case that is open in this window nothing is to be salvaged. */
  g_assert_null (
      csm_session_salvage (self->session, self->case_path, passphrase, out, NULL, NULL, NULL));
  fixture_lock (self);
  job = csm_session_salvage (self->session, self->case_path, passphrase, out, salvaged_cb,
                             &n_entries, NULL);
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_OPENING);
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_assert_nonnull (strstr (csm_job_get_outcome (job), "Nothing is missing"));
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_LOCKED);
  acase = csm_case_open (out, passphrase, true, &error);
  g_assert_no_error (error);
  g_assert_true (csm_case_count (acase, &n_exhibits, &n_marks, &n_all, &error));
  g_assert_cmpint (n_marks, ==, 1);
  g_assert_cmpint (n_entries, ==, n_all);
}

static void
test_closing_stops_a_salvage (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autofree char *out = fixture_path (self, "new.casement");
  g_autofree char *media = fixture_path (self, "new.media");
  g_autoptr (CsmJob) job = NULL;

  fixture_lock (self);
  job = csm_session_salvage (self->session, self->case_path, passphrase, out, NULL, NULL, NULL);
  csm_session_close (self->session);
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_CANCELLED);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_CLOSED);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (media, G_FILE_TEST_EXISTS));
}

static void
test_a_salvage_that_fails_says_why (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (CsmJob) job = NULL;

  fixture_lock (self);
  job = csm_session_salvage (self->session, self->case_path, passphrase, self->case_path, NULL,
                             NULL, NULL);
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_FAILED);
  g_assert_nonnull (strstr (csm_job_get_outcome (job), "choose another"));
  fixture_open (self);
}

#define add(name, test)                                                          \
  g_test_add ("/casement/review/safety/" name, Fixture, NULL, set_up_case, test, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("backup-is-a-job-that-says-it-is-whole", test_backup_is_a_job_that_says_it_is_whole);
  add ("backup-onto-the-case-itself-says-why-not",
       test_backup_onto_the_case_itself_says_why_not);
  add ("backup-can-be-stopped", test_backup_can_be_stopped);
  add ("erased-exhibit-leaves-the-lists", test_erased_exhibit_leaves_the_lists);
  add ("erased-mark-leaves-the-lists", test_erased_mark_leaves_the_lists);
  add ("an-erasure-that-fails-says-why", test_an_erasure_that_fails_says_why);
  add ("a-salvage-makes-a-new-case", test_a_salvage_makes_a_new_case);
  add ("closing-stops-a-salvage", test_closing_stops_a_salvage);
  add ("a-salvage-that-fails-says-why", test_a_salvage_that_fails_says_why);
  return fixture_run ();
}
