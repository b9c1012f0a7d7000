/* csm-bundle-parts.h: what an export writes by itself: ledger, table of contents, recipe
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-bag-writer.h"
#include "export/csm-dossier.h"
#include "export/csm-export.h"

/* What the parts of one export share; borrowed. */
typedef struct
{
  CsmCase *acase;
  const CsmSelection *selection;
  CsmDossier *dossier;
  CsmBagWriter *writer;       /* (nullable): nothing is written yet */
  GPtrArray *notes;           /* of char * */
  CsmExportProgress progress; /* (nullable) */
  gpointer data;
  GCancellable *cancellable; /* (nullable) */
} CsmExportRun;

/* ---- csm-export-look.c ---- */

/* Probes each exhibit by a worker, and with @decode makes the exact index of those that have
 * marks and none yet; neither is kept in the case. What cannot be read stays without. */
gboolean csm_export_look (CsmExportRun *self, bool decode, GError **error);

/* ---- csm-export-work.c ---- */

/* The pictures and clips that the selection asks for; sets their names in the dossier. */
gboolean csm_export_make_pictures (CsmExportRun *self, GError **error);

/* ---- csm-export-preview.c ---- */

/* Bytes, about. */
int64_t csm_export_estimate (const CsmDossier *dossier, const CsmSelection *selection);

/* ---- csm-bundle-ledger.c ---- */

/* data/ledger/: entries as signed and as far as they are disclosed (csm-disclosure.h), keys,
 * receipt and time stamps. Whatever is written to the case meanwhile is not in it. */
gboolean csm_bundle_write_ledger (CsmExportRun *self, GError **error);

/* ---- Texts; the same dossier gives the same bytes. (transfer full) (nullable) ---- */

/* bundle.json. */
GBytes *csm_bundle_write_json (const CsmDossier *dossier,
                               const CsmSelection *selection,
                               GError **error);
/* VERIFY.txt. @stamps (element-type CsmStampFiles): in the order of their files. */
GBytes *csm_verify_text_write (const CsmDossier *dossier, const GPtrArray *stamps);
/* (transfer full): "ledger/timestamps/stamp-0001", by number from 0; ".json", ".tsr",
 * "-ca.pem",
 * "-chain.pem" are added. */
char *csm_bundle_stamp_file (guint number);
