/* csm-unlock-page.h: where a case is, and its passphrase
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* Two steps in one widget: `Location` and `Open`, then `Passphrase` and `Unlock`.
 * Signals  "cancelled" (); the session's state tells when it is open.
 *          "uncovered" (); the passphrase that was asked for again fits. */
#define CSM_TYPE_UNLOCK_PAGE (csm_unlock_page_get_type ())
G_DECLARE_FINAL_TYPE (CsmUnlockPage, csm_unlock_page, CSM, UNLOCK_PAGE, AdwBin)

void csm_unlock_page_set_session (CsmUnlockPage *self, CsmSession *session);
/* Asks for a place. */
void csm_unlock_page_ask_location (CsmUnlockPage *self);
/* Asks for the passphrase of @path. @locked: of a case that was open in this window.
 * @sample_passphrase (nullable) is shown: the throw-away case of `dev run`. */
void csm_unlock_page_ask_passphrase (CsmUnlockPage *self,
                                     const char *path,
                                     bool locked,
                                     const char *sample_passphrase);
/* What was typed goes. */
void csm_unlock_page_forget (CsmUnlockPage *self);
/* The same for a case that is open behind this page, with a job running. */
void csm_unlock_page_ask_again (CsmUnlockPage *self,
                                const char *path,
                                const char *sample_passphrase);
