/* fuzz-entry.c: any bytes as header, meta and body of an entry
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "../custody/example.h"

#include "base/csm-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
set_digest (json_t *header, const char *key, GBytes *bytes)
{
  CsmDigest digest;
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &digest);
  csm_digest_to_hex (&digest, hex);
  json_object_set_new (header, key, json_string (hex));
}

/* (transfer full): @bytes with the hashes of @meta and @body put in where it is an object, so
 * that the reader goes on to those. */
static GBytes *
repair_header (GBytes *bytes, GBytes *meta, GBytes *body)
{
  g_autoptr (json_t) header = csm_json_decode (bytes, NULL);

  if (!json_is_object (header))
    return g_bytes_ref (bytes);
  set_digest (header, "meta_sha256", meta);
  set_digest (header, "body_sha256", body);
  return csm_json_encode (header, NULL);
}

static void
sign_header (GBytes *header, uint8_t ret_signature[CSM_SIGNATURE_SIZE])
{
  static CsmSigner *signer;
  CsmDigest id;
  char hex[CSM_DIGEST_HEX_SIZE];

  if (signer == NULL)
    signer = example_signer ();
  csm_sha256 (g_bytes_get_data (header, NULL), g_bytes_get_size (header), &id);
  csm_digest_to_hex (&id, hex);

  g_autofree char *message = g_strconcat ("casement-entry-v1:", hex, NULL);

  csm_signer_sign (signer, message, strlen (message), ret_signature);
}

/* What was accepted has all that FORMAT.md promises. */
static void
assert_sound (const CsmEntry *entry)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  int n;

  (void) csm_entry_get_replaces (entry, &n);
  g_assert_cmpint (place->seq, >=, 1);
  g_assert_cmpint (place->lamport, >=, 1);
  g_assert_cmpint (place->n_heads, >=, 0);
  g_assert_cmpint (n, >=, 0);
  g_assert_nonnull (csm_entry_get_kind (entry));
  g_assert_true (json_is_object (csm_entry_get_content (entry)));

  g_autoptr (GBytes) again = csm_json_encode (csm_entry_get_content (entry), NULL);

  g_assert_true (g_bytes_equal (again, csm_entry_get_body (entry)));
}

/* The three parts, with a newline between: canonical JSON holds none. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GBytes *parts[3];
  uint8_t signature[CSM_SIGNATURE_SIZE];

  for (int i = 0; i < 3; i++)
    {
      const uint8_t *end = i < 2 && size > 0 ? memchr (data, '\n', size) : NULL;
      const size_t length = end != NULL ? (size_t) (end - data) : size;

      parts[i] = g_bytes_new (data, length);
      data += length + (end != NULL);
      size -= length + (end != NULL);
    }

  g_autoptr (GBytes) header = repair_header (parts[0], parts[1], parts[2]);
  g_autoptr (GError) error = NULL;

  sign_header (header, signature);

  g_autoptr (CsmEntry) entry = csm_entry_parse (header, parts[1], parts[2], signature, &error);

  if (entry != NULL)
    assert_sound (entry);
  else
    g_assert_true (error->domain == CSM_CUSTODY_ERROR);
  for (int i = 0; i < 3; i++)
    g_bytes_unref (parts[i]);
  return 0;
}
