/* csm-age-header.c: who can open an age file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/csm-age-header.h"

#include "base/csm-error.h"
#include "export/csm-age.h"
#include "export/csm-bech32.h"
#include "export/csm-error.h"

#include <sodium.h>

#include <string.h>

#define VERSION_LINE "age-encryption.org/v1\n"
#define X25519_INFO "age-encryption.org/v1/X25519"
#define SCRYPT_LABEL "age-encryption.org/v1/scrypt"
#define SCRYPT_SALT_SIZE 16
/* What age itself writes, and what it reads. */
#define SCRYPT_LOG_N 18
#define SCRYPT_MAX_LOG_N 22
#define MAC_SIZE 32
#define WRAPPED_SIZE (CSM_AGE_FILE_KEY_SIZE + crypto_aead_chacha20poly1305_ietf_ABYTES)
#define COLUMNS 64
#define MAX_STANZAS 1024
#define MAX_IDENTITIES 64

CsmSecret *
csm_age_derive (const CsmSecret *key, const void *salt, size_t salt_size, const char *info)
{
  static const uint8_t one = 1;
  g_autoptr (CsmSecret) extracted = csm_secret_new (CSM_AGE_KEY_SIZE);
  g_autoptr (CsmSecret) state = csm_secret_new (sizeof (crypto_auth_hmacsha256_state));
  crypto_auth_hmacsha256_state *hmac = (gpointer) csm_secret_data (state);
  CsmSecret *derived = csm_secret_new (CSM_AGE_KEY_SIZE);

  crypto_auth_hmacsha256_init (hmac, salt, salt_size);
  crypto_auth_hmacsha256_update (hmac, csm_secret_peek (key), csm_secret_get_size (key));
  crypto_auth_hmacsha256_final (hmac, csm_secret_data (extracted));
  crypto_auth_hmacsha256_init (hmac, csm_secret_peek (extracted), CSM_AGE_KEY_SIZE);
  crypto_auth_hmacsha256_update (hmac, (const uint8_t *) info, strlen (info));
  crypto_auth_hmacsha256_update (hmac, &one, 1);
  crypto_auth_hmacsha256_final (hmac, csm_secret_data (derived));
  return derived;
}

/* Over the header up to and with its "---". */
static void
compute_mac (const CsmSecret *file_key, const void *header, size_t size, uint8_t *ret_mac)
{
  g_autoptr (CsmSecret) key = csm_age_derive (file_key, "", 0, "header");
  crypto_auth_hmacsha256_state hmac;

  crypto_auth_hmacsha256_init (&hmac, csm_secret_peek (key), CSM_AGE_KEY_SIZE);
  crypto_auth_hmacsha256_update (&hmac, header, size);
  crypto_auth_hmacsha256_final (&hmac, ret_mac);
  sodium_memzero (&hmac, sizeof hmac);
}

static void
append_base64 (GString *header, const void *data, size_t size)
{
  char text[128];

  sodium_bin2base64 (text, sizeof text, data, size, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  g_string_append (header, text);
}

/* Seals the file key for a stanza, under a key that is used once. */
static void
append_wrapped (GString *header, const CsmSecret *file_key, const CsmSecret *wrap_key)
{
  static const uint8_t nonce[12];
  uint8_t wrapped[WRAPPED_SIZE];

  crypto_aead_chacha20poly1305_ietf_encrypt (wrapped, NULL, csm_secret_peek (file_key),
                                             CSM_AGE_FILE_KEY_SIZE, NULL, 0, NULL, nonce,
                                             csm_secret_peek (wrap_key));
  append_base64 (header, wrapped, sizeof wrapped); /* 43 characters: one short line */
  g_string_append_c (header, '\n');
}

/* (transfer full) (nullable): NULL for wrapped keys that somebody else can open, or none. */
static CsmSecret *
unwrap (const uint8_t *wrapped, const CsmSecret *wrap_key)
{
  static const uint8_t nonce[12];
  g_autoptr (CsmSecret) file_key = csm_secret_new (CSM_AGE_FILE_KEY_SIZE);

  if (crypto_aead_chacha20poly1305_ietf_decrypt (csm_secret_data (file_key), NULL, NULL,
                                                 wrapped, WRAPPED_SIZE, NULL, 0, nonce,
                                                 csm_secret_peek (wrap_key)) != 0)
    return NULL;
  return g_steal_pointer (&file_key);
}

/* --- recipients --- */

/* (transfer full) (nullable): NULL for a point that gives no secret. */
static CsmSecret *
agree (const uint8_t *scalar,
       const uint8_t *point,
       const uint8_t *share,
       const uint8_t *recipient)
{
  g_autoptr (CsmSecret) shared = csm_secret_new (crypto_scalarmult_BYTES);
  uint8_t salt[2 * crypto_scalarmult_BYTES];

  if (crypto_scalarmult (csm_secret_data (shared), scalar, point) != 0)
    return NULL;
  memcpy (salt, share, crypto_scalarmult_BYTES);
  memcpy (salt + crypto_scalarmult_BYTES, recipient, crypto_scalarmult_BYTES);
  return csm_age_derive (shared, salt, sizeof salt, X25519_INFO);
}

static gboolean
append_recipient (GString *header, const char *text, const CsmSecret *file_key, GError **error)
{
  g_autoptr (CsmSecret) ephemeral = csm_secret_new_random (crypto_scalarmult_SCALARBYTES);
  g_autoptr (CsmSecret) wrap_key = NULL;
  uint8_t recipient[32], share[32];

  crypto_scalarmult_base (share, csm_secret_peek (ephemeral));
  if (csm_bech32_decode (text, strlen (text), "age", recipient))
    wrap_key = agree (csm_secret_peek (ephemeral), recipient, share, recipient);
  if (wrap_key == NULL)
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                   "%s is no recipient of age; it begins with \"age1\" and has 62 characters",
                   text);
      return FALSE;
    }
  g_string_append (header, "-> X25519 ");
  append_base64 (header, share, sizeof share);
  g_string_append_c (header, '\n');
  append_wrapped (header, file_key, wrap_key);
  return TRUE;
}

bool
csm_age_is_recipient (const char *text)
{
  uint8_t recipient[32];

  return csm_bech32_decode (text, strlen (text), "age", recipient);
}

/* (transfer full) (nullable): takes seconds. */
static CsmSecret *
derive_scrypt (const CsmSecret *passphrase, const uint8_t *salt, int log_n, GError **error)
{
  g_autoptr (CsmSecret) key = csm_secret_new (CSM_AGE_KEY_SIZE);
  const char *text = (const char *) csm_secret_peek (passphrase);
  uint8_t labelled[sizeof SCRYPT_LABEL - 1 + SCRYPT_SALT_SIZE];

  memcpy (labelled, SCRYPT_LABEL, sizeof SCRYPT_LABEL - 1);
  memcpy (labelled + sizeof SCRYPT_LABEL - 1, salt, SCRYPT_SALT_SIZE);
  if (crypto_pwhash_scryptsalsa208sha256_ll (
          (const uint8_t *) text, strnlen (text, csm_secret_get_size (passphrase)), labelled,
          sizeof labelled, UINT64_C (1) << log_n, 8, 1, csm_secret_data (key),
          CSM_AGE_KEY_SIZE) == 0)
    return g_steal_pointer (&key);
  g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_IO,
               "there is not enough memory for the passphrase; close other programs");
  return NULL;
}

static gboolean
append_passphrase (GString *header,
                   const CsmSecret *passphrase,
                   const CsmSecret *file_key,
                   GError **error)
{
  g_autoptr (CsmSecret) wrap_key = NULL;
  uint8_t salt[SCRYPT_SALT_SIZE];

  randombytes_buf (salt, sizeof salt);
  wrap_key = derive_scrypt (passphrase, salt, SCRYPT_LOG_N, error);
  if (wrap_key == NULL)
    return FALSE;
  g_string_append (header, "-> scrypt ");
  append_base64 (header, salt, sizeof salt);
  g_string_append_printf (header, " %d\n", SCRYPT_LOG_N);
  append_wrapped (header, file_key, wrap_key);
  return TRUE;
}

GBytes *
csm_age_header_write (const CsmSecret *file_key,
                      const char *const *recipients,
                      const CsmSecret *passphrase,
                      GError **error)
{
  g_autoptr (GString) header = g_string_new (VERSION_LINE);
  uint8_t mac[MAC_SIZE];

  for (const char *const *text = recipients; text != NULL && *text != NULL; text++)
    if (!append_recipient (header, *text, file_key, error))
      return NULL;
  if (passphrase != NULL && !append_passphrase (header, passphrase, file_key, error))
    return NULL;
  g_string_append (header, "---");
  compute_mac (file_key, header->str, header->len, mac);
  g_string_append_c (header, ' ');
  append_base64 (header, mac, sizeof mac);
  g_string_append_c (header, '\n');
  return g_string_free_to_bytes (g_steal_pointer (&header));
}

/* --- reading --- */

typedef struct
{
  const char *at, *end;
} Cursor;

/* A stanza: what stands after "-> ", and its body, when that can be a wrapped file key. */
typedef struct
{
  char **args;
  uint8_t body[WRAPPED_SIZE];
  size_t body_size;
} Stanza;

static void
stanza_free (Stanza *self)
{
  g_strfreev (self->args);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stanza, stanza_free)

/* The next line without its end; false when there is none. */
static bool
take_line (Cursor *cursor, const char **ret_line, size_t *ret_length)
{
  const char *end = memchr (cursor->at, '\n', (size_t) (cursor->end - cursor->at));

  if (end == NULL)
    return false;
  *ret_line = cursor->at;
  *ret_length = (size_t) (end - cursor->at);
  cursor->at = end + 1;
  return true;
}

/* Canonical base64 without padding, of at most @max bytes. */
static bool
decode_base64 (const char *text, size_t length, uint8_t *ret_data, size_t max, size_t *ret_size)
{
  /* libsodium 1.0.18 takes what is no ASCII for the last letter of its alphabet. */
  for (size_t i = 0; i < length; i++)
    if ((text[i] & 0x80) != 0)
      return false;
  return sodium_base642bin (ret_data, max, text, length, NULL, ret_size, NULL,
                            sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
}

/* Lines of 64 columns, then one that is shorter. Longer bodies than a wrapped key are gone
 * through, as those of recipients that we do not know. */
static bool
read_body (Cursor *cursor, Stanza *stanza)
{
  uint8_t bytes[COLUMNS];
  const char *line;
  size_t length, size;

  do
    {
      if (!take_line (cursor, &line, &length) || length > COLUMNS ||
          !decode_base64 (line, length, bytes, sizeof bytes, &size))
        return false;
      if (stanza->body_size + size <= WRAPPED_SIZE)
        memcpy (stanza->body + stanza->body_size, bytes, size);
      stanza->body_size += size;
  } while (length == COLUMNS);
  return true;
}

/* (transfer full) (nullable): NULL when it breaks the grammar. */
static Stanza *
read_stanza (Cursor *cursor)
{
  g_autoptr (Stanza) stanza = g_new0 (Stanza, 1);
  g_autofree char *text = NULL;
  const char *line;
  size_t length;

  if (!take_line (cursor, &line, &length) || length < 4 || memcmp (line, "-> ", 3) != 0)
    return NULL;
  for (size_t i = 3; i < length; i++)
    if (line[i] != ' ' && !g_ascii_isgraph (line[i]))
      return NULL;
  text = g_strndup (line + 3, length - 3);
  stanza->args = g_strsplit (text, " ", -1);
  for (char **arg = stanza->args; *arg != NULL; arg++)
    if (**arg == '\0')
      return NULL;
  return read_body (cursor, stanza) ? g_steal_pointer (&stanza) : NULL;
}

static gboolean
fail_form (GError **error)
{
  g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_DAMAGED,
               "the head of the file breaks its format; ask for the file again");
  return FALSE;
}

/* All but the first line, and the last with its MAC at *@ret_mac. */
static gboolean
read_stanzas (Cursor *cursor, GPtrArray *stanzas, uint8_t *ret_mac, GError **error)
{
  const char *line;
  size_t length, size;

  while (cursor->end - cursor->at >= 3 && memcmp (cursor->at, "---", 3) != 0)
    {
      Stanza *stanza = stanzas->len < MAX_STANZAS ? read_stanza (cursor) : NULL;

      if (stanza == NULL)
        return fail_form (error);
      g_ptr_array_add (stanzas, stanza);
    }
  if (stanzas->len == 0 || !take_line (cursor, &line, &length) || length < 4 ||
      line[3] != ' ' || !decode_base64 (line + 4, length - 4, ret_mac, MAC_SIZE, &size) ||
      size != MAC_SIZE)
    return fail_form (error);
  return TRUE;
}

static bool
is_kind (const Stanza *stanza, const char *kind)
{
  return g_str_equal (stanza->args[0], kind);
}

/* --- by a key --- */

/* (transfer full) (nullable): the keys of an identity file, behind each other. */
static CsmSecret *
read_identities (const CsmSecret *identity, int *ret_n, GError **error)
{
  g_autoptr (CsmSecret) keys = csm_secret_new (MAX_IDENTITIES * CSM_AGE_KEY_SIZE);
  const char *text = (const char *) csm_secret_peek (identity);
  const char *end = text + strnlen (text, csm_secret_get_size (identity));
  int n = 0;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (size_t) (end - text));
      const char *line_end = newline != NULL ? newline : end;
      size_t length = (size_t) (line_end - text);

      while (length > 0 && g_ascii_isspace (text[length - 1]))
        length--;
      if (length > 0 && text[0] != '#' &&
          (n == MAX_IDENTITIES ||
           !csm_bech32_decode (text, length, "age-secret-key-",
                               csm_secret_data (keys) + n++ * CSM_AGE_KEY_SIZE)))
        {
          n = 0;
          break;
        }
      text = newline != NULL ? newline + 1 : end;
    }
  if (n == 0)
    {
      g_set_error (error, CSM_BASE_ERROR, CSM_BASE_ERROR_INVALID,
                   "this is no key of age; it begins with \"AGE-SECRET-KEY-1\"");
      return NULL;
    }
  *ret_n = n;
  return g_steal_pointer (&keys);
}

/* The shape of a stanza is checked whether or not it is for us. */
static gboolean
read_share (const Stanza *stanza, uint8_t ret_share[32], GError **error)
{
  size_t size;

  if (g_strv_length (stanza->args) != 2 || stanza->body_size != WRAPPED_SIZE ||
      !decode_base64 (stanza->args[1], strlen (stanza->args[1]), ret_share, 32, &size) ||
      size != 32)
    return fail_form (error);
  return TRUE;
}

/* (nullable): NULL without @error: not for this key. */
static CsmSecret *
open_for_key (const Stanza *stanza, const uint8_t *key, GError **error)
{
  uint8_t share[32], recipient[32];
  g_autoptr (CsmSecret) wrap_key = NULL;

  if (!read_share (stanza, share, error))
    return NULL;
  crypto_scalarmult_base (recipient, key);
  wrap_key = agree (key, share, share, recipient);
  if (wrap_key == NULL)
    {
      fail_form (error);
      return NULL;
    }
  return unwrap (stanza->body, wrap_key);
}

static CsmSecret *
open_by_identity (const GPtrArray *stanzas, const CsmSecret *identity, GError **error)
{
  g_autoptr (GError) broken = NULL;
  g_autoptr (CsmSecret) file_key = NULL;
  g_autoptr (CsmSecret) keys = NULL;
  int n;

  keys = read_identities (identity, &n, error);
  if (keys == NULL)
    return NULL;
  for (guint i = 0; i < stanzas->len && file_key == NULL; i++)
    for (int k = 0; k < n && file_key == NULL && is_kind (stanzas->pdata[i], "X25519"); k++)
      {
        file_key = open_for_key (stanzas->pdata[i],
                                 csm_secret_peek (keys) + k * CSM_AGE_KEY_SIZE, &broken);
        if (broken != NULL)
          {
            g_propagate_error (error, g_steal_pointer (&broken));
            return NULL;
          }
      }
  if (file_key != NULL)
    return g_steal_pointer (&file_key);
  if (is_kind (stanzas->pdata[0], "scrypt"))
    g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_WRONG_KEY,
                 "a passphrase opens this file, no key; give the passphrase");
  else
    g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_WRONG_KEY,
                 "the file was not made for this key; use the key that it was made for");
  return NULL;
}

/* --- by a passphrase --- */

/* age.md: decimal, no leading zero. */
static bool
read_work (const char *text, int *ret_log_n)
{
  int log_n = 0;

  if (text[0] < '1' || text[0] > '9' || strlen (text) > 2)
    return false;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isdigit (*p))
        return false;
      log_n = 10 * log_n + (*p - '0');
    }
  *ret_log_n = log_n;
  return true;
}

static CsmSecret *
open_by_passphrase (const GPtrArray *stanzas, const CsmSecret *passphrase, GError **error)
{
  const Stanza *stanza = stanzas->pdata[0];
  g_autoptr (CsmSecret) wrap_key = NULL;
  CsmSecret *file_key;
  uint8_t salt[SCRYPT_SALT_SIZE];
  size_t size;
  int log_n;

  if (!is_kind (stanza, "scrypt"))
    {
      g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_WRONG_KEY,
                   "a key opens this file, no passphrase; give the key");
      return NULL;
    }
  if (g_strv_length (stanza->args) != 3 || stanza->body_size != WRAPPED_SIZE ||
      !decode_base64 (stanza->args[1], strlen (stanza->args[1]), salt, sizeof salt, &size) ||
      size != sizeof salt || !read_work (stanza->args[2], &log_n))
    {
      fail_form (error);
      return NULL;
    }
  if (log_n > SCRYPT_MAX_LOG_N)
    {
      g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_REFUSED,
                   "the file asks for more memory than a passphrase needs; ask for it again, "
                   "made with a work factor of at most %d",
                   SCRYPT_MAX_LOG_N);
      return NULL;
    }
  wrap_key = derive_scrypt (passphrase, salt, log_n, error);
  if (wrap_key == NULL)
    return NULL;
  file_key = unwrap (stanza->body, wrap_key);
  if (file_key == NULL)
    g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_WRONG_KEY,
                 "the passphrase is wrong; check keyboard layout and Caps Lock, and try again");
  return file_key;
}

/* A file that a passphrase opens is opened by nothing else: who knows it made the file. */
static gboolean
check_alone (const GPtrArray *stanzas, GError **error)
{
  for (guint i = 0; i < stanzas->len; i++)
    if (is_kind (stanzas->pdata[i], "scrypt") && stanzas->len > 1)
      return fail_form (error);
  return TRUE;
}

static gboolean
check_version (Cursor *cursor, GError **error)
{
  const size_t length = strlen (VERSION_LINE);
  const size_t size = (size_t) (cursor->end - cursor->at);

  if (size >= length && memcmp (cursor->at, VERSION_LINE, length) == 0)
    {
      cursor->at += length;
      return TRUE;
    }
  if (size > 10 && memcmp (cursor->at, "-----BEGIN", 10) == 0)
    g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_UNKNOWN,
                 "this is a file as text (armoured); open it with age -d, or ask for it again");
  else
    g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_UNKNOWN,
                 "this is no encrypted hand-over (age-encryption.org/v1); see that it is the "
                 "right file");
  return FALSE;
}

CsmSecret *
csm_age_header_read (const uint8_t *data,
                     size_t size,
                     const CsmSecret *identity,
                     const CsmSecret *passphrase,
                     size_t *ret_header_size,
                     GError **error)
{
  Cursor cursor = { (const char *) data, (const char *) data + size };
  g_autoptr (GPtrArray) stanzas = g_ptr_array_new_with_free_func ((GDestroyNotify) stanza_free);
  g_autoptr (CsmSecret) file_key = NULL;
  uint8_t mac[MAC_SIZE], computed[MAC_SIZE];
  size_t signed_size;

  if (!check_version (&cursor, error) || !read_stanzas (&cursor, stanzas, mac, error) ||
      !check_alone (stanzas, error))
    return NULL;
  file_key = identity != NULL ? open_by_identity (stanzas, identity, error)
                              : open_by_passphrase (stanzas, passphrase, error);
  if (file_key == NULL)
    return NULL;
  *ret_header_size = (size_t) ((const uint8_t *) cursor.at - data);
  /* Without the space, 43 characters of base64 and the newline. */
  signed_size = *ret_header_size - 45;
  compute_mac (file_key, data, signed_size, computed);
  if (sodium_memcmp (mac, computed, MAC_SIZE) != 0)
    {
      g_set_error (error, CSM_EXPORT_ERROR, CSM_EXPORT_ERROR_DAMAGED,
                   "the head of the file was changed after it was made; ask for it again");
      return NULL;
    }
  return g_steal_pointer (&file_key);
}
