/* csm-verify-receipts.c: by what the ledger is dated, and whether it holds against its receipts
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-receipts.h"
#include "casefile/csm-verify-private.h"
#include "custody/csm-timestamp.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

static void
say_dating (CsmVerify *self, const CsmDating *dating)
{
  g_autofree char *made = csm_time_describe (dating->made);

  if (dating->n_receipts == 0 && dating->n_stamps == 0)
    csm_verify_say (
        self, CSM_FINDING_NOTE, _ ("Ledger"),
        _ ("Dated by this computer's clock only: no receipt or time stamp is kept."));
  else if (dating->n_stamps == 0)
    csm_verify_say (self, CSM_FINDING_NOTE, _ ("Ledger"),
                    _ ("Dated by this computer's clock only; no time stamp is kept."));
  else
    csm_verify_say (self, CSM_FINDING_NOTE, _ ("Ledger"),
                    _ ("Dated by this computer's clock, and by the time stamps that follow."));
  if (dating->n_receipts > 0)
    csm_verify_say (
        self, CSM_FINDING_NOTE, _ ("Ledger"),
        /* Translators: a code, a date, a number of entries, the date again */
        _ ("The newest receipt is %s of %s, after %" PRId64
           " entries. Compare it with the copy that is kept elsewhere: that detects "
           "changes made after the receipt of %s, and changes by anyone without the "
           "reviewers' keys."),
        dating->code, made, dating->n_covered, made);
}

/* One row of the time stamps, as the ledger has it and as it is kept. */
typedef struct
{
  CsmDigest receipt, token_sha256, ca_sha256;
  CsmTime time;
  CsmTime made; /* of the receipt, by this computer's clock */
  const char *authority, *serial;
  GBytes *token, *ca, *chain; /* owned */
} Stamp;

static void
stamp_clear (Stamp *self)
{
  g_clear_pointer (&self->token, g_bytes_unref);
  g_clear_pointer (&self->ca, g_bytes_unref);
  g_clear_pointer (&self->chain, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stamp, stamp_clear)

static bool
has_digest (GBytes *bytes, const CsmDigest *expected)
{
  CsmDigest digest;

  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &digest);
  return csm_digest_equal (&digest, expected);
}

/* (transfer full) (nullable): what is kept, checked from its bytes. */
static CsmTimestamp *
check_kept (const Stamp *stamp, GError **error)
{
  g_autoptr (CsmTimestamp) checked = NULL;

  if (stamp->token == NULL || stamp->ca == NULL)
    csm_case_fail (error, CSM_CASE_ERROR_DAMAGED, "%s", _ ("its bytes are not kept here"));
  else if (!has_digest (stamp->token, &stamp->token_sha256) ||
           !has_digest (stamp->ca, &stamp->ca_sha256))
    csm_case_fail (error, CSM_CASE_ERROR_DAMAGED, "%s",
                   _ ("its bytes, or its CA file, are not those that its entry names"));
  else if ((checked = csm_timestamp_parse (stamp->token, error)) != NULL &&
           csm_timestamp_check_signature (checked, stamp->ca, stamp->chain, error))
    {
      if (csm_digest_equal (csm_timestamp_get_imprint (checked), &stamp->receipt) &&
          csm_timestamp_get_time (checked) == stamp->time &&
          strcmp (csm_timestamp_get_authority (checked), stamp->authority) == 0 &&
          strcmp (csm_timestamp_get_serial (checked), stamp->serial) == 0)
        return g_steal_pointer (&checked);
      csm_case_fail (error, CSM_CASE_ERROR_DAMAGED, "%s",
                     _ ("it says something else than its entry"));
    }
  return NULL;
}

static void
say_stamp (CsmVerify *self, const Stamp *stamp, const CsmTimestamp *checked)
{
  g_autofree char *time = csm_time_describe (stamp->time);
  g_autofree char *made = csm_time_describe (stamp->made);
  g_autofree char *expiry = csm_time_describe (csm_timestamp_get_expiry (checked));
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  csm_receipt_code (&stamp->receipt, code);
  csm_verify_say (self, CSM_FINDING_HOLDS, _ ("Time stamp"),
                  /* Translators: a service's name, a receipt's code, a date */
                  _ ("%s says that the receipt %s existed on %s; its signature verifies with "
                     "the CA file that is kept"),
                  stamp->authority, code, time);
  if (stamp->time < stamp->made)
    csm_verify_say (self, CSM_FINDING_NOTE, _ ("Time stamp"),
                    /* Translators: a service's name, a date */
                    _ ("of %s: it is earlier than the receipt by this computer's clock, %s: "
                       "one of the two clocks was wrong"),
                    stamp->authority, made);
  if (csm_timestamp_get_expiry (checked) < csm_time_now ())
    csm_verify_say (self, CSM_FINDING_NOTE, _ ("Time stamp"),
                    /* Translators: a service's name, a date */
                    _ ("the certificate of %s ran out on %s: it was valid at the time stamp's "
                       "own time"),
                    stamp->authority, expiry);
}

static void
check_stamp (CsmVerify *self, const Stamp *stamp)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmTimestamp) checked = check_kept (stamp, &error);
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  csm_receipt_code (&stamp->receipt, code);
  if (checked != NULL)
    say_stamp (self, stamp, checked);
  else
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Time stamp"),
                    /* Translators: a service's name, a receipt's code, what is wrong */
                    _ ("of %s on the receipt %s: %s"), stamp->authority, code, error->message);
}

static void
check_stamps (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query = csm_query_new (
      self->acase->db, "read the time stamps",
      "SELECT a.receipt, a.token_sha256, a.ca_sha256, a.time, a.authority, a.serial,"
      " t.bytes, t.ca, t.chain, r.made FROM anchor AS a"
      " JOIN receipt AS r ON r.sha256 = a.receipt"
      " LEFT JOIN kept_token AS t ON t.sha256 = a.token_sha256 ORDER BY a.time, a.entry");
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    {
      g_auto (Stamp) stamp = { 0 };

      csm_query_get_digest (query, 0, &stamp.receipt);
      csm_query_get_digest (query, 1, &stamp.token_sha256);
      csm_query_get_digest (query, 2, &stamp.ca_sha256);
      stamp.time = csm_query_get_int (query, 3);
      stamp.authority = csm_query_get_text (query, 4);
      stamp.serial = csm_query_get_text (query, 5);
      stamp.token = csm_query_dup_bytes (query, 6);
      stamp.ca = csm_query_dup_bytes (query, 7);
      stamp.chain = csm_query_dup_bytes (query, 8);
      stamp.made = csm_query_get_int (query, 9);
      check_stamp (self, &stamp);
    }
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Time stamps"), "%s", error->message);
  csm_verify_end_part (self, _ ("Time stamps"), NULL);
}

/* What is kept stands for entries that were there. */
static void
check_unexplained (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CsmQuery) query =
      csm_query_new (self->acase->db, "read what is kept",
                     "SELECT 0, sha256 FROM kept_receipt"
                     " WHERE sha256 NOT IN (SELECT sha256 FROM receipt)"
                     " UNION ALL SELECT 1, sha256 FROM kept_token"
                     " WHERE sha256 NOT IN (SELECT token_sha256 FROM anchor)");
  int step;

  while ((step = csm_query_step (query, &error)) > 0)
    {
      CsmDigest sha256;
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_query_get_digest (query, 1, &sha256);
      csm_digest_to_hex (&sha256, hex);
      if (csm_query_get_int (query, 0) == 0)
        csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Receipts"),
                        _ ("one is kept that no entry explains (SHA-256 %s): entries are "
                           "missing since"),
                        hex);
      else
        csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Receipts"),
                        _ ("a time stamp is kept that no entry explains (SHA-256 %s): entries "
                           "are missing since"),
                        hex);
    }
  if (step < 0)
    csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Receipts"), "%s", error->message);
}

static void
broken_cb (CsmFindingKind kind, const char *where, const char *what, gpointer data)
{
  if (kind == CSM_FINDING_BROKEN)
    csm_verify_say (data, kind, where, "%s", what);
}

static void
check_receipt (CsmVerify *self, const CsmReceiptRow *row)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *where = g_strdup_printf (_ ("Receipt %s"), row->code);
  g_autoptr (CsmReceipt) receipt = NULL;
  bool holds = false;

  if (!row->kept)
    {
      csm_verify_say (self, CSM_FINDING_NOTE, where,
                      _ ("its bytes are not kept here: hold the case against the file that is "
                         "kept elsewhere"));
      return;
    }
  receipt = csm_case_get_receipt (self->acase, &row->sha256, &error);
  if (receipt == NULL ||
      !csm_case_check_receipt (self->acase, receipt, broken_cb, self, &holds, &error))
    csm_verify_say (self, CSM_FINDING_BROKEN, where, "%s", error->message);
  else if (csm_receipt_get_count (receipt) != row->n_entries)
    csm_verify_say (self, CSM_FINDING_BROKEN, where,
                    _ ("it counts other entries than the entry that it was made by"));
}

gboolean
csm_verify_receipts (CsmVerify *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) receipts = NULL;
  g_autofree char *witness = NULL;
  CsmDating dating;

  if (!csm_case_get_dating (self->acase, &dating, &error) ||
      (receipts = csm_case_list_receipts (self->acase, &error)) == NULL)
    {
      csm_verify_say (self, CSM_FINDING_BROKEN, _ ("Receipts"), "%s", error->message);
      csm_verify_end_part (self, _ ("Receipts"), NULL);
      return TRUE;
    }
  say_dating (self, &dating);
  check_stamps (self);
  witness = csm_dating_describe_witness (&dating);
  csm_verify_say (self, CSM_FINDING_NOTE, _ ("Ledger"), "%s.", witness);
  check_unexplained (self);
  for (guint i = 0; i < receipts->len; i++)
    {
      check_receipt (self, receipts->pdata[i]);
      if (!csm_verify_advance (self, 0))
        return FALSE;
    }
  csm_verify_end_part (self, _ ("Receipts"),
                       receipts->len > 0 ? _ ("every entry that they count is in the ledger")
                                         : NULL);
  return TRUE;
}
