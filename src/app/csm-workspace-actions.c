/* csm-workspace-actions.c: what the keys and buttons of the workspace do
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace-private.h"

#include "app/csm-code-dialog.h"

#include <math.h>

/* --- the playhead --- */

static void
first_action (CsmWorkspace *self)
{
  csm_session_seek (self->session, 0);
}

static void
last_action (CsmWorkspace *self)
{
  csm_session_seek (self->session, csm_session_get_n_frames (self->session) - 1);
}

/* A step is for looking at one frame. */
static void
step (CsmWorkspace *self, int64_t delta)
{
  csm_session_set_playing (self->session, false);
  csm_session_step (self->session, delta);
}

static void
previous_action (CsmWorkspace *self)
{
  step (self, -1);
}

static void
next_action (CsmWorkspace *self)
{
  step (self, 1);
}

static void
back_ten_action (CsmWorkspace *self)
{
  step (self, -10);
}

static void
forward_ten_action (CsmWorkspace *self)
{
  step (self, 10);
}

static void
play_action (CsmWorkspace *self)
{
  csm_session_set_playing (self->session, !csm_session_get_playing (self->session));
}

/* The next of these, or the last; @direction: to faster ones, -1: to slower. */
static double
find_speed (double speed, int direction)
{
  static const double speeds[] = { 0.1, 0.25, 0.5, 1, 2, 4 };
  const int n = G_N_ELEMENTS (speeds);

  if (direction < 0)
    {
      for (int i = n - 1; i >= 0; i--)
        if (speeds[i] < speed)
          return speeds[i];
      return speeds[0];
    }
  for (int i = 0; i < n; i++)
    if (speeds[i] > speed)
      return speeds[i];
  return speeds[n - 1];
}

/* J and L: each press is faster, with Shift slower; the other direction begins at 1, or at a
 * half. */
static void
shuttle (CsmWorkspace *self, int direction, bool faster)
{
  double rate = csm_session_get_rate (self->session);
  bool playing = csm_session_get_playing (self->session);

  if (playing && rate * direction > 0)
    rate = direction * find_speed (fabs (rate), faster ? 1 : -1);
  else
    rate = direction * (faster ? 1 : 0.5);
  csm_session_set_rate (self->session, rate);
  csm_session_set_playing (self->session, true);
}

static void
shuttle_back_action (CsmWorkspace *self)
{
  shuttle (self, -1, true);
}

static void
shuttle_stop_action (CsmWorkspace *self)
{
  csm_session_set_playing (self->session, false);
  csm_session_set_rate (self->session, 1);
}

static void
shuttle_forward_action (CsmWorkspace *self)
{
  shuttle (self, 1, true);
}

static void
shuttle_back_slower_action (CsmWorkspace *self)
{
  shuttle (self, -1, false);
}

static void
shuttle_forward_slower_action (CsmWorkspace *self)
{
  shuttle (self, 1, false);
}

static void
loop_action (CsmWorkspace *self)
{
  csm_session_set_loop (self->session, !csm_session_get_loop (self->session));
}

static void
rate_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_session_set_rate (CSM_WORKSPACE (widget)->session, g_variant_get_double (parameter));
}

static void
track_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_session_set_track (CSM_WORKSPACE (widget)->session,
                         MAX (g_variant_get_int32 (parameter), 0));
}

static void
mute_action (CsmWorkspace *self)
{
  csm_session_set_muted (self->session, !csm_session_get_muted (self->session));
}

static void
louder_action (CsmWorkspace *self)
{
  csm_session_set_volume (self->session, csm_session_get_volume (self->session) + 0.1);
}

static void
softer_action (CsmWorkspace *self)
{
  csm_session_set_volume (self->session, csm_session_get_volume (self->session) - 0.1);
}

static void
sound_closer_action (CsmWorkspace *self)
{
  csm_waveform_zoom (self->waveform, 1);
}

static void
sound_wider_action (CsmWorkspace *self)
{
  csm_waveform_zoom (self->waveform, -1);
}

static void
in_action (CsmWorkspace *self)
{
  csm_session_set_in (self->session, csm_session_get_ordinal (self->session));
}

static void
out_action (CsmWorkspace *self)
{
  csm_session_set_out (self->session, csm_session_get_ordinal (self->session));
}

static void
clear_span_action (CsmWorkspace *self)
{
  csm_session_set_in (self->session, -1);
  csm_session_set_out (self->session, -1);
}

static void
go_to_action (CsmWorkspace *self)
{
  csm_transport_focus_go_to (self->transport);
}

/* --- marks --- */

static void
previous_mark_action (CsmWorkspace *self)
{
  csm_session_step_mark (self->session, -1);
}

static void
next_mark_action (CsmWorkspace *self)
{
  csm_session_step_mark (self->session, 1);
}

static void
bring_back_action (CsmWorkspace *self)
{
  csm_inspector_show_marks (self->inspector);
  csm_mark_editor_bring_back (csm_inspector_get_editor (self->inspector));
}

static void
new_code_action (CsmWorkspace *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  csm_code_dialog_present (GTK_WINDOW (root), self->session);
}

static void
undo_action (CsmWorkspace *self)
{
  csm_session_undo (self->session);
}

static void
redo_action (CsmWorkspace *self)
{
  csm_session_redo (self->session);
}

/* --- the view --- */

static void
zoom_action (CsmWorkspace *self)
{
  csm_frame_view_toggle_zoom (self->frame_view);
}

static void
zoom_in_action (CsmWorkspace *self)
{
  csm_frame_view_zoom (self->frame_view, 1.25);
}

static void
zoom_out_action (CsmWorkspace *self)
{
  csm_frame_view_zoom (self->frame_view, 1 / 1.25);
}

static void
search_action (CsmWorkspace *self)
{
  csm_sidebar_start_search (self->sidebar);
}

static void
focus_picture_action (CsmWorkspace *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->frame_view));
}

/* --- the table --- */

typedef enum {
  ALWAYS,
  WITH_FRAMES, /* there is a picture, or sound alone */
  WITH_PICTURE,
  WITH_SOUND,
  WRITABLE,      /* the reviewer can sign */
  MARKABLE,      /* both */
  REGION_ABLE,   /* and there is a picture to draw on */
  WITH_MARK,     /* a mark is selected, and can be changed */
  WITH_EXHIBIT,  /* one is selected */
  EXHIBIT_WRITE, /* and can be changed */
  WITH_MARKS,    /* the case has some */
  CAN_UNDO,
  CAN_REDO,
} When;

static const struct
{
  const char *name;
  void (*activate) (CsmWorkspace *self);
  When when;
} actions[] = {
  { "frame.first", first_action, WITH_FRAMES },
  { "frame.last", last_action, WITH_FRAMES },
  { "frame.previous", previous_action, WITH_FRAMES },
  { "frame.next", next_action, WITH_FRAMES },
  { "frame.back-ten", back_ten_action, WITH_FRAMES },
  { "frame.forward-ten", forward_ten_action, WITH_FRAMES },
  { "frame.play", play_action, WITH_FRAMES },
  { "frame.shuttle-back", shuttle_back_action, WITH_FRAMES },
  { "frame.shuttle-stop", shuttle_stop_action, WITH_FRAMES },
  { "frame.shuttle-forward", shuttle_forward_action, WITH_FRAMES },
  { "frame.shuttle-back-slower", shuttle_back_slower_action, WITH_FRAMES },
  { "frame.shuttle-forward-slower", shuttle_forward_slower_action, WITH_FRAMES },
  { "frame.loop", loop_action, WITH_FRAMES },
  { "frame.in", in_action, WITH_FRAMES },
  { "frame.out", out_action, WITH_FRAMES },
  { "frame.clear-span", clear_span_action, WITH_FRAMES },
  { "frame.go-to", go_to_action, WITH_FRAMES },
  { "sound.mute", mute_action, WITH_SOUND },
  { "sound.louder", louder_action, WITH_SOUND },
  { "sound.softer", softer_action, WITH_SOUND },
  { "sound.closer", sound_closer_action, WITH_SOUND },
  { "sound.wider", sound_wider_action, WITH_SOUND },
  { "mark.add", csm_workspace_add_mark, MARKABLE },
  { "mark.remove", csm_workspace_remove_mark, WITH_MARK },
  { "mark.previous", previous_mark_action, WITH_FRAMES },
  { "mark.next", next_mark_action, WITH_FRAMES },
  { "mark.bring-back", bring_back_action, ALWAYS },
  { "region.edit", csm_workspace_edit_region, REGION_ABLE },
  { "code.new", new_code_action, WRITABLE },
  { "edit.undo", undo_action, CAN_UNDO },
  { "edit.redo", redo_action, CAN_REDO },
  { "view.zoom", zoom_action, WITH_FRAMES },
  { "view.zoom-in", zoom_in_action, WITH_FRAMES },
  { "view.zoom-out", zoom_out_action, WITH_FRAMES },
  { "view.grey", csm_workspace_toggle_grey, WITH_FRAMES },
  { "view.toggle", csm_workspace_toggle_view, WITH_FRAMES },
  { "view.adjust", csm_workspace_adjust_view, WITH_FRAMES },
  { "view.crop", csm_workspace_crop, WITH_PICTURE },
  { "view.whole", csm_workspace_show_whole, WITH_PICTURE },
  { "view.uncover", csm_workspace_uncover, WITH_FRAMES },
  { "view.search", search_action, ALWAYS },
  { "view.focus-picture", focus_picture_action, ALWAYS },
  { "still.save", csm_workspace_save_still, WITH_PICTURE },
  { "marks.save", csm_workspace_save_marks, WITH_MARKS },
  { "exhibit.extract", csm_workspace_extract, WITH_EXHIBIT },
  { "exhibit.remove", csm_workspace_remove_exhibit, EXHIBIT_WRITE },
  { "exhibit.erase", csm_workspace_erase_exhibit, EXHIBIT_WRITE },
  { "mark.erase", csm_workspace_erase_mark, WITH_MARK },
  { "case.backup", csm_workspace_backup, ALWAYS },
};

static bool
is_possible (CsmWorkspace *self, When when)
{
  CsmSession *session = self->session;
  bool frames = csm_session_get_n_frames (session) > 0;
  bool writable = !csm_session_is_read_only (session);
  bool picture = frames && !csm_session_is_sound_alone (session);

  switch (when)
    {
    case ALWAYS:
      return true;
    case WITH_FRAMES:
      return frames;
    case WITH_PICTURE:
      return picture;
    case WITH_SOUND:
      return frames && csm_session_get_sound (session) != NULL;
    case WRITABLE:
      return writable;
    case MARKABLE:
      return frames && writable;
    case REGION_ABLE:
      return picture && writable;
    case WITH_MARK:
      return csm_session_get_selected_mark (session) != NULL && writable;
    case WITH_EXHIBIT:
      return csm_session_get_selected (session) != NULL;
    case EXHIBIT_WRITE:
      return csm_session_get_selected (session) != NULL && writable;
    case WITH_MARKS:
      return g_list_model_get_n_items (csm_session_get_marks (session)) > 0;
    case CAN_UNDO:
      return csm_session_can_undo (session);
    case CAN_REDO:
      return csm_session_can_redo (session);
    }
  return false;
}

void
csm_workspace_update_actions (CsmWorkspace *self)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i].name,
                                   is_possible (self, actions[i].when));
  /* Who cannot mark can crop to it. */
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "region.draw",
                                 is_possible (self, WITH_PICTURE));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "frame.rate",
                                 is_possible (self, WITH_FRAMES));
}

static void
activate_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      {
        actions[i].activate (CSM_WORKSPACE (widget));
        return;
      }
  g_assert_not_reached ();
}

void
csm_workspace_install_actions (GtkWidgetClass *widget_class)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, NULL, activate_action);
  gtk_widget_class_install_action (widget_class, "frame.rate", "d", rate_action);
  gtk_widget_class_install_action (widget_class, "frame.track", "i", track_action);
}
