/* csm-thumbnail.c: a small picture of an exhibit
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-thumbnail.h"

#include "base/csm-small-picture.h"

#define WIDTH 80
#define HEIGHT 52

struct _CsmThumbnail
{
  AdwBin parent_instance;

  /* Template children */
  GtkStack *stack;
  GtkPicture *picture;

  /* Owned */
  GBytes *bytes;
};

enum {
  PROP_BYTES = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmThumbnail, csm_thumbnail, ADW_TYPE_BIN)

GdkTexture *
csm_thumbnail_make_texture (GBytes *bytes)
{
  g_autoptr (GBytes) pixels = NULL;
  int width, height;

  if (!csm_small_picture_check (bytes, &width, &height))
    return NULL;
  pixels = csm_small_picture_dup_pixels (bytes);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, pixels,
                                 (size_t) width * 4);
}

static void
set_bytes (CsmThumbnail *self, GBytes *bytes)
{
  g_autoptr (GdkTexture) texture = NULL;

  if (bytes == self->bytes)
    return;
  g_clear_pointer (&self->bytes, g_bytes_unref);
  if (bytes != NULL)
    {
      self->bytes = g_bytes_ref (bytes);
      texture = csm_thumbnail_make_texture (bytes);
    }
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_stack_set_visible_child_name (self->stack, texture != NULL ? "picture" : "icon");
}

static void
csm_thumbnail_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BYTES)
    g_value_set_boxed (value, CSM_THUMBNAIL (object)->bytes);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_thumbnail_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BYTES)
    set_bytes (CSM_THUMBNAIL (object), g_value_get_boxed (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* Rows line up: every thumbnail has this size, whatever the shape of its picture. */
static void
csm_thumbnail_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
csm_thumbnail_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (GTK_WIDGET (CSM_THUMBNAIL (widget)->stack), width, height, -1, NULL);
}

static void
csm_thumbnail_dispose (GObject *object)
{
  CsmThumbnail *self = CSM_THUMBNAIL (object);

  g_clear_pointer (&self->bytes, g_bytes_unref);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_THUMBNAIL);
  G_OBJECT_CLASS (csm_thumbnail_parent_class)->dispose (object);
}

static void
csm_thumbnail_class_init (CsmThumbnailClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = csm_thumbnail_get_property;
  object_class->set_property = csm_thumbnail_set_property;
  object_class->dispose = csm_thumbnail_dispose;
  widget_class->measure = csm_thumbnail_measure;
  widget_class->size_allocate = csm_thumbnail_size_allocate;

  properties[PROP_BYTES] = g_param_spec_boxed ("bytes", NULL, NULL, G_TYPE_BYTES,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-thumbnail.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmThumbnail, stack);
  gtk_widget_class_bind_template_child (widget_class, CsmThumbnail, picture);
}

static void
csm_thumbnail_init (CsmThumbnail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* A layout manager would ask the picture. */
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);
}
