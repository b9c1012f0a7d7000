/* test-keys.c: slots added and taken out, and the whole file under a new data key
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-lossy-disk.h"
#include "csm-vault-fixture.h"
#include "vault/csm-vault-keys.h"
#include "vault/csm-vault-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

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

static bool
opens_with (const char *path, const char *text)
{
  g_autoptr (CsmSecret) secret = fixture_secret (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_open (path, secret, false, &error);

  if (vault == NULL)
    g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
  return vault != NULL;
}

static void
add_slot (CsmVault *vault, const char *text, uint8_t *ret_slot)
{
  g_autoptr (CsmSecret) secret = fixture_secret (text);
  g_autoptr (GError) error = NULL;

  csm_vault_add_slot (vault, secret, ret_slot, &error);
  g_assert_no_error (error);
}

/* FALSE when it failed; the caller's @vault is the new one then or the old one. */
static bool
rotate (CsmVault **vault, const uint8_t *without, GError **error)
{
  sqlite3 *db = NULL;
  g_autoptr (CsmVault) next = NULL;
  bool done = csm_vault_open_database (*vault, &db, error);

  if (done)
    {
      next = csm_vault_rotate (*vault, db, without, NULL, NULL, NULL, error);
      done = sqlite3_close (db) == SQLITE_OK && next != NULL;
    }
  if (!done || !csm_vault_replace (next, *vault, error))
    return false;
  csm_vault_close (*vault);
  *vault = g_steal_pointer (&next);
  return true;
}

static int64_t
count_rows (CsmVault *vault)
{
  sqlite3 *db = fixture_open_database (vault);
  const int64_t n = fixture_query (db, "SELECT count(*) FROM t WHERE length (body) > 700");

  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM pragma_integrity_check"
                                      " WHERE integrity_check = 'ok'"),
                   ==, 1);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  return n;
}

static void
test_two_passphrases_open (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  uint8_t slot[CSM_VAULT_ID_SIZE];

  add_slot (vault, "second", slot);
  g_assert_cmpuint (csm_vault_get_header_seq (vault), ==, 2);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_true (opens_with (self->path, "pass"));
  g_assert_true (opens_with (self->path, "second"));
}

/* Who has another's passphrase would open as that person. */
static void
test_a_passphrase_in_use_is_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) same = fixture_secret ("pass");
  g_autoptr (CsmSecret) second = fixture_secret ("second");
  g_autoptr (GError) error = NULL;
  uint8_t slot[CSM_VAULT_ID_SIZE];

  g_assert_false (csm_vault_add_slot (vault, same, slot, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_clear_error (&error);
  add_slot (vault, "second", slot);
  g_assert_false (csm_vault_change_passphrase (vault, second, NULL, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
  g_assert_true (
      csm_vault_change_passphrase (vault, same, NULL, NULL, NULL)); /* the own one again */
}

static void
test_the_last_slot_stays (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) code = csm_vault_add_recovery (vault, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_vault_remove_slot (vault, csm_vault_get_own_slot (vault), &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_SLOTS);
  g_assert_cmpuint (csm_vault_get_header_seq (vault), ==, 2);
}

static void
test_no_such_slot (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_vault_remove_slot (vault, (const uint8_t *) "0123456789abcdef", &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NOT_FOUND);
}

static void
test_a_reader_of_the_place_cannot_add (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, true);
  g_autoptr (CsmSecret) secret = fixture_secret ("second");
  g_autoptr (GError) error = NULL;
  uint8_t slot[CSM_VAULT_ID_SIZE];

  g_assert_false (csm_vault_add_slot (vault, secret, slot, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_READ_ONLY);
}

static void
test_out_is_out (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  uint8_t slot[CSM_VAULT_ID_SIZE];

  add_slot (vault, "second", slot);
  g_assert_true (csm_vault_remove_slot (vault, slot, NULL));
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_true (opens_with (self->path, "pass"));
  g_assert_false (opens_with (self->path, "second"));
}

/* Whoever took themselves out is told so, and nothing breaks. */
static void
test_taking_oneself_out (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) secret = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  uint8_t slot[CSM_VAULT_ID_SIZE];

  add_slot (vault, "second", slot);
  g_assert_true (csm_vault_remove_slot (vault, csm_vault_get_own_slot (vault), &error));
  g_assert_false (csm_vault_check_passphrase (vault, secret, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (csm_vault_change_passphrase (vault, secret, NULL, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NOT_FOUND);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_false (opens_with (self->path, "pass"));
}

/* Rotation */

static void
test_rotation_keeps_everybody (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) code = csm_vault_add_recovery (vault, NULL);
  g_autoptr (CsmSecret) wrong = NULL;
  g_autoptr (GError) error = NULL;
  uint8_t slot[CSM_VAULT_ID_SIZE];
  uint8_t file_id[CSM_VAULT_ID_SIZE];

  add_slot (vault, "second", slot);
  memcpy (file_id, csm_vault_get_file_id (vault), sizeof file_id);
  g_assert_true (rotate (&vault, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (csm_vault_get_path (vault), ==, self->path);
  g_assert_cmpint (memcmp (file_id, csm_vault_get_file_id (vault), sizeof file_id), !=, 0);
  g_assert_cmpuint (csm_vault_get_header_seq (vault), ==, 4);
  g_assert_cmpint (count_rows (vault), ==, 300);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_true (opens_with (self->path, "pass"));
  g_assert_true (opens_with (self->path, "second"));
  vault = csm_vault_open (self->path, code, false, &error);
  g_assert_no_error (error);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
}

static void
test_rotation_takes_out (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  uint8_t slot[CSM_VAULT_ID_SIZE];

  add_slot (vault, "second", slot);
  g_assert_true (rotate (&vault, slot, NULL));
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_true (opens_with (self->path, "pass"));
  g_assert_false (opens_with (self->path, "second"));
}

static void
test_rotation_refuses_the_last (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) before = fixture_read (self->path);
  g_autoptr (GBytes) after = NULL;

  g_assert_false (rotate (&vault, csm_vault_get_own_slot (vault), &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_SLOTS);
  g_clear_pointer (&vault, csm_vault_close);
  after = fixture_read (self->path);
  g_assert_true (g_bytes_equal (before, after));
}

/* Neither the old data key nor the old pages are good for anything in the new file. */
static void
test_the_old_key_opens_nothing (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) old_page_key = csm_secret_ref (vault->page_key);
  g_autoptr (CsmSecret) old_data_key = csm_secret_ref (vault->data_key);
  g_autoptr (GBytes) before = fixture_read (self->path);
  g_autoptr (GBytes) after = NULL;
  const uint8_t *a, *b;
  gsize size;

  g_assert_true (rotate (&vault, NULL, NULL));
  g_assert_false (csm_secret_equal (old_data_key, vault->data_key));
  g_assert_false (csm_secret_equal (old_page_key, vault->page_key));
  after = fixture_read (self->path);
  g_assert_cmpuint (g_bytes_get_size (after), ==, g_bytes_get_size (before));
  a = g_bytes_get_data (before, &size);
  b = g_bytes_get_data (after, NULL);
  for (gsize at = CSM_PAGES_OFFSET; at < size; at += CSM_PAGE_SIZE)
    g_assert_cmpint (memcmp (a + at, b + at, CSM_PAGE_SIZE), !=, 0);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
}

/* Every change of this session is in the new file, those in the WAL too. */
static void
test_what_lies_in_the_wal_comes_along (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmVault) next = NULL;
  sqlite3 *db = fixture_open_database (vault);

  fixture_exec (db, "INSERT INTO t SELECT id + 1000, 2, body FROM t");
  next = csm_vault_rotate (vault, db, NULL, NULL, NULL, NULL, NULL);
  g_assert_nonnull (next);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_true (csm_vault_replace (next, vault, NULL));
  g_assert_cmpint (count_rows (next), ==, 600);
}

/* A page that does not authenticate is not carried over as if it had. */
static void
test_a_damaged_page_stops_it (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) file = fixture_read (self->path);
  const gsize size = g_bytes_get_size (file);
  g_autofree uint8_t *bytes = g_memdup2 (g_bytes_get_data (file, NULL), size);
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;

  bytes[size - 100] ^= 1;
  fixture_write (self->path, bytes, size);
  vault = fixture_open (self->path, false);
  g_assert_false (rotate (&vault, NULL, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_clear_pointer (&vault, csm_vault_close);
  dir = g_dir_open (self->folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "case.casement");
  g_assert_null (g_dir_read_name (dir));
}

static void
test_leftovers_go (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { ".case.casement.0123abcd.part",
                                       ".case.casement.0123abcd.part-wal",
                                       ".case.casement.0123abcd.parts",
                                       ".other.casement.0123abcd.part" };
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      fixture_write (path, "x", 1);
    }
  csm_vault_sweep (vault);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, i >= 2);
    }
}

/* Another process that had opened the old file just before the rename does not get it. */
static void
test_the_replaced_file_is_not_taken (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  CsmDiskFile *file = NULL;

  g_assert_cmpint (csm_disk_get ()->open (self->path, CSM_DISK_WRITE, &file), ==, 0);
  g_assert_true (csm_disk_get ()->is_at (file, self->path));
  g_assert_true (rotate (&vault, NULL, NULL));
  g_assert_false (csm_disk_get ()->is_at (file, self->path));
  csm_disk_get ()->close (file);
}

/* The power goes while the key is changed and somebody taken out: the case is the old one or
 * the new one, whole. */
#define PATH "/case.casement"

static void
make_lossy_case (uint8_t *ret_slot)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("pass");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = NULL;
  sqlite3 *db;

  lossy_disk_clear ();
  vault = csm_vault_create (PATH, passphrase, &fixture_cost, &error);
  g_assert_no_error (error);
  db = fixture_open_database (vault);
  fixture_exec (db, "CREATE TABLE t(id INTEGER PRIMARY KEY, ver INT, body TEXT) STRICT;"
                    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c LIMIT 100)"
                    "INSERT INTO t SELECT i, 1, hex(randomblob(400)) FROM c");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_true (csm_vault_publish (vault, NULL));
  add_slot (vault, "second", ret_slot);
  /* Something lies in the WAL. */
  db = fixture_open_database (vault);
  fixture_exec (db, "UPDATE t SET ver = 2");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_power_cuts (void)
{
  static const int sectors[] = { 0, 512, 4096 };
  int n_old = 0, n_new = 0;

  for (int n = 0; n < 90; n++)
    {
      const CsmLossyConfig config = { .sector = sectors[n % 3] };
      g_autoptr (CsmVault) vault = NULL;
      uint8_t slot[CSM_VAULT_ID_SIZE];
      bool done, second;

      lossy_disk_start (&config);
      make_lossy_case (slot);
      vault = fixture_open (PATH, false);
      lossy_disk_cut_after (n / 3);
      done = rotate (&vault, slot, NULL);
      lossy_disk_cut_after (0);
      g_clear_pointer (&vault, csm_vault_close);
      lossy_disk_power_on ();
      second = opens_with (PATH, "second");
      g_assert_false (done && second);
      vault = fixture_open (PATH, false);
      g_assert_cmpint (count_rows (vault), ==, 100);
      g_assert_true (csm_vault_check (vault, NULL, NULL));
      g_clear_pointer (&vault, csm_vault_close);
      n_old += second;
      n_new += !second;
      lossy_disk_stop ();
    }
  g_assert_cmpint (n_old, >, 0);
  g_assert_cmpint (n_new, >, 0);
}

/* Every operation fails once: what is said is what is. */
static void
test_errors (void)
{
  int n_failed = 0;

  lossy_disk_start (&(CsmLossyConfig){ .sector = 0 });
  for (int n = 0; n < 40; n++)
    {
      g_autoptr (CsmVault) vault = NULL;
      g_autoptr (GError) error = NULL;
      uint8_t slot[CSM_VAULT_ID_SIZE];
      bool done;

      make_lossy_case (slot);
      vault = fixture_open (PATH, false);
      lossy_disk_fail (&(CsmLossyFailure){ .kind = LOSSY_CHANGES, .after = n, .errnum = EIO });
      done = rotate (&vault, slot, &error);
      lossy_disk_fail (NULL);
      g_clear_pointer (&vault, csm_vault_close);
      n_failed += !done;
      if (done)
        g_assert_false (opens_with (PATH, "second"));
      vault = fixture_open (PATH, false);
      g_assert_cmpint (count_rows (vault), ==, 100);
      g_assert_true (csm_vault_check (vault, NULL, NULL));
    }
  g_assert_cmpint (n_failed, >, 5);
  g_assert_cmpint (n_failed, <, 40);
  lossy_disk_stop ();
}

/* Any order of changes */

typedef struct
{
  char *passphrase;
  uint8_t slot[CSM_VAULT_ID_SIZE];
} Person;

static void
person_free (gpointer data)
{
  Person *self = data;

  g_free (self->passphrase);
  g_free (self);
}

static Person *
join (CsmVault *vault, int n)
{
  Person *person = g_new0 (Person, 1);

  person->passphrase = g_strdup_printf ("passphrase %d", n);
  if (n % 3 == 0)
    {
      g_autoptr (CsmSecret) secret = fixture_secret (person->passphrase);
      g_autoptr (GBytes) bytes =
          csm_join_request_make ("Far", false, secret, &fixture_cost, NULL);
      g_autoptr (CsmJoinRequest) request = csm_join_request_parse (bytes, NULL);

      g_assert_true (csm_vault_add_joining (vault, request, person->slot, NULL));
    }
  else
    add_slot (vault, person->passphrase, person->slot);
  return person;
}

static void
change (CsmVault *vault, Person *person, int n)
{
  g_autoptr (CsmSecret) secret = NULL;

  g_free (person->passphrase);
  person->passphrase = g_strdup_printf ("changed %d", n);
  secret = fixture_secret (person->passphrase);
  g_assert_true (csm_vault_change_passphrase (vault, secret, NULL, NULL, NULL));
}

static CsmVault *
open_as (const char *path, const Person *person)
{
  g_autoptr (CsmSecret) secret = fixture_secret (person->passphrase);
  g_autoptr (GError) error = NULL;
  CsmVault *vault = csm_vault_open (path, secret, false, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (csm_vault_get_own_slot (vault), CSM_VAULT_ID_SIZE, person->slot,
                   CSM_VAULT_ID_SIZE);
  return vault;
}

/* Somebody who is in does one thing. */
static void
step (const char *path, GPtrArray *people, GPtrArray *out, int n)
{
  const guint who = (guint) g_test_rand_int_range (0, (int) people->len);
  g_autoptr (CsmVault) vault = open_as (path, people->pdata[who]);
  const int what = g_test_rand_int_range (0, 10);

  if (what < 4 && people->len < 10)
    g_ptr_array_add (people, join (vault, n));
  else if (what < 6)
    {
      g_ptr_array_add (out, g_strdup (((Person *) people->pdata[who])->passphrase));
      change (vault, people->pdata[who], n);
    }
  else if (what < 9)
    {
      const guint whom = (guint) g_test_rand_int_range (0, (int) people->len);
      Person *person = people->pdata[whom];

      if (rotate (&vault, person->slot, NULL))
        {
          g_ptr_array_add (out, g_strdup (person->passphrase));
          g_ptr_array_remove_index (people, whom);
        }
    }
  else
    g_assert_true (rotate (&vault, NULL, NULL));
}

static void
test_any_order (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) people = g_ptr_array_new_with_free_func (person_free);
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func (g_free);
  Person *first = g_new0 (Person, 1);

  first->passphrase = g_strdup ("pass");
  {
    g_autoptr (CsmVault) vault = fixture_open (self->path, false);
    memcpy (first->slot, csm_vault_get_own_slot (vault), sizeof first->slot);
  }
  g_ptr_array_add (people, first);
  for (int n = 0; n < 60; n++)
    step (self->path, people, out, n);
  g_assert_cmpuint (people->len, >=, 1);
  g_assert_cmpuint (out->len, >, 5);
  for (guint i = 0; i < people->len; i++)
    {
      g_autoptr (CsmVault) vault = open_as (self->path, people->pdata[i]);

      g_assert_true (csm_vault_check (vault, NULL, NULL));
      g_assert_cmpint (count_rows (vault), ==, 300);
    }
  for (guint i = 0; i < out->len; i++)
    g_assert_false (opens_with (self->path, out->pdata[i]));
}

#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/casement/vault/keys/two-passphrases-open", test_two_passphrases_open);
  add ("/casement/vault/keys/a-passphrase-in-use-is-refused",
       test_a_passphrase_in_use_is_refused);
  add ("/casement/vault/keys/the-last-slot-stays", test_the_last_slot_stays);
  add ("/casement/vault/keys/no-such-slot", test_no_such_slot);
  add ("/casement/vault/keys/a-reader-of-the-place-cannot-add",
       test_a_reader_of_the_place_cannot_add);
  add ("/casement/vault/keys/out-is-out", test_out_is_out);
  add ("/casement/vault/keys/taking-oneself-out", test_taking_oneself_out);
  add ("/casement/vault/keys/rotation-keeps-everybody", test_rotation_keeps_everybody);
  add ("/casement/vault/keys/rotation-takes-out", test_rotation_takes_out);
  add ("/casement/vault/keys/rotation-refuses-the-last", test_rotation_refuses_the_last);
  add ("/casement/vault/keys/the-old-key-opens-nothing", test_the_old_key_opens_nothing);
  add ("/casement/vault/keys/what-lies-in-the-wal-comes-along",
       test_what_lies_in_the_wal_comes_along);
  add ("/casement/vault/keys/a-damaged-page-stops-it", test_a_damaged_page_stops_it);
  add ("/casement/vault/keys/leftovers-go", test_leftovers_go);
  add ("/casement/vault/keys/the-replaced-file-is-not-taken",
       test_the_replaced_file_is_not_taken);
  g_test_add_func ("/casement/vault/keys/power-cuts", test_power_cuts);
  g_test_add_func ("/casement/vault/keys/errors", test_errors);
  add ("/casement/vault/keys/any-order", test_any_order);
  return g_test_run ();
}
