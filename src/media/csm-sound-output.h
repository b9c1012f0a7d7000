/* csm-sound-output.h: samples to this computer's sound server, and the clock that they make
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* CsmSoundOutput: one connection to a sound server that speaks PulseAudio's protocol (PipeWire
 * does), and at most one stream on it.
 *
 * Where      a Unix socket and nothing else: PULSE_SERVER when it names one, else
 *            $XDG_RUNTIME_DIR/pulse/native. Any other PULSE_SERVER (tcp:, a host's name) is
 *            refused, no server is started, no address is looked up. What is played goes to the
 *            server, through the socket, not through shared memory; nothing is written to disk.
 * Silence    without a server all calls do nothing and the state is _FAILED with a reason.
 * Ownership  csm_sound_output_free() ends stream and connection; takes NULL.
 * Threads    main thread only; nothing blocks. The server is talked to on a thread inside.
 *
 * What is heard is counted in samples since csm_sound_output_start(). While nothing is left to
 * play the count stands still; it goes on when samples come. */
typedef struct _CsmSoundOutput CsmSoundOutput;

typedef enum {
  CSM_SOUND_CONNECTING,
  CSM_SOUND_READY,
  CSM_SOUND_FAILED,
} CsmSoundState;

/* On the main thread: the state is another one, or fewer samples wait than a while ago. */
typedef void (*CsmSoundChanged) (CsmSoundOutput *output, gpointer data);

/* Says to the library what it must not do. Once, in main(), before there are threads. */
void csm_sound_output_init (void);

/* (transfer full): begins to connect. @data is used until csm_sound_output_free(). */
CsmSoundOutput *csm_sound_output_new (CsmSoundChanged changed, gpointer data);
void csm_sound_output_free (CsmSoundOutput *self);

CsmSoundState csm_sound_output_get_state (CsmSoundOutput *self);
/* (transfer full) (nullable): why it failed, for people. */
char *csm_sound_output_dup_reason (CsmSoundOutput *self);

/* Forgets what plays and begins anew: 16-bit little-endian samples, @rate a second, played
 * @speed times as fast (and higher or lower by as much). Needs not to be ready yet. */
void csm_sound_output_start (CsmSoundOutput *self, int rate, int channels, double speed);
/* Stops at once and forgets what waits. */
void csm_sound_output_stop (CsmSoundOutput *self);
/* Plays @samples after all that was written before. */
void csm_sound_output_write (CsmSoundOutput *self, GBytes *samples);
/* Samples that were written and are not with the server yet. */
int64_t csm_sound_output_get_waiting (CsmSoundOutput *self);
/* Samples heard since the start, by the server's own timing; -1 before the first one. Never
 * goes back. */
int64_t csm_sound_output_get_heard (CsmSoundOutput *self);

/* 0 to 1, loudness as the ear has it; 1 leaves the samples as they are. Of what plays and of
 * what will. */
void csm_sound_output_set_volume (CsmSoundOutput *self, double volume);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CsmSoundOutput, csm_sound_output_free)
