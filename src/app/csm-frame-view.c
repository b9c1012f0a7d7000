/* csm-frame-view.c: the picture, with zoom, pan and regions drawn on it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-frame-view.h"

#include "app/csm-frame-view-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define MAX_ZOOM 32.0
#define MIN_ZOOM 0.05

enum {
  PROP_DRAWING = 1,
  PROP_ZOOM_LABEL,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmFrameView, csm_frame_view, GTK_TYPE_WIDGET)

/* --- geometry --- */

static bool
is_same_shape (double a, double b)
{
  return fabs (a - b) <= 0.02 * MAX (a, b);
}

/* The size at 100 % of the picture as it came, which may be turned, or stretched by its sample
 * aspect ratio: the rows of the frame, or of its part, keep their height. */
static void
get_natural_size (CsmFrameView *self, double *ret_width, double *ret_height)
{
  bool on_its_side = self->rotation == 90 || self->rotation == 270;
  double shape = on_its_side ? (double) self->picture_height / self->picture_width
                             : (double) self->picture_width / self->picture_height;
  double height = (double) self->part.height * self->enlarged;
  double width = (double) self->part.width * self->enlarged;

  if (!is_same_shape (shape, width / height))
    width = height * shape;

  *ret_width = on_its_side ? height : width;
  *ret_height = on_its_side ? width : height;
}

bool
csm_frame_view_get_area (CsmFrameView *self, graphene_rect_t *ret_area)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  int device = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double natural_width, natural_height, scale, x, y;

  if (self->texture == NULL || width <= 0 || height <= 0)
    return false;
  get_natural_size (self, &natural_width, &natural_height);
  scale = self->zoom > 0 ? self->zoom / device
                         : MIN (width / natural_width, height / natural_height);
  /* What was enlarged is not made smaller again. */
  if (self->zoom == 0 && self->enlarged > 1)
    scale = MAX (scale, 1.0 / device);
  x = (width - natural_width * scale) / 2;
  y = (height - natural_height * scale) / 2;
  /* What is larger than the view follows the centre, and never shows a gap at an edge. */
  if (x < 0)
    x = CLAMP (width / 2 - self->center_x * natural_width * scale,
               width - natural_width * scale, 0);
  if (y < 0)
    y = CLAMP (height / 2 - self->center_y * natural_height * scale,
               height - natural_height * scale, 0);
  /* On whole device pixels, so that 100 % is the frame's pixels and not a blend of them. */
  graphene_rect_init (ret_area, round (x * device) / device, round (y * device) / device,
                      natural_width * scale, natural_height * scale);
  return true;
}

bool
csm_frame_view_overflows (CsmFrameView *self)
{
  graphene_rect_t area;

  return csm_frame_view_get_area (self, &area) &&
         (area.size.width > gtk_widget_get_width (GTK_WIDGET (self)) ||
          area.size.height > gtk_widget_get_height (GTK_WIDGET (self)));
}

static double
get_shown_zoom (CsmFrameView *self)
{
  graphene_rect_t area;
  double natural_width, natural_height;

  if (self->zoom > 0)
    return self->zoom;
  if (!csm_frame_view_get_area (self, &area))
    return 1;
  get_natural_size (self, &natural_width, &natural_height);
  return area.size.width * gtk_widget_get_scale_factor (GTK_WIDGET (self)) / natural_width;
}

static bool
is_enlarging (CsmFrameView *self)
{
  return csm_session_get_view_on (self->session) &&
         csm_session_get_view (self->session)->zoom > 1;
}

static void
ask_view (CsmFrameView *self)
{
  int device = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  int width = gtk_widget_get_width (GTK_WIDGET (self)) * device;
  int height = gtk_widget_get_height (GTK_WIDGET (self)) * device;
  bool as_decoded = self->drawing || self->zoom == 1;

  if (self->session == NULL || width <= 0 || height <= 0)
    return;
  if (self->zoom > 0 || is_enlarging (self))
    width = height = 0;
  csm_session_set_view (self->session, width, height, as_decoded);
}

/* --- zoom --- */

static void
set_zoom (CsmFrameView *self, double zoom)
{
  if (zoom == self->zoom)
    return;
  self->zoom = zoom;
  ask_view (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM_LABEL]);
}

void
csm_frame_view_set_center (CsmFrameView *self, double x, double y)
{
  self->center_x = CLAMP (x, 0, 1);
  self->center_y = CLAMP (y, 0, 1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
csm_frame_view_zoom_at (CsmFrameView *self, double factor, double x, double y)
{
  graphene_rect_t before, after;
  double old = get_shown_zoom (self);
  double zoom = CLAMP (old * factor, MIN_ZOOM, MAX_ZOOM);
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));

  if (!csm_frame_view_get_area (self, &before))
    return;
  /* Passing 100 % stops there: that is where pixels are exact. */
  if ((old < 1 && zoom > 1) || (old > 1 && zoom < 1) || fabs (zoom - 1) < 0.02)
    zoom = 1;

  double u = (x - before.origin.x) / before.size.width;
  double v = (y - before.origin.y) / before.size.height;

  set_zoom (self, zoom);
  if (csm_frame_view_get_area (self, &after))
    csm_frame_view_set_center (self, u + (width / 2 - x) / after.size.width,
                               v + (height / 2 - y) / after.size.height);
}

void
csm_frame_view_zoom (CsmFrameView *self, double factor)
{
  csm_frame_view_zoom_at (self, factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                          gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
}

void
csm_frame_view_toggle_zoom (CsmFrameView *self)
{
  set_zoom (self, self->zoom == 0 ? 1 : 0);
}

static char *
dup_zoom_label (CsmFrameView *self)
{
  if (self->zoom == 0 && !(self->enlarged > 1 && csm_frame_view_overflows (self)))
    return g_strdup (_ ("Fit"));
  /* Translators: a scale in percent */
  return g_strdup_printf (_ ("%d %%"), (int) lround (get_shown_zoom (self) * 100));
}

static gboolean
scroll_cb (CsmFrameView *self, double dx, double dy, GtkEventControllerScroll *scroll)
{
  GtkEventController *controller = GTK_EVENT_CONTROLLER (scroll);
  GdkModifierType state = gtk_event_controller_get_current_event_state (controller);
  graphene_rect_t area;

  if (state & GDK_CONTROL_MASK)
    {
      csm_frame_view_zoom_at (self, pow (1.25, -dy), self->pointer_x, self->pointer_y);
      return GDK_EVENT_STOP;
    }
  if (!csm_frame_view_overflows (self) || !csm_frame_view_get_area (self, &area))
    return GDK_EVENT_PROPAGATE;
  csm_frame_view_set_center (self, self->center_x + dx * 40 / area.size.width,
                             self->center_y + dy * 40 / area.size.height);
  return GDK_EVENT_STOP;
}

/* A scroll event does not say where the pointer is in the widget. */
static void
motion_cb (CsmFrameView *self, double x, double y)
{
  self->pointer_x = x;
  self->pointer_y = y;
}

/* --- the session --- */

/* The readout tells the frame asked for; this, the frame that is seen. */
static void
describe (CsmFrameView *self, const CsmPicture *picture)
{
  CsmExhibitItem *exhibit = csm_session_get_selected (self->session);
  g_autofree char *text = NULL;

  if (picture != NULL && exhibit != NULL && picture->preview)
    /* Translators: which frame the picture shows while the playhead is dragged */
    text = g_strdup_printf (_ ("preview, frame %" G_GINT64_FORMAT " of %s"), picture->ordinal,
                            csm_exhibit_item_get_record (exhibit)->number);
  else if (picture != NULL && exhibit != NULL)
    /* Translators: which frame the picture shows: its number, and the number of its exhibit */
    text = g_strdup_printf (_ ("frame %" G_GINT64_FORMAT " of %s"), picture->ordinal,
                            csm_exhibit_item_get_record (exhibit)->number);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
}

/* Another part, or another size of it, is looked at from its middle. */
static void
take_part (CsmFrameView *self, const CsmPicture *picture)
{
  const CsmRect *part = &picture->part;

  if (memcmp (part, &self->part, sizeof *part) == 0 && picture->zoom == self->enlarged)
    return;
  self->part = *part;
  self->enlarged = picture->zoom;
  csm_frame_view_set_center (self, 0.5, 0.5);
}

static void
session_picture_changed_cb (CsmFrameView *self)
{
  const CsmPicture *picture = csm_session_get_picture (self->session);
  int enlarged = self->enlarged;

  describe (self, picture);
  g_clear_object (&self->texture);
  if (picture != NULL)
    {
      self->texture = gdk_memory_texture_new (picture->width, picture->height,
                                              GDK_MEMORY_B8G8R8A8_PREMULTIPLIED,
                                              picture->pixels, picture->stride);
      self->picture_width = picture->width;
      self->picture_height = picture->height;
      self->frame_width = picture->frame_width;
      self->frame_height = picture->frame_height;
      take_part (self, picture);
      self->rotation = picture->rotation;
      self->has_alpha = picture->has_alpha;
      if (picture->zoom != enlarged)
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM_LABEL]);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
session_view_changed_cb (CsmFrameView *self)
{
  ask_view (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
session_selected_cb (CsmFrameView *self)
{
  csm_frame_view_set_rect (self, NULL);
  csm_frame_view_set_center (self, 0.5, 0.5);
}

void
csm_frame_view_set_session (CsmFrameView *self, CsmSession *session, CsmCodeLanes *lanes)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  self->lanes = g_object_ref (lanes);
  g_signal_connect_object (session, "picture-changed", G_CALLBACK (session_picture_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "view-changed", G_CALLBACK (session_view_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::selected", G_CALLBACK (session_selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "marks-changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::selected-mark", G_CALLBACK (gtk_widget_queue_draw),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (lanes, "changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  session_picture_changed_cb (self);
}

/* --- the rectangle --- */

bool
csm_frame_view_get_rect (CsmFrameView *self, CsmRect *ret_rect)
{
  if (self->has_rect)
    *ret_rect = self->rect;
  return self->has_rect;
}

void
csm_frame_view_set_rect (CsmFrameView *self, const CsmRect *rect)
{
  self->has_rect = rect != NULL;
  if (rect != NULL)
    self->rect = *rect;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

bool
csm_frame_view_get_drawing (CsmFrameView *self)
{
  return self->drawing;
}

void
csm_frame_view_set_drawing (CsmFrameView *self, bool drawing)
{
  if (drawing == self->drawing)
    return;
  self->drawing = drawing;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), drawing ? "crosshair" : NULL);
  if (drawing)
    gtk_widget_grab_focus (GTK_WIDGET (self));
  ask_view (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DRAWING]);
}

/* --- the widget --- */

/* What is shown while the playhead is dragged says which frame it is. */
static void
snapshot_preview (CsmFrameView *self, GtkSnapshot *snapshot, const CsmPicture *picture)
{
  /* Translators: while the playhead is dragged, the number of the frame that is shown */
  g_autofree char *text =
      g_strdup_printf (_ ("Preview: frame %" G_GINT64_FORMAT), picture->ordinal);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0, 0, 0, 0.7 },
                             &GRAPHENE_RECT_INIT (6, 6, width + 12, height + 6));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (12, 9));
  gtk_snapshot_append_layout (snapshot, layout, &(GdkRGBA){ 1, 1, 1, 1 });
  gtk_snapshot_restore (snapshot);
}

/* What is seen through: it is no colour of the picture. */
static void
append_checkerboard (GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  const float side = 8;
  const GdkRGBA dark = { 0.4, 0.4, 0.4, 1 }, light = { 0.6, 0.6, 0.6, 1 };
  const graphene_rect_t tile =
      GRAPHENE_RECT_INIT (area->origin.x, area->origin.y, 2 * side, 2 * side);

  gtk_snapshot_push_repeat (snapshot, area, &tile);
  gtk_snapshot_append_color (snapshot, &light, &tile);
  gtk_snapshot_append_color (snapshot, &dark,
                             &GRAPHENE_RECT_INIT (area->origin.x, area->origin.y, side, side));
  gtk_snapshot_append_color (
      snapshot, &dark,
      &GRAPHENE_RECT_INIT (area->origin.x + side, area->origin.y + side, side, side));
  gtk_snapshot_pop (snapshot);
}

static void
csm_frame_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CsmFrameView *self = CSM_FRAME_VIEW (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  const CsmPicture *picture;
  graphene_rect_t area;

  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.07, 0.07, 0.08, 1 },
                             &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (!csm_frame_view_get_area (self, &area) || csm_session_is_covered (self->session))
    return;
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->has_alpha)
    append_checkerboard (snapshot, &area);
  gtk_snapshot_append_texture (snapshot, self->texture, &area);
  picture = csm_session_get_picture (self->session);
  csm_session_displayed (self->session);
  if (picture != NULL && picture->preview)
    snapshot_preview (self, snapshot, picture);
  else
    csm_frame_view_snapshot_regions (self, snapshot, &area);
  gtk_snapshot_pop (snapshot);
}

static void
csm_frame_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  ask_view (CSM_FRAME_VIEW (widget));
}

static void
csm_frame_view_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : 160;
  *natural = *minimum * 2;
}

static void
csm_frame_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmFrameView *self = CSM_FRAME_VIEW (object);

  switch (id)
    {
    case PROP_DRAWING:
      g_value_set_boolean (value, self->drawing);
      break;
    case PROP_ZOOM_LABEL:
      g_value_take_string (value, dup_zoom_label (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_frame_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_DRAWING)
    csm_frame_view_set_drawing (CSM_FRAME_VIEW (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_frame_view_dispose (GObject *object)
{
  CsmFrameView *self = CSM_FRAME_VIEW (object);

  g_clear_object (&self->session);
  g_clear_object (&self->lanes);
  g_clear_object (&self->texture);
  G_OBJECT_CLASS (csm_frame_view_parent_class)->dispose (object);
}

static void
csm_frame_view_class_init (CsmFrameViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = csm_frame_view_get_property;
  object_class->set_property = csm_frame_view_set_property;
  object_class->dispose = csm_frame_view_dispose;
  widget_class->snapshot = csm_frame_view_snapshot;
  widget_class->size_allocate = csm_frame_view_size_allocate;
  widget_class->measure = csm_frame_view_measure;

  properties[PROP_DRAWING] = g_param_spec_boolean ("drawing", NULL, NULL, FALSE,
                                                   G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ZOOM_LABEL] = g_param_spec_string ("zoom-label", NULL, NULL, NULL,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_signal_new ("rect-changed", CSM_TYPE_FRAME_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
csm_frame_view_init (CsmFrameView *self)
{
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->center_x = self->center_y = 0.5;
  self->enlarged = 1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  csm_frame_view_add_region_controllers (self);
}
