/* test-power.c: power cuts at random moments, against a database in memory that saw the same
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-lossy-disk.h"
#include "csm-vault-fixture.h"

#include <string.h>

#define PATH "/case.casement"
/* Of each fault model; "-m slow" for the long run. */
#define ROUNDS (g_test_slow () ? 2000 : 100)
#define ROUNDS_A_CASE 25
#define SCHEMA                                                                         \
  "CREATE TABLE t(id INTEGER PRIMARY KEY, k INT, body BLOB); CREATE INDEX tk ON t(k);" \
  "CREATE TABLE meta(seq INT); INSERT INTO meta VALUES(0);"                            \
  "CREATE VIRTUAL TABLE words USING fts5(body)"

typedef struct
{
  sqlite3 *shadow; /* in memory: what was committed */
  GPtrArray *sql;  /* the transaction in hand */
  int64_t seq;     /* of the last commit */
  bool in_flight;  /* the transaction in hand may or may not be on the disk */
  bool with_errors;
  bool lies; /* the disk says that it synced, once the case is made */

  CsmVault *vault;
  sqlite3 *db;
} Harness;

static int
roll (int n)
{
  return g_test_rand_int_range (0, n);
}

/* blob(size, seed): the same bytes in both databases. */
static void
blob_function (sqlite3_context *context, int n, sqlite3_value **values)
{
  const int size = sqlite3_value_int (values[0]);
  uint32_t seed = (uint32_t) sqlite3_value_int (values[1]);
  uint8_t *bytes = sqlite3_malloc (size + 1);

  for (int i = 0; i < size; i++)
    {
      seed = seed * 1664525 + 1013904223;
      bytes[i] = (uint8_t) (seed >> 24);
    }
  sqlite3_result_blob (context, bytes, size, sqlite3_free);
}

static void
add_function (sqlite3 *db)
{
  g_assert_cmpint (
      sqlite3_create_function (db, "blob", 2, SQLITE_UTF8, NULL, blob_function, NULL, NULL), ==,
      SQLITE_OK);
}

static int
run (sqlite3 *db, const char *sql)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL);
}

static void
close_case (Harness *self)
{
  (void) sqlite3_close_v2 (self->db); /* the power may be gone */
  self->db = NULL;
  g_clear_pointer (&self->vault, csm_vault_close);
}

/* False while the power goes. */
static bool
open_case (Harness *self, GError **error)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autofree char *sql = NULL;

  self->vault = csm_vault_open (PATH, passphrase, false, error);
  if (self->vault == NULL || !csm_vault_open_database (self->vault, &self->db, error))
    {
      g_clear_pointer (&self->vault, csm_vault_close);
      return false;
    }
  add_function (self->db);
  sql = g_strdup_printf ("PRAGMA cache_size=%d; PRAGMA wal_autocheckpoint=%d", 10 + roll (60),
                         20 + roll (200));
  (void) run (self->db, sql);
  return true;
}

static void
make_case (Harness *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");

  lossy_disk_clear ();
  self->vault = csm_vault_create (PATH, passphrase, &fixture_cost, &error);
  g_assert_no_error (error);
  self->db = fixture_open_database (self->vault);
  fixture_exec (self->db, SCHEMA);
  g_assert_cmpint (sqlite3_close (self->db), ==, SQLITE_OK);
  self->db = NULL;
  csm_vault_publish (self->vault, &error);
  g_assert_no_error (error);
  g_clear_pointer (&self->vault, csm_vault_close);

  sqlite3_close (self->shadow);
  g_assert_cmpint (sqlite3_open (":memory:", &self->shadow), ==, SQLITE_OK);
  add_function (self->shadow);
  fixture_exec (self->shadow, SCHEMA);
  lossy_disk_lie (self->lies);
  self->seq = 0;
  self->in_flight = false;
}

static void
make_transaction (Harness *self)
{
  const int n = roll (10) == 0 ? 60 + roll (200) : 1 + roll (6);

  g_ptr_array_set_size (self->sql, 0);
  for (int i = 0; i < n; i++)
    {
      const int id = 1 + roll (400);
      const int what = roll (10);
      char *sql;

      if (what < 6)
        sql = g_strdup_printf ("INSERT OR REPLACE INTO t VALUES(%d, %d, blob(%d, %d))", id,
                               roll (1000), roll (8) == 0 ? roll (20000) : roll (900),
                               g_test_rand_int () & 0xffff);
      else if (what < 8)
        sql = g_strdup_printf ("DELETE FROM t WHERE id = %d", id);
      else if (what < 9)
        sql = g_strdup_printf ("UPDATE t SET k = k + 1 WHERE id BETWEEN %d AND %d", id,
                               id + roll (20));
      else
        sql = g_strdup_printf ("INSERT INTO words VALUES('word%d alpha%d beta%d')", roll (500),
                               roll (50), roll (9));
      g_ptr_array_add (self->sql, sql);
    }
  if (roll (4) == 0)
    g_ptr_array_add (self->sql, g_strdup ("SAVEPOINT a; DELETE FROM t WHERE id > 200;"
                                          "ROLLBACK TO a; RELEASE a"));
  g_ptr_array_add (self->sql,
                   g_strdup_printf ("UPDATE meta SET seq = %" G_GINT64_FORMAT, self->seq + 1));
}

static bool
run_transaction (sqlite3 *db, GPtrArray *statements)
{
  int rc = run (db, "BEGIN");

  for (guint i = 0; rc == SQLITE_OK && i < statements->len; i++)
    rc = run (db, g_ptr_array_index (statements, i));
  if (rc == SQLITE_OK)
    rc = run (db, "COMMIT");
  if (rc != SQLITE_OK)
    (void) run (db, "ROLLBACK");
  return rc == SQLITE_OK;
}

static void
confirm (Harness *self)
{
  g_assert_true (run_transaction (self->shadow, self->sql));
  self->seq++;
  self->in_flight = false;
}

/* (transfer full): everything that both databases must agree on. */
static char *
digest (sqlite3 *db)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  sqlite3_stmt *query = NULL;
  int rc =
      sqlite3_prepare_v2 (db,
                          "SELECT id, k, body FROM t UNION ALL SELECT seq, 0, '' FROM meta "
                          "UNION ALL SELECT 0, 1, group_concat(body) FROM words "
                          "ORDER BY 1, 2",
                          -1, &query, NULL);

  while (rc == SQLITE_OK || rc == SQLITE_ROW)
    {
      rc = sqlite3_step (query);
      if (rc != SQLITE_ROW)
        break;
      for (int column = 0; column < 3; column++)
        {
          const void *data = sqlite3_column_blob (query, column);
          const int size = sqlite3_column_bytes (query, column);

          g_checksum_update (sum, data != NULL ? data : (const void *) "", size);
          g_checksum_update (sum, (const guchar *) "|", 1);
        }
    }
  sqlite3_finalize (query);
  return rc == SQLITE_DONE ? g_strdup (g_checksum_get_string (sum)) : g_strdup ("unreadable");
}

/* The case must hold what was committed, or that and the transaction in flight. */
static bool
agrees (Harness *self)
{
  g_autofree char *real = digest (self->db);
  g_autofree char *expected = digest (self->shadow);

  if (g_str_equal (real, expected))
    {
      self->in_flight = false;
      return true;
    }
  if (!self->in_flight)
    return false;
  confirm (self);
  g_free (expected);
  expected = digest (self->shadow);
  return g_str_equal (real, expected);
}

static bool
is_sound (Harness *self)
{
  return fixture_query (self->db, "SELECT count(*) FROM pragma_integrity_check "
                                  "WHERE integrity_check = 'ok'") == 1 &&
         run (self->db, "INSERT INTO words(words) VALUES('integrity-check')") == SQLITE_OK &&
         csm_vault_check (self->vault, NULL, NULL);
}

/* After an error that was not the end: the case is closed and opened again, as the app does. */
static bool
reopen_after_error (Harness *self)
{
  lossy_disk_fail_after (-1);
  close_case (self);
  return lossy_disk_is_dead () || (open_case (self, NULL) && agrees (self));
}

/* Commits until the power goes. */
static bool
work (Harness *self)
{
  for (int n = 0; n < 2000 && !lossy_disk_is_dead (); n++)
    {
      make_transaction (self);
      if (self->with_errors && roll (3) == 0)
        lossy_disk_fail_after (roll (60));
      self->in_flight = true;
      if (run_transaction (self->db, self->sql))
        confirm (self);
      else if (!lossy_disk_is_dead () && !self->with_errors)
        return false;
      else if (!lossy_disk_is_dead () && !reopen_after_error (self))
        return lossy_disk_is_dead ();
      if (!lossy_disk_is_dead () && self->db != NULL && roll (30) == 0)
        (void) run (self->db, roll (3) != 0 ? "PRAGMA wal_checkpoint(TRUNCATE)" : "VACUUM");
    }
  lossy_disk_fail_after (-1);
  return true;
}

static bool
run_round (Harness *self)
{
  g_autoptr (GError) error = NULL;
  bool holds = true;

  if (!open_case (self, &error))
    return false;
  lossy_disk_cut_after (roll (400));
  holds = work (self);
  if (!lossy_disk_is_dead ())
    lossy_disk_cut_after (0);
  close_case (self);
  lossy_disk_power_on ();
  /* And again, while it recovers. */
  for (int again = 0; holds && again < 3 && roll (2) == 0; again++)
    {
      lossy_disk_cut_after (roll (40));
      if (open_case (self, NULL))
        (void) run (self->db, roll (2) != 0 ? "PRAGMA wal_checkpoint(TRUNCATE)"
                                            : "SELECT count(*) FROM t");
      lossy_disk_cut_after (0);
      close_case (self);
      lossy_disk_power_on ();
    }
  if (!holds || !open_case (self, &error))
    {
      g_test_message ("%s", error != NULL ? error->message : "failed without a power cut");
      return false;
    }
  holds = is_sound (self) && agrees (self);
  close_case (self);
  return holds;
}

/* Returns how many rounds did not hold. */
static int
run_rounds (int sector, bool with_errors, bool lies, int rounds)
{
  Harness self = { .with_errors = with_errors, .lies = lies };
  const CsmLossyConfig config = { sector };
  int failed = 0;
  int64_t commits = 0;

  self.sql = g_ptr_array_new_with_free_func (g_free);
  lossy_disk_start (&config);
  for (int round = 0; round < rounds; round++)
    {
      if (round % ROUNDS_A_CASE == 0)
        {
          commits += self.seq;
          make_case (&self);
        }
      if (!run_round (&self))
        {
          failed++;
          commits += self.seq;
          close_case (&self);
          lossy_disk_power_on ();
          make_case (&self);
        }
    }
  g_test_message ("%d rounds, %" G_GINT64_FORMAT " commits, %d failed", rounds,
                  commits + self.seq, failed);
  sqlite3_close (self.shadow);
  g_ptr_array_unref (self.sql);
  lossy_disk_stop ();
  return failed;
}

static void
test_own_bytes (void)
{
  g_assert_cmpint (run_rounds (0, false, false, ROUNDS), ==, 0);
}

static void
test_small_sectors (void)
{
  g_assert_cmpint (run_rounds (512, false, false, ROUNDS), ==, 0);
}

static void
test_large_sectors_and_errors (void)
{
  g_assert_cmpint (run_rounds (4096, true, false, ROUNDS), ==, 0);
}

/* Were nothing ever lost, the rounds above would say nothing. */
static void
test_a_lying_disk_is_noticed (void)
{
  g_assert_cmpint (run_rounds (0, false, true, 12), >, 0);
}

/* The power goes while the case is made: it is there whole or not at all. */
static void
test_creation (void)
{
  int done = 0;

  lossy_disk_start (&(CsmLossyConfig){ 512 });
  for (int n = 0; n < 60; n++)
    {
      g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
      g_autoptr (CsmVault) vault = NULL;
      sqlite3 *db = NULL;
      bool published = false;

      lossy_disk_clear ();
      lossy_disk_cut_after (n);
      vault = csm_vault_create (PATH, passphrase, &fixture_cost, NULL);
      if (vault != NULL && csm_vault_open_database (vault, &db, NULL))
        {
          const bool made = run (db, SCHEMA) == SQLITE_OK;

          published =
              sqlite3_close (db) == SQLITE_OK && made && csm_vault_publish (vault, NULL);
        }
      lossy_disk_cut_after (0);
      g_clear_pointer (&vault, csm_vault_close);
      lossy_disk_power_on ();
      if (csm_disk_get ()->exists (PATH))
        {
          vault = fixture_open (PATH, false);
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
  g_autoptr (CsmVault) vault = csm_vault_open (PATH, passphrase, false, &error);

  if (vault == NULL)
    g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  return vault != NULL;
}

/* The power goes while the passphrase changes: one of the two opens, never both. */
static void
test_passphrase (void)
{
  Harness self = { .sql = NULL };

  lossy_disk_start (&(CsmLossyConfig){ 512 });
  for (int n = 0; n < 80; n++)
    {
      g_autoptr (CsmSecret) passphrase = fixture_secret ("other");
      g_autoptr (CsmVault) vault = NULL;
      bool changed;
      bool old;

      make_case (&self);
      vault = fixture_open (PATH, false);
      lossy_disk_cut_after (n % 5);
      changed = csm_vault_change_passphrase (vault, passphrase, NULL, NULL, NULL);
      lossy_disk_cut_after (0);
      g_clear_pointer (&vault, csm_vault_close);
      lossy_disk_power_on ();
      old = opens_with ("pass");
      g_assert_true (old != opens_with ("other"));
      g_assert_false (changed && old);
    }
  sqlite3_close (self.shadow);
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
  g_test_add_func ("/casement/vault/power/a-lying-disk-is-noticed",
                   test_a_lying_disk_is_noticed);
  g_test_add_func ("/casement/vault/power/creation", test_creation);
  g_test_add_func ("/casement/vault/power/passphrase", test_passphrase);
  return g_test_run ();
}
