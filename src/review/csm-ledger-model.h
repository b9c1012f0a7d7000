/* csm-ledger-model.h: the ledger as a list, newest first, read a page at a time
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-items.h"

/* CsmLedgerModel: a GListModel of CsmLedgerItem. A row that has not been read yet is an empty
 * item; asking for it asks for its page, and the rows are announced as changed when it comes.
 *
 * Pages count from the oldest entry: new entries leave all full pages as they are.
 *
 * Threads  main thread only. */
#define CSM_TYPE_LEDGER_MODEL (csm_ledger_model_get_type ())
G_DECLARE_FINAL_TYPE (CsmLedgerModel, csm_ledger_model, CSM, LEDGER_MODEL, GObject)

#define CSM_LEDGER_PAGE 200

/* Reads entries from @offset (oldest first), then calls csm_ledger_model_take_page(). */
typedef void (*CsmLedgerFetch) (int64_t offset, gpointer data);

CsmLedgerModel *csm_ledger_model_new (CsmLedgerFetch fetch, gpointer data);
/* 0 forgets everything. */
void csm_ledger_model_set_count (CsmLedgerModel *self, int64_t count);
/* Takes @rows (element-type CsmLedgerRow); NULL: reading failed, ask again when asked. */
void csm_ledger_model_take_page (CsmLedgerModel *self, int64_t offset, GPtrArray *rows);
