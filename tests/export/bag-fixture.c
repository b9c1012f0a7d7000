/* bag-fixture.c: folders for tests of bags
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bag-fixture.h"

#include <glib/gstdio.h>

#include <string.h>

static bool
run (const char *folder, const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (folder, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  return g_spawn_check_wait_status (status, NULL);
}

void
bag_fixture_set_up (BagFixture *f, gconstpointer unused)
{
  f->folder = g_dir_make_tmp ("csm-bag-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
  f->bag = g_build_filename (f->folder, "bag", NULL);
}

void
bag_fixture_tear_down (BagFixture *f, gconstpointer unused)
{
  const char *const argv[] = { "rm", "-rf", "--", f->folder, NULL };

  g_assert_true (run (NULL, argv));
  g_free (f->folder);
  g_free (f->bag);
}

char *
bag_fixture_path (const BagFixture *f, const char *name)
{
  return g_build_filename (f->bag, name, NULL);
}

void
bag_fixture_put (const BagFixture *f, const char *name, const char *text)
{
  g_autofree char *path = bag_fixture_path (f, name);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

char *
bag_fixture_get (const BagFixture *f, const char *name)
{
  g_autofree char *path = bag_fixture_path (f, name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

void
bag_fixture_remove (const BagFixture *f, const char *name)
{
  g_autofree char *path = bag_fixture_path (f, name);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

bool
bag_fixture_run (const BagFixture *f, const char *command)
{
  const char *const argv[] = { "sh", "-euc", command, NULL };

  return run (f->bag, argv);
}
