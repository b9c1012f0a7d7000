/* csm-view-page.h: how the picture is looked at
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* Follows and changes csm_session_get_view(). */
#define CSM_TYPE_VIEW_PAGE (csm_view_page_get_type ())
G_DECLARE_FINAL_TYPE (CsmViewPage, csm_view_page, CSM, VIEW_PAGE, AdwBin)

void csm_view_page_set_session (CsmViewPage *self, CsmSession *session);
/* The first control takes the keys. */
void csm_view_page_focus (CsmViewPage *self);
