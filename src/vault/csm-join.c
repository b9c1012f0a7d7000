/* csm-join.c: a join request as bytes and as values
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-hash.h"
#include "base/csm-json.h"
#include "vault/csm-box.h"
#include "vault/csm-fail.h"
#include "vault/csm-join-private.h"

#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define KIND "casement-join-request"
#define VERSION 1
#define N_KEYS 11
#define SEED_LABEL "casement-join-seed-v1"
#define SEED_LABEL_SIZE (sizeof SEED_LABEL - 1)
#define SEED_AD_SIZE (SEED_LABEL_SIZE + CSM_KEY_SIZE)

G_STATIC_ASSERT (CSM_JOIN_SECRET_SIZE == CSM_SLOT_SEALED_SECRET_SIZE);
G_STATIC_ASSERT (CSM_JOIN_SEED_SIZE == CSM_BOX_OVERHEAD + crypto_sign_SEEDBYTES);

void
csm_join_request_free (CsmJoinRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self);
}

static void
make_seed_ad (const uint8_t *public_key, uint8_t ret_ad[SEED_AD_SIZE])
{
  memcpy (ret_ad, SEED_LABEL, SEED_LABEL_SIZE);
  memcpy (ret_ad + SEED_LABEL_SIZE, public_key, CSM_KEY_SIZE);
}

CsmSecret *
csm_join_open_seed (const uint8_t *box, const uint8_t *public_key, const CsmSecret *secret)
{
  uint8_t ad[SEED_AD_SIZE];

  make_seed_ad (public_key, ad);
  return csm_box_open (box, CSM_JOIN_SEED_SIZE, public_key, secret, ad, sizeof ad);
}

/* Crockford's base32 of the digest's first 130 bits. */
static void
make_fingerprint (const uint8_t *line, size_t size, char ret[CSM_JOIN_FINGERPRINT_SIZE])
{
  static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  CsmDigest digest;

  csm_sha256 (line, size, &digest);
  for (int i = 0; i < CSM_JOIN_FINGERPRINT_SIZE - 1; i++)
    {
      int value = 0;

      for (int bit = i * 5; bit < i * 5 + 5; bit++)
        value = value << 1 | (digest.bytes[bit / 8] >> (7 - bit % 8) & 1);
      ret[i] = alphabet[value];
    }
  ret[CSM_JOIN_FINGERPRINT_SIZE - 1] = '\0';
}

/* (transfer full): what the signing key signs: @request without its signature. */
static char *
make_message (const json_t *request)
{
  g_autoptr (json_t) rest = json_deep_copy (request);
  g_autoptr (GBytes) bytes = NULL;
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmDigest digest;

  json_object_del (rest, "signature");
  bytes = csm_json_encode (rest, NULL);
  g_assert (bytes != NULL); /* part of what was encoded, or decoded, as a whole */
  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &digest);
  csm_digest_to_hex (&digest, hex);
  return g_strconcat ("casement-join-v1:", hex, NULL);
}

/* Making */

static void
set_hex (json_t *object, const char *key, const uint8_t *data, size_t size)
{
  g_autofree char *hex = csm_hex_encode (data, size);

  json_object_set_new (object, key, json_string (hex));
}

static gboolean
check_name (const char *name, GError **error)
{
  if (name[0] == '\0' || strlen (name) > CSM_JOIN_MAX_NAME)
    return csm_vault_fail (error, CSM_VAULT_ERROR_REQUEST,
                           "check the name: it is empty or longer than %d bytes; use another",
                           CSM_JOIN_MAX_NAME);
  if (!g_utf8_validate (name, -1, NULL))
    return csm_vault_fail (error, CSM_VAULT_ERROR_REQUEST,
                           "check the name: it is not UTF-8; write it in UTF-8");
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)))
      return csm_vault_fail (error, CSM_VAULT_ERROR_REQUEST,
                             "check the name: it holds control characters; leave them out");
  return TRUE;
}

/* The passphrase's half: a key pair, its secret key sealed. */
static gboolean
add_key_pair (json_t *object,
              CsmSlot *slot,
              const CsmSecret *passphrase,
              const CsmVaultCost *cost,
              GError **error)
{
  g_autoptr (CsmSecret) secret = csm_secret_new_random (CSM_KEY_SIZE);
  g_autoptr (CsmSecret) kek = NULL;

  slot->type = CSM_SLOT_JOINING;
  slot->join_cost = *cost;
  if (cost->operations == 0 && cost->memory == 0)
    csm_kdf_calibrate (&slot->join_cost);
  randombytes_buf (slot->join_salt, sizeof slot->join_salt);
  crypto_scalarmult_base (slot->public_key, csm_secret_peek (secret));
  kek = csm_kdf_from_passphrase (passphrase, slot->join_salt, &slot->join_cost, error);
  if (kek == NULL)
    return FALSE;
  csm_slot_reseal (slot, NULL, kek, secret);
  set_hex (object, "public_key", slot->public_key, sizeof slot->public_key);
  set_hex (object, "salt", slot->join_salt, sizeof slot->join_salt);
  set_hex (object, "secret", slot->sealed_secret, sizeof slot->sealed_secret);
  json_object_set_new (object, "memory_kib",
                       json_integer ((json_int_t) (slot->join_cost.memory / 1024)));
  json_object_set_new (object, "operations",
                       json_integer ((json_int_t) slot->join_cost.operations));
  return TRUE;
}

/* The signing key, its seed sealed to @public_key, and its signature over all the rest. */
static void
sign (json_t *object, const uint8_t *public_key)
{
  g_autoptr (CsmSecret) seed = csm_secret_new_random (crypto_sign_SEEDBYTES);
  g_autoptr (CsmSecret) secret = csm_secret_new (crypto_sign_SECRETKEYBYTES);
  g_autofree char *message = NULL;
  uint8_t signing_key[crypto_sign_PUBLICKEYBYTES];
  uint8_t signature[crypto_sign_BYTES];
  uint8_t box[CSM_JOIN_SEED_SIZE];
  uint8_t ad[SEED_AD_SIZE];

  crypto_sign_seed_keypair (signing_key, csm_secret_data (secret), csm_secret_peek (seed));
  make_seed_ad (public_key, ad);
  csm_box_seal (box, csm_secret_peek (seed), csm_secret_get_size (seed), public_key, ad,
                sizeof ad);
  set_hex (object, "signing_key", signing_key, sizeof signing_key);
  set_hex (object, "seed", box, sizeof box);
  message = make_message (object);
  crypto_sign_detached (signature, NULL, (const uint8_t *) message, strlen (message),
                        csm_secret_peek (secret));
  set_hex (object, "signature", signature, sizeof signature);
}

GBytes *
csm_join_request_make (const char *name,
                       bool reader,
                       const CsmSecret *passphrase,
                       const CsmVaultCost *cost,
                       GError **error)
{
  g_autoptr (json_t) object = json_object ();
  g_autoptr (GBytes) line = NULL;
  g_autoptr (GByteArray) file = g_byte_array_new ();
  CsmSlot slot = { 0 };

  g_return_val_if_fail (name != NULL && passphrase != NULL && cost != NULL, NULL);

  if (sodium_init () < 0)
    g_error ("no random generator");
  if (!check_name (name, error) || !add_key_pair (object, &slot, passphrase, cost, error))
    return NULL;
  json_object_set_new (object, "kind", json_string (KIND));
  json_object_set_new (object, "v", json_integer (VERSION));
  json_object_set_new (object, "name", json_string (name));
  json_object_set_new (object, "signing_key", json_null ());
  json_object_set_new (object, "seed", json_null ());
  json_object_set_new (object, "signature", json_null ());
  if (!reader)
    sign (object, slot.public_key);
  line = csm_json_encode (object, error);
  if (line == NULL)
    return NULL;
  g_byte_array_append (file, g_bytes_get_data (line, NULL), (guint) g_bytes_get_size (line));
  g_byte_array_append (file, (const guint8 *) "\n", 1);
  return g_byte_array_free_to_bytes (g_steal_pointer (&file));
}

/* Reading */

static bool
get_hex (const json_t *object, const char *key, void *ret_data, size_t size)
{
  const char *hex = csm_json_get_string (object, key);

  return hex != NULL && csm_hex_decode (hex, ret_data, size);
}

/* Public keys that no honest key pair has, and for which boxes would have no secret. */
static bool
is_good_point (const uint8_t *public_key)
{
  g_autoptr (CsmSecret) secret = csm_secret_new_random (CSM_KEY_SIZE);
  g_autoptr (CsmSecret) shared = csm_secret_new (CSM_KEY_SIZE);

  return crypto_scalarmult (csm_secret_data (shared), csm_secret_peek (secret), public_key) ==
         0;
}

static bool
read_key_pair (const json_t *object, CsmJoinRequest *self)
{
  int64_t memory, operations;

  if (!get_hex (object, "public_key", self->public_key, sizeof self->public_key) ||
      !get_hex (object, "salt", self->salt, sizeof self->salt) ||
      !get_hex (object, "secret", self->secret, sizeof self->secret) ||
      !csm_json_get_int (object, "memory_kib", &memory) ||
      !csm_json_get_int (object, "operations", &operations) || memory < 1 || operations < 1 ||
      memory > UINT32_MAX || operations > UINT32_MAX)
    return false;
  self->cost = (CsmVaultCost){ (uint64_t) operations, (uint64_t) memory * 1024 };
  return csm_kdf_check_cost (&self->cost, NULL) && is_good_point (self->public_key);
}

static bool
is_null (const json_t *object, const char *key)
{
  return json_is_null (json_object_get (object, key));
}

static bool
read_signing_key (const json_t *object, CsmJoinRequest *self)
{
  uint8_t signature[crypto_sign_BYTES];
  g_autofree char *message = NULL;

  self->reader = is_null (object, "signing_key");
  if (self->reader)
    return is_null (object, "seed") && is_null (object, "signature");
  if (!get_hex (object, "signing_key", self->signing_key, sizeof self->signing_key) ||
      !get_hex (object, "seed", self->seed, sizeof self->seed) ||
      !get_hex (object, "signature", signature, sizeof signature))
    return false;
  message = make_message (object);
  return crypto_sign_verify_detached (signature, (const uint8_t *) message, strlen (message),
                                      self->signing_key) == 0;
}

static bool
read_request (const json_t *object, CsmJoinRequest *self)
{
  const char *name = csm_json_get_string (object, "name");
  int64_t version;

  if (json_object_size (object) != N_KEYS ||
      g_strcmp0 (csm_json_get_string (object, "kind"), KIND) != 0 ||
      !csm_json_get_int (object, "v", &version) || version != VERSION || name == NULL ||
      !check_name (name, NULL))
    return false;
  self->name = g_strdup (name);
  return read_key_pair (object, self) && read_signing_key (object, self);
}

static bool
is_newer (const json_t *object)
{
  int64_t version;

  return g_strcmp0 (csm_json_get_string (object, "kind"), KIND) == 0 &&
         csm_json_get_int (object, "v", &version) && version > VERSION;
}

CsmJoinRequest *
csm_join_request_parse (GBytes *bytes, GError **error)
{
  g_autoptr (CsmJoinRequest) self = g_new0 (CsmJoinRequest, 1);
  g_autoptr (GBytes) line = NULL;
  g_autoptr (json_t) object = NULL;
  size_t size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);

  if (sodium_init () < 0)
    g_error ("no random generator");
  if (size > 0 && size <= CSM_JOIN_MAX_SIZE)
    {
      /* A mail program may have taken the newline off, or put a carriage return before it. */
      if (data[size - 1] == '\n')
        size--;
      if (size > 0 && data[size - 1] == '\r')
        size--;
      line = g_bytes_new (data, size);
      object = csm_json_decode (line, NULL);
    }
  if (json_is_object (object) && is_newer (object))
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_NEWER,
                      "read the join request: it was made by a later version of Casement; use "
                      "that version");
      return NULL;
    }
  if (!json_is_object (object) || !read_request (object, self))
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_REQUEST,
                      "read the join request: it is another kind of file, or was changed on "
                      "the way; ask for it again");
      return NULL;
    }
  make_fingerprint (data, size, self->fingerprint);
  return g_steal_pointer (&self);
}

CsmJoinRequest *
csm_join_request_load (const char *path, GError **error)
{
  /* A pipe that nobody writes to would keep a plain open waiting. */
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  uint8_t data[CSM_JOIN_MAX_SIZE + 1];
  g_autoptr (GBytes) bytes = NULL;
  size_t size = 0;
  ssize_t n = -1;

  if (fd >= 0)
    {
      do
        {
          n = read (fd, data + size, sizeof data - size);
          size += n > 0 ? (size_t) n : 0;
      } while ((n > 0 && size < sizeof data) || (n < 0 && errno == EINTR));
      if (n < 0)
        (void) csm_vault_fail_errno (error, errno, "read the join request");
      (void) close (fd); /* only read */
    }
  else
    (void) csm_vault_fail_errno (error, errno, "read the join request");
  if (n < 0)
    return NULL;
  bytes = g_bytes_new (data, size);
  return csm_join_request_parse (bytes, error);
}
