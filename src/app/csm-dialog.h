/* csm-dialog.h: what dialogs with steps, jobs and findings share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* Shows the page @name of @pages in @window. The others leave the accessible tree as well as
 * the screen: their entries have names that other pages use too. What has the focus lets go of
 * it. */
void csm_dialog_show_page (GtkWindow *window, GtkStack *pages, const char *name);

/* (transfer full): asks for a file or folder and puts its path into @entry; the dialog goes
 * when the last reference does. @name (nullable): suggested, for _ACTION_SAVE. */
GtkFileChooserNative *csm_dialog_browse (GtkWindow *window,
                                         GtkEntry *entry,
                                         GtkFileChooserAction action,
                                         const char *title,
                                         const char *name);

/* @bar shows what part of @job is done, as long as both are there. */
void csm_dialog_show_fraction (GtkProgressBar *bar, CsmJob *job);
/* Whether @job ended otherwise than done. When it is done @verdict says what came of it, @bar
 * goes, and @cancel says that it closes. */
bool csm_dialog_has_failed (CsmJob *job,
                            GtkLabel *verdict,
                            GtkProgressBar *bar,
                            GtkButton *cancel);
/* (transfer full): why @job ended, as a sentence. */
char *csm_dialog_dup_outcome (CsmJob *job);

/* A row of @list; texts as they stand, never markup. @icon_name and @subtitle may be NULL.
 * (transfer none) */
GtkWidget *csm_dialog_add_row (GtkListBox *list,
                               const char *icon_name,
                               const char *title,
                               const char *subtitle);
void csm_dialog_add_finding (GtkListBox *list,
                             CsmFindingKind kind,
                             const char *where,
                             const char *what);
void csm_dialog_clear_rows (GtkListBox *list);
