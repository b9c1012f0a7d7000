/* csm-seal.h: one sealed page, one sealed WAL slot; private to the room
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vault/csm-header.h"

/* Where a sealed page carries its tag. */
#define CSM_PAGE_TAG(sealed) ((sealed) + CSM_PAGE_SIZE - 16)

/* A WAL slot on the disk, and what SQLite sees of it: header and whole page. */
#define CSM_WAL_SLOT_SIZE 4096
#define CSM_WAL_HEADER_SIZE 32
#define CSM_WAL_FRAME_HEADER_SIZE 24
#define CSM_WAL_FRAME_SIZE (CSM_WAL_FRAME_HEADER_SIZE + CSM_PAGE_SIZE)

/* Both sides are CSM_PAGE_SIZE bytes. What lies in the page's reserved bytes is not kept.
 * @number is the page number minus one. */
void csm_page_seal (uint8_t *ret_sealed,
                    const uint8_t *page,
                    uint64_t number,
                    const uint8_t *file_id,
                    const CsmSecret *key);
bool csm_page_open (uint8_t *ret_page,
                    const uint8_t *sealed,
                    uint64_t number,
                    const uint8_t *file_id,
                    const CsmSecret *key);

/* @plain is CSM_WAL_FRAME_SIZE bytes, of which the last CSM_PAGE_RESERVE are zero. */
void csm_wal_slot_seal (uint8_t *ret_sealed,
                        const uint8_t *plain,
                        uint64_t number,
                        uint64_t mark,
                        const uint8_t *generation,
                        const uint8_t *file_id,
                        const CsmSecret *key);
/* False when the slot is of another generation or does not authenticate. */
bool csm_wal_slot_open (uint8_t *ret_plain,
                        uint64_t *ret_mark,
                        const uint8_t *sealed,
                        uint64_t number,
                        const uint8_t *generation,
                        const uint8_t *file_id,
                        const CsmSecret *key);
