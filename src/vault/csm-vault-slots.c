/* csm-vault-slots.c: who can unlock, and what is sealed to them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-box.h"
#include "vault/csm-fail.h"
#include "vault/csm-join-private.h"
#include "vault/csm-passphrase.h"
#include "vault/csm-vault-keys.h"
#include "vault/csm-vault-private.h"

#include <string.h>

static CsmSlot *
find_slot (CsmHeader *header, const uint8_t *id)
{
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    if (header->slots[i].type != 0 && memcmp (header->slots[i].id, id, CSM_VAULT_ID_SIZE) == 0)
      return &header->slots[i];
  return NULL;
}

static CsmSlot *
find_type (CsmHeader *header, uint8_t type)
{
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    if (header->slots[i].type == type)
      return &header->slots[i];
  return NULL;
}

int
csm_vault_list_slots (const CsmVault *self, CsmSlotInfo *ret_slots)
{
  int n = 0;

  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    {
      const CsmSlot *slot = &self->header.slots[i];

      if (slot->type == 0)
        continue;
      memcpy (ret_slots[n].id, slot->id, sizeof slot->id);
      ret_slots[n].type = (CsmSlotType) slot->type;
      ret_slots[n].created = slot->created;
      n++;
    }
  return n;
}

const uint8_t *
csm_vault_get_own_slot (const CsmVault *self)
{
  return self->own_slot;
}

gboolean
csm_vault_check_writable (const CsmVault *self, GError **error)
{
  if (self->read_only)
    return csm_vault_fail (error, CSM_VAULT_ERROR_READ_ONLY,
                           "change the key slots: the case is open for reading only; open it "
                           "for writing");
  return TRUE;
}

static gboolean
fail_full (GError **error)
{
  return csm_vault_fail (error, CSM_VAULT_ERROR_SLOTS,
                         "add a key slot: all %d are taken; take somebody out first",
                         CSM_VAULT_MAX_SLOTS);
}

/* Whoever took itself out has no slot any more. */
static gboolean
fail_without_own (GError **error)
{
  return csm_vault_fail (error, CSM_VAULT_ERROR_NOT_FOUND,
                         "use the own key slot: it was taken out; lock the case");
}

/* (transfer full) (nullable): what opens @slot when @passphrase is right. */
static CsmSecret *
derive_for_slot (const CsmVault *self,
                 const CsmSlot *slot,
                 const CsmSecret *passphrase,
                 GError **error)
{
  g_autoptr (CsmSecret) code = NULL;

  if (slot->type == CSM_SLOT_RECOVERY && (code = csm_recovery_parse (passphrase)) != NULL)
    return csm_kdf_from_recovery (code, self->header.salt);
  if (slot->type == CSM_SLOT_JOINING)
    return csm_kdf_from_passphrase (passphrase, slot->join_salt, &slot->join_cost, error);
  return csm_kdf_from_passphrase (passphrase, self->header.salt, &self->header.cost, error);
}

gboolean
csm_vault_check_passphrase (CsmVault *self, const CsmSecret *passphrase, GError **error)
{
  const CsmSlot *slot = find_slot (&self->header, self->own_slot);
  g_autoptr (CsmSecret) kek = NULL;
  g_autoptr (CsmSecret) secret = NULL;

  if (slot == NULL)
    return fail_without_own (error);
  kek = derive_for_slot (self, slot, passphrase, error);
  if (kek == NULL)
    return FALSE;
  secret = csm_slot_open (slot, &self->header, kek);
  if (secret != NULL)
    return TRUE;
  return csm_vault_fail (error, CSM_VAULT_ERROR_WRONG_PASSPHRASE,
                         "check the passphrase: it does not fit; check the keyboard layout and "
                         "Caps Lock and type it again");
}

/* One passphrase opens one slot: with two, the second would open as somebody else. */
static gboolean
check_unused (const CsmHeader *header,
              const CsmSecret *kek,
              const uint8_t *but_slot,
              GError **error)
{
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    {
      const CsmSlot *slot = &header->slots[i];
      g_autoptr (CsmSecret) secret = NULL;

      if (slot->type != CSM_SLOT_PASSPHRASE ||
          memcmp (slot->id, but_slot, CSM_VAULT_ID_SIZE) == 0)
        continue;
      secret = csm_slot_open (slot, header, kek);
      if (secret != NULL)
        return csm_vault_fail (error, CSM_VAULT_ERROR_EXISTS,
                               "use this passphrase: somebody else has the same; choose "
                               "another");
    }
  return TRUE;
}

static void
remember_passphrase (CsmVault *self)
{
  self->header_before = self->header;
  memcpy (self->slot_before, self->own_slot, sizeof self->slot_before);
  csm_secret_unref (self->secret_before);
  self->secret_before = csm_secret_ref (self->slot_secret);
}

gboolean
csm_vault_undo_passphrase (CsmVault *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->secret_before != NULL, FALSE);

  if (!csm_vault_write_header (self, &self->header_before, error))
    return FALSE;
  memcpy (self->own_slot, self->slot_before, sizeof self->own_slot);
  csm_secret_unref (self->slot_secret);
  self->slot_secret = g_steal_pointer (&self->secret_before);
  return TRUE;
}

static gboolean
keep_for_slot (CsmVault *self,
               const CsmSlot *slot,
               CsmVaultKeepCallback keep,
               gpointer data,
               GError **error)
{
  gboolean kept;

  self->next_slot = slot;
  kept = keep (self, slot->id, data, error);
  self->next_slot = NULL;
  return kept;
}

gboolean
csm_vault_change_passphrase (CsmVault *self,
                             const CsmSecret *new_passphrase,
                             CsmVaultKeepCallback keep,
                             gpointer data,
                             GError **error)
{
  CsmHeader next = self->header;
  CsmSlot *slot = find_slot (&next, self->own_slot);
  g_autoptr (CsmSecret) kek = NULL;
  g_autoptr (CsmSecret) secret = NULL;

  if (slot == NULL)
    return fail_without_own (error);
  if (!csm_vault_check_writable (self, error))
    return FALSE;
  kek = csm_kdf_from_passphrase (new_passphrase, next.salt, &next.cost, error);
  if (kek == NULL || !check_unused (&next, kek, self->own_slot, error))
    return FALSE;
  remember_passphrase (self);
  if (slot->type == CSM_SLOT_PASSPHRASE)
    {
      csm_slot_reseal (slot, &next, kek, self->slot_secret);
      return csm_vault_write_header (self, &next, error);
    }
  /* Opened by the recovery code, which stays what it is: the passphrase gets its own slot. */
  slot = find_type (&next, 0);
  if (slot == NULL)
    return fail_full (error);
  csm_slot_fill (slot, &next, CSM_SLOT_PASSPHRASE, kek, self->data_key, &secret);
  if (keep != NULL && !keep_for_slot (self, slot, keep, data, error))
    return FALSE;
  if (!csm_vault_write_header (self, &next, error))
    return FALSE;
  memcpy (self->own_slot, slot->id, sizeof self->own_slot);
  csm_secret_unref (self->slot_secret);
  self->slot_secret = g_steal_pointer (&secret);
  return TRUE;
}

gboolean
csm_vault_add_slot (CsmVault *self,
                    const CsmSecret *passphrase,
                    uint8_t ret_slot[CSM_VAULT_ID_SIZE],
                    GError **error)
{
  static const uint8_t nobody[CSM_VAULT_ID_SIZE];
  CsmHeader next = self->header;
  CsmSlot *slot = find_type (&next, 0);
  g_autoptr (CsmSecret) kek = NULL;

  if (!csm_vault_check_writable (self, error))
    return FALSE;
  if (slot == NULL)
    return fail_full (error);
  kek = csm_kdf_from_passphrase (passphrase, next.salt, &next.cost, error);
  if (kek == NULL || !check_unused (&next, kek, nobody, error))
    return FALSE;
  csm_slot_fill (slot, &next, CSM_SLOT_PASSPHRASE, kek, self->data_key, NULL);
  if (!csm_vault_write_header (self, &next, error))
    return FALSE;
  memcpy (ret_slot, slot->id, CSM_VAULT_ID_SIZE);
  return TRUE;
}

/* A request is taken once: its key pair stays with its slot. */
static gboolean
check_request (const CsmHeader *header, const CsmJoinRequest *request, GError **error)
{
  uint64_t spent = 0;

  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    {
      const CsmSlot *slot = &header->slots[i];

      if (slot->type != 0 && memcmp (slot->public_key, request->public_key, CSM_KEY_SIZE) == 0)
        return csm_vault_fail (error, CSM_VAULT_ERROR_EXISTS,
                               "add a key slot: this join request was taken in before; ask "
                               "for a new one");
      if (slot->type == CSM_SLOT_JOINING)
        (void) csm_kdf_spend (&spent, &slot->join_cost);
    }
  if (csm_kdf_spend (&spent, &request->cost))
    return TRUE;
  return csm_vault_fail (
      error, CSM_VAULT_ERROR_SLOTS,
      "add a key slot: too many colleagues have yet to open the case for the "
      "first time; wait until one has");
}

gboolean
csm_vault_add_joining (CsmVault *self,
                       const CsmJoinRequest *request,
                       uint8_t ret_slot[CSM_VAULT_ID_SIZE],
                       GError **error)
{
  CsmHeader next = self->header;
  CsmSlot *slot = find_type (&next, 0);

  if (!csm_vault_check_writable (self, error) || !check_request (&next, request, error))
    return FALSE;
  if (slot == NULL)
    return fail_full (error);
  csm_slot_fill_joining (slot, &next, request, self->data_key);
  if (!csm_vault_write_header (self, &next, error))
    return FALSE;
  memcpy (ret_slot, slot->id, CSM_VAULT_ID_SIZE);
  return TRUE;
}

gboolean
csm_vault_finish_joining (CsmVault *self, const CsmSecret *passphrase, GError **error)
{
  CsmHeader next = self->header;
  CsmSlot *slot = find_slot (&next, self->own_slot);
  g_autoptr (CsmSecret) kek = NULL;

  if (slot == NULL || slot->type != CSM_SLOT_JOINING || self->read_only)
    return TRUE;
  kek = csm_kdf_from_passphrase (passphrase, next.salt, &next.cost, error);
  if (kek == NULL)
    return FALSE;
  slot->type = CSM_SLOT_PASSPHRASE;
  csm_slot_reseal (slot, &next, kek, self->slot_secret);
  csm_slot_seal_data_key (slot, &next, self->data_key);
  return csm_vault_write_header (self, &next, error);
}

gboolean
csm_header_remove_slot (CsmHeader *header, const uint8_t *id, GError **error)
{
  CsmSlot *slot = find_slot (header, id);
  int n_others = 0;

  if (slot == NULL)
    return csm_vault_fail (error, CSM_VAULT_ERROR_NOT_FOUND,
                           "take a key slot out: this case has no such slot; list them again");
  /* Neither a code on paper nor who has never opened the case counts as somebody. */
  for (int i = 0; i < CSM_VAULT_MAX_SLOTS; i++)
    if (header->slots[i].type == CSM_SLOT_PASSPHRASE && &header->slots[i] != slot)
      n_others++;
  if (n_others == 0)
    return csm_vault_fail (error, CSM_VAULT_ERROR_SLOTS,
                           "take a key slot out: nobody else could open the case with a "
                           "passphrase; add somebody first");
  memset (slot, 0, sizeof *slot);
  return TRUE;
}

gboolean
csm_vault_remove_slot (CsmVault *self, const uint8_t *slot_id, GError **error)
{
  CsmHeader next = self->header;

  return csm_vault_check_writable (self, error) &&
         csm_header_remove_slot (&next, slot_id, error) &&
         csm_vault_write_header (self, &next, error);
}

CsmSecret *
csm_vault_add_recovery (CsmVault *self, GError **error)
{
  CsmHeader next = self->header;
  CsmSlot *slot = find_type (&next, CSM_SLOT_RECOVERY);
  g_autoptr (CsmSecret) code = NULL;
  g_autoptr (CsmSecret) kek = NULL;
  g_autoptr (CsmSecret) secret = NULL;
  bool is_own;

  if (!csm_vault_check_writable (self, error))
    return NULL;
  if (slot == NULL)
    slot = find_type (&next, 0);
  if (slot == NULL)
    {
      fail_full (error);
      return NULL;
    }
  is_own = memcmp (slot->id, self->own_slot, CSM_VAULT_ID_SIZE) == 0;
  code = csm_secret_new_random (CSM_RECOVERY_SIZE);
  kek = csm_kdf_from_recovery (code, next.salt);
  csm_slot_fill (slot, &next, CSM_SLOT_RECOVERY, kek, self->data_key, &secret);
  if (!csm_vault_write_header (self, &next, error))
    return NULL;
  if (is_own)
    {
      memcpy (self->own_slot, slot->id, sizeof self->own_slot);
      csm_secret_unref (self->slot_secret);
      self->slot_secret = g_steal_pointer (&secret);
    }
  return csm_recovery_format (code);
}

#define DATA_LABEL "casement-slot-data-v1"
#define DATA_LABEL_SIZE (sizeof DATA_LABEL - 1)
#define DATA_AD_SIZE (DATA_LABEL_SIZE + 2 * CSM_VAULT_ID_SIZE)

static void
make_data_ad (const CsmVault *self, const uint8_t *slot_id, uint8_t ret_ad[DATA_AD_SIZE])
{
  memcpy (ret_ad, DATA_LABEL, DATA_LABEL_SIZE);
  memcpy (ret_ad + DATA_LABEL_SIZE, self->header.case_id, CSM_VAULT_ID_SIZE);
  memcpy (ret_ad + DATA_LABEL_SIZE + CSM_VAULT_ID_SIZE, slot_id, CSM_VAULT_ID_SIZE);
}

GBytes *
csm_vault_seal_to_slot (CsmVault *self,
                        const uint8_t *slot_id,
                        const CsmSecret *data,
                        GError **error)
{
  const CsmSlot *slot = find_slot (&self->header, slot_id);
  const size_t size = csm_secret_get_size (data);
  uint8_t ad[DATA_AD_SIZE];
  uint8_t *box;

  if (slot == NULL && self->next_slot != NULL &&
      memcmp (self->next_slot->id, slot_id, CSM_VAULT_ID_SIZE) == 0)
    slot = self->next_slot;
  if (slot == NULL)
    {
      csm_vault_fail (error, CSM_VAULT_ERROR_NOT_FOUND,
                      "seal to a key slot: this case has no such slot; reload the list");
      return NULL;
    }
  make_data_ad (self, slot_id, ad);
  box = g_malloc (size + CSM_BOX_OVERHEAD);
  csm_box_seal (box, csm_secret_peek (data), size, slot->public_key, ad, sizeof ad);
  return g_bytes_new_take (box, size + CSM_BOX_OVERHEAD);
}

CsmSecret *
csm_vault_open_sealed (CsmVault *self, GBytes *sealed, GError **error)
{
  const CsmSlot *slot = find_slot (&self->header, self->own_slot);
  uint8_t ad[DATA_AD_SIZE];
  CsmSecret *data;
  size_t size;
  const uint8_t *box = g_bytes_get_data (sealed, &size);

  if (slot == NULL)
    {
      fail_without_own (error);
      return NULL;
    }
  make_data_ad (self, self->own_slot, ad);
  data = csm_box_open (box, size, slot->public_key, self->slot_secret, ad, sizeof ad);
  if (data == NULL)
    csm_vault_fail (error, CSM_VAULT_ERROR_DAMAGED,
                    "open what was sealed to this key slot: it is damaged or was sealed to "
                    "another slot; use a backup");
  return data;
}

CsmSecret *
csm_vault_open_joined (CsmVault *self, GBytes *sealed)
{
  const CsmSlot *slot = find_slot (&self->header, self->own_slot);
  size_t size;
  const uint8_t *box = g_bytes_get_data (sealed, &size);

  return slot != NULL && size == CSM_JOIN_SEED_SIZE
             ? csm_join_open_seed (box, slot->public_key, self->slot_secret)
             : NULL;
}
