/* csm-timeline.h: the exhibit from its first frame to its last, with its marks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-code-lanes.h"
#include "review/csm-session.h"

#include <gtk/gtk.h>

/* CsmTimeline: one lane for each group of codes that the exhibit's marks use. A click or a drag
 * moves the playhead; a click on a mark selects it too. */
#define CSM_TYPE_TIMELINE (csm_timeline_get_type ())
G_DECLARE_FINAL_TYPE (CsmTimeline, csm_timeline, CSM, TIMELINE, GtkWidget)

void csm_timeline_set_session (CsmTimeline *self, CsmSession *session, CsmCodeLanes *lanes);
