/* csm-waveform.h: how loud the exhibit is, as a whole and around the playhead
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <gtk/gtk.h>

/* CsmWaveform: two strips. The upper one lies under the timeline, place for place. The lower
 * one has the playhead in its middle and as many seconds as it is zoomed to; it scrolls along.
 * The sound's offset against the picture is in both. Hidden without sound. */
#define CSM_TYPE_WAVEFORM (csm_waveform_get_type ())
G_DECLARE_FINAL_TYPE (CsmWaveform, csm_waveform, CSM, WAVEFORM, GtkWidget)

void csm_waveform_set_session (CsmWaveform *self, CsmSession *session);
/* The lower strip shows half (@direction 1) or twice as much (-1). */
void csm_waveform_zoom (CsmWaveform *self, int direction);
