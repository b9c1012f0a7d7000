/* csm-marks-csv.h: marks as a table that any spreadsheet opens
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-records.h"

/* (transfer full): RFC 4180, UTF-8, CRLF; one row for each region of a mark, one for a mark
 * without. @marks: CsmMark; @exhibits: CsmExhibit, all that they lie in. Text that a
 * spreadsheet would run as a formula gets an apostrophe in front, as does text that starts with
 * one. Columns are only ever added at
 * the end; what they hold stands in FORMAT.md.
 *
 * Threads  any. */
GBytes *csm_marks_csv_write (GPtrArray *marks, GPtrArray *exhibits);
