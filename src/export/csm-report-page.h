/* csm-report-page.h: lines, tables and pictures put onto numbered pages
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "export/csm-report-text.h"

#include <cairo.h>
#include <gio/gio.h>
#include <pango/pangocairo.h>

/* CsmReportPage: a pen on a PDF, which begins a new page when one is full. Points, from the top
 * left corner of an A4 page.
 *
 * A report is laid out twice, first onto nothing: then it is known how many pages there are and
 * on which each anchor is.
 *
 * Ownership  csm_report_page_free() takes NULL.
 * Threads    one at a time; shares no font map. */
typedef struct _CsmReportPage CsmReportPage;

#define CSM_REPORT_LEFT 56.0
#define CSM_REPORT_WIDTH (595.276 - 2 * CSM_REPORT_LEFT)

typedef enum {
  CSM_REPORT_FONT_TITLE,
  CSM_REPORT_FONT_1,
  CSM_REPORT_FONT_2,
  CSM_REPORT_FONT_3,
  CSM_REPORT_FONT_BODY,
  CSM_REPORT_FONT_SMALL,
  CSM_REPORT_FONT_LABEL,
  CSM_REPORT_FONT_HEAD,
  CSM_REPORT_FONT_MONO,
} CsmReportFont;

/* @surface is borrowed, a PDF's; @first is the page of the pass before (nullable), with the
 * same text. @title and @footer stand on each page. */
CsmReportPage *csm_report_page_new (cairo_surface_t *surface,
                                    const CsmReportPage *first,
                                    const char *title,
                                    const char *footer);
void csm_report_page_free (CsmReportPage *self);
/* Ends the last page. */
void csm_report_page_finish (CsmReportPage *self);
cairo_t *csm_report_page_get_cairo (CsmReportPage *self);
/* Whether anything shows: not in the first pass. */
bool csm_report_page_is_shown (const CsmReportPage *self);
/* Of the first pass: the page, from 1, where @anchor is; 0 when there is none. */
int csm_report_page_find (const CsmReportPage *self, const char *anchor);

/* What follows belongs to @exhibit (nullable: to none), and is a draft. */
void csm_report_page_set_exhibit (CsmReportPage *self, const CsmDossierExhibit *exhibit);
void csm_report_page_set_draft (CsmReportPage *self);

double csm_report_page_get_y (const CsmReportPage *self);
void csm_report_page_move (CsmReportPage *self, double dy);
/* Begins a new page unless nothing is on this one. */
void csm_report_page_break (CsmReportPage *self);
/* Begins a new page unless @height is left on this one; what is higher than a page is not
 * waited for. */
void csm_report_page_need (CsmReportPage *self, double height);
/* The place to jump to, here. */
void csm_report_page_set_anchor (CsmReportPage *self, const char *anchor);
/* Between the two, what is drawn jumps to @anchor; on one page. */
void csm_report_page_begin_link (CsmReportPage *self, const char *anchor);
void csm_report_page_end_link (CsmReportPage *self);

/* (transfer full): wrapped to @width anywhere if need be; right to left where its text is. */
PangoLayout *csm_report_page_lay_out (CsmReportPage *self,
                                      CsmReportFont font,
                                      const char *text,
                                      double width);
double csm_report_layout_get_height (PangoLayout *layout);
/* Line by line, over pages; the pen moves below. */
void csm_report_page_flow (CsmReportPage *self, PangoLayout *layout, double x);
/* At the pen, which stays. */
void csm_report_page_put (CsmReportPage *self, PangoLayout *layout, double x);
void csm_report_page_write (CsmReportPage *self,
                            CsmReportFont font,
                            const char *text,
                            double x);
/* Side by side, @n at most CSM_REPORT_MAX_COLUMNS, over pages: @again (nullable) is called at
 * the top of a new page. */
void csm_report_page_flow_cells (CsmReportPage *self,
                                 PangoLayout *const *cells,
                                 const double *x,
                                 int n,
                                 void (*again) (CsmReportPage *self, gpointer data),
                                 gpointer data);
/* A thin rule over the whole width, at the pen. */
void csm_report_page_rule (CsmReportPage *self, double grey);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmReportPage, csm_report_page_free)
