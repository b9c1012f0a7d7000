/* csm-window.h: one window, one session: from the welcome page to the workspace
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-application.h"

#define CSM_TYPE_WINDOW (csm_window_get_type ())
G_DECLARE_FINAL_TYPE (CsmWindow, csm_window, CSM, WINDOW, AdwApplicationWindow)

/* @sample_passphrase_file is nullable: its first line is shown on the passphrase page. */
CsmWindow *csm_window_new (CsmApplication *application, const char *sample_passphrase_file);

/* Asks for the passphrase of @path; once it is open, the import dialog holds @imports. */
void csm_window_open_case (CsmWindow *self, const char *path, char *const *imports);
