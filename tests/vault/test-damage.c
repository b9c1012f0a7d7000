/* test-damage.c: what an adversary with the files can do, and what is noticed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"
#include "vault/csm-binding.h"
#include "vault/csm-disk.h"
#include "vault/csm-header.h"
#include "vault/csm-seal.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PAGE(n) (CSM_PAGES_OFFSET + (int64_t) CSM_PAGE_SIZE * ((n) -1))
#define FRAME(n) ((int64_t) CSM_WAL_SLOT_SIZE * (n))

typedef struct
{
  char *folder;
  char *path;
  char *wal_path;
  GBytes *main; /* as made: ver is 1 in all 300 rows */
} Fixture;

/* Thousands of openings: what the disk keeps after a power cut is not what is tested here. */
static int
no_sync (CsmDiskFile *file)
{
  return 0;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = fixture_make_folder ();
  self->path = fixture_make_case (self->folder);
  self->wal_path = g_strconcat (self->path, "-wal", NULL);
  self->main = fixture_read (self->path);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_bytes_unref (self->main);
  g_free (self->path);
  g_free (self->wal_path);
  fixture_remove_folder (self->folder);
}

/* (transfer full): a writable copy. */
static uint8_t *
copy_bytes (GBytes *bytes, gsize *ret_size)
{
  *ret_size = g_bytes_get_size (bytes);
  return g_memdup2 (g_bytes_get_data (bytes, NULL), *ret_size);
}

static void
put (Fixture *self, GBytes *main_bytes, GBytes *wal_bytes)
{
  fixture_write_bytes (self->path, main_bytes);
  if (wal_bytes != NULL)
    fixture_write_bytes (self->wal_path, wal_bytes);
  else
    (void) g_unlink (self->wal_path);
}

static void
run_transaction (sqlite3 *db, int ver)
{
  g_autofree char *sql = g_strdup_printf ("UPDATE t SET ver = %d", ver);

  fixture_exec (db, sql);
}

/* Leaves the files as a crash after @n_versions - 1 committed updates of all rows would. */
static void
crash_after (Fixture *self, int n_versions, GBytes **ret_main, GBytes **ret_wal)
{
  CsmVault *vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);

  for (int ver = 2; ver <= n_versions; ver++)
    run_transaction (db, ver);
  *ret_main = fixture_read (self->path);
  *ret_wal = fixture_read (self->wal_path);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  put (self, *ret_main, *ret_wal);
}

typedef enum {
  OUTCOME_REFUSED,  /* the case does not open */
  OUTCOME_DAMAGED,  /* it opens; reading or checking it fails */
  OUTCOME_LOSS,     /* it opens and says that frames of its WAL cannot be read */
  OUTCOME_REPAIRED, /* it opens and says "repaired" */
  OUTCOME_FINE,
} Outcome;

/* Opens the case and reads all of it. Rows that are read must all be of one version. */
static Outcome
try_case (Fixture *self, int64_t *ret_version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (CsmVault) vault = csm_vault_open (self->path, passphrase, false, &error);
  g_autofree char *repairs = NULL;
  g_autofree char *loss = NULL;
  sqlite3 *db = NULL;
  bool sound;

  *ret_version = 0;
  if (vault == NULL)
    return OUTCOME_REFUSED;
  repairs = csm_vault_dup_repairs (vault);
  loss = csm_vault_dup_loss (vault);
  if (!csm_vault_open_database (vault, &db, &error))
    {
      g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
      return OUTCOME_DAMAGED;
    }
  if (fixture_query (db, "SELECT count(*) FROM t") == 300)
    {
      const int64_t version = fixture_query (db, "SELECT max(ver) FROM t");

      if (version == fixture_query (db, "SELECT min(ver) FROM t"))
        *ret_version = version;
    }
  sound = fixture_query (db, "SELECT count(*) FROM pragma_integrity_check "
                             "WHERE integrity_check = 'ok'") == 1 &&
          csm_vault_check (vault, NULL, NULL);
  g_assert_true (*ret_version > 0 || !sound);
  (void) sqlite3_close (db);
  if (!sound)
    return OUTCOME_DAMAGED;
  if (repairs != NULL)
    g_assert_nonnull (strstr (repairs, "repaired"));
  if (loss != NULL)
    return OUTCOME_LOSS;
  return repairs != NULL ? OUTCOME_REPAIRED : OUTCOME_FINE;
}

static void
flip (int fd, int64_t offset)
{
  uint8_t byte;

  g_assert_cmpint (pread (fd, &byte, 1, offset), ==, 1);
  byte ^= (uint8_t) (1 << offset % 8);
  g_assert_cmpint (pwrite (fd, &byte, 1, offset), ==, 1);
}

/* What openings of a copy stand on: every bit counts. */
static void
test_every_bit_of_header_and_binding (void)
{
  const CsmBinding binding = { 7, CSM_WAL_LIVE, "generation 1234" };
  CsmBinding back;
  CsmHeader header;
  g_autoptr (CsmSecret) key = csm_secret_new_random (CSM_KEY_SIZE);
  uint8_t bytes[CSM_HEADER_SIZE];

  csm_header_init (&header, &fixture_cost);
  csm_header_encode (&header, key, bytes);
  g_assert_cmpint (csm_header_examine (bytes), ==, CSM_COPY_WHOLE);
  g_assert_true (csm_header_has_mac (bytes, key));
  for (int bit = 0; bit < CSM_HEADER_SIZE * 8; bit++)
    {
      bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
      g_assert_cmpint (csm_header_examine (bytes), !=, CSM_COPY_WHOLE);
      /* The checksum itself lies behind what the MAC covers. */
      g_assert_cmpint (csm_header_has_mac (bytes, key), ==, bit >= 4080 * 8);
      bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
    }
  csm_binding_encode (&binding, header.file_id, key, bytes);
  g_assert_true (csm_binding_decode (bytes, header.file_id, key, &back));
  g_assert_cmpmem (&back, sizeof back, &binding, sizeof binding);
  for (int bit = 0; bit < CSM_BINDING_SIZE * 8; bit++)
    {
      bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
      g_assert_false (csm_binding_decode (bytes, header.file_id, key, &back));
      bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
    }
}

/* Each sealing takes a nonce of its own. */
static void
test_equal_pages_look_different (void)
{
  static const uint8_t zeros[CSM_WAL_FRAME_SIZE];
  g_autoptr (CsmSecret) key = csm_secret_new_random (CSM_KEY_SIZE);
  /* Alike, so that all that differs was written. */
  uint8_t a[CSM_PAGE_SIZE] = { 0 };
  uint8_t b[CSM_PAGE_SIZE] = { 0 };

  csm_page_seal (a, zeros, 1, zeros, key);
  csm_page_seal (b, zeros, 1, zeros, key);
  g_assert_cmpint (memcmp (a, b, 32), !=, 0);
  memcpy (b, a, sizeof b);
  csm_wal_slot_seal (a, zeros, 1, 0, zeros, zeros, key);
  csm_wal_slot_seal (b, zeros, 1, 0, zeros, zeros, key);
  g_assert_cmpint (memcmp (a + 64, b + 64, 32), !=, 0);
}

/* The case closed: no bit of the main file can be changed unnoticed. */
static void
check_flip (Fixture *self, int fd, int64_t offset)
{
  uint8_t back[CSM_RESERVED_OFFSET];
  int64_t version;
  Outcome outcome;

  flip (fd, offset);
  outcome = try_case (self, &version);
  g_assert_cmpint (outcome, !=, OUTCOME_FINE);
  g_assert_true (version == 0 || version == 1);
  if (offset < CSM_RESERVED_OFFSET)
    {
      /* Headers and bindings have a twin each. */
      g_assert_cmpint (outcome, ==, OUTCOME_REPAIRED);
      g_assert_cmpint (version, ==, 1);
      g_assert_cmpint (pread (fd, back, sizeof back, 0), ==, sizeof back);
      g_assert_cmpint (memcmp (back, g_bytes_get_data (self->main, NULL), sizeof back), ==, 0);
    }
  else
    {
      g_assert_cmpint (outcome, ==, OUTCOME_DAMAGED);
      flip (fd, offset);
    }
}

static void
with_fast_disk (void (*body) (Fixture *self), Fixture *self)
{
  CsmDisk disk = *csm_disk_get ();

  disk.sync = no_sync;
  csm_disk_set (&disk);
  body (self);
  csm_disk_set (NULL);
}

static void
flip_headers (Fixture *self)
{
  const int fd = g_open (self->path, O_RDWR);

  for (int64_t offset = 0; offset < CSM_RESERVED_OFFSET; offset += 29)
    check_flip (self, fd, offset);
  for (int64_t end = 0x1000; end <= CSM_RESERVED_OFFSET; end += 0x1000)
    check_flip (self, fd, end - 1);
  g_assert_cmpint (close (fd), ==, 0);
}

static void
test_bytes_of_the_headers (Fixture *self, gconstpointer data)
{
  with_fast_disk (flip_headers, self);
}

static void
flip_rest (Fixture *self)
{
  CsmVault *vault = fixture_open (self->path, false);
  sqlite3 *db = fixture_open_database (vault);

  /* A small case: the rows stay, their bodies go. */
  fixture_exec (db, "UPDATE t SET body = substr(body, 1, 60); VACUUM");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  g_bytes_unref (self->main);
  self->main = fixture_read (self->path);

  const int fd = g_open (self->path, O_RDWR);
  const int64_t size = (int64_t) g_bytes_get_size (self->main);

  for (int64_t offset = CSM_RESERVED_OFFSET; offset < size; offset += 61)
    check_flip (self, fd, offset);
  check_flip (self, fd, size - 1);
  g_assert_cmpint (close (fd), ==, 0);
}

static void
test_every_61st_byte_of_the_rest (Fixture *self, gconstpointer data)
{
  with_fast_disk (flip_rest, self);
}

/* The case as a crash leaves it: a commit that a later one vouches for cannot be lost. */
static void
flip_wal (Fixture *self)
{
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  int64_t frames;
  int64_t last_commit;
  int lost = 0;

  crash_after (self, 4, &main_bytes, &wal_bytes);
  frames = (int64_t) g_bytes_get_size (wal_bytes) / CSM_WAL_SLOT_SIZE - 1;
  g_assert_cmpint (frames % 3, ==, 0); /* three transactions, all alike */
  last_commit = frames / 3 * 2 + 1;
  for (int64_t offset = 0; offset < (int64_t) g_bytes_get_size (wal_bytes); offset += 2039)
    {
      int64_t version;
      Outcome outcome;
      int fd;

      put (self, main_bytes, wal_bytes);
      fd = g_open (self->wal_path, O_RDWR);
      flip (fd, offset);
      g_assert_cmpint (close (fd), ==, 0);
      outcome = try_case (self, &version);
      if (offset < FRAME (last_commit))
        g_assert_cmpint (outcome, <=, OUTCOME_DAMAGED);
      else
        {
          g_assert_cmpint (outcome, ==, OUTCOME_LOSS);
          g_assert_cmpint (version, ==, 3);
          lost++;
        }
    }
  g_assert_cmpint (lost, >, 0);
}

static void
test_bytes_of_the_wal (Fixture *self, gconstpointer data)
{
  with_fast_disk (flip_wal, self);
}

/* The check names the place. */
static void
assert_told (Fixture *self, const char *place)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = fixture_open (self->path, true);

  g_assert_false (csm_vault_check (vault, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, place));
}

/* What names the slot's generation is damaged, not the WAL another one. */
static void
test_a_damaged_generation_is_no_other_one (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  int64_t last, version;

  crash_after (self, 3, &main_bytes, &wal_bytes);
  last = (int64_t) g_bytes_get_size (wal_bytes) / CSM_WAL_SLOT_SIZE - 1;
  for (int i = 0; i < CSM_GENERATION_SIZE; i++)
    {
      g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
      g_autoptr (GError) error = NULL;
      int fd;

      put (self, main_bytes, wal_bytes);
      fd = g_open (self->wal_path, O_RDWR);
      flip (fd, FRAME (last) + i);
      g_assert_cmpint (close (fd), ==, 0);
      g_assert_cmpint (try_case (self, &version), ==, OUTCOME_LOSS);
      put (self, main_bytes, wal_bytes);
      fd = g_open (self->wal_path, O_RDWR);
      flip (fd, i);
      g_assert_cmpint (close (fd), ==, 0);
      g_assert_null (csm_vault_open (self->path, passphrase, true, &error));
      g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
    }
}

static void
test_a_damaged_live_binding_loses_nothing (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;

  crash_after (self, 3, &main_bytes, &wal_bytes);
  for (int place = 0; place < 2; place++)
    {
      int64_t version;
      int fd;

      put (self, main_bytes, wal_bytes);
      fd = g_open (self->path, O_RDWR);
      flip (fd, CSM_BINDING_OFFSET (place) + 9);
      g_assert_cmpint (close (fd), ==, 0);
      g_assert_cmpint (try_case (self, &version), ==, OUTCOME_REPAIRED);
      g_assert_cmpint (version, ==, 3);
    }
}

static void
test_pages_cannot_be_moved (Fixture *self, gconstpointer data)
{
  gsize size;
  g_autofree uint8_t *bytes = copy_bytes (self->main, &size);
  uint8_t page[CSM_PAGE_SIZE];
  int64_t version;

  memcpy (page, bytes + PAGE (20), sizeof page);
  memcpy (bytes + PAGE (20), bytes + PAGE (21), sizeof page);
  memcpy (bytes + PAGE (21), page, sizeof page);
  fixture_write (self->path, bytes, size);
  assert_told (self, "page 20 ");
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_DAMAGED);
}

static void
test_zeros_are_no_page (Fixture *self, gconstpointer data)
{
  gsize size;
  g_autofree uint8_t *bytes = copy_bytes (self->main, &size);
  int64_t version;

  memset (bytes + PAGE (20), 0, CSM_PAGE_SIZE);
  fixture_write (self->path, bytes, size);
  assert_told (self, "page 20 ");
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_DAMAGED);
}

static void
test_a_page_of_another_case_is_none (Fixture *self, gconstpointer data)
{
  gsize size;
  g_autofree uint8_t *bytes = copy_bytes (self->main, &size);
  char *folder = fixture_make_folder ();
  g_autofree char *path = fixture_make_case (folder);
  g_autoptr (GBytes) other = fixture_read (path);
  int64_t version;

  g_assert_cmpuint (g_bytes_get_size (other), ==, size);
  memcpy (bytes + PAGE (20), (const uint8_t *) g_bytes_get_data (other, NULL) + PAGE (20),
          CSM_PAGE_SIZE);
  fixture_write (self->path, bytes, size);
  assert_told (self, "page 20 ");
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_DAMAGED);
  fixture_remove_folder (folder);
}

static void
test_a_shorter_file_is_noticed (Fixture *self, gconstpointer data)
{
  const gsize size = g_bytes_get_size (self->main);
  int64_t version;

  g_assert_cmpint (truncate (self->path, (off_t) size - 4096 * 10), ==, 0);
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_DAMAGED);
  fixture_write_bytes (self->path, self->main);
  g_assert_cmpint (truncate (self->path, (off_t) size + 1), ==, 0);
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_DAMAGED);
}

static void
test_damage_is_told_with_its_place (Fixture *self, gconstpointer data)
{
  const int fd = g_open (self->path, O_RDWR);
  g_autoptr (CsmVault) vault = NULL;
  g_autofree char *fault = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *db;
  int rc;

  flip (fd, PAGE (30) + 100);
  g_assert_cmpint (close (fd), ==, 0);
  vault = fixture_open (self->path, false);
  db = fixture_open_database (vault);
  g_assert_null (csm_vault_dup_fault (vault));
  rc = sqlite3_exec (db, "SELECT sum(length(body)) FROM t", NULL, NULL, NULL);
  g_assert_cmpint (rc, ==, SQLITE_IOERR_DATA);
  fault = csm_vault_dup_fault (vault);
  g_assert_nonnull (strstr (fault, "page 30 "));
  g_assert_false (csm_vault_fail_sql (vault, db, rc, "read the exhibits", &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "page 30 "));
  g_clear_error (&error);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_false (csm_vault_check (vault, NULL, &error));
  g_assert_nonnull (strstr (error->message, "page 30 "));
}

/* Old files put back */

static void
test_an_old_wal_is_ignored_when_clean (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  int64_t version;

  crash_after (self, 2, &main_bytes, &wal_bytes);
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_FINE);
  g_assert_cmpint (version, ==, 2);
  {
    CsmVault *vault = fixture_open (self->path, false);
    sqlite3 *db = fixture_open_database (vault);

    run_transaction (db, 3);
    g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
    csm_vault_close (vault);
  }
  fixture_write_bytes (self->wal_path, wal_bytes);
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_FINE);
  g_assert_cmpint (version, ==, 3);
}

static void
test_an_old_wal_is_refused_when_live (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) main_old = NULL;
  g_autoptr (GBytes) wal_old = NULL;
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  int64_t version;

  crash_after (self, 2, &main_old, &wal_old);
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_FINE);
  crash_after (self, 3, &main_bytes, &wal_bytes);
  put (self, main_bytes, wal_old);
  g_assert_null (csm_vault_open (self->path, passphrase, false, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WAL_MISSING);
  put (self, main_bytes, wal_bytes);
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_FINE);
  g_assert_cmpint (version, ==, 3);
}

static void
test_a_missing_wal_is_told (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  g_autofree char *loss = NULL;
  CsmVault *vault;
  sqlite3 *db;

  crash_after (self, 3, &main_bytes, &wal_bytes);
  put (self, main_bytes, NULL);
  g_assert_null (csm_vault_open (self->path, passphrase, false, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WAL_MISSING);
  g_clear_error (&error);
  fixture_write (self->wal_path, "", 0);
  g_assert_null (csm_vault_open (self->path, passphrase, false, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WAL_MISSING);
  (void) g_unlink (self->wal_path);

  vault = fixture_open (self->path, true);
  g_assert_true (csm_vault_is_wal_missing (vault));
  loss = csm_vault_dup_loss (vault);
  g_assert_nonnull (strstr (loss, "-wal"));
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT sum(ver) FROM t"), ==, 300);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  csm_vault_close (vault);
  g_assert_false (g_file_test (self->wal_path, G_FILE_TEST_EXISTS));
}

static void
test_frames_cannot_be_moved (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  uint8_t frame[CSM_WAL_SLOT_SIZE];
  g_autofree uint8_t *bytes = NULL;
  gsize size;
  int64_t version;

  crash_after (self, 4, &main_bytes, &wal_bytes);
  bytes = copy_bytes (wal_bytes, &size);
  memcpy (frame, bytes + FRAME (3), sizeof frame);
  memcpy (bytes + FRAME (3), bytes + FRAME (4), sizeof frame);
  memcpy (bytes + FRAME (4), frame, sizeof frame);
  fixture_write (self->wal_path, bytes, size);
  {
    g_autoptr (CsmVault) vault = fixture_open (self->path, true);
    g_autoptr (GError) error = NULL;
    sqlite3 *db = NULL;

    g_assert_false (csm_vault_open_database (vault, &db, &error));
    g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
    g_assert_nonnull (strstr (error->message, "frame 3 of the write-ahead log"));
  }
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_DAMAGED);
}

static void
test_a_cut_wal_gives_an_older_whole_state (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) main_bytes = NULL;
  g_autoptr (GBytes) wal_bytes = NULL;
  int64_t version;

  crash_after (self, 4, &main_bytes, &wal_bytes);
  for (int n = 1; n <= 20; n++)
    {
      put (self, main_bytes, wal_bytes);
      g_assert_cmpint (truncate (self->wal_path, (off_t) g_bytes_get_size (wal_bytes) -
                                                     n * CSM_WAL_SLOT_SIZE + n % 3),
                       ==, 0);
      g_assert_cmpint (try_case (self, &version), ==, OUTCOME_FINE);
      g_assert_cmpint (version, ==, 3);
    }
}

/* It opens with what opened it then; its number is an older one, which the ledger compares. */
static void
test_an_older_header_put_back (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("other");
  g_autoptr (CsmSecret) old_passphrase = fixture_secret ("pass");
  g_autoptr (GBytes) changed = NULL;
  g_autofree uint8_t *bytes = NULL;
  gsize size;
  uint64_t seq;
  CsmVault *vault = fixture_open (self->path, false);

  g_assert_true (csm_vault_change_passphrase (vault, passphrase, NULL, NULL, NULL));
  seq = csm_vault_get_header_seq (vault);
  csm_vault_close (vault);
  g_assert_null (csm_vault_open (self->path, old_passphrase, CSM_VAULT_OPEN_WRITE, NULL));
  changed = fixture_read (self->path);
  bytes = copy_bytes (changed, &size);
  memcpy (bytes, g_bytes_get_data (self->main, NULL), 2 * CSM_HEADER_SIZE);
  fixture_write (self->path, bytes, size);
  vault = fixture_open (self->path, false);
  g_assert_cmpuint (csm_vault_get_header_seq (vault), <, seq);
  csm_vault_close (vault);
  /* One of the two is not enough: the newer copy holds, and the other is brought up. */
  memcpy (bytes, g_bytes_get_data (changed, NULL), CSM_HEADER_SIZE);
  fixture_write (self->path, bytes, size);
  g_assert_null (csm_vault_open (self->path, old_passphrase, CSM_VAULT_OPEN_WRITE, NULL));
}

static void
test_a_journal_is_ignored (Fixture *self, gconstpointer data)
{
  g_autofree char *journal = g_strconcat (self->path, "-journal", NULL);
  static const uint8_t magic[28] = {
    0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0, 0, 1
  };
  int64_t version;

  fixture_write (journal, magic, sizeof magic);
  g_assert_cmpint (try_case (self, &version), ==, OUTCOME_FINE);
  g_assert_cmpint (version, ==, 1);
  g_assert_true (g_file_test (journal, G_FILE_TEST_EXISTS));
}

#define ADD(name, function) \
  g_test_add ("/casement/vault/damage/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/vault/damage/every-bit-of-header-and-binding",
                   test_every_bit_of_header_and_binding);
  g_test_add_func ("/casement/vault/damage/equal-pages-look-different",
                   test_equal_pages_look_different);
  ADD ("bytes-of-the-headers", test_bytes_of_the_headers);
  ADD ("every-61st-byte-of-the-rest", test_every_61st_byte_of_the_rest);
  ADD ("bytes-of-the-wal", test_bytes_of_the_wal);
  ADD ("a-damaged-generation-is-no-other-one", test_a_damaged_generation_is_no_other_one);
  ADD ("a-damaged-live-binding-loses-nothing", test_a_damaged_live_binding_loses_nothing);
  ADD ("pages-cannot-be-moved", test_pages_cannot_be_moved);
  ADD ("zeros-are-no-page", test_zeros_are_no_page);
  ADD ("a-page-of-another-case-is-none", test_a_page_of_another_case_is_none);
  ADD ("a-shorter-file-is-noticed", test_a_shorter_file_is_noticed);
  ADD ("damage-is-told-with-its-place", test_damage_is_told_with_its_place);
  ADD ("an-old-wal-is-ignored-when-clean", test_an_old_wal_is_ignored_when_clean);
  ADD ("an-old-wal-is-refused-when-live", test_an_old_wal_is_refused_when_live);
  ADD ("a-missing-wal-is-told", test_a_missing_wal_is_told);
  ADD ("frames-cannot-be-moved", test_frames_cannot_be_moved);
  ADD ("a-cut-wal-gives-an-older-whole-state", test_a_cut_wal_gives_an_older_whole_state);
  ADD ("an-older-header-put-back", test_an_older_header_put_back);
  ADD ("a-journal-is-ignored", test_a_journal_is_ignored);
  return g_test_run ();
}
