/* test-place.c: which places are warned of
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-place.h"

#include <glib/gstdio.h>

#include <unistd.h>

static void
assert_fs (const char *fs_type, const char *word)
{
  g_autofree char *warning = csm_place_dup_fs_warning (fs_type);

  if (word == NULL)
    g_assert_null (warning);
  else
    {
      g_assert_nonnull (warning);
      g_assert_nonnull (g_strstr_len (warning, -1, word));
    }
}

static void
test_memory (void)
{
  assert_fs ("tmpfs", "switched off");
  assert_fs ("overlay", "switched off");
  assert_fs ("ramfs", "switched off");
}

static void
test_fat (void)
{
  assert_fs ("vfat", "FAT");
  assert_fs ("exfat", "exFAT");
}

static void
test_network (void)
{
  assert_fs ("nfs4", "network share");
  assert_fs ("cifs", "network share");
  assert_fs ("fuse.sshfs", "network share");
}

static void
test_disks (void)
{
  assert_fs ("ext4", NULL);
  assert_fs ("btrfs", NULL);
  assert_fs ("xfs", NULL);
}

static void
test_real_tmpfs (void)
{
  g_autofree char *warning = csm_place_dup_warning ("/dev/shm/nowhere/yet.casement");

  g_assert_nonnull (warning);
  g_assert_nonnull (g_strstr_len (warning, -1, "tmpfs"));
}

/* A folder @inner, made below a fresh one that holds @marker too. */
static char *
warn_below (const char *inner, const char *marker)
{
  g_autofree char *root = g_dir_make_tmp ("csm-place-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (root, inner, NULL);
  g_autofree char *mark = g_build_filename (root, marker, NULL);
  g_autofree char *target = g_build_filename (folder, "not-yet", "x.casement", NULL);
  char *warning;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (mark, "", 0, NULL));
  warning = csm_place_dup_warning (target);
  g_assert_cmpint (g_unlink (mark), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_cmpint (g_rmdir (root), ==, 0);
  return warning;
}

static void
test_synced_names (void)
{
  static const char *const names[][2] = { { "Dropbox", "Dropbox" },
                                          { "OneDrive - Team", "OneDrive" },
                                          { "nextcloud", "Nextcloud" },
                                          { "Google Drive", "Google Drive" } };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *warning = warn_below (names[i][0], "plain");

      g_assert_nonnull (warning);
      g_assert_nonnull (g_strstr_len (warning, -1, names[i][1]));
    }
}

static void
test_synced_markers (void)
{
  g_autofree char *syncthing = warn_below ("cases", ".stfolder");
  g_autofree char *nextcloud = warn_below ("cases", ".sync_1a2b.db");
  g_autofree char *none = warn_below ("cases", "stfolder");

  g_assert_nonnull (g_strstr_len (syncthing, -1, "Syncthing"));
  g_assert_nonnull (g_strstr_len (nextcloud, -1, "Nextcloud"));
  g_assert_true (none == NULL || g_strstr_len (none, -1, "copied") == NULL);
}

/* A link into a synced folder is judged by where it leads. */
static void
test_link (void)
{
  g_autofree char *root = g_dir_make_tmp ("csm-place-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (root, "Dropbox", NULL);
  g_autofree char *link = g_build_filename (root, "desk", NULL);
  g_autofree char *warning = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_cmpint (symlink (folder, link), ==, 0);
  warning = csm_place_dup_warning (link);
  g_assert_nonnull (g_strstr_len (warning, -1, "Dropbox"));
  g_unlink (link);
  g_rmdir (folder);
  g_rmdir (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/intake/place/memory-is-warned-of", test_memory);
  g_test_add_func ("/casement/intake/place/fat-is-warned-of", test_fat);
  g_test_add_func ("/casement/intake/place/network-is-warned-of", test_network);
  g_test_add_func ("/casement/intake/place/disks-are-not", test_disks);
  g_test_add_func ("/casement/intake/place/mount-is-found", test_real_tmpfs);
  g_test_add_func ("/casement/intake/place/synced-names-are-known", test_synced_names);
  g_test_add_func ("/casement/intake/place/synced-markers-are-known", test_synced_markers);
  g_test_add_func ("/casement/intake/place/links-are-followed", test_link);
  return g_test_run ();
}
