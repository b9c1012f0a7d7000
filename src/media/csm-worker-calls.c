/* csm-worker-calls.c: the questions that a worker answers, and what makes sense as an answer
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "media/csm-frame-index-builder.h"
#include "media/csm-worker-private.h"
#include "media/csm-worker-text.h"

#include <string.h>

/* ---- what comes as a run of bytes ---- */

typedef struct
{
  GByteArray *bytes;
  int64_t max;
  int64_t total;  /* 0: not told yet */
  char **filters; /* NULL: none are expected */
} BytesAnswer;

static bool
take_bytes (CsmExchange *exchange,
            CsmWorkerProcess *process,
            const CsmReply *reply,
            const void *payload)
{
  BytesAnswer *answer = exchange->data;

  if (reply->kind == CSM_REPLY_FILTERS && answer->filters != NULL && *answer->filters == NULL)
    {
      *answer->filters = csm_worker_text_clean (payload); /* ends inside, it was checked */
      return true;
    }
  if (reply->kind != CSM_REPLY_DATA || reply->total > answer->max ||
      reply->done != answer->bytes->len)
    return false;
  if (answer->total != 0 && answer->total != reply->total)
    return false;
  answer->total = reply->total;
  g_byte_array_append (answer->bytes, payload, reply->payload);
  return true;
}

static bool
bytes_are_complete (CsmExchange *exchange)
{
  const BytesAnswer *answer = exchange->data;

  return answer->total > 0 && answer->bytes->len == answer->total &&
         (answer->filters == NULL || *answer->filters != NULL);
}

GBytes *
csm_worker_exchange_bytes (CsmWorker *self,
                           CsmExchange *exchange,
                           int64_t max,
                           char **filters,
                           GCancellable *cancellable,
                           GError **error)
{
  BytesAnswer answer = { .bytes = g_byte_array_new (), .max = max, .filters = filters };

  exchange->take = take_bytes;
  exchange->complete = bytes_are_complete;
  exchange->data = &answer;
  if (csm_worker_exchange (self, exchange, cancellable, error))
    return g_byte_array_free_to_bytes (answer.bytes);
  g_byte_array_unref (answer.bytes);
  return NULL;
}

static CsmFrameIndex *
make_index (CsmWorker *self,
            CsmRequestKind kind,
            int track,
            CsmWorkerProgress progress,
            gpointer data,
            GCancellable *cancellable,
            GError **error)
{
  CsmExchange exchange = {
    .request.kind = kind,
    .request.track = track,
    .progress = progress,
    .progress_data = data,
  };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CsmFrameIndex) index = NULL;

  g_return_val_if_fail (track >= 0 && track < CSM_PROTOCOL_MAX_STREAMS, NULL);

  bytes = csm_worker_exchange_bytes (self, &exchange, CSM_PROTOCOL_MAX_INDEX, NULL, cancellable,
                                     error);
  if (bytes == NULL)
    return NULL;
  index = csm_frame_index_parse (bytes, NULL);
  if (index == NULL || csm_frame_index_get_track (index) != track ||
      csm_frame_index_is_exact (index) != (kind == CSM_REQUEST_VERIFY))
    {
      csm_worker_fail_nonsense (self, error);
      return NULL;
    }
  return g_steal_pointer (&index);
}

CsmFrameIndex *
csm_worker_scan (CsmWorker *self,
                 int track,
                 CsmWorkerProgress progress,
                 gpointer data,
                 GCancellable *cancellable,
                 GError **error)
{
  return make_index (self, CSM_REQUEST_SCAN, track, progress, data, cancellable, error);
}

CsmFrameIndex *
csm_worker_verify (CsmWorker *self,
                   int track,
                   CsmWorkerProgress progress,
                   gpointer data,
                   GCancellable *cancellable,
                   GError **error)
{
  return make_index (self, CSM_REQUEST_VERIFY, track, progress, data, cancellable, error);
}

/* ---- one frame ---- */

static gboolean
check_ordinal (CsmWorker *self, int64_t ordinal, GError **error)
{
  CsmFrameIndex *index = csm_worker_peek_index (self);
  int64_t n_frames = index != NULL ? csm_frame_index_get_n_frames (index) : 0;

  if (ordinal >= 0 && ordinal < n_frames)
    return TRUE;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
               "There is no frame %" G_GINT64_FORMAT ": the track has %" G_GINT64_FORMAT,
               ordinal, n_frames);
  return FALSE;
}

GBytes *
csm_worker_read_png (CsmWorker *self,
                     int64_t ordinal,
                     GCancellable *cancellable,
                     GError **error)
{
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_PNG,
    .request.ordinal = ordinal,
    .needs_index = true,
  };

  if (!check_ordinal (self, ordinal, error))
    return NULL;
  return csm_worker_exchange_bytes (self, &exchange, CSM_PROTOCOL_MAX_IMAGE, NULL, cancellable,
                                    error);
}

GBytes *
csm_worker_read_view_png (CsmWorker *self,
                          int64_t ordinal,
                          const CsmView *view,
                          char **ret_filters,
                          GCancellable *cancellable,
                          GError **error)
{
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_PNG,
    .request.ordinal = ordinal,
    .request.view = *view,
    .needs_index = true,
  };
  g_autofree char *filters = NULL;
  GBytes *png;

  g_return_val_if_fail (csm_view_check (view) && !csm_view_is_plain (view), NULL);

  if (!check_ordinal (self, ordinal, error))
    return NULL;
  png = csm_worker_exchange_bytes (self, &exchange, CSM_PROTOCOL_MAX_IMAGE, &filters,
                                   cancellable, error);
  if (png != NULL)
    *ret_filters = g_steal_pointer (&filters);
  return png;
}

GBytes *
csm_worker_read_thumbnail (CsmWorker *self,
                           int64_t ordinal,
                           int max_width,
                           int max_height,
                           GCancellable *cancellable,
                           GError **error)
{
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_THUMBNAIL,
    .request.ordinal = ordinal,
    .request.max_width = CLAMP (max_width, 1, CSM_SMALL_PICTURE_MAX_WIDTH),
    .request.max_height = CLAMP (max_height, 1, CSM_SMALL_PICTURE_MAX_HEIGHT),
    .needs_index = true,
  };
  g_autoptr (GBytes) bytes = NULL;
  int width, height;

  if (!check_ordinal (self, ordinal, error))
    return NULL;
  bytes = csm_worker_exchange_bytes (self, &exchange, CSM_SMALL_PICTURE_MAX_SIZE, NULL,
                                     cancellable, error);
  if (bytes == NULL)
    return NULL;
  if (!csm_small_picture_check (bytes, &width, &height) || width > exchange.request.max_width ||
      height > exchange.request.max_height)
    {
      csm_worker_fail_nonsense (self, error);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

typedef struct
{
  CsmFrameDigest digest;
  bool told;
} DigestAnswer;

static bool
take_digest (CsmExchange *exchange,
             CsmWorkerProcess *process,
             const CsmReply *reply,
             const void *payload)
{
  DigestAnswer *answer = exchange->data;
  CsmDigestMessage message;
  g_autofree char *pixel_format = NULL;

  if (reply->kind != CSM_REPLY_DIGEST || answer->told)
    return false;
  memcpy (&message, payload, sizeof message);
  pixel_format = csm_worker_text_clean (message.pixel_format);
  memcpy (answer->digest.sha256.bytes, message.sha256, sizeof message.sha256);
  memcpy (answer->digest.md5, message.md5, sizeof message.md5);
  g_strlcpy (answer->digest.pixel_format, pixel_format, sizeof answer->digest.pixel_format);
  answer->digest.width = message.width;
  answer->digest.height = message.height;
  answer->digest.size = message.size;
  answer->told = true;
  return true;
}

static bool
digest_is_complete (CsmExchange *exchange)
{
  const DigestAnswer *answer = exchange->data;

  return answer->told;
}

gboolean
csm_worker_read_digest (CsmWorker *self,
                        int64_t ordinal,
                        CsmFrameDigest *ret_digest,
                        GCancellable *cancellable,
                        GError **error)
{
  DigestAnswer answer = { 0 };
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_DIGEST,
    .request.ordinal = ordinal,
    .needs_index = true,
    .take = take_digest,
    .complete = digest_is_complete,
    .data = &answer,
  };

  if (!check_ordinal (self, ordinal, error) ||
      !csm_worker_exchange (self, &exchange, cancellable, error))
    return FALSE;
  *ret_digest = answer.digest;
  return TRUE;
}

/* ---- pictures ---- */

typedef struct
{
  CsmRequest request; /* what was asked for */
  int64_t n_frames;   /* 0: that frame; else any of so many */
  CsmBandMessage first;
  char *colour;    /* of the first band */
  uint8_t *pixels; /* NULL: no band yet */
  int rows;        /* taken so far */
} PictureAnswer;

/* A picture that was asked for: the frame and the size. */
static bool
first_band_fits (const PictureAnswer *answer, const CsmBandMessage *band)
{
  const CsmRequest *request = &answer->request;

  return (band->ordinal == request->ordinal || answer->n_frames > 0) &&
         (answer->n_frames == 0 || band->ordinal < answer->n_frames) &&
         (request->max_width == 0 || band->width <= request->max_width) &&
         (request->max_height == 0 || band->height <= request->max_height) &&
         (int64_t) band->stride * band->height <= CSM_PROTOCOL_MAX_IMAGE;
}

static bool
next_band_fits (const PictureAnswer *answer, const CsmBandMessage *band)
{
  const CsmBandMessage *first = &answer->first;

  return band->ordinal == first->ordinal && band->width == first->width &&
         band->height == first->height && band->stride == first->stride;
}

static bool
take_band (CsmExchange *exchange,
           CsmWorkerProcess *process,
           const CsmReply *reply,
           const void *payload)
{
  PictureAnswer *answer = exchange->data;
  CsmBandMessage band;

  if (reply->kind != CSM_REPLY_BAND)
    return false;
  memcpy (&band, payload, sizeof band);
  if (band.y != answer->rows)
    return false;
  if (answer->pixels == NULL)
    {
      if (!first_band_fits (answer, &band))
        return false;
      answer->pixels = g_try_malloc ((size_t) band.stride * (size_t) band.height);
      answer->first = band;
      answer->colour = csm_worker_text_clean (reply->text);
    }
  else if (!next_band_fits (answer, &band))
    return false;
  if (answer->pixels == NULL)
    return false;

  answer->rows += band.rows;
  return csm_worker_process_copy (process,
                                  answer->pixels + (size_t) band.y * (size_t) band.stride,
                                  (size_t) band.rows * (size_t) band.stride);
}

static bool
picture_is_complete (CsmExchange *exchange)
{
  const PictureAnswer *answer = exchange->data;

  return answer->pixels != NULL && answer->rows == answer->first.height;
}

/* The same rule as the worker's own, so that its word is not needed. */
static void
find_part (CsmPicture *picture, const CsmView *view)
{
  picture->part = (CsmRect){ 0, 0, picture->frame_width, picture->frame_height };
  picture->zoom = 1;
  if (!csm_view_is_plain (view))
    picture->view_fit = csm_view_find_fit (view, picture->frame_width, picture->frame_height);
  if (picture->view_fit != CSM_VIEW_FITS)
    return;
  picture->zoom = MAX (view->zoom, 1);
  if (view->crop_width > 0)
    picture->part =
        (CsmRect){ view->crop_x, view->crop_y, view->crop_width, view->crop_height };
}

static CsmPicture *
read_picture (CsmWorker *self,
              int64_t ordinal,
              const CsmPictureOptions *options,
              int direction,
              bool near,
              GCancellable *cancellable,
              GError **error)
{
  PictureAnswer answer = { 0 };
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_PICTURE,
    .request.ordinal = ordinal,
    .request.direction = direction,
    .needs_index = true,
    .take = take_band,
    .complete = picture_is_complete,
    .data = &answer,
  };
  CsmPicture *picture;

  if (options != NULL)
    {
      exchange.request.max_width = CLAMP (options->max_width, 0, CSM_PROTOCOL_MAX_SIDE);
      exchange.request.max_height = CLAMP (options->max_height, 0, CSM_PROTOCOL_MAX_SIDE);
      exchange.request.flags = (options->accurate ? CSM_REQUEST_ACCURATE : 0) |
                               (options->as_decoded ? CSM_REQUEST_AS_DECODED : 0);
      exchange.request.view = options->view;
    }
  if (near)
    exchange.request.flags |= CSM_REQUEST_NEAR;
  answer.request = exchange.request;
  if (!check_ordinal (self, ordinal, error))
    return NULL;
  answer.n_frames = near ? csm_frame_index_get_n_frames (csm_worker_peek_index (self)) : 0;
  if (!csm_worker_exchange (self, &exchange, cancellable, error))
    {
      g_free (answer.pixels);
      g_free (answer.colour);
      return NULL;
    }

  picture = g_new0 (CsmPicture, 1);
  picture->ordinal = answer.first.ordinal;
  picture->preview = answer.first.ordinal != ordinal;
  picture->width = answer.first.width;
  picture->height = answer.first.height;
  picture->stride = answer.first.stride;
  picture->frame_width = answer.first.frame_width;
  picture->frame_height = answer.first.frame_height;
  find_part (picture, &exchange.request.view);
  picture->rotation = answer.first.rotation;
  picture->has_alpha = (answer.first.flags & CSM_BAND_ALPHA) != 0;
  picture->tone_mapped = (answer.first.flags & CSM_BAND_TONE_MAPPED) != 0;
  picture->hdr_as_coded = (answer.first.flags & CSM_BAND_HDR_AS_CODED) != 0;
  picture->is_interlaced = (answer.first.flags & CSM_BAND_INTERLACED) != 0;
  picture->colour = answer.colour;
  picture->pixels = g_bytes_new_take (answer.pixels, (size_t) answer.first.stride *
                                                         (size_t) answer.first.height);
  return picture;
}

CsmPicture *
csm_worker_read_picture (CsmWorker *self,
                         int64_t ordinal,
                         const CsmPictureOptions *options,
                         int direction,
                         GCancellable *cancellable,
                         GError **error)
{
  return read_picture (self, ordinal, options, CLAMP (direction, -1, 1), false, cancellable,
                       error);
}

CsmPicture *
csm_worker_read_preview (CsmWorker *self,
                         int64_t ordinal,
                         const CsmPictureOptions *options,
                         GCancellable *cancellable,
                         GError **error)
{
  return read_picture (self, ordinal, options, 0, true, cancellable, error);
}

/* ---- statistics ---- */

static bool
take_statistics (CsmExchange *exchange,
                 CsmWorkerProcess *process,
                 const CsmReply *reply,
                 const void *payload)
{
  CsmWorkerStatistics *statistics = exchange->data;
  CsmStatisticsMessage message;

  if (reply->kind != CSM_REPLY_STATISTICS)
    return false;
  memcpy (&message, payload, sizeof message);
  *statistics = (CsmWorkerStatistics){
    .n_reads = message.n_reads,
    .n_hits = message.n_hits,
    .n_decoded = message.n_decoded,
    .n_seeks = message.n_seeks,
    .n_cached = message.n_cached,
    .cached_bytes = message.cached_bytes,
    .capacity = message.capacity,
    .settled = message.settled != 0,
  };
  return true;
}

gboolean
csm_worker_read_statistics (CsmWorker *self,
                            CsmWorkerStatistics *ret_statistics,
                            GError **error)
{
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_STATISTICS,
    .needs_index = true,
    .take = take_statistics,
    .data = ret_statistics,
  };

  return csm_worker_exchange (self, &exchange, NULL, error);
}

void
csm_picture_free (CsmPicture *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->pixels);
  g_free (self->colour);
  g_free (self);
}
