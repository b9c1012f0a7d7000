/* csm-code-row.c: a code of the codebook, indented under its parents
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-code-row.h"

#define INDENT 18

struct _CsmCodeRow
{
  AdwBin parent_instance;

  /* Template children */
  GtkLabel *label;
  GtkLabel *id_label;
  GtkLabel *definition;

  /* Owned */
  CsmCodeItem *item;
};

enum {
  PROP_ITEM = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmCodeRow, csm_code_row, ADW_TYPE_BIN)

static void
show_item (CsmCodeRow *self)
{
  const CsmCode *code;
  int depth;

  if (self->item == NULL)
    return;
  code = csm_code_item_get_record (self->item);
  g_object_get (self->item, "depth", &depth, NULL);
  gtk_widget_set_margin_start (GTK_WIDGET (self), depth * INDENT);
  gtk_label_set_text (self->label, code->label);
  gtk_label_set_text (self->id_label, code->id);
  gtk_label_set_text (self->definition, code->definition);
  gtk_widget_set_visible (GTK_WIDGET (self->definition), *code->definition != '\0');
  gtk_widget_set_tooltip_text (GTK_WIDGET (self),
                               *code->definition != '\0' ? code->definition : NULL);
  if (depth == 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->label), "heading");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->label), "heading");
}

static void
csm_code_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    g_value_set_object (value, CSM_CODE_ROW (object)->item);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_code_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CsmCodeRow *self = CSM_CODE_ROW (object);

  if (id != PROP_ITEM)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (g_set_object (&self->item, g_value_get_object (value)))
    show_item (self);
}

static void
csm_code_row_dispose (GObject *object)
{
  CsmCodeRow *self = CSM_CODE_ROW (object);

  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CODE_ROW);
  G_OBJECT_CLASS (csm_code_row_parent_class)->dispose (object);
}

static void
csm_code_row_class_init (CsmCodeRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = csm_code_row_get_property;
  object_class->set_property = csm_code_row_set_property;
  object_class->dispose = csm_code_row_dispose;
  properties[PROP_ITEM] = g_param_spec_object ("item", NULL, NULL, CSM_TYPE_CODE_ITEM,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-code-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmCodeRow, label);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeRow, id_label);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeRow, definition);
}

static void
csm_code_row_init (CsmCodeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
