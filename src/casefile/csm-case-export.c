/* csm-case-export.c: what an export reads of a case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-export.h"

#include "casefile/csm-case-private.h"

#include <string.h>

/* ---- The ledger, bounded ---- */

#define ENTRY_COLUMNS "n.header, n.meta, n.body, n.signature"

/* Frees @query's rows into a list. */
static GPtrArray *
read_entries (CsmQuery *query, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_entry_unref);
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmEntry *entry = csm_entry_from_row (query, 0, error);

      if (entry == NULL)
        return NULL;
      g_ptr_array_add (list, entry);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

int64_t
csm_case_get_last_arrival (CsmCase *self, GError **error)
{
  int64_t last = 0;

  CSM_CASE_ASSERT_LANE (self);
  return csm_db_get_int (self->db, "SELECT max (n) FROM entry", &last, error) ? last : -1;
}

GPtrArray *
csm_case_list_entries_after (CsmCase *self,
                             int64_t last,
                             CsmLedgerPlace *place,
                             int64_t limit,
                             GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autoptr (GPtrArray) list = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (place != NULL && limit > 0, NULL);
  query = csm_query_new (self->db, "read the ledger",
                         "SELECT " ENTRY_COLUMNS " FROM entry AS n"
                         " WHERE (n.lamport, n.id) > (?1, ?2) AND n.n <= ?3"
                         " ORDER BY n.lamport, n.id LIMIT ?4");
  csm_query_int (query, place->lamport);
  csm_query_digest (query, &place->id);
  csm_query_int (query, last);
  csm_query_int (query, limit);
  list = read_entries (query, error);
  if (list != NULL && list->len > 0)
    {
      const CsmEntry *newest = list->pdata[list->len - 1];

      place->lamport = csm_entry_get_place (newest)->lamport;
      place->id = *csm_entry_get_id (newest);
    }
  return g_steal_pointer (&list);
}

GPtrArray *
csm_case_list_entries_since (CsmCase *self, int64_t last, GError **error)
{
  g_autoptr (CsmQuery) query = NULL;

  CSM_CASE_ASSERT_LANE (self);
  query =
      csm_query_new (self->db, "read the ledger",
                     "SELECT " ENTRY_COLUMNS " FROM entry AS n WHERE n.n > ?1 ORDER BY n.n");
  csm_query_int (query, last);
  return read_entries (query, error);
}

GPtrArray *
csm_case_list_entries_about (CsmCase *self,
                             const CsmId *subject,
                             const char *kind,
                             int64_t last,
                             GError **error)
{
  g_autoptr (CsmQuery) query = NULL;
  g_autofree char *pattern = NULL;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (kind != NULL, NULL);
  /* Kinds hold no character that GLOB gives a meaning to. */
  pattern = g_str_has_suffix (kind, ".") ? g_strconcat (kind, "*", NULL) : g_strdup (kind);
  query = subject != NULL
              ? csm_query_new (self->db, "read the ledger",
                               "SELECT " ENTRY_COLUMNS " FROM event AS v"
                               " JOIN entry AS n ON n.id = v.id"
                               " WHERE v.kind GLOB ?1 AND n.n <= ?2 AND v.subject = ?3"
                               " ORDER BY v.lamport, v.id")
              : csm_query_new (self->db, "read the ledger",
                               "SELECT " ENTRY_COLUMNS " FROM event AS v"
                               " JOIN entry AS n ON n.id = v.id"
                               " WHERE v.kind GLOB ?1 AND n.n <= ?2"
                               " ORDER BY v.lamport, v.id");
  csm_query_text (query, pattern);
  csm_query_int (query, last);
  if (subject != NULL)
    csm_query_id (query, subject);
  return read_entries (query, error);
}

/* ---- What rests on it ---- */

static bool
has_author (const GPtrArray *list, const char *key)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp (((const CsmReviewer *) list->pdata[i])->key, key) == 0)
      return true;
  return false;
}

GPtrArray *
csm_case_list_authors (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_reviewer_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  /* A chain has one author: the first entries of all chains are enough. */
  query = csm_query_new (self->db, "read the reviewers",
                         "SELECT c.author, coalesce ("
                         "  (SELECT name FROM reviewer AS r WHERE r.key = c.author),"
                         "  (SELECT name FROM recovery AS y WHERE y.key = c.author))"
                         " FROM chain AS c JOIN entry AS e ON e.n ="
                         "  (SELECT n FROM entry AS f WHERE f.chain = c.id"
                         "   ORDER BY f.seq, f.lamport, f.id LIMIT 1)"
                         " ORDER BY e.lamport, e.id");
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmReviewer *author = g_new0 (CsmReviewer, 1);
      CsmDigest key;

      csm_query_get_digest (query, 0, &key);
      csm_digest_to_hex (&key, author->key);
      author->name =
          csm_query_is_null (query, 1) ? g_strdup (author->key) : csm_query_dup_text (query, 1);
      if (has_author (list, author->key))
        csm_reviewer_free (author);
      else
        g_ptr_array_add (list, author);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

GArray *
csm_case_list_frame_commits (CsmCase *self, const CsmId *mark, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (CsmFrameCommit));
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (mark != NULL, NULL);
  query = csm_query_new (self->db, "read the pictures of the mark",
                         "SELECT ordinal, pts, sha256, pixel_format, width, height, library"
                         " FROM mark_frame WHERE mark = ? ORDER BY ordinal");
  csm_query_id (query, mark);
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmFrameCommit frame = { .ordinal = csm_query_get_int (query, 0),
                               .pts = csm_query_get_pts (query, 1),
                               .width = (int) csm_query_get_int (query, 4),
                               .height = (int) csm_query_get_int (query, 5) };

      csm_query_get_digest (query, 2, &frame.sha256);
      g_strlcpy (frame.pixel_format, csm_query_get_text (query, 3), sizeof frame.pixel_format);
      g_strlcpy (frame.library, csm_query_get_text (query, 6), sizeof frame.library);
      g_array_append_val (list, frame);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

gboolean
csm_case_get_record_access (CsmCase *self, bool *ret_records, GError **error)
{
  int64_t records = 0;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (ret_records != NULL, FALSE);
  if (!csm_db_get_int (self->db, "SELECT record_access FROM case_info", &records, error))
    return FALSE;
  *ret_records = records != 0;
  return TRUE;
}

void
csm_stamp_files_free (CsmStampFiles *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->receipt, g_bytes_unref);
  g_clear_pointer (&self->token, g_bytes_unref);
  g_clear_pointer (&self->ca, g_bytes_unref);
  g_clear_pointer (&self->chain, g_bytes_unref);
  g_free (self);
}

GPtrArray *
csm_case_list_stamp_files (CsmCase *self, int64_t last, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_stamp_files_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (self->db, "read the time stamps",
                         "SELECT r.bytes, t.bytes, t.ca, t.chain, a.time FROM anchor AS a"
                         " JOIN kept_receipt AS r ON r.sha256 = a.receipt"
                         " JOIN kept_token AS t ON t.sha256 = a.token_sha256"
                         " JOIN entry AS n ON n.id = a.entry WHERE n.n <= ?"
                         " ORDER BY a.time, a.token_sha256, a.entry");
  csm_query_int (query, last);
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmStampFiles *files = g_new0 (CsmStampFiles, 1);

      files->receipt = csm_query_dup_bytes (query, 0);
      files->token = csm_query_dup_bytes (query, 1);
      files->ca = csm_query_dup_bytes (query, 2);
      files->chain = csm_query_dup_bytes (query, 3);
      files->time = csm_query_get_int (query, 4);
      g_ptr_array_add (list, files);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

/* ---- Making a bundle ---- */

GBytes *
csm_case_use_signer (CsmCase *self, CsmSignerUse make, gpointer data, GError **error)
{
  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (make != NULL, NULL);
  if (self->signer != NULL)
    return make (self->signer, data, error);
  csm_case_fail (error, CSM_CASE_ERROR_READ_ONLY, "nobody signs: %s",
                 self->why_read_only != NULL ? self->why_read_only
                                             : "this passphrase is a reader's");
  return NULL;
}
