/* csm-choice-list.c: a list in which any number of things is ticked
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-choice-list.h"

#define INDENT 18

/* --- a choice --- */

#define CSM_TYPE_CHOICE (csm_choice_get_type ())
G_DECLARE_FINAL_TYPE (CsmChoice, csm_choice, CSM, CHOICE, GObject)

struct _CsmChoice
{
  GObject parent_instance;

  char *key;
  char *label;
  int depth;
  bool chosen;
};

G_DEFINE_FINAL_TYPE (CsmChoice, csm_choice, G_TYPE_OBJECT)

static void
csm_choice_finalize (GObject *object)
{
  CsmChoice *self = CSM_CHOICE (object);

  g_free (self->key);
  g_free (self->label);
  G_OBJECT_CLASS (csm_choice_parent_class)->finalize (object);
}

static void
csm_choice_class_init (CsmChoiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = csm_choice_finalize;
}

static void
csm_choice_init (CsmChoice *self)
{
}

GObject *
csm_choice_new (const char *key, const char *label, int depth, bool chosen)
{
  CsmChoice *self = g_object_new (CSM_TYPE_CHOICE, NULL);

  self->key = g_strdup (key);
  self->label = g_strdup (label);
  self->depth = depth;
  self->chosen = chosen;
  return G_OBJECT (self);
}

/* --- the list --- */

struct _CsmChoiceList
{
  AdwBin parent_instance;

  /* Template children */
  GtkListView *view;

  /* Owned */
  GListStore *choices;
};

G_DEFINE_FINAL_TYPE (CsmChoiceList, csm_choice_list, ADW_TYPE_BIN)

enum { SIGNAL_CHANGED, N_SIGNALS };
static unsigned signals[N_SIGNALS];

static void
check_toggled_cb (GtkCheckButton *check, GtkListItem *item)
{
  CsmChoice *choice = gtk_list_item_get_item (item);
  GtkWidget *list = gtk_widget_get_ancestor (GTK_WIDGET (check), CSM_TYPE_CHOICE_LIST);

  if (choice == NULL || choice->chosen == gtk_check_button_get_active (check))
    return;
  choice->chosen = gtk_check_button_get_active (check);
  if (list != NULL)
    g_signal_emit (list, signals[SIGNAL_CHANGED], 0);
}

static void
setup_cb (CsmChoiceList *self, GtkListItem *item)
{
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), label);
  gtk_list_item_set_child (item, check);
  gtk_list_item_set_activatable (item, TRUE);
  g_signal_connect_object (check, "toggled", G_CALLBACK (check_toggled_cb), item, 0);
}

static void
bind_cb (CsmChoiceList *self, GtkListItem *item)
{
  CsmChoice *choice = gtk_list_item_get_item (item);
  GtkWidget *check = gtk_list_item_get_child (item);

  gtk_label_set_text (GTK_LABEL (gtk_check_button_get_child (GTK_CHECK_BUTTON (check))),
                      choice->label);
  gtk_widget_set_tooltip_text (check, choice->label);
  gtk_widget_set_margin_start (check, INDENT * choice->depth);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  choice->label, -1);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), choice->chosen);
}

/* Enter on a row. */
static void
activate_cb (CsmChoiceList *self, unsigned position)
{
  g_autoptr (CsmChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->choices), position);

  if (choice == NULL)
    return;
  choice->chosen = !choice->chosen;
  /* The row is bound again. */
  g_list_store_splice (self->choices, position, 1, (gpointer *) &choice, 1);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
csm_choice_list_dispose (GObject *object)
{
  CsmChoiceList *self = CSM_CHOICE_LIST (object);

  g_clear_object (&self->choices);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CHOICE_LIST);
  G_OBJECT_CLASS (csm_choice_list_parent_class)->dispose (object);
}

static void
csm_choice_list_class_init (CsmChoiceListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_choice_list_dispose;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-choice-list.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmChoiceList, view);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
csm_choice_list_init (CsmChoiceList *self)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->choices = g_list_store_new (CSM_TYPE_CHOICE);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->choices)));
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
}

void
csm_choice_list_fill (CsmChoiceList *self, const char *name, GPtrArray *choices)
{
  g_list_store_splice (self->choices, 0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->choices)), choices->pdata,
                       choices->len);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

GPtrArray *
csm_choice_list_dup_chosen (CsmChoiceList *self)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func (g_free);

  for (unsigned i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->choices)); i++)
    {
      g_autoptr (CsmChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->choices), i);

      if (choice->chosen)
        g_ptr_array_add (keys, g_strdup (choice->key));
    }
  return keys;
}
