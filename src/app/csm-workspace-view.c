/* csm-workspace-view.c: how the picture is looked at, and what has to be said on it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace-private.h"
#include "review/csm-view-words.h"

static void
show_looking (CsmWorkspace *self)
{
  g_autofree char *text = csm_view_words_dup_badge (csm_session_get_view (self->session),
                                                    csm_session_get_view_on (self->session),
                                                    csm_session_get_picture (self->session));

  gtk_label_set_text (self->view_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->view_label), text != NULL);
  gtk_widget_set_visible (self->cover_box, csm_session_is_covered (self->session));
}

void
csm_workspace_connect_view (CsmWorkspace *self)
{
  static const char *const signals[] = { "view-changed", "picture-changed", "marks-changed" };

  for (unsigned i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (self->session, signals[i], G_CALLBACK (show_looking), self,
                             G_CONNECT_SWAPPED);
  show_looking (self);
}

void
csm_workspace_toggle_grey (CsmWorkspace *self)
{
  CsmView view = *csm_session_get_view (self->session);

  /* With the view off, grey is not seen: the key shows it. */
  view.grey = view.grey == 0 || !csm_session_get_view_on (self->session);
  csm_session_change_view (self->session, &view);
}

void
csm_workspace_toggle_view (CsmWorkspace *self)
{
  if (!csm_view_is_plain (csm_session_get_view (self->session)))
    csm_session_set_view_on (self->session, !csm_session_get_view_on (self->session));
}

void
csm_workspace_adjust_view (CsmWorkspace *self)
{
  csm_inspector_show_view (self->inspector);
}

void
csm_workspace_uncover (CsmWorkspace *self)
{
  csm_session_uncover (self->session);
  gtk_widget_grab_focus (GTK_WIDGET (self->frame_view));
}
