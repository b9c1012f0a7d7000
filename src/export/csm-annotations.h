/* csm-annotations.h: marks in the formats of other tools
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* All (transfer full), UTF-8; the same dossier gives the same bytes. Where a format loses ticks
 * or ids they travel beside it, as FORMAT.md says. Threads: any. */

/* annotations.jsonld: W3C Web Annotation Data Model (2017), one AnnotationPage. */
GBytes *csm_annotations_write_web (const CsmDossier *dossier);
/* annotations/E-0001.vtt: WebVTT, one cue a mark. NULL when no mark of the exhibit has a
 * time. */
GBytes *csm_annotations_write_vtt (const CsmDossier *dossier, const CsmDossierExhibit *exhibit);
/* annotations/E-0001.eaf: ELAN Annotation Format 3.0, a tier a reviewer. NULL as above. */
GBytes *csm_annotations_write_eaf (const CsmDossier *dossier, const CsmDossierExhibit *exhibit);
/* marks.csv: RFC 4180, spreadsheet-safe, a row a region. */
GBytes *csm_annotations_write_csv (const CsmDossier *dossier);
/* marked-frames.tsv: each frame that a mark commits to: what `ffmpeg -f framehash` prints of
 * it. */
GBytes *csm_annotations_write_frames (const CsmDossier *dossier);
