/* csm-report.h: the bundle for people to read
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* Both read pictures through @still, since a bundle's stills are on the disk already: the bytes
 * of the file at @path of the bag (below data/), NULL with @error set. The same dossier gives
 * the same bytes. Threads: one at a time. */
typedef GBytes *(*CsmReportStill) (const char *path, gpointer data, GError **error);

/* (transfer full) (nullable): report.pdf, by Cairo and Pango: text that can be selected and
 * searched, an outline, page and exhibit numbers, A4. */
GBytes *csm_report_write_pdf (const CsmDossier *dossier,
                              CsmReportStill still,
                              gpointer data,
                              GCancellable *cancellable,
                              GError **error);
/* (transfer full) (nullable): index.html: nothing from elsewhere, opens from the disk, refers
 * to the bundle's files by relative paths. */
GBytes *csm_report_write_html (const CsmDossier *dossier, GError **error);
