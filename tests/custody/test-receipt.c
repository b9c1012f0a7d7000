/* test-receipt.c: receipts, and their codes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-receipt.h"
#include "receipt-example.h"

#include <glib/gstdio.h>
#include <string.h>

static const CsmId example_case = { "000102030405060708090a0b0c0d0e0f" };
static const CsmId example_file = { "303132333435363738393a3b3c3d3e3f" };

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
test_example (void)
{
  CsmDigest head;
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = NULL;
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  char hex[CSM_DIGEST_HEX_SIZE];

  g_assert_true (csm_digest_from_hex (EXAMPLE_RECEIPT_HEAD, &head));
  receipt = csm_receipt_new (&example_case, &example_file, 7, 2, &head, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (csm_receipt_get_bytes (receipt), NULL),
                   g_bytes_get_size (csm_receipt_get_bytes (receipt)), EXAMPLE_RECEIPT,
                   strlen (EXAMPLE_RECEIPT));
  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  g_assert_cmpstr (hex, ==, EXAMPLE_RECEIPT_SHA256);
  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  g_assert_cmpstr (code, ==, EXAMPLE_RECEIPT_CODE);
}

static void
test_parse (void)
{
  g_autoptr (GBytes) bytes = bytes_of (EXAMPLE_RECEIPT);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = csm_receipt_parse (bytes, &error);
  const CsmDigest *heads;
  char hex[CSM_DIGEST_HEX_SIZE];
  int n;

  g_assert_no_error (error);
  g_assert_cmpstr (csm_receipt_get_case (receipt)->hex, ==, example_case.hex);
  g_assert_cmpstr (csm_receipt_get_file (receipt)->hex, ==, example_file.hex);
  g_assert_cmpint (csm_receipt_get_header_seq (receipt), ==, 7);
  g_assert_cmpint (csm_receipt_get_count (receipt), ==, 2);
  heads = csm_receipt_get_heads (receipt, &n);
  g_assert_cmpint (n, ==, 1);
  csm_digest_to_hex (&heads[0], hex);
  g_assert_cmpstr (hex, ==, EXAMPLE_RECEIPT_HEAD);
}

/* Mail and editors add one. */
static void
test_newline_is_left_out (void)
{
  g_autoptr (GBytes) bytes = bytes_of (EXAMPLE_RECEIPT "\n");
  g_autoptr (GBytes) two = bytes_of (EXAMPLE_RECEIPT "\n\n");
  g_autoptr (CsmReceipt) receipt = csm_receipt_parse (bytes, NULL);
  g_autoptr (CsmReceipt) refused = csm_receipt_parse (two, NULL);
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  g_assert_cmpstr (hex, ==, EXAMPLE_RECEIPT_SHA256);
  g_assert_null (refused);
}

static void
test_heads_are_sorted (void)
{
  const CsmDigest heads[] = { { { 9 } }, { { 1 } }, { { 5 } } };
  g_autoptr (CsmReceipt) receipt =
      csm_receipt_new (&example_case, &example_file, 1, 3, heads, 3, NULL);
  int n;
  const CsmDigest *sorted = csm_receipt_get_heads (receipt, &n);

  g_assert_cmpint (sorted[0].bytes[0], ==, 1);
  g_assert_cmpint (sorted[1].bytes[0], ==, 5);
  g_assert_cmpint (sorted[2].bytes[0], ==, 9);
}

static void
assert_refused (const char *text, CsmCustodyError code)
{
  g_autoptr (GBytes) bytes = bytes_of (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt = csm_receipt_parse (bytes, &error);

  if (receipt != NULL)
    g_error ("accepted: %s", text);
  g_assert_error (error, CSM_CUSTODY_ERROR, (int) code);
}

/* The example with one thing replaced. */
static void
assert_change_refused (const char *part, const char *by, CsmCustodyError code)
{
  g_autoptr (GString) text = g_string_new (EXAMPLE_RECEIPT);

  g_assert_cmpuint (g_string_replace (text, part, by, 1), ==, 1);
  assert_refused (text->str, code);
}

static void
test_malformed (void)
{
  static const char *const changes[][2] = {
    { "\"v\":1", "\"v\":0" },
    { "\"v\":1", "\"v\":\"1\"" },
    { "\"v\":1", "\"v\":1,\"w\":1" },
    { "\"count\":2", "\"count\":0" },
    { "\"count\":2", "\"count\":2.0" },
    { "\"count\":2", "\"count\":\"2\"" },
    { "\"count\":2,", "" },
    { "\"header_seq\":7", "\"header_seq\":-1" },
    { "\"header_seq\":7", "\"header_seq\": 7" },
    { "\"header_seq\":7", "\"header_seq\":9007199254740992" },
    { "\"case\":\"00", "\"case\":\"0" },
    { "\"case\":\"00", "\"case\":\"0G" },
    { "\"file_id\":\"30", "\"file_id\":\"" },
    { "\"58aa", "\"58AA" },
    { "\"58aa", "\"aa" },
    { "\"" EXAMPLE_RECEIPT_HEAD "\"", "" },
    { "\"" EXAMPLE_RECEIPT_HEAD "\"", "1" },
    { "\"" EXAMPLE_RECEIPT_HEAD "\"",
      "\"" EXAMPLE_RECEIPT_HEAD "\",\"" EXAMPLE_RECEIPT_HEAD "\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    assert_change_refused (changes[i][0], changes[i][1], CSM_CUSTODY_ERROR_MALFORMED);
  assert_refused ("", CSM_CUSTODY_ERROR_MALFORMED);
  assert_refused ("[]", CSM_CUSTODY_ERROR_MALFORMED);
  assert_refused ("\xef\xbb\xbf" EXAMPLE_RECEIPT, CSM_CUSTODY_ERROR_MALFORMED);
}

static void
test_more_heads_than_entries (void)
{
  const CsmDigest heads[] = { { { 1 } }, { { 2 } } };
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmReceipt) receipt =
      csm_receipt_new (&example_case, &example_file, 1, 1, heads, 2, &error);

  g_assert_null (receipt);
  g_assert_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_MALFORMED);
}

static void
test_newer (void)
{
  assert_change_refused ("\"v\":1", "\"v\":2", CSM_CUSTODY_ERROR_NEWER);
}

static void
test_too_large (void)
{
  g_autofree char *text = g_strnfill (CSM_RECEIPT_MAX_SIZE + 1, '[');

  assert_refused (text, CSM_CUSTODY_ERROR_MALFORMED);
}

/* As many chains as a receipt can have fit in its limit. */
static void
test_most_heads (void)
{
  const int n_most = 65536;
  g_autofree CsmDigest *heads = g_new0 (CsmDigest, n_most + 1);
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autoptr (CsmReceipt) again = NULL;
  g_autoptr (CsmReceipt) more = NULL;

  for (int i = 0; i <= n_most; i++)
    for (int k = 0; k < 4; k++)
      heads[i].bytes[k] = (uint8_t) (i >> (8 * k));
  receipt = csm_receipt_new (&example_case, &example_file, 1, 100000, heads, n_most, NULL);
  again = csm_receipt_parse (csm_receipt_get_bytes (receipt), NULL);
  g_assert_nonnull (again);
  more = csm_receipt_new (&example_case, &example_file, 1, 100000, heads, n_most + 1, NULL);
  g_assert_null (more);
}

/* Every byte of it counts. */
static void
test_code_of_another (void)
{
  CsmDigest digest = { { 0 } };
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  csm_receipt_code (&digest, code);
  g_assert_cmpstr (code, ==, "AAAAAAAAAAAAAAAAAAAAAAAAAA");
  memset (digest.bytes, 0xff, sizeof digest.bytes);
  csm_receipt_code (&digest, code);
  g_assert_cmpstr (code, ==, "77777777777777777777777777");
  /* The last of the 130 bits, and the first behind them. */
  memset (digest.bytes, 0, sizeof digest.bytes);
  digest.bytes[16] = 0x60;
  csm_receipt_code (&digest, code);
  g_assert_cmpstr (code, ==, "AAAAAAAAAAAAAAAAAAAAAAAAAB");
}

static void
test_code_by_hand (void)
{
  static const char *const good[] = { EXAMPLE_RECEIPT_CODE, "o57b c4fh 6wkb uray x6uw vsld hd",
                                      "057B-C4FH-6WK8-URAY-X6UW-VSLD-HD\n" };
  static const char *const bad[] = { "", "O57BC4FH6WKBURAYX6UWVSLDH",
                                     "O57BC4FH6WKBURAYX6UWVSLDHDD",
                                     "O57BC4FH6WKBURAYX6UWVSLDH9",
                                     "O57BC4FH6WKBURAYX6UWVSLDH\xc3\x84" };
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (csm_receipt_code_parse (good[i], code));
      g_assert_cmpstr (code, ==, EXAMPLE_RECEIPT_CODE);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (csm_receipt_code_parse (bad[i], code));
}

/* The commands of FORMAT.md, section 9, by sh. */
static void
test_stock_tools_agree (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CSM_SOURCE_ROOT"), "src", "custody", "FORMAT.md", NULL);
  g_autofree char *folder = g_dir_make_tmp ("csm-receipt-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "heads.json", NULL);
  g_autofree char *text = NULL;
  g_autofree char *commands = NULL;
  const char *start, *end;
  int status;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  start = strstr (strstr (text, "## 9. Receipts"), "```sh\n") + 6;
  end = strstr (start, "```\n");
  commands = g_strndup (start, (gsize) (end - start));
  g_assert_nonnull (strstr (commands, EXAMPLE_RECEIPT));
  g_assert_nonnull (strstr (commands, EXAMPLE_RECEIPT_CODE));

  const char *const argv[] = { "sh", "-euc", commands, NULL };

  g_assert_true (g_spawn_sync (folder, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                               NULL, NULL, &status, NULL));
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, test) g_test_add_func ("/casement/custody/receipt/" path, test)
  add ("example", test_example);
  add ("parse", test_parse);
  add ("newline-is-left-out", test_newline_is_left_out);
  add ("heads-are-sorted", test_heads_are_sorted);
  add ("malformed", test_malformed);
  add ("more-heads-than-entries", test_more_heads_than_entries);
  add ("newer", test_newer);
  add ("too-large", test_too_large);
  add ("most-heads", test_most_heads);
  add ("code-of-another", test_code_of_another);
  add ("code-by-hand", test_code_by_hand);
  add ("stock-tools-agree", test_stock_tools_agree);
#undef add
  return g_test_run ();
}
