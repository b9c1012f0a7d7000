/* csm-view-page.c: how the picture is looked at
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-view-page.h"

#include "app/csm-view-slider.h"

#include <glib/gi18n.h>

struct _CsmViewPage
{
  AdwBin parent_instance;

  /* Template children */
  GtkSwitch *on_switch;
  GtkWidget *reset_button;
  CsmViewSlider *brightness_slider;
  CsmViewSlider *contrast_slider;
  CsmViewSlider *gamma_slider;
  CsmViewSlider *sharpen_slider;
  CsmViewSlider *denoise_slider;
  GtkSwitch *grey_switch;
  GtkSwitch *deinterlace_switch;
  GtkSwitch *stabilise_switch;
  GtkDropDown *field_drop;
  GtkDropDown *channel_drop;
  CsmViewSlider *zoom_slider;
  GtkDropDown *turn_drop;
  GtkLabel *fields_label;

  /* Owned */
  CsmSession *session;

  bool filling; /* the controls follow the session, not the reviewer */
};

G_DEFINE_FINAL_TYPE (CsmViewPage, csm_view_page, ADW_TYPE_BIN)

static void
session_view_changed_cb (CsmViewPage *self)
{
  const CsmView *view = csm_session_get_view (self->session);
  bool is_plain = csm_view_is_plain (view);

  self->filling = true;
  gtk_switch_set_active (self->on_switch, csm_session_get_view_on (self->session) && !is_plain);
  gtk_widget_set_sensitive (GTK_WIDGET (self->on_switch), !is_plain);
  gtk_widget_set_sensitive (self->reset_button, !is_plain);
  csm_view_slider_set_value (self->brightness_slider, view->brightness);
  csm_view_slider_set_value (self->contrast_slider, view->contrast);
  csm_view_slider_set_value (self->gamma_slider, view->gamma);
  csm_view_slider_set_value (self->sharpen_slider, view->sharpen);
  csm_view_slider_set_value (self->denoise_slider, view->denoise);
  gtk_switch_set_active (self->grey_switch, view->grey != 0);
  gtk_switch_set_active (self->deinterlace_switch, view->deinterlace != 0);
  gtk_switch_set_active (self->stabilise_switch, view->stabilise != 0);
  gtk_drop_down_set_selected (self->field_drop, (unsigned) view->field);
  gtk_drop_down_set_selected (self->channel_drop, (unsigned) view->channel);
  csm_view_slider_set_value (self->zoom_slider, MAX (view->zoom, 1));
  gtk_drop_down_set_selected (self->turn_drop, (unsigned) view->turn);
  self->filling = false;
}

static void
session_picture_changed_cb (CsmViewPage *self)
{
  const CsmPicture *picture = csm_session_get_picture (self->session);

  if (picture != NULL)
    gtk_label_set_text (self->fields_label, picture->is_interlaced
                                                ? _ ("Coded as two fields")
                                                : _ ("Coded as one picture"));
  gtk_widget_set_visible (GTK_WIDGET (self->fields_label), picture != NULL);
}

/* One of the two: the one that was moved wins. */
static void
settle_fields (const CsmView *before, CsmView *view)
{
  if (view->field == CSM_VIEW_BOTH_FIELDS || view->deinterlace == 0)
    return;
  if (before->deinterlace != 0)
    view->deinterlace = 0;
  else
    view->field = CSM_VIEW_BOTH_FIELDS;
}

static void
changed_cb (CsmViewPage *self)
{
  CsmView view;

  if (self->filling || self->session == NULL)
    return;
  view = *csm_session_get_view (self->session);
  view.brightness = csm_view_slider_get_value (self->brightness_slider);
  view.contrast = csm_view_slider_get_value (self->contrast_slider);
  view.gamma = csm_view_slider_get_value (self->gamma_slider);
  view.sharpen = csm_view_slider_get_value (self->sharpen_slider);
  view.denoise = csm_view_slider_get_value (self->denoise_slider);
  view.grey = gtk_switch_get_active (self->grey_switch);
  view.deinterlace = gtk_switch_get_active (self->deinterlace_switch);
  view.stabilise = gtk_switch_get_active (self->stabilise_switch);
  view.field = (int) gtk_drop_down_get_selected (self->field_drop);
  view.channel = (int) gtk_drop_down_get_selected (self->channel_drop);
  view.zoom = csm_view_slider_get_value (self->zoom_slider);
  if (view.zoom < 2)
    view.zoom = 0; /* once is not at all */
  view.turn = (int) gtk_drop_down_get_selected (self->turn_drop);
  settle_fields (csm_session_get_view (self->session), &view);
  csm_session_change_view (self->session, &view);
}

static void
on_changed_cb (CsmViewPage *self)
{
  if (!self->filling && self->session != NULL)
    csm_session_set_view_on (self->session, gtk_switch_get_active (self->on_switch));
}

static void
reset_clicked_cb (CsmViewPage *self)
{
  csm_session_change_view (self->session, &(CsmView){ 0 });
}

void
csm_view_page_focus (CsmViewPage *self)
{
  csm_view_slider_focus (self->brightness_slider);
}

void
csm_view_page_set_session (CsmViewPage *self, CsmSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "view-changed", G_CALLBACK (session_view_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "picture-changed", G_CALLBACK (session_picture_changed_cb),
                           self, G_CONNECT_SWAPPED);
  session_view_changed_cb (self);
  session_picture_changed_cb (self);
}

static void
csm_view_page_dispose (GObject *object)
{
  CsmViewPage *self = CSM_VIEW_PAGE (object);

  g_clear_object (&self->session);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_VIEW_PAGE);
  G_OBJECT_CLASS (csm_view_page_parent_class)->dispose (object);
}

static void
csm_view_page_class_init (CsmViewPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_view_page_dispose;
  g_type_ensure (CSM_TYPE_VIEW_SLIDER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-view-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, on_switch);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, reset_button);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, brightness_slider);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, contrast_slider);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, gamma_slider);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, sharpen_slider);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, denoise_slider);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, grey_switch);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, deinterlace_switch);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, stabilise_switch);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, field_drop);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, channel_drop);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, zoom_slider);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, turn_drop);
  gtk_widget_class_bind_template_child (widget_class, CsmViewPage, fields_label);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_clicked_cb);
}

static void
csm_view_page_init (CsmViewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
