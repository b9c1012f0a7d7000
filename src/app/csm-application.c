/* csm-application.c: the process: command line, accelerators, preferences
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-application.h"

#include "app/csm-window.h"

#include <glib/gi18n.h>

struct _CsmApplication
{
  AdwApplication parent_instance;

  /* Owned */
  GSettings *settings;
  char *sample_passphrase_file; /* (nullable) */

  int after_lock; /* descriptor of what was kept, -1: this is a first start */
};

G_DEFINE_FINAL_TYPE (CsmApplication, csm_application, ADW_TYPE_APPLICATION)

typedef struct
{
  const char *action;
  const char *keys[3];
} Accelerator;

/* Keys with a modifier; the workspace has those without, since they must rest while one types.
 */
static const Accelerator accelerators[] = {
  { "app.quit", { "<Control>q" } },
  { "win.create-case", { "<Control>n" } },
  { "win.open-case", { "<Control>o" } },
  { "win.close-case", { "<Control>w" } },
  { "win.import", { "<Control>i" } },
  { "win.lock", { "<Control>l" } },
  { "win.shortcuts", { "<Control>question", "<Control><Shift>question" } },
  { "win.preferences", { "<Control>comma" } },
  { "win.fullscreen", { "F11" } },
};

static CsmWindow *
get_window (CsmApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return window != NULL ? CSM_WINDOW (window)
                        : csm_window_new (self, self->sample_passphrase_file);
}

static void
csm_application_activate (GApplication *application)
{
  CsmApplication *self = CSM_APPLICATION (application);
  CsmWindow *window = get_window (self);

  if (self->after_lock >= 0)
    {
      csm_window_go_on (window, self->after_lock);
      self->after_lock = -1;
    }
  gtk_window_present (GTK_WINDOW (window));
}

static void
csm_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  CsmWindow *window = get_window (CSM_APPLICATION (application));
  g_autofree char *path = g_file_get_path (files[0]);
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (int i = 1; i < n_files; i++)
    {
      g_autofree char *other = g_file_get_path (files[i]);

      if (other != NULL)
        g_strv_builder_add (paths, other);
    }

  g_auto (GStrv) imports = g_strv_builder_end (paths);

  gtk_window_present (GTK_WINDOW (window));
  if (path != NULL)
    csm_window_open_case (window, path, imports);
}

static void
quit_action_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  /* The window closes the case first: what is being written gets finished. */
  if (window != NULL)
    gtk_window_close (window);
  else
    g_application_quit (G_APPLICATION (user_data));
}

static void
color_scheme_changed_cb (GSettings *settings, const char *key, gpointer user_data)
{
  g_autofree char *scheme = g_settings_get_string (settings, "color-scheme");
  AdwColorScheme value = g_str_equal (scheme, "light")  ? ADW_COLOR_SCHEME_FORCE_LIGHT
                         : g_str_equal (scheme, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                        : ADW_COLOR_SCHEME_DEFAULT;

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), value);
}

static void
show_thumbnails (CsmApplication *self)
{
  bool blur = g_settings_get_boolean (self->settings, "blur-thumbnails");
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (GList *window = windows; window != NULL; window = window->next)
    if (blur)
      gtk_widget_add_css_class (window->data, "csm-blurred");
    else
      gtk_widget_remove_css_class (window->data, "csm-blurred");
}

static void
forget_recent_files (GtkRecentManager *manager)
{
}

/* File choosers write each file that is chosen to recently-used.xbel, where it can be read
 * after the case is locked. In this process the list of recent files is never written. */
static void
turn_off_recent_files (void)
{
  GtkRecentManagerClass *klass = g_type_class_ref (GTK_TYPE_RECENT_MANAGER);

  klass->changed = forget_recent_files;
  /* The class stays referenced: unloaded it would come back as it was. */
}

static void
csm_application_startup (GApplication *application)
{
  CsmApplication *self = CSM_APPLICATION (application);
  static const GActionEntry actions[] = {
    { .name = "quit", .activate = quit_action_cb },
  };

  G_APPLICATION_CLASS (csm_application_parent_class)->startup (application);

  turn_off_recent_files ();
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (size_t i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accelerators[i].action,
                                           accelerators[i].keys);

  self->settings = g_settings_new ("org.casement.Casement");
  g_signal_connect_object (self->settings, "changed::color-scheme",
                           G_CALLBACK (color_scheme_changed_cb), self, G_CONNECT_DEFAULT);
  color_scheme_changed_cb (self->settings, NULL, self);
  g_signal_connect_object (self->settings, "changed::blur-thumbnails",
                           G_CALLBACK (show_thumbnails), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "window-added", G_CALLBACK (show_thumbnails), self,
                           G_CONNECT_SWAPPED);
}

static void
csm_application_shutdown (GApplication *application)
{
  GdkDisplay *display = gdk_display_get_default ();

  /* First: GTK would leave to the desktop what is on the clipboard. */
  if (display != NULL)
    csm_window_forget_clipboards (display);
  G_APPLICATION_CLASS (csm_application_parent_class)->shutdown (application);
}

static int
csm_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  CsmApplication *self = CSM_APPLICATION (application);

  (void) g_variant_dict_lookup (options, "sample-passphrase-file", "^ay",
                                &self->sample_passphrase_file);
  (void) g_variant_dict_lookup (options, "after-lock", "i", &self->after_lock);
  if (!g_variant_dict_contains (options, "version"))
    return -1;
  g_print ("casement %s\n", CSM_VERSION);
  return 0;
}

static void
csm_application_finalize (GObject *object)
{
  CsmApplication *self = CSM_APPLICATION (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->sample_passphrase_file, g_free);

  G_OBJECT_CLASS (csm_application_parent_class)->finalize (object);
}

static void
csm_application_class_init (CsmApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = csm_application_finalize;
  application_class->startup = csm_application_startup;
  application_class->shutdown = csm_application_shutdown;
  application_class->activate = csm_application_activate;
  application_class->open = csm_application_open;
  application_class->handle_local_options = csm_application_handle_local_options;
}

static void
csm_application_init (CsmApplication *self)
{
  static const GOptionEntry options[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
    /* For `dev run` alone: the passphrase page of the throw-away case says its passphrase. */
    { "sample-passphrase-file", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, NULL, NULL,
      NULL },
    /* What a locked window says to the program that takes its place: csm-afresh.h. */
    { "after-lock", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, NULL, NULL, NULL },
    { NULL },
  };

  self->after_lock = -1;
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self),
                                                     _ ("[CASE] [FILE…]"));
}

CsmApplication *
csm_application_new (void)
{
  return g_object_new (CSM_TYPE_APPLICATION, "application-id", "org.casement.Casement", "flags",
                       G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE,
                       "resource-base-path", "/org/casement/Casement", "register-session", TRUE,
                       NULL);
}

GSettings *
csm_application_get_settings (CsmApplication *self)
{
  return self->settings;
}
