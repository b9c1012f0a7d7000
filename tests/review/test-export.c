/* test-export.c: a bundle out of the case, and the check of one, as jobs
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "review/csm-session-export.h"

#include <string.h>

#define RECIPIENT "age18u407nprewte22kv62d0z4pjk2s6jj7cvz46gwgw7phs96wqtq3s3x447h"

typedef struct
{
  Fixture fixture;
  char *folder, *path;
  int n_previews, n_exhibits, n_made, n_freed, n_broken, n_findings;
  char *hand_over, *problem;
} Export;

static void
set_up (Export *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_set_up (&self->fixture, data);
  fixture_open (&self->fixture);
  job = fixture_import (&self->fixture, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_select (&self->fixture, 0);
  fixture_mark (&self->fixture, 2, 6, "baton", "what she said");
  self->folder = fixture_path (&self->fixture, "out");
  g_assert_cmpint (g_mkdir_with_parents (self->folder, 0700), ==, 0);
  self->path = g_build_filename (self->folder, "bundle", NULL);
}

static void
tear_down (Export *self, gconstpointer data)
{
  g_free (self->folder);
  g_free (self->path);
  g_free (self->hand_over);
  g_free (self->problem);
  fixture_tear_down (&self->fixture, data);
}

static CsmSession *
session_of (Export *self)
{
  return self->fixture.session;
}

static void
wait_job (Export *self, CsmJob *job)
{
  fixture_wait_for (&self->fixture, csm_job_get_state (job) != CSM_JOB_RUNNING);
}

static int
count_names (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
previewed_cb (const CsmExportPreview *preview, int64_t free_space, gpointer data)
{
  Export *self = data;

  self->n_previews++;
  self->n_exhibits = (int) preview->dossier->exhibits->len;
  g_assert_cmpint (free_space, >, 0);
}

static void
exported_cb (const CsmExportReport *report,
             const char *hand_over,
             const char *problem,
             gpointer data)
{
  Export *self = data;

  self->n_made++;
  g_assert_cmpstr (report->path, ==, self->path);
  self->hand_over = g_strdup (hand_over);
  self->problem = g_strdup (problem);
}

static void
freed_cb (gpointer data)
{
  ((Export *) data)->n_freed++;
}

/* (transfer full) */
static CsmJob *export(Export *self, const CsmSessionHandOver *hand_over)
{
  return g_object_ref (csm_session_export (session_of (self), csm_selection_new (), self->path,
                                           hand_over, exported_cb, self, freed_cb));
}

static void
test_preview_writes_nothing (Export *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = csm_session_preview_export (
      session_of (self), csm_selection_new (), self->path, previewed_cb, self, freed_cb);

  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_assert_cmpint (self->n_previews, ==, 1);
  g_assert_cmpint (self->n_exhibits, ==, 1);
  g_assert_cmpint (self->n_freed, ==, 1);
  g_assert_cmpint (count_names (self->folder), ==, 0);
  g_assert_cmpuint (self->fixture.problems->len, ==, 0);
}

static void
test_preview_refuses_a_place_that_is_taken (Export *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = csm_session_preview_export (
      session_of (self), csm_selection_new (), self->folder, previewed_cb, self, freed_cb);

  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_FAILED);
  g_assert_nonnull (strstr (csm_job_get_outcome (job), "there already"));
  g_assert_cmpint (self->n_previews, ==, 0);
  g_assert_cmpint (self->n_freed, ==, 1);
}

static void
test_preview_ends_with_the_case (Export *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = csm_session_preview_export (
      session_of (self), csm_selection_new (), self->path, previewed_cb, self, freed_cb);

  fixture_lock (&self->fixture);
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_CANCELLED);
  g_assert_cmpint (self->n_previews, ==, 0);
  g_assert_cmpint (self->n_freed, ==, 1);
}

static void
test_bundle_is_made_while_work_goes_on (Export *self, gconstpointer data)
{
  const char *const recipients[] = { RECIPIENT, NULL };
  const CsmSessionHandOver hand_over = { recipients, NULL };
  g_autoptr (CsmJob) job = export(self, &hand_over);

  fixture_mark (&self->fixture, 10, 12, "baton", "saved meanwhile");
  wait_job (self, job);
  g_assert_cmpstr (csm_job_get_outcome (job), ==, "The bundle was made and signed.");
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_assert_cmpint (self->n_made, ==, 1);
  g_assert_cmpint (self->n_freed, ==, 1);
  g_assert_true (g_str_has_suffix (self->hand_over, "/bundle.age"));
  g_assert_cmpint (count_names (self->folder), ==, 2);
}

static void
test_cancelled_leaves_nothing (Export *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = export(self, NULL);

  csm_job_cancel (job);
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_CANCELLED);
  g_assert_cmpint (self->n_made, ==, 0);
  g_assert_cmpint (self->n_freed, ==, 1);
  g_assert_cmpint (count_names (self->folder), ==, 0);
}

/* The first thing that is heard of it: it stops, or had come too far. */
static void
cancel_cb (CsmJob *job)
{
  csm_job_cancel (job);
}

static void
test_cancelled_on_the_way_leaves_nothing_or_all (Export *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = export(self, NULL);

  g_signal_connect (job, "notify::detail", G_CALLBACK (cancel_cb), NULL);
  wait_job (self, job);
  g_assert_cmpint (count_names (self->folder), ==, self->n_made);
  g_assert_cmpint (csm_job_get_state (job), ==,
                   self->n_made == 1 ? CSM_JOB_DONE : CSM_JOB_CANCELLED);
}

static void
test_bundle_stays_when_the_hand_over_fails (Export *self, gconstpointer data)
{
  const char *const recipients[] = { "age1nobody", NULL };
  const CsmSessionHandOver hand_over = { recipients, NULL };
  g_autoptr (CsmJob) job = export(self, &hand_over);

  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_DONE);
  g_assert_null (self->hand_over);
  g_assert_nonnull (strstr (self->problem, "age1nobody"));
  g_assert_nonnull (strstr (csm_job_get_outcome (job), "age1nobody"));
  g_assert_cmpint (count_names (self->folder), ==, 1);
}

/* --- the check --- */

static void
found_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  Export *self = data;

  self->n_findings++;
  self->n_broken += kind == CSM_FINDING_BROKEN;
}

static void
test_check_needs_no_case (Export *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->path, "data", "marks.csv", NULL);
  g_autoptr (CsmJob) made = export(self, NULL);
  g_autoptr (CsmJob) holds = NULL;
  g_autoptr (CsmJob) changed = NULL;

  wait_job (self, made);
  fixture_lock (&self->fixture);
  holds = csm_session_check_bundle (session_of (self), self->path, NULL, true, found_cb, NULL,
                                    self, freed_cb);
  wait_job (self, holds);
  g_assert_cmpstr (csm_job_get_outcome (holds), ==, "Everything that was checked holds.");
  g_assert_cmpint (self->n_findings, >, 0);
  g_assert_cmpint (self->n_broken, ==, 0);
  g_assert_cmpint (self->n_freed, ==, 2);
  g_assert_true (g_file_set_contents (file, "changed", -1, NULL));
  changed = csm_session_check_bundle (session_of (self), self->path, NULL, false, found_cb,
                                      NULL, self, freed_cb);
  wait_job (self, changed);
  g_assert_cmpint (csm_job_get_state (changed), ==, CSM_JOB_DONE);
  g_assert_cmpint (self->n_broken, >, 0);
}

static void
test_check_can_be_stopped (Export *self, gconstpointer data)
{
  g_autoptr (CsmJob) made = export(self, NULL);
  g_autoptr (CsmJob) job = NULL;

  wait_job (self, made);
  job = csm_session_check_bundle (session_of (self), self->path, NULL, true, found_cb, NULL,
                                  self, freed_cb);
  csm_job_cancel (job);
  wait_job (self, job);
  g_assert_cmpint (csm_job_get_state (job), ==, CSM_JOB_CANCELLED);
  g_assert_cmpint (self->n_freed, ==, 2);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Export *, gconstpointer);
  } tests[] = {
    { "preview-writes-nothing", test_preview_writes_nothing },
    { "preview-refuses-a-place-that-is-taken", test_preview_refuses_a_place_that_is_taken },
    { "preview-ends-with-the-case", test_preview_ends_with_the_case },
    { "bundle-is-made-while-work-goes-on", test_bundle_is_made_while_work_goes_on },
    { "cancelled-leaves-nothing", test_cancelled_leaves_nothing },
    { "cancelled-on-the-way-leaves-nothing-or-all",
      test_cancelled_on_the_way_leaves_nothing_or_all },
    { "bundle-stays-when-the-hand-over-fails", test_bundle_stays_when_the_hand_over_fails },
    { "check-needs-no-case", test_check_needs_no_case },
    { "check-can-be-stopped", test_check_can_be_stopped },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/casement/review/export/", tests[i].name, NULL);

      g_test_add (path, Export, NULL, set_up, tests[i].run, tear_down);
    }
  return fixture_run ();
}
