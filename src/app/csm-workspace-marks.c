/* csm-workspace-marks.c: how the picture, the editor and the session agree on a mark
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace-private.h"

#include <glib/gi18n.h>

static CsmMarkEditor *
get_editor (CsmWorkspace *self)
{
  return csm_inspector_get_editor (self->inspector);
}

/* --- the rectangle --- */

static void
drop_rect (CsmWorkspace *self)
{
  self->rect_is_editors = false;
  csm_frame_view_set_rect (self->frame_view, NULL);
  csm_frame_view_set_drawing (self->frame_view, false);
}

static void
rect_changed_cb (CsmWorkspace *self)
{
  CsmRect rect;
  bool has_rect = csm_frame_view_get_rect (self->frame_view, &rect);
  const CsmPicture *picture = csm_session_get_picture (self->session);

  /* The frame that is seen: the one asked for may still be on its way. */
  self->rect_ordinal = picture != NULL ? picture->ordinal : -1;
  if (self->rect_is_editors)
    csm_mark_editor_set_region (get_editor (self), has_rect ? &rect : NULL, self->rect_ordinal);
}

static bool
is_editing_new (CsmWorkspace *self)
{
  return csm_mark_editor_is_new (get_editor (self));
}

static void
take_rect_from_editor (CsmWorkspace *self)
{
  CsmRect rect;

  self->rect_is_editors = true;
  csm_frame_view_set_rect (
      self->frame_view, csm_mark_editor_get_region (get_editor (self), &rect) ? &rect : NULL);
}

void
csm_workspace_draw_region (CsmWorkspace *self, bool drawing)
{
  if (drawing && !csm_frame_view_get_drawing (self->frame_view) && is_editing_new (self))
    take_rect_from_editor (self);
  csm_frame_view_set_drawing (self->frame_view, drawing);
  if (!drawing && self->rect_is_editors)
    drop_rect (self);
}

void
csm_workspace_edit_region (CsmWorkspace *self)
{
  if (!csm_mark_editor_is_active (get_editor (self)))
    return;
  take_rect_from_editor (self);
  csm_frame_view_set_drawing (self->frame_view, true);
}

void
csm_workspace_end_drawing (CsmWorkspace *self)
{
  if (!self->rect_is_editors)
    csm_frame_view_set_rect (self->frame_view, NULL);
  csm_frame_view_set_drawing (self->frame_view, false);
}

static void
region_removed_cb (CsmWorkspace *self)
{
  if (self->rect_is_editors)
    csm_frame_view_set_rect (self->frame_view, NULL);
}

/* --- adding --- */

void
csm_workspace_add_mark (CsmWorkspace *self)
{
  CsmMark *mark = csm_session_draft_mark (self->session);
  CsmRect rect;
  bool waits = !self->rect_is_editors && csm_frame_view_get_rect (self->frame_view, &rect);

  if (mark == NULL)
    return;
  csm_session_set_playing (self->session, false);
  csm_inspector_show_marks (self->inspector);
  csm_mark_editor_edit (get_editor (self), mark, true);
  if (waits)
    csm_mark_editor_set_region (get_editor (self), &rect, self->rect_ordinal);
  else
    csm_frame_view_set_rect (self->frame_view, NULL);
  /* From here on what is drawn is this mark's. */
  self->rect_is_editors = true;
}

static void
show_selected_mark (CsmWorkspace *self)
{
  CsmMarkItem *item = csm_session_get_selected_mark (self->session);

  if (item != NULL)
    csm_mark_editor_edit (get_editor (self), csm_mark_copy (csm_mark_item_get_record (item)),
                          false);
}

/* The reviewer may have gone on meanwhile: then the mark is only in the lists. */
static void
saved_cb (CsmWorkspace *self, const CsmId *saved)
{
  const CsmMark *mark = csm_mark_editor_get_mark (get_editor (self));
  CsmId id = *saved;

  if (mark == NULL || !g_str_equal (mark->id.hex, id.hex) ||
      csm_mark_editor_is_unsaved (get_editor (self)))
    return;
  drop_rect (self);
  csm_session_select_mark (self->session, &id);
  show_selected_mark (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->frame_view));
}

static void
closed_cb (CsmWorkspace *self)
{
  drop_rect (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->frame_view));
}

static void
aside_cb (CsmWorkspace *self)
{
  AdwToast *toast = adw_toast_new ("");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *button = gtk_button_new_with_label (_ ("Bring Back"));

  /* A toast's own button has no accessible name. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Bring Back"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "mark.bring-back");
  g_signal_connect_object (button, "clicked", G_CALLBACK (adw_toast_dismiss), toast,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box),
                  gtk_label_new (_ ("Unsaved changes to a mark were put aside")));
  gtk_box_append (GTK_BOX (box), button);
  adw_toast_set_custom_title (toast, box);
  adw_toast_set_timeout (toast, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
selected_mark_cb (CsmWorkspace *self)
{
  CsmMarkItem *item = csm_session_get_selected_mark (self->session);

  if (item == NULL && is_editing_new (self))
    return;
  if (self->rect_is_editors)
    drop_rect (self);
  if (item == NULL)
    {
      csm_mark_editor_clear (get_editor (self));
      return;
    }
  csm_inspector_show_marks (self->inspector);
  csm_mark_editor_edit (get_editor (self), csm_mark_copy (csm_mark_item_get_record (item)),
                        false);
}

static bool
is_of (const CsmMark *mark, CsmExhibitItem *exhibit)
{
  return exhibit != NULL &&
         g_str_equal (mark->exhibit.hex, csm_exhibit_item_get_record (exhibit)->id.hex);
}

/* The editor shows marks of the exhibit in view. */
static void
selected_exhibit_cb (CsmWorkspace *self)
{
  CsmExhibitItem *exhibit = csm_session_get_selected (self->session);
  CsmMarkItem *selected = csm_session_get_selected_mark (self->session);
  const CsmMark *mark = csm_mark_editor_get_mark (get_editor (self));

  if (mark != NULL && is_of (mark, exhibit))
    return;
  csm_mark_editor_clear (get_editor (self));
  drop_rect (self);
  if (selected != NULL && is_of (csm_mark_item_get_record (selected), exhibit))
    show_selected_mark (self);
}

/* --- removing --- */

static void
remove_selected (CsmWorkspace *self)
{
  CsmMarkItem *item = csm_session_get_selected_mark (self->session);
  CsmId id;

  if (item == NULL)
    return;
  id = csm_mark_item_get_record (item)->id;
  csm_session_remove_mark (self->session, &id);
  gtk_widget_grab_focus (GTK_WIDGET (self->frame_view));
}

static void
removal_response_cb (CsmWorkspace *self, const char *response)
{
  if (!g_str_equal (response, "remove"))
    return;
  self->told_of_removal = true;
  remove_selected (self);
}

void
csm_workspace_remove_mark (CsmWorkspace *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *dialog;

  if (self->told_of_removal)
    {
      remove_selected (self);
      return;
    }
  dialog =
      adw_message_dialog_new (GTK_WINDOW (root), _ ("Remove This Mark?"),
                              _ ("It leaves the lists. Every revision of it stays in the "
                                 "ledger, and so does the removal: "
                                 "who has the case can see both. Undo brings the mark back."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "remove", _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "remove");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (removal_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
csm_workspace_connect_marks (CsmWorkspace *self)
{
  CsmMarkEditor *editor = get_editor (self);

  g_signal_connect_object (self->frame_view, "rect-changed", G_CALLBACK (rect_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "saved", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "closed", G_CALLBACK (closed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "aside", G_CALLBACK (aside_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "region-removed", G_CALLBACK (region_removed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::selected-mark",
                           G_CALLBACK (selected_mark_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::selected", G_CALLBACK (selected_exhibit_cb),
                           self, G_CONNECT_SWAPPED);
  selected_mark_cb (self);
}
