/* test-export.c: a bundle is whole, says no more than asked, or is not there at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle-fixture.h"

#include "base/csm-error.h"
#include "casefile/csm-case-erase.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-case-receipts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static bool
holds (const GString *all, const char *text)
{
  return memmem (all->str, all->len, text, strlen (text)) != NULL;
}

static int64_t
count_entries (BundleFixture *fixture)
{
  return csm_case_count_entries (fixture->acase.acase, NULL);
}

/* Nothing beside the case has the target's name, or a temporary one. */
static void
assert_nothing_is_left (BundleFixture *fixture)
{
  g_autofree char *parent = g_path_get_dirname (fixture->target);
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name;

  g_assert_false (g_file_test (fixture->target, G_FILE_TEST_EXISTS));
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_prefix (name, ".csm-"));
}

/* The bundle goes below the case's own folder, where no other test writes. */
static void
set_up (BundleFixture *fixture, gconstpointer data)
{
  bundle_fixture_set_up (fixture, data);
  g_free (fixture->target);
  fixture->target = g_build_filename (fixture->acase.folder, "bundle", NULL);
}

static CsmSelection *
ask_for_everything (void)
{
  CsmSelection *selection = csm_selection_new ();

  selection->names = selection->acquisition = selection->notes = true;
  selection->superseded = selection->access = true;
  return selection;
}

/* ---- What it says ---- */

static void
test_secrets_stay_home (BundleFixture *fixture, gconstpointer data)
{
  static const char *const secrets[] = { SECRET_SOURCE,   SECRET_GIVER,    SECRET_NOTE,
                                         SECRET_DRAFT,    SECRET_REMOVED,  SECRET_HIDDEN,
                                         SECRET_READER,   SECRET_OLD_NOTE, SECRET_SILENT,
                                         SECOND_REVIEWER, SOURCE_PATH,     FIRST_REVIEWER };
  g_autoptr (CsmSelection) all = csm_selection_new ();
  GString *bytes;

  bundle_fixture_export (fixture, all);
  bytes = bundle_fixture_slurp (fixture->target);
  for (size_t i = 0; i < G_N_ELEMENTS (secrets); i++)
    if (holds (bytes, secrets[i]))
      g_error ("the bundle says '%s'", secrets[i]);
  g_assert_false (holds (bytes, fixture->acase.folder));
  g_assert_false (holds (bytes, fixture->hidden->id.hex));
  g_assert_true (holds (bytes, "Reviewer B"));
  g_assert_true (holds (bytes, "two officers, one baton"));
  g_string_free (bytes, TRUE);
}

static void
test_what_was_asked_for_goes (BundleFixture *fixture, gconstpointer data)
{
  static const char *const asked[] = { SECRET_SOURCE,   SECRET_GIVER,    SECRET_NOTE,
                                       SECRET_DRAFT,    SECRET_REMOVED,  FIRST_REVIEWER,
                                       SECOND_REVIEWER, SECRET_OLD_NOTE, "access.extracted" };
  static const char *const never[] = { SECRET_HIDDEN, SECRET_READER, SECRET_SILENT,
                                       SOURCE_PATH };
  g_autoptr (CsmSelection) selection = ask_for_everything ();
  GString *bytes;

  bundle_fixture_export (fixture, selection);
  bytes = bundle_fixture_slurp (fixture->target);
  for (size_t i = 0; i < G_N_ELEMENTS (asked); i++)
    if (!holds (bytes, asked[i]))
      g_error ("the bundle does not say '%s'", asked[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (never); i++)
    if (holds (bytes, never[i]))
      g_error ("the bundle says '%s'", never[i]);
  g_assert_false (holds (bytes, fixture->hidden->id.hex));
  g_string_free (bytes, TRUE);
}

/* Notes and source are asked for, but what was taken back is an earlier revision. */
static void
test_what_was_taken_back_stays_home (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  GString *bytes;

  selection->acquisition = selection->notes = true;
  bundle_fixture_export (fixture, selection);
  bytes = bundle_fixture_slurp (fixture->target);
  g_assert_true (holds (bytes, SECRET_NOTE));
  g_assert_false (holds (bytes, SECRET_OLD_NOTE));
  g_string_free (bytes, TRUE);
}

static char *
read_file (BundleFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->target, name, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* Of a chosen mark alone. */
static void
test_what_was_not_chosen_stays_home (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = ask_for_everything ();
  GString *bytes;

  g_ptr_array_add (selection->marks, g_memdup2 (&fixture->plain->id, sizeof (CsmId)));
  bundle_fixture_export (fixture, selection);
  bytes = bundle_fixture_slurp (fixture->target);
  g_assert_true (holds (bytes, "smoke"));
  g_assert_false (holds (bytes, "two people"));
  g_assert_false (holds (bytes, "one baton"));
  g_assert_false (holds (bytes, SECRET_REMOVED));
  g_assert_false (holds (bytes, SECRET_DRAFT));
  g_assert_false (holds (bytes, fixture->baton->id.hex));
  g_assert_false (holds (bytes, fixture->second->id.hex));
  g_assert_false (holds (bytes, fixture->second->name));
  g_string_free (bytes, TRUE);

  g_autofree char *said = read_file (fixture, "data/bundle.json");
  g_autofree char *chosen = g_strdup_printf ("\"marks\":[\"%s\"]", fixture->plain->id.hex);

  g_assert_nonnull (strstr (said, chosen));
}

static int
count_lines (BundleFixture *fixture, const char *name)
{
  g_autofree char *text = read_file (fixture, name);
  int n = 0;

  for (const char *c = text; *c != '\0'; c++)
    n += *c == '\n' ? 1 : 0;
  return n;
}

static void
test_every_header_goes (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = csm_selection_new ();
  const int64_t n = count_entries (fixture);

  g_ptr_array_add (selection->marks, g_memdup2 (&fixture->plain->id, sizeof (CsmId)));
  bundle_fixture_export (fixture, selection);
  g_assert_cmpint (count_lines (fixture, "data/ledger/headers.jsonl"), ==, n);
  g_assert_cmpint (count_lines (fixture, "data/ledger/signatures.tsv"), ==, n);
  g_assert_cmpint (count_lines (fixture, "data/ledger/metas.jsonl"), <, n);
  g_assert_cmpint (count_lines (fixture, "data/ledger/bodies.jsonl"), <,
                   count_lines (fixture, "data/ledger/metas.jsonl"));
}

static void
test_files_are_those_that_were_brought_in (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autofree char *path = g_build_filename (fixture->target, "data/exhibits/E-0001.mp4", NULL);
  g_autofree char *hidden =
      g_build_filename (fixture->target, "data/exhibits/E-0002.mov", NULL);
  g_autofree char *bytes = NULL;
  CsmDigest sha256;
  size_t size;

  bundle_fixture_export (fixture, all);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  csm_sha256 (bytes, size, &sha256);
  g_assert_true (csm_digest_equal (&sha256, &fixture->first->sha256));
  g_assert_false (g_file_test (hidden, G_FILE_TEST_EXISTS));
}

/* ---- What the case says of it ---- */

static void
test_it_is_recorded (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autoptr (CsmExportReport) report = NULL;
  const int64_t n = count_entries (fixture);
  g_autofree char *heads = NULL;
  g_autoptr (CsmReceipt) kept = NULL;
  g_autoptr (GPtrArray) receipts = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  size_t size;
  const char *bytes;

  csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target, NULL, NULL, &report,
                  NULL, &error);
  g_assert_no_error (error);
  rows = csm_case_list_ledger (fixture->acase.acase, n, 10, NULL);
  g_assert_cmpuint (rows->len, ==, 2);
  g_assert_cmpstr (((CsmLedgerRow *) rows->pdata[0])->kind, ==, "receipt.made");
  g_assert_cmpstr (((CsmLedgerRow *) rows->pdata[1])->summary, ==, "Exported a bundle");
  receipts = csm_case_list_receipts (fixture->acase.acase, NULL);
  g_assert_cmpstr (((CsmReceiptRow *) receipts->pdata[0])->code, ==, report->receipt_code);
  g_assert_cmpint (((CsmReceiptRow *) receipts->pdata[0])->n_entries, ==, n);
  kept = csm_case_get_receipt (fixture->acase.acase,
                               &((CsmReceiptRow *) receipts->pdata[0])->sha256, NULL);
  heads = read_file (fixture, "data/ledger/heads.json");
  bytes = g_bytes_get_data (csm_receipt_get_bytes (kept), &size);
  g_assert_cmpmem (heads, strlen (heads), bytes, size);
  case_fixture_assert_holds (&fixture->acase);
}

/* ---- The same twice ---- */

static void
test_the_same_twice (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) selection = ask_for_everything ();
  CaseFixture copy = { 0 };
  g_autofree char *other = NULL;
  g_autoptr (GError) error = NULL;
  GString *first, *second;

  case_fixture_close (&fixture->acase);
  case_fixture_set_up_copy (&copy, &fixture->acase);
  case_fixture_open (&fixture->acase, false);
  bundle_fixture_export (fixture, selection);
  other = g_build_filename (copy.folder, "other-name", NULL);
  csm_export_run (copy.acase, selection, BUNDLE_MADE, other, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  first = bundle_fixture_slurp (fixture->target);
  second = bundle_fixture_slurp (other);
  g_assert_cmpmem (first->str, first->len, second->str, second->len);
  g_string_free (first, TRUE);
  g_string_free (second, TRUE);
  case_fixture_tear_down (&copy, NULL);
}

/* ---- Not at all ---- */

static void
assert_fails (BundleFixture *fixture, GQuark domain, int code)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  const int64_t n = count_entries (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target, NULL,
                                  NULL, NULL, NULL, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpint (count_entries (fixture), ==, n);
}

static void
test_nothing_is_overwritten (BundleFixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (fixture->target, 0700), ==, 0);
  assert_fails (fixture, CSM_BASE_ERROR, CSM_BASE_ERROR_EXISTS);
  g_assert_cmpint (g_rmdir (fixture->target), ==, 0); /* empty as it was */
  assert_nothing_is_left (fixture);
}

static void
test_other_bytes_leave_nothing (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) linked = case_fixture_link (&fixture->acase, "linked.avi", &error);
  g_autofree char *path = g_build_filename (fixture->acase.folder, "linked.avi", NULL);

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, "hellO", 5, NULL));
  assert_fails (fixture, CSM_CASE_ERROR, CSM_CASE_ERROR_DAMAGED);
  assert_nothing_is_left (fixture);
}

/* More than any disk has. */
static void
test_too_little_room_is_said_first (BundleFixture *fixture, gconstpointer data)
{
  const CsmDigest sha256 = { { 1 } };
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autoptr (CsmExhibit) huge = NULL;
  g_autoptr (GError) error = NULL;

  huge = csm_case_add_exhibit (fixture->acase.acase, "huge.mp4", NULL, &sha256,
                               INT64_C (1) << 50, NULL, NULL, "/nowhere", &error);
  g_assert_no_error (error);
  assert_fails (fixture, CSM_BASE_ERROR, CSM_BASE_ERROR_FULL);
  assert_nothing_is_left (fixture);
  csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target, NULL, NULL, NULL,
                  NULL, &error);
  g_assert_true (g_str_has_prefix (error->message, "the bundle takes about 1.1"));
}

static void
test_no_bundle_without_an_entry (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  g_autoptr (GError) error = NULL;

  sqlite3_exec (csm_db_get_handle (fixture->acase.acase->db),
                "CREATE TEMP TRIGGER no BEFORE INSERT ON main.event"
                " WHEN new.kind = 'access.exported' BEGIN SELECT raise (ABORT, 'no'); END",
                NULL, NULL, NULL);
  g_assert_false (csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target, NULL,
                                  NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  assert_nothing_is_left (fixture);
  sqlite3_exec (csm_db_get_handle (fixture->acase.acase->db), "DROP TRIGGER no", NULL, NULL,
                NULL);
  g_assert_cmpint (case_fixture_get_int (&fixture->acase, "SELECT count (*) FROM receipt"), ==,
                   0);
}

static void
test_a_reader_cannot (BundleFixture *fixture, gconstpointer data)
{
  case_fixture_close (&fixture->acase);
  case_fixture_open (&fixture->acase, true);
  assert_fails (fixture, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  assert_nothing_is_left (fixture);
}

typedef struct
{
  GCancellable *cancellable;
  int countdown;
} Canceller;

static void
cancel_cb (const char *step, int64_t done, int64_t total, gpointer data)
{
  Canceller *self = data;

  if (self->countdown-- == 0)
    g_cancellable_cancel (self->cancellable);
}

/* At each of its steps in turn, until there is none left. */
static void
test_cancelled_it_leaves_nothing (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  const int64_t n = count_entries (fixture);
  int n_cancelled = 0;

  for (bool done = false; !done;)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Canceller canceller = { cancellable, n_cancelled };
      g_autoptr (GError) error = NULL;

      done = csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target, cancel_cb,
                             &canceller, NULL, cancellable, &error);
      if (done)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_nothing_is_left (fixture);
      g_assert_cmpint (count_entries (fixture), ==, n);
      n_cancelled++;
    }
  g_assert_cmpint (n_cancelled, >, 8);
}

/* ---- What happens meanwhile ---- */

typedef struct
{
  BundleFixture *fixture;
  bool erases, changes;
  bool done;
} Meanwhile;

/* Its text is another from now on. */
static void
change_plain (BundleFixture *fixture, GError **error)
{
  g_autoptr (CsmMark) mark =
      csm_case_get_mark (fixture->acase.acase, &fixture->plain->id, error);

  g_assert_no_error (*error);
  g_free (mark->text);
  mark->text = g_strdup ("nobody is named here");
  csm_case_set_mark (fixture->acase.acase, mark, NULL, 0, NULL, error);
}

static void
meanwhile_cb (const char *step, int64_t done, int64_t total, gpointer data)
{
  Meanwhile *self = data;
  g_autoptr (GError) error = NULL;

  if (self->done || strcmp (step, "Ledger") != 0)
    return;
  self->done = true;
  if (self->changes)
    change_plain (self->fixture, &error);
  else if (self->erases)
    csm_case_remove_mark (self->fixture->acase.acase, &self->fixture->plain->id, &error);
  else
    csm_mark_free (case_fixture_mark (&self->fixture->acase, self->fixture->second, 1, 2, NULL,
                                      "too late"));
  g_assert_no_error (error);
}

static void
test_what_comes_late_is_not_in_it (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  Meanwhile meanwhile = { .fixture = fixture };
  const int64_t n = count_entries (fixture);
  g_autoptr (GError) error = NULL;
  GString *bytes;

  csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target, meanwhile_cb,
                  &meanwhile, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (meanwhile.done);
  g_assert_cmpint (count_entries (fixture), ==, n + 3);
  g_assert_cmpint (count_lines (fixture, "data/ledger/headers.jsonl"), ==, n);
  g_assert_cmpint (count_lines (fixture, "data/ledger/signatures.tsv"), ==, n);
  bytes = bundle_fixture_slurp (fixture->target);
  g_assert_false (holds (bytes, "too late"));
  g_string_free (bytes, TRUE);
  case_fixture_assert_holds (&fixture->acase);
}

static void
test_what_is_taken_back_meanwhile_stays_home (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  Meanwhile meanwhile = { .fixture = fixture, .erases = true };
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target,
                                  meanwhile_cb, &meanwhile, NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  assert_nothing_is_left (fixture);
}

static void
test_what_is_changed_meanwhile_stays_home (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  Meanwhile meanwhile = { .fixture = fixture, .changes = true };
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_export_run (fixture->acase.acase, all, BUNDLE_MADE, fixture->target,
                                  meanwhile_cb, &meanwhile, NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  assert_nothing_is_left (fixture);
}

/* ---- Before it ---- */

static void
test_preview (BundleFixture *fixture, gconstpointer data)
{
  g_autoptr (CsmSelection) all = csm_selection_new ();
  const int64_t n = count_entries (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExportPreview) preview =
      csm_export_preview (fixture->acase.acase, all, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (preview->bytes, >, 75000);
  g_assert_cmpint (preview->n_superseded, ==, 2);
  g_assert_cmpuint (preview->dossier->exhibits->len, ==, 2);
  g_assert_cmpint (count_entries (fixture), ==, n);
  assert_nothing_is_left (fixture);
}

#define ADD(name, test)                                                           \
  g_test_add ("/casement/export/export/" name, BundleFixture, NULL, set_up, test, \
              bundle_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("secrets-stay-home", test_secrets_stay_home);
  ADD ("what-was-asked-for-goes", test_what_was_asked_for_goes);
  ADD ("what-was-taken-back-stays-home", test_what_was_taken_back_stays_home);
  ADD ("what-was-not-chosen-stays-home", test_what_was_not_chosen_stays_home);
  ADD ("every-header-goes", test_every_header_goes);
  ADD ("files-are-those-that-were-brought-in", test_files_are_those_that_were_brought_in);
  ADD ("it-is-recorded", test_it_is_recorded);
  ADD ("the-same-twice", test_the_same_twice);
  ADD ("nothing-is-overwritten", test_nothing_is_overwritten);
  ADD ("other-bytes-leave-nothing", test_other_bytes_leave_nothing);
  ADD ("too-little-room-is-said-first", test_too_little_room_is_said_first);
  ADD ("no-bundle-without-an-entry", test_no_bundle_without_an_entry);
  ADD ("nobody-who-cannot-sign", test_a_reader_cannot);
  ADD ("cancelled-it-leaves-nothing", test_cancelled_it_leaves_nothing);
  ADD ("what-comes-late-is-not-in-it", test_what_comes_late_is_not_in_it);
  ADD ("what-is-taken-back-meanwhile-stays-home", test_what_is_taken_back_meanwhile_stays_home);
  ADD ("what-is-changed-meanwhile-stays-home", test_what_is_changed_meanwhile_stays_home);
  ADD ("a-preview-writes-nothing", test_preview);
  return g_test_run ();
}
