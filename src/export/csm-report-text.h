/* csm-report-text.h: what the report says, block by block, before it is laid out
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-dossier.h"

/* One text for report.pdf and index.html. Text is translated; what comes from the case or from
 * a file is hostile: plain text, never markup, of any direction. */

typedef enum {
  CSM_REPORT_TITLE,     /* text: the case's; label: what this is */
  CSM_REPORT_HEADING,   /* text, level 1 to 2, anchor; with an exhibit, what follows is its */
  CSM_REPORT_PARAGRAPH, /* text */
  CSM_REPORT_POINT,     /* text of a list */
  CSM_REPORT_COMMAND,   /* text: to type as it stands */
  CSM_REPORT_FIELDS,    /* rows of label and value */
  CSM_REPORT_TABLE,     /* rows of n_columns, the first one the heads */
  CSM_REPORT_PLAYER,    /* exhibit: where it can be played, it is */
  CSM_REPORT_MARK,      /* mark, text: its heading, anchor; up to the next mark or heading */
  CSM_REPORT_STILL,     /* mark: its picture and regions, text: under it */
  CSM_REPORT_BLANK,     /* text, level lines for a person to fill in */
} CsmReportBlockKind;

#define CSM_REPORT_MAX_COLUMNS 4

typedef struct
{
  char *cells[CSM_REPORT_MAX_COLUMNS];
  bool mono;  /* of a field: hashes, keys, ids */
  bool prose; /* of a field: what a reviewer wrote */
} CsmReportRow;

typedef struct
{
  CsmReportBlockKind kind;
  int level;
  bool draft; /* on each of its pages stands DRAFT */
  char *text;
  char *label;
  char *anchor; /* (nullable): lower-case letters, digits, '-' */
  const CsmDossierExhibit *exhibit;
  const CsmDossierMark *mark;
  GPtrArray *rows;  /* (nullable) of CsmReportRow */
  unsigned details; /* of a mark's fields: rows from this one on are for those who check */
  int n_columns;
  int widths[CSM_REPORT_MAX_COLUMNS]; /* of a table: parts of the whole */
} CsmReportBlock;

/* (transfer full) (element-type CsmReportBlock): borrows from @dossier. */
GPtrArray *csm_report_text_new (const CsmDossier *dossier);

/* (transfer full): "frames 10 to 25 (the first is 0) of 75", "frame 5399 (the first is 0) of
 * 5400", "samples ..." */
char *csm_report_dup_span (const CsmDossierExhibit *exhibit, const CsmDossierMark *mark);

/* How a frame as decoded becomes the picture that people see: an upright one with square
 * pixels. */
typedef struct
{
  int width, height;                /* of the frame, 0 when unknown */
  int rotation;                     /* degrees clockwise: 0, 90, 180, 270 */
  double shown_width, shown_height; /* in pixels of the frame's height, before rotation's turn
                                     * when it is a quarter: those of the picture as shown */
  double matrix[6]; /* x' = a x + c y + e, y' = b x + d y + f, as in SVG: frame to shown */
} CsmReportShape;
/* Of v:@track. */
void csm_report_get_shape (const CsmDossierExhibit *exhibit,
                           int track,
                           CsmReportShape *ret_shape);

/* ---- Parts of it, each appends to @blocks ---- */

CsmReportBlock *csm_report_add (GPtrArray *blocks, CsmReportBlockKind kind, const char *text);
CsmReportBlock *csm_report_add_heading (GPtrArray *blocks,
                                        int level,
                                        const char *anchor,
                                        const char *text);
/* Both strings are copied; nothing is added for a @value of NULL or "". */
void csm_report_add_field (CsmReportBlock *fields, const char *label, const char *value);
void csm_report_add_prose (CsmReportBlock *fields, const char *label, const char *value);
void csm_report_add_mono (CsmReportBlock *fields, const char *label, const char *value);
/* @cells: n_columns of them. */
void csm_report_add_row (CsmReportBlock *table, const char *const *cells);

void csm_report_add_marks (GPtrArray *blocks, const CsmDossier *dossier);
void csm_report_add_displayed (GPtrArray *blocks, const CsmDossier *dossier);
void csm_report_add_limits (GPtrArray *blocks, const CsmDossier *dossier);
void csm_report_add_glossary (GPtrArray *blocks);
void csm_report_add_statement (GPtrArray *blocks, const CsmDossier *dossier);
