/* csm-workspace-private.h: what the parts of the workspace share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-filmstrip.h"
#include "app/csm-frame-view.h"
#include "app/csm-inspector.h"
#include "app/csm-ledger-page.h"
#include "app/csm-receipts-pane.h"
#include "app/csm-sidebar.h"
#include "app/csm-timeline.h"
#include "app/csm-transport.h"
#include "app/csm-waveform.h"
#include "app/csm-workspace.h"

struct _CsmWorkspace
{
  AdwBin parent_instance;

  /* Template children */
  AdwWindowTitle *title;
  GtkWidget *undo_button;
  GtkWidget *redo_button;
  GtkMenuButton *reviewer_button;
  GtkLabel *reviewer_label;
  GtkToggleButton *search_button;
  AdwToastOverlay *toasts;
  CsmSidebar *sidebar;
  GtkStack *main_stack;
  GtkStack *picture_stack;
  AdwStatusPage *failed_page;
  CsmFrameView *frame_view;
  CsmFilmstrip *filmstrip;
  GtkLabel *view_label;
  GtkWidget *cover_box;
  CsmTimeline *timeline;
  CsmWaveform *waveform;
  CsmTransport *transport;
  GtkWidget *player_box;
  CsmInspector *inspector;
  CsmLedgerPage *ledger_page;
  CsmReceiptsPane *receipts_pane;

  /* Owned */
  CsmSession *session;
  CsmCodeLanes *lanes;

  /* The rectangle on the picture is the region of the mark in the editor; otherwise it waits
   * for the next new mark. */
  bool rect_is_editors;
  int64_t rect_ordinal; /* the frame that it was drawn on */

  GtkFileChooserNative *chooser; /* (nullable) */

  guint select_id; /* an idle source */

  /* Leaving: what waits for the answer, and what asks (borrowed: its window owns it). */
  CsmWorkspaceSettled settled; /* (nullable) */
  gpointer settled_data;
  GtkWindow *question; /* (nullable) */
  guint settle_id;     /* an idle source */

  bool told_of_removal;
};

/* csm-workspace-actions.c */
void csm_workspace_install_actions (GtkWidgetClass *widget_class);
void csm_workspace_update_actions (CsmWorkspace *self);

/* csm-workspace-marks.c */
void csm_workspace_connect_marks (CsmWorkspace *self);
void csm_workspace_add_mark (CsmWorkspace *self);
void csm_workspace_remove_mark (CsmWorkspace *self);
void csm_workspace_draw_region (CsmWorkspace *self, bool drawing);
void csm_workspace_edit_region (CsmWorkspace *self);
/* The rectangle has served, but for that of the mark in the editor, which stays. */
void csm_workspace_end_drawing (CsmWorkspace *self);

/* csm-workspace-view.c */
void csm_workspace_connect_view (CsmWorkspace *self);
void csm_workspace_toggle_grey (CsmWorkspace *self);
void csm_workspace_toggle_view (CsmWorkspace *self);
void csm_workspace_adjust_view (CsmWorkspace *self);
void csm_workspace_uncover (CsmWorkspace *self);
/* To the rectangle on the picture, else to the selected mark's region. */
void csm_workspace_crop (CsmWorkspace *self);
void csm_workspace_show_whole (CsmWorkspace *self);

/* csm-workspace-unsaved.c */
void csm_workspace_connect_unsaved (CsmWorkspace *self);

/* csm-workspace-out.c */
void csm_workspace_save_still (CsmWorkspace *self);
void csm_workspace_save_marks (CsmWorkspace *self);
void csm_workspace_extract (CsmWorkspace *self);
void csm_workspace_remove_exhibit (CsmWorkspace *self);

/* csm-workspace-safety.c */
void csm_workspace_backup (CsmWorkspace *self);
void csm_workspace_erase_exhibit (CsmWorkspace *self);
void csm_workspace_erase_mark (CsmWorkspace *self);
