/* test-io-errors.c: every call to the disk fails in turn, once and from then on
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-power-harness.h"

#include <errno.h>

/* More calls than any run below makes. */
#define MOST_CALLS 2000

/* Every kind of work, in as few calls as it takes: commits, checkpoints, an exhibit, VACUUM. */
static bool
run_script (PowerHarness *self)
{
  static const char *const statements[] = {
    "INSERT OR REPLACE INTO t SELECT value, value, blob(700, value) FROM "
    "json_each('[1,2,3,4,5,6]')",
    "INSERT INTO words VALUES('alpha beta gamma')",
    "UPDATE t SET k = k + 1; DELETE FROM t WHERE id = 3",
  };

  if (!power_harness_open (self, NULL))
    return false;
  (void) sqlite3_exec (self->db, "PRAGMA wal_autocheckpoint=12", NULL, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_ptr_array_set_size (self->sql, 0);
      g_ptr_array_add (self->sql, g_strdup (statements[i]));
      if (i == 1)
        power_harness_store_exhibit (self);
      g_ptr_array_add (self->sql, g_strdup_printf ("UPDATE meta SET seq = %u", i + 1));
      if (!power_harness_commit (self))
        return false;
    }
  return sqlite3_exec (self->db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) ==
         SQLITE_OK;
}

/* When the calls fail, and what comes after. */
typedef enum {
  DURING_WORK,
  BEFORE_A_CUT, /* what was not synced is lost besides */
  DURING_RECOVERY,
} Moment;

static void
cut_power (void)
{
  lossy_disk_cut_after (0);
  lossy_disk_power_on ();
}

static void
leave_a_wal (PowerHarness *self)
{
  g_assert_true (power_harness_open (self, NULL));
  for (int i = 0; i < 3; i++)
    {
      power_harness_make_transaction (self);
      g_assert_true (power_harness_commit (self));
    }
  lossy_disk_cut_after (0);
  power_harness_close (self);
  lossy_disk_power_on ();
}

/* Returns how many calls there were to fail. */
static int
sweep (CsmLossyFailure failure, Moment moment)
{
  PowerHarness self = { .with_media = true };

  power_harness_init (&self);
  lossy_disk_start (&(CsmLossyConfig){ .sector = 4096 });
  for (failure.after = 0; failure.after < MOST_CALLS; failure.after++)
    {
      g_autoptr (GError) error = NULL;
      bool was_reached;

      power_harness_make_case (&self);
      if (moment == DURING_RECOVERY)
        leave_a_wal (&self);
      lossy_disk_fail (&failure);
      (void) run_script (&self); /* an error is an answer */
      power_harness_close (&self);
      was_reached = lossy_disk_has_failed ();
      lossy_disk_fail (NULL);
      if (moment == BEFORE_A_CUT)
        cut_power ();
      if (power_harness_open (&self, &error))
        power_harness_check (&self, &error);
      if (error != NULL)
        g_test_message ("call %d", failure.after);
      g_assert_no_error (error);
      power_harness_close (&self);
      if (!was_reached)
        break;
    }
  g_assert_cmpint (failure.after, <, MOST_CALLS);
  power_harness_clear (&self);
  lossy_disk_stop ();
  return failure.after;
}

static void
test_changes (gconstpointer data)
{
  const int errnum = GPOINTER_TO_INT (data);

  g_assert_cmpint (sweep ((CsmLossyFailure){ LOSSY_CHANGES, 0, errnum, false }, DURING_WORK), >,
                   60);
  g_assert_cmpint (sweep ((CsmLossyFailure){ LOSSY_CHANGES, 0, errnum, true }, BEFORE_A_CUT), >,
                   60);
  g_assert_cmpint (
      sweep ((CsmLossyFailure){ LOSSY_CHANGES, 0, errnum, false }, DURING_RECOVERY), >, 60);
}

static void
test_reads (gconstpointer data)
{
  const int errnum = GPOINTER_TO_INT (data);

  for (int persistent = 0; persistent < 2; persistent++)
    {
      const CsmLossyFailure failure = { LOSSY_READS, 0, errnum, persistent };

      g_assert_cmpint (sweep (failure, DURING_WORK), >, 40);
      g_assert_cmpint (sweep (failure, DURING_RECOVERY), >, 40);
    }
}

/* Making a case: it is there whole, or not at all. */
static void
test_creation (void)
{
  bool was_reached = true;
  int n = 0;

  lossy_disk_start (&(CsmLossyConfig){ 0 });
  for (; was_reached; n++)
    {
      const CsmLossyFailure failure = { LOSSY_CHANGES, n, n % 2 != 0 ? EIO : ENOSPC, false };
      g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
      g_autoptr (CsmVault) vault = NULL;
      g_autoptr (GPtrArray) names = NULL;
      sqlite3 *db = NULL;
      bool published = false;

      lossy_disk_clear ();
      lossy_disk_fail (&failure);
      vault = csm_vault_create (POWER_PATH, passphrase, &fixture_cost, NULL);
      if (vault != NULL && csm_vault_open_database (vault, &db, NULL))
        {
          const int rc = sqlite3_exec (db, "CREATE TABLE a(b)", NULL, NULL, NULL);

          published = sqlite3_close (db) == SQLITE_OK && rc == SQLITE_OK &&
                      csm_vault_publish (vault, NULL);
        }
      was_reached = lossy_disk_has_failed ();
      lossy_disk_fail (NULL);
      g_clear_pointer (&vault, csm_vault_close);
      g_assert_true (published || was_reached);
      if (published)
        {
          vault = fixture_open (POWER_PATH, false);
          db = fixture_open_database (vault);
          g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM a"), ==, 0);
          g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
        }
      g_assert_cmpint (csm_disk_get ()->list ("/", &names), ==, 0);
      /* What failed may have been the removal itself. */
      g_assert_cmpuint (names->len, <=, 2);
    }
  g_assert_cmpint (n, >, 20);
  lossy_disk_stop ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/casement/vault/io-errors/changes-fail", GINT_TO_POINTER (EIO),
                        test_changes);
  g_test_add_data_func ("/casement/vault/io-errors/disk-is-full", GINT_TO_POINTER (ENOSPC),
                        test_changes);
  g_test_add_data_func ("/casement/vault/io-errors/reads-fail", GINT_TO_POINTER (EIO),
                        test_reads);
  g_test_add_data_func ("/casement/vault/io-errors/reads-are-short", GINT_TO_POINTER (0),
                        test_reads);
  g_test_add_func ("/casement/vault/io-errors/creation", test_creation);
  return g_test_run ();
}
