/* test-receipts.c: receipts and time stamps through a session
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review-fixture.h"
#include "tsa-fixture.h"

#include "base/csm-error.h"
#include "review/csm-session-receipts.h"

#include <string.h>

/* (transfer full) */
static CsmReceipts *
read_receipts (Fixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CsmReceipts *receipts;

  csm_session_read_receipts_async (self->session, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  receipts = csm_session_read_receipts_finish (self->session, result, &error);
  g_assert_no_error (error);
  return receipts;
}

static gboolean
make (Fixture *self, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  csm_session_make_receipt_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  return csm_session_make_receipt_finish (self->session, result, error);
}

static void
finding_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  g_string_append_printf (data, "%d|%s|%s\n", (int) kind, where, what);
}

/* (transfer full): findings. */
static char *
check (Fixture *self, const char *path, const char *code, bool *ret_holds, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GString *all = g_string_new (NULL);

  csm_session_check_receipt_async (self->session, path, code, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  (void) csm_session_check_receipt_finish (self->session, result, finding_cb, all, ret_holds,
                                           error);
  return g_string_free (all, FALSE);
}

static void
test_make_and_check (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "heads.json");
  g_autofree char *by_file = NULL;
  g_autofree char *by_code = NULL;
  g_autoptr (CsmReceipts) receipts = NULL;
  g_autoptr (GError) error = NULL;
  const CsmReceiptRow *row;
  bool holds = false;

  fixture_open (self);
  g_assert_true (make (self, path, &error));
  g_assert_no_error (error);
  receipts = read_receipts (self);
  g_assert_cmpuint (receipts->receipts->len, ==, 1);
  row = receipts->receipts->pdata[0];
  g_assert_cmpstr (row->code, ==, receipts->dating.code);
  by_file = check (self, path, NULL, &holds, &error);
  g_assert_no_error (error);
  g_assert_true (holds);
  g_assert_nonnull (strstr (by_file, "entries of the receipt are here"));
  holds = false;
  by_code = check (self, NULL, row->code, &holds, &error);
  g_assert_no_error (error);
  g_assert_true (holds);
}

static void
test_nothing_is_overwritten (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "heads.json");
  g_autoptr (CsmReceipts) receipts = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (self);
  g_assert_true (g_file_set_contents (path, "mine", 4, NULL));
  g_assert_false (make (self, path, &error));
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_EXISTS);
  receipts = read_receipts (self);
  g_assert_cmpuint (receipts->receipts->len, ==, 0);
}

static void
test_check_refuses (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "heads.json");
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) broken = NULL;
  g_autoptr (GError) code = NULL;
  bool holds = true;

  fixture_open (self);
  g_free (check (self, path, NULL, &holds, &none));
  g_assert_error (none, CSM_BASE_ERROR, CSM_BASE_ERROR_NOT_FOUND);
  g_assert_true (g_file_set_contents (path, "{}", 2, NULL));
  g_free (check (self, path, NULL, &holds, &broken));
  g_assert_error (broken, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
  g_free (check (self, NULL, "not a code", &holds, &code));
  g_assert_error (code, CSM_CASE_ERROR, CSM_CASE_ERROR_INVALID);
}

static void
save_request (Fixture *self, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  csm_session_save_request_async (self->session, path, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  (void) csm_session_save_request_finish (self->session, result, error);
}

static void
test_request_needs_a_receipt (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "x.tsq");
  g_autoptr (GError) error = NULL;

  fixture_open (self);
  save_request (self, path, &error);
  g_assert_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NOT_FOUND);
}

static void
write_file (const char *path, GBytes *bytes)
{
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes), NULL));
}

static gboolean
add_stamp (Fixture *self, const char *answer, const char *ca, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  csm_session_add_stamp_async (self->session, answer, ca, NULL, fixture_answer_cb, &result);
  fixture_wait_for (self, result != NULL);
  return csm_session_add_stamp_finish (self->session, result, error);
}

static void
test_time_stamp (Fixture *self, gconstpointer data)
{
  g_autofree char *heads = fixture_path (self, "heads.json");
  g_autofree char *request_path = fixture_path (self, "x.tsq");
  g_autofree char *answer = fixture_path (self, "x.tsr");
  g_autofree char *ca = fixture_path (self, "ca.pem");
  g_autofree char *none = fixture_path (self, "none.pem");
  g_autofree char *line = NULL;
  g_autoptr (CsmReceipts) receipts = NULL;
  g_autoptr (GBytes) request = NULL;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) wrong = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (TsaAnswer) tsa = { 0 };
  char *bytes;
  gsize size;

  fixture_open (self);
  g_assert_true (make (self, heads, &error));
  save_request (self, request_path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (request_path, &bytes, &size, NULL));
  request = g_bytes_new_take (bytes, size);
  tsa_answer (request, 0, &tsa);
  write_file (answer, tsa.answer);
  write_file (ca, tsa.ca);
  g_assert_false (add_stamp (self, answer, none, &missing));
  g_assert_nonnull (strstr (missing->message, "the CA file: "));
  g_assert_false (add_stamp (self, request_path, ca, &wrong));
  g_assert_error (wrong, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
  g_assert_true (add_stamp (self, answer, ca, &error));
  g_assert_no_error (error);
  receipts = read_receipts (self);
  g_assert_cmpuint (receipts->stamps->len, ==, 1);
  line = csm_dating_describe_witness (&receipts->dating);
  g_assert_true (
      g_str_has_prefix (line, "No outside witness of time since 2026-03-05 09:07:02 UTC: "));
}

static void
test_closed (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture_path (self, "heads.json");
  g_autoptr (GError) error = NULL;

  g_assert_false (make (self, path, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, test)                                                               \
  g_test_add ("/casement/review/receipts/" path, Fixture, NULL, fixture_set_up, test, \
              fixture_tear_down)
  add ("make-and-check", test_make_and_check);
  add ("nothing-is-overwritten", test_nothing_is_overwritten);
  add ("check-refuses", test_check_refuses);
  add ("request-needs-a-receipt", test_request_needs_a_receipt);
  add ("time-stamp", test_time_stamp);
  add ("closed", test_closed);
#undef add
  return fixture_run ();
}
