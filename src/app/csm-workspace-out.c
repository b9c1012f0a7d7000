/* csm-workspace-out.c: what leaves the case, and what leaves its lists
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace-private.h"

#include <glib/gi18n.h>

/* One way out: a warning, a place, the session. */
typedef struct
{
  CsmWorkspace *workspace; /* owned */
  const char *heading;
  const char *holds; /* (nullable): what the file gives away beyond what it is */
  const char *title; /* of the file chooser */
  char *name;        /* suggested; names nobody and no case */
  CsmId exhibit;
  void (*save) (CsmWorkspace *self, const char *path, const CsmId *exhibit);
} WayOut;

static void
way_out_clear (gpointer data)
{
  WayOut *self = data;

  g_clear_object (&self->workspace);
  g_free (self->name);
}

/* The dialog that asks owns the way, then the chooser: it goes when they go. */
static void
way_out_closure_unref (gpointer data, GClosure *closure)
{
  g_atomic_rc_box_release_full (data, way_out_clear);
}

static GtkWindow *
get_window (CsmWorkspace *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static void
chooser_response_cb (GtkNativeDialog *chooser, int response, gpointer data)
{
  WayOut *way = data;
  CsmWorkspace *self = way->workspace;

  if (response == GTK_RESPONSE_ACCEPT && self->session != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      const char *path = file != NULL ? g_file_peek_path (file) : NULL;

      if (path != NULL)
        way->save (self, path, &way->exhibit);
      else
        csm_workspace_say (self, _ ("Only a folder of this computer can be used"));
    }
  g_clear_object (&self->chooser);
}

static void
choose_place (WayOut *way)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (way->title, get_window (way->workspace),
                                   GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), way->name);
  g_signal_connect_data (chooser, "response", G_CALLBACK (chooser_response_cb),
                         g_atomic_rc_box_acquire (way), way_out_closure_unref, 0);
  g_set_object (&way->workspace->chooser, chooser);
  g_object_unref (chooser);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
warning_response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  WayOut *way = data;

  if (g_str_equal (response, "save") && way->workspace->session != NULL)
    choose_place (way);
}

static void
warn (CsmWorkspace *self, WayOut *way)
{
  const char *body = _ ("The file will not be encrypted: anyone who gets at the folder can "
                        "open it. The ledger records that it was saved, by whom and when.");
  g_autofree char *all =
      way->holds != NULL ? g_strdup_printf ("%s %s", way->holds, body) : g_strdup (body);
  GtkWidget *dialog = adw_message_dialog_new (get_window (self), way->heading, all);

  way->workspace = g_object_ref (self);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "save", _ ("Choose _Place…"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (warning_response_cb), way,
                         way_out_closure_unref, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* The session says "notice" when it is done; only failure is told here. */
static void
tell_failure (CsmWorkspace *self, const char *heading, const GError *error)
{
  GtkWidget *dialog = adw_message_dialog_new (get_window (self), heading, error->message);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- a still --- */

static void
still_saved_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmWorkspace) self = data;
  g_autoptr (GError) error = NULL;

  if (!csm_session_save_still_finish (CSM_SESSION (object), result, &error) &&
      self->session != NULL)
    tell_failure (self, _ ("The Still Was Not Saved"), error);
}

static void
save_still_to (CsmWorkspace *self, const char *path, const CsmId *exhibit)
{
  csm_session_save_still_async (self->session, path, still_saved_cb, g_object_ref (self));
}

void
csm_workspace_save_still (CsmWorkspace *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  WayOut *way;

  if (item == NULL)
    return;
  csm_session_set_playing (self->session, false);
  way = g_atomic_rc_box_new0 (WayOut);
  way->heading = _ ("Save This Frame as a Still?");
  if (csm_session_shows_view (self->session))
    way->holds = _ ("The frame is saved as decoded, and the view beside it in a second file "
                    "whose name ends in “-view”.");
  way->title = _ ("Save Still");
  way->name = g_strdup_printf ("%s-frame-%" G_GINT64_FORMAT ".png",
                               csm_exhibit_item_get_record (item)->number,
                               csm_session_get_ordinal (self->session));
  way->save = save_still_to;
  warn (self, way);
}

/* --- the marks --- */

static void
marks_saved_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmWorkspace) self = data;
  g_autoptr (GError) error = NULL;

  if (!csm_session_save_marks_finish (CSM_SESSION (object), result, &error) &&
      self->session != NULL)
    tell_failure (self, _ ("The Marks Were Not Saved"), error);
}

static void
save_marks_to (CsmWorkspace *self, const char *path, const CsmId *exhibit)
{
  csm_session_save_marks_async (self->session, path, marks_saved_cb, g_object_ref (self));
}

void
csm_workspace_save_marks (CsmWorkspace *self)
{
  WayOut *way = g_atomic_rc_box_new0 (WayOut);

  way->heading = _ ("Save Marks as CSV?");
  way->holds = _ ("It holds the text of every mark, the names of the files and the names of "
                  "the reviewers.");
  way->title = _ ("Save Marks as CSV");
  way->name = g_strdup ("marks.csv");
  way->save = save_marks_to;
  warn (self, way);
}

/* --- a source file --- */

static void
extract_to (CsmWorkspace *self, const char *path, const CsmId *exhibit)
{
  (void) csm_session_extract (self->session, exhibit, path); /* the jobs list shows it */
}

void
csm_workspace_extract (CsmWorkspace *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  WayOut *way;

  if (item == NULL)
    return;
  way = g_atomic_rc_box_new0 (WayOut);
  way->heading = _ ("Extract the File as Received?");
  way->title = _ ("Extract File");
  way->name = g_strdup (csm_exhibit_item_get_record (item)->name);
  way->exhibit = csm_exhibit_item_get_record (item)->id;
  way->save = extract_to;
  warn (self, way);
}

/* --- removing an exhibit --- */

typedef struct
{
  CsmWorkspace *workspace; /* owned */
  CsmId exhibit;
} Removal;

static void
removal_free (gpointer data, GClosure *closure)
{
  Removal *removal = data;

  g_object_unref (removal->workspace);
  g_free (removal);
}

static void
removal_response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Removal *removal = data;

  if (g_str_equal (response, "remove") && removal->workspace->session != NULL)
    csm_session_remove_exhibit (removal->workspace->session, &removal->exhibit);
}

void
csm_workspace_remove_exhibit (CsmWorkspace *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  const CsmExhibit *exhibit;
  g_autofree char *heading = NULL;
  Removal *removal;
  GtkWidget *dialog;

  if (item == NULL)
    return;
  exhibit = csm_exhibit_item_get_record (item);
  /* Translators: %s is the number of an exhibit */
  heading = g_strdup_printf (_ ("Remove %s From the Lists?"), exhibit->number);
  dialog = adw_message_dialog_new (
      get_window (self), heading,
      _ ("It leaves the lists, and its marks with it. What stays: the ledger keeps that it was "
         "here, its hash and every mark, and the case keeps its encrypted bytes. Undo brings "
         "it "
         "back."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "remove", _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  removal = g_new (Removal, 1);
  *removal = (Removal){ g_object_ref (self), exhibit->id };
  g_signal_connect_data (dialog, "response", G_CALLBACK (removal_response_cb), removal,
                         removal_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
