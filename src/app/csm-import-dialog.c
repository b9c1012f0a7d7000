/* csm-import-dialog.c: what to bring in, and how it came to us
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-import-dialog.h"

#include "app/csm-say.h"

#include <glib/gi18n.h>

struct _CsmImportDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkEntry *location;
  GtkEntry *exhibit_title;
  GtkEntry *source;
  GtkEntry *obtained_from;
  GtkEntry *obtained_when;
  GtkEntry *obtained_how;
  GtkTextView *notes;
  GtkCheckButton *do_not_export;
  GtkCheckButton *link;
  GtkLabel *error;
  GtkButton *add;

  /* Owned */
  GtkFileChooserNative *chooser;
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmImportDialog, csm_import_dialog, ADW_TYPE_WINDOW)

static char *
dup_text (gpointer editable)
{
  return g_strdup (gtk_editable_get_text (GTK_EDITABLE (editable)));
}

/* Several paths stand one after another, divided by " : ", which no one types into a name. */
static GStrv
list_paths (CsmImportDialog *self)
{
  g_autofree char *text = dup_text (self->location);
  g_auto (GStrv) parts = g_strsplit (text, " : ", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (int i = 0; parts[i] != NULL; i++)
    if (g_strstrip (parts[i])[0] != '\0')
      g_strv_builder_add (builder, parts[i]);
  return g_strv_builder_end (builder);
}

static void
location_changed_cb (CsmImportDialog *self)
{
  g_auto (GStrv) paths = list_paths (self);

  gtk_widget_set_sensitive (GTK_WIDGET (self->add), paths[0] != NULL);
  csm_say (self->error, NULL);
}

static void
browse_response_cb (CsmImportDialog *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GListModel) files =
          gtk_file_chooser_get_files (GTK_FILE_CHOOSER (self->chooser));
      g_autoptr (GString) text = g_string_new (NULL);

      for (unsigned i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (files, i);
          g_autofree char *path = g_file_get_path (file);

          if (path != NULL)
            g_string_append_printf (text, "%s%s", text->len > 0 ? " : " : "", path);
        }
      gtk_editable_set_text (GTK_EDITABLE (self->location), text->str);
    }
  g_clear_object (&self->chooser);
}

static void
browse (CsmImportDialog *self, GtkFileChooserAction action, const char *title)
{
  g_clear_object (&self->chooser);
  self->chooser =
      gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, _ ("Choose"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (browse_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
browse_files_cb (CsmImportDialog *self)
{
  browse (self, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Files to Import"));
}

static void
browse_folders_cb (CsmImportDialog *self)
{
  browse (self, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("Folders to Import"));
}

static CsmAcquisition *
dup_acquisition (CsmImportDialog *self)
{
  CsmAcquisition *acquisition = csm_acquisition_new ();
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->notes);
  g_autofree char *notes = NULL;

  g_object_get (buffer, "text", &notes, NULL);
  g_free (acquisition->title);
  acquisition->title = dup_text (self->exhibit_title);
  g_free (acquisition->source);
  acquisition->source = dup_text (self->source);
  g_free (acquisition->obtained_from);
  acquisition->obtained_from = dup_text (self->obtained_from);
  g_free (acquisition->obtained_when);
  acquisition->obtained_when = dup_text (self->obtained_when);
  g_free (acquisition->obtained_how);
  acquisition->obtained_how = dup_text (self->obtained_how);
  g_free (acquisition->notes);
  acquisition->notes = g_steal_pointer (&notes);
  acquisition->do_not_export = gtk_check_button_get_active (self->do_not_export);
  return acquisition;
}

static void
add_cb (CsmImportDialog *self)
{
  g_auto (GStrv) paths = list_paths (self);
  g_autoptr (CsmAcquisition) acquisition = dup_acquisition (self);

  if (paths[0] == NULL)
    return;
  for (int i = 0; paths[i] != NULL; i++)
    if (!g_path_is_absolute (paths[i]))
      {
        csm_say (self->error,
                 _ ("Give whole paths, from the first slash, or choose with Browse."));
        return;
      }
  csm_session_import (self->session, paths, acquisition,
                      gtk_check_button_get_active (self->link));
  gtk_window_close (GTK_WINDOW (self));
}

static void
cancel_cb (CsmImportDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

/* A locked case shows nothing of itself, this dialog included. */
static void
session_state_changed_cb (CsmImportDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
csm_import_dialog_dispose (GObject *object)
{
  CsmImportDialog *self = CSM_IMPORT_DIALOG (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_IMPORT_DIALOG);

  G_OBJECT_CLASS (csm_import_dialog_parent_class)->dispose (object);
}

static void
csm_import_dialog_class_init (CsmImportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_import_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-import-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, exhibit_title);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, source);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, obtained_from);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, obtained_when);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, obtained_how);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, notes);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, do_not_export);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, link);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmImportDialog, add);
  gtk_widget_class_bind_template_callback (widget_class, location_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_files_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_folders_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_import_dialog_init (CsmImportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
csm_import_dialog_present (GtkWindow *parent, CsmSession *session, char *const *paths)
{
  CsmImportDialog *self = g_object_new (CSM_TYPE_IMPORT_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  if (paths != NULL)
    {
      g_autofree char *text = g_strjoinv (" : ", (char **) paths);

      gtk_editable_set_text (GTK_EDITABLE (self->location), text);
    }
  location_changed_cb (self);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->location));
}
