/* csm-timeline.c: the exhibit from its first frame to its last, with its marks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-timeline.h"

#include "review/csm-geometry.h"

#include <glib/gi18n.h>
#include <math.h>

#define RULER 18
#define LANE 12
#define GAP 3
#define MAX_LANES 6
#define LABEL_EVERY 80 /* pixels */
#define MAX_RULER_MS (INT64_C (1) << 50)
#define MARGIN 8 /* so that the ends of the track can be grasped */

typedef struct
{
  CsmMarkItem *item; /* owned */
  int64_t from, to;
  int row;
  GdkRGBA color;
} Bar;

struct _CsmTimeline
{
  GtkWidget parent_instance;

  /* Owned */
  CsmSession *session;
  CsmCodeLanes *lanes;
  GArray *bars;   /* Bar, by first frame */
  GArray *groups; /* int: the lane of code lanes that each row shows */

  double drag_x;
};

G_DEFINE_FINAL_TYPE (CsmTimeline, csm_timeline, GTK_TYPE_WIDGET)

/* --- geometry --- */

static int
count_rows (CsmTimeline *self)
{
  return CLAMP ((int) self->groups->len, 1, MAX_LANES);
}

static double
get_track_width (CsmTimeline *self)
{
  return MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN);
}

/* The left edge of @frame; the one after the last is the right end. */
static double
frame_to_x (CsmTimeline *self, int64_t frame)
{
  int64_t n_frames = MAX (1, csm_session_get_n_frames (self->session));

  return MARGIN + get_track_width (self) * frame / n_frames;
}

static int64_t
x_to_frame (CsmTimeline *self, double x)
{
  int64_t n_frames = csm_session_get_n_frames (self->session);
  double frame = floor ((x - MARGIN) * n_frames / get_track_width (self));

  return CLAMP (frame, 0, MAX (0, n_frames - 1));
}

static double
row_to_y (int row)
{
  return RULER + GAP + row * (LANE + GAP);
}

static const Bar *
find_bar (CsmTimeline *self, double x, double y)
{
  const Bar *found = NULL;
  int row = floor ((y - RULER - GAP) / (LANE + GAP));

  for (unsigned i = 0; i < self->bars->len; i++)
    {
      const Bar *bar = &g_array_index (self->bars, Bar, i);
      double left = frame_to_x (self, bar->from);

      if (bar->row == row && x >= left - 2 &&
          x <= MAX (frame_to_x (self, bar->to + 1), left + 3) + 2)
        found = bar;
    }
  return found;
}

/* --- what is drawn --- */

static int
find_row (CsmTimeline *self, int lane)
{
  for (unsigned i = 0; i < self->groups->len; i++)
    if (g_array_index (self->groups, int, i) == lane)
      return MIN (i, MAX_LANES - 1);
  return 0;
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

static void
collect_groups (CsmTimeline *self, GListModel *marks)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  unsigned n = g_list_model_get_n_items (marks);

  g_array_set_size (self->groups, 0);
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmMarkItem) item = g_list_model_get_item (marks, i);
      const CsmMark *mark = csm_mark_item_get_record (item);
      int lane = csm_code_lanes_get_lane (self->lanes, mark->code);

      if (csm_session_is_on_track (self->session, mark) &&
          g_hash_table_add (seen, GINT_TO_POINTER (lane + 1)))
        g_array_append_val (self->groups, lane);
    }
  g_array_sort (self->groups, compare_ints);
}

static void
marks_changed_cb (CsmTimeline *self)
{
  GListModel *marks = csm_session_get_exhibit_marks (self->session);
  unsigned n = g_list_model_get_n_items (marks);

  collect_groups (self, marks);
  g_array_set_size (self->bars, 0);
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmMarkItem) item = g_list_model_get_item (marks, i);
      const CsmMark *mark = csm_mark_item_get_record (item);
      int lane = csm_code_lanes_get_lane (self->lanes, mark->code);
      Bar bar = { 0 };

      /* Frames of another track have another place. */
      if (!csm_session_is_on_track (self->session, mark))
        continue;
      bar.item = g_steal_pointer (&item);
      bar.from = mark->from;
      bar.to = mark->to;
      bar.row = find_row (self, lane);
      csm_code_lanes_get_lane_color (self->lanes, lane, &bar.color);
      g_array_append_val (self->bars, bar);
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
clear_bar (gpointer data)
{
  g_object_unref (((Bar *) data)->item);
}

static void
append_label (CsmTimeline *self,
              GtkSnapshot *snapshot,
              double x,
              const char *text,
              const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width;

  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (x, RULER - 6, 1, 6));
  /* Half a number would be another one. */
  pango_layout_get_pixel_size (layout, &width, NULL);
  if (x + 4 + width > gtk_widget_get_width (GTK_WIDGET (self)))
    return;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x + 4, 0));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static int64_t
frame_to_ms (CsmSession *session, int64_t frame)
{
  CsmTimebase timebase;
  int64_t pts = csm_session_get_pts (session, frame, &timebase);

  return csm_ticks_to_ms (pts, timebase);
}

/* The first frame at or after @ms. */
static int64_t
find_frame (CsmSession *session, int64_t ms)
{
  int64_t low = 0;
  int64_t high = csm_session_get_n_frames (session) - 1;

  while (low < high)
    {
      int64_t middle = low + (high - low) / 2;

      if (frame_to_ms (session, middle) < ms)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* A track without times is counted in frames. */
static void
append_frame_ruler (CsmTimeline *self, GtkSnapshot *snapshot, int n, const GdkRGBA *color)
{
  int64_t n_frames = csm_session_get_n_frames (self->session);

  n = MIN (n, n_frames);
  for (int i = 0; i < n; i++)
    {
      int64_t frame = n_frames * i / n;
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, frame);

      append_label (self, snapshot, frame_to_x (self, frame), text, color);
    }
}

/* Frames are evenly spread, times need not be: where they crowd, a label is left out. */
static void
append_ruler (CsmTimeline *self, GtkSnapshot *snapshot, const GdkRGBA *color)
{
  int64_t n_frames = csm_session_get_n_frames (self->session);
  int n = MAX (1, get_track_width (self) / LABEL_EVERY);
  double free_from = 0;
  int64_t first = 0, last = -1, step;
  GdkRGBA dim = *color;

  dim.alpha *= 0.6;
  if (n_frames > 0)
    {
      first = frame_to_ms (self->session, 0);
      last = frame_to_ms (self->session, n_frames - 1);
    }
  /* A file may claim any time. */
  if (first < -MAX_RULER_MS || last > MAX_RULER_MS || last < first)
    {
      append_frame_ruler (self, snapshot, n, &dim);
      return;
    }
  step = csm_geometry_pick_ruler_step (last - first, n);
  for (int64_t ms = first - first % step; ms <= last; ms += step)
    {
      double x = frame_to_x (self, find_frame (self->session, ms));
      g_autofree char *text = csm_geometry_format_ruler (ms, step);

      if (ms < first || x < free_from)
        continue;
      append_label (self, snapshot, x, text, &dim);
      free_from = x + LABEL_EVERY / 2;
    }
}

static void
append_span (CsmTimeline *self, GtkSnapshot *snapshot, double height)
{
  int64_t in = csm_session_get_in (self->session);
  int64_t out = csm_session_get_out (self->session);
  GdkRGBA color = { 0.21, 0.52, 0.89, 1 };

  if (in < 0 && out < 0)
    return;

  double left = frame_to_x (self, MAX (in, 0));
  double right =
      frame_to_x (self, out >= 0 ? out + 1 : csm_session_get_n_frames (self->session));

  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ color.red, color.green, color.blue, 0.18 },
                             &GRAPHENE_RECT_INIT (left, 0, MAX (1, right - left), height));
  if (in >= 0)
    gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (left - 1, 0, 2, height));
  if (out >= 0)
    gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (right - 1, 0, 2, height));
}

/* Thousands of marks fall on the same pixels: one of them is drawn. */
static void
append_bars (CsmTimeline *self, GtkSnapshot *snapshot, const GdkRGBA *foreground)
{
  CsmMarkItem *selected = csm_session_get_selected_mark (self->session);
  double painted[MAX_LANES];

  for (int i = 0; i < MAX_LANES; i++)
    painted[i] = -1;
  for (unsigned i = 0; i < self->bars->len; i++)
    {
      const Bar *bar = &g_array_index (self->bars, Bar, i);
      double left = frame_to_x (self, bar->from);
      double right = MAX (frame_to_x (self, bar->to + 1), left + 3);
      graphene_rect_t rect = GRAPHENE_RECT_INIT (left, row_to_y (bar->row), right - left, LANE);
      GskRoundedRect round;

      if (right <= painted[bar->row] && bar->item != selected)
        continue;
      painted[bar->row] = right;
      gsk_rounded_rect_init_from_rect (&round, &rect, 2);
      gtk_snapshot_push_rounded_clip (snapshot, &round);
      gtk_snapshot_append_color (snapshot, &bar->color, &rect);
      /* Where marks overlap, the edge of each shows. */
      gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0, 0, 0, 0.45 },
                                 &GRAPHENE_RECT_INIT (left, rect.origin.y, 1, LANE));
      gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0, 0, 0, 0.45 },
                                 &GRAPHENE_RECT_INIT (right - 1, rect.origin.y, 1, LANE));
      gtk_snapshot_pop (snapshot);
      if (bar->item == selected)
        gtk_snapshot_append_border (
            snapshot, &round, (float[4]){ 2, 2, 2, 2 },
            (GdkRGBA[4]){ *foreground, *foreground, *foreground, *foreground });
    }
}

static void
append_playhead (CsmTimeline *self, GtkSnapshot *snapshot, double height, const GdkRGBA *color)
{
  int64_t ordinal = csm_session_get_ordinal (self->session);
  double x;

  if (ordinal < 0)
    return;
  x = round (frame_to_x (self, ordinal));
  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (x - 1, 0, 2, height));
  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (x - 4, 0, 8, 4));
}

static void
csm_timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CsmTimeline *self = CSM_TIMELINE (widget);
  int height = gtk_widget_get_height (widget);
  GdkRGBA foreground, trough;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &foreground);
  trough = foreground;
  trough.alpha = 0.08;
  for (int i = 0; i < count_rows (self); i++)
    gtk_snapshot_append_color (
        snapshot, &trough,
        &GRAPHENE_RECT_INIT (MARGIN, row_to_y (i), get_track_width (self), LANE));
  if (self->session == NULL || csm_session_get_n_frames (self->session) == 0)
    return;
  append_ruler (self, snapshot, &foreground);
  append_span (self, snapshot, height);
  append_bars (self, snapshot, &foreground);
  append_playhead (self, snapshot, height, &foreground);
}

static void
csm_timeline_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = 120;
  else
    *minimum = *natural = row_to_y (count_rows (CSM_TIMELINE (widget))) + GAP;
}

/* --- input --- */

static void
drag_begin_cb (CsmTimeline *self, double x, double y)
{
  const Bar *bar = find_bar (self, x, y);

  self->drag_x = x;
  if (bar != NULL)
    csm_session_select_mark (self->session, &csm_mark_item_get_record (bar->item)->id);
  csm_session_scrub (self->session, x_to_frame (self, x));
}

static void
drag_update_cb (CsmTimeline *self, double dx, double dy)
{
  csm_session_scrub (self->session, x_to_frame (self, self->drag_x + dx));
}

static gboolean
csm_timeline_query_tooltip (GtkWidget *widget,
                            int x,
                            int y,
                            gboolean keyboard,
                            GtkTooltip *tooltip)
{
  CsmTimeline *self = CSM_TIMELINE (widget);
  const Bar *bar = keyboard ? NULL : find_bar (self, x, y);
  g_autofree char *label = NULL;
  g_autofree char *span = NULL;
  g_autofree char *text = NULL;

  if (bar == NULL)
    return FALSE;
  g_object_get (bar->item, "label", &label, "span", &span, NULL);
  text = g_strdup_printf ("%s, %s", label, span);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* --- the widget --- */

void
csm_timeline_set_session (CsmTimeline *self, CsmSession *session, CsmCodeLanes *lanes)
{
  const char *redraw[] = { "notify::ordinal",  "notify::in",    "notify::out",
                           "notify::n-frames", "notify::index", "notify::selected-mark" };

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  self->lanes = g_object_ref (lanes);
  for (unsigned i = 0; i < G_N_ELEMENTS (redraw); i++)
    g_signal_connect_object (session, redraw[i], G_CALLBACK (gtk_widget_queue_draw), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "marks-changed", G_CALLBACK (marks_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (lanes, "changed", G_CALLBACK (marks_changed_cb), self,
                           G_CONNECT_SWAPPED);
  marks_changed_cb (self);
}

static void
csm_timeline_dispose (GObject *object)
{
  CsmTimeline *self = CSM_TIMELINE (object);

  g_clear_object (&self->session);
  g_clear_object (&self->lanes);
  g_array_set_size (self->bars, 0);
  G_OBJECT_CLASS (csm_timeline_parent_class)->dispose (object);
}

static void
csm_timeline_finalize (GObject *object)
{
  CsmTimeline *self = CSM_TIMELINE (object);

  g_array_unref (self->bars);
  g_array_unref (self->groups);
  G_OBJECT_CLASS (csm_timeline_parent_class)->finalize (object);
}

static void
csm_timeline_class_init (CsmTimelineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_timeline_dispose;
  G_OBJECT_CLASS (klass)->finalize = csm_timeline_finalize;
  widget_class->snapshot = csm_timeline_snapshot;
  widget_class->measure = csm_timeline_measure;
  widget_class->query_tooltip = csm_timeline_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "timeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
csm_timeline_init (CsmTimeline *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->bars = g_array_new (FALSE, TRUE, sizeof (Bar));
  g_array_set_clear_func (self->bars, clear_bar);
  self->groups = g_array_new (FALSE, FALSE, sizeof (int));
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
