/* csm-create-page.h: asks what a new case needs, and makes it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* Signals
 *   "created"   (pointer CsmSecret, nullable)  the session is open; the recovery code, if any
 *   "cancelled" () */
#define CSM_TYPE_CREATE_PAGE (csm_create_page_get_type ())
G_DECLARE_FINAL_TYPE (CsmCreatePage, csm_create_page, CSM, CREATE_PAGE, AdwBin)

void csm_create_page_set_session (CsmCreatePage *self, CsmSession *session);
/* Empties every field, suggests a neutral file name, and takes the focus. */
void csm_create_page_reset (CsmCreatePage *self);
