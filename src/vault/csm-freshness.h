/* csm-freshness.h: the newest tag of every page, and the root over them; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-binding.h"

#define CSM_ROOT_SIZE 4096
#define CSM_ROOT_HASH_SIZE 32
#define CSM_TAG_SIZE 16

/* FORMAT.md, section 2.4. */
typedef struct
{
  uint64_t seq;
  uint64_t n_pages;
  /* Written with the pages, before there was a place for its table. */
  bool is_first;
  uint8_t generation[CSM_GENERATION_SIZE]; /* of the WAL that was bound; zero when none was */
  uint8_t hash[CSM_ROOT_HASH_SIZE];        /* of the table */
} CsmRoot;

void csm_root_encode (const CsmRoot *self,
                      const uint8_t *file_id,
                      const CsmSecret *key,
                      uint8_t ret_bytes[CSM_ROOT_SIZE]);
bool csm_root_decode (const uint8_t bytes[CSM_ROOT_SIZE],
                      const uint8_t *file_id,
                      const CsmSecret *key,
                      CsmRoot *ret_root);
/* The same pages with the same tags. */
bool csm_root_equal_content (const CsmRoot *a, const CsmRoot *b);

/* CSM_TAG_SIZE bytes a page, and little more. Clear with csm_tag_table_clear(). */
typedef struct
{
  uint8_t *tags;
  uint64_t n_pages;
  uint64_t room;
} CsmTagTable;

void csm_tag_table_clear (CsmTagTable *self);
/* Pages that come have zero tags. False, and as it was, when there is no memory. */
bool csm_tag_table_resize (CsmTagTable *self, uint64_t n_pages);
/* False when there is no memory to grow. */
bool csm_tag_table_set (CsmTagTable *self, uint64_t number, const uint8_t *tag);
bool csm_tag_table_has (const CsmTagTable *self, uint64_t number, const uint8_t *tag);
void csm_tag_table_hash (const CsmTagTable *self,
                         const CsmSecret *key,
                         uint8_t ret_hash[CSM_ROOT_HASH_SIZE]);
/* Whether it is the table that @root was written over. */
bool csm_tag_table_fits (const CsmTagTable *self, const CsmRoot *root, const CsmSecret *key);
