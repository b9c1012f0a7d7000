/* csm-transport.c: the buttons and readouts under the picture
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-transport.h"

#include "app/csm-step-button.h"
#include "review/csm-media-words.h"

#include <glib/gi18n.h>

struct _CsmTransport
{
  AdwBin parent_instance;

  /* Template children */
  GtkButton *play_button;
  GtkMenuButton *rate_button;
  GtkToggleButton *loop_button;
  GtkLabel *dropped_label;
  GtkButton *mute_button;
  GtkScale *volume_scale;
  GtkTextView *frame_view; /* a label's text cannot be read apart from its name */
  GtkMenuButton *track_button;
  GtkLabel *time_label;
  GtkLabel *pts_label;
  GtkLabel *span_label;
  GtkWidget *span_box;
  GtkLabel *badge_label;
  GtkEntry *go_to_entry;
  GtkWidget *go_to_error;
  GtkLabel *go_to_error_label;

  /* Owned */
  CsmSession *session;
};

G_DEFINE_FINAL_TYPE (CsmTransport, csm_transport, ADW_TYPE_BIN)

/* --- readouts --- */

static void
show_frame (CsmTransport *self)
{
  int64_t ordinal = csm_session_get_ordinal (self->session);
  int64_t n_frames = csm_session_get_n_frames (self->session);
  g_autofree char *text = NULL;

  if (ordinal >= 0)
    text = g_strdup_printf ("%" G_GINT64_FORMAT " / %" G_GINT64_FORMAT, ordinal, n_frames);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->frame_view),
                            text != NULL ? text : "–", -1);
}

static void
show_time (CsmTransport *self)
{
  int64_t ordinal = csm_session_get_ordinal (self->session);
  g_autofree char *time = NULL;
  g_autofree char *pts = NULL;

  if (ordinal >= 0 && ordinal < csm_session_get_n_frames (self->session))
    {
      CsmTimebase timebase;
      int64_t ticks = csm_session_get_pts (self->session, ordinal, &timebase);

      time = csm_ticks_format (ticks, timebase);
      if (csm_session_is_sound_alone (self->session))
        /* Translators: samples of sound a second */
        pts = g_strdup_printf (_ ("sample, %d a second"), timebase.den);
      else if (ticks != CSM_NO_PTS)
        /* Translators: pts is the frame's presentation time stamp, a number of ticks */
        pts = g_strdup_printf (_ ("pts %" G_GINT64_FORMAT), ticks);
    }
  gtk_label_set_text (self->time_label, time != NULL ? time : "");
  gtk_label_set_text (self->pts_label, pts != NULL ? pts : "");
}

/* Which video track the frame's number counts in, and what else there is. Shown only where it
 * is a question. */
static void
show_track (CsmTransport *self)
{
  const CsmMediaInfo *info = csm_session_get_media_info (self->session);
  int track = csm_session_get_track (self->session);
  g_autofree char *label = g_strdup_printf ("v:%d", track);
  g_autofree char *words = info != NULL ? csm_media_words_dup_track (info, track) : NULL;

  gtk_menu_button_set_label (self->track_button, label);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->track_button), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->track_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, words != NULL ? words : label,
                                  -1);
}

static void
show_tracks (CsmTransport *self)
{
  const CsmMediaInfo *info = csm_session_get_media_info (self->session);
  g_autoptr (GMenu) menu = g_menu_new ();

  for (int i = 0; info != NULL && csm_media_info_get_stream (info, 'v', i) != NULL; i++)
    {
      g_autofree char *words = csm_media_words_dup_track (info, i);
      g_autoptr (GMenuItem) item = g_menu_item_new (words, NULL);

      if (!csm_media_info_offers_track (info, i))
        continue;
      g_menu_item_set_action_and_target (item, "frame.track", "i", i);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_menu_model (self->track_button, G_MENU_MODEL (menu));
  gtk_widget_set_visible (GTK_WIDGET (self->track_button),
                          g_menu_model_get_n_items (G_MENU_MODEL (menu)) > 1);
  show_track (self);
}

static void
show_position (CsmTransport *self)
{
  show_frame (self);
  show_time (self);
}

static void
show_span (CsmTransport *self)
{
  int64_t in = csm_session_get_in (self->session);
  int64_t out = csm_session_get_out (self->session);
  g_autofree char *text = NULL;

  if (in >= 0 && out >= 0)
    /* Translators: first and last frame of a span, and how many that are */
    text = g_strdup_printf (
        _ ("In %" G_GINT64_FORMAT "  Out %" G_GINT64_FORMAT "  (%" G_GINT64_FORMAT ")"), in,
        out, out - in + 1);
  else if (in >= 0)
    text = g_strdup_printf (_ ("In %" G_GINT64_FORMAT), in);
  else if (out >= 0)
    text = g_strdup_printf (_ ("Out %" G_GINT64_FORMAT), out);
  gtk_widget_set_visible (self->span_box, text != NULL);
  gtk_label_set_text (self->span_label, text != NULL ? text : "");
}

static void
show_badge (CsmTransport *self)
{
  CsmIndexState state = csm_session_get_index_state (self->session);

  gtk_widget_set_visible (GTK_WIDGET (self->badge_label), state == CSM_INDEX_PROVISIONAL);
}

static void
show_playing (CsmTransport *self)
{
  bool playing = csm_session_get_playing (self->session);
  const char *label = playing ? _ ("Pause") : _ ("Play");

  gtk_button_set_icon_name (self->play_button, playing ? "media-playback-pause-symbolic"
                                                       : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->play_button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
show_sound (CsmTransport *self)
{
  bool muted = csm_session_get_muted (self->session);
  const char *label = muted ? _ ("Unmute") : _ ("Mute");
  bool sound = csm_session_get_sound (self->session) != NULL;
  g_autofree char *tip = g_strdup_printf ("%s (Ctrl+M)", label);

  /* What comes and goes would move what is beside it. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->volume_scale), sound);
  gtk_button_set_icon_name (self->mute_button, muted ? "audio-volume-muted-symbolic"
                                                     : "audio-volume-high-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->mute_button), tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->mute_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
show_rate (CsmTransport *self)
{
  /* Translators: how fast it plays, with a sign */
  g_autofree char *text = g_strdup_printf (_ ("%g×"), csm_session_get_rate (self->session));

  gtk_menu_button_set_label (self->rate_button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->rate_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Speed"), -1);
}

static void
show_dropped (CsmTransport *self)
{
  int64_t n = csm_session_get_n_dropped (self->session);
  /* Translators: how many frames playing has left out */
  g_autofree char *text =
      g_strdup_printf (ngettext ("%" G_GINT64_FORMAT " dropped", "%" G_GINT64_FORMAT " dropped",
                                 (unsigned long) n),
                       n);

  gtk_label_set_text (self->dropped_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->dropped_label), n > 0);
}

/* --- go to --- */

static void
set_error (CsmTransport *self, const char *message)
{
  gtk_widget_set_visible (self->go_to_error, message != NULL);
  gtk_label_set_text (self->go_to_error_label, message != NULL ? message : "");
  if (message != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->go_to_entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->go_to_entry), "error");
}

static void
go_to_activate_cb (CsmTransport *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->go_to_entry));
  g_autoptr (GError) error = NULL;

  if (*text == '\0')
    return;
  if (!csm_session_go_to (self->session, text, &error))
    {
      set_error (self, error->message);
      return;
    }
  set_error (self, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->go_to_entry), "");
  /* The next key is one of the player's. */
  (void) gtk_widget_activate_action (GTK_WIDGET (self), "view.focus-picture", NULL);
}

static void
go_to_changed_cb (CsmTransport *self)
{
  set_error (self, NULL);
}

void
csm_transport_focus_go_to (CsmTransport *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->go_to_entry));
}

/* --- the widget --- */

void
csm_transport_set_session (CsmTransport *self, CsmSession *session)
{
  static const struct
  {
    const char *signal;
    void (*show) (CsmTransport *self);
  } shown[] = {
    { "notify::ordinal", show_position },  { "notify::n-frames", show_position },
    { "notify::index", show_time },        { "notify::index-state", show_badge },
    { "notify::in", show_span },           { "notify::out", show_span },
    { "notify::playing", show_playing },   { "notify::rate", show_rate },
    { "notify::n-dropped", show_dropped }, { "notify::muted", show_sound },
    { "notify::sound", show_sound },       { "notify::track", show_track },
    { "notify::media-info", show_tracks },
  };

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  for (unsigned i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_signal_connect_object (session, shown[i].signal, G_CALLBACK (shown[i].show), self,
                               G_CONNECT_SWAPPED);
      shown[i].show (self);
    }
  g_object_bind_property (session, "loop", self->loop_button, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (session, "volume",
                          gtk_range_get_adjustment (GTK_RANGE (self->volume_scale)), "value",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

static void
csm_transport_dispose (GObject *object)
{
  CsmTransport *self = CSM_TRANSPORT (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_TRANSPORT);
  G_OBJECT_CLASS (csm_transport_parent_class)->dispose (object);
}

static void
csm_transport_class_init (CsmTransportClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_transport_dispose;
  g_type_ensure (CSM_TYPE_STEP_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-transport.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, play_button);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, rate_button);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, mute_button);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, volume_scale);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, loop_button);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, dropped_label);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, frame_view);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, track_button);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, time_label);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, pts_label);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, span_label);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, span_box);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, badge_label);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, go_to_entry);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, go_to_error);
  gtk_widget_class_bind_template_child (widget_class, CsmTransport, go_to_error_label);
  gtk_widget_class_bind_template_callback (widget_class, go_to_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, go_to_changed_cb);
}

static void
csm_transport_init (CsmTransport *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
