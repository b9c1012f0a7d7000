/* csm-conflict-item.h: a conflict as a list shows it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "casefile/csm-case-conflicts.h"

#include <gio/gio.h>

#define CSM_TYPE_CONFLICT_ITEM (csm_conflict_item_get_type ())
G_DECLARE_FINAL_TYPE (CsmConflictItem, csm_conflict_item, CSM, CONFLICT_ITEM, GObject)
/* A snapshot. Properties: "label" ("Mark on E-0003 clip.mp4"), "detail" ("Text, code"),
 * "accessible-label" (both). Takes @record. Main thread only. */
CsmConflictItem *csm_conflict_item_new (CsmConflict *record);
const CsmConflict *csm_conflict_item_get_record (CsmConflictItem *self);
/* (transfer full): for people, what a key of a version's values stands for: "Text". */
char *csm_conflict_dup_key (const char *key);
/* (transfer full): for people, what a version says of @key; "" when nothing. */
char *csm_conflict_dup_value (const CsmConflictVersion *version, const char *key);
