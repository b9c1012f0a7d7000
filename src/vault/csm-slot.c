/* csm-slot.c: one way to unlock a case: a key pair, sealed, and the data key sealed to it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-time.h"
#include "vault/csm-box.h"
#include "vault/csm-join-private.h"
#include "vault/csm-pack.h"

#include <sodium.h>

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SLOT_FIELDS_SIZE 64
#define MAX_LABEL 32
#define MAX_AD (MAX_LABEL + 2 * CSM_VAULT_ID_SIZE + SLOT_FIELDS_SIZE)

G_STATIC_ASSERT (NONCE_SIZE + CSM_KEY_SIZE + TAG_SIZE == CSM_SLOT_SEALED_SECRET_SIZE);
G_STATIC_ASSERT (CSM_BOX_OVERHEAD + CSM_KEY_SIZE == CSM_SLOT_SEALED_KEY_SIZE);

/* Binds a sealed key to its case, to its file when @file_id (nullable) is given, and to the
 * slot's fields as they stand in the header. */
static size_t
make_ad (const CsmSlot *slot,
         const CsmHeader *header,
         const char *label,
         const uint8_t *file_id,
         uint8_t ret_ad[MAX_AD])
{
  uint8_t *to = ret_ad;

  memset (ret_ad, 0, MAX_AD);
  g_assert (strlen (label) <= MAX_LABEL);
  to = (uint8_t *) g_stpcpy ((char *) to, label);
  memcpy (to, header->case_id, CSM_VAULT_ID_SIZE);
  to += CSM_VAULT_ID_SIZE;
  if (file_id != NULL)
    {
      memcpy (to, file_id, CSM_VAULT_ID_SIZE);
      to += CSM_VAULT_ID_SIZE;
    }
  *to = slot->type;
  memcpy (to + 8, slot->id, CSM_VAULT_ID_SIZE);
  csm_store64 (to + 24, (uint64_t) slot->created);
  memcpy (to + 32, slot->public_key, CSM_KEY_SIZE);
  return (size_t) (to - ret_ad) + SLOT_FIELDS_SIZE;
}

/* Not bound to the file: a new data key is sealed to every slot without its passphrase. A
 * joining slot was sealed before anybody knew the case. */
static size_t
make_secret_ad (const CsmSlot *slot, const CsmHeader *header, uint8_t ret_ad[MAX_AD])
{
  static const char join_label[] = "casement-join-secret-v1";

  if (slot->type == CSM_SLOT_JOINING)
    {
      uint8_t *to = (uint8_t *) g_stpcpy ((char *) ret_ad, join_label);

      memcpy (to, slot->public_key, CSM_KEY_SIZE);
      return (size_t) (to - ret_ad) + CSM_KEY_SIZE;
    }
  return make_ad (slot, header, "casement-slot-secret-v1", NULL, ret_ad);
}

static size_t
make_data_key_ad (const CsmSlot *slot, const CsmHeader *header, uint8_t ret_ad[MAX_AD])
{
  return make_ad (slot, header, "casement-slot-datakey-v1", header->file_id, ret_ad);
}

void
csm_slot_reseal (CsmSlot *slot,
                 const CsmHeader *header,
                 const CsmSecret *kek,
                 const CsmSecret *secret)
{
  uint8_t ad[MAX_AD];
  const size_t ad_size = make_secret_ad (slot, header, ad);

  randombytes_buf (slot->sealed_secret, NONCE_SIZE);
  crypto_aead_xchacha20poly1305_ietf_encrypt (
      slot->sealed_secret + NONCE_SIZE, NULL, csm_secret_peek (secret), CSM_KEY_SIZE, ad,
      ad_size, NULL, slot->sealed_secret, csm_secret_peek (kek));
}

void
csm_slot_seal_data_key (CsmSlot *slot, const CsmHeader *header, const CsmSecret *data_key)
{
  uint8_t ad[MAX_AD];
  const size_t ad_size = make_data_key_ad (slot, header, ad);

  csm_box_seal (slot->sealed_data_key, csm_secret_peek (data_key), CSM_KEY_SIZE,
                slot->public_key, ad, ad_size);
}

void
csm_slot_fill (CsmSlot *slot,
               const CsmHeader *header,
               CsmSlotType type,
               const CsmSecret *kek,
               const CsmSecret *data_key,
               CsmSecret **ret_secret)
{
  g_autoptr (CsmSecret) secret = csm_secret_new_random (CSM_KEY_SIZE);

  memset (slot, 0, sizeof *slot);
  slot->type = (uint8_t) type;
  slot->created = csm_time_now ();
  randombytes_buf (slot->id, sizeof slot->id);
  crypto_scalarmult_base (slot->public_key, csm_secret_peek (secret));
  csm_slot_reseal (slot, header, kek, secret);
  csm_slot_seal_data_key (slot, header, data_key);
  if (ret_secret != NULL)
    *ret_secret = g_steal_pointer (&secret);
}

CsmSecret *
csm_slot_open (const CsmSlot *slot, const CsmHeader *header, const CsmSecret *kek)
{
  g_autoptr (CsmSecret) secret = csm_secret_new (CSM_KEY_SIZE);
  uint8_t ad[MAX_AD];
  const size_t ad_size = make_secret_ad (slot, header, ad);

  if (crypto_aead_xchacha20poly1305_ietf_decrypt (
          csm_secret_data (secret), NULL, NULL, slot->sealed_secret + NONCE_SIZE,
          CSM_SLOT_SEALED_SECRET_SIZE - NONCE_SIZE, ad, ad_size, slot->sealed_secret,
          csm_secret_peek (kek)) != 0)
    return NULL;
  return g_steal_pointer (&secret);
}

CsmSecret *
csm_slot_open_data_key (const CsmSlot *slot, const CsmHeader *header, const CsmSecret *secret)
{
  uint8_t ad[MAX_AD];
  const size_t ad_size = make_data_key_ad (slot, header, ad);

  return csm_box_open (slot->sealed_data_key, CSM_SLOT_SEALED_KEY_SIZE, slot->public_key,
                       secret, ad, ad_size);
}

void
csm_slot_fill_joining (CsmSlot *slot,
                       const CsmHeader *header,
                       const CsmJoinRequest *request,
                       const CsmSecret *data_key)
{
  memset (slot, 0, sizeof *slot);
  slot->type = CSM_SLOT_JOINING;
  slot->created = csm_time_now ();
  randombytes_buf (slot->id, sizeof slot->id);
  memcpy (slot->public_key, request->public_key, sizeof slot->public_key);
  memcpy (slot->sealed_secret, request->secret, sizeof slot->sealed_secret);
  memcpy (slot->join_salt, request->salt, sizeof slot->join_salt);
  slot->join_cost = request->cost;
  csm_slot_seal_data_key (slot, header, data_key);
}
