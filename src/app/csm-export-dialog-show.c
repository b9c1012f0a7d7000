/* csm-export-dialog-show.c: what would leave, and what left
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-export-dialog-private.h"

#include "app/csm-dialog.h"
#include "app/csm-say.h"

#include <glib/gi18n.h>

/* --- before --- */

/* (transfer full) */
static char *
count_earlier (const CsmExportPreview *preview)
{
  return g_strdup_printf (ngettext ("%d earlier revision or removed mark",
                                    "%d earlier revisions and removed marks",
                                    (unsigned long) preview->n_superseded),
                          (int) preview->n_superseded);
}

static void
show_size (CsmExportDialog *self, int64_t bytes, int64_t free_space)
{
  g_autofree char *size = g_format_size ((guint64) bytes);
  g_autofree char *room = free_space >= 0 ? g_format_size ((guint64) free_space) : NULL;
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;

  /* Translators: %s is a size */
  title = g_strdup_printf (_ ("About %s"), size);
  if (room != NULL)
    /* Translators: %s is a size */
    subtitle = g_strdup_printf (
        free_space >= bytes ? _ ("%s are free there") : _ ("Only %s are free there"), room);
  csm_dialog_add_row (self->goes,
                      free_space < 0 || free_space >= bytes ? "drive-harddisk-symbolic"
                                                            : "dialog-warning-symbolic",
                      title, subtitle);
}

static void
show_goes (CsmExportDialog *self, const CsmExportPreview *preview, int64_t free_space)
{
  const CsmDossier *dossier = preview->dossier;
  g_autoptr (CsmSelection) selection = csm_export_dialog_dup_selection (self);
  g_autofree char *exhibits = g_strdup_printf (
      ngettext ("%d exhibit", "%d exhibits", (unsigned long) dossier->exhibits->len),
      (int) dossier->exhibits->len);
  g_autofree char *marks =
      g_strdup_printf (ngettext ("%d mark", "%d marks", (unsigned long) dossier->n_marks),
                       (int) dossier->n_marks);
  g_autofree char *entries =
      g_strdup_printf (ngettext ("%d entry of the ledger", "%d entries of the ledger",
                                 (unsigned long) dossier->n_entries),
                       (int) dossier->n_entries);

  csm_dialog_add_row (self->goes, "video-x-generic-symbolic", exhibits,
                      selection->files ? _ ("With the files as received")
                                       : _ ("Their hashes, without the files"));
  csm_dialog_add_row (self->goes, "user-bookmarks-symbolic", marks,
                      dossier->named ? _ ("With the names of their reviewers")
                                     : _ ("Reviewers are “Reviewer A”, “Reviewer B”"));
  csm_dialog_add_row (self->goes, "view-list-symbolic", entries,
                      _ ("What is withheld of them leaves its hash, so that the chain can be "
                         "checked"));
  if (preview->n_superseded > 0 && selection->superseded)
    {
      g_autofree char *earlier = count_earlier (preview);

      csm_dialog_add_row (self->goes, "document-open-recent-symbolic", earlier, NULL);
    }
  show_size (self, preview->bytes, free_space);
}

static void
show_stays (CsmExportDialog *self, const CsmExportPreview *preview)
{
  const GPtrArray *withheld = preview->dossier->withheld;

  for (guint i = 0; i < withheld->len; i++)
    {
      const CsmDossierWithheld *part = withheld->pdata[i];

      g_autofree char *what = csm_say_capital (part->what);
      g_autofree char *why = csm_say_capital (part->why);

      csm_dialog_add_row (self->stays, NULL, what, why);
    }
  if (preview->n_superseded > 0 && !gtk_check_button_get_active (self->superseded))
    {
      g_autofree char *earlier = count_earlier (preview);

      csm_dialog_add_row (self->stays, NULL, earlier,
                          _ ("Not asked for: go back to “What Is Said of It” to change that"));
    }
  gtk_widget_set_visible (self->stays_group,
                          gtk_list_box_get_row_at_index (self->stays, 0) != NULL);
}

void
csm_export_dialog_show_preview (const CsmExportPreview *preview,
                                int64_t free_space,
                                gpointer dialog)
{
  CsmExportDialog *self = dialog;

  if (self->session == NULL)
    return;
  csm_dialog_clear_rows (self->goes);
  csm_dialog_clear_rows (self->stays);
  csm_dialog_clear_rows (self->identifying);
  show_goes (self, preview, free_space);
  show_stays (self, preview);
  for (guint i = 0; i < preview->identifying->len; i++)
    csm_dialog_add_row (self->identifying, "dialog-warning-symbolic",
                        preview->identifying->pdata[i], NULL);
  gtk_widget_set_visible (self->identifying_group,
                          preview->identifying->len > 0 &&
                              gtk_check_button_get_active (self->files));
  gtk_check_button_set_active (self->confirm, FALSE);
  csm_export_dialog_show_step (self, CSM_EXPORT_PREVIEW);
}

/* --- after --- */

/* A row whose text can be selected, to be written down. */
static void
add_text (GtkListBox *list, const char *name, const char *text, bool monospace)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = gtk_label_new (name);
  GtkWidget *label = gtk_label_new (text);
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_widget_add_css_class (title, "caption");
  gtk_widget_add_css_class (title, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (monospace)
    gtk_widget_add_css_class (label, "monospace");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 9);
  gtk_widget_set_margin_bottom (box, 9);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  gtk_list_box_append (list, row);
}

/* A path that is no text is shown as well as it can be. */
static void
add_path (GtkListBox *list, const char *name, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  add_text (list, name, shown, false);
}

void
csm_export_dialog_show_result (const CsmExportReport *report,
                               const char *hand_over,
                               const char *problem,
                               gpointer dialog)
{
  CsmExportDialog *self = dialog;
  g_autofree char *size = g_format_size ((guint64) report->bytes);
  g_autofree char *files = g_strdup_printf (
      ngettext ("%d file", "%d files", (unsigned long) report->n_files), (int) report->n_files);
  g_autofree char *outcome = NULL;

  if (self->session == NULL)
    return;
  /* Translators: "The bundle was made and signed: 12 files, 3.4 MB." */
  outcome = g_strdup_printf (_ ("The bundle was made and signed: %s, %s."), files, size);
  gtk_label_set_text (self->outcome, outcome);
  csm_say (self->problem, problem);
  /* Not needed any more. */
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase), "");
  gtk_editable_set_text (GTK_EDITABLE (self->repeat), "");
  add_path (self->made_rows, _ ("Bundle"), report->path);
  if (hand_over != NULL)
    add_path (self->made_rows, _ ("Encrypted Copy"), hand_over);
  add_text (self->made_rows, _ ("Receipt Code"), report->receipt_code, true);
  add_text (self->made_rows, _ ("Signing Key in Words"), report->key_words, false);
  for (guint i = 0; i < report->notes->len; i++)
    csm_dialog_add_row (self->notes_rows, "dialog-information-symbolic",
                        report->notes->pdata[i], NULL);
  gtk_widget_set_visible (self->notes_group, report->notes->len > 0);
  csm_export_dialog_show_step (self, CSM_EXPORT_RESULT);
}
