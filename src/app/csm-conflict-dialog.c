/* csm-conflict-dialog.c: the versions of one thing side by side, and which one counts
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-conflict-dialog.h"

#include "app/csm-conflict-column.h"
#include "app/csm-say.h"
#include "review/csm-session-merge.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmConflictDialog
{
  AdwWindow parent_instance;

  /* Template children */
  AdwWindowTitle *heading;
  GtkBox *versions;
  GtkLabel *error;

  /* Owned */
  CsmSession *session;
  CsmConflictItem *item;

  bool edits; /* the mark is to be edited once it is settled */
};

G_DEFINE_FINAL_TYPE (CsmConflictDialog, csm_conflict_dialog, ADW_TYPE_WINDOW)

/* The mark's own editor is the place to change it further. */
static void
show_mark (CsmConflictDialog *self)
{
  const CsmConflict *record = csm_conflict_item_get_record (self->item);
  CsmMark mark = { .id = record->subject, .exhibit = record->exhibit };
  const CsmConflictVersion *version = record->versions->pdata[0];

  mark.from =
      g_ascii_strtoll (json_string_value (json_object_get (version->values, "frames")) != NULL
                           ? json_string_value (json_object_get (version->values, "frames"))
                           : "0",
                       NULL, 10);
  csm_session_show_mark (self->session, &mark);
}

static void
settled_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmConflictDialog) self = data;
  g_autoptr (GError) error = NULL;

  if (csm_session_settle_finish (CSM_SESSION (object), result, &error))
    {
      if (self->edits)
        show_mark (self);
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  g_autofree char *message = csm_say_error (error);

  csm_say (self->error, message);
  gtk_widget_set_sensitive (GTK_WIDGET (self->versions), TRUE);
}

static void
taken_cb (CsmConflictDialog *self, guint n, gboolean edit)
{
  const CsmConflict *record = csm_conflict_item_get_record (self->item);
  const CsmConflictVersion *version = record->versions->pdata[n];

  self->edits = edit;
  gtk_widget_set_sensitive (GTK_WIDGET (self->versions), FALSE);
  csm_say (self->error, NULL);
  csm_session_settle_async (self->session, record, &version->entry, settled_cb,
                            g_object_ref (self));
}

static void
cancel_cb (CsmConflictDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
session_state_changed_cb (CsmConflictDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
fill (CsmConflictDialog *self)
{
  const CsmConflict *record = csm_conflict_item_get_record (self->item);
  const bool writable = !csm_session_is_read_only (self->session) &&
                        csm_session_get_reviewer (self->session)[0] != '\0';
  g_autofree char *label = NULL;

  g_object_get (self->item, "label", &label, NULL);
  adw_window_title_set_subtitle (self->heading, label);
  for (guint i = 0; i < record->versions->len; i++)
    {
      GtkWidget *column = csm_conflict_column_new (record, i, writable);

      g_signal_connect_object (column, "taken", G_CALLBACK (taken_cb), self, G_CONNECT_SWAPPED);
      gtk_box_append (self->versions, column);
    }
}

static void
csm_conflict_dialog_dispose (GObject *object)
{
  CsmConflictDialog *self = CSM_CONFLICT_DIALOG (object);

  g_clear_object (&self->session);
  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CONFLICT_DIALOG);
  G_OBJECT_CLASS (csm_conflict_dialog_parent_class)->dispose (object);
}

static void
csm_conflict_dialog_class_init (CsmConflictDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_conflict_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-conflict-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmConflictDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, CsmConflictDialog, versions);
  gtk_widget_class_bind_template_child (widget_class, CsmConflictDialog, error);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_conflict_dialog_init (CsmConflictDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
csm_conflict_dialog_present (GtkWindow *parent, CsmSession *session, CsmConflictItem *item)
{
  CsmConflictDialog *self =
      g_object_new (CSM_TYPE_CONFLICT_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  self->item = g_object_ref (item);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  fill (self);
  gtk_window_present (GTK_WINDOW (self));
}
