/* csm-change.c: one transaction: entries signed, stored and applied
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply.h"
#include "casefile/csm-case-private.h"

#include <string.h>

struct _CsmChange
{
  CsmCase *acase;
  bool open;
  GArray *also;        /* CsmDigest: heads that the next entry names besides */
  const char *restart; /* (nullable) why the next entry starts a chain */
};

gboolean
csm_case_fail (GError **error, CsmCaseError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, CSM_CASE_ERROR, code, message);
  return FALSE;
}

gboolean
csm_case_check_text (const char *text, const char *what, GError **error)
{
  if (text == NULL)
    return TRUE;
  if (strlen (text) > CSM_MAX_TEXT)
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "%s is longer than 64 KiB: shorten it",
                          what);
  if (!g_utf8_validate (text, -1, NULL))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "%s is not UTF-8", what);
  return TRUE;
}

CsmChange *
csm_change_begin_kept (CsmCase *acase, GError **error)
{
  CsmChange *self;

  if (acase->read_only)
    {
      csm_case_fail (error, CSM_CASE_ERROR_READ_ONLY, "the case is open read-only: %s",
                     acase->why_read_only);
      return NULL;
    }
  if (!csm_vault_is_in_place (acase->vault))
    {
      csm_case_fail (
          error, CSM_CASE_ERROR_GONE,
          "nothing was saved: the case file was moved, deleted or replaced while it "
          "was open; put it back under its name, or back the open case up to another "
          "folder before closing it");
      return NULL;
    }
  if (!csm_db_exec (acase->db, "BEGIN IMMEDIATE", "begin to write", error))
    return NULL;
  self = g_new0 (CsmChange, 1);
  self->acase = acase;
  self->also = g_array_new (FALSE, FALSE, sizeof (CsmDigest));
  self->open = true;
  return self;
}

CsmChange *
csm_change_begin (CsmCase *acase, GError **error)
{
  if (acase->signer == NULL && !acase->read_only)
    {
      csm_case_fail (
          error, CSM_CASE_ERROR_READ_ONLY,
          "this passphrase is a reader's: it has no signing key; open the case with a "
          "reviewer's");
      return NULL;
    }
  return csm_change_begin_kept (acase, error);
}

CsmCase *
csm_change_get_case (CsmChange *self)
{
  return self->acase;
}

gboolean
csm_change_commit (CsmChange *self, GError **error)
{
  if (!csm_db_exec (self->acase->db, "COMMIT", "write to the case", error))
    return FALSE;
  self->open = false;
  return TRUE;
}

void
csm_change_free (CsmChange *self)
{
  if (self == NULL)
    return;

  /* Some failures roll back by themselves; then this one has nothing to do, and says so. */
  if (self->open && sqlite3_get_autocommit (csm_db_get_handle (self->acase->db)) == 0)
    (void) csm_db_exec (self->acase->db, "ROLLBACK", "take the change back", NULL);
  g_array_unref (self->also);
  g_free (self);
}

gboolean
csm_entry_insert (CsmDb *db, const CsmEntry *entry, GError **error)
{
  const CsmEntryPlace *place = csm_entry_get_place (entry);
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "write the entry",
                     "INSERT INTO entry (id, chain, seq, lamport, header, meta, body,"
                     " signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

  csm_query_digest (query, csm_entry_get_id (entry));
  csm_query_id (query, &place->chain);
  csm_query_int (query, place->seq);
  csm_query_int (query, place->lamport);
  csm_query_bytes (query, csm_entry_get_header (entry));
  csm_query_bytes (query, csm_entry_get_meta (entry));
  csm_query_bytes (query, csm_entry_get_body (entry));
  csm_query_blob (query, csm_entry_get_signature (entry), CSM_SIGNATURE_SIZE);
  return csm_query_run (query, error);
}

/* seq 0 and zero for a chain without entries. */
static gboolean
read_chain (CsmDb *db,
            const CsmId *chain,
            int64_t *ret_seq,
            CsmDigest *ret_head,
            GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "read the chain", "SELECT seq, head FROM chain WHERE id = ?");
  int step;

  csm_query_id (query, chain);
  step = csm_query_step (query, error);
  if (step < 0)
    return FALSE;
  *ret_seq = step > 0 ? csm_query_get_int (query, 0) : 0;
  memset (ret_head, 0, sizeof *ret_head);
  if (step > 0)
    csm_query_get_digest (query, 1, ret_head);
  return TRUE;
}

static int
compare_digests (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (CsmDigest));
}

/* Rule 3: what nobody names yet, and @also: a chain's first entry names the head before it, a
 * merge both branches of a fork. */
static GArray *
list_heads (CsmDb *db, const CsmId *chain, const GArray *also, GError **error)
{
  g_autoptr (GArray) heads = g_array_new (FALSE, TRUE, sizeof (CsmDigest));
  g_autoptr (CsmQuery) query = csm_query_new (
      db, "read the chains", "SELECT head FROM chain WHERE named = 0 AND id <> ? LIMIT 4000");
  int step;

  csm_query_id (query, chain);
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmDigest head;

      csm_query_get_digest (query, 0, &head);
      g_array_append_val (heads, head);
    }
  if (step < 0)
    return NULL;
  g_array_append_vals (heads, also->data, also->len);
  g_array_sort (heads, compare_digests);
  for (guint i = heads->len; i-- > 1;)
    if (compare_digests (&g_array_index (heads, CsmDigest, i),
                         &g_array_index (heads, CsmDigest, i - 1)) == 0)
      g_array_remove_index (heads, i);
  return g_steal_pointer (&heads);
}

/* What an entry says besides its body. */
typedef struct
{
  const char *kind;
  const CsmId *subject;
  const CsmDigest *replaces;
  int n_replaces;
} What;

static gboolean
sign_into (CsmChange *self,
           const CsmId *chain,
           const What *what,
           const json_t *body,
           CsmDigest *ret_id,
           GError **error)
{
  CsmCase *acase = self->acase;
  CsmEntryPlace place = { .case_id = acase->id, .chain = *chain };
  g_autoptr (GArray) heads = list_heads (acase->db, chain, self->also, error);
  g_autoptr (CsmEntry) entry = NULL;
  int64_t last;

  if (heads == NULL || !read_chain (acase->db, chain, &place.seq, &place.prev, error) ||
      !csm_db_get_int (acase->db, "SELECT max (lamport) FROM entry", &last, error))
    return FALSE;
  place.seq++;
  place.lamport = last + 1;
  place.heads = (const CsmDigest *) heads->data;
  place.n_heads = (int) heads->len;

  entry = csm_entry_new (acase->signer, &place, csm_time_now (), what->kind, what->subject,
                         what->replaces, what->n_replaces, body, error);
  if (entry == NULL || !csm_entry_insert (acase->db, entry, error) ||
      !csm_apply_entry (acase->db, entry, error))
    return FALSE;
  g_array_set_size (self->also, 0);
  if (ret_id != NULL)
    *ret_id = *csm_entry_get_id (entry);
  return TRUE;
}

/* Why our chain does not go on; NULL when it does. */
static gboolean
find_chain (CsmCase *acase, CsmId *ret_chain, const char **ret_reason, GError **error)
{
  uint8_t file_id[CSM_VAULT_ID_SIZE];
  g_autoptr (CsmQuery) query =
      csm_query_new (acase->db, "read our chain",
                     "SELECT k.chain, k.device, k.inode, k.file_id, c.forked"
                     " FROM kept_chain AS k LEFT JOIN chain AS c ON c.id = k.chain"
                     " WHERE k.author = ?");
  int step;

  csm_query_blob (query, csm_signer_get_public_key (acase->signer), CSM_PUBLIC_KEY_SIZE);
  step = csm_query_step (query, error);
  if (step < 0)
    return FALSE;
  *ret_reason = "reviewer";
  if (step == 0)
    return TRUE;
  csm_query_get_id (query, 0, ret_chain);
  csm_query_get_blob (query, 3, file_id, sizeof file_id);
  if (memcmp (file_id, csm_vault_get_file_id (acase->vault), sizeof file_id) != 0)
    *ret_reason = "rotated";
  else if (csm_query_get_int (query, 1) != acase->device ||
           csm_query_get_int (query, 2) != acase->inode)
    *ret_reason = "moved";
  else
    *ret_reason = csm_query_is_null (query, 4) ? NULL : "merged";
  return TRUE;
}

static gboolean
keep_chain (CsmCase *acase, const CsmId *chain, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (acase->db, "keep our chain",
                     "INSERT INTO kept_chain (author, chain, device, inode, file_id)"
                     " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (author) DO UPDATE SET"
                     " chain = ?2, device = ?3, inode = ?4, file_id = ?5");

  csm_query_blob (query, csm_signer_get_public_key (acase->signer), CSM_PUBLIC_KEY_SIZE);
  csm_query_id (query, chain);
  csm_query_int (query, acase->device);
  csm_query_int (query, acase->inode);
  csm_query_blob (query, csm_vault_get_file_id (acase->vault), CSM_VAULT_ID_SIZE);
  return csm_query_run (query, error);
}

/* Of a forked chain, the end of our own branch, where a merge knows it: it names ours first. */
static gboolean
find_branch (CsmChange *self, const CsmId *chain, CsmDigest *head, GError **error)
{
  for (guint i = 0; i < self->also->len; i++)
    {
      const CsmDigest *id = &g_array_index (self->also, CsmDigest, i);
      g_autoptr (CsmEntry) entry = csm_case_load_entry (self->acase, id, error);

      if (entry == NULL)
        return FALSE;
      if (strcmp (csm_entry_get_place (entry)->chain.hex, chain->hex) == 0)
        {
          *head = *id;
          return TRUE;
        }
    }
  return TRUE;
}

static gboolean
start_chain (CsmChange *self,
             const CsmId *chain,
             const CsmId *old,
             const char *reason,
             GError **error)
{
  const What what = { .kind = "chain.start" };
  g_autoptr (json_t) body = json_object ();
  CsmDigest head;
  char hex[CSM_DIGEST_HEX_SIZE];
  int64_t seq;

  if (old != NULL)
    {
      if (!read_chain (self->acase->db, old, &seq, &head, error) ||
          !find_branch (self, old, &head, error))
        return FALSE;
      g_array_append_val (self->also, head);
      csm_digest_to_hex (&head, hex);
    }
  json_object_set_new (body, "old_chain", csm_json_nullable (old != NULL ? old->hex : NULL));
  json_object_set_new (body, "old_head", csm_json_nullable (old != NULL ? hex : NULL));
  json_object_set_new (body, "reason", json_string (reason));
  return sign_into (self, chain, &what, body, NULL, error);
}

static gboolean
ensure_chain (CsmChange *self, const char *kind, CsmId *ret_chain, GError **error)
{
  CsmId chain;
  const char *reason;
  CsmId fresh;
  bool old;

  if (!find_chain (self->acase, &chain, &reason, error))
    return FALSE;
  if (self->restart != NULL && g_strcmp0 (reason, "reviewer") != 0)
    reason = self->restart;
  self->restart = NULL;
  if (reason == NULL)
    {
      *ret_chain = chain;
      return TRUE;
    }
  old = strcmp (reason, "reviewer") != 0;
  fresh = csm_id_new ();
  if (!keep_chain (self->acase, &fresh, error))
    return FALSE;
  /* The creation, and a key that introduces itself, begin with that. */
  if ((old || (strcmp (kind, "case.create") != 0 && strcmp (kind, "reviewer.add") != 0)) &&
      !start_chain (self, &fresh, old ? &chain : NULL, reason, error))
    return FALSE;
  *ret_chain = fresh;
  return TRUE;
}

void
csm_change_restart (CsmChange *self, const char *reason)
{
  self->restart = reason;
}

void
csm_change_name_also (CsmChange *self, const CsmDigest *head)
{
  g_array_append_val (self->also, *head);
}

gboolean
csm_change_sign_over (CsmChange *self,
                      const char *kind,
                      const CsmId *subject,
                      const CsmDigest *replaces,
                      int n_replaces,
                      const json_t *body,
                      CsmDigest *ret_id,
                      GError **error)
{
  const What what = { kind, subject, replaces, n_replaces };
  CsmId chain;

  return ensure_chain (self, kind, &chain, error) &&
         sign_into (self, &chain, &what, body, ret_id, error);
}

gboolean
csm_change_sign (CsmChange *self,
                 const char *kind,
                 const CsmId *subject,
                 const CsmDigest *replaces,
                 const json_t *body,
                 CsmDigest *ret_id,
                 GError **error)
{
  return csm_change_sign_over (self, kind, subject, replaces, replaces != NULL ? 1 : 0, body,
                               ret_id, error);
}

gboolean
csm_case_sign (CsmCase *self,
               const char *kind,
               const CsmId *subject,
               const CsmDigest *replaces,
               const json_t *body,
               GError **error)
{
  g_autoptr (CsmChange) change = csm_change_begin (self, error);

  return change != NULL &&
         csm_change_sign (change, kind, subject, replaces, body, NULL, error) &&
         csm_change_commit (change, error);
}

CsmEntry *
csm_entry_from_row (CsmQuery *query, int column, GError **error)
{
  g_autoptr (GBytes) header = csm_query_dup_bytes (query, column);
  g_autoptr (GBytes) meta = csm_query_dup_bytes (query, column + 1);
  g_autoptr (GBytes) body = csm_query_dup_bytes (query, column + 2);
  uint8_t signature[CSM_SIGNATURE_SIZE];

  if (header == NULL || !csm_query_get_blob (query, column + 3, signature, sizeof signature))
    {
      csm_case_fail (error, CSM_CASE_ERROR_DAMAGED, "an entry has no header or signature");
      return NULL;
    }
  return csm_entry_parse (header, meta, body, signature, error);
}

CsmEntry *
csm_case_load_entry (CsmCase *self, const CsmDigest *id, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the entry",
                     "SELECT header, meta, body, signature FROM entry WHERE id = ?");
  int step;

  csm_query_digest (query, id);
  step = csm_query_step (query, error);
  if (step == 0)
    csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "there is no such entry");
  return step > 0 ? csm_entry_from_row (query, 0, error) : NULL;
}
