/* csm-case.c: opening and closing a case, and what it says about itself
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-apply.h"
#include "casefile/csm-case-private.h"
#include "casefile/csm-case-restored.h"
#include "casefile/csm-schema.h"
#include "vault/csm-vault-keys.h"

#include <string.h>

void
csm_case_close (CsmCase *self)
{
  if (self == NULL)
    return;

  CSM_CASE_ASSERT_LANE (self);
  /* SQLite checkpoints as the last connection closes; a crash here loses nothing. */
  csm_db_free (self->db);
  csm_media_store_free (self->media);
  csm_signer_free (self->signer);
  csm_vault_close (self->vault);
  csm_reviewer_free (self->reviewer);
  g_free (self->why_read_only);
  g_free (self->why_no_media);
  g_free (self->title);
  g_free (self);
}

static gboolean
load_info (CsmCase *self, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the case", "SELECT title FROM case_info");
  const int step = csm_query_step (query, error);

  if (step == 0)
    return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                          "the case has no first entry: it was not finished");
  if (step < 0)
    return FALSE;
  self->title = csm_query_dup_text (query, 0);
  return TRUE;
}

/* (nullable) without error: not a reviewer, or not yet. */
static CsmReviewer *
load_reviewer (CsmDb *db, const char *what, const char *sql, const uint8_t *key, GError **error)
{
  CsmReviewer *reviewer = NULL;
  g_autoptr (CsmQuery) query = csm_query_new (db, what, sql);

  csm_query_blob (query, key, CSM_PUBLIC_KEY_SIZE);
  if (csm_query_step (query, error) > 0)
    {
      g_autofree char *hex = csm_hex_encode (key, CSM_PUBLIC_KEY_SIZE);

      reviewer = g_new0 (CsmReviewer, 1);
      g_strlcpy (reviewer->key, hex, sizeof reviewer->key);
      reviewer->name = csm_query_dup_text (query, 0);
    }
  return reviewer;
}

/* The key that signs, when this slot has one. */
static gboolean
load_signer (CsmCase *self, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the signing key",
                     "SELECT sealed, author FROM kept_signer WHERE slot = ?");
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (CsmSecret) seed = NULL;
  uint8_t author[CSM_PUBLIC_KEY_SIZE];
  bool joined;
  int step;

  csm_query_blob (query, csm_vault_get_own_slot (self->vault), CSM_VAULT_ID_SIZE);
  step = csm_query_step (query, error);
  if (step <= 0)
    return step == 0;
  sealed = csm_query_dup_bytes (query, 0);
  csm_query_get_blob (query, 1, author, sizeof author);
  seed = csm_vault_open_joined (self->vault, sealed);
  joined = seed != NULL;
  if (!joined)
    seed = csm_vault_open_sealed (self->vault, sealed, error);
  if (seed == NULL)
    return FALSE;
  self->signer = csm_signer_new_from_seed (seed);
  if (self->signer == NULL ||
      memcmp (csm_signer_get_public_key (self->signer), author, sizeof author) != 0)
    return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                          "the signing key that is kept is another reviewer's");
  if (!joined || self->read_only)
    return TRUE;
  g_clear_pointer (&query, csm_query_free);
  return csm_signer_keep (self, csm_vault_get_own_slot (self->vault), self->signer, error);
}

/* The first opening by a recovery code: its key becomes a reviewer's. */
static gboolean
enter_by_recovery (CsmCase *self, const CsmReviewer *recovery, GError **error)
{
  g_autoptr (CsmChange) change = csm_change_begin (self, error);
  g_autoptr (json_t) body = json_object ();
  g_autoptr (json_t) start = json_object ();

  json_object_set_new (body, "key", json_string (recovery->key));
  json_object_set_new (body, "name", json_string (recovery->name));
  json_object_set_new (body, "by", json_string ("recovery"));
  json_object_set_new (start, "old_chain", json_null ());
  json_object_set_new (start, "old_head", json_null ());
  json_object_set_new (start, "reason", json_string ("recovery"));
  return change != NULL &&
         csm_change_sign (change, "reviewer.add", NULL, NULL, body, NULL, error) &&
         csm_change_sign (change, "chain.start", NULL, NULL, start, NULL, error) &&
         csm_change_commit (change, error);
}

static gboolean
load_self (CsmCase *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CsmReviewer) reviewer = NULL;
  const uint8_t *key;

  if (!load_signer (self, error))
    return FALSE;
  if (self->signer == NULL)
    return TRUE;
  key = csm_signer_get_public_key (self->signer);
  reviewer = load_reviewer (self->db, "read the reviewers",
                            "SELECT name FROM reviewer WHERE key = ?", key, &local);
  if (reviewer == NULL && local == NULL)
    {
      reviewer = load_reviewer (self->db, "read the recovery keys",
                                "SELECT name FROM recovery WHERE key = ?", key, &local);
      if (reviewer != NULL && !self->read_only && !enter_by_recovery (self, reviewer, error))
        return FALSE;
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (reviewer == NULL)
    return csm_case_fail (error, CSM_CASE_ERROR_DAMAGED,
                          "the signing key that is kept is no reviewer's");
  self->reviewer = g_steal_pointer (&reviewer);
  return TRUE;
}

/* Kinds of a later version: nothing may be written on top of what is not understood. */
gboolean
csm_case_check_kinds (CsmCase *self, GError **error)
{
  /* One step an existing kind, however many entries there are. */
  g_autoptr (CsmQuery) query = csm_query_new (
      self->db, "read the kinds of entries",
      "WITH RECURSIVE kinds (kind) AS ("
      "  SELECT min (kind) FROM event"
      "  UNION ALL"
      "  SELECT (SELECT min (kind) FROM event WHERE kind > kinds.kind) FROM kinds"
      "  WHERE kinds.kind IS NOT NULL"
      ") SELECT kind FROM kinds WHERE kind IS NOT NULL");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      const char *kind = csm_query_get_text (query, 0);

      if (csm_apply_knows_kind (kind) || self->read_only)
        continue;
      self->read_only = true;
      self->why_read_only =
          g_strdup_printf ("it holds entries of a kind that this version does not know ('%s');"
                           " update Casement to write to it",
                           kind);
    }
  return step == 0;
}

static void
open_media (CsmCase *self)
{
  g_autoptr (GError) error = NULL;

  self->media = csm_media_store_open (csm_vault_get_path (self->vault),
                                      csm_vault_get_case_id (self->vault), false, &error);
  if (self->media == NULL)
    self->why_no_media = g_strdup (error->message);
  else if (!self->read_only)
    csm_media_store_sweep (self->media);
}

static CsmCase *
open_case (const char *path,
           const CsmSecret *passphrase,
           CsmVaultOpenFlags flags,
           GError **error)
{
  g_autoptr (CsmCase) self = g_new0 (CsmCase, 1);
  g_autofree char *id = NULL;

  self->thread = g_thread_self ();
  self->vault = csm_vault_open (path, passphrase, flags, error);
  if (self->vault == NULL)
    return NULL;
  /* Somebody decided to take the pages as they are. */
  if ((flags & CSM_VAULT_OPEN_CONTINUE) != 0 && csm_vault_is_read_only (self->vault) &&
      !csm_vault_reseal (self->vault, error))
    return NULL;
  self->read_only = csm_vault_is_read_only (self->vault);
  if (self->read_only)
    self->why_read_only = (flags & CSM_VAULT_OPEN_READ_ONLY) == 0
                              ? csm_case_dup_restored (self)
                              : csm_vault_dup_loss (self->vault);
  if (self->read_only && self->why_read_only == NULL)
    self->why_read_only =
        g_strdup ((flags & CSM_VAULT_OPEN_READ_ONLY) != 0
                      ? "it was opened to look only; open it for writing"
                      : "it was written by a newer version; update Casement to write to it");
  id = csm_hex_encode (csm_vault_get_case_id (self->vault), CSM_VAULT_ID_SIZE);
  g_strlcpy (self->id.hex, id, sizeof self->id.hex);

  if (!csm_vault_identify (self->vault, &self->device, &self->inode, error))
    return NULL;
  self->db = csm_db_open (self->vault, error);
  if (self->db == NULL || !csm_schema_check (self->db, !self->read_only, error) ||
      !load_info (self, error) || !csm_case_check_kinds (self, error) ||
      !load_self (self, error))
    return NULL;
  open_media (self);
  if (!self->read_only)
    csm_vault_sweep (self->vault);
  return g_steal_pointer (&self);
}

CsmCase *
csm_case_open (const char *path, const CsmSecret *passphrase, bool read_only, GError **error)
{
  g_return_val_if_fail (path != NULL && passphrase != NULL, NULL);

  return open_case (path, passphrase,
                    read_only ? CSM_VAULT_OPEN_READ_ONLY : CSM_VAULT_OPEN_WRITE, error);
}

CsmCase *
csm_case_open_as_it_is (const char *path, const CsmSecret *passphrase, GError **error)
{
  return open_case (path, passphrase, CSM_VAULT_OPEN_CONTINUE, error);
}

const char *
csm_case_get_title (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return self->title;
}

const char *
csm_case_get_path (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return csm_vault_get_path (self->vault);
}

CsmId
csm_case_get_id (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return self->id;
}

bool
csm_case_is_read_only (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return self->read_only;
}

const char *
csm_case_get_why_read_only (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return self->read_only ? self->why_read_only : NULL;
}

CsmVault *
csm_case_get_vault (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return self->vault;
}

CsmMediaStore *
csm_case_get_media_store (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return self->media;
}

const CsmReviewer *
csm_case_get_self (CsmCase *self)
{
  CSM_CASE_ASSERT_LANE (self);
  return self->reviewer;
}

GPtrArray *
csm_case_list_reviewers (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_reviewer_free);
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (self->db, "read the reviewers",
                         "SELECT key, name FROM reviewer ORDER BY added, key");
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmReviewer *reviewer = g_new0 (CsmReviewer, 1);
      CsmDigest key;

      csm_query_get_digest (query, 0, &key);
      csm_digest_to_hex (&key, reviewer->key);
      reviewer->name = csm_query_dup_text (query, 1);
      g_ptr_array_add (list, reviewer);
    }
  return step == 0 ? g_steal_pointer (&list) : NULL;
}

GArray *
csm_case_list_heads (CsmCase *self, GError **error)
{
  g_autoptr (GArray) heads = g_array_new (FALSE, TRUE, sizeof (CsmDigest));
  g_autoptr (CsmQuery) query = NULL;
  int step;

  CSM_CASE_ASSERT_LANE (self);
  query = csm_query_new (self->db, "read the chains", "SELECT head FROM chain ORDER BY head");
  while ((step = csm_query_step (query, error)) > 0)
    {
      CsmDigest head;

      csm_query_get_digest (query, 0, &head);
      g_array_append_val (heads, head);
    }
  return step == 0 ? g_steal_pointer (&heads) : NULL;
}

gboolean
csm_case_count (CsmCase *self,
                int64_t *ret_exhibits,
                int64_t *ret_marks,
                int64_t *ret_entries,
                GError **error)
{
  int64_t exhibits, marks, entries;

  CSM_CASE_ASSERT_LANE (self);
  if (!csm_db_get_int (self->db, "SELECT count (*) FROM exhibit WHERE removed = 0", &exhibits,
                       error) ||
      !csm_db_get_int (self->db,
                       "SELECT count (*) FROM exhibit CROSS JOIN mark"
                       " ON mark.exhibit = exhibit.id AND mark.removed = 0"
                       " WHERE exhibit.removed = 0",
                       &marks, error) ||
      !csm_db_get_int (self->db, "SELECT count (*) FROM entry", &entries, error))
    return FALSE;
  *ret_exhibits = exhibits;
  *ret_marks = marks;
  *ret_entries = entries;
  return TRUE;
}

gboolean
csm_case_record_access (CsmCase *self,
                        const char *what,
                        const CsmId *exhibit,
                        const json_t *detail,
                        GError **error)
{
  g_autofree char *kind = NULL;
  g_autoptr (json_t) body = json_object ();
  int64_t record = 0;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (what != NULL, FALSE);
  kind = g_strconcat ("access.", what, NULL);
  if (!csm_apply_knows_kind (kind))
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "there is no access record '%s'",
                          what);
  /* What leaves the case, and what was found, is recorded whatever the team chose. */
  if (!csm_db_get_int (self->db, "SELECT record_access FROM case_info", &record, error))
    return FALSE;
  if (record == 0 && (strcmp (what, "opened") == 0 || strcmp (what, "locked") == 0 ||
                      strcmp (what, "displayed") == 0))
    return TRUE;
  json_object_set_new (body, "detail", detail != NULL ? json_deep_copy (detail) : json_null ());
  return csm_case_sign (self, kind, exhibit, NULL, body, error);
}
