/* test-backup.c: a checked copy of an open case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-backup.h"
#include "casefile/csm-case-private.h"
#include "vault/csm-vault-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A case with two stored files and marks, and a folder for its backup. */
typedef struct
{
  CaseFixture parent;
  char *dest;
  char *copy; /* the case file there */
  CsmExhibit *exhibit;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  case_fixture_set_up (&self->parent, data);
  self->dest = g_build_filename (self->parent.folder, "stick", NULL);
  self->copy = g_build_filename (self->dest, "a.casement", NULL);
  self->exhibit = case_fixture_import (&self->parent, "one.mp4", 200000, 1);
  csm_exhibit_free (case_fixture_import (&self->parent, "two.mp4", 70000, 2));
  csm_mark_free (case_fixture_mark (&self->parent, self->exhibit, 3, 9, "baton", "two men"));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  csm_exhibit_free (self->exhibit);
  g_free (self->dest);
  g_free (self->copy);
  case_fixture_tear_down (&self->parent, data);
}

static CsmBackupReport *
back_up (Fixture *self, bool full)
{
  g_autoptr (GError) error = NULL;
  CsmBackupReport *report = NULL;

  csm_case_backup (self->parent.acase, self->dest, full, NULL, NULL, &report, NULL, &error);
  g_assert_no_error (error);
  return report;
}

static void
assert_refused (Fixture *self, const char *folder, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmBackupReport) report = NULL;

  g_assert_false (
      csm_case_backup (self->parent.acase, folder, false, NULL, NULL, &report, NULL, &error));
  g_assert_error (error, domain, code);
}

/* Opens the copy as a case of its own. */
static CaseFixture
open_copy (Fixture *self)
{
  CaseFixture copy = { .folder = self->dest,
                       .path = self->copy,
                       .passphrase = self->parent.passphrase };

  case_fixture_open (&copy, false);
  return copy;
}

static void
assert_copy_holds (Fixture *self, int64_t n_marks)
{
  CaseFixture copy = open_copy (self);
  g_autofree char *broken = case_fixture_verify (&copy, true, NULL);

  g_assert_cmpstr (broken, ==, "");
  g_assert_cmpint (case_fixture_get_int (&copy, "SELECT count (*) FROM mark"), ==, n_marks);
  case_fixture_close (&copy);
}

/* (transfer full): the one stored file there of the size of "one.mp4"'s. */
static char *
dup_stored_path (Fixture *self)
{
  g_autoptr (CsmMediaRef) ref =
      csm_case_get_media_ref (self->parent.acase, &self->exhibit->id, NULL, NULL);

  return g_strdup_printf ("%s/a.media/%s.0", self->dest, ref->name);
}

static void
flip (const char *path, size_t offset)
{
  g_autofree char *bytes = NULL;
  size_t size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  bytes[offset] ^= 1;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
}

static void
test_the_copy_opens_and_holds (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmBackupReport) report = back_up (self, false);

  g_assert_cmpint (report->n_copied, ==, 2);
  g_assert_cmpint (report->n_there, ==, 0);
  g_assert_cmpuint (report->missing->len, ==, 0);
  g_assert_cmpstr (report->path, ==, self->copy);
  assert_copy_holds (self, 1);
}

static void
test_a_second_one_copies_only_what_is_new (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmBackupReport) first = back_up (self, false);
  g_autofree char *stored = dup_stored_path (self);
  g_autoptr (CsmBackupReport) second = NULL;
  struct stat before, after;

  g_assert_cmpint (stat (stored, &before), ==, 0);
  csm_exhibit_free (case_fixture_import (&self->parent, "three.mp4", 1000, 3));
  csm_mark_free (case_fixture_mark (&self->parent, self->exhibit, 5, 5, NULL, "later"));
  second = back_up (self, false);
  g_assert_cmpint (second->n_copied, ==, 1);
  g_assert_cmpint (second->n_there, ==, 2);
  g_assert_cmpint (stat (stored, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  assert_copy_holds (self, 2);
}

/* Killed as it began to write: its log was named and holds nothing yet. */
static void
test_a_case_that_was_killed_at_the_start_of_a_log_is_backed_up (Fixture *self,
                                                                gconstpointer data)
{
  static const uint8_t generation[16] = "generation 0123";
  g_autoptr (CsmBackupReport) report = NULL;

  case_fixture_reopen (&self->parent);
  g_assert_cmpint (csm_vault_bind (self->parent.acase->vault, CSM_WAL_OPENING, generation), ==,
                   0);
  report = back_up (self, false);
  g_assert_cmpint (report->n_copied, ==, 2);
  assert_copy_holds (self, 1);
}

static void
test_full_mends_what_went_bad_there (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmBackupReport) first = back_up (self, false);
  g_autofree char *stored = dup_stored_path (self);
  g_autoptr (CsmBackupReport) quick = NULL;
  g_autoptr (CsmBackupReport) full = NULL;

  flip (stored, 3 * 65536 + 7);
  quick = back_up (self, false);
  g_assert_cmpint (quick->n_copied, ==, 0);
  full = back_up (self, true);
  g_assert_cmpint (full->n_copied, ==, 1);
  g_assert_cmpint (full->n_there, ==, 1);
  assert_copy_holds (self, 1);
}

static void
test_it_is_an_entry (Fixture *self, gconstpointer data)
{
  static const char sql[] = "SELECT count (*) FROM event WHERE kind = 'access.backup'";
  g_autoptr (CsmBackupReport) report = back_up (self, false);

  g_assert_cmpint (case_fixture_get_int (&self->parent, sql), ==, 1);
  case_fixture_assert_holds (&self->parent);
}

static void
test_its_own_folder_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *media = g_build_filename (self->parent.folder, "a.media", NULL);
  g_autofree char *link = g_build_filename (self->parent.folder, "way-round", NULL);

  g_assert_cmpint (symlink (self->parent.folder, link), ==, 0);
  assert_refused (self, self->parent.folder, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
  assert_refused (self, media, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
  assert_refused (self, link, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
}

static void
test_another_case_there_is_refused (Fixture *self, gconstpointer data)
{
  CsmCaseOptions options = case_fixture_options (&self->parent);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  size_t size_before, size_after;

  g_assert_cmpint (g_mkdir (self->dest, 0700), ==, 0);
  csm_case_close (csm_case_create (self->copy, &options, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (self->copy, &before, &size_before, NULL));
  assert_refused (self, self->dest, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_assert_true (g_file_get_contents (self->copy, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

static void
test_a_file_that_is_no_case_is_refused (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (self->dest, 0700), ==, 0);
  g_assert_true (g_file_set_contents (self->copy, "my notes", -1, NULL));
  assert_refused (self, self->dest, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
}

static void
test_an_open_backup_is_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmBackupReport) report = back_up (self, false);
  CaseFixture copy = open_copy (self);

  assert_refused (self, self->dest, CSM_VAULT_ERROR, CSM_VAULT_ERROR_BUSY);
  case_fixture_close (&copy);
}

static void
test_a_backup_somebody_worked_in_is_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmBackupReport) report = back_up (self, false);
  CaseFixture copy = open_copy (self);

  csm_mark_free (case_fixture_mark (&copy, self->exhibit, 1, 1, NULL, "made in the backup"));
  case_fixture_close (&copy);
  assert_refused (self, self->dest, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
  assert_copy_holds (self, 2);
}

/* Cancels at the @n-th step, and counts them. */
typedef struct
{
  GCancellable *cancellable;
  int n, at;
} Stop;

static void
stop_cb (int64_t done, int64_t total, gpointer data)
{
  Stop *stop = data;

  if (stop->n++ == stop->at)
    g_cancellable_cancel (stop->cancellable);
}

static void
test_stopped_anywhere_the_earlier_one_is_as_it_was (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmBackupReport) report = back_up (self, false);
  g_autofree char *before = NULL;
  size_t size_before;
  bool finished = false;

  g_assert_true (g_file_get_contents (self->copy, &before, &size_before, NULL));
  csm_exhibit_free (case_fixture_import (&self->parent, "three.mp4", 3000000, 3));
  for (int at = 0; !finished; at++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmBackupReport) again = NULL;
      g_autofree char *after = NULL;
      g_autoptr (GDir) dir = NULL;
      const char *name;
      size_t size_after;
      Stop stop = { cancellable, 0, at };

      finished = csm_case_backup (self->parent.acase, self->dest, false, stop_cb, &stop, &again,
                                  cancellable, &error);
      g_assert_cmpint (at, <, 50);
      if (finished)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (g_file_get_contents (self->copy, &after, &size_after, NULL));
      g_assert_cmpmem (before, size_before, after, size_after);
      dir = g_dir_open (self->dest, 0, NULL);
      while ((name = g_dir_read_name (dir)) != NULL)
        g_assert_false (g_str_has_suffix (name, ".part"));
    }
  assert_copy_holds (self, 1);
}

/* What is copied just now: the case file, or not yet. */
static bool
is_copying_case (const Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->dest, 0, NULL);
  const char *name;
  bool found = false;

  while (dir != NULL && !found && (name = g_dir_read_name (dir)) != NULL)
    found = g_str_has_suffix (name, ".part");
  return found;
}

static void
save_marks (Fixture *self, const char *text)
{
  for (int i = 0; i < 300; i++)
    csm_mark_free (case_fixture_mark (&self->parent, self->exhibit, 2, 4, "arrest", text));
}

typedef struct
{
  Fixture *fixture;
  int n;
} Writer;

/* Enough for SQLite to want a checkpoint between two steps. */
static void
write_cb (int64_t done, int64_t total, gpointer data)
{
  Writer *writer = data;

  if (writer->n < 4 && is_copying_case (writer->fixture))
    {
      save_marks (writer->fixture, "saved while the copy goes on");
      writer->n++;
    }
}

static void
test_what_is_saved_meanwhile_is_whole_or_not_there (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmBackupReport) report = NULL;
  Writer writer = { self, 0 };

  for (int i = 0; i < 3; i++)
    save_marks (self, "saved before"); /* the case is longer than two steps */
  csm_case_backup (self->parent.acase, self->dest, false, write_cb, &writer, &report, NULL,
                   &error);
  g_assert_no_error (error);
  g_assert_cmpint (writer.n, ==, 4);
  case_fixture_assert_holds (&self->parent);
  assert_copy_holds (self, 901);
}

static void
test_an_exhibit_whose_file_is_gone_is_named (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMediaRef) ref =
      csm_case_get_media_ref (self->parent.acase, &self->exhibit->id, NULL, NULL);
  g_autoptr (CsmBackupReport) report = NULL;

  g_assert_true (
      csm_media_store_remove (csm_case_get_media_store (self->parent.acase), ref, NULL));
  report = back_up (self, false);
  g_assert_cmpint (report->n_copied, ==, 1);
  g_assert_cmpuint (report->missing->len, ==, 1);
  g_assert_true (g_str_has_prefix (report->missing->pdata[0], "E-0001 one.mp4: "));
}

static void
test_a_damaged_file_is_named_and_not_kept (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmMediaRef) ref =
      csm_case_get_media_ref (self->parent.acase, &self->exhibit->id, NULL, NULL);
  g_autofree char *own = g_strdup_printf ("%s/a.media/%s.0", self->parent.folder, ref->name);
  g_autofree char *stored = dup_stored_path (self);
  g_autoptr (CsmBackupReport) report = NULL;

  flip (own, 2 * 65536);
  report = back_up (self, false);
  g_assert_cmpuint (report->missing->len, ==, 1);
  g_assert_false (g_file_test (stored, G_FILE_TEST_EXISTS));
}

#define add(name, test) \
  g_test_add ("/casement/casefile/backup/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("the-copy-opens-and-holds", test_the_copy_opens_and_holds);
  add ("a-second-one-copies-only-what-is-new", test_a_second_one_copies_only_what_is_new);
  add ("a-case-that-was-killed-at-the-start-of-a-log-is-backed-up",
       test_a_case_that_was_killed_at_the_start_of_a_log_is_backed_up);
  add ("full-mends-what-went-bad-there", test_full_mends_what_went_bad_there);
  add ("it-is-an-entry", test_it_is_an_entry);
  add ("its-own-folder-is-refused", test_its_own_folder_is_refused);
  add ("another-case-there-is-refused", test_another_case_there_is_refused);
  add ("a-file-that-is-no-case-is-refused", test_a_file_that_is_no_case_is_refused);
  add ("an-open-backup-is-refused", test_an_open_backup_is_refused);
  add ("a-backup-somebody-worked-in-is-refused", test_a_backup_somebody_worked_in_is_refused);
  add ("stopped-anywhere-the-earlier-one-is-as-it-was",
       test_stopped_anywhere_the_earlier_one_is_as_it_was);
  add ("what-is-saved-meanwhile-is-whole-or-not-there",
       test_what_is_saved_meanwhile_is_whole_or_not_there);
  add ("an-exhibit-whose-file-is-gone-is-named", test_an_exhibit_whose_file_is_gone_is_named);
  add ("a-damaged-file-is-named-and-not-kept", test_a_damaged_file_is_named_and_not_kept);
  return g_test_run ();
}
