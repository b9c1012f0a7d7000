/* csm-protocol.c: bounds of the messages, and the socket they travel on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-protocol.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_BLOB 256
#define ALL_FLAGS                                                                 \
  ((uint32_t) (CSM_REQUEST_ACCURATE | CSM_REQUEST_AS_DECODED | CSM_REQUEST_NEAR | \
               CSM_REQUEST_EXACT))

static bool
side_is_sane (int32_t side)
{
  return side >= 0 && side <= CSM_PROTOCOL_MAX_SIDE;
}

static bool
text_ends (const char *text, size_t size)
{
  return memchr (text, '\0', size) != NULL;
}

static uint32_t
max_request_payload (uint32_t kind)
{
  switch (kind)
    {
    case CSM_REQUEST_HELLO:
      return MAX_BLOB;
    case CSM_REQUEST_INDEX_DATA:
      return CSM_PROTOCOL_MAX_PAYLOAD;
    case CSM_REQUEST_SOUND:
      return sizeof (CsmSoundMessage);
    case CSM_REQUEST_CLIP:
      return sizeof (CsmClipRequest);
    default:
      return 0;
    }
}

static bool
sound_is_sane (const void *payload, size_t size)
{
  CsmSoundMessage sound;

  if (size != sizeof sound)
    return false;
  memcpy (&sound, payload, sizeof sound);
  return sound.first >= 0 && sound.n_samples >= 1 &&
         sound.n_samples <= CSM_PROTOCOL_MAX_IMAGE / 4;
}

static bool
clip_request_is_sane (int64_t first, const void *payload, size_t size)
{
  CsmClipRequest clip;

  if (size != sizeof clip)
    return false;
  memcpy (&clip, payload, sizeof clip);
  return clip.last >= first && clip.max_size >= 1 && clip.max_size <= CSM_PROTOCOL_MAX_CLIP &&
         clip.way >= 1 && clip.way <= CSM_CLIP_WAY_LAST;
}

bool
csm_request_check (const void *message, size_t size)
{
  CsmRequest r;

  if (size < sizeof r)
    return false;
  memcpy (&r, message, sizeof r);
  if (r.kind < 1 || r.kind > CSM_REQUEST_LAST || r.id == 0 || r.nice > 1)
    return false;
  if (r.payload > max_request_payload (r.kind) || size != sizeof r + r.payload)
    return false;
  if ((r.flags & ~ALL_FLAGS) != 0)
    return false;
  if (r.track < 0 || r.track >= CSM_PROTOCOL_MAX_STREAMS || r.ordinal < 0)
    return false;
  if (!csm_view_check (&r.view) || r.direction < -1 || r.direction > 1)
    return false;
  if (!side_is_sane (r.max_width) || !side_is_sane (r.max_height))
    return false;
  if (r.kind == CSM_REQUEST_SET_INDEX && (r.total < 1 || r.total > CSM_PROTOCOL_MAX_INDEX))
    return false;
  if (r.kind == CSM_REQUEST_SOUND &&
      !sound_is_sane ((const uint8_t *) message + sizeof r, r.payload))
    return false;
  if (r.kind == CSM_REQUEST_CLIP &&
      !clip_request_is_sane (r.ordinal, (const uint8_t *) message + sizeof r, r.payload))
    return false;
  if (r.kind != CSM_REQUEST_HELLO)
    return true;
  return r.version == CSM_PROTOCOL_VERSION && r.cache_mib >= CSM_PROTOCOL_MIN_CACHE &&
         r.cache_mib <= CSM_PROTOCOL_MAX_CACHE;
}

static bool
flag_is_sane (int32_t flag)
{
  return flag == 0 || flag == 1;
}

static bool
place_is_sane (const CsmInfoMessage *info)
{
  if ((info->latitude == INT64_MIN) != (info->longitude == INT64_MIN))
    return false;
  if (info->latitude == INT64_MIN)
    return true;
  return info->latitude >= -CSM_PROTOCOL_MAX_LATITUDE &&
         info->latitude <= CSM_PROTOCOL_MAX_LATITUDE &&
         info->longitude >= -2 * CSM_PROTOCOL_MAX_LATITUDE &&
         info->longitude <= 2 * CSM_PROTOCOL_MAX_LATITUDE;
}

static bool
info_is_sane (const CsmInfoMessage *info)
{
  return text_ends (info->format, sizeof info->format) &&
         text_ends (info->library, sizeof info->library) && info->duration_ms >= -1 &&
         info->n_streams >= 0 && info->n_streams <= CSM_PROTOCOL_MAX_STREAMS &&
         info->n_tags >= 0 && info->n_tags <= CSM_PROTOCOL_MAX_TAGS && info->n_chapters >= 0 &&
         info->n_chapters <= CSM_PROTOCOL_MAX_CHAPTERS && flag_is_sane (info->credentials) &&
         info->bit_rate >= 0 && place_is_sane (info);
}

static bool
rate_is_sane (int32_t num, int32_t den)
{
  return (num == 0 && den == 0) || (num > 0 && den > 0);
}

static bool
stream_texts_end (const CsmStreamMessage *s)
{
  return text_ends (s->codec, sizeof s->codec) && text_ends (s->profile, sizeof s->profile) &&
         text_ends (s->pixel_format, sizeof s->pixel_format) &&
         text_ends (s->codec_tag, sizeof s->codec_tag) &&
         text_ends (s->range, sizeof s->range) && text_ends (s->matrix, sizeof s->matrix) &&
         text_ends (s->primaries, sizeof s->primaries) &&
         text_ends (s->transfer, sizeof s->transfer) &&
         text_ends (s->chroma, sizeof s->chroma) &&
         text_ends (s->sample_format, sizeof s->sample_format) &&
         text_ends (s->channel_layout, sizeof s->channel_layout);
}

static bool
stream_is_sane (const CsmStreamMessage *s)
{
  if (!stream_texts_end (s) || !rate_is_sane (s->average_num, s->average_den) ||
      !rate_is_sane (s->base_num, s->base_den))
    return false;
  if (s->field_order < 0 || s->field_order > CSM_FIELDS_LAST || !flag_is_sane (s->mirrored) ||
      s->bit_rate < 0 || s->n_frames < 0 || s->bits < 0)
    return false;
  if (s->kind != 'v' && s->kind != 'a' && s->kind != 's' && s->kind != 'd')
    return false;
  if (s->number < 0 || s->number >= CSM_PROTOCOL_MAX_STREAMS)
    return false;
  if (!side_is_sane (s->width) || !side_is_sane (s->height))
    return false;
  if (s->sar_num < 1 || s->sar_den < 1 || s->timebase_num < 1 || s->timebase_den < 1)
    return false;
  if (s->rotation != 0 && s->rotation != 90 && s->rotation != 180 && s->rotation != 270)
    return false;
  return flag_is_sane (s->attached_picture) && s->sample_rate >= 0 && s->channels >= 0;
}

static bool
band_is_sane (const CsmBandMessage *b)
{
  if (b->ordinal < 0 || b->width < 1 || b->height < 1 || b->rows < 1 || b->y < 0)
    return false;
  if (!side_is_sane (b->width) || !side_is_sane (b->height))
    return false;
  if (b->frame_width < 1 || b->frame_height < 1 || !side_is_sane (b->frame_width) ||
      !side_is_sane (b->frame_height))
    return false;
  if (b->rotation != 0 && b->rotation != 90 && b->rotation != 180 && b->rotation != 270)
    return false;
  if ((b->flags & ~(uint32_t) CSM_BAND_ALL_FLAGS) != 0)
    return false;
  if (b->y > b->height || b->rows > b->height - b->y)
    return false;
  if (b->stride < b->width * 4 || b->stride > CSM_PROTOCOL_MAX_SIDE * 4 + 256)
    return false;
  return (int64_t) b->stride * b->rows <= CSM_PROTOCOL_RING_SIZE;
}

static bool
digest_is_sane (const CsmDigestMessage *d)
{
  return text_ends (d->pixel_format, sizeof d->pixel_format) && d->width >= 1 &&
         d->height >= 1 && side_is_sane (d->width) && side_is_sane (d->height) && d->size > 0;
}

static bool
statistics_are_sane (const CsmStatisticsMessage *s)
{
  return s->n_reads >= 0 && s->n_hits >= 0 && s->n_decoded >= 0 && s->n_seeks >= 0 &&
         s->n_cached >= 0 && s->cached_bytes >= 0 && s->capacity >= 0 &&
         (s->settled == 0 || s->settled == 1);
}

static bool
data_is_sane (const CsmReply *r)
{
  return r->payload > 0 && r->payload <= CSM_PROTOCOL_MAX_PAYLOAD && r->done >= 0 &&
         r->total > 0 && r->total <= CSM_PROTOCOL_MAX_IMAGE && r->done < r->total &&
         r->payload <= r->total - r->done;
}

static bool
clip_is_sane (const CsmClipMessage *c)
{
  return c->from >= 0 && c->to >= c->from && c->container >= 1 &&
         c->container <= CSM_CLIP_CONTAINER_LAST && c->width >= 1 && c->height >= 1 &&
         side_is_sane (c->width) && side_is_sane (c->height) && side_is_sane (c->clip_width) &&
         side_is_sane (c->clip_height) && c->clip_width >= c->width &&
         c->clip_height >= c->height && flag_is_sane (c->sound) && flag_is_sane (c->timed);
}

static bool
piece_is_sane (const CsmReply *r)
{
  return r->payload > 0 && r->done <= CSM_PROTOCOL_MAX_CLIP - r->payload;
}

/* @payload is unaligned: each struct is copied out before it is looked at. */
static bool
payload_is_sane (const CsmReply *r, const uint8_t *payload)
{
  union
  {
    CsmInfoMessage info;
    CsmStreamMessage stream;
    CsmTagMessage tag;
    CsmBandMessage band;
    CsmDigestMessage digest;
    CsmChapterMessage chapter;
    CsmStatisticsMessage statistics;
    CsmClipMessage clip;
  } u;

  switch (r->kind)
    {
    case CSM_REPLY_DATA:
      return data_is_sane (r);
    case CSM_REPLY_INFO:
      return r->payload == sizeof u.info && memcpy (&u, payload, sizeof u.info) &&
             info_is_sane (&u.info);
    case CSM_REPLY_STREAM:
      return r->payload == sizeof u.stream && memcpy (&u, payload, sizeof u.stream) &&
             stream_is_sane (&u.stream);
    case CSM_REPLY_TAG:
      return r->payload == sizeof u.tag && memcpy (&u, payload, sizeof u.tag) &&
             text_ends (u.tag.key, sizeof u.tag.key) &&
             text_ends (u.tag.value, sizeof u.tag.value) && u.tag.owner >= -1 &&
             u.tag.owner <= CSM_PROTOCOL_MAX_STREAMS;
    case CSM_REPLY_CHAPTER:
      return r->payload == sizeof u.chapter && memcpy (&u, payload, sizeof u.chapter) &&
             text_ends (u.chapter.title, sizeof u.chapter.title);
    case CSM_REPLY_BAND:
      return r->payload == sizeof u.band && memcpy (&u, payload, sizeof u.band) &&
             band_is_sane (&u.band);
    case CSM_REPLY_DIGEST:
      return r->payload == sizeof u.digest && memcpy (&u, payload, sizeof u.digest) &&
             digest_is_sane (&u.digest);
    case CSM_REPLY_STATISTICS:
      return r->payload == sizeof u.statistics && memcpy (&u, payload, sizeof u.statistics) &&
             statistics_are_sane (&u.statistics);
    case CSM_REPLY_FILTERS:
      return r->payload >= 2 && r->payload <= CSM_PROTOCOL_MAX_FILTERS &&
             memchr (payload, '\0', r->payload) == payload + r->payload - 1;
    case CSM_REPLY_CLIP:
      return r->payload == sizeof u.clip && memcpy (&u, payload, sizeof u.clip) &&
             clip_is_sane (&u.clip);
    case CSM_REPLY_PIECE:
      return piece_is_sane (r);
    default:
      return r->payload == 0;
    }
}

bool
csm_reply_check (const void *message, size_t size)
{
  CsmReply r;

  if (size < sizeof r)
    return false;
  memcpy (&r, message, sizeof r);
  if (r.kind < 1 || r.kind > CSM_REPLY_LAST || r.id == 0)
    return false;
  if (r.payload > CSM_PROTOCOL_MAX_PAYLOAD || size != sizeof r + r.payload)
    return false;
  if (!text_ends (r.text, sizeof r.text) || r.done < 0 || r.total < 0)
    return false;
  return payload_is_sane (&r, (const uint8_t *) message + sizeof r);
}

bool
csm_protocol_send (int socket,
                   const void *head,
                   size_t head_size,
                   const void *payload,
                   size_t payload_size,
                   const int *fds,
                   int n_fds)
{
  struct iovec parts[2] = { { (void *) head, head_size }, { (void *) payload, payload_size } };
  union
  {
    char bytes[CMSG_SPACE (sizeof (int) * CSM_PROTOCOL_MAX_FDS)];
    struct cmsghdr align;
  } control = { 0 };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = payload_size > 0 ? 2 : 1 };
  ssize_t sent;

  if (n_fds > CSM_PROTOCOL_MAX_FDS)
    {
      errno = EINVAL;
      return false;
    }
  if (n_fds > 0)
    {
      struct cmsghdr *c = &control.align;

      message.msg_control = &control;
      message.msg_controllen = CMSG_SPACE (sizeof (int) * (size_t) n_fds);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN (sizeof (int) * (size_t) n_fds);
      memcpy (CMSG_DATA (c), fds, sizeof (int) * (size_t) n_fds);
    }

  for (;;)
    {
      struct pollfd ready = { socket, POLLOUT, 0 };

      sent = sendmsg (socket, &message, MSG_NOSIGNAL);
      if (sent >= 0)
        return (size_t) sent == head_size + payload_size;
      if (errno == EAGAIN)
        (void) poll (&ready, 1, -1); /* whatever it says, sendmsg says it better */
      else if (errno != EINTR)
        return false;
    }
}

static int
take_fds (struct msghdr *message, int *ret_fds, int max_fds)
{
  int n = 0;

  for (struct cmsghdr *c = CMSG_FIRSTHDR (message); c != NULL; c = CMSG_NXTHDR (message, c))
    {
      size_t count;

      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        continue;
      count = (c->cmsg_len - CMSG_LEN (0)) / sizeof (int);
      for (size_t i = 0; i < count; i++)
        {
          int fd;

          memcpy (&fd, CMSG_DATA (c) + i * sizeof fd, sizeof fd);
          if (ret_fds != NULL && n < max_fds)
            ret_fds[n++] = fd;
          else
            (void) close (fd); /* not ours to keep, nothing to save */
        }
    }
  return n;
}

ssize_t
csm_protocol_receive (int socket,
                      void *buffer,
                      size_t size,
                      bool wait,
                      int *ret_fds,
                      int max_fds,
                      int *ret_n_fds)
{
  struct iovec part = { buffer, size };
  union
  {
    char bytes[CMSG_SPACE (sizeof (int) * CSM_PROTOCOL_MAX_FDS)];
    struct cmsghdr align;
  } control;
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  ssize_t got;
  int n_fds;

  do
    got = recvmsg (socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return -1;

  n_fds = take_fds (&message, ret_fds, max_fds);
  if (ret_n_fds != NULL)
    *ret_n_fds = n_fds;
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    {
      for (int i = 0; i < n_fds; i++)
        (void) close (ret_fds[i]); /* a cut message is worth nothing */
      if (ret_n_fds != NULL)
        *ret_n_fds = 0;
      errno = EMSGSIZE;
      return -1;
    }
  return got;
}
