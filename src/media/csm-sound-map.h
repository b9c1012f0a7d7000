/* csm-sound-map.h: where every sample of one sound track is, and how loud it is
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-time.h"

#include <gio/gio.h>
#include <stdbool.h>

/* Samples that one pair of peaks stands for. */
#define CSM_SOUND_PEAK_SAMPLES 512

/* A packet, as a demuxer gives it. */
typedef struct
{
  int64_t pos; /* -1 unknown */
  int64_t pts, dts;
  int64_t size;
} CsmSoundPacket;

/* What comes out of the decoder from the moment that @packet goes in until the next block's
 * does. */
typedef struct
{
  int64_t first; /* sample */
  int64_t pts;   /* ticks, of that sample, or CSM_NO_PTS */
  CsmSoundPacket packet;
  uint64_t hash; /* XXH3-64 of the block's samples as delivered */
} CsmSoundBlock;

/* CsmSoundMap: one sound track a:N, decoded once from its start.
 *
 * Samples    numbered from 0, which is the first that `ffmpeg -i F -map 0:a:N -f s16le -`
 * gives; a sample is one instant, of all channels. Delivered as 16-bit little-endian at the
 *            track's own rate, mono as mono, anything else as stereo (`-ac 2`).
 * Times      ticks of the timebase, the container's clock, which pictures are on too. Where a
 *            block's time does not follow from the one before, the recording has a gap there
 *            (or an overlap) that the samples know nothing of.
 * Ownership  reference counted, atomically.
 * Threads    immutable.
 * Errors     CSM_MEDIA_ERROR. */
typedef struct _CsmSoundMap CsmSoundMap;

/* (transfer full): takes both arrays (of CsmSoundBlock, and of int16_t: lowest, highest, of
 * each CSM_SOUND_PEAK_SAMPLES, all channels together). */
CsmSoundMap *csm_sound_map_new (int track,
                                int rate,
                                int channels,
                                CsmTimebase timebase,
                                int64_t n_samples,
                                GArray *blocks,
                                GArray *peaks);
CsmSoundMap *csm_sound_map_ref (CsmSoundMap *self);
void csm_sound_map_unref (CsmSoundMap *self);

int csm_sound_map_get_track (const CsmSoundMap *self);
int csm_sound_map_get_rate (const CsmSoundMap *self);     /* samples a second */
int csm_sound_map_get_channels (const CsmSoundMap *self); /* 1 or 2, as delivered */
CsmTimebase csm_sound_map_get_timebase (const CsmSoundMap *self);
int64_t csm_sound_map_get_n_samples (const CsmSoundMap *self);

int64_t csm_sound_map_get_n_blocks (const CsmSoundMap *self);
/* Borrowed; @n must be inside. */
const CsmSoundBlock *csm_sound_map_get_block (const CsmSoundMap *self, int64_t n);
/* Samples in block @n. */
int64_t csm_sound_map_get_block_size (const CsmSoundMap *self, int64_t n);
/* The block that holds @sample (clamped); -1 when there are none. */
int64_t csm_sound_map_find_block (const CsmSoundMap *self, int64_t sample);

/* Microseconds of the container's clock at @sample, by its block's own time; where a track
 * carries no times it starts at 0. */
int64_t csm_sound_map_sample_to_us (const CsmSoundMap *self, int64_t sample);
/* The sample that sounds at @us: the first one when it is earlier than all, the number of
 * samples when it is later. In a gap: the first one after it. */
int64_t csm_sound_map_us_to_sample (const CsmSoundMap *self, int64_t us);

/* Units of 1/rate seconds of the container's clock at @sample, by its block's own time: what
 * stands for a time stamp of a sample. */
int64_t csm_sound_map_get_time (const CsmSoundMap *self, int64_t sample);
/* The sample at that time; clamped to the track. */
int64_t csm_sound_map_find_time (const CsmSoundMap *self, int64_t time);

/* Lowest and highest value from sample @from to before @to, as far as whole peaks tell; false,
 * and both 0, when there is none. */
bool csm_sound_map_get_peak (const CsmSoundMap *self,
                             int64_t from,
                             int64_t to,
                             int *ret_low,
                             int *ret_high);

/* (transfer full): the stored form. */
GBytes *csm_sound_map_serialize (const CsmSoundMap *self);
/* (transfer full) (nullable): @bytes may be hostile: checked field by field, bounded. */
CsmSoundMap *csm_sound_map_parse (GBytes *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSoundMap, csm_sound_map_unref)
