/* csm-salvage-kept.c: what stands beside the ledger of a salvaged case: people, keys, files
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"
#include "casefile/csm-foundation.h"
#include "casefile/csm-salvage-private.h"
#include "vault/csm-vault-copy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- people --- */

static gboolean
keep_stand_in (CsmSalvage *self, const void *key, size_t size, const char *name, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "keep a stand-in",
                     "INSERT OR IGNORE INTO kept_salvage (key, name) VALUES (?, ?)");

  csm_query_blob (query, key, size);
  csm_query_text (query, name);
  return csm_query_run (query, error);
}

static const char *
find_name (CsmSalvage *self, const char *hex)
{
  const char *name = g_hash_table_lookup (self->names, hex);

  return name != NULL ? name : _ ("a reviewer whose name is lost");
}

/* (transfer full) (element-type CsmDigest): who signed an entry, or can sign here. */
static GArray *
list_authors (CsmSalvage *self, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) authors = g_array_new (FALSE, TRUE, sizeof (CsmDigest));
  /* "author" is a header's first key, and 64 digits follow. */
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the authors",
                     "SELECT DISTINCT CAST (substr (header, 12, 64) AS TEXT) FROM entry"
                     " UNION SELECT lower (hex (author)) FROM kept_signer WHERE author NOT IN"
                     " (SELECT key FROM recovery)");
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    {
      const char *hex = csm_query_get_text (query, 0);
      CsmDigest key;

      if (csm_digest_from_hex (hex, &key) && g_hash_table_add (seen, g_strdup (hex)))
        g_array_append_val (authors, key);
    }
  return step == 0 ? g_steal_pointer (&authors) : NULL;
}

static gboolean
is_recovery_key (CsmSalvage *self, const char *hex, bool *ret_is, GError **error)
{
  g_autofree char *needle = g_strdup_printf ("\"key\":\"%s\"", hex);
  g_autoptr (CsmQuery) query = csm_query_new (
      self->db, "read the recovery keys",
      "SELECT count (*) FROM entry WHERE"
      " instr (meta, CAST ('\"kind\":\"key.recovery\"' AS BLOB)) > 0 AND instr (body, ?) > 0");

  csm_query_blob (query, needle, strlen (needle));
  if (csm_query_step (query, error) <= 0)
    return FALSE;
  *ret_is = csm_query_get_int (query, 0) > 0;
  return TRUE;
}

/* A recovery code's key that was never used waits behind its code, and needs no stand-in. */
static gboolean
stand_in_for (CsmSalvage *self, const CsmDigest *key, const char *hex, GError **error)
{
  bool is_recovery = false;

  if (!is_recovery_key (self, hex, &is_recovery, error))
    return FALSE;
  if (is_recovery)
    return TRUE;
  csm_salvage_say (
      self->report->lost,
      _ ("the entry that added the reviewer %s is missing: no entry vouches for the"
         " key %.16s..."),
      find_name (self, hex), hex);
  return keep_stand_in (self, key->bytes, sizeof key->bytes, find_name (self, hex), error);
}

gboolean
csm_salvage_lay_foundation (CsmSalvage *self, GError **error)
{
  g_auto (CsmFoundation) foundation = { 0 };
  g_autoptr (GArray) authors = NULL;

  if (!csm_foundation_read (self->db, &foundation, error))
    return FALSE;
  authors = list_authors (self, error);
  if (authors == NULL ||
      !keep_stand_in (self, "", 0, self->title != NULL ? self->title : _ ("Salvaged case"),
                      error))
    return FALSE;
  if (!foundation.has_case)
    csm_salvage_say (self->report->lost, "%s",
                     _ ("the entry that created the case is missing"));
  for (guint i = 0; i < authors->len; i++)
    {
      const CsmDigest *key = &g_array_index (authors, CsmDigest, i);
      char hex[CSM_DIGEST_HEX_SIZE];

      csm_digest_to_hex (key, hex);
      if (!g_hash_table_contains (foundation.vouched, hex) &&
          !stand_in_for (self, key, hex, error))
        return FALSE;
    }
  return TRUE;
}

/* --- kept rows --- */

typedef bool (*IsWrong) (CsmSalvage *self, CsmQuery *row);

static bool
is_wrong_media (CsmSalvage *self, CsmQuery *row)
{
  g_autoptr (CsmSecret) key = csm_secret_new (32);
  uint8_t salt[32];
  CsmDigest commitment, expected;

  if (!csm_query_get_blob (row, 1, csm_secret_data (key), 32) ||
      !csm_query_get_blob (row, 2, salt, sizeof salt) ||
      !csm_query_get_digest (row, 3, &expected))
    return true;
  csm_kept_media_commit (key, salt, &commitment);
  return !csm_digest_equal (&commitment, &expected);
}

static bool
is_wrong_digest (CsmSalvage *self, CsmQuery *row)
{
  g_autoptr (GBytes) bytes = csm_query_dup_bytes (row, 1);
  CsmDigest digest, expected;

  csm_sha256 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &digest);
  return !csm_query_get_digest (row, 2, &expected) || !csm_digest_equal (&digest, &expected);
}

static bool
is_wrong_track (CsmSalvage *self, CsmQuery *row)
{
  g_autoptr (GBytes) index = csm_query_dup_bytes (row, 2);
  CsmId exhibit;

  return !csm_query_get_id (row, 1, &exhibit) ||
         !csm_track_is_bound (self->db, &exhibit, (int) csm_query_get_int (row, 3), index,
                              NULL);
}

static bool
is_wrong_slot (CsmSalvage *self, CsmQuery *row)
{
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  const int n = csm_vault_list_slots (self->vault, slots);
  uint8_t slot[CSM_VAULT_ID_SIZE];

  csm_query_get_blob (row, 0, slot, sizeof slot);
  for (int i = 0; i < n; i++)
    if (memcmp (slots[i].id, slot, sizeof slot) == 0)
      return false;
  return true;
}

static const struct
{
  const char *select; /* key first */
  const char *remove;
  IsWrong is_wrong;
  const char *what; /* (nullable) for people: nothing is lost that cannot be made again */
} checks[] = {
  { "SELECT k.exhibit, k.key, k.salt, e.key_commitment, e.number FROM kept_media AS k"
    " JOIN exhibit AS e ON e.id = k.exhibit WHERE k.name IS NOT NULL",
    "DELETE FROM kept_media WHERE exhibit = ?", is_wrong_media,
    N_ ("a media key that was found is not the one that its exhibit's entry commits to") },
  { "SELECT k.exhibit, k.bytes, e.index_sha256 FROM kept_index AS k"
    " JOIN exhibit AS e ON e.id = k.exhibit WHERE k.exact <> 0",
    "DELETE FROM kept_index WHERE exhibit = ?", is_wrong_digest, NULL },
  { "SELECT rowid, exhibit, bytes, track FROM kept_track"
    " WHERE state = 2 AND bytes IS NOT NULL",
    "DELETE FROM kept_track WHERE rowid = CAST (? AS INTEGER)", is_wrong_track, NULL },
  { "SELECT sha256, bytes, sha256 FROM kept_receipt",
    "DELETE FROM kept_receipt WHERE sha256 = ?", is_wrong_digest,
    N_ ("a receipt that was found is damaged") },
  { "SELECT sha256, bytes, sha256 FROM kept_token", "DELETE FROM kept_token WHERE sha256 = ?",
    is_wrong_digest, N_ ("a time stamp that was found is damaged") },
  { "SELECT slot, author, author FROM kept_signer", "DELETE FROM kept_signer WHERE slot = ?",
    is_wrong_slot, NULL },
};

/* (transfer full) (nullable) (element-type GBytes): keys of rows to be removed. */
static GPtrArray *
list_wrong (CsmSalvage *self, size_t check, GError **error)
{
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "check what is kept", checks[check].select);
  int step;

  while ((step = csm_query_step (query, error)) > 0)
    if (checks[check].is_wrong (self, query))
      g_ptr_array_add (wrong, csm_query_dup_bytes (query, 0));
  return step == 0 ? g_steal_pointer (&wrong) : NULL;
}

static gboolean
run_check (CsmSalvage *self, size_t check, GError **error)
{
  g_autoptr (GPtrArray) wrong = list_wrong (self, check, error);

  if (wrong == NULL)
    return FALSE;
  for (guint i = 0; i < wrong->len; i++)
    {
      g_autoptr (CsmQuery) query =
          csm_query_new (self->db, "drop what is wrong", checks[check].remove);

      csm_query_bytes (query, wrong->pdata[i]);
      if (!csm_query_run (query, error))
        return FALSE;
      if (checks[check].what != NULL)
        csm_salvage_say (self->report->lost, "%s", _ (checks[check].what));
    }
  return TRUE;
}

/* What was erased stays erased; a chain that is not here does not go on; what is kept for an
 * exhibit without its entry is of no use, but for the key of its file. */
static const char sweep_sql[] =
    "DELETE FROM kept_chain WHERE chain NOT IN (SELECT id FROM chain);"
    "DELETE FROM kept_media WHERE exhibit IN (SELECT subject FROM event WHERE id IN"
    "  (SELECT entry FROM erased) AND kind = 'exhibit.add');"
    "DELETE FROM kept_facts WHERE exhibit NOT IN (SELECT id FROM exhibit);"
    "DELETE FROM kept_index WHERE exhibit NOT IN (SELECT id FROM exhibit);"
    "DELETE FROM kept_thumbnail WHERE exhibit NOT IN (SELECT id FROM exhibit);"
    "DELETE FROM kept_sound WHERE exhibit NOT IN (SELECT id FROM exhibit);"
    "DELETE FROM kept_track WHERE exhibit NOT IN (SELECT id FROM exhibit);";

/* Readers have no signing key; of a file without damage nothing was lost. */
static gboolean
check_signers (CsmSalvage *self, GError **error)
{
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  const int n = csm_vault_list_slots (self->vault, slots);

  for (int i = 0; self->is_damaged && i < n; i++)
    {
      g_autofree char *id = csm_hex_encode (slots[i].id, CSM_VAULT_ID_SIZE);
      g_autoptr (CsmQuery) query = csm_query_new (
          self->db, "read the signing keys",
          "SELECT EXISTS (SELECT 1 FROM kept_signer WHERE slot = ?1)"
          " OR EXISTS (SELECT 1 FROM holder WHERE slot = ?1 AND author IS NULL)");

      csm_query_blob (query, slots[i].id, CSM_VAULT_ID_SIZE);
      if (csm_query_step (query, error) <= 0)
        return FALSE;
      if (csm_query_get_int (query, 0) == 0)
        csm_salvage_say (self->report->lost,
                         _ ("the signing key of the key slot %.8s... was not found: that"
                            " passphrase opens the case to look only"),
                         id);
    }
  return TRUE;
}

gboolean
csm_salvage_check_kept (CsmSalvage *self, GError **error)
{
  if (!csm_db_exec (self->db, "BEGIN IMMEDIATE", "check what is kept", error) ||
      !csm_db_exec (self->db, sweep_sql, "check what is kept", error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!run_check (self, i, error))
      return FALSE;
  return csm_db_exec (self->db, "COMMIT", "check what is kept", error) &&
         check_signers (self, error);
}

/* --- stored files --- */

static const char *
judge (CsmSalvage *self, const CsmMediaRef *ref)
{
  g_autoptr (GError) error = NULL;

  if (csm_media_store_check (self->media, ref, NULL, NULL, self->cancellable, &error))
    return NULL;
  return g_error_matches (error, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING)
             ? _ ("a part of its stored file is missing")
             : _ ("its stored file is damaged; what is left of it was copied");
}

static gboolean
copy_file (CsmSalvage *self, const CsmMediaRef *ref, const char *name, GError **error)
{
  const CsmCopyWatch watch = { self->progress, self->data, self->cancellable };
  g_autoptr (GError) local = NULL;
  const char *verdict;

  if (self->from == NULL)
    {
      csm_salvage_say (self->report->media, _ ("%s: the media folder is missing"), name);
      return TRUE;
    }
  if (!csm_media_store_copy (self->from, self->media, ref, self->done, self->total, &watch,
                             &local))
    {
      if (!g_error_matches (local, CSM_VAULT_ERROR, CSM_VAULT_ERROR_MEDIA_MISSING) &&
          !g_error_matches (local, CSM_VAULT_ERROR, CSM_VAULT_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      csm_salvage_say (self->report->media, _ ("%s: its stored file is missing or unreadable"),
                       name);
      return TRUE;
    }
  verdict = judge (self, ref);
  if (verdict != NULL)
    csm_salvage_say (self->report->media, "%s: %s", name, verdict);
  else
    self->report->n_exhibits++;
  return csm_salvage_advance (self, csm_media_store_measure (self->from, ref), error);
}

typedef struct
{
  CsmMediaRef *ref; /* (nullable): no key was found */
  char *name;
} File;

static void
file_clear (gpointer data)
{
  File *file = data;

  csm_media_ref_free (file->ref);
  g_free (file->name);
}

/* Every stored exhibit, and every key whose exhibit is missing. */
static GArray *
list_files (CsmSalvage *self, GError **error)
{
  g_autoptr (GArray) files = g_array_new (FALSE, TRUE, sizeof (File));
  g_autoptr (CsmQuery) query = csm_query_new (
      self->db, "read the files",
      "SELECT k.name, k.key, k.size, e.number || ' ' || e.name, e.position FROM exhibit AS e"
      " LEFT JOIN kept_media AS k ON k.exhibit = e.id WHERE e.linked = 0"
      " UNION ALL SELECT k.name, k.key, k.size, NULL, 1 << 40 FROM kept_media AS k"
      " WHERE k.name IS NOT NULL AND k.exhibit NOT IN (SELECT id FROM exhibit) ORDER BY 5");
  int step;

  g_array_set_clear_func (files, file_clear);
  while ((step = csm_query_step (query, error)) > 0)
    {
      File file = { NULL, csm_query_dup_text (query, 3) };

      if (file.name == NULL)
        file.name = g_strdup (_ ("an exhibit whose entry is missing"));
      if (!csm_query_is_null (query, 0))
        {
          file.ref = g_new0 (CsmMediaRef, 1);
          file.ref->key = csm_secret_new (32);
          file.ref->size = csm_query_get_int (query, 2);
          g_strlcpy (file.ref->name, csm_query_get_text (query, 0), sizeof file.ref->name);
          (void) csm_query_get_blob (query, 1, csm_secret_data (file.ref->key), 32);
        }
      g_array_append_val (files, file);
    }
  return step == 0 ? g_steal_pointer (&files) : NULL;
}

gboolean
csm_salvage_copy_media (CsmSalvage *self, GError **error)
{
  g_autoptr (GArray) files = list_files (self, error);

  if (files == NULL)
    return FALSE;
  for (guint i = 0; self->from != NULL && i < files->len; i++)
    if (g_array_index (files, File, i).ref != NULL)
      self->total += csm_media_store_measure (self->from, g_array_index (files, File, i).ref);
  for (guint i = 0; i < files->len; i++)
    {
      const File *file = &g_array_index (files, File, i);

      if (file->ref == NULL)
        csm_salvage_say (self->report->media,
                         _ ("%s: the key of its stored file is lost, and the file with it"),
                         file->name);
      else if (!copy_file (self, file->ref, file->name, error))
        return FALSE;
    }
  return TRUE;
}
