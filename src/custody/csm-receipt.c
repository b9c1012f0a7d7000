/* csm-receipt.c: the state of a ledger in one small file, and its code (FORMAT.md, section 9)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-receipt.h"

#include "base/csm-json.h"

#include <stdlib.h>
#include <string.h>

#define MAX_HEADS 65536
#define N_KEYS 6

struct _CsmReceipt
{
  gatomicrefcount ref_count;

  /* Immutable */
  GBytes *bytes;
  CsmDigest sha256;
  CsmId case_id;
  CsmId file_id;
  int64_t header_seq;
  int64_t count;
  CsmDigest *heads;
  int n_heads;
};

static gboolean
malformed (GError **error, const char *why)
{
  g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED, "receipt: %s", why);
  return FALSE;
}

static int
compare_digests (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, CSM_DIGEST_SIZE);
}

static gboolean
read_heads (CsmReceipt *self, const json_t *object, GError **error)
{
  const json_t *array = csm_json_get_array (object, "heads");
  const size_t n = json_array_size (array);

  if (n < 1 || n > MAX_HEADS)
    return malformed (error, "heads is not a list of 1 to 65536 ids");
  self->heads = g_new (CsmDigest, n);
  self->n_heads = (int) n;
  for (size_t i = 0; i < n; i++)
    if (!csm_digest_from_hex (json_string_value (json_array_get (array, i)), &self->heads[i]) ||
        (i > 0 && compare_digests (&self->heads[i - 1], &self->heads[i]) >= 0))
      return malformed (error, "heads is not a sorted list of ids");
  return TRUE;
}

static gboolean
read_object (CsmReceipt *self, const json_t *object, GError **error)
{
  int64_t version;

  if (!json_is_object (object) || !csm_json_get_int (object, "v", &version) || version < 1)
    return malformed (error, "no version");
  if (version > CSM_RECEIPT_VERSION)
    {
      g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_NEWER,
                   "receipt: written by a newer version of this program");
      return FALSE;
    }
  if (json_object_size (object) != N_KEYS)
    return malformed (error, "a key too many or too few");
  if (!csm_id_parse (csm_json_get_string (object, "case"), &self->case_id) ||
      !csm_id_parse (csm_json_get_string (object, "file_id"), &self->file_id))
    return malformed (error, "case or file_id is not an id");
  if (!csm_json_get_int (object, "header_seq", &self->header_seq) || self->header_seq < 1 ||
      !csm_json_get_int (object, "count", &self->count) || self->count < 1)
    return malformed (error, "header_seq or count is not a count");
  if (!read_heads (self, object, error))
    return FALSE;
  if (self->n_heads > self->count)
    return malformed (error, "there are more heads than entries");
  return TRUE;
}

/* Takes @bytes. */
static CsmReceipt *
receipt_read (GBytes *bytes, GError **error)
{
  g_autoptr (CsmReceipt) self = g_new0 (CsmReceipt, 1);
  g_autoptr (GError) why = NULL;
  g_autoptr (json_t) object = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  self->bytes = bytes;
  object = csm_json_decode (bytes, &why);
  if (object == NULL)
    {
      malformed (error, why->message);
      return NULL;
    }
  if (!read_object (self, object, error))
    return NULL;
  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &self->sha256);
  return g_steal_pointer (&self);
}

CsmReceipt *
csm_receipt_parse (GBytes *bytes, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  const size_t size = g_bytes_get_size (bytes);
  const char *data = g_bytes_get_data (bytes, NULL);

  if (size > CSM_RECEIPT_MAX_SIZE)
    {
      malformed (error, "the file is too large for one");
      return NULL;
    }
  if (size > 0 && data[size - 1] == '\n')
    return receipt_read (g_bytes_new_from_bytes (bytes, 0, size - 1), error);
  return receipt_read (g_bytes_ref (bytes), error);
}

CsmReceipt *
csm_receipt_new (const CsmId *case_id,
                 const CsmId *file_id,
                 int64_t header_seq,
                 int64_t count,
                 const CsmDigest *heads,
                 int n_heads,
                 GError **error)
{
  g_autoptr (json_t) object = json_object ();
  g_autoptr (GError) why = NULL;
  g_autofree CsmDigest *sorted = g_memdup2 (heads, (gsize) n_heads * sizeof *heads);
  json_t *array = json_array ();
  GBytes *bytes;

  if (n_heads > 1)
    qsort (sorted, (size_t) n_heads, sizeof *sorted, compare_digests);
  for (int i = 0; i < n_heads; i++)
    {
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (&sorted[i], hex);
      json_array_append_new (array, json_string (hex));
    }
  json_object_set_new (object, "v", json_integer (CSM_RECEIPT_VERSION));
  json_object_set_new (object, "case", json_string (case_id->hex));
  json_object_set_new (object, "file_id", json_string (file_id->hex));
  json_object_set_new (object, "header_seq", json_integer (header_seq));
  json_object_set_new (object, "count", json_integer (count));
  json_object_set_new (object, "heads", array);
  bytes = csm_json_encode (object, &why);
  if (bytes == NULL)
    {
      malformed (error, why->message);
      return NULL;
    }
  /* Read back, so that what nobody could read is never handed out. */
  return receipt_read (bytes, error);
}

CsmReceipt *
csm_receipt_ref (CsmReceipt *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
csm_receipt_unref (CsmReceipt *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_bytes_unref (self->bytes);
  g_free (self->heads);
  g_free (self);
}

GBytes *
csm_receipt_get_bytes (const CsmReceipt *self)
{
  return self->bytes;
}

const CsmDigest *
csm_receipt_get_sha256 (const CsmReceipt *self)
{
  return &self->sha256;
}

const CsmId *
csm_receipt_get_case (const CsmReceipt *self)
{
  return &self->case_id;
}

const CsmId *
csm_receipt_get_file (const CsmReceipt *self)
{
  return &self->file_id;
}

int64_t
csm_receipt_get_header_seq (const CsmReceipt *self)
{
  return self->header_seq;
}

int64_t
csm_receipt_get_count (const CsmReceipt *self)
{
  return self->count;
}

const CsmDigest *
csm_receipt_get_heads (const CsmReceipt *self, int *ret_n)
{
  *ret_n = self->n_heads;
  return self->heads;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void
csm_receipt_code (const CsmDigest *sha256, char ret_code[CSM_RECEIPT_CODE_LENGTH + 1])
{
  for (int i = 0; i < CSM_RECEIPT_CODE_LENGTH; i++)
    {
      const int bit = i * 5;
      /* 130 bits end within byte 16: there is always a byte behind. */
      const unsigned pair = (unsigned) sha256->bytes[bit / 8] << 8 | sha256->bytes[bit / 8 + 1];

      ret_code[i] = alphabet[pair >> (11 - bit % 8) & 31];
    }
  ret_code[CSM_RECEIPT_CODE_LENGTH] = '\0';
}

bool
csm_receipt_code_parse (const char *text, char ret_code[CSM_RECEIPT_CODE_LENGTH + 1])
{
  char code[CSM_RECEIPT_CODE_LENGTH + 1] = { 0 };
  int n = 0;

  g_return_val_if_fail (text != NULL, false);
  for (; *text != '\0'; text++)
    {
      char c = g_ascii_toupper (*text);

      if (g_ascii_isspace (c) || c == '-')
        continue;
      c = c == '0' ? 'O' : c == '1' ? 'I' : c == '8' ? 'B' : c;
      if (n == CSM_RECEIPT_CODE_LENGTH || strchr (alphabet, c) == NULL)
        return false;
      code[n++] = c;
    }
  if (n != CSM_RECEIPT_CODE_LENGTH)
    return false;
  memcpy (ret_code, code, sizeof code);
  return true;
}
