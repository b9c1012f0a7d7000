/* csm-case-keys.c: who holds a key of the case
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-keys.h"

#include "casefile/csm-case-private.h"

#include <string.h>

#define RECOVERY_SUFFIX " (recovery)"

void
csm_key_holder_free (CsmKeyHolder *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self);
}

static CsmId
slot_to_id (const uint8_t *slot)
{
  g_autofree char *hex = csm_hex_encode (slot, CSM_VAULT_ID_SIZE);
  CsmId id;

  g_strlcpy (id.hex, hex, sizeof id.hex);
  return id;
}

static CsmKeyHolder *
load_holder (CsmCase *self, const CsmSlotInfo *slot, GError **error)
{
  g_autoptr (CsmKeyHolder) holder = g_new0 (CsmKeyHolder, 1);
  /* Slots of an earlier version have no entry, a recovery code's has another. */
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "read the key holders",
                     "SELECT coalesce (h.name, r.name, c.name, ''), k.author FROM (SELECT ? AS"
                     " slot) AS s LEFT JOIN holder AS h ON h.slot = s.slot"
                     " LEFT JOIN kept_signer AS k ON k.slot = s.slot"
                     " LEFT JOIN reviewer AS r ON r.key = k.author"
                     " LEFT JOIN recovery AS c ON c.key = k.author");
  CsmDigest key;

  csm_query_blob (query, slot->id, CSM_VAULT_ID_SIZE);
  if (csm_query_step (query, error) <= 0)
    return NULL;
  holder->slot = slot_to_id (slot->id);
  holder->type = slot->type;
  holder->created = slot->created;
  holder->name = csm_query_dup_text (query, 0);
  holder->can_sign = csm_query_get_digest (query, 1, &key);
  if (holder->can_sign)
    csm_digest_to_hex (&key, holder->key);
  holder->own = memcmp (slot->id, csm_vault_get_own_slot (self->vault), CSM_VAULT_ID_SIZE) == 0;
  return g_steal_pointer (&holder);
}

GPtrArray *
csm_case_list_keys (CsmCase *self, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) csm_key_holder_free);
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  int n;

  CSM_CASE_ASSERT_LANE (self);
  n = csm_vault_list_slots (self->vault, slots);
  for (int i = 0; i < n; i++)
    {
      CsmKeyHolder *holder = load_holder (self, &slots[i], error);

      if (holder == NULL)
        return NULL;
      g_ptr_array_add (list, holder);
    }
  return g_steal_pointer (&list);
}

/* Adding */

static void
set_header_seq (json_t *body, CsmCase *acase)
{
  json_object_set_new (body, "header_seq",
                       json_integer ((json_int_t) csm_vault_get_header_seq (acase->vault)));
}

gboolean
csm_change_sign_holder (CsmChange *self,
                        const uint8_t *slot,
                        const char *name,
                        const char *key,
                        const char *how,
                        GError **error)
{
  const CsmId subject = slot_to_id (slot);
  g_autoptr (json_t) body = json_object ();

  json_object_set_new (body, "name", json_string (name));
  json_object_set_new (body, "key", csm_json_nullable (key));
  json_object_set_new (body, "how", json_string (how));
  set_header_seq (body, csm_change_get_case (self));
  return csm_change_sign (self, "key.added", &subject, NULL, body, NULL, error);
}

static gboolean
sign_reviewer (CsmChange *change, const char *name, const char *key, GError **error)
{
  g_autoptr (json_t) body = json_object ();

  json_object_set_new (body, "key", json_string (key));
  json_object_set_new (body, "name", json_string (name));
  json_object_set_new (body, "by", json_string ("reviewer"));
  return csm_change_sign (change, "reviewer.add", NULL, NULL, body, NULL, error);
}

/* Two with one name could not be told apart. */
static gboolean
check_name (CsmCase *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) holders = NULL;

  if (!csm_case_check_text (name, "the name", error))
    return FALSE;
  if (name[0] == '\0')
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "whoever gets a key needs a name");
  holders = csm_case_list_keys (self, error);
  if (holders == NULL)
    return FALSE;
  for (guint i = 0; i < holders->len; i++)
    if (strcmp (((CsmKeyHolder *) holders->pdata[i])->name, name) == 0)
      return csm_case_fail (error, CSM_CASE_ERROR_EXISTS,
                            "somebody called '%s' holds a key: choose another name", name);
  return TRUE;
}

/* The slot is there; a failure takes it out again. */
static gboolean
finish_adding (CsmCase *self,
               CsmChange *change,
               const uint8_t *slot,
               gboolean signed_all,
               CsmId *ret_slot,
               GError **error)
{
  if (signed_all && csm_change_commit (change, error))
    {
      if (ret_slot != NULL)
        *ret_slot = slot_to_id (slot);
      return TRUE;
    }
  /* Verify names a slot that stays without its entry. */
  (void) csm_vault_remove_slot (self->vault, slot, NULL);
  return FALSE;
}

/* A signing key of their own for who holds @slot. */
static gboolean
give_signer (CsmChange *change, const uint8_t *slot, const char *name, GError **error)
{
  g_autoptr (CsmSigner) signer = csm_signer_new ();
  g_autofree char *key =
      csm_hex_encode (csm_signer_get_public_key (signer), CSM_PUBLIC_KEY_SIZE);

  return csm_signer_keep (csm_change_get_case (change), slot, signer, error) &&
         sign_reviewer (change, name, key, error) &&
         csm_change_sign_holder (change, slot, name, key, "passphrase", error);
}

gboolean
csm_case_add_key (CsmCase *self,
                  const char *name,
                  const CsmSecret *passphrase,
                  bool reader,
                  CsmId *ret_slot,
                  GError **error)
{
  g_autoptr (CsmChange) change = NULL;
  uint8_t slot[CSM_VAULT_ID_SIZE];
  gboolean done;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (name != NULL && passphrase != NULL, FALSE);
  if (!check_name (self, name, error))
    return FALSE;
  change = csm_change_begin (self, error);
  if (change == NULL || !csm_vault_add_slot (self->vault, passphrase, slot, error))
    return FALSE;
  done = reader ? csm_change_sign_holder (change, slot, name, NULL, "passphrase", error)
                : give_signer (change, slot, name, error);
  return finish_adding (self, change, slot, done, ret_slot, error);
}

/* The seed stays sealed: only who made the request opens it. */
static gboolean
keep_joined (CsmCase *self, const uint8_t *slot, const CsmJoinRequest *request, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (self->db, "keep the signing key",
                     "INSERT INTO kept_signer (slot, author, sealed) VALUES (?, ?, ?)");

  csm_query_blob (query, slot, CSM_VAULT_ID_SIZE);
  csm_query_blob (query, request->signing_key, sizeof request->signing_key);
  csm_query_blob (query, request->seed, sizeof request->seed);
  return csm_query_run (query, error);
}

gboolean
csm_case_add_request (CsmCase *self,
                      const CsmJoinRequest *request,
                      CsmId *ret_slot,
                      GError **error)
{
  g_autoptr (CsmChange) change = NULL;
  g_autofree char *key = NULL;
  uint8_t slot[CSM_VAULT_ID_SIZE];
  gboolean done;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (request != NULL, FALSE);
  if (!check_name (self, request->name, error))
    return FALSE;
  change = csm_change_begin (self, error);
  if (change == NULL || !csm_vault_add_joining (self->vault, request, slot, error))
    return FALSE;
  if (!request->reader)
    key = csm_hex_encode (request->signing_key, sizeof request->signing_key);
  done = (key == NULL || (keep_joined (self, slot, request, error) &&
                          sign_reviewer (change, request->name, key, error))) &&
         csm_change_sign_holder (change, slot, request->name, key, "request", error);
  return finish_adding (self, change, slot, done, ret_slot, error);
}

/* The own passphrase */

/* In a transaction of its own: the row is on the disk before the slot is. */
static gboolean
keep_signer_cb (CsmVault *vault, const uint8_t *slot_id, gpointer data, GError **error)
{
  CsmCase *self = data;
  g_autoptr (CsmChange) change = NULL;

  if (self->signer == NULL)
    return TRUE;
  change = csm_change_begin_kept (self, error);
  return change != NULL && csm_signer_keep (self, slot_id, self->signer, error) &&
         csm_change_commit (change, error);
}

/* @is_new: who came in by the recovery code has a slot of their own now. */
static gboolean
record_passphrase (CsmCase *self, bool is_new, GError **error)
{
  const uint8_t *slot = csm_vault_get_own_slot (self->vault);
  g_autoptr (CsmChange) change = csm_change_begin (self, error);
  g_autoptr (json_t) body = json_object ();

  if (change == NULL)
    return FALSE;
  if (is_new)
    return csm_change_sign_holder (change, slot, self->reviewer->name, self->reviewer->key,
                                   "passphrase", error) &&
           csm_change_commit (change, error);
  set_header_seq (body, self);
  return csm_change_sign (change, "key.changed", NULL, NULL, body, NULL, error) &&
         csm_change_commit (change, error);
}

gboolean
csm_case_change_passphrase (CsmCase *self, const CsmSecret *new_passphrase, GError **error)
{
  uint8_t before[CSM_VAULT_ID_SIZE];
  bool is_new;

  CSM_CASE_ASSERT_LANE (self);
  g_return_val_if_fail (new_passphrase != NULL, FALSE);
  /* Here, and not half way: a case that takes no entry keeps its passphrase. */
  if (self->read_only)
    return csm_case_fail (error, CSM_CASE_ERROR_READ_ONLY, "the case is open read-only: %s",
                          self->why_read_only);
  memcpy (before, csm_vault_get_own_slot (self->vault), sizeof before);
  if (!csm_vault_change_passphrase (self->vault, new_passphrase, keep_signer_cb, self, error))
    return FALSE;
  is_new = memcmp (before, csm_vault_get_own_slot (self->vault), sizeof before) != 0;
  if (self->signer == NULL || record_passphrase (self, is_new, error))
    return TRUE;
  if (!csm_vault_undo_passphrase (self->vault, NULL))
    g_prefix_error (error, "the new passphrase counts, but its entry is missing: ");
  return FALSE;
}

/* Recovery codes */

static bool
find_recovery_slot (CsmVault *vault, uint8_t ret_slot[CSM_VAULT_ID_SIZE])
{
  CsmSlotInfo slots[CSM_VAULT_MAX_SLOTS];
  const int n = csm_vault_list_slots (vault, slots);

  for (int i = 0; i < n; i++)
    if (slots[i].type == CSM_SLOT_RECOVERY)
      {
        memcpy (ret_slot, slots[i].id, CSM_VAULT_ID_SIZE);
        return true;
      }
  return false;
}

static gboolean
forget_signer (CsmDb *db, const uint8_t *slot, GError **error)
{
  g_autoptr (CsmQuery) query =
      csm_query_new (db, "forget the signing key", "DELETE FROM kept_signer WHERE slot = ?");

  csm_query_blob (query, slot, CSM_VAULT_ID_SIZE);
  return csm_query_run (query, error);
}

/* The code's signing key is made now, so that the reviewer who makes the code vouches for it.
 */
static gboolean
sign_recovery (CsmChange *change, const uint8_t *slot, GError **error)
{
  CsmCase *acase = csm_change_get_case (change);
  const char *own = acase->reviewer->name;
  g_autoptr (CsmSigner) signer = csm_signer_new ();
  g_autoptr (json_t) body = json_object ();
  g_autofree char *key =
      csm_hex_encode (csm_signer_get_public_key (signer), CSM_PUBLIC_KEY_SIZE);
  g_autofree char *name = g_str_has_suffix (own, RECOVERY_SUFFIX)
                              ? g_strdup (own)
                              : g_strconcat (own, RECOVERY_SUFFIX, NULL);

  json_object_set_new (body, "key", json_string (key));
  json_object_set_new (body, "name", json_string (name));
  set_header_seq (body, acase);
  return csm_signer_keep (acase, slot, signer, error) &&
         csm_change_sign (change, "key.recovery", NULL, NULL, body, NULL, error);
}

gboolean
csm_change_add_recovery (CsmChange *self, CsmSecret **ret_code, GError **error)
{
  CsmCase *acase = csm_change_get_case (self);
  uint8_t old[CSM_VAULT_ID_SIZE], slot[CSM_VAULT_ID_SIZE];
  const bool replaces = find_recovery_slot (acase->vault, old);
  g_autoptr (CsmSecret) code = csm_vault_add_recovery (acase->vault, error);

  if (code == NULL)
    return FALSE;
  if (!find_recovery_slot (acase->vault, slot))
    return csm_case_fail (error, CSM_CASE_ERROR_DATABASE,
                          "the recovery code's key slot is not there");
  if ((replaces && !forget_signer (acase->db, old, error)) ||
      !sign_recovery (self, slot, error))
    return FALSE;
  *ret_code = g_steal_pointer (&code);
  return TRUE;
}

CsmSecret *
csm_case_make_recovery (CsmCase *self, GError **error)
{
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (CsmSecret) code = NULL;

  CSM_CASE_ASSERT_LANE (self);
  change = csm_change_begin (self, error);
  if (change == NULL || !csm_change_add_recovery (change, &code, error) ||
      !csm_change_commit (change, error))
    return NULL;
  return g_steal_pointer (&code);
}

/* A new data key */

static gboolean
sign_removal (CsmChange *change, const CsmId *slot, const char *name, GError **error)
{
  CsmCase *acase = csm_change_get_case (change);
  g_autoptr (json_t) body = json_object ();
  uint8_t id[CSM_VAULT_ID_SIZE];

  g_assert (csm_hex_decode (slot->hex, id, sizeof id));
  json_object_set_new (body, "name", json_string (name));
  set_header_seq (body, acase);
  return forget_signer (acase->db, id, error) &&
         csm_change_sign (change, "key.removed", slot, NULL, body, NULL, error);
}

static gboolean
sign_rotation (CsmChange *change, const uint8_t *old_file_id, GError **error)
{
  CsmCase *acase = csm_change_get_case (change);
  g_autoptr (json_t) body = json_object ();

  json_object_set_new (body, "old_file_id", json_string (slot_to_id (old_file_id).hex));
  json_object_set_new (body, "file_id",
                       json_string (slot_to_id (csm_vault_get_file_id (acase->vault)).hex));
  set_header_seq (body, acase);
  return csm_change_sign (change, "key.rotated", NULL, NULL, body, NULL, error);
}

/* The entries, into @vault's database; @removed may be NULL. */
static gboolean
write_rotation (CsmCase *self, CsmVault *vault, const CsmKeyHolder *removed, GError **error)
{
  CsmCase next = *self;
  g_autoptr (CsmDb) db = csm_db_open (vault, error);
  g_autoptr (CsmChange) change = NULL;

  if (db == NULL)
    return FALSE;
  next.vault = vault;
  next.db = db;
  if (!csm_vault_identify (vault, &next.device, &next.inode, error))
    return FALSE;
  change = csm_change_begin (&next, error);
  return change != NULL &&
         (removed == NULL || sign_removal (change, &removed->slot, removed->name, error)) &&
         sign_rotation (change, csm_vault_get_file_id (self->vault), error) &&
         csm_change_commit (change, error);
}

/* The database of whichever file is the case now. */
static gboolean
reopen (CsmCase *self, GError **error)
{
  self->db = csm_db_open (self->vault, error);
  if (self->db != NULL)
    return TRUE;
  /* There has to be one to ask; this one knows nothing. */
  self->read_only = true;
  g_free (self->why_read_only);
  self->why_read_only = g_strdup ("it could not be opened again; close it and open it again");
  self->db = csm_db_open_memory (NULL);
  g_assert (self->db != NULL);
  return FALSE;
}

/* Takes @vault, whose entries are written, in place of the file there is. */
static gboolean
switch_to (CsmCase *self, CsmVault *vault, GError **error)
{
  g_autoptr (CsmVault) next = vault;
  g_autoptr (GError) local = NULL;
  gboolean done;

  g_clear_pointer (&self->db, csm_db_free);
  done = csm_vault_replace (next, self->vault, &local);
  if (done || strcmp (csm_vault_get_path (next), csm_vault_get_path (self->vault)) == 0)
    {
      csm_vault_close (self->vault);
      self->vault = g_steal_pointer (&next);
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return reopen (self, done ? error : NULL) && done &&
         csm_vault_identify (self->vault, &self->device, &self->inode, error);
}

static CsmKeyHolder *
find_holder (CsmCase *self, const CsmId *slot, GError **error)
{
  g_autoptr (GPtrArray) holders = csm_case_list_keys (self, error);

  if (holders == NULL)
    return NULL;
  for (guint i = 0; i < holders->len; i++)
    if (strcmp (((CsmKeyHolder *) holders->pdata[i])->slot.hex, slot->hex) == 0)
      return g_ptr_array_steal_index (holders, i);
  csm_case_fail (error, CSM_CASE_ERROR_NOT_FOUND, "nobody holds the key slot %s", slot->hex);
  return NULL;
}

gboolean
csm_case_rotate (CsmCase *self,
                 const CsmId *slot,
                 CsmVaultProgress progress,
                 gpointer data,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (CsmKeyHolder) removed = NULL;
  g_autoptr (CsmChange) change = NULL;
  g_autoptr (CsmVault) next = NULL;
  uint8_t id[CSM_VAULT_ID_SIZE];

  CSM_CASE_ASSERT_LANE (self);
  /* Says why when nothing may be written; nothing is. */
  change = csm_change_begin (self, error);
  if (change == NULL)
    return FALSE;
  g_clear_pointer (&change, csm_change_free);
  if (slot != NULL)
    {
      removed = find_holder (self, slot, error);
      if (removed == NULL)
        return FALSE;
      g_assert (csm_hex_decode (slot->hex, id, sizeof id));
    }
  next = csm_vault_rotate (self->vault, csm_db_get_handle (self->db),
                           removed != NULL ? id : NULL, progress, data, cancellable, error);
  return next != NULL && write_rotation (self, next, removed, error) &&
         switch_to (self, g_steal_pointer (&next), error);
}
