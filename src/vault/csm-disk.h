/* csm-disk.h: the file operations under the vault; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CsmDisk: everything that the case file, its WAL and the media store do to a file system goes
 * through one table, so that a test can put a disk in its place that loses power. Functions
 * return 0 or an errno value.
 *
 * Threads  those of the vault that uses it; csm_disk_set() before the first vault. */
typedef struct _CsmDisk CsmDisk;

typedef struct
{
  const CsmDisk *disk;
} CsmDiskFile;

typedef enum {
  CSM_DISK_READ,   /* must exist */
  CSM_DISK_WRITE,  /* must exist */
  CSM_DISK_ENSURE, /* made when it does not exist */
  CSM_DISK_CREATE, /* must not exist */
} CsmDiskMode;

struct _CsmDisk
{
  /* The one absolute name of @path, links resolved; g_free(). The file need not exist. */
  int (*resolve) (const char *path, char **ret_path);
  /* The last part of @path is never followed when it is a link. */
  int (*open) (const char *path, CsmDiskMode mode, CsmDiskFile **ret_file);
  void (*close) (CsmDiskFile *file);
  /* EAGAIN when another holds a lock that excludes this one. */
  int (*lock) (CsmDiskFile *file, bool exclusive);
  /* Short only at the end of the file. */
  int (*read) (CsmDiskFile *file, void *buffer, size_t size, int64_t offset, size_t *ret_size);
  int (*write) (CsmDiskFile *file, const void *data, size_t size, int64_t offset);
  int (*truncate) (CsmDiskFile *file, int64_t size);
  int (*sync) (CsmDiskFile *file);
  int (*get_size) (CsmDiskFile *file, int64_t *ret_size);
  bool (*exists) (const char *path);
  /* Whether files can be made beside @path. */
  bool (*is_writable) (const char *path);
  int (*unlink) (const char *path);
  /* EEXIST when @to is there. */
  int (*rename_new) (const char *from, const char *to);
  /* Replaces what is at @to, in one step. */
  int (*rename_over) (const char *from, const char *to);
  /* What tells it apart from every other file here: device and inode. */
  int (*identify) (CsmDiskFile *file, int64_t *ret_device, int64_t *ret_inode);
  /* Whether @path still names @file. */
  bool (*is_at) (CsmDiskFile *file, const char *path);
  /* Of the folder that holds @path. */
  int (*sync_folder) (const char *path);
  /* EEXIST when @path is there. */
  int (*make_folder) (const char *path);
  /* @ret_names (transfer full) (element-type utf8): what is in @path, in no order. */
  int (*list) (const char *path, GPtrArray **ret_names);
  /* The descriptor, which is the caller's from now on, and frees @file; -1 where there is none.
   */
  int (*take_fd) (CsmDiskFile *file);
};

const CsmDisk *csm_disk_get (void);
/* For tests; NULL: the real one again. */
void csm_disk_set (const CsmDisk *disk);

/* (transfer full): a file of the real disk around @fd, which it takes. */
CsmDiskFile *csm_disk_wrap_fd (int fd);
