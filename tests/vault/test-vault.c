/* test-vault.c: making and opening a case file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"
#include "vault/csm-header.h"
#include "vault/csm-pack.h"

#include <glib/gstdio.h>
#include <sodium.h>

#include <string.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = fixture_make_folder ();
  self->path = fixture_make_case (self->folder);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->path);
  fixture_remove_folder (self->folder);
}

static void
assert_refused (const char *path, const char *passphrase, bool read_only, CsmVaultError code)
{
  g_autoptr (CsmSecret) secret = fixture_secret (passphrase);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_open (path, secret, read_only, &error);

  g_assert_null (vault);
  g_assert_error (error, CSM_VAULT_ERROR, (int) code);
  /* What failed, why, what to do: one line. */
  g_assert_nonnull (strstr (error->message, ": "));
  g_assert_nonnull (strstr (error->message, "; "));
  g_assert_null (strchr (error->message, '\n'));
}

static void
assert_peek (const char *path, CsmVaultError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_vault_peek (path, &error));
  g_assert_error (error, CSM_VAULT_ERROR, (int) code);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_created_case_opens (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autofree char *repairs = csm_vault_dup_repairs (vault);
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];

  g_assert_cmpuint (count_files (self->folder), ==, 1);
  g_assert_null (repairs);
  g_assert_false (csm_vault_is_read_only (vault));
  g_assert_cmpuint (csm_vault_get_header_seq (vault), ==, 1);
  g_assert_cmpint (csm_vault_list_slots (vault, slots), ==, 1);
  g_assert_cmpint (slots[0].type, ==, CSM_SLOT_PASSPHRASE);
  g_assert_cmpint (slots[0].created, >, 0);
  g_assert_cmpmem (slots[0].id, 16, csm_vault_get_own_slot (vault), 16);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
}

static void
test_wrong_passphrase (Fixture *self, gconstpointer data)
{
  assert_refused (self->path, "Pass", false, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  assert_refused (self->path, "pass ", true, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  assert_refused (self->path, "\n", true, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
}

static void
test_normal_forms_are_one_passphrase (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *path = g_build_filename (folder, "c.casement", NULL);
  g_autoptr (CsmSecret) composed = fixture_secret ("caf\xc3\xa9 \xed\x95\x9c");
  g_autoptr (CsmSecret) decomposed =
      fixture_secret ("cafe\xcc\x81 \xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_create (path, composed, &fixture_cost, &error);
  sqlite3 *db;

  g_assert_no_error (error);
  db = fixture_open_database (vault);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_true (csm_vault_publish (vault, &error));
  g_clear_pointer (&vault, csm_vault_close);
  vault = csm_vault_open (path, decomposed, false, &error);
  g_assert_no_error (error);
  g_clear_pointer (&vault, csm_vault_close);
  fixture_remove_folder (folder);
}

static void
test_refuses_to_overwrite (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_build_filename (self->folder, "other.casement", NULL);
  g_autoptr (CsmVault) vault = NULL;
  sqlite3 *db;

  g_assert_null (csm_vault_create (self->path, passphrase, &fixture_cost, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_clear_error (&error);
  /* Somebody takes the name while the case is being made. */
  vault = csm_vault_create (other, passphrase, &fixture_cost, &error);
  g_assert_no_error (error);
  db = fixture_open_database (vault);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  fixture_write (other, "mine", 4);
  g_assert_false (csm_vault_publish (vault, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_cmpuint (count_files (self->folder), ==, 2);
  g_autoptr (GBytes) kept = fixture_read (other);
  g_assert_cmpuint (g_bytes_get_size (kept), ==, 4);
}

static void
test_unpublished_leaves_nothing (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *path = g_build_filename (folder, "c.casement", NULL);
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (CsmSecret) empty = csm_secret_new (8);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_create (path, passphrase, &fixture_cost, &error);
  sqlite3 *db = fixture_open_database (vault);

  fixture_exec (db, "CREATE TABLE t(a)");
  g_assert_cmpuint (count_files (folder), >, 0);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_cmpuint (count_files (folder), ==, 0);
  g_assert_null (csm_vault_create (path, empty, &fixture_cost, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  g_assert_cmpuint (count_files (folder), ==, 0);
  fixture_remove_folder (folder);
}

static void
test_an_empty_vault_is_not_published (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *path = g_build_filename (folder, "c.casement", NULL);
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_create (path, passphrase, &fixture_cost, &error);

  g_assert_false (csm_vault_publish (vault, &error));
  g_assert_nonnull (error);
  g_clear_pointer (&vault, csm_vault_close);
  fixture_remove_folder (folder);
}

static void
test_no_such_file (Fixture *self, gconstpointer data)
{
  g_autofree char *none = g_build_filename (self->folder, "none.casement", NULL);
  g_autofree char *deep = g_build_filename (self->folder, "none", "none.casement", NULL);

  assert_refused (none, "pass", false, CSM_VAULT_ERROR_NOT_FOUND);
  assert_refused (deep, "pass", true, CSM_VAULT_ERROR_NOT_FOUND);
  assert_peek (none, CSM_VAULT_ERROR_NOT_FOUND);
}

static void
test_another_kind_of_file (Fixture *self, gconstpointer data)
{
  g_autofree char *other = g_build_filename (self->folder, "other.casement", NULL);
  g_autofree uint8_t *noise = g_malloc (100000);

  memset (noise, 'x', 100000);
  fixture_write (other, noise, 100000);
  assert_refused (other, "pass", false, CSM_VAULT_ERROR_NOT_A_CASE);
  assert_peek (other, CSM_VAULT_ERROR_NOT_A_CASE);
  fixture_write (other, "SQLite format 3", 16);
  assert_refused (other, "pass", false, CSM_VAULT_ERROR_NOT_A_CASE);
  fixture_write (other, "", 0);
  assert_refused (other, "pass", true, CSM_VAULT_ERROR_NOT_A_CASE);
  assert_refused (self->folder, "pass", true, CSM_VAULT_ERROR_NOT_A_CASE);
  assert_refused ("/dev/null", "pass", true, CSM_VAULT_ERROR_NOT_A_CASE);
}

static void
test_cut_short_is_damaged (Fixture *self, gconstpointer data)
{
  static const off_t sizes[] = { 0x8fff, 0x8000, 0x2000, 0x1001, 5000 };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_assert_cmpint (truncate (self->path, sizes[i]), ==, 0);
      assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_DAMAGED);
      assert_peek (self->path, CSM_VAULT_ERROR_DAMAGED);
    }
}

/* Writes @size bytes at @offset of both header copies, and makes their checksums right. */
static void
forge_headers (const char *path, size_t offset, const void *bytes, size_t size)
{
  g_autoptr (GBytes) file = fixture_read (path);
  gsize n;
  g_autofree uint8_t *data = g_memdup2 (g_bytes_get_data (file, &n), g_bytes_get_size (file));

  n = g_bytes_get_size (file);
  for (int copy = 0; copy < 2; copy++)
    {
      uint8_t *header = data + CSM_HEADER_OFFSET (copy);

      memcpy (header + offset, bytes, size);
      crypto_generichash (header + 4080, 16, header, 4080, NULL, 0);
    }
  fixture_write (path, data, n);
}

static void
test_newer_formats (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) file = fixture_read (self->path);

  forge_headers (self->path, 12, "\2\0", 2);
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_NEWER);
  assert_peek (self->path, CSM_VAULT_ERROR_NEWER);
  fixture_write_bytes (self->path, file);
  forge_headers (self->path, 16, "\2\0", 2);
  assert_refused (self->path, "pass", true, CSM_VAULT_ERROR_NEWER);
  fixture_write_bytes (self->path, file);
  forge_headers (self->path, 18, "\2\0", 2);
  assert_refused (self->path, "pass", true, CSM_VAULT_ERROR_NEWER);
  fixture_write_bytes (self->path, file);
  forge_headers (self->path, 20, "\3\0\0\0", 4);
  assert_refused (self->path, "pass", true, CSM_VAULT_ERROR_NEWER);
}

static void
test_forged_headers (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) file = fixture_read (self->path);
  uint8_t cost[16];

  /* Far too dear: refused before any memory is asked for. */
  csm_store64 (cost, 1);
  csm_store64 (cost + 8, (uint64_t) 4 << 30);
  forge_headers (self->path, 72, cost, 16);
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_WEAK_COST);
  csm_store64 (cost, UINT64_MAX);
  csm_store64 (cost + 8, 8192);
  forge_headers (self->path, 72, cost, 16);
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_WEAK_COST);
  csm_store64 (cost, 0);
  forge_headers (self->path, 72, cost, 16);
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_WEAK_COST);
  /* Another cost is another key. */
  csm_store64 (cost, 2);
  forge_headers (self->path, 72, cost, 16);
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  /* A field that the slots do not bind, but the MAC does. */
  fixture_write_bytes (self->path, file);
  forge_headers (self->path, 110, "x", 1);
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_DAMAGED);
  /* A sequence number of 2^64-1 in the header. */
  fixture_write_bytes (self->path, file);
  forge_headers (self->path, 24, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_DAMAGED);
}

static void
test_both_headers_damaged (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) file = fixture_read (self->path);
  g_autofree uint8_t *bytes =
      g_memdup2 (g_bytes_get_data (file, NULL), g_bytes_get_size (file));

  bytes[100] ^= 1;
  bytes[0x1000 + 3000] ^= 1;
  fixture_write (self->path, bytes, g_bytes_get_size (file));
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_DAMAGED);
  assert_peek (self->path, CSM_VAULT_ERROR_DAMAGED);
}

static void
test_one_writer_or_many_readers (Fixture *self, gconstpointer data)
{
  CsmVault *vault = fixture_open (self->path, false);
  CsmVault *other;

  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_BUSY);
  assert_refused (self->path, "pass", true, CSM_VAULT_ERROR_BUSY);
  assert_peek (self->path, CSM_VAULT_ERROR_BUSY);
  csm_vault_close (vault);
  vault = fixture_open (self->path, true);
  other = fixture_open (self->path, true);
  g_assert_true (csm_vault_peek (self->path, NULL));
  assert_refused (self->path, "pass", false, CSM_VAULT_ERROR_BUSY);
  csm_vault_close (other);
  csm_vault_close (vault);
  csm_vault_close (fixture_open (self->path, false));
}

static void
test_read_only_writes_nothing (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) before = fixture_read (self->path);
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (CsmSecret) secret = fixture_secret ("new");
  g_autoptr (GError) error = NULL;
  sqlite3 *db;

  g_assert_cmpint (g_chmod (self->path, 0400), ==, 0);
  vault = fixture_open (self->path, true);
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==, 300);
  g_assert_cmpint (sqlite3_exec (db, "DELETE FROM t", NULL, NULL, NULL) & 0xff, ==,
                   SQLITE_READONLY);
  g_assert_cmpint (sqlite3_exec (db, "VACUUM", NULL, NULL, NULL), !=, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_false (csm_vault_change_passphrase (vault, secret, NULL, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_null (csm_vault_add_recovery (vault, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_READ_ONLY);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_cmpuint (count_files (self->folder), ==, 1);
  g_autoptr (GBytes) after = fixture_read (self->path);
  g_assert_true (g_bytes_equal (before, after));
}

static void
test_links_lead_to_the_file (Fixture *self, gconstpointer data)
{
  g_autofree char *link = g_build_filename (self->folder, "link.casement", NULL);
  g_autofree char *wal = g_strconcat (self->path, "-wal", NULL);
  g_autoptr (CsmVault) vault = NULL;
  sqlite3 *db;

  g_assert_cmpint (symlink (self->path, link), ==, 0);
  vault = fixture_open (link, false);
  db = fixture_open_database (vault);
  fixture_exec (db, "UPDATE t SET ver = 2");
  g_assert_true (g_file_test (wal, G_FILE_TEST_EXISTS));
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* Made by the first version of this format: every later one must read it. */
static void
test_a_kept_file_opens (void)
{
  char *folder = fixture_make_folder ();
  g_autofree char *kept =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "tests/vault/data/v1.0.casement", NULL);
  g_autofree char *path = g_build_filename (folder, "kept.casement", NULL);
  g_autoptr (GBytes) bytes = fixture_read (kept);
  static const char *const secrets[] = { "gr\xc3\xbc\xc3\x9f dich",
                                         "Z49EV-X8DBG-1HMT0-C9DF7-5EZ1Z-XBGR0-17NWX-N2B84" };

  fixture_write_bytes (path, bytes);
  for (size_t i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      g_autoptr (CsmSecret) secret = fixture_secret (secrets[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (CsmVault) vault = csm_vault_open (path, secret, true, &error);
      sqlite3 *db;

      g_assert_no_error (error);
      g_assert_true (csm_vault_check (vault, NULL, NULL));
      db = fixture_open_database (vault);
      g_assert_cmpint (fixture_query (db, "SELECT sum(a) FROM kept"), ==, 42);
      g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
    }
  fixture_remove_folder (folder);
}

#define ADD(name, function) \
  g_test_add ("/casement/vault/vault/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("created-case-opens", test_created_case_opens);
  ADD ("wrong-passphrase", test_wrong_passphrase);
  g_test_add_func ("/casement/vault/vault/normal-forms-are-one-passphrase",
                   test_normal_forms_are_one_passphrase);
  ADD ("refuses-to-overwrite", test_refuses_to_overwrite);
  g_test_add_func ("/casement/vault/vault/unpublished-leaves-nothing",
                   test_unpublished_leaves_nothing);
  g_test_add_func ("/casement/vault/vault/an-empty-vault-is-not-published",
                   test_an_empty_vault_is_not_published);
  ADD ("no-such-file", test_no_such_file);
  ADD ("another-kind-of-file", test_another_kind_of_file);
  ADD ("cut-short-is-damaged", test_cut_short_is_damaged);
  ADD ("newer-formats", test_newer_formats);
  ADD ("forged-headers", test_forged_headers);
  ADD ("both-headers-damaged", test_both_headers_damaged);
  ADD ("one-writer-or-many-readers", test_one_writer_or_many_readers);
  ADD ("read-only-writes-nothing", test_read_only_writes_nothing);
  ADD ("links-lead-to-the-file", test_links_lead_to_the_file);
  g_test_add_func ("/casement/vault/vault/a-kept-file-opens", test_a_kept_file_opens);
  return g_test_run ();
}
