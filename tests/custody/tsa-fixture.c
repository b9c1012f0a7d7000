/* tsa-fixture.c: a time-stamping service and its CA, made on the spot, that can also do wrong
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tsa-fixture.h"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <stdbool.h>

#define DAY INT64_C (86400)

typedef struct
{
  EVP_PKEY *key;
  X509 *certificate;
} Party;

static void
party_clear (Party *self)
{
  EVP_PKEY_free (self->key);
  X509_free (self->certificate);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Party, party_clear)

static void
add_extension (X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);

  g_assert_nonnull (extension);
  g_assert_cmpint (X509_add_ext (certificate, extension, -1), ==, 1);
  X509_EXTENSION_free (extension);
}

static void
set_name (X509_NAME *name, const char *text)
{
  g_assert_cmpint (X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8,
                                               (const unsigned char *) text, -1, -1, 0),
                   ==, 1);
}

/* From @issuer, or from itself. */
static void
make_party (Party *self,
            const char *name,
            const Party *issuer,
            int64_t from,
            int64_t to,
            bool weak)
{
  static long serial;
  const Party *by = issuer != NULL ? issuer : self;

  self->key = weak ? EVP_RSA_gen (1024) : EVP_EC_gen ("P-256");
  self->certificate = X509_new ();
  g_assert_nonnull (self->key);
  X509_set_version (self->certificate, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (self->certificate), ++serial);
  ASN1_TIME_set (X509_getm_notBefore (self->certificate), (time_t) from);
  ASN1_TIME_set (X509_getm_notAfter (self->certificate), (time_t) to);
  X509_set_pubkey (self->certificate, self->key);
  set_name (X509_get_subject_name (self->certificate), name);
  X509_set_issuer_name (self->certificate, X509_get_subject_name (by->certificate));
}

static void
sign_party (Party *self, const Party *issuer)
{
  g_assert_cmpint (
      X509_sign (self->certificate, (issuer != NULL ? issuer : self)->key, EVP_sha256 ()), >,
      0);
}

static void
make_ca (Party *self, const char *name, const Party *issuer)
{
  make_party (self, name, issuer, TSA_TIME - 1000 * DAY, TSA_TIME + 10000 * DAY, false);
  add_extension (self->certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension (self->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  sign_party (self, issuer);
}

static void
make_service (Party *self, const char *name, const Party *issuer, TsaFlags flags)
{
  const int64_t to = flags & TSA_RAN_OUT    ? TSA_TIME - 1
                     : flags & TSA_RUNS_OUT ? TSA_TIME + 1
                                            : TSA_TIME + 10000 * DAY;

  make_party (self, name, issuer, TSA_TIME - 100 * DAY, to, (flags & TSA_WEAK_KEY) != 0);
  add_extension (self->certificate, NID_key_usage, "critical,digitalSignature");
  if (!(flags & TSA_NO_EKU))
    add_extension (self->certificate, NID_ext_key_usage,
                   flags & TSA_EKU_NOT_CRITICAL ? "timeStamping"
                   : flags & TSA_EKU_MORE       ? "critical,timeStamping,codeSigning"
                                                : "critical,timeStamping");
  sign_party (self, issuer);
}

static GBytes *
take_bio (BIO *bio)
{
  char *data;
  const long size = BIO_get_mem_data (bio, &data);
  GBytes *bytes = g_bytes_new (data, (gsize) size);

  BIO_free (bio);
  return bytes;
}

static void
set_imprint (TS_TST_INFO *info, TS_REQ *request, TsaFlags flags)
{
  TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_dup (TS_REQ_get_msg_imprint (request));

  if (flags & TSA_OTHER_IMPRINT)
    {
      unsigned char other[32] = { 1 };

      TS_MSG_IMPRINT_set_msg (imprint, other, sizeof other);
    }
  g_assert_cmpint (TS_TST_INFO_set_msg_imprint (info, imprint), ==, 1);
  TS_MSG_IMPRINT_free (imprint);
}

static void
set_nonce (TS_TST_INFO *info, TS_REQ *request, TsaFlags flags)
{
  ASN1_INTEGER *nonce = ASN1_INTEGER_dup (TS_REQ_get_nonce (request));

  if (flags & TSA_OTHER_NONCE)
    ASN1_INTEGER_set (nonce, 42);
  if (!(flags & TSA_NO_NONCE))
    g_assert_cmpint (TS_TST_INFO_set_nonce (info, nonce), ==, 1);
  ASN1_INTEGER_free (nonce);
}

/* What the service states. */
static GBytes *
make_info (GBytes *request_bytes, TsaFlags flags)
{
  gsize size;
  const unsigned char *at = g_bytes_get_data (request_bytes, &size);
  TS_REQ *request = d2i_TS_REQ (NULL, &at, (long) size);
  TS_TST_INFO *info = TS_TST_INFO_new ();
  ASN1_OBJECT *policy = OBJ_txt2obj ("1.2.3.4.1", 1);
  ASN1_INTEGER *serial = ASN1_INTEGER_new ();
  ASN1_GENERALIZEDTIME *time = ASN1_GENERALIZEDTIME_new ();
  BIO *bio = BIO_new (BIO_s_mem ());

  g_assert_nonnull (request);
  ASN1_INTEGER_set (serial, 0x1234);
  ASN1_STRING_set (time, "20260305090702.25Z", -1);
  TS_TST_INFO_set_version (info, flags & TSA_VERSION_2 ? 2 : 1);
  TS_TST_INFO_set_policy_id (info, policy);
  TS_TST_INFO_set_serial (info, serial);
  TS_TST_INFO_set_time (info, time);
  set_imprint (info, request, flags);
  set_nonce (info, request, flags);
  g_assert_cmpint (i2d_TS_TST_INFO_bio (bio, info), ==, 1);
  TS_REQ_free (request);
  TS_TST_INFO_free (info);
  ASN1_OBJECT_free (policy);
  ASN1_INTEGER_free (serial);
  ASN1_GENERALIZEDTIME_free (time);
  return take_bio (bio);
}

static void
add_signer (CMS_ContentInfo *cms, const Party *party, TsaFlags flags)
{
  const EVP_MD *digest = flags & TSA_SHA1 ? EVP_sha1 () : EVP_sha256 ();
  const unsigned cms_flags = CMS_BINARY | CMS_NOSMIMECAP |
                             (flags & TSA_NO_ESS ? 0 : CMS_CADES) |
                             (flags & TSA_NO_CERTIFICATE ? CMS_NOCERTS : 0);

  g_assert_nonnull (CMS_add1_signer (cms, party->certificate, party->key, digest, cms_flags));
}

static GBytes *
make_token (GBytes *info,
            const Party *service,
            const Party *second,
            const Party *between,
            TsaFlags flags)
{
  gsize size;
  const void *data = g_bytes_get_data (info, &size);
  BIO *content = BIO_new_mem_buf (data, (int) size);
  BIO *out = BIO_new (BIO_s_mem ());
  CMS_ContentInfo *cms = CMS_sign (NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY);

  g_assert_nonnull (cms);
  CMS_set1_eContentType (cms, OBJ_nid2obj (NID_id_smime_ct_TSTInfo));
  add_signer (cms, service, flags);
  if (flags & TSA_TWO_SIGNERS)
    add_signer (cms, second, flags);
  if (between != NULL && !(flags & TSA_NO_CERTIFICATE))
    CMS_add1_cert (cms, between->certificate);
  g_assert_cmpint (CMS_final (cms, content, NULL, CMS_BINARY), ==, 1);
  g_assert_cmpint (i2d_CMS_bio (out, cms), ==, 1);
  CMS_ContentInfo_free (cms);
  BIO_free (content);
  return take_bio (out);
}

/* SEQUENCE { PKIStatusInfo, token } */
static GBytes *
wrap (GBytes *token, bool granted)
{
  static const uint8_t yes[] = { 0x30, 3, 2, 1, 0 };
  static const uint8_t no[] = { 0x30, 16,  2,   1,   2,   0x30, 11,  12,  9,
                                'n',  'o', 't', ' ', 't', 'o',  'd', 'a', 'y' };
  const uint8_t *status = granted ? yes : no;
  const gsize status_size = granted ? sizeof yes : sizeof no;
  const gsize size = status_size + (granted ? g_bytes_get_size (token) : 0);
  GByteArray *answer = g_byte_array_new ();
  const uint8_t head[] = { 0x30, 0x82, (uint8_t) (size >> 8), (uint8_t) size };
  const uint8_t short_head[] = { 0x30, (uint8_t) size };

  if (size > 255)
    g_byte_array_append (answer, head, sizeof head);
  else
    g_byte_array_append (answer, short_head, sizeof short_head);
  g_byte_array_append (answer, status, (guint) status_size);
  if (granted)
    g_byte_array_append (answer, g_bytes_get_data (token, NULL),
                         (guint) g_bytes_get_size (token));
  return g_byte_array_free_to_bytes (answer);
}

void
tsa_answer (GBytes *request, TsaFlags flags, TsaAnswer *ret)
{
  g_auto (Party) ca = { 0 };
  g_auto (Party) between = { 0 };
  g_auto (Party) service = { 0 };
  g_auto (Party) second = { 0 };
  g_autoptr (GBytes) info = make_info (request, flags);
  g_autoptr (GBytes) token = NULL;
  BIO *bio;

  make_ca (&ca, "Test Root", NULL);
  if (flags & TSA_BETWEEN)
    make_ca (&between, "Test Issuer", &ca);
  make_service (&service, "Test Time Stamps", flags & TSA_BETWEEN ? &between : &ca, flags);
  if (flags & TSA_TWO_SIGNERS)
    make_service (&second, "Other Time Stamps", &ca, flags);
  token = make_token (info, &service, &second, flags & TSA_BETWEEN ? &between : NULL, flags);
  ret->answer =
      flags & TSA_BARE ? g_bytes_ref (token) : wrap (token, !(flags & TSA_NOT_GRANTED));
  bio = BIO_new (BIO_s_mem ());
  PEM_write_bio_X509 (bio, ca.certificate);
  ret->ca = take_bio (bio);
  bio = BIO_new (BIO_s_mem ());
  PEM_write_bio_X509 (bio, service.certificate);
  if (flags & TSA_BETWEEN)
    PEM_write_bio_X509 (bio, between.certificate);
  ret->chain = take_bio (bio);
}

void
tsa_answer_clear (TsaAnswer *self)
{
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_pointer (&self->ca, g_bytes_unref);
  g_clear_pointer (&self->chain, g_bytes_unref);
}
