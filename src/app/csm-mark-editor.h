/* csm-mark-editor.h: one mark, to be read, changed and saved
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* CsmMarkEditor
 *
 * Unsaved    What is written is kept in memory only, never in clear text on the disk, and never
 *            in a locked session. What makes way for another mark is put aside, newest first;
 *            so is what a failed save gives back after the editor went on. Quitting, closing
 *            and Ctrl+L ask about each (csm-workspace-unsaved.c). A lock that nobody is there
 *            to answer (idle, the desktop's session) discards it, and says so after unlocking.
 * Saving     Typing goes on while a save runs: what came after Save stays unsaved.
 *
 * Signals
 *   "saved" (const CsmId *)  that mark is on the disk; the editor may hold another, or more
 *   "save-failed" ()         it is not; the editor says why, or has put it aside
 *   "closed" ()   a new mark was given up
 *   "aside" ()    unsaved changes made way for another mark; csm_mark_editor_bring_back()
 *   "region-removed" ()
 * Properties
 *   "active" (boolean, read-only)  there is a mark in it */
#define CSM_TYPE_MARK_EDITOR (csm_mark_editor_get_type ())
G_DECLARE_FINAL_TYPE (CsmMarkEditor, csm_mark_editor, CSM, MARK_EDITOR, AdwBin)

void csm_mark_editor_set_session (CsmMarkEditor *self, CsmSession *session);
bool csm_mark_editor_is_active (CsmMarkEditor *self);
/* Takes @mark. With @is_new the keyboard goes to Code. */
void csm_mark_editor_edit (CsmMarkEditor *self, CsmMark *mark, bool is_new);
void csm_mark_editor_clear (CsmMarkEditor *self);
/* The newest that was put aside; what is in the editor is put aside for it. */
void csm_mark_editor_bring_back (CsmMarkEditor *self);
/* False when it cannot be saved as it is: the editor says why. Else a signal follows. */
bool csm_mark_editor_save (CsmMarkEditor *self);
/* What is in the editor goes, without being put aside. */
void csm_mark_editor_discard (CsmMarkEditor *self);
/* Whether the editor holds what is neither saved nor being saved. */
bool csm_mark_editor_is_unsaved (CsmMarkEditor *self);
unsigned csm_mark_editor_count_aside (CsmMarkEditor *self);
/* Whether a mark is on its way to the disk. */
bool csm_mark_editor_is_saving (CsmMarkEditor *self);
/* Whether no revision of it is on the disk. */
bool csm_mark_editor_is_new (CsmMarkEditor *self);
/* The region drawn on frame @ordinal; @rect NULL takes it away. */
void csm_mark_editor_set_region (CsmMarkEditor *self, const CsmRect *rect, int64_t ordinal);
bool csm_mark_editor_get_region (CsmMarkEditor *self, CsmRect *ret_rect);
/* Borrowed (nullable): the mark as it was put in. */
const CsmMark *csm_mark_editor_get_mark (CsmMarkEditor *self);
