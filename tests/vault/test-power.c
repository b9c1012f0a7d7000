/* test-power.c: power cuts at random moments, against a database in memory that saw the same
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-power-harness.h"
#include "vault/csm-vault-copy.h"
#include "vault/csm-vfs-private.h"

#include <errno.h>
#include <stdlib.h>

/* Of each fault model; the environment's CSM_POWER_ROUNDS for a longer run, with --seed for
 * the same one again. */
#define ROUNDS 680
#define COPY_PATH "/stick/case.casement"

static int
get_rounds (void)
{
  const char *rounds = g_getenv ("CSM_POWER_ROUNDS");

  return rounds != NULL ? atoi (rounds) : ROUNDS;
}

static int
run (sqlite3 *db, const char *sql)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL);
}

static void
test_own_bytes (void)
{
  PowerHarness self = { .with_media = true };

  g_assert_cmpint (power_harness_run (&self, &(CsmLossyConfig){ 0 }, get_rounds ()), ==, 0);
}

static void
test_small_sectors (void)
{
  PowerHarness self = { .with_media = true };

  g_assert_cmpint (power_harness_run (&self, &(CsmLossyConfig){ .sector = 512 }, get_rounds ()),
                   ==, 0);
}

static void
test_large_sectors_and_errors (void)
{
  PowerHarness self = { .with_media = true, .with_errors = true };

  g_assert_cmpint (
      power_harness_run (&self, &(CsmLossyConfig){ .sector = 4096 }, get_rounds ()), ==, 0);
}

static void
commit (PowerHarness *self)
{
  power_harness_make_transaction (self);
  g_assert_true (power_harness_commit (self));
}

static void
checkpoint (PowerHarness *self)
{
  (void) run (self->db, "PRAGMA wal_checkpoint(PASSIVE)");
}

static void
open_whole (PowerHarness *self)
{
  g_autoptr (GError) error = NULL;

  power_harness_open (self, &error);
  g_assert_no_error (error);
  power_harness_check (self, &error);
  g_assert_no_error (error);
}

/* The power goes during the next checkpoint. */
static void
cut_checkpoint (PowerHarness *self)
{
  commit (self);
  lossy_disk_cut_after (power_roll (20));
  checkpoint (self);
  lossy_disk_cut_after (0);
  power_harness_close (self);
  lossy_disk_power_on ();
  open_whole (self);
  power_harness_close (self);
}

/* A full disk, say, as the first freshness table is made; the case goes on, and the power goes
 * as the second is. */
static void
test_a_table_made_at_the_second_try_stays (void)
{
  PowerHarness self = { 0 };

  power_harness_init (&self);
  lossy_disk_start (&(CsmLossyConfig){ 0 });
  for (int n = 0; n < 400; n++)
    {
      power_harness_make_case (&self);
      g_assert_true (power_harness_open (&self, NULL));
      commit (&self);
      lossy_disk_fail (&(CsmLossyFailure){ LOSSY_CHANGES, n % 20, ENOSPC, false });
      checkpoint (&self);
      lossy_disk_fail (NULL);
      commit (&self);
      checkpoint (&self);
      cut_checkpoint (&self);
    }
  power_harness_clear (&self);
  lossy_disk_stop ();
}

/* A process killed in a checkpoint leaves a table that nobody synced. */
static void
test_a_table_that_a_kill_left_stays (void)
{
  PowerHarness self = { 0 };

  power_harness_init (&self);
  lossy_disk_start (&(CsmLossyConfig){ 0 });
  for (int n = 0; n < 400; n++)
    {
      power_harness_make_case (&self);
      g_assert_true (power_harness_open (&self, NULL));
      for (int i = 0; i < 2; i++)
        {
          commit (&self);
          checkpoint (&self);
        }
      commit (&self);
      lossy_disk_cut_after (n % 20);
      checkpoint (&self);
      lossy_disk_cut_after (0);
      power_harness_close (&self);
      lossy_disk_restart ();
      open_whole (&self);
      cut_checkpoint (&self);
    }
  power_harness_clear (&self);
  lossy_disk_stop ();
}

/* Were nothing ever lost, the rounds above would say nothing. */

static void
test_a_lying_disk_is_noticed (void)
{
  PowerHarness self = { .lies = true };

  g_assert_cmpint (power_harness_run (&self, &(CsmLossyConfig){ 0 }, 12), >, 0);
}

/* As most designs do: the end of one sealed block and the start of the next in one sector. */
static void
test_shared_sectors_are_noticed (void)
{
  const CsmLossyConfig config = { .sector = 4096, .wal_shift = 2048 };
  int failed = 0;

  for (int tries = 0; failed == 0 && tries < 40; tries++)
    {
      PowerHarness self = { 0 };

      failed = power_harness_run (&self, &config, 30);
    }
  g_assert_cmpint (failed, >, 0);
}

/* Without the guard SQLite 3.40 says that a commit is there, and a cut takes it. */
static int64_t
commit_what_sqlite_loses (bool guarded)
{
  PowerHarness self = { 0 };
  int64_t before;
  int64_t after;
  int rc;

  power_harness_init (&self);
  lossy_disk_start (&(CsmLossyConfig){ 0 });
  power_harness_make_case (&self);
  g_assert_true (power_harness_open (&self, NULL));
  csm_vfs_wal_set_guard (guarded);
  self.vault->is_settled = false;
  fixture_exec (self.db, "PRAGMA cache_size=10; PRAGMA cache_spill=ON;"
                         "PRAGMA wal_autocheckpoint=0;"
                         "CREATE TABLE u(id INTEGER PRIMARY KEY, k INT UNIQUE, v BLOB)");
  fixture_exec (self.db, "BEGIN; SAVEPOINT a;"
                         "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE "
                         "i < 2000) INSERT INTO u SELECT i, (i*7919)%1000003, randomblob(300) "
                         "FROM c; ROLLBACK TO a; RELEASE a; INSERT INTO u VALUES(1, 1, 'x');"
                         "UPDATE meta SET seq = 7");
  rc = run (self.db, "COMMIT");
  before = rc == SQLITE_OK ? 7 : 0;
  if (rc != SQLITE_OK && !sqlite3_get_autocommit (self.db))
    fixture_exec (self.db, "ROLLBACK");
  lossy_disk_cut_after (0);
  power_harness_close (&self);
  lossy_disk_power_on ();
  csm_vfs_wal_set_guard (true);
  g_assert_true (power_harness_open (&self, NULL));
  after = fixture_query (self.db, "SELECT seq FROM meta");
  power_harness_clear (&self);
  lossy_disk_stop ();
  return before - after;
}

static void
test_the_spill_bug_is_noticed (void)
{
  g_assert_cmpint (commit_what_sqlite_loses (true), ==, 0);
  if (sqlite3_libversion_number () < 3050000)
    g_assert_cmpint (commit_what_sqlite_loses (false), ==, 7);
}

/* What a copy that was killed had put in place counts as there for the next one, which says
 * that it is done. */
static void
test_a_copy_after_a_kill_keeps_its_media (void)
{
  const CsmCopyWatch watch = { 0 };
  PowerHarness self = { .with_media = true };
  int n_there = 0;

  power_harness_init (&self);
  lossy_disk_start (&(CsmLossyConfig){ 0 });
  for (int n = 0; n < 400; n++)
    {
      g_autoptr (CsmMediaStore) target = NULL;
      g_autoptr (CsmMediaWriter) writer = NULL;
      g_autoptr (CsmMediaRef) ref = NULL;
      g_autoptr (GError) error = NULL;
      const uint8_t *case_id;
      bool copied;

      power_harness_make_case (&self);
      g_assert_true (power_harness_open (&self, NULL));
      writer = csm_media_store_begin (self.store, NULL);
      csm_media_writer_write (writer, "content", 7, NULL);
      ref = csm_media_writer_finish (writer, &error);
      g_assert_no_error (error);
      g_assert_cmpint (run (self.db, "PRAGMA wal_checkpoint(TRUNCATE)"), ==, SQLITE_OK);
      g_assert_cmpint (csm_disk_get ()->make_folder ("/stick"), ==, 0);
      g_assert_cmpint (csm_disk_get ()->sync_folder ("/stick"), ==, 0);
      case_id = csm_vault_get_case_id (self.vault);
      target = csm_media_store_open (COPY_PATH, case_id, true, &error);
      g_assert_no_error (error);
      lossy_disk_cut_after (n % 20);
      copied = csm_media_store_copy (self.store, target, ref, 0, 0, &watch, NULL);
      lossy_disk_cut_after (0);
      lossy_disk_restart ();

      if (!csm_media_store_has (target, ref))
        g_assert_false (copied);
      else
        {
          csm_vault_copy (self.vault, COPY_PATH, target, 0, 0, &watch, &error);
          g_assert_no_error (error);
          power_harness_close (&self);
          lossy_disk_power_on ();
          g_assert_true (csm_media_store_has (target, ref));
          n_there++;
        }
      power_harness_close (&self);
    }
  g_assert_cmpint (n_there, >, 100);
  power_harness_clear (&self);
  lossy_disk_stop ();
}

/* The power goes while the case is made: it is there whole or not at all. */
static void
test_creation (void)
{
  int done = 0;

  lossy_disk_start (&(CsmLossyConfig){ .sector = 512 });
  for (int n = 0; n < 60; n++)
    {
      g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
      g_autoptr (CsmVault) vault = NULL;
      sqlite3 *db = NULL;
      bool published = false;

      lossy_disk_clear ();
      lossy_disk_cut_after (n);
      vault = csm_vault_create (POWER_PATH, passphrase, &fixture_cost, NULL);
      if (vault != NULL && csm_vault_open_database (vault, &db, NULL))
        {
          const bool made =
              run (db, "CREATE TABLE meta(seq INT); INSERT INTO meta VALUES(0)") == SQLITE_OK;

          published =
              sqlite3_close (db) == SQLITE_OK && made && csm_vault_publish (vault, NULL);
        }
      lossy_disk_cut_after (0);
      g_clear_pointer (&vault, csm_vault_close);
      lossy_disk_power_on ();
      if (csm_disk_get ()->exists (POWER_PATH))
        {
          vault = fixture_open (POWER_PATH, false);
          db = fixture_open_database (vault);
          g_assert_cmpint (fixture_query (db, "SELECT seq FROM meta"), ==, 0);
          g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
          done++;
        }
      else
        g_assert_false (published);
    }
  g_assert_cmpint (done, >, 0);
  g_assert_cmpint (done, <, 60);
  lossy_disk_stop ();
}

static bool
opens_with (const char *text)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_open (POWER_PATH, passphrase, false, &error);

  if (vault == NULL)
    g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  return vault != NULL;
}

/* The power goes while the passphrase changes: one of the two opens, never both. */
static void
test_passphrase (void)
{
  PowerHarness self = { 0 };

  power_harness_init (&self);
  lossy_disk_start (&(CsmLossyConfig){ .sector = 512 });
  for (int n = 0; n < 80; n++)
    {
      g_autoptr (CsmSecret) passphrase = fixture_secret ("other");
      g_autoptr (CsmVault) vault = NULL;
      bool changed;
      bool old;

      power_harness_make_case (&self);
      vault = fixture_open (POWER_PATH, false);
      lossy_disk_cut_after (n % 5);
      changed = csm_vault_change_passphrase (vault, passphrase, NULL, NULL, NULL);
      lossy_disk_cut_after (0);
      g_clear_pointer (&vault, csm_vault_close);
      lossy_disk_power_on ();
      old = opens_with ("pass");
      g_assert_true (old != opens_with ("other"));
      g_assert_false (changed && old);
    }
  power_harness_clear (&self);
  lossy_disk_stop ();
}

static const char *const passphrases[] = { "pass", "second", "third" };

/* The one that opens the case; no other does. */
static int
find_passphrase (void)
{
  int found = -1;

  for (int i = 0; i < (int) G_N_ELEMENTS (passphrases); i++)
    if (opens_with (passphrases[i]))
      {
        g_assert_cmpint (found, ==, -1);
        found = i;
      }
  g_assert_cmpint (found, >=, 0);
  return found;
}

static CsmVault *
open_by (int i)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret (passphrases[i]);
  g_autoptr (GError) error = NULL;
  CsmVault *vault = csm_vault_open (POWER_PATH, passphrase, CSM_VAULT_OPEN_WRITE, &error);

  g_assert_no_error (error);
  return vault;
}

static bool
change_to (CsmVault *vault, int i)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret (passphrases[i]);

  return csm_vault_change_passphrase (vault, passphrase, NULL, NULL, NULL);
}

/* A change that a kill or an error ended left a copy of the header that nobody synced. */
static void
test_passphrase_after_another_was_cut_off (gconstpointer is_killed)
{
  PowerHarness self = { 0 };

  power_harness_init (&self);
  lossy_disk_start (&(CsmLossyConfig){ .sector = 512 });
  for (int n = 0; n < 400; n++)
    {
      g_autoptr (CsmVault) vault = NULL;
      bool changed;
      int now;

      power_harness_make_case (&self);
      vault = open_by (0);
      if (is_killed)
        {
          lossy_disk_cut_after (n % 6);
          (void) change_to (vault, 1);
          lossy_disk_cut_after (0);
          csm_vault_close (vault);
          lossy_disk_restart ();
          vault = open_by (find_passphrase ());
        }
      else
        {
          lossy_disk_fail (&(CsmLossyFailure){ LOSSY_CHANGES, n % 6, EIO, false });
          (void) change_to (vault, 1);
          lossy_disk_fail (NULL);
        }
      lossy_disk_cut_after (power_roll (6));
      changed = change_to (vault, 2);
      lossy_disk_cut_after (0);
      g_clear_pointer (&vault, csm_vault_close);
      lossy_disk_power_on ();
      now = find_passphrase ();
      g_assert_true (now == 2 || !changed);
    }
  power_harness_clear (&self);
  lossy_disk_stop ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/vault/power/own-bytes", test_own_bytes);
  g_test_add_func ("/casement/vault/power/small-sectors", test_small_sectors);
  g_test_add_func ("/casement/vault/power/large-sectors-and-errors",
                   test_large_sectors_and_errors);
  g_test_add_func ("/casement/vault/power/a-table-made-at-the-second-try-stays",
                   test_a_table_made_at_the_second_try_stays);
  g_test_add_func ("/casement/vault/power/a-table-that-a-kill-left-stays",
                   test_a_table_that_a_kill_left_stays);
  g_test_add_func ("/casement/vault/power/a-lying-disk-is-noticed",
                   test_a_lying_disk_is_noticed);
  g_test_add_func ("/casement/vault/power/shared-sectors-are-noticed",
                   test_shared_sectors_are_noticed);
  g_test_add_func ("/casement/vault/power/the-spill-bug-is-noticed",
                   test_the_spill_bug_is_noticed);
  g_test_add_func ("/casement/vault/power/a-copy-after-a-kill-keeps-its-media",
                   test_a_copy_after_a_kill_keeps_its_media);
  g_test_add_func ("/casement/vault/power/creation", test_creation);
  g_test_add_func ("/casement/vault/power/passphrase", test_passphrase);
  g_test_add_data_func ("/casement/vault/power/passphrase-after-an-error", NULL,
                        test_passphrase_after_another_was_cut_off);
  g_test_add_data_func ("/casement/vault/power/passphrase-after-a-kill", "",
                        test_passphrase_after_another_was_cut_off);
  return g_test_run ();
}
