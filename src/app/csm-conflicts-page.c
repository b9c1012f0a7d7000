/* csm-conflicts-page.c: what two copies changed, each without the other, in the left column
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-conflicts-page.h"

#include "app/csm-conflict-dialog.h"
#include "app/csm-item-row.h"
#include "review/csm-session-merge.h"

struct _CsmConflictsPage
{
  AdwBin parent_instance;

  /* Template children */
  GtkListView *list;

  /* Owned */
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmConflictsPage, csm_conflicts_page, ADW_TYPE_BIN)

static void
activate_cb (CsmConflictsPage *self, guint position)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  g_autoptr (CsmConflictItem) item =
      g_list_model_get_item (csm_session_get_conflicts (self->session), position);

  if (item != NULL)
    csm_conflict_dialog_present (window, self->session, item);
}

void
csm_conflicts_page_set_session (CsmConflictsPage *self, CsmSession *session)
{
  GtkNoSelection *model =
      gtk_no_selection_new (g_object_ref (csm_session_get_conflicts (session)));

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (model));
  g_object_unref (model);
  csm_item_row_yield_keys (GTK_WIDGET (self->list));
}

static void
csm_conflicts_page_dispose (GObject *object)
{
  CsmConflictsPage *self = CSM_CONFLICTS_PAGE (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_CONFLICTS_PAGE);
  G_OBJECT_CLASS (csm_conflicts_page_parent_class)->dispose (object);
}

static void
csm_conflicts_page_class_init (CsmConflictsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_conflicts_page_dispose;
  g_type_ensure (CSM_TYPE_ITEM_ROW);
  g_type_ensure (CSM_TYPE_CONFLICT_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-conflicts-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmConflictsPage, list);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
csm_conflicts_page_init (CsmConflictsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
