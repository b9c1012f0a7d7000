/* csm-recovery-page.h: shows the recovery code once, and has it typed again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-secret.h"

#include <adwaita.h>

/* Signals  "done" (): it was typed again, or declined after a warning; the code is wiped. */
#define CSM_TYPE_RECOVERY_PAGE (csm_recovery_page_get_type ())
G_DECLARE_FINAL_TYPE (CsmRecoveryPage, csm_recovery_page, CSM, RECOVERY_PAGE, AdwBin)

/* Wipes the code, without a "done"; true when one was shown. */
bool csm_recovery_page_forget (CsmRecoveryPage *self);
void csm_recovery_page_show (CsmRecoveryPage *self, CsmSecret *code);
