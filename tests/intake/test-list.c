/* test-list.c: which files a list of paths stands for
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "intake-fixture.h"
#include "intake/csm-intake.h"

#include <glib/gstdio.h>

#include <sys/stat.h>
#include <unistd.h>

static GPtrArray *
list (const char *path, int64_t *bytes)
{
  char *const paths[] = { (char *) path, NULL };
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GPtrArray *files = csm_intake_list_files (paths, bytes, refused, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (refused->len, ==, 0);
  return files;
}

static void
assert_name (GPtrArray *files, unsigned i, const char *expected)
{
  g_autofree char *name = NULL;

  g_assert_cmpuint (i, <, files->len);
  name = g_path_get_basename (g_ptr_array_index (files, i));
  g_assert_cmpstr (name, ==, expected);
}

static void
test_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tree = fixture_path (fixture, "tree");
  g_autofree char *sub = fixture_path (fixture, "tree/b-sub");
  g_autofree char *link = fixture_path (fixture, "tree/a-link");
  g_autofree char *pipe_path = fixture_path (fixture, "tree/pipe");
  g_autoptr (GPtrArray) files = NULL;
  int64_t bytes;

  g_assert_cmpint (g_mkdir (tree, 0700) | g_mkdir (sub, 0700), ==, 0);
  g_free (fixture_make_file (fixture, "tree/c", 3, 1));
  g_free (fixture_make_file (fixture, "tree/a", 1, 1));
  g_free (fixture_make_file (fixture, "tree/b-sub/z", 10, 1));
  g_free (fixture_make_file (fixture, "tree/.hidden", 100, 1));
  g_assert_cmpint (symlink ("c", link), ==, 0);
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);

  files = list (tree, &bytes);
  g_assert_cmpuint (files->len, ==, 3);
  assert_name (files, 0, "a");
  assert_name (files, 1, "z");
  assert_name (files, 2, "c");
  g_assert_cmpint (bytes, ==, 14);
}

/* Deeper than anybody nests folders by hand: the one thing that even root cannot enter. */
static void
test_unreadable_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tree = fixture_path (fixture, "tree");
  g_autoptr (GString) deep = g_string_new (tree);
  char *const paths[] = { tree, NULL };
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 260; i++)
    g_string_append (deep, "/d");
  g_assert_cmpint (g_mkdir_with_parents (deep->str, 0700), ==, 0);
  g_free (fixture_make_file (fixture, "tree/a", 1, 1));
  g_free (fixture_make_file (fixture, "tree/z", 1, 1));
  files = csm_intake_list_files (paths, NULL, refused, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (files->len, ==, 2);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (refused, 0), "/d/d: "));
}

static void
test_named_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = fixture_make_file (fixture, "real", 5, 1);
  g_autofree char *link = fixture_path (fixture, "link");
  g_autoptr (GPtrArray) files = NULL;

  g_assert_cmpint (symlink (file, link), ==, 0);
  files = list (link, NULL);
  g_assert_cmpuint (files->len, ==, 1);
  assert_name (files, 0, "real");
}

static void
test_named_hidden (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = fixture_make_file (fixture, ".clip", 5, 1);
  g_autoptr (GPtrArray) files = list (file, NULL);

  assert_name (files, 0, ".clip");
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *there = fixture_make_file (fixture, "there", 5, 1);
  g_autofree char *missing = fixture_path (fixture, "missing");
  char *const paths[] = { there, missing, NULL };
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_intake_list_files (paths, NULL, refused, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *empty = fixture_path (fixture, "empty");
  char *const paths[] = { empty, NULL };
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  g_assert_null (csm_intake_list_files (paths, NULL, refused, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
}

static void
test_pipe (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = fixture_path (fixture, "pipe");
  char *const paths[] = { path, NULL };
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_null (csm_intake_list_files (paths, NULL, refused, &error));
  g_assert_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID);
}

static void
test_own (Fixture *fixture, gconstpointer data)
{
  CsmMediaStore *store = csm_case_get_media_store (fixture->acase);
  g_autofree char *other = fixture_make_file (fixture, "square.casement.txt", 1, 1);
  g_autoptr (GPtrArray) media = list (csm_media_store_get_path (store), NULL);

  g_assert_true (csm_intake_is_own_file (fixture->acase, fixture->case_path));
  g_assert_cmpuint (media->len, >, 0);
  for (unsigned i = 0; i < media->len; i++)
    g_assert_true (csm_intake_is_own_file (fixture->acase, g_ptr_array_index (media, i)));
  g_assert_false (csm_intake_is_own_file (fixture->acase, other));
}

#define ADD(name, function)                                                           \
  g_test_add ("/casement/intake/list/" name, Fixture, NULL, fixture_set_up, function, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("folders-are-entered-sorted-without-links-and-hidden-files", test_folder);
  ADD ("a-folder-that-cannot-be-read-is-named-and-left-out", test_unreadable_folder);
  ADD ("a-named-link-is-resolved", test_named_link);
  ADD ("a-named-hidden-file-is-taken", test_named_hidden);
  ADD ("a-missing-path-fails", test_missing);
  ADD ("an-empty-folder-fails", test_nothing);
  ADD ("a-pipe-is-refused", test_pipe);
  ADD ("the-case-knows-its-own-files", test_own);
  return g_test_run ();
}
