/* csm-application.h: the process: command line, accelerators, preferences
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#define CSM_TYPE_APPLICATION (csm_application_get_type ())
G_DECLARE_FINAL_TYPE (CsmApplication, csm_application, CSM, APPLICATION, AdwApplication)

/* (transfer full): `casement [CASE] [FILE...]`: opens the case, then offers to import the
 * files. Each process is its own: nothing about a case goes over D-Bus. */
CsmApplication *csm_application_new (void);

/* Borrowed: app-wide preferences, which name no case. */
GSettings *csm_application_get_settings (CsmApplication *self);
