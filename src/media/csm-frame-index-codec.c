/* csm-frame-index-codec.c: the stored form of a frame index
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-error.h"
#include "media/csm-frame-index-private.h"

#include <string.h>

/* Versions 1 and 2. A number is LEB128 in its shortest form, at most 10 bytes; a difference is
 * taken modulo 2^64 and zigzag coded, so that every int64_t has one.
 *
 *   "CSMI"    magic
 *   byte      version: 2 when shapes are known, else 1
 *   byte      bit 0: exact
 *   number    track, timebase numerator, timebase denominator
 *   number    length of the library text, at most 127; the text, UTF-8
 *   number    count of packets
 *   packets   byte of flags: CsmIndexPacketFlags, 0x10 no position, 0x20 no pts, 0x40 no dts
 *             number size
 *             difference position, from the end of the last packet that had one
 *             difference dts, from the last dts + duration
 *             difference pts, from this packet's dts if it has one, else from the last pts
 *             difference duration, from the last packet's
 *   and when exact:
 *   number    count of frames
 *   frames    byte of flags: 1 key, 2 damaged, 4 no pts, 8 cut
 *             difference packet, from the last frame's + 1
 *             difference pts, from the last pts + duration
 *             difference duration, from the last frame's
 *             16 bytes hash, two 64-bit numbers, little-endian
 *
 *   and in version 2, which is exact:
 *   number    count of shapes, 1 to 1024
 *   shapes    number ordinal, from the last shape's + 1; of the first one 0, as it stands
 *             byte of flags: 1 interlaced
 *             number width, height
 *             number length of the pixel format's name, at most 31; the name, UTF-8
 *
 * A difference is absent when its flag says "no". A provisional index stores no frames: they
 * follow from the packets. Nothing may stand behind the end. */

#define VERSION 1
#define VERSION_WITH_SHAPES 2
#define FLAG_EXACT 0x01u

#define PACKET_NO_POS 0x10u
#define PACKET_NO_PTS 0x20u
#define PACKET_NO_DTS 0x40u
#define PACKET_ALL_FLAGS 0x7fu
#define PACKET_MIN_BYTES 3 /* flags, size, duration */

#define FRAME_KEY 0x01u
#define FRAME_DAMAGED 0x02u
#define FRAME_NO_PTS 0x04u
#define FRAME_CUT 0x08u
#define FRAME_ALL_FLAGS 0x0fu
#define FRAME_MIN_BYTES 19 /* flags, packet, duration, hash */

#define SHAPE_INTERLACED 0x01u
#define SHAPE_MIN_BYTES 5 /* ordinal, flags, width, height, length */

static const char MAGIC[4] = { 'C', 'S', 'M', 'I' };

/* What differences are taken from. Unsigned: hostile numbers wrap, they do not overflow. */
typedef struct
{
  uint64_t pos, dts, pts, duration, packet;
} Base;

/* ---- writing ---- */

static void
put_byte (GByteArray *out, unsigned value)
{
  uint8_t byte = (uint8_t) value;

  g_byte_array_append (out, &byte, 1);
}

static void
put_number (GByteArray *out, uint64_t value)
{
  uint8_t bytes[10];
  unsigned n = 0;

  while (value >= 0x80)
    {
      bytes[n++] = (uint8_t) (value | 0x80);
      value >>= 7;
    }
  bytes[n++] = (uint8_t) value;
  g_byte_array_append (out, bytes, n);
}

static void
put_difference (GByteArray *out, int64_t value, uint64_t from)
{
  uint64_t difference = (uint64_t) value - from;

  put_number (out, (difference << 1) ^ (0 - (difference >> 63)));
}

static void
put_packet (GByteArray *out, const CsmIndexPacket *packet, Base *base)
{
  unsigned flags = packet->flags;

  flags |= packet->pos < 0 ? PACKET_NO_POS : 0;
  flags |= packet->pts == CSM_NO_PTS ? PACKET_NO_PTS : 0;
  flags |= packet->dts == CSM_NO_PTS ? PACKET_NO_DTS : 0;
  put_byte (out, flags);
  put_number (out, (uint64_t) packet->size);
  if (packet->pos >= 0)
    {
      put_difference (out, packet->pos, base->pos);
      base->pos = (uint64_t) packet->pos + (uint64_t) packet->size;
    }
  if (packet->dts != CSM_NO_PTS)
    {
      put_difference (out, packet->dts, base->dts);
      base->dts = (uint64_t) packet->dts + (uint64_t) packet->duration;
      base->pts = (uint64_t) packet->dts;
    }
  if (packet->pts != CSM_NO_PTS)
    {
      put_difference (out, packet->pts, base->pts);
      base->pts = (uint64_t) packet->pts;
    }
  put_difference (out, packet->duration, base->duration);
  base->duration = (uint64_t) packet->duration;
}

static void
put_frame (GByteArray *out, const CsmFrameEntry *frame, Base *base)
{
  put_byte (out, (frame->key ? FRAME_KEY : 0) | (frame->damaged ? FRAME_DAMAGED : 0) |
                     (frame->pts == CSM_NO_PTS ? FRAME_NO_PTS : 0) |
                     (frame->cut ? FRAME_CUT : 0));
  put_difference (out, frame->packet, base->packet);
  base->packet = (uint64_t) frame->packet + 1;
  if (frame->pts != CSM_NO_PTS)
    {
      put_difference (out, frame->pts, base->pts);
      base->pts = (uint64_t) frame->pts + (uint64_t) frame->duration;
    }
  put_difference (out, frame->duration, base->duration);
  base->duration = (uint64_t) frame->duration;
  for (int i = 0; i < 2; i++)
    {
      uint64_t hash = GUINT64_TO_LE (frame->hash[i]);

      g_byte_array_append (out, (const uint8_t *) &hash, sizeof hash);
    }
}

static void
put_shapes (GByteArray *out, const CsmFrameIndex *self)
{
  int64_t next = 0;

  put_number (out, (uint64_t) self->n_shapes);
  for (int i = 0; i < self->n_shapes; i++)
    {
      const CsmFrameShape *shape = &self->shapes[i];
      size_t length = strlen (shape->pixel_format);

      put_number (out, (uint64_t) (shape->ordinal - next));
      put_byte (out, shape->interlaced ? SHAPE_INTERLACED : 0);
      put_number (out, (uint64_t) shape->width);
      put_number (out, (uint64_t) shape->height);
      put_number (out, length);
      g_byte_array_append (out, (const uint8_t *) shape->pixel_format, (unsigned) length);
      next = shape->ordinal + 1;
    }
}

GBytes *
csm_frame_index_serialize (const CsmFrameIndex *self)
{
  GByteArray *out = g_byte_array_new ();
  size_t library_size = strlen (self->library);
  Base base = { 0 };

  g_byte_array_append (out, (const uint8_t *) MAGIC, sizeof MAGIC);
  put_byte (out, self->n_shapes > 0 ? VERSION_WITH_SHAPES : VERSION);
  put_byte (out, self->exact ? FLAG_EXACT : 0);
  put_number (out, (uint64_t) self->track);
  put_number (out, (uint64_t) self->timebase.num);
  put_number (out, (uint64_t) self->timebase.den);
  put_number (out, library_size);
  g_byte_array_append (out, (const uint8_t *) self->library, (unsigned) library_size);
  put_number (out, (uint64_t) self->n_packets);
  for (int64_t i = 0; i < self->n_packets; i++)
    put_packet (out, &self->packets[i], &base);

  if (self->exact)
    {
      base = (Base){ 0 };
      put_number (out, (uint64_t) self->n_frames);
      for (int64_t i = 0; i < self->n_frames; i++)
        put_frame (out, &self->frames[i], &base);
    }
  if (self->n_shapes > 0)
    put_shapes (out, self);
  return g_byte_array_free_to_bytes (out);
}

/* ---- reading ---- */

/* A cursor that cannot pass its end. After the first failure everything reads as 0 and
 * @failed stays set. */
typedef struct
{
  const uint8_t *at, *end;
  bool failed;
} Cursor;

static size_t
left (const Cursor *cursor)
{
  return (size_t) (cursor->end - cursor->at);
}

static const uint8_t *
take_bytes (Cursor *cursor, size_t size)
{
  const uint8_t *bytes = cursor->at;

  if (cursor->failed || size > left (cursor))
    {
      cursor->failed = true;
      return NULL;
    }
  cursor->at += size;
  return bytes;
}

static unsigned
take_byte (Cursor *cursor)
{
  const uint8_t *byte = take_bytes (cursor, 1);

  return byte != NULL ? *byte : 0;
}

/* Fails above @max, and for any form but the shortest. */
static uint64_t
take_number (Cursor *cursor, uint64_t max)
{
  uint64_t value = 0;

  for (unsigned shift = 0; shift < 70; shift += 7)
    {
      unsigned byte = take_byte (cursor);

      if (shift == 63 && byte > 1)
        break;
      value |= (uint64_t) (byte & 0x7f) << shift;
      if ((byte & 0x80) != 0)
        continue;
      if ((byte == 0 && shift > 0) || value > max)
        break;
      return value;
    }
  cursor->failed = true;
  return 0;
}

/* A difference from @from; the sum lies in @low to INT64_MAX. */
static int64_t
take_difference (Cursor *cursor, uint64_t from, int64_t low)
{
  uint64_t number = take_number (cursor, UINT64_MAX);
  int64_t value = (int64_t) (from + ((number >> 1) ^ (0 - (number & 1))));

  if (value < low)
    cursor->failed = true;
  return value;
}

static void
take_packet (Cursor *cursor, Base *base, CsmIndexPacket *packet)
{
  unsigned flags = take_byte (cursor);

  if ((flags & ~PACKET_ALL_FLAGS) != 0)
    cursor->failed = true;
  packet->flags = flags & CSM_FRAME_INDEX_PACKET_FLAGS;
  packet->size = (int32_t) take_number (cursor, INT32_MAX);
  packet->pos = -1;
  packet->dts = packet->pts = CSM_NO_PTS;
  if ((flags & PACKET_NO_POS) == 0)
    {
      packet->pos = take_difference (cursor, base->pos, 0);
      base->pos = (uint64_t) packet->pos + (uint64_t) packet->size;
    }
  if ((flags & PACKET_NO_DTS) == 0)
    {
      /* INT64_MIN has a flag of its own, so that there is one form for it. */
      packet->dts = take_difference (cursor, base->dts, INT64_MIN + 1);
      base->pts = (uint64_t) packet->dts;
    }
  if ((flags & PACKET_NO_PTS) == 0)
    {
      packet->pts = take_difference (cursor, base->pts, INT64_MIN + 1);
      base->pts = (uint64_t) packet->pts;
    }
  packet->duration = take_difference (cursor, base->duration, 0);
  base->duration = (uint64_t) packet->duration;
  if ((flags & PACKET_NO_DTS) == 0)
    base->dts = (uint64_t) packet->dts + (uint64_t) packet->duration;
}

static void
take_frame (Cursor *cursor, Base *base, int64_t n_packets, CsmFrameEntry *frame)
{
  unsigned flags = take_byte (cursor);
  const uint8_t *hash;

  if ((flags & ~FRAME_ALL_FLAGS) != 0)
    cursor->failed = true;
  frame->key = (flags & FRAME_KEY) != 0;
  frame->damaged = (flags & FRAME_DAMAGED) != 0;
  frame->cut = (flags & FRAME_CUT) != 0;
  frame->packet = take_difference (cursor, base->packet, -1);
  base->packet = (uint64_t) frame->packet + 1;
  if (frame->packet >= n_packets)
    cursor->failed = true;
  frame->pts = CSM_NO_PTS;
  if ((flags & FRAME_NO_PTS) == 0)
    frame->pts = take_difference (cursor, base->pts, INT64_MIN + 1);
  frame->duration = take_difference (cursor, base->duration, 0);
  base->duration = (uint64_t) frame->duration;
  if ((flags & FRAME_NO_PTS) == 0)
    base->pts = (uint64_t) frame->pts + (uint64_t) frame->duration;

  hash = take_bytes (cursor, sizeof frame->hash);
  if (hash == NULL)
    return;
  memcpy (frame->hash, hash, sizeof frame->hash);
  for (int i = 0; i < 2; i++)
    frame->hash[i] = GUINT64_FROM_LE (frame->hash[i]);
}

/* A count of things of at least @min_bytes each: what is not there is never allocated for. */
static int64_t
take_count (Cursor *cursor, uint64_t max, size_t min_bytes)
{
  uint64_t count = take_number (cursor, max);

  if (count > left (cursor) / min_bytes)
    cursor->failed = true;
  return cursor->failed ? 0 : (int64_t) count;
}

/* (transfer full): always text; sets @failed when it is not UTF-8 or has control characters. */
static char *
take_text (Cursor *cursor, uint64_t max)
{
  size_t size = take_number (cursor, max);
  const uint8_t *bytes = take_bytes (cursor, size);

  if (bytes == NULL || !g_utf8_validate_len ((const char *) bytes, size, NULL))
    {
      cursor->failed = true;
      return g_strdup ("");
    }
  for (size_t i = 0; i < size; i++)
    if (bytes[i] < 0x20 || bytes[i] == 0x7f)
      cursor->failed = true;
  return g_strndup ((const char *) bytes, size);
}

static CsmIndexPacket *
take_packets (Cursor *cursor, int64_t *ret_n)
{
  int64_t n = take_count (cursor, CSM_FRAME_INDEX_MAX_PACKETS, PACKET_MIN_BYTES);
  CsmIndexPacket *packets = g_new0 (CsmIndexPacket, MAX (n, 1));
  Base base = { 0 };

  for (int64_t i = 0; i < n && !cursor->failed; i++)
    take_packet (cursor, &base, &packets[i]);
  *ret_n = n;
  return packets;
}

static CsmFrameEntry *
take_frames (Cursor *cursor, int64_t n_packets, int64_t *ret_n)
{
  int64_t n = take_count (cursor, CSM_FRAME_INDEX_MAX_FRAMES, FRAME_MIN_BYTES);
  CsmFrameEntry *frames = g_new0 (CsmFrameEntry, MAX (n, 1));
  Base base = { 0 };

  for (int64_t i = 0; i < n && !cursor->failed; i++)
    take_frame (cursor, &base, n_packets, &frames[i]);
  *ret_n = n;
  return frames;
}

static void
take_shape (Cursor *cursor, int64_t *next, int64_t n_frames, CsmFrameShape *shape)
{
  g_autofree char *name = NULL;
  unsigned flags;

  shape->ordinal = *next + (int64_t) take_number (cursor, CSM_FRAME_INDEX_MAX_FRAMES);
  if (shape->ordinal >= n_frames)
    cursor->failed = true;
  *next = shape->ordinal + 1;
  flags = take_byte (cursor);
  if ((flags & ~SHAPE_INTERLACED) != 0)
    cursor->failed = true;
  shape->interlaced = (flags & SHAPE_INTERLACED) != 0;
  shape->width = (int32_t) take_number (cursor, CSM_FRAME_INDEX_MAX_SIDE);
  shape->height = (int32_t) take_number (cursor, CSM_FRAME_INDEX_MAX_SIDE);
  name = take_text (cursor, sizeof shape->pixel_format - 1);
  if (name != NULL)
    g_strlcpy (shape->pixel_format, name, sizeof shape->pixel_format);
}

static CsmFrameShape *
take_shapes (Cursor *cursor, int64_t n_frames, int *ret_n)
{
  int64_t n = take_count (cursor, CSM_FRAME_INDEX_MAX_SHAPES, SHAPE_MIN_BYTES);
  CsmFrameShape *shapes = g_new0 (CsmFrameShape, MAX (n, 1));
  int64_t next = 0;

  for (int64_t i = 0; i < n && !cursor->failed; i++)
    take_shape (cursor, &next, n_frames, &shapes[i]);
  if (n == 0 || shapes[0].ordinal != 0)
    cursor->failed = true;
  *ret_n = (int) n;
  return shapes;
}

static bool
take_magic (Cursor *cursor, unsigned *ret_version, GError **error)
{
  const uint8_t *magic = take_bytes (cursor, sizeof MAGIC);

  if (magic == NULL || memcmp (magic, MAGIC, sizeof MAGIC) != 0)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED,
                           "This is no frame index");
      return false;
    }
  /* A version that is missing counts as damage, which the end finds. */
  *ret_version = take_byte (cursor);
  if (*ret_version != VERSION && *ret_version != VERSION_WITH_SHAPES && !cursor->failed)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_UNSUPPORTED,
                           "The frame index is of another version");
      return false;
    }
  return true;
}

CsmFrameIndex *
csm_frame_index_parse (GBytes *bytes, GError **error)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);
  Cursor cursor = { .at = data, .end = size > 0 ? data + size : data };
  g_autofree char *library = NULL;
  g_autofree CsmIndexPacket *packets = NULL;
  g_autofree CsmFrameEntry *frames = NULL;
  g_autofree CsmFrameShape *shapes = NULL;
  int64_t n_packets, n_frames = 0;
  CsmTimebase timebase;
  unsigned version, flags;
  int track, n_shapes = 0;

  if (!take_magic (&cursor, &version, error))
    return NULL;
  flags = take_byte (&cursor);
  track = (int) take_number (&cursor, CSM_FRAME_INDEX_MAX_TRACK);
  timebase.num = (int32_t) take_number (&cursor, INT32_MAX);
  timebase.den = (int32_t) take_number (&cursor, INT32_MAX);
  library = take_text (&cursor, CSM_FRAME_INDEX_MAX_LIBRARY);
  packets = take_packets (&cursor, &n_packets);
  if ((flags & FLAG_EXACT) != 0)
    frames = take_frames (&cursor, n_packets, &n_frames);
  if (version == VERSION_WITH_SHAPES)
    shapes = take_shapes (&cursor, n_frames, &n_shapes);

  if (cursor.failed || left (&cursor) > 0 || (flags & ~FLAG_EXACT) != 0 || timebase.num == 0 ||
      timebase.den == 0)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED,
                           "The frame index is damaged");
      return NULL;
    }
  return csm_frame_index_new (track, timebase, library, g_steal_pointer (&packets), n_packets,
                              g_steal_pointer (&frames), n_frames, g_steal_pointer (&shapes),
                              n_shapes, (flags & FLAG_EXACT) != 0);
}
