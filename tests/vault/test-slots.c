/* test-slots.c: passphrases, recovery codes, and what is sealed to a slot
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-vault-fixture.h"
#include "vault/csm-disk.h"
#include "vault/csm-kdf.h"
#include "vault/csm-passphrase.h"

#include <string.h>
#include <sys/wait.h>
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

/* Whether the case opens with @secret; its rows must be there then. */
static bool
opens_with (const char *path, const CsmSecret *secret)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = csm_vault_open (path, secret, false, &error);
  sqlite3 *db;

  if (vault == NULL)
    {
      g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
      return false;
    }
  db = fixture_open_database (vault);
  g_assert_cmpint (fixture_query (db, "SELECT count(*) FROM t"), ==, 300);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
  return true;
}

static bool
opens_with_text (const char *path, const char *text)
{
  g_autoptr (CsmSecret) secret = fixture_secret (text);

  return opens_with (path, secret);
}

static void
test_change_passphrase (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) secret = fixture_secret ("other");
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_vault_change_passphrase (vault, secret, NULL, NULL, &error));
  g_assert_cmpuint (csm_vault_get_header_seq (vault), ==, 2);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_false (opens_with_text (self->path, "pass"));
  g_assert_true (opens_with_text (self->path, "other"));
}

/* A disk that stops the process in the middle of the write numbered by @left_writes, after
 * half of it went through. */
static int left_writes;
static const CsmDisk *real_disk;

static int
dying_write (CsmDiskFile *file, const void *data, size_t size, int64_t offset)
{
  if (left_writes-- == 0)
    {
      (void) real_disk->write (file, data, size / 2, offset);
      _exit (9);
    }
  return real_disk->write (file, data, size, offset);
}

/* Returns false when the change was done before its write @n. */
static bool
change_and_die (const char *path, int n)
{
  static CsmDisk disk;
  const pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      g_autoptr (CsmSecret) secret = fixture_secret ("other");
      CsmVault *vault;

      real_disk = csm_disk_get ();
      disk = *real_disk;
      disk.write = dying_write;
      csm_disk_set (&disk);
      left_writes = G_MAXINT;
      vault = fixture_open (path, false);
      left_writes = n;
      _exit (csm_vault_change_passphrase (vault, secret, NULL, NULL, NULL) ? 0 : 1);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), !=, 1);
  return WEXITSTATUS (status) == 9;
}

static void
test_change_killed_at_each_write (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) before = fixture_read (self->path);
  int n = 0;

  for (;; n++)
    {
      bool old_opens;

      fixture_write_bytes (self->path, before);
      if (!change_and_die (self->path, n))
        break;
      old_opens = opens_with_text (self->path, "pass");
      g_assert_true (old_opens != opens_with_text (self->path, "other"));
      /* Mended by the first opening. */
      g_autoptr (CsmSecret) secret = fixture_secret (old_opens ? "pass" : "other");
      g_autoptr (CsmVault) vault = csm_vault_open (self->path, secret, false, NULL);
      g_autofree char *repairs = csm_vault_dup_repairs (vault);
      g_assert_null (repairs);
    }
  g_assert_cmpint (n, ==, 2);
  g_assert_false (opens_with_text (self->path, "pass"));
  g_assert_true (opens_with_text (self->path, "other"));
}

static void
test_recovery_code_opens (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) code = csm_vault_add_recovery (vault, &error);
  g_autoptr (CsmSecret) second = NULL;
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];

  g_assert_no_error (error);
  g_assert_cmpint (csm_vault_list_slots (vault, slots), ==, 2);
  g_assert_cmpint (slots[1].type, ==, CSM_SLOT_RECOVERY);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_true (opens_with (self->path, code));
  g_assert_true (opens_with_text (self->path, "pass"));

  vault = fixture_open (self->path, false);
  second = csm_vault_add_recovery (vault, &error);
  g_assert_cmpint (csm_vault_list_slots (vault, slots), ==, 2);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_false (opens_with (self->path, code));
  g_assert_true (opens_with (self->path, second));
}

static void
test_recovery_then_new_passphrase (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) code = csm_vault_add_recovery (vault, NULL);
  g_autoptr (CsmSecret) secret = fixture_secret ("other");
  g_autoptr (GError) error = NULL;
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];

  g_clear_pointer (&vault, csm_vault_close);
  vault = csm_vault_open (self->path, code, false, &error);
  g_assert_true (csm_vault_change_passphrase (vault, secret, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (csm_vault_list_slots (vault, slots), ==, 3);
  g_assert_cmpmem (csm_vault_get_own_slot (vault), 16, slots[2].id, 16);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_true (opens_with (self->path, code));
  g_assert_true (opens_with (self->path, secret));
  g_assert_true (opens_with_text (self->path, "pass"));
}

static void
test_slots_run_out (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) code = csm_vault_add_recovery (vault, NULL);
  g_autoptr (GError) error = NULL;
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  int n = 2;

  g_clear_pointer (&vault, csm_vault_close);
  for (; n <= CSM_VAULT_MAX_SLOTS; n++)
    {
      g_autofree char *text = g_strdup_printf ("passphrase %d", n);
      g_autoptr (CsmSecret) secret = fixture_secret (text);

      vault = csm_vault_open (self->path, code, false, NULL);
      if (!csm_vault_change_passphrase (vault, secret, NULL, NULL, &error))
        break;
      g_clear_pointer (&vault, csm_vault_close);
      g_assert_true (opens_with (self->path, secret));
    }
  g_assert_cmpint (n, ==, CSM_VAULT_MAX_SLOTS);
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_SLOTS);
  g_assert_cmpint (csm_vault_list_slots (vault, slots), ==, CSM_VAULT_MAX_SLOTS);
  g_clear_pointer (&vault, csm_vault_close);
  g_assert_true (opens_with_text (self->path, "passphrase 9"));
}

static void
test_sealed_to_a_slot (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) code = csm_vault_add_recovery (vault, NULL);
  g_autoptr (CsmSecret) key = csm_secret_new_random (64);
  g_autoptr (GError) error = NULL;
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  g_autoptr (GBytes) own = NULL;
  g_autoptr (GBytes) other = NULL;
  g_autoptr (CsmSecret) back = NULL;

  csm_vault_list_slots (vault, slots);
  own = csm_vault_seal_to_slot (vault, slots[0].id, key, &error);
  other = csm_vault_seal_to_slot (vault, slots[1].id, key, &error);
  g_assert_no_error (error);
  back = csm_vault_open_sealed (vault, own, &error);
  g_assert_true (csm_secret_equal (back, key));
  g_assert_null (csm_vault_open_sealed (vault, other, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED);
  g_clear_error (&error);
  for (gsize i = 0; i < g_bytes_get_size (own); i++)
    {
      g_autofree uint8_t *bytes =
          g_memdup2 (g_bytes_get_data (own, NULL), g_bytes_get_size (own));
      g_autoptr (GBytes) changed = NULL;

      bytes[i] ^= 1;
      changed = g_bytes_new (bytes, g_bytes_get_size (own));
      g_assert_null (csm_vault_open_sealed (vault, changed, NULL));
    }
  g_assert_null (
      csm_vault_seal_to_slot (vault, (const uint8_t *) "0123456789abcdef", key, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NOT_FOUND);
  g_clear_pointer (&vault, csm_vault_close);
  g_clear_pointer (&back, csm_secret_unref);
  vault = csm_vault_open (self->path, code, true, NULL);
  back = csm_vault_open_sealed (vault, other, NULL);
  g_assert_true (csm_secret_equal (back, key));
}

/* Recovery codes as text */

static void
test_recovery_text (void)
{
  static const uint8_t zeros[CSM_RECOVERY_SIZE];
  g_autoptr (CsmSecret) code = csm_secret_new_from (zeros, sizeof zeros);
  g_autoptr (CsmSecret) text = csm_recovery_format (code);
  const char *shown = (const char *) csm_secret_peek (text);
  g_autoptr (CsmSecret) back = csm_recovery_parse (text);

  /* The vector that FORMAT.md's rules give: BLAKE2b-128 of 20 zero bytes, first 5 bytes. */
  g_assert_cmpuint (strlen (shown), ==, CSM_RECOVERY_TEXT_SIZE - 1);
  g_assert_true (g_str_has_prefix (shown, "00000-00000-00000-00000-00000-00000-00"));
  g_assert_nonnull (back);
  g_assert_true (csm_secret_equal (back, code));
}

static void
test_recovery_is_forgiving (void)
{
  for (int i = 0; i < 200; i++)
    {
      g_autoptr (CsmSecret) code = csm_secret_new_random (CSM_RECOVERY_SIZE);
      g_autoptr (CsmSecret) text = csm_recovery_format (code);
      g_autofree char *typed = g_ascii_strdown ((const char *) csm_secret_peek (text), -1);
      g_autoptr (CsmSecret) typed_secret = NULL;
      g_autoptr (CsmSecret) back = NULL;
      int ones = 0;

      for (char *p = typed; *p != '\0'; p++)
        if (*p == '-')
          *p = ' ';
        else if (*p == '0')
          *p = 'o';
        else if (*p == '1')
          *p = ones++ % 2 ? 'i' : 'L';
      typed_secret = fixture_secret (typed);
      back = csm_recovery_parse (typed_secret);
      g_assert_nonnull (back);
      g_assert_true (csm_secret_equal (back, code));
    }
}

static void
test_recovery_finds_typing_errors (void)
{
  static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  g_autoptr (CsmSecret) code = csm_secret_new_random (CSM_RECOVERY_SIZE);
  g_autoptr (CsmSecret) text = csm_recovery_format (code);
  const char *shown = (const char *) csm_secret_peek (text);

  for (size_t i = 0; i < strlen (shown); i++)
    for (const char *digit = digits; *digit != '\0'; digit++)
      {
        g_autofree char *typed = g_strdup (shown);
        g_autoptr (CsmSecret) secret = NULL;

        if (typed[i] == '-' || typed[i] == *digit)
          continue;
        typed[i] = *digit;
        secret = fixture_secret (typed);
        g_assert_null (csm_recovery_parse (secret));
      }
  for (size_t n = 1; n < strlen (shown); n++)
    {
      g_autoptr (CsmSecret) cut = csm_secret_new_from (shown, n);

      g_assert_null (csm_recovery_parse (cut));
    }
}

/* Passphrases */

static void
assert_normal (const char *text)
{
  g_autofree char *expected = g_utf8_normalize (text, -1, G_NORMALIZE_NFC);
  g_autoptr (CsmSecret) secret = fixture_secret (text);
  g_autoptr (CsmSecret) normal = csm_passphrase_normalise (secret);

  g_assert_cmpmem (csm_secret_peek (normal), csm_secret_get_size (normal), expected,
                   strlen (expected));
}

static void
test_normalises_as_glib_does (void)
{
  static const gunichar interesting[] = { 'a',    'e',    0x301,   0x300,  0x323,  0x327,
                                          0x345,  0xe9,   0x1e69,  0x212b, 0x1100, 0x1161,
                                          0x11a8, 0xac00, 0x915,   0x93c,  0x958,  0x9c7,
                                          0x9be,  0xfb1f, 0x1f600, 0x2126, 0x340,  0x1d15e };

  /* Every character alone, then any few of those that do something to each other. */
  for (gunichar block = 0x80; block < 0x30000; block += 0x80)
    {
      g_autoptr (GString) text = g_string_new ("-");

      for (gunichar c = block; c < block + 0x80; c++)
        if (g_unichar_isdefined (c) && (c < 0xd800 || c > 0xdfff))
          {
            g_string_append_unichar (text, c);
            g_string_append_c (text, '-');
          }
      assert_normal (text->str);
    }
  for (int round = 0; round < 300; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (int i = 0; i < 300; i++)
        g_string_append_unichar (
            text, interesting[g_test_rand_int_range (0, G_N_ELEMENTS (interesting))]);
      assert_normal (text->str);
    }
}

static void
test_passphrase_bytes_that_are_no_text (void)
{
  g_autoptr (CsmSecret) secret = csm_secret_new_from ("a\xff\xc3", 3);
  g_autoptr (CsmSecret) normal = csm_passphrase_normalise (secret);
  g_autoptr (CsmSecret) padded = csm_secret_new_from ("abc\0def", 7);
  g_autoptr (CsmSecret) cut = csm_passphrase_normalise (padded);

  g_assert_cmpmem (csm_secret_peek (normal), csm_secret_get_size (normal), "a\xff\xc3", 3);
  g_assert_cmpmem (csm_secret_peek (cut), csm_secret_get_size (cut), "abc", 3);
}

static void
test_calibrated_cost_is_accepted (void)
{
  CsmVaultCost cost = { 0, 0 };

  csm_kdf_calibrate (&cost);
  g_assert_cmpuint (cost.operations, >=, 2);
  g_assert_cmpuint (cost.memory, >=, 64 << 20);
  g_assert_true (csm_kdf_check_cost (&cost, NULL));
}

#define ADD(name, function) \
  g_test_add ("/casement/vault/slots/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("change-passphrase", test_change_passphrase);
  ADD ("change-killed-at-each-write", test_change_killed_at_each_write);
  ADD ("recovery-code-opens", test_recovery_code_opens);
  ADD ("recovery-then-new-passphrase", test_recovery_then_new_passphrase);
  ADD ("slots-run-out", test_slots_run_out);
  ADD ("sealed-to-a-slot", test_sealed_to_a_slot);
  g_test_add_func ("/casement/vault/slots/recovery-text", test_recovery_text);
  g_test_add_func ("/casement/vault/slots/recovery-is-forgiving", test_recovery_is_forgiving);
  g_test_add_func ("/casement/vault/slots/recovery-finds-typing-errors",
                   test_recovery_finds_typing_errors);
  g_test_add_func ("/casement/vault/slots/normalises-as-glib-does",
                   test_normalises_as_glib_does);
  g_test_add_func ("/casement/vault/slots/passphrase-bytes-that-are-no-text",
                   test_passphrase_bytes_that_are_no_text);
  g_test_add_func ("/casement/vault/slots/calibrated-cost-is-accepted",
                   test_calibrated_cost_is_accepted);
  return g_test_run ();
}
