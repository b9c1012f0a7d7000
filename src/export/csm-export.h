/* csm-export.h: a signed bundle out of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* What the preview shows before anything is written. */
typedef struct
{
  CsmDossier *dossier;
  int64_t bytes;        /* about, of the whole bundle */
  int64_t n_superseded; /* earlier revisions and removed marks that would stay home or go */
  /* of char *: "E-0003 clip.mp4: recorded at 52.52, 13.40; device Pixel 7": what the files as
   * received say of people, which leaves with them */
  GPtrArray *identifying;
} CsmExportPreview;
void csm_export_preview_free (CsmExportPreview *self);

typedef struct
{
  char *path;
  int64_t n_files, bytes;
  CsmDigest tag_manifest; /* SHA-256 of tagmanifest-sha256.txt */
  char *key_words;        /* the signing key's fingerprint, to read out over the phone */
  char receipt_code[CSM_RECEIPT_CODE_LENGTH + 1];
  GPtrArray *notes; /* of char *: "E-0004: no clip: ..." */
} CsmExportReport;
void csm_export_report_free (CsmExportReport *self);

/* Where it is: called often on the caller's thread, where nothing of the case is being read: it
 * may use the case, and write to it, before it returns. @total is 0 when unknown. */
typedef void (*CsmExportProgress) (const char *step,
                                   int64_t done,
                                   int64_t total,
                                   gpointer data);

/* (transfer full) (nullable): may start workers, for exhibits that nobody has looked at. */
CsmExportPreview *csm_export_preview (CsmCase *acase,
                                      const CsmSelection *selection,
                                      CsmExportProgress progress,
                                      gpointer data,
                                      GCancellable *cancellable,
                                      GError **error);
/* Writes the bundle and signs it with the opening reviewer's key; signs "receipt.made" and
 * "access.exported" in the case; then gives the folder its name @path, which must not be there.
 * Cancelled or failed, nothing is left and the ledger says nothing, but when the naming itself
 * fails: the error then says so. Who never signed in the case signs a receipt before, which
 * stays. Refuses a case that the opener cannot sign in.
 * @made    the time that the bundle names, now as a rule; all else follows from the rest.
 * Threads  the case's lane; blocking. */
gboolean csm_export_run (CsmCase *acase,
                         const CsmSelection *selection,
                         CsmTime made,
                         const char *path,
                         CsmExportProgress progress,
                         gpointer data,
                         CsmExportReport **ret_report,
                         GCancellable *cancellable,
                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmExportPreview, csm_export_preview_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmExportReport, csm_export_report_free)
