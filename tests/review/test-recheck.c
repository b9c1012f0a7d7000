/* test-recheck.c: a case whose exhibits another FFmpeg has indexed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-tracks.h"
#include "media/csm-frame-index-builder.h"
#include "review-fixture.h"
#include "review/csm-session-private.h"

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

static CsmCase *
open_aside (Fixture *self, bool read_only)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GError) error = NULL;
  CsmCase *acase = csm_case_open (self->case_path, passphrase, read_only, &error);

  g_assert_no_error (error);
  return acase;
}

/* The first exhibit's. */
static CsmId
get_exhibit (CsmCase *acase)
{
  g_autoptr (GPtrArray) exhibits = csm_case_list_exhibits (acase, NULL);

  return ((const CsmExhibit *) g_ptr_array_index (exhibits, 0))->id;
}

/* (transfer full): the index of v:@track in the case from now on. */
static GBytes *
swap_index (Fixture *self, int track, int64_t differs)
{
  CsmCase *acase = open_aside (self, false);
  const CsmId exhibit = get_exhibit (acase);
  g_autoptr (GBytes) bytes = csm_case_get_track_index (acase, &exhibit, track, NULL);
  g_autoptr (CsmFrameIndex) index = csm_frame_index_parse (bytes, NULL);
  g_autoptr (CsmFrameIndex) other = by_another_library (index, differs);
  GBytes *stored = csm_frame_index_serialize (other);
  g_autoptr (GError) error = NULL;

  if (track == 0)
    csm_case_set_index (acase, &exhibit, stored, true, OTHER,
                        csm_frame_index_get_n_frames (other), &error);
  else
    csm_case_set_track (acase, &exhibit,
                        &(const CsmKeptTrack){ track, CSM_INDEX_EXACT, (char *) "exact",
                                               csm_frame_index_get_n_frames (other), stored,
                                               (char *) OTHER },
                        &error);
  g_assert_no_error (error);
  csm_case_close (acase);
  return stored;
}

static GBytes *
read_index (Fixture *self, int track)
{
  CsmCase *acase = open_aside (self, true);
  const CsmId exhibit = get_exhibit (acase);
  GBytes *bytes = csm_case_get_track_index (acase, &exhibit, track, NULL);

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
  stored = swap_index (self, 0, differs);
  assert_verify_warns (self, "E-0001, track v:0: its frames were counted with another FFmpeg");
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
assert_kept (Fixture *self, int track, GBytes *stored)
{
  g_autoptr (GBytes) now = NULL;

  fixture_lock (self);
  now = read_index (self, track);
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
  assert_kept (self, 0, stored);
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
  assert_kept (self, 0, stored);
  assert_verify_warns (self, "warning: E-0001, track v:0: exact; read again with ");
}

/* Both cameras indexed here, then the rear one as if it had been there; opened again. */
static GBytes *
carry_rear (Fixture *self, int64_t differs)
{
  g_autofree char *path = fixture_make_two_tracks (self);
  g_autoptr (CsmJob) job = NULL;
  GBytes *stored;

  fixture_open (self);
  job = fixture_import (self, (const char *[]){ path, NULL });
  fixture_wait_checked (self);
  fixture_select (self, 0);
  csm_session_set_track (self->session, 1);
  fixture_wait_for (self, csm_session_get_index_state (self->session) == CSM_INDEX_EXACT);
  csm_session_set_track (self->session, 0);
  fixture_lock (self);
  stored = swap_index (self, 1, differs);
  assert_verify_warns (self, "E-0001, track v:1: its frames were counted with another FFmpeg");
  fixture_open (self);
  fixture_select (self, 0);
  return stored;
}

/* (transfer full): of v:1, read from the disk; the session is locked. */
static char *
read_status (Fixture *self)
{
  CsmCase *acase = open_aside (self, true);
  const CsmId exhibit = get_exhibit (acase);
  g_autoptr (CsmKeptTrack) kept = csm_case_get_track (acase, &exhibit, 1, NULL);
  char *status = g_strdup (kept->status);

  csm_case_close (acase);
  return status;
}

/* Nobody has to choose the track for that. */
static void
test_a_further_track_is_read_again (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) stored = carry_rear (self, -1);
  g_autoptr (GBytes) now = NULL;
  g_autofree char *status = NULL;

  fixture_wait_for (self, self->session->pass != NULL); /* there is no other */
  fixture_wait_for (self, self->session->pass == NULL);
  fixture_lock (self);
  status = read_status (self);
  g_assert_true (g_str_has_prefix (status, "exact; read again with libavcodec "));
  g_assert_true (g_str_has_suffix (status, ": every frame as before"));
  g_assert_false (fixture_has_text (self->notices, "other frames"));
  assert_verify_warns (self, NULL);
  now = read_index (self, 1);
  g_assert_true (g_bytes_equal (stored, now));
}

static void
wait_for_own_index (Fixture *self)
{
  csm_session_set_track (self->session, 1);
  fixture_wait_for (self, csm_session_get_n_frames (self->session) == 30);
  fixture_wait_for (
      self,
      strcmp (csm_frame_index_get_library (csm_session_get_index (self->session)), OTHER) != 0);
}

static void
test_other_frames_of_a_further_track (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) stored = carry_rear (self, 12);

  fixture_wait_for (self,
                    fixture_has_text (self->notices, "E-0001, track v:1, was indexed with "
                                                     "another FFmpeg"));
  g_assert_true (fixture_has_text (self->notices, "1 of 30 frames differ, the first is 12"));
  g_assert_false (status_says (self, "differ")); /* v:0 is as it was */
  wait_for_own_index (self);
  csm_session_seek (self->session, 12);
  fixture_wait_picture (self);
  g_assert_cmpint (csm_session_get_picture (self->session)->ordinal, ==, 12);
  /* And again, when the case was closed in between. */
  fixture_lock (self);
  fixture_open (self);
  fixture_select (self, 0);
  wait_for_own_index (self);
  assert_kept (self, 1, stored);
  assert_verify_warns (self, "warning: E-0001, track v:1: exact; read again with ");
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
  FACT ("a-further-track-is-read-again", test_a_further_track_is_read_again);
  FACT ("other-frames-of-a-further-track-are-said", test_other_frames_of_a_further_track);
#undef FACT
  return fixture_run ();
}
