/* csm-timestamp-signature.c: who signed a time stamp, and whether the pinned CA stands behind
 * it SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-timestamp-private.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <string.h>
#include <time.h>

#define MAX_CERTIFICATES 64 /* of a file */
#define MAX_AUTHORITY 1024
/* At least 112 bits: RSA from 2048 bits, SHA-2. */
#define AUTH_LEVEL 2

static void
free_certificates (STACK_OF (X509) * certificates)
{
  sk_X509_pop_free (certificates, X509_free);
}

typedef STACK_OF (X509) Certificates;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Certificates, free_certificates)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_STORE, X509_STORE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

void
csm_timestamp_clear_errors (void)
{
  ERR_clear_error ();
}

bool
csm_timestamp_read_time (const ASN1_TIME *time, CsmTime *ret_time)
{
  struct tm tm;
  g_autoptr (GDateTime) date = NULL;

  if (!ASN1_TIME_to_tm (time, &tm))
    return false;
  date = g_date_time_new_utc (tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                              tm.tm_min, tm.tm_sec);
  if (date == NULL)
    return false;
  *ret_time = g_date_time_to_unix (date) * 1000;
  return true;
}

/* Nobody is asked for the passphrase of something that is no certificate. */
static int
refuse_passphrase_cb (char *buffer, int size, int writing, void *data)
{
  return -1;
}

/* (nullable): every certificate in @pem, at least one. */
static Certificates *
read_certificates (GBytes *pem, const char *what, GError **error)
{
  g_autoptr (Certificates) list = sk_X509_new_null ();
  g_autoptr (BIO) bio = NULL;
  X509 *certificate;
  gsize size;
  const void *data = g_bytes_get_data (pem, &size);

  if (size > 0 && size <= CSM_TIMESTAMP_MAX_SIZE && list != NULL)
    bio = BIO_new_mem_buf (data, (int) size);
  while (bio != NULL && sk_X509_num (list) < MAX_CERTIFICATES &&
         (certificate = PEM_read_bio_X509 (bio, NULL, refuse_passphrase_cb, NULL)) != NULL)
    if (!sk_X509_push (list, certificate))
      {
        X509_free (certificate);
        break;
      }
  if (bio != NULL && sk_X509_num (list) > 0 &&
      ERR_GET_REASON (ERR_peek_last_error ()) == PEM_R_NO_START_LINE)
    return g_steal_pointer (&list);
  csm_timestamp_fail (
      error, CSM_CUSTODY_ERROR_MALFORMED,
      "%s is no list of certificates in PEM form (-----BEGIN CERTIFICATE-----); "
      "get it from the service again",
      what);
  return NULL;
}

/* (nullable): trusts @anchors alone, as of @time. */
static X509_STORE *
new_store (Certificates *anchors, CsmTime time)
{
  g_autoptr (X509_STORE) store = X509_STORE_new ();
  X509_VERIFY_PARAM *param = store != NULL ? X509_STORE_get0_param (store) : NULL;

  if (param == NULL)
    return NULL;
  X509_VERIFY_PARAM_set_time (param, (time_t) (time / 1000));
  X509_VERIFY_PARAM_set_auth_level (param, AUTH_LEVEL);
  for (int i = 0; i < sk_X509_num (anchors); i++)
    if (!X509_STORE_add_cert (store, sk_X509_value (anchors, i)))
      return NULL;
  return g_steal_pointer (&store);
}

/* OpenSSL's own lead, which says nothing. */
static const char *
skip_lead (const char *detail)
{
  static const char lead[] = "Verify error:";

  return g_str_has_prefix (detail, lead) ? detail + strlen (lead) : detail;
}

/* What libcrypto found, in its order of telling, for people. */
static gboolean
fail_by_libcrypto (GError **error)
{
  const char *detail = NULL;
  int flags = 0;
  const unsigned long code = ERR_peek_last_error_all (NULL, NULL, NULL, &detail, &flags);
  const bool has_detail = (flags & ERR_TXT_STRING) != 0 && detail != NULL && *detail != '\0';

  if (ERR_GET_LIB (code) == ERR_LIB_TS &&
      ERR_GET_REASON (code) == TS_R_CERTIFICATE_VERIFY_ERROR)
    return csm_timestamp_fail (
        error, CSM_CUSTODY_ERROR_SIGNATURE,
        "its certificate does not hold against the CA file (%s); get the "
        "service's own CA file, and its chain, from its site",
        has_detail ? skip_lead (detail) : "no reason given");
  if (ERR_GET_LIB (code) == ERR_LIB_TS &&
      ERR_GET_REASON (code) == TS_R_THERE_MUST_BE_ONE_SIGNER)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_SIGNATURE,
                               "it is not signed by exactly one service; ask again, or another "
                               "service");
  return csm_timestamp_fail (
      error, CSM_CUSTODY_ERROR_SIGNATURE,
      "its signature does not hold (%s); it was changed on the way, or is none: fetch it again",
      code != 0 && ERR_reason_error_string (code) != NULL ? ERR_reason_error_string (code)
                                                          : "no reason given");
}

/* What TS_RESP_verify_signature() leaves to its caller. */
static gboolean
check_digest (PKCS7 *token, GError **error)
{
  STACK_OF (PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info (token);
  X509_ALGOR *digest = NULL;
  const ASN1_OBJECT *algorithm = NULL;

  if (sk_PKCS7_SIGNER_INFO_num (signers) != 1)
    return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_SIGNATURE,
                               "it is not signed by exactly one service; ask again, or another "
                               "service");
  PKCS7_SIGNER_INFO_get0_algs (sk_PKCS7_SIGNER_INFO_value (signers, 0), NULL, &digest, NULL);
  X509_ALGOR_get0 (&algorithm, NULL, NULL, digest);
  switch (OBJ_obj2nid (algorithm))
    {
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
      return TRUE;
    default:
      return csm_timestamp_fail (error, CSM_CUSTODY_ERROR_SIGNATURE,
                                 "it is signed over a hash that is too weak or not known; ask "
                                 "another service");
    }
}

/* (transfer full): the subject of @certificate as RFC 2253 writes it, control characters
 * escaped. */
static char *
dup_authority (X509 *certificate)
{
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *data = NULL;
  long size;

  if (bio == NULL || X509_NAME_print_ex (bio, X509_get_subject_name (certificate), 0,
                                         XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return g_strdup ("");
  size = BIO_get_mem_data (bio, &data);
  return g_utf8_make_valid (data, (gssize) CLAMP (size, 0, MAX_AUTHORITY));
}

gboolean
csm_timestamp_check_signature (CsmTimestamp *self, GBytes *ca, GBytes *chain, GError **error)
{
  g_return_val_if_fail (self != NULL && ca != NULL, FALSE);

  g_autoptr (Certificates) anchors = NULL;
  g_autoptr (Certificates) between = NULL;
  g_autoptr (X509_STORE) store = NULL;
  g_autoptr (X509) signer = NULL;
  gboolean holds = FALSE;

  ERR_clear_error ();
  anchors = read_certificates (ca, "the CA file", error);
  ERR_clear_error ();
  if (anchors != NULL && chain != NULL)
    between = read_certificates (chain, "the chain", error);
  ERR_clear_error ();
  if (anchors == NULL || (chain != NULL && between == NULL) ||
      !check_digest (self->pkcs7, error))
    return FALSE;
  store = new_store (anchors, self->time);
  if (store != NULL && TS_RESP_verify_signature (self->pkcs7, between, store, &signer) == 1 &&
      csm_timestamp_read_time (X509_get0_notAfter (signer), &self->expiry))
    {
      g_free (self->authority);
      self->authority = dup_authority (signer);
      holds = TRUE;
    }
  else
    fail_by_libcrypto (error);
  ERR_clear_error ();
  return holds;
}
