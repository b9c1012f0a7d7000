/* csm-item-row.h: a row of a list view that screen readers can name
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

/* CsmItemRow: the child of every GtkListItem. Its "accessible-name" becomes the name of the
 * row around it, which GTK 4.8 gives no other way to set. */
#define CSM_TYPE_ITEM_ROW (csm_item_row_get_type ())
G_DECLARE_FINAL_TYPE (CsmItemRow, csm_item_row, CSM, ITEM_ROW, AdwBin)

/* Lets Left, Right and Space in @list_view through to the player: a list view would swallow
 * them and do nothing with them. */
void csm_item_row_yield_keys (GtkWidget *list_view);
