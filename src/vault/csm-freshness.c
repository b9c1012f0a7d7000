/* csm-freshness.c: the newest tag of every page, and the root over them, as bytes
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault/csm-freshness.h"

#include "vault/csm-pack.h"

#include <sodium.h>

#include <stdlib.h>

#define FILE_ID_OFFSET 16
#define HASH_OFFSET 32
#define GENERATION_OFFSET 64
#define FLAGS_OFFSET 80
#define MAC_OFFSET 4048
#define MAC_SIZE 32

#define FLAG_FIRST 1

/* 2^32 - 2 pages are SQLite's limit. */
#define MAX_PAGES UINT32_MAX

static void
compute_mac (const uint8_t *bytes, const CsmSecret *key, uint8_t ret_mac[MAC_SIZE])
{
  crypto_generichash (ret_mac, MAC_SIZE, bytes, MAC_OFFSET, csm_secret_peek (key),
                      csm_secret_get_size (key));
}

void
csm_root_encode (const CsmRoot *self,
                 const uint8_t *file_id,
                 const CsmSecret *key,
                 uint8_t ret_bytes[CSM_ROOT_SIZE])
{
  memset (ret_bytes, 0, CSM_ROOT_SIZE);
  csm_store64 (ret_bytes, self->seq);
  csm_store64 (ret_bytes + 8, self->n_pages);
  memcpy (ret_bytes + FILE_ID_OFFSET, file_id, CSM_VAULT_ID_SIZE);
  memcpy (ret_bytes + HASH_OFFSET, self->hash, CSM_ROOT_HASH_SIZE);
  memcpy (ret_bytes + GENERATION_OFFSET, self->generation, CSM_GENERATION_SIZE);
  csm_store32 (ret_bytes + FLAGS_OFFSET, self->is_first ? FLAG_FIRST : 0);
  compute_mac (ret_bytes, key, ret_bytes + MAC_OFFSET);
}

bool
csm_root_decode (const uint8_t bytes[CSM_ROOT_SIZE],
                 const uint8_t *file_id,
                 const CsmSecret *key,
                 CsmRoot *ret_root)
{
  static const uint8_t zeros[CSM_ROOT_SIZE - MAC_OFFSET - MAC_SIZE];
  const uint64_t n_pages = csm_load64 (bytes + 8);
  uint8_t mac[MAC_SIZE];

  compute_mac (bytes, key, mac);
  if (sodium_memcmp (mac, bytes + MAC_OFFSET, MAC_SIZE) != 0 ||
      memcmp (bytes + MAC_OFFSET + MAC_SIZE, zeros, sizeof zeros) != 0 ||
      memcmp (bytes + FILE_ID_OFFSET, file_id, CSM_VAULT_ID_SIZE) != 0 ||
      csm_load64 (bytes) == 0 || n_pages > MAX_PAGES)
    return false;
  ret_root->seq = csm_load64 (bytes);
  ret_root->n_pages = n_pages;
  ret_root->is_first = csm_load32 (bytes + FLAGS_OFFSET) & FLAG_FIRST;
  memcpy (ret_root->hash, bytes + HASH_OFFSET, CSM_ROOT_HASH_SIZE);
  memcpy (ret_root->generation, bytes + GENERATION_OFFSET, CSM_GENERATION_SIZE);
  return true;
}

bool
csm_root_equal_content (const CsmRoot *a, const CsmRoot *b)
{
  return a->n_pages == b->n_pages && memcmp (a->hash, b->hash, sizeof a->hash) == 0;
}

void
csm_tag_table_clear (CsmTagTable *self)
{
  free (self->tags);
  *self = (CsmTagTable){ 0 };
}

bool
csm_tag_table_resize (CsmTagTable *self, uint64_t n_pages)
{
  if (n_pages > self->room)
    {
      const uint64_t room = n_pages + (self->room > 0 ? n_pages / 16 : 0);
      uint8_t *tags = realloc (self->tags, room * CSM_TAG_SIZE);

      if (tags == NULL)
        return false;
      self->tags = tags;
      self->room = room;
    }
  if (n_pages > self->n_pages)
    memset (self->tags + self->n_pages * CSM_TAG_SIZE, 0,
            (n_pages - self->n_pages) * CSM_TAG_SIZE);
  self->n_pages = n_pages;
  return true;
}

bool
csm_tag_table_set (CsmTagTable *self, uint64_t number, const uint8_t *tag)
{
  if (number >= self->n_pages && !csm_tag_table_resize (self, number + 1))
    return false;
  memcpy (self->tags + number * CSM_TAG_SIZE, tag, CSM_TAG_SIZE);
  return true;
}

bool
csm_tag_table_has (const CsmTagTable *self, uint64_t number, const uint8_t *tag)
{
  return number < self->n_pages &&
         memcmp (self->tags + number * CSM_TAG_SIZE, tag, CSM_TAG_SIZE) == 0;
}

void
csm_tag_table_hash (const CsmTagTable *self,
                    const CsmSecret *key,
                    uint8_t ret_hash[CSM_ROOT_HASH_SIZE])
{
  crypto_generichash_state state;
  uint8_t n_pages[8];

  csm_store64 (n_pages, self->n_pages);
  crypto_generichash_init (&state, csm_secret_peek (key), csm_secret_get_size (key),
                           CSM_ROOT_HASH_SIZE);
  crypto_generichash_update (&state, n_pages, sizeof n_pages);
  if (self->n_pages > 0)
    crypto_generichash_update (&state, self->tags, self->n_pages * CSM_TAG_SIZE);
  crypto_generichash_final (&state, ret_hash, CSM_ROOT_HASH_SIZE);
  sodium_memzero (&state, sizeof state);
}

bool
csm_tag_table_fits (const CsmTagTable *self, const CsmRoot *root, const CsmSecret *key)
{
  uint8_t hash[CSM_ROOT_HASH_SIZE];

  if (self->n_pages != root->n_pages)
    return false;
  csm_tag_table_hash (self, key, hash);
  return sodium_memcmp (hash, root->hash, sizeof hash) == 0;
}
