/* csm-case-receipts.c: receipts are made, kept and listed
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-receipts.h"

#include "casefile/csm-case-export.h"
#include "casefile/csm-case-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

void
csm_receipt_row_free (CsmReceiptRow *self)
{
  if (self == NULL)
    return;

  g_free (self->author);
  g_free (self);
}

char *
csm_time_describe (CsmTime time)
{
  g_autofree char *text = csm_time_format (time);

  /* "2026-03-05T09:07:02.004Z" */
  text[10] = ' ';
  text[19] = '\0';
  return g_strconcat (text, " UTC", NULL);
}

/* ---- Making and keeping ---- */

/* The head of each chain, and where a chain has forked, the end of each branch: what no other
 * entry of the chain has as its "prev". */
#define HEADS_SQL                                                               \
  "SELECT head FROM chain UNION"                                                \
  " SELECT e.id FROM chain AS c JOIN entry AS e ON e.chain = c.id"              \
  " AND e.seq >= c.forked WHERE c.forked IS NOT NULL AND NOT EXISTS ("          \
  "  SELECT 1 FROM entry AS n WHERE n.chain = e.chain AND n.seq = e.seq + 1"    \
  "  AND json_extract (CAST (n.header AS TEXT), '$.prev') = lower (hex (e.id))" \
  ") ORDER BY 1"

static CsmReceipt *
read_state (CsmCase *self, GError **error)
{
  g_autoptr (GArray) heads = g_array_new (FALSE, TRUE, sizeof (CsmDigest));
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "read the chains", HEADS_SQL);
  g_autofree char *hex =
      csm_hex_encode (csm_vault_get_file_id (self->vault), CSM_VAULT_ID_SIZE);
  CsmId file_id;
  int64_t count;
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmDigest head;

      csm_query_get_digest (query, 0, &head);
      g_array_append_val (heads, head);
    }
  if (step < 0 || !csm_db_get_int (self->db, "SELECT count (*) FROM entry", &count, error))
    return NULL;
  g_strlcpy (file_id.hex, hex, sizeof file_id.hex);
  return csm_receipt_new (&self->id, &file_id, (int64_t) csm_vault_get_header_seq (self->vault),
                          count, (const CsmDigest *) heads->data, (int) heads->len, error);
}

static gboolean
keep (CsmCase *self, const CsmReceipt *receipt, GError **error)
{
  /* A copy in the same state made the same bytes. */
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "keep the receipt",
                     "INSERT OR IGNORE INTO kept_receipt (sha256, bytes) VALUES (?, ?)");

  csm_query_digest (query, csm_receipt_get_sha256 (receipt));
  csm_query_bytes (query, csm_receipt_get_bytes (receipt));
  return csm_query_run (query, error);
}

static gboolean
record_receipt (CsmCase *self, CsmChange *change, const CsmReceipt *receipt, GError **error)
{
  g_autoptr (json_t) body = json_object ();
  char hex[CSM_DIGEST_HEX_SIZE];

  csm_digest_to_hex (csm_receipt_get_sha256 (receipt), hex);
  json_object_set_new (body, "sha256", json_string (hex));
  json_object_set_new (body, "n_entries", json_integer (csm_receipt_get_count (receipt)));
  return keep (self, receipt, error) &&
         csm_change_sign (change, "receipt.made", NULL, NULL, body, NULL, error);
}

CsmReceipt *
csm_case_make_receipt (CsmCase *self, GError **error)
{
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (CsmReceipt) receipt = NULL;

  CSM_CASE_ASSERT_LANE (self);
  change = csm_change_begin (self, error);
  receipt = change != NULL ? read_state (self, error) : NULL;
  if (receipt == NULL || !record_receipt (self, change, receipt, error) ||
      !csm_change_commit (change, error))
    return NULL;
  return g_steal_pointer (&receipt);
}

CsmReceipt *
csm_case_prepare_receipt (CsmCase *self, GError **error)
{
  CSM_CASE_ASSERT_LANE (self);
  return read_state (self, error);
}

gboolean
csm_case_record_bundle (CsmCase *self,
                        const CsmReceipt *receipt,
                        const json_t *detail,
                        GError **error)
{
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (json_t) body = json_object ();

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (receipt != NULL && detail != NULL, FALSE);
  json_object_set_new (body, "detail", json_deep_copy (detail));
  change = csm_change_begin (self, error);
  return change != NULL && record_receipt (self, change, receipt, error) &&
         csm_change_sign (change, "access.exported", NULL, NULL, body, NULL, error) &&
         csm_change_commit (change, error);
}

CsmReceipt *
csm_case_get_receipt (CsmCase *self, const CsmDigest *sha256, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CsmReceipt) receipt = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (sha256 != NULL, NULL);
  query = csm_query_new (self->db, "read the receipt",
                         "SELECT bytes FROM kept_receipt WHERE sha256 = ?");
  csm_query_digest (query, sha256);
  step = csm_query_step (query, error);
  if (step == 0)
    csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND,
                   "the receipt's bytes are not kept in this copy of the case");
  if (step <= 0)
    return NULL;
  bytes = csm_query_dup_bytes (query, 0);
  receipt = bytes != NULL ? csm_receipt_parse (bytes, NULL) : NULL;
  if (receipt == NULL || !csm_digest_equal (csm_receipt_get_sha256 (receipt), sha256) ||
      !g_bytes_equal (csm_receipt_get_bytes (receipt), bytes))
    {
      csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                     "the receipt's bytes are not those that its entry names");
      return NULL;
    }
  return g_steal_pointer (&receipt);
}

GPtrArray *
csm_case_list_receipts (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_receipt_row_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (
      self->db, "read the receipts",
      "SELECT r.sha256, r.made, r.n_entries, w.name,"
      " EXISTS (SELECT 1 FROM kept_receipt AS k WHERE k.sha256 = r.sha256),"
      " (SELECT count (*) FROM kept_request AS q WHERE q.receipt = r.sha256),"
      " (SELECT count (*) FROM anchor AS a WHERE a.receipt = r.sha256)"
      " FROM receipt AS r JOIN event AS v ON v.id = r.entry"
      " LEFT JOIN reviewer AS w ON w.key = v.author ORDER BY v.lamport DESC, v.id DESC");
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmReceiptRow *row = g_new0 (CsmReceiptRow, 1);

      csm_query_get_digest (query, 0, &row->sha256);
      csm_receipt_code (&row->sha256, row->code);
      row->made = csm_query_get_int (query, 1);
      row->n_entries = csm_query_get_int (query, 2);
      row->author = g_strdup (csm_query_get_text (query, 3));
      row->kept = csm_query_get_int (query, 4) != 0;
      row->n_requests = (int) csm_query_get_int (query, 5);
      row->n_stamps = (int) csm_query_get_int (query, 6);
      g_ptr_array_add (list, row);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

/* ---- By what the ledger is dated ---- */

static gboolean
read_newest_receipt (CsmCase *self, CsmDating *dating, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the receipts",
                     "SELECT r.sha256, r.made, r.n_entries FROM receipt AS r"
                     " JOIN event AS v ON v.id = r.entry ORDER BY v.lamport DESC, v.id DESC"
                     " LIMIT 1");
  const int step = csm_query_step (query, error);
  CsmDigest sha256;

  if (step <= 0)
    return step == 0;
  csm_query_get_digest (query, 0, &sha256);
  csm_receipt_code (&sha256, dating->code);
  dating->made = csm_query_get_int (query, 1);
  dating->n_covered = csm_query_get_int (query, 2);
  return TRUE;
}

/* Of those that cover most, the earliest says most. */
static gboolean
read_witness (CsmCase *self, CsmDating *dating, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "read the time stamps",
                                              "SELECT a.time, r.n_entries FROM anchor AS a"
                                              " JOIN receipt AS r ON r.sha256 = a.receipt"
                                              " ORDER BY r.n_entries DESC, a.time LIMIT 1");
  const int step = csm_query_step (query, error);

  if (step <= 0)
    return step == 0;
  dating->witnessed = csm_query_get_int (query, 0);
  dating->n_witnessed = csm_query_get_int (query, 1);
  return TRUE;
}

gboolean
csm_case_get_dating (CsmCase *self, CsmDating *ret_dating, GError **error)
{
  CsmDating dating = { 0 };

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (ret_dating != NULL, FALSE);
  if (!csm_db_get_int (self->db, "SELECT count (*) FROM entry", &dating.n_entries, error) ||
      !csm_db_get_int (self->db, "SELECT count (*) FROM receipt", &dating.n_receipts, error) ||
      !csm_db_get_int (self->db, "SELECT count (*) FROM anchor", &dating.n_stamps, error) ||
      !read_newest_receipt (self, &dating, error) || !read_witness (self, &dating, error))
    return FALSE;
  *ret_dating = dating;
  return TRUE;
}

char *
csm_dating_describe_witness (const CsmDating *self)
{
  const int64_t n = MAX (self->n_entries - self->n_witnessed, 0);
  g_autofree char *since = NULL;

  if (self->n_stamps == 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                         "Never seen by an outside witness of time: %" PRId64
                                         " entry is dated by this computer's clock only",
                                         "Never seen by an outside witness of time: %" PRId64
                                         " entries are dated by this computer's clock only",
                                         (unsigned long) n),
                            n);
  since = csm_time_describe (self->witnessed);
  /* Translators: a date and time, and how many entries of the ledger came later */
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "No outside witness of time since %s: %" PRId64 " entry came after",
                   "No outside witness of time since %s: %" PRId64 " entries came after",
                   (unsigned long) n),
      since, n);
}
