/* csm-timestamp.c: time stamps by outside services (RFC 3161; FORMAT.md, section 10)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-timestamp.h"

#include "custody/csm-timestamp-private.h"

#include <openssl/asn1.h>
#include <openssl/rand.h>
#include <openssl/ts.h>

#include <string.h>

#define NONCE_SIZE 8
#define MAX_SERIAL 64 /* bytes; RFC 3161 asks for 20 */
#define MAX_NONCE 64

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TS_REQ, TS_REQ_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TS_MSG_IMPRINT, TS_MSG_IMPRINT_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TS_RESP, TS_RESP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_ALGOR, X509_ALGOR_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_INTEGER, ASN1_INTEGER_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIGNUM, BN_free)

gboolean
csm_timestamp_fail (GError **error, CsmCustodyError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CSM_CUSTODY_ERROR, code, "time stamp: %s", message);
  return FALSE;
}

/* ---- Requests ---- */

/* (nullable) */
static TS_MSG_IMPRINT *
new_imprint (const CsmDigest *digest)
{
  g_autoptr (TS_MSG_IMPRINT) imprint = TS_MSG_IMPRINT_new ();
  g_autoptr (X509_ALGOR) algorithm = X509_ALGOR_new ();

  if (imprint == NULL || algorithm == NULL ||
      !X509_ALGOR_set0 (algorithm, OBJ_nid2obj (NID_sha256), V_ASN1_NULL, NULL) ||
      !TS_MSG_IMPRINT_set_algo (imprint, algorithm) ||
      !TS_MSG_IMPRINT_set_msg (imprint, (unsigned char *) digest->bytes, CSM_DIGEST_SIZE))
    return NULL;
  return g_steal_pointer (&imprint);
}

/* (nullable): 62 random bits below a bit that is set, so that all requests have one length. */
static ASN1_INTEGER *
new_nonce (void)
{
  unsigned char bytes[NONCE_SIZE];
  g_autoptr (BIGNUM) number = NULL;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    return NULL;
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  number = BN_bin2bn (bytes, sizeof bytes, NULL);
  return number != NULL ? BN_to_ASN1_INTEGER (number, NULL) : NULL;
}

GBytes *
csm_timestamp_request_new (const CsmDigest *imprint, GError **error)
{
  g_return_val_if_fail (imprint != NULL, NULL);

  g_autoptr (TS_REQ) request = TS_REQ_new ();
  g_autoptr (TS_MSG_IMPRINT) hashed = new_imprint (imprint);
  g_autoptr (ASN1_INTEGER) nonce = new_nonce ();
  unsigned char *der = NULL;
  int size = -1;

  if (request != NULL && hashed != NULL && nonce != NULL && TS_REQ_set_version (request, 1) &&
      TS_REQ_set_msg_imprint (request, hashed) && TS_REQ_set_nonce (request, nonce) &&
      TS_REQ_set_cert_req (request, 1))
    size = i2d_TS_REQ (request, &der);
  csm_timestamp_clear_errors ();
  if (size <= 0)
    {
      csm_timestamp_fail (error, CSM_CUSTODY_ERROR_STAMP, "the request cannot be made");
      return NULL;
    }

  GBytes *bytes = g_bytes_new (der, (gsize) size);

  OPENSSL_free (der);
  return bytes;
}

/* ---- Answers ---- */

void
csm_timestamp_free (CsmTimestamp *self)
{
  if (self == NULL)
    return;

  TS_TST_INFO_free (self->info);
  PKCS7_free (self->pkcs7);
  g_clear_pointer (&self->token, g_bytes_unref);
  g_free (self->serial);
  g_free (self->authority);
  g_free (self);
}

/* (transfer full): what the service says about a refusal, without what could steer a terminal.
 */
static char *
dup_status_text (TS_STATUS_INFO *status)
{
  const STACK_OF (ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text (status);
  GString *all = g_string_new (NULL);

  for (int i = 0; i < sk_ASN1_UTF8STRING_num (texts) && all->len < 200; i++)
    {
      const ASN1_UTF8STRING *text = sk_ASN1_UTF8STRING_value (texts, i);
      const unsigned char *data = ASN1_STRING_get0_data (text);
      const int size = MIN (ASN1_STRING_length (text), 200);

      g_string_append (all, all->len > 0 ? ", " : "");
      for (int n = 0; n < size; n++)
        g_string_append_c (all, g_ascii_isprint (data[n]) ? (char) data[n] : '?');
    }
  return g_string_free (all, FALSE);
}

static gboolean
check_status (TS_RESP *response, GError **error)
{
  TS_STATUS_INFO *info = TS_RESP_get_status_info (response);
  const long status = ASN1_INTEGER_get (TS_STATUS_INFO_get0_status (info));
  g_autofree char *text = dup_status_text (info);

  if ((status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS) &&
      TS_RESP_get_token (response) != NULL)
    return TRUE;
  return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_STAMP,
                             "the service did not grant it (status %ld%s%s); ask again, or "
                             "another service",
                             status, *text != '\0' ? ": " : "", text);
}

/* (transfer full) (nullable): the token's own bytes: all that follows the status. */
static GBytes *
slice_token (GBytes *answer)
{
  gsize size;
  const unsigned char *start = g_bytes_get_data (answer, &size);
  const unsigned char *at = start;
  long length;
  int tag, class;

  if (ASN1_get_object (&at, &length, &tag, &class, (long) size) != V_ASN1_CONSTRUCTED ||
      at + length != start + size ||
      ASN1_get_object (&at, &length, &tag, &class, length) != V_ASN1_CONSTRUCTED)
    return NULL;
  at += length;
  return g_bytes_new_from_bytes (answer, (gsize) (at - start), size - (gsize) (at - start));
}

/* The whole of @bytes, in DER. */
static PKCS7 *
read_token (GBytes *bytes)
{
  gsize size;
  const unsigned char *start = g_bytes_get_data (bytes, &size);
  const unsigned char *at = start;
  PKCS7 *token = size > 0 ? d2i_PKCS7 (NULL, &at, (long) size) : NULL;

  if (token != NULL && at != start + size)
    g_clear_pointer (&token, PKCS7_free);
  return token;
}

static gboolean
read_answer (CsmTimestamp *self, GBytes *answer, GError **error)
{
  gsize size;
  const unsigned char *start = g_bytes_get_data (answer, &size);
  const unsigned char *at = start;
  g_autoptr (TS_RESP) response = NULL;

  if (size <= CSM_TIMESTAMP_MAX_SIZE && size > 0)
    {
      response = d2i_TS_RESP (NULL, &at, (long) size);
      if (response != NULL && at == start + size)
        {
          if (!check_status (response, error))
            return FALSE;
          self->token = slice_token (answer);
        }
      else
        self->token = g_bytes_ref (answer);
      self->pkcs7 = self->token != NULL ? read_token (self->token) : NULL;
    }
  if (self->pkcs7 != NULL && PKCS7_type_is_signed (self->pkcs7) &&
      (self->info = PKCS7_to_TS_TST_INFO (self->pkcs7)) != NULL)
    return TRUE;
  return csm_timestamp_fail (
      error, CSM_CUSTODY_ERROR_MALFORMED,
      "the file is no answer of a time-stamping service, or was cut off; "
      "fetch it again as it is (application/timestamp-reply)");
}

static gboolean
read_imprint (CsmTimestamp *self, GError **error)
{
  TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint (self->info);
  const ASN1_OBJECT *algorithm;
  ASN1_OCTET_STRING *hashed = TS_MSG_IMPRINT_get_msg (imprint);

  X509_ALGOR_get0 (&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo (imprint));
  if (TS_TST_INFO_get_version (self->info) != 1)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_STAMP,
                               "it is of a version that this program does not know; update "
                               "Casement");
  if (OBJ_obj2nid (algorithm) != NID_sha256 || ASN1_STRING_length (hashed) != CSM_DIGEST_SIZE)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_STAMP,
                               "it is not over a SHA-256, so over no receipt; send the request "
                               "that Casement wrote");
  memcpy (self->imprint.bytes, ASN1_STRING_get0_data (hashed), CSM_DIGEST_SIZE);
  return TRUE;
}

/* GeneralizedTime in UTC, whose fraction OpenSSL leaves out. */
static gboolean
read_time (CsmTimestamp *self, GError **error)
{
  const ASN1_GENERALIZEDTIME *time = TS_TST_INFO_get_time (self->info);
  const char *text = (const char *) ASN1_STRING_get0_data (time);
  const int length = ASN1_STRING_length (time);

  if (length < 15 || length > 40 || text[length - 1] != 'Z' ||
      !csm_timestamp_read_time (time, &self->time))
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_MALFORMED,
                               "its time is not one; ask again, or another service");
  if (text[14] == '.')
    for (int i = 15, unit = 100; i < length - 1; i++, unit /= 10)
      self->time += unit * g_ascii_digit_value (text[i]);
  return TRUE;
}

static gboolean
read_serial (CsmTimestamp *self, GError **error)
{
  const ASN1_INTEGER *serial = TS_TST_INFO_get_serial (self->info);
  const int length = ASN1_STRING_length (serial);

  if (length < 1 || length > MAX_SERIAL)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_MALFORMED,
                               "its serial number is not one; ask again, or another service");
  self->serial = csm_hex_encode (ASN1_STRING_get0_data (serial), (size_t) length);
  return TRUE;
}

CsmTimestamp *
csm_timestamp_parse (GBytes *answer, GError **error)
{
  g_return_val_if_fail (answer != NULL, NULL);

  g_autoptr (CsmTimestamp) self = g_new0 (CsmTimestamp, 1);
  const gboolean read = read_answer (self, answer, error) && read_imprint (self, error) &&
                        read_time (self, error) && read_serial (self, error);

  csm_timestamp_clear_errors ();
  return read ? g_steal_pointer (&self) : NULL;
}

static TS_REQ *
read_request (GBytes *bytes)
{
  gsize size;
  const unsigned char *start = g_bytes_get_data (bytes, &size);
  const unsigned char *at = start;

  return size > 0 && size <= CSM_TIMESTAMP_MAX_SIZE ? d2i_TS_REQ (NULL, &at, (long) size)
                                                    : NULL;
}

gboolean
csm_timestamp_check_request (const CsmTimestamp *self, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (self != NULL && bytes != NULL, FALSE);

  g_autoptr (TS_REQ) request = read_request (bytes);
  const ASN1_INTEGER *asked = request != NULL ? TS_REQ_get_nonce (request) : NULL;
  const ASN1_INTEGER *answered = TS_TST_INFO_get_nonce (self->info);
  const ASN1_OCTET_STRING *hashed =
      request != NULL ? TS_MSG_IMPRINT_get_msg (TS_REQ_get_msg_imprint (request)) : NULL;

  csm_timestamp_clear_errors ();
  if (asked == NULL || ASN1_STRING_length (hashed) != CSM_DIGEST_SIZE)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_MALFORMED,
                               "the request that is kept is none; save a new one");
  if (memcmp (ASN1_STRING_get0_data (hashed), self->imprint.bytes, CSM_DIGEST_SIZE) != 0)
    return csm_timestamp_fail (
        error, CSM_CUSTODY_ERROR_STAMP,
        "it is over another SHA-256 than the request; take the answer to "
        "this request");
  if (answered == NULL)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_STAMP,
                               "the service left the request's nonce out, so that it may be an "
                               "old answer; ask another service");
  if (ASN1_STRING_length (answered) > MAX_NONCE || ASN1_INTEGER_cmp (asked, answered) != 0)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_STAMP,
                               "its nonce is not the one in the request; take the answer to "
                               "this request");
  return TRUE;
}

GBytes *
csm_timestamp_get_token (const CsmTimestamp *self)
{
  return self->token;
}

const CsmDigest *
csm_timestamp_get_imprint (const CsmTimestamp *self)
{
  return &self->imprint;
}

CsmTime
csm_timestamp_get_time (const CsmTimestamp *self)
{
  return self->time;
}

const char *
csm_timestamp_get_serial (const CsmTimestamp *self)
{
  return self->serial;
}

const char *
csm_timestamp_get_authority (const CsmTimestamp *self)
{
  return self->authority;
}

CsmTime
csm_timestamp_get_expiry (const CsmTimestamp *self)
{
  return self->expiry;
}
