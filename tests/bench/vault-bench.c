/* vault-bench.c: the same work on a case file, on plain SQLite and on SQLCipher
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef WITH_SQLCIPHER
#define SQLITE_HAS_CODEC 1
#include <sqlcipher/sqlite3.h>
#else
#include "base/csm-hash-thread.h"
#include "vault/csm-media-store.h"
#include "vault/csm-vault-database.h"

#include <sqlite3.h>
#endif

#include <glib.h>
#include <glib/gstdio.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define N_TEXTS 150000
#define N_ROWS 100000
#define N_POINTS 20000
#define N_SEARCHES 200
#define N_COMMITS 1000
#define MEDIA_SIZE (512 << 20)
#define MEDIA_BUFFER (256 << 10) /* as intake reads */
#define MEDIA_READ (64 << 10)
#define N_MEDIA_READS 8000

typedef struct
{
  const char *folder;
  sqlite3 *db;
  GRand *rand;
  bool is_case; /* else as the library comes */
  double wall, cpu;
#ifndef WITH_SQLCIPHER
  CsmVault *vault;
#endif
} Bench;

static double
get_wall (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

static double
get_cpu (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

static void
start (Bench *self)
{
  self->wall = get_wall ();
  self->cpu = get_cpu ();
}

static void
say (Bench *self, const char *what)
{
  printf ("%s\t%.6f\t%.6f\n", what, get_wall () - self->wall, get_cpu () - self->cpu);
}

static void
check (Bench *self, int rc, const char *what)
{
  if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE)
    g_error ("%s: %s", what, sqlite3_errmsg (self->db));
}

static void
run (Bench *self, const char *sql)
{
  check (self, sqlite3_exec (self->db, sql, NULL, NULL, NULL), sql);
}

static sqlite3_stmt *
prepare (Bench *self, const char *sql)
{
  sqlite3_stmt *statement = NULL;

  check (self, sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL), sql);
  return statement;
}

static char *
get_path (Bench *self)
{
  return g_build_filename (self->folder, "bench.casement", NULL);
}

#ifndef WITH_SQLCIPHER
static void
open_case (Bench *self, bool create)
{
  /* The key is derived in no time. */
  const CsmVaultCost cost = { 1, 8192 };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = get_path (self);
  g_autoptr (CsmSecret) passphrase = csm_secret_new_from ("bench", 5);

  self->vault = create ? csm_vault_create (path, passphrase, &cost, &error)
                       : csm_vault_open (path, passphrase, false, &error);
  g_assert_no_error (error);
  if (!csm_vault_open_database (self->vault, &self->db, &error))
    g_error ("%s", error->message);
}
#endif

/* As the vault sets its own connection up. */
static void
open_plain (Bench *self)
{
  g_autofree char *path = get_path (self);

  if (sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
      SQLITE_OK)
    g_error ("cannot open");
#ifdef WITH_SQLCIPHER
  run (self,
       "PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\"");
  run (self, "PRAGMA cipher_page_size = 4096");
#endif
  run (self, "PRAGMA page_size = 4096; PRAGMA locking_mode = EXCLUSIVE;"
             "PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL;"
             "PRAGMA cache_spill = OFF");
}

static void
open_database (Bench *self, bool create, int cache_kib)
{
  g_autofree char *cache = g_strdup_printf ("PRAGMA cache_size = -%d", cache_kib);

#ifndef WITH_SQLCIPHER
  if (self->is_case)
    open_case (self, create);
  else
#endif
    open_plain (self);
  run (self, cache);
}

static void
close_database (Bench *self, bool created)
{
  check (self, sqlite3_close (self->db), "close");
#ifndef WITH_SQLCIPHER
  if (self->is_case && created)
    {
      g_autofree char *path = get_path (self);
      g_autoptr (GError) error = NULL;

      /* The freshness tables lie in its folder. */
      csm_media_store_free (
          csm_media_store_open (path, csm_vault_get_case_id (self->vault), true, &error));
      g_assert_no_error (error);
      csm_vault_publish (self->vault, &error);
      g_assert_no_error (error);
    }
  if (self->is_case)
    csm_vault_close (self->vault);
#endif
}

/* Every third word is a frequent one. */
static void
add_words (Bench *self, GString *text, int n)
{
  g_string_set_size (text, 0);
  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "w%05d ",
                            g_rand_int_range (self->rand, 0, i % 3 == 0 ? 200 : 20000));
}

/* --- the work --- */

#ifdef WITH_SQLCIPHER
#define SEARCH_SQL "CREATE VIRTUAL TABLE search USING fts4 (body, content='text')"
#define INDEX_SQL "INSERT INTO search (docid, body) VALUES (?, ?)"
#else
#define SEARCH_SQL \
  "CREATE VIRTUAL TABLE search USING fts5 (body, content = 'text', content_rowid = 'id')"
#define INDEX_SQL "INSERT INTO search (rowid, body) VALUES (?, ?)"
#endif

/* 225 MB with the search index. */
static void
build (Bench *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *add, *index;

  open_database (self, true, 64 * 1024);
  close_database (self, true);
  open_database (self, false, 64 * 1024);
  run (self, "CREATE TABLE text (id INTEGER PRIMARY KEY, time INT, body TEXT);" SEARCH_SQL ";"
             "CREATE TABLE row (id INTEGER PRIMARY KEY, source INT, time INT, author TEXT,"
             " body TEXT, hash BLOB); CREATE INDEX row_source ON row (source, time)");
  add = prepare (self, "INSERT INTO text (id, time, body) VALUES (?, ?, ?)");
  index = prepare (self, INDEX_SQL);
  for (int i = 1; i <= N_TEXTS; i++)
    {
      if (i % 10000 == 1)
        run (self, i > 1 ? "COMMIT; BEGIN" : "BEGIN");
      add_words (self, text, g_rand_int_range (self->rand, 100, 160));
      sqlite3_bind_int (add, 1, i);
      sqlite3_bind_int (add, 2, (int) g_rand_int (self->rand));
      sqlite3_bind_text (add, 3, text->str, -1, SQLITE_STATIC);
      check (self, sqlite3_step (add), "add a text");
      sqlite3_reset (add);
      sqlite3_bind_int (index, 1, i);
      sqlite3_bind_text (index, 2, text->str, -1, SQLITE_STATIC);
      check (self, sqlite3_step (index), "index a text");
      sqlite3_reset (index);
    }
  run (self, "COMMIT");
  sqlite3_finalize (add);
  sqlite3_finalize (index);
  run (self, "PRAGMA wal_checkpoint (TRUNCATE)");
  close_database (self, false);
}

static void
read_points (Bench *self)
{
  sqlite3_stmt *read = prepare (self, "SELECT length (body) FROM text WHERE id = ?");

  for (int i = 0; i < N_POINTS; i++)
    {
      sqlite3_bind_int (read, 1, g_rand_int_range (self->rand, 1, N_TEXTS + 1));
      check (self, sqlite3_step (read), "read a text");
      sqlite3_reset (read);
    }
  sqlite3_finalize (read);
}

static void
scan (Bench *self)
{
  run (self, "SELECT sum (length (body)) FROM text");
}

#ifndef WITH_SQLCIPHER
static void
search (Bench *self)
{
  sqlite3_stmt *read =
      prepare (self, "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rank LIMIT 20");

  for (int i = 0; i < N_SEARCHES; i++)
    {
      g_autofree char *words =
          g_strdup_printf ("w%05d w%05d", g_rand_int_range (self->rand, 0, 200),
                           g_rand_int_range (self->rand, 200, 20000));
      int rc;

      sqlite3_bind_text (read, 1, words, -1, SQLITE_STATIC);
      while ((rc = sqlite3_step (read)) == SQLITE_ROW)
        ;
      check (self, rc, "search");
      sqlite3_reset (read);
    }
  sqlite3_finalize (read);
}
#endif

static void
add_row (Bench *self, sqlite3_stmt *add, GString *text)
{
  add_words (self, text, 25);
  sqlite3_bind_int (add, 1, g_rand_int_range (self->rand, 0, 500));
  sqlite3_bind_int (add, 2, (int) g_rand_int (self->rand));
  sqlite3_bind_text (add, 3, text->str, -1, SQLITE_STATIC);
  sqlite3_bind_blob (add, 4, text->str, 32, SQLITE_STATIC);
  check (self, sqlite3_step (add), "add a row");
  sqlite3_reset (add);
}

static const char add_row_sql[] =
    "INSERT INTO row (source, time, author, body, hash) VALUES (?, ?, 'reviewer', ?, ?)";

static void
add_rows (Bench *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *add = prepare (self, add_row_sql);

  run (self, "BEGIN");
  for (int i = 0; i < N_ROWS; i++)
    add_row (self, add, text);
  run (self, "COMMIT");
  sqlite3_finalize (add);
}

static int
compare_doubles (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* The median's wall clock; all of them's CPU. */
static void
commit_rows (Bench *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *add = prepare (self, add_row_sql);
  static double spent[N_COMMITS];

  self->cpu = get_cpu ();
  for (int i = 0; i < N_COMMITS; i++)
    {
      const double before = get_wall ();

      add_row (self, add, text);
      spent[i] = get_wall () - before;
    }
  sqlite3_finalize (add);
  qsort (spent, N_COMMITS, sizeof spent[0], compare_doubles);
  printf ("commit\t%.6f\t%.6f\n", spent[N_COMMITS / 2], (get_cpu () - self->cpu) / N_COMMITS);
}

static void
read_all (Bench *self, int cache_kib, const char *suffix)
{
  static const struct
  {
    const char *name;
    void (*work) (Bench *self);
  } works[] = {
    { "points", read_points },
    { "scan", scan },
#ifndef WITH_SQLCIPHER
    { "search", search },
#endif
  };

  open_database (self, false, cache_kib);
  scan (self);
  read_points (self);
  for (size_t i = 0; i < G_N_ELEMENTS (works); i++)
    {
      g_autofree char *name = g_strconcat (works[i].name, suffix, NULL);

      start (self);
      works[i].work (self);
      say (self, name);
    }
  close_database (self, false);
}

static void
write_all (Bench *self)
{
  open_database (self, false, 2000);
  start (self);
  add_rows (self);
  say (self, "rows");
  run (self, "PRAGMA wal_checkpoint (TRUNCATE)");
  commit_rows (self);
  close_database (self, false);
}

static void
open_again (Bench *self, const char *what)
{
  start (self);
  open_database (self, false, 2000);
  run (self, "SELECT count (*) FROM sqlite_master");
  say (self, what);
  close_database (self, false);
}

#ifndef WITH_SQLCIPHER
/* As intake does it. */
static CsmByteSource *
write_media (Bench *self, uint8_t *buffer)
{
  static const uint8_t case_id[16] = { 1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = get_path (self);
  g_autoptr (CsmHashThread) hash = csm_hash_thread_new ();
  g_autoptr (CsmMediaStore) store = csm_media_store_create (path, case_id, &error);
  g_autoptr (CsmMediaWriter) writer = NULL;
  g_autoptr (CsmMediaRef) ref = NULL;
  CsmByteSource *source;
  CsmDigest digest;

  g_assert_no_error (error);
  start (self);
  writer = csm_media_store_begin (store, &error);
  g_assert_no_error (error);
  for (int done = 0; done < MEDIA_SIZE; done += MEDIA_BUFFER)
    {
      csm_hash_thread_begin (hash, buffer, MEDIA_BUFFER);
      csm_media_writer_write (writer, buffer, MEDIA_BUFFER, &error);
      g_assert_no_error (error);
      csm_hash_thread_wait (hash);
    }
  csm_hash_thread_finish (hash, &digest);
  ref = csm_media_writer_finish (writer, &error);
  g_assert_no_error (error);
  say (self, "media write, hashed");
  source = csm_media_store_read (store, ref, &error);
  g_assert_no_error (error);
  return source;
}

/* What its peer does: the hash alone; a file that is read as it is. */
static int
write_plain (Bench *self, uint8_t *buffer)
{
  g_autoptr (CsmHasher) hasher = csm_hasher_new ();
  g_autofree char *path = get_path (self);
  const int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CsmDigest digest;

  start (self);
  for (int done = 0; done < MEDIA_SIZE; done += MEDIA_BUFFER)
    csm_hasher_update (hasher, buffer, MEDIA_BUFFER);
  csm_hasher_finish (hasher, &digest);
  say (self, "media write, hashed");
  for (int done = 0; done < MEDIA_SIZE; done += MEDIA_BUFFER)
    g_assert_cmpint (pwrite (fd, buffer, MEDIA_BUFFER, done), ==, MEDIA_BUFFER);
  return fd;
}

static void
media_all (Bench *self)
{
  g_autofree uint8_t *buffer = g_malloc (MEDIA_BUFFER);
  CsmByteSource *source = NULL;
  int fd = -1;

  for (int i = 0; i < MEDIA_BUFFER; i++)
    buffer[i] = (uint8_t) g_rand_int (self->rand);
  if (self->is_case)
    source = write_media (self, buffer);
  else
    fd = write_plain (self, buffer);
  start (self);
  for (int i = 0; i < N_MEDIA_READS; i++)
    {
      const int64_t at = g_rand_int_range (self->rand, 0, MEDIA_SIZE - MEDIA_READ);
      const ssize_t n = self->is_case
                            ? csm_byte_source_read_at (source, at, buffer, MEDIA_READ, NULL)
                            : pread (fd, buffer, MEDIA_READ, at);

      g_assert_cmpint (n, ==, MEDIA_READ);
    }
  say (self, "media reads, 500 MiB");
  if (self->is_case)
    csm_byte_source_unref (source);
  else
    close (fd);
}
#endif

/* vault-bench ENGINE FOLDER build|measure|media */
int
main (int argc, char **argv)
{
  Bench self = { 0 };

  if (argc != 4)
    return 2;
  self.is_case = strcmp (argv[1], "case") == 0;
  self.folder = argv[2];
  self.rand = g_rand_new_with_seed (7);
  if (strcmp (argv[3], "build") == 0)
    build (&self);
#ifndef WITH_SQLCIPHER
  else if (strcmp (argv[3], "media") == 0)
    media_all (&self);
#endif
  else
    {
      g_autofree char *path = get_path (&self);
      GStatBuf st;

      if (g_stat (path, &st) == 0)
        printf ("size\t%.6f\t%.6f\n", (double) st.st_size / 1e6, (double) st.st_size / 1e6);
      open_again (&self, "open, copied");
      open_again (&self, "open");
      read_all (&self, 2000, "");
      read_all (&self, 64 * 1024, " 64 MB");
      write_all (&self);
    }
  g_rand_free (self.rand);
  return 0;
}
