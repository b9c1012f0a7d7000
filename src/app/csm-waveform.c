/* csm-waveform.c: how loud the exhibit is, as a whole and around the playhead
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-waveform.h"

#include <glib/gi18n.h>
#include <math.h>

#define MARGIN 8 /* as the timeline has it */
#define OVERVIEW 24
#define CLOSE_UP 34
#define GAP 3
#define MIN_SPAN_US (G_USEC_PER_SEC / 4)
#define MAX_SPAN_US (G_USEC_PER_SEC * INT64_C (64))

typedef struct
{
  float low, high; /* -1 to 1 */
} Peak;

struct _CsmWaveform
{
  GtkWidget parent_instance;

  /* Owned */
  CsmSession *session;
  GSignalGroup *item_signals;
  GArray *overview; /* Peak, one a pixel; empty: to be made */

  int64_t span_us; /* of the close-up */
  double drag_x, drag_y;
};

G_DEFINE_FINAL_TYPE (CsmWaveform, csm_waveform, GTK_TYPE_WIDGET)

/* --- places and times --- */

static int
get_track_width (CsmWaveform *self)
{
  return MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN);
}

static int64_t
x_to_ordinal (CsmWaveform *self, double x)
{
  int64_t n = csm_session_get_n_frames (self->session);
  double ordinal = floor ((x - MARGIN) * n / get_track_width (self));

  return CLAMP (ordinal, 0, MAX (0, n - 1));
}

static int64_t
get_offset_us (CsmWaveform *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  const CsmAcquisition *acquisition =
      item != NULL ? csm_exhibit_item_get_record (item)->acquisition : NULL;

  return acquisition != NULL ? acquisition->sound_offset_ms * INT64_C (1000) : 0;
}

/* What sounds between two moments of the picture's clock. */
static Peak
get_peak (CsmWaveform *self, int64_t from_us, int64_t to_us)
{
  CsmSoundMap *map = csm_session_get_sound (self->session);
  int64_t offset = get_offset_us (self);
  int64_t from = csm_sound_map_us_to_sample (map, from_us - offset);
  int64_t to = csm_sound_map_us_to_sample (map, to_us - offset);
  Peak peak = { 0, 0 };
  int low, high;

  /* Before its beginning and after its end there is no sound. */
  if (to <= 0 || from >= csm_sound_map_get_n_samples (map))
    return peak;
  if (csm_sound_map_get_peak (map, from, MAX (to, from + 1), &low, &high))
    peak = (Peak){ low / 32768.0f, high / 32768.0f };
  return peak;
}

/* --- drawing --- */

static void
make_overview (CsmWaveform *self)
{
  int width = get_track_width (self);
  int64_t from = 0, to = 0;

  g_array_set_size (self->overview, 0);
  if (!csm_session_get_us (self->session, 0, &from))
    return;
  for (int x = 0; x < width; x++)
    {
      Peak peak = { 0, 0 };

      if (!csm_session_get_us (self->session, x_to_ordinal (self, MARGIN + x + 1), &to))
        to = from;
      if (to > from)
        peak = get_peak (self, from, to);
      else if (x > 0)
        peak = g_array_index (self->overview, Peak, x - 1);
      g_array_append_val (self->overview, peak);
      from = MAX (from, to);
    }
}

static void
add_bar (cairo_t *cairo, double x, double middle, double half, Peak peak)
{
  double top = middle - peak.high * half;
  double bottom = middle - peak.low * half;

  cairo_rectangle (cairo, x, top - 0.5, 1, MAX (1, bottom - top + 1));
}

static void
draw_overview (CsmWaveform *self, cairo_t *cairo)
{
  int64_t n = MAX (1, csm_session_get_n_frames (self->session));
  double x;

  for (unsigned i = 0; i < self->overview->len; i++)
    add_bar (cairo, MARGIN + i, OVERVIEW / 2.0, OVERVIEW / 2.0 - 1,
             g_array_index (self->overview, Peak, i));
  cairo_fill (cairo);
  x = MARGIN + (double) get_track_width (self) * csm_session_get_ordinal (self->session) / n;
  cairo_rectangle (cairo, round (x) - 1, 0, 2, OVERVIEW);
  cairo_fill (cairo);
}

static void
draw_close_up (CsmWaveform *self, cairo_t *cairo)
{
  int width = get_track_width (self);
  double us_a_pixel = (double) self->span_us / width;
  double middle = OVERVIEW + GAP + CLOSE_UP / 2.0;
  int64_t now;

  if (!csm_session_get_us (self->session, csm_session_get_ordinal (self->session), &now))
    return;
  for (int x = 0; x < width; x++)
    {
      int64_t from = now + (int64_t) ((x - width / 2) * us_a_pixel);

      add_bar (cairo, MARGIN + x, middle, CLOSE_UP / 2.0 - 1,
               get_peak (self, from, from + (int64_t) us_a_pixel + 1));
    }
  cairo_fill (cairo);
  cairo_rectangle (cairo, MARGIN + width / 2 - 1, OVERVIEW + GAP, 2, CLOSE_UP);
  cairo_fill (cairo);
}

static void
csm_waveform_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CsmWaveform *self = CSM_WAVEFORM (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  GdkRGBA color, trough;
  cairo_t *cairo;

  if (self->session == NULL || csm_session_get_sound (self->session) == NULL ||
      csm_session_get_ordinal (self->session) < 0)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  trough = color;
  trough.alpha *= 0.08;
  color.alpha *= 0.7;
  if (self->overview->len != (unsigned) get_track_width (self))
    make_overview (self);
  gtk_snapshot_append_color (
      snapshot, &trough,
      &GRAPHENE_RECT_INIT (MARGIN, OVERVIEW + GAP, get_track_width (self), CLOSE_UP));
  cairo = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gdk_cairo_set_source_rgba (cairo, &color);
  draw_overview (self, cairo);
  draw_close_up (self, cairo);
  cairo_destroy (cairo);
}

static void
csm_waveform_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = *natural =
      orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : OVERVIEW + GAP + CLOSE_UP + GAP;
}

/* --- input --- */

static void
seek_to (CsmWaveform *self, double x, double y)
{
  int64_t now;

  if (csm_session_get_ordinal (self->session) < 0)
    return;
  if (y < OVERVIEW + GAP)
    csm_session_seek (self->session, x_to_ordinal (self, x));
  else if (csm_session_get_us (self->session, csm_session_get_ordinal (self->session), &now))
    {
      int width = get_track_width (self);
      double away = (x - MARGIN - width / 2) * (double) self->span_us / width;

      csm_session_seek (self->session,
                        csm_session_find_us (self->session, now + (int64_t) away));
    }
}

static void
drag_begin_cb (CsmWaveform *self, double x, double y)
{
  self->drag_x = x;
  self->drag_y = y;
  seek_to (self, x, y);
}

/* The close-up moves under the pointer: there a drag would run away. */
static void
drag_update_cb (CsmWaveform *self, double dx, double dy)
{
  if (self->drag_y < OVERVIEW + GAP)
    seek_to (self, self->drag_x + dx, self->drag_y);
}

static gboolean
scroll_cb (CsmWaveform *self, double dx, double dy)
{
  if (dy != 0)
    csm_waveform_zoom (self, dy < 0 ? 1 : -1);
  return TRUE;
}

void
csm_waveform_zoom (CsmWaveform *self, int direction)
{
  int64_t span = direction > 0 ? self->span_us / 2 : self->span_us * 2;

  self->span_us = CLAMP (span, MIN_SPAN_US, MAX_SPAN_US);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- the widget --- */

static void
sound_changed_cb (CsmWaveform *self)
{
  bool sound = csm_session_get_sound (self->session) != NULL;

  g_array_set_size (self->overview, 0);
  /* From one exhibit to the next it stays until it is known. */
  if (sound || csm_session_get_n_frames (self->session) > 0)
    gtk_widget_set_visible (GTK_WIDGET (self), sound);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The offset is part of an exhibit's record, which notifies as a whole. */
static void
selected_cb (CsmWaveform *self)
{
  g_signal_group_set_target (self->item_signals, csm_session_get_selected (self->session));
}

void
csm_waveform_set_session (CsmWaveform *self, CsmSession *session)
{
  const char *made[] = { "notify::sound", "notify::n-frames", "notify::index" };

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  for (unsigned i = 0; i < G_N_ELEMENTS (made); i++)
    g_signal_connect_object (session, made[i], G_CALLBACK (sound_changed_cb), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::ordinal", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  selected_cb (self);
  sound_changed_cb (self);
}

static void
csm_waveform_dispose (GObject *object)
{
  CsmWaveform *self = CSM_WAVEFORM (object);

  g_clear_object (&self->session);
  g_clear_object (&self->item_signals);
  G_OBJECT_CLASS (csm_waveform_parent_class)->dispose (object);
}

static void
csm_waveform_finalize (GObject *object)
{
  g_array_unref (CSM_WAVEFORM (object)->overview);
  G_OBJECT_CLASS (csm_waveform_parent_class)->finalize (object);
}

static void
csm_waveform_class_init (CsmWaveformClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_waveform_dispose;
  G_OBJECT_CLASS (klass)->finalize = csm_waveform_finalize;
  widget_class->snapshot = csm_waveform_snapshot;
  widget_class->measure = csm_waveform_measure;
  gtk_widget_class_set_css_name (widget_class, "waveform");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
csm_waveform_init (CsmWaveform *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);

  self->overview = g_array_new (FALSE, FALSE, sizeof (Peak));
  self->item_signals = g_signal_group_new (CSM_TYPE_EXHIBIT_ITEM);
  g_signal_group_connect_swapped (self->item_signals, "notify::detail",
                                  G_CALLBACK (sound_changed_cb), self);
  self->span_us = 4 * G_USEC_PER_SEC;
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
}
