/* csm-unlock-page.c: where a case is, and its passphrase
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-unlock-page.h"

#include "app/csm-passphrase-hints.h"
#include "app/csm-salvage-dialog.h"
#include "app/csm-say.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmUnlockPage
{
  AdwBin parent_instance;

  /* Template children */
  AdwWindowTitle *heading;
  GtkStack *steps;
  GtkEntry *location;
  GtkButton *open;
  GtkLabel *location_error;
  GtkLabel *file_name;
  GtkPasswordEntry *passphrase;
  CsmPassphraseHints *hints;
  GtkCheckButton *read_only;
  GtkLabel *sample;
  GtkLabel *error;
  GtkBox *damaged;
  GtkButton *unlock;
  GtkSpinner *spinner;

  /* Owned */
  GtkFileChooserNative *chooser;
  char *path;

  /* Borrowed */
  CsmSession *session;

  bool covering; /* the case is open */
};

G_DEFINE_FINAL_TYPE (CsmUnlockPage, csm_unlock_page, ADW_TYPE_BIN)

enum { CANCELLED, UNCOVERED, N_SIGNALS };
static unsigned signals[N_SIGNALS];

static void
update_actions (CsmUnlockPage *self)
{
  bool busy = gtk_spinner_get_spinning (self->spinner);

  gtk_widget_set_sensitive (GTK_WIDGET (self->open),
                            gtk_editable_get_text (GTK_EDITABLE (self->location))[0] != '\0');
  gtk_widget_set_sensitive (
      GTK_WIDGET (self->unlock),
      !busy && gtk_editable_get_text (GTK_EDITABLE (self->passphrase))[0] != '\0');
}

static void
field_changed_cb (CsmUnlockPage *self)
{
  update_actions (self);
}

static void
set_busy (CsmUnlockPage *self, bool busy)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  update_actions (self);
}

/* What is damaged can be salvaged; nothing to say for NULL. */
static void
say_error (CsmUnlockPage *self, const GError *error)
{
  g_autofree char *message = error != NULL ? csm_say_error (error) : NULL;

  csm_say (self->error, message);
  gtk_widget_set_visible (GTK_WIDGET (self->damaged),
                          g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED) ||
                              g_error_matches (error, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED));
}

/* The other step leaves the accessible tree as well as the screen. */
static void
show_step (CsmUnlockPage *self, const char *name)
{
  static const char *const names[] = { "location", "passphrase" };
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (root != NULL)
    gtk_root_set_focus (root, NULL);

  gtk_widget_set_visible (gtk_stack_get_child_by_name (self->steps, name), TRUE);
  gtk_stack_set_visible_child_name (self->steps, name);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_widget_set_visible (gtk_stack_get_child_by_name (self->steps, names[i]),
                            g_str_equal (names[i], name));
}

void
csm_unlock_page_ask_location (CsmUnlockPage *self)
{
  show_step (self, "location");
  adw_window_title_set_title (self->heading, _ ("Open Case"));
  adw_window_title_set_subtitle (self->heading, "");
  csm_say (self->location_error, NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->location));
}

void
csm_unlock_page_ask_passphrase (CsmUnlockPage *self,
                                const char *path,
                                bool locked,
                                const char *sample_passphrase)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *sample =
      sample_passphrase != NULL
          ? g_strdup_printf (_ ("This is a throw-away sample case. Its passphrase is: %s"),
                             sample_passphrase)
          : NULL;

  if (path != self->path)
    {
      g_free (self->path);
      self->path = g_strdup (path);
    }
  self->covering = false;
  show_step (self, "passphrase");
  adw_window_title_set_title (self->heading, locked ? _ ("Locked") : _ ("Open Case"));
  adw_window_title_set_subtitle (self->heading, "");
  gtk_widget_set_visible (GTK_WIDGET (self->read_only), TRUE);
  gtk_label_set_text (self->file_name, name);
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
  gtk_check_button_set_active (self->read_only, FALSE);
  csm_say (self->sample, sample);
  say_error (self, NULL);
  set_busy (self, false);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
}

void
csm_unlock_page_ask_again (CsmUnlockPage *self, const char *path, const char *sample_passphrase)
{
  csm_unlock_page_ask_passphrase (self, path, true, sample_passphrase);
  self->covering = true;
  adw_window_title_set_subtitle (self->heading, _ ("What was begun goes on"));
  gtk_widget_set_visible (GTK_WIDGET (self->read_only), FALSE);
}

void
csm_unlock_page_forget (CsmUnlockPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
}

static void
open_cb (CsmUnlockPage *self)
{
  g_autofree char *path = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->location)));

  g_strstrip (path);
  if (path[0] == '\0')
    return;
  if (!g_path_is_absolute (path))
    {
      csm_say (
          self->location_error,
          _ ("Give the whole path, from the first slash, or choose the file with Browse."));
      return;
    }
  csm_unlock_page_ask_passphrase (self, path, false, NULL);
}

static void
browse_response_cb (CsmUnlockPage *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        {
          gtk_editable_set_text (GTK_EDITABLE (self->location), path);
          open_cb (self);
        }
    }
  g_clear_object (&self->chooser);
}

static void
browse_cb (CsmUnlockPage *self)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (
      _ ("Open Case"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
      GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Choose"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_filter_set_name (filter, _ ("Casement cases"));
  gtk_file_filter_add_suffix (filter, "casement");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (browse_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
back_cb (CsmUnlockPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
  g_signal_emit (self, signals[CANCELLED], 0);
}

static void
tell_answer (CsmUnlockPage *self, bool opened, const GError *error)
{
  set_busy (self, false);
  if (opened)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
      return;
    }
  say_error (self, error);
  gtk_editable_select_region (GTK_EDITABLE (self->passphrase), 0, -1);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmUnlockPage) self = user_data;
  g_autoptr (GError) error = NULL;

  bool opened = csm_session_open_finish (CSM_SESSION (object), result, &error);

  tell_answer (self, opened, error);
}

static void
checked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CsmUnlockPage) self = user_data;
  g_autoptr (GError) error = NULL;
  bool fits = csm_session_check_passphrase_finish (CSM_SESSION (object), result, &error);

  /* It was locked meanwhile: the page asks for that now. */
  if (!self->covering)
    return;
  tell_answer (self, fits, error);
  if (fits)
    g_signal_emit (self, signals[UNCOVERED], 0);
}

static void
unlock_cb (CsmUnlockPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->passphrase));

  if (text[0] == '\0' || gtk_spinner_get_spinning (self->spinner))
    return;

  g_autoptr (CsmSecret) passphrase = csm_secret_new_from (text, strlen (text));

  say_error (self, NULL);
  set_busy (self, true);
  if (self->covering)
    {
      csm_session_check_passphrase_async (self->session, passphrase, checked_cb,
                                          g_object_ref (self));
      return;
    }
  csm_session_open_async (self->session, self->path, passphrase,
                          gtk_check_button_get_active (self->read_only), NULL, opened_cb,
                          g_object_ref (self));
}

static void
salvage_cb (CsmUnlockPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
  csm_salvage_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                              self->session, self->path);
}

void
csm_unlock_page_set_session (CsmUnlockPage *self, CsmSession *session)
{
  self->session = session;
}

static void
csm_unlock_page_dispose (GObject *object)
{
  CsmUnlockPage *self = CSM_UNLOCK_PAGE (object);

  g_clear_object (&self->chooser);
  g_clear_pointer (&self->path, g_free);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_UNLOCK_PAGE);

  G_OBJECT_CLASS (csm_unlock_page_parent_class)->dispose (object);
}

static void
csm_unlock_page_class_init (CsmUnlockPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_unlock_page_dispose;
  signals[UNCOVERED] = g_signal_new ("uncovered", CSM_TYPE_UNLOCK_PAGE, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CANCELLED] = g_signal_new ("cancelled", CSM_TYPE_UNLOCK_PAGE, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CSM_TYPE_PASSPHRASE_HINTS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-unlock-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, heading);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, steps);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, location);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, open);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, location_error);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, file_name);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, hints);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, read_only);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, sample);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, error);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, damaged);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, unlock);
  gtk_widget_class_bind_template_child (widget_class, CsmUnlockPage, spinner);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, unlock_cb);
  gtk_widget_class_bind_template_callback (widget_class, salvage_cb);
}

static void
csm_unlock_page_init (CsmUnlockPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  csm_passphrase_hints_watch (self->hints, GTK_EDITABLE (self->passphrase));
}
