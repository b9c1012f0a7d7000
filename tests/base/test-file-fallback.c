/* test-file-fallback.c: nothing is replaced or left behind when the file system lacks calls
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static bool can_link;
static bool can_rename;
static bool can_sync_folder;

static int
fake_renameat2 (int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
  errno = EINVAL;
  return -1;
}

static int
fake_link (const char *from, const char *to)
{
  if (can_link)
    return linkat (AT_FDCWD, from, AT_FDCWD, to, 0);
  errno = EPERM;
  return -1;
}

static int
fake_rename (const char *from, const char *to)
{
  if (can_rename)
    return renameat (AT_FDCWD, from, AT_FDCWD, to);
  errno = EIO;
  return -1;
}

/* What succeeds may leave any number behind. */

static int
fake_unlink (const char *path)
{
  const int rc = unlinkat (AT_FDCWD, path, 0);

  errno = EEXIST;
  return rc;
}

static int
fake_rmdir (const char *path)
{
  const int rc = unlinkat (AT_FDCWD, path, AT_REMOVEDIR);

  errno = EEXIST;
  return rc;
}

static int
fake_fsync (int fd)
{
  if (can_sync_folder || !(fcntl (fd, F_GETFL) & O_DIRECTORY))
    return fdatasync (fd);
  errno = EIO;
  return -1;
}

#define renameat2 fake_renameat2
#define link fake_link
#define rename fake_rename
#define unlink fake_unlink
#define rmdir fake_rmdir
#define fsync fake_fsync
/* The same code, with a poorer kernel under it. */
#include "base/csm-file.c"

typedef struct
{
  char *folder;
  char *a;
  char *b;
} Fixture;

static void
set_up (Fixture *f, gconstpointer links)
{
  f->folder = g_dir_make_tmp ("csm-file-XXXXXX", NULL);
  f->a = g_build_filename (f->folder, "a", NULL);
  f->b = g_build_filename (f->folder, "b", NULL);
  can_link = GPOINTER_TO_INT (links);
  can_rename = true;
  can_sync_folder = true;
}

static void
tear_down (Fixture *f, gconstpointer links)
{
  (void) g_remove (f->a);
  (void) g_remove (f->b);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->a);
  g_free (f->b);
  g_free (f->folder);
}

static void
assert_contents (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_missing (const char *path)
{
  g_assert_cmpint (access (path, F_OK), ==, -1);
}

static void
write_text (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_renames (Fixture *f, gconstpointer links)
{
  g_autoptr (GError) error = NULL;

  write_text (f->a, "a");
  g_assert_true (csm_file_rename_new (f->a, f->b, &error));
  assert_contents (f->b, "a");
  assert_missing (f->a);
}

static void
test_refuses_to_replace (Fixture *f, gconstpointer links)
{
  g_autoptr (GError) error = NULL;

  write_text (f->a, "a");
  write_text (f->b, "b");
  g_assert_false (csm_file_rename_new (f->a, f->b, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  assert_contents (f->a, "a");
  assert_contents (f->b, "b");
}

static void
test_renames_folder (Fixture *f, gconstpointer links)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (f->a, 0700), ==, 0);
  g_assert_true (csm_file_rename_new (f->a, f->b, &error));
  g_assert_true (g_file_test (f->b, G_FILE_TEST_IS_DIR));
  assert_missing (f->a);
  g_assert_cmpint (g_mkdir (f->a, 0700), ==, 0);
  g_assert_false (csm_file_rename_new (f->a, f->b, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
}

static void
test_missing (Fixture *f, gconstpointer links)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_file_rename_new (f->a, f->b, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
  assert_missing (f->b);
}

static void
test_failed_rename_leaves_nothing (Fixture *f, gconstpointer links)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;

  can_rename = false;
  g_assert_false (csm_file_write (f->b, bytes, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  assert_missing (f->b);
  g_clear_error (&error);
  g_assert_cmpint (g_mkdir (f->a, 0700), ==, 0);
  g_assert_false (csm_file_rename_new (f->a, f->b, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  assert_missing (f->b);
}

static void
test_failed_sync_leaves_nothing (Fixture *f, gconstpointer links)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;

  can_sync_folder = false;
  g_assert_false (csm_file_write (f->b, bytes, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO);
  assert_missing (f->b);
}

#define ADD(name, links, test)                                                                \
  g_test_add ("/casement/base/file-fallback/" name, Fixture, GINT_TO_POINTER (links), set_up, \
              test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("link-renames", 1, test_renames);
  ADD ("link-refuses-to-replace", 1, test_refuses_to_replace);
  ADD ("placeholder-renames", 0, test_renames);
  ADD ("placeholder-refuses-to-replace", 0, test_refuses_to_replace);
  ADD ("placeholder-renames-folder", 0, test_renames_folder);
  ADD ("missing", 0, test_missing);
  ADD ("failed-rename-leaves-nothing", 0, test_failed_rename_leaves_nothing);
  ADD ("failed-sync-leaves-nothing", 0, test_failed_sync_leaves_nothing);
  return g_test_run ();
}
