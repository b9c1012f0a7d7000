/* csm-workspace-view.c: how the picture is looked at, and what has to be said on it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace-private.h"
#include "review/csm-geometry.h"
#include "review/csm-view-words.h"

#include <glib/gi18n.h>

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

/* Of the frame that is seen, or else the mark's first. */
static bool
get_selected_region (CsmWorkspace *self, const CsmPicture *picture, CsmRect *ret_rect)
{
  CsmMarkItem *item = csm_session_get_selected_mark (self->session);
  const CsmMark *mark = item != NULL ? csm_mark_item_get_record (item) : NULL;
  const CsmRegion *region = NULL;

  for (int i = 0; mark != NULL && i < mark->n_regions; i++)
    if (region == NULL ||
        (mark->regions[i].frame == picture->ordinal && region->frame != picture->ordinal))
      region = &mark->regions[i];
  if (region != NULL)
    *ret_rect = region->rect;
  return region != NULL;
}

void
csm_workspace_crop (CsmWorkspace *self)
{
  const CsmPicture *picture = csm_session_get_picture (self->session);
  CsmView view = *csm_session_get_view (self->session);
  CsmRect rect;

  if (picture == NULL)
    return;
  if (!csm_frame_view_get_rect (self->frame_view, &rect) &&
      !get_selected_region (self, picture, &rect))
    {
      csm_workspace_say (self, _ ("Draw a rectangle on the picture first (R), or choose a mark "
                                  "with a region."));
      return;
    }
  if (!csm_geometry_intersect (
          &rect, &(CsmRect){ 0, 0, picture->frame_width, picture->frame_height }, &rect))
    {
      csm_workspace_say (self, _ ("The rectangle lies outside this frame; draw another one."));
      return;
    }
  view.crop_x = rect.x;
  view.crop_y = rect.y;
  view.crop_width = rect.width;
  view.crop_height = rect.height;
  csm_workspace_end_drawing (self);
  csm_session_change_view (self->session, &view);
}

void
csm_workspace_show_whole (CsmWorkspace *self)
{
  CsmView view = *csm_session_get_view (self->session);

  view.crop_x = view.crop_y = view.crop_width = view.crop_height = view.zoom = 0;
  csm_session_change_view (self->session, &view);
}

void
csm_workspace_uncover (CsmWorkspace *self)
{
  csm_session_uncover (self->session);
  gtk_widget_grab_focus (GTK_WIDGET (self->frame_view));
}
