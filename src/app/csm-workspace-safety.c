/* csm-workspace-safety.c: a backup, and what goes for good
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-erase-dialog.h"
#include "app/csm-workspace-private.h"

#include <glib/gi18n.h>

static GtkWindow *
get_window (CsmWorkspace *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static void
folder_response_cb (GtkNativeDialog *chooser, int response, gpointer data)
{
  g_autoptr (CsmWorkspace) self = data;

  if (response == GTK_RESPONSE_ACCEPT && self->session != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      const char *path = file != NULL ? g_file_peek_path (file) : NULL;

      if (path != NULL)
        (void) csm_session_backup (self->session, path); /* the jobs list shows it */
      else
        csm_workspace_say (self, _ ("Only a folder of this computer can be used"));
    }
  g_object_unref (chooser);
}

void
csm_workspace_backup (CsmWorkspace *self)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      _ ("Choose a Folder for the Backup"), get_window (self),
      GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Back Up Here"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect (chooser, "response", G_CALLBACK (folder_response_cb), g_object_ref (self));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
csm_workspace_erase_exhibit (CsmWorkspace *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);

  if (item == NULL)
    return;
  csm_session_set_playing (self->session, false);
  csm_erase_dialog_present (get_window (self), self->session,
                            csm_exhibit_item_get_record (item), NULL);
}

void
csm_workspace_erase_mark (CsmWorkspace *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  CsmMarkItem *mark = csm_session_get_selected_mark (self->session);

  if (item == NULL || mark == NULL)
    return;
  csm_session_set_playing (self->session, false);
  csm_erase_dialog_present (get_window (self), self->session,
                            csm_exhibit_item_get_record (item),
                            &csm_mark_item_get_record (mark)->id);
}
