/* test-commit.c: marks that wait for their pictures
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "casefile/csm-case-private.h"
#include "review/csm-session-private.h"

static CsmFrameIndex *
store_exact_index (CsmCase *acase, const CsmExhibit *exhibit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = csm_intake_open_media (acase, &exhibit->id, &error);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  CsmFrameIndex *index;

  g_assert_true (csm_intake_look (acase, &exhibit->id, worker, NULL, &error));
  index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (csm_intake_store_exact (acase, &exhibit->id, index, NULL, NULL, &error));
  g_assert_no_error (error);
  return index;
}

/* Three marks, at frames 3, 4 and 5, without commitments. */
static void
set_up_waiting (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (CsmExhibit) exhibit = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (GError) error = NULL;
  CsmCase *acase;

  fixture_set_up (self, data);
  acase = csm_case_open (self->case_path, passphrase, false, &error);
  g_assert_no_error (error);
  g_assert_true (csm_intake_add_file (acase, fixture_clip ("a.mp4"), NULL, NULL, NULL, NULL,
                                      &exhibit, NULL, &error));
  index = store_exact_index (acase, exhibit);
  for (int64_t frame = 3; frame <= 5; frame++)
    {
      CsmMark mark = { .id = csm_id_new (),
                       .exhibit = exhibit->id,
                       .from = frame,
                       .to = frame,
                       .from_pts = csm_frame_index_get (index, frame)->pts,
                       .to_pts = csm_frame_index_get (index, frame)->pts,
                       .timebase = csm_frame_index_get_timebase (index),
                       .text = (char *) "" };

      g_assert_true (csm_case_set_mark (acase, &mark, NULL, 0, NULL, &error));
    }
  g_assert_no_error (error);
  csm_case_close (acase);
  fixture_open (self);
}

static void
refuse_frame_job (GTask *task, gpointer resource)
{
  CsmCase *acase = resource;
  int code = sqlite3_exec (csm_db_get_handle (acase->db),
                           "CREATE TEMP TRIGGER no BEFORE INSERT ON main.mark_frame"
                           " WHEN NEW.ordinal = 4 BEGIN SELECT raise (ABORT, 'no'); END",
                           NULL, NULL, NULL);

  g_task_return_boolean (task, code == SQLITE_OK);
}

static void
test_one_that_fails_holds_up_none (Fixture *self, gconstpointer data)
{
  g_autoptr (GAsyncResult) refused = NULL;

  csm_session_run_case (self->session,
                        g_task_new (self->session, NULL, fixture_answer_cb, &refused),
                        refuse_frame_job);
  fixture_wait_for (self, refused != NULL);
  g_assert_true (g_task_propagate_boolean (G_TASK (refused), NULL));
  fixture_select (self, 0);
  fixture_wait_for (self, fixture_exhibit_mark (self, 0)->committed);
  fixture_wait_for (self, fixture_exhibit_mark (self, 2)->committed);
  g_assert_false (fixture_exhibit_mark (self, 1)->committed);
  g_assert_cmpuint (self->problems->len, ==, 1);
  g_assert_true (fixture_has_text (self->problems, "The mark at frame 4 of E-0001 stays"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/casement/review/commit/one-that-fails-holds-up-none", Fixture, NULL,
              set_up_waiting, test_one_that_fails_holds_up_none, fixture_tear_down);
  return fixture_run ();
}
