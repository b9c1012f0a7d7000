/* csm-place.c: whether a folder is a good place for a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/csm-place.h"

#include <gio/gunixmounts.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *name; /* a whole name, or with '*' at the end its beginning */
  const char *client;
} Synced;

/* Names that the clients give their folders. */
static const Synced synced_folders[] = {
  { "Dropbox", "Dropbox" },
  { "Dropbox (*", "Dropbox" },
  { "OneDrive", "OneDrive" },
  { "OneDrive - *", "OneDrive" },
  { "Nextcloud", "Nextcloud" },
  { "ownCloud", "ownCloud" },
  { "Google Drive", "Google Drive" },
  { "GoogleDrive", "Google Drive" },
  { "google-drive", "Google Drive" },
  { "My Drive", "Google Drive" },
  { "iCloud Drive", "iCloud" },
  { "iCloudDrive", "iCloud" },
  { "MEGA", "MEGA" },
  { "MEGAsync", "MEGA" },
  { "pCloudDrive", "pCloud" },
  { "Syncthing", "Syncthing" },
};

/* What the clients leave in a folder that they copy. */
static const Synced synced_markers[] = {
  { ".stfolder", "Syncthing" },
  { ".dropbox", "Dropbox" },
  { ".dropbox.cache", "Dropbox" },
  { ".sync_*", "Nextcloud" },
  { "._sync_*", "Nextcloud" },
  { ".nextcloudsync.log", "Nextcloud" },
  { ".owncloudsync.log", "ownCloud" },
  { ".849C9593-D756-4E56-8D6E-42412F2A707B", "OneDrive" },
  { ".tmp.drivedownload", "Google Drive" },
  { ".resilio-sync", "Resilio Sync" },
};

static const char *const memory_types[] = { "tmpfs", "ramfs",   "overlay",
                                            "aufs",  "unionfs", "fuse.unionfs-fuse",
                                            NULL };
static const char *const fat_types[] = { "vfat", "msdos", "fat", "exfat", "fuse.exfat", NULL };
static const char *const network_types[] = {
  "nfs",        "nfs4",        "cifs",        "smb3",           "smbfs",      "afs",
  "9p",         "ceph",        "fuse.ceph",   "fuse.glusterfs", "fuse.sshfs", "fuse.gvfsd-fuse",
  "fuse.davfs", "fuse.rclone", "fuse.davfs2", "davfs",          "coda",       "fuse.s3fs",
  "ncpfs",      NULL
};

char *
csm_place_dup_fs_warning (const char *fs_type)
{
  g_return_val_if_fail (fs_type != NULL, NULL);
  if (g_strv_contains (memory_types, fs_type))
    return g_strdup_printf ("This place (%s) keeps files only until the computer is switched "
                            "off; choose a folder on a disk or on persistent storage.",
                            fs_type);
  if (g_strv_contains (fat_types, fs_type))
    return g_strdup_printf ("This disk is formatted as %s, which can lose files when it is "
                            "unplugged early and has no file permissions; a disk formatted as "
                            "ext4 is safer.",
                            strstr (fs_type, "exfat") != NULL ? "exFAT" : "FAT");
  if (g_strv_contains (network_types, fs_type))
    return g_strdup_printf ("This place is a network share (%s): the case would leave this "
                            "computer and can be damaged when the connection breaks; choose a "
                            "folder on this computer.",
                            fs_type);
  return NULL;
}

static bool
name_matches (const char *pattern, const char *name)
{
  size_t length = strlen (pattern);

  if (pattern[length - 1] == '*')
    return strncmp (pattern, name, length - 1) == 0;
  return g_ascii_strcasecmp (pattern, name) == 0;
}

static const char *
find_synced (const Synced *table, size_t n, const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (name_matches (table[i].name, name))
      return table[i].client;
  return NULL;
}

static const char *
find_marker (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  const char *client = NULL;

  if (dir == NULL)
    return NULL;
  while (client == NULL && (name = g_dir_read_name (dir)) != NULL)
    if (name[0] == '.')
      client = find_synced (synced_markers, G_N_ELEMENTS (synced_markers), name);
  return client;
}

/* The sync client that copies @folder or a folder above it. */
static const char *
find_sync_client (const char *folder)
{
  g_autofree char *here = g_strdup (folder);

  while (true)
    {
      g_autofree char *name = g_path_get_basename (here);
      g_autofree char *above = g_path_get_dirname (here);
      const char *client = find_synced (synced_folders, G_N_ELEMENTS (synced_folders), name);

      if (client == NULL)
        client = find_marker (here);
      if (client != NULL)
        return client;
      if (g_str_equal (above, here))
        return NULL;
      g_free (here);
      here = g_steal_pointer (&above);
    }
}

/* The file system that holds @folder, by the mount with the longest matching path. */
static char *
dup_fs_type (const char *folder)
{
  g_autoptr (GUnixMountEntry) mount = g_unix_mount_for (folder, NULL);

  return mount == NULL ? NULL : g_strdup (g_unix_mount_get_fs_type (mount));
}

/* The nearest folder at or above @path, with links resolved. */
static char *
dup_nearest_folder (const char *path)
{
  g_autofree char *here = g_canonicalize_filename (path, NULL);

  while (!g_file_test (here, G_FILE_TEST_IS_DIR))
    {
      char *above = g_path_get_dirname (here);

      g_free (here);
      here = above;
    }

  char *resolved = realpath (here, NULL);
  char *copy = g_strdup (resolved == NULL ? here : resolved);

  free (resolved);
  return copy;
}

char *
csm_place_dup_warning (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autofree char *folder = dup_nearest_folder (path);
  const char *client = find_sync_client (folder);
  g_autofree char *fs_type = NULL;

  if (client != NULL)
    return g_strdup_printf ("This folder is copied to other computers by %s; choose a folder "
                            "that stays on this computer.",
                            client);
  fs_type = dup_fs_type (folder);
  return fs_type == NULL ? NULL : csm_place_dup_fs_warning (fs_type);
}
