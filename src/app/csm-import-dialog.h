/* csm-import-dialog.h: what to bring in, and how it came to us
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_IMPORT_DIALOG (csm_import_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmImportDialog, csm_import_dialog, CSM, IMPORT_DIALOG, AdwWindow)

/* Shows the dialog over @parent; @paths (nullable) are filled in. */
void csm_import_dialog_present (GtkWindow *parent, CsmSession *session, char *const *paths);
