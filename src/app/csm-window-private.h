/* csm-window-private.h: what the files of the window share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-create-page.h"
#include "app/csm-recovery-page.h"
#include "app/csm-unlock-page.h"
#include "app/csm-window.h"
#include "review/csm-session.h"

typedef enum {
  CSM_WINDOW_LOCK,
  CSM_WINDOW_CLOSE,
  CSM_WINDOW_QUIT,
} CsmWindowLeave;

/* What is said after a lock. No text of the case: that does not outlive the lock, and this
 * does, in the program that takes this one's place. */
typedef struct
{
  bool lost_draft;
  bool lost_recovery;
  bool locked_itself;    /* the session, in the middle of a merge */
  bool not_written;      /* the session had a problem while it was closing */
  int n_ended, n_failed; /* jobs, while the window was covered */
} CsmWindowAfter;

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
  bool closing;             /* the window goes when the case is closed */
  bool leaving;             /* nothing shows the case any more; its session is still closing */
  CsmWindowLeave leave_how; /* while the reviewer is asked about what is not saved */
  CsmWindowAfter after;
};

/* csm-window.c: "welcome", "create", "unlock", "recovery", "workspace" or "leaving". */
void csm_window_show_page (CsmWindow *self, const char *name);
/* Shows the page that asks for the passphrase of @path. */
void csm_window_ask_passphrase (CsmWindow *self, const char *path, bool locked);
/* The case was locked or closed: its passphrase is asked for, or the window is empty. */
void csm_window_arrive (CsmWindow *self);
/* csm-window-leave.c: the case is open, and not about to be locked or closed. */
bool csm_window_is_open (CsmWindow *self);
/* At once: dialogs, workspace, job rows and what was told are gone at return, and an unsaved
 * draft or a recovery code with them; the session follows when its writes are done, and then
 * the program starts afresh. */
void csm_window_leave (CsmWindow *self, CsmWindowLeave how);
/* The first half of it. */
void csm_window_go_dark (CsmWindow *self);
/* As the reviewer asks for it: first asks about what is not saved. A covered window cannot ask,
 * and leaves. */
void csm_window_ask_leave (CsmWindow *self, CsmWindowLeave how);
/* What went wrong when the case was locked or closed. */
void csm_window_tell_leaving (CsmWindow *self);
/* After unlocking: what the lock discarded. */
void csm_window_tell_losses (CsmWindow *self);
/* csm-window-actions.c */
void csm_window_install_actions (GtkWidgetClass *widget_class);
void csm_window_update_actions (CsmWindow *self);
/* csm-window-afresh.c: this program anew in its process, with no case open and its memory
 * empty, at the place of the locked session or else at the welcome page. Returns only when that
 * failed, which the window tells. */
void csm_window_start_afresh (CsmWindow *self);
/* csm-window-idle.c: locks, or covers, when nobody is there, or locks when the desktop's
 * session locks. Once for the window's life: a recovery code or a half-typed passphrase is not
 * left alone either. */
void csm_window_idle_start (CsmWindow *self);
/* Somebody is there. */
void csm_window_idle_rest (CsmWindow *self);
void csm_window_idle_stop (CsmWindow *self);
/* csm-window-cover.c: shows nothing of the case and asks for the passphrase, while its jobs go
 * on. The end of the last job locks. */
void csm_window_cover (CsmWindow *self);
void csm_window_uncover (CsmWindow *self);
bool csm_window_is_covered (CsmWindow *self);
/* Every dialog of this window; file choosers go with what they choose for. */
void csm_window_close_dialogs (CsmWindow *self);
/* csm-window-jobs.c: what is being done, with a way to stop it, and how it ended. */
void csm_window_jobs_start (CsmWindow *self);
/* The rows of a case that is left name its files. */
void csm_window_jobs_stop (CsmWindow *self);
/* After unlocking: that jobs ended behind the cover. */
void csm_window_jobs_tell (CsmWindow *self);
/* csm-window-told.c: says @text until it is dismissed, below what was said before. */
void csm_window_tell (CsmWindow *self, const char *text, bool failed);
/* What was said may name files: a locked window says nothing. */
void csm_window_untell (CsmWindow *self);
