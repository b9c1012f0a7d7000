/* test-timestamp.c: answers of time-stamping services, right and wrong ones
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-timestamp.h"
#include "tsa-fixture.h"

#include <string.h>

static const CsmDigest digest = { { 0x77, 0x7e, 0x11 } };

/* (transfer full): a file of tests/custody/data. */
static GBytes *
read_file (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "custody", "data", name, NULL);
  char *bytes;
  gsize size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  return g_bytes_new_take (bytes, size);
}

/* All that makes a time stamp count. (transfer full) (nullable) */
static CsmTimestamp *
check (GBytes *answer, GBytes *request, GBytes *ca, GBytes *chain, GError **error)
{
  g_autoptr (CsmTimestamp) stamp = csm_timestamp_parse (answer, error);

  if (stamp == NULL || !csm_timestamp_check_request (stamp, request, error) ||
      !csm_timestamp_check_signature (stamp, ca, chain, error))
    return NULL;
  return g_steal_pointer (&stamp);
}

static void
assert_refused (TsaFlags flags, CsmCustodyError code, const char *part)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = NULL;

  tsa_answer (request, flags, &tsa);
  stamp = check (tsa.answer, request, tsa.ca, NULL, &error);
  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, (int) code);
  if (strstr (error->message, part) == NULL)
    g_error ("looked for '%s' in: %s", part, error->message);
  /* What to do. */
  g_assert_nonnull (strchr (error->message, ';'));
}

static void
assert_accepted (TsaFlags flags, bool with_chain)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = NULL;

  tsa_answer (request, flags, &tsa);
  stamp = check (tsa.answer, request, tsa.ca, with_chain ? tsa.chain : NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (csm_timestamp_get_time (stamp), ==, TSA_TIME * 1000 + 250);
  g_assert_cmpstr (csm_timestamp_get_authority (stamp), ==, "CN=Test Time Stamps");
  g_assert_cmpstr (csm_timestamp_get_serial (stamp), ==, "1234");
  g_assert_true (csm_digest_equal (csm_timestamp_get_imprint (stamp), &digest));
}

static void
test_request (void)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_autoptr (GBytes) other = csm_timestamp_request_new (&digest, NULL);
  g_autofree char *hex =
      csm_hex_encode (g_bytes_get_data (request, NULL), g_bytes_get_size (request));

  g_assert_cmpuint (g_bytes_get_size (request), ==, 69);
  /* Version 1, SHA-256 and the digest; the nonce; certReq TRUE. */
  g_assert_true (
      g_str_has_prefix (hex, "30430201013031300d060960864801650304020105000420777e1100000000"));
  g_assert_nonnull (strstr (hex, "0208"));
  g_assert_true (g_str_has_suffix (hex, "0101ff"));
  g_assert_false (g_bytes_equal (request, other));
}

static void
test_accepted (void)
{
  assert_accepted (0, false);
}

static void
test_bare_token (void)
{
  assert_accepted (TSA_BARE, false);
}

static void
test_intermediate (void)
{
  assert_accepted (TSA_BETWEEN, false);
}

static void
test_chain_from_a_file (void)
{
  assert_accepted (TSA_BETWEEN | TSA_NO_CERTIFICATE, true);
  assert_refused (TSA_BETWEEN | TSA_NO_CERTIFICATE, CSM_CUSTODY_ERROR_SIGNATURE, "signature");
}

/* As of its own time, not of today. */
static void
test_ran_out_since (void)
{
  assert_accepted (TSA_RUNS_OUT, false);
}

static void
test_ran_out_before (void)
{
  assert_refused (TSA_RAN_OUT, CSM_CUSTODY_ERROR_SIGNATURE, "certificate has expired");
}

static void
test_extended_key_usage (void)
{
  assert_refused (TSA_NO_EKU, CSM_CUSTODY_ERROR_SIGNATURE, "certificate purpose");
  assert_refused (TSA_EKU_NOT_CRITICAL, CSM_CUSTODY_ERROR_SIGNATURE, "certificate purpose");
  assert_refused (TSA_EKU_MORE, CSM_CUSTODY_ERROR_SIGNATURE, "certificate purpose");
}

static void
test_weak (void)
{
  assert_refused (TSA_SHA1, CSM_CUSTODY_ERROR_SIGNATURE, "too weak");
  assert_refused (TSA_WEAK_KEY, CSM_CUSTODY_ERROR_SIGNATURE, "key too weak");
}

static void
test_two_signers (void)
{
  assert_refused (TSA_TWO_SIGNERS, CSM_CUSTODY_ERROR_SIGNATURE, "exactly one service");
}

static void
test_certificate_not_named (void)
{
  assert_refused (TSA_NO_ESS, CSM_CUSTODY_ERROR_SIGNATURE,
                  "missing signing certificate attribute");
}

static void
test_nonce (void)
{
  assert_refused (TSA_OTHER_NONCE, CSM_CUSTODY_ERROR_STAMP, "its nonce is not the one");
  assert_refused (TSA_NO_NONCE, CSM_CUSTODY_ERROR_STAMP, "left the request's nonce out");
}

static void
test_imprint (void)
{
  assert_refused (TSA_OTHER_IMPRINT, CSM_CUSTODY_ERROR_STAMP, "another SHA-256");
}

static void
test_version (void)
{
  assert_refused (TSA_VERSION_2, CSM_CUSTODY_ERROR_STAMP, "version");
}

static void
test_not_granted (void)
{
  assert_refused (TSA_NOT_GRANTED, CSM_CUSTODY_ERROR_STAMP,
                  "did not grant it (status 2: not today)");
}

static void
test_another_ca (void)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };
  g_auto (TsaAnswer) other = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = NULL;

  tsa_answer (request, 0, &tsa);
  tsa_answer (request, 0, &other);
  stamp = check (tsa.answer, request, other.ca, NULL, &error);
  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE);
  g_assert_nonnull (strstr (error->message, "does not hold against the CA file"));
}

/* The service's own certificate is not its CA's, whoever it is from. */
static void
test_chain_is_not_trusted (void)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };
  g_auto (TsaAnswer) other = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = NULL;

  tsa_answer (request, TSA_BETWEEN, &tsa);
  tsa_answer (request, 0, &other);
  stamp = check (tsa.answer, request, other.ca, tsa.chain, &error);
  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE);
}

static void
assert_no_ca (GBytes *ca)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = NULL;

  tsa_answer (request, 0, &tsa);
  stamp = check (tsa.answer, request, ca, NULL, &error);
  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "the CA file"));
}

static void
test_not_a_ca_file (void)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) text = g_bytes_new_static ("hello\n", 6);
  g_autoptr (GBytes) cut = g_bytes_new_static ("-----BEGIN CERTIFICATE-----\nMIIB\n", 33);
  g_autoptr (GBytes) real = read_file ("ca.crt");
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  g_autoptr (GBytes) half = NULL;

  /* One certificate, and then a broken one. */
  g_byte_array_append (joined, g_bytes_get_data (real, NULL), (guint) g_bytes_get_size (real));
  g_byte_array_append (joined, g_bytes_get_data (cut, NULL), (guint) g_bytes_get_size (cut));
  half = g_bytes_new (joined->data, joined->len);
  assert_no_ca (nothing);
  assert_no_ca (text);
  assert_no_ca (cut);
  assert_no_ca (half);
}

static void
assert_malformed (GBytes *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = csm_timestamp_parse (answer, &error);

  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
}

static void
test_truncated (void)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };

  tsa_answer (request, 0, &tsa);
  for (gsize size = 0; size < g_bytes_get_size (tsa.answer); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (tsa.answer, 0, size);

      assert_malformed (cut);
    }
}

static void
test_something_after_it (void)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };
  g_auto (TsaAnswer) bare = { 0 };
  GBytes *answers[2];

  tsa_answer (request, 0, &tsa);
  tsa_answer (request, TSA_BARE, &bare);
  answers[0] = tsa.answer;
  answers[1] = bare.answer;
  for (int i = 0; i < 2; i++)
    {
      GByteArray *longer = g_byte_array_new ();
      g_autoptr (GBytes) bytes = NULL;

      g_byte_array_append (longer, g_bytes_get_data (answers[i], NULL),
                           (guint) g_bytes_get_size (answers[i]));
      g_byte_array_append (longer, (const guint8 *) "\n", 1);
      bytes = g_byte_array_free_to_bytes (longer);
      assert_malformed (bytes);
    }
}

static void
test_garbage (void)
{
  const guint32 seed = g_test_rand_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  const gsize size = 1024 * 1024;
  g_autofree uint8_t *data = g_malloc (size + 1);
  g_autoptr (GBytes) garbage = NULL;
  g_autoptr (GBytes) too_large = NULL;

  g_test_message ("seed %u", seed);
  for (gsize i = 0; i <= size; i++)
    data[i] = (uint8_t) g_rand_int (random);
  garbage = g_bytes_new_static (data, size);
  too_large = g_bytes_new_static (data, size + 1);
  assert_malformed (garbage);
  /* A beginning that promises all of it. */
  memcpy (data, "\x30\x83\x0f\xff\xfb", 5);
  assert_malformed (garbage);
  assert_malformed (too_large);
}

/* Some bytes are not signed: the status, certificates that are not needed. A changed one may
 * pass; then nothing else is said than before. */
static void
test_tampered (void)
{
  g_autoptr (GBytes) request = csm_timestamp_request_new (&digest, NULL);
  g_auto (TsaAnswer) tsa = { 0 };
  gsize size, n_refused = 0, n_tried = 0;
  const uint8_t *data;

  tsa_answer (request, TSA_BETWEEN, &tsa);
  data = g_bytes_get_data (tsa.answer, &size);
  for (gsize at = 0; at < size; at++)
    {
      g_autofree uint8_t *changed = g_memdup2 (data, size);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (CsmTimestamp) stamp = NULL;
      g_autoptr (GError) error = NULL;

      changed[at] ^= (uint8_t) (1 << at % 8);
      bytes = g_bytes_new_static (changed, size);
      stamp = check (bytes, request, tsa.ca, NULL, &error);
      n_tried++;
      if (stamp == NULL)
        {
          g_assert_true (error->domain == CSM_CUSTODY_ERROR);
          n_refused++;
          continue;
        }
      g_assert_true (csm_digest_equal (csm_timestamp_get_imprint (stamp), &digest));
      g_assert_cmpint (csm_timestamp_get_time (stamp), ==, TSA_TIME * 1000 + 250);
      g_assert_cmpstr (csm_timestamp_get_serial (stamp), ==, "1234");
      g_assert_cmpstr (csm_timestamp_get_authority (stamp), ==, "CN=Test Time Stamps");
    }
  g_test_message ("%zu of %zu changes refused", n_refused, n_tried);
  g_assert_cmpuint (n_refused * 100, >, n_tried * 90);
}

/* ---- Kept answers, by openssl ts ---- */

static void
test_vector (void)
{
  g_autoptr (GBytes) answer = read_file ("resp.tsr");
  g_autoptr (GBytes) request = read_file ("req.tsq");
  g_autoptr (GBytes) ca = read_file ("ca.crt");
  g_autoptr (GBytes) document = read_file ("data.txt");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = check (answer, request, ca, NULL, &error);
  CsmDigest expected;

  g_assert_no_error (error);
  csm_sha256 (g_bytes_get_data (document, NULL), g_bytes_get_size (document), &expected);
  g_assert_true (csm_digest_equal (csm_timestamp_get_imprint (stamp), &expected));

  g_autofree char *time = csm_time_format (csm_timestamp_get_time (stamp));

  g_assert_cmpstr (time, ==, "2026-11-22T21:26:40.000Z");
  g_assert_cmpstr (csm_timestamp_get_serial (stamp), ==, "02");
  g_assert_cmpstr (csm_timestamp_get_authority (stamp), ==, "CN=Casement Test TSA");
}

static void
test_vector_cut_off (void)
{
  g_autoptr (GBytes) answer = read_file ("resp.truncated.tsr");

  assert_malformed (answer);
}

/* What is kept is the token as it came. */
static void
test_vector_token (void)
{
  g_autoptr (GBytes) answer = read_file ("other.tsr");
  g_autoptr (GBytes) token = read_file ("other-token.der");
  g_autoptr (GBytes) request = read_file ("other.tsq");
  g_autoptr (GBytes) ca = read_file ("other-ca.pem");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = check (answer, request, ca, NULL, &error);
  g_autoptr (CsmTimestamp) bare = check (token, request, ca, NULL, NULL);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (csm_timestamp_get_token (stamp), token));
  g_assert_true (g_bytes_equal (csm_timestamp_get_token (bare), token));
}

static void
test_vectors_of_each_other (void)
{
  g_autoptr (GBytes) answer = read_file ("resp.tsr");
  g_autoptr (GBytes) request = read_file ("other.tsq");
  g_autoptr (GBytes) own_request = read_file ("req.tsq");
  g_autoptr (GBytes) ca = read_file ("other-ca.pem");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = check (answer, request, ca, NULL, &error);

  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_STAMP);
  g_clear_error (&error);
  stamp = check (answer, own_request, ca, NULL, &error);
  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE);
}

/* A public service's answer, over a SHA-512. */
static void
test_vector_of_another_hash (void)
{
  g_autoptr (GBytes) answer = read_file ("sha512.tsr");
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) stamp = csm_timestamp_parse (answer, &error);

  g_assert_null (stamp);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_STAMP);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, test) g_test_add_func ("/casement/custody/timestamp/" path, test)
  add ("request", test_request);
  add ("accepted", test_accepted);
  add ("bare-token", test_bare_token);
  add ("intermediate", test_intermediate);
  add ("chain-from-a-file", test_chain_from_a_file);
  add ("ran-out-since", test_ran_out_since);
  add ("ran-out-before", test_ran_out_before);
  add ("extended-key-usage", test_extended_key_usage);
  add ("weak", test_weak);
  add ("two-signers", test_two_signers);
  add ("certificate-not-named", test_certificate_not_named);
  add ("nonce", test_nonce);
  add ("imprint", test_imprint);
  add ("version", test_version);
  add ("not-granted", test_not_granted);
  add ("another-ca", test_another_ca);
  add ("chain-is-not-trusted", test_chain_is_not_trusted);
  add ("not-a-ca-file", test_not_a_ca_file);
  add ("truncated", test_truncated);
  add ("something-after-it", test_something_after_it);
  add ("garbage", test_garbage);
  add ("tampered", test_tampered);
  add ("vector", test_vector);
  add ("vector-cut-off", test_vector_cut_off);
  add ("vector-token", test_vector_token);
  add ("vectors-of-each-other", test_vectors_of_each_other);
  add ("vector-of-another-hash", test_vector_of_another_hash);
#undef add
  return g_test_run ();
}
