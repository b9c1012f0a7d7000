/* csm-file.h: files that are there whole or not at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

/* Blocking; lane or tool only. Errors: CSM_BASE_ERROR. */

/* Writes @bytes to @path, mode 0600, by a temporary name in the same folder, fsync, a rename
 * that refuses to replace anything (_EXISTS), and fsync of the folder. On failure nothing is
 * left behind. */
gboolean csm_file_write (const char *path, GBytes *bytes, GError **error);
/* fsync of the folder that holds @path, so that a rename in it survives a power cut. */
gboolean csm_file_sync_folder (const char *path, GError **error);
/* Renames without replacing; _EXISTS when @to is there. Works where renameat2 does not. */
gboolean csm_file_rename_new (const char *from, const char *to, GError **error);
/* (transfer full) (nullable): all of a regular file of at most @max bytes; _INVALID for what is
 * larger or no file. What changes its size meanwhile is read as far as it went. */
GBytes *csm_file_read (const char *path, size_t max, GError **error);
/* Writes all of @data, retrying short writes and EINTR. */
gboolean csm_fd_write_all (int fd, const void *data, size_t size, GError **error);
