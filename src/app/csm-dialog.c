/* csm-dialog.c: what dialogs with steps, jobs and findings share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-dialog.h"

#include "app/csm-say.h"

#include <glib/gi18n.h>

void
csm_dialog_show_page (GtkWindow *window, GtkStack *pages, const char *name)
{
  g_autoptr (GtkSelectionModel) list = gtk_stack_get_pages (pages);
  GtkWidget *shown = gtk_stack_get_child_by_name (pages, name);

  gtk_window_set_focus (window, NULL);
  gtk_widget_set_visible (shown, TRUE);
  gtk_stack_set_visible_child (pages, shown);
  for (unsigned i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (GObject) page = g_list_model_get_item (G_LIST_MODEL (list), i);
      GtkWidget *child = gtk_stack_page_get_child (GTK_STACK_PAGE (page));

      gtk_widget_set_visible (child, child == shown);
    }
}

/* --- choosing --- */

static void
browse_response_cb (GtkFileChooserNative *chooser, int response, gpointer data)
{
  g_autoptr (GFile) file = NULL;
  const char *path;

  if (response != GTK_RESPONSE_ACCEPT)
    return;
  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  path = file != NULL ? g_file_peek_path (file) : NULL;
  if (path != NULL)
    gtk_editable_set_text (GTK_EDITABLE (data), path);
}

GtkFileChooserNative *
csm_dialog_browse (GtkWindow *window,
                   GtkEntry *entry,
                   GtkFileChooserAction action,
                   const char *title,
                   const char *name)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (title, window, action, _ ("Choose"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (browse_response_cb), entry, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
  return chooser;
}

/* --- jobs --- */

static void
fraction_changed_cb (GtkProgressBar *bar, GParamSpec *pspec, CsmJob *job)
{
  const double fraction = csm_job_get_fraction (job);

  if (fraction < 0)
    gtk_progress_bar_pulse (bar);
  else
    gtk_progress_bar_set_fraction (bar, fraction);
}

void
csm_dialog_show_fraction (GtkProgressBar *bar, CsmJob *job)
{
  gtk_progress_bar_set_fraction (bar, 0);
  g_signal_connect_object (job, "notify::fraction", G_CALLBACK (fraction_changed_cb), bar,
                           G_CONNECT_SWAPPED);
}

bool
csm_dialog_has_failed (CsmJob *job, GtkLabel *verdict, GtkProgressBar *bar, GtkButton *cancel)
{
  const CsmJobState state = csm_job_get_state (job);

  if (state != CSM_JOB_DONE)
    return state != CSM_JOB_RUNNING;
  gtk_label_set_text (verdict, csm_job_get_outcome (job));
  gtk_widget_set_visible (GTK_WIDGET (bar), FALSE);
  gtk_button_set_label (cancel, _ ("Done"));
  return false;
}

char *
csm_dialog_dup_outcome (CsmJob *job)
{
  return csm_say_sentence (csm_job_get_outcome (job));
}

/* --- rows --- */

GtkWidget *
csm_dialog_add_row (GtkListBox *list,
                    const char *icon_name,
                    const char *title,
                    const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  if (icon_name != NULL)
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon_name));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 8);
  gtk_list_box_append (list, row);
  return row;
}

void
csm_dialog_add_finding (GtkListBox *list,
                        CsmFindingKind kind,
                        const char *where,
                        const char *what)
{
  static const struct
  {
    const char *icon;
    const char *style;
  } looks[] = {
    [CSM_FINDING_HOLDS] = { "object-select-symbolic", "success" },
    [CSM_FINDING_NOTE] = { "dialog-information-symbolic", "dim-label" },
    [CSM_FINDING_BROKEN] = { "dialog-error-symbolic", "error" },
  };
  GtkWidget *row = csm_dialog_add_row (list, NULL, where, what);
  GtkWidget *icon = gtk_image_new_from_icon_name (looks[kind].icon);

  gtk_widget_add_css_class (icon, looks[kind].style);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
}

void
csm_dialog_clear_rows (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
}
