/* csm-filter-bar.c: which of the case's marks are listed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-filter-bar.h"

#include <glib/gi18n.h>

/* One drop-down: what it shows, and the key of each row. Row 0 is "any". */
typedef struct
{
  GtkDropDown *drop;
  GPtrArray *keys; /* char *, NULL for any */
  char *chosen;    /* (nullable) */
} Choice;

enum {
  CHOICE_CODE,
  CHOICE_REVIEWER,
  CHOICE_EXHIBIT,
  N_CHOICES,
};

struct _CsmFilterBar
{
  AdwBin parent_instance;

  /* Template children */
  GtkMenuButton *button;
  GtkPopover *popover;
  GtkDropDown *code_drop;
  GtkDropDown *reviewer_drop;
  GtkDropDown *exhibit_drop;
  GtkLabel *label;
  GtkWidget *clear_button;

  /* Owned */
  CsmSession *session;

  Choice choices[N_CHOICES];
  bool filling; /* the lists change, not the choice */
};

G_DEFINE_FINAL_TYPE (CsmFilterBar, csm_filter_bar, ADW_TYPE_BIN)

bool
csm_filter_bar_is_active (CsmFilterBar *self)
{
  for (int i = 0; i < N_CHOICES; i++)
    if (self->choices[i].chosen != NULL)
      return true;
  return false;
}

/* --- filling --- */

static void
add_choice (Choice *choice, GtkStringList *list, const char *key, const char *label)
{
  gtk_string_list_append (list, label);
  g_ptr_array_add (choice->keys, g_strdup (key));
}

static void
add_codes (CsmFilterBar *self, GtkStringList *list)
{
  GListModel *codes = csm_session_get_codes (self->session);
  unsigned n = g_list_model_get_n_items (codes);

  add_choice (&self->choices[CHOICE_CODE], list, NULL, _ ("Any code"));
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmCodeItem) item = g_list_model_get_item (codes, i);
      const CsmCode *code = csm_code_item_get_record (item);

      add_choice (&self->choices[CHOICE_CODE], list, code->id, code->label);
    }
}

static void
add_reviewers (CsmFilterBar *self, GtkStringList *list)
{
  g_autoptr (GPtrArray) reviewers = csm_session_list_reviewers (self->session);

  add_choice (&self->choices[CHOICE_REVIEWER], list, NULL, _ ("Any reviewer"));
  for (unsigned i = 0; reviewers != NULL && i < reviewers->len; i++)
    {
      const CsmReviewer *reviewer = g_ptr_array_index (reviewers, i);

      add_choice (&self->choices[CHOICE_REVIEWER], list, reviewer->key, reviewer->name);
    }
}

static void
add_exhibits (CsmFilterBar *self, GtkStringList *list)
{
  GListModel *exhibits = csm_session_get_exhibits (self->session);
  unsigned n = g_list_model_get_n_items (exhibits);

  add_choice (&self->choices[CHOICE_EXHIBIT], list, NULL, _ ("Any exhibit"));
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmExhibitItem) item = g_list_model_get_item (exhibits, i);
      g_autofree char *label = NULL;

      g_object_get (item, "label", &label, NULL);
      add_choice (&self->choices[CHOICE_EXHIBIT], list,
                  csm_exhibit_item_get_record (item)->id.hex, label);
    }
}

static void
fill (CsmFilterBar *self, int which, void (*add) (CsmFilterBar *self, GtkStringList *list))
{
  Choice *choice = &self->choices[which];
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  unsigned selected = 0;

  g_ptr_array_set_size (choice->keys, 0);
  add (self, list);
  for (unsigned i = 0; choice->chosen != NULL && i < choice->keys->len; i++)
    if (g_strcmp0 (g_ptr_array_index (choice->keys, i), choice->chosen) == 0)
      selected = i;
  gtk_drop_down_set_model (choice->drop, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (choice->drop, selected);
}

static void
fill_all (CsmFilterBar *self)
{
  self->filling = true;
  fill (self, CHOICE_CODE, add_codes);
  fill (self, CHOICE_REVIEWER, add_reviewers);
  fill (self, CHOICE_EXHIBIT, add_exhibits);
  self->filling = false;
}

/* --- choosing --- */

static void
show_label (CsmFilterBar *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < N_CHOICES; i++)
    {
      GtkStringObject *row = gtk_drop_down_get_selected_item (self->choices[i].drop);

      if (self->choices[i].chosen == NULL || row == NULL)
        continue;
      if (text->len > 0)
        g_string_append (text, ", ");
      /* Names from the case may run in another direction than the sentence. */
      g_string_append_printf (text, "\u2068%s\u2069", gtk_string_object_get_string (row));
    }
  gtk_label_set_text (self->label, text->len > 0 ? text->str : _ ("All marks"));
  gtk_widget_set_visible (self->clear_button, csm_filter_bar_is_active (self));
}

static void
apply (CsmFilterBar *self)
{
  const char *exhibit_hex = self->choices[CHOICE_EXHIBIT].chosen;
  CsmId exhibit;

  show_label (self);
  csm_session_set_filter (
      self->session,
      exhibit_hex != NULL && csm_id_parse (exhibit_hex, &exhibit) ? &exhibit : NULL,
      self->choices[CHOICE_CODE].chosen, self->choices[CHOICE_REVIEWER].chosen);
  g_object_notify (G_OBJECT (self), "active");
}

static void
chosen_cb (CsmFilterBar *self)
{
  if (self->filling || self->session == NULL)
    return;
  for (int i = 0; i < N_CHOICES; i++)
    {
      Choice *choice = &self->choices[i];
      unsigned selected = gtk_drop_down_get_selected (choice->drop);

      g_free (choice->chosen);
      choice->chosen = selected < choice->keys->len
                           ? g_strdup (g_ptr_array_index (choice->keys, selected))
                           : NULL;
    }
  apply (self);
}

void
csm_filter_bar_set_code (CsmFilterBar *self, const char *code)
{
  for (int i = 0; i < N_CHOICES; i++)
    g_clear_pointer (&self->choices[i].chosen, g_free);
  self->choices[CHOICE_CODE].chosen = g_strdup (code);
  fill_all (self);
  apply (self);
}

void
csm_filter_bar_clear (CsmFilterBar *self)
{
  csm_filter_bar_set_code (self, NULL);
}

/* --- the widget --- */

void
csm_filter_bar_set_session (CsmFilterBar *self, CsmSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  /* Filled when it opens: a case can hold ten thousand exhibits. */
  g_signal_connect_object (self->popover, "show", G_CALLBACK (fill_all), self,
                           G_CONNECT_SWAPPED);
  show_label (self);
}

static void
csm_filter_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, csm_filter_bar_is_active (CSM_FILTER_BAR (object)));
}

static void
csm_filter_bar_dispose (GObject *object)
{
  CsmFilterBar *self = CSM_FILTER_BAR (object);

  g_clear_object (&self->session);
  for (int i = 0; i < N_CHOICES; i++)
    {
      g_clear_pointer (&self->choices[i].keys, g_ptr_array_unref);
      g_clear_pointer (&self->choices[i].chosen, g_free);
    }
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_FILTER_BAR);
  G_OBJECT_CLASS (csm_filter_bar_parent_class)->dispose (object);
}

static void
csm_filter_bar_class_init (CsmFilterBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = csm_filter_bar_get_property;
  object_class->dispose = csm_filter_bar_dispose;
  g_object_class_install_property (
      object_class, 1,
      g_param_spec_boolean ("active", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-filter-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmFilterBar, button);
  gtk_widget_class_bind_template_child (widget_class, CsmFilterBar, popover);
  gtk_widget_class_bind_template_child (widget_class, CsmFilterBar, code_drop);
  gtk_widget_class_bind_template_child (widget_class, CsmFilterBar, reviewer_drop);
  gtk_widget_class_bind_template_child (widget_class, CsmFilterBar, exhibit_drop);
  gtk_widget_class_bind_template_child (widget_class, CsmFilterBar, label);
  gtk_widget_class_bind_template_child (widget_class, CsmFilterBar, clear_button);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, csm_filter_bar_clear);
}

static void
csm_filter_bar_init (CsmFilterBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->choices[CHOICE_CODE].drop = self->code_drop;
  self->choices[CHOICE_REVIEWER].drop = self->reviewer_drop;
  self->choices[CHOICE_EXHIBIT].drop = self->exhibit_drop;
  for (int i = 0; i < N_CHOICES; i++)
    self->choices[i].keys = g_ptr_array_new_with_free_func (g_free);
}
