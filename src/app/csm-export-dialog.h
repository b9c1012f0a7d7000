/* csm-export-dialog.h: a signed bundle out of the case, step by step
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_EXPORT_DIALOG (csm_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmExportDialog, csm_export_dialog, CSM, EXPORT_DIALOG, AdwWindow)

/* For a case that can be signed in. */
void csm_export_dialog_present (GtkWindow *parent, CsmSession *session);
