/* test-file.c: a file is there whole or not at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "base/csm-file.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
  GBytes *bytes;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->folder = g_dir_make_tmp ("csm-file-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "a", NULL);
  f->bytes = g_bytes_new_static ("one\0two", 7);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
  g_free (f->path);
  g_bytes_unref (f->bytes);
}

static int
count_files (const Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
assert_contents (const char *path, GBytes *bytes)
{
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpmem (data, size, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_write (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  const mode_t mask = umask (0);
  struct stat status;

  g_assert_true (csm_file_write (f->path, f->bytes, &error));
  umask (mask);
  g_assert_no_error (error);
  assert_contents (f->path, f->bytes);
  g_assert_cmpint (stat (f->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (count_files (f), ==, 1);
}

static void
test_write_empty (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);

  g_assert_true (csm_file_write (f->path, empty, NULL));
  assert_contents (f->path, empty);
}

static void
test_write_refuses_to_replace (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);

  g_assert_true (csm_file_write (f->path, f->bytes, NULL));
  g_assert_false (csm_file_write (f->path, other, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  assert_contents (f->path, f->bytes);
  g_assert_cmpint (count_files (f), ==, 1);
}

/* A link that points nowhere is a name taken, too. */
static void
test_write_refuses_dangling_link (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("nowhere", f->path), ==, 0);
  g_assert_false (csm_file_write (f->path, f->bytes, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_assert_cmpint (count_files (f), ==, 1);
}

/* Files of this process end at @size bytes; then EFBIG, as a full disk would say ENOSPC. */
static void
limit_file_size (rlim_t size)
{
  struct rlimit limit;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
test_failed_write_leaves_nothing (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = g_strnfill (100000, 'x');
  g_autoptr (GBytes) large = g_bytes_new (data, 100000);
  g_autofree char *kept = g_build_filename (f->folder, "kept", NULL);

  g_assert_true (csm_file_write (kept, f->bytes, NULL));
  limit_file_size (5000);

  const gboolean written = csm_file_write (f->path, large, &error);

  limit_file_size (RLIM_INFINITY);
  g_assert_false (written);
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  assert_contents (kept, f->bytes);
  g_assert_cmpint (count_files (f), ==, 1);
}

static void
test_no_folder (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *nowhere = g_build_filename (f->folder, "no", "a", NULL);

  g_assert_false (csm_file_write (nowhere, f->bytes, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (csm_file_sync_folder (nowhere, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
  g_assert_true (csm_file_sync_folder (f->path, NULL));
  g_assert_true (csm_file_sync_folder ("a-name-without-folder", NULL));
}

/* /proc takes no files, not even from root. */
static void
test_unwritable_folder (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_file_write ("/proc/self/fdinfo/a", f->bytes, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == CSM_BASE_ERROR);
}

static void
test_write_all_through_pipe (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  signal (SIGPIPE, SIG_IGN);
  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_true (csm_fd_write_all (fds[1], "abc", 3, &error));
  g_assert_true (csm_fd_write_all (fds[1], NULL, 0, &error));
  close (fds[0]);
  g_assert_false (csm_fd_write_all (fds[1], "abc", 3, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  close (fds[1]);
}

static gpointer
drain_pipe (gpointer data)
{
  char buffer[777];
  gsize total = 0;
  ssize_t n;

  /* The timer's signal may come to this thread as well. */
  while ((n = TEMP_FAILURE_RETRY (read (GPOINTER_TO_INT (data), buffer, sizeof buffer))) > 0)
    for (ssize_t i = 0; i < n; i++, total++)
      g_assert_cmpint ((unsigned char) buffer[i], ==, total % 251);
  return GSIZE_TO_POINTER (total);
}

static void
ignore_signal (int signal_number)
{
}

/* A writer that signals reach while its pipe is full writes short and is interrupted. */
static void
test_write_all_interrupted (Fixture *f, gconstpointer unused)
{
  const struct sigaction action = { .sa_handler = ignore_signal }; /* no SA_RESTART */
  const struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
  g_autoptr (GError) error = NULL;
  const gsize size = 4 << 20;
  g_autofree uint8_t *data = g_malloc (size);
  int fds[2];

  for (gsize i = 0; i < size; i++)
    data[i] = (uint8_t) (i % 251);
  g_assert_cmpint (pipe (fds), ==, 0);
  sigaction (SIGALRM, &action, NULL);

  g_autoptr (GThread) reader = g_thread_new ("reader", drain_pipe, GINT_TO_POINTER (fds[0]));

  setitimer (ITIMER_REAL, &often, NULL);
  g_assert_true (csm_fd_write_all (fds[1], data, size, &error));
  setitimer (ITIMER_REAL, &never, NULL);
  close (fds[1]);
  g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (g_steal_pointer (&reader))), ==, size);
  close (fds[0]);
}

static void
test_rename_new (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_build_filename (f->folder, "b", NULL);

  g_assert_true (csm_file_write (f->path, f->bytes, NULL));
  g_assert_true (csm_file_rename_new (f->path, other, &error));
  assert_contents (other, f->bytes);
  g_assert_false (csm_file_rename_new (f->path, other, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (csm_file_write (f->path, f->bytes, NULL));
  g_assert_false (csm_file_rename_new (f->path, other, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_assert_cmpint (count_files (f), ==, 2);
}

#define ADD(name, test) \
  g_test_add ("/casement/base/file/" name, Fixture, NULL, set_up, test, tear_down)

static void
test_read (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_assert_true (csm_file_write (f->path, f->bytes, &error));
  bytes = csm_file_read (f->path, 7, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (bytes, f->bytes));
}

static void
assert_not_read (const char *path, size_t max, CsmBaseError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_file_read (path, max, &error));
  g_assert_error (error, CSM_BASE_ERROR, (int) code);
}

static void
test_read_refused (Fixture *f, gconstpointer unused)
{
  g_autofree char *pipe_path = g_build_filename (f->folder, "pipe", NULL);

  assert_not_read (f->path, 100, CSM_BASE_ERROR_NOT_FOUND);
  g_assert_true (csm_file_write (f->path, f->bytes, NULL));
  assert_not_read (f->path, 6, CSM_BASE_ERROR_INVALID);
  assert_not_read (f->folder, 100, CSM_BASE_ERROR_INVALID);
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  assert_not_read (pipe_path, 100, CSM_BASE_ERROR_INVALID);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("write", test_write);
  ADD ("write-empty", test_write_empty);
  ADD ("write-refuses-to-replace", test_write_refuses_to_replace);
  ADD ("write-refuses-dangling-link", test_write_refuses_dangling_link);
  ADD ("failed-write-leaves-nothing", test_failed_write_leaves_nothing);
  ADD ("no-folder", test_no_folder);
  ADD ("unwritable-folder", test_unwritable_folder);
  ADD ("write-all-through-pipe", test_write_all_through_pipe);
  ADD ("write-all-interrupted", test_write_all_interrupted);
  ADD ("rename-new", test_rename_new);
  ADD ("read", test_read);
  ADD ("read-refused", test_read_refused);
  return g_test_run ();
}
