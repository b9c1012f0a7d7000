/* csm-mark-editor.c: one mark, to be read, changed and saved
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-mark-editor.h"

#include "app/csm-code-entry.h"
#include "app/csm-say.h"

#include <glib/gi18n.h>

struct _CsmMarkEditor
{
  AdwBin parent_instance;

  /* Template children */
  GtkLabel *title_label;
  CsmCodeEntry *code_entry;
  GtkTextView *text_view;
  GtkSpinButton *from_spin;
  GtkSpinButton *to_spin;
  GtkLabel *region_label;
  GtkWidget *region_button;
  GtkLabel *error_label;
  GtkWidget *save_button;
  GtkWidget *cancel_button;
  GtkWidget *remove_button;
  GtkLabel *meta_label;

  /* Owned */
  CsmSession *session;
  CsmMark *mark;
  GQueue asides; /* of Draft, newest first: unsaved, replaced by another */
  CsmMark *sent; /* (nullable): on its way to the disk */
  bool sent_is_new;

  guint redraw_id; /* a timeout */

  bool is_new;
  bool dirty;
  bool sent_is_all; /* what is in the editor is what was sent */
  bool filling;     /* the widgets are set, not the reviewer's work */
};

typedef struct
{
  CsmMark *mark;
  bool is_new;
} Draft;

enum {
  PROP_ACTIVE = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmMarkEditor, csm_mark_editor, ADW_TYPE_BIN)

static void
draft_free (Draft *draft)
{
  csm_mark_free (draft->mark);
  g_free (draft);
}

/* Takes @mark. */
static void
push_aside (CsmMarkEditor *self, CsmMark *mark, bool is_new)
{
  Draft *draft = g_new (Draft, 1);

  *draft = (Draft){ mark, is_new };
  g_queue_push_head (&self->asides, draft);
  g_signal_emit_by_name (self, "aside");
}

/* --- showing --- */

static void
set_error (CsmMarkEditor *self, const char *message)
{
  gtk_label_set_text (self->error_label, message != NULL ? message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), message != NULL);
}

static void
update_actions (CsmMarkEditor *self)
{
  bool read_only = self->session == NULL || csm_session_is_read_only (self->session);

  gtk_widget_set_sensitive (self->save_button, self->mark != NULL && !read_only &&
                                                   self->sent == NULL &&
                                                   (self->is_new || self->dirty));
  gtk_widget_set_sensitive (self->remove_button, !read_only);
  gtk_widget_set_visible (self->cancel_button, self->is_new || self->dirty);
  gtk_widget_set_visible (self->remove_button, !self->is_new && !self->dirty);
  if (self->mark != NULL)
    {
      bool here = csm_session_is_on_track (self->session, self->mark);

      gtk_widget_set_sensitive (GTK_WIDGET (self->from_spin), here);
      gtk_widget_set_sensitive (GTK_WIDGET (self->to_spin), here);
    }
}

static void
show_region (CsmMarkEditor *self)
{
  g_autofree char *text = NULL;

  if (self->mark != NULL && self->mark->n_regions > 0)
    {
      const CsmRect *rect = &self->mark->regions[0].rect;

      /* Translators: a rectangle: width, height, its top left corner, in pixels; and the frame
       * that it was drawn on */
      text =
          g_strdup_printf (_ ("Region %d × %d at %d, %d, frame %" G_GINT64_FORMAT), rect->width,
                           rect->height, rect->x, rect->y, self->mark->regions[0].frame);
    }
  gtk_label_set_text (self->region_label, text != NULL ? text : _ ("No region. R draws one."));
  gtk_widget_set_visible (self->region_button, text != NULL);
}

static void
show_meta (CsmMarkEditor *self)
{
  const CsmMark *mark = self->mark;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (mark->time / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *time = local != NULL ? g_date_time_format (local, "%F %T") : g_strdup ("");
  g_autofree char *text = NULL;

  /* Translators: who made this revision of a mark, when, and which one it is */
  text = g_strdup_printf (_ ("\u2068%s\u2069, %s, revision\u00a0%d"), mark->author, time,
                          mark->revision);
  gtk_label_set_text (self->meta_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->meta_label), !self->is_new);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->meta_label),
      mark->committed ? _ ("The ledger holds the hashes of its first and last frame")
                      : _ ("The hashes of its frames follow when the frame index is exact"));
}

static void
show_title (CsmMarkEditor *self)
{
  g_autofree char *text = NULL;

  if (self->is_new)
    /* Translators: %s is the number of an exhibit */
    text = g_strdup_printf (_ ("New mark in %s"), self->mark->exhibit_number);
  else
    /* Translators: %s is the number of an exhibit */
    text = g_strdup_printf (_ ("Mark in %s"), self->mark->exhibit_number);
  gtk_label_set_text (self->title_label, text);
}

static void
show_mark (CsmMarkEditor *self)
{
  double last = MAX (0, csm_session_get_n_frames (self->session) - 1);

  self->filling = true;
  show_title (self);
  show_region (self);
  show_meta (self);
  csm_code_entry_set_code (self->code_entry, self->mark->code);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), self->mark->text, -1);
  gtk_spin_button_set_range (self->from_spin, 0, MAX (last, self->mark->to));
  gtk_spin_button_set_range (self->to_spin, 0, MAX (last, self->mark->to));
  gtk_spin_button_set_value (self->from_spin, self->mark->from);
  gtk_spin_button_set_value (self->to_spin, self->mark->to);
  set_error (self, NULL);
  self->filling = false;
  update_actions (self);
}

/* --- reading back --- */

static char *
dup_text (CsmMarkEditor *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static int64_t
find_pts (CsmMarkEditor *self, int64_t ordinal, int64_t fallback)
{
  CsmTimebase timebase;

  if (ordinal >= csm_session_get_n_frames (self->session))
    return fallback;
  return csm_session_get_pts (self->session, ordinal, &timebase);
}

/* The code is kept as typed when the text names none: saving says so. */
static void
read_back (CsmMarkEditor *self)
{
  const char *typed = csm_code_entry_get_text (self->code_entry);
  CsmMark *mark = self->mark;

  g_free (mark->code);
  mark->code = csm_code_entry_dup_code (self->code_entry);
  if (mark->code == NULL && *typed != '\0')
    mark->code = g_strdup (typed);
  g_free (mark->text);
  mark->text = dup_text (self);
  /* Frames of another track than the one in view have no times here: the span stays. */
  if (!csm_session_is_on_track (self->session, mark))
    return;
  gtk_spin_button_update (self->from_spin);
  gtk_spin_button_update (self->to_spin);
  mark->from = gtk_spin_button_get_value (self->from_spin);
  mark->to = gtk_spin_button_get_value (self->to_spin);
  mark->from_pts = find_pts (self, mark->from, mark->from_pts);
  mark->to_pts = find_pts (self, mark->to, mark->to_pts);
}

static void
edited_cb (CsmMarkEditor *self)
{
  if (self->filling || self->mark == NULL)
    return;
  self->dirty = true;
  self->sent_is_all = false;
  set_error (self, NULL);
  update_actions (self);
}

/* The span stays a span: the end that is not being changed moves along. */
static void
span_changed_cb (CsmMarkEditor *self, GtkSpinButton *spin)
{
  double from = gtk_spin_button_get_value (self->from_spin);
  double to = gtk_spin_button_get_value (self->to_spin);

  if (self->filling)
    return;
  if (from > to && spin == self->from_spin)
    gtk_spin_button_set_value (self->to_spin, from);
  else if (from > to)
    gtk_spin_button_set_value (self->from_spin, to);
  edited_cb (self);
}

/* --- saving --- */

static bool
holds (CsmMarkEditor *self, const CsmId *id)
{
  return self->mark != NULL && g_str_equal (self->mark->id.hex, id->hex);
}

static void
save_done (CsmMarkEditor *self, const CsmMark *sent)
{
  if (holds (self, &sent->id))
    {
      self->is_new = false;
      if (self->sent_is_all)
        self->dirty = false;
      show_title (self);
    }
  update_actions (self);
  g_signal_emit_by_name (self, "saved", &sent->id);
}

/* Takes @sent. */
static void
save_failed (CsmMarkEditor *self, CsmMark *sent, const GError *error)
{
  if (holds (self, &sent->id))
    {
      g_autofree char *message = csm_say_error (error);

      self->dirty = true;
      set_error (self, message);
      csm_mark_free (sent);
    }
  else
    push_aside (self, sent, self->sent_is_new);
  update_actions (self);
  g_signal_emit_by_name (self, "save-failed");
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (CsmMarkEditor) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmMark) sent = g_steal_pointer (&self->sent);
  bool saved = csm_session_save_mark_finish (CSM_SESSION (object), result, &error);

  if (self->session == NULL || sent == NULL)
    return;
  if (saved)
    save_done (self, sent);
  else
    save_failed (self, g_steal_pointer (&sent), error);
}

static bool
check_code (CsmMarkEditor *self)
{
  const char *typed = csm_code_entry_get_text (self->code_entry);
  g_autofree char *code = csm_code_entry_dup_code (self->code_entry);
  g_autofree char *message = NULL;

  if (*typed == '\0' || code != NULL)
    return true;
  /* Translators: %s is what the reviewer typed */
  message = g_strdup_printf (_ ("The codebook has no “\u2068%s\u2069”. Choose a code from the "
                                "list, or make a new one."),
                             typed);
  set_error (self, message);
  gtk_widget_grab_focus (GTK_WIDGET (self->code_entry));
  return false;
}

/* A region is a claim about the frame that it was drawn on, and about no other. */
static bool
check_regions (CsmMarkEditor *self)
{
  const CsmMark *mark = self->mark;

  for (int i = 0; i < mark->n_regions; i++)
    {
      int64_t ordinal = mark->regions[i].frame;
      g_autofree char *message = NULL;

      if (ordinal >= mark->from && ordinal <= mark->to)
        continue;
      /* Translators: the number of a frame */
      message = g_strdup_printf (
          _ ("The region was drawn on frame %" G_GINT64_FORMAT ", outside the span. Widen the "
             "span to hold that frame, or draw the region on a frame inside."),
          ordinal);
      set_error (self, message);
      gtk_widget_grab_focus (
          GTK_WIDGET (ordinal < mark->from ? self->from_spin : self->to_spin));
      return false;
    }
  return true;
}

bool
csm_mark_editor_save (CsmMarkEditor *self)
{
  if (self->mark == NULL || self->sent != NULL || csm_session_is_read_only (self->session) ||
      !(self->is_new || self->dirty))
    return false;
  if (!check_code (self))
    return false;
  read_back (self);
  if (!check_regions (self))
    return false;
  self->sent = csm_mark_copy (self->mark);
  self->sent_is_new = self->is_new;
  self->sent_is_all = true;
  update_actions (self);
  csm_session_save_mark_async (self->session, self->mark, saved_cb, g_object_ref (self));
  return true;
}

static void
save_clicked_cb (CsmMarkEditor *self)
{
  (void) csm_mark_editor_save (self); /* says itself why not */
}

static void
leave (CsmMarkEditor *self)
{
  CsmMarkItem *selected = csm_session_get_selected_mark (self->session);
  bool was_new = self->is_new;

  if (!was_new && selected != NULL)
    csm_mark_editor_edit (self, csm_mark_copy (csm_mark_item_get_record (selected)), false);
  else
    csm_mark_editor_clear (self);
  g_signal_emit_by_name (self, "closed");
}

void
csm_mark_editor_discard (CsmMarkEditor *self)
{
  self->dirty = false;
  leave (self);
}

static void
cancel_clicked_cb (CsmMarkEditor *self)
{
  csm_mark_editor_discard (self);
}

static void
region_removed_cb (CsmMarkEditor *self)
{
  csm_mark_editor_set_region (self, NULL, 0);
  g_signal_emit_by_name (self, "region-removed");
}

static void
code_activate_cb (CsmMarkEditor *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  (void) csm_mark_editor_save (CSM_MARK_EDITOR (widget)); /* says itself why not */
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CsmMarkEditor *self = CSM_MARK_EDITOR (widget);

  /* One key is pressed by mistake sooner than a button: what was written is put aside. */
  if (gtk_widget_get_visible (self->cancel_button))
    leave (self);
  (void) gtk_widget_activate_action (widget, "view.focus-picture", NULL);
}

/* --- what is in it --- */

bool
csm_mark_editor_is_active (CsmMarkEditor *self)
{
  return self->mark != NULL;
}

const CsmMark *
csm_mark_editor_get_mark (CsmMarkEditor *self)
{
  return self->mark;
}

bool
csm_mark_editor_is_saving (CsmMarkEditor *self)
{
  return self->sent != NULL;
}

bool
csm_mark_editor_is_new (CsmMarkEditor *self)
{
  return self->mark != NULL && self->is_new;
}

bool
csm_mark_editor_is_unsaved (CsmMarkEditor *self)
{
  return self->mark != NULL && self->dirty &&
         !(self->sent != NULL && holds (self, &self->sent->id) && self->sent_is_all);
}

unsigned
csm_mark_editor_count_aside (CsmMarkEditor *self)
{
  return g_queue_get_length (&self->asides);
}

static void
put_aside (CsmMarkEditor *self)
{
  if (!csm_mark_editor_is_unsaved (self))
    return;
  read_back (self);
  push_aside (self, g_steal_pointer (&self->mark), self->is_new);
}

void
csm_mark_editor_edit (CsmMarkEditor *self, CsmMark *mark, bool is_new)
{
  put_aside (self);
  csm_mark_free (self->mark);
  self->mark = mark;
  self->is_new = is_new;
  self->dirty = false;
  show_mark (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
  if (is_new)
    gtk_widget_grab_focus (GTK_WIDGET (self->code_entry));
}

void
csm_mark_editor_clear (CsmMarkEditor *self)
{
  if (self->mark == NULL)
    return;
  put_aside (self);
  g_clear_pointer (&self->mark, csm_mark_free);
  self->is_new = self->dirty = false;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
}

void
csm_mark_editor_bring_back (CsmMarkEditor *self)
{
  Draft *draft = g_queue_pop_head (&self->asides);

  if (draft == NULL)
    return;
  csm_mark_editor_edit (self, g_steal_pointer (&draft->mark), draft->is_new);
  self->dirty = true;
  update_actions (self);
  draft_free (draft);
}

void
csm_mark_editor_set_region (CsmMarkEditor *self, const CsmRect *rect, int64_t ordinal)
{
  if (self->mark == NULL)
    return;
  g_clear_pointer (&self->mark->regions, g_free);
  self->mark->n_regions = 0;
  if (rect != NULL)
    {
      self->mark->regions = g_new0 (CsmRegion, 1);
      self->mark->regions[0] = (CsmRegion){ ordinal, *rect };
      self->mark->n_regions = 1;
    }
  show_region (self);
  edited_cb (self);
}

bool
csm_mark_editor_get_region (CsmMarkEditor *self, CsmRect *ret_rect)
{
  if (self->mark == NULL || self->mark->n_regions == 0)
    return false;
  *ret_rect = self->mark->regions[0].rect;
  return true;
}

/* --- the widget --- */

/* HACK: GTK 4.8 keeps drawn lines of a text view, in the colours of before, when light and dark
 * change; setting a distance between lines makes it draw them again. Later than the style. */
static gboolean
redraw_text_cb (gpointer data)
{
  CsmMarkEditor *self = data;
  int above = gtk_text_view_get_pixels_above_lines (self->text_view);

  self->redraw_id = 0;
  gtk_text_view_set_pixels_above_lines (self->text_view, above + 1);
  gtk_text_view_set_pixels_above_lines (self->text_view, above);
  return G_SOURCE_REMOVE;
}

static void
dark_changed_cb (CsmMarkEditor *self)
{
  if (self->redraw_id == 0)
    self->redraw_id = g_timeout_add (250, redraw_text_cb, self);
}

void
csm_mark_editor_set_session (CsmMarkEditor *self, CsmSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  csm_code_entry_set_session (self->code_entry, session);
  g_signal_connect_object (gtk_text_view_get_buffer (self->text_view), "changed",
                           G_CALLBACK (edited_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::track", G_CALLBACK (update_actions), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::n-frames", G_CALLBACK (update_actions), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (dark_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
csm_mark_editor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ACTIVE)
    g_value_set_boolean (value, csm_mark_editor_is_active (CSM_MARK_EDITOR (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
csm_mark_editor_dispose (GObject *object)
{
  CsmMarkEditor *self = CSM_MARK_EDITOR (object);

  g_clear_handle_id (&self->redraw_id, g_source_remove);
  g_clear_object (&self->session);
  g_clear_pointer (&self->mark, csm_mark_free);
  g_clear_pointer (&self->sent, csm_mark_free);
  g_queue_clear_full (&self->asides, (GDestroyNotify) draft_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_MARK_EDITOR);
  G_OBJECT_CLASS (csm_mark_editor_parent_class)->dispose (object);
}

static void
add_signal (const char *name)
{
  g_signal_new (name, CSM_TYPE_MARK_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, title_label);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, code_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, text_view);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, from_spin);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, to_spin);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, region_label);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, region_button);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, error_label);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, save_button);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, remove_button);
  gtk_widget_class_bind_template_child (widget_class, CsmMarkEditor, meta_label);
  gtk_widget_class_bind_template_callback (widget_class, edited_cb);
  gtk_widget_class_bind_template_callback (widget_class, span_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, region_removed_cb);
  gtk_widget_class_bind_template_callback (widget_class, code_activate_cb);
}

static void
csm_mark_editor_class_init (CsmMarkEditorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = csm_mark_editor_get_property;
  object_class->dispose = csm_mark_editor_dispose;
  properties[PROP_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_signal_new ("saved", CSM_TYPE_MARK_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_POINTER);
  add_signal ("save-failed");
  add_signal ("closed");
  add_signal ("aside");
  add_signal ("region-removed");

  g_type_ensure (CSM_TYPE_CODE_ENTRY);
  gtk_widget_class_install_action (widget_class, "editor.save", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "editor.cancel", NULL, cancel_action);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-mark-editor.ui");
  bind_children (widget_class);
}

static void
csm_mark_editor_init (CsmMarkEditor *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
