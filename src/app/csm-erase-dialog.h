/* csm-erase-dialog.h: what goes for good is typed before it goes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

#define CSM_TYPE_ERASE_DIALOG (csm_erase_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CsmEraseDialog, csm_erase_dialog, CSM, ERASE_DIALOG, AdwWindow)

/* Asks for a reason and for the number of @exhibit, and erases @mark (nullable: the exhibit
 * itself) when both are there. */
void csm_erase_dialog_present (GtkWindow *parent,
                               CsmSession *session,
                               const CsmExhibit *exhibit,
                               const CsmId *mark);
