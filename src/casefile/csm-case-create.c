/* csm-case-create.c: a new case, whole or not at all
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-private.h"
#include "casefile/csm-schema.h"

#include <glib/gstdio.h>
#include <string.h>

gboolean
csm_signer_keep (CsmCase *self, const uint8_t *slot, CsmSigner *signer, GError **error)
{
  g_autoptr (GBytes) sealed =
      csm_vault_seal_to_slot (self->vault, slot, csm_signer_get_seed (signer), error);
  g_autoptr (CsmQuery) query = NULL;

  if (sealed == NULL)
    return FALSE;
  query = csm_query_new (
      self->db, "keep the signing key",
      "INSERT OR REPLACE INTO kept_signer (slot, author, sealed) VALUES (?, ?, ?)");
  csm_query_blob (query, slot, CSM_VAULT_ID_SIZE);
  csm_query_blob (query, csm_signer_get_public_key (signer), CSM_PUBLIC_KEY_SIZE);
  csm_query_bytes (query, sealed);
  return csm_query_run (query, error);
}

static gboolean
sign_case (CsmChange *change, const CsmCaseOptions *options, GError **error)
{
  g_autoptr (json_t) body = json_object ();
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  json_object_set_new (body, "title", json_string (options->title));
  json_object_set_new (body, "zone",
                       json_integer (g_date_time_get_utc_offset (now) / G_TIME_SPAN_MINUTE));
  json_object_set_new (body, "clock_confirmed", json_boolean (options->clock_confirmed));
  json_object_set_new (body, "record_access", json_boolean (options->record_access));
  json_object_set_new (body, "program", json_string ("Casement " CSM_VERSION));
  return csm_change_sign (change, "case.create", NULL, NULL, body, NULL, error);
}

static gboolean
sign_reviewer (CsmChange *change, const CsmReviewer *reviewer, GError **error)
{
  g_autoptr (json_t) body = json_object ();

  json_object_set_new (body, "key", json_string (reviewer->key));
  json_object_set_new (body, "name", json_string (reviewer->name));
  json_object_set_new (body, "by", json_string ("creation"));
  return csm_change_sign (change, "reviewer.add", NULL, NULL, body, NULL, error);
}

/* (transfer full) (nullable): the reviewer that @signer is. */
static CsmReviewer *
make_reviewer (CsmSigner *signer, const char *name)
{
  CsmReviewer *reviewer = g_new0 (CsmReviewer, 1);
  g_autofree char *key =
      csm_hex_encode (csm_signer_get_public_key (signer), CSM_PUBLIC_KEY_SIZE);

  g_strlcpy (reviewer->key, key, sizeof reviewer->key);
  reviewer->name = g_strdup (name);
  return reviewer;
}

static gboolean
write_first (CsmCase *self, const CsmCaseOptions *options, CsmSecret **ret_code, GError **error)
{
  g_autoptr (CsmChange) change = NULL;

  if (!csm_schema_create (self->db, error))
    return FALSE;
  change = csm_change_begin (self, error);
  return change != NULL &&
         csm_signer_keep (self, csm_vault_get_own_slot (self->vault), self->signer, error) &&
         sign_case (change, options, error) && sign_reviewer (change, self->reviewer, error) &&
         csm_change_sign_holder (change, csm_vault_get_own_slot (self->vault),
                                 self->reviewer->name, self->reviewer->key, "creation",
                                 error) &&
         (!options->recovery || csm_change_add_recovery (change, ret_code, error)) &&
         csm_codebook_sign (change, error) && csm_change_commit (change, error);
}

/* The folder was made by us a moment ago and holds the marker at most. */
static void
remove_media_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      /* What cannot be removed is an empty store without a case: harmless. */
      (void) g_unlink (file);
    }
  (void) g_rmdir (path);
}

/* Media folder first: a case that has its name has its folder. */
static gboolean
publish (CsmCase *self, const char *path, GError **error)
{
  g_autofree char *folder = NULL;

  self->media = csm_media_store_open (path, csm_vault_get_case_id (self->vault), true, error);
  if (self->media == NULL)
    return FALSE;
  folder = g_strdup (csm_media_store_get_path (self->media));
  if (csm_vault_publish (self->vault, error) &&
      (self->db = csm_db_open (self->vault, error)) != NULL)
    return TRUE;
  csm_vault_unpublish (self->vault);
  g_clear_pointer (&self->media, csm_media_store_free);
  remove_media_folder (folder);
  return FALSE;
}

static gboolean
check_options (const CsmCaseOptions *options, GError **error)
{
  if (!csm_case_check_text (options->title, "the title", error) ||
      !csm_case_check_text (options->reviewer, "the reviewer's name", error))
    return FALSE;
  if (options->title == NULL || *options->title == '\0')
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "the case needs a title");
  if (options->reviewer == NULL || *options->reviewer == '\0')
    return csm_case_fail (error, CSM_CASE_ERROR_INVALID, "the reviewer needs a name");
  return TRUE;
}

CsmCase *
csm_case_create (const char *path,
                 const CsmCaseOptions *options,
                 CsmSecret **ret_recovery,
                 GError **error)
{
  g_autoptr (CsmCase) self = NULL;
  g_autoptr (CsmSecret) code = NULL;
  g_autofree char *id = NULL;

  g_return_val_if_fail (path != NULL && options != NULL, NULL);
  g_return_val_if_fail (!options->recovery || ret_recovery != NULL, NULL);

  if (!check_options (options, error))
    return NULL;
  self = g_new0 (CsmCase, 1);
  self->thread = g_thread_self ();
  self->vault = csm_vault_create (path, options->passphrase, &options->cost, error);
  if (self->vault == NULL)
    return NULL;
  id = csm_hex_encode (csm_vault_get_case_id (self->vault), CSM_VAULT_ID_SIZE);
  g_strlcpy (self->id.hex, id, sizeof self->id.hex);
  self->title = g_strdup (options->title);
  self->signer = csm_signer_new ();
  self->reviewer = make_reviewer (self->signer, options->reviewer);

  if (!csm_vault_identify (self->vault, &self->device, &self->inode, error))
    return NULL;
  self->db = csm_db_open (self->vault, error);
  if (self->db == NULL || !write_first (self, options, &code, error))
    return NULL;
  g_clear_pointer (&self->db, csm_db_free);
  if (g_cancellable_set_error_if_cancelled (options->cancellable, error) ||
      !publish (self, path, error))
    return NULL;
  if (options->recovery)
    *ret_recovery = g_steal_pointer (&code);
  return g_steal_pointer (&self);
}
