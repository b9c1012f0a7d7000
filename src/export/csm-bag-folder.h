/* csm-bag-folder.h: the files of a folder that somebody else made
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-bag-hash.h"

/* CsmBagFolder: nothing outside it is opened: no link is followed, on no part of a path.
 *
 * Ownership  csm_bag_folder_free() takes NULL; answers are borrowed.
 * Threads    one at a time; blocking.
 * Errors     CSM_BASE_ERROR; G_IO_ERROR_CANCELLED. */
typedef struct _CsmBagFolder CsmBagFolder;

typedef struct
{
  char *path; /* from the folder, bytes as on the disk */
  int64_t size;
  bool hashed;
  CsmBagDigests digests; /* of what was read, once hashed */
  bool was_read;         /* as a whole, before or after it was hashed */
  CsmDigest read;        /* what it was the first time: it must stay that */
  uint32_t named;        /* by which manifests; the checker's */
  gpointer expected;     /* the checker's */
} CsmBagFile;

/* What lies in it that a bag does not hold: links, pipes, folders without files. */
typedef struct
{
  char *path;
  const char *what; /* "a link" */
  bool empty;       /* a folder without files */
} CsmBagOddity;

/* (transfer full) (nullable): lists the folder. _NOT_FOUND, _INVALID for no folder, and for
 * more than two million files or folders 64 deep. A link to a folder at @path itself counts. */
CsmBagFolder *csm_bag_folder_open (const char *path, GCancellable *cancellable, GError **error);
void csm_bag_folder_free (CsmBagFolder *self);

/* (element-type CsmBagFile), sorted by path; (element-type CsmBagOddity). */
GPtrArray *csm_bag_folder_get_files (const CsmBagFolder *self);
GPtrArray *csm_bag_folder_get_oddities (const CsmBagFolder *self);
/* (nullable): by its bytes. */
CsmBagFile *csm_bag_folder_find (const CsmBagFolder *self, const char *path);

/* A descriptor of a regular file, or -1. */
int csm_bag_folder_open_file (CsmBagFolder *self, const char *path, GError **error);
/* (transfer full) (nullable) */
CsmByteSource *csm_bag_folder_open_source (CsmBagFolder *self,
                                           const char *path,
                                           GError **error);
/* (transfer full) (nullable): all of a file of at most @max bytes; _INVALID when it is larger,
 * or not what was hashed or read before. */
GBytes *csm_bag_folder_read (CsmBagFolder *self, const char *path, size_t max, GError **error);

/* (transfer full): @path as it can be shown. */
char *csm_bag_path_show (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmBagFolder, csm_bag_folder_free)
