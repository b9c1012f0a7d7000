/* csm-receipt-dialog.c: the files that go out of and come into the receipts of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-receipt-dialog.h"

#include "app/csm-dialog.h"
#include "app/csm-say.h"
#include "review/csm-session-receipts.h"

#include <glib/gi18n.h>

struct _CsmReceiptDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkLabel *explanation;
  GtkEntry *location;
  GtkEntry *ca;
  GtkEntry *chain;
  GtkWidget *answer_box;
  GtkEntry *code;
  GtkLabel *error;
  GtkListBox *findings;
  GtkButton *go;

  /* Owned */
  GtkFileChooserNative *chooser;
  CsmSession *session;

  CsmReceiptUse use;
  bool busy;
};

G_DEFINE_FINAL_TYPE (CsmReceiptDialog, csm_receipt_dialog, ADW_TYPE_WINDOW)

static const struct
{
  const char *title;
  const char *explanation;
  const char *go;
  const char *name; /* suggested; NULL: a file that is there */
} uses[] = {
  [CSM_RECEIPT_MAKE] = { N_ ("Make Receipt"),
                         N_ ("The file holds numbers that stand for the state of the case, and "
                             "nothing of what is in it. Keep it, or its code, away from this "
                             "computer: it detects changes made after it, and changes by "
                             "anyone without the reviewers’ keys."),
                         N_ ("Save Receipt"), "heads.json" },
  [CSM_RECEIPT_REQUEST] = { N_ ("Save Time Stamp Request"),
                            N_ ("For the newest receipt. Carry the file to a computer with a "
                                "network, send it to a time-stamping service (RFC 3161), and "
                                "bring the answer back. Save one for each service."),
                            N_ ("Save Request"), "request.tsq" },
  [CSM_RECEIPT_ANSWER] = { N_ ("Take In an Answer"),
                           N_ ("What the time-stamping service answered, and the CA file of "
                               "that service, from its site. Both are kept in the case once "
                               "the answer holds against them."),
                           N_ ("Take In"), NULL },
  [CSM_RECEIPT_CHECK] = { N_ ("Check Against a Receipt"),
                          N_ ("A receipt file from anywhere (heads.json), or a code that was "
                              "written down: says whether entries are missing since, or this "
                              "copy is older."),
                          N_ ("Check"), NULL },
};

static const char *
text_of (GtkEntry *entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

static void
field_changed_cb (CsmReceiptDialog *self)
{
  const bool has_file = text_of (self->location)[0] != '\0';
  const bool ready = self->use == CSM_RECEIPT_ANSWER ? has_file && text_of (self->ca)[0] != '\0'
                     : self->use == CSM_RECEIPT_CHECK
                         ? has_file != (text_of (self->code)[0] != '\0')
                         : has_file;

  gtk_widget_set_sensitive (GTK_WIDGET (self->go), ready && !self->busy);
  csm_say (self->error, NULL);
}

/* --- choosing --- */

static void
browse (CsmReceiptDialog *self, GtkEntry *entry, const char *name)
{
  g_clear_object (&self->chooser);
  self->chooser = csm_dialog_browse (GTK_WINDOW (self), entry,
                                     name != NULL ? GTK_FILE_CHOOSER_ACTION_SAVE
                                                  : GTK_FILE_CHOOSER_ACTION_OPEN,
                                     _ (uses[self->use].title), name);
}

static void
browse_cb (CsmReceiptDialog *self)
{
  browse (self, self->location, uses[self->use].name);
}

static void
browse_ca_cb (CsmReceiptDialog *self)
{
  browse (self, self->ca, NULL);
}

static void
browse_chain_cb (CsmReceiptDialog *self)
{
  browse (self, self->chain, NULL);
}

/* --- doing --- */

static void
set_busy (CsmReceiptDialog *self, bool busy)
{
  self->busy = busy;
  field_changed_cb (self);
}

/* What failed is said here; what worked shows in the pane, and the dialog goes. */
static void
end (CsmReceiptDialog *self, gboolean done, const GError *error)
{
  set_busy (self, false);
  if (done)
    gtk_window_close (GTK_WINDOW (self));
  else
    {
      g_autofree char *message = csm_say_error (error);

      csm_say (self->error, message);
    }
}

static void
made_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmReceiptDialog) self = data;
  g_autoptr (GError) error = NULL;
  const gboolean done = csm_session_make_receipt_finish (CSM_SESSION (object), result, &error);

  end (self, done, error);
}

static void
requested_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmReceiptDialog) self = data;
  g_autoptr (GError) error = NULL;
  const gboolean done = csm_session_save_request_finish (CSM_SESSION (object), result, &error);

  end (self, done, error);
}

static void
taken_in_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmReceiptDialog) self = data;
  g_autoptr (GError) error = NULL;
  const gboolean done = csm_session_add_stamp_finish (CSM_SESSION (object), result, &error);

  end (self, done, error);
}

static void
add_finding (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  csm_dialog_add_finding (((CsmReceiptDialog *) data)->findings, kind, where, what);
}

static void
clear_findings (CsmReceiptDialog *self)
{
  csm_dialog_clear_rows (self->findings);
  gtk_widget_set_visible (GTK_WIDGET (self->findings), FALSE);
}

static void
checked_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmReceiptDialog) self = data;
  g_autoptr (GError) error = NULL;
  bool holds;

  if (!csm_session_check_receipt_finish (CSM_SESSION (object), result, add_finding, self,
                                         &holds, &error))
    {
      end (self, FALSE, error);
      return;
    }
  set_busy (self, false);
  gtk_widget_set_visible (GTK_WIDGET (self->findings), TRUE);
}

static bool
is_whole_path (GtkEntry *entry)
{
  return text_of (entry)[0] == '\0' || g_path_is_absolute (text_of (entry));
}

static void
start (CsmReceiptDialog *self)
{
  const char *path = text_of (self->location);
  const char *chain = text_of (self->chain);

  switch (self->use)
    {
    case CSM_RECEIPT_MAKE:
      csm_session_make_receipt_async (self->session, path, made_cb, g_object_ref (self));
      break;
    case CSM_RECEIPT_REQUEST:
      csm_session_save_request_async (self->session, path, requested_cb, g_object_ref (self));
      break;
    case CSM_RECEIPT_ANSWER:
      csm_session_add_stamp_async (self->session, path, text_of (self->ca),
                                   chain[0] != '\0' ? chain : NULL, taken_in_cb,
                                   g_object_ref (self));
      break;
    case CSM_RECEIPT_CHECK:
      csm_session_check_receipt_async (self->session, path[0] != '\0' ? path : NULL,
                                       path[0] != '\0' ? NULL : text_of (self->code),
                                       checked_cb, g_object_ref (self));
      break;
    }
}

static void
go_cb (CsmReceiptDialog *self)
{
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->go)))
    return;
  if (!is_whole_path (self->location) || !is_whole_path (self->ca) ||
      !is_whole_path (self->chain))
    {
      csm_say (self->error,
               _ ("Give whole paths, from the first slash, or choose with Browse."));
      return;
    }
  clear_findings (self);
  set_busy (self, true);
  start (self);
}

static void
cancel_cb (CsmReceiptDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

/* A locked case shows nothing of itself, this dialog included. */
static void
session_state_changed_cb (CsmReceiptDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
csm_receipt_dialog_dispose (GObject *object)
{
  CsmReceiptDialog *self = CSM_RECEIPT_DIALOG (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_RECEIPT_DIALOG);
  G_OBJECT_CLASS (csm_receipt_dialog_parent_class)->dispose (object);
}

static void
csm_receipt_dialog_class_init (CsmReceiptDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_receipt_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-receipt-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, explanation);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, ca);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, chain);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, answer_box);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, code);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, findings);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptDialog, go);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_ca_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_chain_cb);
  gtk_widget_class_bind_template_callback (widget_class, go_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_receipt_dialog_init (CsmReceiptDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
csm_receipt_dialog_present (GtkWindow *parent, CsmSession *session, CsmReceiptUse use)
{
  CsmReceiptDialog *self =
      g_object_new (CSM_TYPE_RECEIPT_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  self->use = use;
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_window_set_title (GTK_WINDOW (self), _ (uses[use].title));
  gtk_label_set_text (self->explanation, _ (uses[use].explanation));
  gtk_button_set_label (self->go, _ (uses[use].go));
  gtk_widget_set_visible (self->answer_box, use == CSM_RECEIPT_ANSWER);
  gtk_widget_set_visible (GTK_WIDGET (self->code), use == CSM_RECEIPT_CHECK);
  field_changed_cb (self);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->location));
}
