/* csm-export-pictures.h: stills, contact sheets and clips of a dossier's exhibits
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"
#include "media/csm-worker.h"

/* Everything is decoded in the caged worker. Frames that a reviewer covered come uncovered: a
 * bundle is evidence. Views, rotation and scaling of the window are not applied, but in small
 * pictures and in H.264 clips, which are upright.
 *
 * Threads  the worker's lane; blocking.
 * Fonts    by fontconfig: Noto Sans and DejaVu Sans, then whatever has the letters.
 * Errors   CSM_MEDIA_ERROR, G_IO_ERROR_CANCELLED; the sink's. */

/* Where files go: csm_bag_writer_begin(), _append() and _end() fit. */
typedef struct
{
  gboolean (*begin) (const char *path, gpointer data, GError **error); /* below data/ */
  gboolean (*append) (const void *bytes, size_t size, gpointer data, GError **error);
  gboolean (*end) (gpointer data, GError **error);
  /* (nullable): takes back the file that was begun. Without it a clip that fails half way fails
   * everything. */
  gboolean (*drop) (gpointer data, GError **error);
  gpointer data;
} CsmPictureSink;

/* How far it is, in no unit. */
typedef void (*CsmPictureProgress) (int64_t done, int64_t total, gpointer data);

typedef struct
{
  CsmWorker *worker; /* (nullable): for exhibits without pictures */
  const CsmDossier *dossier;
  CsmDossierExhibit *exhibit; /* its index is set in the worker here */
  CsmPictureSink sink;
  int64_t max_clip; /* bytes that a clip may have; 0: any number */
  CsmPictureProgress progress;
  gpointer progress_data;
  GPtrArray *notes; /* of char *, added to: "E-0004: no clip of frames 3 to 9: ..." */
  GCancellable *cancellable;
} CsmPictureWork;

/* Makes what @selection asks for of one exhibit, and sets the paths in the exhibit and its
 * marks, and the frames that clips hold. Marks with the same frames share a file. What cannot
 * be made is noted and left out. FALSE: cancelled, or the sink failed. */
gboolean csm_export_pictures_make (const CsmPictureWork *work,
                                   const CsmSelection *selection,
                                   GError **error);

/* ---- the parts ---- */

/* (transfer full) (nullable): the plain still of frame @ordinal of v:@track with a strip below
 * it: case, exhibit, frame, media time, SHA-256 of the exhibit and of the frame; PNG, 8 bits.
 * The picture keeps its pixels, at the top left. The worker has the track's index. */
GBytes *csm_export_pictures_caption (CsmWorker *worker,
                                     const CsmDossier *dossier,
                                     const CsmDossierExhibit *exhibit,
                                     int track,
                                     int64_t ordinal,
                                     GCancellable *cancellable,
                                     GError **error);

/* Marks of pictures that a sheet shows at most. */
#define CSM_CONTACT_SHEET_MARKS 24
int csm_export_pictures_count_sheets (const CsmDossierExhibit *exhibit);
/* (transfer full) (nullable): sheet @page (the first is 0) of the first frames of marks, small
 * and upright, with number, time and code; PNG. Frames that cannot be decoded are said to be
 * so. */
GBytes *csm_export_pictures_sheet (CsmWorker *worker,
                                   const CsmDossier *dossier,
                                   const CsmDossierExhibit *exhibit,
                                   int page,
                                   GCancellable *cancellable,
                                   GError **error);
/* (transfer full): "stills/E-0001-contact-sheet.png", then "...-2.png". */
char *csm_export_pictures_name_sheet (const CsmDossierExhibit *exhibit, int page);
