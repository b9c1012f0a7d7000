/* test-worker-hostile.c: whatever a worker says or leaves unsaid, the host goes on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-frame-index-builder.h"
#include "media/csm-worker-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Silence that counts as hung where that is what is tested, so that it does not take minutes.
 */
#define PATIENCE_MS 100

static char *folder, *program;

typedef struct
{
  CsmWorker *worker;
  int stray;
  GError *error;
} Fixture;

static void
set_up (Fixture *f, gconstpointer lie)
{
  g_autofree char *path = g_build_filename (folder, "lie", NULL);
  g_autoptr (CsmMediaSource) source = NULL;
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  f->stray = open ("/dev/null", O_RDONLY); /* for the worker to inherit, if it can */
  g_assert_true (g_file_set_contents (path, lie, -1, NULL));
  g_assert_cmpint (symlink (g_getenv ("CSM_HOSTILE_WORKER"), program), ==, 0);
  source = csm_media_source_new (&fd, 1, "blob", 4);
  f->worker = csm_worker_new (source, true);
}

static void
tear_down (Fixture *f, gconstpointer lie)
{
  csm_worker_free (f->worker);
  close (f->stray);
  g_clear_error (&f->error);
  g_unlink (program);
}

static CsmFrameIndex *
new_index (int n_frames)
{
  CsmTimebase timebase = { 1, 25 };
  CsmFrameIndexBuilder *builder = csm_frame_index_builder_new (0, timebase, "lib");

  for (int i = 0; i < n_frames; i++)
    {
      CsmIndexPacket packet = { .pos = i * 1000, .pts = i, .dts = i, .size = 1000 };

      g_assert_true (csm_frame_index_builder_add_packet (builder, &packet));
    }
  return csm_frame_index_builder_finish (builder, false);
}

static void
set_index (Fixture *f)
{
  g_autoptr (CsmFrameIndex) index = new_index (10);

  csm_worker_set_index (f->worker, index, &f->error);
  g_assert_no_error (f->error);
}

static void
test_probe_crashes (Fixture *f, gconstpointer lie)
{
  g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
  g_assert_cmpint (csm_worker_get_pid (f->worker), ==, 0);
}

static void
test_greeting_hangs (Fixture *f, gconstpointer lie)
{
  csm_worker_set_patience (f->worker, PATIENCE_MS);
  g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG);
}

static void
test_probe_hangs (Fixture *f, gconstpointer lie)
{
  set_index (f); /* the greeting comes first, in its own time */
  csm_worker_set_patience (f->worker, PATIENCE_MS);
  g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG);
  g_assert_cmpint (csm_worker_get_pid (f->worker), ==, 0);
}

static void
test_scan_crashes (Fixture *f, gconstpointer lie)
{
  g_assert_null (csm_worker_scan (f->worker, 0, NULL, NULL, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
}

static void
test_view_crashes (Fixture *f, gconstpointer lie)
{
  const CsmView view = { .grey = 1 };
  g_autofree char *filters = NULL;

  set_index (f);
  g_assert_null (csm_worker_read_view_png (f->worker, 3, &view, &filters, NULL, &f->error));
  g_assert_null (filters);
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
}

static void
test_thumbnail_crashes (Fixture *f, gconstpointer lie)
{
  set_index (f);
  g_assert_null (csm_worker_read_thumbnail (f->worker, 3, 8, 8, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
}

static void
test_png_crashes (Fixture *f, gconstpointer lie)
{
  set_index (f);
  g_assert_null (csm_worker_read_png (f->worker, 3, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
}

/* As large as it likes: nobody said how large it may be. */
static void
test_huge_picture (Fixture *f, gconstpointer lie)
{
  set_index (f);
  g_assert_null (csm_worker_read_picture (f->worker, 3, NULL, 0, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
}

static void
test_picture_crashes (Fixture *f, gconstpointer lie)
{
  CsmPictureOptions options = { .max_width = 100 };

  set_index (f);
  g_assert_null (csm_worker_read_picture (f->worker, 3, &options, 0, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
}

/* Bands that nobody lets us acknowledge: neither side may wait for ever. */
static void
test_bands_unheard (Fixture *f, gconstpointer lie)
{
  set_index (f);
  csm_worker_set_patience (f->worker, PATIENCE_MS);
  g_assert_null (csm_worker_read_picture (f->worker, 3, NULL, 0, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG);
}

static void
test_deaf (Fixture *f, gconstpointer lie)
{
  g_autoptr (CsmFrameIndex) index = new_index (200000);
  g_autoptr (CsmMediaInfo) info = csm_worker_probe (f->worker, NULL, &f->error);

  g_assert_no_error (f->error);
  csm_worker_set_patience (f->worker, PATIENCE_MS);
  g_assert_false (csm_worker_set_index (f->worker, index, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG);
}

/* The first and two replacements, then no more; and the reason is told again. */
static void
test_three_lives (Fixture *f, gconstpointer lie)
{
  for (int i = 0; i < 3; i++)
    {
      g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
      g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
      g_clear_error (&f->error);
    }
  for (int i = 0; i < 2; i++)
    {
      g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
      g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED);
      g_assert_nonnull (strstr (f->error->message, "signal 6"));
      g_clear_error (&f->error);
    }
}

static void
test_no_cage_stays (Fixture *f, gconstpointer lie)
{
  for (int i = 0; i < 5; i++)
    {
      g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
      g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_CAGE);
      g_assert_cmpstr (f->error->message, ==, "no seccomp");
      g_clear_error (&f->error);
      g_unlink (program); /* it is not even started again */
    }
}

static void
test_io_may_be_tried_again (Fixture *f, gconstpointer lie)
{
  g_autofree char *path = g_build_filename (folder, "lie", NULL);

  for (int i = 0; i < 5; i++)
    {
      g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
      g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO);
      g_clear_error (&f->error);
    }
  g_assert_true (g_file_set_contents (path, "none", -1, NULL));
  set_index (f);
}

static void
test_no_program (Fixture *f, gconstpointer lie)
{
  g_unlink (program);
  g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO);
}

static void
test_text_is_cleaned (Fixture *f, gconstpointer lie)
{
  g_autoptr (CsmMediaInfo) info = csm_worker_probe (f->worker, NULL, &f->error);
  g_autofree char *cage = csm_worker_dup_cage (f->worker);

  g_assert_no_error (f->error);
  g_assert_cmpstr (cage, ==,
                   "no cage\xef\xbf\xbd"
                   "at all");
  g_assert_cmpstr (info->format, ==, "mov\xef\xbf\xbd[31m");
  g_assert_true (g_utf8_validate (info->library, -1, NULL));
  g_assert_cmpstr (info->streams[0].codec, ==, "h264\xef\xbf\xbd\xef\xbf\xbd");
  g_assert_cmpint (info->streams[0].duration, ==, CSM_NO_PTS);
  g_assert_cmpstr (info->metadata[0], ==, "title");
  g_assert_true (g_str_has_suffix (info->metadata[1], "x\xef\xbf\xbd"));
  g_assert_null (info->metadata[2]);
  g_assert_true (csm_media_info_get_stream (info, 'v', 0) == &info->streams[0]);
  g_assert_null (csm_media_info_get_stream (info, 'a', 0));
}

static void
test_error_is_cleaned (Fixture *f, gconstpointer lie)
{
  g_assert_null (csm_worker_probe (f->worker, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED);
  g_assert_cmpstr (f->error->message, ==,
                   "bad\xef\xbf\xbd]0;x\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd"
                   "evil");
  g_assert_cmpint (csm_worker_get_pid (f->worker), !=, 0);
}

/* Told again from the first answer: the worker, by then, may be gone. */
static void
test_probe_once (Fixture *f, gconstpointer lie)
{
  g_autoptr (CsmMediaInfo) first = csm_worker_probe (f->worker, NULL, &f->error);
  g_autoptr (CsmMediaInfo) second = csm_worker_probe (f->worker, NULL, &f->error);

  g_assert_no_error (f->error);
  g_assert_true (first == second);
}

static void
test_pixels_are_copied (Fixture *f, gconstpointer lie)
{
  CsmPicture *picture;
  const uint8_t *pixels;

  set_index (f);
  picture = csm_worker_read_picture (f->worker, 3, NULL, 0, NULL, &f->error);
  g_assert_no_error (f->error);
  g_assert_cmpint (picture->ordinal, ==, 3);
  g_assert_cmpint (picture->width, ==, 4);
  g_assert_cmpint (picture->height, ==, 4);
  g_assert_cmpint (picture->stride, ==, 16);
  g_assert_cmpuint (g_bytes_get_size (picture->pixels), ==, 64);
  pixels = g_bytes_get_data (picture->pixels, NULL);
  for (int i = 0; i < 64; i++)
    g_assert_cmpuint (pixels[i], ==, i < 32 ? 1 : 2);
  csm_picture_free (picture);
}

static void
test_frame_outside (Fixture *f, gconstpointer lie)
{
  const int64_t outside[] = { -1, 10, INT64_MAX };

  g_assert_null (csm_worker_read_picture (f->worker, 0, NULL, 0, NULL, &f->error));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME);
  g_clear_error (&f->error);
  set_index (f);
  for (size_t i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_assert_null (csm_worker_read_png (f->worker, outside[i], NULL, &f->error));
      g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME);
      g_clear_error (&f->error);
    }
}

static int
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_descriptors_are_dropped (Fixture *f, gconstpointer lie)
{
  int before = count_descriptors ();
  g_autoptr (CsmMediaInfo) info = csm_worker_probe (f->worker, NULL, &f->error);

  g_assert_no_error (f->error);
  /* The socket and the transfer memory. */
  g_assert_cmpint (count_descriptors (), ==, before + 2);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* It is ended, which counts as no failure: a fourth time works like the first. */
static void
test_ignored_cancel (Fixture *f, gconstpointer lie)
{
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GThread *thread;

      /* The greeting comes first, in its own time. */
      set_index (f);
      csm_worker_set_patience (f->worker, 1000);
      thread = g_thread_new ("cancel", cancel_soon, cancellable);
      g_assert_null (csm_worker_probe (f->worker, cancellable, &f->error));
      g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (csm_worker_get_pid (f->worker), ==, 0);
      g_clear_error (&f->error);
      g_thread_join (thread);
      csm_worker_set_patience (f->worker, 10000);
    }
}

static void
test_cancelled_before (Fixture *f, gconstpointer lie)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (csm_worker_probe (f->worker, cancellable, &f->error));
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (csm_worker_get_pid (f->worker), ==, 0);
}

static gboolean
take_cb (const void *bytes, size_t size, gpointer data, GError **error)
{
  *(size_t *) data += size;
  return TRUE;
}

/* No more than was allowed reaches the sink, and nothing of what was not described. */
static gboolean
cut (Fixture *f, const char *lie)
{
  size_t taken = 0;
  const CsmClipSink sink = { .write = take_cb, .data = &taken };
  CsmClip clip;
  gboolean ok;

  set_index (f);
  ok = csm_worker_cut_clip (f->worker,
                            g_str_has_prefix (lie, "copied") ? CSM_CLIP_COPIED : CSM_CLIP_FFV1,
                            3, 5, 8, &sink, &clip, NULL, NULL, NULL, &f->error);
  g_assert_cmpuint (taken, <=, g_str_equal (lie, "clip-piece-first") ? 0 : 8);
  return ok;
}

static void
test_clip_crashes (Fixture *f, gconstpointer lie)
{
  g_assert_false (cut (f, lie));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
}

static void
test_clip_is_taken (Fixture *f, gconstpointer lie)
{
  g_assert_true (cut (f, lie));
  g_assert_no_error (f->error);
}

static const char *PROBE_LIES[] = {
  "abort",        "exit",         "empty-message",     "short-message",   "long-message",
  "unknown-kind", "unknown-code", "cancelled-unasked", "done-at-once",    "ready-again",
  "die-mid-info", "stream-first", "stream-twice",      "stream-too-many", "stream-missing",
  "stream-wide",  "info-counts",  "info-twice",        "band-for-info",   "no-start",
};
static const char *HANGS[] = { "mute", "same-progress", "back-and-forth" };
static const char *SCAN_LIES[] = {
  "data-gap", "data-grows", "data-huge", "index-garbage", "index-track",
};
static const char *PICTURE_LIES[] = {
  "wrong-id",   "huge-side",    "too-wide",          "other-frame", "band-gap",
  "band-grows", "half-picture", "die-between-bands", "band-flags",  "filters-for-picture",
};

static const char *VIEW_LIES[] = {
  "data-half", "filters-endless", "filters-end-early", "filters-twice", "filters-missing",
};

static const char *CLIP_LIES[] = {
  "clip-from", "clip-to",    "clip-container", "clip-twice",   "clip-piece-first", "clip-empty",
  "clip-gap",  "clip-large", "copied-late",    "copied-short", "copied-beyond",
};

static void
add (const char *name, const char *lie, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/casement/media/worker-hostile/%s", name);

  g_test_add (path, Fixture, lie, set_up, test, tear_down);
}

static void
add_all (const char **lies, size_t n, void (*test) (Fixture *, gconstpointer))
{
  for (size_t i = 0; i < n; i++)
    add (lies[i], lies[i], test);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  int rc;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("casement-hostile-XXXXXX", NULL);
  program = g_build_filename (folder, "casement-worker", NULL);
  g_setenv ("CSM_WORKER", program, TRUE);
  add_all (PROBE_LIES, G_N_ELEMENTS (PROBE_LIES), test_probe_crashes);
  add_all (HANGS, G_N_ELEMENTS (HANGS), test_probe_hangs);
  add_all (SCAN_LIES, G_N_ELEMENTS (SCAN_LIES), test_scan_crashes);
  add_all (PICTURE_LIES, G_N_ELEMENTS (PICTURE_LIES), test_picture_crashes);
  add ("data-half", "data-half", test_png_crashes);
  for (size_t i = 0; i < G_N_ELEMENTS (VIEW_LIES); i++)
    {
      g_autofree char *name = g_strdup_printf ("view/%s", VIEW_LIES[i]);

      add (name, VIEW_LIES[i], test_view_crashes);
    }
  add_all (CLIP_LIES, G_N_ELEMENTS (CLIP_LIES), test_clip_crashes);
  add ("clip-is-taken", "none", test_clip_is_taken);
  add ("thumbnail-huge", "thumbnail-huge", test_thumbnail_crashes);
  add ("thumbnail-large", "thumbnail-large", test_thumbnail_crashes);
  add ("thumbnail-png", "thumbnail-png", test_thumbnail_crashes);
  add ("huge-picture", "huge-picture", test_huge_picture);
  add ("no-greeting", "no-greeting", test_greeting_hangs);
  add ("bands-unheard", "bands-unheard", test_bands_unheard);
  add ("deaf", "deaf", test_deaf);
  add ("three-lives", "abort", test_three_lives);
  add ("no-cage-stays", "no-cage", test_no_cage_stays);
  add ("io-may-be-tried-again", "no-disk", test_io_may_be_tried_again);
  add ("no-program", "none", test_no_program);
  add ("text-is-cleaned", "none", test_text_is_cleaned);
  add ("error-is-cleaned", "coloured-error", test_error_is_cleaned);
  add ("probed-once", "none", test_probe_once);
  add ("pixels-are-copied", "none", test_pixels_are_copied);
  add ("memory-keeps-its-size", "resize-ring", test_pixels_are_copied);
  add ("frame-outside", "none", test_frame_outside);
  add ("descriptors-are-dropped", "descriptors", test_descriptors_are_dropped);
  add ("ignored-cancel", "mute", test_ignored_cancel);
  add ("cancelled-before", "none", test_cancelled_before);
  rc = g_test_run ();
  path = g_build_filename (folder, "lie", NULL);
  g_unlink (path);
  g_rmdir (folder);
  g_free (program);
  g_free (folder);
  return rc;
}
