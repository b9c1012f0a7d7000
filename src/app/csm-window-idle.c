/* csm-window-idle.c: locks when nobody is there, or when the desktop's session locks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include <glib/gi18n.h>

#define NOTICE_SECONDS 30
/* Playback counts as activity, but not for ever: a loop plays on in an empty room. */
#define PLAYING_LIMIT_SECONDS INT64_C (3600)

static GSettings *
get_settings (CsmWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  return csm_application_get_settings (CSM_APPLICATION (application));
}

static gboolean
event_cb (CsmWindow *self, GdkEvent *event)
{
  switch (gdk_event_get_event_type (event))
    {
    case GDK_KEY_PRESS:
    case GDK_BUTTON_PRESS:
    case GDK_MOTION_NOTIFY:
    case GDK_SCROLL:
    case GDK_TOUCH_BEGIN:
      self->last_activity = g_get_monotonic_time ();
      self->idle_notice = false;
      break;
    default:
      break;
    }
  return GDK_EVENT_PROPAGATE;
}

static void
note_playing (CsmWindow *self, int64_t now)
{
  if (!csm_session_get_playing (self->session))
    {
      self->playing_since = 0;
      return;
    }
  if (self->playing_since == 0)
    self->playing_since = now;
  if (now - self->playing_since < PLAYING_LIMIT_SECONDS * G_USEC_PER_SEC)
    self->last_activity = now;
}

/* Nobody is there. What was typed into the page of a new case, or as a passphrase, and what
 * was written into an open case and not saved, goes; so does a recovery code that was not typed
 * again. What is being made or opened goes on. */
static void
leave_alone (CsmWindow *self)
{
  switch (csm_session_get_state (self->session))
    {
    case CSM_SESSION_OPEN:
      csm_window_leave (self, CSM_WINDOW_LOCK);
      break;
    case CSM_SESSION_LOCKED:
    case CSM_SESSION_CLOSED:
      csm_unlock_page_forget (self->unlock_page);
      csm_window_close_dialogs (self);
      if (g_str_equal (gtk_stack_get_visible_child_name (self->pages), "create"))
        {
          csm_create_page_reset (self->create_page);
          csm_window_show_page (self, "welcome");
        }
      break;
    case CSM_SESSION_OPENING:
      break;
    }
}

static gboolean
tick_cb (gpointer user_data)
{
  CsmWindow *self = user_data;
  int64_t limit = g_settings_get_int (get_settings (self), "idle-lock-minutes") * INT64_C (60);
  int64_t now = g_get_monotonic_time ();

  note_playing (self, now);
  if (limit == 0 || csm_window_is_covered (self))
    return G_SOURCE_CONTINUE;

  int64_t idle = (now - self->last_activity) / G_USEC_PER_SEC;

  if (!csm_window_is_open (self))
    {
      if (idle >= limit)
        leave_alone (self);
      return G_SOURCE_CONTINUE;
    }

  if (idle >= limit && g_list_model_get_n_items (csm_session_get_jobs (self->session)) > 0)
    csm_window_cover (self);
  else if (idle >= limit)
    csm_window_leave (self, CSM_WINDOW_LOCK);
  else if (idle >= limit - NOTICE_SECONDS && !self->idle_notice)
    {
      AdwToast *toast =
          adw_toast_new (_ ("Nobody seems to be here: the case locks in 30 seconds"));

      self->idle_notice = true;
      adw_toast_set_timeout (toast, NOTICE_SECONDS);
      adw_toast_overlay_add_toast (self->toasts, toast);
    }
  return G_SOURCE_CONTINUE;
}

static void
screensaver_changed_cb (CsmWindow *self, GParamSpec *pspec, GtkApplication *application)
{
  gboolean active = FALSE;

  g_object_get (application, "screensaver-active", &active, NULL);
  if (active && g_settings_get_boolean (get_settings (self), "lock-with-session"))
    leave_alone (self);
}

/* Events are seen on their way to whatever has the focus. */
static void
observe_toplevel (CsmWindow *self, GtkWidget *toplevel)
{
  GtkEventController *events = gtk_event_controller_legacy_new ();

  gtk_event_controller_set_propagation_phase (events, GTK_PHASE_CAPTURE);
  gtk_event_controller_set_name (events, "csm-idle");
  g_signal_connect_object (events, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (toplevel, events);
}

/* Who writes in a dialog is there too. */
static void
toplevels_changed_cb (CsmWindow *self,
                      unsigned position,
                      unsigned removed,
                      unsigned added,
                      GListModel *toplevels)
{
  for (unsigned i = 0; i < added; i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, position + i);

      observe_toplevel (self, toplevel);
    }
}

static void
observe (CsmWindow *self)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  toplevels_changed_cb (self, 0, 0, g_list_model_get_n_items (toplevels), toplevels);
  g_signal_connect_object (toplevels, "items-changed", G_CALLBACK (toplevels_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_window_get_application (GTK_WINDOW (self)),
                           "notify::screensaver-active", G_CALLBACK (screensaver_changed_cb),
                           self, G_CONNECT_SWAPPED);
}

void
csm_window_idle_start (CsmWindow *self)
{
  csm_window_idle_rest (self);
  observe (self);
  self->idle_source = g_timeout_add_seconds (1, tick_cb, self);
}

void
csm_window_idle_rest (CsmWindow *self)
{
  self->last_activity = g_get_monotonic_time ();
  self->idle_notice = false;
}

void
csm_window_idle_stop (CsmWindow *self)
{
  g_clear_handle_id (&self->idle_source, g_source_remove);
}
