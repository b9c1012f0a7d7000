/* csm-code-entry.c: an entry that completes to a code of the codebook
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-code-entry.h"

#include "app/csm-code-row.h"

#include <string.h>

#define MAX_OFFER 6

struct _CsmCodeEntry
{
  AdwBin parent_instance;

  /* Template children */
  GtkEntry *entry;
  GtkPopover *popover;
  GtkListBox *list;

  /* Owned */
  CsmSession *session;
  GtkFilter *filter;
  GListModel *offer; /* the first of those that match */
  char *words;       /* what was typed, folded */

  bool setting; /* the text is set, not typed */
};

G_DEFINE_FINAL_TYPE (CsmCodeEntry, csm_code_entry, ADW_TYPE_BIN)

/* --- matching --- */

static char *
fold (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  return g_utf8_casefold (stripped, -1);
}

static gboolean
match_code (gpointer item, gpointer data)
{
  CsmCodeEntry *self = data;
  const CsmCode *code = csm_code_item_get_record (item);
  g_autofree char *label = g_utf8_casefold (code->label, -1);

  return self->words == NULL || strstr (label, self->words) != NULL ||
         strstr (code->id, self->words) != NULL;
}

static CsmCodeItem *
find_code (CsmCodeEntry *self, const char *text)
{
  GListModel *codes = csm_session_get_codes (self->session);
  unsigned n = g_list_model_get_n_items (codes);
  g_autofree char *words = fold (text);
  CsmCodeItem *by_label = NULL;

  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmCodeItem) item = g_list_model_get_item (codes, i);
      const CsmCode *code = csm_code_item_get_record (item);
      g_autofree char *label = fold (code->label);

      if (g_str_equal (code->id, words))
        return item;
      if (by_label == NULL && g_str_equal (label, words))
        by_label = item;
    }
  return by_label;
}

/* --- the offer --- */

static void
hide_offer (CsmCodeEntry *self)
{
  gtk_popover_popdown (self->popover);
}

static void
show_offer (CsmCodeEntry *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self->entry));

  gtk_list_box_unselect_all (self->list);
  if (g_list_model_get_n_items (self->offer) == 0)
    {
      hide_offer (self);
      return;
    }
  gtk_widget_set_size_request (GTK_WIDGET (self->popover), MAX (width, 260), -1);
  gtk_popover_popup (self->popover);
  /* The entry around it does not know that it may need another size now. */
  gtk_popover_present (self->popover);
  /* Enter takes the first, unless what is typed is a code already. */
  if (find_code (self, gtk_editable_get_text (GTK_EDITABLE (self->entry))) == NULL)
    gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, 0));
}

static void
set_text (CsmCodeEntry *self, const char *text)
{
  self->setting = true;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  self->setting = false;
}

static void
choose (CsmCodeEntry *self, GtkListBoxRow *row)
{
  g_autoptr (CsmCodeItem) item =
      g_list_model_get_item (self->offer, gtk_list_box_row_get_index (row));

  if (item == NULL)
    return;
  set_text (self, csm_code_item_get_record (item)->label);
  hide_offer (self);
  g_signal_emit_by_name (self, "changed");
}

static void
entry_changed_cb (CsmCodeEntry *self)
{
  if (self->setting || self->session == NULL)
    return;
  g_free (self->words);
  self->words = fold (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  if (*self->words != '\0' && gtk_widget_get_mapped (GTK_WIDGET (self->entry)) &&
      gtk_widget_get_state_flags (GTK_WIDGET (self->entry)) & GTK_STATE_FLAG_FOCUS_WITHIN)
    show_offer (self);
  else
    hide_offer (self);
  g_signal_emit_by_name (self, "changed");
}

static void
move_selection (CsmCodeEntry *self, int step)
{
  int n = g_list_model_get_n_items (self->offer);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  int selected = row != NULL ? gtk_list_box_row_get_index (row) + step : step > 0 ? 0 : n - 1;

  if (n > 0)
    gtk_list_box_select_row (self->list,
                             gtk_list_box_get_row_at_index (self->list, (selected + n) % n));
}

static gboolean
entry_key_cb (CsmCodeEntry *self, guint keyval)
{
  bool open = gtk_widget_get_visible (GTK_WIDGET (self->popover));
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (self->list);

  switch (keyval)
    {
    case GDK_KEY_Down:
    case GDK_KEY_Up:
      if (!open)
        show_offer (self);
      move_selection (self, keyval == GDK_KEY_Down ? 1 : -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (!open || selected == NULL)
        return GDK_EVENT_PROPAGATE;
      choose (self, selected);
      g_signal_emit_by_name (self, "activate");
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      if (!open)
        return GDK_EVENT_PROPAGATE;
      hide_offer (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
entry_leave_cb (CsmCodeEntry *self)
{
  hide_offer (self);
}

static void
entry_activate_cb (CsmCodeEntry *self)
{
  hide_offer (self);
  g_signal_emit_by_name (self, "activate");
}

static void
list_activate_cb (CsmCodeEntry *self, GtkListBoxRow *row)
{
  choose (self, row);
}

/* --- the widget --- */

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row),
                              g_object_new (CSM_TYPE_CODE_ROW, "item", item, NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  csm_code_item_get_record (item)->label, -1);
  return row;
}

void
csm_code_entry_set_session (CsmCodeEntry *self, CsmSession *session)
{
  GtkFilterListModel *filtered;

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  self->filter = GTK_FILTER (gtk_custom_filter_new (match_code, self, NULL));
  filtered = gtk_filter_list_model_new (g_object_ref (csm_session_get_codes (session)),
                                        g_object_ref (self->filter));
  self->offer = G_LIST_MODEL (gtk_slice_list_model_new (G_LIST_MODEL (filtered), 0, MAX_OFFER));
  gtk_list_box_bind_model (self->list, self->offer, make_row, NULL, NULL);
}

void
csm_code_entry_set_code (CsmCodeEntry *self, const char *id)
{
  CsmCodeItem *item = id != NULL ? find_code (self, id) : NULL;

  set_text (self, item != NULL ? csm_code_item_get_record (item)->label : id != NULL ? id : "");
  hide_offer (self);
}

const char *
csm_code_entry_get_text (CsmCodeEntry *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

char *
csm_code_entry_dup_code (CsmCodeEntry *self)
{
  CsmCodeItem *item = find_code (self, csm_code_entry_get_text (self));

  return item != NULL ? g_strdup (csm_code_item_get_record (item)->id) : NULL;
}

static gboolean
csm_code_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (CSM_CODE_ENTRY (widget)->entry));
}

static void
csm_code_entry_dispose (GObject *object)
{
  CsmCodeEntry *self = CSM_CODE_ENTRY (object);

  /* The filter calls back into this widget. */
  if (self->list != NULL)
    gtk_list_box_bind_model (g_steal_pointer (&self->list), NULL, NULL, NULL, NULL);
  /* It hangs on the entry, which does not know it. */
  if (self->popover != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->popover)));
  g_clear_object (&self->session);
  g_clear_object (&self->filter);
  g_clear_object (&self->offer);
  g_clear_pointer (&self->words, g_free);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CODE_ENTRY);
  G_OBJECT_CLASS (csm_code_entry_parent_class)->dispose (object);
}

static void
add_signal (const char *name)
{
  g_signal_new (name, CSM_TYPE_CODE_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

static void
csm_code_entry_class_init (CsmCodeEntryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_code_entry_dispose;
  widget_class->grab_focus = csm_code_entry_grab_focus;
  add_signal ("changed");
  add_signal ("activate");
  g_type_ensure (CSM_TYPE_CODE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-code-entry.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmCodeEntry, entry);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeEntry, popover);
  gtk_widget_class_bind_template_child (widget_class, CsmCodeEntry, list);
  gtk_widget_class_bind_template_callback (widget_class, entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, entry_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, entry_leave_cb);
  gtk_widget_class_bind_template_callback (widget_class, entry_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, list_activate_cb);
}

static void
csm_code_entry_init (CsmCodeEntry *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
