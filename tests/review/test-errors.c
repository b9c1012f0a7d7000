/* test-errors.c: each way a case does not open has words of its own, and says what to do
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"

#include "casefile/csm-case-private.h"
#include "vault/csm-vault.h"

#include <glib/gstdio.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HEADER 4096
#define PAGES 0x8000

/* (transfer full): why the session could not open the case. */
static GError *
open_and_fail (Fixture *self)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  csm_session_open_async (self->session, self->case_path, passphrase, false, NULL,
                          fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  g_assert_false (csm_session_open_finish (self->session, result, &error));
  g_assert_cmpint (csm_session_get_state (self->session), ==, CSM_SESSION_CLOSED);
  return error;
}

static void
assert_says (Fixture *self, int code, const char *why, const char *advice)
{
  g_autoptr (GError) error = open_and_fail (self);

  g_assert_error (error, CSM_VAULT_ERROR, code);
  if (strstr (error->message, why) == NULL || strstr (error->message, advice) == NULL)
    g_error ("looked for '%s' and '%s' in: %s", why, advice, error->message);
}

/* Changes the case file by @change, which gets its bytes. */
static void
change_file (Fixture *self, void (*change) (uint8_t *bytes))
{
  g_autofree char *bytes = NULL;
  size_t size;

  g_assert_true (g_file_get_contents (self->case_path, &bytes, &size, NULL));
  change ((uint8_t *) bytes);
  g_assert_true (g_file_set_contents (self->case_path, bytes, (gssize) size, NULL));
}

static void
make_newer (uint8_t *bytes)
{
  bytes[12] = 9;
  bytes[HEADER + 12] = 9;
}

static void
tear_headers (uint8_t *bytes)
{
  bytes[200] ^= 1;
  bytes[HEADER + 200] ^= 1;
}

static void
zero_page_1 (uint8_t *bytes)
{
  memset (bytes + PAGES, 0, 4096);
}

static void
overwrite (uint8_t *bytes)
{
  memset (bytes, 'x', PAGES);
}

static void
test_a_missing_file (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (g_unlink (self->case_path), ==, 0);
  assert_says (self, CSM_VAULT_ERROR_NOT_FOUND, "there is no such file", "check the path");
}

static void
test_another_kind_of_file (Fixture *self, gconstpointer data)
{
  change_file (self, overwrite);
  assert_says (self, CSM_VAULT_ERROR_NOT_A_CASE, "another kind of file",
               "choose a .casement file");
}

static void
test_a_newer_format (Fixture *self, gconstpointer data)
{
  change_file (self, make_newer);
  assert_says (self, CSM_VAULT_ERROR_NEWER, "later version of Casement", "use that version");
}

static void
test_a_damaged_header (Fixture *self, gconstpointer data)
{
  change_file (self, tear_headers);
  assert_says (self, CSM_VAULT_ERROR_DAMAGED, "both copies of its header", "use a backup");
}

static void
test_a_damaged_body (Fixture *self, gconstpointer data)
{
  change_file (self, zero_page_1);
  assert_says (self, CSM_VAULT_ERROR_DAMAGED, "page 1 of the case file", "use a backup");
}

static void
test_a_case_in_use (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) other = csm_vault_open (self->case_path, passphrase, false, &error);

  g_assert_no_error (error);
  assert_says (self, CSM_VAULT_ERROR_BUSY, "open in another window or program",
               "close it there");
}

static void
test_a_wrong_passphrase (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = csm_secret_new_from ("not it", 6);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  csm_session_open_async (self->session, self->case_path, passphrase, false, NULL,
                          fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  g_assert_false (csm_session_open_finish (self->session, result, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  g_assert_nonnull (strstr (error->message, "does not fit"));
}

static void
change_by_sql (Fixture *self, const char *sql)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmCase) acase = csm_case_open (self->case_path, passphrase, false, &error);

  g_assert_no_error (error);
  g_assert_true (csm_db_exec (acase->db, sql, "change the case", &error));
}

static void
test_newer_tables (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  change_by_sql (self, "PRAGMA user_version = 99");
  error = open_and_fail (self);
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NEWER);
  g_assert_nonnull (strstr (error->message, "update Casement"));
}

/* It can be read, and says why it cannot be written to. */
static void
test_an_entry_of_a_later_version (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (json_t) body = json_object ();
  g_autoptr (GError) error = NULL;
  CsmCase *acase = csm_case_open (self->case_path, passphrase, false, &error);

  g_assert_true (csm_case_sign (acase, "subject.set", NULL, NULL, body, &error));
  csm_case_close (acase);
  fixture_open (self);
  g_assert_true (csm_session_is_read_only (self->session));
  g_assert_true (fixture_has_text (self->problems, "to look only"));
  g_assert_true (fixture_has_text (self->problems, "('subject.set'); update Casement"));
}

/* What was asked for needs no words. */
static void
test_looking_only_is_no_problem (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (GAsyncResult) result = NULL;

  csm_session_open_async (self->session, self->case_path, passphrase, true, NULL,
                          fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  g_assert_true (csm_session_open_finish (self->session, result, NULL));
  g_assert_cmpuint (self->problems->len, ==, 0);
}

static void
test_a_place_that_is_read_only (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (g_chmod (self->case_path, 0400), ==, 0);
  assert_says (self, CSM_VAULT_ERROR_READ_ONLY, "Permission denied",
               "a place that you may write to, or open read-only");
}

static void
open_with_a_mark (Fixture *self)
{
  g_autoptr (CsmJob) job = NULL;

  fixture_open (self);
  job = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_select (self, 0);
  fixture_mark (self, 2, 6, "baton", "before");
  fixture_wait_for (self, g_list_model_get_n_items (csm_session_get_jobs (self->session)) == 0);
}

/* Tries to save another one, and waits for why it could not. */
static void
fail_to_mark (Fixture *self, const char *why, const char *advice)
{
  g_autoptr (CsmMark) mark = csm_mark_copy (fixture_exhibit_mark (self, 0));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_free (mark->text);
  mark->text = g_strdup ("after");
  csm_session_save_mark_async (self->session, mark, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  g_assert_false (csm_session_save_mark_finish (self->session, result, &error));
  if (strstr (error->message, why) == NULL || strstr (error->message, advice) == NULL)
    g_error ("looked for '%s' and '%s' in: %s", why, advice, error->message);
}

static void
test_a_full_disk (Fixture *self, gconstpointer data)
{
  const struct rlimit small = { 8192, RLIM_INFINITY };
  const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

  open_with_a_mark (self);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  fail_to_mark (self, "no space left", "free some space");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &none), ==, 0);
  fixture_mark (self, 8, 9, NULL, "room again");
}

/* What is open can still be saved by a backup; what is put back goes on. */
static void
test_a_case_file_that_goes (Fixture *self, gconstpointer data)
{
  g_autofree char *away = fixture_path (self, "away.casement");
  g_autofree char *folder = fixture_path (self, "stick");
  g_autofree char *copy = g_build_filename (folder, "square.casement", NULL);
  g_autoptr (CsmSecret) passphrase = fixture_passphrase ();
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmJob) job = NULL;
  g_autoptr (GPtrArray) marks = NULL;
  g_autoptr (GError) error = NULL;

  open_with_a_mark (self);
  g_assert_cmpint (g_rename (self->case_path, away), ==, 0);
  fail_to_mark (self, "moved, deleted or replaced", "put it back under its name");
  job = g_object_ref (csm_session_backup (self->session, folder));
  fixture_wait_for (self, csm_job_get_state (job) != CSM_JOB_RUNNING);
  g_assert_cmpstr (csm_job_get_outcome (job), ==, "The backup is whole and was read back.");
  acase = csm_case_open (copy, passphrase, true, &error);
  g_assert_no_error (error);
  marks = csm_case_list_marks (acase, NULL, &error);
  g_assert_cmpuint (marks->len, ==, 1);

  /* Another file of that name is not the case. */
  g_assert_true (g_file_set_contents (self->case_path, "notes", -1, NULL));
  fail_to_mark (self, "moved, deleted or replaced", "put it back under its name");
  g_assert_cmpint (g_rename (away, self->case_path), ==, 0);
  fixture_mark (self, 8, 9, NULL, "back again");
}

/* Root may write anywhere; what is tested here is what everybody else meets. */
static void
obey_permissions (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct sets[2];

  g_assert_cmpint (syscall (SYS_capget, &header, sets), ==, 0);
  sets[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
  g_assert_cmpint (syscall (SYS_capset, &header, sets), ==, 0);
}

/* The case opens; what needs the folder says so. */
static void
test_a_missing_media_folder (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmJob) job = NULL;
  g_autofree char *away = fixture_path (self, "elsewhere");
  g_autofree char *stem =
      g_strndup (self->case_path, strlen (self->case_path) - strlen (".casement"));
  g_autofree char *media = g_strconcat (stem, ".media", NULL);

  fixture_open (self);
  job = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_lock (self);
  g_assert_cmpint (g_mkdir (away, 0700), ==, 0);
  g_autofree char *moved = g_build_filename (away, "a.media", NULL);
  g_assert_cmpint (g_rename (media, moved), ==, 0);
  fixture_open (self);
  csm_session_select (self->session, &fixture_exhibit (self, 0)->id);
  fixture_wait_for (self, self->problems->len > 0);
  g_assert_true (fixture_has_text (self->problems, "media folder"));
}

/* Who saved may have gone with what the lock closed: the session itself says it. */
static void
test_a_save_that_fails_at_the_lock (Fixture *self, gconstpointer data)
{
  const struct rlimit nothing = { 0, RLIM_INFINITY };
  const struct rlimit everything = { RLIM_INFINITY, RLIM_INFINITY };
  g_autoptr (CsmJob) job = NULL;

  fixture_open (self);
  job = fixture_import (self, (const char *[]){ fixture_clip ("a.mp4"), NULL });
  fixture_select (self, 0);
  fixture_wait_checked (self);

  CsmMark *mark = csm_session_draft_mark (self->session);

  signal (SIGXFSZ, SIG_IGN); /* what the limit does is an error then, as of a full disk */
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &nothing), ==, 0);
  csm_session_save_mark_async (self->session, mark, NULL, NULL);
  csm_session_lock (self->session);
  fixture_wait_for (self, csm_session_get_state (self->session) == CSM_SESSION_LOCKED);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &everything), ==, 0);
  csm_mark_free (mark);
  g_assert_true (fixture_has_text (self->problems, "The mark could not be saved"));
}

#define add(name, test)                                                             \
  g_test_add ("/casement/review/errors/" name, Fixture, NULL, fixture_set_up, test, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  csm_process_harden ();
  obey_permissions ();
  add ("a-missing-file", test_a_missing_file);
  add ("another-kind-of-file", test_another_kind_of_file);
  add ("a-newer-format", test_a_newer_format);
  add ("a-damaged-header", test_a_damaged_header);
  add ("a-damaged-body", test_a_damaged_body);
  add ("a-case-in-use", test_a_case_in_use);
  add ("a-missing-media-folder", test_a_missing_media_folder);
  add ("a-wrong-passphrase", test_a_wrong_passphrase);
  add ("newer-tables", test_newer_tables);
  add ("an-entry-of-a-later-version", test_an_entry_of_a_later_version);
  add ("looking-only-is-no-problem", test_looking_only_is_no_problem);
  add ("a-place-that-is-read-only", test_a_place_that_is_read_only);
  add ("a-full-disk", test_a_full_disk);
  add ("a-case-file-that-goes", test_a_case_file_that_goes);
  add ("a-save-that-fails-at-the-lock", test_a_save_that_fails_at_the_lock);
  return fixture_run ();
}
