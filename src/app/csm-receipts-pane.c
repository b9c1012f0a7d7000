/* csm-receipts-pane.c: the newest receipt, the time stamps, and what can be done with them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-receipts-pane.h"

#include "app/csm-receipt-dialog.h"
#include "review/csm-session-receipts.h"

#include <glib/gi18n.h>

#define GROUP 4 /* characters of a code that stand together */

struct _CsmReceiptsPane
{
  AdwBin parent_instance;

  /* Template children */
  GtkLabel *witness;
  GtkLabel *code;
  GtkLabel *about;
  GtkWidget *make;
  GtkWidget *request;
  GtkWidget *answer;
  GtkListBox *stamps;
  GtkWidget *no_stamps;

  /* Owned */
  CsmSession *session;

  bool reading;
  bool stale; /* the case has changed since it was read last */
};

G_DEFINE_FINAL_TYPE (CsmReceiptsPane, csm_receipts_pane, ADW_TYPE_BIN)

/* (transfer full): "O57B C4FH 6WKB URAY X6UW VSLD HD" */
static char *
group_code (const char *code)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; code[i] != '\0'; i++)
    {
      if (i > 0 && i % GROUP == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, code[i]);
    }
  return g_string_free (text, FALSE);
}

static void
show_newest (CsmReceiptsPane *self, const CsmReceipts *receipts)
{
  const CsmReceiptRow *row = receipts->receipts->len > 0 ? receipts->receipts->pdata[0] : NULL;
  g_autofree char *code = group_code (row != NULL ? row->code : "");
  g_autofree char *made = csm_time_describe (row != NULL ? row->made : 0);
  g_autofree char *about =
      row != NULL ? g_strdup_printf (
                        g_dngettext (GETTEXT_PACKAGE,
                                     /* Translators: a name, a date, a number */
                                     "Made by %s on %s, after %" G_GINT64_FORMAT " entry.",
                                     "Made by %s on %s, after %" G_GINT64_FORMAT " entries.",
                                     (unsigned long) row->n_entries),
                        row->author, made, row->n_entries)
                  : g_strdup (_ ("No receipt was made yet."));

  gtk_label_set_text (self->code, code);
  gtk_widget_set_visible (GTK_WIDGET (self->code), row != NULL);
  gtk_label_set_text (self->about, about);
}

static void
add_stamp (CsmReceiptsPane *self, const CsmStampRow *stamp)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *time = csm_time_describe (stamp->time);
  g_autofree char *code = group_code (stamp->code);
  g_autofree char *subtitle = g_strdup_printf ("%s\n%s", time, code);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), stamp->authority);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  gtk_list_box_append (self->stamps, row);
}

static void
show_stamps (CsmReceiptsPane *self, const CsmReceipts *receipts)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->stamps, 0)) != NULL)
    gtk_list_box_remove (self->stamps, GTK_WIDGET (row));
  for (unsigned i = 0; i < receipts->stamps->len; i++)
    add_stamp (self, receipts->stamps->pdata[i]);
  gtk_widget_set_visible (GTK_WIDGET (self->stamps), receipts->stamps->len > 0);
  gtk_widget_set_visible (self->no_stamps, receipts->stamps->len == 0);
}

static void
show (CsmReceiptsPane *self, const CsmReceipts *receipts)
{
  const bool writes = !csm_session_is_read_only (self->session) &&
                      csm_session_get_reviewer (self->session)[0] != '\0';
  g_autofree char *witness = csm_dating_describe_witness (&receipts->dating);
  g_autofree char *sentence = g_strconcat (witness, ".", NULL);

  gtk_label_set_text (self->witness, sentence);
  show_newest (self, receipts);
  show_stamps (self, receipts);
  gtk_widget_set_sensitive (self->make, writes);
  gtk_widget_set_sensitive (self->request, writes && receipts->receipts->len > 0);
  gtk_widget_set_sensitive (self->answer, writes && receipts->receipts->len > 0);
}

static void read_again (CsmReceiptsPane *self);

static void
read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmReceiptsPane) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipts) receipts =
      csm_session_read_receipts_finish (CSM_SESSION (object), result, &error);

  self->reading = false;
  if (self->session == NULL || csm_session_get_state (self->session) != CSM_SESSION_OPEN)
    return;
  if (receipts != NULL)
    show (self, receipts);
  else
    gtk_label_set_text (self->witness, error->message);
  read_again (self);
}

/* Reads while somebody looks, one reading at a time. */
static void
read_again (CsmReceiptsPane *self)
{
  if (!self->stale || self->reading || self->session == NULL ||
      !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->stale = false;
  self->reading = true;
  csm_session_read_receipts_async (self->session, read_cb, g_object_ref (self));
}

static void
ledger_changed_cb (CsmReceiptsPane *self)
{
  self->stale = true;
  read_again (self);
}

static void
present (CsmReceiptsPane *self, CsmReceiptUse use)
{
  csm_receipt_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                              self->session, use);
}

static void
make_cb (CsmReceiptsPane *self)
{
  present (self, CSM_RECEIPT_MAKE);
}

static void
request_cb (CsmReceiptsPane *self)
{
  present (self, CSM_RECEIPT_REQUEST);
}

static void
answer_cb (CsmReceiptsPane *self)
{
  present (self, CSM_RECEIPT_ANSWER);
}

static void
check_cb (CsmReceiptsPane *self)
{
  present (self, CSM_RECEIPT_CHECK);
}

void
csm_receipts_pane_set_session (CsmReceiptsPane *self, CsmSession *session)
{
  self->session = g_object_ref (session);
  g_signal_connect_object (csm_session_get_ledger (session), "items-changed",
                           G_CALLBACK (ledger_changed_cb), self, G_CONNECT_SWAPPED);
  ledger_changed_cb (self);
}

static void
csm_receipts_pane_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (csm_receipts_pane_parent_class)->map (widget);
  read_again (CSM_RECEIPTS_PANE (widget));
}

static void
csm_receipts_pane_dispose (GObject *object)
{
  CsmReceiptsPane *self = CSM_RECEIPTS_PANE (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_RECEIPTS_PANE);
  G_OBJECT_CLASS (csm_receipts_pane_parent_class)->dispose (object);
}

static void
csm_receipts_pane_class_init (CsmReceiptsPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_receipts_pane_dispose;
  widget_class->map = csm_receipts_pane_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-receipts-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, witness);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, code);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, about);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, make);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, request);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, answer);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, stamps);
  gtk_widget_class_bind_template_child (widget_class, CsmReceiptsPane, no_stamps);
  gtk_widget_class_bind_template_callback (widget_class, make_cb);
  gtk_widget_class_bind_template_callback (widget_class, request_cb);
  gtk_widget_class_bind_template_callback (widget_class, answer_cb);
  gtk_widget_class_bind_template_callback (widget_class, check_cb);
}

static void
csm_receipts_pane_init (CsmReceiptsPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
