/* csm-frame-view-region.c: regions on the picture, drawn by pointer and by keyboard
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-frame-view-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define STEP 8 /* of an arrow key, in the frame's pixels */
#define MIN_SIZE 2

/* --- between the widget and the frame --- */

static bool
to_frame (CsmFrameView *self, double x, double y, double *ret_x, double *ret_y)
{
  graphene_rect_t area;
  int width, height;

  if (!csm_frame_view_get_area (self, &area))
    return false;
  csm_frame_view_get_frame_size (self, &width, &height);
  *ret_x = (x - area.origin.x) * width / area.size.width;
  *ret_y = (y - area.origin.y) * height / area.size.height;
  return true;
}

static graphene_rect_t
to_widget (CsmFrameView *self, const graphene_rect_t *area, const CsmRect *rect)
{
  int width, height;

  csm_frame_view_get_frame_size (self, &width, &height);

  double sx = area->size.width / width;
  double sy = area->size.height / height;

  return GRAPHENE_RECT_INIT (area->origin.x + rect->x * sx, area->origin.y + rect->y * sy,
                             rect->width * sx, rect->height * sy);
}

/* --- drawing --- */

static void
append_frame (GtkSnapshot *snapshot,
              const graphene_rect_t *rect,
              const GdkRGBA *color,
              float width)
{
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, rect, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ width, width, width, width },
                              (GdkRGBA[4]){ *color, *color, *color, *color });
}

static void
append_outline (GtkSnapshot *snapshot,
                const graphene_rect_t *rect,
                const GdkRGBA *color,
                bool strong)
{
  graphene_rect_t outer = *rect;
  float width = strong ? 3 : 2;

  /* A dark line around the bright one: one of the two shows on any picture. */
  graphene_rect_inset (&outer, -1, -1);
  append_frame (snapshot, &outer, &(GdkRGBA){ 0, 0, 0, 0.7 }, 1);
  append_frame (snapshot, rect, color, width);
}

static void
append_label (CsmFrameView *self,
              GtkSnapshot *snapshot,
              const graphene_rect_t *rect,
              const GdkRGBA *color,
              const char *text)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width, height;

  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout, MAX (80, rect->size.width) * PANGO_SCALE);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_get_pixel_size (layout, &width, &height);

  double x = MAX (rect->origin.x, 0);
  double y = MAX (rect->origin.y - height - 5, 0);

  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.08, 0.08, 0.09, 0.85 },
                             &GRAPHENE_RECT_INIT (x, y, width + 14, height + 4));
  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (x, y, 4, height + 4));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x + 8, y + 2));
  gtk_snapshot_append_layout (snapshot, layout, &(GdkRGBA){ 1, 1, 1, 1 });
  gtk_snapshot_restore (snapshot);
}

static void
append_mark (CsmFrameView *self,
             GtkSnapshot *snapshot,
             const graphene_rect_t *area,
             CsmMarkItem *item)
{
  const CsmMark *mark = csm_mark_item_get_record (item);
  bool selected = csm_session_get_selected_mark (self->session) == item;
  g_autofree char *label = NULL;
  GdkRGBA color;

  g_object_get (item, "label", &label, NULL);
  csm_code_lanes_get_color (self->lanes, mark->code, &color);
  for (int i = 0; i < mark->n_regions; i++)
    {
      graphene_rect_t rect = to_widget (self, area, &mark->regions[i].rect);

      append_outline (snapshot, &rect, &color, selected);
      append_label (self, snapshot, &rect, &color, label);
    }
}

static void
append_handles (GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  for (int column = 0; column < 3; column++)
    for (int row = 0; row < 3; row++)
      {
        double x = rect->origin.x + rect->size.width * column / 2;
        double y = rect->origin.y + rect->size.height * row / 2;
        graphene_rect_t handle = GRAPHENE_RECT_INIT (x - 4, y - 4, 8, 8);

        if (column == 1 && row == 1)
          continue;
        gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 1 }, &handle);
        append_frame (snapshot, &handle, &(GdkRGBA){ 0, 0, 0, 0.8 }, 1);
      }
}

void
csm_frame_view_snapshot_regions (CsmFrameView *self,
                                 GtkSnapshot *snapshot,
                                 const graphene_rect_t *area)
{
  GListModel *marks = csm_session_get_exhibit_marks (self->session);
  const CsmPicture *picture = csm_session_get_picture (self->session);
  unsigned n = g_list_model_get_n_items (marks);

  if (picture == NULL || !csm_frame_view_is_upright (self))
    return;
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmMarkItem) item = g_list_model_get_item (marks, i);
      const CsmMark *mark = csm_mark_item_get_record (item);

      /* By first frame: none of those that follow has begun yet. */
      if (mark->from > picture->ordinal)
        break;
      if (mark->to >= picture->ordinal && mark->n_regions > 0)
        append_mark (self, snapshot, area, item);
    }
  if (self->has_rect)
    {
      graphene_rect_t rect = to_widget (self, area, &self->rect);

      append_outline (snapshot, &rect, &(GdkRGBA){ 1, 1, 1, 1 }, false);
      if (self->drawing)
        append_handles (snapshot, &rect);
    }
}

/* --- changing the rectangle --- */

static void
change_rect (CsmFrameView *self, double x0, double y0, double x1, double y1)
{
  int width, height;

  csm_frame_view_get_frame_size (self, &width, &height);

  int left = CLAMP (lround (MIN (x0, x1)), 0, width);
  int top = CLAMP (lround (MIN (y0, y1)), 0, height);
  int right = CLAMP (lround (MAX (x0, x1)), 0, width);
  int bottom = CLAMP (lround (MAX (y0, y1)), 0, height);

  self->has_rect = right - left >= MIN_SIZE && bottom - top >= MIN_SIZE;
  self->rect = (CsmRect){ left, top, right - left, bottom - top };
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "rect-changed");
}

/* Keeps the size: what would leave the frame stops at its edge. */
static void
move_rect (CsmFrameView *self, const CsmRect *from, double dx, double dy)
{
  int width, height;

  csm_frame_view_get_frame_size (self, &width, &height);

  double x = CLAMP (from->x + dx, 0, width - from->width);
  double y = CLAMP (from->y + dy, 0, height - from->height);

  change_rect (self, x, y, x + from->width, y + from->height);
}

static void
clear_rect (CsmFrameView *self)
{
  self->has_rect = false;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "rect-changed");
}

/* --- the pointer --- */

static CsmFrameViewDrag
find_drag (CsmFrameView *self, double x, double y)
{
  graphene_rect_t area;
  CsmFrameViewDrag drag = CSM_DRAG_NONE;

  if (!self->has_rect || !csm_frame_view_get_area (self, &area))
    return CSM_DRAG_NEW;

  graphene_rect_t rect = to_widget (self, &area, &self->rect);
  double right = rect.origin.x + rect.size.width;
  double bottom = rect.origin.y + rect.size.height;

  if (x < rect.origin.x - CSM_FRAME_VIEW_HANDLE || x > right + CSM_FRAME_VIEW_HANDLE ||
      y < rect.origin.y - CSM_FRAME_VIEW_HANDLE || y > bottom + CSM_FRAME_VIEW_HANDLE)
    return CSM_DRAG_NEW;
  if (fabs (x - right) <= CSM_FRAME_VIEW_HANDLE)
    drag |= CSM_DRAG_RIGHT;
  else if (fabs (x - rect.origin.x) <= CSM_FRAME_VIEW_HANDLE)
    drag |= CSM_DRAG_LEFT;
  if (fabs (y - bottom) <= CSM_FRAME_VIEW_HANDLE)
    drag |= CSM_DRAG_BOTTOM;
  else if (fabs (y - rect.origin.y) <= CSM_FRAME_VIEW_HANDLE)
    drag |= CSM_DRAG_TOP;
  return drag != CSM_DRAG_NONE ? drag : CSM_DRAG_MOVE;
}

static void
drag_begin_cb (CsmFrameView *self, double x, double y, GtkGestureDrag *gesture)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (button == GDK_BUTTON_PRIMARY && self->drawing && csm_frame_view_is_upright (self))
    self->drag = find_drag (self, x, y);
  else if (button == GDK_BUTTON_PRIMARY || button == GDK_BUTTON_MIDDLE)
    self->drag = self->zoom > 0 ? CSM_DRAG_PAN : CSM_DRAG_NONE;
  else
    self->drag = CSM_DRAG_NONE;

  self->drag_rect = self->rect;
  if (self->drag == CSM_DRAG_PAN)
    {
      self->drag_x = self->center_x;
      self->drag_y = self->center_y;
      gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
    }
  else if (!to_frame (self, x, y, &self->drag_x, &self->drag_y))
    self->drag = CSM_DRAG_NONE;
}

static void
drag_update_cb (CsmFrameView *self, double dx, double dy, GtkGestureDrag *gesture)
{
  graphene_rect_t area;
  int width, height;

  if (self->drag == CSM_DRAG_NONE || !csm_frame_view_get_area (self, &area))
    return;
  if (self->drag == CSM_DRAG_PAN)
    {
      csm_frame_view_set_center (self, self->drag_x - dx / area.size.width,
                                 self->drag_y - dy / area.size.height);
      return;
    }

  csm_frame_view_get_frame_size (self, &width, &height);
  dx *= width / area.size.width;
  dy *= height / area.size.height;

  const CsmRect *rect = &self->drag_rect;

  if (self->drag == CSM_DRAG_NEW)
    change_rect (self, self->drag_x, self->drag_y, self->drag_x + dx, self->drag_y + dy);
  else if (self->drag == CSM_DRAG_MOVE)
    move_rect (self, rect, dx, dy);
  else
    change_rect (self, rect->x + (self->drag & CSM_DRAG_LEFT ? dx : 0),
                 rect->y + (self->drag & CSM_DRAG_TOP ? dy : 0),
                 rect->x + rect->width + (self->drag & CSM_DRAG_RIGHT ? dx : 0),
                 rect->y + rect->height + (self->drag & CSM_DRAG_BOTTOM ? dy : 0));
}

static void
drag_end_cb (CsmFrameView *self, double dx, double dy, GtkGestureDrag *gesture)
{
  if (self->drag == CSM_DRAG_PAN)
    gtk_widget_set_cursor_from_name (GTK_WIDGET (self), self->drawing ? "crosshair" : NULL);
  self->drag = CSM_DRAG_NONE;
}

static void
pressed_cb (CsmFrameView *self, int n_press, double x, double y, GtkGestureClick *gesture)
{
  if (n_press == 2 && !self->drawing)
    csm_frame_view_toggle_zoom (self);
}

/* --- the keyboard --- */

static bool
place_rect (CsmFrameView *self)
{
  int width, height;

  csm_frame_view_get_frame_size (self, &width, &height);
  if (self->has_rect || width == 0)
    return false;
  change_rect (self, width * 3 / 8, height * 3 / 8, width * 5 / 8, height * 5 / 8);
  return true;
}

static bool
nudge_rect (CsmFrameView *self, int dx, int dy, GdkModifierType state)
{
  int step = state & GDK_CONTROL_MASK ? 1 : STEP;
  const CsmRect rect = self->rect;

  if (!self->has_rect)
    return false;
  if (state & GDK_SHIFT_MASK)
    change_rect (self, rect.x, rect.y, rect.x + MAX (MIN_SIZE, rect.width + dx * step),
                 rect.y + MAX (MIN_SIZE, rect.height + dy * step));
  else
    move_rect (self, &rect, dx * step, dy * step);
  return true;
}

static gboolean
key_pressed_cb (CsmFrameView *self,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                GtkEventControllerKey *controller)
{
  if (!self->drawing || (state & GDK_ALT_MASK) || !csm_frame_view_is_upright (self))
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      return place_rect (self);
    case GDK_KEY_Left:
      return nudge_rect (self, -1, 0, state);
    case GDK_KEY_Right:
      return nudge_rect (self, 1, 0, state);
    case GDK_KEY_Up:
      return nudge_rect (self, 0, -1, state);
    case GDK_KEY_Down:
      return nudge_rect (self, 0, 1, state);
    case GDK_KEY_Escape:
      /* First the rectangle, then the mode. */
      if (self->has_rect)
        clear_rect (self);
      else
        csm_frame_view_set_drawing (self, false);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

void
csm_frame_view_add_region_controllers (CsmFrameView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect_swapped (key, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), key);
}
