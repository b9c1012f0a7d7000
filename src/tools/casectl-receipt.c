/* casectl-receipt.c: receipts, and the time stamps on them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-error.h"
#include "base/csm-file.h"
#include "custody/csm-timestamp.h"
#include "tools/casectl.h"

#include <stdio.h>
#include <string.h>

/* What was asked for. */
typedef struct
{
  char *output;    /* (nullable) */
  char **requests; /* (nullable) */
  char *answer;    /* (nullable) */
  char *ca;        /* (nullable) */
  char *chain;     /* (nullable) */
  char *check;     /* (nullable) */
  char *code;      /* (nullable) */
  gboolean list;
} Receipt;

static void
receipt_clear (Receipt *self)
{
  g_free (self->output);
  g_strfreev (self->requests);
  g_free (self->answer);
  g_free (self->ca);
  g_free (self->chain);
  g_free (self->check);
  g_free (self->code);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Receipt, receipt_clear)

/* (transfer full) (nullable): NULL after the reason was said. */
static GBytes *
read_file (CsmTool *tool, const char *path, size_t max, int *ret_exit)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = csm_file_read (path, max, &error);

  if (bytes == NULL)
    {
      g_autofree char *shown = g_filename_display_name (path);
      g_autofree char *what = g_strdup_printf ("read %s", shown);

      /* A file that cannot be read is no write that failed. */
      *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED, "%s: %s; check the path", what,
                                   error->message);
    }
  return bytes;
}

/* What a custody error says of the input: that it is none, or that it does not fit. */
static int
fail_by (CsmTool *tool, const char *what, const GError *error)
{
  if (g_error_matches (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_STAMP) ||
      g_error_matches (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_SIGNATURE))
    return csm_tool_fail (tool, what, error, CSM_EXIT_DOES_NOT_HOLD);
  if (error->domain == CSM_CUSTODY_ERROR)
    return csm_tool_fail (tool, what, error, CSM_EXIT_REFUSED);
  return csm_tool_fail (tool, what, error, CSM_EXIT_WRITE);
}

CsmReceipt *
csm_tool_read_receipt (CsmTool *tool, const char *path, int *ret_exit)
{
  g_autoptr (GBytes) bytes = read_file (tool, path, CSM_RECEIPT_MAX_SIZE, ret_exit);
  g_autoptr (GError) error = NULL;
  CsmReceipt *receipt = bytes != NULL ? csm_receipt_parse (bytes, &error) : NULL;

  if (bytes != NULL && receipt == NULL)
    {
      g_autofree char *shown = g_filename_display_name (path);
      g_autofree char *what = g_strdup_printf ("read %s", shown);

      *ret_exit = csm_tool_fail (tool, what, error, CSM_EXIT_REFUSED);
    }
  return receipt;
}

/* --- making --- */

/* False after saying so: nothing is made when its file could not be written. */
static bool
check_free (CsmTool *tool, const char *path, int *ret_exit)
{
  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    return true;

  g_autofree char *shown = g_filename_display_name (path);

  *ret_exit = csm_tool_refuse (tool, CSM_EXIT_REFUSED,
                               "%s is there already; choose another name", shown);
  return false;
}

static gboolean
write_requests (CsmCase *acase, const CsmReceipt *receipt, char **paths, GError **error)
{
  for (char **path = paths; path != NULL && *path != NULL; path++)
    {
      g_autoptr (GBytes) request =
          csm_case_make_request (acase, csm_receipt_get_sha256 (receipt), error);

      if (request == NULL || !csm_file_write (*path, request, error))
        return FALSE;
    }
  return TRUE;
}

static void
print_made (const CsmTool *tool, const CsmReceipt *receipt)
{
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  if (tool->json)
    csm_tool_print_json (json_pack ("{s:s, s:s, s:I}", "code", code, "sha256", hex, "entries",
                                    (json_int_t) csm_receipt_get_count (receipt)));
  else
    puts (code);
  /* The receipt is in the case now, whatever becomes of its files. */
  (void) fflush (stdout);
}

static int
make (CsmTool *tool, const Receipt *what)
{
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  if (!check_free (tool, what->output, &code))
    return code;
  for (char **path = what->requests; path != NULL && *path != NULL; path++)
    if (!check_free (tool, *path, &code))
      return code;
  acase = csm_tool_open (tool, tool->paths[0], false, &code);
  if (acase == NULL)
    return code;
  receipt = csm_case_make_receipt (acase, &error);
  if (receipt == NULL)
    return fail_by (tool, "make a receipt", error);
  print_made (tool, receipt);
  if (what->output != NULL &&
      !csm_file_write (what->output, csm_receipt_get_bytes (receipt), &error))
    return fail_by (tool, "write the receipt, which is in the case", error);
  if (!write_requests (acase, receipt, what->requests, &error))
    return fail_by (tool, "write the time stamp request", error);
  return CSM_EXIT_DONE;
}

/* --- taking an answer in --- */

static void
print_stamp (const CsmTool *tool, const CsmStampRow *stamp)
{
  static const char *const columns[] = { "time", "authority", "code", NULL };
  json_t *row =
      json_pack ("{s:o, s:s, s:s, s:s}", "time", csm_tool_json_time (stamp->time), "authority",
                 stamp->authority, "serial", stamp->serial, "code", stamp->code);
  CsmListing listing;

  if (tool->json)
    {
      csm_tool_print_json (row);
      return;
    }
  csm_listing_begin (&listing, false, columns);
  csm_listing_add (&listing, row);
  csm_listing_end (&listing);
}

static int
take_in (CsmTool *tool, const Receipt *what)
{
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) ca = NULL;
  g_autoptr (GBytes) chain = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (CsmStampRow) stamp = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  answer = read_file (tool, what->answer, CSM_TIMESTAMP_MAX_SIZE, &code);
  ca = answer != NULL ? read_file (tool, what->ca, CSM_TIMESTAMP_MAX_SIZE, &code) : NULL;
  if (ca != NULL && what->chain != NULL)
    chain = read_file (tool, what->chain, CSM_TIMESTAMP_MAX_SIZE, &code);
  if (ca == NULL || (what->chain != NULL && chain == NULL) ||
      (acase = csm_tool_open (tool, tool->paths[0], false, &code)) == NULL)
    return code;
  stamp = csm_case_add_stamp (acase, answer, ca, chain, &error);
  if (stamp == NULL)
    return fail_by (tool, "take the answer in", error);
  print_stamp (tool, stamp);
  return CSM_EXIT_DONE;
}

/* --- checking --- */

static int
check (CsmTool *tool, const Receipt *what)
{
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GError) error = NULL;
  CsmToolFindings findings;
  gboolean checked;
  bool holds = false;
  int code;

  if (what->check != NULL &&
      (receipt = csm_tool_read_receipt (tool, what->check, &code)) == NULL)
    return code;
  acase = csm_tool_open (tool, tool->paths[0], true, &code);
  if (acase == NULL)
    return code;
  csm_tool_findings_begin (&findings, tool->json);
  checked = receipt != NULL ? csm_case_check_receipt (acase, receipt, csm_tool_findings_add_cb,
                                                      &findings, &holds, &error)
                            : csm_case_check_code (acase, what->code, csm_tool_findings_add_cb,
                                                   &findings, &holds, &error);
  csm_listing_end (&findings.listing);
  if (!checked)
    return csm_tool_fail (tool, "hold the case against the receipt", error,
                          CSM_EXIT_CANNOT_OPEN);
  if (holds)
    return CSM_EXIT_DONE;
  return csm_tool_refuse (tool, CSM_EXIT_DOES_NOT_HOLD,
                          "the case does not hold against the receipt; keep this copy and look "
                          "for the newer one");
}

/* --- listing --- */

static json_t *
receipt_to_json (const CsmReceiptRow *row)
{
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (&row->sha256, hex);
  return json_pack ("{s:s, s:s, s:o, s:I, s:s, s:s, s:b, s:i, s:i}", "kind", "receipt", "code",
                    row->code, "time", csm_tool_json_time (row->made), "entries",
                    (json_int_t) row->n_entries, "by", row->author, "sha256", hex, "kept",
                    row->kept, "requests", row->n_requests, "stamps", row->n_stamps);
}

static json_t *
stamp_to_json (const CsmStampRow *row)
{
  return json_pack ("{s:s, s:s, s:o, s:I, s:s, s:s, s:o}", "kind", "stamp", "code", row->code,
                    "time", csm_tool_json_time (row->time), "entries",
                    (json_int_t) row->n_entries, "by", row->authority, "serial", row->serial,
                    "added", csm_tool_json_time (row->added));
}

static int
list (CsmTool *tool)
{
  static const char *const columns[] = { "kind", "code", "time", "entries", "by", NULL };
  g_autoptr (CsmCase) acase = NULL;
  g_autoptr (GPtrArray) receipts = NULL;
  g_autoptr (GPtrArray) stamps = NULL;
  g_autoptr (GError) error = NULL;
  CsmListing listing;
  int code;

  acase = csm_tool_open (tool, tool->paths[0], true, &code);
  if (acase == NULL)
    return code;
  receipts = csm_case_list_receipts (acase, &error);
  stamps = receipts != NULL ? csm_case_list_stamps (acase, &error) : NULL;
  if (stamps == NULL)
    return csm_tool_fail (tool, "read the receipts", error, CSM_EXIT_CANNOT_OPEN);
  csm_listing_begin (&listing, tool->json, columns);
  for (guint i = 0; i < receipts->len; i++)
    csm_listing_add (&listing, receipt_to_json (receipts->pdata[i]));
  for (guint i = 0; i < stamps->len; i++)
    csm_listing_add (&listing, stamp_to_json (stamps->pdata[i]));
  csm_listing_end (&listing);
  return CSM_EXIT_DONE;
}

/* 0 when what was given belongs together. */
static int
check_options (CsmTool *tool, const Receipt *what)
{
  const bool makes = what->output != NULL || what->requests != NULL;
  const int n_modes = makes + (what->answer != NULL) + (what->check != NULL) +
                      (what->code != NULL) + (what->list ? 1 : 0);

  if (n_modes > 1)
    return csm_tool_usage (tool, "--list, --check, --code, --answer and what makes a receipt "
                                 "go one at a time");
  if ((what->answer != NULL) != (what->ca != NULL))
    return csm_tool_usage (tool,
                           "--answer needs --ca, the service's CA file, and --ca --answer");
  if (what->chain != NULL && what->answer == NULL)
    return csm_tool_usage (tool, "--untrusted goes with --answer");
  if (!csm_tool_check_text (tool, "--code", what->code))
    return CSM_EXIT_REFUSED;
  return 0;
}

int
csm_tool_receipt (CsmTool *tool, int argc, char **argv)
{
  g_auto (Receipt) what = { 0 };
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &what.output, "Write the receipt (heads.json)",
      "FILE" },
    { "request", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &what.requests,
      "Write a request for a time stamp too (RFC 3161); may be repeated, one a service",
      "FILE.tsq" },
    { "answer", 0, 0, G_OPTION_ARG_FILENAME, &what.answer, "Take a service's answer in",
      "FILE.tsr" },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &what.ca, "The CA file to check the answer against",
      "CA.pem" },
    { "untrusted", 0, 0, G_OPTION_ARG_FILENAME, &what.chain,
      "Certificates between the answer's and the CA file's", "CHAIN.pem" },
    { "check", 0, 0, G_OPTION_ARG_FILENAME, &what.check, "Hold the case against this receipt",
      "FILE" },
    { "code", 0, 0, G_OPTION_ARG_STRING, &what.code, "Hold the case against this code",
      "CODE" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &what.list, "List receipts and time stamps", NULL },
    G_OPTION_ENTRY_NULL
  };
  int code;

  if (!csm_tool_parse (tool, entries, CSM_TOOL_JSON | CSM_TOOL_PASSPHRASE, 1, 1, argc, argv,
                       &code) ||
      (code = check_options (tool, &what)) != 0)
    return code;
  if (what.list)
    return list (tool);
  if (what.check != NULL || what.code != NULL)
    return check (tool, &what);
  if (what.answer != NULL)
    return take_in (tool, &what);
  return make (tool, &what);
}
