/* csm-preferences.c: what the application remembers; nothing in it names a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-preferences.h"

struct _CsmPreferences
{
  AdwPreferencesWindow parent_instance;

  /* Template children */
  AdwComboRow *color_scheme;
  GtkSwitch *blur_thumbnails;
  GtkSpinButton *idle_lock;
  GtkSwitch *lock_with_session;
  GtkSpinButton *frame_cache;
};

G_DEFINE_FINAL_TYPE (CsmPreferences, csm_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static const char *const schemes[] = { "system", "light", "dark" };

static gboolean
scheme_to_row (GValue *value, GVariant *variant, gpointer user_data)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_equal (schemes[i], g_variant_get_string (variant, NULL)))
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
scheme_from_row (const GValue *value, const GVariantType *type, gpointer user_data)
{
  unsigned row = MIN (g_value_get_uint (value), G_N_ELEMENTS (schemes) - 1);

  return g_variant_new_string (schemes[row]);
}

static void
csm_preferences_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CSM_TYPE_PREFERENCES);
  G_OBJECT_CLASS (csm_preferences_parent_class)->dispose (object);
}

static void
csm_preferences_class_init (CsmPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmPreferences, color_scheme);
  gtk_widget_class_bind_template_child (widget_class, CsmPreferences, blur_thumbnails);
  gtk_widget_class_bind_template_child (widget_class, CsmPreferences, idle_lock);
  gtk_widget_class_bind_template_child (widget_class, CsmPreferences, lock_with_session);
  gtk_widget_class_bind_template_child (widget_class, CsmPreferences, frame_cache);
}

static void
csm_preferences_init (CsmPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

CsmPreferences *
csm_preferences_new (GtkWindow *parent, GSettings *settings)
{
  CsmPreferences *self = g_object_new (CSM_TYPE_PREFERENCES, "transient-for", parent, NULL);

  g_settings_bind_with_mapping (settings, "color-scheme", self->color_scheme, "selected",
                                G_SETTINGS_BIND_DEFAULT, scheme_to_row, scheme_from_row, NULL,
                                NULL);
  g_settings_bind (settings, "blur-thumbnails", self->blur_thumbnails, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "idle-lock-minutes", self->idle_lock, "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "lock-with-session", self->lock_with_session, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "frame-cache-mib", self->frame_cache, "value",
                   G_SETTINGS_BIND_DEFAULT);
  return self;
}
