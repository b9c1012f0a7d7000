/* csm-service-probe.c: what a file says about itself, put into messages
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-credentials.h"
#include "media/worker/csm-decoder.h"
#include "media/worker/csm-place.h"
#include "media/worker/csm-service-private.h"

#include <libavutil/pixdesc.h>
#include <string.h>

/* Steps to a still's first picture: it is one packet, unless it is damaged. */
#define MAX_STEPS 64

static char
kind_of (const AVStream *stream)
{
  switch (stream->codecpar->codec_type)
    {
    case AVMEDIA_TYPE_VIDEO:
      return 'v';
    case AVMEDIA_TYPE_AUDIO:
      return 'a';
    case AVMEDIA_TYPE_SUBTITLE:
      return 's';
    default:
      return 'd';
    }
}

/* ---- streams ---- */

static int
side (int pixels)
{
  return CLAMP (pixels, 0, CSM_PROTOCOL_MAX_SIDE);
}

static void
set_text (char *ret, size_t size, const char *text)
{
  g_strlcpy (ret, text != NULL ? text : "", size);
}

static void
set_rate (AVRational rate, int32_t *ret_num, int32_t *ret_den)
{
  bool known = rate.num > 0 && rate.den > 0;

  *ret_num = known ? rate.num : 0;
  *ret_den = known ? rate.den : 0;
}

static int32_t
name_fields (enum AVFieldOrder order)
{
  switch (order)
    {
    case AV_FIELD_PROGRESSIVE:
      return CSM_FIELDS_PROGRESSIVE;
    case AV_FIELD_TT:
      return CSM_FIELDS_TOP_FIRST;
    case AV_FIELD_BB:
      return CSM_FIELDS_BOTTOM_FIRST;
    case AV_FIELD_TB:
      return CSM_FIELDS_TOP_CODED_FIRST;
    case AV_FIELD_BT:
      return CSM_FIELDS_BOTTOM_CODED_FIRST;
    default:
      return CSM_FIELDS_UNKNOWN;
    }
}

static void
describe_video (CsmStreamMessage *ret, AVFormatContext *format, AVStream *stream)
{
  const AVCodecParameters *parameters = stream->codecpar;
  AVRational sar = av_guess_sample_aspect_ratio (format, stream, NULL);

  ret->width = side (parameters->width);
  ret->height = side (parameters->height);
  if (sar.num > 0 && sar.den > 0)
    {
      ret->sar_num = sar.num;
      ret->sar_den = sar.den;
    }
  ret->rotation = csm_av_stream_get_rotation (stream);
  ret->mirrored = csm_av_stream_is_mirrored (stream);
  ret->attached_picture = (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  set_rate (stream->avg_frame_rate, &ret->average_num, &ret->average_den);
  set_rate (stream->r_frame_rate, &ret->base_num, &ret->base_den);
  ret->field_order = name_fields (parameters->field_order);
#define TEXT(field, text) set_text (ret->field, sizeof ret->field, text)
  TEXT (pixel_format, av_get_pix_fmt_name (parameters->format));
  if (parameters->color_range != AVCOL_RANGE_UNSPECIFIED)
    TEXT (range, av_color_range_name (parameters->color_range));
  if (parameters->color_space != AVCOL_SPC_UNSPECIFIED)
    TEXT (matrix, av_color_space_name (parameters->color_space));
  if (parameters->color_primaries != AVCOL_PRI_UNSPECIFIED)
    TEXT (primaries, av_color_primaries_name (parameters->color_primaries));
  if (parameters->color_trc != AVCOL_TRC_UNSPECIFIED)
    TEXT (transfer, av_color_transfer_name (parameters->color_trc));
  if (parameters->chroma_location != AVCHROMA_LOC_UNSPECIFIED)
    TEXT (chroma, av_chroma_location_name (parameters->chroma_location));
}

static void
describe_stream (CsmStreamMessage *ret, AVFormatContext *format, AVStream *stream, int number)
{
  const AVCodecParameters *parameters = stream->codecpar;
  char tag[AV_FOURCC_MAX_STRING_SIZE];

  *ret = (CsmStreamMessage){
    .kind = kind_of (stream),
    .number = number,
    .sar_num = 1,
    .sar_den = 1,
    .sample_rate = MAX (parameters->sample_rate, 0),
    .channels = csm_av_parameters_get_channels (parameters),
    .timebase_num = MAX (stream->time_base.num, 1),
    .timebase_den = MAX (stream->time_base.den, 1),
    .start_pts = stream->start_time,
    .duration = stream->duration,
    .bit_rate = MAX (parameters->bit_rate, 0),
    .n_frames = MAX (stream->nb_frames, 0),
    .level = parameters->level,
    .bits = MAX (parameters->bits_per_raw_sample, 0),
  };
  TEXT (codec, avcodec_get_name (parameters->codec_id));
  TEXT (profile, avcodec_profile_name (parameters->codec_id, parameters->profile));
  if (parameters->codec_tag != 0)
    TEXT (codec_tag, av_fourcc_make_string (tag, parameters->codec_tag));
  if (parameters->codec_type == AVMEDIA_TYPE_VIDEO)
    describe_video (ret, format, stream);
  if (parameters->codec_type == AVMEDIA_TYPE_AUDIO)
    {
      TEXT (sample_format, av_get_sample_fmt_name (parameters->format));
      csm_av_parameters_describe_layout (parameters, ret->channel_layout,
                                         sizeof ret->channel_layout);
    }
#undef TEXT
}

static void
send_streams (CsmService *self, AVFormatContext *format, int n_streams)
{
  int n_of_kind[128] = { 0 };

  for (int i = 0; i < n_streams; i++)
    {
      CsmReply reply = { .kind = CSM_REPLY_STREAM };
      CsmStreamMessage message;
      AVStream *stream = format->streams[i];

      describe_stream (&message, format, stream, n_of_kind[(int) kind_of (stream)]++);
      csm_service_reply (self, &reply, &message, sizeof message);
    }
}

/* ---- tags and chapters ---- */

/* The container's first, then each stream's, then the first picture's. */
typedef void (*TagCallback) (CsmService *self, int32_t owner, const AVDictionaryEntry *tag);

static int
walk_tags (CsmService *self,
           AVFormatContext *format,
           int n_streams,
           const AVDictionary *picture,
           TagCallback callback)
{
  int n = 0;

  for (int owner = 0; owner <= n_streams + 1; owner++)
    {
      const AVDictionary *tags = owner == 0          ? format->metadata
                                 : owner > n_streams ? picture
                                                     : format->streams[owner - 1]->metadata;
      const AVDictionaryEntry *tag = NULL;

      while (n < CSM_PROTOCOL_MAX_TAGS &&
             (tag = av_dict_get (tags, "", tag, AV_DICT_IGNORE_SUFFIX)) != NULL)
        {
          if (callback != NULL)
            callback (self, owner > n_streams ? -1 : owner, tag);
          n++;
        }
    }
  return n;
}

static void
send_tag_cb (CsmService *self, int32_t owner, const AVDictionaryEntry *tag)
{
  CsmReply reply = { .kind = CSM_REPLY_TAG };
  CsmTagMessage message = { .owner = owner };

  set_text (message.key, sizeof message.key, tag->key);
  set_text (message.value, sizeof message.value, tag->value);
  csm_service_reply (self, &reply, &message, sizeof message);
}

static void
send_chapters (CsmService *self, AVFormatContext *format, int n_chapters)
{
  const AVRational ms = { 1, 1000 };

  for (int i = 0; i < n_chapters; i++)
    {
      const AVChapter *chapter = format->chapters[i];
      const AVDictionaryEntry *title = av_dict_get (chapter->metadata, "title", NULL, 0);
      CsmReply reply = { .kind = CSM_REPLY_CHAPTER };
      CsmChapterMessage message = { INT64_MIN, INT64_MIN, "" };

      if (chapter->start != AV_NOPTS_VALUE && chapter->time_base.den > 0)
        message.start_ms = av_rescale_q (chapter->start, chapter->time_base, ms);
      if (chapter->end != AV_NOPTS_VALUE && chapter->time_base.den > 0)
        message.end_ms = av_rescale_q (chapter->end, chapter->time_base, ms);
      set_text (message.title, sizeof message.title, title != NULL ? title->value : NULL);
      csm_service_reply (self, &reply, &message, sizeof message);
    }
}

/* ---- the whole ---- */

static bool
may_have_exif (AVFormatContext *format)
{
  const AVStream *stream;

  if (format->nb_streams != 1)
    return false;
  stream = format->streams[0];
  switch (stream->codecpar->codec_id)
    {
    case AV_CODEC_ID_MJPEG:
    case AV_CODEC_ID_TIFF:
    case AV_CODEC_ID_WEBP:
    case AV_CODEC_ID_PNG:
      return g_str_has_suffix (format->iformat->name, "_pipe");
    default:
      return false;
    }
}

/* (transfer full) (nullable): FFmpeg gives a still's Exif with its picture alone. A picture
 * that cannot be decoded has none. */
static AVFrame *
read_first_picture (CsmService *self)
{
  CsmInput *input = csm_input_open (self->source, csm_service_poll_cb, self, NULL);
  g_autoptr (CsmDecoder) decoder =
      input != NULL ? csm_decoder_new (input, 0, 1, NULL, NULL) : NULL;
  g_autoptr (AVFrame) frame = av_frame_alloc ();
  CsmDecoded got = CSM_DECODED_MORE;

  for (int i = 0; i < MAX_STEPS && decoder != NULL && got == CSM_DECODED_MORE; i++)
    got = csm_decoder_step (decoder, frame, NULL);
  return got == CSM_DECODED_FRAME ? g_steal_pointer (&frame) : NULL;
}

static void
describe_place (CsmInfoMessage *ret, AVFormatContext *format, const AVDictionary *picture)
{
  CsmPlace place;

  ret->latitude = ret->longitude = ret->altitude = INT64_MIN;
  if (!csm_place_from_tags (format->metadata, &place) && !csm_place_from_exif (picture, &place))
    return;
  ret->latitude = place.latitude;
  ret->longitude = place.longitude;
  ret->altitude = place.altitude;
}

static void
send_info (CsmService *self, AVFormatContext *format, const AVDictionary *picture)
{
  CsmReply reply = { .kind = CSM_REPLY_INFO };
  CsmInfoMessage info = {
    .duration_ms = format->duration > 0 ? format->duration / (AV_TIME_BASE / 1000) : -1,
    .n_streams = (int32_t) MIN (format->nb_streams, CSM_PROTOCOL_MAX_STREAMS),
    .n_chapters = (int32_t) MIN (format->nb_chapters, CSM_PROTOCOL_MAX_CHAPTERS),
    .credentials = csm_credentials_are_present (self->source),
    .bit_rate = MAX (format->bit_rate, 0),
    .start_ms = format->start_time != AV_NOPTS_VALUE
                    ? format->start_time / (AV_TIME_BASE / 1000)
                    : INT64_MIN,
  };

  info.n_tags = walk_tags (self, format, info.n_streams, picture, NULL);
  describe_place (&info, format, picture);
  set_text (info.format, sizeof info.format, format->iformat->name);
  set_text (info.library, sizeof info.library, csm_av_get_library ());
  csm_service_reply (self, &reply, &info, sizeof info);
  send_streams (self, format, info.n_streams);
  (void) walk_tags (self, format, info.n_streams, picture, send_tag_cb); /* as counted */
  send_chapters (self, format, info.n_chapters);
}

void
csm_service_probe (CsmService *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AVFrame) picture = NULL;
  CsmInput *input = csm_service_take_input (self, &error);

  if (input == NULL)
    {
      csm_service_fail (self, error);
      return;
    }
  if (may_have_exif (csm_input_get_format (input)))
    picture = read_first_picture (self);
  send_info (self, csm_input_get_format (input), picture != NULL ? picture->metadata : NULL);
  self->spare = input;
  csm_service_done (self);
}
