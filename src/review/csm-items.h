/* csm-items.h: what lists show: records of the case as GObjects
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-records.h"

#include <gio/gio.h>

/* Each item is a snapshot; a change in the case replaces the item in its model, at the same
 * place where order allows. Exhibits are the exception: the object stays, gets a new record and
 * notifies, so that a selection stays too. Records are borrowed from the item, and good until
 * the main loop turns.
 *
 * Threads  main thread only. */

#define CSM_TYPE_EXHIBIT_ITEM (csm_exhibit_item_get_type ())
G_DECLARE_FINAL_TYPE (CsmExhibitItem, csm_exhibit_item, CSM, EXHIBIT_ITEM, GObject)
/* Properties for bindings (read-only): "label" ("E-0001 clip.mp4"), "number", "name" (title if
 * there is one, else the file's name), "detail" (one line: duration, frames, size), "status"
 * ("exact", "checking 40 %", "cannot be read"), "n-marks" (int64), "thumbnail" (GBytes,
 * csm-small-picture.h, nullable; notifies when it arrives). Takes @record. */
CsmExhibitItem *csm_exhibit_item_new (CsmExhibit *record);
const CsmExhibit *csm_exhibit_item_get_record (CsmExhibitItem *self);
GBytes *csm_exhibit_item_get_thumbnail (CsmExhibitItem *self);
void csm_exhibit_item_set_thumbnail (CsmExhibitItem *self, GBytes *bytes);
/* Percent of the verify pass, -1 when none runs: shows in "status". */
void csm_exhibit_item_set_checking (CsmExhibitItem *self, int percent);

#define CSM_TYPE_MARK_ITEM (csm_mark_item_get_type ())
G_DECLARE_FINAL_TYPE (CsmMarkItem, csm_mark_item, CSM, MARK_ITEM, GObject)
/* Properties: "label" (code's label, else text's first words, else "Mark"), "span" ("frames
 * 10 to 25", "frame 10"), "text", "author", "time" (local time, for people), "exhibit-number",
 * "accessible-label" (all of it), "in-conflict" (bool: two copies changed it, which is not
 * settled). Takes @record; @code_label may be NULL. */
CsmMarkItem *csm_mark_item_new (CsmMark *record, const char *code_label);
const CsmMark *csm_mark_item_get_record (CsmMarkItem *self);
/* Before anyone sees it. */
void csm_mark_item_set_in_conflict (CsmMarkItem *self, bool in_conflict);
bool csm_mark_item_get_in_conflict (CsmMarkItem *self);

#define CSM_TYPE_CODE_ITEM (csm_code_item_get_type ())
G_DECLARE_FINAL_TYPE (CsmCodeItem, csm_code_item, CSM, CODE_ITEM, GObject)
/* Properties: "id", "label", "definition", "depth" (int, under its parents). */
CsmCodeItem *csm_code_item_new (CsmCode *record, int depth);
const CsmCode *csm_code_item_get_record (CsmCodeItem *self);

#define CSM_TYPE_LEDGER_ITEM (csm_ledger_item_get_type ())
G_DECLARE_FINAL_TYPE (CsmLedgerItem, csm_ledger_item, CSM, LEDGER_ITEM, GObject)
/* Properties: "time", "summary", "author", "short-id" (first 12 hex digits), "label" (all). */
CsmLedgerItem *csm_ledger_item_new (CsmLedgerRow *record);
const CsmLedgerRow *csm_ledger_item_get_record (CsmLedgerItem *self);

#define CSM_TYPE_SEARCH_ITEM (csm_search_item_get_type ())
G_DECLARE_FINAL_TYPE (CsmSearchItem, csm_search_item, CSM, SEARCH_ITEM, GObject)
/* Properties: "where", "snippet", "kind" ("Mark", "Exhibit", "Code"), "label". */
CsmSearchItem *csm_search_item_new (CsmSearchHit *record);
const CsmSearchHit *csm_search_item_get_record (CsmSearchItem *self);

#define CSM_TYPE_JOB (csm_job_get_type ())
G_DECLARE_FINAL_TYPE (CsmJob, csm_job, CSM, JOB, GObject)
/* Something that takes a while. Properties: "title", "detail" (the file in hand), "fraction"
 * (double, 0 to 1; -1 unknown), "state" (CsmJobState as int), "outcome" (one sentence when it
 * ended: "2 files added, 1 was there already. The source copies are still unencrypted where
 * they were."). csm_job_cancel() returns at once; the state follows. */
typedef enum {
  CSM_JOB_RUNNING,
  CSM_JOB_DONE,
  CSM_JOB_CANCELLED,
  CSM_JOB_FAILED,
} CsmJobState;
CsmJob *csm_job_new (const char *title);
void csm_job_cancel (CsmJob *self);
GCancellable *csm_job_get_cancellable (CsmJob *self);
CsmJobState csm_job_get_state (CsmJob *self);
const char *csm_job_get_outcome (CsmJob *self);
double csm_job_get_fraction (CsmJob *self);
void csm_job_set_progress (CsmJob *self, double fraction, const char *detail);
void csm_job_end (CsmJob *self, CsmJobState state, const char *outcome);
