/* csm-conflict-column.h: one version of what two copies changed: who, when, what it says
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "review/csm-conflict-item.h"

#include <adwaita.h>

/* Signal "taken" (uint n, bool edit): version @n is to count, and perhaps to be changed then.
 */
#define CSM_TYPE_CONFLICT_COLUMN (csm_conflict_column_get_type ())
G_DECLARE_FINAL_TYPE (CsmConflictColumn, csm_conflict_column, CSM, CONFLICT_COLUMN, AdwBin)

/* Of version @n of @record; what it says is copied. */
GtkWidget *csm_conflict_column_new (const CsmConflict *record, guint n, bool writable);
