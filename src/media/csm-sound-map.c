/* csm-sound-map.c: where every sample of one sound track is, and how loud it is
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/csm-sound-map.h"

#include "media/csm-error.h"
#include "media/csm-protocol.h"

#include <string.h>

/* Version 1, all numbers little-endian:
 *
 *   "CSMS"  magic
 *   u32     version, 1
 *   u32     track, rate, channels, timebase numerator, timebase denominator
 *   u32     count of blocks, count of peaks
 *   i64     count of samples
 *   blocks  i64 first, pts; packet: pos, pts, dts, size; u64 hash
 *   peaks   i16 lowest, highest
 *
 * Nothing may stand behind the end. */
#define VERSION 1
#define HEADER_SIZE (4 + 8 * 4 + 8)
#define BLOCK_FIELDS 7
#define BLOCK_SIZE (BLOCK_FIELDS * 8)
#define PEAK_SIZE 4
#define MAX_RATE 768000

static const char MAGIC[4] = { 'C', 'S', 'M', 'S' };

struct _CsmSoundMap
{
  int track, rate, channels;
  CsmTimebase timebase;
  int64_t n_samples;
  GArray *blocks; /* CsmSoundBlock */
  GArray *peaks;  /* int16_t, two for each */
};

CsmSoundMap *
csm_sound_map_new (int track,
                   int rate,
                   int channels,
                   CsmTimebase timebase,
                   int64_t n_samples,
                   GArray *blocks,
                   GArray *peaks)
{
  CsmSoundMap *self = g_atomic_rc_box_new0 (CsmSoundMap);

  self->track = track;
  self->rate = rate;
  self->channels = channels;
  self->timebase = timebase;
  self->n_samples = n_samples;
  self->blocks = blocks;
  self->peaks = peaks;
  return self;
}

CsmSoundMap *
csm_sound_map_ref (CsmSoundMap *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
sound_map_clear (gpointer data)
{
  CsmSoundMap *self = data;

  g_array_unref (self->blocks);
  g_array_unref (self->peaks);
}

void
csm_sound_map_unref (CsmSoundMap *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, sound_map_clear);
}

int
csm_sound_map_get_track (const CsmSoundMap *self)
{
  return self->track;
}

int
csm_sound_map_get_rate (const CsmSoundMap *self)
{
  return self->rate;
}

int
csm_sound_map_get_channels (const CsmSoundMap *self)
{
  return self->channels;
}

CsmTimebase
csm_sound_map_get_timebase (const CsmSoundMap *self)
{
  return self->timebase;
}

int64_t
csm_sound_map_get_n_samples (const CsmSoundMap *self)
{
  return self->n_samples;
}

/* ---- blocks ---- */

int64_t
csm_sound_map_get_n_blocks (const CsmSoundMap *self)
{
  return self->blocks->len;
}

const CsmSoundBlock *
csm_sound_map_get_block (const CsmSoundMap *self, int64_t n)
{
  g_assert (n >= 0 && n < (int64_t) self->blocks->len);
  return &g_array_index (self->blocks, CsmSoundBlock, n);
}

int64_t
csm_sound_map_get_block_size (const CsmSoundMap *self, int64_t n)
{
  int64_t end = n + 1 < (int64_t) self->blocks->len
                    ? csm_sound_map_get_block (self, n + 1)->first
                    : self->n_samples;

  return end - csm_sound_map_get_block (self, n)->first;
}

int64_t
csm_sound_map_find_block (const CsmSoundMap *self, int64_t sample)
{
  int64_t low = 0;
  int64_t high = (int64_t) self->blocks->len - 1;

  while (low < high)
    {
      int64_t middle = high - (high - low) / 2;

      if (csm_sound_map_get_block (self, middle)->first <= sample)
        low = middle;
      else
        high = middle - 1;
    }
  return high < 0 ? -1 : low;
}

/* ---- times ---- */

/* @units a second. */
static int64_t
get_block_time (const CsmSoundMap *self, int64_t n, int units)
{
  const CsmSoundBlock *block = csm_sound_map_get_block (self, n);
  const CsmSoundBlock *timed = block;
  __int128 time = 0;

  /* Without a time of its own a block follows the last one that has. */
  while (timed->pts == CSM_NO_PTS && n > 0)
    timed = csm_sound_map_get_block (self, --n);
  if (timed->pts != CSM_NO_PTS)
    time = (__int128) timed->pts * self->timebase.num * units / self->timebase.den;
  time += (__int128) (block->first - timed->first) * units / self->rate;
  return (int64_t) CLAMP (time, G_MININT64 / 4, G_MAXINT64 / 4);
}

static int64_t
block_to_us (const CsmSoundMap *self, int64_t n)
{
  return get_block_time (self, n, G_USEC_PER_SEC);
}

int64_t
csm_sound_map_sample_to_us (const CsmSoundMap *self, int64_t sample)
{
  int64_t n = csm_sound_map_find_block (self, sample);
  __int128 us;

  if (n < 0)
    return 0;
  us = (__int128) (sample - csm_sound_map_get_block (self, n)->first) * G_USEC_PER_SEC /
       self->rate;
  return (int64_t) CLAMP (block_to_us (self, n) + us, G_MININT64 / 2, G_MAXINT64 / 2);
}

int64_t
csm_sound_map_us_to_sample (const CsmSoundMap *self, int64_t us)
{
  int64_t low = 0;
  int64_t high = (int64_t) self->blocks->len - 1;
  __int128 sample;

  if (high < 0 || us < block_to_us (self, 0))
    return 0;
  /* The last block at or before it; a clock that jumps back is met at one of its places. */
  while (low < high)
    {
      int64_t middle = high - (high - low) / 2;

      if (block_to_us (self, middle) <= us)
        low = middle;
      else
        high = middle - 1;
    }
  sample = (__int128) (us - block_to_us (self, low)) * self->rate / G_USEC_PER_SEC;
  return csm_sound_map_get_block (self, low)->first +
         (int64_t) MIN (sample, csm_sound_map_get_block_size (self, low));
}

int64_t
csm_sound_map_get_time (const CsmSoundMap *self, int64_t sample)
{
  int64_t n = csm_sound_map_find_block (self, sample);

  return n < 0 ? 0
               : get_block_time (self, n, self->rate) +
                     (sample - csm_sound_map_get_block (self, n)->first);
}

int64_t
csm_sound_map_find_time (const CsmSoundMap *self, int64_t time)
{
  int64_t low = 0;
  int64_t high = self->n_samples - 1;

  while (low < high)
    {
      int64_t middle = high - (high - low) / 2;

      if (csm_sound_map_get_time (self, middle) <= time)
        low = middle;
      else
        high = middle - 1;
    }
  return MAX (low, 0);
}

/* ---- peaks ---- */

bool
csm_sound_map_get_peak (const CsmSoundMap *self,
                        int64_t from,
                        int64_t to,
                        int *ret_low,
                        int *ret_high)
{
  int64_t n_peaks = self->peaks->len / 2;
  int64_t first = MAX (from, 0) / CSM_SOUND_PEAK_SAMPLES;
  int64_t last = to > 0 ? (to - 1) / CSM_SOUND_PEAK_SAMPLES : -1;
  int low = INT16_MAX;
  int high = INT16_MIN;

  last = MIN (last, n_peaks - 1);
  *ret_low = *ret_high = 0;
  if (first > last)
    return false;
  for (int64_t i = first; i <= last; i++)
    {
      const int16_t *pair = &g_array_index (self->peaks, int16_t, i * 2);

      low = MIN (low, pair[0]);
      high = MAX (high, pair[1]);
    }
  *ret_low = low;
  *ret_high = high;
  return true;
}

/* ---- the stored form ---- */

static void
put_u32 (GByteArray *out, uint32_t value)
{
  uint32_t little = GUINT32_TO_LE (value);

  g_byte_array_append (out, (const uint8_t *) &little, sizeof little);
}

static void
put_u64 (GByteArray *out, uint64_t value)
{
  uint64_t little = GUINT64_TO_LE (value);

  g_byte_array_append (out, (const uint8_t *) &little, sizeof little);
}

GBytes *
csm_sound_map_serialize (const CsmSoundMap *self)
{
  GByteArray *out = g_byte_array_sized_new (
      (guint) (HEADER_SIZE + self->blocks->len * BLOCK_SIZE + self->peaks->len * 2));

  g_byte_array_append (out, (const uint8_t *) MAGIC, sizeof MAGIC);
  put_u32 (out, VERSION);
  put_u32 (out, (uint32_t) self->track);
  put_u32 (out, (uint32_t) self->rate);
  put_u32 (out, (uint32_t) self->channels);
  put_u32 (out, (uint32_t) self->timebase.num);
  put_u32 (out, (uint32_t) self->timebase.den);
  put_u32 (out, self->blocks->len);
  put_u32 (out, self->peaks->len / 2);
  put_u64 (out, (uint64_t) self->n_samples);
  for (unsigned i = 0; i < self->blocks->len; i++)
    {
      const CsmSoundBlock *block = &g_array_index (self->blocks, CsmSoundBlock, i);

      put_u64 (out, (uint64_t) block->first);
      put_u64 (out, (uint64_t) block->pts);
      put_u64 (out, (uint64_t) block->packet.pos);
      put_u64 (out, (uint64_t) block->packet.pts);
      put_u64 (out, (uint64_t) block->packet.dts);
      put_u64 (out, (uint64_t) block->packet.size);
      put_u64 (out, block->hash);
    }
  for (unsigned i = 0; i < self->peaks->len; i++)
    {
      int16_t little = GINT16_TO_LE (g_array_index (self->peaks, int16_t, i));

      g_byte_array_append (out, (const uint8_t *) &little, sizeof little);
    }
  return g_byte_array_free_to_bytes (out);
}

static uint32_t
get_u32 (const uint8_t *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_LE (value);
}

static uint64_t
get_u64 (const uint8_t *bytes)
{
  uint64_t value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* Header numbers behind the version, in their order. */
typedef struct
{
  uint32_t track, rate, channels, num, den, n_blocks, n_peaks;
  int64_t n_samples;
} Header;

static bool
parse_header (const uint8_t *data, size_t size, Header *ret)
{
  if (size < HEADER_SIZE || memcmp (data, MAGIC, sizeof MAGIC) != 0 ||
      get_u32 (data + 4) != VERSION)
    return false;
  *ret = (Header){
    .track = get_u32 (data + 8),
    .rate = get_u32 (data + 12),
    .channels = get_u32 (data + 16),
    .num = get_u32 (data + 20),
    .den = get_u32 (data + 24),
    .n_blocks = get_u32 (data + 28),
    .n_peaks = get_u32 (data + 32),
    .n_samples = (int64_t) get_u64 (data + 36),
  };
  if (ret->track >= CSM_PROTOCOL_MAX_STREAMS || ret->rate < 1 || ret->rate > MAX_RATE ||
      ret->channels < 1 || ret->channels > 2 || ret->num < 1 || ret->num > INT32_MAX ||
      ret->den < 1 || ret->den > INT32_MAX)
    return false;
  if (ret->n_samples < 0 || ret->n_samples > (int64_t) UINT32_MAX * CSM_SOUND_PEAK_SAMPLES ||
      (ret->n_samples == 0) != (ret->n_blocks == 0))
    return false;
  if (ret->n_peaks != (ret->n_samples + CSM_SOUND_PEAK_SAMPLES - 1) / CSM_SOUND_PEAK_SAMPLES)
    return false;
  return size ==
         HEADER_SIZE + (size_t) ret->n_blocks * BLOCK_SIZE + (size_t) ret->n_peaks * PEAK_SIZE;
}

/* Blocks begin at 0, each has samples, and none more than one answer can carry. */
static bool
check_blocks (const CsmSoundMap *self)
{
  for (unsigned i = 0; i < self->blocks->len; i++)
    {
      const CsmSoundBlock *block = &g_array_index (self->blocks, CsmSoundBlock, i);
      int64_t end = i + 1 < self->blocks->len
                        ? g_array_index (self->blocks, CsmSoundBlock, i + 1).first
                        : self->n_samples;

      if ((i == 0 && block->first != 0) || end <= block->first || end > self->n_samples ||
          (end - block->first) > CSM_PROTOCOL_MAX_IMAGE / 4)
        return false;
      if (block->packet.pos < -1 || block->packet.size < 0)
        return false;
    }
  return true;
}

static CsmSoundMap *
parse_body (const Header *header, const uint8_t *data)
{
  GArray *blocks = g_array_sized_new (FALSE, FALSE, sizeof (CsmSoundBlock), header->n_blocks);
  GArray *peaks = g_array_sized_new (FALSE, FALSE, sizeof (int16_t), header->n_peaks * 2);

  for (uint32_t i = 0; i < header->n_blocks; i++, data += BLOCK_SIZE)
    {
      CsmSoundBlock block = {
        .first = (int64_t) get_u64 (data),
        .pts = (int64_t) get_u64 (data + 8),
        .packet = { .pos = (int64_t) get_u64 (data + 16),
                    .pts = (int64_t) get_u64 (data + 24),
                    .dts = (int64_t) get_u64 (data + 32),
                    .size = (int64_t) get_u64 (data + 40) },
        .hash = get_u64 (data + 48),
      };

      g_array_append_val (blocks, block);
    }
  for (uint32_t i = 0; i < header->n_peaks * 2; i++, data += 2)
    {
      int16_t value;

      memcpy (&value, data, sizeof value);
      value = GINT16_FROM_LE (value);
      g_array_append_val (peaks, value);
    }
  return csm_sound_map_new ((int) header->track, (int) header->rate, (int) header->channels,
                            (CsmTimebase){ (int32_t) header->num, (int32_t) header->den },
                            header->n_samples, blocks, peaks);
}

CsmSoundMap *
csm_sound_map_parse (GBytes *bytes, GError **error)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);
  g_autoptr (CsmSoundMap) self = NULL;
  Header header;

  if (parse_header (data, size, &header))
    self = parse_body (&header, data + HEADER_SIZE);
  if (self != NULL && check_blocks (self))
    return g_steal_pointer (&self);
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED,
                       "This is no map of a sound track");
  return NULL;
}
