/* csm-erase-dialog.c: what goes for good is typed before it goes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-erase-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmEraseDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkLabel *what;
  GtkLabel *confirm_label;
  GtkEditable *reason;
  GtkEditable *confirm;
  GtkWidget *erase;

  /* Owned */
  CsmSession *session;
  char *number;

  CsmId id;
  bool is_mark;
};

G_DEFINE_FINAL_TYPE (CsmEraseDialog, csm_erase_dialog, ADW_TYPE_WINDOW)

static bool
is_ready (CsmEraseDialog *self)
{
  g_autofree char *reason = g_strstrip (g_strdup (gtk_editable_get_text (self->reason)));
  g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (self->confirm)));

  return *reason != '\0' && g_ascii_strcasecmp (typed, self->number) == 0;
}

static void
field_changed_cb (CsmEraseDialog *self)
{
  gtk_widget_set_sensitive (self->erase, is_ready (self));
}

static void
cancel_cb (CsmEraseDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
erase_cb (CsmEraseDialog *self)
{
  const char *reason = gtk_editable_get_text (self->reason);

  if (!is_ready (self))
    return;
  if (self->is_mark)
    csm_session_erase_mark (self->session, &self->id, reason);
  else
    csm_session_erase_exhibit (self->session, &self->id, reason);
  gtk_window_close (GTK_WINDOW (self));
}

/* A locked case shows nothing, and asks nothing. */
static void
state_changed_cb (CsmEraseDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
csm_erase_dialog_dispose (GObject *object)
{
  CsmEraseDialog *self = CSM_ERASE_DIALOG (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->number, g_free);
  G_OBJECT_CLASS (csm_erase_dialog_parent_class)->dispose (object);
}

static void
csm_erase_dialog_class_init (CsmEraseDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_erase_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-erase-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmEraseDialog, what);
  gtk_widget_class_bind_template_child (widget_class, CsmEraseDialog, confirm_label);
  gtk_widget_class_bind_template_child (widget_class, CsmEraseDialog, reason);
  gtk_widget_class_bind_template_child (widget_class, CsmEraseDialog, confirm);
  gtk_widget_class_bind_template_child (widget_class, CsmEraseDialog, erase);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, erase_cb);
}

static void
csm_erase_dialog_init (CsmEraseDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
csm_erase_dialog_present (GtkWindow *parent,
                          CsmSession *session,
                          const CsmExhibit *exhibit,
                          const CsmId *mark)
{
  CsmEraseDialog *self = g_object_new (CSM_TYPE_ERASE_DIALOG, "transient-for", parent, NULL);
  g_autofree char *what = NULL;
  g_autofree char *confirm = NULL;

  self->session = g_object_ref (session);
  self->number = g_strdup (exhibit->number);
  self->is_mark = mark != NULL;
  self->id = mark != NULL ? *mark : exhibit->id;
  /* Translators: the number of an exhibit */
  what = mark != NULL ? g_strdup_printf (_ ("The selected mark on %s, in every revision."),
                                         exhibit->number)
                      /* Translators: the number and the name of an exhibit */
                      : g_strdup_printf (_ ("%s %s: its file, its pictures, what is said about "
                                            "it, and every mark on it."),
                                         exhibit->number, exhibit->name);
  gtk_label_set_text (self->what, what);
  /* Translators: what is to be typed, the number of an exhibit */
  confirm = g_strdup_printf (_ ("Type %s to erase it for good"), exhibit->number);
  gtk_label_set_text (self->confirm_label, confirm);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
}
