/* csm-case-stamps.c: time stamps on receipts are asked for and taken in
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"
#include "casefile/csm-case-receipts.h"
#include "custody/csm-timestamp.h"

#include <string.h>

void
csm_stamp_row_free (CsmStampRow *self)
{
  if (self == NULL)
    return;

  g_free (self->authority);
  g_free (self->serial);
  g_free (self);
}

GPtrArray *
csm_case_list_stamps (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_stamp_row_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (self->db, "read the time stamps",
                         "SELECT a.receipt, a.time, a.authority, a.serial, v.time, r.n_entries"
                         " FROM anchor AS a JOIN event AS v ON v.id = a.entry"
                         " JOIN receipt AS r ON r.sha256 = a.receipt"
                         " ORDER BY a.time DESC, a.entry");
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmStampRow *row = g_new0 (CsmStampRow, 1);

      csm_query_get_digest (query, 0, &row->receipt);
      csm_receipt_code (&row->receipt, row->code);
      row->time = csm_query_get_int (query, 1);
      row->authority = csm_query_dup_text (query, 2);
      row->serial = csm_query_dup_text (query, 3);
      row->added = csm_query_get_int (query, 4);
      row->n_entries = csm_query_get_int (query, 5);
      g_ptr_array_add (list, row);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

static void
hash_bytes (GBytes *bytes, CsmDigest *ret_digest)
{
  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), ret_digest);
}

GBytes *
csm_case_make_request (CsmCase *self, const CsmDigest *sha256, GError **error)
{
  g_autoptr (CsmReceipt) receipt = NULL;
  g_autoptr (GBytes) request = NULL;
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (CsmQuery) query = NULL;
  CsmDigest digest;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (sha256 != NULL, NULL);
  receipt = csm_case_get_receipt (self, sha256, error);
  request = receipt != NULL ? csm_timestamp_request_new (sha256, error) : NULL;
  change = request != NULL ? csm_change_begin_kept (self, error) : NULL;
  if (change == NULL)
    return NULL;
  hash_bytes (request, &digest);
  query = csm_query_new (self->db, "keep the request",
                         "INSERT INTO kept_request (sha256, receipt, bytes) VALUES (?, ?, ?)");
  csm_query_digest (query, &digest);
  csm_query_digest (query, sha256);
  csm_query_bytes (query, request);
  if (!csm_query_run (query, error) || !csm_change_commit (change, error))
    return NULL;
  return g_steal_pointer (&request);
}

/* The stamp answers one of the requests that were saved for the receipt it is over. */
static gboolean
check_asked (CsmCase *self, const CsmTimestamp *stamp, GError **error)
{
  g_autoptr (CsmReceipt) receipt =
      csm_case_get_receipt (self, csm_timestamp_get_imprint (stamp), NULL);
  g_autoptr (GError) why = NULL;
  g_autoptr (CsmQuery) query = NULL;
  int step;

  if (receipt == NULL)
    {
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (csm_timestamp_get_imprint (stamp), hex);
      g_set_error (
          error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_STAMP,
          "time stamp: it is over no receipt that this case keeps (its SHA-256 is %s); "
          "take the answer to a request of this case",
          hex);
      return FALSE;
    }
  query = csm_query_new (self->db, "read the requests",
                         "SELECT bytes FROM kept_request WHERE receipt = ?");
  csm_query_digest (query, csm_timestamp_get_imprint (stamp));
  while ((step = csm_query_step (query, error)) > 0)
    {
      g_autoptr (GBytes) request = csm_query_dup_bytes (query, 0);

      g_clear_error (&why);
      if (csm_timestamp_check_request (stamp, request, &why))
        return TRUE;
    }
  if (step < 0)
    return FALSE;
  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  else
    g_set_error (error, CSM_CUSTODY_ERROR, CSM_CUSTODY_ERROR_STAMP,
                 "time stamp: no request was saved for this receipt, so that its nonce is not "
                 "known; save one and send that");
  return FALSE;
}

static gboolean
check_new (CsmCase *self, const CsmDigest *token, GError **error)
{
  g_autoptr (CsmQuery) query = csm_query_new (self->db, "read the time stamps",
                                              "SELECT 1 FROM anchor WHERE token_sha256 = ?");
  int step;

  csm_query_digest (query, token);
  step = csm_query_step (query, error);
  if (step > 0)
    return csm_case_fail (error, CSM_CASE_ERROR_EXISTS,
                          "this time stamp was taken in already; there is nothing to do");
  return step == 0;
}

/* (transfer full): the body of "anchor.add". */
static json_t *
build_body (const CsmTimestamp *stamp, const CsmDigest *token, GBytes *ca)
{
  json_t *body = json_object ();
  char hex[CSM_DIGEST_HEX_SIZE];
  CsmDigest digest;

  json_object_set_new (body, "anchor", json_string ("rfc3161"));
  csm_digest_to_hex (csm_timestamp_get_imprint (stamp), hex);
  json_object_set_new (body, "receipt", json_string (hex));
  json_object_set_new (body, "time", json_integer (csm_timestamp_get_time (stamp)));
  json_object_set_new (body, "authority", json_string (csm_timestamp_get_authority (stamp)));
  json_object_set_new (body, "serial", json_string (csm_timestamp_get_serial (stamp)));
  csm_digest_to_hex (token, hex);
  json_object_set_new (body, "token_sha256", json_string (hex));
  hash_bytes (ca, &digest);
  csm_digest_to_hex (&digest, hex);
  json_object_set_new (body, "ca_sha256", json_string (hex));
  return body;
}

static gboolean
keep_token (CsmCase *self,
            const CsmTimestamp *stamp,
            const CsmDigest *token,
            GBytes *ca,
            GBytes *chain,
            GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "keep the time stamp",
                     "INSERT OR REPLACE INTO kept_token (sha256, bytes, ca, chain)"
                     " VALUES (?, ?, ?, ?)");

  csm_query_digest (query, token);
  csm_query_bytes (query, csm_timestamp_get_token (stamp));
  csm_query_bytes (query, ca);
  csm_query_bytes (query, chain);
  return csm_query_run (query, error);
}

CsmStampRow *
csm_case_add_stamp (CsmCase *self, GBytes *answer, GBytes *ca, GBytes *chain, GError **error)
{
  g_autoptr (CsmTimestamp) stamp = NULL;
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (json_t) body = NULL;
  CsmDigest token;
  CsmStampRow *row;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (answer != NULL && ca != NULL, NULL);
  stamp = csm_timestamp_parse (answer, error);
  if (stamp == NULL || !check_asked (self, stamp, error) ||
      !csm_timestamp_check_signature (stamp, ca, chain, error))
    return NULL;
  hash_bytes (csm_timestamp_get_token (stamp), &token);
  if (!check_new (self, &token, error) || (change = csm_change_begin (self, error)) == NULL)
    return NULL;
  body = build_body (stamp, &token, ca);
  if (!keep_token (self, stamp, &token, ca, chain, error) ||
      !csm_change_sign (change, "anchor.add", NULL, NULL, body, NULL, error) ||
      !csm_change_commit (change, error))
    return NULL;

  row = g_new0 (CsmStampRow, 1);
  row->receipt = *csm_timestamp_get_imprint (stamp);
  csm_receipt_code (&row->receipt, row->code);
  row->time = csm_timestamp_get_time (stamp);
  row->authority = g_strdup (csm_timestamp_get_authority (stamp));
  row->serial = g_strdup (csm_timestamp_get_serial (stamp));
  row->added = csm_time_now ();
  return row;
}
