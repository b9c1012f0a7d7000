/* csm-ledger-page.c: the ledger, readable, newest first
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-ledger-page.h"

#include "app/csm-item-row.h"

struct _CsmLedgerPage
{
  AdwBin parent_instance;

  /* Template children */
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (CsmLedgerPage, csm_ledger_page, ADW_TYPE_BIN)

void
csm_ledger_page_set_session (CsmLedgerPage *self, CsmSession *session)
{
  GtkSingleSelection *selection = gtk_single_selection_new (NULL);

  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_single_selection_set_model (selection, csm_session_get_ledger (session));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
}

static void
csm_ledger_page_map (GtkWidget *widget)
{
  CsmLedgerPage *self = CSM_LEDGER_PAGE (widget);

  /* While it is not seen, the list holds its place as newer entries come in above. */
  GTK_WIDGET_CLASS (csm_ledger_page_parent_class)->map (widget);
  if (g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (self->list))) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
}

static void
csm_ledger_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CSM_TYPE_LEDGER_PAGE);
  G_OBJECT_CLASS (csm_ledger_page_parent_class)->dispose (object);
}

static void
csm_ledger_page_class_init (CsmLedgerPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_ledger_page_dispose;
  widget_class->map = csm_ledger_page_map;
  g_type_ensure (CSM_TYPE_ITEM_ROW);
  g_type_ensure (CSM_TYPE_LEDGER_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-ledger-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmLedgerPage, list);
}

static void
csm_ledger_page_init (CsmLedgerPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
