/* csm-worker-clip.c: asking a worker for a clip, and handing it on piece by piece
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-worker-private.h"

#include <string.h>

typedef struct
{
  const CsmClipSink *sink;
  CsmClipKind kind;
  int64_t first, last, n_frames, max_size;
  CsmClip clip;
  bool told;             /* the clip is described */
  GCancellable *stopper; /* for a sink that fails */
  GError *error;         /* of the sink */
} ClipAnswer;

/* The marked frames are in it, and what else there is belongs to the track. */
static bool
message_fits (const ClipAnswer *answer, const CsmClipMessage *message)
{
  if (message->from > answer->first || message->to < answer->last ||
      message->to >= answer->n_frames)
    return false;
  if (answer->kind == CSM_CLIP_COPIED)
    return true;
  return message->from == answer->first && message->to == answer->last && message->sound == 0 &&
         (message->container == CSM_CLIP_CONTAINER_MP4) == (answer->kind == CSM_CLIP_H264);
}

static bool
take_message (ClipAnswer *answer, const void *payload)
{
  CsmClipMessage message;

  memcpy (&message, payload, sizeof message);
  if (answer->told || !message_fits (answer, &message))
    return false;
  answer->told = true;
  answer->clip = (CsmClip){
    .from = message.from,
    .to = message.to,
    .ending = message.container == CSM_CLIP_CONTAINER_MP4 ? ".mp4" : ".mkv",
    .width = message.width,
    .height = message.height,
    .clip_width = message.clip_width,
    .clip_height = message.clip_height,
    .has_sound = message.sound != 0,
    .is_timed = message.timed != 0,
  };
  if (answer->sink->begin != NULL && answer->error == NULL &&
      !answer->sink->begin (&answer->clip, answer->sink->data, &answer->error))
    g_cancellable_cancel (answer->stopper);
  return true;
}

static bool
take_clip (CsmExchange *exchange,
           CsmWorkerProcess *process,
           const CsmReply *reply,
           const void *payload)
{
  ClipAnswer *answer = exchange->data;

  if (reply->kind == CSM_REPLY_CLIP)
    return take_message (answer, payload);
  if (reply->kind != CSM_REPLY_PIECE || !answer->told || reply->done != answer->clip.size ||
      reply->payload > answer->max_size - answer->clip.size)
    return false;
  answer->clip.size += reply->payload;
  /* After a failure the worker is being stopped: what still comes is dropped. */
  if (answer->error == NULL &&
      !answer->sink->write (payload, reply->payload, answer->sink->data, &answer->error))
    g_cancellable_cancel (answer->stopper);
  return true;
}

static bool
clip_is_complete (CsmExchange *exchange)
{
  const ClipAnswer *answer = exchange->data;

  return answer->told && answer->clip.size > 0;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer stopper)
{
  g_cancellable_cancel (stopper);
}

static gboolean
cut (CsmWorker *self,
     CsmExchange *exchange,
     ClipAnswer *answer,
     GCancellable *cancellable,
     GError **error)
{
  g_autoptr (GCancellable) stopper = g_cancellable_new ();
  g_autoptr (GError) reason = NULL;
  gulong handler = 0;
  gboolean ok;

  answer->stopper = stopper;
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), stopper, NULL);
  ok = csm_worker_exchange (self, exchange, stopper, &reason);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  if (answer->error != NULL)
    g_propagate_error (error, g_steal_pointer (&answer->error));
  else if (!ok)
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_span (CsmWorker *self, int64_t first, int64_t last, int64_t *ret_n, GError **error)
{
  CsmFrameIndex *index = csm_worker_peek_index (self);
  int64_t n_frames = index != NULL ? csm_frame_index_get_n_frames (index) : 0;

  *ret_n = n_frames;
  if (first >= 0 && first <= last && last < n_frames)
    return TRUE;
  g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
               "There are no frames %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
               ": the track has %" G_GINT64_FORMAT,
               first, last, n_frames);
  return FALSE;
}

static uint32_t
get_way (CsmClipKind kind)
{
  switch (kind)
    {
    case CSM_CLIP_FFV1:
      return CSM_CLIP_WAY_FFV1;
    case CSM_CLIP_H264:
      return CSM_CLIP_WAY_H264;
    default:
      return CSM_CLIP_WAY_COPIED;
    }
}

gboolean
csm_worker_cut_clip (CsmWorker *self,
                     CsmClipKind kind,
                     int64_t first,
                     int64_t last,
                     int64_t max_size,
                     const CsmClipSink *sink,
                     CsmClip *ret_clip,
                     CsmWorkerProgress progress,
                     gpointer data,
                     GCancellable *cancellable,
                     GError **error)
{
  CsmClipRequest wanted = { .last = last, .way = get_way (kind) };
  ClipAnswer answer = { .sink = sink, .kind = kind, .first = first, .last = last };
  CsmExchange exchange = {
    .request.kind = CSM_REQUEST_CLIP,
    .request.ordinal = first,
    .request.payload = sizeof wanted,
    .needs_index = true,
    .take = take_clip,
    .complete = clip_is_complete,
    .progress = progress,
    .progress_data = data,
    .data = &answer,
    .payload = &wanted,
  };

  g_return_val_if_fail (sink != NULL && sink->write != NULL, FALSE);

  if (max_size <= 0 || max_size > CSM_PROTOCOL_MAX_CLIP)
    max_size = CSM_PROTOCOL_MAX_CLIP;
  wanted.max_size = answer.max_size = max_size;
  if (!check_span (self, first, last, &answer.n_frames, error) ||
      !cut (self, &exchange, &answer, cancellable, error))
    return FALSE;
  *ret_clip = answer.clip;
  return TRUE;
}
