/* csm-workspace.c: the window's content while a case is open
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-workspace.h"

#include "app/csm-workspace-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define MIN_REVIEWER_CHARS 16

enum {
  PROP_DRAWING = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmWorkspace, csm_workspace, ADW_TYPE_BIN)

void
csm_workspace_say (CsmWorkspace *self, const char *text)
{
  /* A toast's title is markup. */
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

/* --- the header bar --- */

static void
show_title (CsmWorkspace *self)
{
  unsigned n = g_list_model_get_n_items (csm_session_get_exhibits (self->session));
  /* Translators: how many source files the case holds */
  g_autofree char *count = g_strdup_printf (ngettext ("%u exhibit", "%u exhibits", n), n);
  g_autofree char *subtitle = NULL;

  if (csm_session_is_read_only (self->session))
    /* Translators: %s is "14 exhibits" */
    subtitle = g_strdup_printf (_ ("%s, read only"), count);
  adw_window_title_set_title (self->title, csm_session_get_title (self->session));
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : count);
}

static void
show_reviewer (CsmWorkspace *self)
{
  const char *reviewer = csm_session_get_reviewer (self->session);
  g_autofree char *name = NULL;

  if (*reviewer == '\0')
    reviewer = _ ("Reader");
  /* Translators: %s is the name of the reviewer whose key signs */
  name = g_strdup_printf (_ ("Signing as \u2068%s\u2069"), reviewer);
  gtk_label_set_text (self->reviewer_label, reviewer);
  /* A long title may not squeeze out who signs. */
  gtk_label_set_width_chars (self->reviewer_label,
                             MIN (g_utf8_strlen (reviewer, -1), MIN_REVIEWER_CHARS));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->reviewer_button), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->reviewer_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
show_undo (CsmWorkspace *self)
{
  const char *undo = csm_session_get_undo_label (self->session);
  const char *redo = csm_session_get_redo_label (self->session);
  /* Translators: %s is what would be undone, "Add Mark" */
  g_autofree char *undo_text = g_strdup_printf (_ ("Undo %s"), undo != NULL ? undo : "");
  /* Translators: %s is what would be done again, "Add Mark" */
  g_autofree char *redo_text = g_strdup_printf (_ ("Redo %s"), redo != NULL ? redo : "");

  gtk_widget_set_tooltip_text (self->undo_button, g_strchomp (undo_text));
  gtk_widget_set_tooltip_text (self->redo_button, g_strchomp (redo_text));
  csm_workspace_update_actions (self);
}

/* --- what the middle shows --- */

static const char *
find_page (CsmWorkspace *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);

  if (g_list_model_get_n_items (csm_session_get_exhibits (self->session)) == 0)
    return "empty";
  if (item == NULL)
    return "none";
  if (csm_session_get_index_state (self->session) == CSM_INDEX_FAILED)
    return "failed";
  return "picture";
}

static void
show_page (CsmWorkspace *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  const char *page = find_page (self);

  gtk_stack_set_visible_child_name (self->picture_stack, page);
  gtk_widget_set_visible (self->player_box, g_str_equal (page, "picture"));
  if (item != NULL)
    {
      const CsmExhibit *exhibit = csm_exhibit_item_get_record (item);
      /* The status says first what the page's title says. */
      const char *colon = strstr (exhibit->status, ": ");
      g_autofree char *status =
          g_markup_escape_text (colon != NULL ? colon + 2 : exhibit->status, -1);

      /* A status page's description is markup; a file's fault may quote the file. */
      adw_status_page_set_description (self->failed_page, status);
    }
  csm_workspace_update_actions (self);
}

/* With footage there and none in view, the first exhibit is. Later than the session's own
 * return to where the reviewer was. */
static gboolean
select_first (gpointer data)
{
  CsmWorkspace *self = data;
  g_autoptr (CsmExhibitItem) item = NULL;

  self->select_id = 0;
  if (csm_session_get_selected (self->session) == NULL)
    item = g_list_model_get_item (csm_session_get_exhibits (self->session), 0);
  if (item != NULL)
    csm_session_select (self->session, &csm_exhibit_item_get_record (item)->id);
  gtk_widget_grab_focus (GTK_WIDGET (self->frame_view));
  return G_SOURCE_REMOVE;
}

static void
exhibits_changed_cb (CsmWorkspace *self)
{
  if (self->select_id == 0 && csm_session_get_selected (self->session) == NULL)
    self->select_id = g_idle_add_full (G_PRIORITY_LOW, select_first, self, NULL);
  show_title (self);
  show_page (self);
}

static void
section_changed_cb (CsmWorkspace *self)
{
  bool custody = g_str_equal (csm_sidebar_get_section (self->sidebar), "custody");

  gtk_stack_set_visible_child_name (self->main_stack, custody ? "custody" : "work");
}

/* Whatever moves the playhead is meant to be seen. */
static void
selected_cb (CsmWorkspace *self)
{
  show_page (self);
  if (csm_session_get_selected (self->session) != NULL)
    gtk_stack_set_visible_child_name (self->main_stack, "work");
}

static void
drawing_changed_cb (CsmWorkspace *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DRAWING]);
}

/* --- the widget --- */

typedef void (*Show) (CsmWorkspace *self);

static void
follow_session (CsmWorkspace *self)
{
  static const struct
  {
    const char *signal;
    Show show;
  } shown[] = {
    { "notify::title", show_title },
    { "notify::read-only", show_title },
    { "notify::read-only", csm_workspace_update_actions },
    { "notify::reviewer", show_reviewer },
    { "notify::can-undo", show_undo },
    { "notify::can-redo", show_undo },
    { "notify::undo-label", show_undo },
    { "notify::redo-label", show_undo },
    { "notify::selected", selected_cb },
    { "notify::index-state", show_page },
    { "notify::n-frames", csm_workspace_update_actions },
    { "notify::sound", csm_workspace_update_actions },
    { "notify::selected-mark", csm_workspace_update_actions },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_signal_connect_object (self->session, shown[i].signal, G_CALLBACK (shown[i].show), self,
                               G_CONNECT_SWAPPED);
      shown[i].show (self);
    }
  g_signal_connect_object (csm_session_get_exhibits (self->session), "items-changed",
                           G_CALLBACK (exhibits_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (csm_session_get_marks (self->session), "items-changed",
                           G_CALLBACK (csm_workspace_update_actions), self, G_CONNECT_SWAPPED);
}

GtkWidget *
csm_workspace_new (CsmSession *session)
{
  CsmWorkspace *self = g_object_new (CSM_TYPE_WORKSPACE, NULL);

  self->session = g_object_ref (session);
  self->lanes = csm_code_lanes_new (session);
  csm_sidebar_set_session (self->sidebar, session);
  csm_frame_view_set_session (self->frame_view, session, self->lanes);
  csm_filmstrip_set_session (self->filmstrip, session);
  csm_timeline_set_session (self->timeline, session, self->lanes);
  csm_waveform_set_session (self->waveform, session);
  csm_transport_set_session (self->transport, session);
  csm_inspector_set_session (self->inspector, session);
  csm_ledger_page_set_session (self->ledger_page, session);
  csm_receipts_pane_set_session (self->receipts_pane, session);
  csm_workspace_connect_marks (self);
  csm_workspace_connect_unsaved (self);
  csm_workspace_connect_view (self);
  follow_session (self);
  exhibits_changed_cb (self);
  if (self->select_id == 0)
    self->select_id = g_idle_add_full (G_PRIORITY_LOW, select_first, self, NULL);
  return GTK_WIDGET (self);
}

static void
csm_workspace_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmWorkspace *self = CSM_WORKSPACE (object);

  if (id == PROP_DRAWING)
    g_value_set_boolean (value, self->frame_view != NULL &&
                                    csm_frame_view_get_drawing (self->frame_view));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_workspace_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_DRAWING)
    csm_workspace_draw_region (CSM_WORKSPACE (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_workspace_dispose (GObject *object)
{
  CsmWorkspace *self = CSM_WORKSPACE (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_handle_id (&self->select_id, g_source_remove);
  g_clear_handle_id (&self->settle_id, g_source_remove);
  self->question = NULL;
  self->settled = NULL;
  g_clear_object (&self->session);
  g_clear_object (&self->lanes);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_WORKSPACE);
  G_OBJECT_CLASS (csm_workspace_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, title);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, undo_button);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, redo_button);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, reviewer_button);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, reviewer_label);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, search_button);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, toasts);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, sidebar);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, main_stack);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, picture_stack);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, failed_page);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, frame_view);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, filmstrip);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, view_label);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, cover_box);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, timeline);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, waveform);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, transport);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, player_box);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, inspector);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, ledger_page);
  gtk_widget_class_bind_template_child (widget_class, CsmWorkspace, receipts_pane);
  gtk_widget_class_bind_template_callback (widget_class, section_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, drawing_changed_cb);
}

static void
csm_workspace_class_init (CsmWorkspaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = csm_workspace_get_property;
  object_class->set_property = csm_workspace_set_property;
  object_class->dispose = csm_workspace_dispose;
  properties[PROP_DRAWING] = g_param_spec_boolean ("drawing", NULL, NULL, FALSE,
                                                   G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (CSM_TYPE_FILMSTRIP);
  g_type_ensure (CSM_TYPE_FRAME_VIEW);
  g_type_ensure (CSM_TYPE_INSPECTOR);
  g_type_ensure (CSM_TYPE_LEDGER_PAGE);
  g_type_ensure (CSM_TYPE_RECEIPTS_PANE);
  g_type_ensure (CSM_TYPE_SIDEBAR);
  g_type_ensure (CSM_TYPE_TIMELINE);
  g_type_ensure (CSM_TYPE_TRANSPORT);
  g_type_ensure (CSM_TYPE_WAVEFORM);
  csm_workspace_install_actions (widget_class);
  gtk_widget_class_install_property_action (widget_class, "region.draw", "drawing");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-workspace.ui");
  bind_children (widget_class);
}

static void
csm_workspace_init (CsmWorkspace *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
