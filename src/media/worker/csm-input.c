/* csm-input.c: a container opened over a byte source, every outward door shut
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-input.h"

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

/* Demuxers by FFmpeg's names, as av_match_name() reads them: containers that footage, sound and
 * still pictures come in, all of which read one file front to back. */
static const char *const allowed_formats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,kux,ogg,asf,"
    "asf_o,h261,h263,h264,hevc,m4v,mjpeg,mjpeg_2000,mpjpeg,smjpeg,obu,av1,ivf,vc1,dirac,dnxhd,"
    "dv,gxf,mxf,nut,rm,"
    "yuv4mpegpipe,cavsvideo,wtv,pva,nuv,nsv,dhav,"
    "aac,ac3,eac3,aiff,amr,amrnb,amrwb,ape,au,caf,flac,mp3,mpc,mpc8,oma,tak,truehd,tta,voc,w64,"
    "wav,wv,dts,"
    "apng,gif,bmp_pipe,gif_pipe,j2k_pipe,jpeg_pipe,jpegls_pipe,pam_pipe,pbm_pipe,pcx_pipe,"
    "pgm_pipe,png_pipe,ppm_pipe,qoi_pipe,sgi_pipe,sunrast_pipe,tiff_pipe,webp_pipe";

/* Demuxers whose files name other files or addresses. */
static const char *const referring_formats =
    "hls,dash,concat,sdp,rtsp,rtp,image2,image2pipe,imf,webm_dash_manifest,ffmetadata,vobsub";

/* Decoders by FFmpeg's names. */
static const char *const allowed_decoders =
    "h261,h263,h263i,h263p,h264,hevc,mpeg1video,mpeg2video,mpegvideo,mpeg4,msmpeg4v1,msmpeg4v2,"
    "msmpeg4,mjpeg,mjpegb,sp5x,flv,vp3,vp4,vp5,vp6,vp6a,vp6f,vp7,vp8,vp9,libdav1d,theora,dirac,"
    "prores,dnxhd,cfhd,dvvideo,wmv1,wmv2,wmv3,vc1,vc1image,wmv3image,rv10,rv20,rv30,rv40,svq1,"
    "svq3,cinepak,indeo2,indeo3,indeo4,indeo5,rpza,smc,qtrle,msrle,msvideo1,8bps,camstudio,"
    "tscc,camtasia,tscc2,zmbv,mss1,mss2,mts2,g2m,fraps,lagarith,magicyuv,utvideo,ffv1,ffvhuff,"
    "huffyuv,hymt,snow,cavs,rawvideo,v210,v210x,v308,v408,v410,r10k,r210,avui,ayuv,yuv4,y41p,"
    "cyuv,asv1,asv2,flashsv,flashsv2,screenpresso,"
    "nuv,hap,speedhq,amv,mimic,truemotion1,truemotion2,zlib,mszh,loco,kgv1,cljr,"
    "png,apng,gif,bmp,jpeg2000,jpegls,pam,pbm,pcx,pgm,ppm,qoi,sgi,sunrast,tiff,webp,"
    "aac,aac_latm,ac3,eac3,alac,amrnb,amrwb,ape,dca,flac,g722,g726,g729,gsm,gsm_ms,mp1,"
    "mp1float,mp2,"
    "mp2float,mp3,mp3float,mp3adu,mp3on4,als,mpc7,mpc8,nellymoser,opus,qcelp,qdm2,qdmc,ra_144,"
    "ra_288,real_144,real_288,cook,sipr,ralf,atrac1,atrac3,atrac3plus,shorten,speex,tak,truehd,"
    "mlp,tta,truespeech,vorbis,wavpack,wmalossless,wmapro,wmav1,wmav2,wmavoice,adpcm_ms,"
    "adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,adpcm_yamaha,adpcm_g722,adpcm_g726,dvaudio,"
    "pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_s16be,"
    "pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24le,pcm_s24le_planar,pcm_"
    "s32be,"
    "pcm_s32le,pcm_s32le_planar,pcm_s8,pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,"
    "pcm_u32be,pcm_u32le,pcm_u8,s302m";

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
  if (av_match_name (format->name, referring_formats))
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                   "This file (%s) refers to other files.", format->name);
      return FALSE;
    }
  if (!av_match_name (format->name, allowed_formats))
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
  format->format_whitelist = av_strdup (allowed_formats);
  format->codec_whitelist = av_strdup (allowed_decoders);
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

bool
csm_input_codec_is_allowed (enum AVCodecID id)
{
  const AVCodec *decoder = avcodec_find_decoder (id);

  return decoder != NULL && av_match_name (decoder->name, allowed_decoders) != 0;
}
