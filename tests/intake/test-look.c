/* test-look.c: what the worker finds is kept, and marks wait for the exact index
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-json.h"
#include "base/csm-small-picture.h"
#include "casefile/csm-case-tracks.h"
#include "intake-fixture.h"
#include "intake/csm-intake.h"
#include "media/csm-frame-index-builder.h"

#include <string.h>

static char *
sample_path (const char *name)
{
  return g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "data", "sample", name, NULL);
}

static CsmExhibit *
add (Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;
  CsmExhibit *exhibit = NULL;

  g_assert_true (csm_intake_add_file (fixture->acase, path, NULL, NULL, NULL, NULL, &exhibit,
                                      NULL, &error));
  g_assert_no_error (error);
  return exhibit;
}

static CsmWorker *
look (Fixture *fixture, const CsmExhibit *exhibit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source =
      csm_intake_open_media (fixture->acase, &exhibit->id, &error);
  CsmWorker *worker;

  g_assert_no_error (error);
  worker = csm_worker_new (source, false);
  g_assert_true (csm_intake_look (fixture->acase, &exhibit->id, worker, NULL, &error));
  g_assert_no_error (error);
  return worker;
}

static CsmExhibit *
get (Fixture *fixture, const CsmExhibit *exhibit)
{
  g_autoptr (GError) error = NULL;
  CsmExhibit *row = csm_case_get_exhibit (fixture->acase, &exhibit->id, &error);

  g_assert_no_error (error);
  return row;
}

static void
test_provisional (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  g_autoptr (CsmExhibit) row = get (fixture, exhibit);
  g_autoptr (GBytes) bytes = csm_case_get_index (fixture->acase, &exhibit->id, NULL);
  g_autoptr (GBytes) thumbnail = csm_case_get_thumbnail (fixture->acase, &exhibit->id, NULL);
  g_autoptr (CsmFrameIndex) index = csm_frame_index_parse (bytes, NULL);
  int width = 0, height = 0;

  g_assert_cmpint (row->index_state, ==, CSM_INDEX_PROVISIONAL);
  g_assert_cmpint (row->n_frames, ==, csm_frame_index_get_n_frames (index));
  g_assert_cmpint (row->n_frames, >, 10);
  g_assert_cmpint (row->width, >, 0);
  g_assert_cmpint (row->duration_ms, >, 0);
  g_assert_cmpstr (row->codec, ==, "h264");
  g_assert_true (csm_small_picture_check (thumbnail, &width, &height));
  g_assert_cmpint (MAX (width, height), >, 100);
}

/* (transfer full): @n_samples of a ramp, 8000 a second, in one channel. */
static char *
make_wav (Fixture *fixture, const char *name, int n_samples)
{
  char *path = fixture_path (fixture, name);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  uint32_t sizes[2] = { GUINT32_TO_LE (36 + n_samples * 2), GUINT32_TO_LE (n_samples * 2) };
  g_autoptr (GError) error = NULL;

  g_byte_array_append (bytes, (const uint8_t *) "RIFF", 4);
  g_byte_array_append (bytes, (const uint8_t *) &sizes[0], 4);
  g_byte_array_append (bytes, (const uint8_t *) "WAVEfmt \20\0\0\0\1\0\1\0", 16);
  g_byte_array_append (bytes, (const uint8_t *) "\100\37\0\0\200\76\0\0\2\0\20\0data", 16);
  g_byte_array_append (bytes, (const uint8_t *) &sizes[1], 4);
  for (int i = 0; i < n_samples; i++)
    {
      int16_t sample = GINT16_TO_LE ((int16_t) (i % 20000));

      g_byte_array_append (bytes, (const uint8_t *) &sample, 2);
    }
  g_file_set_contents (path, (const char *) bytes->data, bytes->len, &error);
  g_assert_no_error (error);
  return path;
}

static void
test_sound_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_wav (fixture, "speech.wav", 24000);
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  g_autoptr (CsmExhibit) row = get (fixture, exhibit);
  g_autoptr (GBytes) bytes = csm_case_get_sound (fixture->acase, &exhibit->id, NULL);
  g_autoptr (CsmSoundMap) map = csm_sound_map_parse (bytes, NULL);
  int low, high;

  g_assert_cmpint (row->index_state, ==, CSM_INDEX_EXACT);
  g_assert_cmpstr (row->status, ==, "sound only");
  g_assert_cmpstr (row->codec, ==, "pcm_s16le");
  g_assert_cmpint (row->n_frames, ==, 0);
  g_assert_cmpint (row->duration_ms, ==, 3000);
  g_assert_cmpint (csm_sound_map_get_n_samples (map), ==, 24000);
  g_assert_true (csm_sound_map_get_peak (map, 512, 1024, &low, &high));
  g_assert_cmpint (low, ==, 512);
  g_assert_cmpint (high, ==, 1023);
  fixture_assert_holds (fixture);
}

static void
test_sound_that_is_not_there (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_wav (fixture, "empty.wav", 0);
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  g_autoptr (CsmExhibit) row = get (fixture, exhibit);

  g_assert_cmpint (row->index_state, ==, CSM_INDEX_FAILED);
  g_assert_true (g_str_has_prefix (row->status, "cannot be read: "));
  g_assert_null (csm_case_get_sound (fixture->acase, &exhibit->id, NULL));
}

static gboolean
digest_cb (int64_t ordinal, CsmFrameDigest *ret_digest, gpointer data, GError **error)
{
  return csm_worker_read_digest (data, ordinal, ret_digest, NULL, error);
}

static CsmId
save_mark (Fixture *fixture, const CsmExhibit *exhibit, int track, int64_t from, int64_t to)
{
  g_autoptr (GBytes) bytes = csm_case_get_index (fixture->acase, &exhibit->id, NULL);
  g_autoptr (CsmFrameIndex) index = csm_frame_index_parse (bytes, NULL);
  g_autoptr (GError) error = NULL;
  char text[] = "a mark that did not wait";
  CsmMark mark = { .id = csm_id_new (),
                   .exhibit = exhibit->id,
                   .track = track,
                   .from = from,
                   .to = to,
                   .from_pts = csm_frame_index_get (index, from)->pts,
                   .to_pts = csm_frame_index_get (index, to)->pts,
                   .timebase = csm_frame_index_get_timebase (index),
                   .text = text };

  g_assert_true (csm_case_set_mark (fixture->acase, &mark, NULL, 0, NULL, &error));
  g_assert_no_error (error);
  return mark.id;
}

/* What the newest "exhibit.index" says the exhibit has. */
static int64_t
get_signed_frames (Fixture *fixture)
{
  g_autoptr (GPtrArray) entries =
      csm_case_list_entries (fixture->acase, 0, fixture_count_entries (fixture), NULL);
  int64_t n_frames = -2;

  for (unsigned i = 0; i < entries->len; i++)
    {
      const CsmEntry *entry = g_ptr_array_index (entries, i);

      if (g_strcmp0 (csm_entry_get_kind (entry), "exhibit.index") == 0)
        g_assert_true (csm_json_get_int (csm_entry_get_content (entry), "frames", &n_frames));
    }
  return n_frames;
}

/* The provisional count is a guess: what is signed is the exact one. */
static void
test_exact_count_is_signed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  const CsmMediaFacts guess = { .state = CSM_INDEX_PROVISIONAL, .n_frames = 7 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (csm_case_set_media_facts (fixture->acase, &exhibit->id, &guess, &error));
  g_assert_true (
      csm_intake_store_exact (fixture->acase, &exhibit->id, index, digest_cb, worker, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_signed_frames (fixture), ==, csm_frame_index_get_n_frames (index));
}

static gboolean
failing_digest_cb (int64_t ordinal, CsmFrameDigest *ret_digest, gpointer data, GError **error)
{
  if (ordinal != 4)
    return csm_worker_read_digest (data, ordinal, ret_digest, NULL, error);
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED, "no such picture");
  return FALSE;
}

/* (transfer full): @index as if it were one of v:1. */
static CsmFrameIndex *
move_to_track_1 (const CsmFrameIndex *index)
{
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (
      1, csm_frame_index_get_timebase (index), csm_frame_index_get_library (index));

  for (int64_t i = 0; i < csm_frame_index_get_n_packets (index); i++)
    csm_frame_index_builder_add_packet (builder, csm_frame_index_get_packet (index, i));
  for (int64_t i = 0; i < csm_frame_index_get_n_frames (index); i++)
    csm_frame_index_builder_add_frame (builder, csm_frame_index_get (index, i));
  return csm_frame_index_builder_finish (builder, true);
}

/* The exact index of another track says nothing about the first one, nor about marks on it. */
static void
test_another_track (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  const CsmId front = save_mark (fixture, exhibit, 0, 3, 3);
  const CsmId rear = save_mark (fixture, exhibit, 1, 5, 5);
  const GError unread = { CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED, (char *) "torn" };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  g_autoptr (CsmFrameIndex) other = move_to_track_1 (index);
  g_autoptr (CsmExhibit) row = NULL;
  g_autoptr (CsmKeptTrack) kept = NULL;
  g_autoptr (CsmKeptTrack) failed = NULL;
  g_autoptr (CsmMark) waits = NULL;
  g_autoptr (CsmMark) committed = NULL;

  g_assert_no_error (error);
  g_assert_true (csm_worker_set_index (worker, index, &error));
  g_assert_true (csm_intake_store_exact (fixture->acase, &exhibit->id, other, failing_digest_cb,
                                         worker, &error));
  g_assert_no_error (error);
  waits = csm_case_get_mark (fixture->acase, &front, &error);
  committed = csm_case_get_mark (fixture->acase, &rear, &error);
  g_assert_false (waits->committed);
  g_assert_true (committed->committed);
  row = get (fixture, exhibit);
  g_assert_cmpint (row->index_state, ==, CSM_INDEX_PROVISIONAL);
  kept = csm_case_get_track (fixture->acase, &exhibit->id, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (kept->state, ==, CSM_INDEX_EXACT);
  g_assert_cmpint (kept->n_frames, ==, csm_frame_index_get_n_frames (other));
  g_assert_cmpstr (kept->status, ==, "exact");
  g_assert_true (csm_intake_store_failure (fixture->acase, &exhibit->id, 2, &unread, &error));
  failed = csm_case_get_track (fixture->acase, &exhibit->id, 2, &error);
  g_assert_cmpint (failed->state, ==, CSM_INDEX_FAILED);
  g_assert_cmpstr (failed->status, ==, "cannot be read: torn");
}

/* One picture that cannot be read holds up neither the index nor the other marks. */
static void
test_unreadable_picture (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  const CsmId ids[] = { save_mark (fixture, exhibit, 0, 3, 3),
                        save_mark (fixture, exhibit, 0, 4, 4),
                        save_mark (fixture, exhibit, 0, 5, 5) };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  g_autoptr (CsmExhibit) row = NULL;

  g_assert_no_error (error);
  g_assert_true (csm_worker_set_index (worker, index, &error));
  g_assert_true (csm_intake_store_exact (fixture->acase, &exhibit->id, index, failing_digest_cb,
                                         worker, &error));
  g_assert_no_error (error);
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (CsmMark) mark = csm_case_get_mark (fixture->acase, &ids[i], &error);

      g_assert_cmpint (mark->committed, ==, i != 1);
    }
  row = get (fixture, exhibit);
  g_assert_cmpint (row->index_state, ==, CSM_INDEX_EXACT);
  g_assert_cmpstr (row->status, ==, "exact, marks without their picture: 1 (no such picture)");
}

static gboolean
cancelled_digest_cb (int64_t ordinal, CsmFrameDigest *ret_digest, gpointer data, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  return FALSE;
}

/* Stopped half way it begins again, and the index that is bound already is not bound again. */
static void
test_stopped_pass_binds_once (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  const CsmId id = save_mark (fixture, exhibit, 0, 3, 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  g_autoptr (CsmMark) mark = NULL;
  int64_t n;

  g_assert_true (csm_worker_set_index (worker, index, &error));
  g_assert_false (csm_intake_store_exact (fixture->acase, &exhibit->id, index,
                                          cancelled_digest_cb, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  n = fixture_count_entries (fixture);
  g_assert_true (
      csm_intake_store_exact (fixture->acase, &exhibit->id, index, digest_cb, worker, &error));
  g_assert_no_error (error);
  g_assert_cmpint (fixture_count_entries (fixture), ==, n + 1); /* the mark's frames */
  mark = csm_case_get_mark (fixture->acase, &id, &error);
  g_assert_true (mark->committed);
}

static void
test_exact (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  CsmId ids[2] = { save_mark (fixture, exhibit, 0, 3, 9),
                   save_mark (fixture, exhibit, 0, 4, 4) };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  g_autoptr (CsmExhibit) row = NULL;

  g_assert_no_error (error);
  g_assert_true (csm_worker_set_index (worker, index, &error));
  g_assert_true (
      csm_intake_store_exact (fixture->acase, &exhibit->id, index, digest_cb, worker, &error));
  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (CsmMark) mark = csm_case_get_mark (fixture->acase, &ids[i], &error);

      g_assert_true (mark->committed);
    }
  row = get (fixture, exhibit);
  g_assert_cmpint (row->index_state, ==, CSM_INDEX_EXACT);
  g_assert_cmpstr (row->status, ==, "exact");
  g_assert_cmpstr (row->codec, ==, "h264");
  fixture_assert_holds (fixture);
}

static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_make_file (fixture, "noise.mp4", 100000, 1);
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  g_autoptr (CsmExhibit) row = get (fixture, exhibit);

  g_assert_cmpint (row->index_state, ==, CSM_INDEX_FAILED);
  g_assert_true (g_str_has_prefix (row->status, "cannot be read: "));
  fixture_assert_holds (fixture);
}

static void
test_failure (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (CsmWorker) worker = look (fixture, exhibit);
  g_autoptr (GError) hung =
      g_error_new_literal (CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG, "no progress");
  g_autoptr (GError) cancelled =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  g_autoptr (CsmExhibit) before = NULL;
  g_autoptr (CsmExhibit) after = NULL;

  g_assert_true (csm_intake_store_failure (fixture->acase, &exhibit->id, 0, cancelled, NULL));
  before = get (fixture, exhibit);
  g_assert_cmpstr (before->status, ==, "provisional");
  g_assert_true (csm_intake_store_failure (fixture->acase, &exhibit->id, 0, hung, NULL));
  after = get (fixture, exhibit);
  g_assert_cmpint (after->index_state, ==, CSM_INDEX_PROVISIONAL);
  g_assert_cmpstr (after->status, ==, "provisional: cannot be decoded to its end: no progress");
  g_assert_cmpint (after->n_frames, ==, before->n_frames);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = sample_path ("car-park.mp4");
  g_autoptr (CsmExhibit) exhibit = add (fixture, path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CsmMediaSource) source =
      csm_intake_open_media (fixture->acase, &exhibit->id, NULL);
  g_autoptr (CsmWorker) worker = csm_worker_new (source, false);
  g_autoptr (CsmExhibit) row = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (csm_intake_look (fixture->acase, &exhibit->id, worker, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  row = get (fixture, exhibit);
  g_assert_cmpint (row->index_state, ==, CSM_INDEX_NONE);
}

#define ADD(name, function)                                                           \
  g_test_add ("/casement/intake/look/" name, Fixture, NULL, fixture_set_up, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("index-facts-and-thumbnail-are-kept", test_provisional);
  ADD ("sound-alone-has-its-map", test_sound_alone);
  ADD ("sound-that-is-not-there-cannot-be-read", test_sound_that_is_not_there);
  ADD ("the-exact-index-commits-the-marks-that-wait", test_exact);
  ADD ("the-exact-count-is-signed", test_exact_count_is_signed);
  ADD ("another-track-is-its-own-affair", test_another_track);
  ADD ("a-picture-that-cannot-be-read-holds-up-nothing", test_unreadable_picture);
  ADD ("a-stopped-pass-binds-its-index-once", test_stopped_pass_binds_once);
  ADD ("a-file-that-cannot-be-read-says-why", test_unreadable);
  ADD ("a-failed-decode-keeps-the-provisional-index", test_failure);
  ADD ("cancelled-it-changes-nothing", test_cancel);
  return g_test_run ();
}
