/* csm-sound-reader.h: one sound track's packets in, samples out, each block at its place
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-protocol.h"
#include "media/csm-sound-map.h"
#include "media/worker/csm-input.h"
#include "media/worker/csm-passes.h"

/* CsmSoundReader: decodes a:@track as the ffmpeg program does, one packet after the other, with
 * one thread. See csm-sound-map.h for what a sample is.
 *
 * What a decoder gives after a seek need not be what it gives on the way from the start: lapped
 * transforms need the packet before, bit reservoirs several, and noise that fills bands (AAC's
 * PNS, AC-3's dither) goes on from wherever its generator was. So a block is decoded with the
 * block before it as run-up and compared with the map: its number of samples, its time and, for
 * exact reading, its hash. What does not hold is decoded from the start of the track instead.
 *
 * Ownership  csm_sound_reader_free() takes NULL; owns its input.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR; G_IO_ERROR_CANCELLED when @poll said so. */
typedef struct _CsmSoundReader CsmSoundReader;

/* (transfer full) (nullable): takes @input, freshly opened, also on failure. */
CsmSoundReader *csm_sound_reader_new (CsmInput *input, int track, GError **error);
void csm_sound_reader_free (CsmSoundReader *self);

/* (transfer full) (nullable): the map, by decoding all of the track once. Uses up the reader:
 * free it. Progress in bytes of the source. */
CsmSoundMap *csm_sound_reader_map (CsmSoundReader *self,
                                   CsmPassProgress progress,
                                   gpointer data,
                                   GError **error);

/* (transfer full) (nullable): the samples of the block that @wanted describes. NULL without
 * @error: not from here; a fresh reader with @from_start gets there for certain. */
GBytes *csm_sound_reader_read (CsmSoundReader *self,
                               const CsmSoundMessage *wanted,
                               bool exact,
                               bool from_start,
                               CsmInterrupt poll,
                               gpointer data,
                               GError **error);
/* Which track, and the next sample that reading on gives, -1 when that is not known. */
int csm_sound_reader_get_track (const CsmSoundReader *self);
int64_t csm_sound_reader_get_next (const CsmSoundReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSoundReader, csm_sound_reader_free)
