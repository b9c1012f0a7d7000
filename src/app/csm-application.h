/* csm-application.h: the program as the desktop sees it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#define CSM_TYPE_APPLICATION (csm_application_get_type ())
G_DECLARE_FINAL_TYPE (CsmApplication, csm_application, CSM, APPLICATION, AdwApplication)

/* (transfer full) */
GApplication *csm_application_new (void);
