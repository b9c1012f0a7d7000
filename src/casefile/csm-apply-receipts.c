/* csm-apply-receipts.c: what is derived from receipts and time stamps
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply-private.h"

#include <string.h>

gboolean
csm_apply_receipt_made (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  CsmDigest sha256;
  int64_t n_entries;
  g_autoptr (CsmQuery) query = NULL;

  if (!csm_body_digest (body, "sha256", &sha256, error) ||
      !csm_body_int (body, "n_entries", 1, INT64_MAX, &n_entries, error))
    return FALSE;
  /* Two copies in one state make the same receipt: the first in replay order counts. */
  query = csm_query_new (db, "note the receipt",
                         "INSERT OR IGNORE INTO receipt (sha256, made, n_entries, entry)"
                         " VALUES (?, ?, ?, ?)");
  csm_query_digest (query, &sha256);
  csm_query_int (query, csm_entry_get_time (entry));
  csm_query_int (query, n_entries);
  csm_query_digest (query, csm_entry_get_id (entry));
  return csm_query_run (query, error);
}

static gboolean
check_receipt (CsmDb *db, const CsmDigest *receipt, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "look a receipt up", "SELECT 1 FROM receipt WHERE sha256 = ?");
  int step;

  csm_query_digest (query, receipt);
  step = csm_query_step (query, error);
  return step != 0 ? step > 0
                   : csm_apply_fail (error, "a time stamp is on a receipt that was not made");
}

gboolean
csm_apply_anchor_add (CsmDb *db, const CsmEntry *entry, const json_t *body, GError **error)
{
  const char *kind, *authority, *serial;
  CsmDigest receipt, token, ca;
  int64_t time;
  g_autoptr (CsmQuery) query = NULL;

  if (!csm_body_text (body, "anchor", &kind, error))
    return FALSE;
  if (strcmp (kind, "rfc3161") != 0)
    {
      g_set_error (error, CSM_CASE_ERROR, CSM_CASE_ERROR_NEWER,
                   "a time stamp of a kind that this version does not know ('%s')", kind);
      return FALSE;
    }
  if (!csm_body_digest (body, "receipt", &receipt, error) ||
      !csm_body_int (body, "time", INT64_MIN, INT64_MAX, &time, error) ||
      !csm_body_text (body, "authority", &authority, error) ||
      !csm_body_text (body, "serial", &serial, error) ||
      !csm_body_digest (body, "token_sha256", &token, error) ||
      !csm_body_digest (body, "ca_sha256", &ca, error) || !check_receipt (db, &receipt, error))
    return FALSE;
  query = csm_query_new (db, "note the time stamp",
                         "INSERT INTO anchor (entry, kind, receipt, time, authority, serial,"
                         " token_sha256, ca_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_text (query, kind);
  csm_query_digest (query, &receipt);
  csm_query_int (query, time);
  csm_query_text (query, authority);
  csm_query_text (query, serial);
  csm_query_digest (query, &token);
  csm_query_digest (query, &ca);
  return csm_query_run (query, error);
}
