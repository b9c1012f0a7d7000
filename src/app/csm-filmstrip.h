/* csm-filmstrip.h: small pictures along the exhibit, and where its shots change
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <gtk/gtk.h>

/* CsmFilmstrip: lies over the timeline, place for place, and is dragged like it. A picture is
 * of a frame near its left edge. Ticks at the lower edge are where another shot seems to begin:
 * known when every frame was decoded once. Hidden without pictures to come. */
#define CSM_TYPE_FILMSTRIP (csm_filmstrip_get_type ())
G_DECLARE_FINAL_TYPE (CsmFilmstrip, csm_filmstrip, CSM, FILMSTRIP, GtkWidget)

void csm_filmstrip_set_session (CsmFilmstrip *self, CsmSession *session);
