/* csm-window-leave.c: locking, closing and quitting: what shows the case goes first
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-workspace.h"

#include <glib/gi18n.h>

static CsmWorkspace *
get_workspace (CsmWindow *self)
{
  GtkWidget *workspace = adw_bin_get_child (self->workspace_bin);

  return workspace != NULL ? CSM_WORKSPACE (workspace) : NULL;
}

bool
csm_window_is_open (CsmWindow *self)
{
  return csm_session_get_state (self->session) == CSM_SESSION_OPEN && !self->leaving;
}

static void
note_losses (CsmWindow *self)
{
  CsmWorkspace *workspace = get_workspace (self);

  if (workspace != NULL && csm_workspace_is_unsaved (workspace))
    self->after.lost_draft = true;
  if (csm_recovery_page_forget (self->recovery_page))
    self->after.lost_recovery = true;
}

/* Whoever still holds the workspace or a dialog, until an answer comes, holds an empty one. */
static void
drop_workspace (CsmWindow *self)
{
  g_autoptr (CsmWorkspace) workspace = get_workspace (self);

  if (workspace == NULL)
    return;
  g_object_ref (workspace);
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  adw_bin_set_child (self->workspace_bin, NULL);
  g_object_run_dispose (G_OBJECT (workspace));
}

/* Nothing can be typed meanwhile: it would go when the program starts afresh. */
void
csm_window_go_dark (CsmWindow *self)
{
  self->leaving = true;
  note_losses (self);
  csm_window_close_dialogs (self);
  drop_workspace (self);
  csm_window_uncover (self);
  csm_window_jobs_stop (self);
  csm_window_untell (self);
  csm_window_forget_clipboards (gtk_widget_get_display (GTK_WIDGET (self)));
  csm_window_show_page (self, "leaving");
}

void
csm_window_leave (CsmWindow *self, CsmWindowLeave how)
{
  CsmSessionState state = csm_session_get_state (self->session);

  if (how == CSM_WINDOW_QUIT)
    {
      self->closing = true;
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
    }
  if ((state == CSM_SESSION_OPEN || state == CSM_SESSION_OPENING) && !self->leaving)
    csm_window_go_dark (self);
  if (how == CSM_WINDOW_LOCK)
    csm_session_lock (self->session);
  else
    {
      self->after = (CsmWindowAfter){ 0 };
      csm_session_close (self->session);
    }
  csm_window_update_actions (self);
}

static void
settled_cb (gpointer data)
{
  CsmWindow *self = data;

  csm_window_leave (self, self->leave_how);
}

void
csm_window_ask_leave (CsmWindow *self, CsmWindowLeave how)
{
  CsmWorkspace *workspace = get_workspace (self);

  self->leave_how = how;
  if (workspace != NULL && csm_window_is_open (self) && !csm_window_is_covered (self))
    csm_workspace_settle (workspace, settled_cb, self);
  else
    csm_window_leave (self, how);
}

void
csm_window_tell_leaving (CsmWindow *self)
{
  if (self->after.locked_itself)
    csm_window_tell (self,
                     _ ("A merge was interrupted half-way, and the case was locked: unlock it, "
                        "and it goes on."),
                     true);
  if (self->after.not_written)
    csm_window_tell (
        self,
        _ ("Not all could be written when the case was left. Open it and see "
           "whether your last changes are there; Custody lists what was recorded."),
        true);
  self->after.locked_itself = self->after.not_written = false;
}

void
csm_window_tell_losses (CsmWindow *self)
{
  if (self->after.lost_draft)
    csm_window_tell (self,
                     _ ("What was written and not saved was discarded when the case was "
                        "locked."),
                     true);
  if (self->after.lost_recovery)
    csm_window_tell (self,
                     _ ("The recovery code was not typed again before the case was locked, and "
                        "is not shown a second time. If it is not on paper, only a passphrase "
                        "opens this case."),
                     true);
  self->after.lost_draft = self->after.lost_recovery = false;
}
