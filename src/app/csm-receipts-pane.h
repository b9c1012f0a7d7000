/* csm-receipts-pane.h: the newest receipt, the time stamps, and what can be done with them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_RECEIPTS_PANE (csm_receipts_pane_get_type ())
G_DECLARE_FINAL_TYPE (CsmReceiptsPane, csm_receipts_pane, CSM, RECEIPTS_PANE, AdwBin)

void csm_receipts_pane_set_session (CsmReceiptsPane *self, CsmSession *session);
