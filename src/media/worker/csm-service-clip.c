/* csm-service-clip.c: what a host can ask for as a clip
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-clip.h"

#include <string.h>

/* ---- when frames are shown ---- */

/* Ticks that leave room to count with. */
#define MAX_TICKS (INT64_C (1) << 60)

static bool
is_time (int64_t pts)
{
  return pts != CSM_NO_PTS && pts > -MAX_TICKS && pts < MAX_TICKS;
}

static bool
times_rise (CsmFrameIndex *index, int64_t from, int64_t to)
{
  for (int64_t n = from; n <= to; n++)
    {
      int64_t pts = csm_frame_index_get (index, n)->pts;

      if (!is_time (pts) || (n > from && pts <= csm_frame_index_get (index, n - 1)->pts))
        return false;
    }
  return true;
}

static AVRational
find_rate (const AVStream *stream)
{
  AVRational rate = stream != NULL ? stream->avg_frame_rate : (AVRational){ 0, 1 };

  if (stream != NULL && (rate.num <= 0 || rate.den <= 0))
    rate = stream->r_frame_rate;
  return rate.num > 0 && rate.den > 0 ? rate : (AVRational){ 25, 1 };
}

CsmClipClock
csm_clip_clock_new (CsmFrameIndex *index, int64_t from, int64_t to, const AVStream *stream)
{
  CsmTimebase timebase = csm_frame_index_get_timebase (index);
  CsmClipClock self = { .from = from, .timed = times_rise (index, from, to) };

  self.timebase =
      self.timed ? (AVRational){ timebase.num, timebase.den } : (AVRational){ 1, 90000 };
  self.start = self.timed ? csm_frame_index_get (index, from)->pts : 0;
  self.step = MAX (av_rescale_q (1, av_inv_q (find_rate (stream)), self.timebase), 1);
  return self;
}

int64_t
csm_clip_clock_get (const CsmClipClock *self, CsmFrameIndex *index, int64_t ordinal)
{
  int64_t pts = csm_frame_index_get (index, ordinal)->pts;

  if (self->timed && is_time (pts))
    return pts - self->start;
  return (ordinal - self->from) * self->step;
}

int64_t
csm_clip_clock_get_duration (const CsmClipClock *self, CsmFrameIndex *index, int64_t ordinal)
{
  int64_t next = 0;

  if (!self->timed)
    return self->step;
  if (ordinal + 1 < csm_frame_index_get_n_frames (index))
    next = csm_clip_clock_get (self, index, ordinal + 1) -
           csm_clip_clock_get (self, index, ordinal);
  if (next > 0)
    return next;
  next = csm_frame_index_get (index, ordinal)->duration;
  return next > 0 ? next : self->step;
}

/* ---- the request ---- */

typedef struct
{
  CsmService *service;
  int64_t sent; /* bytes */
} Sending;

static gboolean
fail_stopped (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  return FALSE;
}

static gboolean
begin_cb (const CsmClipMessage *clip, gpointer data, GError **error)
{
  Sending *self = data;
  CsmReply reply = { .kind = CSM_REPLY_CLIP };

  return csm_service_reply (self->service, &reply, clip, sizeof *clip) ? TRUE
                                                                       : fail_stopped (error);
}

static gboolean
write_cb (const uint8_t *bytes, size_t size, gpointer data, GError **error)
{
  Sending *self = data;

  while (size > 0)
    {
      CsmReply reply = { .kind = CSM_REPLY_PIECE, .done = self->sent };
      size_t n = MIN (size, CSM_PROTOCOL_MAX_PAYLOAD);

      if (csm_service_poll_cb (self->service) ||
          !csm_service_reply (self->service, &reply, bytes, n))
        return fail_stopped (error);
      bytes += n;
      size -= n;
      self->sent += (int64_t) n;
    }
  return TRUE;
}

static gboolean
cut (CsmService *self, const CsmRequest *request, const CsmClipRequest *wanted, GError **error)
{
  Sending sending = { .service = self };
  CsmClipJob job = { .service = self,
                     .first = request->ordinal,
                     .last = wanted->last,
                     .max_size = wanted->max_size,
                     .way = (CsmClipWay) wanted->way,
                     .begin = begin_cb,
                     .write = write_cb,
                     .data = &sending };

  if (self->reader == NULL || wanted->last >= self->n_frames)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                           "The clip's frames are not in the index.");
      return FALSE;
    }
  job.index = csm_reader_get_index (self->reader);
  return wanted->way == CSM_CLIP_WAY_COPIED ? csm_clip_copy (&job, error)
                                            : csm_clip_encode (&job, error);
}

void
csm_service_clip (CsmService *self, const CsmRequest *request, const void *payload)
{
  g_autoptr (GError) error = NULL;
  CsmClipRequest wanted;
  gboolean ok;

  memcpy (&wanted, payload, sizeof wanted);
  self->job_done = 0;
  self->job_total = 1;
  ok = cut (self, request, &wanted, &error);
  self->job_total = 0;
  if (ok)
    csm_service_done (self);
  else
    csm_service_fail (self, error);
}
