/* csm-item-list.h: a list model that changes as little as it can
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

/* CsmItemList: a GListModel over an array of objects. Unlike GListStore it finds a place by
 * walking memory in order, so that a million rows stay cheap to search.
 *
 * Threads  main thread only. */
#define CSM_TYPE_ITEM_LIST (csm_item_list_get_type ())
G_DECLARE_FINAL_TYPE (CsmItemList, csm_item_list, CSM, ITEM_LIST, GObject)

CsmItemList *csm_item_list_new (GType item_type);
unsigned csm_item_list_get_size (CsmItemList *self);
/* Borrowed; @position must be inside. */
gpointer csm_item_list_peek (CsmItemList *self, unsigned position);
/* Takes the reference to each of @items (element-type GObject) and frees the array: only the
 * range between what both lists begin and end with is announced as changed. */
void csm_item_list_set (CsmItemList *self, GPtrArray *items);
void csm_item_list_clear (CsmItemList *self);
/* Puts @item (reffed) before the first item that sorts after it. */
void csm_item_list_insert_sorted (CsmItemList *self, gpointer item, GCompareFunc compare);
/* Puts @item (reffed) in the place of the one there. */
void csm_item_list_replace (CsmItemList *self, unsigned position, gpointer item);
void csm_item_list_remove (CsmItemList *self, unsigned position);
/* Removes the item itself; nothing happens when it is not there. */
void csm_item_list_remove_item (CsmItemList *self, gpointer item);
