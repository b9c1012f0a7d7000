/* test-case.c: creating, opening, moving and recovering a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"
#include "casefile/csm-displayed.h"
#include "vault/csm-disk.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static GPtrArray *
list_ledger (CsmCase *acase)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = csm_case_list_ledger (acase, 0, 100000, &error);

  g_assert_no_error (error);
  return rows;
}

/* Newest first. */
static const char *
get_kind (GPtrArray *rows, guint from_end)
{
  const CsmLedgerRow *row = rows->pdata[rows->len - 1 - from_end];

  return row->kind;
}

static int
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_create_writes_first_entries (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = list_ledger (self->acase);
  const CsmLedgerRow *first = rows->pdata[0];
  const CsmLedgerRow *second = rows->pdata[1];
  const CsmReviewer *reviewer = csm_case_get_self (self->acase);

  g_assert_cmpstr (first->kind, ==, "case.create");
  g_assert_cmpstr (first->author, ==, "Anna");
  g_assert_cmpint (first->seq, ==, 1);
  g_assert_cmpstr (first->summary, ==,
                   "Created the case “Minsk, August 2020”; the clock was confirmed");
  g_assert_cmpstr (second->kind, ==, "reviewer.add");
  g_assert_cmpstr (second->summary, ==, "Added the reviewer Anna");
  g_assert_cmpstr (get_kind (rows, 0), ==, "code.set");
  g_assert_cmpstr (csm_case_get_title (self->acase), ==, "Minsk, August 2020");
  g_assert_cmpstr (csm_case_get_path (self->acase), ==, self->path);
  g_assert_cmpstr (reviewer->name, ==, "Anna");
  g_assert_cmpuint (strlen (reviewer->key), ==, 64);
  g_assert_false (csm_case_is_read_only (self->acase));
  g_assert_nonnull (csm_case_get_media_store (self->acase));
  case_fixture_assert_holds (self);
}

static void
test_reopen_reads_the_same (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const CsmId id = csm_case_get_id (self->acase);
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  g_autofree char *key = g_strdup (csm_case_get_self (self->acase)->key);
  g_autoptr (GPtrArray) reviewers = NULL;

  case_fixture_reopen (self);
  g_assert_cmpstr (csm_case_get_id (self->acase).hex, ==, id.hex);
  g_assert_cmpstr (csm_case_get_self (self->acase)->key, ==, key);
  g_assert_cmpstr (csm_case_get_title (self->acase), ==, "Minsk, August 2020");
  g_assert_cmpint (csm_case_count_entries (self->acase, &error), ==, n);
  reviewers = csm_case_list_reviewers (self->acase, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reviewers->len, ==, 1);
  case_fixture_assert_holds (self);
}

static void
test_create_refuses_what_is_there (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const CsmCaseOptions options = case_fixture_options (self);
  const int before = count_files (self->folder);

  g_assert_null (csm_case_create (self->path, &options, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_assert_cmpint (count_files (self->folder), ==, before);
}

static void
test_create_refuses_empty_names (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "b.casement", NULL);
  CsmCaseOptions options = case_fixture_options (self);

  options.title = "";
  g_assert_null (csm_case_create (path, &options, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  g_clear_error (&error);
  options = case_fixture_options (self);
  options.reviewer = "\xff";
  g_assert_null (csm_case_create (path, &options, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static char *taken_path;

/* Runs as the database is opened: after the look whether the name is free. */
static int
take_name (sqlite3 *db, char **message, const void *api)
{
  g_assert_true (g_file_set_contents (taken_path, "x", 1, NULL));
  return SQLITE_OK;
}

static void
test_failed_publish_leaves_nothing (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "b.casement", NULL);
  g_autofree char *bytes = NULL;
  const CsmCaseOptions options = case_fixture_options (self);
  const int before = count_files (self->folder);

  taken_path = path;
  sqlite3_auto_extension ((void (*) (void)) take_name);
  g_assert_null (csm_case_create (path, &options, NULL, &error));
  sqlite3_reset_auto_extension ();
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_assert_cmpint (count_files (self->folder), ==, before + 1);
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  g_assert_cmpstr (bytes, ==, "x");
}

static int n_opened;

/* Runs as the database is opened: the second time, after the case got its name. */
static int
refuse_second (sqlite3 *db, char **message, const void *api)
{
  return ++n_opened == 2 ? SQLITE_ERROR : SQLITE_OK;
}

static void
test_failed_reopen_leaves_nothing (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "b.casement", NULL);
  const CsmCaseOptions options = case_fixture_options (self);
  const int before = count_files (self->folder);

  n_opened = 0;
  sqlite3_auto_extension ((void (*) (void)) refuse_second);
  g_assert_null (csm_case_create (path, &options, NULL, &error));
  sqlite3_reset_auto_extension ();
  g_assert_nonnull (error);
  g_assert_cmpint (n_opened, ==, 2);
  g_assert_cmpint (count_files (self->folder), ==, before);
}

static int (*sync_folder) (const char *path);

/* Once the case has its name. */
static int
refuse_sync_folder (const char *path)
{
  return g_str_has_suffix (path, "/b.casement") ? EIO : sync_folder (path);
}

static void
test_failed_sync_leaves_nothing (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "b.casement", NULL);
  const CsmCaseOptions options = case_fixture_options (self);
  const int before = count_files (self->folder);
  CsmDisk disk = *csm_disk_get ();

  case_fixture_close (self);
  sync_folder = disk.sync_folder;
  disk.sync_folder = refuse_sync_folder;
  csm_disk_set (&disk);
  g_assert_null (csm_case_create (path, &options, NULL, &error));
  csm_disk_set (NULL);
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_IO);
  g_assert_cmpint (count_files (self->folder), ==, before);
}

static void
test_wrong_passphrase_is_told (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) wrong = csm_secret_new_from ("wrong", 5);

  case_fixture_close (self);
  g_assert_null (csm_case_open (self->path, wrong, false, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
}

static void
test_read_only_writes_nothing (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  size_t size_before, size_after;
  const CsmCode code = { (char *) "x", (char *) "X", (char *) "", (char *) "", NULL };

  case_fixture_close (self);
  g_assert_true (g_file_get_contents (self->path, &before, &size_before, NULL));
  case_fixture_open (self, true);
  g_assert_true (csm_case_is_read_only (self->acase));
  g_assert_false (csm_case_set_code (self->acase, &code, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_false (csm_case_record_access (self->acase, "verified", NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  case_fixture_assert_holds (self);
  case_fixture_close (self);
  g_assert_true (g_file_get_contents (self->path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

static char *
copy_file (const char *from, const char *folder, const char *name)
{
  char *to = g_build_filename (folder, name, NULL);
  g_autofree char *bytes = NULL;
  size_t size;

  g_assert_true (g_file_get_contents (from, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (to, bytes, (gssize) size, NULL));
  return to;
}

static void
test_moved_file_starts_a_chain (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) old_heads = csm_case_list_heads (self->acase, NULL);
  g_autoptr (GArray) heads = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *old = case_fixture_digest_hex (&g_array_index (old_heads, CsmDigest, 0));
  const CsmEntry *start;
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  char *copy;

  g_assert_cmpuint (old_heads->len, ==, 1);
  case_fixture_close (self);
  copy = copy_file (self->path, self->folder, "copy.casement");
  g_free (self->path);
  self->path = copy;
  case_fixture_open (self, false);
  /* Opening alone is no reason for an entry. */
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
  g_assert_true (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (self->acase, "locked", NULL, NULL, &error));

  rows = list_ledger (self->acase);
  g_assert_cmpint (rows->len, ==, n + 3);
  g_assert_cmpstr (get_kind (rows, 2), ==, "chain.start");
  g_assert_cmpint (((CsmLedgerRow *) rows->pdata[n])->seq, ==, 1);
  g_assert_cmpint (((CsmLedgerRow *) rows->pdata[n + 2])->seq, ==, 3);
  entries = csm_case_list_entries (self->acase, n, 2, &error);
  start = entries->pdata[0];
  g_assert_cmpstr (csm_json_get_string (csm_entry_get_content (start), "old_head"), ==, old);
  g_assert_cmpint (csm_entry_get_place (start)->n_heads, ==, 1);
  /* Named once; what names it is named from now on. */
  g_assert_cmpint (csm_entry_get_place (entries->pdata[1])->n_heads, ==, 0);
  heads = csm_case_list_heads (self->acase, &error);
  g_assert_cmpuint (heads->len, ==, 2);
  case_fixture_assert_holds (self);

  case_fixture_reopen (self);
  g_assert_true (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n + 4);
}

static void
test_recovery_code_signs_with_its_own_key (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) code = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) reviewers = NULL;
  CsmCaseOptions options = case_fixture_options (self);
  g_autofree char *key = NULL;

  case_fixture_close (self);
  g_free (self->path);
  self->path = g_build_filename (self->folder, "r.casement", NULL);
  options.recovery = true;
  self->acase = csm_case_create (self->path, &options, &code, &error);
  g_assert_no_error (error);
  key = g_strdup (csm_case_get_self (self->acase)->key);
  case_fixture_close (self);

  self->acase = csm_case_open (self->path, code, true, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, "Anna (recovery)");
  case_fixture_close (self);

  self->acase = csm_case_open (self->path, code, false, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, "Anna (recovery)");
  g_assert_cmpstr (csm_case_get_self (self->acase)->key, !=, key);
  rows = list_ledger (self->acase);
  g_assert_cmpstr (get_kind (rows, 1), ==, "reviewer.add");
  g_assert_cmpstr (get_kind (rows, 0), ==, "chain.start");
  g_assert_cmpstr (((CsmLedgerRow *) rows->pdata[rows->len - 2])->summary, ==,
                   "Opened by the recovery code; from now on Anna (recovery) signs");
  reviewers = csm_case_list_reviewers (self->acase, &error);
  g_assert_cmpuint (reviewers->len, ==, 2);
  case_fixture_assert_holds (self);

  /* Once: the next opening knows the key. */
  case_fixture_close (self);
  self->acase = csm_case_open (self->path, code, false, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, rows->len);
}

static void
test_reader_cannot_sign (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  case_fixture_tamper (self, "DELETE FROM kept_signer");
  g_assert_null (csm_case_get_self (self->acase));
  g_assert_false (csm_case_is_read_only (self->acase));
  g_assert_false (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
}

/* An entry as a later version would sign it. */
static void
sign_future (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) body = json_object ();

  g_assert_true (csm_case_sign (self->acase, "subject.set", NULL, NULL, body, &error));
  g_assert_no_error (error);
}

static void
test_unknown_kind_opens_read_only (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *all = NULL;
  g_autofree char *broken = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  sign_future (self);
  case_fixture_reopen (self);
  g_assert_true (csm_case_is_read_only (self->acase));
  g_assert_false (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
  g_assert_nonnull (strstr (error->message, "subject.set"));

  rows = list_ledger (self->acase);
  g_assert_cmpstr (get_kind (rows, 0), ==, "subject.set");
  broken = case_fixture_verify (self, false, &all);
  g_assert_cmpstr (broken, ==, "");
  g_assert_nonnull (strstr (all, "subject.set"));
}

static void
test_newer_tables_are_refused (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *sql = "PRAGMA user_version = 5";

  sqlite3_exec (csm_db_get_handle (self->acase->db), sql, NULL, NULL, NULL);
  case_fixture_close (self);
  g_assert_null (csm_case_open (self->path, self->passphrase, false, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NEWER);
}

static void
test_missing_media_still_opens (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autofree char *from = g_build_filename (self->folder, "a.media", NULL);
  g_autofree char *to = g_strconcat (self->folder, "-away", NULL);
  g_autofree char *broken = NULL;

  case_fixture_close (self);
  g_assert_cmpint (g_rename (from, to), ==, 0);
  case_fixture_open (self, false);
  g_assert_null (csm_case_get_media_store (self->acase));
  g_assert_null (csm_case_read_media (self->acase, &exhibit->id, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING);
  broken = case_fixture_verify (self, false, NULL);
  g_assert_nonnull (strstr (broken, "Media folder"));
  g_assert_null (strstr (broken, "E-0001")); /* said once, not for each exhibit */
  g_assert_cmpint (g_rename (to, from), ==, 0);
}

/* What the spans say is what the entry says again; anything else is no entry. */
static void
test_displayed_spans (CaseFixture *self, gconstpointer data)
{
  static const CsmDisplayedSpan spans[] = {
    { CSM_DISPLAYED_PLAYED, 0, 74, 70, 1000, 0 }, { CSM_DISPLAYED_PLAYED, 74, 70, 5, -500, 0 },
    { CSM_DISPLAYED_PAUSED, 12, 12, 1, 0, 0 },    { CSM_DISPLAYED_DRAGGED, 3, 60, 400, 0, 0 },
    { CSM_DISPLAYED_PAUSED, 20, 12, 9, 0, 0 },
  };
  static const CsmDisplayedSpan wrong[] = {
    { CSM_DISPLAYED_PLAYED, 74, 0, 70, 1000, 0 }, { CSM_DISPLAYED_PLAYED, 0, 74, 76, 1000, 0 },
    { CSM_DISPLAYED_PLAYED, 0, 74, 70, 0, 0 },    { CSM_DISPLAYED_PLAYED, 0, 74, 70, 4001, 0 },
    { CSM_DISPLAYED_PAUSED, -1, 3, 1, 0, 0 },     { CSM_DISPLAYED_PAUSED, 3, 3, 0, 0, 0 },
    { CSM_DISPLAYED_DRAGGED, 60, 3, 4, 0, 0 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (json_t) detail = csm_displayed_to_json (spans, G_N_ELEMENTS (spans));
  g_autoptr (GArray) back = csm_displayed_from_json (detail);
  g_autoptr (json_t) again =
      csm_displayed_to_json ((const CsmDisplayedSpan *) back->data, back->len);
  g_autofree char *text = NULL;

  g_assert_true (json_equal (detail, again));
  text = csm_displayed_describe (back);
  g_assert_cmpstr (text, ==,
                   "frames 0 to 74 at 1× (70 shown), frames 74 to 70 at -0.5×, frame 12 paused,"
                   " frames 3 to 60 dragged over (400 shown), and 1 more span");
  g_assert_true (
      csm_case_record_access (self->acase, "displayed", &exhibit->id, detail, &error));
  g_assert_no_error (error);
  case_fixture_assert_holds (self);

  g_assert_false (csm_case_record_access (self->acase, "displayed", NULL, detail, &error));
  g_clear_error (&error);
  for (unsigned i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (json_t) other = csm_displayed_to_json (&wrong[i], 1);

      g_assert_false (
          csm_case_record_access (self->acase, "displayed", &exhibit->id, other, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
  case_fixture_assert_holds (self);
}

static void
test_access_is_recorded_as_chosen (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (json_t) detail = json_object ();
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  CsmCaseOptions options = case_fixture_options (self);
  int64_t m;

  json_object_set_new (detail, "frames", json_integer (3));
  g_assert_true (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
  g_assert_true (
      csm_case_record_access (self->acase, "extracted", &exhibit->id, detail, &error));
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n + 2);
  g_assert_false (csm_case_record_access (self->acase, "eaten", NULL, NULL, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  g_clear_error (&error);

  case_fixture_close (self);
  g_free (self->path);
  self->path = g_build_filename (self->folder, "b.casement", NULL);
  options.record_access = false;
  self->acase = csm_case_create (self->path, &options, NULL, &error);
  g_assert_no_error (error);
  m = csm_case_count_entries (self->acase, NULL);
  g_assert_true (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (self->acase, "locked", NULL, NULL, &error));
  g_assert_true (csm_case_record_access (self->acase, "displayed", NULL, NULL, &error));
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, m);
  g_assert_true (csm_case_record_access (self->acase, "exported", NULL, NULL, &error));
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, m + 1);
}

static void
test_passphrase_change_is_an_entry (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  CsmSecret *passphrase = csm_secret_new_from ("another", 7);

  g_assert_true (csm_case_change_passphrase (self->acase, passphrase, &error));
  csm_secret_unref (self->passphrase);
  self->passphrase = passphrase;
  case_fixture_reopen (self);
  g_assert_cmpstr (csm_case_get_self (self->acase)->name, ==, "Anna");
  rows = list_ledger (self->acase);
  g_assert_cmpstr (get_kind (rows, 0), ==, "key.changed");
  case_fixture_assert_holds (self);
}

/* Opens a case that has a recovery code by that code. */
static void
open_by_code (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) code = NULL;
  CsmCaseOptions options = case_fixture_options (self);

  case_fixture_close (self);
  g_free (self->path);
  self->path = g_build_filename (self->folder, "r.casement", NULL);
  options.recovery = true;
  csm_case_close (csm_case_create (self->path, &options, &code, &error));
  g_assert_no_error (error);
  self->acase = csm_case_open (self->path, code, false, &error);
  g_assert_no_error (error);
}

static void
test_passphrase_after_the_code_signs (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL;
  CsmSecret *passphrase = csm_secret_new_from ("another", 7);

  open_by_code (self);
  key = g_strdup (csm_case_get_self (self->acase)->key);
  g_assert_true (csm_case_change_passphrase (self->acase, passphrase, &error));
  g_assert_no_error (error);
  csm_secret_unref (self->passphrase);
  self->passphrase = passphrase;
  case_fixture_reopen (self);
  g_assert_nonnull (csm_case_get_self (self->acase));
  g_assert_cmpstr (csm_case_get_self (self->acase)->key, ==, key);
  g_assert_true (csm_case_record_access (self->acase, "opened", NULL, NULL, &error));
  g_assert_no_error (error);
  case_fixture_assert_holds (self);
}

/* The signing key that cannot be kept: the slot that needs it does not come into being. */
static void
test_failed_change_adds_no_slot (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) passphrase = csm_secret_new_from ("another", 7);
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  int n;

  open_by_code (self);
  n = csm_vault_list_slots (csm_case_get_vault (self->acase), slots);
  sqlite3_exec (csm_db_get_handle (self->acase->db),
                "CREATE TEMP TRIGGER no BEFORE INSERT ON kept_signer"
                " BEGIN SELECT raise (ABORT, 'no'); END",
                NULL, NULL, NULL);
  g_assert_false (csm_case_change_passphrase (self->acase, passphrase, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (csm_vault_list_slots (csm_case_get_vault (self->acase), slots), ==, n);
}

static void
test_reader_changes_the_passphrase (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  CsmSecret *passphrase = csm_secret_new_from ("another", 7);
  const int64_t n = csm_case_count_entries (self->acase, NULL);

  case_fixture_tamper (self, "DELETE FROM kept_signer");
  g_assert_true (csm_case_change_passphrase (self->acase, passphrase, &error));
  g_assert_no_error (error);
  csm_secret_unref (self->passphrase);
  self->passphrase = passphrase;
  case_fixture_reopen (self);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n);
}

/* Spans of another track than the first say so. */
static void
test_displayed_spans_of_another_track (CaseFixture *self, gconstpointer data)
{
  static const CsmDisplayedSpan span = { CSM_DISPLAYED_PAUSED, 12, 12, 1, 0, 2 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmExhibit) exhibit = case_fixture_import (self, "a.mp4", 100, 1);
  g_autoptr (json_t) detail = csm_displayed_to_json (&span, 1);
  g_autoptr (GArray) back = csm_displayed_from_json (detail);
  g_autofree char *text = NULL;

  g_assert_cmpstr (json_string_value (json_object_get (detail, "track")), ==, "v:2");
  g_assert_cmpint (g_array_index (back, CsmDisplayedSpan, 0).track, ==, 2);
  text = csm_displayed_describe (back);
  g_assert_cmpstr (text, ==, "of its track v:2: frame 12 paused");
  g_assert_true (
      csm_case_record_access (self->acase, "displayed", &exhibit->id, detail, &error));
  json_object_set_new (detail, "track", json_string ("a:0"));
  g_assert_false (
      csm_case_record_access (self->acase, "displayed", &exhibit->id, detail, &error));
  g_assert_nonnull (error);
  case_fixture_assert_holds (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  case_fixture_add ("/casement/casefile/case/create-writes-first-entries",
                    test_create_writes_first_entries);
  case_fixture_add ("/casement/casefile/case/reopen-reads-the-same",
                    test_reopen_reads_the_same);
  case_fixture_add ("/casement/casefile/case/create-refuses-what-is-there",
                    test_create_refuses_what_is_there);
  case_fixture_add ("/casement/casefile/case/create-refuses-empty-names",
                    test_create_refuses_empty_names);
  case_fixture_add ("/casement/casefile/case/failed-publish-leaves-nothing",
                    test_failed_publish_leaves_nothing);
  case_fixture_add ("/casement/casefile/case/failed-reopen-leaves-nothing",
                    test_failed_reopen_leaves_nothing);
  case_fixture_add ("/casement/casefile/case/failed-sync-leaves-nothing",
                    test_failed_sync_leaves_nothing);
  case_fixture_add ("/casement/casefile/case/wrong-passphrase-is-told",
                    test_wrong_passphrase_is_told);
  case_fixture_add ("/casement/casefile/case/read-only-writes-nothing",
                    test_read_only_writes_nothing);
  case_fixture_add ("/casement/casefile/case/moved-file-starts-a-chain",
                    test_moved_file_starts_a_chain);
  case_fixture_add ("/casement/casefile/case/recovery-code-signs-with-its-own-key",
                    test_recovery_code_signs_with_its_own_key);
  case_fixture_add ("/casement/casefile/case/reader-cannot-sign", test_reader_cannot_sign);
  case_fixture_add ("/casement/casefile/case/unknown-kind-opens-read-only",
                    test_unknown_kind_opens_read_only);
  case_fixture_add ("/casement/casefile/case/newer-tables-are-refused",
                    test_newer_tables_are_refused);
  case_fixture_add ("/casement/casefile/case/missing-media-still-opens",
                    test_missing_media_still_opens);
  case_fixture_add ("/casement/casefile/case/access-is-recorded-as-chosen",
                    test_access_is_recorded_as_chosen);
  case_fixture_add ("/casement/casefile/case/displayed-spans", test_displayed_spans);
  case_fixture_add ("/casement/casefile/case/displayed-spans-of-another-track",
                    test_displayed_spans_of_another_track);
  case_fixture_add ("/casement/casefile/case/passphrase-change-is-an-entry",
                    test_passphrase_change_is_an_entry);
  case_fixture_add ("/casement/casefile/case/passphrase-after-the-code-signs",
                    test_passphrase_after_the_code_signs);
  case_fixture_add ("/casement/casefile/case/failed-change-adds-no-slot",
                    test_failed_change_adds_no_slot);
  case_fixture_add ("/casement/casefile/case/reader-changes-the-passphrase",
                    test_reader_changes_the_passphrase);
  return g_test_run ();
}
