/* csm-exhibit-page.h: what is known of the exhibit in view, and what people say about it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_EXHIBIT_PAGE (csm_exhibit_page_get_type ())
G_DECLARE_FINAL_TYPE (CsmExhibitPage, csm_exhibit_page, CSM, EXHIBIT_PAGE, AdwBin)

void csm_exhibit_page_set_session (CsmExhibitPage *self, CsmSession *session);
/* What was written and not saved. Going to another exhibit saves it; leaving the case asks. */
bool csm_exhibit_page_is_unsaved (CsmExhibitPage *self);
void csm_exhibit_page_save (CsmExhibitPage *self);
void csm_exhibit_page_revert (CsmExhibitPage *self);
