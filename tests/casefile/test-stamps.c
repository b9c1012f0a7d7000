/* test-stamps.c: time stamps are asked for, taken in, kept, and checked again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"
#include "tsa-fixture.h"

#include "casefile/csm-case-private.h"
#include "casefile/csm-case-receipts.h"

#include <string.h>

/* (transfer full): a request for a fresh receipt. */
static GBytes *
ask (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = csm_case_make_receipt (self->acase, &error);
  GBytes *request =
      csm_case_make_request (self->acase, csm_receipt_get_sha256 (receipt), &error);

  g_assert_no_error (error);
  return request;
}

static void
take_in (CaseFixture *self, TsaFlags flags)
{
  g_autoptr (GBytes) request = ask (self);
  g_auto (TsaAnswer) tsa = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmStampRow) row = NULL;

  tsa_answer (request, flags, &tsa);
  row = csm_case_add_stamp (self->acase, tsa.answer, tsa.ca,
                            flags & TSA_NO_CERTIFICATE ? tsa.chain : NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (row->authority, ==, "CN=Test Time Stamps");
  g_assert_cmpint (row->time, ==, TSA_TIME * 1000 + 250);
}

static void
assert_part (const char *all, const char *part)
{
  if (strstr (all, part) == NULL)
    g_error ("looked for '%s' in: %s", part, all);
}

static void
assert_verify_says (CaseFixture *self, const char *part)
{
  g_autofree char *all = NULL;

  g_free (case_fixture_verify (self, false, &all));
  assert_part (all, part);
}

/* Nothing of a refused answer stays. */
static void
assert_refused (CaseFixture *self, GBytes *answer, GBytes *ca, const char *part)
{
  const int64_t n_before = csm_case_count_entries (self->acase, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmStampRow) row = csm_case_add_stamp (self->acase, answer, ca, NULL, &error);

  g_assert_null (row);
  g_assert_nonnull (error);
  assert_part (error->message, part);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n_before);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM kept_token"), ==, 0);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM anchor"), ==, 0);
}

static void
test_taken_in (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) stamps = NULL;
  g_autoptr (GPtrArray) receipts = NULL;
  const CsmStampRow *stamp;
  const CsmReceiptRow *receipt;

  take_in (self, 0);
  case_fixture_assert_holds (self);
  stamps = csm_case_list_stamps (self->acase, NULL);
  receipts = csm_case_list_receipts (self->acase, NULL);
  g_assert_cmpuint (stamps->len, ==, 1);
  stamp = stamps->pdata[0];
  receipt = receipts->pdata[0];
  g_assert_true (csm_digest_equal (&stamp->receipt, &receipt->sha256));
  g_assert_cmpstr (stamp->code, ==, receipt->code);
  g_assert_cmpint (stamp->n_entries, ==, receipt->n_entries);
  g_assert_cmpstr (stamp->serial, ==, "1234");
  g_assert_cmpint (receipt->n_requests, ==, 1);
  g_assert_cmpint (receipt->n_stamps, ==, 1);
  assert_verify_says (self, "holds|Time stamp|CN=Test Time Stamps says that the receipt ");
  assert_verify_says (self,
                      "note|Ledger|No outside witness of time since 2026-03-05 09:07:02 UTC: "
                      "2 entries came after.");
}

static void
test_summary (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;

  take_in (self, 0);
  rows = csm_case_list_ledger (self->acase, csm_case_count_entries (self->acase, NULL) - 1, 1,
                               NULL);
  g_assert_cmpstr (((const CsmLedgerRow *) rows->pdata[0])->summary, ==,
                   "Took in a time stamp of CN=Test Time Stamps, 2026-03-05 09:07:02 UTC");
}

/* The chain that was given is needed again. */
static void
test_chain_is_kept (CaseFixture *self, gconstpointer data)
{
  take_in (self, TSA_BETWEEN | TSA_NO_CERTIFICATE);
  case_fixture_assert_holds (self);
  case_fixture_tamper (self, "UPDATE kept_token SET chain = NULL");
  case_fixture_assert_broken (self, "Time stamp|of CN=Test Time Stamps on the receipt ");
}

static void
test_certificate_ran_out (CaseFixture *self, gconstpointer data)
{
  take_in (self, TSA_RUNS_OUT);
  case_fixture_assert_holds (self);
  assert_verify_says (self, "note|Time stamp|the certificate of CN=Test Time Stamps ran out on "
                            "2026-03-05 09:07:03 UTC");
}

/* Two services, one receipt; each has its own request. */
static void
test_two_services (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = csm_case_make_receipt (self->acase, &error);

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) request =
          csm_case_make_request (self->acase, csm_receipt_get_sha256 (receipt), &error);
      g_auto (TsaAnswer) tsa = { 0 };
      g_autoptr (CsmStampRow) row = NULL;

      tsa_answer (request, 0, &tsa);
      row = csm_case_add_stamp (self->acase, tsa.answer, tsa.ca, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM anchor"), ==, 2);
  case_fixture_assert_holds (self);
}

static void
test_taken_in_twice (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GBytes) request = ask (self);
  g_auto (TsaAnswer) tsa = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmStampRow) first = NULL;
  g_autoptr (CsmStampRow) second = NULL;

  tsa_answer (request, 0, &tsa);
  first = csm_case_add_stamp (self->acase, tsa.answer, tsa.ca, NULL, &error);
  g_assert_no_error (error);
  second = csm_case_add_stamp (self->acase, tsa.answer, tsa.ca, NULL, &error);
  g_assert_null (second);
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
}

static void
test_refused (CaseFixture *self, gconstpointer data)
{
  static const struct
  {
    TsaFlags flags;
    const char *part;
  } wrong[] = {
    { TSA_OTHER_NONCE, "its nonce is not the one in the request" },
    { TSA_OTHER_IMPRINT, "it is over no receipt that this case keeps" },
    { TSA_NOT_GRANTED, "did not grant it" },
    { TSA_RAN_OUT, "certificate has expired" },
    { TSA_NO_EKU, "certificate purpose" },
    { TSA_TWO_SIGNERS, "exactly one service" },
  };
  g_autoptr (GBytes) request = ask (self);

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (TsaAnswer) tsa = { 0 };

      tsa_answer (request, wrong[i].flags, &tsa);
      assert_refused (self, tsa.answer, tsa.ca, wrong[i].part);
    }
}

static void
test_another_ca (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GBytes) request = ask (self);
  g_auto (TsaAnswer) tsa = { 0 };
  g_auto (TsaAnswer) other = { 0 };

  tsa_answer (request, 0, &tsa);
  tsa_answer (request, 0, &other);
  assert_refused (self, tsa.answer, other.ca, "does not hold against the CA file");
}

/* An answer to a request of our receipt that was made elsewhere. */
static void
test_never_asked (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GBytes) request = ask (self);
  g_auto (TsaAnswer) tsa = { 0 };

  tsa_answer (request, 0, &tsa);
  case_fixture_tamper (self, "DELETE FROM kept_request");
  assert_refused (self, tsa.answer, tsa.ca, "no request was saved for this receipt");
}

static void
test_tampered (CaseFixture *self, gconstpointer data)
{
  static const char *const list[][2] = {
    { "UPDATE kept_token SET bytes = CAST (bytes || x'00' AS BLOB)",
      "its bytes, or its CA file, are not those that its entry names" },
    { "UPDATE kept_token SET ca = CAST (ca || x'0a' AS BLOB)",
      "its bytes, or its CA file, are not those that its entry names" },
    { "DELETE FROM kept_token", "its bytes are not kept here" },
    { "UPDATE anchor SET time = time + 1", "it says something else than its entry" },
    { "UPDATE anchor SET authority = 'CN=X'", "it says something else than its entry" },
    { "UPDATE anchor SET serial = '99'", "its serial is not what the entries say" },
    { "INSERT INTO kept_token (sha256, bytes, ca) VALUES (zeroblob (32), x'00', x'00')",
      "a time stamp is kept that no entry explains" },
    { "DELETE FROM anchor", "a time stamp is kept that no entry explains" },
    { "UPDATE receipt SET n_entries = 1",
      "it counts other entries than the entry that it was made by" },
  };

  take_in (self, 0);
  case_fixture_close (self);
  for (size_t i = 0; i < G_N_ELEMENTS (list); i++)
    {
      CaseFixture copy = { 0 };

      case_fixture_set_up_copy (&copy, self);
      case_fixture_tamper (&copy, list[i][0]);
      case_fixture_assert_broken (&copy, list[i][1]);
      case_fixture_tear_down (&copy, NULL);
    }
}

/* The entry's rules: its receipt was made, and its kind is one that is known. */
static void
assert_entry_refused (CaseFixture *self, json_t *body, CsmCaseError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (csm_case_sign (self->acase, "anchor.add", NULL, NULL, body, &error));
  g_assert_error (error, CSM_CASE_ERROR, (int) code);
}

static void
test_rules (CaseFixture *self, gconstpointer data)
{
  g_autofree char *zeroes = g_strnfill (64, '0');
  g_autoptr (json_t) body = json_pack (
      "{s:s, s:s, s:i, s:s, s:s, s:s, s:s}", "anchor", "rfc3161", "receipt", zeroes, "time", 1,
      "authority", "X", "serial", "01", "token_sha256", zeroes, "ca_sha256", zeroes);

  assert_entry_refused (self, body, CSM_CASE_ERROR_DAMAGED);
  json_object_set_new (body, "anchor", json_string ("bitcoin"));
  assert_entry_refused (self, body, CSM_CASE_ERROR_NEWER);
  json_object_del (body, "anchor");
  assert_entry_refused (self, body, CSM_CASE_ERROR_DAMAGED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, test) case_fixture_add ("/casement/casefile/stamps/" path, test)
  add ("taken-in", test_taken_in);
  add ("summary", test_summary);
  add ("chain-is-kept", test_chain_is_kept);
  add ("certificate-ran-out", test_certificate_ran_out);
  add ("two-services", test_two_services);
  add ("taken-in-twice", test_taken_in_twice);
  add ("refused", test_refused);
  add ("another-ca", test_another_ca);
  add ("never-asked", test_never_asked);
  add ("tampered", test_tampered);
  add ("rules", test_rules);
#undef add
  return g_test_run ();
}
