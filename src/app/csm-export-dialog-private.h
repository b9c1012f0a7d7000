/* csm-export-dialog-private.h: what the files of the export dialog share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/csm-choice-list.h"
#include "app/csm-export-dialog.h"
#include "review/csm-session-export.h"

/* In order; the preview is made between WHERE and PREVIEW, under PROGRESS. */
typedef enum {
  CSM_EXPORT_WHAT,
  CSM_EXPORT_SAID,
  CSM_EXPORT_MADE,
  CSM_EXPORT_SEALED, /* the encrypted copy */
  CSM_EXPORT_WHERE,
  CSM_EXPORT_PREVIEW,
  CSM_EXPORT_PROGRESS,
  CSM_EXPORT_RESULT,
  CSM_EXPORT_N_STEPS,
} CsmExportStep;

struct _CsmExportDialog
{
  AdwWindow parent_instance;

  /* Template children */
  AdwWindowTitle *heading;
  GtkButton *cancel, *back, *next;
  GtkStack *steps;
  GtkCheckButton *scope_case, *scope_exhibits, *scope_codes, *scope_reviewers;
  GtkWidget *choices_group;
  CsmChoiceList *choices;
  GtkCheckButton *names, *acquisition, *notes, *superseded, *access;
  GtkCheckButton *files, *stills, *captions, *report;
  AdwComboRow *clips;
  GtkCheckButton *hand_over_none, *hand_over_key, *hand_over_passphrase;
  GtkEntry *recipients;
  GtkPasswordEntry *passphrase, *repeat;
  GtkLabel *hand_over_hint;
  GtkEntry *location;
  GtkLabel *error;
  GtkListBox *goes, *stays, *identifying;
  GtkWidget *stays_group, *identifying_group;
  GtkCheckButton *confirm;
  GtkLabel *verdict, *step;
  GtkProgressBar *progress;
  GtkLabel *outcome, *problem;
  GtkListBox *made_rows, *notes_rows;
  GtkWidget *notes_group;

  /* Owned */
  CsmSession *session;
  CsmJob *job; /* (nullable) */
  GtkFileChooserNative *chooser;

  CsmExportStep at;
};

/* CsmSessionPreviewed, CsmSessionExported; nothing when the dialog is closed by then. */
void csm_export_dialog_show_preview (const CsmExportPreview *preview,
                                     int64_t free_space,
                                     gpointer dialog);
void csm_export_dialog_show_result (const CsmExportReport *report,
                                    const char *hand_over,
                                    const char *problem,
                                    gpointer dialog);
void csm_export_dialog_show_step (CsmExportDialog *self, CsmExportStep step);
/* What is ticked; (transfer full). */
CsmSelection *csm_export_dialog_dup_selection (CsmExportDialog *self);
