/* csm-frame-view-region.c: regions on the picture, drawn by pointer and by keyboard
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-frame-view-private.h"

#include "review/csm-geometry.h"

#include <glib/gi18n.h>
#include <math.h>

#define STEP 8 /* of an arrow key, in the frame's pixels */
#define MIN_SIZE 2

/* --- between the widget and the frame --- */

static bool
to_frame (CsmFrameView *self, double x, double y, double *ret_x, double *ret_y)
{
  graphene_rect_t area;

  if (!csm_frame_view_get_area (self, &area))
    return false;

  *ret_x = (x - area.origin.x) / area.size.width;
  *ret_y = (y - area.origin.y) / area.size.height;
  csm_geometry_to_frame (&self->part, self->rotation, ret_x, ret_y);
  return true;
}

static graphene_rect_t
to_widget (CsmFrameView *self, const graphene_rect_t *area, const CsmRect *rect)
{
  double x0 = rect->x, x1 = rect->x + rect->width;
  double y0 = rect->y, y1 = rect->y + rect->height;

  csm_geometry_to_picture (&self->part, self->rotation, &x0, &y0);
  csm_geometry_to_picture (&self->part, self->rotation, &x1, &y1);
  return GRAPHENE_RECT_INIT (area->origin.x + MIN (x0, x1) * area->size.width,
                             area->origin.y + MIN (y0, y1) * area->size.height,
                             fabs (x1 - x0) * area->size.width,
                             fabs (y1 - y0) * area->size.height);
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
  pango_layout_set_width (layout, MAX (160, rect->size.width) * PANGO_SCALE);
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

/* One that lies outside the part that a view shows is not seen, and the label of one that
 * begins outside stands inside. */
static void
append_region (CsmFrameView *self,
               GtkSnapshot *snapshot,
               const graphene_rect_t *area,
               const CsmRect *region,
               const GdkRGBA *color,
               bool strong,
               const char *label)
{
  graphene_rect_t rect = to_widget (self, area, region);
  CsmRect inside;

  if (!csm_geometry_intersect (region, &self->part, &inside))
    return;
  gtk_snapshot_push_clip (snapshot, area);
  append_outline (snapshot, &rect, color, strong);
  gtk_snapshot_pop (snapshot);
  rect = to_widget (self, area, &inside);
  append_label (self, snapshot, &rect, color, label);
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
    append_region (self, snapshot, area, &mark->regions[i].rect, &color, selected, label);
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

  if (picture == NULL)
    return;
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmMarkItem) item = g_list_model_get_item (marks, i);
      const CsmMark *mark = csm_mark_item_get_record (item);

      /* By first frame: none of those that follow has begun yet. */
      if (mark->from > picture->ordinal)
        break;
      if (mark->to >= picture->ordinal && mark->n_regions > 0 &&
          csm_session_is_on_track (self->session, mark))
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

/* What is drawn anew stays in what is seen. */
static void
stay_in_part (CsmFrameView *self, double *x, double *y)
{
  *x = CLAMP (*x, self->part.x, self->part.x + self->part.width);
  *y = CLAMP (*y, self->part.y, self->part.y + self->part.height);
}

static void
change_rect (CsmFrameView *self, double x0, double y0, double x1, double y1)
{
  int width = self->frame_width;
  int height = self->frame_height;
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
  double x = CLAMP (from->x + dx, 0, self->frame_width - from->width);
  double y = CLAMP (from->y + dy, 0, self->frame_height - from->height);

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

/* What lies under a point of the widget: edges are the frame's, however it is turned. */
static CsmFrameViewDrag
find_drag (CsmFrameView *self, double x, double y)
{
  CsmFrameViewDrag drag = CSM_DRAG_NONE;
  double px, py, qx, qy;

  if (!self->has_rect || !to_frame (self, x, y, &px, &py) ||
      !to_frame (self, x + CSM_FRAME_VIEW_HANDLE, y + CSM_FRAME_VIEW_HANDLE, &qx, &qy))
    return CSM_DRAG_NEW;

  double reach_x = fabs (qx - px);
  double reach_y = fabs (qy - py);
  double left = self->rect.x;
  double top = self->rect.y;
  double right = left + self->rect.width;
  double bottom = top + self->rect.height;

  if (px < left - reach_x || px > right + reach_x || py < top - reach_y ||
      py > bottom + reach_y)
    return CSM_DRAG_NEW;
  if (fabs (px - right) <= reach_x)
    drag |= CSM_DRAG_RIGHT;
  else if (fabs (px - left) <= reach_x)
    drag |= CSM_DRAG_LEFT;
  if (fabs (py - bottom) <= reach_y)
    drag |= CSM_DRAG_BOTTOM;
  else if (fabs (py - top) <= reach_y)
    drag |= CSM_DRAG_TOP;
  return drag != CSM_DRAG_NONE ? drag : CSM_DRAG_MOVE;
}

static void
drag_begin_cb (CsmFrameView *self, double x, double y, GtkGestureDrag *gesture)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (button == GDK_BUTTON_PRIMARY && self->drawing)
    self->drag = find_drag (self, x, y);
  else if (button == GDK_BUTTON_PRIMARY || button == GDK_BUTTON_MIDDLE)
    self->drag = csm_frame_view_overflows (self) ? CSM_DRAG_PAN : CSM_DRAG_NONE;
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
  else if (self->drag == CSM_DRAG_NEW)
    stay_in_part (self, &self->drag_x, &self->drag_y);
}

static void
drag_update_cb (CsmFrameView *self, double dx, double dy, GtkGestureDrag *gesture)
{
  graphene_rect_t area;
  double x, y;

  if (self->drag == CSM_DRAG_NONE || !csm_frame_view_get_area (self, &area))
    return;
  if (self->drag == CSM_DRAG_PAN)
    {
      csm_frame_view_set_center (self, self->drag_x - dx / area.size.width,
                                 self->drag_y - dy / area.size.height);
      return;
    }

  if (!gtk_gesture_drag_get_start_point (gesture, &x, &y) ||
      !to_frame (self, x + dx, y + dy, &x, &y))
    return;
  dx = x - self->drag_x;
  dy = y - self->drag_y;

  const CsmRect *rect = &self->drag_rect;

  if (self->drag == CSM_DRAG_NEW)
    {
      stay_in_part (self, &x, &y);
      change_rect (self, self->drag_x, self->drag_y, x, y);
    }
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
  const CsmRect *part = &self->part;

  if (self->has_rect || self->texture == NULL)
    return false;
  change_rect (self, part->x + part->width * 3 / 8, part->y + part->height * 3 / 8,
               part->x + part->width * 5 / 8, part->y + part->height * 5 / 8);
  return true;
}

/* An arrow points on the screen; the rectangle lies in the frame. Growing knows no direction.
 */
static void
turn_step (CsmFrameView *self, bool growing, int *dx, int *dy)
{
  double x0 = 0, y0 = 0, x1 = *dx, y1 = *dy;

  csm_geometry_turn_back (self->rotation, &x0, &y0);
  csm_geometry_turn_back (self->rotation, &x1, &y1);
  *dx = (int) lround (growing ? copysign (x1 - x0, *dx + *dy) : x1 - x0);
  *dy = (int) lround (growing ? copysign (y1 - y0, *dx + *dy) : y1 - y0);
}

static bool
nudge_rect (CsmFrameView *self, int dx, int dy, GdkModifierType state)
{
  int step = state & GDK_CONTROL_MASK ? 1 : STEP;
  const CsmRect rect = self->rect;

  if (!self->has_rect)
    return false;
  turn_step (self, (state & GDK_SHIFT_MASK) != 0, &dx, &dy);
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
  if (!self->drawing || (state & GDK_ALT_MASK))
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
