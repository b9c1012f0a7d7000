/* csm-window.c: one window, one session: from the welcome page to the workspace
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-window-private.h"

#include "app/csm-dialog.h"
#include "app/csm-import-dialog.h"
#include "app/csm-restored-dialog.h"
#include "app/csm-workspace.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (CsmWindow, csm_window, ADW_TYPE_APPLICATION_WINDOW)

void
csm_window_show_page (CsmWindow *self, const char *name)
{
  csm_dialog_show_page (GTK_WINDOW (self), self->pages, name);
}

void
csm_window_ask_passphrase (CsmWindow *self, const char *path, bool locked)
{
  csm_window_show_page (self, "unlock");
  csm_unlock_page_ask_passphrase (self->unlock_page, path, locked, self->sample_passphrase);
}

void
csm_window_open_case (CsmWindow *self, const char *path, char *const *imports)
{
  g_clear_pointer (&self->pending_imports, g_strfreev);
  if (imports != NULL && imports[0] != NULL)
    self->pending_imports = g_strdupv ((char **) imports);
  csm_window_ask_passphrase (self, path, false);
}

static void
show_workspace (CsmWindow *self)
{
  if (adw_bin_get_child (self->workspace_bin) == NULL)
    adw_bin_set_child (self->workspace_bin, csm_workspace_new (self->session));
  csm_window_show_page (self, "workspace");
  csm_window_idle_rest (self);
  csm_window_jobs_start (self);
  csm_window_tell_losses (self);
  csm_window_jobs_tell (self);

  if (self->pending_imports != NULL)
    {
      g_auto (GStrv) paths = g_steal_pointer (&self->pending_imports);

      csm_import_dialog_present (GTK_WINDOW (self), self->session, paths);
    }
}

static bool
shows_page (CsmWindow *self, const char *name)
{
  return g_str_equal (gtk_stack_get_visible_child_name (self->pages), name);
}

void
csm_window_arrive (CsmWindow *self)
{
  if (csm_session_get_state (self->session) == CSM_SESSION_LOCKED)
    csm_window_ask_passphrase (self, csm_session_get_path (self->session), true);
  else
    csm_window_show_page (self, "welcome");
  csm_window_tell_leaving (self);
}

/* A recovery code that is shown is not thrown away unread: the page's end goes on from here. */
static void
session_left (CsmWindow *self)
{
  self->leaving = false;
  csm_window_update_actions (self);
  if (self->closing)
    gtk_window_destroy (GTK_WINDOW (self));
  else if (!shows_page (self, "recovery"))
    csm_window_start_afresh (self);
}

static void
session_state_changed_cb (CsmWindow *self)
{
  csm_window_update_actions (self);
  switch (csm_session_get_state (self->session))
    {
    case CSM_SESSION_OPEN:
      csm_window_idle_rest (self);
      /* A new case shows its recovery code first: its page leads on. */
      if (!shows_page (self, "create"))
        show_workspace (self);
      if (csm_session_get_restored (self->session) != NULL)
        csm_restored_dialog_present (GTK_WINDOW (self), self->session);
      break;
    case CSM_SESSION_LOCKED:
      if (adw_bin_get_child (self->workspace_bin) != NULL)
        {
          /* It was not told to: a merge was interrupted half-way. */
          self->after.locked_itself = true;
          csm_window_go_dark (self);
        }
      G_GNUC_FALLTHROUGH;
    case CSM_SESSION_CLOSED:
      /* Else an opening failed, and the page that asked for it says so. */
      if (self->leaving || self->closing)
        session_left (self);
      break;
    case CSM_SESSION_OPENING:
      break;
    }
}

static void
session_notice_cb (CsmWindow *self, const char *text)
{
  GtkWidget *workspace = adw_bin_get_child (self->workspace_bin);

  /* What is said of a case goes with its workspace when that is locked. */
  if (workspace != NULL)
    csm_workspace_say (CSM_WORKSPACE (workspace), text);
}

static void
session_problem_cb (CsmWindow *self, const char *text)
{
  /* The text may name what is in the case, which nothing says any more. */
  if (self->leaving)
    self->after.not_written = true;
  else
    csm_window_tell (self, text, true);
}

static void
told_dismissed_cb (CsmWindow *self)
{
  csm_window_untell (self);
}

static void
case_created_cb (CsmWindow *self, CsmSecret *recovery)
{
  if (recovery == NULL)
    {
      show_workspace (self);
      return;
    }
  csm_window_show_page (self, "recovery");
  csm_recovery_page_show (self->recovery_page, recovery);
}

static void
recovery_done_cb (CsmWindow *self)
{
  if (csm_window_is_open (self))
    show_workspace (self);
  else if (self->leaving)
    csm_window_show_page (self, "leaving");
  else
    csm_window_start_afresh (self);
}

static void
page_uncovered_cb (CsmWindow *self)
{
  csm_window_uncover (self);
  /* What the jobs said is there to be read. */
  self->after.n_ended = self->after.n_failed = 0;
  show_workspace (self);
}

static void
page_cancelled_cb (CsmWindow *self)
{
  /* An opening that is under way is given up. */
  if (csm_session_get_state (self->session) != CSM_SESSION_CLOSED)
    csm_window_leave (self, CSM_WINDOW_CLOSE);
  if (csm_session_get_state (self->session) == CSM_SESSION_CLOSED)
    csm_window_show_page (self, "welcome");
}

/* Files from another program: a case is opened, anything else is imported into the open one. */
static gboolean
files_dropped_cb (CsmWindow *self, const GValue *value)
{
  GSList *files = g_value_get_boxed (value);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  bool is_open = csm_window_is_open (self);

  if (csm_window_is_covered (self) || self->leaving)
    return FALSE;
  for (GSList *l = files; l != NULL; l = l->next)
    {
      g_autofree char *path = g_file_get_path (l->data);

      if (path == NULL)
        continue;
      if (!is_open && g_str_has_suffix (path, ".casement"))
        {
          csm_window_open_case (self, path, NULL);
          return TRUE;
        }
      g_strv_builder_add (builder, path);
    }

  g_auto (GStrv) paths = g_strv_builder_end (builder);

  if (!is_open || paths[0] == NULL)
    return FALSE;
  csm_import_dialog_present (GTK_WINDOW (self), self->session, paths);
  return TRUE;
}

static gboolean
csm_window_close_request (GtkWindow *window)
{
  CsmWindow *self = CSM_WINDOW (window);
  CsmSessionState state = csm_session_get_state (self->session);

  if (state == CSM_SESSION_CLOSED)
    return GTK_WINDOW_CLASS (csm_window_parent_class)->close_request (window);

  /* What is being written gets finished: the window goes when the case is closed. */
  csm_window_ask_leave (self, CSM_WINDOW_QUIT);
  return TRUE;
}

static void
csm_window_dispose (GObject *object)
{
  CsmWindow *self = CSM_WINDOW (object);

  csm_window_idle_stop (self);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->sample_passphrase, g_free);
  g_clear_pointer (&self->pending_imports, g_strfreev);
  g_clear_pointer (&self->hidden_dialogs, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_WINDOW);

  G_OBJECT_CLASS (csm_window_parent_class)->dispose (object);
}

static void
csm_window_class_init (CsmWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = csm_window_close_request;

  g_type_ensure (CSM_TYPE_CREATE_PAGE);
  g_type_ensure (CSM_TYPE_UNLOCK_PAGE);
  g_type_ensure (CSM_TYPE_RECOVERY_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-window.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, told_revealer);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, told_box);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, told);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, create_page);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, unlock_page);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, recovery_page);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, workspace_bin);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, jobs_revealer);
  gtk_widget_class_bind_template_child (widget_class, CsmWindow, jobs);
  gtk_widget_class_bind_template_callback (widget_class, told_dismissed_cb);
  gtk_widget_class_bind_template_callback (widget_class, case_created_cb);
  gtk_widget_class_bind_template_callback (widget_class, recovery_done_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_uncovered_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_cancelled_cb);

  csm_window_install_actions (widget_class);
}

static void
csm_window_init (CsmWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_widget_init_template (GTK_WIDGET (self));

  self->session = csm_session_new ();
  csm_create_page_set_session (self->create_page, self->session);
  csm_unlock_page_set_session (self->unlock_page, self->session);
  g_signal_connect_object (self->session, "notify::state",
                           G_CALLBACK (session_state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notice", G_CALLBACK (session_notice_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "problem", G_CALLBACK (session_problem_cb), self,
                           G_CONNECT_SWAPPED);

  g_signal_connect_object (drop, "drop", G_CALLBACK (files_dropped_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  csm_window_update_actions (self);
}

static void
frame_cache_changed_cb (CsmWindow *self, const char *key, GSettings *settings)
{
  csm_session_set_frame_cache (self->session, g_settings_get_int (settings, key));
}

static void
follow_frame_cache (CsmWindow *self, GSettings *settings)
{
  g_signal_connect_object (settings, "changed::frame-cache-mib",
                           G_CALLBACK (frame_cache_changed_cb), self, G_CONNECT_SWAPPED);
  frame_cache_changed_cb (self, "frame-cache-mib", settings);
}

CsmWindow *
csm_window_new (CsmApplication *application, const char *sample_passphrase_file)
{
  CsmWindow *self = g_object_new (CSM_TYPE_WINDOW, "application", application, NULL);

  /* A developer's throw-away case, read once before anything is shown. */
  csm_window_idle_start (self);
  follow_frame_cache (self, csm_application_get_settings (application));
  if (sample_passphrase_file != NULL &&
      g_file_get_contents (sample_passphrase_file, &self->sample_passphrase, NULL, NULL))
    g_strchomp (self->sample_passphrase);
  return self;
}
