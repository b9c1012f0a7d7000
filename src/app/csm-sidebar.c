/* csm-sidebar.c: the left column: sections, their lists, and the search
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-sidebar.h"

#include "app/csm-code-row.h"
#include "app/csm-conflicts-page.h"
#include "app/csm-filter-bar.h"
#include "app/csm-item-row.h"
#include "app/csm-thumbnail.h"
#include "review/csm-session-merge.h"

#include <glib/gi18n.h>

struct _CsmSidebar
{
  AdwBin parent_instance;

  /* Template children */
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkListBox *section_list;
  GtkLabel *exhibits_count;
  GtkLabel *marks_count;
  GtkListBoxRow *conflicts_row;
  GtkLabel *conflicts_count;
  CsmConflictsPage *conflicts_page;
  GtkLabel *codebook_count;
  GtkLabel *custody_count;
  GtkStack *stack;
  GtkStack *exhibits_stack;
  GtkListView *exhibit_list;
  CsmFilterBar *mark_filter;
  GtkStack *marks_stack;
  AdwStatusPage *no_marks_page;
  GtkListView *mark_list;
  GtkListView *code_list;
  GtkStack *results_stack;
  GtkListView *result_list;

  /* Owned */
  CsmSession *session;
  CsmExhibitItem *chosen_exhibit; /* (nullable): in the selection when last looked at */
  CsmMarkItem *chosen_mark;       /* (nullable) */
  GtkSingleSelection *exhibit_selection;
  GtkSingleSelection *mark_selection;
  GtkSingleSelection *result_selection;

  bool following; /* the selection follows the session, not the reviewer */
  bool landing;   /* Enter was pressed before the hits were there */
};

enum {
  PROP_SECTION = 1,
  PROP_SEARCH_MODE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmSidebar, csm_sidebar, ADW_TYPE_BIN)

/* --- sections --- */

const char *
csm_sidebar_get_section (CsmSidebar *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->section_list);

  return row != NULL ? gtk_widget_get_name (GTK_WIDGET (row)) : "exhibits";
}

static void
show_page (CsmSidebar *self)
{
  bool searching = gtk_search_bar_get_search_mode (self->search_bar);

  gtk_stack_set_visible_child_name (self->stack,
                                    searching ? "results" : csm_sidebar_get_section (self));
}

static void
section_selected_cb (CsmSidebar *self, GtkListBoxRow *row)
{
  if (row == NULL)
    return;
  gtk_search_bar_set_search_mode (self->search_bar, FALSE);
  show_page (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SECTION]);
}

void
csm_sidebar_show_section (CsmSidebar *self, const char *section)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->section_list, i)) != NULL; i++)
    if (g_strcmp0 (gtk_widget_get_name (GTK_WIDGET (row)), section) == 0)
      gtk_list_box_select_row (self->section_list, row);
}

static void
show_count (GListModel *model, GtkLabel *label)
{
  g_autofree char *text = g_strdup_printf ("%u", g_list_model_get_n_items (model));

  gtk_label_set_text (label, text);
}

static void
model_changed_cb (GtkLabel *label,
                  guint position,
                  guint removed,
                  guint added,
                  GListModel *model)
{
  show_count (model, label);
}

static void
follow_count (GListModel *model, GtkLabel *label)
{
  g_signal_connect_object (model, "items-changed", G_CALLBACK (model_changed_cb), label,
                           G_CONNECT_SWAPPED);
  show_count (model, label);
}

/* --- exhibits ---
 * A selection says that it changed whenever rows come or go above it: only another item is a
 * choice. */

static void
exhibits_changed_cb (CsmSidebar *self)
{
  GListModel *exhibits = csm_session_get_exhibits (self->session);

  gtk_stack_set_visible_child_name (self->exhibits_stack,
                                    g_list_model_get_n_items (exhibits) > 0 ? "list" : "empty");
}

static void
exhibit_selected_cb (CsmSidebar *self)
{
  CsmExhibitItem *item = gtk_single_selection_get_selected_item (self->exhibit_selection);
  bool is_other = g_set_object (&self->chosen_exhibit, item);

  if (is_other && !self->following && item != NULL)
    csm_session_select (self->session, &csm_exhibit_item_get_record (item)->id);
}

static unsigned
find_exhibit (CsmSidebar *self, const CsmId *id)
{
  GListModel *exhibits = csm_session_get_exhibits (self->session);
  unsigned n = g_list_model_get_n_items (exhibits);

  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmExhibitItem) item = g_list_model_get_item (exhibits, i);

      if (g_str_equal (csm_exhibit_item_get_record (item)->id.hex, id->hex))
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static void
session_selected_cb (CsmSidebar *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  unsigned position = item != NULL
                          ? find_exhibit (self, &csm_exhibit_item_get_record (item)->id)
                          : GTK_INVALID_LIST_POSITION;

  self->following = true;
  gtk_single_selection_set_selected (self->exhibit_selection, position);
  self->following = false;
}

/* --- marks --- */

static void
marks_changed_cb (CsmSidebar *self)
{
  GListModel *marks = csm_session_get_marks (self->session);
  bool filtered = csm_filter_bar_is_active (self->mark_filter);

  gtk_stack_set_visible_child_name (self->marks_stack,
                                    g_list_model_get_n_items (marks) > 0 ? "list" : "empty");
  adw_status_page_set_description (self->no_marks_page,
                                   filtered ? _ ("None of the marks is of this kind.")
                                            : _ ("Set a span with I and O, then press M."));
}

static void
mark_selected_cb (CsmSidebar *self)
{
  CsmMarkItem *item = gtk_single_selection_get_selected_item (self->mark_selection);
  bool is_other = g_set_object (&self->chosen_mark, item);

  if (is_other && item != NULL)
    csm_session_show_mark (self->session, csm_mark_item_get_record (item));
}

/* --- conflicts --- */

/* There mostly are none, and then nothing speaks of them. */
static void
conflicts_changed_cb (CsmSidebar *self)
{
  const bool any = g_list_model_get_n_items (csm_session_get_conflicts (self->session)) > 0;

  if (!any && g_str_equal (csm_sidebar_get_section (self), "conflicts"))
    csm_sidebar_show_section (self, "marks");
  gtk_widget_set_visible (GTK_WIDGET (self->conflicts_row), any);
  gtk_widget_set_visible (GTK_WIDGET (self->conflicts_page), any);
}

static void
follow_conflicts (CsmSidebar *self)
{
  GListModel *conflicts = csm_session_get_conflicts (self->session);

  csm_conflicts_page_set_session (self->conflicts_page, self->session);
  follow_count (conflicts, self->conflicts_count);
  g_signal_connect_object (conflicts, "items-changed", G_CALLBACK (conflicts_changed_cb), self,
                           G_CONNECT_SWAPPED);
  conflicts_changed_cb (self);
}

/* --- search --- */

static void
land (CsmSidebar *self, unsigned position)
{
  g_autoptr (CsmSearchItem) item =
      g_list_model_get_item (csm_session_get_results (self->session), position);

  if (item == NULL)
    return;

  const CsmSearchHit *hit = csm_search_item_get_record (item);

  if (hit->kind == CSM_HIT_CODE && hit->code != NULL)
    {
      csm_filter_bar_set_code (self->mark_filter, hit->code);
      csm_sidebar_show_section (self, "marks");
      gtk_search_bar_set_search_mode (self->search_bar, FALSE);
      return;
    }
  csm_session_show_hit (self->session, hit);
  (void) gtk_widget_activate_action (GTK_WIDGET (self), "view.focus-picture", NULL);
}

static void
show_results (CsmSidebar *self)
{
  const char *words = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  unsigned n = g_list_model_get_n_items (csm_session_get_results (self->session));

  gtk_stack_set_visible_child_name (self->results_stack, n > 0            ? "list"
                                                         : *words == '\0' ? "start"
                                                                          : "empty");
}

static void
results_changed_cb (CsmSidebar *self)
{
  show_results (self);
  if (self->landing && g_list_model_get_n_items (csm_session_get_results (self->session)) > 0)
    {
      self->landing = false;
      land (self, 0);
    }
}

static void
search_changed_cb (CsmSidebar *self)
{
  csm_session_search (self->session, gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
  show_results (self);
}

static void
search_edited_cb (CsmSidebar *self)
{
  self->landing = false;
}

static void
search_activate_cb (CsmSidebar *self)
{
  unsigned selected = gtk_single_selection_get_selected (self->result_selection);

  /* The words may be newer than the hits in the list: those of these words are awaited, and
   * they come by items-changed even when they are the same. */
  if (selected != GTK_INVALID_LIST_POSITION)
    {
      land (self, selected);
      return;
    }
  self->landing = true;
  search_changed_cb (self);
}

static void
search_stop_cb (CsmSidebar *self)
{
  gtk_search_bar_set_search_mode (self->search_bar, FALSE);
}

static gboolean
search_key_cb (CsmSidebar *self, guint keyval)
{
  unsigned n = g_list_model_get_n_items (csm_session_get_results (self->session));
  unsigned selected = gtk_single_selection_get_selected (self->result_selection);
  bool none = selected == GTK_INVALID_LIST_POSITION;

  if (n == 0 || (keyval != GDK_KEY_Down && keyval != GDK_KEY_Up))
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Down)
    selected = none ? 0 : MIN (selected + 1, n - 1);
  else
    selected = none || selected == 0 ? GTK_INVALID_LIST_POSITION : selected - 1;
  gtk_single_selection_set_selected (self->result_selection, selected);
  if (selected != GTK_INVALID_LIST_POSITION)
    (void) gtk_widget_activate_action (GTK_WIDGET (self->result_list), "list.scroll-to-item",
                                       "u", selected);
  return GDK_EVENT_STOP;
}

static void
result_activate_cb (CsmSidebar *self, guint position)
{
  land (self, position);
}

static void
search_mode_cb (CsmSidebar *self)
{
  show_page (self);
  if (!gtk_search_bar_get_search_mode (self->search_bar))
    (void) gtk_widget_activate_action (GTK_WIDGET (self), "view.focus-picture", NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCH_MODE]);
}

void
csm_sidebar_start_search (CsmSidebar *self)
{
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  gtk_editable_select_region (GTK_EDITABLE (self->search_entry), 0, -1);
}

/* --- the widget --- */

static GtkSingleSelection *
select_in (GtkListView *view, GListModel *model)
{
  GtkSingleSelection *selection = gtk_single_selection_new (NULL);

  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_single_selection_set_model (selection, model);
  gtk_list_view_set_model (view, GTK_SELECTION_MODEL (selection));
  csm_item_row_yield_keys (GTK_WIDGET (view));
  return selection;
}

static void
follow_exhibits (CsmSidebar *self)
{
  GListModel *exhibits = csm_session_get_exhibits (self->session);

  self->exhibit_selection = select_in (self->exhibit_list, exhibits);
  follow_count (exhibits, self->exhibits_count);
  g_signal_connect_object (self->exhibit_selection, "notify::selected-item",
                           G_CALLBACK (exhibit_selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (exhibits, "items-changed", G_CALLBACK (exhibits_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::selected", G_CALLBACK (session_selected_cb),
                           self, G_CONNECT_SWAPPED);
  exhibits_changed_cb (self);
  session_selected_cb (self);
}

static void
follow_marks (CsmSidebar *self)
{
  GListModel *marks = csm_session_get_marks (self->session);

  csm_filter_bar_set_session (self->mark_filter, self->session);
  self->mark_selection = select_in (self->mark_list, marks);
  follow_count (marks, self->marks_count);
  g_signal_connect_object (self->mark_selection, "notify::selected-item",
                           G_CALLBACK (mark_selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (marks, "items-changed", G_CALLBACK (marks_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->mark_filter, "notify::active", G_CALLBACK (marks_changed_cb),
                           self, G_CONNECT_SWAPPED);
  marks_changed_cb (self);
}

static void
follow_results (CsmSidebar *self)
{
  GListModel *results = csm_session_get_results (self->session);

  self->result_selection = select_in (self->result_list, results);
  g_signal_connect_object (results, "items-changed", G_CALLBACK (results_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_entry, "changed", G_CALLBACK (search_edited_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_bar, "notify::search-mode-enabled",
                           G_CALLBACK (search_mode_cb), self, G_CONNECT_SWAPPED);
  show_results (self);
}

void
csm_sidebar_set_session (CsmSidebar *self, CsmSession *session)
{
  GtkSingleSelection *codes;

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  follow_exhibits (self);
  follow_marks (self);
  follow_conflicts (self);
  follow_results (self);
  codes = select_in (self->code_list, csm_session_get_codes (session));
  g_object_unref (codes);
  follow_count (csm_session_get_codes (session), self->codebook_count);
  follow_count (csm_session_get_ledger (session), self->custody_count);
}

static void
csm_sidebar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmSidebar *self = CSM_SIDEBAR (object);

  switch (id)
    {
    case PROP_SECTION:
      g_value_set_string (value, csm_sidebar_get_section (self));
      break;
    case PROP_SEARCH_MODE:
      g_value_set_boolean (value, gtk_search_bar_get_search_mode (self->search_bar));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_sidebar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CsmSidebar *self = CSM_SIDEBAR (object);

  if (id != PROP_SEARCH_MODE)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (!g_value_get_boolean (value))
    gtk_search_bar_set_search_mode (self->search_bar, FALSE);
  else if (!gtk_search_bar_get_search_mode (self->search_bar))
    csm_sidebar_start_search (self);
}

static void
csm_sidebar_dispose (GObject *object)
{
  CsmSidebar *self = CSM_SIDEBAR (object);

  g_clear_object (&self->session);
  g_clear_object (&self->chosen_exhibit);
  g_clear_object (&self->chosen_mark);
  g_clear_object (&self->exhibit_selection);
  g_clear_object (&self->mark_selection);
  g_clear_object (&self->result_selection);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_SIDEBAR);
  G_OBJECT_CLASS (csm_sidebar_parent_class)->dispose (object);
}

/* (transfer full): for a row of the results: never markup, which the text of a case may hold.
 */
static PangoAttrList *
bold_matches (GtkListItem *row, CsmSearchItem *item)
{
  PangoAttrList *attributes = pango_attr_list_new ();
  const GArray *matches = item != NULL ? csm_search_item_get_record (item)->matches : NULL;

  for (unsigned i = 0; matches != NULL && i < matches->len; i++)
    {
      const CsmTextSpan *span = &g_array_index (matches, CsmTextSpan, i);
      PangoAttribute *bold = pango_attr_weight_new (PANGO_WEIGHT_BOLD);

      bold->start_index = span->start;
      bold->end_index = span->end;
      pango_attr_list_insert (attributes, bold);
    }
  return attributes;
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, search_bar);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, search_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, section_list);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, exhibits_count);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, marks_count);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, conflicts_row);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, conflicts_count);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, conflicts_page);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, codebook_count);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, custody_count);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, stack);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, exhibits_stack);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, exhibit_list);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, mark_filter);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, marks_stack);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, no_marks_page);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, mark_list);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, code_list);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, results_stack);
  gtk_widget_class_bind_template_child (widget_class, CsmSidebar, result_list);
  gtk_widget_class_bind_template_callback (widget_class, section_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, result_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, bold_matches);
}

static void
csm_sidebar_class_init (CsmSidebarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = csm_sidebar_get_property;
  object_class->set_property = csm_sidebar_set_property;
  object_class->dispose = csm_sidebar_dispose;
  properties[PROP_SECTION] = g_param_spec_string ("section", NULL, NULL, NULL,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SEARCH_MODE] = g_param_spec_boolean (
      "search-mode", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (CSM_TYPE_CODE_ROW);
  g_type_ensure (CSM_TYPE_ITEM_ROW);
  g_type_ensure (CSM_TYPE_CONFLICTS_PAGE);
  g_type_ensure (CSM_TYPE_FILTER_BAR);
  g_type_ensure (CSM_TYPE_THUMBNAIL);
  g_type_ensure (CSM_TYPE_EXHIBIT_ITEM);
  g_type_ensure (CSM_TYPE_MARK_ITEM);
  g_type_ensure (CSM_TYPE_CODE_ITEM);
  g_type_ensure (CSM_TYPE_SEARCH_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-sidebar.ui");
  bind_children (widget_class);
}

static void
csm_sidebar_init (CsmSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  csm_sidebar_show_section (self, "exhibits");
}
