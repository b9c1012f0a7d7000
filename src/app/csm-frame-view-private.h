/* csm-frame-view-private.h: what the parts of the frame view share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-frame-view.h"

#define CSM_FRAME_VIEW_HANDLE 9.0

/* What a drag moves: edges of the rectangle, all of it, or the picture. */
typedef enum {
  CSM_DRAG_NONE = 0,
  CSM_DRAG_LEFT = 1 << 0,
  CSM_DRAG_RIGHT = 1 << 1,
  CSM_DRAG_TOP = 1 << 2,
  CSM_DRAG_BOTTOM = 1 << 3,
  CSM_DRAG_MOVE = 1 << 4,
  CSM_DRAG_NEW = 1 << 5,
  CSM_DRAG_PAN = 1 << 6,
} CsmFrameViewDrag;

struct _CsmFrameView
{
  GtkWidget parent_instance;

  /* Owned */
  CsmSession *session;
  CsmCodeLanes *lanes;
  GdkTexture *texture;

  /* Of the texture: the picture as it came, and the frame that it was made of. */
  int picture_width, picture_height;
  int frame_width, frame_height;
  CsmRect part; /* of the frame: all of it, but where a view crops */
  int enlarged; /* times, by a view; 1: not */
  int rotation; /* degrees clockwise, of the picture against the frame */
  bool has_alpha;
  bool asked_as_decoded;

  double zoom; /* screen pixels for each of the frame's; 0: fit */
  double pointer_x, pointer_y;
  double center_x, center_y; /* of the view, 0 to 1 in the picture */

  bool drawing;
  bool has_rect;
  CsmRect rect;

  CsmFrameViewDrag drag;
  double drag_x, drag_y; /* where it began: frame pixels, or the centre when panning */
  CsmRect drag_rect;
};

/* Where the picture lies in the widget; false without one. */
bool csm_frame_view_get_area (CsmFrameView *self, graphene_rect_t *ret_area);
/* More of it than the widget can show. */
bool csm_frame_view_overflows (CsmFrameView *self);
void csm_frame_view_set_center (CsmFrameView *self, double x, double y);
/* Around a point of the widget. */
void csm_frame_view_zoom_at (CsmFrameView *self, double factor, double x, double y);

/* csm-frame-view-region.c */
void csm_frame_view_add_region_controllers (CsmFrameView *self);
void csm_frame_view_snapshot_regions (CsmFrameView *self,
                                      GtkSnapshot *snapshot,
                                      const graphene_rect_t *area);
