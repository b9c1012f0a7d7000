/* csm-filmstrip.c: small pictures along the exhibit, and where its shots change
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-filmstrip.h"

#include "app/csm-thumbnail.h"

#include <glib/gi18n.h>
#include <math.h>

#define MARGIN 8 /* as the timeline has it */
#define PICTURE 36
#define TICK 5
#define GAP 2
#define BLUR 7 /* as lists have it */
#define MIN_WIDTH 20
#define MAX_WIDTH 96

struct _CsmFilmstrip
{
  GtkWidget parent_instance;

  /* Owned */
  CsmSession *session;
  GPtrArray *textures; /* (nullable) GdkTexture for each place */
  GArray *cuts;        /* int64_t, first frames of shots */

  double drag_x;
};

G_DEFINE_FINAL_TYPE (CsmFilmstrip, csm_filmstrip, GTK_TYPE_WIDGET)

/* --- what is known --- */

static void
release_texture (gpointer data)
{
  g_clear_object (&data);
}

static void
strip_changed_cb (CsmFilmstrip *self)
{
  unsigned n = csm_session_get_strip_size (self->session);

  g_ptr_array_set_size (self->textures, (int) n);
  for (unsigned i = 0; i < n; i++)
    {
      int64_t ordinal;
      GBytes *bytes = csm_session_get_strip (self->session, i, &ordinal);

      if (bytes != NULL && g_ptr_array_index (self->textures, i) == NULL)
        g_ptr_array_index (self->textures, i) = csm_thumbnail_make_texture (bytes);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
index_changed_cb (CsmFilmstrip *self)
{
  CsmFrameIndex *index = csm_session_get_index (self->session);
  int64_t n = index != NULL ? csm_frame_index_get_n_frames (index) : 0;
  g_autofree char *text = NULL;

  g_array_set_size (self->cuts, 0);
  for (int64_t i = 0; i < n; i++)
    if (csm_frame_index_get (index, i)->cut)
      g_array_append_val (self->cuts, i);
  if (index != NULL && csm_frame_index_is_exact (index))
    text = g_strdup_printf (
        ngettext ("%u shot change found", "%u shot changes found", self->cuts->len),
        self->cuts->len);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- geometry --- */

static double
get_track_width (CsmFilmstrip *self)
{
  return MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN);
}

static double
frame_to_x (CsmFilmstrip *self, int64_t frame)
{
  return MARGIN +
         get_track_width (self) * frame / MAX (1, csm_session_get_n_frames (self->session));
}

static int64_t
x_to_frame (CsmFilmstrip *self, double x)
{
  int64_t n_frames = csm_session_get_n_frames (self->session);
  double frame = floor ((x - MARGIN) * n_frames / get_track_width (self));

  return CLAMP (frame, 0, MAX (0, n_frames - 1));
}

/* All pictures of an exhibit have the shape of its first. */
static double
get_picture_width (CsmFilmstrip *self)
{
  for (unsigned i = 0; i < self->textures->len; i++)
    {
      GdkTexture *texture = g_ptr_array_index (self->textures, i);

      if (texture != NULL)
        return CLAMP ((double) PICTURE * gdk_texture_get_width (texture) /
                          gdk_texture_get_height (texture),
                      MIN_WIDTH, MAX_WIDTH);
    }
  return MAX_WIDTH;
}

/* --- drawing --- */

/* (nullable): none of what is covered until it is asked for. */
static GdkTexture *
get_texture (CsmFilmstrip *self, unsigned place)
{
  int64_t ordinal = 0;

  if (csm_session_get_strip (self->session, place, &ordinal) == NULL ||
      csm_session_covers (self->session, ordinal))
    return NULL;
  return g_ptr_array_index (self->textures, place);
}

static bool
is_blurred (CsmFilmstrip *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return root != NULL && gtk_widget_has_css_class (GTK_WIDGET (root), "csm-blurred");
}

/* Evenly, as many as there is room for; the last one is cut off where the track ends. */
static void
append_pictures (CsmFilmstrip *self, GtkSnapshot *snapshot)
{
  bool blurred = is_blurred (self);
  double width = get_picture_width (self), track = get_track_width (self);
  unsigned n = self->textures->len;

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (MARGIN, 0, track, PICTURE));
  if (blurred)
    gtk_snapshot_push_blur (snapshot, BLUR);
  for (double x = 0; x < track; x += width)
    {
      unsigned place = MIN ((unsigned) lround (x / track * n), n - 1);
      GdkTexture *texture = get_texture (self, place);

      if (texture != NULL)
        gtk_snapshot_append_texture (snapshot, texture,
                                     &GRAPHENE_RECT_INIT (MARGIN + x, 0, width - 1, PICTURE));
    }
  if (blurred)
    gtk_snapshot_pop (snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
append_cuts (CsmFilmstrip *self, GtkSnapshot *snapshot, const GdkRGBA *color)
{
  double last = -MARGIN;

  for (unsigned i = 0; i < self->cuts->len; i++)
    {
      double x = round (frame_to_x (self, g_array_index (self->cuts, int64_t, i)));

      /* Where they crowd, one stands for several. */
      if (x < last + 2)
        continue;
      last = x;
      gtk_snapshot_append_color (snapshot, color,
                                 &GRAPHENE_RECT_INIT (x, PICTURE + 1, 2, TICK - 1));
    }
}

static void
csm_filmstrip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CsmFilmstrip *self = CSM_FILMSTRIP (widget);
  GdkRGBA foreground, trough;
  int64_t ordinal;

  if (self->textures->len == 0)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &foreground);
  trough = foreground;
  trough.alpha = 0.08;
  gtk_snapshot_append_color (snapshot, &trough,
                             &GRAPHENE_RECT_INIT (MARGIN, 0, get_track_width (self), PICTURE));
  append_pictures (self, snapshot);
  append_cuts (self, snapshot, &foreground);
  ordinal = csm_session_get_ordinal (self->session);
  if (ordinal >= 0)
    {
      double x = round (frame_to_x (self, ordinal));

      /* Seen on any picture. */
      gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0, 0, 0, 0.6 },
                                 &GRAPHENE_RECT_INIT (x - 2, 0, 4, PICTURE));
      gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 1 },
                                 &GRAPHENE_RECT_INIT (x - 1, 0, 2, PICTURE));
    }
}

static void
csm_filmstrip_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : PICTURE + TICK + GAP;
}

/* --- input --- */

static void
drag_begin_cb (CsmFilmstrip *self, double x, double y)
{
  self->drag_x = x;
  csm_session_scrub (self->session, x_to_frame (self, x));
}

static void
drag_update_cb (CsmFilmstrip *self, double dx, double dy)
{
  csm_session_scrub (self->session, x_to_frame (self, self->drag_x + dx));
}

static gboolean
csm_filmstrip_query_tooltip (GtkWidget *widget,
                             int x,
                             int y,
                             gboolean keyboard,
                             GtkTooltip *tooltip)
{
  CsmFilmstrip *self = CSM_FILMSTRIP (widget);
  g_autofree char *text = NULL;

  for (unsigned i = 0; i < self->cuts->len && !keyboard; i++)
    {
      int64_t frame = g_array_index (self->cuts, int64_t, i);

      if (fabs (frame_to_x (self, frame) - x) > 3)
        continue;
      /* Translators: a frame's number, the first is 0 */
      text =
          g_strdup_printf (_ ("Another shot seems to begin at frame %" G_GINT64_FORMAT), frame);
      gtk_tooltip_set_text (tooltip, text);
      return TRUE;
    }
  return FALSE;
}

/* --- the widget --- */

void
csm_filmstrip_set_session (CsmFilmstrip *self, CsmSession *session)
{
  const char *redraw[] = { "notify::ordinal", "view-changed", "marks-changed" };

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::strip", G_CALLBACK (strip_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::index", G_CALLBACK (index_changed_cb), self,
                           G_CONNECT_SWAPPED);
  for (unsigned i = 0; i < G_N_ELEMENTS (redraw); i++)
    g_signal_connect_object (session, redraw[i], G_CALLBACK (gtk_widget_queue_draw), self,
                             G_CONNECT_SWAPPED);
  strip_changed_cb (self);
  index_changed_cb (self);
}

/* The window's class says whether small pictures are blurred. */
static void
csm_filmstrip_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (csm_filmstrip_parent_class)->root (widget);
  g_signal_connect_object (gtk_widget_get_root (widget), "notify::css-classes",
                           G_CALLBACK (gtk_widget_queue_draw), widget, G_CONNECT_SWAPPED);
}

static void
csm_filmstrip_dispose (GObject *object)
{
  CsmFilmstrip *self = CSM_FILMSTRIP (object);

  g_clear_object (&self->session);
  g_ptr_array_set_size (self->textures, 0);
  G_OBJECT_CLASS (csm_filmstrip_parent_class)->dispose (object);
}

static void
csm_filmstrip_finalize (GObject *object)
{
  CsmFilmstrip *self = CSM_FILMSTRIP (object);

  g_ptr_array_unref (self->textures);
  g_array_unref (self->cuts);
  G_OBJECT_CLASS (csm_filmstrip_parent_class)->finalize (object);
}

static void
csm_filmstrip_class_init (CsmFilmstripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_filmstrip_dispose;
  G_OBJECT_CLASS (klass)->finalize = csm_filmstrip_finalize;
  widget_class->root = csm_filmstrip_root;
  widget_class->snapshot = csm_filmstrip_snapshot;
  widget_class->measure = csm_filmstrip_measure;
  widget_class->query_tooltip = csm_filmstrip_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "filmstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
csm_filmstrip_init (CsmFilmstrip *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->textures = g_ptr_array_new_with_free_func (release_texture);
  self->cuts = g_array_new (FALSE, FALSE, sizeof (int64_t));
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
