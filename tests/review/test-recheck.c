/* test-recheck.c: a case whose exhibits another FFmpeg has indexed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "media/csm-frame-index-builder.h"

#include <string.h>

#define OTHER "libavcodec 1.2.3 libavformat 1.2.3"

/* What @index would be if OTHER had made it, and had seen another picture in frame @differs
 * (-1: none). */
static CsmFrameIndex *
by_another_library (const CsmFrameIndex *index, int64_t differs)
{
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (
      csm_frame_index_get_track (index), csm_frame_index_get_timebase (index), OTHER);

  for (int64_t i = 0; i < csm_frame_index_get_n_packets (index); i++)
    csm_frame_index_builder_add_packet (builder, csm_frame_index_get_packet (index, i));
  for (int64_t i = 0; i < csm_frame_index_get_n_frames (index); i++)
    {
      CsmFrameEntry frame = *csm_frame_index_get (index, i);

      frame.hash[0] ^= i == differs;
      csm_frame_index_builder_add_frame (builder, &frame);
    }
  return csm_frame_index_builder_finish (builder, true);
}

/* (transfer full): the index in the case now. */
static GBytes *
swap_index (Fixture *self, int64_t differs)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  CsmCase *acase = csm_case_open (self->case_path, passphrase, false, NULL);
  g_autoptr (GPtrArray) exhibits = csm_case_list_exhibits (acase, NULL);
  const CsmExhibit *exhibit = g_ptr_array_index (exhibits, 0);
  g_autoptr (GBytes) bytes = csm_case_get_index (acase, &exhibit->id, NULL);
  g_autoptr (CsmFrameIndex) index = csm_frame_index_parse (bytes, NULL);
  g_autoptr (CsmFrameIndex) other = by_another_library (index, differs);
  GBytes *stored = csm_frame_index_serialize (other);
  g_autoptr (GError) error = NULL;

  csm_case_set_index (acase, &exhibit->id, stored, true, OTHER,
                      csm_frame_index_get_n_frames (other), &error);
  g_assert_no_error (error);
  csm_case_close (acase);
  return stored;
}

static GBytes *
read_index (Fixture *self)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  CsmCase *acase = csm_case_open (self->case_path, passphrase, true, NULL);
  g_autoptr (GPtrArray) exhibits = csm_case_list_exhibits (acase, NULL);
  const CsmExhibit *exhibit = g_ptr_array_index (exhibits, 0);
  GBytes *bytes = csm_case_get_index (acase, &exhibit->id, NULL);

  csm_case_close (acase);
  return bytes;
}

static void
assert_verify_warns (Fixture *self, const char *words)
{
  g_autofree char *secret = fixture_path (self, "secret");
  const char *command[] = { g_getenv ("CSM_CASECTL"),
                            "verify",
                            self->case_path,
                            "--media",
                            "--passphrase-file",
                            secret,
                            NULL };
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_file_set_contents (secret, FIXTURE_PASSPHRASE, -1, &error);
  g_assert_no_error (error);
  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                &errors, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  if (words == NULL)
    g_assert_cmpstr (errors, ==, "");
  else if (strstr (errors, words) == NULL)
    g_error ("not \"%s\" in: %s", words, errors);
}

/* Indexed here, then as if it had been there; opened again and looked at. */
static GBytes *
carry_to_another_computer (Fixture *self, int64_t differs)
{
  g_autoptr (CsmJob) job = NULL;
  GBytes *stored;

  fixture_open (self);
  job = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_wait_checked (self);
  fixture_lock (self);
  stored = swap_index (self, differs);
  assert_verify_warns (self,
                       "E-0001: its frames were counted with " OTHER " and not yet with ");
  fixture_open (self);
  fixture_select (self, 0);
  return stored;
}

static bool
status_says (Fixture *self, const char *part)
{
  return strstr (fixture_exhibit (self, 0)->status, part) != NULL;
}

static void
assert_kept (Fixture *self, GBytes *stored)
{
  g_autoptr (GBytes) now = NULL;

  fixture_lock (self);
  now = read_index (self);
  g_assert_true (g_bytes_equal (stored, now));
}

static void
test_same_frames (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) stored = carry_to_another_computer (self, -1);
  unsigned before;

  fixture_wait_for (self, status_says (self, ": every frame as before"));
  g_assert_true (status_says (self, "exact; read again with libavcodec "));
  g_assert_false (fixture_has_text (self->notices, "other frames"));
  g_assert_cmpint (csm_session_get_n_frames (self->session), ==, 75);

  /* Once is enough. */
  fixture_lock (self);
  fixture_open (self);
  before = self->problems->len;
  fixture_select (self, 0);
  g_assert_cmpuint (self->problems->len, ==, before);
  g_assert_true (status_says (self, ": every frame as before"));
  assert_kept (self, stored);
  assert_verify_warns (self, NULL);
}

static void
test_other_frames (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) stored = carry_to_another_computer (self, 40);

  fixture_wait_for (self, status_says (self, "1 of 75 frames differ, the first is 40"));
  g_assert_true (fixture_has_text (self->notices, "gives other frames: exact; read again"));
  /* It can be looked at all the same, as this computer decodes it. */
  fixture_wait_for (
      self,
      strcmp (csm_frame_index_get_library (csm_session_get_index (self->session)), OTHER) != 0);
  csm_session_seek (self->session, 40);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_picture (self->session)->ordinal, ==, 40);

  /* And again, when the case was closed in between. */
  fixture_lock (self);
  fixture_open (self);
  fixture_select (self, 0);
  fixture_wait_for (
      self,
      strcmp (csm_frame_index_get_library (csm_session_get_index (self->session)), OTHER) != 0);
  assert_kept (self, stored);
  assert_verify_warns (self, "warning: E-0001: exact; read again with ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define FACT(name, run)                                                             \
  g_test_add ("/casement/review/recheck/" name, Fixture, NULL, fixture_set_up, run, \
              fixture_tear_down)
  FACT ("same-frames-are-said-once", test_same_frames);
  FACT ("other-frames-are-said-and-the-index-stays", test_other_frames);
#undef FACT
  return fixture_run ();
}
