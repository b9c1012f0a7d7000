/* csm-service-view.c: looking at a frame in another way than it was decoded
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-colour.h"
#include "media/worker/csm-png.h"
#include "media/worker/csm-service-private.h"

#include <string.h>

void
csm_shown_clear (CsmShown *self)
{
  av_frame_free (&self->frame);
  av_frame_free (&self->picture);
  g_free (self->colour);
}

/* A CsmViewRead. */
static AVFrame *
read_neighbour (int64_t ordinal, gpointer service, GError **error)
{
  const CsmRequest at = { .ordinal = ordinal };

  return csm_service_read_frame (service, &at, NULL, error);
}

/* @fit (nullable): the frame, when the picture need not be larger than it is shown. */
static AVFrame *
run (CsmService *self,
     const CsmRequest *request,
     const CsmView *view,
     const AVFrame *fit,
     char **ret_filters,
     GError **error)
{
  CsmConvertOptions options = { 0 };
  bool on_its_side;

  if (fit != NULL)
    options = csm_service_get_options (self, request, fit);
  on_its_side = options.rotation == 90 || options.rotation == 270;
  return csm_view_chain_run (
      self->chain, view, on_its_side ? options.max_height : options.max_width,
      on_its_side ? options.max_width : options.max_height, request->ordinal, self->n_frames,
      read_neighbour, self, ret_filters, error);
}

static uint32_t
find_flags (const AVFrame *frame, bool tone_mapped, bool filtered)
{
  return (csm_colour_has_alpha (frame) && !filtered ? CSM_BAND_ALPHA : 0) |
         (tone_mapped                 ? CSM_BAND_TONE_MAPPED
          : csm_colour_is_hdr (frame) ? CSM_BAND_HDR_AS_CODED
                                      : 0) |
         (csm_av_frame_is_interlaced (frame) ? CSM_BAND_INTERLACED : 0);
}

/* @request of the very frame that a near one came to. */
static gboolean
settle_near (CsmService *self, CsmRequest *request, GError **error)
{
  g_autoptr (AVFrame) frame = csm_service_read_frame (self, request, &request->ordinal, error);

  request->flags &= ~(uint32_t) CSM_REQUEST_NEAR;
  return frame != NULL;
}

/* (transfer full) (nullable): NULL without error, and the view of @shown is none, where that
 * does not fit the frame. */
static AVFrame *
run_if_fits (CsmService *self,
             const CsmRequest *request,
             const CsmView *view,
             CsmShown *shown,
             GError **error)
{
  g_autoptr (GError) failure = NULL;
  AVFrame *picture = run (self, request, view, NULL, NULL, &failure);
  g_autoptr (AVFrame) frame = NULL;

  if (picture != NULL)
    return picture;
  if (g_error_matches (failure, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED))
    frame = csm_service_read_frame (self, request, NULL, NULL);
  if (frame != NULL && csm_view_find_fit (view, frame->width, frame->height) != CSM_VIEW_FITS)
    shown->view = (CsmView){ 0 };
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

gboolean
csm_service_look (CsmService *self,
                  const CsmRequest *asked,
                  CsmShown *ret_shown,
                  GError **error)
{
  g_auto (CsmShown) shown = { .view = asked->view };
  CsmRequest at = *asked, *request = &at;
  bool as_decoded = (request->flags & CSM_REQUEST_AS_DECODED) != 0;
  bool moves = request->kind == CSM_REQUEST_PICTURE;
  CsmView view = request->view;
  bool plain, tone_map;
  g_autoptr (GError) failure = NULL;

  view.turn = CSM_VIEW_TURN_AS_FILE;
  plain = csm_view_is_plain (&view);
  shown.ordinal = request->ordinal;
  if (!plain && (request->flags & CSM_REQUEST_NEAR) != 0 && !settle_near (self, request, error))
    return FALSE;
  /* Before the frame is held: damaged pictures depend on what memory the decoder gets back. */
  if (!plain && (shown.picture = run_if_fits (self, request, &view, &shown, &failure)) == NULL)
    {
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      at.view = view = shown.view;
      plain = true;
    }
  shown.frame = csm_service_read_frame (self, request, moves ? &shown.ordinal : NULL, error);
  if (shown.frame == NULL)
    return FALSE;
  request->ordinal = shown.ordinal;
  tone_map = csm_colour_can_tone_map (shown.frame) && !(plain && as_decoded);
  if (plain)
    shown.picture = tone_map ? run (self, request, &view, shown.frame, NULL, error)
                             : av_frame_clone (shown.frame);
  if (shown.picture == NULL)
    return FALSE;
  shown.flags = find_flags (shown.frame, tone_map, !plain);
  shown.colour =
      csm_colour_describe (shown.frame, tone_map ? CSM_COLOUR_TONE_MAPPED
                                        : (request->flags & CSM_REQUEST_ACCURATE) != 0 || !plain
                                            ? CSM_COLOUR_ACCURATE
                                            : CSM_COLOUR_FAST);
  *ret_shown = shown;
  shown = (CsmShown){ 0 };
  return TRUE;
}

GBytes *
csm_service_make_view_still (CsmService *self, const CsmRequest *request, GError **error)
{
  CsmReply reply = { .kind = CSM_REPLY_FILTERS };
  g_autofree char *filters = NULL;
  g_autoptr (AVFrame) picture = run (self, request, &request->view, NULL, &filters, error);
  g_autoptr (AVFrame) frame = NULL;

  if (picture == NULL)
    return NULL;
  frame = csm_service_read_frame (self, request, NULL, error);
  if (frame == NULL)
    return NULL;
  csm_service_reply (self, &reply, filters, strlen (filters) + 1);
  return csm_png_encode_view (self->converter, picture, frame, &request->view, filters, error);
}
