/* test-join.c: join requests, and the slots that they become
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "base/csm-json.h"
#include "csm-vault-fixture.h"
#include "vault/csm-header.h"
#include "vault/csm-vault-keys.h"

#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static GBytes *
make_request (bool reader)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmSecret) passphrase = fixture_secret ("far away");
  GBytes *bytes = csm_join_request_make ("Zoë", reader, passphrase, &fixture_cost, &error);

  g_assert_no_error (error);
  return bytes;
}

static CsmJoinRequest *
parse (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  CsmJoinRequest *request = csm_join_request_parse (bytes, &error);

  g_assert_no_error (error);
  return request;
}

static void
test_round_trip (void)
{
  g_autoptr (GBytes) bytes = make_request (false);
  g_autoptr (CsmJoinRequest) request = parse (bytes);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  g_assert_cmpuint (size, <, 1500);
  g_assert_true (memchr (text, '\n', size) == text + size - 1);
  g_assert_cmpstr (request->name, ==, "Zoë");
  g_assert_false (request->reader);
  g_assert_cmpuint (request->cost.memory, ==, 8192);
}

static void
test_a_reader_has_no_signing_key (void)
{
  g_autoptr (GBytes) bytes = make_request (true);
  g_autoptr (CsmJoinRequest) request = parse (bytes);

  g_assert_true (request->reader);
  g_assert_true (sodium_is_zero (request->signing_key, sizeof request->signing_key));
  g_assert_true (sodium_is_zero (request->seed, sizeof request->seed));
}

/* FORMAT.md: 130 bits of the SHA-256 of the line. */
static void
test_fingerprint (void)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  g_autoptr (GBytes) bytes = make_request (false);
  g_autoptr (CsmJoinRequest) request = parse (bytes);
  CsmDigest digest;

  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes) - 1, &digest);
  g_assert_cmpuint (strlen (request->fingerprint), ==, 26);
  g_assert_cmpint (request->fingerprint[0], ==, alphabet[digest.bytes[0] >> 3]);
  g_assert_cmpint (request->fingerprint[1], ==,
                   alphabet[(digest.bytes[0] & 7) << 2 | digest.bytes[1] >> 6]);
}

static void
test_newlines_do_not_count (void)
{
  g_autoptr (GBytes) bytes = make_request (false);
  g_autoptr (CsmJoinRequest) request = parse (bytes);
  g_autoptr (GBytes) bare = g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) - 1);
  g_autoptr (CsmJoinRequest) same = parse (bare);

  g_assert_cmpstr (request->fingerprint, ==, same->fingerprint);
}

/* Every bit of a reviewer's request is signed or is its form. */
static void
test_every_flip_is_refused (void)
{
  g_autoptr (GBytes) bytes = make_request (false);
  gsize size = g_bytes_get_size (bytes) - 1;

  for (gsize i = 0; i < size; i++)
    {
      g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (GError) error = NULL;

      copy[i] ^= (uint8_t) (1 << i % 8);
      changed = g_bytes_new_take (g_steal_pointer (&copy), size);
      g_assert_null (csm_join_request_parse (changed, &error));
      g_assert_true (error->domain == CSM_VAULT_ERROR);
    }
}

static void
test_every_truncation_is_refused (void)
{
  g_autoptr (GBytes) bytes = make_request (false);

  for (gsize n = 0; n < g_bytes_get_size (bytes) - 1; n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, n);

      g_assert_null (csm_join_request_parse (cut, NULL));
    }
}

static void
test_too_long_is_refused (void)
{
  g_autofree char *text = g_strnfill (CSM_JOIN_MAX_SIZE + 1, ' ');
  g_autoptr (GBytes) bytes = g_bytes_new (text, CSM_JOIN_MAX_SIZE + 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_join_request_parse (bytes, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_REQUEST);
}

/* (transfer full): a reader's request, which nothing signs, with @key set to @value (taken). */
static GBytes *
make_forged (const char *key, json_t *value)
{
  g_autoptr (GBytes) bytes = make_request (true);
  g_autoptr (GBytes) line = g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) - 1);
  g_autoptr (json_t) object = csm_json_decode (line, NULL);

  json_object_set_new (object, key, value);
  return csm_json_encode (object, NULL);
}

static void
test_forged_fields_are_refused (void)
{
  g_autofree char *zeros = g_strnfill (64, '0');
  g_autofree char *long_name = g_strnfill (CSM_JOIN_MAX_NAME + 1, 'x');
  const struct
  {
    const char *key;
    json_t *value;
  } forged[] = {
    { "public_key", json_string (zeros) }, /* of small order */
    { "memory_kib", json_integer (4) },
    { "memory_kib", json_integer (3 * 1024 * 1024) },
    { "memory_kib", json_integer ((json_int_t) 1 << 40) },
    { "operations", json_integer (0) },
    { "operations", json_integer (2000 * 1024) },
    { "operations", json_integer (-1) },
    { "name", json_string ("") },
    { "name", json_string ("a\nb") },
    { "name", json_string ("\xe2\x80\xae"
                           "abc") },
    { "name", json_string (long_name) },
    { "signing_key", json_string (zeros) },
    { "extra", json_null () },
    { "v", json_integer (0) },
    { "kind", json_string ("other") },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (forged); i++)
    {
      g_autoptr (GBytes) bytes = make_forged (forged[i].key, forged[i].value);
      g_autoptr (GError) error = NULL;

      g_assert_null (csm_join_request_parse (bytes, &error));
      g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_REQUEST);
    }
}

static void
test_a_later_version_says_so (void)
{
  g_autoptr (GBytes) bytes = make_forged ("v", json_integer (2));
  g_autoptr (GError) error = NULL;

  g_assert_null (csm_join_request_parse (bytes, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_NEWER);
}

static void
test_mutated (void)
{
  g_autoptr (GBytes) reviewer = make_request (false);
  g_autoptr (GBytes) reader = make_request (true);

  for (int round = 0; round < 4000; round++)
    {
      GBytes *seed = round % 2 == 0 ? reviewer : reader;
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      g_byte_array_append (bytes, g_bytes_get_data (seed, NULL),
                           (guint) g_bytes_get_size (seed));
      for (int n = g_test_rand_int_range (1, 4); n > 0 && bytes->len > 50; n--)
        {
          const guint at = (guint) g_test_rand_int_range (0, (int) bytes->len - 40);

          if (g_test_rand_int_range (0, 3) != 0)
            bytes->data[at] = (uint8_t) g_test_rand_int ();
          else
            g_byte_array_remove_range (bytes, at, (guint) g_test_rand_int_range (1, 40));
        }
      g_assert_cmpint (LLVMFuzzerTestOneInput (bytes->data, bytes->len), ==, 0);
    }
}

/* In a case */

typedef struct
{
  char *folder;
  char *path;
  GBytes *bytes;
  CsmJoinRequest *request;
  uint8_t slot[CSM_VAULT_ID_SIZE];
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = fixture_make_folder ();
  self->path = fixture_make_case (self->folder);
  self->bytes = make_request (false);
  self->request = parse (self->bytes);
  vault = fixture_open (self->path, false);
  csm_vault_add_joining (vault, self->request, self->slot, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  csm_join_request_free (self->request);
  g_bytes_unref (self->bytes);
  g_free (self->path);
  fixture_remove_folder (self->folder);
}

static CsmVault *
open_joined (Fixture *self, bool read_only)
{
  g_autoptr (CsmSecret) passphrase = fixture_secret ("far away");
  g_autoptr (GError) error = NULL;
  CsmVault *vault = csm_vault_open (self->path, passphrase, read_only, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (csm_vault_get_own_slot (vault), CSM_VAULT_ID_SIZE, self->slot,
                   CSM_VAULT_ID_SIZE);
  return vault;
}

static CsmSlotType
get_type (CsmVault *vault)
{
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];

  g_assert_cmpint (csm_vault_list_slots (vault, slots), ==, 2);
  return slots[1].type;
}

static void
test_looking_leaves_the_slot (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = open_joined (self, true);
  g_autoptr (CsmSecret) right = fixture_secret ("far away");
  g_autoptr (CsmSecret) wrong = fixture_secret ("pass");

  g_assert_cmpint (get_type (vault), ==, CSM_SLOT_JOINING);
  g_assert_true (csm_vault_check_passphrase (vault, right, NULL));
  g_assert_false (csm_vault_check_passphrase (vault, wrong, NULL));
}

static void
test_writing_makes_it_a_passphrase_slot (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = open_joined (self, false);
  const uint64_t seq = csm_vault_get_header_seq (vault);

  g_assert_cmpint (get_type (vault), ==, CSM_SLOT_PASSPHRASE);
  g_assert_cmpuint (seq, ==, 3);
  g_clear_pointer (&vault, csm_vault_close);
  vault = open_joined (self, false);
  g_assert_cmpuint (csm_vault_get_header_seq (vault), ==, seq);
  g_assert_true (csm_vault_check (vault, NULL, NULL));
}

static void
test_the_seed_is_the_joiners_alone (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) box = g_bytes_new (self->request->seed, sizeof self->request->seed);
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (CsmSecret) seed = NULL;
  uint8_t public_key[32];
  uint8_t secret_key[64];

  g_assert_null (csm_vault_open_joined (vault, box));
  g_clear_pointer (&vault, csm_vault_close);
  vault = open_joined (self, false);
  seed = csm_vault_open_joined (vault, box);
  g_assert_nonnull (seed);
  crypto_sign_seed_keypair (public_key, secret_key, csm_secret_peek (seed));
  g_assert_cmpmem (public_key, 32, self->request->signing_key, 32);
}

static void
test_a_request_is_taken_once (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = open_joined (self, false);
  g_autoptr (GError) error = NULL;
  uint8_t slot[CSM_VAULT_ID_SIZE];

  g_assert_false (csm_vault_add_joining (vault, self->request, slot, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_EXISTS);
}

/* Somebody who never opened the case may never be able to. */
static void
test_who_never_opened_it_is_nobody_yet (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_vault_remove_slot (vault, csm_vault_get_own_slot (vault), &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_SLOTS);
}

/* Waiting slots may cost together what one key may: 8 GiB of memory passes. */
static void
test_waiting_slots_are_bounded (Fixture *self, gconstpointer data)
{
  g_autoptr (CsmVault) vault = fixture_open (self->path, false);
  g_autoptr (GError) error = NULL;
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  uint8_t slot[CSM_VAULT_ID_SIZE];

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) bytes = make_request (false);
      g_autoptr (CsmJoinRequest) request = parse (bytes);
      const bool last = i == 2;

      request->cost = (CsmVaultCost){ 2, G_GUINT64_CONSTANT (2) << 30 };
      g_assert_cmpint (csm_vault_add_joining (vault, request, slot, &error), ==, i < 1);
      if (i > 0)
        g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_SLOTS);
      if (!last)
        g_clear_error (&error);
    }
  g_assert_cmpint (csm_vault_list_slots (vault, slots), ==, 3);
}

/* With the header's checksum made right again, as somebody without the key can. */
static void
test_a_forged_cost_is_skipped (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) file = fixture_read (self->path);
  const gsize size = g_bytes_get_size (file);
  g_autofree uint8_t *bytes = g_memdup2 (g_bytes_get_data (file, NULL), size);
  g_autoptr (CsmSecret) passphrase = fixture_secret ("far away");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmVault) vault = NULL;

  for (int copy = 0; copy < 2; copy++)
    {
      uint8_t *header = bytes + CSM_HEADER_OFFSET (copy);

      memset (header + 128 + 240 + 232, 0xff, 8); /* memory and operations of slot 2 */
      crypto_generichash (header + 4080, 16, header, 4080, NULL, 0);
    }
  fixture_write (self->path, bytes, size);
  g_assert_null (csm_vault_open (self->path, passphrase, true, &error));
  g_assert_error (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_WRONG_PASSPHRASE);
}

#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/casement/vault/join/round-trip", test_round_trip);
  g_test_add_func ("/casement/vault/join/a-reader-has-no-signing-key",
                   test_a_reader_has_no_signing_key);
  g_test_add_func ("/casement/vault/join/fingerprint", test_fingerprint);
  g_test_add_func ("/casement/vault/join/newlines-do-not-count", test_newlines_do_not_count);
  g_test_add_func ("/casement/vault/join/every-flip-is-refused", test_every_flip_is_refused);
  g_test_add_func ("/casement/vault/join/every-truncation-is-refused",
                   test_every_truncation_is_refused);
  g_test_add_func ("/casement/vault/join/too-long-is-refused", test_too_long_is_refused);
  g_test_add_func ("/casement/vault/join/forged-fields-are-refused",
                   test_forged_fields_are_refused);
  g_test_add_func ("/casement/vault/join/a-later-version-says-so",
                   test_a_later_version_says_so);
  g_test_add_func ("/casement/vault/join/mutated", test_mutated);
  add ("/casement/vault/join/looking-leaves-the-slot", test_looking_leaves_the_slot);
  add ("/casement/vault/join/writing-makes-it-a-passphrase-slot",
       test_writing_makes_it_a_passphrase_slot);
  add ("/casement/vault/join/the-seed-is-the-joiners-alone",
       test_the_seed_is_the_joiners_alone);
  add ("/casement/vault/join/a-request-is-taken-once", test_a_request_is_taken_once);
  add ("/casement/vault/join/who-never-opened-it-is-nobody-yet",
       test_who_never_opened_it_is_nobody_yet);
  add ("/casement/vault/join/waiting-slots-are-bounded", test_waiting_slots_are_bounded);
  add ("/casement/vault/join/a-forged-cost-is-skipped", test_a_forged_cost_is_skipped);
  return g_test_run ();
}
