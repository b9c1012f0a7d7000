/* csm-place.h: whether a folder is a good place for a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Blocking (statfs, and a look into each folder above). Any thread. */

/* (transfer full) (nullable): one plain sentence that says why the place of @path is a poor one
 * for a case and what to do, or NULL. @path need not exist; the nearest folder above it that
 * does is judged. Warned of: memory and overlay file systems, FAT and exFAT, network shares,
 * folders that a sync client copies to other computers. */
char *csm_place_dup_warning (const char *path);

/* (transfer full) (nullable): what a file system called @fs_type (as /proc/self/mountinfo has
 * it: "tmpfs", "vfat", "fuse.sshfs") brings with it; the part of the above that needs no disk.
 */
char *csm_place_dup_fs_warning (const char *fs_type);
