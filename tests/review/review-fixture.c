/* review-fixture.c: a case in a folder, a session over it, and a loop that waits for answers
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "casefile/csm-case.h"

#include <glib/gstdio.h>
#include <string.h>

static char *clip_folder;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
run (const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) arguments, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
}

static void
make_clip (const char *source, const char *n_frames, const char *path)
{
  run ((const char *[]){ "ffmpeg",  "-v",   "error",     "-f",     "lavfi",
                         "-i",      source, "-frames:v", n_frames, "-pix_fmt",
                         "yuv420p", "-c:v", "libx264",   "-bf",    "2",
                         "-g",      "15",   "-bitexact", path,     NULL });
}

static void
make_sizes (const char *path)
{
  g_autofree char *small = g_strdup_printf ("%s.1.ts", path);
  g_autofree char *large = g_strdup_printf ("%s.2.ts", path);
  g_autofree char *both = g_strdup_printf ("concat:%s|%s", small, large);

  make_clip ("testsrc2=size=160x120:rate=25", "10", small);
  make_clip ("testsrc2=size=192x144:rate=25", "10", large);
  run ((const char *[]){ "ffmpeg", "-v", "error", "-i", both, "-c", "copy", path, NULL });
}

const char *
fixture_clip (const char *kind)
{
  g_autofree char *path = NULL;
  const char *interned;

  if (clip_folder == NULL)
    clip_folder = g_dir_make_tmp ("csm-review-clips-XXXXXX", NULL);
  path = g_build_filename (clip_folder, kind, NULL);
  interned = g_intern_string (path);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return interned;
  if (strcmp (kind, "sizes.ts") == 0)
    make_sizes (path);
  else
    make_clip (strcmp (kind, "b.mp4") == 0 ? "testsrc=size=192x108:rate=25"
                                           : "testsrc2=size=160x120:rate=25",
               "75", path);
  return interned;
}

int
fixture_run (void)
{
  int status = g_test_run ();

  if (clip_folder != NULL)
    remove_tree (clip_folder);
  g_free (clip_folder);
  return status;
}

static void
text_cb (CsmSession *session, const char *text, GPtrArray *texts)
{
  g_ptr_array_add (texts, g_strdup (text));
}

CsmSecret *
fixture_passphrase (void)
{
  return csm_secret_new_from (FIXTURE_PASSPHRASE, strlen (FIXTURE_PASSPHRASE));
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GError) error = NULL;
  const CsmCaseOptions options = { .title = "Square",
                                   .reviewer = "R. Viewer",
                                   .passphrase = passphrase,
                                   .cost = { 1, 8192 },
                                   .record_access = true };

  self->folder = g_dir_make_tmp ("csm-review-XXXXXX", &error);
  g_assert_no_error (error);
  self->case_path = fixture_path (self, "square.casement");
  csm_case_close (csm_case_create (self->case_path, &options, NULL, &error));
  g_assert_no_error (error);

  self->session = csm_session_new ();
  self->notices = g_ptr_array_new_with_free_func (g_free);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (self->session, "notice", G_CALLBACK (text_cb), self->notices);
  g_signal_connect (self->session, "problem", G_CALLBACK (text_cb), self->problems);
}

static void
gone_cb (gpointer data, GObject *session)
{
  g_atomic_pointer_set ((GThread **) data, g_thread_self ());
  g_main_context_wakeup (NULL); /* from a thread too, where it should not have been */
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  GThread *gone_on = NULL;

  csm_session_close (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_CLOSED);
  g_object_weak_ref (G_OBJECT (self->session), gone_cb, &gone_on);
  g_object_unref (self->session);
  /* What is still on its way holds it, and nothing else does. */
  fixture_wait_for (self, g_atomic_pointer_get (&gone_on) != NULL);
  g_assert_true (gone_on == g_thread_self ());
  remove_tree (self->folder);
  g_ptr_array_unref (self->notices);
  g_ptr_array_unref (self->problems);
  g_free (self->case_path);
  g_free (self->folder);
}

char *
fixture_path (const Fixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

char *
fixture_make_two_tracks (const Fixture *self)
{
  char *path = fixture_path (self, "dash.mkv");
  const char *front = "testsrc2=size=320x180:rate=25:duration=3";
  const char *rear = "testsrc2=size=160x120:rate=10:duration=3,hue=h=120";
  const char *const arguments[] = {
    "ffmpeg",     "-v",        "error",   "-f",    "lavfi", "-i",  front,
    "-f",         "lavfi",     "-i",      rear,    "-map",  "0:v", "-map",
    "1:v",        "-c:v:0",    "libx264", "-bf",   "2",     "-g",  "15",
    "-pix_fmt",   "yuv420p",   "-c:v:1",  "mpeg4", "-g",    "7",   "-metadata:s:v:1",
    "title=rear", "-bitexact", path,      NULL
  };

  run (arguments);
  return path;
}

static gboolean
too_long_cb (gpointer what)
{
  g_error ("this never came true: %s", (const char *) what);
  return G_SOURCE_REMOVE;
}

FixtureGuard
fixture_guard (const char *what)
{
  return g_timeout_add_seconds (60, too_long_cb, (gpointer) what);
}

void
fixture_turn (FixtureGuard guard)
{
  g_main_context_iteration (NULL, TRUE);
}

void
fixture_unguard (FixtureGuard guard)
{
  g_source_remove (guard);
}

void
fixture_answer_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

void
fixture_open (Fixture *self)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  csm_session_open_async (self->session, self->case_path, passphrase, false, NULL,
                          fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_open_finish (self->session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_OPEN);
}

void
fixture_lock (Fixture *self)
{
  csm_session_lock (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
}

CsmJob *
fixture_import (Fixture *self, const char *const *paths)
{
  CsmJob *job = csm_session_import (self->session, (char *const *) paths, NULL, false);

  g_assert_nonnull (job);
  g_object_ref (job);
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  return job;
}

const CsmExhibit *
fixture_exhibit (Fixture *self, unsigned position)
{
  g_autoptr (CsmExhibitItem) item =
      g_list_model_get_item (csm_session_get_exhibits (self->session), position);

  g_assert_nonnull (item);
  return csm_exhibit_item_get_record (item); /* the list holds it */
}

void
fixture_wait_picture (Fixture *self)
{
  fixture_wait_for (self, csm_session_get_picture (self->session) != NULL &&
                              csm_session_get_picture (self->session)->ordinal ==
                                  csm_session_get_ordinal (self->session));
}

void
fixture_select (Fixture *self, unsigned position)
{
  const CsmId id = fixture_exhibit (self, position)->id;

  csm_session_select (self->session, &id);
  fixture_wait_picture (self);
}

static bool
all_checked (Fixture *self)
{
  unsigned n = g_list_model_get_n_items (csm_session_get_exhibits (self->session));

  for (unsigned i = 0; i < n; i++)
    if (fixture_exhibit (self, i)->index_state < CSM_INDEX_EXACT)
      return false;
  return true;
}

void
fixture_wait_checked (Fixture *self)
{
  fixture_wait_for (self, all_checked (self));
}

void
fixture_save_mark (Fixture *self, const CsmMark *mark)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  csm_session_save_mark_async (self->session, mark, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  csm_session_save_mark_finish (self->session, result, &error);
  g_assert_no_error (error);
}

CsmId
fixture_mark (Fixture *self, int64_t from, int64_t to, const char *code, const char *text)
{
  g_autoptr (CsmMark) mark = NULL;

  csm_session_set_in (self->session, -1);
  csm_session_set_out (self->session, -1);
  csm_session_set_in (self->session, from);
  csm_session_set_out (self->session, to);
  mark = csm_session_draft_mark (self->session);
  g_assert_nonnull (mark);
  g_free (mark->code);
  g_free (mark->text);
  mark->code = g_strdup (code);
  mark->text = g_strdup (text);
  fixture_save_mark (self, mark);
  return mark->id;
}

const CsmMark *
fixture_exhibit_mark (Fixture *self, unsigned position)
{
  g_autoptr (CsmMarkItem) item =
      g_list_model_get_item (csm_session_get_exhibit_marks (self->session), position);

  g_assert_nonnull (item);
  return csm_mark_item_get_record (item);
}

bool
fixture_has_text (GPtrArray *texts, const char *part)
{
  for (unsigned i = 0; i < texts->len; i++)
    if (strstr (g_ptr_array_index (texts, i), part) != NULL)
      return true;
  return false;
}
