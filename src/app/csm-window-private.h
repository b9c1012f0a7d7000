/* csm-window-private.h: what the files of the window share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-create-page.h"
#include "app/csm-recovery-page.h"
#include "app/csm-unlock-page.h"
#include "app/csm-window.h"
#include "review/csm-session.h"

struct _CsmWindow
{
  AdwApplicationWindow parent_instance;

  /* Template children */
  AdwToastOverlay *toasts;
  GtkRevealer *problem_revealer;
  GtkLabel *problem;
  GtkStack *pages;
  CsmCreatePage *create_page;
  CsmUnlockPage *unlock_page;
  CsmRecoveryPage *recovery_page;
  AdwBin *workspace_bin;
  GtkRevealer *jobs_revealer;
  GtkListBox *jobs;

  /* Owned */
  CsmSession *session;
  char *sample_passphrase; /* (nullable) */
  GStrv pending_imports;   /* (nullable): files named on the command line */
  unsigned idle_source;
  int64_t last_activity; /* monotonic, microseconds */
  int64_t playing_since; /* 0 when not */
  bool idle_notice;
  bool closing;
};

/* csm-window.c: "welcome", "create", "unlock", "recovery" or "workspace". */
void csm_window_show_page (CsmWindow *self, const char *name);
/* csm-window-actions.c */
void csm_window_install_actions (GtkWidgetClass *widget_class);
void csm_window_update_actions (CsmWindow *self);
/* csm-window-idle.c: locks when nobody is there, or when the desktop's session locks. */
void csm_window_idle_start (CsmWindow *self);
void csm_window_idle_stop (CsmWindow *self);
/* csm-window-jobs.c: what is being done, with a way to stop it. */
void csm_window_jobs_start (CsmWindow *self);
