/* csm-passphrase-hints.c: why a passphrase may not be what was meant: layout and Caps Lock
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-passphrase-hints.h"

#include "app/csm-say.h"

#include <glib/gi18n.h>

struct _CsmPassphraseHints
{
  AdwBin parent_instance;

  /* Template children */
  GtkLabel *layout;
  GtkLabel *caps_lock;
  GtkLabel *suggestion;

  /* Owned */
  GSettings *input_sources; /* (nullable): GNOME's, when it is there */
};

G_DEFINE_FINAL_TYPE (CsmPassphraseHints, csm_passphrase_hints, ADW_TYPE_BIN)

/* GNOME keeps the layout in use first in this list. */
static void
update_layout (CsmPassphraseHints *self)
{
  if (self->input_sources == NULL)
    return;

  g_autoptr (GVariant) sources = g_settings_get_value (self->input_sources, "mru-sources");
  const char *type, *name;

  if (g_variant_n_children (sources) == 0)
    return;
  g_variant_get_child (sources, 0, "(&s&s)", &type, &name);

  g_autofree char *text = g_strdup_printf (_ ("Keyboard layout: %s"), name);

  csm_say (self->layout, text);
}

static void
layout_changed_cb (CsmPassphraseHints *self)
{
  update_layout (self);
}

static void
caps_lock_changed_cb (CsmPassphraseHints *self, GParamSpec *pspec, GdkDevice *keyboard)
{
  bool on = gdk_device_get_caps_lock_state (keyboard);

  csm_say (self->caps_lock, on ? _ ("Caps Lock is on") : NULL);
}

static void
csm_passphrase_hints_realize (GtkWidget *widget)
{
  CsmPassphraseHints *self = CSM_PASSPHRASE_HINTS (widget);

  GTK_WIDGET_CLASS (csm_passphrase_hints_parent_class)->realize (widget);

  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (widget));
  GdkDevice *keyboard = seat != NULL ? gdk_seat_get_keyboard (seat) : NULL;

  if (keyboard == NULL)
    return;
  g_signal_connect_object (keyboard, "notify::caps-lock-state",
                           G_CALLBACK (caps_lock_changed_cb), self, G_CONNECT_SWAPPED);
  caps_lock_changed_cb (self, NULL, keyboard);
}

static void
watched_changed_cb (CsmPassphraseHints *self, GtkEditable *entry)
{
  const char *text = gtk_editable_get_text (entry);

  if (self->input_sources != NULL)
    return;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      const char *script = NULL;

      switch (g_unichar_get_script (g_utf8_get_char (p)))
        {
        case G_UNICODE_SCRIPT_LATIN:
          script = _ ("Keyboard layout: Latin letters");
          break;
        case G_UNICODE_SCRIPT_CYRILLIC:
          script = _ ("Keyboard layout: Cyrillic letters");
          break;
        case G_UNICODE_SCRIPT_ARABIC:
          script = _ ("Keyboard layout: Arabic letters");
          break;
        default:
          continue;
        }
      csm_say (self->layout, script);
      return;
    }
  csm_say (self->layout, NULL);
}

void
csm_passphrase_hints_watch (CsmPassphraseHints *self, GtkEditable *entry)
{
  g_signal_connect_object (entry, "changed", G_CALLBACK (watched_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

void
csm_passphrase_hints_reveal (CsmPassphraseHints *self, const char *text)
{
  csm_say (self->suggestion, text);
}

static void
csm_passphrase_hints_dispose (GObject *object)
{
  CsmPassphraseHints *self = CSM_PASSPHRASE_HINTS (object);

  g_clear_object (&self->input_sources);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_PASSPHRASE_HINTS);
  G_OBJECT_CLASS (csm_passphrase_hints_parent_class)->dispose (object);
}

static void
csm_passphrase_hints_class_init (CsmPassphraseHintsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_passphrase_hints_dispose;
  widget_class->realize = csm_passphrase_hints_realize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/casement/Casement/csm-passphrase-hints.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseHints, layout);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseHints, caps_lock);
  gtk_widget_class_bind_template_child (widget_class, CsmPassphraseHints, suggestion);
}

static void
csm_passphrase_hints_init (CsmPassphraseHints *self)
{
  static const char schema[] = "org.gnome.desktop.input-sources";
  g_autoptr (GSettingsSchema) found =
      g_settings_schema_source_lookup (g_settings_schema_source_get_default (), schema, TRUE);

  gtk_widget_init_template (GTK_WIDGET (self));
  if (found == NULL || !g_settings_schema_has_key (found, "mru-sources"))
    return;

  /* The schema may be installed on a desktop that does not keep it: then letters tell. */
  g_autoptr (GSettings) settings = g_settings_new (schema);
  g_autoptr (GVariant) sources = g_settings_get_value (settings, "mru-sources");

  if (g_variant_n_children (sources) == 0)
    return;
  self->input_sources = g_steal_pointer (&settings);
  g_signal_connect_object (self->input_sources, "changed::mru-sources",
                           G_CALLBACK (layout_changed_cb), self, G_CONNECT_SWAPPED);
  update_layout (self);
}
