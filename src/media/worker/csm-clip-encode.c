/* csm-clip-encode.c: exactly the frames of a span, coded anew
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-frame-index-builder.h"
#include "media/worker/csm-clip.h"
#include "media/worker/csm-colour.h"

#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <string.h>

#define ALIGN 64
/* Of coded H.264 that is kept until its container can be laid out. */
#define MAX_KEPT (256 << 20)

typedef struct
{
  CsmClipJob *job;
  bool exact; /* FFV1 */
  CsmClipClock clock;
  CsmClipBar bar;
  AVCodecContext *codec;
  AVFrame *frame; /* what goes in: the picture with its bar */
  bool full;      /* range of its samples */

  /* Of the first frame, and so of all */
  int frame_width, frame_height, frame_format;
  int width, height; /* of its picture in the clip */

  CsmClipFile *file;
  CsmClipMuxer *muxer; /* FFV1 */
  GPtrArray *packets;  /* of AVPacket: H.264 */
  int64_t n_kept_bytes;
  AVPacket *packet;
} Encode;

static void
packet_free (gpointer data)
{
  AVPacket *packet = data;

  av_packet_free (&packet);
}

static void
encode_clear (Encode *self)
{
  avcodec_free_context (&self->codec);
  av_frame_free (&self->frame);
  av_packet_free (&self->packet);
  csm_clip_muxer_free (self->muxer);
  csm_clip_file_free (self->file);
  g_clear_pointer (&self->packets, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Encode, encode_clear)

static gboolean
fail_memory (GError **error)
{
  return csm_media_fail_av (error, AVERROR (ENOMEM), "encode the clip");
}

/* ---- pictures ---- */

/* The same samples under the name that says nothing of their range. */
static enum AVPixelFormat
without_range (enum AVPixelFormat format)
{
  switch (format)
    {
    case AV_PIX_FMT_YUVJ411P:
      return AV_PIX_FMT_YUV411P;
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    default:
      return format;
    }
}

/* One that @encoder takes and that holds every sample of @format as it is, else _NONE. */
static enum AVPixelFormat
find_lossless (const AVCodec *encoder, enum AVPixelFormat format)
{
  const enum AVPixelFormat *known = csm_av_encoder_get_formats (encoder);
  const AVPixFmtDescriptor *from = av_pix_fmt_desc_get (format), *to;
  enum AVPixelFormat best;
  int loss = 0;

  format = without_range (format);
  for (int i = 0; known != NULL && known[i] != AV_PIX_FMT_NONE; i++)
    if (known[i] == format)
      return format;
  if (known == NULL || (from->flags & AV_PIX_FMT_FLAG_FLOAT) != 0)
    return AV_PIX_FMT_NONE;
  best = avcodec_find_best_pix_fmt_of_list (
      known, format, (from->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0, &loss);
  to = av_pix_fmt_desc_get (best);
  if (loss != 0 || to == NULL || to->comp[0].depth != MAX (from->comp[0].depth, 8) ||
      ((to->flags & AV_PIX_FMT_FLAG_RGB) != 0) !=
          ((from->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0))
    return AV_PIX_FMT_NONE;
  return best;
}

/* (transfer full) (nullable): the frame as decoded, in the encoder's format. */
static AVFrame *
read_exact (Encode *self, const AVCodec *encoder, int64_t ordinal, GError **error)
{
  CsmService *service = self->job->service;
  const CsmRequest request = { .ordinal = ordinal };
  g_autoptr (AVFrame) frame = csm_service_read_frame (service, &request, NULL, error);
  enum AVPixelFormat format;

  if (frame == NULL)
    return NULL;
  format = find_lossless (encoder, frame->format);
  if (format == AV_PIX_FMT_NONE)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "Pictures in the format \"%s\" cannot be kept in FFV1 without loss.",
                   av_get_pix_fmt_name (frame->format));
      return NULL;
    }
  self->full = csm_colour_is_full_range (frame);
  if (format != without_range (frame->format))
    {
      AVFrame *converted = csm_converter_convert_to (service->converter, frame, format, error);

      if (converted != NULL)
        av_frame_copy_props (converted, frame);
      return converted;
    }
  frame->format = format;
  return g_steal_pointer (&frame);
}

static AVFrame *
wrap (const CsmImage *image)
{
  AVFrame *frame = av_frame_alloc ();

  frame->format = AV_PIX_FMT_BGRA;
  frame->width = image->width;
  frame->height = image->height;
  frame->data[0] = image->pixels;
  frame->linesize[0] = image->stride;
  return frame;
}

static bool
is_plain (const AVFrame *frame)
{
  return frame->format == AV_PIX_FMT_YUV420P || frame->format == AV_PIX_FMT_YUVJ420P;
}

/* (transfer full) (nullable): the frame as it is shown, in 8 bits and 4:2:0, but with its own
 * sample aspect. What has that form already stays as it is. */
static AVFrame *
read_shown (Encode *self, int64_t ordinal, GError **error)
{
  CsmService *service = self->job->service;
  const CsmRequest request = { .kind = CSM_REQUEST_CLIP,
                               .ordinal = ordinal,
                               .flags = CSM_REQUEST_ACCURATE };
  g_auto (CsmShown) shown = { 0 };
  g_auto (CsmImage) image = { 0 };
  g_autoptr (AVFrame) pixels = NULL;
  CsmConvertOptions options;
  AVFrame *picture;

  if (!csm_service_look (service, &request, &shown, error))
    return NULL;
  options = csm_service_get_options (service, &request, shown.frame);
  if (options.rotation == 0 && is_plain (shown.picture))
    {
      picture = av_frame_clone (shown.picture);
      if (picture == NULL)
        (void) fail_memory (error); /* NULL says it */
      else
        {
          self->full = csm_colour_is_full_range (picture);
          picture->format = AV_PIX_FMT_YUV420P;
          picture->sample_aspect_ratio = options.sample_aspect;
        }
      return picture;
    }
  picture = NULL;
  self->full = false;
  {
    AVRational aspect = options.sample_aspect;
    bool on_its_side = options.rotation == 90 || options.rotation == 270;

    options.sample_aspect = (AVRational){ 0, 1 };
    if (!csm_converter_convert (service->converter, shown.picture, &options, true, &image,
                                error))
      return NULL;
    pixels = wrap (&image);
    picture =
        csm_converter_convert_video (service->converter, pixels, AV_PIX_FMT_YUV420P, error);
    if (picture != NULL)
      {
        picture->sample_aspect_ratio =
            on_its_side && aspect.num > 0 ? av_inv_q (aspect) : aspect;
        picture->colorspace = csm_colour_get_matrix (pixels);
        picture->color_range = AVCOL_RANGE_MPEG;
      }
  }
  return picture;
}

static AVFrame *
read_picture (Encode *self, const AVCodec *encoder, int64_t ordinal, GError **error)
{
  return self->exact ? read_exact (self, encoder, ordinal, error)
                     : read_shown (self, ordinal, error);
}

/* ---- the encoder ---- */

static const AVCodec *
find_encoder (Encode *self, GError **error)
{
  const AVCodec *encoder = self->exact ? avcodec_find_encoder (AV_CODEC_ID_FFV1)
                                       : avcodec_find_encoder_by_name ("libx264");

  if (encoder == NULL)
    g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                 "This FFmpeg has no encoder for %s.", self->exact ? "FFV1" : "H.264");
  return encoder;
}

/* FFV1 version 3 with checksums of its slices (RFC 9043); every frame stands alone. */
static void
set_ffv1 (AVCodecContext *codec)
{
  codec->level = 3;
  codec->gop_size = 1;
  av_opt_set_int (codec->priv_data, "slicecrc", 1, 0);
}

/* Frames in the order in which they are shown, and not many of them held at once. */
static void
set_h264 (AVCodecContext *codec)
{
  codec->max_b_frames = 0;
  codec->gop_size = 50;
  av_opt_set (codec->priv_data, "preset", "fast", 0);
  av_opt_set_double (codec->priv_data, "crf", 18, 0);
  av_opt_set_int (codec->priv_data, "rc-lookahead", 10, 0);
}

static gboolean
open_encoder (Encode *self, const AVCodec *encoder, const AVFrame *picture, GError **error)
{
  AVCodecContext *codec = self->codec = avcodec_alloc_context3 (encoder);
  int rc;

  if (codec == NULL)
    return fail_memory (error);
  codec->width = self->frame->width;
  codec->height = self->frame->height;
  codec->pix_fmt = self->frame->format;
  codec->time_base = self->clock.timebase;
  codec->sample_aspect_ratio = picture->sample_aspect_ratio;
  codec->color_range = self->full ? AVCOL_RANGE_JPEG : picture->color_range;
  codec->colorspace = picture->colorspace;
  codec->color_primaries = picture->color_primaries;
  codec->color_trc = picture->color_trc;
  codec->chroma_sample_location = picture->chroma_location;
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  if (self->exact)
    set_ffv1 (codec);
  else
    set_h264 (codec);
  rc = avcodec_open2 (codec, encoder, NULL);
  return rc >= 0 ? TRUE : csm_media_fail_av (error, rc, "begin to encode the clip");
}

/* Room for the picture and its bar. */
static gboolean
make_frame (Encode *self, const AVFrame *picture, GError **error)
{
  CsmClipJob *job = self->job;

  self->width = picture->width;
  self->height = picture->height;
  self->bar = csm_clip_bar_new (picture->width, job->index, job->first, job->last);
  self->frame->format = picture->format;
  self->frame->width = picture->width;
  self->frame->height = picture->height + self->bar.height;
  if (!self->exact)
    {
      self->frame->width += self->frame->width % 2;
      self->frame->height += self->frame->height % 2;
    }
  if (MAX (self->frame->width, self->frame->height) > CSM_PROTOCOL_MAX_SIDE)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                           "The picture is too large for a clip.");
      return FALSE;
    }
  return TRUE;
}

static void
describe (Encode *self, CsmClipMessage *ret_message)
{
  *ret_message = (CsmClipMessage){
    .from = self->job->first,
    .to = self->job->last,
    .container = self->exact ? CSM_CLIP_CONTAINER_MATROSKA : CSM_CLIP_CONTAINER_MP4,
    .width = self->width,
    .height = self->height,
    .clip_width = self->frame->width,
    .clip_height = self->frame->height,
    .timed = self->clock.timed,
  };
}

static gboolean
begin_muxer (Encode *self, CsmClipPass pass, GError **error)
{
  CsmClipMessage message;
  AVCodecParameters *parameters = avcodec_parameters_alloc ();
  int64_t length =
      csm_clip_clock_get (&self->clock, self->job->index, self->job->last) +
      csm_clip_clock_get_duration (&self->clock, self->job->index, self->job->last);
  AVStream *stream = NULL;

  describe (self, &message);
  csm_clip_muxer_free (self->muxer);
  self->muxer = csm_clip_muxer_new (self->file, message.container, pass, error);
  if (self->muxer != NULL && avcodec_parameters_from_context (parameters, self->codec) >= 0)
    stream = csm_clip_muxer_add (self->muxer, parameters, self->clock.timebase, error);
  avcodec_parameters_free (&parameters);
  if (stream == NULL)
    return FALSE;
  return csm_clip_muxer_begin (
      self->muxer,
      MAX (av_rescale_q (length, self->clock.timebase, (AVRational){ 1, AV_TIME_BASE }), 1),
      error);
}

/* ---- frames in, packets out ---- */

static gboolean
keep_packet (Encode *self, GError **error)
{
  AVPacket *kept = av_packet_clone (self->packet);

  if (kept == NULL)
    return fail_memory (error);
  g_ptr_array_add (self->packets, kept);
  self->n_kept_bytes += kept->size;
  if (self->n_kept_bytes <= MIN (MAX_KEPT, self->job->max_size))
    return TRUE;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
               "Re-encoded, the clip would have more than %" G_GINT64_FORMAT
               " bytes: mark a shorter span, or copy its packets.",
               MIN ((int64_t) MAX_KEPT, self->job->max_size));
  return FALSE;
}

static gboolean
take_packets (Encode *self, GError **error)
{
  int rc;

  while ((rc = avcodec_receive_packet (self->codec, self->packet)) >= 0)
    {
      gboolean ok;

      /* The frame's number came along as its time. */
      if (self->exact || self->packet->duration <= 0)
        self->packet->duration = 0;
      ok = self->exact ? csm_clip_muxer_write (self->muxer, 0, self->packet,
                                               self->clock.timebase, error)
                       : keep_packet (self, error);
      av_packet_unref (self->packet);
      if (!ok)
        return FALSE;
    }
  return rc == AVERROR (EAGAIN) || rc == AVERROR_EOF
             ? TRUE
             : csm_media_fail_av (error, rc, "encode the clip");
}

static gboolean
check_shape (Encode *self, const AVFrame *picture, int64_t ordinal, GError **error)
{
  if (ordinal == self->job->first)
    {
      self->frame_width = picture->width;
      self->frame_height = picture->height;
      self->frame_format = picture->format;
    }
  if (picture->width == self->frame_width && picture->height == self->frame_height &&
      picture->format == self->frame_format)
    return TRUE;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
               "The pictures change their size or format at frame %" G_GINT64_FORMAT
               ": mark a shorter span, or copy its packets.",
               ordinal);
  return FALSE;
}

static gboolean
compose (Encode *self, const AVFrame *picture, int64_t ordinal, GError **error)
{
  AVFrame *frame = self->frame;
  int format = frame->format, width = frame->width, height = frame->height;
  ptrdiff_t strides[4];

  /* Fresh memory: the encoder may hold the last one. */
  av_frame_unref (frame);
  frame->format = format;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer (frame, ALIGN) < 0)
    return fail_memory (error);
  for (int i = 0; i < AV_NUM_DATA_POINTERS && frame->buf[i] != NULL; i++)
    memset (frame->buf[i]->data, 0, frame->buf[i]->size); /* the padding, too */
  /* What neither the picture nor the bar covers, where a side is odd. */
  for (int i = 0; i < 4; i++)
    strides[i] = frame->linesize[i];
  (void) av_image_fill_black (frame->data, strides, format,
                              self->full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG, width, height);
  csm_clip_bar_draw (&self->bar, frame, picture->height, self->full, self->job->index, ordinal);
  av_image_copy (frame->data, frame->linesize, (const uint8_t **) picture->data,
                 picture->linesize, format, picture->width, picture->height);
  frame->pts = csm_clip_clock_get (&self->clock, self->job->index, ordinal);
  frame->sample_aspect_ratio = self->codec->sample_aspect_ratio;
  frame->color_range = self->codec->color_range;
  return TRUE;
}

static gboolean
encode_frame (Encode *self, const AVCodec *encoder, int64_t ordinal, GError **error)
{
  g_autoptr (AVFrame) picture = read_picture (self, encoder, ordinal, error);
  CsmClipMessage message;
  int rc;

  if (picture == NULL || !check_shape (self, picture, ordinal, error))
    return FALSE;
  if (self->codec == NULL)
    {
      if (!make_frame (self, picture, error) || !open_encoder (self, encoder, picture, error))
        return FALSE;
      describe (self, &message);
      if (self->exact && (!self->job->begin (&message, self->job->data, error) ||
                          !begin_muxer (self, CSM_CLIP_PASS_STREAM, error)))
        return FALSE;
    }
  if (!compose (self, picture, ordinal, error))
    return FALSE;
  rc = avcodec_send_frame (self->codec, self->frame);
  if (rc < 0)
    return csm_media_fail_av (error, rc, "encode the clip");
  self->job->service->job_done++;
  if (!csm_service_poll_cb (self->job->service))
    return take_packets (self, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  return FALSE;
}

static gboolean
encode_all (Encode *self, GError **error)
{
  const AVCodec *encoder = find_encoder (self, error);

  if (encoder == NULL)
    return FALSE;
  for (int64_t n = self->job->first; n <= self->job->last; n++)
    if (!encode_frame (self, encoder, n, error))
      return FALSE;
  (void) avcodec_send_frame (self->codec, NULL); /* what fails shows in what comes out */
  return take_packets (self, error);
}

/* ---- the kept packets ---- */

static gboolean
mux_kept (Encode *self, CsmClipPass pass, GError **error)
{
  if (!begin_muxer (self, pass, error))
    return FALSE;
  for (guint i = 0; i < self->packets->len; i++)
    {
      int64_t ordinal = self->job->first + i;

      if (av_packet_ref (self->packet, g_ptr_array_index (self->packets, i)) < 0)
        return fail_memory (error);
      self->packet->duration =
          csm_clip_clock_get_duration (&self->clock, self->job->index, ordinal);
      if (!csm_clip_muxer_write (self->muxer, 0, self->packet, self->clock.timebase, error))
        return FALSE;
    }
  return csm_clip_muxer_end (self->muxer, error);
}

static gboolean
write_kept (Encode *self, GError **error)
{
  CsmClipMessage message;

  if (self->packets->len != self->job->last - self->job->first + 1)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED,
                           "The encoder did not give as many frames as it got.");
      return FALSE;
    }
  describe (self, &message);
  return mux_kept (self, CSM_CLIP_PASS_LAYOUT, error) &&
         self->job->begin (&message, self->job->data, error) &&
         mux_kept (self, CSM_CLIP_PASS_WRITE, error);
}

/* The rate of frames without times of their own is what a full look at the file finds, whatever
 * this worker was asked before. */
static gboolean
make_clock (Encode *self, GError **error)
{
  CsmClipJob *job = self->job;
  g_autoptr (CsmInput) input = NULL;

  self->clock = csm_clip_clock_new (job->index, job->first, job->last, NULL);
  if (self->clock.timed)
    return TRUE;
  input = csm_input_open (job->service->source, csm_service_poll_cb, job->service, error);
  if (input == NULL)
    return FALSE;
  self->clock =
      csm_clip_clock_new (job->index, job->first, job->last,
                          csm_input_get_video (input, csm_frame_index_get_track (job->index)));
  return TRUE;
}

gboolean
csm_clip_encode (CsmClipJob *job, GError **error)
{
  g_auto (Encode) self = { .job = job,
                           .exact = job->way == CSM_CLIP_WAY_FFV1,
                           .frame = av_frame_alloc (),
                           .packet = av_packet_alloc (),
                           .packets = g_ptr_array_new_with_free_func (packet_free) };

  self.file = csm_clip_file_new (job->max_size, job->write, job->data);
  job->service->job_total = job->last - job->first + 2;
  if (!make_clock (&self, error) || !encode_all (&self, error))
    return FALSE;
  return self.exact ? csm_clip_muxer_end (self.muxer, error) : write_kept (&self, error);
}
