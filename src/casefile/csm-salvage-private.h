/* csm-salvage-private.h: what the parts of csm_case_salvage() share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-private.h"
#include "casefile/csm-case-salvage.h"
#include "vault/csm-page-scan.h"

/* One run. */
typedef struct
{
  const char *out;
  CsmProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;
  int64_t done, total;

  CsmPageScan *scan;
  CsmId case_id;
  CsmVault *vault; /* of the new case */
  CsmDb *db;
  CsmMediaStore *media; /* of the new case */
  CsmMediaStore *from;  /* (nullable): of the damaged one */
  CsmSalvageReport *report;

  /* Unsigned rows of the damaged case, good for hints only. */
  GHashTable *tails; /* chain in hex to int64_t *, its last seq */
  GHashTable *names; /* public key in hex to name */
  char *title;       /* (nullable) */
  bool is_damaged;   /* a page or a frame is missing */
} CsmSalvage;

/* csm-salvage-rows.c: goes over every copy of every page, and puts what it knows by its shape
 * into the new database: entries that verify, kept rows, hints. */
gboolean csm_salvage_read_pages (CsmSalvage *self, GError **error);

/* csm-salvage-report.c: says what is missing. The tables are derived. */
gboolean csm_salvage_find_gaps (CsmSalvage *self, GError **error);

/* csm-salvage-kept.c */
/* Before deriving: stand-ins for people whom no entry vouches for. */
gboolean csm_salvage_lay_foundation (CsmSalvage *self, GError **error);
/* After it: kept rows that are not what an entry says go. */
gboolean csm_salvage_check_kept (CsmSalvage *self, GError **error);
/* Copies the stored files. */
gboolean csm_salvage_copy_media (CsmSalvage *self, GError **error);

void csm_salvage_say (GPtrArray *list, const char *format, ...) G_GNUC_PRINTF (2, 3);
bool csm_salvage_advance (CsmSalvage *self, int64_t by, GError **error);
