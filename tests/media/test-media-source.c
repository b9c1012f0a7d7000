/* test-media-source.c: only regular files are taken, and nothing leaks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-error.h"
#include "media/csm-media-source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_regular_file (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMediaSource) source = NULL;
  char text[4] = "";
  const int *fds;
  int n_fds, fd;
  size_t blob_size = 1;

  fd = g_file_open_tmp ("casement-source-XXXXXX", &path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (fd, "abc", 3), ==, 3);
  close (fd);

  source = csm_media_source_new_for_path (path, &error);
  g_assert_no_error (error);
  fds = csm_media_source_get_fds (source, &n_fds);
  g_assert_cmpint (n_fds, ==, 1);
  g_assert_cmpint (pread (fds[0], text, 3, 0), ==, 3);
  g_assert_cmpstr (text, ==, "abc");
  g_assert_cmpint (fcntl (fds[0], F_GETFL) & O_ACCMODE, ==, O_RDONLY);
  g_assert_cmpint (fcntl (fds[0], F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_null (csm_media_source_get_blob (source, &blob_size));
  g_assert_cmpuint (blob_size, ==, 0);
  g_unlink (path);
}

static void
assert_refused (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_media_source_new_for_path (path, &error));
  g_assert_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO);
}

static void
test_refuses_what_is_no_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("casement-source-XXXXXX", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink ("/dev/zero", link), ==, 0);
  assert_refused (folder);
  assert_refused (fifo); /* and does not wait for a writer */
  assert_refused ("/dev/zero");
  assert_refused (link);
  assert_refused (missing);
  g_unlink (fifo);
  g_unlink (link);
  g_rmdir (folder);
}

static void
test_owns_descriptors_and_blob (void)
{
  int fds[2] = { open ("/dev/null", O_RDONLY | O_CLOEXEC),
                 open ("/dev/null", O_RDONLY | O_CLOEXEC) };
  uint8_t blob[CSM_MEDIA_SOURCE_MAX_BLOB];
  CsmMediaSource *source;
  const uint8_t *kept;
  size_t size;

  memset (blob, 7, sizeof blob);
  source = csm_media_source_new (fds, 2, blob, sizeof blob);
  memset (blob, 0, sizeof blob);
  kept = csm_media_source_get_blob (source, &size);
  g_assert_cmpuint (size, ==, sizeof blob);
  g_assert_cmpuint (kept[0], ==, 7);
  g_assert_cmpuint (kept[size - 1], ==, 7);

  csm_media_source_unref (csm_media_source_ref (source));
  g_assert_cmpint (fcntl (fds[0], F_GETFD), !=, -1);
  csm_media_source_unref (source);
  for (int i = 0; i < 2; i++)
    {
      g_assert_cmpint (fcntl (fds[i], F_GETFD), ==, -1);
      g_assert_cmpint (errno, ==, EBADF);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/media/media-source/takes-a-regular-file", test_regular_file);
  g_test_add_func ("/casement/media/media-source/refuses-what-is-no-file",
                   test_refuses_what_is_no_file);
  g_test_add_func ("/casement/media/media-source/owns-descriptors-and-blob",
                   test_owns_descriptors_and_blob);
  return g_test_run ();
}
