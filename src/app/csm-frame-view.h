/* csm-frame-view.h: the picture, with zoom, pan and regions drawn on it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-code-lanes.h"
#include "review/csm-session.h"

#include <gtk/gtk.h>

/* CsmFrameView: shows the session's picture. It asks the session for just the pixels that it
 * can show; at 100 % and while a region is drawn it asks for the frame as decoded, so that one
 * pixel of the frame is one of the screen, and a rectangle's numbers are the frame's own.
 *
 * Under a view that crops, the picture is a part of the frame; numbers stay the frame's own.
 * One that enlarges is never shown smaller than its own pixels.
 *
 * Signals
 *   "rect-changed" ()  the rectangle was drawn, moved, or cleared
 * Properties
 *   "drawing" (boolean)     a drag draws a rectangle instead of moving the picture
 *   "zoom-label" (string)   "Fit", "100 %"; read-only */
#define CSM_TYPE_FRAME_VIEW (csm_frame_view_get_type ())
G_DECLARE_FINAL_TYPE (CsmFrameView, csm_frame_view, CSM, FRAME_VIEW, GtkWidget)

void csm_frame_view_set_session (CsmFrameView *self, CsmSession *session, CsmCodeLanes *lanes);
bool csm_frame_view_get_drawing (CsmFrameView *self);
void csm_frame_view_set_drawing (CsmFrameView *self, bool drawing);
/* The rectangle on which the reviewer works, in the frame's own pixels: false without one. */
bool csm_frame_view_get_rect (CsmFrameView *self, CsmRect *ret_rect);
/* NULL: none. Does not emit "rect-changed". */
void csm_frame_view_set_rect (CsmFrameView *self, const CsmRect *rect);
/* Between the whole picture and 100 %. */
void csm_frame_view_toggle_zoom (CsmFrameView *self);
/* By a factor, around the middle. */
void csm_frame_view_zoom (CsmFrameView *self, double factor);
