/* csm-sidebar.h: the left column: sections, their lists, and the search
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* CsmSidebar
 * Properties
 *   "section" (string, read-only)   "exhibits", "marks", "codebook", "custody"
 *   "search-mode" (boolean)         the search entry and its results are shown */
#define CSM_TYPE_SIDEBAR (csm_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (CsmSidebar, csm_sidebar, CSM, SIDEBAR, AdwBin)

void csm_sidebar_set_session (CsmSidebar *self, CsmSession *session);
const char *csm_sidebar_get_section (CsmSidebar *self);
void csm_sidebar_show_section (CsmSidebar *self, const char *section);
/* Shows the search entry and moves the keyboard there, its words selected. */
void csm_sidebar_start_search (CsmSidebar *self);
