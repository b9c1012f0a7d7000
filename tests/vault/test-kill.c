/* test-kill.c: SIGKILL while a process commits: what it was told is saved is saved
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 60

/* Commits one row after another and says so, until it is killed. */
static void
commit_for_ever (const char *path, int to)
{
  CsmVault *vault = fixture_open (path, false);
  sqlite3 *db = fixture_open_database (vault);
  int64_t seq = fixture_query (db, "SELECT coalesce(max(seq), 0) FROM log");

  fixture_exec (db, "PRAGMA wal_autocheckpoint=20");
  /* Ready. */
  if (write (to, &seq, sizeof seq) != sizeof seq)
    _exit (5);
  for (;;)
    {
      g_autofree char *sql = NULL;

      seq++;
      sql = g_strdup_printf (
          "BEGIN; INSERT INTO log VALUES(%" G_GINT64_FORMAT
          ", randomblob(abs(random() %% 9000)));"
          "UPDATE log SET body = randomblob(200) WHERE seq = %" G_GINT64_FORMAT "; COMMIT",
          seq, seq - seq % 7);
      if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
        _exit (4);
      if (write (to, &seq, sizeof seq) != sizeof seq)
        _exit (5);
    }
}

/* Returns the last row that was acknowledged. @wait: lets the child open the case first. */
static int64_t
run_and_kill (const char *path, int64_t last, bool wait)
{
  int fds[2];
  int64_t seq;
  int status;
  pid_t pid;

  g_assert_cmpint (pipe (fds), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      close (fds[0]);
      commit_for_ever (path, fds[1]);
    }
  close (fds[1]);
  if (wait)
    g_assert_cmpint (read (fds[0], &seq, sizeof seq), ==, sizeof seq);
  g_usleep ((gulong) g_test_rand_int_range (0, 60000));
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  while (read (fds[0], &seq, sizeof seq) == sizeof seq)
    last = seq;
  close (fds[0]);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
  return last;
}

static void
test_acknowledged_commits_survive (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *path = fixture_make_case (folder);
  int64_t last = 0;

  {
    CsmVault *vault = fixture_open (path, false);
    sqlite3 *db = fixture_open_database (vault);

    fixture_exec (db, "CREATE TABLE log(seq INTEGER PRIMARY KEY, body BLOB)");
    g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
    csm_vault_close (vault);
  }
  for (int round = 0; round < ROUNDS; round++)
    {
      const int64_t told = run_and_kill (path, last, round % 5 != 0);
      /* Opening for reading, in the state that the kill left, sees the same. */
      CsmVault *vault = fixture_open (path, round % 2 == 0);
      sqlite3 *db = fixture_open_database (vault);

      last = fixture_query (db, "SELECT coalesce(max(seq), 0) FROM log");
      g_assert_cmpint (last, >=, told);
      g_assert_cmpint (last, <=, told + 1);
      g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM log"), ==, last);
      g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM pragma_integrity_check "
                                          "WHERE integrity_check = 'ok'"),
                       ==, 1);
      g_assert_true (csm_vault_check (vault, NULL, NULL));
      g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
      csm_vault_close (vault);
    }
  g_test_message ("%" G_GINT64_FORMAT " commits", last);
  g_assert_cmpint (last, >, 0);
  fixture_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/vault/kill/acknowledged-commits-survive",
                   test_acknowledged_commits_survive);
  return g_test_run ();
}
