/* test-worker.c: the real worker, asked, killed, stopped and asked again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "media/csm-worker-private.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_FRAMES 75

static char *folder, *h264, *mpeg2;

static char *
make_clip (const char *name, const char *codec)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *line = g_strdup_printf (
      "ffmpeg -nostdin -loglevel error -y -f lavfi -i testsrc2=s=322x182:r=25:d=3 "
      "-f lavfi -i sine=d=3 -metadata title=Strasse -c:v %s %s",
      codec, path);
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_command_line_sync (line, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return g_steal_pointer (&path);
}

typedef struct
{
  CsmWorker *worker;
  CsmFrameIndex *index; /* the one in use: exact where a scan cannot give numbers */
  GError *error;
} Fixture;

static CsmWorker *
new_worker (const char *path, bool nice)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = csm_media_source_new_for_path (path, &error);

  g_assert_no_error (error);
  return csm_worker_new (source, nice);
}

static void
set_up (Fixture *f, gconstpointer clip)
{
  f->worker = new_worker (*(char *const *) clip, false);
  f->index = csm_worker_scan (f->worker, 0, NULL, NULL, NULL, &f->error);
  g_assert_no_error (f->error);
  if (csm_frame_index_get_risks (f->index) != 0)
    {
      csm_frame_index_unref (f->index);
      f->index = csm_worker_verify (f->worker, 0, NULL, NULL, NULL, &f->error);
      g_assert_no_error (f->error);
    }
  csm_worker_set_index (f->worker, f->index, &f->error);
  g_assert_no_error (f->error);
}

static void
tear_down (Fixture *f, gconstpointer clip)
{
  csm_worker_free (f->worker);
  csm_frame_index_unref (f->index);
  g_assert_no_error (f->error);
}

static CsmPicture *
read_plain (Fixture *f, int64_t ordinal)
{
  CsmPictureOptions options = { .accurate = true, .as_decoded = true };

  return csm_worker_read_picture (f->worker, ordinal, &options, 1, NULL, &f->error);
}

static void
assert_works (Fixture *f)
{
  CsmPicture *picture = read_plain (f, 5);

  g_assert_no_error (f->error);
  g_assert_cmpint (picture->width, ==, 322);
  g_assert_cmpint (picture->height, ==, 182);
  csm_picture_free (picture);
}

static void
test_probe (Fixture *f, gconstpointer clip)
{
  g_autoptr (CsmMediaInfo) info = csm_worker_probe (f->worker, NULL, &f->error);
  g_autofree char *cage = csm_worker_dup_cage (f->worker);
  const CsmStreamInfo *video, *audio;

  g_assert_no_error (f->error);
  g_assert_cmpint (info->n_streams, ==, 2);
  video = csm_media_info_get_stream (info, 'v', 0);
  audio = csm_media_info_get_stream (info, 'a', 0);
  g_assert_cmpint (video->width, ==, 322);
  g_assert_cmpint (video->height, ==, 182);
  g_assert_cmpstr (video->pixel_format, ==, "yuv420p");
  g_assert_cmpint (audio->sample_rate, ==, 44100);
  g_assert_true (g_str_has_prefix (info->library, "libavcodec "));
  g_assert_nonnull (strstr (cage, "seccomp"));
  if (*(char *const *) clip == h264)
    {
      g_assert_cmpstr (video->codec, ==, "h264");
      g_assert_true (g_strv_contains ((const char *const *) info->metadata, "Strasse"));
      g_assert_cmpint (info->duration_ms, ==, 3000);
    }
}

static void
test_scan_and_verify (Fixture *f, gconstpointer clip)
{
  g_autoptr (CsmFrameIndex) exact =
      csm_worker_verify (f->worker, 0, NULL, NULL, NULL, &f->error);

  g_assert_no_error (f->error);
  g_assert_false (csm_frame_index_is_exact (f->index));
  g_assert_cmpint (csm_frame_index_get_n_frames (f->index), ==, N_FRAMES);
  g_assert_true (csm_frame_index_is_exact (exact));
  g_assert_cmpint (csm_frame_index_get_n_frames (exact), ==, N_FRAMES);
  g_assert_cmpint (csm_frame_index_get_n_damaged (exact), ==, 0);
  for (int i = 0; i < N_FRAMES; i++)
    {
      const CsmFrameEntry *frame = csm_frame_index_get (exact, i);

      g_assert_cmpuint (frame->hash[0] | frame->hash[1], !=, 0);
      g_assert_cmpint (frame->pts, ==, csm_frame_index_get (f->index, i)->pts);
      g_assert_cmpint (frame->packet, ==, csm_frame_index_get (f->index, i)->packet);
    }
}

static void
test_missing_track (Fixture *f, gconstpointer clip)
{
  int pid = csm_worker_get_pid (f->worker);

  g_assert_null (csm_worker_scan (f->worker, 1, NULL, NULL, NULL, &f->error));
  g_assert_true (f->error->domain == CSM_MEDIA_ERROR);
  g_clear_error (&f->error);
  g_assert_cmpint (csm_worker_get_pid (f->worker), ==, pid);
}

/* B8G8R8A8 as shown, against R8G8B8 as saved. */
static void
assert_same_pixels (const CsmPicture *picture, GBytes *png)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new_with_type ("png", NULL);
  const uint8_t *shown = g_bytes_get_data (picture->pixels, NULL);
  const uint8_t *saved;
  GdkPixbuf *still;
  int channels;

  g_assert_true (gdk_pixbuf_loader_write_bytes (loader, png, NULL));
  g_assert_true (gdk_pixbuf_loader_close (loader, NULL));
  still = gdk_pixbuf_loader_get_pixbuf (loader);
  g_assert_cmpint (gdk_pixbuf_get_width (still), ==, picture->width);
  g_assert_cmpint (gdk_pixbuf_get_height (still), ==, picture->height);
  channels = gdk_pixbuf_get_n_channels (still);
  saved = gdk_pixbuf_read_pixels (still);
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++)
      {
        const uint8_t *a = shown + y * picture->stride + x * 4;
        const uint8_t *b = saved + y * gdk_pixbuf_get_rowstride (still) + x * channels;

        if (a[0] != b[2] || a[1] != b[1] || a[2] != b[0] || a[3] != 255)
          g_error ("pixel %d,%d: %d %d %d is not %d %d %d", x, y, a[2], a[1], a[0], b[0], b[1],
                   b[2]);
      }
}

static void
test_shown_is_saved (Fixture *f, gconstpointer clip)
{
  for (int ordinal = 0; ordinal < N_FRAMES; ordinal += 13)
    {
      CsmPicture *picture = read_plain (f, ordinal);
      g_autoptr (GBytes) png = NULL;

      g_assert_no_error (f->error);
      png = csm_worker_read_png (f->worker, ordinal, NULL, &f->error);
      g_assert_no_error (f->error);
      assert_same_pixels (picture, png);
      csm_picture_free (picture);
    }
}

static void
test_fits_inside (Fixture *f, gconstpointer clip)
{
  CsmPictureOptions options = { .max_width = 100, .max_height = 100 };
  CsmPicture *picture = csm_worker_read_picture (f->worker, 7, &options, 0, NULL, &f->error);
  g_autoptr (GBytes) thumbnail =
      csm_worker_read_thumbnail (f->worker, 7, 64, 64, NULL, &f->error);
  int width = 0, height = 0;

  g_assert_no_error (f->error);
  g_assert_cmpint (picture->width, ==, 100);
  g_assert_cmpint (ABS (picture->height - 57), <=, 1);
  g_assert_true (csm_small_picture_check (thumbnail, &width, &height));
  g_assert_cmpint (width, ==, 64);
  g_assert_cmpint (height, ==, 36);
  csm_picture_free (picture);
}

static void
test_digest_by_any_way (Fixture *f, gconstpointer clip)
{
  const int order[] = { 70, 3, 40, 41, 40, 39, 3 };
  CsmFrameDigest digests[G_N_ELEMENTS (order)];

  for (size_t i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_assert_true (
          csm_worker_read_digest (f->worker, order[i], &digests[i], NULL, &f->error));
      g_assert_cmpstr (digests[i].pixel_format, ==, "yuv420p");
      g_assert_cmpint (digests[i].size, ==, 322 * 182 + 2 * 161 * 91);
    }
  g_assert_true (csm_digest_equal (&digests[1].sha256, &digests[6].sha256));
  g_assert_true (csm_digest_equal (&digests[2].sha256, &digests[4].sha256));
  g_assert_false (csm_digest_equal (&digests[2].sha256, &digests[3].sha256));
  g_assert_cmpmem (digests[2].md5, 16, digests[4].md5, 16);
}

static void
test_stepping_keeps_the_process (Fixture *f, gconstpointer clip)
{
  int pid = csm_worker_get_pid (f->worker);

  for (int i = 0; i < 2 * N_FRAMES; i++)
    {
      int ordinal = i < N_FRAMES ? i : 2 * N_FRAMES - 1 - i;
      CsmPicture *picture = read_plain (f, ordinal);

      g_assert_no_error (f->error);
      g_assert_cmpint (picture->ordinal, ==, ordinal);
      csm_picture_free (picture);
    }
  g_assert_cmpint (csm_worker_get_pid (f->worker), ==, pid);
}

typedef struct
{
  int pid;
  int signal;
  GCancellable *cancellable;
} Blow;

/* Strikes while the other thread waits for a worker that stands still. */
static gpointer
strike (gpointer data)
{
  const Blow *blow = data;

  g_usleep (50 * 1000);
  if (blow->cancellable != NULL)
    {
      g_cancellable_cancel (blow->cancellable);
      g_usleep (50 * 1000);
    }
  kill (blow->pid, blow->signal);
  return NULL;
}

static void
test_killed_while_reading (Fixture *f, gconstpointer clip)
{
  for (int i = 0; i < 2; i++)
    {
      CsmFrameDigest before, after;
      Blow blow = { .pid = csm_worker_get_pid (f->worker), .signal = SIGKILL };
      GThread *thread;

      g_assert_true (csm_worker_read_digest (f->worker, 30, &before, NULL, &f->error));
      kill (blow.pid, SIGSTOP);
      thread = g_thread_new ("strike", strike, &blow);
      g_assert_null (read_plain (f, 20));
      g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_CRASHED);
      g_assert_nonnull (strstr (f->error->message, "signal 9"));
      g_clear_error (&f->error);
      g_thread_join (thread);

      /* A new process, which was given the index without being asked to. */
      g_assert_true (csm_worker_read_digest (f->worker, 30, &after, NULL, &f->error));
      g_assert_cmpint (csm_worker_get_pid (f->worker), !=, blow.pid);
      g_assert_true (csm_digest_equal (&before.sha256, &after.sha256));
    }
}

static void
test_stopped_is_hung (Fixture *f, gconstpointer clip)
{
  kill (csm_worker_get_pid (f->worker), SIGSTOP);
  csm_worker_set_patience (f->worker, 100);
  g_assert_null (read_plain (f, 20));
  g_assert_error (f->error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_HUNG);
  g_clear_error (&f->error);
  csm_worker_set_patience (f->worker, 10000);
  assert_works (f);
}

static void
test_cancelled_stays_usable (Fixture *f, gconstpointer clip)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  int pid = csm_worker_get_pid (f->worker);
  Blow blow = { .pid = pid, .signal = SIGCONT, .cancellable = cancellable };
  GThread *thread;

  kill (pid, SIGSTOP);
  thread = g_thread_new ("strike", strike, &blow);
  g_assert_null (csm_worker_verify (f->worker, 0, NULL, NULL, cancellable, &f->error));
  g_assert_error (f->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&f->error);
  g_thread_join (thread);
  assert_works (f);
  g_assert_cmpint (csm_worker_get_pid (f->worker), ==, pid);
}

/* Nothing but the three standard ones, the socket to us and the source. */
static void
test_descriptors_of_the_worker (Fixture *f, gconstpointer clip)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", csm_worker_get_pid (f->worker));
  DIR *dir = opendir (path);
  struct dirent *entry;
  int n = 0;

  if (dir == NULL)
    {
      /* Who is not root may not even look: the cage closes that too. */
      g_assert_cmpint (errno, ==, EACCES);
      return;
    }
  while ((entry = readdir (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (path, entry->d_name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      if (entry->d_name[0] == '.')
        continue;
      n++;
      if (atoi (entry->d_name) <= 2)
        g_assert_cmpstr (target, ==, "/dev/null");
      else if (atoi (entry->d_name) == 3)
        g_assert_true (g_str_has_prefix (target, "socket:"));
      else
        g_assert_cmpstr (target, ==, *(char *const *) clip);
    }
  closedir (dir);
  g_assert_cmpint (n, ==, 5);
}

static void
test_nice_gives_way (void)
{
  CsmWorker *nice = new_worker (h264, true), *hasty = new_worker (h264, false);

  csm_media_info_unref (csm_worker_probe (nice, NULL, NULL));
  csm_media_info_unref (csm_worker_probe (hasty, NULL, NULL));
  g_assert_cmpint (getpriority (PRIO_PROCESS, (id_t) csm_worker_get_pid (nice)), >=, 10);
  g_assert_cmpint (sched_getscheduler (csm_worker_get_pid (nice)), ==, SCHED_BATCH);
  g_assert_cmpint (sched_getscheduler (csm_worker_get_pid (hasty)), ==, SCHED_OTHER);
  csm_worker_free (nice);
  csm_worker_free (hasty);
}

static gpointer
probe_in_thread (gpointer worker)
{
  csm_media_info_unref (csm_worker_probe (worker, NULL, NULL));
  return NULL;
}

/* The kernel ends a worker with the thread that started it: that must be none of the lanes. */
static void
test_outlives_the_thread (void)
{
  g_autoptr (CsmWorker) worker = new_worker (h264, false);
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (GError) error = NULL;
  int pid;

  g_thread_join (g_thread_new ("probe", probe_in_thread, worker));
  pid = csm_worker_get_pid (worker);
  g_usleep (50 * 1000);
  index = csm_worker_scan (worker, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_worker_get_pid (worker), ==, pid);
}

static void
test_freed_is_gone (void)
{
  CsmWorker *worker = new_worker (h264, false);
  int pid;

  csm_media_info_unref (csm_worker_probe (worker, NULL, NULL));
  pid = csm_worker_get_pid (worker);
  g_assert_cmpint (kill (pid, 0), ==, 0);
  csm_worker_free (worker);
  g_assert_cmpint (kill (pid, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
  csm_worker_free (NULL);
}

/* Cuts are told where they are; what moves within a shot, and a slow change, are none. */
static void
test_shots (void)
{
  g_autofree char *path = g_build_filename (folder, "shots.mkv", NULL);
  g_autofree char *line = g_strdup_printf (
      "ffmpeg -nostdin -loglevel error -y -f lavfi -i testsrc2=s=320x180:r=25:d=1 "
      "-f lavfi -i color=white:s=320x180:r=25:d=1 -f lavfi -i color=black:s=320x180:r=25:d=2 "
      "-filter_complex [2]fade=in:0:25:color=white[f];[0][1][f]concat=n=3 "
      "-c:v libx264 -preset ultrafast -bf 2 %s",
      path);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmWorker) worker = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  int status = 0;

  g_assert_true (g_spawn_command_line_sync (line, NULL, NULL, &status, &error));
  g_assert_cmpint (status, ==, 0);
  worker = new_worker (path, false);
  index = csm_worker_verify (worker, 0, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_frame_index_get_n_frames (index), ==, 100);
  for (int64_t i = 0; i < 100; i++)
    g_assert_cmpint (csm_frame_index_get (index, i)->cut, ==, i == 25);
  g_unlink (path);
}

static void
test_not_media (void)
{
  g_autofree char *path = g_build_filename (folder, "text.mp4", NULL);
  g_autoptr (CsmWorker) worker = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "no film at all", -1, NULL));
  worker = new_worker (path, false);
  for (int i = 0; i < 5; i++)
    {
      g_assert_null (csm_worker_probe (worker, NULL, &error));
      g_assert_true (error->domain == CSM_MEDIA_ERROR);
      g_assert_cmpint (error->code, !=, CSM_MEDIA_ERROR_CRASHED);
      g_clear_error (&error);
    }
  g_unlink (path);
}

/* The parent in a /proc/PID/stat, behind the name, or 0. */
static int
get_parent (const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "stat", NULL);
  g_autofree char *text = NULL;
  const char *behind;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  behind = strrchr (text, ')');
  return behind != NULL && strlen (behind) > 4 ? atoi (behind + 4) : 0;
}

/* Waits for a process of ours, of which there is no other. */
static int
wait_for_spare (void)
{
  for (;;)
    {
      g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        if (atoi (name) > 0 && get_parent (name) == (int) getpid ())
          return atoi (name);
      g_usleep (1000);
    }
}

/* Whether the spare that is there now became the worker of a file. */
static bool
spare_is_used (bool dies_before)
{
  const int spare = wait_for_spare ();
  g_autoptr (CsmWorker) worker = new_worker (mpeg2, false);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaInfo) info = NULL;
  siginfo_t end;

  if (dies_before)
    {
      kill (spare, SIGKILL);
      g_assert_cmpint (waitid (P_PID, (id_t) spare, &end, WEXITED | WNOWAIT), ==, 0);
    }
  info = csm_worker_probe (worker, NULL, &error);
  g_assert_no_error (error);
  return csm_worker_get_pid (worker) == spare;
}

/* A spare is used, and one that died meanwhile is not. */
static void
test_spare (void)
{
  csm_worker_prestart ();
  for (int i = 0; i < 2; i++)
    {
      /* The first that is there may not have been put aside yet. */
      while (!spare_is_used (false))
        continue;
      g_assert_false (spare_is_used (true));
    }
}

/* Whoever is about to become another program must leave no child that it would not know. */
static void
test_spare_ends (void)
{
  csm_worker_prestart ();
  (void) wait_for_spare ();
  csm_worker_end_prestarted ();
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

static void
add (const char *name, char **clip, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/casement/media/worker/%s", name);

  g_test_add (path, Fixture, clip, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  int rc;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("casement-worker-XXXXXX", NULL);
  h264 = make_clip ("a.mp4", "libx264 -preset ultrafast -g 20 -bf 2 -pix_fmt yuv420p -t 3");
  mpeg2 = make_clip ("b.mpg", "mpeg2video -g 12 -bf 2 -q:v 4 -t 3");

  add ("probe-mp4", &h264, test_probe);
  add ("probe-mpg", &mpeg2, test_probe);
  add ("scan-and-verify", &h264, test_scan_and_verify);
  add ("missing-track", &h264, test_missing_track);
  add ("shown-is-saved-mp4", &h264, test_shown_is_saved);
  add ("shown-is-saved-mpg", &mpeg2, test_shown_is_saved);
  add ("fits-inside", &h264, test_fits_inside);
  add ("digest-by-any-way", &mpeg2, test_digest_by_any_way);
  add ("stepping-keeps-the-process", &h264, test_stepping_keeps_the_process);
  add ("killed-while-reading", &h264, test_killed_while_reading);
  add ("stopped-is-hung", &h264, test_stopped_is_hung);
  add ("cancelled-stays-usable", &h264, test_cancelled_stays_usable);
  add ("descriptors", &h264, test_descriptors_of_the_worker);
  g_test_add_func ("/casement/media/worker/nice-gives-way", test_nice_gives_way);
  g_test_add_func ("/casement/media/worker/outlives-the-thread", test_outlives_the_thread);
  g_test_add_func ("/casement/media/worker/freed-is-gone", test_freed_is_gone);
  g_test_add_func ("/casement/media/worker/shots", test_shots);
  g_test_add_func ("/casement/media/worker/not-media", test_not_media);
  g_test_add_func ("/casement/media/worker/spare", test_spare);
  g_test_add_func ("/casement/media/worker/spare-ends-without-a-trace", test_spare_ends);
  rc = g_test_run ();

  g_unlink (h264);
  g_unlink (mpeg2);
  g_rmdir (folder);
  g_free (h264);
  g_free (mpeg2);
  g_free (folder);
  return rc;
}
