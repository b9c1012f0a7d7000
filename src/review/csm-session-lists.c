/* csm-session-lists.c: what the lists show, read from the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- reading, on the case lane --- */

CsmRefreshWish *
csm_session_make_wish (CsmSession *self, unsigned what)
{
  CsmRefreshWish *wish = g_new0 (CsmRefreshWish, 1);

  wish->what = what;
  wish->by_exhibit = self->filter_by_exhibit;
  wish->exhibit = self->filter_exhibit;
  wish->code = g_strdup (self->filter_code);
  wish->author = g_strdup (self->filter_author);
  if (self->selected != NULL)
    {
      wish->has_view = true;
      wish->view = csm_exhibit_item_get_record (self->selected)->id;
    }
  return wish;
}

void
csm_refresh_wish_free (CsmRefreshWish *wish)
{
  if (wish == NULL)
    return;
  g_free (wish->code);
  g_free (wish->author);
  g_free (wish);
}

static gboolean
read_marks (CsmCase *acase, CsmSnapshot *snapshot, GError **error)
{
  const CsmRefreshWish *wish = snapshot->wish;

  if (wish->what & CSM_REFRESH_MARKS)
    {
      const CsmMarkFilter filter = {
        .exhibit = wish->by_exhibit ? &wish->exhibit : NULL,
        .code = wish->code,
        .author_key = wish->author,
      };

      snapshot->marks = csm_case_list_marks (acase, &filter, error);
      if (snapshot->marks == NULL)
        return FALSE;
    }
  if ((wish->what & CSM_REFRESH_EXHIBIT_MARKS) && wish->has_view)
    {
      const CsmMarkFilter filter = { .exhibit = &wish->view };

      snapshot->exhibit_marks = csm_case_list_marks (acase, &filter, error);
      if (snapshot->exhibit_marks == NULL)
        return FALSE;
    }
  return TRUE;
}

CsmSnapshot *
csm_snapshot_read (CsmCase *acase, CsmRefreshWish *wish, GError **error)
{
  g_autoptr (CsmSnapshot) snapshot = g_new0 (CsmSnapshot, 1);

  snapshot->wish = wish;
  snapshot->n_entries = csm_case_count_entries (acase, error);
  if (snapshot->n_entries < 0)
    return NULL;
  if ((wish->what & CSM_REFRESH_EXHIBITS) &&
      (snapshot->exhibits = csm_case_list_exhibits (acase, error)) == NULL)
    return NULL;
  if ((wish->what & CSM_REFRESH_CODES) &&
      (snapshot->codes = csm_case_list_codes (acase, error)) == NULL)
    return NULL;
  if ((wish->what & CSM_REFRESH_REVIEWERS) &&
      (snapshot->reviewers = csm_case_list_reviewers (acase, error)) == NULL)
    return NULL;
  if (!read_marks (acase, snapshot, error))
    return NULL;
  return g_steal_pointer (&snapshot);
}

void
csm_snapshot_free (CsmSnapshot *snapshot)
{
  if (snapshot == NULL)
    return;
  csm_refresh_wish_free (snapshot->wish);
  g_clear_pointer (&snapshot->exhibits, g_ptr_array_unref);
  g_clear_pointer (&snapshot->marks, g_ptr_array_unref);
  g_clear_pointer (&snapshot->exhibit_marks, g_ptr_array_unref);
  g_clear_pointer (&snapshot->codes, g_ptr_array_unref);
  g_clear_pointer (&snapshot->reviewers, g_ptr_array_unref);
  g_free (snapshot);
}

/* --- exhibits --- */

static void
read_thumbnail_job (GTask *task, gpointer resource)
{
  const CsmId *id = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GBytes *png;

  if (!csm_session_need_case (task, resource))
    return;
  png = csm_case_get_thumbnail (resource, id, &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, png, (GDestroyNotify) g_bytes_unref);
}

static void
thumbnail_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  const CsmId *id = g_task_get_task_data (G_TASK (result));
  g_autoptr (GBytes) png = g_task_propagate_pointer (G_TASK (result), NULL);
  CsmExhibitItem *item;

  if (png == NULL || !csm_session_is_current (self, data))
    return;
  item = csm_session_find_exhibit_item (self, id);
  if (item != NULL)
    csm_exhibit_item_set_thumbnail (item, png);
}

static void
load_thumbnail (CsmExhibitItem *item, GObject *data)
{
  CsmSession *self = CSM_SESSION (data);

  /* A row may outlive its session's case by a frame. */
  if (!csm_session_is_usable (self))
    return;
  csm_session_run_case (
      self,
      csm_session_task_new (self, self->case_cancellable, thumbnail_read_cb, self->sequence,
                            g_memdup2 (&csm_exhibit_item_get_record (item)->id, sizeof (CsmId)),
                            g_free),
      read_thumbnail_job);
}

CsmExhibitItem *
csm_session_find_exhibit_item (CsmSession *self, const CsmId *exhibit)
{
  for (unsigned i = 0; i < csm_item_list_get_size (self->exhibits); i++)
    {
      CsmExhibitItem *item = csm_item_list_peek (self->exhibits, i);

      if (strcmp (csm_exhibit_item_get_record (item)->id.hex, exhibit->hex) == 0)
        return item;
    }
  return NULL;
}

static CsmExhibitItem *
new_exhibit_item (CsmSession *self, CsmExhibit *record)
{
  CsmExhibitItem *item = csm_exhibit_item_new (record);

  csm_exhibit_item_set_loader (item, load_thumbnail, G_OBJECT (self));
  return item;
}

static int
compare_exhibits (gconstpointer a, gconstpointer b)
{
  const CsmExhibit *x = csm_exhibit_item_get_record ((CsmExhibitItem *) a);
  const CsmExhibit *y = csm_exhibit_item_get_record ((CsmExhibitItem *) b);
  size_t x_size = strlen (x->number), y_size = strlen (y->number);

  /* "E-10000" comes after "E-9999". */
  return x_size != y_size ? (x_size < y_size ? -1 : 1) : strcmp (x->number, y->number);
}

void
csm_session_put_exhibit (CsmSession *self, CsmExhibit *record)
{
  CsmExhibitItem *item = csm_session_find_exhibit_item (self, &record->id);
  g_autoptr (CsmExhibitItem) fresh = NULL;

  if (item != NULL)
    {
      csm_exhibit_item_update (item, record);
      return;
    }
  fresh = new_exhibit_item (self, record);
  csm_item_list_insert_sorted (self->exhibits, fresh, compare_exhibits);
}

static void
apply_exhibits (CsmSession *self, GPtrArray *records)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *items = g_ptr_array_new ();

  for (unsigned i = 0; i < csm_item_list_get_size (self->exhibits); i++)
    {
      CsmExhibitItem *item = csm_item_list_peek (self->exhibits, i);

      g_hash_table_insert (known, g_strdup (csm_exhibit_item_get_record (item)->id.hex), item);
    }
  g_ptr_array_set_free_func (records, NULL);
  for (unsigned i = 0; i < records->len; i++)
    {
      CsmExhibit *record = records->pdata[i];
      CsmExhibitItem *item = g_hash_table_lookup (known, record->id.hex);

      if (item == NULL)
        item = new_exhibit_item (self, record);
      else
        {
          g_object_ref (item);
          csm_exhibit_item_update (item, record);
        }
      g_ptr_array_add (items, item);
    }
  csm_item_list_set (self->exhibits, items);
}

/* --- marks --- */

static CsmMarkItem *
new_mark_item (CsmSession *self, CsmMark *record)
{
  return csm_mark_item_new (record, record->code != NULL
                                        ? g_hash_table_lookup (self->code_labels, record->code)
                                        : NULL);
}

static bool
is_same_revision (const CsmMark *a, const CsmMark *b)
{
  return strcmp (a->id.hex, b->id.hex) == 0 && csm_digest_equal (&a->entry, &b->entry) &&
         a->committed == b->committed && strcmp (a->author, b->author) == 0;
}

/* @relabel: the labels of codes changed, nothing old may stay. */
static void
apply_marks (CsmSession *self, CsmItemList *list, GPtrArray *records, bool relabel)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *items = g_ptr_array_sized_new (records->len);

  for (unsigned i = 0; i < csm_item_list_get_size (list) && !relabel; i++)
    {
      CsmMarkItem *item = csm_item_list_peek (list, i);

      g_hash_table_insert (known, (char *) csm_mark_item_get_record (item)->id.hex, item);
    }
  g_ptr_array_set_free_func (records, NULL);
  for (unsigned i = 0; i < records->len; i++)
    {
      CsmMark *record = records->pdata[i];
      CsmMarkItem *item = g_hash_table_lookup (known, record->id.hex);

      if (item != NULL && is_same_revision (csm_mark_item_get_record (item), record))
        {
          csm_mark_free (record);
          g_ptr_array_add (items, g_object_ref (item));
        }
      else
        g_ptr_array_add (items, new_mark_item (self, record));
    }
  csm_item_list_set (list, items);
}

static int
find_mark (CsmItemList *list, const CsmId *mark)
{
  for (unsigned i = 0; i < csm_item_list_get_size (list); i++)
    {
      CsmMarkItem *item = csm_item_list_peek (list, i);

      if (strcmp (csm_mark_item_get_record (item)->id.hex, mark->hex) == 0)
        return (int) i;
    }
  return -1;
}

CsmMarkItem *
csm_session_find_mark_item (CsmSession *self, const CsmId *mark)
{
  int position = find_mark (self->exhibit_marks, mark);

  if (position >= 0)
    return csm_item_list_peek (self->exhibit_marks, (unsigned) position);
  position = find_mark (self->marks, mark);
  return position >= 0 ? csm_item_list_peek (self->marks, (unsigned) position) : NULL;
}

static int
compare_marks (gconstpointer a, gconstpointer b)
{
  const CsmMark *x = csm_mark_item_get_record ((CsmMarkItem *) a);
  const CsmMark *y = csm_mark_item_get_record ((CsmMarkItem *) b);
  size_t x_size = strlen (x->exhibit_number), y_size = strlen (y->exhibit_number);
  int order = strcmp (x->exhibit_number, y->exhibit_number);

  if (x_size != y_size)
    return x_size < y_size ? -1 : 1;
  if (order != 0)
    return order;
  if (x->from != y->from)
    return x->from < y->from ? -1 : 1;
  return x->to != y->to ? (x->to < y->to ? -1 : 1) : strcmp (x->id.hex, y->id.hex);
}

static bool
passes_filter (CsmSession *self, const CsmMark *mark)
{
  if (self->filter_by_exhibit && strcmp (mark->exhibit.hex, self->filter_exhibit.hex) != 0)
    return false;
  if (self->filter_code != NULL && g_strcmp0 (mark->code, self->filter_code) != 0)
    return false;
  return self->filter_author == NULL || strcmp (mark->author_key, self->filter_author) == 0;
}

static bool
is_in_view (CsmSession *self, const CsmId *exhibit)
{
  return self->selected != NULL &&
         strcmp (csm_exhibit_item_get_record (self->selected)->id.hex, exhibit->hex) == 0;
}

/* An item whose place stays is replaced there, so that the row keeps its place on the screen.
 */
static void
put_in_list (CsmItemList *list, const CsmId *mark, CsmMarkItem *item)
{
  int position = find_mark (list, mark);

  if (position >= 0)
    csm_item_list_remove (list, (unsigned) position);
  if (item != NULL)
    csm_item_list_insert_sorted (list, item, compare_marks);
}

void
csm_session_put_mark (CsmSession *self, const CsmId *mark, const CsmMark *record)
{
  g_autoptr (CsmMarkItem) item =
      record != NULL ? new_mark_item (self, csm_mark_copy (record)) : NULL;
  const CsmId id = *mark; /* it may live in an item that goes */
  bool was_selected =
      self->selected_mark != NULL &&
      strcmp (csm_mark_item_get_record (self->selected_mark)->id.hex, id.hex) == 0;

  put_in_list (self->marks, &id, item != NULL && passes_filter (self, record) ? item : NULL);
  put_in_list (self->exhibit_marks, &id,
               item != NULL && is_in_view (self, &record->exhibit) ? item : NULL);
  if (was_selected)
    {
      g_set_object (&self->selected_mark, item);
      csm_session_notify (self, CSM_SESSION_PROP_SELECTED_MARK);
    }
  csm_session_emit_marks_changed (self);
}

/* --- codes --- */

static void
add_codes_under (GPtrArray *records, const char *parent, int depth, GPtrArray *items)
{
  /* A codebook that loops or goes deeper than this is shown flat at the end. */
  if (depth > 8)
    return;
  for (unsigned i = 0; i < records->len; i++)
    {
      CsmCode *record = records->pdata[i];

      if (record == NULL || g_strcmp0 (record->parent, parent) != 0)
        continue;
      records->pdata[i] = NULL;
      g_ptr_array_add (items, csm_code_item_new (record, depth));
      add_codes_under (records, record->id, depth + 1, items);
    }
}

static void
apply_codes (CsmSession *self, GPtrArray *records)
{
  GPtrArray *items = g_ptr_array_new ();

  g_hash_table_remove_all (self->code_labels);
  for (unsigned i = 0; i < records->len; i++)
    {
      const CsmCode *record = records->pdata[i];

      g_hash_table_insert (self->code_labels, g_strdup (record->id), g_strdup (record->label));
    }
  g_ptr_array_set_free_func (records, NULL);
  add_codes_under (records, NULL, 0, items);
  for (unsigned i = 0; i < records->len; i++) /* their parent is not there */
    if (records->pdata[i] != NULL)
      g_ptr_array_add (items, csm_code_item_new (records->pdata[i], 0));
  csm_item_list_set (self->codes, items);
}

/* --- all of it --- */

static void
forget_gone_selection (CsmSession *self)
{
  CsmMarkItem *now;

  if (self->selected_mark == NULL)
    return;
  now = csm_session_find_mark_item (self, &csm_mark_item_get_record (self->selected_mark)->id);
  if (g_set_object (&self->selected_mark, now))
    csm_session_notify (self, CSM_SESSION_PROP_SELECTED_MARK);
}

void
csm_session_apply (CsmSession *self, CsmSnapshot *taken)
{
  g_autoptr (CsmSnapshot) snapshot = taken;
  bool relabel = snapshot->codes != NULL;

  if (snapshot->reviewers != NULL)
    {
      g_ptr_array_unref (self->reviewers);
      self->reviewers = g_steal_pointer (&snapshot->reviewers);
    }
  if (snapshot->codes != NULL)
    apply_codes (self, snapshot->codes);
  if (snapshot->exhibits != NULL)
    apply_exhibits (self, snapshot->exhibits);
  if (snapshot->marks != NULL)
    apply_marks (self, self->marks, snapshot->marks, relabel);
  if (snapshot->exhibit_marks != NULL && is_in_view (self, &snapshot->wish->view))
    apply_marks (self, self->exhibit_marks, snapshot->exhibit_marks, relabel);
  csm_ledger_model_set_count (self->ledger, snapshot->n_entries);
  if (snapshot->marks != NULL || snapshot->exhibit_marks != NULL)
    {
      forget_gone_selection (self);
      if (self->wants_mark && snapshot->exhibit_marks != NULL)
        {
          const CsmId wanted = self->wanted_mark;

          csm_session_select_mark (self, &wanted);
          self->wants_mark = false;
        }
      csm_session_emit_marks_changed (self);
    }
}

static void
snapshot_job (GTask *task, gpointer resource)
{
  CsmRefreshWish **wish = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  CsmSnapshot *snapshot;

  if (!csm_session_need_case (task, resource))
    return;
  snapshot = csm_snapshot_read (resource, g_steal_pointer (wish), &error);
  if (snapshot == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, snapshot, (GDestroyNotify) csm_snapshot_free);
}

static void
wish_holder_free (gpointer data)
{
  CsmRefreshWish **wish = data;

  csm_refresh_wish_free (*wish);
  g_free (wish);
}

static void start_refresh (CsmSession *self);

static void
snapshot_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSnapshot) snapshot = g_task_propagate_pointer (G_TASK (result), &error);

  if (!csm_session_is_current (self, data))
    return;
  self->refreshing = false;
  if (snapshot == NULL)
    csm_session_emit_error (self, _ ("The case could not be read"), error);
  else
    csm_session_apply (self, g_steal_pointer (&snapshot));
  if (self->refresh_wanted != 0)
    start_refresh (self);
}

#define REFRESH_LENGTH (1u << 31)

static void
start_refresh (CsmSession *self)
{
  CsmRefreshWish **wish = g_new0 (CsmRefreshWish *, 1);

  *wish = csm_session_make_wish (self, self->refresh_wanted);
  self->refresh_wanted = 0;
  self->refreshing = true;
  csm_session_run_case (self,
                        csm_session_task_new (self, self->case_cancellable, snapshot_read_cb,
                                              self->sequence, wish, wish_holder_free),
                        snapshot_job);
}

void
csm_session_refresh (CsmSession *self, unsigned what)
{
  if (!csm_session_is_usable (self))
    return;
  self->refresh_wanted |= what | REFRESH_LENGTH;
  if (!self->refreshing)
    start_refresh (self);
}

void
csm_session_clear_lists (CsmSession *self)
{
  csm_item_list_clear (self->exhibits);
  csm_item_list_clear (self->exhibit_marks);
  csm_item_list_clear (self->marks);
  csm_item_list_clear (self->codes);
  csm_item_list_clear (self->results);
  csm_ledger_model_set_count (self->ledger, 0);
  g_ptr_array_unref (self->reviewers);
  self->reviewers = g_ptr_array_new ();
  g_hash_table_remove_all (self->code_labels);
  self->filter_by_exhibit = false;
  g_clear_pointer (&self->filter_code, g_free);
  g_clear_pointer (&self->filter_author, g_free);
  self->refreshing = false;
  self->refresh_wanted = 0;
  if (g_set_object (&self->selected_mark, NULL))
    csm_session_notify (self, CSM_SESSION_PROP_SELECTED_MARK);
  csm_session_emit_marks_changed (self);
}

/* --- the ledger --- */

static void
read_ledger_job (GTask *task, gpointer resource)
{
  const int64_t *offset = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GPtrArray *rows;

  if (!csm_session_need_case (task, resource))
    return;
  rows = csm_case_list_ledger (resource, *offset, CSM_LEDGER_PAGE, &error);
  if (rows == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, rows, (GDestroyNotify) g_ptr_array_unref);
}

static void
ledger_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  const int64_t *offset = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = g_task_propagate_pointer (G_TASK (result), &error);

  if (!csm_session_is_current (self, data))
    return;
  if (rows == NULL)
    csm_session_emit_error (self, _ ("The ledger could not be read"), error);
  csm_ledger_model_take_page (self->ledger, *offset, g_steal_pointer (&rows));
}

void
csm_session_fetch_ledger_cb (int64_t offset, gpointer data)
{
  CsmSession *self = data;

  if (!csm_session_is_usable (self))
    return;
  csm_session_run_case (self,
                        csm_session_task_new (self, self->case_cancellable, ledger_read_cb,
                                              self->sequence,
                                              g_memdup2 (&offset, sizeof offset), g_free),
                        read_ledger_job);
}

/* --- what the window asks for --- */

GListModel *
csm_session_get_exhibits (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->exhibits);
}

GListModel *
csm_session_get_exhibit_marks (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->exhibit_marks);
}

GListModel *
csm_session_get_marks (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->marks);
}

GListModel *
csm_session_get_codes (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->codes);
}

GListModel *
csm_session_get_ledger (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->ledger);
}

GListModel *
csm_session_get_results (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->results);
}

GListModel *
csm_session_get_jobs (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->jobs);
}

GPtrArray *
csm_session_list_reviewers (CsmSession *self)
{
  g_return_val_if_fail (CSM_IS_SESSION (self), NULL);

  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_reviewer_free);

  for (unsigned i = 0; i < self->reviewers->len; i++)
    {
      const CsmReviewer *reviewer = self->reviewers->pdata[i];
      CsmReviewer *copy = g_memdup2 (reviewer, sizeof (CsmReviewer));

      copy->name = g_strdup (reviewer->name);
      g_ptr_array_add (list, copy);
    }
  return list;
}

void
csm_session_set_filter (CsmSession *self,
                        const CsmId *exhibit,
                        const char *code,
                        const char *author_key)
{
  g_return_if_fail (CSM_IS_SESSION (self));

  self->filter_by_exhibit = exhibit != NULL;
  if (exhibit != NULL)
    self->filter_exhibit = *exhibit;
  g_free (self->filter_code);
  g_free (self->filter_author);
  self->filter_code = g_strdup (code);
  self->filter_author = g_strdup (author_key);
  csm_session_refresh (self, CSM_REFRESH_MARKS);
}
