/* csm-inspector.h: the right column: marks of the exhibit in view, it itself, the view of it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-exhibit-page.h"
#include "app/csm-mark-editor.h"
#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_INSPECTOR (csm_inspector_get_type ())
G_DECLARE_FINAL_TYPE (CsmInspector, csm_inspector, CSM, INSPECTOR, AdwBin)

void csm_inspector_set_session (CsmInspector *self, CsmSession *session);
/* Borrowed. */
CsmMarkEditor *csm_inspector_get_editor (CsmInspector *self);
CsmExhibitPage *csm_inspector_get_exhibit_page (CsmInspector *self);
/* Brings the page with the editor to the front. */
void csm_inspector_show_marks (CsmInspector *self);
void csm_inspector_show_exhibit (CsmInspector *self);
/* The same, and the keys go there. */
void csm_inspector_show_view (CsmInspector *self);
