/* csm-minisign.c: signatures that minisign checks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-minisign.h"

#include "base/csm-hash.h"

#include <sodium.h>

#include <string.h>

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "
/* minisign reads no longer lines. */
#define UNTRUSTED_MAX 1024
#define TRUSTED_MAX 8192
#define COMMENT_MAX 8000

#define PACKED_KEY_SIZE (2 + CSM_MINISIGN_ID_SIZE + CSM_PUBLIC_KEY_SIZE)
#define PACKED_SIGNATURE_SIZE (2 + CSM_MINISIGN_ID_SIZE + CSM_SIGNATURE_SIZE)
#define PREHASH_SIZE 64

/* What the global signature covers before the comment is the signature without its head. */
struct _CsmMinisig
{
  char *untrusted;
  char *trusted; /* without its prefix */
  uint8_t id[CSM_MINISIGN_ID_SIZE];
  uint8_t signature[CSM_SIGNATURE_SIZE];
  uint8_t global[CSM_SIGNATURE_SIZE];
  bool legacy;
};

static gboolean
fail_malformed (GError **error, const char *what)
{
  g_set_error_literal (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED, what);
  return FALSE;
}

static gboolean
fail_signature (GError **error, const char *what)
{
  g_set_error_literal (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE, what);
  return FALSE;
}

/* (transfer full) */
static char *
encode (const uint8_t *data, size_t size)
{
  const size_t length = sodium_base64_encoded_len (size, sodium_base64_VARIANT_ORIGINAL);
  char *text = g_malloc (length);

  sodium_bin2base64 (text, length, data, size, sodium_base64_VARIANT_ORIGINAL);
  return text;
}

/* Exactly @size bytes, in the one encoding that they have. */
static bool
decode (const char *text, uint8_t *ret_data, size_t size)
{
  const char *end = NULL;
  size_t n = 0;

  if (sodium_base642bin (ret_data, size, text, strlen (text), NULL, &n, &end,
                         sodium_base64_VARIANT_ORIGINAL) != 0 ||
      n != size || *end != '\0')
    return false;

  g_autofree char *again = encode (ret_data, size);

  return g_str_equal (again, text);
}

void
csm_minisign_key_init (CsmMinisignKey *key, const uint8_t public_key[CSM_PUBLIC_KEY_SIZE])
{
  CsmDigest digest;

  csm_sha256 (public_key, CSM_PUBLIC_KEY_SIZE, &digest);
  memcpy (key->id, digest.bytes, CSM_MINISIGN_ID_SIZE);
  memcpy (key->key, public_key, CSM_PUBLIC_KEY_SIZE);
}

gboolean
csm_minisign_key_parse (CsmMinisignKey *ret_key, const char *text, GError **error)
{
  g_return_val_if_fail (ret_key != NULL && text != NULL, FALSE);

  uint8_t packed[PACKED_KEY_SIZE];
  g_autofree char *line = NULL;

  if (g_str_has_prefix (text, UNTRUSTED))
    {
      const char *newline = strchr (text, '\n');

      if (newline == NULL)
        return fail_malformed (error, "the key file has one line alone");
      text = newline + 1;
    }
  line = g_strstrip (g_strndup (text, CSM_MINISIGN_MAX_SIZE));
  if (!decode (line, packed, sizeof packed))
    return fail_malformed (error, "this is no public key of minisign");
  if (memcmp (packed, "Ed", 2) != 0)
    return fail_malformed (error, "the public key is for other signatures than Ed25519");
  memcpy (ret_key->id, packed + 2, CSM_MINISIGN_ID_SIZE);
  memcpy (ret_key->key, packed + 2 + CSM_MINISIGN_ID_SIZE, CSM_PUBLIC_KEY_SIZE);
  return TRUE;
}

char *
csm_minisign_key_to_base64 (const CsmMinisignKey *key)
{
  uint8_t packed[PACKED_KEY_SIZE] = { 'E', 'd' };

  memcpy (packed + 2, key->id, CSM_MINISIGN_ID_SIZE);
  memcpy (packed + 2 + CSM_MINISIGN_ID_SIZE, key->key, CSM_PUBLIC_KEY_SIZE);
  return encode (packed, sizeof packed);
}

GBytes *
csm_minisign_key_write (const CsmMinisignKey *key)
{
  g_autofree char *base64 = csm_minisign_key_to_base64 (key);
  char id[CSM_MINISIGN_ID_HEX_SIZE];
  GString *text = g_string_new (NULL);

  csm_minisign_id_to_hex (key->id, id);
  g_string_append_printf (text, UNTRUSTED "minisign public key %s\n%s\n", id, base64);
  return g_string_free_to_bytes (text);
}

void
csm_minisign_id_to_hex (const uint8_t id[CSM_MINISIGN_ID_SIZE],
                        char ret_hex[CSM_MINISIGN_ID_HEX_SIZE])
{
  /* A little-endian number. */
  for (int i = 0; i < CSM_MINISIGN_ID_SIZE; i++)
    g_snprintf (ret_hex + 2 * i, 3, "%02X", id[CSM_MINISIGN_ID_SIZE - 1 - i]);
}

/* One line that every terminal shows as it is: minisign refuses others too. */
static bool
is_comment (const char *comment)
{
  if (!g_utf8_validate (comment, -1, NULL))
    return false;
  for (const char *c = comment; *c != '\0'; c = g_utf8_next_char (c))
    if (*c != '\t' && g_unichar_iscntrl (g_utf8_get_char (c)))
      return false;
  return true;
}

static void
prehash (GBytes *message, uint8_t ret_hash[PREHASH_SIZE])
{
  size_t size;
  const void *data = g_bytes_get_data (message, &size);

  crypto_generichash (ret_hash, PREHASH_SIZE, data, size, NULL, 0);
}

/* (transfer full): what the global signature signs. */
static GByteArray *
cover (const uint8_t signature[CSM_SIGNATURE_SIZE], const char *comment)
{
  GByteArray *covered = g_byte_array_new ();

  g_byte_array_append (covered, signature, CSM_SIGNATURE_SIZE);
  g_byte_array_append (covered, (const uint8_t *) comment, (guint) strlen (comment));
  return covered;
}

GBytes *
csm_minisign_sign (const CsmSigner *signer,
                   GBytes *message,
                   const char *trusted_comment,
                   GError **error)
{
  g_return_val_if_fail (signer != NULL && message != NULL && trusted_comment != NULL, NULL);

  CsmMinisignKey key;
  uint8_t hash[PREHASH_SIZE];
  uint8_t packed[PACKED_SIGNATURE_SIZE] = { 'E', 'D' };
  uint8_t *signature = packed + 2 + CSM_MINISIGN_ID_SIZE;
  uint8_t global[CSM_SIGNATURE_SIZE];

  if (strlen (trusted_comment) > COMMENT_MAX || !is_comment (trusted_comment))
    {
      fail_malformed (error, "the comment is not one line of text that minisign takes");
      return NULL;
    }
  csm_minisign_key_init (&key, csm_signer_get_public_key (signer));
  memcpy (packed + 2, key.id, CSM_MINISIGN_ID_SIZE);
  prehash (message, hash);
  csm_signer_sign (signer, hash, sizeof hash, signature);

  g_autoptr (GByteArray) covered = cover (signature, trusted_comment);

  csm_signer_sign (signer, covered->data, covered->len, global);

  g_autofree char *first = encode (packed, sizeof packed);
  g_autofree char *second = encode (global, sizeof global);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, CSM_MINISIGN_COMMENT "\n%s\n" TRUSTED "%s\n%s\n", first,
                          trusted_comment, second);
  return g_string_free_to_bytes (text);
}

void
csm_minisig_free (CsmMinisig *self)
{
  if (self == NULL)
    return;
  g_free (self->untrusted);
  g_free (self->trusted);
  g_free (self);
}

/* Fills @self from the four lines of a file. */
static gboolean
read_lines (CsmMinisig *self, char **lines, GError **error)
{
  uint8_t packed[PACKED_SIGNATURE_SIZE];

  if (!g_str_has_prefix (lines[0], UNTRUSTED) || strlen (lines[0]) > UNTRUSTED_MAX)
    return fail_malformed (error, "the first line of the signature is no untrusted comment");
  if (!decode (lines[1], packed, sizeof packed))
    return fail_malformed (error, "the second line of the signature is not 74 bytes in base64");
  if (!g_str_has_prefix (lines[2], TRUSTED) || strlen (lines[2]) > TRUSTED_MAX ||
      !is_comment (lines[2]))
    return fail_malformed (error, "the third line of the signature is no trusted comment");
  if (!decode (lines[3], self->global, sizeof self->global))
    return fail_malformed (error, "the fourth line of the signature is not 64 bytes in base64");
  if (memcmp (packed, "ED", 2) != 0 && memcmp (packed, "Ed", 2) != 0)
    return fail_malformed (error, "the signature is of a kind that is not known");
  self->legacy = packed[1] == 'd';
  memcpy (self->id, packed + 2, CSM_MINISIGN_ID_SIZE);
  memcpy (self->signature, packed + 2 + CSM_MINISIGN_ID_SIZE, CSM_SIGNATURE_SIZE);
  self->untrusted = g_strdup (lines[0]);
  self->trusted = g_strdup (lines[2] + strlen (TRUSTED));
  return TRUE;
}

CsmMinisig *
csm_minisig_parse (GBytes *bytes, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  g_autoptr (CsmMinisig) self = g_new0 (CsmMinisig, 1);
  size_t size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (size == 0 || size > CSM_MINISIGN_MAX_SIZE || memchr (data, '\0', size) != NULL)
    {
      fail_malformed (error, "this is no signature of minisign");
      return NULL;
    }
  text = g_strndup (data, size);
  lines = g_strsplit (text, "\n", 6);
  /* The last line ends as well. */
  if (g_strv_length (lines) != 5 || *lines[4] != '\0')
    {
      fail_malformed (error, "a signature of minisign has four lines");
      return NULL;
    }
  return read_lines (self, lines, error) ? g_steal_pointer (&self) : NULL;
}

const uint8_t *
csm_minisig_get_key_id (const CsmMinisig *self)
{
  return self->id;
}

bool
csm_minisig_is_legacy (const CsmMinisig *self)
{
  return self->legacy;
}

const char *
csm_minisig_get_untrusted_line (const CsmMinisig *self)
{
  return self->untrusted;
}

const char *
csm_minisig_get_trusted_comment (const CsmMinisig *self)
{
  return self->trusted;
}

static bool
verify_message (const CsmMinisig *self, const CsmMinisignKey *key, GBytes *message)
{
  uint8_t hash[PREHASH_SIZE];
  size_t size;
  const void *data = g_bytes_get_data (message, &size);

  if (self->legacy)
    return csm_signature_verify (key->key, data, size, self->signature);
  prehash (message, hash);
  return csm_signature_verify (key->key, hash, sizeof hash, self->signature);
}

gboolean
csm_minisig_verify (const CsmMinisig *self,
                    const CsmMinisignKey *key,
                    GBytes *message,
                    bool legacy,
                    GError **error)
{
  g_return_val_if_fail (self != NULL && key != NULL && message != NULL, FALSE);

  g_autoptr (GByteArray) covered = cover (self->signature, self->trusted);

  if (memcmp (self->id, key->id, CSM_MINISIGN_ID_SIZE) != 0)
    {
      char ours[CSM_MINISIGN_ID_HEX_SIZE], theirs[CSM_MINISIGN_ID_HEX_SIZE];

      csm_minisign_id_to_hex (key->id, ours);
      csm_minisign_id_to_hex (self->id, theirs);
      g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE,
                   "it was signed with the key %s, not with %s", theirs, ours);
      return FALSE;
    }
  if (self->legacy && !legacy)
    return fail_signature (error, "the signature is of minisign's old kind, without a hash");
  if (!verify_message (self, key, message))
    return fail_signature (error, "the signature is not over these bytes");
  if (!csm_signature_verify (key->key, covered->data, covered->len, self->global))
    return fail_signature (error, "the trusted comment is not the one that was signed");
  return TRUE;
}
