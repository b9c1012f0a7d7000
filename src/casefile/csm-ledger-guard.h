/* csm-ledger-guard.h: the triggers that keep the ledger from changing, off and on again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-db.h"

/* (transfer full) (nullable): takes the triggers of entry off; what is returned puts them on
 * again. Both within one transaction of the caller. */
char *csm_ledger_unguard (CsmDb *db, GError **error);
gboolean csm_ledger_guard (CsmDb *db, const char *triggers, GError **error);
