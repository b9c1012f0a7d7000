/* csm-worker-probe.c: what a worker says of a file, taken apart
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker-private.h"
#include "media/csm-worker-text.h"

#include <string.h>

typedef struct
{
  CsmMediaInfo *info; /* NULL: not told yet */
  int n_streams;      /* taken so far */
  int n_tags, max_tags;
  int n_chapters; /* taken so far */
} ProbeAnswer;

static bool
take_info (ProbeAnswer *answer, const void *payload)
{
  CsmInfoMessage message;

  if (answer->info != NULL)
    return false;
  memcpy (&message, payload, sizeof message);
  answer->info = csm_media_info_new (message.n_streams);
  answer->info->format = csm_worker_text_clean (message.format);
  answer->info->library = csm_worker_text_clean (message.library);
  answer->info->duration_ms = message.duration_ms;
  answer->max_tags = message.n_tags;
  answer->info->n_chapters = message.n_chapters;
  answer->info->chapters = g_new0 (CsmChapterInfo, message.n_chapters);
  answer->info->content_credentials = message.credentials != 0;
  answer->info->bit_rate = message.bit_rate;
  answer->info->start_ms = message.start_ms;
  answer->info->latitude = message.latitude;
  answer->info->longitude = message.longitude;
  answer->info->altitude = message.altitude;
  return true;
}

static const char *
name_field_order (int32_t order)
{
  static const char *const names[] = { "", "progressive", "tt", "bb", "tb", "bt" };

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == CSM_FIELDS_LAST + 1);
  return names[order];
}

static void
take_video (CsmStreamInfo *stream, const CsmStreamMessage *message)
{
  stream->average_num = message->average_num;
  stream->average_den = message->average_den;
  stream->base_num = message->base_num;
  stream->base_den = message->base_den;
  stream->field_order = name_field_order (message->field_order);
  stream->mirrored = message->mirrored != 0;
  stream->range = csm_worker_text_clean (message->range);
  stream->matrix = csm_worker_text_clean (message->matrix);
  stream->primaries = csm_worker_text_clean (message->primaries);
  stream->transfer = csm_worker_text_clean (message->transfer);
  stream->chroma = csm_worker_text_clean (message->chroma);
}

static bool
take_stream (ProbeAnswer *answer, const void *payload)
{
  CsmStreamMessage message;
  CsmStreamInfo *stream;

  if (answer->info == NULL || answer->n_streams >= answer->info->n_streams)
    return false;
  memcpy (&message, payload, sizeof message);
  if (csm_media_info_get_stream (answer->info, (char) message.kind, message.number) != NULL)
    return false;

  stream = &answer->info->streams[answer->n_streams++];
  stream->kind = (char) message.kind;
  stream->number = message.number;
  stream->codec = csm_worker_text_clean (message.codec);
  stream->profile = csm_worker_text_clean (message.profile);
  stream->pixel_format = csm_worker_text_clean (message.pixel_format);
  stream->width = message.width;
  stream->height = message.height;
  stream->sar_num = message.sar_num;
  stream->sar_den = message.sar_den;
  stream->rotation = message.rotation;
  stream->attached_picture = message.attached_picture != 0;
  stream->sample_rate = message.sample_rate;
  stream->channels = message.channels;
  stream->timebase.num = message.timebase_num;
  stream->timebase.den = message.timebase_den;
  stream->start_pts = message.start_pts;
  stream->duration = message.duration >= 0 ? message.duration : CSM_NO_PTS;
  stream->bit_rate = message.bit_rate;
  stream->n_frames = message.n_frames;
  stream->level = message.level;
  stream->bits = message.bits;
  stream->codec_tag = csm_worker_text_clean (message.codec_tag);
  stream->sample_format = csm_worker_text_clean (message.sample_format);
  stream->channel_layout = csm_worker_text_clean (message.channel_layout);
  take_video (stream, &message);
  return true;
}

/* (nullable): where a tag of @owner belongs. */
static char ***
find_owner (ProbeAnswer *answer, int32_t owner)
{
  if (owner == 0)
    return &answer->info->metadata;
  if (owner < 0)
    return &answer->info->exif;
  return owner <= answer->n_streams ? &answer->info->streams[owner - 1].metadata : NULL;
}

static bool
take_tag (ProbeAnswer *answer, const void *payload)
{
  CsmTagMessage message;
  char ***pairs;
  unsigned n;

  if (answer->info == NULL || answer->n_tags >= answer->max_tags)
    return false;
  memcpy (&message, payload, sizeof message);
  pairs = find_owner (answer, message.owner);
  if (pairs == NULL)
    return false;
  n = g_strv_length (*pairs);
  *pairs = g_renew (char *, *pairs, n + 3);
  (*pairs)[n] = csm_worker_text_clean (message.key);
  (*pairs)[n + 1] = csm_worker_text_clean (message.value);
  (*pairs)[n + 2] = NULL;
  answer->n_tags++;
  return true;
}

static bool
take_chapter (ProbeAnswer *answer, const void *payload)
{
  CsmChapterMessage message;
  CsmChapterInfo *chapter;

  if (answer->info == NULL || answer->n_chapters >= answer->info->n_chapters)
    return false;
  memcpy (&message, payload, sizeof message);
  chapter = &answer->info->chapters[answer->n_chapters++];
  chapter->start_ms = message.start_ms;
  chapter->end_ms = message.end_ms;
  chapter->title = csm_worker_text_clean (message.title);
  return true;
}

static bool
take_probe (CsmExchange *exchange,
            CsmWorkerProcess *process,
            const CsmReply *reply,
            const void *payload)
{
  ProbeAnswer *answer = exchange->data;

  switch (reply->kind)
    {
    case CSM_REPLY_INFO:
      return take_info (answer, payload);
    case CSM_REPLY_STREAM:
      return take_stream (answer, payload);
    case CSM_REPLY_TAG:
      return take_tag (answer, payload);
    case CSM_REPLY_CHAPTER:
      return take_chapter (answer, payload);
    default:
      return false;
    }
}

static bool
probe_is_complete (CsmExchange *exchange)
{
  const ProbeAnswer *answer = exchange->data;

  return answer->info != NULL && answer->n_streams == answer->info->n_streams &&
         answer->n_tags == answer->max_tags && answer->n_chapters == answer->info->n_chapters;
}

CsmMediaInfo *
csm_worker_probe (CsmWorker *self, GCancellable *cancellable, GError **error)
{
  ProbeAnswer answer = { 0 };
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_PROBE,
    .take = take_probe,
    .complete = probe_is_complete,
    .data = &answer,
  };

  if (csm_worker_peek_info (self) != NULL)
    return csm_media_info_ref (csm_worker_peek_info (self));
  if (!csm_worker_exchange (self, &exchange, cancellable, error))
    {
      csm_media_info_unref (answer.info);
      return NULL;
    }
  csm_worker_keep_info (self, answer.info);
  return answer.info;
}
