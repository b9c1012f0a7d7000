/* csm-exhibit-page.c: what is known of the exhibit in view, and what people say about it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-exhibit-page.h"

#include "review/csm-media-words.h"

#include <glib/gi18n.h>

struct _CsmExhibitPage
{
  AdwBin parent_instance;

  /* Template children */
  GtkStack *stack;
  GtkLabel *number_label;
  GtkLabel *name_label;
  GtkLabel *sha256_label;
  GtkLabel *size_label;
  GtkLabel *format_label;
  GtkLabel *codec_label;
  GtkLabel *frames_label;
  GtkLabel *status_label;
  GtkLabel *added_label;
  GtkLabel *kept_label;
  GtkLabel *colours_label;
  GtkLabel *taken_label;
  GtkLabel *device_label;
  GtkLabel *place_label;
  GtkLabel *credentials_label;
  GtkLabel *odd_label;
  GtkEditable *title_entry;
  GtkEditable *source_entry;
  GtkEditable *from_entry;
  GtkEditable *when_entry;
  GtkEditable *how_entry;
  GtkTextView *notes_view;
  GtkSwitch *do_not_export_switch;
  GtkSpinButton *sound_offset_spin;
  GtkWidget *save_button;
  GtkWidget *revert_button;

  /* Owned */
  CsmSession *session;
  CsmExhibitItem *item; /* (nullable) */

  bool dirty;
  bool filling;
};

G_DEFINE_FINAL_TYPE (CsmExhibitPage, csm_exhibit_page, ADW_TYPE_BIN)

/* --- facts --- */

static void
set_fact (GtkLabel *label, char *text)
{
  gtk_label_set_text (label, text != NULL && *text != '\0' ? text : "–");
  g_free (text);
}

static char *
dup_local_time (CsmTime time)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%F %T") : NULL;
}

static char *
dup_codec (const CsmExhibit *exhibit)
{
  if (exhibit->width <= 0 || exhibit->height <= 0)
    return g_strdup (exhibit->codec);
  return g_strdup_printf ("%s, %d × %d", exhibit->codec, exhibit->width, exhibit->height);
}

static char *
dup_frames (const CsmExhibit *exhibit)
{
  g_autofree char *time = NULL;

  if (exhibit->n_frames < 0)
    return NULL;
  if (exhibit->duration_ms < 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT, exhibit->n_frames);
  time = csm_ticks_format (exhibit->duration_ms, (CsmTimebase){ 1, 1000 });
  /* Translators: number of frames, and how long they last */
  return g_strdup_printf (_ ("%" G_GINT64_FORMAT " in %s"), exhibit->n_frames, time);
}

static char *
dup_size (const CsmExhibit *exhibit)
{
  g_autofree char *size = g_format_size (exhibit->size);

  /* Translators: a size for people, and the exact number of bytes */
  return g_strdup_printf (_ ("%s (%" G_GINT64_FORMAT " bytes)"), size, exhibit->size);
}

static void
show_facts (CsmExhibitPage *self, const CsmExhibit *exhibit)
{
  char hex[CSM_DIGEST_HEX_SIZE];
  char *status = NULL;

  csm_digest_to_hex (&exhibit->sha256, hex);
  g_object_get (self->item, "status", &status, NULL);
  set_fact (self->number_label, g_strdup (exhibit->number));
  set_fact (self->name_label, g_strdup (exhibit->name));
  set_fact (self->sha256_label, g_strdup (hex));
  set_fact (self->size_label, dup_size (exhibit));
  set_fact (self->format_label, g_strdup (exhibit->format));
  set_fact (self->codec_label, dup_codec (exhibit));
  set_fact (self->frames_label, dup_frames (exhibit));
  set_fact (self->status_label, status);
  set_fact (self->added_label, dup_local_time (exhibit->added));
  set_fact (self->kept_label, g_strdup (exhibit->linked ? _ ("where it was, not encrypted")
                                                        : _ ("in the case, encrypted")));
}

/* As a still says it: of the frame in view. */
static void
picture_changed_cb (CsmExhibitPage *self)
{
  const CsmPicture *picture = csm_session_get_picture (self->session);

  set_fact (self->colours_label, picture != NULL ? g_strdup (picture->colour) : NULL);
}

/* What the file says of itself, and what is odd about it: known once its worker has looked. */
static void
media_changed_cb (CsmExhibitPage *self)
{
  const CsmMediaInfo *info = csm_session_get_media_info (self->session);
  const CsmFrameIndex *index = csm_session_get_index (self->session);
  char *odd = info != NULL
                  ? csm_media_words_dup_odd (info, index, csm_session_get_track (self->session))
                  : NULL;

  if (info != NULL && odd == NULL)
    odd = g_strdup (_ ("nothing that is known"));
  set_fact (self->taken_label, info != NULL ? csm_media_words_dup_taken (info) : NULL);
  set_fact (self->device_label, info != NULL ? csm_media_words_dup_device (info) : NULL);
  set_fact (self->place_label, info != NULL ? csm_media_words_dup_place (info) : NULL);
  set_fact (self->credentials_label,
            info != NULL ? csm_media_words_dup_credentials (info) : NULL);
  set_fact (self->odd_label, odd);
}

/* --- what people say --- */

static void
update_actions (CsmExhibitPage *self)
{
  bool can_save = self->dirty && !csm_session_is_read_only (self->session);

  gtk_widget_set_sensitive (self->save_button, can_save);
  gtk_widget_set_visible (self->revert_button, self->dirty);
}

static void
show_acquisition (CsmExhibitPage *self, const CsmAcquisition *acquisition)
{
  self->filling = true;
  gtk_editable_set_text (self->title_entry, acquisition->title);
  gtk_editable_set_text (self->source_entry, acquisition->source);
  gtk_editable_set_text (self->from_entry, acquisition->obtained_from);
  gtk_editable_set_text (self->when_entry, acquisition->obtained_when);
  gtk_editable_set_text (self->how_entry, acquisition->obtained_how);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->notes_view), acquisition->notes,
                            -1);
  gtk_switch_set_active (self->do_not_export_switch, acquisition->do_not_export);
  gtk_spin_button_set_value (self->sound_offset_spin, acquisition->sound_offset_ms);
  self->filling = false;
  self->dirty = false;
  update_actions (self);
}

static void
edited_cb (CsmExhibitPage *self)
{
  if (self->filling || self->item == NULL)
    return;
  self->dirty = true;
  update_actions (self);
}

static void
set_text (char **text, GtkEditable *entry)
{
  g_free (*text);
  *text = g_strdup (gtk_editable_get_text (entry));
}

static CsmAcquisition *
read_acquisition (CsmExhibitPage *self)
{
  CsmAcquisition *acquisition =
      csm_acquisition_copy (csm_exhibit_item_get_record (self->item)->acquisition);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->notes_view);
  GtkTextIter start, end;

  set_text (&acquisition->title, self->title_entry);
  set_text (&acquisition->source, self->source_entry);
  set_text (&acquisition->obtained_from, self->from_entry);
  set_text (&acquisition->obtained_when, self->when_entry);
  set_text (&acquisition->obtained_how, self->how_entry);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_free (acquisition->notes);
  acquisition->notes = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  acquisition->do_not_export = gtk_switch_get_active (self->do_not_export_switch);
  /* What was typed and not entered counts. */
  gtk_spin_button_update (self->sound_offset_spin);
  acquisition->sound_offset_ms = gtk_spin_button_get_value_as_int (self->sound_offset_spin);
  return acquisition;
}

bool
csm_exhibit_page_is_unsaved (CsmExhibitPage *self)
{
  return self->dirty && self->item != NULL;
}

void
csm_exhibit_page_save (CsmExhibitPage *self)
{
  g_autoptr (CsmAcquisition) acquisition = NULL;

  if (!self->dirty || self->item == NULL)
    return;
  acquisition = read_acquisition (self);
  self->dirty = false;
  csm_session_set_acquisition (self->session, &csm_exhibit_item_get_record (self->item)->id,
                               acquisition);
  update_actions (self);
}

static void
save_clicked_cb (CsmExhibitPage *self)
{
  csm_exhibit_page_save (self);
}

void
csm_exhibit_page_revert (CsmExhibitPage *self)
{
  if (self->item != NULL)
    show_acquisition (self, csm_exhibit_item_get_record (self->item)->acquisition);
}

static void
revert_clicked_cb (CsmExhibitPage *self)
{
  csm_exhibit_page_revert (self);
}

/* --- following the session --- */

static void
item_changed_cb (CsmExhibitPage *self)
{
  const CsmExhibit *exhibit;

  if (self->item == NULL)
    return;
  exhibit = csm_exhibit_item_get_record (self->item);
  show_facts (self, exhibit);
  /* What is being typed stays. */
  if (!self->dirty)
    show_acquisition (self, exhibit->acquisition);
}

static bool
is_same_exhibit (CsmExhibitItem *a, CsmExhibitItem *b)
{
  return a != NULL && b != NULL &&
         g_str_equal (csm_exhibit_item_get_record (a)->id.hex,
                      csm_exhibit_item_get_record (b)->id.hex);
}

static void
session_selected_cb (CsmExhibitPage *self)
{
  CsmExhibitItem *item = csm_session_get_selected (self->session);
  bool same = is_same_exhibit (item, self->item);

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  /* Leaving for another exhibit keeps what was typed about this one: it is one entry, and undo
   * takes it back. */
  if (!same && item != NULL)
    csm_exhibit_page_save (self);
  if (!same)
    self->dirty = false;
  g_set_object (&self->item, item);
  gtk_stack_set_visible_child_name (self->stack, item != NULL ? "exhibit" : "none");
  if (item == NULL)
    return;
  g_signal_connect_object (item, "notify", G_CALLBACK (item_changed_cb), self,
                           G_CONNECT_SWAPPED);
  item_changed_cb (self);
}

void
csm_exhibit_page_set_session (CsmExhibitPage *self, CsmSession *session)
{
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (gtk_text_view_get_buffer (self->notes_view), "changed",
                           G_CALLBACK (edited_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::selected", G_CALLBACK (session_selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "picture-changed", G_CALLBACK (picture_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::media-info", G_CALLBACK (media_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::index", G_CALLBACK (media_changed_cb), self,
                           G_CONNECT_SWAPPED);
  media_changed_cb (self);
  session_selected_cb (self);
  picture_changed_cb (self);
}

/* --- the widget --- */

static void
csm_exhibit_page_dispose (GObject *object)
{
  CsmExhibitPage *self = CSM_EXHIBIT_PAGE (object);

  g_clear_object (&self->session);
  g_clear_object (&self->item);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_EXHIBIT_PAGE);
  G_OBJECT_CLASS (csm_exhibit_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, number_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, name_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, sha256_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, size_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, format_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, codec_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, frames_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, added_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, kept_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, colours_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, taken_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, device_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, place_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, credentials_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, odd_label);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, title_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, source_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, from_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, when_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, how_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, notes_view);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, do_not_export_switch);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, sound_offset_spin);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, CsmExhibitPage, revert_button);
  gtk_widget_class_bind_template_callback (widget_class, edited_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, revert_clicked_cb);
}

static void
csm_exhibit_page_class_init (CsmExhibitPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_exhibit_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-exhibit-page.ui");
  bind_children (widget_class);
}

static void
csm_exhibit_page_init (CsmExhibitPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
