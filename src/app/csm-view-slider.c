/* csm-view-slider.c: one number of a view, and the way back to none
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-view-slider.h"

#include <glib/gi18n.h>
#include <math.h>

struct _CsmViewSlider
{
  AdwBin parent_instance;

  /* Template children */
  GtkLabel *title_label;
  GtkScale *scale;
  GtkLabel *value_label;
  GtkWidget *reset_button;

  bool percent;
  bool filling;
};

enum {
  PROP_TITLE = 1,
  PROP_LOWER,
  PROP_UPPER,
  PROP_PERCENT,
  PROP_VALUE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmViewSlider, csm_view_slider, ADW_TYPE_BIN)

int
csm_view_slider_get_value (CsmViewSlider *self)
{
  return (int) lround (gtk_range_get_value (GTK_RANGE (self->scale)));
}

static int
get_neutral (CsmViewSlider *self)
{
  GtkAdjustment *adjustment = gtk_range_get_adjustment (GTK_RANGE (self->scale));

  return MAX (0, (int) lround (gtk_adjustment_get_lower (adjustment)));
}

static void
show_value (CsmViewSlider *self)
{
  int value = csm_view_slider_get_value (self);
  /* Translators: a share in percent with its sign */
  g_autofree char *text =
      self->percent ? g_strdup_printf (_ ("%+d %%"), value) : g_strdup_printf ("%d", value);

  gtk_label_set_text (self->value_label, value != 0 ? text : "0");
  gtk_widget_set_sensitive (self->reset_button, value != get_neutral (self));
}

static void
value_changed_cb (CsmViewSlider *self)
{
  show_value (self);
  if (!self->filling)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUE]);
}

void
csm_view_slider_set_value (CsmViewSlider *self, int value)
{
  self->filling = true;
  gtk_range_set_value (GTK_RANGE (self->scale), value);
  self->filling = false;
  show_value (self);
}

void
csm_view_slider_focus (CsmViewSlider *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->scale));
}

static void
reset_clicked_cb (CsmViewSlider *self)
{
  gtk_range_set_value (GTK_RANGE (self->scale), get_neutral (self));
}

static void
set_title (CsmViewSlider *self, const char *title)
{
  /* Translators: %s is what is set back to none, "Brightness" */
  g_autofree char *reset = g_strdup_printf (_ ("Reset %s"), title);

  gtk_label_set_text (self->title_label, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->reset_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, reset, -1);
  gtk_widget_set_tooltip_text (self->reset_button, reset);
}

static void
csm_view_slider_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CsmViewSlider *self = CSM_VIEW_SLIDER (object);
  GtkAdjustment *adjustment = gtk_range_get_adjustment (GTK_RANGE (self->scale));

  switch (id)
    {
    case PROP_TITLE:
      set_title (self, g_value_get_string (value));
      break;
    case PROP_LOWER:
      gtk_adjustment_set_lower (adjustment, g_value_get_int (value));
      break;
    case PROP_UPPER:
      gtk_adjustment_set_upper (adjustment, g_value_get_int (value));
      break;
    case PROP_PERCENT:
      self->percent = g_value_get_boolean (value);
      break;
    case PROP_VALUE:
      csm_view_slider_set_value (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_view_slider_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_VALUE)
    g_value_set_int (value, csm_view_slider_get_value (CSM_VIEW_SLIDER (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_view_slider_dispose (GObject *object)
{
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), CSM_TYPE_VIEW_SLIDER);
  G_OBJECT_CLASS (csm_view_slider_parent_class)->dispose (object);
}

static void
csm_view_slider_class_init (CsmViewSliderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags once = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = csm_view_slider_get_property;
  object_class->set_property = csm_view_slider_set_property;
  object_class->dispose = csm_view_slider_dispose;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, once);
  properties[PROP_LOWER] = g_param_spec_int ("lower", NULL, NULL, -1000, 1000, 0, once);
  properties[PROP_UPPER] = g_param_spec_int ("upper", NULL, NULL, 0, 1000, 100, once);
  properties[PROP_PERCENT] = g_param_spec_boolean ("percent", NULL, NULL, TRUE, once);
  properties[PROP_VALUE] =
      g_param_spec_int ("value", NULL, NULL, -1000, 1000, 0,
                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-view-slider.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmViewSlider, title_label);
  gtk_widget_class_bind_template_child (widget_class, CsmViewSlider, scale);
  gtk_widget_class_bind_template_child (widget_class, CsmViewSlider, value_label);
  gtk_widget_class_bind_template_child (widget_class, CsmViewSlider, reset_button);
  gtk_widget_class_bind_template_callback (widget_class, value_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_clicked_cb);
}

static void
csm_view_slider_init (CsmViewSlider *self)
{
  self->percent = true;
  gtk_widget_init_template (GTK_WIDGET (self));
  show_value (self);
}
