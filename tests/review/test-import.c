/* test-import.c: bringing files in while other work goes on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "review-fixture.h"

#include "casefile/csm-case.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A sparse file that no test reads to its end, however long its main loop is kept from running:
 * what is done while it is read is done while it is read. */
#define LARGE (INT64_C (1) << 40)

static void
set_up_open (Fixture *self, gconstpointer data)
{
  fixture_set_up (self, data);
  fixture_open (self);
}

/* (transfer full): a sparse file takes no room, and linked it takes none in the case. */
static char *
make_large (const Fixture *self, const char *name)
{
  char *path = fixture_path (self, name);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, LARGE), ==, 0);
  g_assert_cmpint (close (fd), ==, 0);
  return path;
}

static unsigned
count_exhibits (Fixture *self)
{
  return g_list_model_get_n_items (csm_session_get_exhibits (self->session));
}

static void
test_outcome_counts_and_warns (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) first = NULL, second = NULL;
  const char *const both[] = { fixture_clip ("a.mp4"), fixture_clip ("b.mp4"), NULL };

  first = fixture_import (self, both);
  g_assert_cmpint (csm_job_get_state (first), ==, CSM_JOB_DONE);
  g_assert_cmpstr (csm_job_get_outcome (first), ==,
                   "2 files added. The source copies are still unencrypted where they were.");
  g_assert_cmpuint (count_exhibits (self), ==, 2);
  g_assert_cmpstr (fixture_exhibit (self, 0)->number, ==, "E-0001");
  g_assert_cmpstr (fixture_exhibit (self, 0)->name, ==, "a.mp4");

  second = fixture_import (self, (const char *[]){ both[1], fixture_clip ("raw.h264"), NULL });
  g_assert_true (
      g_str_has_prefix (csm_job_get_outcome (second), "1 file added, 1 was there already."));
  g_assert_cmpuint (count_exhibits (self), ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (csm_session_get_jobs (self->session)), ==, 0);
}

static void
test_background_reaches_the_exact_index (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = fixture_import (
      self, (const char *[]){ fixture_clip ("a.mp4"), fixture_clip ("b.mp4"), NULL });
  g_autoptr (CsmExhibitItem) item =
      g_list_model_get_item (csm_session_get_exhibits (self->session), 1);
  g_autofree char *status = NULL;

  fixture_wait_checked (self);
  g_assert_cmpint (fixture_exhibit (self, 0)->index_state, ==, CSM_INDEX_EXACT);
  g_assert_cmpint (fixture_exhibit (self, 1)->n_frames, ==, 75);
  g_object_get (item, "status", &status, NULL);
  g_assert_cmpstr (status, ==, "exact");
  fixture_wait_for (self, csm_exhibit_item_get_thumbnail (item) != NULL);
}

/* Cases of the first version keep thumbnails as PNG, which is not parsed any more. */
static void
test_old_thumbnails_are_made_again (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job =
      fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GBytes) png = g_bytes_new_static ("\x89PNG\r\n\x1a\n", 8);
  g_autoptr (CsmExhibitItem) item = NULL;
  g_autoptr (GError) error = NULL;
  int width = 0, height = 0;
  CsmCase *acase;
  CsmId id;

  fixture_wait_checked (self);
  id = fixture_exhibit (self, 0)->id;
  fixture_lock (self);
  acase = csm_case_open (self->case_path, passphrase, false, &error);
  g_assert_no_error (error);
  g_assert_true (csm_case_set_thumbnail (acase, &id, png, &error));
  csm_case_close (acase);

  fixture_open (self);
  item = g_list_model_get_item (csm_session_get_exhibits (self->session), 0);
  fixture_wait_for (self, csm_exhibit_item_get_thumbnail (item) != NULL);
  g_assert_true (
      csm_small_picture_check (csm_exhibit_item_get_thumbnail (item), &width, &height));
  g_assert_cmpint (fixture_exhibit (self, 0)->index_state, ==, CSM_INDEX_EXACT);
}

static void
test_background_goes_on_at_the_next_open (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job =
      fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });

  fixture_lock (self);
  fixture_open (self);
  fixture_wait_checked (self);
  g_assert_cmpint (fixture_exhibit (self, 0)->index_state, ==, CSM_INDEX_EXACT);
}

static void
test_unreadable_file_is_kept_and_says_so (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "not-a-video.mp4");
  g_autoptr (CsmJob) job = NULL;

  g_assert_true (g_file_set_contents (path, "this is text", -1, NULL));
  job = fixture_import (self, (const char *[]){ path, NULL });
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  fixture_wait_checked (self);
  g_assert_cmpint (fixture_exhibit (self, 0)->index_state, ==, CSM_INDEX_FAILED);
}

static void
set_up_without_worker (Fixture *self, gconstpointer data)
{
  g_setenv ("CSM_WORKER", "/nonexistent", TRUE); /* before any lane's thread is there */
  set_up_open (self, data);
}

static void
tear_down_without_worker (Fixture *self, gconstpointer data)
{
  fixture_tear_down (self, data);
  g_setenv ("CSM_WORKER", data, TRUE);
}

static void
count_cb (GObject *object, GParamSpec *pspec, int *count)
{
  (*count)++;
}

/* Nothing is found out, and nothing is tried for ever. */
static void
test_look_that_fails_is_left_for_later (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) first = NULL, second = NULL;
  g_autoptr (CsmExhibitItem) item = NULL;
  int n_looks = 0;

  first = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  item = g_list_model_get_item (csm_session_get_exhibits (self->session), 0);
  g_signal_connect (item, "notify::status", G_CALLBACK (count_cb), &n_looks);
  second = fixture_import (self, (const char *[]){ fixture_clip ("b.mp4"), NULL });
  fixture_wait_for (self, *fixture_exhibit (self, 1)->status != '\0');
  g_assert_cmpint (fixture_exhibit (self, 0)->index_state, ==, CSM_INDEX_NONE);
  g_assert_cmpint (n_looks, <=, 1);
  g_signal_handlers_disconnect_by_data (item, &n_looks);
}

static void
test_missing_path_fails_with_a_sentence (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "not-there");
  g_autoptr (CsmJob) job = fixture_import (self, (const char *[]){ path, NULL });

  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_FAILED);
  g_assert_cmpstr (csm_job_get_outcome (job), !=, "");
  g_assert_cmpuint (count_exhibits (self), ==, 0);
}

/* The large file comes second: the first stays. */
static CsmJob *
start_large_import (Fixture *self, const char *large)
{
  const char *const paths[] = { fixture_clip ("a.mp4"), large, NULL };
  CsmJob *job =
      g_object_ref (csm_session_import (self->session, (char *const *) paths, NULL, true));

  fixture_wait_for (self, count_exhibits (self) == 1);
  return job;
}

static void
test_cancel_keeps_what_is_finished (Fixture *self, gconstpointer data)
{
  g_autofree char *large = make_large (self, "large.bin");
  g_autoptr (CsmJob) job = start_large_import (self, large);

  csm_job_cancel (job);
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_CANCELLED);
  g_assert_true (g_str_has_prefix (csm_job_get_outcome (job), "Stopped. 1 file added."));
  g_assert_cmpuint (count_exhibits (self), ==, 1);
}

/* Whatever is copied, a mark is saved between two of its reads. */
static void
test_mark_is_saved_within_an_import (Fixture *self, gconstpointer data)
{
  g_autofree char *large = make_large (self, "large.bin");
  g_autoptr (CsmJob) before =
      fixture_import (self, (const char *[]){ fixture_clip ("b.mp4"), NULL });
  const char *const paths[] = { large, NULL };
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (CsmMark) mark = NULL;
  g_autoptr (CsmJob) job = NULL;
  g_autofree char *detail = NULL;
  g_autoptr (GError) error = NULL;

  fixture_select (self, 0);
  mark = csm_session_draft_mark (self->session);
  job = g_object_ref (csm_session_import (self->session, (char *const *) paths, NULL, true));
  /* Once the job names it, the file is in the lane's hands. */
  do
    {
      g_clear_pointer (&detail, g_free);
      g_main_context_iteration (NULL, TRUE);
      g_object_get (job, "detail", &detail, NULL);
  } while (strcmp (detail, "large.bin") != 0);
  csm_session_save_mark_async (self->session, mark, fixture_answer_cb, &saved);
  fixture_wait_for (self, saved != NULL);
  csm_session_save_mark_finish (self->session, saved, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_RUNNING);
  csm_job_cancel (job);
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  g_assert_cmpuint (count_exhibits (self), ==, 1);
}

static void
test_lock_while_importing_leaves_it_whole (Fixture *self, gconstpointer data)
{
  g_autofree char *large = make_large (self, "large.bin");
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (CsmJob) job = start_large_import (self, large);
  g_autoptr (GPtrArray) exhibits = NULL;
  g_autoptr (GError) error = NULL;
  bool holds = false;
  CsmCase *acase;

  csm_session_lock (self->session);
  g_assert_cmpuint (count_exhibits (self), ==, 0);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_CANCELLED);

  acase = csm_case_open (self->case_path, passphrase, false, &error);
  g_assert_no_error (error);
  exhibits = csm_case_list_exhibits (acase, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (exhibits->len, ==, 1);
  g_assert_true (csm_case_verify (acase, true, NULL, NULL, NULL, &holds, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (holds);
  csm_case_close (acase);
}

/* A save that was asked for before the lock is on the disk after it. */
static void
test_lock_waits_for_a_save (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job =
      fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (CsmMark) mark = NULL;
  g_autoptr (GError) error = NULL;

  fixture_wait_checked (self);
  fixture_select (self, 0);
  fixture_wait_for (self, csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  mark = csm_session_draft_mark (self->session);
  csm_session_save_mark_async (self->session, mark, fixture_answer_cb, &saved);
  csm_session_lock (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
  g_assert_nonnull (saved);
  csm_session_save_mark_finish (self->session, saved, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (csm_session_get_marks (self->session)), ==, 0);
  fixture_open (self);
  g_assert_cmpuint (g_list_model_get_n_items (csm_session_get_marks (self->session)), ==, 1);
}

#define ADD(name, function)                                                          \
  g_test_add ("/casement/review/import/" name, Fixture, NULL, set_up_open, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* First: a session that has been open keeps a worker ready. */
  g_test_add ("/casement/review/import/look-that-fails-is-left-for-later", Fixture,
              g_intern_string (g_getenv ("CSM_WORKER")), set_up_without_worker,
              test_look_that_fails_is_left_for_later, tear_down_without_worker);
  ADD ("outcome-counts-and-warns", test_outcome_counts_and_warns);
  ADD ("background-reaches-the-exact-index", test_background_reaches_the_exact_index);
  ADD ("old-thumbnails-are-made-again", test_old_thumbnails_are_made_again);
  ADD ("background-goes-on-at-the-next-open", test_background_goes_on_at_the_next_open);
  ADD ("unreadable-file-is-kept-and-says-so", test_unreadable_file_is_kept_and_says_so);
  ADD ("missing-path-fails-with-a-sentence", test_missing_path_fails_with_a_sentence);
  ADD ("cancel-keeps-what-is-finished", test_cancel_keeps_what_is_finished);
  ADD ("mark-is-saved-within-an-import", test_mark_is_saved_within_an_import);
  ADD ("lock-while-importing-leaves-it-whole", test_lock_while_importing_leaves_it_whole);
  ADD ("lock-waits-for-a-save", test_lock_waits_for_a_save);
  return fixture_run ();
}
