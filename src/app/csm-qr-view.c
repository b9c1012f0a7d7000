/* csm-qr-view.c: draws a QR code
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-qr-view.h"

#include "export/csm-qr.h"

/* Modules of white that scanners want around the code, and pixels of a module. */
#define QUIET 4
#define MODULE 5

struct _CsmQrView
{
  GtkWidget parent_instance;

  /* Owned */
  CsmQr *qr; /* nullable */
};

G_DEFINE_FINAL_TYPE (CsmQrView, csm_qr_view, GTK_TYPE_WIDGET)

static int
count_modules (CsmQrView *self)
{
  return self->qr != NULL ? csm_qr_get_size (self->qr) + 2 * QUIET : 0;
}

static void
csm_qr_view_measure (GtkWidget *widget,
                     GtkOrientation orientation,
                     int for_size,
                     int *minimum,
                     int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  *minimum = *natural = count_modules (CSM_QR_VIEW (widget)) * MODULE;
}

static void
csm_qr_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  static const GdkRGBA white = { 1, 1, 1, 1 };
  static const GdkRGBA black = { 0, 0, 0, 1 };
  CsmQrView *self = CSM_QR_VIEW (widget);
  const int side = count_modules (self) * MODULE;
  const int left = (gtk_widget_get_width (widget) - side) / 2;

  if (self->qr == NULL)
    return;
  gtk_snapshot_append_color (snapshot, &white,
                             &GRAPHENE_RECT_INIT ((float) left, 0, (float) side, (float) side));
  for (int y = 0; y < csm_qr_get_size (self->qr); y++)
    for (int x = 0; x < csm_qr_get_size (self->qr); x++)
      if (csm_qr_is_dark (self->qr, x, y))
        gtk_snapshot_append_color (snapshot, &black,
                                   &GRAPHENE_RECT_INIT ((float) (left + (x + QUIET) * MODULE),
                                                        (float) ((y + QUIET) * MODULE), MODULE,
                                                        MODULE));
}

void
csm_qr_view_set_text (CsmQrView *self, const CsmSecret *text)
{
  g_return_if_fail (CSM_IS_QR_VIEW (self));

  g_clear_pointer (&self->qr, csm_qr_free);
  self->qr = text != NULL ? csm_qr_new (text) : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self), self->qr != NULL);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
csm_qr_view_finalize (GObject *object)
{
  csm_qr_free (CSM_QR_VIEW (object)->qr);
  G_OBJECT_CLASS (csm_qr_view_parent_class)->finalize (object);
}

static void
csm_qr_view_class_init (CsmQrViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = csm_qr_view_finalize;
  widget_class->measure = csm_qr_view_measure;
  widget_class->snapshot = csm_qr_view_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
csm_qr_view_init (CsmQrView *self)
{
}
