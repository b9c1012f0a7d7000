/* test-leaf.c: SQLite's pages read without SQLite, and read when they are no pages at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-leaf.h"

#include <sqlite3.h>
#include <string.h>

#define PAGE CSM_LEAF_PAGE_SIZE

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A database as a case keeps it, in memory. */
typedef struct
{
  sqlite3 *db;
  uint8_t *bytes;
  sqlite3_int64 size;
} Fixture;

static void
run (sqlite3 *db, const char *sql)
{
  char *message = NULL;

  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  int reserve = 104;

  g_assert_cmpint (sqlite3_open (":memory:", &self->db), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_file_control (self->db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve), ==,
      SQLITE_OK);
  run (self->db,
       "PRAGMA page_size = 4096; VACUUM;"
       "CREATE TABLE t (a INTEGER PRIMARY KEY, b INT, c TEXT, d BLOB) STRICT;"
       "CREATE TABLE w (k BLOB PRIMARY KEY, v TEXT, i INT) STRICT, WITHOUT ROWID;"
       "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400)"
       " INSERT INTO t SELECT n * 7, CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN n % 2"
       " WHEN 2 THEN -n * n * n WHEN 3 THEN n << 40 ELSE n END,"
       " printf ('row %d', n), CASE WHEN n % 20 = 0 THEN randomblob (n * 60)"
       " ELSE randomblob (n % 40) END FROM n;"
       "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400)"
       " INSERT INTO w SELECT randomblob (16), printf ('%.*c', n * 5, 'x'), n FROM n;");
  self->bytes = sqlite3_serialize (self->db, "main", &self->size, 0);
  g_assert_nonnull (self->bytes);
  g_assert_cmpint (self->bytes[20], ==, 104);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sqlite3_free (self->bytes);
  sqlite3_close (self->db);
}

static bool
fetch_cb (uint32_t number, int variant, uint8_t *ret_page, gpointer data)
{
  const Fixture *self = data;

  if (number == 0 || number > self->size / PAGE)
    return false;
  memcpy (ret_page, self->bytes + (size_t) (number - 1) * PAGE, PAGE);
  return true;
}

static bool
is_bytes (const CsmCell *cell, int column, sqlite3_stmt *row, int n)
{
  return cell->values[column].size == (size_t) sqlite3_column_bytes (row, n) &&
         (cell->values[column].size == 0 ||
          memcmp (csm_cell_peek (cell, column), sqlite3_column_blob (row, n),
                  cell->values[column].size) == 0);
}

/* The row of the same key is the same. */
static void
compare_table_cell (Fixture *self, const CsmCell *cell)
{
  sqlite3_stmt *row;

  sqlite3_prepare_v2 (self->db, "SELECT b, c, d FROM t WHERE a = ?", -1, &row, NULL);
  sqlite3_bind_int64 (row, 1, cell->rowid);
  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  g_assert_cmpint (cell->values[0].type, ==, CSM_CELL_NULL);
  if (cell->values[1].type == CSM_CELL_NULL)
    g_assert_cmpint (sqlite3_column_type (row, 0), ==, SQLITE_NULL);
  else
    g_assert_cmpint (cell->values[1].value, ==, sqlite3_column_int64 (row, 0));
  g_assert_cmpint (cell->values[2].type, ==, CSM_CELL_TEXT);
  g_assert_true (is_bytes (cell, 2, row, 1) && is_bytes (cell, 3, row, 2));
  sqlite3_finalize (row);
}

static void
compare_index_cell (Fixture *self, const CsmCell *cell)
{
  sqlite3_stmt *row;

  sqlite3_prepare_v2 (self->db, "SELECT v, i FROM w WHERE k = ?", -1, &row, NULL);
  sqlite3_bind_blob (row, 1, csm_cell_peek (cell, 0), (int) cell->values[0].size, NULL);
  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  g_assert_true (is_bytes (cell, 1, row, 0));
  g_assert_cmpint (cell->values[2].value, ==, sqlite3_column_int64 (row, 1));
  sqlite3_finalize (row);
}

static void
test_every_row_reads_as_sqlite_reads_it (Fixture *self, gconstpointer data)
{
  int n_table = 0, n_index = 0;

  for (uint32_t number = 1; number <= self->size / PAGE; number++)
    {
      const uint8_t *page = self->bytes + (size_t) (number - 1) * PAGE;
      const int n = csm_leaf_count (page, number);

      for (int i = 0; i < n; i++)
        {
          g_auto (CsmCell) cell = { 0 };

          if (!csm_leaf_open (page, number, i, &cell) ||
              !csm_cell_load (&cell, 0, fetch_cb, self))
            continue;
          if (cell.has_rowid && cell.n_values == 4)
            {
              compare_table_cell (self, &cell);
              n_table++;
            }
          if (!cell.has_rowid && cell.n_values == 3)
            {
              compare_index_cell (self, &cell);
              n_index++;
            }
        }
    }
  g_assert_cmpint (n_table, ==, 400);
  g_assert_cmpint (n_index, ==, 400);
}

static void
mutate (GRand *random, uint8_t *bytes, size_t size)
{
  /* The headers of page and cells are where it matters. */
  const gint32 limit = g_rand_boolean (random) ? (gint32) size : MIN ((gint32) size, 400);
  const size_t at = (size_t) g_rand_int_range (random, 0, limit);
  static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 2 };

  bytes[at] = g_rand_boolean (random) ? (uint8_t) g_rand_int (random)
                                      : odd[g_rand_int_range (random, 0, G_N_ELEMENTS (odd))];
}

/* An input of libFuzzer's target: one page of the database, and two more to overflow to. */
static void
test_mutated_pages_do_no_harm (Fixture *self, gconstpointer data)
{
  const guint32 seed = g_test_rand_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  const int n_pages = (int) (self->size / PAGE);

  g_test_message ("seed %u", seed);
  for (int round = 0; round < 20000; round++)
    {
      uint8_t input[1 + 3 * PAGE];
      const size_t size = g_rand_int_range (random, 0, 8) == 0
                              ? (size_t) g_rand_int_range (random, 0, sizeof input)
                              : sizeof input;

      input[0] = (uint8_t) (g_rand_int_range (random, 0, 16) == 0);
      for (int i = 0; i < 3; i++)
        memcpy (input + 1 + i * PAGE,
                self->bytes + (size_t) g_rand_int_range (random, 0, n_pages) * PAGE, PAGE);
      for (int n = g_rand_int_range (random, 0, 6); n > 0; n--)
        mutate (random, input, sizeof input);
      g_assert_cmpint (LLVMFuzzerTestOneInput (input, size), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/casement/casefile/leaf/every-row-reads-as-sqlite-reads-it", Fixture, NULL,
              set_up, test_every_row_reads_as_sqlite_reads_it, tear_down);
  g_test_add ("/casement/casefile/leaf/mutated-pages-do-no-harm", Fixture, NULL, set_up,
              test_mutated_pages_do_no_harm, tear_down);
  return g_test_run ();
}
