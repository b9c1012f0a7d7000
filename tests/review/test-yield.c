/* test-yield.c: long work on the case lane lets short work pass
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "review/csm-session-private.h"

static bool
has_entry (CsmCase *acase, const char *kind)
{
  g_autoptr (GPtrArray) rows = csm_case_list_ledger (acase, 0, 10000, NULL);

  for (unsigned i = 0; i < rows->len; i++)
    if (g_strcmp0 (((const CsmLedgerRow *) rows->pdata[i])->kind, kind) == 0)
      return true;
  return false;
}

/* Holds the case lane until the main thread has queued what it wants to see in order. */
static void
wait_job (GTask *task, gpointer resource)
{
  GMutex *gate = g_task_get_task_data (task);

  g_mutex_lock (gate);
  g_mutex_unlock (gate);
  g_task_return_boolean (task, TRUE);
}

/* Answers whether the check that was asked for before is still under way. */
static void
look_job (GTask *task, gpointer resource)
{
  g_task_return_boolean (task, !has_entry (resource, "access.verified"));
}

static void
test_verify_lets_short_work_pass (Fixture *self, gconstpointer data)
{
  g_autoptr (GAsyncResult) looked = NULL;
  g_autoptr (CsmJob) imported = NULL;
  g_autoptr (CsmJob) job = NULL;
  GTask *waiting = NULL;
  GMutex gate;

  g_mutex_init (&gate);
  fixture_open (self);
  imported = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_wait_checked (self);
  g_mutex_lock (&gate);
  waiting = g_task_new (self->session, NULL, NULL, NULL);
  g_task_set_task_data (waiting, &gate, NULL);
  csm_session_run_case_long (self->session, waiting, wait_job);
  job = g_object_ref (csm_session_verify (self->session, true, NULL, NULL, NULL));
  csm_session_run_case (self->session,
                        g_task_new (self->session, NULL, fixture_answer_cb, &looked), look_job);
  g_mutex_unlock (&gate);
  fixture_wait_for (self, looked != NULL);
  g_assert_true (g_task_propagate_boolean (G_TASK (looked), NULL));
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_mutex_clear (&gate);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/casement/review/yield/verify-lets-short-work-pass", Fixture, NULL,
              fixture_set_up, test_verify_lets_short_work_pass, fixture_tear_down);
  return fixture_run ();
}
