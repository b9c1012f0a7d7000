/* csm-salvage-dialog.c: a new case from what still verifies in a damaged one, and what is
 * missing SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-salvage-dialog.h"

#include "app/csm-dialog.h"
#include "app/csm-say.h"
#include "review/csm-session-salvage.h"

#include <glib/gi18n.h>
#include <string.h>

#define SUFFIX ".casement"

struct _CsmSalvageDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkStack *steps;
  GtkEntry *location;
  GtkPasswordEntry *passphrase;
  GtkLabel *error;
  GtkLabel *verdict;
  GtkProgressBar *progress;
  GtkScrolledWindow *found_scroller;
  GtkListBox *found;
  GtkButton *cancel;
  GtkButton *salvage;

  /* Owned */
  CsmSession *session;
  CsmJob *job; /* (nullable) */
  GtkFileChooserNative *chooser;
  char *path;
};

G_DEFINE_FINAL_TYPE (CsmSalvageDialog, csm_salvage_dialog, ADW_TYPE_WINDOW)

static const char *
text_of (gpointer editable)
{
  return gtk_editable_get_text (GTK_EDITABLE (editable));
}

static void
field_changed_cb (CsmSalvageDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->salvage),
                            text_of (self->location)[0] != '\0' &&
                                text_of (self->passphrase)[0] != '\0');
  csm_say (self->error, NULL);
}

static void
browse_cb (CsmSalvageDialog *self)
{
  g_clear_object (&self->chooser);
  self->chooser =
      csm_dialog_browse (GTK_WINDOW (self), self->location, GTK_FILE_CHOOSER_ACTION_SAVE,
                         _ ("New Case"), "salvaged.casement");
}

static void
show_step (CsmSalvageDialog *self, const char *name)
{
  csm_dialog_show_page (GTK_WINDOW (self), self->steps, name);
}

/* Of a list of the report. */
static void
add_lines (CsmSalvageDialog *self, const GPtrArray *lines, const char *what)
{
  for (guint i = 0; i < lines->len; i++)
    csm_dialog_add_row (self->found, NULL, lines->pdata[i], what);
}

static void
salvaged_cb (const CsmSalvageReport *report, gpointer data)
{
  CsmSalvageDialog *self = data;

  add_lines (self, report->lost, _ ("Lost"));
  add_lines (self, report->gaps, _ ("Missing"));
  add_lines (self, report->media, _ ("Media"));
  add_lines (self, report->resting, _ ("Rests on what is missing, and has no effect"));
  add_lines (self, report->damage, _ ("Damaged"));
  gtk_widget_set_visible (GTK_WIDGET (self->found_scroller),
                          gtk_widget_get_first_child (GTK_WIDGET (self->found)) != NULL);
}

static void
job_state_changed_cb (CsmSalvageDialog *self)
{
  g_autofree char *sentence = NULL;

  if (!csm_dialog_has_failed (self->job, self->verdict, self->progress, self->cancel))
    return;
  /* Mistyped, mostly. */
  show_step (self, "where");
  gtk_widget_set_visible (GTK_WIDGET (self->salvage), TRUE);
  sentence = csm_dialog_dup_outcome (self->job);
  csm_say (self->error, sentence);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
  g_clear_object (&self->job);
}

static void
salvage_cb (CsmSalvageDialog *self)
{
  const char *text = text_of (self->passphrase);
  g_autoptr (CsmSecret) secret = NULL;
  CsmJob *job;

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->salvage)) ||
      !gtk_widget_get_visible (GTK_WIDGET (self->salvage)))
    return;
  secret = csm_secret_new_from (text, strlen (text));
  job = csm_session_salvage (self->session, self->path, secret, text_of (self->location),
                             salvaged_cb, g_object_ref (self), g_object_unref);
  if (job == NULL)
    {
      g_object_unref (self);
      return;
    }
  self->job = job;
  csm_dialog_show_fraction (self->progress, job);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_text (self->verdict, _ ("Reading what still verifies…"));
  gtk_widget_set_visible (GTK_WIDGET (self->salvage), FALSE);
  show_step (self, "progress");
}

static void
cancel_cb (CsmSalvageDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static gboolean
csm_salvage_dialog_close_request (GtkWindow *window)
{
  CsmSalvageDialog *self = CSM_SALVAGE_DIALOG (window);

  if (self->job != NULL)
    csm_job_cancel (self->job);
  /* GTK 4.8: a password entry that dies with the focus still listens to it. */
  gtk_window_set_focus (window, NULL);
  return GTK_WINDOW_CLASS (csm_salvage_dialog_parent_class)->close_request (window);
}

static void
csm_salvage_dialog_dispose (GObject *object)
{
  CsmSalvageDialog *self = CSM_SALVAGE_DIALOG (object);

  g_clear_object (&self->session);
  if (self->job != NULL)
    csm_job_cancel (self->job);
  g_clear_object (&self->job);
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->path, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_SALVAGE_DIALOG);
  G_OBJECT_CLASS (csm_salvage_dialog_parent_class)->dispose (object);
}

static void
csm_salvage_dialog_class_init (CsmSalvageDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_salvage_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = csm_salvage_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-salvage-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, verdict);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, found_scroller);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, found);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, CsmSalvageDialog, salvage);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, salvage_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_salvage_dialog_init (CsmSalvageDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  show_step (self, "where");
}

void
csm_salvage_dialog_present (GtkWindow *parent, CsmSession *session, const char *path)
{
  CsmSalvageDialog *self =
      g_object_new (CSM_TYPE_SALVAGE_DIALOG, "transient-for", parent, NULL);
  g_autofree char *stem = g_strndup (
      path, g_str_has_suffix (path, SUFFIX) ? strlen (path) - strlen (SUFFIX) : strlen (path));
  g_autofree char *beside = g_strconcat (stem, "-salvaged" SUFFIX, NULL);

  self->session = g_object_ref (session);
  self->path = g_strdup (path);
  /* A name that is no text cannot be typed, nor shown to be changed. */
  if (g_utf8_validate (beside, -1, NULL))
    gtk_editable_set_text (GTK_EDITABLE (self->location), beside);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
}
