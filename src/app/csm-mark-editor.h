/* csm-mark-editor.h: one mark, to be read, changed and saved
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-session.h"

#include <adwaita.h>

/* CsmMarkEditor
 *
 * Signals
 *   "saved" ()    the mark is on the disk
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
void csm_mark_editor_bring_back (CsmMarkEditor *self);
/* The region drawn on frame @ordinal; @rect NULL takes it away. */
void csm_mark_editor_set_region (CsmMarkEditor *self, const CsmRect *rect, int64_t ordinal);
bool csm_mark_editor_get_region (CsmMarkEditor *self, CsmRect *ret_rect);
/* Borrowed (nullable): the mark as it was put in. */
const CsmMark *csm_mark_editor_get_mark (CsmMarkEditor *self);
