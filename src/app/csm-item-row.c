/* csm-item-row.c: a row of a list view that screen readers can name
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-item-row.h"

struct _CsmItemRow
{
  AdwBin parent_instance;

  /* Owned */
  char *accessible_name;
};

enum {
  PROP_ACCESSIBLE_NAME = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmItemRow, csm_item_row, ADW_TYPE_BIN)

static void
name_parent (CsmItemRow *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  if (parent != NULL && self->accessible_name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (parent), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    self->accessible_name, -1);
}

static void
csm_item_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ACCESSIBLE_NAME)
    g_value_set_string (value, CSM_ITEM_ROW (object)->accessible_name);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_item_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CsmItemRow *self = CSM_ITEM_ROW (object);

  if (id != PROP_ACCESSIBLE_NAME)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  g_free (self->accessible_name);
  self->accessible_name = g_value_dup_string (value);
  name_parent (self);
}

static void
csm_item_row_finalize (GObject *object)
{
  g_free (CSM_ITEM_ROW (object)->accessible_name);
  G_OBJECT_CLASS (csm_item_row_parent_class)->finalize (object);
}

static void
csm_item_row_class_init (CsmItemRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = csm_item_row_get_property;
  object_class->set_property = csm_item_row_set_property;
  object_class->finalize = csm_item_row_finalize;

  properties[PROP_ACCESSIBLE_NAME] = g_param_spec_string (
      "accessible-name", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
csm_item_row_init (CsmItemRow *self)
{
  g_signal_connect (self, "notify::parent", G_CALLBACK (name_parent), NULL);
}

static void
add_key (GtkEventController *controller, guint keyval, const char *action)
{
  GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new (keyval, 0),
                                            gtk_shortcut_action_parse_string (action));

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
}

void
csm_item_row_yield_keys (GtkWidget *list_view)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  add_key (controller, GDK_KEY_Left, "action(frame.previous)");
  add_key (controller, GDK_KEY_Right, "action(frame.next)");
  add_key (controller, GDK_KEY_space, "action(frame.play)");
  gtk_widget_add_controller (list_view, controller);
}
