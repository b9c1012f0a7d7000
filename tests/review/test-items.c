/* test-items.c: what lists show, and how little they change; marks as a table
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-item-list.h"
#include "review/csm-items.h"
#include "review/csm-ledger-model.h"

#include <string.h>

static CsmExhibit *
new_exhibit (const char *number, const char *name)
{
  CsmExhibit *exhibit = g_new0 (CsmExhibit, 1);

  exhibit->id = csm_id_new ();
  exhibit->number = g_strdup (number);
  exhibit->name = g_strdup (name);
  exhibit->acquisition = csm_acquisition_new ();
  exhibit->status = g_strdup ("");
  exhibit->format = g_strdup ("");
  exhibit->codec = g_strdup ("");
  exhibit->n_frames = exhibit->duration_ms = -1;
  return exhibit;
}

static CsmMark *
new_mark (int64_t from, int64_t to, const char *text)
{
  CsmMark *mark = g_new0 (CsmMark, 1);

  mark->id = csm_id_new ();
  mark->exhibit_number = g_strdup ("E-0001");
  mark->from = from;
  mark->to = to;
  mark->from_pts = from * 512;
  mark->to_pts = to * 512;
  mark->timebase = (CsmTimebase){ 1, 12800 };
  mark->text = g_strdup (text);
  mark->author = g_strdup ("R. Viewer");
  return mark;
}

static void
assert_string (gpointer object, const char *property, const char *expected)
{
  g_autofree char *value = NULL;

  g_object_get (object, property, &value, NULL);
  g_assert_cmpstr (value, ==, expected);
}

static void
test_exhibit_says_what_it_is (void)
{
  CsmExhibit *record = new_exhibit ("E-0007", "clip.mp4");
  g_autoptr (CsmExhibitItem) item = csm_exhibit_item_new (record);

  record->size = 1500000;
  record->n_frames = 75;
  record->duration_ms = 3661000;
  assert_string (item, "label", "E-0007 clip.mp4");
  assert_string (item, "detail", "1:01:01, 75 frames, 1.5\u00a0MB");
  assert_string (item, "status", "not looked at yet");
  csm_exhibit_item_set_checking (item, 40);
  assert_string (item, "status", "checking 40 %");
  csm_exhibit_item_set_checking (item, -1);
  g_free (record->acquisition->title);
  record->acquisition->title = g_strdup ("The square at noon");
  assert_string (item, "name", "The square at noon");
}

static void
test_mark_says_where_and_what (void)
{
  g_autoptr (CsmMarkItem) coded = csm_mark_item_new (new_mark (10, 25, "blow"), "Baton");
  g_autoptr (CsmMarkItem) text = csm_mark_item_new (new_mark (10, 10, "blow\nagain"), NULL);
  g_autoptr (CsmMarkItem) bare = csm_mark_item_new (new_mark (0, 0, ""), NULL);

  assert_string (coded, "label", "Baton");
  assert_string (coded, "span", "frames 10 to 25");
  assert_string (coded, "accessible-label", "Baton, E-0001, frames 10 to 25, blow, R. Viewer");
  assert_string (text, "label", "blow");
  assert_string (text, "span", "frame 10");
  assert_string (bare, "label", "Mark");
}

typedef struct
{
  unsigned position, removed, added, times;
} Change;

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, Change *change)
{
  *change = (Change){ position, removed, added, change->times + 1 };
}

static GPtrArray *
new_items (GObject **objects, const char *which)
{
  GPtrArray *items = g_ptr_array_new ();

  for (const char *p = which; *p != '\0'; p++)
    g_ptr_array_add (items, g_object_ref (objects[*p - '0']));
  return items;
}

static void
test_list_announces_the_least (void)
{
  g_autoptr (CsmItemList) list = csm_item_list_new (G_TYPE_OBJECT);
  GObject *objects[6];
  Change change = { 0 };

  for (int i = 0; i < 6; i++)
    objects[i] = g_object_new (CSM_TYPE_JOB, NULL);
  csm_item_list_set (list, new_items (objects, "01234"));
  g_signal_connect (list, "items-changed", G_CALLBACK (changed_cb), &change);

  csm_item_list_set (list, new_items (objects, "01534"));
  g_assert_cmpuint (change.position, ==, 2);
  g_assert_cmpuint (change.removed, ==, 1);
  g_assert_cmpuint (change.added, ==, 1);
  csm_item_list_set (list, new_items (objects, "01534"));
  g_assert_cmpuint (change.times, ==, 1);
  csm_item_list_set (list, new_items (objects, "0134"));
  g_assert_cmpuint (change.position, ==, 2);
  g_assert_cmpuint (change.removed, ==, 1);
  g_assert_cmpuint (change.added, ==, 0);
  csm_item_list_clear (list);
  g_assert_cmpuint (change.removed, ==, 4);
  for (int i = 0; i < 6; i++)
    g_object_unref (objects[i]);
}

/* --- the ledger --- */

typedef struct
{
  int64_t asked[8];
  int n_asked;
} Fetches;

static void
fetch_cb (int64_t offset, gpointer data)
{
  Fetches *fetches = data;

  fetches->asked[fetches->n_asked++] = offset;
}

static GPtrArray *
new_rows (int64_t offset, int n)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) csm_ledger_row_free);

  for (int i = 0; i < n; i++)
    {
      CsmLedgerRow *row = g_new0 (CsmLedgerRow, 1);

      row->kind = g_strdup ("mark.set");
      row->author = g_strdup ("A");
      row->summary = g_strdup_printf ("entry %d", (int) offset + i);
      g_ptr_array_add (rows, row);
    }
  return rows;
}

static void
assert_row (CsmLedgerModel *model, unsigned position, const char *summary)
{
  g_autoptr (CsmLedgerItem) item = g_list_model_get_item (G_LIST_MODEL (model), position);

  g_assert_cmpstr (csm_ledger_item_get_record (item)->summary, ==, summary);
}

static void
test_ledger_reads_pages_when_asked (void)
{
  Fetches fetches = { 0 };
  Change change = { 0 };
  g_autoptr (CsmLedgerModel) model = csm_ledger_model_new (fetch_cb, &fetches);

  csm_ledger_model_set_count (model, 450);
  g_signal_connect (model, "items-changed", G_CALLBACK (changed_cb), &change);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 450);
  g_assert_cmpint (fetches.n_asked, ==, 0);

  assert_row (model, 0, "…"); /* the newest, entry 449, is in the third page */
  assert_row (model, 1, "…");
  g_assert_cmpint (fetches.n_asked, ==, 1);
  g_assert_cmpint (fetches.asked[0], ==, 400);
  csm_ledger_model_take_page (model, 400, new_rows (400, 50));
  g_assert_cmpuint (change.position, ==, 0);
  g_assert_cmpuint (change.removed, ==, 50);
  g_assert_cmpuint (change.added, ==, 50);
  assert_row (model, 0, "entry 449");
  assert_row (model, 49, "entry 400");
  assert_row (model, 449, "…");
  g_assert_cmpint (fetches.asked[1], ==, 0);
  csm_ledger_model_take_page (model, 0, new_rows (0, 200));
  g_assert_cmpuint (change.position, ==, 250);
  assert_row (model, 449, "entry 0");
}

static void
test_ledger_grows_at_its_head (void)
{
  Fetches fetches = { 0 };
  Change change = { 0 };
  g_autoptr (CsmLedgerModel) model = csm_ledger_model_new (fetch_cb, &fetches);

  csm_ledger_model_set_count (model, 3);
  assert_row (model, 0, "…");
  csm_ledger_model_take_page (model, 0, new_rows (0, 3));
  g_signal_connect (model, "items-changed", G_CALLBACK (changed_cb), &change);
  csm_ledger_model_set_count (model, 5);
  g_assert_cmpuint (change.position, ==, 0);
  g_assert_cmpuint (change.removed, ==, 0);
  g_assert_cmpuint (change.added, ==, 2);
  assert_row (model, 2, "entry 2");
  assert_row (model, 0, "…");
  csm_ledger_model_take_page (model, 0, new_rows (0, 5));
  assert_row (model, 0, "entry 4");
  assert_row (model, 4, "entry 0");
  csm_ledger_model_set_count (model, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/review/items/exhibit-says-what-it-is",
                   test_exhibit_says_what_it_is);
  g_test_add_func ("/casement/review/items/mark-says-where-and-what",
                   test_mark_says_where_and_what);
  g_test_add_func ("/casement/review/items/list-announces-the-least",
                   test_list_announces_the_least);
  g_test_add_func ("/casement/review/items/ledger-reads-pages-when-asked",
                   test_ledger_reads_pages_when_asked);
  g_test_add_func ("/casement/review/items/ledger-grows-at-its-head",
                   test_ledger_grows_at_its_head);
  return g_test_run ();
}
