/* csm-conflicts-page.h: what two copies changed, each without the other, in the left column
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_CONFLICTS_PAGE (csm_conflicts_page_get_type ())
G_DECLARE_FINAL_TYPE (CsmConflictsPage, csm_conflicts_page, CSM, CONFLICTS_PAGE, AdwBin)

/* A click on a row compares its versions. */
void csm_conflicts_page_set_session (CsmConflictsPage *self, CsmSession *session);
