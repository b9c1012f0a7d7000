/* csm-power-harness.c: a case on a disk that loses power, beside a database that does not
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-power-harness.h"

#include "base/csm-hash.h"
#include "vault/csm-media-private.h"

#include <errno.h>
#include <string.h>

#define ROUNDS_A_CASE 25
#define SCHEMA                                                                         \
  "CREATE TABLE t(id INTEGER PRIMARY KEY, k INT, body BLOB); CREATE INDEX tk ON t(k);" \
  "CREATE TABLE meta(seq INT); INSERT INTO meta VALUES(0);"                            \
  "CREATE TABLE media(name TEXT, key BLOB, size INT, seed INT);"                       \
  "CREATE VIRTUAL TABLE words USING fts5(body)"
/* Of each exhibit, so that it is stored in several. */
#define PART_UNITS 6

int
power_roll (int n)
{
  return g_test_rand_int_range (0, n);
}

static void
fill (uint8_t *bytes, int size, uint32_t seed)
{
  for (int i = 0; i < size; i++)
    {
      seed = seed * 1664525 + 1013904223;
      bytes[i] = (uint8_t) (seed >> 24);
    }
}

/* blob(size, seed): the same bytes in both databases. */
static void
blob_function (sqlite3_context *context, int n, sqlite3_value **values)
{
  const int size = sqlite3_value_int (values[0]);
  uint8_t *bytes = sqlite3_malloc (size + 1);

  fill (bytes, size, (uint32_t) sqlite3_value_int (values[1]));
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

void
power_harness_close (PowerHarness *self)
{
  (void) sqlite3_close_v2 (self->db); /* the power may be gone */
  self->db = NULL;
  g_clear_pointer (&self->store, csm_media_store_free);
  g_clear_pointer (&self->vault, csm_vault_close);
}

bool
power_harness_open (PowerHarness *self, GError **error)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autofree char *sql = NULL;

  self->vault = csm_vault_open (POWER_PATH, passphrase, CSM_VAULT_OPEN_WRITE, error);
  if (self->vault != NULL && csm_vault_is_read_only (self->vault))
    g_set_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_READ_ONLY,
                 "opens for reading only: freshness %d",
                 (int) csm_vault_get_freshness (self->vault));
  if (self->vault == NULL || csm_vault_is_read_only (self->vault) ||
      !csm_vault_open_database (self->vault, &self->db, error) ||
      (self->with_media &&
       (self->store = csm_media_store_open (POWER_PATH, csm_vault_get_case_id (self->vault),
                                            true, error)) == NULL))
    {
      power_harness_close (self);
      return false;
    }
  add_function (self->db);
  sql = g_strdup_printf ("PRAGMA cache_size=%d; PRAGMA wal_autocheckpoint=%d",
                         10 + power_roll (60), 20 + power_roll (200));
  (void) run (self->db, sql);
  return true;
}

void
power_harness_make_case (PowerHarness *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");

  lossy_disk_clear ();
  self->vault = csm_vault_create (POWER_PATH, passphrase, &fixture_cost, &error);
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

void
power_harness_store_exhibit (PowerHarness *self)
{
  const int size = power_roll (300000);
  const int seed = g_test_rand_int () & 0xffff;
  g_autofree uint8_t *content = g_malloc ((gsize) size + 1);
  g_autoptr (CsmMediaWriter) writer = csm_media_store_begin (self->store, NULL);
  g_autoptr (CsmMediaRef) ref = NULL;
  g_autofree char *key = NULL;

  fill (content, size, (uint32_t) seed);
  if (writer != NULL && csm_media_writer_write (writer, content, (size_t) size, NULL))
    ref = csm_media_writer_finish (writer, NULL);
  if (ref == NULL)
    return;
  key = csm_hex_encode (csm_secret_peek (ref->key), csm_secret_get_size (ref->key));
  g_ptr_array_add (self->sql, g_strdup_printf ("INSERT INTO media VALUES('%s', x'%s', %d, %d)",
                                               ref->name, key, size, seed));
}

void
power_harness_make_transaction (PowerHarness *self)
{
  const int n = power_roll (10) == 0 ? 60 + power_roll (200) : 1 + power_roll (6);

  g_ptr_array_set_size (self->sql, 0);
  for (int i = 0; i < n; i++)
    {
      const int id = 1 + power_roll (400);
      const int what = power_roll (10);
      char *sql;

      if (what < 6)
        sql = g_strdup_printf ("INSERT OR REPLACE INTO t VALUES(%d, %d, blob(%d, %d))", id,
                               power_roll (1000),
                               power_roll (8) == 0 ? power_roll (20000) : power_roll (900),
                               g_test_rand_int () & 0xffff);
      else if (what < 8)
        sql = g_strdup_printf ("DELETE FROM t WHERE id = %d", id);
      else if (what < 9)
        sql = g_strdup_printf ("UPDATE t SET k = k + 1 WHERE id BETWEEN %d AND %d", id,
                               id + power_roll (20));
      else
        sql = g_strdup_printf ("INSERT INTO words VALUES('word%d alpha%d beta%d')",
                               power_roll (500), power_roll (50), power_roll (9));
      g_ptr_array_add (self->sql, sql);
    }
  if (power_roll (4) == 0)
    g_ptr_array_add (self->sql, g_strdup ("SAVEPOINT a; DELETE FROM t WHERE id > 200;"
                                          "ROLLBACK TO a; RELEASE a"));
  if (self->store != NULL && power_roll (20) == 0)
    power_harness_store_exhibit (self);
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
confirm (PowerHarness *self)
{
  g_assert_true (run_transaction (self->shadow, self->sql));
  self->seq++;
  self->in_flight = false;
}

bool
power_harness_commit (PowerHarness *self)
{
  self->in_flight = true;
  if (!run_transaction (self->db, self->sql))
    return false;
  confirm (self);
  return true;
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
                          "UNION ALL SELECT size, seed, name || hex(key) FROM media "
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

/* Every exhibit whose key was committed is there, with its own bytes. */
static bool
has_media (PowerHarness *self, GError **error)
{
  sqlite3_stmt *query = NULL;
  bool holds = sqlite3_prepare_v2 (self->db, "SELECT name, key, size, seed FROM media", -1,
                                   &query, NULL) == SQLITE_OK;

  while (holds && sqlite3_step (query) == SQLITE_ROW)
    {
      const int size = sqlite3_column_int (query, 2);
      g_autofree uint8_t *expected = g_malloc ((gsize) size + 1);
      g_autofree uint8_t *content = g_malloc ((gsize) size + 1);
      g_autoptr (CsmMediaRef) ref = g_new0 (CsmMediaRef, 1);
      g_autoptr (CsmByteSource) source = NULL;

      g_strlcpy (ref->name, (const char *) sqlite3_column_text (query, 0), sizeof ref->name);
      ref->key = csm_secret_new_from (sqlite3_column_blob (query, 1),
                                      (size_t) sqlite3_column_bytes (query, 1));
      ref->size = size;
      fill (expected, size, (uint32_t) sqlite3_column_int (query, 3));
      source = csm_media_store_read (self->store, ref, error);
      holds = source != NULL &&
              csm_byte_source_read_at (source, 0, content, (size_t) size, error) == size &&
              memcmp (content, expected, (size_t) size) == 0 &&
              csm_media_store_check (self->store, ref, NULL, NULL, NULL, error);
    }
  sqlite3_finalize (query);
  return holds;
}

/* The case must hold what was committed, or that and the transaction in flight. */
static bool
agrees (PowerHarness *self)
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
is_sound (PowerHarness *self, GError **error)
{
  if (!csm_vault_check (self->vault, NULL, error))
    return false;
  if (fixture_query (self->db, "SELECT count(*) FROM pragma_integrity_check "
                               "WHERE integrity_check = 'ok'") == 1 &&
      run (self->db, "INSERT INTO words(words) VALUES('integrity-check')") == SQLITE_OK)
    return true;
  g_set_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED, "the database is not sound: %s",
               sqlite3_errmsg (self->db));
  return false;
}

bool
power_harness_check (PowerHarness *self, GError **error)
{
  if (!is_sound (self, error))
    return false;
  if (!agrees (self))
    {
      g_set_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED, "commits are lost");
      return false;
    }
  if (self->store == NULL || has_media (self, error))
    return true;
  if (error != NULL && *error == NULL)
    g_set_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED, "an exhibit is lost");
  return false;
}

/* After an error that was not the end: the case is closed and opened again, as the app does. */
static bool
reopen_after_error (PowerHarness *self)
{
  lossy_disk_fail (NULL);
  power_harness_close (self);
  return lossy_disk_is_dead () || (power_harness_open (self, NULL) && agrees (self));
}

static void
fail_once (int after)
{
  lossy_disk_fail (
      &(CsmLossyFailure){ LOSSY_CHANGES, after, power_roll (2) != 0 ? EIO : ENOSPC, false });
}

/* Commits until the power goes. */
static bool
work (PowerHarness *self)
{
  for (int n = 0; n < 2000 && !lossy_disk_is_dead (); n++)
    {
      if (self->with_errors && power_roll (3) == 0)
        fail_once (power_roll (60));
      power_harness_make_transaction (self);
      if (!power_harness_commit (self) && !lossy_disk_is_dead ())
        {
          if (!self->with_errors)
            return false;
          if (!reopen_after_error (self))
            return lossy_disk_is_dead ();
        }
      if (!lossy_disk_is_dead () && self->db != NULL && power_roll (30) == 0)
        (void) run (self->db,
                    power_roll (3) != 0 ? "PRAGMA wal_checkpoint(TRUNCATE)" : "VACUUM");
    }
  lossy_disk_fail (NULL);
  return true;
}

/* The process alone was killed, and not the power: whoever opens the case again is shown what
 * nobody has synced yet, and the power goes then. */
static bool
work_after_kill (PowerHarness *self, GError **error)
{
  lossy_disk_restart ();
  if (!power_harness_open (self, error))
    return false;
  if (!agrees (self))
    {
      g_set_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED,
                   "commits are lost to a kill");
      return false;
    }
  lossy_disk_cut_after (power_roll (60));
  return work (self);
}

bool
power_harness_run_round (PowerHarness *self)
{
  g_autoptr (GError) error = NULL;
  bool holds = true;

  if (!power_harness_open (self, &error))
    return false;
  lossy_disk_cut_after (power_roll (400));
  holds = work (self);
  if (!lossy_disk_is_dead ())
    lossy_disk_cut_after (0);
  power_harness_close (self);
  /* After a kill nobody knows what a sync that failed has dropped: see FORMAT.md, section 8. */
  if (holds && !lossy_disk_has_dropped () && power_roll (3) == 0)
    {
      holds = work_after_kill (self, &error);
      power_harness_close (self);
    }
  lossy_disk_power_on ();
  /* And again, while it recovers. */
  for (int again = 0; holds && again < 3 && power_roll (2) == 0; again++)
    {
      lossy_disk_cut_after (power_roll (40));
      if (power_harness_open (self, NULL))
        (void) run (self->db, power_roll (2) != 0 ? "PRAGMA wal_checkpoint(TRUNCATE)"
                                                  : "SELECT count(*) FROM t");
      lossy_disk_cut_after (0);
      power_harness_close (self);
      lossy_disk_power_on ();
    }
  if (!holds && error == NULL)
    g_set_error (&error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_IO, "failed without a power cut");
  if (holds && power_harness_open (self, &error))
    (void) power_harness_check (self, &error);
  power_harness_close (self);
  if (error != NULL)
    g_test_message ("%s", error->message);
  return error == NULL;
}

void
power_harness_init (PowerHarness *self)
{
  self->sql = g_ptr_array_new_with_free_func (g_free);
  csm_media_set_part_units (PART_UNITS);
}

void
power_harness_clear (PowerHarness *self)
{
  power_harness_close (self);
  sqlite3_close (self->shadow);
  g_ptr_array_unref (self->sql);
  csm_media_set_part_units (0);
}

int
power_harness_run (PowerHarness *self, const CsmLossyConfig *config, int rounds)
{
  int failed = 0;
  int64_t commits = 0;

  power_harness_init (self);
  lossy_disk_start (config);
  for (int round = 0; round < rounds; round++)
    {
      if (round % ROUNDS_A_CASE == 0)
        {
          commits += self->seq;
          power_harness_make_case (self);
        }
      if (!power_harness_run_round (self))
        {
          failed++;
          commits += self->seq;
          power_harness_close (self);
          lossy_disk_power_on ();
          power_harness_make_case (self);
        }
    }
  g_test_message ("%d rounds, %" G_GINT64_FORMAT " commits, %d failed", rounds,
                  commits + self->seq, failed);
  power_harness_clear (self);
  lossy_disk_stop ();
  return failed;
}
