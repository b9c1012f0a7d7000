/* csm-export-dialog.c: a signed bundle out of the case, step by step
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-export-dialog-private.h"

#include "app/csm-dialog.h"
#include "app/csm-say.h"
#include "base/csm-passphrase.h"
#include "export/csm-age.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (CsmExportDialog, csm_export_dialog, ADW_TYPE_WINDOW)

static const struct
{
  const char *page;
  const char *title;
  const char *next;
} steps[CSM_EXPORT_N_STEPS] = {
  [CSM_EXPORT_WHAT] = { "what", N_ ("What Goes"), N_ ("Next") },
  [CSM_EXPORT_SAID] = { "said", N_ ("What Is Said of It"), N_ ("Next") },
  [CSM_EXPORT_MADE] = { "made", N_ ("What Is Made"), N_ ("Next") },
  [CSM_EXPORT_SEALED] = { "sealed", N_ ("Encrypted Copy"), N_ ("Next") },
  [CSM_EXPORT_WHERE] = { "where", N_ ("Where It Goes"), N_ ("Preview") },
  [CSM_EXPORT_PREVIEW] = { "preview", N_ ("Before It Leaves"), N_ ("Export") },
  [CSM_EXPORT_PROGRESS] = { "progress", "", NULL },
  [CSM_EXPORT_RESULT] = { "result", "", N_ ("Done") },
};

static const char *
text_of (gpointer editable)
{
  return gtk_editable_get_text (GTK_EDITABLE (editable));
}

static bool
is_ticked (GtkCheckButton *check)
{
  return gtk_check_button_get_active (check);
}

/* --- what was chosen --- */

/* (transfer full): what the entry holds, between spaces, commas and lines. */
static char **
split_recipients (CsmExportDialog *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (text_of (self->recipients), " ,;\t\n", -1);

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_strv_builder_add (builder, *part);
  return g_strv_builder_end (builder);
}

static bool
are_recipients (char **recipients)
{
  for (char **text = recipients; *text != NULL; text++)
    if (!csm_age_is_recipient (*text))
      return false;
  return recipients[0] != NULL;
}

static void
take_chosen (CsmExportDialog *self, CsmSelection *selection)
{
  g_autoptr (GPtrArray) keys = csm_choice_list_dup_chosen (self->choices);

  for (guint i = 0; i < keys->len; i++)
    {
      CsmId id;

      if (is_ticked (self->scope_codes))
        g_ptr_array_add (selection->codes, g_strdup (keys->pdata[i]));
      else if (is_ticked (self->scope_reviewers))
        g_ptr_array_add (selection->authors, g_strdup (keys->pdata[i]));
      else if (csm_id_parse (keys->pdata[i], &id))
        g_ptr_array_add (selection->exhibits, g_memdup2 (&id, sizeof id));
    }
}

CsmSelection *
csm_export_dialog_dup_selection (CsmExportDialog *self)
{
  CsmSelection *selection = csm_selection_new ();

  if (!is_ticked (self->scope_case))
    take_chosen (self, selection);
  selection->names = is_ticked (self->names);
  selection->acquisition = is_ticked (self->acquisition);
  selection->notes = is_ticked (self->notes);
  selection->superseded = is_ticked (self->superseded);
  selection->access = is_ticked (self->access);
  selection->files = is_ticked (self->files);
  selection->stills = is_ticked (self->stills);
  selection->captions = is_ticked (self->stills) && is_ticked (self->captions);
  selection->clips = (CsmClips) adw_combo_row_get_selected (self->clips);
  selection->report = is_ticked (self->report);
  return selection;
}

/* --- whether the next step can come --- */

static bool
has_scope (CsmExportDialog *self)
{
  g_autoptr (GPtrArray) keys = csm_choice_list_dup_chosen (self->choices);

  return is_ticked (self->scope_case) || keys->len > 0;
}

static bool
has_way_to_open (CsmExportDialog *self)
{
  g_auto (GStrv) recipients = split_recipients (self);

  if (is_ticked (self->hand_over_key))
    return are_recipients (recipients);
  if (is_ticked (self->hand_over_passphrase))
    return text_of (self->passphrase)[0] != '\0' &&
           g_str_equal (text_of (self->passphrase), text_of (self->repeat));
  return true;
}

static bool
can_go_on (CsmExportDialog *self)
{
  switch (self->at)
    {
    case CSM_EXPORT_WHAT:
      return has_scope (self);
    case CSM_EXPORT_SEALED:
      return has_way_to_open (self);
    case CSM_EXPORT_WHERE:
      return text_of (self->location)[0] != '\0';
    case CSM_EXPORT_PREVIEW:
      return !gtk_widget_get_visible (self->identifying_group) || is_ticked (self->confirm);
    default:
      return true;
    }
}

static void
update_next (CsmExportDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->next), can_go_on (self));
}

void
csm_export_dialog_show_step (CsmExportDialog *self, CsmExportStep step)
{
  const bool ended = step == CSM_EXPORT_RESULT;

  self->at = step;
  csm_dialog_show_page (GTK_WINDOW (self), self->steps, steps[step].page);
  adw_window_title_set_subtitle (self->heading,
                                 steps[step].title[0] != '\0' ? _ (steps[step].title) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->cancel), !ended);
  gtk_widget_set_visible (GTK_WIDGET (self->back),
                          step > CSM_EXPORT_WHAT && step <= CSM_EXPORT_PREVIEW);
  gtk_widget_set_visible (GTK_WIDGET (self->next), steps[step].next != NULL);
  if (steps[step].next != NULL)
    gtk_button_set_label (self->next, _ (steps[step].next));
  update_next (self);
  gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (self->next));
  (void) gtk_widget_child_focus (GTK_WIDGET (self->steps), GTK_DIR_TAB_FORWARD);
}

/* --- what goes --- */

static void
add_exhibits (CsmExportDialog *self, GPtrArray *choices)
{
  GListModel *exhibits = csm_session_get_exhibits (self->session);
  CsmExhibitItem *selected = csm_session_get_selected (self->session);

  for (unsigned i = 0; i < g_list_model_get_n_items (exhibits); i++)
    {
      g_autoptr (CsmExhibitItem) item = g_list_model_get_item (exhibits, i);
      g_autofree char *label = NULL;

      g_object_get (item, "label", &label, NULL);
      g_ptr_array_add (choices, csm_choice_new (csm_exhibit_item_get_record (item)->id.hex,
                                                label, 0, item == selected));
    }
}

static void
add_codes (CsmExportDialog *self, GPtrArray *choices)
{
  GListModel *codes = csm_session_get_codes (self->session);

  for (unsigned i = 0; i < g_list_model_get_n_items (codes); i++)
    {
      g_autoptr (CsmCodeItem) item = g_list_model_get_item (codes, i);
      const CsmCode *code = csm_code_item_get_record (item);

      int depth;

      g_object_get (item, "depth", &depth, NULL);
      g_ptr_array_add (choices, csm_choice_new (code->id, code->label, depth, false));
    }
}

static void
add_reviewers (CsmExportDialog *self, GPtrArray *choices)
{
  g_autoptr (GPtrArray) reviewers = csm_session_list_reviewers (self->session);

  for (guint i = 0; reviewers != NULL && i < reviewers->len; i++)
    {
      const CsmReviewer *reviewer = reviewers->pdata[i];

      g_ptr_array_add (choices, csm_choice_new (reviewer->key, reviewer->name, 0, false));
    }
}

static void
scope_changed_cb (CsmExportDialog *self, GtkCheckButton *check)
{
  g_autoptr (GPtrArray) choices = g_ptr_array_new_with_free_func (g_object_unref);
  const char *name = _ ("Exhibits");

  if (!is_ticked (check) || self->session == NULL)
    return;
  if (is_ticked (self->scope_exhibits))
    add_exhibits (self, choices);
  else if (is_ticked (self->scope_codes))
    {
      name = _ ("Codes");
      add_codes (self, choices);
    }
  else if (is_ticked (self->scope_reviewers))
    {
      name = _ ("Reviewers");
      add_reviewers (self, choices);
    }
  csm_choice_list_fill (self->choices, name, choices);
  gtk_widget_set_visible (self->choices_group, !is_ticked (self->scope_case));
  update_next (self);
}

static void
choice_changed_cb (CsmExportDialog *self)
{
  update_next (self);
}

/* --- what is made --- */

static void
stills_changed_cb (CsmExportDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->captions), is_ticked (self->stills));
}

static void
hand_over_field_changed_cb (CsmExportDialog *self)
{
  g_auto (GStrv) recipients = split_recipients (self);
  const char *typed = text_of (self->passphrase);
  const char *again = text_of (self->repeat);
  const char *hint = NULL;

  if (is_ticked (self->hand_over_key) && recipients[0] != NULL && !are_recipients (recipients))
    hint = _ ("This is no key: it begins with “age1” and has 62 characters.");
  else if (is_ticked (self->hand_over_passphrase) && again[0] != '\0' &&
           !g_str_equal (typed, again))
    hint = _ ("The two are not the same.");
  else if (is_ticked (self->hand_over_passphrase) && typed[0] != '\0' &&
           csm_passphrase_is_weak (typed))
    hint = _ ("This passphrase can be guessed by machine. Six random words are safe.");
  csm_say (self->hand_over_hint, hint);
  update_next (self);
}

static void
hand_over_changed_cb (CsmExportDialog *self)
{
  const bool by_passphrase = is_ticked (self->hand_over_passphrase);

  gtk_widget_set_visible (GTK_WIDGET (self->recipients), is_ticked (self->hand_over_key));
  gtk_widget_set_visible (GTK_WIDGET (self->passphrase), by_passphrase);
  gtk_widget_set_visible (GTK_WIDGET (self->repeat), by_passphrase);
  hand_over_field_changed_cb (self);
}

/* --- where --- */

static void
location_changed_cb (CsmExportDialog *self)
{
  csm_say (self->error, NULL);
  update_next (self);
}

static void
browse_cb (CsmExportDialog *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = g_date_time_format (now, "bundle-%Y-%m-%d");

  g_clear_object (&self->chooser);
  self->chooser = csm_dialog_browse (GTK_WINDOW (self), self->location,
                                     GTK_FILE_CHOOSER_ACTION_SAVE, _ ("New Folder"), name);
}

/* --- the jobs --- */

static void
step_changed_cb (CsmExportDialog *self)
{
  g_autofree char *detail = NULL;

  g_object_get (self->job, "detail", &detail, NULL);
  gtk_label_set_text (self->step, detail);
}

static void
job_state_changed_cb (CsmExportDialog *self)
{
  const CsmJobState state = csm_job_get_state (self->job);
  g_autofree char *sentence = NULL;

  if (state == CSM_JOB_RUNNING)
    return;
  if (state != CSM_JOB_DONE)
    {
      /* Back to where it can be said what to change. */
      sentence = csm_dialog_dup_outcome (self->job);
      csm_export_dialog_show_step (self, CSM_EXPORT_WHERE);
      csm_say (self->error, sentence);
    }
  g_clear_object (&self->job);
}

/* Takes @job. */
static void
follow (CsmExportDialog *self, CsmJob *job, const char *verdict)
{
  /* The case is closing. */
  if (job == NULL)
    return;
  self->job = job;
  csm_dialog_show_fraction (self->progress, job);
  g_signal_connect_object (job, "notify::detail", G_CALLBACK (step_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (job_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_text (self->verdict, verdict);
  gtk_label_set_text (self->step, "");
  csm_export_dialog_show_step (self, CSM_EXPORT_PROGRESS);
}

static void
start_preview (CsmExportDialog *self)
{
  follow (self,
          csm_session_preview_export (self->session, csm_export_dialog_dup_selection (self),
                                      text_of (self->location), csm_export_dialog_show_preview,
                                      g_object_ref (self), g_object_unref),
          _ ("Looking at what would leave…"));
}

static void
start_export (CsmExportDialog *self)
{
  g_auto (GStrv) recipients = split_recipients (self);
  const char *typed = text_of (self->passphrase);
  g_autoptr (CsmSecret) passphrase = is_ticked (self->hand_over_passphrase)
                                         ? csm_secret_new_from (typed, strlen (typed))
                                         : NULL;
  CsmJob *job;
  const CsmSessionHandOver hand_over = {
    is_ticked (self->hand_over_key) ? (const char *const *) recipients : NULL, passphrase
  };

  job = csm_session_export (self->session, csm_export_dialog_dup_selection (self),
                            text_of (self->location), &hand_over, csm_export_dialog_show_result,
                            g_object_ref (self), g_object_unref);
  follow (self, job != NULL ? g_object_ref (job) : NULL, _ ("Writing the bundle…"));
}

/* --- going on --- */

static void
next_cb (CsmExportDialog *self)
{
  if (!can_go_on (self))
    return;
  if (self->at == CSM_EXPORT_WHERE)
    start_preview (self);
  else if (self->at == CSM_EXPORT_PREVIEW)
    start_export (self);
  else if (self->at == CSM_EXPORT_RESULT)
    gtk_window_close (GTK_WINDOW (self));
  else
    csm_export_dialog_show_step (self, self->at + 1);
}

static void
back_cb (CsmExportDialog *self)
{
  if (self->at > CSM_EXPORT_WHAT && self->at <= CSM_EXPORT_PREVIEW)
    csm_export_dialog_show_step (self, self->at - 1);
}

static void
confirm_changed_cb (CsmExportDialog *self)
{
  update_next (self);
}

/* What runs is stopped, and the step before it comes back; else the dialog goes. */
static void
cancel_cb (CsmExportDialog *self)
{
  if (self->job != NULL)
    csm_job_cancel (self->job);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
session_state_changed_cb (CsmExportDialog *self)
{
  if (csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
csm_export_dialog_close_request (GtkWindow *window)
{
  CsmExportDialog *self = CSM_EXPORT_DIALOG (window);

  if (self->job != NULL)
    csm_job_cancel (self->job);
  /* GTK 4.8: a password entry that dies with the focus still listens to it. */
  gtk_window_set_focus (window, NULL);
  return GTK_WINDOW_CLASS (csm_export_dialog_parent_class)->close_request (window);
}

static void
csm_export_dialog_dispose (GObject *object)
{
  CsmExportDialog *self = CSM_EXPORT_DIALOG (object);

  g_clear_object (&self->session);
  if (self->job != NULL)
    csm_job_cancel (self->job);
  g_clear_object (&self->job);
  g_clear_object (&self->chooser);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_EXPORT_DIALOG);
  G_OBJECT_CLASS (csm_export_dialog_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, back);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, next);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, scope_case);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, scope_exhibits);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, scope_codes);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, scope_reviewers);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, choices_group);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, choices);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, names);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, acquisition);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, notes);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, superseded);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, access);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, files);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, stills);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, captions);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, report);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, clips);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, hand_over_none);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, hand_over_key);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, hand_over_passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, recipients);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, repeat);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, hand_over_hint);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, location);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, error);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, goes);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, stays);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, identifying);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, stays_group);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, identifying_group);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, confirm);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, verdict);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, step);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, outcome);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, made_rows);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, notes_rows);
  gtk_widget_class_bind_template_child (widget_class, CsmExportDialog, notes_group);
}

static void
csm_export_dialog_class_init (CsmExportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (CSM_TYPE_CHOICE_LIST);
  G_OBJECT_CLASS (klass)->dispose = csm_export_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = csm_export_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-export-dialog.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, scope_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, choice_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stills_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, hand_over_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, hand_over_field_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, location_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_bind_template_callback (widget_class, confirm_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
csm_export_dialog_init (CsmExportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
csm_export_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmExportDialog *self = g_object_new (CSM_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_state_changed_cb),
                           self, G_CONNECT_SWAPPED);
  csm_export_dialog_show_step (self, CSM_EXPORT_WHAT);
  gtk_window_present (GTK_WINDOW (self));
}
