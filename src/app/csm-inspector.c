/* csm-inspector.c: the right column: marks of the exhibit in view, it itself, the view of it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-inspector.h"

#include "app/csm-item-row.h"
#include "app/csm-view-page.h"

struct _CsmInspector
{
  AdwBin parent_instance;

  /* Template children */
  GtkStack *stack;
  GtkStack *marks_stack;
  GtkListView *mark_list;
  CsmMarkEditor *editor;
  GtkWidget *editor_box;
  CsmExhibitPage *exhibit_page;
  CsmViewPage *view_page;

  /* Owned */
  CsmSession *session;
  GtkSingleSelection *selection;
  CsmMarkItem *chosen; /* (nullable): in the selection when it was last looked at */
  unsigned scroll_source;

  bool following; /* the selection follows the session, not the reviewer */
};

G_DEFINE_FINAL_TYPE (CsmInspector, csm_inspector, ADW_TYPE_BIN)

static void
marks_changed_cb (CsmInspector *self)
{
  GListModel *marks = csm_session_get_exhibit_marks (self->session);

  gtk_stack_set_visible_child_name (self->marks_stack,
                                    g_list_model_get_n_items (marks) > 0 ? "list" : "empty");
}

/* A selection says that it changed whenever rows come or go above it: only another item is a
 * choice. */
static void
selection_changed_cb (CsmInspector *self)
{
  CsmMarkItem *item = gtk_single_selection_get_selected_item (self->selection);
  bool is_other = g_set_object (&self->chosen, item);

  if (is_other && !self->following && item != NULL)
    csm_session_show_mark (self->session, csm_mark_item_get_record (item));
}

static unsigned
find_mark (GListModel *marks, CsmMarkItem *wanted)
{
  unsigned n = g_list_model_get_n_items (marks);

  for (unsigned i = 0; wanted != NULL && i < n; i++)
    {
      g_autoptr (CsmMarkItem) item = g_list_model_get_item (marks, i);

      if (g_str_equal (csm_mark_item_get_record (item)->id.hex,
                       csm_mark_item_get_record (wanted)->id.hex))
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

/* HACK: GTK 4.8 shows a gap when it scrolls a list that has new rows and was not laid out
 * since; this runs after the layout. */
static gboolean
scroll_cb (gpointer data)
{
  CsmInspector *self = data;
  unsigned position = gtk_single_selection_get_selected (self->selection);

  self->scroll_source = 0;
  if (position != GTK_INVALID_LIST_POSITION)
    (void) gtk_widget_activate_action (GTK_WIDGET (self->mark_list), "list.scroll-to-item", "u",
                                       position);
  return G_SOURCE_REMOVE;
}

static void
selected_mark_cb (CsmInspector *self)
{
  unsigned position = find_mark (csm_session_get_exhibit_marks (self->session),
                                 csm_session_get_selected_mark (self->session));

  self->following = true;
  gtk_single_selection_set_selected (self->selection, position);
  self->following = false;
  if (position != GTK_INVALID_LIST_POSITION && self->scroll_source == 0)
    self->scroll_source = g_idle_add_full (G_PRIORITY_LOW, scroll_cb, self, NULL);
}

static void
editor_active_cb (CsmInspector *self)
{
  gtk_widget_set_visible (self->editor_box, csm_mark_editor_is_active (self->editor));
}

CsmMarkEditor *
csm_inspector_get_editor (CsmInspector *self)
{
  return self->editor;
}

CsmExhibitPage *
csm_inspector_get_exhibit_page (CsmInspector *self)
{
  return self->exhibit_page;
}

void
csm_inspector_show_marks (CsmInspector *self)
{
  gtk_stack_set_visible_child_name (self->stack, "marks");
}

void
csm_inspector_show_exhibit (CsmInspector *self)
{
  gtk_stack_set_visible_child_name (self->stack, "exhibit");
}

void
csm_inspector_show_view (CsmInspector *self)
{
  gtk_stack_set_visible_child_name (self->stack, "view");
  csm_view_page_focus (self->view_page);
}

void
csm_inspector_set_session (CsmInspector *self, CsmSession *session)
{
  GListModel *marks = csm_session_get_exhibit_marks (session);

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  csm_mark_editor_set_session (self->editor, session);
  csm_exhibit_page_set_session (self->exhibit_page, session);
  csm_view_page_set_session (self->view_page, session);

  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_model (self->selection, marks);
  gtk_list_view_set_model (self->mark_list, GTK_SELECTION_MODEL (self->selection));
  csm_item_row_yield_keys (GTK_WIDGET (self->mark_list));

  g_signal_connect_object (self->selection, "notify::selected-item",
                           G_CALLBACK (selection_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (marks, "items-changed", G_CALLBACK (marks_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "marks-changed", G_CALLBACK (selected_mark_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::selected-mark", G_CALLBACK (selected_mark_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "notify::active", G_CALLBACK (editor_active_cb), self,
                           G_CONNECT_SWAPPED);
  marks_changed_cb (self);
  editor_active_cb (self);
}

static void
csm_inspector_dispose (GObject *object)
{
  CsmInspector *self = CSM_INSPECTOR (object);

  g_clear_object (&self->session);
  g_clear_object (&self->selection);
  g_clear_object (&self->chosen);
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_INSPECTOR);
  G_OBJECT_CLASS (csm_inspector_parent_class)->dispose (object);
}

static void
csm_inspector_class_init (CsmInspectorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_inspector_dispose;
  g_type_ensure (CSM_TYPE_EXHIBIT_PAGE);
  g_type_ensure (CSM_TYPE_ITEM_ROW);
  g_type_ensure (CSM_TYPE_MARK_EDITOR);
  g_type_ensure (CSM_TYPE_MARK_ITEM);
  g_type_ensure (CSM_TYPE_VIEW_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmInspector, stack);
  gtk_widget_class_bind_template_child (widget_class, CsmInspector, marks_stack);
  gtk_widget_class_bind_template_child (widget_class, CsmInspector, mark_list);
  gtk_widget_class_bind_template_child (widget_class, CsmInspector, editor);
  gtk_widget_class_bind_template_child (widget_class, CsmInspector, editor_box);
  gtk_widget_class_bind_template_child (widget_class, CsmInspector, exhibit_page);
  gtk_widget_class_bind_template_child (widget_class, CsmInspector, view_page);
}

static void
csm_inspector_init (CsmInspector *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
