/* csm-entry.c: one signed record of the ledger (FORMAT.md)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-entry.h"

#include "base/csm-json.h"

#include <string.h>

#define MAX_LIST 4096 /* of heads, of replaced entries */
#define MAX_KIND 64
#define N_HEADER_KEYS 10
#define N_META_KEYS 5

static const char signature_context[] = "casement-entry-v1:";

#define MESSAGE_SIZE (sizeof signature_context - 1 + 2 * CSM_DIGEST_SIZE)

struct _CsmEntry
{
  gatomicrefcount ref_count;

  /* Immutable: the bytes, and what they say */
  GBytes *header;
  GBytes *meta; /* NULL when withheld */
  GBytes *body; /* NULL when withheld */
  uint8_t signature[CSM_SIGNATURE_SIZE];

  CsmDigest id;
  CsmEntryPlace place; /* its heads are ours */
  uint8_t author[CSM_PUBLIC_KEY_SIZE];
  CsmDigest meta_digest;
  CsmDigest body_digest;

  CsmTime time;
  char *kind;
  bool has_subject;
  CsmId subject;
  CsmDigest *replaces;
  int n_replaces;
  json_t *content;
};

static gboolean
fail (GError **error, CsmCustodyError code, const char *why)
{
  g_set_error (error, CSM_CUSTODY_ERROR, code, "entry: %s", why);
  return FALSE;
}

static gboolean
malformed (GError **error, const char *why)
{
  return fail (error, CSM_CUSTODY_ERROR_MALFORMED, why);
}

/* ---- Reading ---- */

static json_t *
decode_object (GBytes *bytes, const char *part, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (json_t) object = csm_json_decode (bytes, &why);

  if (object == NULL)
    g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED, "entry: %s: %s", part,
                 why->message);
  else if (!json_is_object (object))
    g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED,
                 "entry: %s: not an object", part);
  else
    return g_steal_pointer (&object);
  return NULL;
}

static bool
read_digest (const json_t *object, const char *key, CsmDigest *ret_digest)
{
  return csm_digest_from_hex (csm_json_get_string (object, key), ret_digest);
}

static bool
read_id (const json_t *object, const char *key, CsmId *ret_id)
{
  return csm_id_parse (csm_json_get_string (object, key), ret_id);
}

static bool
read_count (const json_t *object, const char *key, int64_t *ret_value)
{
  /* The upper end is canonical JSON's own. */
  return csm_json_get_int (object, key, ret_value) && *ret_value >= 1;
}

static bool
has_nonce (const json_t *object)
{
  CsmId nonce;

  return read_id (object, "nonce", &nonce); /* has an id's form */
}

static int
compare_digests (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, CSM_DIGEST_SIZE);
}

static bool
read_digests (const json_t *object, const char *key, CsmDigest **ret_digests, int *ret_n)
{
  const json_t *array = csm_json_get_array (object, key);
  const size_t n = json_array_size (array);

  if (array == NULL || n > MAX_LIST)
    return false;

  g_autofree CsmDigest *digests = g_new (CsmDigest, n);

  for (size_t i = 0; i < n; i++)
    if (!csm_digest_from_hex (json_string_value (json_array_get (array, i)), &digests[i]) ||
        (i > 0 && compare_digests (&digests[i - 1], &digests[i]) >= 0))
      return false;
  *ret_digests = g_steal_pointer (&digests);
  *ret_n = (int) n;
  return true;
}

static bool
read_prev (const json_t *header, int64_t seq, CsmDigest *ret_prev)
{
  if (seq > 1)
    return read_digest (header, "prev", ret_prev);
  memset (ret_prev, 0, sizeof *ret_prev);
  return json_is_null (json_object_get (header, "prev"));
}

static bool
is_kind (const char *text)
{
  if (text == NULL || !g_ascii_islower (*text) || strlen (text) > MAX_KIND)
    return false;
  for (; *text != '\0'; text++)
    if (!g_ascii_islower (*text) && !g_ascii_isdigit (*text) && strchr (".-_", *text) == NULL)
      return false;
  return true;
}

static gboolean
parse_header (CsmEntry *self, GError **error)
{
  g_autoptr (json_t) header = decode_object (self->header, "header", error);
  CsmEntryPlace *place = &self->place;
  CsmDigest *heads = NULL;
  int64_t version;

  if (header == NULL)
    return FALSE;
  if (!read_count (header, "v", &version))
    return malformed (error, "header: no version");
  if (version > CSM_ENTRY_VERSION)
    return fail (error, CSM_CUSTODY_ERROR_NEWER, "written by a newer version of this program");
  if (json_object_size (header) != N_HEADER_KEYS)
    return malformed (error, "header: a key too many or too few");
  if (!read_id (header, "case", &place->case_id) || !read_id (header, "chain", &place->chain))
    return malformed (error, "header: case or chain is not an id");
  if (!read_count (header, "seq", &place->seq) ||
      !read_count (header, "lamport", &place->lamport))
    return malformed (error, "header: seq or lamport is not a count");
  if (!read_prev (header, place->seq, &place->prev))
    return malformed (error, "header: prev does not suit seq");
  if (!read_digests (header, "heads", &heads, &place->n_heads))
    return malformed (error, "header: heads is not a sorted list of ids");
  place->heads = heads;
  for (int i = 0; i < place->n_heads; i++)
    if (csm_digest_equal (&heads[i], &place->prev))
      return malformed (error, "header: heads holds prev");
  if (!csm_hex_decode (csm_json_get_string (header, "author"), self->author,
                       sizeof self->author))
    return malformed (error, "header: author is not a key");
  if (!read_digest (header, "meta_sha256", &self->meta_digest) ||
      !read_digest (header, "body_sha256", &self->body_digest))
    return malformed (error, "header: no hash of meta or body");
  return TRUE;
}

static gboolean
parse_meta (CsmEntry *self, GError **error)
{
  if (self->meta == NULL)
    return TRUE;

  g_autoptr (json_t) meta = decode_object (self->meta, "meta", error);

  if (meta == NULL)
    return FALSE;
  if (json_object_size (meta) != N_META_KEYS)
    return malformed (error, "meta: a key too many or too few");
  if (!csm_time_parse (csm_json_get_string (meta, "time"), &self->time))
    return malformed (error, "meta: time is not a time");
  if (!is_kind (csm_json_get_string (meta, "kind")))
    return malformed (error, "meta: kind is not a kind");
  self->has_subject = !json_is_null (json_object_get (meta, "subject"));
  if (self->has_subject && !read_id (meta, "subject", &self->subject))
    return malformed (error, "meta: subject is not an id");
  if (!read_digests (meta, "replaces", &self->replaces, &self->n_replaces))
    return malformed (error, "meta: replaces is not a sorted list of ids");
  if (!has_nonce (meta))
    return malformed (error, "meta: no nonce");
  self->kind = g_strdup (csm_json_get_string (meta, "kind"));
  return TRUE;
}

static gboolean
parse_body (CsmEntry *self, GError **error)
{
  if (self->body == NULL)
    return TRUE;
  self->content = decode_object (self->body, "body", error);
  if (self->content == NULL)
    return FALSE;
  if (!has_nonce (self->content))
    return malformed (error, "body: no nonce");
  return TRUE;
}

static gboolean
check_hash (GBytes *bytes, const CsmDigest *expected, const char *why, GError **error)
{
  CsmDigest digest;

  if (bytes == NULL)
    return TRUE;
  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &digest);
  if (!csm_digest_equal (&digest, expected))
    return fail (error, CSM_CUSTODY_ERROR_HASH, why);
  return TRUE;
}

static void
build_message (const CsmDigest *id, char ret_message[MESSAGE_SIZE])
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (id, hex);
  memcpy (ret_message, signature_context, sizeof signature_context - 1);
  memcpy (ret_message + sizeof signature_context - 1, hex, 2 * CSM_DIGEST_SIZE);
}

static gboolean
check_signature (const CsmEntry *self, GError **error)
{
  char message[MESSAGE_SIZE];

  build_message (&self->id, message);
  if (!csm_signature_verify (self->author, message, sizeof message, self->signature))
    return fail (error, CSM_CUSTODY_ERROR_SIGNATURE, "not signed by its author");
  return TRUE;
}

/* (transfer full): holds the bytes, knows its id, has parsed nothing. */
static CsmEntry *
entry_alloc (GBytes *header, GBytes *meta, GBytes *body)
{
  CsmEntry *self = g_new0 (CsmEntry, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->header = g_bytes_ref (header);
  self->meta = meta != NULL ? g_bytes_ref (meta) : NULL;
  self->body = body != NULL ? g_bytes_ref (body) : NULL;
  csm_sha256 (g_bytes_get_data (header, NULL), g_bytes_get_size (header), &self->id);
  return self;
}

CsmEntry *
csm_entry_parse (GBytes *header,
                 GBytes *meta,
                 GBytes *body,
                 const uint8_t signature[64],
                 GError **error)
{
  g_return_val_if_fail (header != NULL && signature != NULL, NULL);

  g_autoptr (CsmEntry) self = entry_alloc (header, meta, body);

  memcpy (self->signature, signature, sizeof self->signature);
  if (!parse_header (self, error) || !check_signature (self, error) ||
      !check_hash (meta, &self->meta_digest, "meta is not the one that was signed", error) ||
      !check_hash (body, &self->body_digest, "body is not the one that was signed", error) ||
      !parse_meta (self, error) || !parse_body (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* ---- Writing ---- */

static json_t *
json_digest (const CsmDigest *digest)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (digest, hex);
  return json_string (hex);
}

static json_t *
json_digests (const CsmDigest *digests, int n)
{
  json_t *array = json_array ();

  for (int i = 0; i < n; i++)
    json_array_append_new (array, json_digest (&digests[i]));
  return array;
}

/* (transfer full) (nullable): the canonical bytes. */
static GBytes *
encode_part (const json_t *object, const char *part, GError **error)
{
  g_autoptr (GError) why = NULL;
  GBytes *bytes = csm_json_encode (object, &why);

  if (bytes == NULL)
    g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED, "entry: %s: %s", part,
                 why->message);
  return bytes;
}

static GBytes *
encode_header (const CsmSigner *signer,
               const CsmEntryPlace *place,
               GBytes *meta,
               GBytes *body,
               GError **error)
{
  g_autoptr (json_t) header = json_object ();
  g_autofree char *author =
      csm_hex_encode (csm_signer_get_public_key (signer), CSM_PUBLIC_KEY_SIZE);
  CsmDigest digest;

  json_object_set_new (header, "v", json_integer (CSM_ENTRY_VERSION));
  json_object_set_new (header, "case", json_string (place->case_id.hex));
  json_object_set_new (header, "chain", json_string (place->chain.hex));
  json_object_set_new (header, "seq", json_integer (place->seq));
  json_object_set_new (header, "prev",
                       place->seq == 1 ? json_null () : json_digest (&place->prev));
  json_object_set_new (header, "heads", json_digests (place->heads, place->n_heads));
  json_object_set_new (header, "lamport", json_integer (place->lamport));
  json_object_set_new (header, "author", json_string (author));
  csm_sha256 (g_bytes_get_data (meta, NULL), g_bytes_get_size (meta), &digest);
  json_object_set_new (header, "meta_sha256", json_digest (&digest));
  csm_sha256 (g_bytes_get_data (body, NULL), g_bytes_get_size (body), &digest);
  json_object_set_new (header, "body_sha256", json_digest (&digest));
  return encode_part (header, "header", error);
}

static GBytes *
encode_meta (CsmTime time,
             const char *kind,
             const CsmId *subject,
             const CsmDigest *replaces,
             int n_replaces,
             GError **error)
{
  g_autoptr (json_t) meta = json_object ();
  g_autofree char *text = csm_time_format (time);
  g_autofree CsmDigest *sorted = g_memdup2 (replaces, (gsize) n_replaces * sizeof *replaces);
  CsmTime again;

  /* What lies outside of the calendar would be written as another time. */
  if (!csm_time_parse (text, &again) || again != time)
    {
      malformed (error, "time is out of range");
      return NULL;
    }
  if (n_replaces > 1)
    qsort (sorted, n_replaces, sizeof *sorted, compare_digests);
  json_object_set_new (meta, "time", json_string (text));
  json_object_set_new (meta, "kind", json_string (kind));
  json_object_set_new (meta, "subject", csm_json_nullable (subject ? subject->hex : NULL));
  json_object_set_new (meta, "replaces", json_digests (sorted, n_replaces));
  json_object_set_new (meta, "nonce", json_string (csm_id_new ().hex));
  return encode_part (meta, "meta", error);
}

static GBytes *
encode_body (const json_t *body, GError **error)
{
  if (!json_is_object (body) || json_object_get (body, "nonce") != NULL)
    {
      malformed (error, "body: not an object without a nonce");
      return NULL;
    }

  g_autoptr (json_t) copy = json_copy ((json_t *) body); /* shallow; jansson lacks the const */

  json_object_set_new (copy, "nonce", json_string (csm_id_new ().hex));
  return encode_part (copy, "body", error);
}

CsmEntry *
csm_entry_new (CsmSigner *signer,
               const CsmEntryPlace *place,
               CsmTime time,
               const char *kind,
               const CsmId *subject,
               const CsmDigest *replaces,
               int n_replaces,
               const json_t *body,
               GError **error)
{
  g_return_val_if_fail (signer != NULL && place != NULL && kind != NULL && body != NULL, NULL);
  g_return_val_if_fail (n_replaces >= 0 && place->n_heads >= 0, NULL);

  g_autoptr (GBytes) meta_bytes =
      encode_meta (time, kind, subject, replaces, n_replaces, error);
  g_autoptr (GBytes) body_bytes = meta_bytes != NULL ? encode_body (body, error) : NULL;

  if (body_bytes == NULL)
    return NULL;

  g_autoptr (GBytes) header = encode_header (signer, place, meta_bytes, body_bytes, error);

  if (header == NULL)
    return NULL;

  g_autoptr (CsmEntry) self = entry_alloc (header, meta_bytes, body_bytes);
  char message[MESSAGE_SIZE];

  /* Read back by the reader's own rules, so that what nobody could read is never signed. */
  if (!parse_header (self, error) || !parse_meta (self, error) || !parse_body (self, error))
    return NULL;
  build_message (&self->id, message);
  csm_signer_sign (signer, message, sizeof message, self->signature);
  return g_steal_pointer (&self);
}

/* ---- Life and answers ---- */

CsmEntry *
csm_entry_ref (CsmEntry *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
csm_entry_unref (CsmEntry *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_bytes_unref (self->header);
  g_clear_pointer (&self->meta, g_bytes_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free ((gpointer) self->place.heads);
  g_free (self->kind);
  g_free (self->replaces);
  json_decref (self->content);
  g_free (self);
}

const CsmDigest *
csm_entry_get_id (const CsmEntry *self)
{
  return &self->id;
}

const CsmEntryPlace *
csm_entry_get_place (const CsmEntry *self)
{
  return &self->place;
}

const uint8_t *
csm_entry_get_author (const CsmEntry *self)
{
  return self->author;
}

const uint8_t *
csm_entry_get_signature (const CsmEntry *self)
{
  return self->signature;
}

GBytes *
csm_entry_get_header (const CsmEntry *self)
{
  return self->header;
}

GBytes *
csm_entry_get_meta (const CsmEntry *self)
{
  return self->meta;
}

GBytes *
csm_entry_get_body (const CsmEntry *self)
{
  return self->body;
}

CsmTime
csm_entry_get_time (const CsmEntry *self)
{
  return self->time;
}

const char *
csm_entry_get_kind (const CsmEntry *self)
{
  return self->kind;
}

const CsmId *
csm_entry_get_subject (const CsmEntry *self)
{
  return self->has_subject ? &self->subject : NULL;
}

const CsmDigest *
csm_entry_get_replaces (const CsmEntry *self, int *ret_n)
{
  *ret_n = self->n_replaces;
  return self->replaces;
}

const json_t *
csm_entry_get_content (const CsmEntry *self)
{
  return self->content;
}
