/* test-oom.c: every allocation that SQLite makes fails in turn; and what it frees is wiped
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-lossy-disk.h"
#include "csm-vault-fixture.h"
#include "vault/csm-sqlite-memory.h"

#include <string.h>

#define PATH "/case.casement"
/* More allocations than the work below makes. */
#define MOST_ALLOCATIONS 100000
#define SCHEMA                                                                         \
  "CREATE TABLE t(id INTEGER PRIMARY KEY, k INT, body TEXT); CREATE INDEX tk ON t(k);" \
  "CREATE TABLE meta(seq INT); INSERT INTO meta VALUES(0);"                            \
  "CREATE VIRTUAL TABLE words USING fts5(body)"

static sqlite3_mem_methods real;
static int countdown; /* -1: none fails */
static bool is_persistent;
static bool was_reached;

static bool
is_failing (void)
{
  if (countdown < 0)
    return false;
  if (countdown > 0)
    {
      countdown--;
      return false;
    }
  was_reached = true;
  if (!is_persistent)
    countdown = -1;
  return true;
}

static void *
failing_malloc (int size)
{
  return is_failing () ? NULL : real.xMalloc (size);
}

static void *
failing_realloc (void *block, int size)
{
  return is_failing () ? NULL : real.xRealloc (block, size);
}

/* Blocks of the real heap, before they are given back. */
static GByteArray *left;

static void
watching_free (void *block)
{
  const int size = real.xSize (block);

  real.xFree (block);
  /* These lie in chunks that stay; the first bytes link free ones. */
  if (left != NULL && size > 2048 && size <= 4592)
    g_byte_array_append (left, (const uint8_t *) block + 64, (guint) size - 64);
}

/* Before the first use of SQLite. */
static void
put_failing_heap (void)
{
  sqlite3_mem_methods methods;

  g_assert_true (csm_sqlite_memory_protect ());
  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_GETMALLOC, &real), ==, SQLITE_OK);
  methods = real;
  methods.xMalloc = failing_malloc;
  methods.xRealloc = failing_realloc;
  methods.xFree = watching_free;
  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_MALLOC, &methods), ==, SQLITE_OK);
  countdown = -1;
}

static void
make_case (void)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = NULL;
  sqlite3 *db;

  lossy_disk_clear ();
  vault = csm_vault_create (PATH, passphrase, &fixture_cost, &error);
  g_assert_no_error (error);
  db = fixture_open_database (vault);
  fixture_exec (db, SCHEMA);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_publish (vault, &error);
  g_assert_no_error (error);
}

/* Returns how many commits were acknowledged. */
static int
work (CsmVault *vault)
{
  static const char *const statements[] = {
    "BEGIN; INSERT INTO t SELECT value, value, hex(zeroblob(400)) FROM "
    "json_each('[1,2,3,4,5,6]')",
    "BEGIN; INSERT INTO words VALUES('alpha beta gamma')",
    "BEGIN; SAVEPOINT a; UPDATE t SET k = k + 1; ROLLBACK TO a; RELEASE a;"
    "DELETE FROM t WHERE id = 3",
  };
  sqlite3 *db = NULL;
  int acknowledged = 0;

  if (!csm_vault_open_database (vault, &db, NULL))
    return 0;
  (void) sqlite3_exec (db, "PRAGMA wal_autocheckpoint=6", NULL, NULL, NULL);
  for (int i = 0; i < (int) G_N_ELEMENTS (statements); i++)
    {
      g_autofree char *sql =
          g_strdup_printf ("%s; UPDATE meta SET seq = %d; COMMIT", statements[i], i + 1);

      if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
        break;
      acknowledged = i + 1;
    }
  (void) sqlite3_exec (db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
  (void) sqlite3_close_v2 (db); /* errors are answers here */
  return acknowledged;
}

static void
check (int acknowledged)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = fixture_open (PATH, false);
  sqlite3 *db = fixture_open_database (vault);
  const int64_t seq = fixture_query (db, "SELECT seq FROM meta");

  g_assert_cmpint (seq, >=, acknowledged);
  g_assert_cmpint (seq, <=, acknowledged + 1);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==,
                   seq == 0  ? 0
                   : seq < 3 ? 6
                             : 5);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM pragma_integrity_check "
                                      "WHERE integrity_check = 'ok'"),
                   ==, 1);
  fixture_exec (db, "INSERT INTO words(words) VALUES('integrity-check')");
  csm_vault_check (vault, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_no_allocation_loses_anything (gconstpointer data)
{
  const bool loses_power = GPOINTER_TO_INT (data);
  int n = 0;

  is_persistent = loses_power;
  lossy_disk_start (&(CsmLossyConfig){ 0 });
  for (was_reached = true; was_reached && n < MOST_ALLOCATIONS; n++)
    {
      CsmVault *vault;
      int acknowledged;

      make_case ();
      vault = fixture_open (PATH, false);
      was_reached = false;
      countdown = n;
      acknowledged = work (vault);
      countdown = -1;
      csm_vault_close (vault);
      if (loses_power)
        {
          lossy_disk_cut_after (0);
          lossy_disk_power_on ();
        }
      check (acknowledged);
    }
  g_test_message ("%d allocations", n);
  g_assert_cmpint (n, >, 100);
  g_assert_false (was_reached);
  lossy_disk_stop ();
}

static void
test_what_is_freed_is_wiped (void)
{
  g_autoptr (GBytes) bytes = NULL;
  CsmVault *vault;
  sqlite3 *db;

  lossy_disk_start (&(CsmLossyConfig){ 0 });
  make_case ();
  vault = fixture_open (PATH, false);
  db = fixture_open_database (vault);
  left = g_byte_array_new ();
  fixture_exec (db, "INSERT INTO t VALUES(1, 1, 'a witness ' || hex(zeroblob(3000)));"
                    "INSERT INTO t SELECT 1 + value, 1, 'a witness here and there'"
                    "  FROM json_each('[1,2,3,4,5,6,7,8,9]')");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  g_assert_cmpuint (left->len, >, 20000);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&left));
  g_assert_false (fixture_contains (bytes, "witness"));
  lossy_disk_stop ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  put_failing_heap ();
  g_test_add_data_func ("/casement/vault/oom/once", GINT_TO_POINTER (false),
                        test_no_allocation_loses_anything);
  g_test_add_data_func ("/casement/vault/oom/from-then-on-and-a-power-cut",
                        GINT_TO_POINTER (true), test_no_allocation_loses_anything);
  g_test_add_func ("/casement/vault/oom/what-is-freed-is-wiped", test_what_is_freed_is_wiped);
  return g_test_run ();
}
