/* csm-clip-mux.c: the container of a clip, handed out in order without going back
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-clip-mux.h"

#include <string.h>

#define IO_SIZE (64 * 1024)

/* ---- the file ---- */

/* What was written over earlier bytes. */
typedef struct
{
  int64_t at;
  GBytes *bytes;
} Patch;

struct _CsmClipFile
{
  int64_t max_size;
  CsmClipWrite write;
  gpointer data;
  GArray *patches; /* of Patch, in the order that they were made */

  /* This pass */
  CsmClipPass pass;
  int64_t position, end;
  GError *error; /* why nothing is taken any more */
};

static void
patch_clear (gpointer patch)
{
  g_bytes_unref (((Patch *) patch)->bytes);
}

CsmClipFile *
csm_clip_file_new (int64_t max_size, CsmClipWrite write, gpointer data)
{
  CsmClipFile *self = g_new0 (CsmClipFile, 1);

  self->max_size = max_size;
  self->write = write;
  self->data = data;
  self->patches = g_array_new (FALSE, FALSE, sizeof (Patch));
  g_array_set_clear_func (self->patches, patch_clear);
  return self;
}

void
csm_clip_file_free (CsmClipFile *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->patches);
  g_clear_error (&self->error);
  g_free (self);
}

static void
begin_pass (CsmClipFile *self, CsmClipPass pass)
{
  self->pass = pass;
  self->position = self->end = 0;
  g_clear_error (&self->error);
  if (pass != CSM_CLIP_PASS_WRITE)
    g_array_set_size (self->patches, 0);
}

/* Fills in what comes to lie inside @bytes, which are at @at. */
static void
apply_patches (CsmClipFile *self, int64_t at, uint8_t *bytes, size_t size)
{
  for (guint i = 0; i < self->patches->len; i++)
    {
      const Patch *patch = &g_array_index (self->patches, Patch, i);
      size_t patch_size;
      const uint8_t *from = g_bytes_get_data (patch->bytes, &patch_size);
      int64_t start = MAX (at, patch->at);
      int64_t end = MIN (at + (int64_t) size, patch->at + (int64_t) patch_size);

      if (start < end)
        memcpy (bytes + (start - at), from + (start - patch->at), (size_t) (end - start));
    }
}

static gboolean
hand_out (CsmClipFile *self, const uint8_t *bytes, size_t size, GError **error)
{
  g_autofree uint8_t *copy = NULL;

  if (self->patches->len == 0)
    return self->write (bytes, size, self->data, error);
  copy = g_memdup2 (bytes, size);
  apply_patches (self, self->end, copy, size);
  return self->write (copy, size, self->data, error);
}

static gboolean
take (CsmClipFile *self, const uint8_t *bytes, int64_t size, GError **error)
{
  int64_t over = CLAMP (self->end - self->position, 0, size);

  if (over > 0 && self->pass == CSM_CLIP_PASS_LAYOUT)
    {
      Patch patch = { self->position, g_bytes_new (bytes, (gsize) over) };

      g_array_append_val (self->patches, patch);
    }
  self->position += size;
  if (over == size)
    return TRUE;
  if (self->position > self->max_size)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                   "The clip would have more than %" G_GINT64_FORMAT " bytes.", self->max_size);
      return FALSE;
    }
  if (self->pass != CSM_CLIP_PASS_LAYOUT &&
      !hand_out (self, bytes + over, (size_t) (size - over), error))
    return FALSE;
  self->end = self->position;
  return TRUE;
}

static int
#if LIBAVFORMAT_VERSION_MAJOR >= 61
write_cb (void *opaque, const uint8_t *bytes, int size)
#else
write_cb (void *opaque, uint8_t *bytes, int size)
#endif
{
  CsmClipFile *self = opaque;

  if (self->error != NULL || self->position > self->end ||
      !take (self, bytes, size, &self->error))
    return AVERROR_EXIT;
  return size;
}

static int64_t
seek_cb (void *opaque, int64_t offset, int whence)
{
  CsmClipFile *self = opaque;

  switch (whence & ~AVSEEK_FORCE)
    {
    case AVSEEK_SIZE:
      return self->end;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      offset += self->position;
      break;
    case SEEK_END:
      offset += self->end;
      break;
    default:
      return AVERROR (EINVAL);
    }
  if (offset < 0 || offset > self->end)
    return AVERROR (EINVAL);
  self->position = offset;
  return offset;
}

/* ---- the muxer ---- */

struct _CsmClipMuxer
{
  CsmClipFile *file;
  AVFormatContext *format;
  AVIOContext *io;
};

static const AVOutputFormat *
find_format (CsmClipContainer container)
{
  return av_guess_format (container == CSM_CLIP_CONTAINER_MP4 ? "mp4" : "matroska", NULL, NULL);
}

bool
csm_clip_can_hold (CsmClipContainer container, enum AVCodecID codec)
{
  const AVOutputFormat *format = find_format (container);

  if (format == NULL)
    return false;
  /* Matroska holds more than has a name in it, as AVI does. */
  return avformat_query_codec (format, codec, FF_COMPLIANCE_NORMAL) == 1 ||
         (container == CSM_CLIP_CONTAINER_MATROSKA &&
          av_codec_get_tag (format->codec_tag, codec) != 0);
}

/* The file's own reason, else FFmpeg's. */
static gboolean
fail (CsmClipMuxer *self, int rc, const char *what, GError **error)
{
  if (self->file->error == NULL)
    return csm_media_fail_av (error, rc, what);
  g_propagate_error (error, g_steal_pointer (&self->file->error));
  return FALSE;
}

CsmClipMuxer *
csm_clip_muxer_new (CsmClipFile *file,
                    CsmClipContainer container,
                    CsmClipPass pass,
                    GError **error)
{
  g_autoptr (CsmClipMuxer) self = g_new0 (CsmClipMuxer, 1);
  const AVOutputFormat *format = find_format (container);
  uint8_t *buffer = av_malloc (IO_SIZE);

  self->file = file;
  begin_pass (file, pass);
  if (format == NULL || avformat_alloc_output_context2 (&self->format, format, NULL, NULL) < 0)
    {
      av_free (buffer);
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "This FFmpeg writes no such clips.");
      return NULL;
    }
  self->io = avio_alloc_context (buffer, IO_SIZE, 1, file, NULL, write_cb, seek_cb);
  self->io->seekable = pass == CSM_CLIP_PASS_STREAM ? 0 : AVIO_SEEKABLE_NORMAL;
  self->format->pb = self->io;
  self->format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  /* Times are as they should be: what lies before 0 is hidden by the container. */
  self->format->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  return g_steal_pointer (&self);
}

void
csm_clip_muxer_free (CsmClipMuxer *self)
{
  if (self == NULL)
    return;
  avformat_free_context (self->format);
  if (self->io != NULL)
    av_freep (&self->io->buffer);
  avio_context_free (&self->io);
  g_free (self);
}

/* The tag may be one that only the source's container knows. */
static void
choose_tag (const AVFormatContext *format, AVCodecParameters *parameters)
{
  if (av_codec_get_id (format->oformat->codec_tag, parameters->codec_tag) !=
      parameters->codec_id)
    parameters->codec_tag = 0;
}

AVStream *
csm_clip_muxer_add (CsmClipMuxer *self,
                    const AVCodecParameters *parameters,
                    AVRational timebase,
                    GError **error)
{
  AVStream *stream = avformat_new_stream (self->format, NULL);
  int rc = stream != NULL ? avcodec_parameters_copy (stream->codecpar, parameters)
                          : AVERROR (ENOMEM);

  if (rc < 0)
    {
      (void) csm_media_fail_av (error, rc, "begin the clip"); /* NULL says it */
      return NULL;
    }
  choose_tag (self->format, stream->codecpar);
  stream->time_base = timebase;
  stream->sample_aspect_ratio = parameters->sample_aspect_ratio;
  return stream;
}

gboolean
csm_clip_muxer_begin (CsmClipMuxer *self, int64_t duration, GError **error)
{
  AVDictionary *options = NULL;
  int rc;

  self->format->duration = duration;
  av_dict_set (&options, "write_tmcd", "0", 0); /* no time code track, which names a clock */
  /* Edit lists that end where the frames do, to the tick. */
  if (self->format->streams[0]->time_base.num == 1)
    av_dict_set_int (&options, "movie_timescale", self->format->streams[0]->time_base.den, 0);
  rc = avformat_write_header (self->format, &options);
  av_dict_free (&options);
  return rc >= 0 ? TRUE : fail (self, rc, "begin the clip", error);
}

gboolean
csm_clip_muxer_write (CsmClipMuxer *self,
                      int stream,
                      AVPacket *packet,
                      AVRational timebase,
                      GError **error)
{
  int rc;

  packet->stream_index = stream;
  packet->pos = -1;
  av_packet_rescale_ts (packet, timebase, self->format->streams[stream]->time_base);
  rc = av_interleaved_write_frame (self->format, packet);
  if (rc >= 0 && self->file->error != NULL)
    rc = AVERROR_EXIT;
  return rc >= 0 ? TRUE : fail (self, rc, "write the clip", error);
}

gboolean
csm_clip_muxer_end (CsmClipMuxer *self, GError **error)
{
  int rc = av_write_trailer (self->format);

  avio_flush (self->io);
  if (rc >= 0 && self->file->error != NULL)
    rc = AVERROR_EXIT;
  return rc >= 0 ? TRUE : fail (self, rc, "end the clip", error);
}
