/* csm-ledger-model.c: the ledger as a list, newest first, read a page at a time
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-ledger-model.h"

#define MAX_PAGES 64

typedef struct
{
  GPtrArray *items; /* CsmLedgerItem, oldest first; NULL: on its way for the first time */
  bool asked;
} Page;

struct _CsmLedgerModel
{
  GObject parent_instance;

  /* Owned */
  GHashTable *pages; /* page number to Page */

  /* Borrowed */
  gpointer data;

  CsmLedgerFetch fetch;
  unsigned count;
};

static void
page_free (gpointer data)
{
  Page *page = data;

  g_clear_pointer (&page->items, g_ptr_array_unref);
  g_free (page);
}

static GType
csm_ledger_model_get_item_type (GListModel *model)
{
  return CSM_TYPE_LEDGER_ITEM;
}

static guint
csm_ledger_model_get_n_items (GListModel *model)
{
  return CSM_LEDGER_MODEL (model)->count;
}

/* A row whose page is on its way. Each is an object of its own: a list view takes the same
 * object at two places for a fault. */
static CsmLedgerItem *
make_empty (void)
{
  CsmLedgerRow *row = g_new0 (CsmLedgerRow, 1);

  row->kind = g_strdup ("");
  row->author = g_strdup ("");
  row->summary = g_strdup ("…");
  return csm_ledger_item_new (row);
}

static gpointer
csm_ledger_model_get_item (GListModel *model, guint position)
{
  CsmLedgerModel *self = CSM_LEDGER_MODEL (model);

  if (position >= self->count)
    return NULL;

  unsigned offset = self->count - 1 - position;
  gpointer key = GUINT_TO_POINTER (offset / CSM_LEDGER_PAGE);
  Page *page = g_hash_table_lookup (self->pages, key);

  if (page != NULL && page->items != NULL && offset % CSM_LEDGER_PAGE < page->items->len)
    return g_object_ref (page->items->pdata[offset % CSM_LEDGER_PAGE]);
  if (page == NULL)
    {
      /* Rows on show are held by who shows them. */
      if (g_hash_table_size (self->pages) >= MAX_PAGES)
        g_hash_table_remove_all (self->pages);
      page = g_new0 (Page, 1);
      g_hash_table_insert (self->pages, key, page);
    }
  if (!page->asked)
    {
      page->asked = true;
      self->fetch ((int64_t) (offset / CSM_LEDGER_PAGE) * CSM_LEDGER_PAGE, self->data);
    }
  return make_empty ();
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = csm_ledger_model_get_item_type;
  iface->get_n_items = csm_ledger_model_get_n_items;
  iface->get_item = csm_ledger_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (CsmLedgerModel,
                               csm_ledger_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
csm_ledger_model_finalize (GObject *object)
{
  CsmLedgerModel *self = CSM_LEDGER_MODEL (object);

  g_hash_table_unref (self->pages);
  G_OBJECT_CLASS (csm_ledger_model_parent_class)->finalize (object);
}

static void
csm_ledger_model_class_init (CsmLedgerModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = csm_ledger_model_finalize;
}

static void
csm_ledger_model_init (CsmLedgerModel *self)
{
  self->pages = g_hash_table_new_full (NULL, NULL, NULL, page_free);
}

CsmLedgerModel *
csm_ledger_model_new (CsmLedgerFetch fetch, gpointer data)
{
  CsmLedgerModel *self = g_object_new (CSM_TYPE_LEDGER_MODEL, NULL);

  self->fetch = fetch;
  self->data = data;
  return self;
}

void
csm_ledger_model_set_count (CsmLedgerModel *self, int64_t count)
{
  unsigned old = self->count;

  self->count = (unsigned) CLAMP (count, 0, G_MAXUINT);
  if (self->count < old)
    {
      /* Another case, or none. */
      g_hash_table_remove_all (self->pages);
      g_list_model_items_changed (G_LIST_MODEL (self), 0, old, self->count);
    }
  else if (self->count > old)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, self->count - old);
}

void
csm_ledger_model_take_page (CsmLedgerModel *self, int64_t offset, GPtrArray *rows)
{
  Page *page = g_hash_table_lookup (self->pages, GUINT_TO_POINTER (offset / CSM_LEDGER_PAGE));
  g_autoptr (GPtrArray) taken = rows;
  unsigned had, has;

  if (page == NULL)
    return;
  page->asked = false;
  if (rows == NULL)
    return;

  had = page->items != NULL ? page->items->len : 0;
  if (page->items == NULL)
    page->items = g_ptr_array_new_with_free_func (g_object_unref);
  /* What is known stays the same object; entries never change. */
  g_ptr_array_set_free_func (rows, NULL);
  for (unsigned i = 0; i < rows->len; i++)
    if (i >= had && offset + i < self->count)
      g_ptr_array_add (page->items, csm_ledger_item_new (rows->pdata[i]));
    else
      csm_ledger_row_free (rows->pdata[i]);
  has = page->items->len;

  if (has > had)
    g_list_model_items_changed (G_LIST_MODEL (self), self->count - (unsigned) offset - has,
                                has - had, has - had);
}
