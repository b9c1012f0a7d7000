/* csm-create-page.c: asks what a new case needs, and makes it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-create-page.h"

#include "app/csm-passphrase-hints.h"
#include "app/csm-say.h"
#include "base/csm-lane.h"
#include "base/csm-passphrase.h"
#include "intake/csm-place.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmCreatePage
{
  AdwBin parent_instance;

  /* Template children */
  GtkEntry *title;
  GtkEntry *reviewer;
  GtkEntry *location;
  GtkLabel *place_warning;
  GtkPasswordEntry *passphrase;
  GtkPasswordEntry *repeat;
  GtkLabel *passphrase_warning;
  GtkLabel *repeat_warning;
  CsmPassphraseHints *hints;
  GtkLabel *clock;
  GtkCheckButton *clock_right;
  GtkCheckButton *record_access;
  GtkCheckButton *recovery;
  GtkLabel *error;
  GtkButton *create;
  GtkButton *cancel;
  GtkSpinner *spinner;

  /* Owned */
  GtkFileChooserNative *chooser;
  GCancellable *place_check;
  unsigned clock_source;

  /* Borrowed */
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmCreatePage, csm_create_page, ADW_TYPE_BIN)

enum { CREATED, CANCELLED, N_SIGNALS };
static unsigned signals[N_SIGNALS];

static const char *
text_of (gpointer editable)
{
  return gtk_editable_get_text (GTK_EDITABLE (editable));
}

static void
update_actions (CsmCreatePage *self)
{
  bool busy = gtk_spinner_get_spinning (self->spinner);

  /* Half a case on the disk would be worse than a moment's wait. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->cancel), !busy);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->cancel),
                               busy ? _ ("The case is being made; this takes a moment") : NULL);
  gtk_widget_set_sensitive (
      GTK_WIDGET (self->create),
      !busy && text_of (self->title)[0] != '\0' && text_of (self->reviewer)[0] != '\0' &&
          text_of (self->location)[0] != '\0' && text_of (self->passphrase)[0] != '\0');
}

static void
update_passphrase_warning (CsmCreatePage *self)
{
  const char *passphrase = text_of (self->passphrase);
  const char *repeat = text_of (self->repeat);
  bool weak = passphrase[0] != '\0' && csm_passphrase_is_weak (passphrase);
  bool differs = repeat[0] != '\0' && strcmp (passphrase, repeat) != 0;

  csm_say (self->passphrase_warning,
           weak ? _ ("A guessing machine finds this one soon. Five or more random words hold.")
                : NULL);
  csm_say (self->repeat_warning, differs ? _ ("The two passphrases differ.") : NULL);
}

static void
passphrase_changed_cb (CsmCreatePage *self)
{
  update_passphrase_warning (self);
  update_actions (self);
}

static void
field_changed_cb (CsmCreatePage *self)
{
  update_actions (self);
}

/* Asking the system about a place is file work: it runs on a thread of its own. */
static void
check_place_job (GTask *task, gpointer resource)
{
  g_task_return_pointer (task, csm_place_dup_warning (g_task_get_task_data (task)), g_free);
}

static void
place_checked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  CsmCreatePage *self = CSM_CREATE_PAGE (object);
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = g_task_propagate_pointer (G_TASK (result), &error);

  if (error == NULL)
    csm_say (self->place_warning, warning);
}

static void
location_changed_cb (CsmCreatePage *self)
{
  g_cancellable_cancel (self->place_check);
  g_clear_object (&self->place_check);
  self->place_check = g_cancellable_new ();

  g_autoptr (GTask) task = g_task_new (self, self->place_check, place_checked_cb, NULL);

  g_task_set_source_tag (task, location_changed_cb);
  g_task_set_task_data (task, g_strdup (text_of (self->location)), g_free);
  csm_lane_run_alone (task, check_place_job);
  update_actions (self);
}

static gboolean
tick_clock_cb (gpointer user_data)
{
  CsmCreatePage *self = user_data;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *text = g_date_time_format (
      now, _ ("This computer’s clock says %A, %e %B %Y, %H:%M:%S, UTC%:z."));

  gtk_label_set_text (self->clock, text);
  return G_SOURCE_CONTINUE;
}

static void
csm_create_page_map (GtkWidget *widget)
{
  CsmCreatePage *self = CSM_CREATE_PAGE (widget);

  GTK_WIDGET_CLASS (csm_create_page_parent_class)->map (widget);
  tick_clock_cb (self);
  self->clock_source = g_timeout_add_seconds (1, tick_clock_cb, self);
}

static void
csm_create_page_unmap (GtkWidget *widget)
{
  CsmCreatePage *self = CSM_CREATE_PAGE (widget);

  g_clear_handle_id (&self->clock_source, g_source_remove);
  GTK_WIDGET_CLASS (csm_create_page_parent_class)->unmap (widget);
}

static void
browse_response_cb (CsmCreatePage *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        gtk_editable_set_text (GTK_EDITABLE (self->location), path);
    }
  g_clear_object (&self->chooser);
}

static void
browse_cb (CsmCreatePage *self)
{
  g_autofree char *name = g_path_get_basename (text_of (self->location));

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (
      _ ("Where to Keep the Case"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
      GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Choose"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (browse_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
suggest_cb (CsmCreatePage *self)
{
  g_autoptr (CsmSecret) suggestion = csm_passphrase_suggest ();
  const char *text = (const char *) csm_secret_peek (suggestion);

  gtk_editable_set_text (GTK_EDITABLE (self->passphrase), text);
  gtk_editable_set_text (GTK_EDITABLE (self->repeat), "");
  csm_passphrase_hints_reveal (self->hints, text);
}

static void
cancel_cb (CsmCreatePage *self)
{
  csm_create_page_reset (self);
  g_signal_emit (self, signals[CANCELLED], 0);
}

static void
set_busy (CsmCreatePage *self, bool busy)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  update_actions (self);
}

static void
created_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmCreatePage) self = user_data;
  g_autoptr (CsmSecret) recovery = NULL;
  g_autoptr (GError) error = NULL;
  bool done = csm_session_create_finish (CSM_SESSION (object), result, &recovery, &error);

  set_busy (self, false);
  if (!done)
    {
      g_autofree char *message = csm_say_error (error);

      csm_say (self->error, message);
      return;
    }
  csm_create_page_reset (self);
  g_signal_emit (self, signals[CREATED], 0, recovery);
}

static void
create_cb (CsmCreatePage *self)
{
  const char *passphrase = text_of (self->passphrase);

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->create)))
    return;
  if (strcmp (passphrase, text_of (self->repeat)) != 0)
    {
      csm_say (self->error, _ ("The two passphrases differ; type the same one twice."));
      gtk_widget_grab_focus (GTK_WIDGET (self->repeat));
      return;
    }

  g_autoptr (CsmSecret) secret = csm_secret_new_from (passphrase, strlen (passphrase));
  CsmSessionCreate options = {
    .path = text_of (self->location),
    .title = text_of (self->title),
    .reviewer = text_of (self->reviewer),
    .passphrase = secret,
    .clock_confirmed = gtk_check_button_get_active (self->clock_right),
    .record_access = gtk_check_button_get_active (self->record_access),
    .recovery = gtk_check_button_get_active (self->recovery),
  };

  csm_say (self->error, NULL);
  set_busy (self, true);
  csm_session_create_async (self->session, &options, NULL, created_cb, g_object_ref (self));
}

void
csm_create_page_reset (CsmCreatePage *self)
{
  /* Neutral on purpose: a file name is seen by everyone who sees the disk. */
  g_autofree char *path = g_build_filename (g_get_home_dir (), _ ("notes.casement"), NULL);

  gtk_editable_set_text (GTK_EDITABLE (self->title), "");
  gtk_editable_set_text (GTK_EDITABLE (self->reviewer), "");
  gtk_editable_set_text (GTK_EDITABLE (self->location), path);
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
  gtk_editable_set_text (GTK_EDITABLE (self->repeat), "");
  gtk_check_button_set_active (self->clock_right, FALSE);
  csm_passphrase_hints_reveal (self->hints, NULL);
  csm_say (self->error, NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->title));
}

void
csm_create_page_set_session (CsmCreatePage *self, CsmSession *session)
{
  self->session = session;
}

static void
csm_create_page_dispose (GObject *object)
{
  CsmCreatePage *self = CSM_CREATE_PAGE (object);

  g_cancellable_cancel (self->place_check);
  g_clear_object (&self->chooser);
  g_clear_object (&self->place_check);
  g_clear_handle_id (&self->clock_source, g_source_remove);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CREATE_PAGE);

  G_OBJECT_CLASS (csm_create_page_parent_class)->dispose (object);
}

static void
csm_create_page_class_init (CsmCreatePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_create_page_dispose;
  widget_class->map = csm_create_page_map;
  widget_class->unmap = csm_create_page_unmap;
  signals[CREATED] = g_signal_new ("created", CSM_TYPE_CREATE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[CANCELLED] = g_signal_new ("cancelled", CSM_TYPE_CREATE_PAGE, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CSM_TYPE_PASSPHRASE_HINTS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-create-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, title);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, reviewer);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, location);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, place_warning);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, repeat);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, passphrase_warning);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, repeat_warning);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, hints);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, clock);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, clock_right);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, record_access);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, recovery);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, error);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, create);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, cancel);
  gtk_widget_class_bind_template_child (widget_class, CsmCreatePage, spinner);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, passphrase_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, location_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, suggest_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
}

static void
csm_create_page_init (CsmCreatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  csm_passphrase_hints_watch (self->hints, GTK_EDITABLE (self->passphrase));
}
