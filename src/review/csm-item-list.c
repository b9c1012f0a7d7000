/* csm-item-list.c: a list model that changes as little as it can
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-item-list.h"

struct _CsmItemList
{
  GObject parent_instance;

  /* Owned */
  GPtrArray *items;

  GType item_type;
};

static GType
csm_item_list_get_item_type (GListModel *model)
{
  return CSM_ITEM_LIST (model)->item_type;
}

static guint
csm_item_list_get_n_items (GListModel *model)
{
  return CSM_ITEM_LIST (model)->items->len;
}

static gpointer
csm_item_list_get_item (GListModel *model, guint position)
{
  CsmItemList *self = CSM_ITEM_LIST (model);

  return position < self->items->len ? g_object_ref (self->items->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = csm_item_list_get_item_type;
  iface->get_n_items = csm_item_list_get_n_items;
  iface->get_item = csm_item_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (CsmItemList,
                               csm_item_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
csm_item_list_finalize (GObject *object)
{
  g_ptr_array_unref (CSM_ITEM_LIST (object)->items);
  G_OBJECT_CLASS (csm_item_list_parent_class)->finalize (object);
}

static void
csm_item_list_class_init (CsmItemListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = csm_item_list_finalize;
}

static void
csm_item_list_init (CsmItemList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

CsmItemList *
csm_item_list_new (GType item_type)
{
  CsmItemList *self = g_object_new (CSM_TYPE_ITEM_LIST, NULL);

  self->item_type = item_type;
  return self;
}

unsigned
csm_item_list_get_size (CsmItemList *self)
{
  return self->items->len;
}

gpointer
csm_item_list_peek (CsmItemList *self, unsigned position)
{
  g_return_val_if_fail (position < self->items->len, NULL);
  return self->items->pdata[position];
}

void
csm_item_list_set (CsmItemList *self, GPtrArray *items)
{
  g_autoptr (GPtrArray) old = self->items;
  unsigned shorter = MIN (old->len, items->len);
  unsigned head = 0, tail = 0;

  while (head < shorter && old->pdata[head] == items->pdata[head])
    head++;
  while (tail < shorter - head &&
         old->pdata[old->len - 1 - tail] == items->pdata[items->len - 1 - tail])
    tail++;

  g_ptr_array_set_free_func (items, g_object_unref);
  self->items = items;
  if (old->len - head - tail > 0 || items->len - head - tail > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), head, old->len - head - tail,
                                items->len - head - tail);
}

void
csm_item_list_clear (CsmItemList *self)
{
  csm_item_list_set (self, g_ptr_array_new ());
}

void
csm_item_list_insert_sorted (CsmItemList *self, gpointer item, GCompareFunc compare)
{
  unsigned low = 0, high = self->items->len;

  while (low < high)
    {
      unsigned middle = low + (high - low) / 2;

      if (compare (self->items->pdata[middle], item) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  g_ptr_array_insert (self->items, (int) low, g_object_ref (item));
  g_list_model_items_changed (G_LIST_MODEL (self), low, 0, 1);
}

void
csm_item_list_replace (CsmItemList *self, unsigned position, gpointer item)
{
  g_return_if_fail (position < self->items->len);

  g_object_ref (item);
  g_object_unref (self->items->pdata[position]);
  self->items->pdata[position] = item;
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 1);
}

void
csm_item_list_remove (CsmItemList *self, unsigned position)
{
  g_return_if_fail (position < self->items->len);

  g_ptr_array_remove_index (self->items, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

void
csm_item_list_remove_item (CsmItemList *self, gpointer item)
{
  unsigned position;

  if (g_ptr_array_find (self->items, item, &position))
    csm_item_list_remove (self, position);
}
