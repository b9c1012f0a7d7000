/* csm-input.c: a container opened over a byte source, every outward door shut
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-input.h"

#include "media/worker/csm-allowed.h"

#include <libavutil/avstring.h>
#include <string.h>

#define IO_SIZE (64 * 1024)
#define MAX_DEMUXER_INDEX (64 << 20)
/* No protocol has this name: whatever a demuxer might open by itself is turned away. */
#define NO_PROTOCOL "none"

struct _CsmInput
{
  AVFormatContext *format;
  AVIOContext *io;
  CsmByteSource *source;
  int64_t position;
  GError *error; /* the first failure of the source, or the interruption */
  CsmInterrupt interrupt;
  gpointer interrupt_data;
};

static bool
is_interrupted (CsmInput *self)
{
  if (self->interrupt == NULL || !self->interrupt (self->interrupt_data))
    return false;
  if (self->error == NULL)
    self->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  return true;
}

static int
read_cb (void *opaque, uint8_t *buffer, int size)
{
  CsmInput *self = opaque;
  ssize_t got;

  if (self->error != NULL || is_interrupted (self))
    return AVERROR_EXIT;
  got = csm_byte_source_read_at (self->source, self->position, buffer, (size_t) size,
                                 &self->error);
  if (got < 0)
    return AVERROR (EIO);
  if (got == 0)
    return AVERROR_EOF;
  self->position += got;
  return (int) got;
}

static int64_t
seek_cb (void *opaque, int64_t offset, int whence)
{
  CsmInput *self = opaque;

  switch (whence & ~AVSEEK_FORCE)
    {
    case AVSEEK_SIZE:
      return csm_byte_source_get_size (self->source);
    case SEEK_SET:
      break;
    case SEEK_CUR:
      if (__builtin_add_overflow (self->position, offset, &offset))
        return AVERROR (EINVAL);
      break;
    case SEEK_END:
      if (__builtin_add_overflow (csm_byte_source_get_size (self->source), offset, &offset))
        return AVERROR (EINVAL);
      break;
    default:
      return AVERROR (EINVAL);
    }
  if (offset < 0)
    return AVERROR (EINVAL);
  self->position = offset;
  return offset;
}

static int
deny_open_cb (AVFormatContext *format,
              AVIOContext **io,
              const char *url,
              int flags,
              AVDictionary **options)
{
  return AVERROR (EACCES);
}

static bool
is_xml_manifest (const char *text)
{
  return strstr (text, "<MPD") != NULL || strstr (text, "<AssetMap") != NULL ||
         strstr (text, "<CompositionPlaylist") != NULL;
}

/* FFmpeg knows these by file name as much as by content; there is no name here. */
static const char *
sniff_reference (CsmByteSource *source)
{
  char text[4097];
  ssize_t got = csm_byte_source_read_at (source, 0, text, sizeof text - 1, NULL);
  const char *start = text;

  if (got <= 0)
    return NULL;
  text[got] = '\0';
  if (g_str_has_prefix (start, "\xef\xbb\xbf"))
    start += 3;
  while (g_ascii_isspace (*start))
    start++;
  if (g_str_has_prefix (start, "#EXTM3U"))
    return "a playlist (HLS)";
  if (g_str_has_prefix (start, "ffconcat version"))
    return "a list of files (concat)";
  if (g_str_has_prefix (start, "v=0") && strstr (start, "\nm=") != NULL)
    return "a description of a network stream (SDP)";
  if (*start == '<' && is_xml_manifest (start))
    return "a manifest (DASH or IMF)";
  return NULL;
}

static gboolean
check_references (CsmInput *self, GError **error)
{
  const char *what = sniff_reference (self->source);

  if (what == NULL)
    return TRUE;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
               "This file is %s: it holds no footage and refers to other files.", what);
  return FALSE;
}

static gboolean
choose_format (CsmInput *self, const AVInputFormat **ret_format, GError **error)
{
  const AVInputFormat *format = NULL;
  int rc = av_probe_input_buffer2 (self->io, &format, "", NULL, 0, 0);

  if (csm_input_take_error (self, error))
    return FALSE;
  if (rc < 0 || format == NULL)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "The bytes match no media format that is known here.");
      return FALSE;
    }
  if (csm_allowed_is_referring (format->name))
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                   "This file (%s) refers to other files.", format->name);
      return FALSE;
    }
  if (!csm_allowed_is_format (format->name))
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                   "Files of the kind \"%s\" are not read here.", format->name);
      return FALSE;
    }
  *ret_format = format;
  return TRUE;
}

static void
harden (AVFormatContext *format, AVIOContext *io)
{
  format->pb = io;
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->io_open = deny_open_cb;
  format->max_index_size = MAX_DEMUXER_INDEX;
  /* The context frees its options: they must be its own copies. */
  format->protocol_whitelist = av_strdup (NO_PROTOCOL);
  format->format_whitelist = av_strdup (csm_allowed_get_formats ());
  format->codec_whitelist = av_strdup (csm_allowed_get_decoders ());
}

/* How much is found out about the streams. */
typedef enum {
  LOOK_AT_STREAMS, /* as the ffmpeg program does: decodes some frames */
  LOOK_AT_HEADER,  /* what the container's own header says */
} Look;

static gboolean
open_format (CsmInput *self, Look look, GError **error)
{
  const AVInputFormat *format = NULL;
  AVDictionary *options = NULL;
  int rc;

  if (!check_references (self, error) || !choose_format (self, &format, error))
    return FALSE;

  self->format = avformat_alloc_context ();
  if (self->format == NULL)
    return csm_media_fail_av (error, AVERROR (ENOMEM), "open");
  harden (self->format, self->io);
  /* As the ffmpeg program sets it; a format that does not know the option leaves it. */
  av_dict_set (&options, "scan_all_pmts", "1", 0);
  av_dict_set (&options, "enable_drefs", "0", 0);
  av_dict_set (&options, "use_absolute_path", "0", 0);
  rc = avformat_open_input (&self->format, "", format, &options); /* frees it on failure */
  av_dict_free (&options);
  if (rc >= 0 && look == LOOK_AT_STREAMS)
    rc = avformat_find_stream_info (self->format, NULL);
  if (csm_input_take_error (self, error))
    return FALSE;
  return rc >= 0 ? TRUE : csm_media_fail_av (error, rc, "open the container");
}

static CsmInput *
open_input (CsmByteSource *source,
            CsmInterrupt interrupt,
            gpointer data,
            Look look,
            GError **error)
{
  g_autoptr (CsmInput) self = g_new0 (CsmInput, 1);
  uint8_t *buffer = av_malloc (IO_SIZE);

  self->source = csm_byte_source_ref (source);
  self->interrupt = interrupt;
  self->interrupt_data = data;
  if (csm_byte_source_get_size (source) == 0)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED,
                           "The file is empty.");
      av_free (buffer);
      return NULL;
    }
  self->io = avio_alloc_context (buffer, IO_SIZE, 0, self, read_cb, NULL, seek_cb);
  if (self->io == NULL)
    {
      av_free (buffer);
      (void) csm_media_fail_av (error, AVERROR (ENOMEM),
                                "open"); /* error is set, that is all */
      return NULL;
    }
  if (!open_format (self, look, error))
    return NULL;
  for (unsigned i = 0; i < self->format->nb_streams; i++)
    self->format->streams[i]->discard = AVDISCARD_ALL;
  return g_steal_pointer (&self);
}

CsmInput *
csm_input_open (CsmByteSource *source, CsmInterrupt interrupt, gpointer data, GError **error)
{
  return open_input (source, interrupt, data, LOOK_AT_STREAMS, error);
}

CsmInput *
csm_input_open_packets (CsmByteSource *source, CsmInterrupt interrupt, gpointer data)
{
  g_autoptr (CsmInput) self = open_input (source, interrupt, data, LOOK_AT_HEADER, NULL);

  if (self == NULL || av_match_name ("mp4", self->format->iformat->name) == 0)
    return NULL;
  return g_steal_pointer (&self);
}

static bool
is_same_stream (const AVStream *a, const AVStream *b)
{
  return a->id == b->id && a->codecpar->codec_type == b->codecpar->codec_type &&
         a->codecpar->codec_id == b->codecpar->codec_id &&
         av_cmp_q (a->time_base, b->time_base) == 0;
}

CsmInput *
csm_input_open_like (CsmByteSource *source, CsmInput *model)
{
  AVFormatContext *known = model->format;
  g_autoptr (CsmInput) self = NULL;

  if ((known->ctx_flags & AVFMTCTX_NOHEADER) != 0)
    return NULL;
  self = open_input (source, NULL, NULL, LOOK_AT_HEADER, NULL);
  if (self == NULL || self->format->nb_streams != known->nb_streams)
    return NULL;
  for (unsigned i = 0; i < known->nb_streams; i++)
    if (!is_same_stream (self->format->streams[i], known->streams[i]) ||
        avcodec_parameters_copy (self->format->streams[i]->codecpar,
                                 known->streams[i]->codecpar) < 0)
      return NULL;
  return g_steal_pointer (&self);
}

void
csm_input_free (CsmInput *self)
{
  if (self == NULL)
    return;
  avformat_close_input (&self->format);
  if (self->io != NULL)
    av_freep (&self->io->buffer);
  avio_context_free (&self->io);
  csm_byte_source_unref (self->source);
  g_clear_error (&self->error);
  g_free (self);
}

AVFormatContext *
csm_input_get_format (CsmInput *self)
{
  return self->format;
}

AVStream *
csm_input_get_video (CsmInput *self, int track)
{
  for (unsigned i = 0; i < self->format->nb_streams; i++)
    if (self->format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && track-- == 0)
      return self->format->streams[i];
  return NULL;
}

void
csm_input_select (CsmInput *self, const AVStream *stream)
{
  for (unsigned i = 0; i < self->format->nb_streams; i++)
    self->format->streams[i]->discard =
        self->format->streams[i] == stream ? AVDISCARD_NONE : AVDISCARD_ALL;
}

int64_t
csm_input_get_position (CsmInput *self)
{
  return MIN (self->position, csm_byte_source_get_size (self->source));
}

int64_t
csm_input_get_size (CsmInput *self)
{
  return csm_byte_source_get_size (self->source);
}

void
csm_input_shield (CsmInput *self)
{
  self->interrupt = NULL;
}

bool
csm_input_take_error (CsmInput *self, GError **error)
{
  if (self->error == NULL)
    return false;
  if (self->error->domain == G_IO_ERROR)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_IO, "read the source: %s",
                   self->error->message);
      g_clear_error (&self->error);
    }
  return true;
}
