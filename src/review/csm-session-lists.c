/* csm-session-lists.c: what the lists show, read from the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-small-picture.h"
#include "review/csm-session-merge.h"
#include "review/csm-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- exhibits --- */

static void
read_thumbnail_job (GTask *task, gpointer resource)
{
  const CsmId *id = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  if (!csm_session_need_case (task, resource))
    return;
  bytes = csm_case_get_thumbnail (resource, id, &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
}

static void
thumbnail_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  CsmSession *self = CSM_SESSION (object);
  const CsmId *id = g_task_get_task_data (G_TASK (result));
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), NULL);
  CsmExhibitItem *item;
  int width, height;

  if (bytes == NULL || !csm_session_is_current (self, data))
    return;
  if (!csm_small_picture_check (bytes, &width, &height))
    {
      csm_session_look_again (self, id);
      return;
    }
  item = csm_session_find_exhibit_item (self, id);
  if (item != NULL)
    csm_exhibit_item_set_thumbnail (item, bytes);
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
  CsmMarkItem *item = csm_mark_item_new (
      record,
      record->code != NULL ? g_hash_table_lookup (self->code_labels, record->code) : NULL);

  csm_mark_item_set_in_conflict (item, csm_session_is_in_conflict (self, &record->id));
  return item;
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

      if (item != NULL && is_same_revision (csm_mark_item_get_record (item), record) &&
          csm_mark_item_get_in_conflict (item) ==
              csm_session_is_in_conflict (self, &record->id))
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

/* Whether @item may stand at @position, where an older form of it stands. */
static bool
fits_at (CsmItemList *list, unsigned position, CsmMarkItem *item)
{
  if (position > 0 && compare_marks (csm_item_list_peek (list, position - 1), item) > 0)
    return false;
  return position + 1 >= csm_item_list_get_size (list) ||
         compare_marks (item, csm_item_list_peek (list, position + 1)) <= 0;
}

/* An item whose place stays is replaced there, so that the row keeps its place on the screen.
 */
static void
put_in_list (CsmItemList *list, const CsmId *mark, CsmMarkItem *item)
{
  int position = find_mark (list, mark);

  if (position >= 0 && item != NULL && fits_at (list, (unsigned) position, item))
    {
      csm_item_list_replace (list, (unsigned) position, item);
      return;
    }
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
  csm_session_apply_conflicts (self, snapshot->conflicts);
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

void
csm_session_clear_lists (CsmSession *self)
{
  csm_item_list_clear (self->exhibits);
  csm_item_list_clear (self->exhibit_marks);
  csm_item_list_clear (self->marks);
  csm_item_list_clear (self->codes);
  csm_item_list_clear (self->conflicts);
  g_hash_table_remove_all (self->conflict_marks);
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
