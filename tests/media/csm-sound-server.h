/* csm-sound-server.h: a real sound server for one test, and a recording of what it plays
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Starts pulseaudio in a folder of its own, with a sink that plays into the void at 48000 Hz in
 * stereo, and parec on its monitor; PULSE_SERVER names it from now on. Returns when recording
 * has begun. One at a time. */
void csm_sound_server_start (void);
/* Ends both and removes the folder. */
void csm_sound_server_stop (void);
/* The socket's path. Borrowed. */
const char *csm_sound_server_get_socket (void);

/* Samples (of both channels, 4 bytes) recorded until now. */
gint64 csm_sound_server_count (void);
/* (transfer full): all of them. */
GBytes *csm_sound_server_read (void);
/* The sample of the recording from @from on that is not silence, -1 when there is none. */
gint64 csm_sound_server_find_sound (GBytes *recording, gint64 from);
