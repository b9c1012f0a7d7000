/* csm-window-actions.c: what the window can be told to do
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-check-dialog.h"
#include "app/csm-export-dialog.h"
#include "app/csm-hand-over-dialog.h"
#include "app/csm-import-dialog.h"
#include "app/csm-keys-dialog.h"
#include "app/csm-merge-dialog.h"
#include "app/csm-passphrase-dialog.h"
#include "app/csm-preferences.h"
#include "app/csm-verify-dialog.h"

#include <glib/gi18n.h>

static void
create_case_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CsmWindow *self = CSM_WINDOW (widget);

  csm_window_show_page (self, "create");
  csm_create_page_reset (self->create_page);
}

static void
open_case_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CsmWindow *self = CSM_WINDOW (widget);

  csm_window_show_page (self, "unlock");
  csm_unlock_page_ask_location (self->unlock_page);
}

static void
close_case_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_window_ask_leave (CSM_WINDOW (widget), CSM_WINDOW_CLOSE);
}

static void
import_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_import_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session, NULL);
}

static void
lock_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_window_ask_leave (CSM_WINDOW (widget), CSM_WINDOW_LOCK);
}

static void
passphrase_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_passphrase_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
keys_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_keys_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
verify_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_verify_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
merge_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_merge_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_export_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
check_bundle_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_check_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
take_in_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_check_dialog_present_take_in (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
open_hand_over_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  csm_hand_over_dialog_present (GTK_WINDOW (widget), CSM_WINDOW (widget)->session);
}

static void
preferences_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (widget));
  GSettings *settings = csm_application_get_settings (CSM_APPLICATION (application));

  gtk_window_present (GTK_WINDOW (csm_preferences_new (GTK_WINDOW (widget), settings)));
}

static void
shortcuts_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/org/casement/Casement/csm-shortcuts.ui");
  GtkWindow *shortcuts = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (shortcuts, GTK_WINDOW (widget));
  gtk_window_present (shortcuts);
}

static void
about_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_show_about_window (
      GTK_WINDOW (widget), "application-name", _ ("Casement"), "application-icon",
      "org.casement.Casement", "version", CSM_VERSION, "license-type", GTK_LICENSE_GPL_3_0,
      "developer-name", _ ("The Casement developers"), "comments",
      _ ("Review footage frame by frame, and keep a record in which later changes show."),
      NULL);
}

static void
fullscreen_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWindow *window = GTK_WINDOW (widget);

  if (gtk_window_is_fullscreen (window))
    gtk_window_unfullscreen (window);
  else
    gtk_window_fullscreen (window);
}

typedef enum {
  ALWAYS,
  WHEN_OPEN,
  WHEN_SHOWN, /* open, and not covered */
  WHEN_WRITABLE,
  WHEN_NOT_OPEN,
  WHEN_UNCOVERED, /* shown, or not open */
} Condition;

static const struct
{
  const char *name;
  GtkWidgetActionActivateFunc activate;
  Condition condition;
} actions[] = {
  { "win.create-case", create_case_action, WHEN_NOT_OPEN },
  { "win.open-case", open_case_action, WHEN_NOT_OPEN },
  { "win.close-case", close_case_action, WHEN_SHOWN },
  { "win.import", import_action, WHEN_WRITABLE },
  { "win.lock", lock_action, WHEN_OPEN },
  { "win.passphrase", passphrase_action, WHEN_WRITABLE },
  { "win.keys", keys_action, WHEN_SHOWN },
  { "win.verify", verify_action, WHEN_SHOWN },
  { "win.merge", merge_action, WHEN_WRITABLE },
  { "win.export", export_action, WHEN_WRITABLE },
  { "win.check-bundle", check_bundle_action, WHEN_UNCOVERED },
  { "win.take-in", take_in_action, WHEN_WRITABLE },
  { "win.open-hand-over", open_hand_over_action, WHEN_UNCOVERED },
  { "win.preferences", preferences_action, ALWAYS },
  { "win.shortcuts", shortcuts_action, ALWAYS },
  { "win.about", about_action, ALWAYS },
  { "win.fullscreen", fullscreen_action, ALWAYS },
};

void
csm_window_install_actions (GtkWidgetClass *widget_class)
{
  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, NULL, actions[i].activate);
}

void
csm_window_update_actions (CsmWindow *self)
{
  bool is_open = csm_window_is_open (self);
  bool is_shown = is_open && !csm_window_is_covered (self);
  bool enabled[] = {
    [ALWAYS] = true,
    [WHEN_OPEN] = is_open,
    [WHEN_SHOWN] = is_shown,
    [WHEN_WRITABLE] = is_shown && !csm_session_is_read_only (self->session),
    [WHEN_UNCOVERED] = is_shown || csm_session_get_state (self->session) == CSM_SESSION_CLOSED,
    [WHEN_NOT_OPEN] = csm_session_get_state (self->session) == CSM_SESSION_CLOSED,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i].name,
                                   enabled[actions[i].condition]);
}
