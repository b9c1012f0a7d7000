/* csm-case-receipts-check.c: the case is held against a receipt
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"
#include "casefile/csm-case-receipts.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

typedef struct
{
  CsmFindingCallback finding;
  gpointer data;
  char *where;
  bool holds;
} Check;

static void say (Check *check, CsmFindingKind kind, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
say (Check *check, CsmFindingKind kind, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  check->holds &= kind != CSM_FINDING_BROKEN;
  check->finding (kind, check->where, what, check->data);
}

/* How many of the receipt's heads the ledger does not have, and the first of them. */
static gboolean
count_missing (CsmCase *self,
               const CsmReceipt *receipt,
               int *ret_missing,
               CsmDigest *ret_first,
               GError **error)
{
  int n;
  const CsmDigest *heads = csm_receipt_get_heads (receipt, &n);

  *ret_missing = 0;
  for (int i = 0; i < n; i++)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (self->db, "look for an entry", "SELECT 1 FROM entry WHERE id = ?");
      int step;

      csm_query_digest (query, &heads[i]);
      step = csm_query_step (query, error);
      if (step < 0)
        return FALSE;
      if (step == 0 && (*ret_missing)++ == 0)
        *ret_first = heads[i];
    }
  return TRUE;
}

static bool
is_of_this_file (CsmCase *self, const CsmReceipt *receipt)
{
  g_autofree char *hex =
      csm_hex_encode (csm_vault_get_file_id (self->vault), CSM_VAULT_ID_SIZE);

  return strcmp (csm_receipt_get_file (receipt)->hex, hex) == 0;
}

static bool
is_later (CsmCase *self, const CsmReceipt *receipt, int64_t n_entries)
{
  return csm_receipt_get_count (receipt) > n_entries ||
         (is_of_this_file (self, receipt) &&
          csm_receipt_get_header_seq (receipt) >
              (int64_t) csm_vault_get_header_seq (self->vault));
}

static void
say_missing (Check *check,
             const CsmReceipt *receipt,
             int64_t n_entries,
             bool later,
             int n_missing,
             const CsmDigest *first)
{
  const int64_t count = csm_receipt_get_count (receipt);
  char hex[CSM_DIGEST_HEX_SIZE];
  int n_heads;

  csm_digest_to_hex (first, hex);
  (void) csm_receipt_get_heads (receipt, &n_heads);
  if (later)
    say (check, CSM_FINDING_BROKEN,
         _ ("the receipt is of a later state of this case: this copy is older, or its end was "
            "cut off. It counts %" PRId64 " entries, this copy has %" PRId64
            "; the entry %s is missing; look for the newer copy"),
         count, n_entries, hex);
  else
    say (check, CSM_FINDING_BROKEN,
         _ ("entries are missing since the receipt: %d of the %d that it names as newest, the "
            "entry %s among them. This copy is an older one that went on without them, or they "
            "were taken out; look for the other copy"),
         n_missing, n_heads, hex);
}

static void
say_state (CsmCase *self, Check *check, const CsmReceipt *receipt, int64_t n_entries)
{
  const int64_t count = csm_receipt_get_count (receipt);
  const int64_t now = (int64_t) csm_vault_get_header_seq (self->vault);
  const int64_t then = csm_receipt_get_header_seq (receipt);

  if (count > n_entries)
    say (check, CSM_FINDING_BROKEN,
         _ ("entries are missing since the receipt: it counts %" PRId64
            ", this copy has %" PRId64 "; look for another copy"),
         count, n_entries);
  if (is_of_this_file (self, receipt) && then > now)
    say (check, CSM_FINDING_BROKEN,
         _ ("the key slots are older (state %" PRId64 ") than at the receipt (state %" PRId64
            "): an earlier header was put back; look for the newer copy"),
         now, then);
  if (check->holds)
    say (check, CSM_FINDING_HOLDS,
         _ ("all %" PRId64 " entries of the receipt are here, and %" PRId64 " that came after"),
         count, n_entries - count);
}

static gboolean
check_receipt (CsmCase *self, Check *check, const CsmReceipt *receipt, GError **error)
{
  CsmDigest first;
  int n_missing;
  int64_t n_entries;

  if (strcmp (csm_receipt_get_case (receipt)->hex, self->id.hex) != 0)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "the receipt is of another case, %s; take one of this case, %s",
                          csm_receipt_get_case (receipt)->hex, self->id.hex);
  if (!csm_db_get_int (self->db, "SELECT count (*) FROM entry", &n_entries, error) ||
      !count_missing (self, receipt, &n_missing, &first, error))
    return FALSE;
  if (!is_of_this_file (self, receipt))
    say (check, CSM_FINDING_NOTE,
         _ ("the receipt was made in another copy of the case, the file with the id %s"),
         csm_receipt_get_file (receipt)->hex);
  if (n_missing > 0)
    say_missing (check, receipt, n_entries, is_later (self, receipt, n_entries), n_missing,
                 &first);
  else
    say_state (self, check, receipt, n_entries);
  return TRUE;
}

gboolean
csm_case_check_receipt (CsmCase *self,
                        const CsmReceipt *receipt,
                        CsmFindingCallback finding,
                        gpointer data,
                        bool *ret_holds,
                        GError **error)
{
  Check check = { .finding = finding, .data = data, .holds = true };
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  g_autofree char *where = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (receipt != NULL && finding != NULL && ret_holds != NULL, FALSE);
  csm_receipt_code (csm_receipt_get_sha256 (receipt), code);
  /* Translators: a receipt's code */
  check.where = where = g_strdup_printf (_ ("Receipt %s"), code);
  if (!check_receipt (self, &check, receipt, error))
    return FALSE;
  *ret_holds = check.holds;
  return TRUE;
}

/* 1: found; 0: no receipt has this code; -1 */
static int
find_code (CsmCase *self, const char *code, CsmDigest *ret_sha256, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the receipts", "SELECT sha256 FROM receipt");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      char other[CSM_RECEIPT_CODE_LENGTH + 1];

      csm_query_get_digest (query, 0, ret_sha256);
      csm_receipt_code (ret_sha256, other);
      if (strcmp (other, code) == 0)
        return 1;
    }
  return step;
}

gboolean
csm_case_check_code (CsmCase *self,
                     const char *text,
                     CsmFindingCallback finding,
                     gpointer data,
                     bool *ret_holds,
                     GError **error)
{
  char code[CSM_RECEIPT_CODE_LENGTH + 1];
  g_autofree char *where = NULL;
  Check check = { .finding = finding, .data = data, .holds = true };
  g_autoptr (CsmReceipt) receipt = NULL;
  CsmDigest sha256;
  int found;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (text != NULL && finding != NULL && ret_holds != NULL, FALSE);
  if (!csm_receipt_code_parse (text, code))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID,
                          "this is no receipt's code; it has 26 letters and digits, A to Z and "
                          "2 to 7: compare it with what was written down");
  found = find_code (self, code, &sha256, error);
  if (found < 0)
    return FALSE;
  if (found > 0)
    {
      receipt = csm_case_get_receipt (self, &sha256, error);
      return receipt != NULL &&
             csm_case_check_receipt (self, receipt, finding, data, ret_holds, error);
    }
  check.where = where = g_strdup_printf (_ ("Receipt %s"), code);
  say (
      &check, CSM_FINDING_BROKEN,
      _ ("no receipt with this code was made in this copy: entries are missing since, or it is "
         "of another case; check what was written down, and look for the newer copy"));
  *ret_holds = false;
  return TRUE;
}
