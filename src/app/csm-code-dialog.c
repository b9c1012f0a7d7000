/* csm-code-dialog.c: a new code for the codebook
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-code-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmCodeDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkEditable *label_entry;
  GtkEditable *id_entry;
  GtkDropDown *parent_drop;
  GtkTextView *definition_view;
  GtkEditable *source_entry;
  GtkLabel *error_label;
  GtkWidget *add_button;

  /* Owned */
  CsmSession *session;
  GPtrArray *parents; /* ids, by row; NULL for none */

  bool id_typed;   /* the reviewer chose the id: it no longer follows the label */
  bool suggesting; /* the id is set, not typed */
};

G_DEFINE_FINAL_TYPE (CsmCodeDialog, csm_code_dialog, ADW_TYPE_WINDOW)

static void
set_error (CsmCodeDialog *self, const char *message)
{
  gtk_label_set_text (self->error_label, message != NULL ? message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), message != NULL);
}

static void
update_actions (CsmCodeDialog *self)
{
  gtk_widget_set_sensitive (self->add_button,
                            *gtk_editable_get_text (self->label_entry) != '\0' &&
                                *gtk_editable_get_text (self->id_entry) != '\0');
}

/* (transfer full): "Tear gas" is "tear-gas"; what is not Latin is spelled by its ASCII form. */
static char *
suggest_id (const char *label)
{
  g_autofree char *ascii = g_str_to_ascii (label, NULL);
  GString *id = g_string_new (NULL);

  for (const char *at = ascii; *at != '\0'; at++)
    {
      if (g_ascii_isalnum (*at))
        g_string_append_c (id, g_ascii_tolower (*at));
      else if (id->len > 0 && id->str[id->len - 1] != '-' && *at != '?')
        g_string_append_c (id, '-');
    }
  while (id->len > 0 && id->str[id->len - 1] == '-')
    g_string_truncate (id, id->len - 1);
  return g_string_free (id, FALSE);
}

static void
label_changed_cb (CsmCodeDialog *self)
{
  g_autofree char *id = suggest_id (gtk_editable_get_text (self->label_entry));

  if (!self->id_typed)
    {
      self->suggesting = true;
      gtk_editable_set_text (self->id_entry, id);
      self->suggesting = false;
    }
  set_error (self, NULL);
  update_actions (self);
}

static void
id_changed_cb (CsmCodeDialog *self)
{
  if (!self->suggesting)
    self->id_typed = *gtk_editable_get_text (self->id_entry) != '\0';
  set_error (self, NULL);
  update_actions (self);
}

static bool
is_taken (CsmCodeDialog *self, const char *id)
{
  for (unsigned i = 0; i < self->parents->len; i++)
    if (g_strcmp0 (g_ptr_array_index (self->parents, i), id) == 0)
      return true;
  return false;
}

static bool
is_well_formed (const char *id)
{
  return *id != '\0' && id[strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmCodeDialog) self = data;
  g_autoptr (GError) error = NULL;

  bool saved = csm_session_set_code_finish (CSM_SESSION (object), result, &error);

  if (self->session == NULL) /* it was closed meanwhile */
    return;
  if (saved)
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  set_error (self, error->message);
  update_actions (self);
}

static char *
dup_definition (CsmCodeDialog *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->definition_view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
add_clicked_cb (CsmCodeDialog *self)
{
  unsigned parent = gtk_drop_down_get_selected (self->parent_drop);
  const char *id = gtk_editable_get_text (self->id_entry);
  g_autofree char *definition = dup_definition (self);
  CsmCode code = {
    .id = (char *) id,
    .label = (char *) gtk_editable_get_text (self->label_entry),
    .definition = definition,
    .source = (char *) gtk_editable_get_text (self->source_entry),
    .parent = parent < self->parents->len ? g_ptr_array_index (self->parents, parent) : NULL,
  };

  if (!gtk_widget_get_sensitive (self->add_button))
    return;
  if (!is_well_formed (id))
    {
      set_error (self, _ ("An id is made of the letters a to z, digits and hyphens."));
      return;
    }
  if (is_taken (self, id))
    {
      set_error (self, _ ("The codebook has a code with this id."));
      return;
    }
  gtk_widget_set_sensitive (self->add_button, FALSE);
  csm_session_set_code (self->session, &code, saved_cb, g_object_ref (self));
}

static void
fill_parents (CsmCodeDialog *self)
{
  GListModel *codes = csm_session_get_codes (self->session);
  unsigned n = g_list_model_get_n_items (codes);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  gtk_string_list_append (list, _ ("None"));
  g_ptr_array_add (self->parents, NULL);
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmCodeItem) item = g_list_model_get_item (codes, i);
      const CsmCode *code = csm_code_item_get_record (item);

      gtk_string_list_append (list, code->label);
      g_ptr_array_add (self->parents, g_strdup (code->id));
    }
  gtk_drop_down_set_model (self->parent_drop, G_LIST_MODEL (list));
}

static void
csm_code_dialog_dispose (GObject *object)
{
  CsmCodeDialog *self = CSM_CODE_DIALOG (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->parents, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CODE_DIALOG);
  G_OBJECT_CLASS (csm_code_dialog_parent_class)->dispose (object);
}

static void
csm_code_dialog_class_init (CsmCodeDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_code_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-code-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmCodeDialog, label_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeDialog, id_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeDialog, parent_drop);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeDialog, definition_view);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeDialog, source_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeDialog, add_button);
  gtk_widget_class_bind_template_callback (widget_class, label_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, id_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_clicked_cb);
}

static void
csm_code_dialog_init (CsmCodeDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->parents = g_ptr_array_new_with_free_func (g_free);
}

void
csm_code_dialog_present (GtkWindow *parent, CsmSession *session)
{
  CsmCodeDialog *self = g_object_new (CSM_TYPE_CODE_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  fill_parents (self);
  update_actions (self);
  gtk_window_present (GTK_WINDOW (self));
}
