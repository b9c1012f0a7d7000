/* csm-check-dialog.c: does a bundle hold? And what holds can be taken into the open case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-check-dialog.h"

#include "app/csm-dialog.h"
#include "app/csm-say.h"
#include "review/csm-session-export.h"

#include <glib/gi18n.h>

struct _CsmCheckDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkStack *steps;
  GtkLabel *about;
  GtkEntry *location;
  GtkEntry *key;
  GtkCheckButton *frames;
  GtkLabel *error;
  GtkLabel *verdict;
  GtkProgressBar *progress;
  GtkListBox *findings;
  GtkButton *cancel;
  GtkButton *check;
  GtkButton *take;

  /* Owned */
  CsmSession *session;
  CsmJob *job; /* (nullable) */
  GtkFileChooserNative *chooser;
  CsmReceivedBundle *bundle; /* (nullable): it holds */

  bool take_in; /* what it is for */
  bool holds;   /* so far */
};

G_DEFINE_FINAL_TYPE (CsmCheckDialog, csm_check_dialog, ADW_TYPE_WINDOW)

static const char *
text_of (GtkEntry *entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

static void
field_changed_cb (CsmCheckDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->check), text_of (self->location)[0] != '\0');
  csm_say (self->error, NULL);
}

static void
browse_cb (CsmCheckDialog *self)
{
  g_clear_object (&self->chooser);
  self->chooser = csm_dialog_browse (GTK_WINDOW (self), self->location,
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                     _ ("Folder of the Bundle"), NULL);
}

static void
add_finding (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  CsmCheckDialog *self = data;

  /* What was under way when the dialog was closed still arrives. */
  if (self->session == NULL)
    return;
  self->holds = self->holds && kind != CSM_FINDING_BROKEN;
  csm_dialog_add_finding (self->findings, kind, where, what);
}

/* Takes @bundle. */
static void
checked_cb (CsmReceivedBundle *bundle, gpointer data)
{
  CsmCheckDialog *self = data;

  csm_received_bundle_free (self->bundle);
  self->bundle = bundle;
}

/* Ended: as it came out, or why it could not be checked at all. */
static void
job_state_changed_cb (CsmCheckDialog *self)
{
  g_autofree char *sentence = NULL;

  if (!csm_dialog_has_failed (self->job, self->verdict, self->progress, self->cancel))
    {
      if (!self->take_in || csm_job_get_state (self->job) == CSM_JOB_RUNNING)
        return;
      gtk_widget_set_visible (GTK_WIDGET (self->take), self->bundle != NULL);
      if (self->bundle != NULL)
        {
          gtk_button_set_label (self->cancel, _ ("Cancel"));
          gtk_widget_grab_focus (GTK_WIDGET (self->take));
        }
      else if (self->holds)
        gtk_label_set_text (self->verdict,
                            _ ("It holds, but it is no bundle of Casement: import its files."));
      return;
    }
  csm_dialog_show_page (GTK_WINDOW (self), self->steps, "where");
  gtk_widget_set_visible (GTK_WIDGET (self->check), TRUE);
  sentence = csm_dialog_dup_outcome (self->job);
  csm_say (self->error, sentence);
  gtk_widget_grab_focus (GTK_WIDGET (self->location));
  g_clear_object (&self->job);
}

static void
check_cb (CsmCheckDialog *self)
{
  const char *key = text_of (self->key);

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->check)) ||
      !gtk_widget_get_visible (GTK_WIDGET (self->check)))
    return;
  csm_say (self->error, NULL);
  csm_dialog_clear_rows (self->findings);
  self->holds = true;
  self->job = csm_session_check_bundle (
      self->session, text_of (self->location), key[0] != '\0' ? key : NULL,
      gtk_check_button_get_active (self->frames), add_finding,
      self->take_in ? checked_cb : NULL, g_object_ref (self), g_object_unref);
  csm_dialog_show_fraction (self->progress, self->job);
  g_signal_connect_object (self->job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_text (self->verdict, _ ("Checking…"));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->check), FALSE);
  csm_dialog_show_page (GTK_WINDOW (self), self->steps, "findings");
}

/* As it came out: in the list of jobs too, where it goes on when this closes. */
static void
taken_in_cb (CsmCheckDialog *self, GParamSpec *pspec, CsmJob *job)
{
  g_autofree char *sentence = NULL;

  if (csm_job_get_state (job) == CSM_JOB_RUNNING)
    return;
  sentence = csm_dialog_dup_outcome (job);
  gtk_label_set_text (self->verdict, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), FALSE);
  gtk_button_set_label (self->cancel, _ ("Done"));
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel));
}

static void
take_cb (CsmCheckDialog *self)
{
  CsmJob *job;

  g_clear_object (&self->job);
  gtk_widget_set_visible (GTK_WIDGET (self->take), FALSE);
  job = csm_session_take_in (self->session, g_steal_pointer (&self->bundle));
  if (job == NULL)
    return;
  csm_dialog_show_fraction (self->progress, job);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (taken_in_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_text (self->verdict, _ ("Taking in…"));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), TRUE);
  gtk_button_set_label (self->cancel, _ ("Close"));
}

static void
cancel_cb (CsmCheckDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

/* Locked or closed: what is said of a bundle of this case goes with it. */
static void
session_state_changed_cb (CsmCheckDialog *self)
{
  /* The job holds the dialog, so that it is not disposed of yet. */
  if (self->job != NULL)
    csm_job_cancel (self->job);
  gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
csm_check_dialog_close_request (GtkWindow *window)
{
  CsmCheckDialog *self = CSM_CHECK_DIALOG (window);

  if (self->job != NULL)
    csm_job_cancel (self->job);
  return GTK_WINDOW_CLASS (csm_check_dialog_parent_class)->close_request (window);
}

static void
csm_check_dialog_dispose (GObject *object)
{
  CsmCheckDialog *self = CSM_CHECK_DIALOG (object);

  if (self->job != NULL)
    csm_job_cancel (self->job);
  g_clear_object (&self->session);
  g_clear_object (&self->job);
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->bundle, csm_received_bundle_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CHECK_DIALOG);
  G_OBJECT_CLASS (csm_check_dialog_parent_class)->dispose (object);
}

static void
csm_check_dialog_class_init (CsmCheckDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_check_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = csm_check_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-check-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, about);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, key);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, frames);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, verdict);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, findings);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, check);
  gtk_widget_class_bind_template_child (widget_class, CsmCheckDialog, take);
  gtk_widget_class_bind_template_callback (widget_class, field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, check_cb);
  gtk_widget_class_bind_template_callback (widget_class, take_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_check_dialog_init (CsmCheckDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  csm_dialog_show_page (GTK_WINDOW (self), self->steps, "where");
}

static void
present (GtkWindow *parent, CsmSession *session, bool take_in)
{
  CsmCheckDialog *self = g_object_new (CSM_TYPE_CHECK_DIALOG, "transient-for", parent, NULL);

  self->take_in = take_in;
  if (take_in)
    {
      gtk_window_set_title (GTK_WINDOW (self), _ ("Take In a Bundle"));
      gtk_label_set_text (
          self->about,
          _ ("Brings what somebody else exported into this case as evidence: its exhibits, and "
             "all the rest, the signed ledger too, as one more. It is checked first, and what "
             "does not hold is not taken in."));
    }
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->location));
}

void
csm_check_dialog_present (GtkWindow *parent, CsmSession *session)
{
  present (parent, session, false);
}

void
csm_check_dialog_present_take_in (GtkWindow *parent, CsmSession *session)
{
  present (parent, session, true);
}
