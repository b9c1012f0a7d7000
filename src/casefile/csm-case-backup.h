/* csm-case-backup.h: a checked copy of an open case in another folder
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case.h"

/* What a backup did. */
typedef struct
{
  char *path; /* of the copied case file */
  int64_t n_copied;
  int64_t n_there;    /* stored files that an earlier backup had brought */
  int64_t n_unknown;  /* stored files there that no exhibit of this case has */
  GPtrArray *missing; /* of char *: "E-0001 clip.mp4: why its file is not in the backup" */
} CsmBackupReport;
void csm_backup_report_free (CsmBackupReport *self);

/* Copies the case into @folder, which is made when it is not there, as it is at one moment:
 * media first, then the case file, which replaces an earlier backup of this case only once it
 * is whole and was read back. Stored files that are there already are not copied again; with
 * @full they are read through too. Refuses a folder that holds this case itself, another case
 * of the same name, or a backup with entries that this case lacks.
 *
 * Between two calls of @progress nothing of this is open in the database: short work on the
 * case may run within it. An exhibit whose own file is missing or damaged is named in the
 * report, and the rest goes on. Signs "access.backup" when the case can be written to. */
gboolean csm_case_backup (CsmCase *self,
                          const char *folder,
                          bool full,
                          CsmProgressCallback progress,
                          gpointer data,
                          CsmBackupReport **ret_report,
                          GCancellable *cancellable,
                          GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmBackupReport, csm_backup_report_free)
