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
  GtkStack *pages;
  CsmCreatePage *create_page;
  CsmUnlockPage *unlock_page;
  CsmRecoveryPage *recovery_page;
  AdwBin *workspace_bin;
  GtkRevealer *told_revealer;
  GtkBox *told_box;
  GtkLabel *told;
  GtkRevealer *jobs_revealer;
  GtkListBox *jobs;

  /* Owned */
  CsmSession *session;
  char *sample_passphrase;   /* (nullable) */
  GStrv pending_imports;     /* (nullable): files named on the command line */
  GPtrArray *hidden_dialogs; /* (nullable): GtkWindow; there while the window is covered */
  unsigned idle_source;
  int64_t last_activity; /* monotonic, microseconds */
  int64_t playing_since; /* 0 when not */
  bool idle_notice;
  bool was_open; /* there was something to forget at the last change of state */
  bool closing;
};

/* csm-window.c: "welcome", "create", "unlock", "recovery" or "workspace". */
void csm_window_show_page (CsmWindow *self, const char *name);
/* csm-window-actions.c */
void csm_window_install_actions (GtkWidgetClass *widget_class);
void csm_window_update_actions (CsmWindow *self);
/* csm-window-afresh.c: this program anew in its process, with no case open and its memory
 * empty, at the place of the locked session or else at the welcome page. Returns only when that
 * failed, which the window tells. */
void csm_window_start_afresh (CsmWindow *self);
/* csm-window-idle.c: locks, or covers, when nobody is there, or locks when the desktop's
 * session locks. */
void csm_window_idle_start (CsmWindow *self);
void csm_window_idle_stop (CsmWindow *self);
/* csm-window-cover.c: shows nothing of the case and asks for the passphrase, while its jobs go
 * on. The end of the last job locks. */
void csm_window_cover (CsmWindow *self);
void csm_window_uncover (CsmWindow *self);
bool csm_window_is_covered (CsmWindow *self);
/* csm-window-jobs.c: what is being done, with a way to stop it, and how it ended. */
void csm_window_jobs_start (CsmWindow *self);
/* csm-window-told.c: says @text until it is dismissed, below what was said before. */
void csm_window_tell (CsmWindow *self, const char *text, bool failed);
/* What was said may name files: a locked window says nothing. */
void csm_window_untell (CsmWindow *self);
