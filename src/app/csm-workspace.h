/* csm-workspace.h: the window's content while a case is open
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* CsmWorkspace: header bar, lists, picture, timeline and inspector of one session.
 *
 * It shows @session in whatever state that is, and empties itself as the session's lists do.
 * From the window it uses the actions win.import, win.lock, win.close-case, win.passphrase,
 * win.preferences, win.shortcuts, win.about and win.verify. The window shows the session's
 * "problem", and hands its "notice" to csm_workspace_say(). */
#define CSM_TYPE_WORKSPACE (csm_workspace_get_type ())
G_DECLARE_FINAL_TYPE (CsmWorkspace, csm_workspace, CSM, WORKSPACE, AdwBin)

GtkWidget *csm_workspace_new (CsmSession *session);
/* Whether something was written that is neither saved nor being saved. */
bool csm_workspace_is_unsaved (CsmWorkspace *self);
/* Asks about each thing that is not saved: save, discard, or go back. Calls @settled when
 * nothing is left to ask about, at once or later; never when the reviewer goes back. */
typedef void (*CsmWorkspaceSettled) (gpointer data);
void csm_workspace_settle (CsmWorkspace *self, CsmWorkspaceSettled settled, gpointer data);
/* Says @text, plain and not markup, in passing, over the picture: what plays stays free. */
void csm_workspace_say (CsmWorkspace *self, const char *text);
