/* csm-ledger-page.h: the ledger, readable, newest first
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_LEDGER_PAGE (csm_ledger_page_get_type ())
G_DECLARE_FINAL_TYPE (CsmLedgerPage, csm_ledger_page, CSM, LEDGER_PAGE, AdwBin)

void csm_ledger_page_set_session (CsmLedgerPage *self, CsmSession *session);
