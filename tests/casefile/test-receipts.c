/* test-receipts.c: receipts are made, kept, and show what is missing since
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-case-fixture.h"

#include "casefile/csm-case-private.h"
#include "casefile/csm-case-receipts.h"

#include <string.h>

static CsmReceipt *
make (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  CsmReceipt *receipt = csm_case_make_receipt (self->acase, &error);

  g_assert_no_error (error);
  return receipt;
}

/* One more entry. */
static void
work (CaseFixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (csm_case_record_access (self->acase, "verified", NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  static const char *const names[] = { "holds", "note", "broken" };

  g_string_append_printf (data, "%s|%s|%s\n", names[kind], where, what);
}

/* (transfer full): the findings, as "kind|where|what" lines. */
static char *
check (CaseFixture *self, const CsmReceipt *receipt, bool holds)
{
  g_autoptr (GError) error = NULL;
  GString *all = g_string_new (NULL);
  bool found = !holds;

  g_assert_true (
      csm_case_check_receipt (self->acase, receipt, finding_cb, all, &found, &error));
  g_assert_no_error (error);
  g_assert_cmpint (found, ==, holds);
  return g_string_free (all, FALSE);
}

static void
assert_part (const char *all, const char *part)
{
  if (strstr (all, part) == NULL)
    g_error ("looked for '%s' in: %s", part, all);
}

static void
test_make (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const int64_t n_before = csm_case_count_entries (self->acase, NULL);
  g_autoptr (CsmReceipt) receipt = make (self);
  g_autoptr (CsmReceipt) kept =
      csm_case_get_receipt (self->acase, csm_receipt_get_sha256 (receipt), &error);
  g_autoptr (GArray) heads = csm_case_list_heads (self->acase, NULL);
  CsmId id = csm_case_get_id (self->acase);
  int n_heads;

  g_assert_no_error (error);
  g_assert_cmpstr (csm_receipt_get_case (receipt)->hex, ==, id.hex);
  g_assert_cmpint (csm_receipt_get_count (receipt), ==, n_before);
  g_assert_cmpint (csm_case_count_entries (self->acase, NULL), ==, n_before + 1);
  (void) csm_receipt_get_heads (receipt, &n_heads);
  g_assert_cmpint (n_heads, ==, (int) heads->len);
  g_assert_true (g_bytes_equal (csm_receipt_get_bytes (kept), csm_receipt_get_bytes (receipt)));
  case_fixture_assert_holds (self);
}

/* Each chain's head: a chain's own, and those of others. */
static void
test_heads_of_every_chain (CaseFixture *self, gconstpointer data)
{
  CaseFixture copy = { 0 };
  g_autoptr (CsmReceipt) receipt = NULL;
  int n_heads;

  case_fixture_close (self);
  case_fixture_set_up_copy (&copy, self);
  work (&copy);
  receipt = make (&copy);
  (void) csm_receipt_get_heads (receipt, &n_heads);
  g_assert_cmpint (n_heads, ==, 2);
  case_fixture_assert_holds (&copy);
  case_fixture_tear_down (&copy, NULL);
}

/* Where a chain forked, each branch has an end. What is looked for is the same when none has.
 */
static void
test_ends_of_branches (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autoptr (GArray) heads = NULL;
  int n_heads;

  work (self);
  case_fixture_tamper (self, "UPDATE chain SET forked = 2");
  heads = csm_case_list_heads (self->acase, NULL);
  receipt = make (self);
  g_assert_cmpmem (csm_receipt_get_heads (receipt, &n_heads), CSM_DIGEST_SIZE, heads->data,
                   CSM_DIGEST_SIZE);
  g_assert_cmpint (n_heads, ==, 1);
  /* An entry that the others do not lead to. */
  case_fixture_tamper (self,
                       "INSERT INTO entry (id, chain, seq, lamport, header, signature)"
                       " SELECT randomblob (32), chain, 3, 900, header, signature FROM entry"
                       " WHERE seq = 3");
  csm_receipt_unref (receipt);
  receipt = make (self);
  /* The receipt before went to a chain of its own, since the one before it forked. */
  (void) csm_receipt_get_heads (receipt, &n_heads);
  g_assert_cmpint (n_heads, ==, 3);
}

static void
test_holds (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = make (self);
  g_autofree char *all = NULL;

  work (self);
  work (self);
  all = check (self, receipt, true);
  assert_part (all, "holds|Receipt ");
  assert_part (all, "entries of the receipt are here, and 3 that came after");
}

/* The files as they were, put back. */
static void
test_older_copy (CaseFixture *self, gconstpointer data)
{
  CaseFixture old = { 0 };
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autofree char *all = NULL;

  work (self);
  case_fixture_close (self);
  case_fixture_set_up_copy (&old, self);
  case_fixture_open (self, false);
  for (int i = 0; i < 10; i++)
    work (self);
  receipt = make (self);
  case_fixture_assert_holds (&old);
  all = check (&old, receipt, false);
  assert_part (all, "broken|Receipt ");
  assert_part (all, "the receipt is of a later state of this case: this copy is older");
  case_fixture_tear_down (&old, NULL);
}

/* The same, and then somebody worked on with it. */
static void
test_went_on_without (CaseFixture *self, gconstpointer data)
{
  CaseFixture old = { 0 };
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autofree char *all = NULL;

  case_fixture_close (self);
  case_fixture_set_up_copy (&old, self);
  case_fixture_open (self, false);
  work (self);
  receipt = make (self);
  for (int i = 0; i < 10; i++)
    work (&old);
  all = check (&old, receipt, false);
  assert_part (all, "entries are missing since the receipt: 1 of the 1");
  assert_part (all, "went on without them");
  case_fixture_tear_down (&old, NULL);
}

/* Another receipt for the same state, of our own making. */
static CsmReceipt *
forge (CaseFixture *self, const char *case_hex, const char *file_hex, int more_seq, int more)
{
  g_autoptr (CsmReceipt) receipt = make (self);
  CsmId case_id = *csm_receipt_get_case (receipt);
  CsmId file_id = *csm_receipt_get_file (receipt);
  int n;
  const CsmDigest *heads = csm_receipt_get_heads (receipt, &n);

  if (case_hex != NULL)
    g_assert_true (csm_id_parse (case_hex, &case_id));
  if (file_hex != NULL)
    g_assert_true (csm_id_parse (file_hex, &file_id));
  return csm_receipt_new (&case_id, &file_id, csm_receipt_get_header_seq (receipt) + more_seq,
                          csm_receipt_get_count (receipt) + more, heads, n, NULL);
}

static void
test_another_case (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = forge (self, "000102030405060708090a0b0c0d0e0f", NULL, 0, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  bool holds = true;

  g_assert_false (
      csm_case_check_receipt (self->acase, receipt, finding_cb, all, &holds, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
  assert_part (error->message, "the receipt is of another case");
  g_assert_cmpuint (all->len, ==, 0);
}

static void
test_another_file (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = forge (self, NULL, "000102030405060708090a0b0c0d0e0f", 5, 0);
  g_autofree char *all = check (self, receipt, true);

  assert_part (all, "note|Receipt ");
  assert_part (all, "made in another copy of the case");
}

static void
test_older_header (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = forge (self, NULL, NULL, 1, 0);
  g_autofree char *all = check (self, receipt, false);

  assert_part (all, "an earlier header was put back");
}

static void
test_counts_more (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = forge (self, NULL, NULL, 0, 5);
  g_autofree char *all = check (self, receipt, false);

  assert_part (all, "entries are missing since the receipt: it counts ");
}

static void
test_code (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = make (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  bool holds = false;

  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  g_assert_true (csm_case_check_code (self->acase, code, finding_cb, all, &holds, &error));
  g_assert_true (holds);
  code[3] = code[3] == 'A' ? 'B' : 'A';
  g_assert_true (csm_case_check_code (self->acase, code, finding_cb, all, &holds, &error));
  g_assert_false (holds);
  assert_part (all->str, "no receipt with this code was made in this copy");
  g_assert_false (csm_case_check_code (self->acase, "ABC", finding_cb, all, &holds, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

/* The end of the ledger cut off by someone with the passphrase: entries and rows. */
#define CUT_SQL                                                                 \
  "DELETE FROM entry WHERE seq > (SELECT n_entries - 1 FROM receipt);"          \
  "DELETE FROM event WHERE id NOT IN (SELECT id FROM entry);"                   \
  "UPDATE chain SET (seq, head) = (SELECT seq, id FROM entry ORDER BY seq DESC" \
  " LIMIT 1); DELETE FROM receipt;"

static void
test_cut_at_its_end (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autofree char *all = NULL;

  work (self);
  work (self);
  receipt = make (self);
  case_fixture_tamper (self, CUT_SQL);
  case_fixture_assert_broken (self, "one is kept that no entry explains");
  case_fixture_tamper (self, "DELETE FROM kept_receipt");
  case_fixture_assert_holds (self);
  all = check (self, receipt, false);
  assert_part (all,
               "of a later state of this case: this copy is older, or its end was cut off");
}

static void
test_kept_bytes (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = make (self);

  case_fixture_tamper (self, "UPDATE kept_receipt SET bytes = CAST (bytes || x'0a' AS BLOB)");
  case_fixture_assert_broken (self, "the receipt's bytes are not those that its entry names");
}

static void
test_kept_bytes_gone (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = make (self);
  g_autofree char *broken = NULL;
  g_autofree char *all = NULL;

  case_fixture_tamper (self, "DELETE FROM kept_receipt");
  broken = case_fixture_verify (self, false, &all);
  g_assert_cmpstr (broken, ==, "");
  assert_part (all, "its bytes are not kept here");
}

/* Made in two copies that were in one state, and then brought together. */
static void
test_made_twice (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = make (self);
  g_autoptr (json_t) body = json_object ();
  g_autoptr (GError) error = NULL;
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  json_object_set_new (body, "sha256", json_string (hex));
  json_object_set_new (body, "n_entries", json_integer (csm_receipt_get_count (receipt)));
  g_assert_true (csm_case_sign (self->acase, "receipt.made", NULL, NULL, body, &error));
  g_assert_no_error (error);
  g_assert_cmpint (case_fixture_get_int (self, "SELECT count (*) FROM receipt"), ==, 1);
  case_fixture_assert_holds (self);
}

static void
test_list (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) first = make (self);
  g_autoptr (CsmReceipt) second = make (self);
  g_autoptr (GPtrArray) list = csm_case_list_receipts (self->acase, NULL);
  const CsmReceiptRow *row = list->pdata[0];

  g_assert_cmpuint (list->len, ==, 2);
  g_assert_true (csm_digest_equal (&row->sha256, csm_receipt_get_sha256 (second)));
  g_assert_cmpstr (row->author, ==, "Anna");
  g_assert_cmpint (row->n_entries, ==, csm_receipt_get_count (second));
  g_assert_true (row->kept);
  g_assert_cmpint (row->n_requests, ==, 0);
  g_assert_cmpint (row->n_stamps, ==, 0);
}

static void
test_summary (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = make (self);
  const int64_t n = csm_case_count_entries (self->acase, NULL);
  g_autoptr (GPtrArray) rows = csm_case_list_ledger (self->acase, n - 1, 1, NULL);
  const CsmLedgerRow *row = rows->pdata[0];
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  g_autofree char *expected = NULL;

  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  expected = g_strdup_printf ("Made the receipt %s", code);
  g_assert_cmpstr (row->summary, ==, expected);
}

static void
test_read_only (CaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = NULL;

  case_fixture_close (self);
  case_fixture_open (self, true);
  receipt = csm_case_make_receipt (self->acase, &error);
  g_assert_null (receipt);
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_READ_ONLY);
}

static void
test_dating (CaseFixture *self, gconstpointer data)
{
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  CsmDating dating;

  g_assert_true (csm_case_get_dating (self->acase, &dating, NULL));
  g_assert_cmpint (dating.n_receipts, ==, 0);
  g_assert_cmpstr (dating.code, ==, "");
  g_free (case_fixture_verify (self, false, &before));
  assert_part (before, "note|Ledger|Dated by this computer's clock only: no receipt");
  assert_part (before, "note|Ledger|Never seen by an outside witness of time: ");
  receipt = make (self);
  g_assert_true (csm_case_get_dating (self->acase, &dating, NULL));
  g_assert_cmpint (dating.n_receipts, ==, 1);
  g_assert_cmpint (dating.n_covered, ==, csm_receipt_get_count (receipt));
  g_free (case_fixture_verify (self, false, &after));
  g_assert_true (g_str_has_prefix (after, "note|Ledger|Dated by this computer's clock only;"));
  assert_part (after, dating.code);
  assert_part (after, "that detects changes made after the receipt of ");
  assert_part (after, "holds|Receipts|");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, test) case_fixture_add ("/casement/casefile/receipts/" path, test)
  add ("make", test_make);
  add ("heads-of-every-chain", test_heads_of_every_chain);
  add ("ends-of-branches", test_ends_of_branches);
  add ("holds", test_holds);
  add ("older-copy", test_older_copy);
  add ("went-on-without", test_went_on_without);
  add ("another-case", test_another_case);
  add ("another-file", test_another_file);
  add ("older-header", test_older_header);
  add ("counts-more", test_counts_more);
  add ("code", test_code);
  add ("cut-at-its-end", test_cut_at_its_end);
  add ("kept-bytes", test_kept_bytes);
  add ("kept-bytes-gone", test_kept_bytes_gone);
  add ("made-twice", test_made_twice);
  add ("list", test_list);
  add ("summary", test_summary);
  add ("read-only", test_read_only);
  add ("dating", test_dating);
#undef add
  return g_test_run ();
}
