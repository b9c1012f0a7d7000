/* csm-sound-reader.c: one sound track's packets in, samples out, each block at its place
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-sound-reader.h"

#include "media/worker/csm-sound-decoder.h"

#include <string.h>
#include <xxhash.h>

/* A third of a second: small enough to be the unit of reading, large enough for the one before
 * it to settle any decoder. */
#define BLOCK_SAMPLES 16384
/* Packets passed over while looking for one that is known, after a seek. */
#define MAX_PASSED 20000

struct _CsmSoundReader
{
  CsmSoundDecoder *decoder;
  int track;
  int64_t next; /* sample that comes out next; -1 unknown */
  bool ended;
  GByteArray *out;
};

CsmSoundReader *
csm_sound_reader_new (CsmInput *input, int track, GError **error)
{
  CsmSoundReader *self;
  CsmSoundDecoder *decoder;

  /* A demuxer that was interrupted cannot go on: its callers look up between packets. */
  csm_input_shield (input);
  decoder = csm_sound_decoder_new (input, track, error);
  if (decoder == NULL)
    return NULL;
  self = g_new0 (CsmSoundReader, 1);
  self->decoder = decoder;
  self->track = track;
  self->out = g_byte_array_new ();
  return self;
}

void
csm_sound_reader_free (CsmSoundReader *self)
{
  if (self == NULL)
    return;
  csm_sound_decoder_free (self->decoder);
  g_byte_array_unref (self->out);
  g_free (self);
}

int
csm_sound_reader_get_track (const CsmSoundReader *self)
{
  return self->track;
}

int64_t
csm_sound_reader_get_next (const CsmSoundReader *self)
{
  return self->next;
}

static int
get_stride (CsmSoundReader *self)
{
  return MAX (csm_sound_decoder_get_channels (self->decoder), 1) * (int) sizeof (int16_t);
}

static gboolean
fail_cancelled (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  return FALSE;
}

/* ---- the map ---- */

typedef struct
{
  CsmSoundReader *reader;
  GArray *blocks, *peaks;
  CsmSoundBlock block; /* the one at work */
  XXH3_state_t *hash;
  int64_t n_samples;
  int16_t low, high; /* of the peak at work */
  int n_in_peak;
} Mapping;

static void
mapping_begin (Mapping *self, const CsmSoundPacket *packet)
{
  self->block =
      (CsmSoundBlock){ .first = self->n_samples, .pts = CSM_NO_PTS, .packet = *packet };
  XXH3_64bits_reset (self->hash);
}

/* A block that gave nothing is none: the next one begins at the same sample. */
static void
mapping_end_block (Mapping *self)
{
  if (self->n_samples == self->block.first)
    return;
  self->block.hash = XXH3_64bits_digest (self->hash);
  g_array_append_val (self->blocks, self->block);
}

static void
end_peak (Mapping *self)
{
  int16_t pair[2] = { self->low, self->high };

  g_array_append_vals (self->peaks, pair, 2);
  self->low = INT16_MAX;
  self->high = INT16_MIN;
  self->n_in_peak = 0;
}

static void
add_to_peak (Mapping *self, const int16_t *values, int n)
{
  int16_t low = self->low, high = self->high;

  for (int i = 0; i < n; i++)
    {
      low = values[i] < low ? values[i] : low;
      high = values[i] > high ? values[i] : high;
    }
  self->low = low;
  self->high = high;
}

static void
mapping_take (Mapping *self, const GByteArray *out)
{
  int channels = MAX (csm_sound_decoder_get_channels (self->reader->decoder), 1);
  const int16_t *values = (const int16_t *) out->data;
  int n = (int) (out->len / sizeof (int16_t)) / channels;

  XXH3_64bits_update (self->hash, out->data, out->len);
  self->n_samples += n;
  while (n > 0)
    {
      int part = MIN (n, CSM_SOUND_PEAK_SAMPLES - self->n_in_peak);

      add_to_peak (self, values, part * channels);
      self->n_in_peak += part;
      values += part * channels;
      n -= part;
      if (self->n_in_peak == CSM_SOUND_PEAK_SAMPLES)
        end_peak (self);
    }
}

static gboolean
map_packets (Mapping *self, CsmPassProgress progress, gpointer data, GError **error)
{
  CsmSoundDecoder *decoder = self->reader->decoder;
  CsmInput *input = csm_sound_decoder_get_input (decoder);
  GByteArray *out = self->reader->out;
  bool begun = false;

  for (;;)
    {
      CsmSoundPacket packet;
      CsmSoundNext next = csm_sound_decoder_next (decoder, &packet, error);

      if (next == CSM_SOUND_ERROR)
        return FALSE;
      if (progress (csm_input_get_position (input), csm_input_get_size (input), data))
        return fail_cancelled (error);
      g_byte_array_set_size (out, 0);
      if (next == CSM_SOUND_END)
        {
          if (!csm_sound_decoder_drain (decoder, out, &self->block.pts, error))
            return FALSE;
          mapping_take (self, out);
          mapping_end_block (self);
          return TRUE;
        }
      if (!begun || self->n_samples - self->block.first >= BLOCK_SAMPLES)
        {
          if (begun)
            mapping_end_block (self);
          mapping_begin (self, &packet);
          begun = true;
        }
      if (!csm_sound_decoder_decode (decoder, out, &self->block.pts, error))
        return FALSE;
      mapping_take (self, out);
    }
}

CsmSoundMap *
csm_sound_reader_map (CsmSoundReader *self,
                      CsmPassProgress progress,
                      gpointer data,
                      GError **error)
{
  Mapping mapping = { .reader = self,
                      .blocks = g_array_new (FALSE, FALSE, sizeof (CsmSoundBlock)),
                      .peaks = g_array_new (FALSE, FALSE, sizeof (int16_t)),
                      .hash = XXH3_createState (),
                      .low = INT16_MAX,
                      .high = INT16_MIN };
  gboolean ok = map_packets (&mapping, progress, data, error);

  XXH3_freeState (mapping.hash);
  if (mapping.n_in_peak > 0)
    end_peak (&mapping);
  if (ok && mapping.n_samples == 0)
    {
      g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED,
                           "Nothing of the sound could be decoded.");
      ok = FALSE;
    }
  if (!ok)
    {
      g_array_unref (mapping.blocks);
      g_array_unref (mapping.peaks);
      return NULL;
    }
  return csm_sound_map_new (self->track, csm_sound_decoder_get_rate (self->decoder),
                            csm_sound_decoder_get_channels (self->decoder),
                            csm_sound_decoder_get_timebase (self->decoder), mapping.n_samples,
                            mapping.blocks, mapping.peaks);
}

/* ---- a block ---- */

static bool
is_packet (const CsmSoundPacket *a, const CsmSoundPacket *b)
{
  return a->pos == b->pos && a->size == b->size && a->pts == b->pts && a->dts == b->dts;
}

typedef enum {
  WENT_OK,
  WENT_ASTRAY,
  WENT_WRONG, /* @error is set */
} Went;

static Went
stop (GError **error)
{
  (void) fail_cancelled (error); /* error is set, that is all */
  return WENT_WRONG;
}

/* Decodes, and forgets the samples, up to before packet @to. @from: where decoding begins,
 * NULL: at once. */
static Went
run_up (CsmSoundReader *self,
        const CsmSoundPacket *from,
        const CsmSoundPacket *to,
        CsmInterrupt poll,
        gpointer data,
        GError **error)
{
  int64_t pts = CSM_NO_PTS;
  int n_passed = 0;

  for (;;)
    {
      CsmSoundPacket packet;

      switch (csm_sound_decoder_next (self->decoder, &packet, error))
        {
        case CSM_SOUND_ERROR:
          return WENT_WRONG;
        case CSM_SOUND_END:
          return WENT_ASTRAY;
        case CSM_SOUND_PACKET:
          break;
        }
      if (poll (data))
        return stop (error);
      if (from != NULL && is_packet (&packet, from))
        from = NULL;
      if (from != NULL && ++n_passed > MAX_PASSED)
        return WENT_ASTRAY;
      if (from != NULL)
        continue;
      g_byte_array_set_size (self->out, 0);
      if (is_packet (&packet, to))
        return WENT_OK;
      if (!csm_sound_decoder_decode (self->decoder, self->out, &pts, error))
        return WENT_WRONG;
    }
}

/* Appends samples until there are those of @wanted. @pending: a packet was read and waits. */
static Went
fill (CsmSoundReader *self,
      const CsmSoundMessage *wanted,
      bool pending,
      int64_t *ret_pts,
      CsmInterrupt poll,
      gpointer data,
      GError **error)
{
  CsmSoundPacket packet;

  *ret_pts = CSM_NO_PTS;
  for (;;)
    {
      if (pending && !csm_sound_decoder_decode (self->decoder, self->out, ret_pts, error))
        return WENT_WRONG;
      pending = true;
      if (self->out->len / get_stride (self) >= (guint) wanted->n_samples || self->ended)
        return WENT_OK;
      if (poll (data))
        return stop (error);
      switch (csm_sound_decoder_next (self->decoder, &packet, error))
        {
        case CSM_SOUND_ERROR:
          return WENT_WRONG;
        case CSM_SOUND_END:
          self->ended = true;
          pending = false;
          if (!csm_sound_decoder_drain (self->decoder, self->out, ret_pts, error))
            return WENT_WRONG;
          break;
        case CSM_SOUND_PACKET:
          break;
        }
    }
}

/* Decodes from the very start to before the sample wanted. */
static Went
walk (CsmSoundReader *self,
      const CsmSoundMessage *wanted,
      CsmInterrupt poll,
      gpointer data,
      GError **error)
{
  while (self->next < wanted->first)
    {
      CsmSoundPacket packet;
      int64_t pts = CSM_NO_PTS;

      if (poll (data))
        return stop (error);
      switch (csm_sound_decoder_next (self->decoder, &packet, error))
        {
        case CSM_SOUND_ERROR:
          return WENT_WRONG;
        case CSM_SOUND_END:
          return WENT_ASTRAY;
        case CSM_SOUND_PACKET:
          break;
        }
      g_byte_array_set_size (self->out, 0);
      if (!csm_sound_decoder_decode (self->decoder, self->out, &pts, error))
        return WENT_WRONG;
      self->next += self->out->len / get_stride (self);
    }
  g_byte_array_set_size (self->out, 0);
  return self->next == wanted->first ? WENT_OK : WENT_ASTRAY;
}

static bool
is_what_was_wanted (CsmSoundReader *self,
                    const CsmSoundMessage *wanted,
                    int64_t pts,
                    bool exact)
{
  if (self->out->len != (guint) wanted->n_samples * (guint) get_stride (self))
    return false;
  if (exact)
    return XXH3_64bits (self->out->data, self->out->len) == wanted->hash;
  return pts == wanted->pts || pts == CSM_NO_PTS || wanted->pts == CSM_NO_PTS;
}

GBytes *
csm_sound_reader_read (CsmSoundReader *self,
                       const CsmSoundMessage *wanted,
                       bool exact,
                       bool from_start,
                       CsmInterrupt poll,
                       gpointer data,
                       GError **error)
{
  bool goes_on = self->next == wanted->first && !self->ended;
  Went went = WENT_OK;
  int64_t pts;

  g_byte_array_set_size (self->out, 0);
  if (from_start)
    went = walk (self, wanted, poll, data, error);
  else if (!goes_on)
    {
      /* Wherever this ends, it is not where it was. */
      self->next = -1;
      self->ended = false;
      if (!csm_sound_decoder_seek (self->decoder, &wanted->run_up))
        return NULL;
      went = run_up (self, &wanted->run_up, &wanted->packet, poll, data, error);
    }
  if (went == WENT_OK)
    went = fill (self, wanted, !goes_on && !from_start, &pts, poll, data, error);
  self->next = -1;
  if (went != WENT_OK || !is_what_was_wanted (self, wanted, pts, exact))
    return NULL;
  self->next = wanted->first + wanted->n_samples;
  return g_bytes_new (self->out->data, self->out->len);
}
