/* csm-sound-decoder.h: one sound track: packets, and the samples that come out for each
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "media/csm-sound-map.h"
#include "media/worker/csm-input.h"

/* CsmSoundDecoder: feeds and drains FFmpeg's decoder in the order that the ffmpeg program does,
 * and turns what comes out into 16-bit samples, mono or stereo, as its s16le output has them.
 *
 * Ownership  csm_sound_decoder_free() takes NULL; owns its input.
 * Threads    one.
 * Errors     CSM_MEDIA_ERROR. */
typedef struct _CsmSoundDecoder CsmSoundDecoder;

/* (transfer full) (nullable): takes @input, also on failure. */
CsmSoundDecoder *csm_sound_decoder_new (CsmInput *input, int track, GError **error);
void csm_sound_decoder_free (CsmSoundDecoder *self);

typedef enum {
  CSM_SOUND_PACKET,
  CSM_SOUND_END,   /* no more packets: csm_sound_decoder_drain() is left */
  CSM_SOUND_ERROR, /* the source failed; @error is set */
} CsmSoundNext;
/* Reads the next packet of the track and says which it is. */
CsmSoundNext csm_sound_decoder_next (CsmSoundDecoder *self,
                                     CsmSoundPacket *ret_packet,
                                     GError **error);
/* Decodes that packet; appends its samples to @out. Sets @io_pts, when it is CSM_NO_PTS and
 * samples came, to the time of the first one. false with @error when the sound cannot be given
 * in our form. */
bool csm_sound_decoder_decode (CsmSoundDecoder *self,
                               GByteArray *out,
                               int64_t *io_pts,
                               GError **error);
/* What the decoder still holds at the end. */
bool csm_sound_decoder_drain (CsmSoundDecoder *self,
                              GByteArray *out,
                              int64_t *io_pts,
                              GError **error);
/* Goes on at @packet or before it; false when the container cannot. */
bool csm_sound_decoder_seek (CsmSoundDecoder *self, const CsmSoundPacket *packet);

/* Of the first samples: 0 before. */
int csm_sound_decoder_get_rate (const CsmSoundDecoder *self);
int csm_sound_decoder_get_channels (const CsmSoundDecoder *self);
CsmTimebase csm_sound_decoder_get_timebase (const CsmSoundDecoder *self);
CsmInput *csm_sound_decoder_get_input (CsmSoundDecoder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSoundDecoder, csm_sound_decoder_free)
