/* csm-service-requests.c: what a host can ask of the worker
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "media/csm-frame-index-builder.h"
#include "media/worker/csm-passes.h"
#include "media/worker/csm-plane-hash.h"
#include "media/worker/csm-png.h"
#include "media/worker/csm-service-private.h"

#include <libavutil/pixdesc.h>
#include <string.h>

/* Pixels: hashing, converting or packing such a frame takes its time. */
#define LARGE_FRAME (4096 * 2304)

/* ---- the container ---- */

CsmInput *
csm_service_take_input (CsmService *self, GError **error)
{
  if (self->spare != NULL)
    return g_steal_pointer (&self->spare);
  return csm_input_open (self->source, csm_service_poll_cb, self, error);
}

/* ---- indexes ---- */

static void
answer_index (CsmService *self, CsmFrameIndex *index, const GError *error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (index == NULL)
    {
      csm_service_fail (self, error);
      return;
    }
  bytes = csm_frame_index_serialize (index);
  if (csm_service_send_bytes (self, bytes))
    csm_service_done (self);
}

/* What a container leaves open is worked out by a look at the streams. */
static bool
says_all (CsmFrameIndex *index)
{
  for (int64_t i = 0; i < csm_frame_index_get_n_packets (index); i++)
    {
      const CsmIndexPacket *packet = csm_frame_index_get_packet (index, i);

      if (packet->duration <= 0 || packet->pts == CSM_NO_PTS || packet->dts == CSM_NO_PTS)
        return false;
    }
  return true;
}

/* (transfer full) (nullable): the index as it can be had without a look at the streams. */
static CsmFrameIndex *
scan_quickly (CsmService *self, int track)
{
  g_autoptr (CsmInput) input = csm_input_open_packets (self->source, csm_service_poll_cb, self);
  g_autoptr (CsmFrameIndex) index =
      input != NULL ? csm_pass_scan (input, track, csm_service_progress_cb, self, NULL) : NULL;

  return index != NULL && says_all (index) ? g_steal_pointer (&index) : NULL;
}

void
csm_service_scan (CsmService *self, const CsmRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;
  g_autoptr (CsmInput) input = NULL;

  if (self->spare == NULL)
    index = scan_quickly (self, request->track);
  if (index == NULL)
    input = csm_service_take_input (self, &error);
  if (input != NULL)
    index = csm_pass_scan (input, request->track, csm_service_progress_cb, self, &error);
  if (index != NULL && input != NULL)
    {
      csm_input_free (self->used);
      self->used = g_steal_pointer (&input);
    }
  answer_index (self, index, error);
}

void
csm_service_verify (CsmService *self, const CsmRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index =
      csm_pass_verify (self->source, request->track, csm_service_progress_cb, self, &error);

  answer_index (self, index, error);
}

void
csm_service_set_index (CsmService *self, const CsmRequest *request)
{
  g_clear_pointer (&self->incoming, g_byte_array_unref);
  self->incoming = g_byte_array_new ();
  self->expected = (size_t) request->total;
}

/* (transfer full) (nullable): whatever is open already. */
static CsmInput *
take_used (CsmService *self)
{
  CsmInput *used = g_steal_pointer (&self->used);

  if (self->reader != NULL)
    {
      CsmInput *left = csm_reader_free_to_input (g_steal_pointer (&self->reader));

      if (used == NULL)
        return left;
      csm_input_free (left);
    }
  return used != NULL ? used : g_steal_pointer (&self->spare);
}

static void
use_index (CsmService *self)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->incoming));
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmFrameIndex) index = csm_frame_index_parse (bytes, &error);

  if (index == NULL)
    {
      csm_service_fail (self, error);
      return;
    }
  self->reader = csm_reader_new (self->source, index, self->cache_budget, take_used (self));
  self->n_frames = csm_frame_index_get_n_frames (index);
  csm_view_chain_free (self->chain);
  self->chain = csm_view_chain_new ();
  csm_service_done (self);
}

void
csm_service_take_index (CsmService *self, const void *data, size_t size)
{
  if (self->incoming == NULL || size > self->expected - self->incoming->len)
    {
      self->gone = true;
      return;
    }
  g_byte_array_append (self->incoming, data, (guint) size);
  if (self->incoming->len == self->expected)
    use_index (self);
}

/* ---- frames ---- */

static gboolean
need_reader (CsmService *self, GError **error)
{
  if (self->reader != NULL)
    return TRUE;
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                       "No frame index was set.");
  return FALSE;
}

static AVFrame *
read_shown (CsmService *self, const CsmRequest *request, int64_t *ret_ordinal, GError **error)
{
  if ((request->flags & CSM_REQUEST_NEAR) != 0)
    return csm_reader_read_near (self->reader, request->ordinal, ret_ordinal,
                                 csm_service_poll_cb, self, error);
  *ret_ordinal = request->ordinal;
  return csm_reader_read (self->reader, request->ordinal, request->direction,
                          csm_service_poll_cb, self, error);
}

AVFrame *
csm_service_read_frame (CsmService *self,
                        const CsmRequest *request,
                        int64_t *ret_ordinal,
                        GError **error)
{
  AVFrame *frame;

  if (!need_reader (self, error))
    return NULL;
  frame = ret_ordinal != NULL ? read_shown (self, request, ret_ordinal, error)
                              : csm_reader_read_aside (self->reader, request->ordinal,
                                                       csm_service_poll_cb, self, error);
  if (frame != NULL && MAX (frame->width, frame->height) > CSM_PROTOCOL_MAX_SIDE)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                   "The frame has %d × %d pixels, more than %d at a side.", frame->width,
                   frame->height, CSM_PROTOCOL_MAX_SIDE);
      av_frame_free (&frame);
    }
  if (frame != NULL && (int64_t) frame->width * frame->height > LARGE_FRAME)
    csm_service_say_alive (self);
  return frame;
}

CsmConvertOptions
csm_service_get_options (CsmService *self, const CsmRequest *request, const AVFrame *frame)
{
  const AVStream *stream = csm_reader_get_stream (self->reader);
  CsmConvertOptions options = { .max_width = request->max_width,
                                .max_height = request->max_height,
                                .accurate = (request->flags & CSM_REQUEST_ACCURATE) != 0 };

  if ((request->flags & CSM_REQUEST_AS_DECODED) == 0 && stream != NULL)
    {
      options.rotation = csm_av_frame_get_rotation (frame, stream);
      options.sample_aspect = frame->sample_aspect_ratio.num > 0
                                  ? frame->sample_aspect_ratio
                                  : stream->codecpar->sample_aspect_ratio;
    }
  if (request->view.turn != CSM_VIEW_TURN_AS_FILE)
    options.rotation = (request->view.turn - CSM_VIEW_TURN_0) * 90;
  return options;
}

static bool
send_band (CsmService *self,
           const CsmImage *image,
           const CsmShown *shown,
           int rotation,
           int64_t ordinal,
           int y,
           int rows)
{
  CsmReply reply = { .kind = CSM_REPLY_BAND };
  const AVFrame *frame = shown->frame;
  CsmBandMessage band = { .ordinal = ordinal,
                          .width = image->width,
                          .height = image->height,
                          .stride = image->stride,
                          .y = y,
                          .rows = rows,
                          .frame_width = frame->width,
                          .frame_height = frame->height,
                          .rotation = rotation,
                          .flags = shown->flags };

  g_strlcpy (reply.text, shown->colour, sizeof reply.text);
  if (!image->borrowed)
    memcpy (self->ring, image->pixels + (ptrdiff_t) y * image->stride,
            (size_t) rows * (size_t) image->stride);
  return csm_service_reply (self, &reply, &band, sizeof band) &&
         csm_service_wait_for_ack (self);
}

static void
send_image (CsmService *self,
            const CsmImage *image,
            const CsmShown *shown,
            int rotation,
            int64_t ordinal)
{
  int rows_at_once = CSM_PROTOCOL_RING_SIZE / image->stride;

  for (int y = 0; y < image->height; y += rows_at_once)
    if (!send_band (self, image, shown, rotation, ordinal, y,
                    MIN (rows_at_once, image->height - y)))
      {
        csm_service_fail (self, NULL);
        return;
      }
  csm_service_done (self);
}

void
csm_service_picture (CsmService *self, const CsmRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_auto (CsmShown) shown = { 0 };
  g_auto (CsmImage) image = { 0 };

  if (csm_service_look (self, request, &shown, &error))
    {
      CsmConvertOptions options;
      CsmRequest as_shown = *request;

      as_shown.view = shown.view;
      options = csm_service_get_options (self, &as_shown, shown.frame);
      options.room = self->ring;
      options.room_size = CSM_PROTOCOL_RING_SIZE;
      if (csm_converter_convert (self->converter, shown.picture, &options, true, &image,
                                 &error))
        {
          send_image (self, &image, &shown, options.rotation, shown.ordinal);
          return;
        }
    }
  csm_service_fail (self, error);
}

void
csm_service_digest (CsmService *self, const CsmRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AVFrame) frame = csm_service_read_frame (self, request, NULL, &error);
  CsmReply reply = { .kind = CSM_REPLY_DIGEST };
  CsmDigestMessage digest = { 0 };

  if (frame == NULL)
    {
      csm_service_fail (self, error);
      return;
    }
  if (!csm_plane_digest (frame, digest.sha256, digest.md5, &digest.size))
    {
      g_set_error_literal (&error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "Frames of this format have no raw planes.");
      csm_service_fail (self, error);
      return;
    }
  digest.width = frame->width;
  digest.height = frame->height;
  g_strlcpy (digest.pixel_format, av_get_pix_fmt_name (frame->format),
             sizeof digest.pixel_format);
  csm_service_reply (self, &reply, &digest, sizeof digest);
  csm_service_done (self);
}

static void
answer_bytes (CsmService *self, GBytes *bytes, const GError *error)
{
  if (bytes == NULL)
    csm_service_fail (self, error);
  else if (csm_service_send_bytes (self, bytes))
    csm_service_done (self);
}

static GBytes *
make_still (CsmService *self, const CsmRequest *request, GError **error)
{
  g_autoptr (AVFrame) frame = csm_service_read_frame (self, request, NULL, error);

  return frame != NULL ? csm_png_encode_still (self->converter, frame, error) : NULL;
}

void
csm_service_png (CsmService *self, const CsmRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = csm_view_is_plain (&request->view)
                               ? make_still (self, request, &error)
                               : csm_service_make_view_still (self, request, &error);

  csm_service_say_alive (self);
  answer_bytes (self, png, error);
}

static GBytes *
make_thumbnail (CsmService *self, const CsmRequest *request, GError **error)
{
  g_auto (CsmShown) shown = { 0 };
  g_auto (CsmImage) image = { 0 };
  CsmConvertOptions options;
  GBytes *bytes;

  if (!csm_service_look (self, request, &shown, error))
    return NULL;
  options = csm_service_get_options (self, request, shown.frame);
  if (!csm_converter_convert (self->converter, shown.picture, &options, true, &image, error))
    return NULL;
  bytes =
      csm_small_picture_new (image.width, image.height, image.pixels, (size_t) image.stride);
  if (bytes == NULL)
    g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                         "The frame's shape is too far from that of a small picture.");
  return bytes;
}

void
csm_service_thumbnail (CsmService *self, const CsmRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = make_thumbnail (self, request, &error);

  answer_bytes (self, bytes, error);
}

/* ---- statistics ---- */

void
csm_service_statistics (CsmService *self)
{
  g_autoptr (GError) error = NULL;
  CsmReply reply = { .kind = CSM_REPLY_STATISTICS };
  CsmReaderStatistics known;
  CsmStatisticsMessage message;

  if (!need_reader (self, &error))
    {
      csm_service_fail (self, error);
      return;
    }
  known = csm_reader_get_statistics (self->reader);
  message = (CsmStatisticsMessage){
    .n_reads = known.n_reads,
    .n_hits = known.n_hits,
    .n_decoded = known.n_decoded,
    .n_seeks = known.n_seeks,
    .n_cached = known.n_cached,
    .cached_bytes = known.cached_bytes,
    .capacity = known.capacity,
    .settled = known.settled,
  };
  csm_service_reply (self, &reply, &message, sizeof message);
  csm_service_done (self);
}
