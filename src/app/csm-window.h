/* csm-window.h: one window, one session: from the welcome page to the workspace
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-application.h"

#define CSM_TYPE_WINDOW (csm_window_get_type ())
G_DECLARE_FINAL_TYPE (CsmWindow, csm_window, CSM, WINDOW, AdwApplicationWindow)

/* @sample_passphrase_file is nullable: its first line is shown on the passphrase page. */
CsmWindow *csm_window_new (CsmApplication *application, const char *sample_passphrase_file);

/* Goes on from what an earlier program in this process left at @fd, which is taken. */
void csm_window_go_on (CsmWindow *self, int fd);
/* What this program put on the clipboards is there no more; what others put there stays. */
void csm_window_forget_clipboards (GdkDisplay *display);
/* For a window with no open case: asks for the passphrase of @path; once it is open, the import
 * dialog holds @imports. */
void csm_window_open_case (CsmWindow *self, const char *path, char *const *imports);
